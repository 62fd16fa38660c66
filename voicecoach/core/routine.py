"""The author's nouns: what is written in a routine file, once it is known to be right.

Rule: values only. Nothing here knows in which order things happen (that is ``program``) nor where they come from
(that is ``loading``).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, StrictBool, model_validator

from voicecoach.core.dose import Dose, Noun, Progress, Seconds

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

LONGEST_TEXT = 500
"""Characters in one line: more than half a minute of speech at one go, which nobody can follow on the floor."""

LONGEST_DAY = 24 * 3600.0
"""Seconds of effort in a routine: what bounds how large its program can become."""


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TURNS_OR_HIDES = re.compile("[\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
"""Separators of lines and paragraphs, marks that turn writing round, letters that nobody sees: with them a person reads
something else than what the coach is given."""


def _speakable(text: str) -> str:
    if not text.strip():
        raise ValueError("a line needs words")
    if not any(mark.isalnum() for mark in text):
        raise ValueError("a line needs words: there is nothing in it that could be said")
    if _CONTROLS.search(text):
        raise ValueError("a line is plain text: no line breaks, no control characters")
    if _TURNS_OR_HIDES.search(text):
        raise ValueError("a line is plain text: no characters that turn the writing round, or hide")
    return text.strip()


Text: TypeAlias = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_speakable)]
Slug: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class Position(StrEnum):
    """How the body lies, kneels, sits or stands: what decides how much time a change takes, and the way out."""

    SUPINE = "supine"
    HOOK_LYING = "hook-lying"
    PRONE = "prone"
    SIDE_LYING = "side-lying"
    QUADRUPED = "quadruped"
    KNEELING = "kneeling"
    SEATED = "seated"
    SEATED_ON_BALL = "seated-on-ball"
    STANDING = "standing"


LYING = frozenset({Position.SUPINE, Position.HOOK_LYING, Position.PRONE, Position.SIDE_LYING})
ON_THE_BACK = frozenset({Position.SUPINE, Position.HOOK_LYING})
"""Between these one only moves the feet: no time for a change of position is needed."""


class Order(StrEnum):
    """In which order limbs or sides are worked."""

    ALTERNATE = "alternate"
    """One repetition each, in turn."""
    COMPLETE = "complete"
    """All repetitions of one, then all of the other."""


class PainPolicy(StrEnum):
    """What pain means for a routine (docs/safety.md)."""

    STRICT = "strict"
    """If it hurts, this is over."""
    MONITORED = "monitored"
    """Some pain is allowed, as a named prescriber has set it, until a date."""


class PainRules(Noun):
    """What pain leads to. Data: the strict rules ship as a file, monitored ones are the routine's (docs/safety.md).

    Scores are on the numeric pain rating scale (NPRS), 0 to 10.
    """

    tolerated: Annotated[int, Field(ge=-1, le=5, strict=True)]
    """Pain up to here lets the exercise go on after a yes; -1: none does."""
    ends_above: Annotated[int, Field(ge=0, le=7, strict=True)]
    """Pain above this ends the session."""
    ask_above: Annotated[int, Field(ge=0, le=7, strict=True)]
    """Pain above this asks about the warning signs."""
    rise: Annotated[int, Field(ge=1, le=10, strict=True)]
    """So much more pain than the last time asks about the warning signs too."""
    pains: Annotated[int, Field(ge=1, le=3, strict=True)]
    """The pain of the day that ends the session, whatever its score: 2 is the second."""
    signs: Annotated[tuple[str, ...], Field(min_length=1)]
    """The warning signs, as keys of the language's sentences, in the order in which they are asked about."""
    misses: Annotated[int, Field(ge=1, le=3, strict=True)]
    """So many answers about a warning sign that were not understood count as a yes."""
    quiet: Annotated[float, Field(ge=5, le=60)]
    """Seconds of silence between the way out of the position and the first question."""
    ask_again: Annotated[float, Field(ge=5, le=60)]
    """Seconds without an answer after which a question is asked again, louder."""
    offer_help: Annotated[float, Field(ge=5, le=120)]
    """Seconds of silence after that until the coach says how to call for help."""
    alert: Annotated[float, Field(ge=5, le=600)]
    """Seconds of silence after that until somebody is alerted."""


class AfterPause(StrEnum):
    """How a hold goes on after a pause."""

    RESTART = "restart"
    CONTINUE = "continue"


class Opening(StrEnum):
    """How a routine begins once it has been introduced."""

    AT_ONCE = "at once"
    READY = "ready"
    """It waits until the person says that they are ready."""


class Exercise(Noun):
    """One movement: how to get there, how to do it, how to get out of it, and how much."""

    slug: Slug
    """Its name in files, events and links."""
    name: Text
    say_as: Text | None = None
    """How the name is spoken, where that is not how it is written."""
    position: Position
    equipment: tuple[Text, ...] = ()
    setup: tuple[Text, ...] = ()
    """How to get into position, a sentence a line."""
    steps: tuple[Text, ...] = ()
    """How to do it, a sentence a line."""
    short: Text | None = None
    """What is said in place of all that, from the second time on."""
    cues: tuple[Text, ...] = ()
    """Reminders said during longer efforts, one at a time."""
    avoid: tuple[Text, ...] = ()
    exit: Text
    """The safe way out of the position, in one line; said first on pain and on stop."""
    breathing: Text | None = None
    gentle: StrictBool = False
    """Mild enough to be offered after another exercise has hurt."""
    limbs: tuple[Text, ...] = ()
    """Sides or limbs, as they are called out."""
    order: Order = Order.ALTERNATE
    easier: Slug | None = None
    harder: Slug | None = None
    source: Text | None = None
    """The document that it comes from."""
    progress: Progress = ()
    """How the dose may grow from session to session (``progress``); loading adds the routine's own rules."""
    dose: Dose

    @property
    def spoken_name(self) -> str:
        """What the coach calls it."""
        return self.say_as or self.name


class Block(Noun):
    """Exercises done one after the other, once or in rounds."""

    title: Text | None = None
    repeat: Annotated[int, Field(ge=1, le=50, strict=True)] = 1
    rest: Seconds | None = None
    """Between rounds."""
    exercises: Annotated[tuple[Exercise, ...], Field(min_length=1)]


class Routine(Noun):
    """What a person plays."""

    slug: Slug
    title: Text
    summary: Text | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    author: Text | None = None
    prescriber: Text | None = None
    source: Text | None = None
    pain_policy: PainPolicy = PainPolicy.STRICT
    pain: PainRules
    """Filled in by loading, from the policy."""
    review_on: Annotated[str, Field(pattern=_DAY)] | None = None
    """The last day, as 2026-11-21, on which monitored rules for pain hold; after it the strict ones do."""
    hold_after_pause: AfterPause = AfterPause.RESTART
    opening: Opening = Opening.AT_ONCE
    progress: Progress = ()
    """How doses may grow; loading gives these to every exercise that has the measure and no rules of its own."""
    frequency: Text | None = None
    contraindications: tuple[Text, ...] = ()
    welcome: tuple[Text, ...] = ()
    """Said before the first exercise."""
    farewell: tuple[Text, ...] = ()
    """Said after the last."""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    variants: tuple[Exercise, ...] = ()
    """The exercises that "easier" and "harder" may lead to, with those that they lead to in turn."""

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """Every exercise as it is listed, rounds not repeated."""
        return tuple(exercise for block in self.blocks for exercise in block.exercises)

    @property
    def equipment(self) -> tuple[str, ...]:
        """Everything that should lie at hand, each once, in order of first use."""
        return tuple(dict.fromkeys(item for exercise in self.exercises for item in exercise.equipment))

    @model_validator(mode="after")
    def _not_endless(self) -> Routine:
        # 2000 sets is more than a day of exercise; the limit keeps a slip of the pen from filling the memory.
        sets = sum(block.repeat * sum(int(e.dose.sets.high) for e in block.exercises) for block in self.blocks)
        if sets > 2000:
            raise ValueError(f"the routine asks for {sets} sets in all; at most 2000 are allowed")
        effort = sum(block.repeat * sum(map(_effort, block.exercises)) for block in self.blocks)
        if effort > LONGEST_DAY:
            raise ValueError(f"the routine asks for {effort / 3600:.0f} hours of effort; at most 24 are allowed")
        for variant in self.variants:
            if (effort := _effort(variant)) > LONGEST_DAY:
                raise ValueError(
                    f"{variant.slug}, an easier or harder form, asks for {effort / 3600:.0f} hours of effort; "
                    "at most 24 are allowed"
                )
        return self


def rules_on(routine: Routine, today: str, strict: PainRules) -> Routine:
    """Return the routine as it is to be played on a day: a monitored one is strict again after its review.

    ``today`` is a day as 2026-11-21; ``strict`` are the rules then. Where nothing changes, the very same routine comes
    back. Raises ``ValueError`` where ``today`` is no such day, because days are compared as they are written.
    """
    if not re.fullmatch(_DAY, today):
        raise ValueError(f"a day is written as 2026-11-21, not {today!r}")
    if routine.pain_policy is PainPolicy.STRICT or (routine.review_on is not None and today <= routine.review_on):
        return routine
    return routine.model_copy(update={"pain_policy": PainPolicy.STRICT, "pain": strict})


def _effort(exercise: Exercise) -> float:
    """Return the least seconds that all sets take at the high ends of the ranges; a repetition is at least one."""
    dose, limbs = exercise.dose, max(1, len(exercise.limbs))
    held = dose.hold.range.high if dose.hold else 0.0
    if dose.time:
        each = dose.time.high * (limbs if exercise.order is Order.COMPLETE else 1)
    else:
        each = limbs * (dose.reps.high if dose.reps else 1) * max(held, 1.0)
    return dose.sets.high * each
