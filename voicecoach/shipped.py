"""Where the things that travel with the project are: routines, models, the commented configuration.

Rule: only this file knows that an installed wheel carries them inside the package and a checkout beside it.
"""

from __future__ import annotations

from pathlib import Path

from voicecoach.ports import PortError

_PACKAGE = Path(__file__).resolve().parent


class ShippedError(PortError):
    """Something that travels with the project is not there: the installation is incomplete."""


def shipped(name: str) -> Path:
    """Return where ``name`` is: ``routines``, ``models`` or ``config.toml``.

    In a wheel that is ``voicecoach/_shipped/<name>`` (see ``force-include`` in ``pyproject.toml``), in a checkout the
    file or folder beside the package. Raises ``ShippedError`` where there is neither.
    """
    inside = _PACKAGE / "_shipped" / name
    if inside.exists():
        return inside
    root = _PACKAGE.parent
    # Beside an installed package lies site-packages, where another project may well have left a folder "models".
    if (root / "pyproject.toml").is_file() and (root / name).exists():
        return root / name
    raise ShippedError(
        f"{name}, which travels with voicecoach, is missing from this installation ({_PACKAGE}).",
        mend="pip install --force-reinstall voicecoach",
    )
