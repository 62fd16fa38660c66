"""A dose in words: as lines of the coach's, and on one line for the eye; and how long something lasts.

Rule: every figure that the coach starts with is told; of a range that is the low end.
"""

from __future__ import annotations

from voicecoach.core.dose import PER_SET, Dose, Range
from voicecoach.core.dose_parts import Part, dose_parts
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
    parts = {part.key: part for part in dose_parts(dose, exercise)}
    measure = next((_on_the_screen(parts[key]) for key in _MEASURES if key in parts), "1")
    if any(parts[key].each for key in ("reps", "time", "breaths", "amrap") if key in parts):
        measure += f" each ({', '.join(exercise.limbs)})"
    found = [f"{dose.sets} x {measure}"]
    if hold := parts.get("hold"):
        found.append(f"hold {hold.spans()} {'breaths' if hold.breaths else 's'}")
    if rest := parts.get("rest"):
        found.append(f"rest {rest.spans()} s")
    return ", ".join(found)


_MEASURES = ("open", "reps", "time", "breaths", "amrap")


def _on_the_screen(part: Part) -> str:
    match part.key:
        case "open":
            return "until you say done"
        case "reps":
            return part.spans()
        case "breaths":
            return f"{part.spans()} breaths"
        case "amrap":
            return f"as many as you like in {part.spans()} s"
    return f"{part.spans()} s"


def prescribed_words(dose: Dose, exercise: Exercise, rounds: int) -> str:
    """Return a dose as a report has it: ``2 x 3-5, hold 10 s each side``, with the typographer's signs."""
    parts = {part.key: part for part in dose_parts(dose, exercise)}
    measure = next((_on_paper(parts[key]) for key in _MEASURES if key in parts), "")
    hold = f"hold {_on_paper(parts['hold'])}" if "hold" in parts else ""
    limbs = len(exercise.limbs)
    told = limbs > 1 and any(part.each for part in parts.values())
    each = "" if not told else " each side" if limbs == 2 else f" each of {limbs}"
    text = f"{parts['sets'].spans(_DASH)} \u00d7 {', '.join(filter(None, (measure, hold)))}{each}"
    return text if rounds == 1 else f"{rounds} rounds of {text}"


_DASH = "\u2013"


def _on_paper(part: Part) -> str:
    spans = part.spans(_DASH)
    if part.key == "open":
        return "until \u201cdone\u201d"
    if part.key == "breaths" or part.breaths:
        return f"{spans} {'breath' if part.figures[0].high == 1 else 'breaths'}"
    if part.key == "amrap":
        return f"as many as wanted in {spans} s"
    return spans if part.key == "reps" else f"{spans} s"


def minutes_in_words(seconds: float) -> str:
    """Return a length as a person says it: ``8 min``, below a minute and a half ``45 s``."""
    return f"{round(seconds / 60)} min" if seconds >= 90 else f"{round(seconds)} s"
