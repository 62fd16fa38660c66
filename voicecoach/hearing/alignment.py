"""Measures the way from the loudspeaker's buffer to the microphone's: how long it is, and how the two clocks differ.

Rule: pure functions of samples; no state, no clock. Delays are in frames at ``EAR_RATE``.

* The **bulk delay** (buffers of both cards, some 0.05 to 0.5 s) is found once, from the first second or two of the
  coach's voice, as the lag at which the whitened cross-correlation has its peak (GCC-PHAT; C. Knapp and G. Carter, "The
  generalized correlation method for estimation of time delay", IEEE Trans. ASSP 24, 1976).
* The **drift** of two cards with a crystal each (tens of ppm) shows in what a canceller has learned: the same impulse
  response, a little later each time. Uncorrected, 50 ppm cost 20 dB of cancelling.
"""

from __future__ import annotations

import numpy as np

from voicecoach.ports import EAR_RATE, Samples

LONGEST = EAR_RATE
"""The longest bulk delay that is looked for: a second, more than any wireless loudspeaker takes."""

CLEAR = 8.0
"""How far the correlation's peak must stand over the mean of all lags to count. (Echoes: mostly 60 to 80. Two
utterances of one synthetic voice came to 43 by chance: so a peak counts only if other sound has it at the same place.)
"""

AGREE = 32
"""Frames (2 ms) within which two looks find the same place."""
_EARLY = 320
"""Frames left to a delay when it is looked for again."""

_EDGE = 0.1
"""Share of the sound at either end that fades: both are cut at the same moments, and the cuts alone resemble each other
(a hum, or a microphone with an offset, gave a clearness of 18 with anything)."""

_SPEECH = (300.0, 6000.0)
"""Hz: where a coach's voice has power and a small loudspeaker sounds."""

_SHIFT_BAND = (300.0, 2500.0)
"""Hz: up to the frequency at which a shift of three frames is half a turn of phase."""


def find_delay(heard: Samples, far: Samples) -> tuple[int, float]:
    """Return by how many frames (0 to ``LONGEST``) ``far`` comes later in ``heard``, and how clear that is.

    Both have the same length and belong to the same moments. A clearness below ``CLEAR`` means nothing.
    """
    size = 2 * len(heard)
    inside = np.minimum(1.0, np.minimum(np.arange(len(heard)), np.arange(len(heard))[::-1]) / (_EDGE * len(heard)))
    fade = 0.5 - 0.5 * np.cos(np.pi * inside)
    cross = np.fft.rfft(heard * fade, size) * np.conj(np.fft.rfft(far * fade, size))
    hertz = np.fft.rfftfreq(size, 1 / EAR_RATE)
    cross[(hertz < _SPEECH[0]) | (hertz > _SPEECH[1])] = 0.0
    lags = np.abs(np.fft.irfft(cross / (np.abs(cross) + 1e-12))[:LONGEST])
    best = int(lags.argmax())
    return best, float(lags[best] / (lags.mean() + 1e-12))


def holds_throughout(heard: Samples, far: Samples, delay: int) -> bool:
    """Tell whether each half of the sound by itself has the echo at ``delay``, where ``find_delay`` found it."""
    later = max(0, delay - _EARLY)
    shifted = np.concatenate([np.zeros(later, np.float32), far[: len(far) - later]])
    for half in np.split(np.arange(len(heard)), 2):
        found, clear = find_delay(heard[half], shifted[half])
        if clear < CLEAR or abs(found - (delay - later)) > AGREE:
            return False
    return True


def shift_between(before: Samples, after: Samples) -> float:
    """Return by how many frames the impulse response ``after`` comes later than ``before``, to a small fraction.

    Within three frames either way; both need some power between 300 and 2500 Hz, else it is 0.
    """
    cross = np.fft.rfft(after) * np.conj(np.fft.rfft(before))
    turn = 2 * np.pi * np.fft.rfftfreq(len(before))
    hertz = turn * EAR_RATE / (2 * np.pi)
    kept = (hertz > _SHIFT_BAND[0]) & (hertz < _SHIFT_BAND[1])
    cross, turn = cross[kept], turn[kept]
    weight = np.abs(cross) * turn**2
    total = float(weight.sum())
    return -float((weight * np.angle(cross) / turn).sum()) / total if total > 0 else 0.0
