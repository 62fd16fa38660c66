"""What a dose says, one thing after the other: the one list that every writer of a dose goes through.

Rule: values only, in the order in which people tell them. How each is written is the writer's: ``dose_words`` for the
screen and the report, ``exchange/doses`` for shorthand, ``exchange/given`` for a page that a patient reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from voicecoach.core.dose import Dose, Range, Tempo
from voicecoach.core.routine import Exercise

_MEASURES = ("reps", "time", "breaths", "amrap")
_RESTS = ("rest", "rest_between_reps", "rest_between_sides", "rest_after")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a dose says."""

    key: str
    """As authors write it: "reps", "hold", "rest_after"."""
    figures: tuple[Range, ...] = ()
    """One, or one for each set where they differ; none of what lasts until "done", and of a tempo."""
    breaths: bool = False
    """Whether the figures of a hold are breaths."""
    each: bool = False
    """Whether it is meant for each side or limb."""
    tempo: Tempo | None = None

    def spans(self, dash: str = "-") -> str:
        """Return the figures as people write them: ``3-5``, of sets that differ ``6/4/2``."""
        return "/".join(figure(span, dash) for span in self.figures)

    @property
    def alone(self) -> Range | None:
        """The figure, where there is just one."""
        return self.figures[0] if len(self.figures) == 1 else None


def figure(span: Range, dash: str = "-") -> str:
    """Return a range in figures, to a thousandth: ``12.5``, ``3-5``."""
    low, high = (f"{number:.3f}".rstrip("0").rstrip(".") for number in (span.low, span.high))
    return low if low == high else f"{low}{dash}{high}"


def dose_parts(dose: Dose, exercise: Exercise | None = None) -> tuple[Part, ...]:
    """Return what a dose says: the sets first, then the measure, how long it is held, the tempo, the rests.

    ``exercise`` tells whether there are sides, and whether a time is meant for each of them.
    """
    each = exercise is not None and bool(exercise.limbs)
    parts = [Part("sets", (dose.sets,))]
    if dose.open:
        parts.append(Part("open", each=each))
    for key in _MEASURES:
        if found := _figures(dose, key):
            for_each = each and (key not in {"time", "amrap"} or (exercise is not None and exercise.one_side_at_a_time))
            parts.append(Part(key, found, each=for_each))
    if dose.hold:
        parts.append(Part("hold", _figures(dose, "hold"), dose.hold.breaths, each=each and dose.reps is None))
    if dose.tempo:
        parts.append(Part("tempo", tempo=dose.tempo))
    parts += [Part(key, found) for key in _RESTS if (found := _figures(dose, key))]
    return tuple(parts)


def _figures(dose: Dose, key: str) -> tuple[Range, ...]:
    """Return the range of one key, or that of every set where they differ; nothing if there is none."""
    doses = dose.by_set if key in dose.uneven else (dose,)
    return tuple(span for one in doses if (span := _span(one, key)) is not None)


def _span(dose: Dose, key: str) -> Range | None:
    if key == "hold":
        return dose.hold.range if dose.hold else None
    found: Range | None = getattr(dose, key)
    return found
