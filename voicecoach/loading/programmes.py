"""From a programme file to a ``Programme``: its weeks, and the routines that its days name.

Rule: a day names a routine, never a path: what is played is what lies beside the programme, or in the library.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from voicecoach.complaints import suggest
from voicecoach.core.programme import REST, Programme, Week
from voicecoach.loading.library import Library
from voicecoach.loading.python import PROGRAM
from voicecoach.loading.source import RoutineError, Source, slugify

FOLDER = "programmes"
"""Of a folder with routines: there its programmes are."""
_KEYS = (frozenset(Programme.model_fields) - {"slug", "weeks"}) | {"week"}
_WEEK_KEYS = frozenset(Week.model_fields)


def is_programme(path: Path) -> bool:
    """Tell whether a file holds a programme: by its folder, or because it has weeks."""
    if path.suffix == PROGRAM:
        return False
    if path.absolute().parent.name == FOLDER:
        return True
    with suppress(RoutineError):
        return "week" in Source.read(path).table
    return False


def load_programme(path: Path, library: Library) -> Programme:
    """Read the programme file at ``path``. Raises ``RoutineError``, also where a day names no routine.

    The routines themselves are not read.
    """
    source = Source.read(path)
    source.refuse_unknown(source.table, (), _KEYS)
    known = {**library.routines(), **beside(path)}
    weeks = []
    for where, entry in source.tables(source.table, (), "week"):
        source.refuse_unknown(entry, where, _WEEK_KEYS)
        week = source.validate(Week, entry, where)
        for index, day in enumerate(week.days):
            if day != REST and day not in known:
                problem = f"there is no routine of this name{suggest(day, [*known, REST])}"
                source.fail((*where, "days", index), problem, day, "a name that `voicecoach list` shows, or rest")
        weeks.append(week)
    if not weeks:
        source.fail((), "a programme needs at least one [[week]]")
    fields = {key: value for key, value in source.table.items() if key != "week"}
    return source.validate(Programme, {**fields, "slug": slugify(path.stem), "weeks": tuple(weeks)}, ())


def routine_of(path: Path, day: str, library: Library) -> Path:
    """Return the file of the routine that a day of the programme at ``path`` names. Raises ``RoutineError``."""
    found = beside(path).get(day)
    return found if found is not None else library.find(day)


def beside(path: Path) -> dict[str, Path]:
    """Return the routines that lie in the programme's folder, or round it where that is called ``programmes``."""
    folder = path.absolute().parent
    home = folder.parent if folder.name == FOLDER else folder
    return {name: file for name, file in Library((home,)).routines().items() if file.absolute() != path.absolute()}
