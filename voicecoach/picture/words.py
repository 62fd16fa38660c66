"""A dose on one line, and lengths of time, as a person reads them.

Rule: for the eye. What is said aloud is the language's.
"""

from __future__ import annotations

from voicecoach.core.dose import Dose
from voicecoach.core.routine import Exercise
from voicecoach.picture.course import Course


def dose_in_words(dose: Dose, exercise: Exercise) -> str:
    """Return a dose on one line: ``2 x 5 each (right arm, left arm), hold 5 s, rest 30 s``."""
    parts: list[str] = []
    if dose.open:
        parts.append(f"{dose.sets} x until you say done")
    elif dose.reps:
        limbs = f" each ({', '.join(exercise.limbs)})" if exercise.limbs else ""
        parts.append(f"{dose.sets} x {dose.reps}{limbs}")
    elif dose.time:
        parts.append(f"{dose.sets} x {dose.time} s")
    else:
        parts.append(f"{dose.sets} x 1")
    if dose.hold:
        parts.append(f"hold {dose.hold.range} {'breaths' if dose.hold.breaths else 's'}")
    if dose.rest:
        parts.append(f"rest {dose.rest} s")
    return ", ".join(parts)


def clock(seconds: float) -> str:
    """Return ``m:ss``."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def length(seconds: float) -> str:
    """Return ``45 s`` or ``2:30``, for a figure beside others."""
    return f"{round(seconds)} s" if seconds < 90 else f"{clock(seconds)} min"


def times(number: int, noun: str = "time") -> str:
    """Return ``once``, ``twice``, ``3 times``; of another noun ``1 change``, ``3 changes``."""
    if noun == "time" and 0 < number < 3:
        return ("once", "twice")[number - 1]
    return f"{number or 'no'} {noun}{'s' * (number != 1)}"


def ways(course: Course) -> tuple[str, str]:
    """Return the positions in their order, and how often one goes down, up, and changes between two exercises."""
    order: list[str] = []
    for change in course.changes:
        if change.after is not None:
            way = "down to " if change.down else "up to " if change.up else ""
            order.append(f"{way}{change.after.value}")
        else:
            order.append("up")
    figures = (
        f"down to the floor {times(course.downs) if course.downs else 'never'}, "
        f"up from it {times(course.ups) if course.ups else 'never'}, "
        f"{times(course.turns, 'change')} between exercises"
    )
    return " → ".join(order), figures
