"""Finding one's way in rounds: what comes again, how a jump into the middle of a block is led in, how a beat is kept.

Rule: questions about a program, like those that ``Program`` answers itself; nothing is changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from voicecoach.core.events import Line
from voicecoach.core.program import EFFORT, EPSILON, Place, Program, Step, StepKind, countdown
from voicecoach.core.routine import ON_THE_CLOCK, Exercise, Manner, Position
from voicecoach.core.state import Worked

Beat: TypeAlias = tuple[tuple[Place, float], ...]
_OF_A_BEAT = EFFORT | {StepKind.SWITCH, StepKind.REST}


def comes_again(program: Program, index: int) -> bool:
    """Return whether the exercise at ``index`` is worked again once this going through it is over."""
    place = program.steps[index].place
    if place is None:
        return False
    later = (step for step in program.steps[index:] if step.place and step.place.of_exercise != place.of_exercise)
    return any(step.is_effort_of(place.exercise) for step in later)


def rounds_of(program: Program, place: Place) -> int:
    """Return how many rounds the block at ``place`` has, where they are what is counted there; else 0."""
    rounds = program.routine.blocks[place.block].repeat
    return rounds if rounds > 1 and program.exercises[place.exercise].dose.sets.low == 1 else 0


def lead_in(program: Program, index: int, posture: Position | None) -> tuple[Step, ...]:
    """Return the time to get ready that a jump to ``index`` needs; nothing where the program has some itself.

    In a circuit or on the clock, effort begins out of a rest; who jumps there has had none. ``posture`` is the position
    that the person is in, None where nobody knows.
    """
    step = program.steps[index]
    place = step.place
    if step.kind not in EFFORT or place is None:
        return ()
    before = program.steps[index - 1].place if index else None
    if before is not None and before.of_set == place.of_set:
        return ()
    exercise = program.exercises[place.exercise]
    seconds = program.pace.seconds_into(exercise.position, posture)
    name = Line.of("exercise", name=exercise.spoken_name)
    return (Step(StepKind.POSITION, place, (name,), seconds, countdown(seconds, 3)),)


def left_of_beat(program: Program, index: int, target: int, spent: float) -> tuple[Place, float] | None:
    """Return how many seconds of work are left out by going on from ``index`` to ``target``, both of one set.

    With the set, whose rest grows by it. None where there is no beat.
    """
    place = program.steps[index].place
    if place is None or not _on_a_beat(program, place):
        return None
    left = sum(step.seconds or 0.0 for step in program.steps[index:target]) - spent
    return (_station(place), left) if left > EPSILON else None


def moved_on_beat(old: Program, index: int, spent: float, new: Program, there: int, after: float) -> Beat:
    """Return the rests that keep the beat when ``new`` takes the place of ``old`` in the middle of a set.

    Where ``spent`` seconds of step ``index`` become ``after`` seconds of step ``there``, work that was done counts as
    longer or shorter than it was; the rest behind it makes up for that.
    """
    place = old.steps[index].place
    if place is None or not _on_a_beat(old, place) or old.steps[index].kind not in _OF_A_BEAT:
        return old.style.beat
    moved = _elapsed(new, there) + after - _elapsed(old, index) - spent
    return (*old.style.beat, (_station(place), moved)) if abs(moved) > EPSILON else old.style.beat


def beat_before(program: Program, place: Place | None) -> Beat:
    """Return the rests that keep the beat up to ``place``: what is done again from there has a beat of its own."""
    return tuple(one for one in program.style.beat if place is not None and one[0].of_set < place.of_set)


def _on_a_beat(program: Program, place: Place) -> bool:
    return program.routine.blocks[place.block].style is Manner.EMOM


def _elapsed(program: Program, index: int) -> float:
    """Return the seconds from the beginning of the set at ``index`` to that step."""
    place = program.steps[index].place
    within = (step for step in program.steps[:index] if step.kind in _OF_A_BEAT and step.place and place)
    return sum(step.seconds or 0.0 for step in within if step.place and place and step.place.of_set == place.of_set)


def _station(place: Place) -> Place:
    """Return where the set stands: also the place of the rest behind it."""
    return replace(place, rep=None, side=None)


def start_behind(program: Program, place: Place, *, working: bool) -> int:
    """Return where it goes on from ``place`` in a program that was made anew.

    Where everything is explained before the first effort, who was ``working`` has heard that; but whoever comes to
    another exercise needs the time to get into place, where the program has some.
    """
    found = program.start_of(place)
    if not working or not explained_first(program, place):
        return found
    steps = enumerate(program.steps[found:], found)
    begins = EFFORT | {StepKind.POSITION}
    return next(
        (n for n, step in steps if step.kind in begins and step.place and step.place.of_set >= place.of_set), found
    )


def without_station(old: Program, index: int, new: Program) -> int:
    """Return where ``new``, without the exercise at ``index`` of ``old``, goes on while all of a block is explained.

    With the next one's introduction; where all of them were given, once more with how it goes, or with getting there.
    """
    place = old.steps[index].place
    assert place is not None  # noqa: S101 - it is an exercise's
    if not any(step.place and step.place.block == place.block for step in new.steps):
        return next(n for n, step in enumerate(old.steps) if step.place and step.place.block == place.block)
    introduces = old.steps[index + 1].kind is old.steps[index].kind is StepKind.INTRO
    return index if introduces else index - 1


def explained_first(program: Program, place: Place) -> bool:
    """Return whether the block at ``place`` explains all its exercises before its first effort."""
    return program.routine.blocks[place.block].style in ON_THE_CLOCK | {Manner.AMRAP}


def together(program: Program, worked: Worked) -> tuple[Exercise, ...]:
    """Return every exercise that a person may be at when the coach thinks them at ``worked``.

    That one, as it was then; and in an AMRAP those that it is done with, as they are now.
    """
    shared = next((step.together for step in program.steps if worked.index in step.together), ())
    others = (program.exercises[index] for index in shared)
    return tuple({one.slug: one for one in (worked.exercise, *others)}.values())
