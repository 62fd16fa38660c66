"""One movement, as it is written: how to get there, how to do it, how to get out of it, and how much.

Rule: values only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, model_validator

from voicecoach.core.cueing import CueTime, read_cue_time
from voicecoach.core.dose import Dose, Noun, Progress
from voicecoach.core.hidden import is_control, unfit

LONGEST_TEXT = 500
"""Characters in one line: more than half a minute of speech at one go, which nobody can follow on the floor."""

MOST_LINES = 40
"""Sentences in one list: as many fill ten minutes before anything is done."""
MOST_CUES = 40
"""Cues of one exercise, timed or not."""
MOST_LIMBS = 12
"""Sides or limbs that are worked in turn."""


def _speakable(text: str) -> str:
    if not text.strip():
        raise ValueError("a line needs words")
    if not any(mark.isalnum() for mark in text):
        raise ValueError("a line needs words: there is nothing in it that could be said")
    if mark := unfit(text):
        what = (
            "no line breaks, no control characters" if is_control(mark) else "none that turn the writing round, or hide"
        )
        raise ValueError(f"a line is plain text: {what} (U+{ord(mark):04X})")
    return text.strip()


Text: TypeAlias = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_speakable)]
Texts: TypeAlias = Annotated[tuple[Text, ...], Field(max_length=MOST_LINES)]
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug: TypeAlias = Annotated[str, Field(pattern=SLUG, max_length=80)]


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
ON_THE_FLOOR = LYING | {Position.QUADRUPED, Position.KNEELING}
"""From these one gets up, which for many people is the hardest exercise of all."""


class Order(StrEnum):
    """In which order limbs or sides are worked."""

    ALTERNATE = "alternate"
    """One repetition each, in turn."""
    COMPLETE = "complete"
    """All repetitions of one, then all of the other."""


class TimedCue(Noun):
    """Something said at a moment of an effort."""

    at: Annotated[CueTime, BeforeValidator(read_cue_time)]
    say: Text


class Exercise(Noun):
    """One movement: how to get there, how to do it, how to get out of it, and how much."""

    slug: Slug
    """Its name in files, events and links."""
    name: Text
    say_as: Text | None = None
    """How the name is spoken, where that is not how it is written."""
    position: Position
    equipment: Texts = ()
    setup: Texts = ()
    """How to get into position, a sentence a line."""
    steps: Texts = ()
    """How to do it, a sentence a line."""
    short: Text | None = None
    """What is said in place of all that, from the second time on."""
    cues: Annotated[tuple[Text, ...], Field(max_length=MOST_CUES)] = ()
    """Reminders said during longer efforts, one at a time."""
    timed_cues: Annotated[tuple[TimedCue, ...], Field(max_length=MOST_CUES)] = ()
    """What is said on a moment of its own; authors write them among the ``cues``."""
    avoid: Texts = ()
    exit: Text
    """The safe way out of the position, in one line; said first on pain and on stop."""
    breathing: Text | None = None
    gentle: StrictBool = False
    """Mild enough to be offered after another exercise has hurt."""
    limbs: Annotated[tuple[Text, ...], Field(max_length=MOST_LIMBS)] = ()
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

    @property
    def one_side_at_a_time(self) -> bool:
        """Whether a whole set of one side comes before the other's, instead of the two taking turns."""
        dose = self.dose
        alone = dose.hold is not None and dose.reps is None
        return self.order is Order.COMPLETE or dose.open or dose.breaths is not None or alone

    @model_validator(mode="before")
    @classmethod
    def _lie_on_one_side_first(cls, written: Any) -> Any:
        """Have one side whole before the other where they lie on it: nobody turns over at each repetition."""
        if isinstance(written, dict) and written.get("position") == Position.SIDE_LYING:
            return {"order": Order.COMPLETE, **written}
        return written

    @model_validator(mode="before")
    @classmethod
    def _sort_cues(cls, written: Any) -> Any:
        """Take those cues that have a moment out of the list."""
        cues = written.get("cues") if isinstance(written, dict) else None
        if isinstance(cues, list | tuple) and len(cues) > MOST_CUES:
            raise ValueError(f"cues has {len(cues)} entries; allowed: {MOST_CUES} at most")
        if not isinstance(cues, list | tuple) or not any(isinstance(cue, dict) for cue in cues):
            return written
        timed = [cue for cue in cues if isinstance(cue, dict)]
        return {**written, "cues": [cue for cue in cues if not isinstance(cue, dict)], "timed_cues": timed}

    @model_validator(mode="after")
    def _cues_can_come(self) -> Exercise:
        doses = self.dose.by_set or (self.dose,)
        most = max(dose.reps.high if dose.reps else 0 for dose in doses)
        for cue in self.timed_cues:
            if cue.at.counts_reps and cue.at.number > most:
                why = f"there are only {most:g} repetitions" if most else "there are no repetitions here"
                raise ValueError(f'cues has one at "{cue.at}", which never comes: {why}')
        return self
