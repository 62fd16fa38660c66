"""How long a block asks somebody to be at it, and how much of a program it makes: what bounds time and memory.

Rule: reckoned from what is written, at the high ends of its ranges, before anything is compiled: a file of two
kilobytes can ask for more than a computer has.
"""

from __future__ import annotations

from voicecoach.core.block import Block, Manner
from voicecoach.core.cueing import When
from voicecoach.core.dose import Dose, Range
from voicecoach.core.exercise import Exercise, Order, TimedCue

LONGEST_DAY = 24 * 3600.0
"""Seconds that a routine may ask for, with its rests."""
MOST_SETS_IN_ALL = 2000
"""More than a day of exercise; the limit keeps a slip of the pen from filling the memory."""
MOST_OF_A_PROGRAM = 100_000
"""Steps, calls, cues and sentences. The longest routine that ships has not a hundredth of it."""
_USUAL_REP = 4.0
_USUAL_BREATH = 7.0
"""Seconds at the coach's usual pace."""
_AROUND_AN_EFFORT = 10
"""Calls besides those of repetitions: begin, half way, a reminder, five numbers to the end, and the end."""
_AROUND_A_SET = 8
"""Steps and sentences between two sets: a rest, which set it is, getting ready, and what is counted there."""


def seconds_asked(block: Block) -> float:
    """Return how long a block asks somebody to be at it, with every rest that is written; a repetition is 1 s at least.

    What is open-ended counts as a second.
    """
    if block.style is Manner.AMRAP:
        return _high(block.lasts)
    beat = _high(block.every) if block.style is Manner.EMOM else 0.0
    each = sum(max(beat, seconds_of(exercise)) for exercise in block.exercises)
    return block.repeat * (each + _high(block.rest) + len(block.exercises) * _high(block.rest_between))


def seconds_of(exercise: Exercise) -> float:
    """Return how long all sets of an exercise take, with the rests between and behind them."""
    dose = exercise.dose
    sets = dose.by_set or (dose,) * int(dose.sets.high)
    return sum(_seconds_of_set(exercise, one) + _high(one.rest) for one in sets) + _high(dose.rest_after)


def size_of(block: Block) -> int:
    """Return how many steps, calls, cues and sentences a block makes at most, where everything is told every time."""
    stations = sum(_size_of_visit(exercise) for exercise in block.exercises)
    if block.style is Manner.AMRAP:
        return stations + int(_high(block.lasts) // 60) + 20
    return block.repeat * stations + 2


def _seconds_of_set(exercise: Exercise, dose: Dose) -> float:
    limbs = max(1, len(exercise.limbs))
    turns = limbs * (dose.reps.high if dose.reps else 1)
    between = (turns - 1) * _high(dose.rest_between_reps) + (limbs - 1) * _high(dose.rest_between_sides)
    if clock := dose.time or dose.amrap:
        return between + clock.high * (limbs if exercise.order is Order.COMPLETE else 1)
    if dose.breaths:
        return between + limbs * dose.breaths.high
    held = dose.hold.range.high if dose.hold else 0.0
    rep = dose.tempo.seconds if dose.tempo and not dose.hold else 1.0
    return between + turns * max(held, rep)


def _size_of_visit(exercise: Exercise) -> int:
    dose = exercise.dose
    sets = dose.by_set or (dose,) * int(dose.sets.high)
    told = len(exercise.setup) + len(exercise.steps) + len(exercise.avoid) + _AROUND_A_SET
    # Alike sets are reckoned once: there may be two thousand.
    sizes = {one: _size_of_set(exercise, one) + _AROUND_A_SET for one in set(sets)}
    return told + sum(sizes[one] for one in sets)


def _size_of_set(exercise: Exercise, dose: Dose) -> int:
    limbs, cues = max(1, len(exercise.limbs)), exercise.timed_cues
    reps = int(dose.reps.high) if dose.reps else 1
    rep = dose.tempo.seconds if dose.tempo else _USUAL_REP
    if dose.hold:
        held = dose.hold.range.high * (_USUAL_BREATH if dose.hold.breaths else 1.0)
        breaths = 2 * int(dose.hold.range.high) if dose.hold.breaths else 0
        return limbs * reps * (3 + _AROUND_AN_EFFORT + breaths + _told(cues, held, 1))
    if dose.reps:
        seconds = limbs * reps * (rep + _high(dose.rest_between_reps))
        return limbs * reps + _AROUND_AN_EFFORT * limbs + _told(cues, seconds, reps)
    if dose.breaths:
        breaths = int(dose.breaths.high)
        return limbs * (2 * breaths + _AROUND_AN_EFFORT + _told(cues, breaths * _USUAL_BREATH, 0))
    if clock := dose.time or dose.amrap:
        marched = int(clock.high // rep) if exercise.limbs else 0
        return limbs * (_AROUND_AN_EFFORT + _told(cues, clock.high, 0)) + marched
    return limbs * _AROUND_AN_EFFORT


def _told(cues: tuple[TimedCue, ...], seconds: float, reps: int) -> int:
    """Return how often an author's cues come in an effort that lasts so long, or has so many repetitions."""
    often = {When.EVERY_SECONDS: seconds, When.EVERY_REPS: float(reps)}
    return sum(int(often[cue.at.when] // cue.at.number) if cue.at.when in often else 1 for cue in cues)


def _high(span: Range | None) -> float:
    return 0.0 if span is None else span.high
