"""A routine on its way in: what another program's file said, in our keys, before anybody has looked at it.

Rule: nothing is silently made up and nothing is silently dropped. What we had to assume is in ``assumed`` with its
reason, what could not be kept is in ``lost``; both end up in the file and on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from voicecoach.complaints import Complaint
from voicecoach.core.dose import MEASURES
from voicecoach.core.routine import Exercise, Position
from voicecoach.exchange.spoken import Spoken

Value: TypeAlias = str | int | bool | list[str] | list[str | int] | list[str | dict[str, str]]
"""A value as it stands in a routine file."""

MOST_EXERCISES = 300
"""More than anybody does in a day; whoever has more has a catalogue, and is asked to choose."""


class ExchangeError(Complaint, ValueError):
    """Why a file of another program cannot be taken over, or a routine not be given away."""


@dataclass(slots=True)
class DraftExercise:
    """One exercise; ``fields`` are the keys and values of our file."""

    name: str
    fields: dict[str, Value] = field(default_factory=dict)
    assumed: dict[str, str] = field(default_factory=dict)
    """Keys that were not in the other file, with the reason for the value that they have here."""
    notes: list[str] = field(default_factory=list)
    """What the other file said and no key of ours holds: written above it as comments."""
    unread: list[str] = field(default_factory=list)
    """What looks like a dose, or a key, and was not understood: comments too, at which a person must look."""


@dataclass(slots=True)
class DraftBlock:
    """Exercises in a row; a group only where it has a title or rounds."""

    exercises: list[DraftExercise] = field(default_factory=list)
    fields: dict[str, Value] = field(default_factory=dict)
    """All keys of a block but its exercises."""
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A whole routine."""

    title: str
    origin: str
    """Which kind of file it comes from, in words."""
    fields: dict[str, Value] = field(default_factory=dict)
    blocks: list[DraftBlock] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """What was not taken over, a sentence each."""
    notes: list[str] = field(default_factory=list)

    @property
    def exercises(self) -> Iterator[DraftExercise]:
        """Every exercise, in order."""
        return (exercise for block in self.blocks for exercise in block.exercises)

    def lose(self, what: str) -> None:
        """Say that something was not taken over; the same thing once."""
        if what not in self.lost:
            self.lost.append(what)


def complete(draft: Draft, known: Callable[[str], Known | None], spoken: Spoken) -> Draft:
    """Fill in what our exercises need and the other file did not say: cautiously, and marked as assumed.

    ``known`` returns the library's exercise of a name, or None; ``spoken`` are the words of the routine's language.
    """
    for exercise in draft.exercises:
        given, (ours, same_language) = exercise.fields, known(exercise.name) or (None, False)
        if "position" not in given:
            given["position"], exercise.assumed["position"] = (
                (ours.position.value, "as in the library's exercise of this name") if ours else _position(exercise)
            )
        if "exit" not in given or (spoken.foreign and "exit" in exercise.assumed):
            same = ours is not None and same_language and ours.position.value == given["position"]
            given["exit"] = ours.exit if ours and same else spoken.exit
            why = "as in the library's exercise of this name" if same else "the file tells none"
            exercise.assumed["exit"] = "; ".join(filter(None, (why, "" if same else spoken.borrowed())))
        if spoken.foreign and spoken.is_side(given.get("limbs")):
            if sides := spoken.sides(given["limbs"]):
                given["limbs"] = [*sides]
            else:
                exercise.assumed["limbs"] = spoken.borrowed("right_side")
        if not MEASURES & given.keys():
            still = any(word in exercise.name.lower() for word in ("stretch", "hold", "plank"))
            key = "hold" if still else "reps"
            given[key] = "10 s" if still else 5
            exercise.assumed[key] = "its dose is not understood" if exercise.unread else "the file tells no dose"
    return draft


class Known(NamedTuple):
    """An exercise of the library that has the name of one that is taken over."""

    exercise: Exercise
    same_language: bool
    """Whether its texts are in the language of the routine."""


_SIGNS: tuple[tuple[Position, tuple[str, ...]], ...] = (
    (Position.QUADRUPED, ("hands and knees", "all fours", "quadruped")),
    (Position.SIDE_LYING, ("on your side", "on one side", "side-lying", "side lying", "side plank")),
    (
        Position.PRONE,
        ("prone", "face down", "facedown", "on your stomach", "on your belly", "push-up", "pushup", "plank"),
    ),
    (Position.SUPINE, ("on your back", "supine", "face up", "faceup", "lie flat", "lie down", "lying")),
    (Position.KNEELING, ("kneel",)),
    (Position.SEATED, ("sit on", "sit down", "sit with", "sit in", "seated", "sitting")),
    (Position.STANDING, ("stand",)),
)
"""What a text says of each position; the first that is found counts, because "lying face down" is prone."""

_BENT = ("knees bent", "bend your knees", "feet on the floor", "feet flat", "hook-lying", "hook lying")


def _position(exercise: DraftExercise) -> tuple[str, str]:
    """Return a position and the reason for it: what the text says of how to begin, or else standing."""
    lines = [exercise.name]
    for key in ("setup", "steps"):
        value = exercise.fields.get(key, [])
        lines += map(str, value[:2]) if isinstance(value, list) else []
    for line in lines:
        for position, signs in _SIGNS:
            for sign in signs:
                if sign not in line.lower():
                    continue
                bent = position is Position.SUPINE and any(word in " ".join(lines).lower() for word in _BENT)
                return (Position.HOOK_LYING if bent else position).value, f'because the text says "{sign}"'
    return Position.STANDING.value, "the file tells no position"


def name_all(exercises: Iterable[DraftExercise]) -> None:
    """Give a name to what has none."""
    for number, exercise in enumerate(exercises, 1):
        if not re.search(r"\w", exercise.name):
            exercise.name = f"Exercise {number}"
            exercise.assumed["name"] = "the file has no name for it"
