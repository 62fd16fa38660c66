"""Is anybody making a sound? A gate of block energy over an adaptive noise floor, so that the recogniser may sleep.

Rule: cheap and deterministic, and it errs on the side of listening: what it keeps back is handed over, whole, as soon
as a voice begins. It also says where a voice stops, which is how an ear knows the end of a word long before a
recogniser does.

Why energy is enough: 20 of 20 words were found by it, as by WebRTC's detector, and a word that is much weaker than the
noise is not understood either (``docs/design.md``).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf, log10
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import EAR_RATE

if TYPE_CHECKING:
    from voicecoach.ports import Samples

PRE_ROLL = 0.4
"""Seconds kept from before a voice: soft first sounds ("how", "freeze") lie below the threshold."""

HANGOVER = 0.6
"""Seconds after a voice during which the gate stays open: longer than any pause inside a phrase."""

_MARGIN = 9.0
"""dB over the noise floor that make a voice. Blocks of steady noise stay within about 3 dB of their mean."""

_DEPTH = 32.0
"""dB below the loudest recent block where a voice has ended: the tail of a room is no longer the word."""

_FAINTEST = -62.0
"""dBFS: nothing below this is a voice (the own noise of a cheap microphone lies at about -65)."""

_FLOOR_LOWEST = -75.0
_FLOOR_START = -55.0
_FLOOR_FALL = 0.3
"""Share of the way down that the floor goes in a block: pauses between words pull it down within 0.1 s."""
_FLOOR_RISE = 3.0
"""dB a second: a new fan is noise after a few seconds, a sentence is not."""
_PEAK_FALL = 10.0
"""dB a second."""

_STEADY_BLOCKS = 25
_STEADY_RANGE = 2.5
"""Half a second of 20 ms blocks within this many dB is a hum, a fan or a tap, which a model may well take for a word
(a hum of 100 Hz was a "yes"). No half second of 35 phrases in eight voices is steadier than 3.5 dB; white noise is."""

EVEN_FOR = 0.7
"""Seconds: a voice that began later than this before an even sound was noticed was that sound, swelling."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Sound for the recogniser."""

    samples: Samples
    at: float
    """When it ended: seconds of sound taken since the gate was made."""
    voice: bool
    """True when it holds a voice, or any other sound as loud."""
    covered: float = 0.0
    """Share (0 to 1) of the voice's range of loudness that noise hides: 0 in a quiet room."""


class Activity:
    """Takes every block of the microphone and gives those that are worth recognising, in order and without holes.

    ``sleeps=False`` keeps the gate open (for tests and for measuring what the gate changes).
    """

    def __init__(self, *, sleeps: bool = True) -> None:
        self.voice = False
        """True when the block just taken holds a voice (or any other sound as loud)."""
        self.steady = False
        """True when it is loud, but too even to be a voice, and has been so for half a second."""
        self.awake = not sleeps
        """True while blocks pass."""
        self.now = 0.0
        """Seconds of sound taken. The ear's own clock: a session's moves by blocks of the loudspeaker, too coarsely."""
        self._sleeps = sleeps
        self._taken = 0
        self._kept: deque[Slice] = deque()
        self._floor = _FLOOR_START
        self._peak = _FAINTEST
        self._covered = 0.0
        self._voice_at = 0.0
        self._levels: deque[float] = deque(maxlen=_STEADY_BLOCKS)

    def take(self, block: Samples, *, person: bool = True) -> list[Slice]:
        """Weigh ``block``; return what is to be recognised now (nothing while asleep).

        ``person=False`` says that whatever sounds in it is known to be no person.

        The first voice after a sleep brings up to ``PRE_ROLL`` seconds from before it along.
        """
        start = self.now
        self._taken += len(block)
        self.now = self._taken / EAR_RATE
        self.voice = self._is_voice(block, self.now - start) and person
        if self.voice:
            self.awake, self._voice_at = True, self.now
        elif self._sleeps and (self.steady or self.now - self._voice_at > HANGOVER):
            self.awake, self._peak = False, _FAINTEST
        self._kept.append(Slice(np.array(block, dtype=np.float32), self.now, self.voice, self._covered))
        if self.awake:
            passed = list(self._kept)
            self._kept.clear()
            return passed
        while self._kept[0].at < self.now - PRE_ROLL:
            self._kept.popleft()
        return []

    def _is_voice(self, block: Samples, seconds: float) -> bool:
        """Compare the block's power with the floor and the recent peak, and let both follow it."""
        power = float(np.dot(block, block)) / max(len(block), 1)
        if not 0.0 < power < inf:  # digital silence (or not a number): nothing to learn about the room
            self._levels.clear()
            self.steady = False
            return False
        level = 10 * log10(power)
        step = _FLOOR_FALL * (level - self._floor) if level < self._floor else _FLOOR_RISE * seconds
        self._floor = max(_FLOOR_LOWEST, self._floor + step)
        self._peak = max(level, self._peak - _PEAK_FALL * seconds)
        self._levels.append(level)
        even = len(self._levels) == _STEADY_BLOCKS and max(self._levels) - min(self._levels) < _STEADY_RANGE
        self.steady = even and level > self._floor + _MARGIN
        if self.steady:
            self._floor = self._peak = level
        threshold = max(self._floor + _MARGIN, self._peak - _DEPTH, _FAINTEST)
        self._covered = min(max(0.0, 1.0 - (self._peak - threshold) / _DEPTH), 1.0)
        return level > threshold
