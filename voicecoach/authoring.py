"""The author's nouns as a Python program writes them: plain values in, checked nouns out.

Rule: a noun here *is* the noun of the core, with two things taken off the author's hands: what the core reads from
writing ("3-5", "30 s") may be written, and what an author need not know (slugs, the rules for pain) is filled in.
The signatures are for editors and type checkers; what is checked stands in the core.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, TypeVar

from pydantic import model_validator

from voicecoach.core import dose as core_dose
from voicecoach.core import routine as core
from voicecoach.core.shorthand import read_dose
from voicecoach.core.writing import WritingError
from voicecoach.toml_lines import all_on

if TYPE_CHECKING:
    from voicecoach.loading.library import Library

Count: TypeAlias = int | str
"""A whole number, or a range such as ``"3-5"``."""
Span: TypeAlias = float | str
"""Seconds, or a span of time such as ``"30 s"``, ``"1:30"``, ``"5-10 s"``."""
Counts: TypeAlias = Count | Sequence[Count]
"""The same in every set, or a list with one for each."""
Spans: TypeAlias = Span | Sequence[Span]
"""The same in every set, or a list with one for each."""
PositionName: TypeAlias = Literal[
    "supine",
    "hook-lying",
    "prone",
    "side-lying",
    "quadruped",
    "kneeling",
    "seated",
    "seated-on-ball",
    "standing",
]


class TimedCue(TypedDict):
    """A cue with a moment of its own, among the ``cues``: ``{"at": "half", "say": "Half of it is done."}``."""

    at: str
    """``start``, ``half``, ``-5 s`` (before the end), ``10 s``, ``rep 3``, ``every 2 reps`` or ``every 20 s``."""
    say: str


class Dose(core_dose.Dose):
    """How much: ``Dose(sets=2, reps="3-5", hold="3 breaths")``; ``Dose(reps=[10, 8, 6])`` are three sets.

    It needs one of reps, time, hold, breaths, amrap (as many as they like in that time) or open.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            sets: Count = 1,
            reps: Counts | None = None,
            time: Spans | None = None,
            hold: Spans | None = None,
            breaths: Counts | None = None,
            amrap: Spans | None = None,
            open: bool = False,  # noqa: A002 - the author's word
            tempo: str | None = None,
            rest: Spans | None = None,
            rest_between_reps: Span | None = None,
            rest_between_sides: Span | None = None,
            rest_after: Span | None = None,
            assumed: bool | Sequence[str] = False,
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_written(cls, values: Any) -> Any:
        if isinstance(values, dict) and "by_set" in values:
            raise ValueError("by_set is made, not written; allowed: a list, such as reps=[10, 8, 6]")
        return values


class Exercise(core.Exercise):
    """One movement. Its slug is made of its name, unless it is given: ``Bird dog`` is ``bird-dog``.

    ``dose`` may be shorthand, ``"2 x 3-5 each side, hold 3 breaths"``, as in a file.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str,
            position: core.Position | PositionName,
            exit: str,  # noqa: A002 - the author's word
            dose: core_dose.Dose | str,
            slug: str = "",
            say_as: str | None = None,
            equipment: Sequence[str] = (),
            setup: Sequence[str] = (),
            steps: Sequence[str] = (),
            short: str | None = None,
            cues: Sequence[str | TimedCue] = (),
            avoid: Sequence[str] = (),
            breathing: str | None = None,
            gentle: bool = False,
            limbs: Sequence[str] = (),
            order: core.Order | Literal["alternate", "complete"] = "alternate",
            easier: str | None = None,
            harder: str | None = None,
            source: str | None = None,
            progress: Sequence[str] = (),
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        return _with_dose(_with_slug(values, "name"))


class Block(core.Block):
    """Exercises done one after the other, once or in rounds, or as its ``style`` has it."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            exercises: Sequence[core.Exercise],
            title: str | None = None,
            style: core.Manner | Literal["circuit", "superset", "emom", "tabata", "amrap"] | None = None,
            repeat: int = 1,
            rest: Span | None = None,
            rest_between: Span | None = None,
            every: Span | None = None,
            lasts: Span | None = None,
            shuffle: bool = False,
        ) -> None: ...


class Routine(core.Routine):
    """What a person plays.

    ``blocks`` takes exercises too, each done once by itself. The slug is made of the title, unless it is given; a
    routine in a file has the file's name. The rules for pain are the strict ones, or with ``pain_policy="monitored"``
    a prescriber's: ``pain={"tolerated": 2}``, with ``prescriber`` and ``review_on``, as docs/safety.md has it.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            title: str,
            blocks: Sequence[core.Block | core.Exercise],
            slug: str = "",
            summary: str | None = None,
            language: str = "en",
            author: str | None = None,
            prescriber: str | None = None,
            source: str | None = None,
            pain_policy: core.PainPolicy | Literal["strict", "monitored"] = "strict",
            pain: Mapping[str, int] | None = None,
            review_on: str | None = None,
            hold_after_pause: core.AfterPause | Literal["restart", "continue"] = "restart",
            opening: core.Opening | Literal["at once", "ready"] = "at once",
            verbosity: core.Verbosity | Literal["full", "short"] | None = None,
            voice: str | None = None,
            equipment: Sequence[str] = (),
            progress: Sequence[str] = (),
            frequency: str | None = None,
            contraindications: Sequence[str] = (),
            welcome: Sequence[str] = (),
            farewell: Sequence[str] = (),
            variants: Sequence[core.Exercise] = (),
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        values = _with_slug(values, "title")
        if not isinstance(values, dict):
            return values
        if isinstance(blocks := values.get("blocks"), list | tuple):
            alone = [Block(exercises=[one]) if isinstance(one, core.Exercise) else one for one in blocks]
            values = {**values, "blocks": tuple(alone)}
        return values | _rules(values)


_LIBRARY: ContextVar[Library | None] = ContextVar("library", default=None)
"""Where ``use`` finds exercises while a routine file is run; otherwise where the configuration says."""


def use(exercise: str, *, style: str | None = None, **changes: Any) -> core.Exercise:
    """Return an exercise of the library, as ``use = "bridge"`` does in a file: ``use("bridge", reps=4)``.

    ``changes`` are the keys of a routine file below ``use``, those of the dose beside the others; what is given takes
    the place of what the library says. ``style`` is that of the block in which it will stand, if the block has one:
    there rounds and rests are the block's, so that the library's are left out. Raises ``RoutineError``, which names the
    line that called.
    """
    from voicecoach.loading.exercises import Shelf, placed_exercise
    from voicecoach.loading.source import Source

    caller = inspect.currentframe()
    caller = caller.f_back if caller else None
    file, line = (caller.f_code.co_filename, caller.f_lineno) if caller else ("?", 1)
    entry = {"use": exercise, **changes}
    source = Source(Path(file), entry, all_on(line))
    shelf = Shelf(_LIBRARY.get() or configured_library())
    return placed_exercise(source, (), entry, shelf, (), style).exercise


def configured_library() -> Library:
    """Return where the configuration of this person looks for exercises and routines. Raises ``ConfigError``."""
    import os

    from voicecoach.config import load_config
    from voicecoach.plan import library

    return library(load_config(env=os.environ))


_N = TypeVar("_N", core.Routine, core.Block, core.Exercise, core_dose.Dose)


def plain(routine: core.Routine) -> core.Routine:
    """Return the routine in the core's own nouns: what is compared, kept and replayed."""
    return _plain(
        routine,
        core.Routine,
        blocks=tuple(
            _plain(block, core.Block, exercises=tuple(map(_exercise, block.exercises))) for block in routine.blocks
        ),
        variants=tuple(map(_exercise, routine.variants)),
    )


def _exercise(exercise: core.Exercise) -> core.Exercise:
    sets = tuple(_plain(one, core_dose.Dose) for one in exercise.dose.by_set)
    return _plain(exercise, core.Exercise, dose=_plain(exercise.dose, core_dose.Dose, by_set=sets))


def _plain(noun: _N, kind: type[_N], **inner: Any) -> _N:
    return kind.model_construct(noun.model_fields_set, **(dict(noun) | inner))


def _with_slug(values: Any, key: str) -> Any:
    from voicecoach.loading.source import slugify

    if not isinstance(values, dict):
        return values
    named = values.get(key)
    return values if values.get("slug") or not isinstance(named, str) else {**values, "slug": slugify(named)}


def _with_dose(values: Any) -> Any:
    """Return what ``dose`` says in shorthand as a dose; "each side" names the sides where nothing else does."""
    if not isinstance(values, dict) or not isinstance(text := values.get("dose"), str):
        return values
    try:
        found = read_dose(text)
    except WritingError as error:
        where = f"at {text[error.offset :]!r}" if text[error.offset :] else "at its end"
        raise ValueError(f"dose = {text!r}, {where}: {error}") from None
    return {**values, **found.sides(values), "dose": Dose(**found.fields)}


def _rules(values: dict[str, Any]) -> dict[str, Any]:
    """Return the rules for pain, and until when they hold, that a file with the same keys would have."""
    from voicecoach.loading.pain import pain_rules
    from voicecoach.loading.source import RoutineError, Source

    keys = ("pain_policy", "prescriber", "review_on", "pain")
    table = {key: values[key] for key in keys if values.get(key) is not None}
    if isinstance(policy := table.get("pain_policy"), core.PainPolicy):
        table["pain_policy"] = policy.value
    source = Source(Path("routine"), table, all_on(1))
    try:
        day = {"review_on": source.day(table, "review_on")} if "review_on" in table else {}
        return {"pain": pain_rules(source), **day}
    except RoutineError as error:
        key = f"{error.key}: " if error.key and error.key != "pain" else ""
        raise ValueError(f"{key}{error.problem}; allowed: {error.allowed or 'see docs/safety.md'}") from None
