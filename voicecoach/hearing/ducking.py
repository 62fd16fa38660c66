"""Decides when the coach lowers its voice, and when it raises it again.

Rule: a small machine without a clock: it is told how things are, hop by hop of seconds, and calls ``duck`` with the
gain that it wants. The first sign of a voice lowers the coach at once: waiting for certainty would cost the word.

A television, too, is a voice. So the coach that was lowered in vain again and again stops doing so for a while; it
still hears then, only less well while it speaks itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

DUCKED = -20.0
"""dB: the person is then louder at the microphone than the coach even where the coach was 15 dB louder before."""

BACK_AFTER = 1.0
"""Seconds without a voice or a command after which the coach has its full voice again."""

_IN_VAIN = 5
"""Times lowered without a command, within ..."""
_LATELY = 30.0
"""... so many seconds, after which the coach stays at full voice for as long."""


class Ducking:
    """Lowers and raises the coach. ``duck`` takes a gain in dB: 0 is full."""

    def __init__(self, duck: Callable[[float], None]) -> None:
        self._duck = duck
        self._voice_at = 0.0
        self._vain: deque[float] = deque(maxlen=_IN_VAIN)
        self.ducked = False
        """Whether the coach is lowered now."""

    def update(self, *, person: bool, coach: bool, at: float) -> None:
        """Take in how it is at ``at`` (seconds): whether a person is heard, and whether the coach speaks."""
        if person:
            self._voice_at = at
            if coach and not self.ducked and not self._in_vain(at):
                self.ducked = True
                self._duck(DUCKED)
        elif self.ducked and at - self._voice_at >= BACK_AFTER:
            self._vain.append(at)
            self.release()

    def obeyed(self) -> None:
        """Raise the coach, whose answer is to be heard: a command was understood."""
        self._vain.clear()
        self.release()

    def release(self) -> None:
        """Raise the coach."""
        if self.ducked:
            self.ducked = False
            self._duck(0.0)

    def _in_vain(self, at: float) -> bool:
        if len(self._vain) < _IN_VAIN:
            return False
        first, last = self._vain[0], self._vain[-1]
        return last - first < _LATELY and at - last < _LATELY
