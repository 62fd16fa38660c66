"""What the loudspeaker plays, kept for as long as its echo may take to come back.

Rule: ``take`` runs in the audio callback: it copies into a buffer that is there already, and neither waits nor makes
anything. All else belongs to the one thread that listens. The two share an array and a count of frames, and the count
is moved on after the array is written.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from voicecoach.hearing.canceller import HOP, POWERS, SCALES, finite
from voicecoach.ports import EAR_RATE, Samples

HISTORY = 4.0
"""Seconds that are kept: a bulk delay of a second, two that a slow ear may lag behind, and one to spare."""

_HALF = 16
"""Frames on either side that a sample between two samples is made of."""

NEEDED = HOP + _HALF
"""Frames behind a place that must be there before it can be read."""


class FarEnd:
    """The coach's own sound, as the loudspeaker got it at ``rate`` Hz, and its cube, to be read at ``EAR_RATE``.

    A loudspeaker bends sound that was never sampled. So the cube is made at the loudspeaker's rate: at 16 kHz its
    overtones would fold back.

    Places in it are frames at ``EAR_RATE`` since the beginning, and need not be whole. Resampling holds back 20 ms
    (soxr, measured), so what was played that recently cannot be read yet.
    """

    def __init__(self, rate: int) -> None:
        import soxr

        self._ring = np.zeros(round(HISTORY * rate), np.float32)
        self._taken = 0
        self._seen = 0
        self._resampler: Any = soxr.ResampleStream(rate, EAR_RATE, len(POWERS), dtype="float32", quality="LQ")
        self._room = np.zeros((len(POWERS), 2 * round(HISTORY * EAR_RATE)), np.float32)
        """What is kept, and room behind it to go on writing: moved to the front once in ``HISTORY``."""
        self._filled = round(HISTORY * EAR_RATE)
        self.end = 0
        """Where what can be read ends, as of the last ``catch_up``."""

    def take(self, block: Samples) -> None:
        """Keep what is being played: called with every block, in the audio callback."""
        size = len(self._ring)
        first = self._taken % size
        fitting = min(len(block), size - first)
        self._ring[first : first + fitting] = block[:fitting]
        if fitting < len(block):
            self._ring[: len(block) - fitting] = block[fitting:]
        self._taken += len(block)

    def catch_up(self) -> None:
        """Make all that was played by now readable. What was missed by more than ``HISTORY`` is silence."""
        taken, size, kept = self._taken, len(self._ring), self._kept.shape[1]
        if taken - self._seen > size // 2:  # the ear was away for long: what is older may be overwritten meanwhile
            gap = round((taken - self._seen - size // 2) * kept / size)
            self._keep(np.zeros((len(POWERS), min(gap, kept)), np.float32))
            self.end += max(0, gap - kept)
            self._seen = taken - size // 2
        if taken == self._seen:
            return
        first, last = self._seen % size, taken % size
        new = self._ring[first:last] if first < last else np.concatenate([self._ring[first:], self._ring[:last]])
        self._seen = taken
        new = finite(new)
        powers = (
            np.stack([SCALES[power] * new**power for power in POWERS], axis=1)
            if new.any()
            else np.zeros((len(new), len(POWERS)), np.float32)
        )
        self._keep(self._resampler.resample_chunk(powers).T)

    def read(self, place: float) -> Samples | None:
        """Return the ``HOP`` frames from ``place`` on: the sound and its cube, shape ``(2, HOP)``.

        Silence where they are not there yet, None where they are not there any more.
        """
        whole = int(np.floor(place))
        first = whole - _HALF + 1 - (self.end - self._kept.shape[1])
        length = HOP + 2 * _HALF - 1
        if first < 0:
            return None
        if first + length > self._kept.shape[1]:
            return np.zeros((len(POWERS), HOP), np.float32)
        rows = self._kept[:, first : first + length]
        if not rows.any():
            return np.zeros((len(POWERS), HOP), np.float32)
        between = _kernel(place - whole)
        return np.stack([np.convolve(row, between, "valid").astype(np.float32) for row in rows])

    def latest(self, frames: int) -> Samples:
        """Return the last ``frames`` of the sound that can be read."""
        return self._kept[0, -frames:].copy()

    @property
    def _kept(self) -> Samples:
        """The last ``HISTORY`` of the sound and its cube, shape ``(2, frames)``."""
        return self._room[:, self._filled - self._room.shape[1] // 2 : self._filled]

    def _keep(self, new: Samples) -> None:
        self.end += new.shape[1]
        size = self._room.shape[1] // 2
        new = new[:, -size:]
        if self._filled + new.shape[1] > 2 * size:
            self._room[:, :size] = self._kept
            self._filled = size
        self._room[:, self._filled : self._filled + new.shape[1]] = new
        self._filled += new.shape[1]


def _kernel(fraction: float) -> Samples:
    """Return the weights of the frames round a place that is ``fraction`` of a frame after one: a windowed sinc."""
    away = np.arange(-_HALF + 1, _HALF + 1) - fraction
    weights: Samples = (np.sinc(away) * np.cos(np.pi * away / (2 * _HALF + 2)) ** 2).astype(np.float32)
    return weights[::-1]
