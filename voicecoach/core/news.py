"""What the machine tells a session beside its devices and its people.

Rule: frozen values only.
"""

from __future__ import annotations

from dataclasses import dataclass

from voicecoach.core.person import Room


@dataclass(frozen=True, slots=True)
class Unkept:
    """What happens is not kept: the disk is full, or may not be written."""

    at: float


@dataclass(frozen=True, slots=True)
class Returned:
    """A session that was cut off (power, crash) is taken up again, by a new run of the program."""

    at: float
    """Session time goes on where it was cut off: what passed in between is no part of it."""
    asked: bool = False
    """True when the person asked for it; otherwise the session asks them."""
    room: Room | None = None
    """What it is played in from now on: whom to call, and whether somebody can be told. None: the same as before."""
