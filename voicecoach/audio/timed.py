"""The loudspeaker of a machine that has none: time passes, nothing sounds.

Rule: block n is due n blocks after the first, whenever the ones before it came; so an hour is an hour, without drift.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import DeviceError

if TYPE_CHECKING:
    from voicecoach.ports import Fill

_LONGEST_CATCH_UP = 1.0
"""Seconds. After a longer stall (Ctrl-Z, a frozen virtual machine) the session goes on where it was, as it would with a
sound card, rather than rushing through the minutes that nobody was there for."""


class TimedSpeaker:
    """Pulls blocks in real time from its own thread, and drops them."""

    live = True
    audible = False
    lost = False

    def __init__(self, rate: int = 48_000, block: int = 960) -> None:
        """``rate`` in Hz, ``block`` in frames a pull."""
        self.rate = rate
        self.block = block
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, fill: Fill) -> None:
        """Begin to pull, at once. Raises ``DeviceError`` when started twice or after ``close``."""
        if self._thread is not None or self._closing.is_set():
            raise DeviceError("The loudspeaker is not open.")
        self._thread = threading.Thread(target=self._run, args=(fill,), name="timed-speaker", daemon=True)
        self._thread.start()

    def pump(self) -> None:
        """Do nothing: this one is live."""

    def close(self) -> None:
        """Stop pulling; safe to call twice. No block is pulled after it returns, unless ``fill`` itself called it."""
        self._closing.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self, fill: Fill) -> None:
        buffer = np.zeros(self.block, np.float32)
        began = time.monotonic()
        pulled = 0
        while not self._closing.is_set():
            fill(buffer)
            pulled += 1
            early = began + pulled * self.block / self.rate - time.monotonic()
            if early > 0:
                self._closing.wait(early)
            elif early < -_LONGEST_CATCH_UP:
                began -= early
