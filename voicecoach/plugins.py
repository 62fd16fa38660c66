"""What other packages bring: voices, ears and exporters, found by the entry points that they declare.

Rule: nothing of another package is imported before somebody asks for it by name (or for all of a kind). Whatever it
does wrong meanwhile is a ``PluginError`` or a ``Shortfall`` that names it, never a crash.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from voicecoach.authoring import authored
from voicecoach.core.program import Program
from voicecoach.core.routine import Routine
from voicecoach.ports import Exported, Exporter, PluginError, Shortfall

VOICES = "voicecoach.voices"
"""A callable that takes ``voice`` and ``rate`` (words a minute) and returns a ``ports.Voice``."""
EARS = "voicecoach.ears"
"""A callable that takes ``phrases`` (what may be said, and the ``Command`` that it means) and ``language`` (such as
``en``) and returns a ``ports.Ear``."""
EXPORTERS = "voicecoach.exporters"
"""A callable without arguments that returns a ``ports.Exporter``; a class without arguments is one."""

_NOUNS = {VOICES: "speech engine", EARS: "ear", EXPORTERS: "exporter"}
_MEND = "reinstall or update the package that brings it"


def plugin_names(group: str) -> tuple[str, ...]:
    """Return the names that packages here declare in a group, in order; nothing is imported."""
    return tuple(sorted({point.name for point in _points(group)}))


def load_plugin(group: str, name: str) -> Any:
    """Import what a package declares as ``name`` in a group; None where none does. Raises ``PluginError``."""
    for point in _points(group):
        if point.name == name:
            return _load(group, point)
    return None


def exporters() -> tuple[dict[str, Exporter], tuple[Shortfall, ...]]:
    """Return every exporter that other packages bring, by name, and what is wrong with those that do not load."""
    found: dict[str, Exporter] = {}
    missing: list[Shortfall] = []
    for name in plugin_names(EXPORTERS):
        try:
            found[name] = open_exporter(name)
        except PluginError as error:
            missing.append(Shortfall(str(error), error.mend))
    return found, tuple(missing)


def open_exporter(name: str) -> Exporter:
    """Return the exporter that a package declares as ``name``. Raises ``PluginError``."""
    maker = load_plugin(EXPORTERS, name)
    if maker is None:
        names = ", ".join(plugin_names(EXPORTERS)) or "none is installed"
        raise PluginError(f'There is no exporter called "{name}".', mend=f"use one of: {names}")
    try:
        made = maker()
    except Exception as error:
        raise failed(EXPORTERS, name, error) from error
    if not isinstance(made, Exporter):
        raise failed(EXPORTERS, name, TypeError("an exporter has suffix and export"))
    return made


def export_with(name: str, routine: Routine, program: Program) -> Exported:
    """Return the routine as the exporter ``name`` writes it.

    Raises ``PluginError``, and ``ValueError`` where this routine cannot be written so.
    """
    exporter = open_exporter(name)
    try:
        made = exporter.export(authored(routine), program)
    except ValueError:
        raise
    except Exception as error:
        raise _broken(name, error) from error
    if not isinstance(made, Exported):
        raise _broken(name, TypeError("it returned no Exported"))
    return made


def _broken(name: str, error: BaseException) -> PluginError:
    return PluginError(f'The exporter "{name}", which another package brings, failed: {_reason(error)}.', mend=_MEND)


def failed(group: str, name: str, error: BaseException) -> PluginError:
    """Return in words what a plug-in did wrong when it was made."""
    return PluginError(
        f'The {_NOUNS[group]} "{name}", which another package brings, could not be made: {_reason(error)}.', mend=_MEND
    )


def _load(group: str, point: EntryPoint) -> Any:
    try:
        return point.load()
    except (Exception, SystemExit) as error:
        problem = f'The {_NOUNS[group]} "{point.name}" could not be loaded from {point.value}: {_reason(error)}.'
        raise PluginError(problem, mend=_MEND) from error


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).rstrip(".").partition("\n")[0]


def _points(group: str) -> Iterable[EntryPoint]:
    return entry_points(group=group)
