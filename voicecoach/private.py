"""Files about a person: made so that only they may read them, whatever the umask.

Rule: a file that is there keeps its rights, unless it is one of ours (``keep_private``): where a person has opened
their own file to somebody, that is theirs to decide.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_OURS = 0o600


def opener(path: str, flags: int) -> int:
    """Make a file with no rights for others; for ``open(..., opener=opener)``."""
    return os.open(path, flags, _OURS)


def write_private(path: Path, data: bytes) -> None:
    """Write a file whole. Raises ``OSError``."""
    with open(path, "wb", opener=opener) as file:
        file.write(data)


def make_private(folder: Path) -> None:
    """Make a folder, with those above it, that only the person may enter; what is there stays. Raises ``OSError``.

    The mode of ``Path.mkdir`` holds for the last of them alone: those above get what the umask leaves.
    """
    missing = []
    while not folder.is_dir() and folder != folder.parent:
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def keep_private(path: Path) -> None:
    """Make an empty file where there is none; take the rights of others from one that is there. Raises ``OSError``.

    A file that is there is not opened: closing it would drop the locks that this process has on it.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, _OURS))
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO) and path.is_file():
            with suppress(OSError):  # somebody else's, or on a stick that knows no modes
                path.chmod(mode & stat.S_IRWXU)
