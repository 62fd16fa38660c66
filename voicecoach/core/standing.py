"""What crosses the border of the coach between sessions besides what crosses that of a session (``events``).

Rule: frozen values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Clocked:
    """The clock on the wall was looked at. Only the coach between sessions is told, so it is no ``Event``."""

    at: float
    day: int
    """Days of the calendar, counted from Monday, the 1st of January of the year 1, which is 1."""
    minute: int
    """Of the day, from 0 to 1439, as the clock on the wall shows it."""
    resting: frozenset[str] = frozenset()
    """The slugs that the timetable does not ask for on this day: programmes that have no session then."""
    ahead: float = 0.0
    """Seconds that the clock on the wall is ahead of the machine's own time since it was started, whatever its zone: it
    changes where the clock is set, and only there."""


class Standing(StrEnum):
    """What the coach between sessions is at."""

    IDLE = "idle"
    ASKING = "asking"
    """It has asked whether a routine is wanted now, or which one."""
    STARTING = "starting"
    """A session is about to begin."""
    EMERGENCY = "emergency"
    """Somebody has called for help, and may take it back for some minutes (``standby.EMERGENCY_OVER``)."""


@dataclass(frozen=True, slots=True)
class StandbyChanged:
    """The coach between sessions is at something else; behind ``STARTING`` nothing follows but the session."""

    state: Standing
    routine: str | None = None
    """The slug of what it asks about or starts; None where it asks which, or takes up what was cut off."""
    resumes: bool = False
    """Whether the session that was cut off is taken up."""
