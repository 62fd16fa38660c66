"""How much of an exercise: counts, spans of time, tempo, breaths, the dose that they make up, and how it may grow.

Rule: an author writes these as people write them ("3-5", "30 s", "3 breaths", "2-0-2-1"); this file is the only place
that reads such writing. Every limit stands here, with its reason, and every refusal says what is allowed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StrictBool, model_validator

MOST_SETS = 20
MOST_REPS = 100
MOST_BREATHS = 30
LONGEST_HOLD = 600.0
"""Seconds."""
LONGEST = 3600.0
"""Seconds: an hour of one thing. Longer is a slip of the pen, and would lock a person into it."""


class Noun(BaseModel):
    """A frozen value of the author's; unknown keys are errors, because a misspelt key would silently change a dose."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Range:
    """From low to high, both included. A session starts at the low end."""

    low: float
    high: float
    least: float | None = None
    """The low end as it was written, where the range has been moved to start above it (``progress``)."""

    def __str__(self) -> str:
        low, high = f"{self.low:g}", f"{self.high:g}"
        return low if low == high else f"{low}-{high}"


@dataclass(frozen=True, slots=True)
class Hold:
    """How long a position is held: seconds, or breaths that the coach breathes with the person."""

    range: Range
    breaths: bool = False


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds of the four phases of a repetition, in the order in which the field writes them."""

    down: float
    pause: float
    up: float
    top: float

    @property
    def seconds(self) -> float:
        """One repetition."""
        return self.down + self.pause + self.up + self.top


class Measure(StrEnum):
    """What of a dose can grow from session to session."""

    SETS = "sets"
    REPS = "reps"
    HOLD = "hold"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class ProgressRule:
    """``after 3 sessions with pain <= 2: reps +1``: when a dose grows, and by how much."""

    sessions: int
    """Sessions in which it was coached to its end, one after the other, without more pain than that."""
    pain: int
    """On the numeric pain rating scale, 0 to 10."""
    measure: Measure
    step: int
    """Sets or repetitions; for a time seconds; for a hold seconds, or breaths."""
    breaths: bool = False
    """Whether a hold grows in breaths; it then concerns only holds that are written in breaths."""

    @property
    def unit(self) -> str:
        """What stands behind the number."""
        if self.breaths:
            return " breath" if self.step == 1 else " breaths"
        return " s" if self.measure in {Measure.HOLD, Measure.TIME} else ""

    def __str__(self) -> str:
        sessions = f"{self.sessions} session{'s' * (self.sessions != 1)}"
        return f"after {sessions} with pain <= {self.pain}: {self.measure.value} +{self.step}{self.unit}"

    def span(self, dose: Dose) -> Range | None:
        """Return what the rule moves in a dose; None where the dose does not have it."""
        if self.measure is Measure.HOLD:
            return dose.hold.range if dose.hold and dose.hold.breaths is self.breaths else None
        found: Range | None = {Measure.SETS: dose.sets, Measure.REPS: dose.reps, Measure.TIME: dose.time}[self.measure]
        return found

    def room(self, dose: Dose) -> Range | None:
        """Return how far the rule may move a dose, down and up; None where the dose does not have its measure.

        Up to the high end of a written range, or else by half; down to half. Whole numbers, and never below one.
        """
        span = self.span(dose)
        if span is None:
            return None
        high = span.high if span.high > span.low else min(floor(span.low * 1.5), self._most)
        return Range(max(1.0, min(span.low, ceil(span.low / 2))), max(span.low, high))

    def misfit(self, dose: Dose) -> str:
        """Say why the rule could never make this dose grow; nothing where it can."""
        span, room = self.span(dose), self.room(dose)
        name = self.measure.value
        if span is None or room is None:
            kind = "" if self.measure is not Measure.HOLD else " in breaths" if self.breaths else " in seconds"
            return f"there is no {name}{kind} here that could grow"
        if room.high > span.low:
            return ""
        return f'{name} has no room to grow from {span.low:g}; give it some, such as {name} = "{self._wider(span)}"'

    @property
    def _most(self) -> float:
        return {
            Measure.SETS: MOST_SETS,
            Measure.REPS: MOST_REPS,
            Measure.HOLD: MOST_BREATHS if self.breaths else LONGEST_HOLD,
            Measure.TIME: LONGEST,
        }[self.measure]

    def _wider(self, span: Range) -> str:
        return f"{span.low:g}-{span.low + self.step:g}{self.unit.rstrip('s') + 's' if self.breaths else self.unit}"


_NUMBER = r"(\d{1,6}(?:\.\d{1,3})?)"
_RANGE = re.compile(rf"{_NUMBER}(?:\s*(?:-|to|\u2013)\s*{_NUMBER})?", re.IGNORECASE)
_UNITS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "minute": 60.0, "minutes": 60.0}
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")


class _BackwardsError(ValueError):
    """A range from high to low: said as such, because it looks right at a glance."""


def _read_range(text: str, what: str) -> Range:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{what} is written as one number or a range")
    low = float(match[1])
    high = float(match[2]) if match[2] else low
    if high < low:
        raise _BackwardsError("a range runs from low to high")
    return Range(low, high)


def _within(found: Range, least: float, most: float, what: str) -> Range:
    if not least <= found.low <= found.high <= most:
        raise ValueError(f"{what} must be from {least:g} to {most:g}")
    return found


def _read_count(most: int, what: str) -> BeforeValidator:
    def read(value: Any) -> Range:
        if isinstance(value, Range):
            return value
        allowed = f'a whole number from 1 to {most}, or a range such as "3-5"'
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(f"allowed: {allowed}")  # noqa: TRY004 - pydantic reports ValueError
        if isinstance(value, int):
            return _within(Range(value, value), 1, most, what)
        try:
            found = _read_range(value, what)
        except ValueError as error:
            raise ValueError(f"{error}; allowed: {allowed}") from None
        if found.low % 1 or found.high % 1:
            raise ValueError(f"allowed: {allowed}")
        return _within(found, 1, most, what)

    return BeforeValidator(read)


def _read_seconds(value: Any) -> Range:
    allowed = 'seconds as "30 s", "1 min", "1:30", or a range such as "5-10 s"'
    if isinstance(value, Range):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"allowed: {allowed}")  # noqa: TRY004 - pydantic reports ValueError
    if not isinstance(value, str):
        # Not made a float before it is known to be small enough: TOML has whole numbers of any size.
        _within(Range(value, value), 0, LONGEST, "a time in seconds")
        return Range(float(value), float(value))
    text = value.strip().lower()
    if clock := _CLOCK.fullmatch(text):
        seconds = 60.0 * int(clock[1]) + int(clock[2])
        return _within(Range(seconds, seconds), 0, LONGEST, "a time in seconds")
    number, unit = re.fullmatch(r"(.*?)\s*([a-z]*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if unit not in _UNITS:
        raise ValueError(f"allowed: {allowed}")
    try:
        found = _read_range(number, "a time")
    except ValueError as error:
        raise type(error)(f"{error}; allowed: {allowed}") from None
    factor = _UNITS[unit]
    return _within(Range(found.low * factor, found.high * factor), 0, LONGEST, "a time in seconds")


def _read_hold(value: Any) -> Hold:
    if isinstance(value, Hold):
        return value
    if isinstance(value, str) and (match := re.fullmatch(r"(.*?)\s*breaths?", value.strip().lower())):
        try:
            breaths = _read_range(match[1], "a hold in breaths")
        except ValueError as error:
            raise ValueError(f'{error}; allowed: "3 breaths" or "3-5 breaths"') from None
        return Hold(_within(breaths, 1, MOST_BREATHS, "breaths"), breaths=True)
    allowed = 'allowed: "5 s", "5-10 s" or "3 breaths"'
    try:
        seconds = _read_seconds(value)
    except _BackwardsError as error:
        raise ValueError(f"{str(error).partition(';')[0]}; {allowed}") from None
    except ValueError:
        raise ValueError(allowed) from None
    return Hold(_within(seconds, 1, LONGEST_HOLD, "a hold in seconds"))


def _read_tempo(value: Any) -> Tempo:
    if isinstance(value, Tempo):
        return value
    allowed = 'four phases in seconds, down-pause-up-pause, such as "2-0-2-1"'
    parts = value.split("-") if isinstance(value, str) else []
    if len(parts) != 4 or not all(re.fullmatch(rf"\s*{_NUMBER}\s*", part) for part in parts):
        raise ValueError(f"allowed: {allowed}")
    tempo = Tempo(*(float(part) for part in parts))
    if not 1 <= tempo.seconds <= 60:
        raise ValueError(f"a repetition takes from 1 to 60 seconds in all; allowed: {allowed}")
    return tempo


_RULE = re.compile(
    r"after ([0-9]{1,6}) sessions? with pain ?<= ?([0-9]{1,6}) ?: ?"
    r"([a-z]+) ?\+ ?([0-9]{1,6}) ?([a-z]*)"
)
_MOST_STEP = {Measure.SETS: 2, Measure.REPS: 5, Measure.HOLD: 10, Measure.TIME: 30}
"""The largest step at one go; for a hold in breaths it is ``_MOST_STEP_BREATHS``."""
_MOST_STEP_BREATHS = 2
MOST_SESSIONS = 50
MOST_PAIN = 5
"""Growing under more pain than any prescriber may allow would be no progress."""


def _read_rule(value: Any) -> ProgressRule:
    if isinstance(value, ProgressRule):
        return value
    allowed = (
        'allowed: "after 3 sessions with pain <= 2: reps +1"; in place of reps +1 also sets +1, hold +2 s, '
        "hold +1 breath, time +5 s"
    )
    if not isinstance(value, str):
        raise ValueError(allowed)  # noqa: TRY004 - pydantic reports ValueError
    plain = value.lower().replace("\u2192", ":").replace("->", ":").replace("\u2264", "<=")
    match = _RULE.fullmatch(" ".join(plain.split()))
    if match is None:
        raise ValueError(allowed)
    sessions, pain, step, unit = int(match[1]), int(match[2]), int(match[4]), match[5]
    if match[3] not in set(Measure):
        raise ValueError(f"{match[3][:20]} is nothing that can grow; {allowed}")
    measure = Measure(match[3])
    breaths = measure is Measure.HOLD and unit in {"breath", "breaths"}
    if measure in {Measure.SETS, Measure.REPS} and unit:
        raise ValueError(f"{measure.value} are counted, without a unit; {allowed}")
    if measure in {Measure.HOLD, Measure.TIME} and not breaths and _UNITS.get(unit) != 1.0:
        also = " or breaths" if measure is Measure.HOLD else ""
        raise ValueError(f"{measure.value} grows by seconds{also}; {allowed}")
    for number, least, most, what in (
        (sessions, 1, MOST_SESSIONS, "sessions"),
        (pain, 0, MOST_PAIN, "the pain of a rule"),
        (step, 1, _MOST_STEP_BREATHS if breaths else _MOST_STEP[measure], f"one step of {measure.value}"),
    ):
        if not least <= number <= most:
            raise ValueError(f"{what} must be from {least} to {most}")
    return ProgressRule(sessions, pain, measure, step, breaths)


def _each_once(rules: tuple[ProgressRule, ...]) -> tuple[ProgressRule, ...]:
    seen: set[tuple[Measure, bool]] = set()
    for rule in rules:
        if (rule.measure, rule.breaths) in seen:
            raise ValueError(f"{rule.measure.value} has two rules here; one is enough")
        seen.add((rule.measure, rule.breaths))
    return rules


Progress: TypeAlias = Annotated[
    tuple[Annotated[ProgressRule, BeforeValidator(_read_rule)], ...], AfterValidator(_each_once)
]
"""Rules in the order in which they are used: the first until it has no room left, then the second."""

Sets: TypeAlias = Annotated[Range, _read_count(MOST_SETS, "sets")]
Reps: TypeAlias = Annotated[Range, _read_count(MOST_REPS, "reps")]
Seconds: TypeAlias = Annotated[Range, BeforeValidator(_read_seconds)]


class Dose(Noun):
    """How much: repetitions, a time, a hold alone, or as long as the person wants."""

    sets: Sets = Range(1, 1)
    reps: Reps | None = None
    """Repetitions for each side or limb."""
    time: Seconds | None = None
    """Work by the clock."""
    hold: Annotated[Hold, BeforeValidator(_read_hold)] | None = None
    """Held once; with ``reps``, held in every repetition."""
    open: StrictBool = False
    """Until the person says "done"."""
    tempo: Annotated[Tempo, BeforeValidator(_read_tempo)] | None = None
    rest: Seconds | None = None
    """Between sets."""
    rest_between_reps: Seconds | None = None
    rest_between_sides: Seconds | None = None
    rest_after: Seconds | None = None
    assumed: StrictBool | tuple[str, ...] = False
    """True, or the keys of this dose, where the source gives none and the routine's author chose it."""

    @model_validator(mode="after")
    def _one_measure(self) -> Dose:
        if self.open and (self.reps or self.time or self.hold):
            raise ValueError("open = true stands alone: leave out reps, time and hold")
        if self.time and (self.reps or self.hold):
            raise ValueError("time stands alone: give either time, or reps and hold")
        if not (self.open or self.reps or self.time or self.hold):
            raise ValueError('a dose needs one of reps = 5, time = "30 s", hold = "10 s" or open = true')
        if self.time and self.time.low < 1:
            raise ValueError("time must be at least one second")
        if isinstance(self.assumed, tuple) and (unknown := set(self.assumed) - set(Dose.model_fields)):
            raise ValueError(f"assumed names keys of the dose; {min(unknown)!r} is none")
        return self


DOSE_KEYS = frozenset(Dose.model_fields)
MEASURES = frozenset({"reps", "time", "hold", "open"})
"""The keys that say what is measured: a routine that names another measure replaces the library's."""
