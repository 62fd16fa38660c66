"""Rules by which a dose grows from session to session: ``after 3 sessions with pain <= 2: reps +1``.

Rule: what a rule says, and how far it may lead; when it applies is ``progress``'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, floor
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator

from voicecoach.core.amounts import LONGEST, LONGEST_HOLD, MOST_BREATHS, MOST_REPS, MOST_SETS, Hold, Range
from voicecoach.core.writing import UNITS

if TYPE_CHECKING:
    from voicecoach.core.dose import Dose


class Measure(StrEnum):
    """What of a dose can grow from session to session."""

    SETS = "sets"
    REPS = "reps"
    HOLD = "hold"
    TIME = "time"
    BREATHS = "breaths"
    AMRAP = "amrap"


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
        return " s" if self.measure in _IN_SECONDS else ""

    def __str__(self) -> str:
        sessions = f"{self.sessions} session{'s' * (self.sessions != 1)}"
        return f"after {sessions} with pain <= {self.pain}: {self.measure.value} +{self.step}{self.unit}"

    def span(self, dose: Dose) -> Range | None:
        """Return what the rule moves in a dose; None where the dose does not have it."""
        if self.measure is Measure.HOLD:
            return dose.hold.range if dose.hold and dose.hold.breaths is self.breaths else None
        found: Range | None = getattr(dose, self.measure.value)
        return found

    def room(self, dose: Dose) -> Range | None:
        """Return by how much the rule may move a dose, down (below 0) and up; None where it has not its measure.

        Sets that have values of their own move together, each as far as its own room; the widest is returned. Their
        number never moves, because somebody has said what each of them is.
        """
        rooms = [room for one in dose.by_set or (dose,) if (room := self._room(one)) is not None]
        if not rooms:
            return None
        return Range(min(room.low for room in rooms), max(room.high for room in rooms))

    def moved(self, dose: Dose, by: float) -> Dose:
        """Return ``dose`` with every set moved by that much, or as far as it has room."""
        return dose.each_set(lambda one: self._moved(one, by))

    def misfit(self, dose: Dose) -> str:
        """Say why the rule could never make this dose grow; nothing where it can."""
        span, room = self.span(dose), self.room(dose)
        name = self.measure.value
        if dose.by_set and self.measure is Measure.SETS:
            return "the sets are written one by one here, so their number cannot grow; what is in them can"
        if span is None or room is None:
            kind = "" if self.measure is not Measure.HOLD else " in breaths" if self.breaths else " in seconds"
            return f"there is no {name}{kind} here that could grow"
        if room.high > 0:
            return ""
        wider = [f'"{self._wider(each)}"' for one in dose.by_set or (dose,) if (each := self.span(one))]
        such = f"[{', '.join(wider)}]" if len(wider) > 1 else wider[0]
        return f"{name} has no room to grow from {span.low:g}; give it some, such as {name} = {such}"

    def _room(self, dose: Dose) -> Range | None:
        """Return the room of one set: up to the high end of a written range, or else by half; down to half.

        Whole numbers, and never below one.
        """
        span = self.span(dose)
        if span is None:
            return None
        high = span.high if span.high > span.low else min(floor(span.low * 1.5), self._most)
        low = max(1.0, min(span.low, ceil(span.low / 2)))
        return Range(min(0.0, low - span.low), max(0.0, high - span.low))

    def _moved(self, dose: Dose, by: float) -> Dose:
        span, room = self.span(dose), self._room(dose)
        if span is None or room is None or not (by := min(max(by, room.low), room.high)):
            return dose
        return with_span(dose, self.measure, starting(span, round(span.low + by, 6)))

    @property
    def _most(self) -> float:
        return {
            Measure.SETS: MOST_SETS,
            Measure.REPS: MOST_REPS,
            Measure.HOLD: MOST_BREATHS if self.breaths else LONGEST_HOLD,
            Measure.TIME: LONGEST,
            Measure.BREATHS: MOST_BREATHS,
            Measure.AMRAP: LONGEST,
        }[self.measure]

    def _wider(self, span: Range) -> str:
        return f"{span.low:g}-{span.low + self.step:g}{self.unit.rstrip('s') + 's' if self.breaths else self.unit}"


def starting(span: Range, value: float) -> Range:
    """Let a range start at another value, and remember where its low end was written."""
    written = span.low if span.least is None else span.least
    return replace(span, low=value, high=max(span.high, value), least=written if value > written else None)


def with_span(dose: Dose, measure: Measure, span: Range) -> Dose:
    """Return the dose with another range; it stays a valid one as long as the range is within its room."""
    value = Hold(span, dose.hold.breaths) if measure is Measure.HOLD and dose.hold else span
    return dose.model_copy(update={measure.value: value})


_IN_SECONDS = frozenset({Measure.HOLD, Measure.TIME, Measure.AMRAP})
WHEN = r"after ([0-9]{1,6}) sessions? with pain ?<= ?([0-9]{1,6})"
"""How a condition is written, once it is ``plainly`` so; what follows from it stands behind a colon."""
_RULE = re.compile(
    WHEN + r" ?: ?"
    r"([a-z]+) ?\+ ?([0-9]{1,6}) ?([a-z]*)"
)
_MOST_STEP = {
    Measure.SETS: 2,
    Measure.REPS: 5,
    Measure.HOLD: 10,
    Measure.TIME: 30,
    Measure.BREATHS: 2,
    Measure.AMRAP: 30,
}
"""The largest step at one go; for a hold in breaths it is ``_MOST_STEP_BREATHS``."""
_MOST_STEP_BREATHS = 2
MOST_SESSIONS = 50
MOST_PAIN = 5
"""Growing under more pain than any prescriber may allow would be no progress."""


def plainly(text: str) -> str:
    """Return a rule in small letters, with plain signs and single spaces."""
    return " ".join(text.lower().replace("\u2192", ":").replace("->", ":").replace("\u2264", "<=").split())


def _read_rule(value: Any) -> ProgressRule:
    if isinstance(value, ProgressRule):
        return value
    allowed = (
        'allowed: "after 3 sessions with pain <= 2: reps +1"; in place of reps +1 also sets +1, hold +2 s, '
        "hold +1 breath, time +5 s, breaths +1, amrap +5 s"
    )
    if not isinstance(value, str):
        raise ValueError(allowed)  # noqa: TRY004 - pydantic reports ValueError
    match = _RULE.fullmatch(plainly(value))
    if match is None:
        raise ValueError(allowed)
    sessions, pain, step, unit = int(match[1]), int(match[2]), int(match[4]), match[5]
    if match[3] not in set(Measure):
        raise ValueError(f"{match[3][:20]} is nothing that can grow; {allowed}")
    measure = Measure(match[3])
    breaths = measure is Measure.HOLD and unit in {"breath", "breaths"}
    if measure not in _IN_SECONDS and unit:
        raise ValueError(f"{measure.value} are counted, without a unit; {allowed}")
    if measure in _IN_SECONDS and not breaths and UNITS.get(unit) != 1.0:
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
