"""What fits into a block: whether a form can stand in it, and how slow its beat lets the work be.

Rule: on a beat some rest is always left, whoever asks for slower, and however slow a person's own pace is.
"""

from __future__ import annotations

from dataclasses import replace

from voicecoach.core.dose import Range
from voicecoach.core.efforts import Efforts
from voicecoach.core.program import EPSILON, Pace, Place, Style
from voicecoach.core.routine import ON_THE_CLOCK, Block, Exercise, Manner, Order

LEAST_REST_OF_BEAT = 5.0
"""Seconds of an EMOM's beat that the work must leave: less is no rest, and no time to be told what comes."""
FASTEST_TO_FIT = 0.5
"""Times the person's own pace: no quicker is anything called to leave a beat its rest."""


def fitted(block: Block, old: Exercise, exercise: Exercise) -> Exercise:
    """Return an exercise as its block wants it, to stand where ``old`` stood: it rests where that one did.

    Where it is the same exercise, in another dose, it fits already.
    """
    if exercise.slug == old.slug:
        return exercise
    update: dict[str, object] = {"rest_after": old.dose.rest_after}
    if block.style is Manner.TABATA:
        dose = old.dose
        exercise = exercise.model_copy(update={"order": Order.ALTERNATE})
    else:
        update |= {"sets": Range(1, 1), "rest": None, "by_set": ()} if block.style else {}
        dose = exercise.dose.model_copy(update=update)
    return exercise.model_copy(update={"dose": dose})


def too_long(block: Block) -> tuple[Exercise, float] | None:
    """Return the exercise of an EMOM whose work leaves no rest, with its seconds at the coach's usual pace.

    The high end of its dose counts, because "harder" leads there. None where all fits.
    """
    if block.style is not Manner.EMOM or block.every is None:
        return None
    for exercise in block.exercises:
        seconds = work_seconds(_at_most(exercise), Pace(), Style())
        if seconds + LEAST_REST_OF_BEAT > block.every.low:
            return exercise, seconds
    return None


def fits(block: Block, exercise: Exercise, pace: Pace, style: Style) -> bool:
    """Tell whether an exercise, as it starts, can be coached in a block: it has an end, and leaves the beat a rest."""
    if exercise.dose.open and block.style in ON_THE_CLOCK | {Manner.AMRAP}:
        return False
    if block.style is not Manner.EMOM or block.every is None:
        return True
    return work_seconds(exercise, pace, style) + LEAST_REST_OF_BEAT <= block.every.low + EPSILON


def work_seconds(exercise: Exercise, pace: Pace, style: Style) -> float:
    """Return how long one set takes, with what lies between its sides; what is open-ended counts nothing."""
    return sum(step.seconds or 0.0 for step in Efforts(pace, style).of_set(exercise, Place(0, 0, 0, 0)))


def beat_tempo(block: Block, exercise: Exercise, pace: Pace, style: Style) -> float:
    """Return by what the length of a repetition or breath is multiplied in a block: on a beat some rest must be left.

    Otherwise, and where nothing of the exercise gets longer by it, what the person has chosen.
    """
    if block.style is not Manner.EMOM or block.every is None:
        return style.tempo
    usual, twice = (work_seconds(exercise, pace, replace(style, tempo=tempo)) for tempo in (1.0, 2.0))
    if twice - usual < EPSILON:
        return style.tempo
    slowest = 1.0 + (block.every.low - LEAST_REST_OF_BEAT - usual) / (twice - usual)
    return min(style.tempo, max(slowest, FASTEST_TO_FIT))


def _at_most(exercise: Exercise) -> Exercise:
    """Return an exercise with the largest dose that "harder" and its rules of progress may lead to."""
    dose = exercise.dose
    high = {key: found.high for key in ("reps", "time", "breaths", "amrap") if (found := getattr(dose, key))}
    high |= {"hold": dose.hold.range.high} if dose.hold else {}
    for rule in exercise.progress:
        if rule.measure.value in high and (span := rule.span(dose)) and (room := rule.room(dose)):
            high[rule.measure.value] = max(high[rule.measure.value], span.low + room.high)
    most: dict[str, object] = {key: Range(value, value) for key, value in high.items()}
    if dose.hold:
        most["hold"] = replace(dose.hold, range=Range(high["hold"], high["hold"]))
    return exercise.model_copy(update={"dose": dose.model_copy(update=most)})
