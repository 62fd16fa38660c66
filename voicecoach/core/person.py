"""What a session is told at its start: about the person, and about the room that it is played in.

Rule: values only, and all of them stand in the journal's header, because a replay must be told the same. What a
session wants to have kept for the next one it says with ``Remember``; the keys are listed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Talk(StrEnum):
    """How much the coach talks."""

    LESS = "less"
    """Short forms, counts and what is needed for safety."""
    USUAL = "usual"
    """Full instructions the first time, short ones later."""
    MORE = "more"
    """Full instructions every time."""


@dataclass(frozen=True, slots=True)
class Lock:
    """An exercise that is left out until somebody has looked at why it hurt (docs/safety.md)."""

    exercise: str
    """Its slug."""
    reason: str
    """``pain``, or ``worse`` (worse than before the last session)."""
    on: str
    """The day, as 2026-11-21."""
    score: int | None = None
    """Pain from 0 to 10, if the person said it."""


@dataclass(frozen=True, slots=True)
class LastPain:
    """Pain in an earlier session, which the next one asks about."""

    exercise: str
    """Its slug."""
    name: str
    """As the coach says it."""
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What is known about the person from earlier sessions; the defaults are those of a stranger."""

    agreed: bool = False
    """Whether they were told that this is no medical advice, and said yes."""
    known: frozenset[str] = frozenset()
    """Exercises that were explained in full before, by slug."""
    volume: float | None = None
    """From 0 to 1; None as configured."""
    speech_rate: float = 1.0
    """Of the configured rate."""
    talk: Talk | None = None
    """None where they have never said; then the routine's ``verbosity`` says how much."""
    locks: tuple[Lock, ...] = ()
    new_levels: tuple[tuple[str, int], ...] = ()
    """Exercises, by slug, whose dose has moved since the last session, and to which level (``progress``)."""
    last_pain: LastPain | None = None
    """Not yet asked about."""
    pains_today: int = 0
    """How often there was pain today, before this session."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the session is played in."""

    attended: bool = True
    """Whether anybody can be heard; otherwise nothing waits for a word."""
    volume: float = 1.0
    """From 0 to 1, where the person has not chosen another."""
    check_hearing: bool = False
    """Whether the session begins by finding out if a voice is heard over the coach's own."""
    keys: bool = False
    """Whether there is a keyboard to fall back on."""
    emergency_number: str = "112"
    """What the coach says is to be called."""
    can_alert: bool = False
    """Whether an alert hook is set up."""
    ask_effort: bool = True
    """Whether the session asks at its end how hard it was."""
    keeps: bool = True
    """Whether what happens is kept for the next time."""


AGREED = "agreed"
"""``Remember(AGREED, 1)``."""
VOLUME = "volume"
SPEECH_RATE = "speech_rate"
TALK = "talk"
LAST_PAIN = "last_pain"
"""The slug of the exercise, or None when it has been asked about; score and name are in the journal's notes."""
KNOWN = "known/"
"""Before a slug: the exercise has been explained."""
LOCK = "lock/"
"""Before a slug: the lock's reason and score, as ``pain 4``; None unlocks."""
LEVEL = "level/"
"""Before a slug: how many steps the exercise's dose has moved from where the routine puts it."""
