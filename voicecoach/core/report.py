"""What a session comes to, for the person and whoever treats them: frozen values, and their form for keeping.

Rule: asked, said and done are three things, and only two of them are known. A report holds what was *prescribed* (the
routine's dose), what was *coached* (repetitions that the coach called, seconds that it counted, sets that it brought to
their end), what the person *confirmed* ("done"), what was left out and why not, and pain as they put it. Nothing here
was measured, so nothing here says that anybody did anything. No word of it may be read as if it did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from voicecoach.core.dose import Range
from voicecoach.core.dose_words import prescribed_words
from voicecoach.core.programme import PartOf
from voicecoach.core.routine import Exercise

_Figure = TypeVar("_Figure", int, float)

SCHEMA = 1
"""The form in which reports are kept. A reader takes any form up to its own."""

UNFINISHED = "unfinished"
"""The outcome of a session that has not ended, or was cut off and never taken up."""

FALSE_ALARM = "false alarm"
"""The verdict on a pain that was none: kept on record, and counted nowhere."""


class ReportError(ValueError):
    """What was kept is no report that this version can read."""


class Cause(StrEnum):
    """Why an exercise was not coached to its end."""

    LOCKED = "locked"
    """It hurt in an earlier session. The detail: ``pain`` or ``worse``."""
    SKIPPED = "skipped"
    """The person left it out. The detail: ``pain``, ``tired``, ``no equipment``, ``none given``, or None: not asked."""
    PAIN = "pain"
    """The detail: the verdict, such as ``exercise over``."""
    CUT_SHORT = "cut short"
    """The person ended an effort, or a side of it, before its time."""
    SWAPPED = "swapped"
    """Another took its place. The detail: its slug."""
    AFTER_PAIN = "only gentle ones after pain"
    """Another exercise hurt, and only mild ones were still offered."""
    ENDED = "session ended"
    """The session was over before. The detail: its outcome."""
    PASSED_OVER = "passed over"
    """The session went on without it, and no reason is on record."""


@dataclass(frozen=True, slots=True)
class Prescribed:
    """What a routine asks for in one exercise. The coach starts at the low ends: totals are those."""

    text: str
    """As a person writes it: ``2 x 3-5, hold 10 s each side``, with the typographer's signs."""
    sets: Range
    rounds: int = 1
    """How often the block that it stands in is gone through."""
    reps: Range | None = None
    """For each side or limb."""
    hold: Range | None = None
    """Seconds."""
    breaths: Range | None = None
    """A hold, or movement, that lasts as many breaths."""
    time: Range | None = None
    """Seconds of work by the clock, also where nobody counts the repetitions."""
    open: bool = False
    """Until the person says "done"."""
    limbs: tuple[str, ...] = ()
    sides: int = 1
    """Into how many parts a set falls that are coached one after the other."""
    by_set: tuple[Prescribed, ...] = ()
    """Each set's own where the sets differ; the figures above are then those of the first set."""

    @classmethod
    def of(cls, exercise: Exercise, rounds: int = 1) -> Prescribed:
        """Return what ``exercise`` asks for, in a block of ``rounds``."""
        dose = exercise.dose
        hold = dose.hold.range if dose.hold else None
        breaths = dose.hold is not None and dose.hold.breaths
        each = (exercise.model_copy(update={"dose": one}) for one in dose.by_set)
        return cls(
            text=prescribed_words(dose, exercise, rounds),
            sets=dose.sets,
            rounds=rounds,
            reps=dose.reps,
            hold=None if breaths else hold,
            breaths=hold if breaths else dose.breaths,
            time=dose.time or dose.amrap,
            open=dose.open,
            limbs=exercise.limbs,
            sides=sides_of(exercise),
            by_set=tuple(cls.of(one, rounds) for one in each),
        )

    @property
    def total_sets(self) -> int:
        """Sets in all rounds."""
        return self.rounds * int(self.sets.low)

    @property
    def total_reps(self) -> int | None:
        """Repetitions in all rounds and sets, of all limbs; None where none are counted."""
        if self.by_set:
            return _sum(each.total_reps for each in self.by_set)
        return None if self.reps is None else self.total_sets * int(self.reps.low) * max(1, len(self.limbs))

    @property
    def total_seconds(self) -> float | None:
        """Seconds of hold, or of work by the clock; None where the clock does not say how much."""
        if self.by_set:
            return _sum(each.total_seconds for each in self.by_set)
        if self.time:
            return self.total_sets * self.time.low * self.sides
        if self.hold:
            efforts = self.total_reps if self.reps else self.total_sets * self.sides
            return (efforts or 0) * self.hold.low
        return None


@dataclass(frozen=True, slots=True)
class Coached:
    """What the coach did: it called and counted. An effort that was asked for again counts once."""

    sets: int = 0
    """Coached to their end, all sides of them."""
    reps: int = 0
    """Called, over all sides."""
    seconds: float = 0.0
    """Of effort by the coach's clock: holds where there are holds, otherwise work."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One reason why an exercise was not coached to its end."""

    cause: Cause
    detail: str | None = None

    def __str__(self) -> str:
        return self.cause.value if self.detail is None else f"{self.cause.value} ({self.detail})"


@dataclass(frozen=True, slots=True)
class Swap:
    """An exercise gave way to an easier or harder one."""

    of: str
    """Slugs, both."""
    to: str
    way: str
    """``easier`` or ``harder``."""


@dataclass(frozen=True, slots=True)
class PainReport:
    """Pain, in the person's own words, and what the rules made of it."""

    at: float
    """Seconds of session time."""
    exercise: str | None = None
    """The slug of what was being coached; None in the routine's own talk."""
    set: int | None = None
    """This, ``rep`` and ``side`` count from 1."""
    rep: int | None = None
    side: int | None = None
    phase: str | None = None
    """The kind of step: ``hold``, ``work``, ``rest`` ..."""
    score: int | None = None
    """From 0 to 10 (NPRS); None: not said."""
    leg: str | None = None
    """Whether it spreads into a leg, or one is numb or tingles: ``yes``, ``no``, ``unsure``; None: not said."""
    feel: str | None = None
    """``sharp``, ``ache``, ``unsure``; None: not said."""
    sign: str | None = None
    """The warning sign that was not denied, by its key, such as ``sign_saddle``."""
    verdict: str | None = None
    """``goes on``, ``exercise over``, ``session over``, ``urgent``, ``false alarm``, ``no answer``; None: none yet."""
    resumed: bool = False
    """Whether the person said "resume" afterwards."""

    @property
    def counts(self) -> bool:
        """Whether it was pain, as far as anybody said."""
        return self.verdict != FALSE_ALARM


@dataclass(frozen=True, slots=True)
class Locked:
    """An exercise that is left out until somebody has looked at why it hurt."""

    reason: str
    """``pain`` or ``worse``."""
    score: int | None = None
    earlier: bool = False
    """Whether it was locked before this session began."""


@dataclass(frozen=True, slots=True)
class SinceLast:
    """How the person was since the session before, in which something hurt."""

    exercise: str | None
    answer: str | None
    """``same``, ``better``, ``worse``; None: they did not say."""


@dataclass(frozen=True, slots=True)
class ExerciseReport:
    """One exercise of one session."""

    slug: str
    name: str
    prescribed: tuple[Prescribed, ...]
    """One for each place where the routine lists it."""
    coached: Coached = Coached()
    confirmed: int = 0
    """How often the person said "done" in it."""
    cut_short: int = 0
    why_not: tuple[WhyNot, ...] = ()
    """In the order in which it came about. Empty where every set was coached to its end."""
    swaps: tuple[Swap, ...] = ()
    pains: tuple[PainReport, ...] = ()
    locked: Locked | None = None

    @property
    def prescribed_sets(self) -> int:
        """Of all places where the routine lists it."""
        return sum(p.total_sets for p in self.prescribed)

    @property
    def prescribed_reps(self) -> int | None:
        """Of all places where the routine lists it; None where none are counted."""
        return _sum(p.total_reps for p in self.prescribed)

    @property
    def prescribed_seconds(self) -> float | None:
        """Of all places where the routine lists it; None where the clock does not say how much."""
        return _sum(p.total_seconds for p in self.prescribed)

    @property
    def prescribed_text(self) -> str:
        """Every dose that is asked for; one that is asked for in several places with how many."""
        texts = [p.text for p in self.prescribed]
        return " + ".join(
            text if texts.count(text) == 1 else f"{texts.count(text)} times {text}" for text in dict.fromkeys(texts)
        )

    @property
    def whole(self) -> bool:
        """Whether every set was coached to its end."""
        return self.coached.sets >= self.prescribed_sets

    @property
    def pain_max(self) -> int | None:
        """The highest score that was said; None where none was."""
        return max((p.score for p in self.pains if p.counts and p.score is not None), default=None)


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Seconds of session time by what the session was about."""

    running: float = 0.0
    paused: float = 0.0
    pain: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionReport:
    """One session."""

    id: str
    routine: str
    """Its slug."""
    title: str
    started: str
    """ISO 8601, as it was given."""
    ended: str | None
    """ISO 8601, as it was given; None while it goes on, or where nobody knows."""
    outcome: str
    """``finished``, ``ended``, ``pain``, ``afresh`` or ``unfinished``."""
    seconds: TimeSpent
    exercises: tuple[ExerciseReport, ...]
    """In the order of the routine, each once."""
    other_pains: tuple[PainReport, ...] = ()
    """Those that belong to no exercise of the routine."""
    effort: int | None = None
    """How hard it was, from 0 to 10 (RPE); None: not said."""
    since_last: SinceLast | None = None
    emergencies: int = 0
    """How often the person called an emergency."""
    alerted: bool | None = None
    """Whether somebody was told; None: nobody was to be."""
    attended: bool = True
    """Whether anybody could be heard: where not, no word of pain means nothing at all."""
    part_of: PartOf | None = None
    """The programme and its day that was played; None: a routine by itself."""
    schema: int = SCHEMA

    @property
    def day(self) -> str:
        """The day on which it began, where it began, as 2026-11-21."""
        return self.started[:10]

    @property
    def pains(self) -> tuple[PainReport, ...]:
        """Every pain that was one, in the order in which they came."""
        every = (*self.other_pains, *(pain for exercise in self.exercises for pain in exercise.pains))
        return tuple(sorted((pain for pain in every if pain.counts), key=lambda pain: pain.at))

    @property
    def pain_max(self) -> int | None:
        """The highest score that was said; None where none was."""
        return max((pain.score for pain in self.pains if pain.score is not None), default=None)

    @property
    def whole(self) -> int:
        """How many exercises were coached to their end."""
        return sum(exercise.whole for exercise in self.exercises)

    @property
    def due(self) -> int:
        """How many exercises were to be done: what was locked before is left out, and leaving it out is no lapse."""
        return sum(not (exercise.locked and exercise.locked.earlier) for exercise in self.exercises)

    @property
    def duration(self) -> float:
        """Seconds of session time in all."""
        return self.seconds.running + self.seconds.paused + self.seconds.pain


_REPORTS = TypeAdapter(SessionReport)


def to_json(report: SessionReport) -> dict[str, Any]:
    """Return a report as JSON's own kinds of values, for keeping."""
    kept: dict[str, Any] = _REPORTS.dump_python(report, mode="json")
    return kept


def from_json(kept: Any) -> SessionReport:
    """Read what ``to_json`` gave, also in an earlier version. Raises ``ReportError``."""
    schema = kept.get("schema") if isinstance(kept, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise ReportError("this is no report of a session")
    if schema > SCHEMA:
        raise ReportError(
            f"this report was written by a newer voicecoach (form {schema}; this one reads up to {SCHEMA})"
        )
    try:
        return _REPORTS.validate_python(kept)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ReportError(f"this report is damaged: {where}: {first['msg']}") from None


def sides_of(exercise: Exercise) -> int:
    """Return into how many parts a set falls: sides that are coached one after the other, not in turn."""
    return max(1, len(exercise.limbs)) if exercise.one_side_at_a_time else 1


def _sum(totals: Iterable[_Figure | None]) -> _Figure | None:
    """Add what is known; None where nothing is."""
    known = [total for total in totals if total is not None]
    return sum(known[1:], known[0]) if known else None
