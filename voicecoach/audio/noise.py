"""Noise for simulated rooms, block by block.

Rule: the same seed gives the same noise, whatever the size of the blocks; its mean power is 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from voicecoach.audio.convolve import STEP, Convolver, Line
from voicecoach.ports import EAR_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from voicecoach.ports import Samples

    Spectrum = npt.NDArray[np.float64]

_LOWEST = 20.0
"""Hz below which pink noise is silent: else its power would have no bound."""

_TAPS = 4096
"""Of the filter that makes noise pink: true to 1 dB down to 40 Hz."""


class NoiseSource(Protocol):
    """Makes noise without end."""

    def take(self, frames: int) -> Samples:
        """Return the next frames at ``EAR_RATE``."""
        ...


class WhiteNoise:
    """Equal power at every frequency."""

    def __init__(self, *seed: int) -> None:
        self._chance = np.random.default_rng(seed)

    def take(self, frames: int) -> Samples:
        """Return the next frames at ``EAR_RATE``."""
        return self._chance.standard_normal(frames, np.float32)


class PinkNoise:
    """Equal power in every octave."""

    def __init__(self, *seed: int) -> None:
        self._white = WhiteNoise(*seed)
        self._filter = Convolver(shaped(lambda hertz: np.where(hertz < _LOWEST, 0.0, 1 / np.maximum(hertz, 1.0))))
        self._filter.feed(self._white.take(_TAPS // STEP * STEP + STEP))  # from here on it is as loud as it will be
        self._ready = Line(0)
        self._made = 0

    def take(self, frames: int) -> Samples:
        """Return the next frames at ``EAR_RATE``."""
        while self._made < frames:
            self._ready.push(self._filter.feed(self._white.take(STEP)))
            self._made += STEP
        self._made -= frames
        return self._ready.pull(frames)


class LoopedNoise:
    """A sound over and over."""

    def __init__(self, samples: Samples) -> None:
        """Take ``samples`` at ``EAR_RATE``; they are not silent."""
        power = float(np.square(samples, dtype=np.float64).mean())
        self._samples = (samples / np.sqrt(power)).astype(np.float32)
        self._at = 0

    def take(self, frames: int) -> Samples:
        """Return the next frames at ``EAR_RATE``."""
        out: Samples = self._samples[(self._at + np.arange(frames)) % len(self._samples)]
        self._at = (self._at + frames) % len(self._samples)
        return out


def shaped(power: Callable[[Spectrum], Spectrum]) -> Samples:
    """Return the filter that gives white noise ``power`` over the frequencies in Hz, its mean power unchanged."""
    hertz = np.asarray(np.fft.rfftfreq(_TAPS, 1 / EAR_RATE), np.float64)
    taps = np.roll(np.fft.irfft(np.sqrt(power(hertz))), _TAPS // 2) * np.hanning(_TAPS)
    flat: Samples = (taps / np.sqrt(np.square(taps).sum())).astype(np.float32)
    return flat
