"""free-exercise-db: a catalogue of exercises with their instructions, without doses.

Rule: written after that project's ``schema.json``: id, name, force, level, mechanic, equipment, primaryMuscles,
secondaryMuscles, instructions, category, images. What an exercise is for, and its pictures, have no key of ours.
"""

from __future__ import annotations

from voicecoach.exchange.record import Record
from voicecoach.exchange.taken import Draft, DraftBlock, DraftExercise

_WEIGHTS = frozenset({"medicine ball", "dumbbell", "kettlebells", "cable", "machine", "barbell", "e-z curl bar"})
_EXIT_WITH_WEIGHT = "Put the weight down slowly, then come out of it."
_STILL = frozenset({"stretching"})


def is_exercise(table: object) -> bool:
    """Tell whether an object looks like one of its records."""
    return isinstance(table, dict) and {"name", "instructions", "primaryMuscles"} <= table.keys()


def read_exercises(records: list[Record]) -> Draft:
    """Return records as a draft, in their order. Raises ``ExchangeError``."""
    title = records[0].name("name") if len(records) == 1 else "Exercises from free-exercise-db"
    draft = Draft(title, "free-exercise-db")
    draft.blocks.append(DraftBlock([_read(record) for record in records]))
    draft.lose("force, mechanic, level, muscles, category and pictures, but for what stands in the comments")
    return draft


def _read(record: Record) -> DraftExercise:
    exercise = DraftExercise(record.name("name"))
    exercise.fields["steps"] = record.lines("instructions")
    exercise.fields["source"] = f"free-exercise-db: {record.name('id', record.name('name'))}"
    equipment = record.name("equipment", "")
    if equipment not in {"", "body only"}:
        exercise.fields["equipment"] = [equipment]
    if equipment in _WEIGHTS:
        exercise.fields["exit"] = _EXIT_WITH_WEIGHT
        exercise.assumed["exit"] = "the record tells none"
    held = record.name("force", "") == "static" or record.name("category", "") in _STILL
    key = "hold" if held else "reps"
    exercise.fields[key] = "10 s" if held else 5
    exercise.assumed[key] = "the record tells no dose"
    about = {key: record.name(key, "") for key in ("level", "category")}
    muscles = ", ".join([*record.names("primaryMuscles"), *record.names("secondaryMuscles")])
    told = [f"{key}: {text}" for key, text in {**about, "muscles": muscles}.items() if text]
    exercise.notes.append("; ".join(told))
    if any(len(line.split()) > 16 for line in record.lines("instructions")):
        exercise.notes.append("Some lines have more than sixteen words; split them for the ear.")
    return exercise
