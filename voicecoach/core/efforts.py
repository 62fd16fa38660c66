"""How one set of an exercise is coached: what is called, counted and breathed, and when.

Rule: everything here happens within one set; what lies between sets and exercises is ``compiler``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from voicecoach.core.cueing import BEHIND_A_CALL
from voicecoach.core.dose import Range
from voicecoach.core.events import Line, Priority
from voicecoach.core.person import Talk
from voicecoach.core.program import EPSILON, Cue, Pace, Place, Step, StepKind, Style, countdown
from voicecoach.core.routine import Exercise


class Efforts:
    """Makes the steps of a set, at a pace and in a style."""

    def __init__(self, pace: Pace, style: Style) -> None:
        self._pace = pace
        self._style = style

    def of_set(self, exercise: Exercise, place: Place) -> Iterator[Step]:
        """Give the steps of the set at ``place``, with what lies between its sides and repetitions."""
        limbs = exercise.limbs or (None,)
        dose = exercise.dose.of_set(place.set)
        exercise = exercise.model_copy(update={"dose": dose})
        if exercise.one_side_at_a_time:
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
            yield self._timed(exercise, place, limbs, dose.time.low, calls=len(limbs) > 1)
        elif dose.amrap:
            yield self._timed(exercise, place, limbs, dose.amrap.low, calls=False)
        elif dose.breaths:
            yield self._breathed(exercise, place, limbs[0], int(dose.breaths.low))
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
            seconds, cues = self._hold_cues(exercise, turn, rep + 1)
            yield Step(StepKind.HOLD, here, (), seconds, cues, eager=True, limb=limb)
            if turn < len(turns) - 1:
                lower = low(dose.rest_between_reps, self._pace.lower)
                yield Step(StepKind.REST, here, (), lower, eager=True, limb=limb)

    def _hold_cues(self, exercise: Exercise, turn: int, rep: int) -> tuple[float, tuple[Cue, ...]]:
        hold = exercise.dose.hold
        assert hold is not None  # noqa: S101 - the caller asked
        seconds = self._breath * int(hold.range.low) if hold.breaths else hold.range.low
        release = Cue(seconds, Line.of("release"), Priority.RELEASE)
        told = _timed_cues(exercise, seconds, rep)
        if hold.breaths:
            return seconds, _together([*self._breaths(int(hold.range.low)), *told, release])
        cues = [Cue(0.0, Line.of("hold"), Priority.COUNT), *self._run_up(seconds)]
        return seconds, _in_order([*cues, *self._reminders(exercise, seconds, turn), *told, release])

    def _breathed(self, exercise: Exercise, place: Place, limb: str | None, breaths: int) -> Step:
        seconds = self._breath * breaths
        lines = (Line.of("go", limb=limb),) if limb else ()
        release = Cue(seconds, Line.of("release"), Priority.RELEASE)
        cues = _together([*self._breaths(breaths), *_timed_cues(exercise, seconds), release])
        starts = tuple(breath * self._breath for breath in range(breaths))
        return Step(StepKind.WORK, place, lines, seconds, cues, limb=limb, restarts=starts)

    @property
    def _breath(self) -> float:
        """How long one breath takes."""
        return self._style.tempo * (self._pace.breath_in + self._pace.breath_out)

    def _breaths(self, number: int) -> list[Cue]:
        """Breathe ``number`` times with the person."""
        breath_in = self._style.tempo * self._pace.breath_in
        return [
            cue
            for breath in range(number)
            for cue in (
                Cue(breath * self._breath, Line.of("breathe_in"), Priority.COUNT),
                Cue(breath * self._breath + breath_in, Line.of("breathe_out"), Priority.COUNT),
            )
        ]

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
        behind = min(BEHIND_A_CALL, each / 2)
        told = [
            Cue(starts[rep * len(limbs)] + behind, Line.text(cue.say), Priority.TALK)
            for cue in exercise.timed_cues
            for rep in range(int(dose.reps.low))
            if cue.at.falls_on(rep + 1)
        ]
        told += [_clear(cue, starts, behind) for cue in _timed_cues(exercise, seconds)]
        cues = _together([*calls, *told, Cue(seconds, Line.of("release"), Priority.RELEASE)])
        limb = limbs[0] if len(limbs) == 1 else None
        return Step(StepKind.WORK, place, lines, seconds, cues, limb=limb, restarts=starts, turns=len(limbs))

    def _timed(
        self, exercise: Exercise, place: Place, limbs: tuple[str | None, ...], seconds: float, *, calls: bool
    ) -> Step:
        cues = [Cue(0.0, Line.of("begin"), Priority.COUNT), *self._run_up(seconds)]
        if calls:
            # The tempo, or else the pace of a repetition, says how often the limb changes: the coach calls the march.
            each = self._each(exercise)
            turns = int(seconds // each) // len(limbs) * len(limbs)  # every limb is called as often as the others
            cues[0] = Cue(0.0, Line.of("limb", limb=limbs[0] or ""), Priority.COUNT)
            cues += [
                Cue(n * each, Line.of("limb", limb=limbs[n % len(limbs)] or ""), Priority.CHATTER)
                for n in range(1, turns)
            ]
        else:
            cues += self._reminders(exercise, seconds, place.set)
        lines = (Line.of("go", limb=limbs[0]),) if limbs[0] and len(limbs) == 1 else ()
        release = Cue(seconds, Line.of("release"), Priority.RELEASE)
        limb = limbs[0] if len(limbs) == 1 else None
        cues += _timed_cues(exercise, seconds)
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


def _call(number: int, of: int, limb: str | None, *, named: bool) -> Line:
    """Call a repetition. The first goes without its number: it would follow the countdown's "one"."""
    counted = of > 1 and number > 1
    if limb and named:
        return Line.of("rep_limb", number=number, limb=limb) if counted else Line.of("limb", limb=limb)
    return Line.of("count", number=number) if counted else Line.of("begin")


def low(seconds: Range | None, otherwise: float) -> float:
    """Return what a range starts at."""
    return otherwise if seconds is None else seconds.low


def _timed_cues(exercise: Exercise, seconds: float, rep: int = 0) -> list[Cue]:
    """Return what the author wants said at moments of an effort; of repetition ``rep`` too, where the effort is one.

    They matter more than the coach's own numbers: who puts words on a moment wants them there.
    """
    told = [(at, cue) for cue in exercise.timed_cues for at in cue.at.within(seconds)]
    told += [(BEHIND_A_CALL, cue) for cue in exercise.timed_cues if rep and cue.at.falls_on(rep)]
    return [Cue(at, Line.text(cue.say), Priority.TALK) for at, cue in told if at < seconds]


def _clear(cue: Cue, calls: tuple[float, ...], behind: float) -> Cue:
    """Return a cue that comes ``behind`` the call that it would come together with."""
    call = max(start for start in calls if start <= cue.at + EPSILON)
    return replace(cue, at=max(cue.at, call + behind))


def _together(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """Sort by time; what is counted comes before what is told at the same moment, and nothing is left out."""
    return tuple(sorted(cues, key=lambda cue: (cue.at, cue.priority)))


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
