"""The clock on the wall, for the coach between sessions: looked at once a second, told as plain numbers.

Rule: the only place of the appliance that knows dates. Nothing is scheduled: a clock that jumps is simply seen to show
something else, and ``core/timetable`` makes of it what is right.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeAlias

from voicecoach.core.events import Command, Effect, Event, Start, Tick
from voicecoach.core.menu import Choice, Memory, State
from voicecoach.core.standby import Standby
from voicecoach.core.standing import Clocked

Wall: TypeAlias = Callable[[float], datetime]
"""Returns what the clock shows at a moment of the drive's time, in seconds."""


def real_clock(_at: float) -> datetime:
    """Return what the clock of this machine shows, in its time zone."""
    return datetime.now().astimezone()


def set_ahead() -> float:
    """Return how far the clock is ahead of this machine's time since it was started, in seconds, its sleep included."""
    # Linux's monotonic clock stands still while the machine sleeps; others have no clock that does not.
    passed = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
    return time.time() - passed


def clock_from(start: datetime) -> Wall:
    """Return a clock that shows ``start`` at the beginning, and goes with the sound: for devices that are files."""
    return lambda at: start + timedelta(seconds=at)


class Clockwork:
    """A time between sessions with a clock on its wall; looks like a session to the host.

    ``going`` says whether time leads anywhere: a recording that has ended is waited for no more. ``resting`` says what
    the timetable does not ask for on a day; it is asked once a day, and at the beginning. ``ahead`` says how far the
    clock is ahead of the time that has truly passed, in seconds: it changes where it is set.
    """

    EVERY = 1.0
    """Seconds between two looks."""

    def __init__(
        self,
        standby: Standby,
        wall: Wall,
        *,
        going: Callable[[], bool],
        resting: Callable[[date], frozenset[str]] = lambda _: frozenset(),
        ahead: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._standby, self._wall, self._going, self._rests = standby, wall, going, resting
        self._ahead = ahead
        self._next: float | None = None
        self._day: date | None = None
        self._resting = frozenset[str]()

    @property
    def state(self) -> State:
        """What it remembers."""
        return self._standby.state

    @property
    def memory(self) -> Memory:
        """What is handed on to the next one."""
        return self._standby.memory

    @property
    def choice(self) -> Choice | None:
        """What is to be played, once it is over."""
        return self._standby.choice

    @property
    def over(self) -> bool:
        """Whether a session follows."""
        return self._standby.over

    @property
    def live(self) -> frozenset[Command]:
        """The commands that mean something now."""
        return self._standby.live

    @property
    def deadline(self) -> float | None:
        """The moment at which it wants a ``Tick``: its own, or the next look at the clock."""
        own = self._standby.deadline
        if self._next is None or self.over or not self._going():
            return own
        return self._next if own is None else min(own, self._next)

    @property
    def in_need(self) -> bool:
        """Whether an emergency waits to be told."""
        return self._standby.in_need

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Take one event; look at the clock where it is time, before anything is said that tells the time."""
        if isinstance(event, Start):
            return self._standby.handle(event) + self._look(event.at)
        if isinstance(event, Tick) and (self._next is None or event.at >= self._next):
            return self._look(event.at) + self._standby.handle(event)
        return self._standby.handle(event)

    def _look(self, at: float) -> tuple[Effect, ...]:
        self._next = at + self.EVERY
        shown = self._wall(at)
        if shown.date() != self._day:
            self._day = shown.date()
            self._resting = self._rests(self._day)
        minute = 60 * shown.hour + shown.minute
        return self._standby.handle(Clocked(at, shown.toordinal(), minute, self._resting, self._ahead()))
