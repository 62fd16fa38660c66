"""A program as a sports watch plays it: spans of time, repetitions and rests, with what repeats folded up.

Rule: made of the compiled program, so whatever an author can write has a form here. A watch has no voice: of what is
said only the exercise's short form is left, as a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from voicecoach.core.dose_words import dose_in_words
from voicecoach.core.program import EFFORT, Program, Step, StepKind
from voicecoach.core.routine import Exercise

MOST_STEPS = 500
"""Steps of a workout, folded: no watch that we know of takes more, and many take fewer."""
_LONGEST_GROUP = 24
"""Steps that may make one round: eight exercises with a rest and a change of position each."""
_SHORTEST_WAIT = 4.0
"""Seconds: what is shorter is a count-in, which a watch has of its own."""


class Ends(StrEnum):
    """What ends a step."""

    TIME = "time"
    REPS = "reps"
    PERSON = "person"
    """Its button."""


@dataclass(frozen=True, slots=True)
class WatchStep:
    """One line on the watch."""

    name: str
    ends: Ends
    amount: float = 0.0
    """Seconds, or repetitions."""
    rest: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Back to an earlier line."""

    first: int
    """Its number, from 0."""
    times: int
    """How often the lines from there are done in all."""


WatchLine: TypeAlias = WatchStep | Again


def watch_lines(program: Program) -> list[WatchLine]:
    """Return a program's steps, with repeats folded. Repeats are never inside others: watches differ over those."""
    return _fold(_steps(program))


def _steps(program: Program) -> list[WatchStep]:
    found: list[WatchStep] = []
    for index in range(len(program.steps)):
        exercise = program.exercise_at(index)
        if len(program.steps[index].together) > 1:
            made: WatchStep | None = _round(program, program.steps[index])
        else:
            made = None if exercise is None else _line(program.steps, index, exercise)
        if made is None:
            continue
        before = found[-1] if found else None
        if before and made.rest and before.rest and made.ends is before.ends is Ends.TIME:
            # A rest and the change of position behind it are one wait, called what comes next.
            found[-1] = WatchStep(made.name, Ends.TIME, before.amount + made.amount, rest=True)
        else:
            found.append(made)
    while found and found[-1].rest:
        found.pop()
    return found


def _round(program: Program, step: Step) -> WatchStep:
    """Return the time that several exercises share. What is in a round is its name, and how much of each a note."""
    exercises = [program.exercises[index] for index in step.together]
    each = (f"{one.name} {dose_in_words(one.dose, one).removeprefix('1 x ')}" for one in exercises)
    name = " + ".join(one.name for one in exercises)
    return WatchStep(name, Ends.TIME, step.seconds or 0.0, note=f"As many rounds as you like: {'; '.join(each)}")


def _line(steps: Sequence[Step], index: int, exercise: Exercise) -> WatchStep | None:
    step, seconds = steps[index], steps[index].seconds
    if step.kind is StepKind.POSITION and seconds is not None and seconds >= _SHORTEST_WAIT:
        return WatchStep(f"Get ready: {exercise.name}", Ends.TIME, seconds, rest=True)
    if step.kind is StepKind.SWITCH and seconds:
        return WatchStep(f"Change: {step.limb or 'sides'}", Ends.TIME, seconds, rest=True)
    if step.kind is StepKind.REST and seconds:
        lift = steps[index + 1] if index + 1 < len(steps) else step
        more = lift.seconds or 0.0 if _lifts(steps, index + 1) else 0.0
        return WatchStep("Rest", Ends.TIME, seconds + more, rest=True)
    if step.kind not in EFFORT or _lifts(steps, index):
        return None
    name = f"{exercise.name}: {step.limb}" if step.limb else exercise.name
    note = exercise.short or " ".join(exercise.steps)
    if seconds is None:
        return WatchStep(name, Ends.PERSON, note=note)
    if step.restarts:
        reps = len(step.restarts) // step.turns
        each = " each side" if step.turns == 2 else " each" if step.turns > 2 else ""
        return WatchStep(f"{name}, {reps}{each}" if each else name, Ends.REPS, len(step.restarts), note=note)
    return WatchStep(name, Ends.TIME, seconds, note=note) if seconds else None


def _lifts(steps: Sequence[Step], index: int) -> bool:
    """Tell whether a step is the moment before a hold in which the repetition is called."""
    if index + 1 >= len(steps) or steps[index].kind is not StepKind.WORK:
        return False
    return steps[index + 1].kind is StepKind.HOLD and steps[index].place == steps[index + 1].place


def _fold(steps: Sequence[WatchStep]) -> list[WatchLine]:
    lines: list[WatchLine] = []
    index = 0
    while index < len(steps):
        length, times = max(
            ((length, _times(steps, index, length)) for length in range(1, _LONGEST_GROUP + 1)),
            key=lambda found: (found[0] * (found[1] - 1), -found[0]),
        )
        if length * (times - 1) < 2:  # folding one line saves nothing
            lines.append(steps[index])
            index += 1
            continue
        first = len(lines)
        lines += [*steps[index : index + length], Again(first, times)]
        index += length * times
    return lines


def _times(steps: Sequence[WatchStep], index: int, length: int) -> int:
    """Return how often the ``length`` steps at ``index`` come one after the other."""
    group = steps[index : index + length]
    times = 1
    while len(group) == length and steps[index + times * length : index + (times + 1) * length] == group:
        times += 1
    return times
