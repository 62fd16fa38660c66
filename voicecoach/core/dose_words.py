"""A dose in words: as lines of the coach's, and on one line for the eye; and how long something lasts.

Rule: every figure that the coach starts with is told; of a range that is the low end.
"""

from __future__ import annotations

from voicecoach.core.dose import PER_SET, Dose, Range
from voicecoach.core.events import Line
from voicecoach.core.routine import Exercise

_LISTED_AT_ONCE = 5
"""Sets whose figures are told one after the other before the first; of more nobody keeps them in mind."""


def dose_lines(exercise: Exercise) -> tuple[Line, ...]:
    """Return the dose as the coach says it before the first set."""
    dose = exercise.dose
    sets = () if dose.sets.low == 1 else (Line.of("dose_sets", sets=int(dose.sets.low)),)
    return (*sets, *(line for key in PER_SET for line in _measure(exercise, dose, key)))


def set_lines(exercise: Exercise, number: int) -> tuple[Line, ...]:
    """Return what is said of set ``number`` (from 0) where it has figures of its own."""
    dose = exercise.dose
    own = dose.of_set(number)
    return tuple(line for key in dose.uneven if key != "rest" for line in _one(exercise, own, key))


def _measure(exercise: Exercise, dose: Dose, key: str) -> tuple[Line, ...]:
    """Return what is said of one key: the first set's figure, and then the others'."""
    lines = _one(exercise, dose, key)
    if lines and key in dose.uneven and len(dose.by_set) <= _LISTED_AT_ONCE:
        lines += tuple(Line.of("dose_then", number=_figure(one, key)) for one in dose.by_set[1:])
    return lines


def _one(exercise: Exercise, dose: Dose, key: str) -> tuple[Line, ...]:
    if getattr(dose, key) is None:
        return ()
    number = _figure(dose, key)
    match key:
        case "reps":
            return (Line.of("dose_reps_each" if exercise.limbs else "dose_reps", reps=number),)
        case "hold":
            breaths = dose.hold is not None and dose.hold.breaths
            return (Line.of("dose_breaths" if breaths else "dose_hold", number=number),)
        case "time":
            each = bool(exercise.limbs) and exercise.one_side_at_a_time
            return (Line.of("dose_time_each" if each else "dose_time", time=number),)
        case "breaths":
            each = bool(exercise.limbs)
            return (Line.of("dose_with_breath_each" if each else "dose_with_breath", breaths=number),)
        case "amrap":
            return (Line.of("dose_amrap", time=number),)
    return ()


def _figure(dose: Dose, key: str) -> int:
    span = _span(dose, key)
    return 0 if span is None else round(span.low)


def _span(dose: Dose, key: str) -> Range | None:
    if key == "hold":
        return dose.hold.range if dose.hold else None
    found: Range | None = getattr(dose, key)
    return found


def dose_in_words(dose: Dose, exercise: Exercise) -> str:
    """Return a dose on one line: ``2 x 5 each (right arm, left arm), hold 5 s, rest 30 s``.

    Where the sets have values of their own they stand in order: ``3 x 6/4/2, hold 10 s, rest 30 s``.
    """
    each = f" each ({', '.join(exercise.limbs)})" if exercise.limbs else ""
    if dose.open:
        measure = "until you say done"
    elif dose.reps:
        measure = f"{_spans(dose, 'reps')}{each}"
    elif dose.time:
        measure = f"{_spans(dose, 'time')} s{each if exercise.one_side_at_a_time else ''}"
    elif dose.breaths:
        measure = f"{_spans(dose, 'breaths')} breaths{each}"
    elif dose.amrap:
        measure = f"as many as you like in {_spans(dose, 'amrap')} s{each if exercise.one_side_at_a_time else ''}"
    else:
        measure = "1"
    parts = [f"{dose.sets} x {measure}"]
    if dose.hold:
        parts.append(f"hold {_spans(dose, 'hold')} {'breaths' if dose.hold.breaths else 's'}")
    if rests := _spans(dose, "rest"):
        parts.append(f"rest {rests} s")
    return ", ".join(parts)


def _spans(dose: Dose, key: str) -> str:
    """Return the range of one key, or that of every set where they differ, as people write it; nothing if none."""
    doses = dose.by_set if key in dose.uneven else (dose,)
    return "/".join(str(span) for one in doses if (span := _span(one, key)) is not None)


def prescribed_words(dose: Dose, exercise: Exercise, rounds: int) -> str:
    """Return a dose as a report has it: ``2 x 3-5, hold 10 s each side``, with the typographer's signs."""
    limbs = len(exercise.limbs)
    each = "" if limbs < 2 else " each side" if limbs == 2 else f" each of {limbs}"
    hold = f"hold {_signs(dose, 'hold')} {_unit(dose.hold.range, dose.hold.breaths)}" if dose.hold else ""
    if dose.open:
        measure = f"until “done”{each}"
    elif dose.time or dose.amrap:
        clock = f"{_signs(dose, 'time')} s" if dose.time else f"as many as wanted in {_signs(dose, 'amrap')} s"
        measure = clock + (each if exercise.one_side_at_a_time else "")
    elif dose.breaths:
        measure = f"{_signs(dose, 'breaths')} {_unit(dose.breaths, breaths=True)}{each}"
    elif dose.reps:
        measure = _signs(dose, "reps") + (f", {hold}" if hold else "") + each
    else:
        measure = hold + each
    text = f"{_signs(dose, 'sets')} \u00d7 {measure}"
    return text if rounds == 1 else f"{rounds} rounds of {text}"


def _signs(dose: Dose, key: str) -> str:
    return _spans(dose, key).replace("-", "\u2013")


def _unit(found: Range, breaths: bool) -> str:
    return "s" if not breaths else "breath" if found.high == 1 else "breaths"


def minutes_in_words(seconds: float) -> str:
    """Return a length as a person says it: ``8 min``, below a minute and a half ``45 s``."""
    return f"{round(seconds / 60)} min" if seconds >= 90 else f"{round(seconds)} s"
