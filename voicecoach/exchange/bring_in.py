"""From a file of another program to a routine file: which kind it is, what it says, and whether that is right.

Rule: what comes out has been loaded as a routine before anybody sees it. Nothing is written here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from voicecoach.complaints import listing, suggest
from voicecoach.exchange.free_exercise_db import is_exercise, read_exercises
from voicecoach.exchange.markdown_list import read_markdown
from voicecoach.exchange.phrases import ENGLISH
from voicecoach.exchange.record import Record, read_json
from voicecoach.exchange.spoken import Spoken
from voicecoach.exchange.table import read_csv
from voicecoach.exchange.taken import MOST_EXERCISES, Draft, ExchangeError, Known, complete, name_all
from voicecoach.exchange.toml_text import Assumed, as_toml
from voicecoach.exchange.wger import days_of, is_wger, read_day, read_names
from voicecoach.exchange.workout_timer import is_workout_timer, read_workout, workouts
from voicecoach.loading.exercises import Shelf
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError, slugify

FORMATS = ("workout-timer", "wger", "free-exercise-db", "markdown", "csv")
_BY_ENDING = {".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".tsv": "csv"}


@dataclass(frozen=True, slots=True)
class Imported:
    """A routine file that was made of another program's."""

    slug: str
    """A name for the file: nothing of a path is in it."""
    text: str
    origin: str
    exercises: int
    assumed: tuple[Assumed, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a file is to be taken over."""

    format: str | None = None
    """One of ``FORMATS``; None finds out."""
    pick: Sequence[str] = ()
    """Names of workouts, days or exercises, where the file has more than one."""
    exercises: Path | None = None
    """wger's answer to ``exerciseinfo``, where the names of its exercises are."""
    language: str | None = None
    """The language of its texts, as "de"; None leaves it open, which is English."""


def bring_in(path: Path, wanted: Wanted, library: Library) -> Imported:
    """Read a file of another program. Raises ``ExchangeError``."""
    draft = _read(path, wanted)
    draft.notes += [note for block in draft.blocks if not block.exercises for note in block.notes]
    draft.blocks = [block for block in draft.blocks if block.exercises]
    exercises = list(draft.exercises)
    if not exercises:
        raise ExchangeError(path, None, "there is no exercise in it")
    if len(exercises) > MOST_EXERCISES:
        raise ExchangeError(path, None, f"this has {len(exercises)} exercises", allowed=f"at most {MOST_EXERCISES}")
    if wanted.language:
        draft.fields["language"] = wanted.language
    name_all(exercises)
    language = str(draft.fields.get("language", ENGLISH))
    complete(draft, _named(library, language), Spoken(language))
    _use_library(draft, library)
    _drop_links(draft, library)
    name = "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in path.name)
    text, assumed = as_toml(draft, name)
    _check(path, text, library)
    slugs = (slugify(draft.title), slugify(path.stem))
    slug = next((one for one in slugs if one != "unnamed"), "imported")
    return Imported(slug, text, draft.origin, len(exercises), assumed, tuple(draft.lost))


def _named(library: Library, language: str) -> Callable[[str], Known | None]:
    """Return what finds the library's exercise of a name, in the language of the routine where it is translated."""
    shelves = ((Shelf(library, language, strict=True), True), (Shelf(library), False))

    def find(name: str) -> Known | None:
        slug = slugify(name)
        for shelf, same_language in shelves if slug in shelves[0][0].known else ():
            # What is broken is of no help here, and `voicecoach check` tells.
            with suppress(RoutineError):
                return Known(shelf.take(slug).exercise, same_language)
        return None

    return find


def _read(path: Path, wanted: Wanted) -> Draft:
    kind = wanted.format or _BY_ENDING.get(path.suffix.lower())
    if kind in {"csv", "markdown"}:
        if wanted.pick:
            raise ExchangeError(path, None, "a list is taken as a whole", key="--pick", value=wanted.pick[0])
        return read_csv(path) if kind == "csv" else read_markdown(path)
    if kind is None and path.suffix.lower() != ".json":
        raise ExchangeError(path, None, "what kind of file this is cannot be told by its name", allowed=_allowed())
    value = read_json(path)
    if wanted.exercises and not is_wger(value):
        raise ExchangeError(path, None, "--exercises is for routines of wger, and this is none")
    if kind in {None, "workout-timer"} and is_workout_timer(value):
        found = workouts(Record.of(path, "", value))
        return read_workout(_one_of(path, found, [one.name("title") for one in found], wanted.pick))
    if kind in {None, "wger"} and is_wger(value):
        return _read_wger(Record.of(path, "", value), wanted)
    every = value if isinstance(value, list) else [value]
    if kind in {None, "free-exercise-db"} and every and is_exercise(every[0]):
        return read_exercises(_some_of(path, [Record.of(path, f"[{n}]", one) for n, one in enumerate(every)], wanted))
    what = f"this is no {kind} file" if kind else "what kind of file this is cannot be told by what it holds"
    raise ExchangeError(path, None, what, allowed=_allowed())


def _read_wger(routine: Record, wanted: Wanted) -> Draft:
    days = days_of(routine)
    names = read_names(wanted.exercises, read_json(wanted.exercises)) if wanted.exercises else {}
    day = _one_of(routine.file, days, [day.name("name", "") for day in days], wanted.pick)
    draft = read_day(routine, day, names, wanted.language or "en")
    if len(days) > 1:
        draft.lose(f"the other {len(days) - 1} days of the routine, which --pick takes one by one")
    return draft


def _some_of(path: Path, records: list[Record], wanted: Wanted) -> list[Record]:
    """Return the records that are wanted, in the order in which they are."""
    if not wanted.pick:
        if len(records) > MOST_EXERCISES:
            problem = f"this has {len(records)} exercises; choose some with --pick"
            raise ExchangeError(path, None, problem, allowed=f"at most {MOST_EXERCISES}")
        return records
    named = {record.name("name"): record for record in records}
    for name in wanted.pick:
        if name not in named:
            raise ExchangeError(
                path, None, f"there is none of this name{suggest(name, named)}", key="--pick", value=name
            )
    return [named[name] for name in wanted.pick]


def _allowed() -> str:
    return f"--from {', '.join(FORMATS)}"


def _one_of(path: Path, records: list[Record], names: list[str], pick: Sequence[str]) -> Record:
    """Return the one record that is wanted."""
    if len(pick) > 1:
        raise ExchangeError(path, None, "one of these makes a routine, not several", key="--pick", value=pick[1])
    for name in pick:
        if name not in names:
            raise ExchangeError(
                path,
                None,
                f"there is none of this name{suggest(name, names)}",
                key="--pick",
                value=name,
                allowed=listing(names),
            )
        return records[names.index(name)]
    if len(records) != 1:
        problem = f"this has {len(records)} routines; choose one with --pick" if records else "there is nothing in it"
        raise ExchangeError(path, None, problem, allowed=listing(names)[:300])
    return records[0]


def _use_library(draft: Draft, library: Library) -> None:
    """Let an exercise that had a name of its own in files keep it: locks and growth are kept by that name."""
    known = library.exercises()
    for exercise in draft.exercises:
        slug = exercise.fields.pop("slug", None)
        if slug in known:
            exercise.fields["use"] = str(slug)
        elif slug is not None:
            draft.lose(f"that {exercise.name} was kept as {slug}: its locks and how it has grown are under that name")


def _drop_links(draft: Draft, library: Library) -> None:
    """Leave out easier and harder forms that are nowhere here."""
    own = {str(exercise.fields.get("use", slugify(exercise.name))) for exercise in draft.exercises}
    known = library.exercises().keys() | own
    for exercise in draft.exercises:
        for way in ("easier", "harder"):
            if way in exercise.fields and exercise.fields[way] not in known:
                draft.lose(f"the {way} form of {exercise.name}, which is not in the library here")
                del exercise.fields[way]


def _check(path: Path, text: str, library: Library) -> None:
    """Load what was made as a routine. Raises ``ExchangeError`` where it is none."""
    with tempfile.TemporaryDirectory(prefix="voicecoach-") as folder:
        made = Path(folder) / "imported.toml"
        made.write_text(text, "utf-8")
        try:
            load_routine(made, library)
        except RoutineError as error:
            allowed, value = error.allowed, error.value
            problem = f"what it says makes no right routine: {error.problem}"
            raise ExchangeError(path, None, problem, key=error.key, value=value, allowed=allowed) from None
