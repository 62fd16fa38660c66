"""What a service manager is told: that the coach is ready, what it is at, and that it is alive (``sd_notify(3)``).

Rule: best effort. Where nobody listens nothing is sent, and nothing that is sent may fail, wait, or end a session.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from voicecoach.record import Record

FEEDS = 3
"""Signs of life in the time after which a watchdog bites; ``sd_watchdog_enabled(3)`` asks for two at least."""


class Notifier:
    """Tells a service manager at ``address``, the path of a datagram socket or ``@`` and an abstract name.

    ``watchdog`` is in how many seconds it wants a sign of life; None where it wants none.
    """

    def __init__(self, address: str = "", watchdog: float | None = None) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog = watchdog if address else None

    @property
    def listens(self) -> bool:
        """Whether anybody is told at all."""
        return bool(self._address)

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Notifier:
        """Return who is to be told as the environment of this process says it."""
        usec, pid = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", str(os.getpid()))
        ours = usec.isascii() and usec.isdigit() and int(usec) > 0 and pid == str(os.getpid())
        return cls(env.get("NOTIFY_SOCKET", ""), int(usec) / 1e6 if ours else None)

    def ready(self) -> None:
        """Say that it can be used now."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """Say what it is at, in a few words, for ``systemctl status``."""
        self._send(f"STATUS={' '.join(text.split())[:200]}")

    def stopping(self) -> None:
        """Say that it is ending, because it was told to."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Give a sign of life."""
        self._send("WATCHDOG=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as pipe:
            pipe.setblocking(False)
            pipe.sendto(text.encode(), self._address)


class Doing:
    """Tells the service manager what the coach is at, from the records of what happens: one for all that is played."""

    _IDLE: Mapping[str, str] = {"idle": "waits to be called", "asking": "asks whether to begin", "starting": "begins"}

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._at, self._deaf = "begins", False

    def __call__(self, entry: Record) -> None:
        """Take a record."""
        match entry:
            case {"event": "standby", "state": str(state)}:
                self._at = self._IDLE.get(state, state)
            case {"event": "mode", "mode": str(mode)}:
                self._at = f"plays: {mode}"
            case {"event": "deafened" | "hearing" as event}:
                self._deaf = event == "deafened"
            case _:
                return
        self._notifier.status(f"{self._at}; hears nobody: the microphone is lost" if self._deaf else self._at)


class Pulse:
    """Gives signs of life from the loop that plays, as long as the sound goes on too.

    So a watchdog bites where the loop hangs, and also where the loudspeaker has died under a loop that goes round.
    """

    def __init__(self, notifier: Notifier, clock: Callable[[], float] = time.monotonic) -> None:
        self._notifier, self._clock = notifier, clock
        self._every = None if notifier.watchdog is None else notifier.watchdog / FEEDS
        self._fed: float | None = None
        self._sound = 0.0

    def beat(self, sound: float) -> None:
        """Take note that the loop goes round; ``sound`` is how many seconds the loudspeaker has played until now."""
        if self._every is None:
            return
        now = self._clock()
        if sound > self._sound and (self._fed is None or now - self._fed >= self._every):
            self._notifier.alive()
            self._fed, self._sound = now, sound
