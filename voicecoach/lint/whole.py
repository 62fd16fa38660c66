"""Warnings about an exercise or a session as a whole: sides, sets, positions, length.

Rule: what the library says of an exercise is looked at in the library; here only what this file makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from voicecoach.core.dose import PER_SET
from voicecoach.core.routine import ON_THE_BACK, ON_THE_FLOOR, PainPolicy, Position, Routine
from voicecoach.language import Language
from voicecoach.lint import words
from voicecoach.lint.finding import Finding
from voicecoach.lint.lines import OF_EXERCISE, said_in, warn
from voicecoach.lint.rules import (
    APART,
    LEAST_SWITCH,
    LONGEST_SESSION,
    MOST_JOURNEYS,
    MOST_ROUNDS,
    MOST_SETS,
    SOON,
    SPARE_CHANGES,
)
from voicecoach.loading.doses import written_out
from voicecoach.loading.exercises import Placed
from voicecoach.loading.routines import Reading
from voicecoach.loading.source import Source


def about_exercise(one: Placed, language: Language, rounds: int = 1) -> Iterator[Finding]:
    """Look at an exercise as it is written."""
    exercise, dose, own = one.exercise, one.exercise.dose, written_out(one.source, one.where, one.own)
    if "use" not in own and not exercise.setup and not exercise.steps:
        yield warn(one.source, "L12", one.where, "nothing explains this exercise", None, 'steps = ["…"]')
    sets = int(dose.sets.high)
    by = next(
        (key for key in ("sets", *PER_SET) if (key == "sets" and key in own) or isinstance(own.get(key), list)), ""
    )
    if by and sets > MOST_SETS:
        key = by if by in one.own else "dose"  # it may be written in shorthand
        if dose.hold and not dose.reps:
            problem = f"{sets} sets of one hold, with a rest behind each"
            better = f'{sets} holds in one set are written reps = {sets} beside the hold, "{sets} reps, hold \u2026"'
            yield warn(one.source, "L18", (*one.where, key), problem, one.own.get(key), better)
        else:
            yield warn(one.source, "L11", (*one.where, key), f"{sets} sets are many", one.own.get(key))
    again = sets > 1 or rounds > 1
    if again and exercise.short is None and ("use" not in own or by or rounds > 1):
        problem = "this exercise comes again, and has no short form to be said then"
        yield warn(one.source, "L14", one.where, problem, None, 'short = "…", at most eight words')
    yield from _sides(one, language)
    yield from _cues(one)


def _cues(one: Placed) -> Iterator[Finding]:
    """Find a cue that is never said, because another has its moment."""
    dose, written = one.exercise.dose, one.own.get("cues")
    span = dose.time or dose.amrap or (dose.hold.range if dose.hold and not dose.hold.breaths else None)
    if span is None or not isinstance(written, list):
        return
    places = [number for number, cue in enumerate(written) if isinstance(cue, dict)]
    taken: list[tuple[float, str]] = []
    for place, cue in zip(places, one.exercise.timed_cues, strict=False):
        for moment in cue.at.within(span.low):
            if other := next((text for at, text in taken if abs(at - moment) < APART), None):
                problem = f'at {moment:g} s of {span.low:g} "{other}" is being said, so this is left out'
                yield warn(one.source, "L20", (*one.where, "cues", place), problem, None, f"{APART:g} s between them")
                break
            taken.append((moment, cue.say))


def _sides(one: Placed, language: Language) -> Iterator[Finding]:
    exercise, own = one.exercise, one.own
    if not exercise.limbs:
        for said in said_in(own, one.where, OF_EXERCISE):
            if match := words.sides(said.text, language):
                problem = f'"{match.words}" speaks of sides, and the coach knows of none here: it will not call them'
                yield warn(one.source, "L05", said.path, problem, said.text, 'limbs = ["right leg", "left leg"]')
                return
    if len(exercise.limbs) == 1 and "limbs" in own:
        yield warn(one.source, "L05", (*one.where, "limbs"), "one side is called, and no other", None, "both sides")
    rest = exercise.dose.rest_between_sides
    if rest and rest.low < LEAST_SWITCH and "rest_between_sides" in own:
        problem = f"less than {LEAST_SWITCH:g} seconds to change sides"
        yield warn(one.source, "L05", (*one.where, "rest_between_sides"), problem, own["rest_between_sides"])


def about_session(reading: Reading, seconds: float) -> Iterator[Finding]:
    """Look at a routine as it is played, in ``seconds``."""
    source, title = reading.source, ("title",)
    if seconds > 60 * LONGEST_SESSION:
        minutes = f"about {seconds / 60:.0f} minutes, and {LONGEST_SESSION:.0f} are long"
        yield warn(source, "L10", title, minutes, None, "two routines, or fewer sets")
    for number, table in enumerate(reading.source.table.get("block", [])):
        repeat = table.get("repeat")
        if isinstance(repeat, int) and repeat > MOST_ROUNDS:
            yield warn(source, "L11", ("block", number, "repeat"), f"{repeat} rounds are many", repeat)
    positions = _positions(reading.routine)
    journeys = sum((before in ON_THE_FLOOR) != (after in ON_THE_FLOOR) for before, after in pairwise(positions))
    if journeys > MOST_JOURNEYS:
        problem = f"down to the floor and up from it {journeys} times"
        yield warn(source, "L03", title, problem, None, "exercises on the floor put together")
        return
    needed = len(set(positions)) - 1
    changes = sum(before is not after for before, after in pairwise(positions))
    if changes > needed + SPARE_CHANGES:
        problem = f"the position changes {changes} times, and {needed} would do"
        yield warn(source, "L04", title, problem, None, "exercises of one position put together")


def about_review(source: Source, routine: Routine, today: date) -> Iterator[Finding]:
    """Look at how long a prescriber's rules for pain still hold, on the day ``today``."""
    if routine.pain_policy is PainPolicy.STRICT or routine.review_on is None:
        return
    left = (date.fromisoformat(routine.review_on) - today).days
    if left > SOON:
        return
    last = f"the rules for pain of {routine.prescriber} hold until {routine.review_on}"
    problem = (
        f"{last}: {left} day{'s' * (left != 1)} from now"
        if left >= 0
        else f"{last}, which is past: now the strict ones do"
    )
    yield warn(source, "L17", ("review_on",), problem, routine.review_on, "ask who prescribed it for a new day")


def _positions(routine: Routine) -> list[Position]:
    """Return the positions in the order of a session; on the back with bent knees is on the back."""
    return [
        Position.SUPINE if exercise.position in ON_THE_BACK else exercise.position
        for block in routine.blocks
        for _ in range(block.repeat)
        for exercise in block.exercises
    ]
