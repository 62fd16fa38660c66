"""A routine as one person plays it today: what hurt is left out, and doses stand where earlier sessions moved them.

Rule: pure. What was changed comes back beside the routine, because the person is told (docs/safety.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voicecoach.core.dose import Dose
from voicecoach.core.events import Line
from voicecoach.core.person import Lock, Person
from voicecoach.core.progress import dose_at
from voicecoach.core.routine import Exercise, Routine


@dataclass(frozen=True, slots=True)
class Moved:
    """An exercise whose dose is not the one that the routine starts with."""

    slug: str
    name: str
    """As the coach says it."""
    old: Dose
    new: Dose


@dataclass(frozen=True, slots=True)
class Tailored:
    """What there is to play, and how it differs from the routine as written."""

    routine: Routine
    """With every exercise, also those that are left out: reports say why they were."""
    left_out: frozenset[int] = frozenset()
    """The exercises that are not played, by their index among all, for ``Style.left_out``."""
    moved: tuple[Moved, ...] = ()
    """In the order of the routine, each change once; what is left out is not among them."""
    locked: tuple[Lock, ...] = ()
    """The locks that left something out, in the order of the routine."""

    @property
    def playable(self) -> bool:
        """Whether anything is left to play."""
        return len(self.left_out) < len(self.routine.exercises)


def news(
    tailored: Tailored, names: Mapping[str, str], moved: Mapping[str, int], *, strict_again: bool = False
) -> tuple[tuple[str | None, Line], ...]:
    """Return what the person is told of it, for ``Style.news``.

    ``names`` are by slug; ``moved`` says by how many levels a dose has moved since the last session; ``strict_again``
    that the rules for pain are the strict ones again, because their review is over.
    """
    rules = ((None, Line.of("rules_strict")),) if strict_again else ()
    locked = tuple((None, Line.of("left_out", name=names[lock.exercise])) for lock in tailored.locked)
    doses = tuple((slug, Line.of("dose_up" if by > 0 else "dose_down")) for slug, by in moved.items() if by)
    return (*rules, *locked, *doses)


def tailor(routine: Routine, person: Person, levels: Mapping[str, int]) -> Tailored:
    """Leave out what is locked and move doses to their levels; ``levels`` are by slug, and 0 where there is none.

    Variants are treated likewise, and no link leads to one that is locked: "easier" must not bring back what hurt.
    Changes of variants are not told: the person may never meet them.
    """
    locks = {lock.exercise: lock for lock in reversed(person.locks)}

    def fitted(exercise: Exercise) -> Exercise:
        cut = {way: None for way in ("easier", "harder") if getattr(exercise, way) in locks}
        exercise = exercise.model_copy(update=cut) if cut else exercise
        return dose_at(exercise, levels.get(exercise.slug, 0))

    moved: dict[Moved, None] = {}
    left_out = {n: locks[e.slug] for n, e in enumerate(routine.exercises) if e.slug in locks}
    blocks = tuple(
        block.model_copy(update={"exercises": tuple(map(fitted, block.exercises))}) for block in routine.blocks
    )
    variants = tuple(fitted(variant) for variant in routine.variants if variant.slug not in locks)
    made = routine.model_copy(update={"blocks": blocks, "variants": variants})
    for old, new in zip(routine.exercises, made.exercises, strict=True):
        if new.dose != old.dose and new.slug not in locks:
            moved[Moved(old.slug, old.spoken_name, old.dose, new.dose)] = None
    locked = tuple(dict.fromkeys(left_out.values()))
    return Tailored(made, frozenset(left_out), tuple(moved), locked)
