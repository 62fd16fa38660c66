"""The author's nouns: what is written in a routine file, once it is known to be right.

Rule: values only. Nothing here knows in which order things happen (that is ``program``) nor where they come from
(that is ``loading``).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from voicecoach.core.block import FROM_STATION_TO_STATION, ON_THE_CLOCK, TABATA_WORK, Block, Manner
from voicecoach.core.dose import Noun, Progress
from voicecoach.core.exercise import (
    LONGEST_TEXT,
    LYING,
    ON_THE_BACK,
    ON_THE_FLOOR,
    Exercise,
    Order,
    Position,
    Slug,
    Text,
    Texts,
    TimedCue,
)
from voicecoach.core.limits import LONGEST_DAY, MOST_OF_A_PROGRAM, MOST_SETS_IN_ALL, seconds_asked, size_of
from voicecoach.core.person import Talk

__all__ = [
    "FROM_STATION_TO_STATION",
    "LONGEST_DAY",
    "LONGEST_TEXT",
    "LYING",
    "ON_THE_BACK",
    "ON_THE_CLOCK",
    "ON_THE_FLOOR",
    "TABATA_WORK",
    "AfterPause",
    "Block",
    "Exercise",
    "Manner",
    "Opening",
    "Order",
    "PainPolicy",
    "PainRules",
    "Position",
    "Routine",
    "Slug",
    "Text",
    "TimedCue",
    "Verbosity",
    "rules_on",
]

_SIZE = (
    f"{{}} steps, calls, cues and sentences; allowed: at most {MOST_OF_A_PROGRAM} (fewer sets, rounds or timed cues)"
)
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


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


class Verbosity(StrEnum):
    """How much a routine has the coach say, to a person who has not said how much they like."""

    FULL = "full"
    """The whole instructions every time."""
    SHORT = "short"
    """Short forms where there are any."""


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
    verbosity: Verbosity | None = None
    voice: Text | None = None
    """The voice that speaks it, by its name, where the person has chosen none."""
    equipment: Texts = ()
    """What should lie at hand, besides what the exercises need."""
    progress: Progress = ()
    """How doses may grow; loading gives these to every exercise that has the measure and no rules of its own."""
    frequency: Text | None = None
    contraindications: Texts = ()
    welcome: Texts = ()
    """Said before the first exercise."""
    farewell: Texts = ()
    """Said after the last."""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    variants: tuple[Exercise, ...] = ()
    """The exercises that "easier" and "harder" may lead to, with those that they lead to in turn."""

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """Every exercise as it is listed, rounds not repeated."""
        return tuple(exercise for block in self.blocks for exercise in block.exercises)

    @property
    def at_hand(self) -> tuple[str, ...]:
        """Everything that should lie at hand, each once: the routine's own, then in order of first use."""
        needed = (item for exercise in self.exercises for item in exercise.equipment)
        return tuple(dict.fromkeys((*self.equipment, *needed)))

    @property
    def talk(self) -> Talk:
        """How much is said to a person who has not said how much they like."""
        if self.verbosity is Verbosity.FULL:
            return Talk.MORE
        return Talk.LESS if self.verbosity is Verbosity.SHORT else Talk.USUAL

    @model_validator(mode="after")
    def _not_endless(self) -> Routine:
        sets = sum(block.repeat * sum(int(e.dose.sets.high) for e in block.exercises) for block in self.blocks)
        if sets > MOST_SETS_IN_ALL:
            raise ValueError(f"the routine asks for {sets} sets in all; at most {MOST_SETS_IN_ALL} are allowed")
        most = f"at most {LONGEST_DAY / 3600:g} are allowed"
        if (asked := sum(map(seconds_asked, self.blocks))) > LONGEST_DAY:
            raise ValueError(f"the routine asks for {asked / 3600:.0f} hours of effort and rest; {most}")
        if (size := sum(map(size_of, self.blocks))) > MOST_OF_A_PROGRAM:
            raise ValueError(f"the routine comes to {_SIZE.format(size)}")
        rounds = max(block.repeat for block in self.blocks)
        for variant in self.variants:
            form = f"{variant.slug}, an easier or harder form"
            if (asked := seconds_asked(Block(exercises=(variant,)))) > LONGEST_DAY:
                raise ValueError(f"{form}, asks for {asked / 3600:.0f} hours of effort and rest; {most}")
            if (size := size_of(Block(exercises=(variant,), repeat=rounds))) > MOST_OF_A_PROGRAM:
                raise ValueError(f"{form}, comes to {_SIZE.format(size)}")
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
