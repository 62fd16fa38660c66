"""What every file that a routine is given away as has in common: its words.

Rule: values and words only.
"""

from __future__ import annotations

import dataclasses

from voicecoach.core.dose import Dose, Range
from voicecoach.core.dose_words import dose_in_words
from voicecoach.core.routine import Exercise, PainPolicy, Routine
from voicecoach.loading.source import slugify

NOT_ADVICE = "No medical advice: talk to a doctor or physiotherapist first. If anything hurts, come out of it at once."


LABELS = {
    "slug": "Kept as",
    "position": "Position",
    "equipment": "Have at hand",
    "setup": "Way in",
    "steps": "Movement",
    "breathing": "Breathing",
    "avoid": "Avoid",
    "exit": "Way out",
    "limbs": "Sides",
    "order": "Order",
    "short": "In short",
    "cues": "Reminders",
    "say_as": "Said as",
    "gentle": "Gentle",
    "easier": "Easier form",
    "harder": "Harder form",
    "progress": "Grows",
    "source": "Source",
}
"""Keys of an exercise beside its name and dose, in the order in which people read them."""

ROUTINE_LABELS = {
    "summary": "Summary",
    "author": "Author",
    "prescriber": "Prescribed by",
    "source": "Source",
    "frequency": "How often",
    "language": "Language",
    "equipment": "Have at hand",
    "verbosity": "Talk",
    "voice": "Voice",
    "opening": "Begins",
    "hold_after_pause": "A hold after a pause",
    "contraindications": "Take care",
    "welcome": "Welcome",
    "farewell": "Farewell",
}
"""Keys of a whole routine beside its title."""


BLOCK_LABELS = {
    "style": "Done as",
    "every": "Every",
    "lasts": "Lasts",
    "rest_between": "Rest between exercises",
    "shuffle": "Shuffled",
}
"""Keys of a block beside its title, its rounds and the rest between them, which stand in its heading."""
UNTITLED = "Rounds"
"""The heading of a block that has no title."""
BLOCK_TITLE = "Called"
"""Where a block's own title would be taken for the heading of one that has none."""

MOMENTS = "Said at a moment"
"""The label of cues that have one: ``half: Halfway.``"""


def value_of(noun: Exercise | Routine, key: str) -> str | tuple[str, ...]:
    """Return what a noun holds under a key, as text; nothing where that is the default."""
    value = getattr(noun, key)
    if key == "slug" and value == slugify(noun.name if isinstance(noun, Exercise) else ""):
        return ""  # the name says it
    if value in {None, ()} or value == type(noun).model_fields[key].default:
        return ""
    if value is True:
        return "yes"
    return tuple(map(str, value)) if isinstance(value, tuple) else str(value)


def prescribed_pain(routine: Routine) -> str:
    """Return the pain that a prescriber allows, in words; nothing where the strict rules hold."""
    if routine.pain_policy is PainPolicy.STRICT:
        return ""
    rules = routine.pain
    return (
        f"{routine.prescriber} allows pain up to {rules.tolerated} of 10 until {routine.review_on}; "
        f"above {rules.ends_above} the session is over."
    )


def newer(dose: Dose) -> bool:
    """Tell whether a dose has a form that lists have no words for: sets that differ, breaths, as many as one likes."""
    return bool(dose.by_set or dose.breaths or dose.amrap)


def beyond_a_list(routine: Routine) -> tuple[str, ...]:
    """Return what of a routine a list on paper does not tell, and importing it would not bring back."""
    found = {
        "how the blocks with a style are gone through, and rests between exercises": any(
            block.style or block.rest_between or block.shuffle for block in routine.blocks
        ),
        "sets that differ, movement with the breath and as-many-as-you-like, but in words": any(
            newer(exercise.dose) for exercise in routine.exercises
        ),
        "cues at a moment": any(exercise.timed_cues for exercise in routine.exercises),
        "how much is talked, and in which voice": bool(routine.verbosity or routine.voice),
    }
    return tuple(what for what, there in found.items() if there)


def dose_for_people(dose: Dose, exercise: Exercise) -> str:
    """Return a dose in words: ``2 sets, 3-5 times on each side, hold 5 s, 30 s rest between sets``."""
    if newer(dose):
        return dose_in_words(dose, exercise)
    parts = [] if dose.sets == Range(1, 1) else [f"{dose.sets} sets"]
    each = " on each side" if len(exercise.limbs) == 2 else " each" if exercise.limbs else ""
    if dose.open:
        parts.append("as long as you like")
    elif dose.time:
        parts.append(_seconds(dose.time))
    elif dose.reps:
        parts.append(f"{dose.reps} {'time' if dose.reps == Range(1, 1) else 'times'}{each}")
    elif each:
        parts.append(f"once{each}")
    if dose.hold:
        held = dose.hold.range
        one = held == Range(1, 1)
        parts.append(f"hold {held} {'breath' if one else 'breaths'}" if dose.hold.breaths else f"hold {_seconds(held)}")
    if dose.rest and dose.sets.high > 1:
        parts.append(f"{_seconds(dose.rest)} rest between sets")
    if dose.rest_after:
        parts.append(f"{_seconds(dose.rest_after)} rest afterwards")
    return ", ".join(parts)


def pace_words(dose: Dose) -> str:
    """Return the tempo of a repetition in words: ``2 s down, 2 s up``; nothing where there is none."""
    if dose.tempo is None:
        return ""
    phases = zip(("down", "pause", "up", "pause"), dataclasses.astuple(dose.tempo), strict=True)
    return ", ".join(f"{seconds:g} s {phase}" for phase, seconds in phases if seconds)


def assumed_words(dose: Dose) -> str:
    """Return which figures of a dose no source gives."""
    if dose.assumed is True:
        return "all of the dose"
    return ", ".join(key.replace("_", " ") for key in dose.assumed) if dose.assumed else ""


def _seconds(span: Range) -> str:
    if span.low == span.high and span.low >= 60 and span.low % 60 == 0:
        return f"{span.low / 60:g} min"
    return f"{span} s"
