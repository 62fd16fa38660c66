"""The small values that a dose is made of: ranges, holds, tempo; and the limits of all that is written.

Rule: values only. Every limit stands here, with its reason; how people write these is ``writing``'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

MOST_SETS = 20
MOST_REPS = 100
MOST_BREATHS = 30
LONGEST_HOLD = 600.0
"""Seconds."""
LONGEST = 3600.0
"""Seconds: an hour of one thing. Longer is a slip of the pen, and would lock a person into it."""


class Noun(BaseModel):
    """A frozen value of the author's; unknown keys are errors, because a misspelt key would silently change a dose."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Range:
    """From low to high, both included. A session starts at the low end."""

    low: float
    high: float
    least: float | None = None
    """The low end as it was written, where the range has been moved to start above it (``progress``)."""

    def __str__(self) -> str:
        low, high = f"{self.low:g}", f"{self.high:g}"
        return low if low == high else f"{low}-{high}"


@dataclass(frozen=True, slots=True)
class Hold:
    """How long a position is held: seconds, or breaths that the coach breathes with the person."""

    range: Range
    breaths: bool = False


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds of the four phases of a repetition, in the order in which the field writes them."""

    down: float
    pause: float
    up: float
    top: float

    @property
    def seconds(self) -> float:
        """One repetition."""
        return self.down + self.pause + self.up + self.top
