"""How much of an exercise: the dose, for all sets alike or for each of its own.

Rule: the values that a dose is made of are ``amounts``, how people write them is ``writing``'s, how it may grow is
``growth``'s. Here stands what fits together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, StrictBool, model_validator

from voicecoach.core.amounts import (
    LONGEST,
    LONGEST_HOLD,
    MOST_BREATHS,
    MOST_REPS,
    MOST_SETS,
    Hold,
    Noun,
    Range,
    Tempo,
)
from voicecoach.core.growth import MOST_PAIN, MOST_SESSIONS, Measure, Progress, ProgressRule
from voicecoach.core.writing import read_count, read_hold, read_seconds, read_tempo

__all__ = [
    "DOSE_KEYS",
    "LONGEST",
    "LONGEST_HOLD",
    "MEASURES",
    "MOST_BREATHS",
    "MOST_PAIN",
    "MOST_REPS",
    "MOST_SESSIONS",
    "MOST_SETS",
    "PER_SET",
    "Dose",
    "Hold",
    "Measure",
    "Noun",
    "Progress",
    "ProgressRule",
    "Range",
    "Reps",
    "Seconds",
    "Sets",
    "Tempo",
]

Sets: TypeAlias = Annotated[Range, BeforeValidator(read_count(MOST_SETS, "sets"))]
Reps: TypeAlias = Annotated[Range, BeforeValidator(read_count(MOST_REPS, "reps"))]
Breaths: TypeAlias = Annotated[Range, BeforeValidator(read_count(MOST_BREATHS, "breaths"))]
Seconds: TypeAlias = Annotated[Range, BeforeValidator(read_seconds)]

MEASURES = frozenset({"reps", "time", "hold", "breaths", "amrap", "open"})
"""The keys that say what is measured: a routine that names another measure replaces the library's."""
PER_SET = ("reps", "hold", "time", "breaths", "amrap", "rest")
"""The keys that may be a list, with a value for each set."""
_ALONE = ("time", "breaths", "amrap", "open")


class Dose(Noun):
    """How much: repetitions, a time, a hold alone, breaths, or as much as the person wants."""

    sets: Sets = Range(1, 1)
    reps: Reps | None = None
    """Repetitions for each side or limb."""
    time: Seconds | None = None
    """Work by the clock."""
    hold: Annotated[Hold, BeforeValidator(read_hold)] | None = None
    """Held once; with ``reps``, held in every repetition."""
    breaths: Breaths | None = None
    """Movement with the breath, for as many breaths as the coach breathes with the person."""
    amrap: Seconds | None = None
    """As many repetitions as the person likes in that time; nobody counts them."""
    open: StrictBool = False
    """Until the person says "done"."""
    tempo: Annotated[Tempo, BeforeValidator(read_tempo)] | None = None
    rest: Seconds | None = None
    """Between sets."""
    rest_between_reps: Seconds | None = None
    rest_between_sides: Seconds | None = None
    rest_after: Seconds | None = None
    assumed: StrictBool | tuple[str, ...] = False
    """True, or the keys of this dose, where the source gives none and the routine's author chose it."""
    by_set: tuple[Dose, ...] = ()
    """Each set's own dose where a list was written; the dose itself is then the first set's. Empty: all are alike."""

    @property
    def uneven(self) -> tuple[str, ...]:
        """The keys of which the sets have values of their own."""
        return tuple(key for key in PER_SET if any(getattr(one, key) != getattr(self, key) for one in self.by_set))

    def of_set(self, number: int) -> Dose:
        """Return the dose of one set, counted from 0."""
        return self.by_set[number] if self.by_set else self

    def each_set(self, change: Callable[[Dose], Dose]) -> Dose:
        """Return the dose with ``change`` made to every set of it."""
        return change(self).model_copy(update={"by_set": tuple(map(change, self.by_set))})

    @model_validator(mode="before")
    @classmethod
    def _take_lists_apart(cls, written: Any) -> Any:
        """Give every set a dose of its own where a key has a list."""
        if not isinstance(written, dict):
            return written
        lists = {key: value for key in PER_SET if isinstance(value := written.get(key), list | tuple)}
        return _set_by_set(written, lists) if lists else written

    @model_validator(mode="after")
    def _one_measure(self) -> Dose:
        measures = [key for key in MEASURES if getattr(self, key)]
        if self.open and len(measures) > 1:
            raise ValueError("open = true stands alone: leave out reps, time and hold")
        if self.time and (self.reps or self.hold):
            raise ValueError("time stands alone: give either time, or reps and hold")
        for key in _ALONE:
            if key in measures and len(measures) > 1:
                other = min(set(measures) - {key})
                also = '; to hold for breaths, write hold = "3 breaths"' if key == "breaths" and self.hold else ""
                raise ValueError(f"{key} stands alone: leave out {other}{also}")
        if not measures:
            raise ValueError('a dose needs one of reps = 5, time = "30 s", hold = "10 s" or open = true')
        for key in ("time", "amrap"):
            if (span := getattr(self, key)) and span.low < 1:
                raise ValueError(f"{key} must be at least one second")
        if isinstance(self.assumed, tuple) and (unknown := set(self.assumed) - DOSE_KEYS):
            raise ValueError(f"assumed names keys of the dose; {min(unknown)!r} is none")
        if self.by_set and len({one.hold and one.hold.breaths for one in self.by_set}) > 1:
            raise ValueError("hold has seconds in one set and breaths in another: give all in one of them")
        return self


DOSE_KEYS = frozenset(Dose.model_fields) - {"by_set"}
"""What an author may write."""


def _set_by_set(written: dict[str, Any], lists: dict[str, Any]) -> dict[str, Any]:
    """Return a dose with ``by_set``. Raises ``ValueError`` where the lists do not agree on how many sets there are."""
    if within := [key for key, values in lists.items() if any(isinstance(value, list | tuple) for value in values)]:
        raise ValueError(f"{within[0]} has a list in a list: there is one value for each set")
    count = _count_sets(written.get("sets"), {key: len(value) for key, value in lists.items() if key != "rest"})
    rests = list(lists.get("rest", ()))
    if "rest" in lists and len(rests) not in {count - 1, count}:
        raise ValueError(f"rest has {len(rests)} values for {count} sets: between them there are {count - 1}")
    behind_all = bool(rests) and len(rests) == count
    if behind_all and written.get("rest_after") is not None:
        raise ValueError("rest has a value for the last set too, and so has rest_after: give one of them")
    of_each = {key: value for key, value in written.items() if key not in {"sets", "assumed", "rest_after", "by_set"}}
    by_set = []
    for number in range(count):
        own = {key: value[number] for key, value in lists.items() if number < len(value)}
        if "rest" in lists and number == count - 1:
            own["rest"] = None
        by_set.append(of_each | own)
    whole = {**written, **by_set[0], "sets": count, "by_set": by_set}
    return whole | {"rest_after": rests[-1]} if behind_all else whole


def _count_sets(sets: Any, lengths: dict[str, int]) -> int:
    """Return how many sets there are by the lists of measures, or by ``sets`` where only rests are a list."""
    written = None if sets is None else read_count(MOST_SETS, "sets")(sets)
    if not lengths:
        if written is None or written.low != written.high:
            raise ValueError("rest is a list, but nothing says how many sets there are; allowed: sets = 3 beside it")
        return int(written.low)
    by, count = next(iter(lengths.items()))
    if not 1 <= count <= MOST_SETS:
        raise ValueError(f"{by} is a list with a value for each set, and there may be from 1 to {MOST_SETS} sets")
    for key, number in lengths.items():
        if number != count:
            raise ValueError(f"{key} has {number} values and {by} has {count}: each has one for every set")
    if written is not None and written != Range(count, count):
        raise ValueError(f"sets is {written}, but {by} has {count} values, one for each set: leave out sets")
    return count
