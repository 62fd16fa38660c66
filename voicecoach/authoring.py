"""The author's nouns as a Python program writes them: plain values in, checked nouns out.

Rule: a noun here *is* the noun of the core, with three things taken off the author's hands: what the core reads from
writing ("3-5", "30 s") may be written, what an author need not know (slugs, the rules for pain) is filled in, and what
does not fit is one sentence, an ``AuthoringError``. Whatever a program is given (``use``, ``load``) is made of these
nouns (``authored``); what is played and kept is made of the core's (``plain``). The signatures are for editors and type
checkers; what is checked stands in the core.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, TypeVar

from pydantic import BaseModel, field_validator, model_validator

from voicecoach.authoring_error import AuthoringError, in_a_sentence
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
        by_set: tuple[Dose, ...]

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

    else:

        def __init__(self, **values: Any) -> None:
            with in_a_sentence(type(self), values):
                super().__init__(**values)

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_written(cls, values: Any) -> Any:
        if isinstance(values, dict) and "by_set" in values:
            raise ValueError("by_set is made, not written; allowed: a list, such as reps=[10, 8, 6]")
        return values

    @field_validator("by_set")
    @classmethod
    def _sets_are_doses_too(cls, found: tuple[core_dose.Dose, ...]) -> tuple[core_dose.Dose, ...]:
        return tuple(_of_kind(one, Dose) for one in found)


class Exercise(core.Exercise):
    """One movement. Its slug is made of its name, unless it is given: ``Bird dog`` is ``bird-dog``.

    ``dose`` may be shorthand, ``"2 x 3-5 each side, hold 3 breaths"``, as in a file.
    """

    if TYPE_CHECKING:
        dose: Dose

        def __init__(
            self,
            *,
            name: str,
            position: core.Position | PositionName,
            exit: str,  # noqa: A002 - the author's word
            dose: Dose | str,
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

    else:

        def __init__(self, **values: Any) -> None:
            with in_a_sentence(type(self), values):
                super().__init__(**values)

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        return _with_dose(_with_slug(values, "name"))


class Block(core.Block):
    """Exercises done one after the other, once or in rounds, or as its ``style`` has it."""

    if TYPE_CHECKING:
        exercises: tuple[Exercise, ...]

        def __init__(
            self,
            *,
            exercises: Sequence[Exercise],
            title: str | None = None,
            style: core.Manner | Literal["circuit", "superset", "emom", "tabata", "amrap"] | None = None,
            repeat: int = 1,
            rest: Span | None = None,
            rest_between: Span | None = None,
            every: Span | None = None,
            lasts: Span | None = None,
            shuffle: bool = False,
        ) -> None: ...

    else:

        def __init__(self, **values: Any) -> None:
            with in_a_sentence(type(self), values):
                super().__init__(**values)


class Routine(core.Routine):
    """What a person plays.

    ``blocks`` takes exercises too, each done once by itself. The slug is made of the title, unless it is given; a
    routine in a file has the file's name. The rules for pain are the strict ones, or with ``pain_policy="monitored"``
    a prescriber's: ``pain={"tolerated": 2}``, with ``prescriber`` and ``review_on``, as docs/safety.md has it.
    """

    if TYPE_CHECKING:
        blocks: tuple[Block, ...]
        variants: tuple[Exercise, ...]

        @property
        def exercises(self) -> tuple[Exercise, ...]: ...  # noqa: D102 - it is the core's

        def __init__(
            self,
            *,
            title: str,
            blocks: Sequence[Block | Exercise],
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
            variants: Sequence[Exercise] = (),
        ) -> None: ...

    else:

        def __init__(self, **values: Any) -> None:
            with in_a_sentence(type(self), values):
                super().__init__(**values)

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        values = _with_slug(values, "title")
        if not isinstance(values, dict):
            return values
        if isinstance(blocks := values.get("blocks"), core.Block | core.Exercise):
            raise AuthoringError("this must be a list", "blocks", None, "blocks=[…], with blocks and exercises in it")
        if isinstance(blocks, list | tuple):
            alone = [
                Block(exercises=[_rebuilt_exercise(one, Exercise, Dose)]) if isinstance(one, core.Exercise) else one
                for one in blocks
            ]
            values = {**values, "blocks": tuple(alone)}
        return values | _rules(values)


library_of_the_file: ContextVar[Library | None] = ContextVar("library_of_the_file", default=None)
"""Where ``use`` finds exercises while a routine file is run; otherwise where the configuration says."""


def use(exercise: str, *, style: str | None = None, **changes: Any) -> Exercise:
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
    shelf = Shelf(library_of_the_file.get() or configured_library())
    placed = source.attempt(placed_exercise, source, (), entry, shelf, (), style)
    source.settle()  # also what was refused by the way, such as a misspelt key
    assert placed is not None  # noqa: S101 - or something would have been found
    return _authored_exercise(placed.exercise)


def configured_library() -> Library:
    """Return where the configuration of this person looks for exercises and routines. Raises ``ConfigError``."""
    import os

    from voicecoach.config import load_config
    from voicecoach.plan import library

    return library(load_config(env=os.environ))


_N = TypeVar("_N", bound=BaseModel)


def plain(routine: core.Routine) -> core.Routine:
    """Return the routine in the core's own nouns: what is compared, kept and replayed."""
    return _rebuilt(routine, core.Routine, core.Block, core.Exercise, core_dose.Dose)


def authored(routine: core.Routine) -> Routine:
    """Return the routine in the nouns of this page: what a program is given."""
    return _rebuilt(routine, Routine, Block, Exercise, Dose)


def _authored_exercise(exercise: core.Exercise) -> Exercise:
    return _rebuilt_exercise(exercise, Exercise, Dose)


_R = TypeVar("_R", bound=core.Routine)
_E = TypeVar("_E", bound=core.Exercise)


def _rebuilt(
    routine: core.Routine, kind: type[_R], block: type[core.Block], exercise: type[_E], dose: type[core_dose.Dose]
) -> _R:
    def all_of(exercises: Sequence[core.Exercise]) -> tuple[_E, ...]:
        return tuple(_rebuilt_exercise(one, exercise, dose) for one in exercises)

    blocks = tuple(_of_kind(one, block, exercises=all_of(one.exercises)) for one in routine.blocks)
    return _of_kind(routine, kind, blocks=blocks, variants=all_of(routine.variants))


def _rebuilt_exercise(exercise: core.Exercise, kind: type[_E], dose: type[core_dose.Dose]) -> _E:
    sets = tuple(_of_kind(one, dose) for one in exercise.dose.by_set)
    return _of_kind(exercise, kind, dose=_of_kind(exercise.dose, dose, by_set=sets))


def _of_kind(noun: BaseModel, kind: type[_N], **inner: Any) -> _N:
    """Return a noun that is right already as one of another kind."""
    return kind.model_construct(noun.model_fields_set, **(dict(noun) | inner))


def _with_slug(values: Any, key: str) -> Any:
    from voicecoach.loading.source import slugify

    if not isinstance(values, dict):
        return values
    named = values.get(key)
    return values if values.get("slug") or not isinstance(named, str) else {**values, "slug": slugify(named)}


def _with_dose(values: Any) -> Any:
    """Return what ``dose`` says in shorthand as a dose; "each side" names the sides where nothing else does."""
    if not isinstance(values, dict):
        return values
    if isinstance(table := values.get("dose"), dict) and all(isinstance(key, str) for key in table):
        return {**values, "dose": Dose(**table)}
    if not isinstance(text := values.get("dose"), str):
        return values
    try:
        found = read_dose(text)
    except WritingError as error:
        where = f"at {text[error.offset :]!r}" if text[error.offset :] else "at its end"
        problem, _, allowed = str(error).partition("allowed: ")
        raise AuthoringError(f"{where}: {problem.rstrip('; ')}", "dose", text, allowed) from None
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
