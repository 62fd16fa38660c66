"""How one set of an exercise is coached: what is called, counted and breathed, and when.

Rule: everything here happens within one set; what lies between sets and exercises is ``compiler``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from voicecoach.core.dose import Range
from voicecoach.core.events import Line, Priority
from voicecoach.core.person import Talk
from voicecoach.core.program import Cue, Pace, Place, Step, StepKind, Style, countdown
from voicecoach.core.routine import Exercise, Order


class Efforts:
    """Makes the steps of a set, at a pace and in a style."""

    def __init__(self, pace: Pace, style: Style) -> None:
        self._pace = pace
        self._style = style

    def of_set(self, exercise: Exercise, place: Place) -> Iterator[Step]:
        """Give the steps of the set at ``place``, with what lies between its sides and repetitions."""
        limbs = exercise.limbs or (None,)
        dose = exercise.dose
        if exercise.order is Order.COMPLETE or dose.open or (dose.hold and not dose.reps):
            for side, limb in enumerate(limbs):
                here = replace(place, side=side if limb else None)
                if side:
                    seconds = low(dose.rest_between_sides, self._pace.switch_sides)
                    line = Line.of("switch_sides" if len(limbs) == 2 else "switch_limb", limb=limb or "")
                    yield Step(StepKind.SWITCH, here, (line,), seconds, countdown(seconds, 3), limb=limb)
                yield from self._effort(exercise, here, (limb,))
        else:
            yield from self._effort(exercise, place, limbs)

    def _effort(self, exercise: Exercise, place: Place, limbs: tuple[str | None, ...]) -> Iterator[Step]:
        dose = exercise.dose
        if dose.hold:
            yield from self._held_reps(exercise, place, limbs)
        elif dose.reps:
            yield self._counted_reps(exercise, place, limbs)
        elif dose.time:
            yield self._timed(exercise, place, limbs, dose.time.low)
        else:
            limb = limbs[0]
            lines = (*((Line.of("limb", limb=limb),) if limb else ()), Line.of("until_done"))
            yield Step(StepKind.WORK, place, lines, seconds=None, limb=limb)

    def _held_reps(self, exercise: Exercise, place: Place, limbs: tuple[str | None, ...]) -> Iterator[Step]:
        dose = exercise.dose
        reps = int(dose.reps.low) if dose.reps else 1
        turns = [(rep, side, limb) for rep in range(reps) for side, limb in enumerate(limbs)]
        for turn, (rep, side, limb) in enumerate(turns):
            here = replace(place, rep=rep, side=place.side if len(limbs) == 1 else side)
            line = _call(rep + 1, reps, limb, named=len(limbs) > 1 or rep == 0)
            yield Step(StepKind.WORK, here, (line,), self._pace.lift, limb=limb)
            seconds, cues = self._hold_cues(exercise, turn)
            yield Step(StepKind.HOLD, here, (), seconds, cues, eager=True, limb=limb)
            if turn < len(turns) - 1:
                lower = low(dose.rest_between_reps, self._pace.lower)
                yield Step(StepKind.REST, here, (), lower, eager=True, limb=limb)

    def _hold_cues(self, exercise: Exercise, turn: int) -> tuple[float, tuple[Cue, ...]]:
        hold = exercise.dose.hold
        assert hold is not None  # noqa: S101 - the caller asked
        release = Line.of("release")
        if hold.breaths:
            breath_in, breath_out = (self._style.tempo * each for each in (self._pace.breath_in, self._pace.breath_out))
            cycle = breath_in + breath_out
            seconds = cycle * hold.range.low
            breaths = [
                cue
                for breath in range(int(hold.range.low))
                for cue in (
                    Cue(breath * cycle, Line.of("breathe_in"), Priority.COUNT),
                    Cue(breath * cycle + breath_in, Line.of("breathe_out"), Priority.COUNT),
                )
            ]
            return seconds, (*breaths, Cue(seconds, release, Priority.RELEASE))
        seconds = hold.range.low
        cues = [Cue(0.0, Line.of("hold"), Priority.COUNT), *self._run_up(seconds)]
        cues += self._reminders(exercise, seconds, turn)
        return seconds, _in_order([*cues, Cue(seconds, release, Priority.RELEASE)])

    def _counted_reps(self, exercise: Exercise, place: Place, limbs: tuple[str | None, ...]) -> Step:
        dose = exercise.dose
        assert dose.reps is not None  # noqa: S101 - the caller asked
        each = self._each(exercise)
        gap = low(dose.rest_between_reps, 0.0)
        turns = [(rep, limb) for rep in range(int(dose.reps.low)) for limb in limbs]
        starts = tuple(turn * (each + gap) for turn in range(len(turns)))
        seconds = starts[-1] + each
        calls = [
            Cue(start, _call(rep + 1, int(dose.reps.low), limb, named=len(limbs) > 1), Priority.COUNT)
            for start, (rep, limb) in zip(starts, turns, strict=True)
        ]
        lines = (Line.of("go", limb=limbs[0]),) if limbs[0] and len(limbs) == 1 else ()
        cues = (*calls, Cue(seconds, Line.of("release"), Priority.RELEASE))
        limb = limbs[0] if len(limbs) == 1 else None
        return Step(StepKind.WORK, place, lines, seconds, cues, limb=limb, restarts=starts, turns=len(limbs))

    def _timed(self, exercise: Exercise, place: Place, limbs: tuple[str | None, ...], seconds: float) -> Step:
        cues = [Cue(0.0, Line.of("begin"), Priority.COUNT), *self._run_up(seconds)]
        if len(limbs) > 1:
            # The tempo, or else the pace of a repetition, says how often the limb changes: the coach calls the march.
            each = self._each(exercise)
            turns = int(seconds // each) // len(limbs) * len(limbs)  # every limb is called as often as the others
            calls = range(1, turns)
            cues[0] = Cue(0.0, Line.of("limb", limb=limbs[0] or ""), Priority.COUNT)
            cues += [Cue(n * each, Line.of("limb", limb=limbs[n % len(limbs)] or ""), Priority.CHATTER) for n in calls]
        else:
            cues += self._reminders(exercise, seconds, place.set)
        lines = (Line.of("go", limb=limbs[0]),) if limbs[0] and len(limbs) == 1 else ()
        release = Cue(seconds, Line.of("release"), Priority.RELEASE)
        limb = limbs[0] if len(limbs) == 1 else None
        return Step(StepKind.WORK, place, lines, seconds, _in_order([*cues, release]), limb=limb)

    def _each(self, exercise: Exercise) -> float:
        """Return how long one repetition takes."""
        return (exercise.dose.tempo.seconds if exercise.dose.tempo else self._pace.rep) * self._style.tempo

    def _run_up(self, seconds: float) -> tuple[Cue, ...]:
        """Return what leads to the end of an effort: the longer it is, the more."""
        numbers = 5 if seconds >= 20 else 3 if seconds >= 5 else 0
        tells = seconds >= 20 and self._style.talk is not Talk.LESS
        halfway = (Cue(seconds / 2, Line.of("halfway"), Priority.CHATTER),) if tells else ()
        return (*halfway, *countdown(seconds, numbers))

    def _reminders(self, exercise: Exercise, seconds: float, turn: int) -> list[Cue]:
        """Place one reminder where there is room: between "hold" and the countdown or the halfway call."""
        if not exercise.cues or seconds < 8 or self._style.talk is Talk.LESS:
            return []
        return [Cue(1.5, Line.text(exercise.cues[turn % len(exercise.cues)]), Priority.CHATTER)]


def dose_lines(exercise: Exercise) -> tuple[Line, ...]:
    """Return the dose as the coach says it."""
    dose = exercise.dose
    sets = () if dose.sets.low == 1 else (Line.of("dose_sets", sets=int(dose.sets.low)),)
    if dose.reps:
        key = "dose_reps_each" if exercise.limbs else "dose_reps"
        measure: tuple[Line, ...] = (Line.of(key, reps=int(dose.reps.low)),)
    else:
        measure = ()
    if dose.hold:
        measure += (Line.of("dose_breaths" if dose.hold.breaths else "dose_hold", number=round(dose.hold.range.low)),)
    if dose.time:
        measure += (Line.of("dose_time", seconds=round(dose.time.low)),)
    return (*sets, *measure)


def _call(number: int, of: int, limb: str | None, *, named: bool) -> Line:
    """Call a repetition. The first goes without its number: it would follow the countdown's "one"."""
    counted = of > 1 and number > 1
    if limb and named:
        return Line.of("rep_limb", number=number, limb=limb) if counted else Line.of("limb", limb=limb)
    return Line.of("count", number=number) if counted else Line.of("begin")


def low(seconds: Range | None, otherwise: float) -> float:
    """Return what a range starts at."""
    return otherwise if seconds is None else seconds.low


def _in_order(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """Sort by time; of two cues less than a spoken word apart, only the one that matters more stays."""
    kept: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: (cue.at, -cue.priority)):
        if kept and cue.at - kept[-1].at < 0.9:
            if cue.priority <= kept[-1].priority:
                continue
            kept.pop()
        kept.append(cue)
    return tuple(kept)
