"""From a programme file to a ``Programme``: its weeks, and the routines that its days name.

Rule: a day names a routine, never a path: what is played is what lies beside the programme, or in the library.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from voicecoach.complaints import suggest
from voicecoach.core.exercise import SLUG
from voicecoach.core.programme import REST, Programme, Week
from voicecoach.loading.library import Library
from voicecoach.loading.python import PROGRAM
from voicecoach.loading.source import RoutineError, Source, slugify
from voicecoach.toml_lines import KeyPath

FOLDER = "programmes"
"""Of a folder with routines: there its programmes are."""
_KEYS = (frozenset(Programme.model_fields) - {"slug", "weeks"}) | {"week"}
_WEEK_KEYS = frozenset(Week.model_fields)
_HOMES = dict.fromkeys(Programme.model_fields.keys() - _WEEK_KEYS - {"slug", "weeks"}, "above the first [[week]]")
_IN_WEEK = dict.fromkeys(_WEEK_KEYS - _KEYS, "to a week: below its double brackets, [[week]]")
"""Keys that belong elsewhere."""
_STAND_IN = Week(days=("any",))
"""In the place of a week that was refused, while the rest of the programme is looked at."""


def is_programme(path: Path) -> bool:
    """Tell whether a file holds a programme: by its folder, or because it has weeks."""
    if path.suffix == PROGRAM:
        return False
    if path.absolute().parent.name == FOLDER:
        return True
    with suppress(RoutineError):
        return "week" in Source.read(path).table
    return False


def refuse_programme(path: Path, name: str, library: Library) -> None:
    """Refuse the programme at ``path``, given as ``name``, where a routine is needed. Raises ``RoutineError``."""
    if is_programme(path):
        days = ", ".join(load_programme(path, library).routines)
        problem = "this is a programme, and here a routine is needed"
        raise RoutineError(name, None, problem, allowed=f"one of its: {days}")


def load_programme(path: Path, library: Library) -> Programme:
    """Read the programme file at ``path``. Raises ``RoutineError``, also where a day names no routine.

    The routines themselves are not read.
    """
    source = Source.read(path)
    table = source.known_of(source.table, (), _KEYS, _IN_WEEK)
    known = {**library.routines(), **beside(path)}
    entries = source.attempt(source.tables, table, (), "week")
    if entries == []:
        source.attempt(source.fail, (), "a programme needs at least one [[week]]")
    found = [_week(source, where, entry, known) for where, entry in entries or []]
    weeks = tuple(week or _STAND_IN for week in found) or (_STAND_IN,)
    fields = {**{key: value for key, value in table.items() if key != "week"}, "slug": slugify(path.stem)}
    whole = table == source.table
    made = source.attempt(lambda: source.validate(Programme, {**fields, "weeks": weeks}, (), whole=whole))
    source.settle()
    assert made is not None  # noqa: S101 - or something would have been found
    return made


def _week(source: Source, where: KeyPath, entry: dict[str, Any], known: Collection[str]) -> Week | None:
    """Return a week whose days all name routines of ``known``; None where it is refused: then all of it is kept."""
    fields = source.known_of(entry, where, _WEEK_KEYS, _HOMES)
    week = source.attempt(lambda: source.validate(Week, fields, where, whole=fields == entry))
    days = entry.get("days")
    for index, day in enumerate(days if isinstance(days, list) else ()):
        # What is no name at all the week itself has refused.
        if isinstance(day, str) and re.fullmatch(SLUG, day) and day != REST and day not in known:
            problem = f"there is no routine of this name{suggest(day, [*known, REST])}"
            at, allowed = (*where, "days", index), "a name that `voicecoach list` shows, or rest"
            source.attempt(source.fail, at, problem, day, allowed)
    return week


def routine_of(path: Path, day: str, library: Library) -> Path:
    """Return the file of the routine that a day of the programme at ``path`` names. Raises ``RoutineError``."""
    found = beside(path).get(day)
    return found if found is not None else library.find(day)


def beside(path: Path) -> dict[str, Path]:
    """Return the routines that lie in the programme's folder, or round it where that is called ``programmes``."""
    folder = path.absolute().parent
    home = folder.parent if folder.name == FOLDER else folder
    return {name: file for name, file in Library((home,)).routines().items() if file.absolute() != path.absolute()}
