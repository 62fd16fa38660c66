"""What the coach between sessions is told, what it remembers, and what it hands on: frozen values.

Rule: moments are seconds of one clock that goes on from one time between sessions to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from voicecoach.core.events import (
    ChimeKind,
    Line,
)
from voicecoach.core.standing import Standing
from voicecoach.core.timetable import Agenda, Slot


@dataclass(frozen=True, slots=True)
class Offer:
    """A routine that may be asked for."""

    slug: str
    title: str
    number: int
    """Its place in the list, from 1."""
    phrases: frozenset[str] = frozenset()
    """What may be said to start it, without the address; empty where the ear knows none of its words."""


@dataclass(frozen=True, slots=True)
class Menu:
    """What the coach may be asked for, and how it is called."""

    offers: tuple[Offer, ...]
    address: str
    default: str | None = None
    """The slug that "start" alone means, which is asked about: "stop" sounds like it. None: it asks which one."""
    emergency_number: str = "112"
    can_alert: bool = False
    snooze: float = 600.0
    """Seconds for which "later" puts a question off."""
    slots: tuple[Slot, ...] = ()
    """The timetable."""

    def named(self, slug: str) -> Offer | None:
        """Return the routine of this name."""
        return next((offer for offer in self.offers if offer.slug == slug), None)

    def called(self, words: str) -> Offer | None:
        """Return the routine that is started by these words."""
        plain = words.removeprefix(f"{self.address} ")  # an ear of another package may leave it there
        return next((offer for offer in self.offers if plain in offer.phrases), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be played."""

    routine: str | None
    """Its slug; None: whatever was cut off."""
    resumes: bool = False
    source: str = "voice"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is handed on from one time between sessions to the next."""

    agenda: Agenda = field(default_factory=Agenda)
    put_off: tuple[tuple[str, float], ...] = ()
    """The slug that "later" was said to, and when it is asked again."""
    volume: float = 1.0
    played: tuple[str, float] | None = None
    """The slug of the last session, and when it ended: the timetable does not ask for it again at once."""


class At(Enum):
    """What it is at."""

    IDLE = auto()
    OFFERING = auto()
    """It has asked whether a routine is wanted now."""
    WHICH = auto()
    """It has asked which routine is wanted."""
    EMERGENCY = auto()
    STARTING = auto()

    @property
    def standing(self) -> Standing:
        """Return it as the records tell it."""
        match self:
            case At.OFFERING | At.WHICH:
                return Standing.ASKING
            case At.STARTING:
                return Standing.STARTING
            case At.EMERGENCY:
                return Standing.EMERGENCY
            case _:
                return Standing.IDLE


@dataclass(frozen=True, slots=True)
class State:
    """Everything that it knows."""

    memory: Memory
    at: At = At.IDLE
    offered: str = ""
    """The slug that it asks about."""
    called: bool = False
    """Whether somebody called for it; otherwise the timetable did."""
    minute: int = 0
    """What the clock showed when it was last looked at."""
    asked: int = 0
    """How often it has asked."""
    quiet_since: float | None = None
    """Since when it waits in silence for an answer, or for somebody to take an emergency back."""
    warned: bool = False
    """Whether somebody was told of the emergency."""
    mouth: int | None = None
    saying: str = ""
    """The key of what is in the mouth."""
    last: tuple[Line, ...] = ()
    """For "again"."""
    queue: tuple[Line, ...] = ()
    utterances: int = 0
    choice: Choice | None = None
    began: bool = False
    over: bool = False
    now: float = 0.0

    @property
    def mode(self) -> Standing:
        """What it is at, as the records tell it."""
        return self.at.standing


@dataclass(frozen=True, slots=True)
class Greeting:
    """How it begins to wait."""

    chime: ChimeKind = ChimeKind.READY
    lines: tuple[Line, ...] = field(default=())
