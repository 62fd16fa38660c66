"""What every file that a routine is given away as has in common: its words.

Rule: values and words only.
"""

from __future__ import annotations

from voicecoach.core.routine import Block, Exercise, PainPolicy, Routine
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


def is_group(block: Block) -> bool:
    """Tell whether a block has a heading; any other is one exercise, done once."""
    first = block.exercises[:1]
    return len(block.exercises) > 1 or block.model_copy(update={"exercises": first}) != Block(exercises=first)
