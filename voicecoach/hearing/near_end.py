"""Is it the person who speaks, or only the coach's echo? A gate on what the canceller leaves.

Rule: it only tells; what follows from it is decided elsewhere. No clock, no library but numpy.

How it works: in bands of frequency the residue is compared with what the coach may have left there: the far end's
power, with a tail as a room has it, times a share that is learned band by band as a high quantile of what was left
while nobody spoke. A person's voice stands out in some bands at every moment, even where the coach is much louder in
the whole. How many words it notices, how soon, and how often it opens for nobody: ``bench/echo.py``, whose results are
in ``bench/results``. Tried once beside it, as a detector: WebRTC's AEC3 noticed 60, 59 and 39 of 60 words said over an
echo 0, 6 and 15 dB above them, this gate all. Until a room is known everything is taken for echo.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from voicecoach.hearing.canceller import HOP
from voicecoach.ports import EAR_RATE, Samples

THRESHOLD = 6.0
"""dB over the expected residue that open the gate: the mean of the bands that count."""

_LOWEST, _HIGHEST, _BANDS = 200.0, 6500.0, 20
"""Hz: bands of equal ratio, where speech is."""
_MOST = 15.0
"""dB that a single band may count: a click is loud in few."""
_COUNTED = 8
"""The bands that stand out most count: in noise a voice stands out in few, an error of the canceller in fewer."""
_STEPS = 4
"""The mean of so many hops counts: 40 ms."""

_SPREAD, _SPREAD_MOST = 5.0, 28.0
"""dB a band, and at most: so far does what is left of a loud band reach into those where the coach is silent."""
_TAIL = 0.9
"""Of the far end's power a hop later: 60 dB in 1.3 s, slower than any furnished room."""
_QUANTILE = 0.9
"""Share of the coach's own residue that lies below what is expected."""
_STEP, _FIRST_STEP = 0.3, 3.0
"""dB that an expectation moves in a hop, once the room is known and at first."""
_FIRST = 200.0
"""Hops of the coach's voice over which the one becomes the other."""
_AFTERWARDS = 20
"""Hops that the gate must have been closed before the residue is taken for the coach's alone."""
_OPEN_SHARE = 0.2
"""How much slower is learned while the gate is open: the way through the room may have changed."""
_START = 20.0
_SMALLEST, _LARGEST = -60.0, 30.0
"""dB of the residue over the far end."""

_NOISE_FALL, _NOISE_RISE = 0.3, 1.003
"""A hop: the noise floor follows pauses within 0.2 s, and what sounds without a pause at 1.3 dB a second ..."""
_LONG, _LONG_RISE = 200, 1.02
"""... or at 9 dB a second once the gate has been open for two: nobody speaks for so long without a breath."""
_CALM = 8
"""Hops whose mean the floor follows: after single ones it fell 17 dB below the noise, and the gate stood open."""
_NOISE_MARGIN = 3.0
"""Over the floor's power: single hops of steady noise lie that far above their mean."""
_FAINTEST = 1e-9
_AUDIBLE = 1e-6
"""Power of a band of the far end (about -50 dBFS in the whole) below which the coach is silent."""

Bands: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class NearEnd:
    """Weighs hop by hop what the canceller left (``rest``) against what the loudspeaker played (``far``)."""

    def __init__(self) -> None:
        edges = np.geomspace(_LOWEST, _HIGHEST, _BANDS + 1) * 2 * HOP / EAR_RATE
        self._edges = np.unique(np.round(edges).astype(int))
        self._widths = np.diff(self._edges)
        self._window = np.hanning(2 * HOP).astype(np.float32)
        apart = np.abs(np.subtract.outer(np.arange(len(self._widths)), np.arange(len(self._widths))))
        self._spread = 10.0 ** (-np.minimum(_SPREAD * apart, _SPREAD_MOST) / 10.0)
        self._before = np.zeros((2, HOP), np.float32)
        self._far = np.zeros(len(self._widths))
        self._noise = np.ones(len(self._widths))
        self._lately = np.ones((_CALM, len(self._widths)))
        self._recent: list[float] = []
        self.forget()

    def forget(self) -> None:
        """Start learning anew: the way through the room is another one."""
        self._share = np.full(len(self._widths), _START)
        self._known = 0
        self._closed = _AFTERWARDS + 1
        self._opened = 0
        self.open = False
        """Whether the person (or anything else in the room) is heard besides the coach."""
        self.excess = 0.0
        """dB over the expected residue: the mean of the bands that count."""

    @property
    def alone(self) -> bool:
        """Whether only the coach has been in the room for a moment."""
        return self.coach and self._closed > _AFTERWARDS

    @property
    def stuck(self) -> bool:
        """Whether the gate has been open for longer than anybody speaks."""
        return self._opened > 2 * _LONG

    @property
    def coach(self) -> bool:
        """Whether the coach's voice, or its tail, is in the room."""
        return bool((self._far > _AUDIBLE).any())

    def take(self, rest: Samples, far: Samples) -> None:
        """Weigh the next ``HOP`` frames of both."""
        sound = np.stack([rest, far])
        left, played = self._powers(np.concatenate([self._before, sound], axis=1))
        self._before = sound
        self._far = np.maximum((self._spread * played).max(axis=1), _TAIL * self._far)
        self._lately = np.concatenate([self._lately[1:], left[None]])
        calm = self._lately.mean(axis=0)
        falling = calm < self._noise
        rise = _NOISE_RISE if self._opened < _LONG else _LONG_RISE
        self._noise = np.where(falling, self._noise + _NOISE_FALL * (calm - self._noise), self._noise * rise)
        self._noise = np.maximum(self._noise, _FAINTEST)
        expected = 10.0 ** (self._share / 10.0) * self._far
        floor = _NOISE_MARGIN * self._noise
        over = 10.0 * np.log10((left + 1e-12) / (expected + floor + 1e-9))
        loudest = np.sort(np.clip(over, 0.0, _MOST))[-_COUNTED:]
        self._recent = [*self._recent[1 - _STEPS :], float(loudest.mean())]
        self.excess = sum(self._recent) / len(self._recent)
        self.open = self.excess > THRESHOLD
        self._closed = 0 if self.open else self._closed + 1
        self._opened = self._opened + 1 if self.open else 0
        self._learn(left > expected + floor, (self._far > _AUDIBLE) & (np.maximum(left, expected) > floor))

    def _learn(self, above: Bands, audible: Bands) -> None:
        """Move each band's share towards the quantile of what the coach leaves there, where noise does not hide it."""
        if not audible.any():
            return
        step = _STEP + _FIRST_STEP * float(np.exp(-self._known / _FIRST))
        if self._closed <= _AFTERWARDS:
            step *= _OPEN_SHARE
        else:
            self._known += 1
        moved = self._share + step * np.where(above, _QUANTILE, _QUANTILE - 1.0)
        self._share = np.clip(np.where(audible, moved, self._share), _SMALLEST, _LARGEST)

    def _powers(self, sound: Samples) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        spectrum = np.abs(np.fft.rfft(sound * self._window, axis=1)) ** 2 / (2 * HOP)
        whole = np.add.reduceat(spectrum[:, : self._edges[-1]], self._edges[:-1], axis=1)
        return np.asarray(whole / self._widths)
