"""The one way in: what is asked outside goes to the drive, a bounded number at a time.

Rule: it never waits. Who sends too much is refused. What is urgent never is, but where it only repeats itself: so no
flood, and no button that chatters, stands before "pain".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from voicecoach.core.events import URGENT, Command
from voicecoach.remote.wish import Asked, RefusedError, Wish

MOST_AT_ONCE = 10
"""Wishes that one source may have at once; a person never has."""
MOST_A_SECOND = 5.0
"""And in the long run."""
SAME = 0.2
"""Seconds within which the same urgent command of the same source is a repetition: nobody presses twice so fast."""


class Bucket:
    """Lets through a few at once, and so many a second in the long run."""

    def __init__(self, at_once: int = MOST_AT_ONCE, a_second: float = MOST_A_SECOND) -> None:
        self._full, self._rate = float(at_once), a_second
        self._level, self._at = self._full, time.monotonic()

    def take(self) -> bool:
        """Return whether there is one left."""
        now = time.monotonic()
        self._level, self._at = min(self._full, self._level + (now - self._at) * self._rate), now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Inlet:
    """Takes the wishes of every source; from any thread."""

    def __init__(self) -> None:
        self._put: Callable[[Asked], None] | None = None
        self._clock: Callable[[], float] = lambda: 0.0
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}
        self._urgent: dict[str, dict[Command, float]] = {}
        """When each source has asked for what is urgent, since it asked for anything else."""

    def lead_to(self, put: Callable[[Asked], None], clock: Callable[[], float]) -> None:
        """Lead to a drive's inbox from now on; ``clock`` gives its time, in seconds."""
        self._clock, self._put = clock, put

    @property
    def now(self) -> float:
        """The drive's time."""
        return self._clock()

    def take(self, wish: Wish, source: str) -> None:
        """Put a wish. Raises ``RefusedError`` where nobody takes it, or where there were too many."""
        if self._put is None:
            raise RefusedError("the coach is not ready yet")
        with self._lock:
            if wish.command in URGENT:
                self._repeat_nothing(wish.command, source)
            elif self._buckets.setdefault(source, Bucket()).take():
                self._urgent.pop(source, None)
            else:
                raise RefusedError("too many at once")
        self._put(wish.at(self._clock(), source))

    def _repeat_nothing(self, command: Command, source: str) -> None:
        """Take note of an urgent command. Raises ``RefusedError`` where the source has only just given it."""
        given, now = self._urgent.setdefault(source, {}), time.monotonic()
        if now - given.get(command, -SAME) < SAME:
            raise RefusedError(f'"{command.value}" was given a moment ago')
        given[command] = now
