"""How a dose moves from session to session: up by the routine's rules, back by pain.

Rule: a level is a whole number, and the dose at a level follows from the routine alone, so that what is kept between
sessions is one number an exercise. One thing changes at a time: the first rule until it has no room left, then the
second. A dose never grows beyond what ``ProgressRule.room`` allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from voicecoach.core.dose import Dose, Hold, Measure, ProgressRule, Range
from voicecoach.core.growth import starting, with_span
from voicecoach.core.routine import Exercise

LOWEST = -2
"""How far pain moves a dose back below what the routine writes; after that it is for somebody to look at."""

PAIN_WITHOUT_A_NUMBER = 10
"""What counts where a person said "pain" and gave no number: what is not known is not taken to be mild."""


class Outcome(NamedTuple):
    """How one session went for one exercise."""

    coached: bool
    """Whether it was coached to its end: no set left out or cut short."""
    pain: int | None = None
    """The highest score from 0 to 10; None where no pain was told, ``PAIN_WITHOUT_A_NUMBER`` where it had none."""
    worse: bool = False
    """Whether the person felt worse afterwards."""


class Level(NamedTuple):
    """By how many steps an exercise's dose has moved, and in which session it came there."""

    steps: int
    session: int
    """Its number in the journal."""


class Why(StrEnum):
    """Why a level moved, or did not."""

    GOOD = "enough good sessions"
    PAIN = "more pain than the rule allows"
    WORSE = "worse since the last session"
    NOT_YET = "not enough good sessions yet"
    LOCKED = "left out because of pain"
    TOP = "no room to grow"
    NO_RULE = "no rule"


class Move(NamedTuple):
    """Where an exercise stands after a session, and why."""

    level: int
    why: Why


_BACK: Final = (
    ProgressRule(3, 1, Measure.REPS, 1),
    ProgressRule(3, 1, Measure.HOLD, 2),
    ProgressRule(3, 1, Measure.HOLD, 1, breaths=True),
    ProgressRule(3, 1, Measure.TIME, 5),
    ProgressRule(3, 1, Measure.BREATHS, 1),
    ProgressRule(3, 1, Measure.AMRAP, 5),
)
"""How a dose that has no rules of its own is made smaller; it never grows by these."""

_WITHIN_A_SET: Final = (Measure.REPS, Measure.HOLD, Measure.TIME, Measure.BREATHS, Measure.AMRAP)


def next_level(exercise: Exercise, level: int, recent: Sequence[Outcome], *, locked: bool = False) -> Move:
    """Return the level for the next session.

    ``exercise`` is the routine's, not one that ``dose_at`` has moved. ``recent`` are its sessions since the level last
    moved, oldest first; the newest is the one just over. Pain above the rule's limit moves back by one, and so does
    "worse"; a session that was not coached to its end counts neither way. A ``locked`` exercise never moves up.
    """
    level = _reachable(exercise, level)
    rule, top = _rule_at(exercise, level)
    if rule is None or not _fitting(exercise):
        return Move(0, Why.NO_RULE)
    if recent and _bad(recent[-1], rule):
        return Move(_reachable(exercise, level - 1), Why.WORSE if recent[-1].worse else Why.PAIN)
    if locked:
        return Move(level, Why.LOCKED)
    if top:
        return Move(level, Why.TOP)
    good = 0
    for outcome in reversed(recent):
        if _bad(outcome, rule):
            break
        good += outcome.coached
    return Move(level + 1, Why.GOOD) if good >= rule.sessions else Move(level, Why.NOT_YET)


def dose_at(exercise: Exercise, level: int) -> Exercise:
    """Return the exercise with its dose at ``level``: 0 is the low end of what is written.

    The ranges start at the moved value. A level that the rules do not lead to is taken as the last one that they do.
    Below 0 an exercise without rules has fewer repetitions, or else a shorter hold or time.
    """
    values, path = _walk(exercise, level)
    if not path:
        return exercise
    dose = exercise.dose
    for rule, by in values.items():
        dose = rule.moved(dose, by)
    return exercise.model_copy(update={"dose": dose})


def at_end(exercise: Exercise, end: Literal["low", "high"]) -> Exercise | None:
    """Return the exercise at the low or high end of its ranges of repetitions, hold, time and breaths, in every set.

    None where there is no range, or it is at that end already. The number of sets stays: this is for the middle of an
    exercise, where the set that one is in must go on existing.
    """
    dose = exercise.dose.each_set(lambda one: _at_end(one, end))
    return None if dose == exercise.dose else exercise.model_copy(update={"dose": dose})


def _at_end(dose: Dose, end: Literal["low", "high"]) -> Dose:
    for measure in _WITHIN_A_SET:
        span = _span(dose, measure)
        if span is not None:
            least = span.low if span.least is None else span.least
            dose = with_span(dose, measure, starting(span, least if end == "low" else span.high))
    return dose


def _bad(outcome: Outcome, rule: ProgressRule) -> bool:
    return outcome.worse or (outcome.pain or 0) > rule.pain


def _reachable(exercise: Exercise, level: int) -> int:
    """Return the nearest level that the rules lead to."""
    steps = len(_walk(exercise, level)[1])
    return steps if level > 0 else -steps


def _rule_at(exercise: Exercise, level: int) -> tuple[ProgressRule | None, bool]:
    """Return the rule that leads up from a level that can be reached, and whether it is the top (then: that led there).

    Below the written dose it is the rule that led down.
    """
    if level < 0:
        return _walk(exercise, level)[1][-1], False
    path = _walk(exercise, level + 1)[1]
    return (path[-1] if path else None), len(path) <= level


def _walk(exercise: Exercise, level: int) -> tuple[dict[ProgressRule, float], list[ProgressRule]]:
    """Go from level 0 as far toward ``level`` as there is room: by how much each rule has moved, and each step's rule.

    Every step moves something by at least one, so the walk is no longer than the widest range allowed.
    """
    rooms = _fitting(exercise)
    if level < 0 and not rooms:
        rooms = {rule: room for rule in _BACK if (room := rule.room(exercise.dose)) is not None}
    values = dict.fromkeys(rooms, 0.0)
    path: list[ProgressRule] = []
    for _ in range(abs(max(level, LOWEST))):
        for rule, room in rooms.items():
            end = room.high if level > 0 else room.low
            if values[rule] != end:
                moved = values[rule] + (rule.step if level > 0 else -rule.step)
                values[rule] = min(moved, end) if level > 0 else max(moved, end)
                path.append(rule)
                break
        else:
            break
    return values, path


def _fitting(exercise: Exercise) -> dict[ProgressRule, Range]:
    """Return the exercise's rules that its dose has the measure for, with their room."""
    return {rule: room for rule in exercise.progress if (room := rule.room(exercise.dose)) is not None}


def _span(dose: Dose, measure: Measure) -> Range | None:
    found: Range | Hold | None = getattr(dose, measure.value)
    return found.range if isinstance(found, Hold) else found
