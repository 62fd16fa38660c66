"""A program: the flat list of steps that a session walks through, and how to find one's way in it.

Rule: values and questions about them. Counting repetitions, counting down a hold and breathing are the same thing:
cues on a timed step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from voicecoach.core.events import Line, Priority
from voicecoach.core.person import Talk
from voicecoach.core.routine import ON_THE_BACK, Exercise, Position, Routine

EPSILON = 1e-6
"""Seconds: sums of floats that mean the same moment."""

Speaking = Callable[[Line], float]
"""Estimates how many seconds a line takes to say."""


class StepKind(StrEnum):
    """What a step is for."""

    INTRO = "intro"
    """Talk: the routine, or how an exercise goes."""
    POSITION = "position"
    """Time to get into place."""
    WORK = "work"
    HOLD = "hold"
    SWITCH = "switch"
    """Time to change sides."""
    REST = "rest"
    OUTRO = "outro"
    COUNT_IN = "count-in"
    """Three, two, one: before a hold or a set goes on. Never part of a program; a session puts it in."""
    ASK = "ask"
    """A question at the beginning or the end. Never part of a program; a session puts it in."""


class Question(StrEnum):
    """What a session may ask before it begins and when it is over."""

    HEARING = "hearing"
    """Is a voice heard over the coach's own?"""
    CONSENT = "consent"
    """Is it clear that this is no medical advice?"""
    SINCE_LAST = "since last"
    """After pain: same, better or worse than before the last session?"""
    WHY = "why"
    """Why was an exercise left out?"""
    EFFORT = "effort"
    """How hard was it?"""
    ECHO = "echo"
    """Was the number understood right?"""


EFFORT = frozenset({StepKind.WORK, StepKind.HOLD})


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the routine a step stands. All count from 0."""

    block: int
    round: int
    exercise: int
    """Index into ``Program.exercises``."""
    set: int
    rep: int | None = None
    side: int | None = None

    @property
    def of_exercise(self) -> tuple[int, int, int]:
        """The same for all steps of one going through an exercise."""
        return self.block, self.round, self.exercise

    @property
    def of_set(self) -> tuple[int, int, int, int]:
        """The same for all steps of one set."""
        return self.block, self.round, self.exercise, self.set


@dataclass(frozen=True, slots=True)
class Cue:
    """Something said at a moment of a timed step."""

    at: float
    """Seconds of the step's own time."""
    line: Line
    priority: Priority


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of a program: its lines are said, and its time runs."""

    kind: StepKind
    place: Place | None = None
    lines: tuple[Line, ...] = ()
    seconds: float | None = 0.0
    """How long its time runs; None until the person says so; 0 ends as soon as its lines are said."""
    cues: tuple[Cue, ...] = ()
    """In order of time."""
    eager: bool = False
    """Its time runs while its lines are said; otherwise it starts when they have been."""
    limb: str | None = None
    restarts: tuple[float, ...] = ()
    """Where work may be taken up after a freeze: the starts of its repetitions. Empty: anywhere."""
    turns: int = 1
    """How many of ``restarts`` make one repetition: the limbs that are worked in turn."""
    talk: float = 0.0
    """Estimated seconds that its lines take to say."""
    explains: bool = False
    """Its lines are an exercise's whole instructions."""
    question: Question | None = None
    """What a step of kind ASK asks."""
    about: str | int | None = None
    """What the question is about: an exercise's slug, or a number."""
    together: tuple[int, ...] = ()
    """The exercises that this one effort is shared by, by index, where the person chooses which they are doing."""
    leads_to: int | None = None
    """The exercise, by index, that is named in a rest and begins right behind it."""
    changing: float = 0.0
    """Seconds before the end of a rest from which on one gets into the position of what it leads to; 0: it stays."""

    def is_effort_of(self, exercise: int) -> bool:
        """Return whether this is effort of an exercise, by its index."""
        own = self.place is not None and self.place.exercise == exercise
        return self.kind in EFFORT and (own or exercise in self.together)

    def is_like(self, other: Step) -> bool:
        """Return whether it has the same place and purpose, perhaps in another measure."""
        return (self.kind, self.place, self.limb) == (other.kind, other.place, other.limb)

    def cue_after(self, spent: float) -> int:
        """Return the first cue that is still to come when ``spent`` seconds have passed."""
        # The end of an effort is said even where it is there at once.
        return sum(cue.at <= spent + EPSILON and cue.priority < Priority.RELEASE for cue in self.cues)

    def moment_in(self, other: Step, spent: float) -> float:
        """Return which moment of ``other``, the same step in another measure, is ``spent`` seconds of this one."""
        if self.restarts and other.restarts:
            number = max(0, sum(start <= spent + EPSILON for start in self.restarts) - 1)
            if number >= len(other.restarts):
                return other.seconds or 0.0  # there are fewer repetitions now: this was the last
            ratio = _stride(other) / _stride(self)
            return other.restarts[number] + (spent - self.restarts[number]) * ratio
        if not self.seconds or not other.seconds or self.kind not in EFFORT or self.seconds == other.seconds:
            return spent
        breathes = any(cue.line.key == "breathe_in" for cue in self.cues)
        return spent * other.seconds / self.seconds if breathes else min(spent, other.seconds)

    def rep_at(self, spent: float) -> int:
        """Return which counted repetition, from 1, runs when ``spent`` seconds of the step have passed."""
        return max(0, sum(start <= spent + EPSILON for start in self.restarts) - 1) // self.turns + 1


def _stride(step: Step) -> float:
    """Return the seconds from one repetition's start to the next one's."""
    starts = step.restarts
    return starts[1] - starts[0] if len(starts) > 1 else step.seconds or 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How much time the coach gives: the few figures that belong to a person, not to a routine (config ``[pace]``)."""

    change_position: float = 15.0
    """Seconds to get into another position."""
    settle: float = 5.0
    """Seconds to get ready where the position stays the same."""
    lift: float = 2.0
    """Seconds from a repetition's name to its hold."""
    lower: float = 3.0
    """Seconds between two held repetitions."""
    switch_sides: float = 5.0
    rest: float = 30.0
    """Seconds between sets where the routine says nothing."""
    rep: float = 4.0
    """Seconds of one repetition where the routine gives no tempo."""
    breath_in: float = 3.0
    breath_out: float = 4.0

    def seconds_into(self, position: Position, before: Position | None) -> float:
        """Return how long it takes to get into a position from another; from None nobody knows, so the longer."""
        stays = before is position or {before, position} <= ON_THE_BACK
        return self.settle if stays else self.change_position


@dataclass(frozen=True, slots=True)
class Style:
    """How a routine is told, where the person has a say in it. Only ``left_out`` changes which steps there are."""

    tempo: float = 1.0
    """Times the length of repetitions and breaths."""
    talk: Talk = Talk.USUAL
    known: frozenset[str] = frozenset()
    """Exercises that need no full instructions any more, by slug."""
    left_out: frozenset[int] = frozenset()
    """Exercises that are not played, by their index in ``Program.exercises``."""
    more: tuple[tuple[StepKind, Place, float], ...] = ()
    """Seconds that a rest, or getting into place, lasts longer."""
    beat: tuple[tuple[Place, float], ...] = ()
    """Seconds by which the rest behind a set on a beat is longer, or (below 0) shorter: so the next begins in time."""
    news: tuple[tuple[str | None, Line], ...] = ()
    """What is different from the last time: said with an exercise, by slug, or (None) after the welcome."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a session plays."""

    routine: Routine
    """What it was compiled from, with everything that was exchanged since."""
    steps: tuple[Step, ...]
    pace: Pace = field(repr=False)
    style: Style
    speaking: Speaking = field(repr=False, compare=False)
    exercises: tuple[Exercise, ...] = field(repr=False)

    @property
    def title(self) -> str:
        """The routine's."""
        return self.routine.title

    def exercise_at(self, index: int) -> Exercise | None:
        """Return the exercise that step ``index`` belongs to; None for the routine's own talk."""
        place = self.steps[index].place
        return None if place is None else self.exercises[place.exercise]

    def find(self, index: int, other: Program) -> int:
        """Return where ``other`` is at what stands at ``index`` here; the set's beginning where it has no such step."""
        step = self.steps[index]
        if step.place is None:
            return index if index < len(self.steps) - 1 else len(other.steps) - 1
        alike = [n for n, s in enumerate(other.steps) if s.is_like(step)]
        before = sum(s.is_like(step) for s in self.steps[:index])  # what is told of one exercise may be several steps
        return alike[min(before, len(alike) - 1)] if alike else other.start_of(step.place)

    def start_of(self, place: Place) -> int:
        """Return the first step of the set at ``place``, or what comes behind it where it is left out."""
        wanted = (place.block, place.round, place.exercise, place.set)
        for n, step in enumerate(self.steps):
            if step.kind is not StepKind.REST and step.place and step.place.of_set >= wanted:
                return n
        return len(self.steps) - 1

    def has_effort_left(self, index: int) -> bool:
        """Return whether the exercise at ``index`` is not behind us yet."""
        place = self.steps[index].place
        return place is not None and any(step.is_effort_of(place.exercise) for step in self.steps[index:])

    def other_side(self, index: int) -> int | None:
        """Return where the other side of the set at ``index`` begins; None where there is none behind it."""
        here = self.steps[index]
        for found in range(index + 1, len(self.steps)):
            step = self.steps[found]
            if here.place is None or not self._same_set(found, here.place) or step.kind is StepKind.INTRO:
                return None
            if step.kind in EFFORT | {StepKind.SWITCH} and step.limb != here.limb:
                return found
        return None

    def rest_after(self, index: int) -> int | None:
        """Return the next rest between sets or exercises behind ``index``; None where none is left."""
        steps = enumerate(self.steps)
        return next(
            (n for n, s in steps if n > index and s.kind is StepKind.REST and s.place and s.place.rep is None), None
        )

    def exercise_after(self, index: int) -> Exercise | None:
        """Return the next other exercise behind ``index``; None behind the last."""
        here, found = self.steps[index].place, self.next_exercise(index)
        there = self.steps[found].place
        stays = there is None or (here is not None and here.exercise == there.exercise)
        return None if stays else self.exercise_at(found)

    def work_after(self, index: int) -> int:
        """Return the step that comes when the talk at ``index`` is cut short: the work that it leads to."""
        place = self.steps[index].place
        found = index + 1
        while self._talks(found) and (place is None or self._same_exercise(found, place)):
            if place is None and self.steps[found].place is not None:
                return found  # the routine's own talk leads to the first exercise's, not past it
            found += 1
        return found

    def end_of_effort(self, index: int) -> int:
        """Return the first step behind the effort at ``index`` (this side, of this set)."""
        found = index + 1
        while self._is_within_set(found):
            found += 1
        return found

    def is_last_effort(self, index: int) -> bool:
        """Return whether the exercise has no effort behind the one at ``index``."""
        step = self.steps[index]
        if step.place is None or step.kind not in EFFORT:
            return False
        behind = range(index + 1, len(self.steps))
        return not any(self.steps[n].kind in EFFORT and self._same_exercise(n, step.place) for n in behind)

    def position_before(self, index: int) -> Step:
        """Return the step in which one gets into place for the effort at ``index``."""
        return next(step for step in reversed(self.steps[:index]) if step.kind is StepKind.POSITION)

    def next_exercise(self, index: int) -> int:
        """Return the first step of the exercise (or the end) behind the one at ``index``."""
        place = self.steps[index].place
        if self.steps[index].kind is StepKind.OUTRO:
            return index
        found = index + 1
        if place is None:
            while self.steps[found].place is None and self.steps[found].kind is not StepKind.OUTRO:
                found += 1
            return found
        while (other := self.steps[found].place) and (other.block, other.exercise) == (place.block, place.exercise):
            found += 1  # through all rounds, where they hold nothing else
        return found

    def set_start(self, index: int) -> int:
        """Return where the set at ``index`` begins; for an exercise's talk, where that begins.

        The beginning where there is none: somebody may have left out everything.
        """
        place = self.steps[index].place
        if place is None:
            placed = [n for n, step in enumerate(self.steps) if step.place is not None]
            if self.steps[index].kind is not StepKind.OUTRO or not placed:
                return 0
            index = placed[-1]
            place = self.steps[index].place
            assert place is not None  # noqa: S101 - chosen so
        found = index
        while found > 0 and self._same_set(found - 1, place):
            found -= 1
        if self.steps[index].kind is not StepKind.INTRO:
            while self.steps[found].kind in {StepKind.INTRO, StepKind.REST}:
                found += 1
        return min(found, index)

    def set_before(self, index: int) -> int | None:
        """Return where the set before the one at ``index`` begins; None at the very first."""
        place = self.steps[index].place
        found = index
        while found > 0 and (self.steps[found].place is None or (place is not None and self._same_set(found, place))):
            found -= 1
        return None if self.steps[found].place is None else self.set_start(found)

    def sets_of(self, place: Place) -> int:
        """Return how many sets the exercise at ``place`` has."""
        return 1 + max(s.place.set for s in self.steps if s.place and s.place.of_exercise == place.of_exercise)

    def reps_left(self, index: int) -> int:
        """Return how many held repetitions come after the one at ``index``, in this set and for this limb."""
        last, limb = self.end_of_effort(index), self.steps[index].limb
        return sum(step.kind is StepKind.HOLD and step.limb == limb for step in self.steps[index + 1 : last])

    def seconds_from(self, index: int) -> float:
        """Estimate how long the program lasts from the start of step ``index``; open-ended steps count nothing."""
        return sum(step.talk * (not step.eager) + (step.seconds or 0.0) for step in self.steps[index:])

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything that is certain to be said if nobody interrupts, each once, in order."""
        said = (line for step in self.steps for line in (*step.lines, *(cue.line for cue in step.cues)))
        return tuple(dict.fromkeys(said))

    def _talks(self, index: int) -> bool:
        return self.steps[index].kind in {StepKind.INTRO, StepKind.POSITION}

    def _same_exercise(self, index: int, place: Place) -> bool:
        other = self.steps[index].place
        return other is not None and other.of_exercise == place.of_exercise

    def _same_set(self, index: int, place: Place) -> bool:
        other = self.steps[index].place
        return other is not None and other.of_set == place.of_set

    def _is_within_set(self, index: int) -> bool:
        """Effort, or the breath between two held repetitions."""
        step = self.steps[index]
        return step.kind in EFFORT or (
            step.kind is StepKind.REST and step.place is not None and step.place.rep is not None
        )


def count_in(*lines: Line) -> Step:
    """Return the three seconds before an effort is taken up again, said after ``lines``."""
    return Step(StepKind.COUNT_IN, lines=lines, seconds=3.0, cues=countdown(3.0, 3))


def countdown(seconds: float, numbers: int) -> tuple[Cue, ...]:
    """Return the last ``numbers`` seconds of ``seconds``, counted back."""
    last = min(numbers, int(seconds))
    return tuple(Cue(seconds - n, Line.of("count", number=n), Priority.COUNT) for n in range(last, 0, -1))
