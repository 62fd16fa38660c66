"""Streams of sound in simulated rooms: convolution block by block, and a line in which sound waits for its moment.

Rule: what comes out depends on what went in, never on the pieces in which it came.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from voicecoach.ports import Samples

STEP = 160
"""Frames that a convolution waits for: 10 ms."""


class Convolver:
    """Convolves a stream with an impulse response: uniformly partitioned overlap-save (one FFT a step each way).

    A response of 0.5 s costs about 0.06 ms for each 10 ms.
    """

    def __init__(self, response: Samples) -> None:
        """``response`` has any length above 0."""
        parts = -(-len(response) // STEP)
        padded = np.pad(response, (0, parts * STEP - len(response))).astype(np.float32).reshape(parts, STEP)
        self._response = np.fft.rfft(padded, 2 * STEP, axis=1).astype(np.complex64)
        # Each spectrum stands twice, a response apart: so the last ``parts`` of them, newest first, are one slice.
        self._heard = np.zeros((2 * parts, STEP + 1), np.complex64)
        self._newest = 0
        self._window = np.zeros(2 * STEP, np.float32)
        self._waiting = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Take the next samples; return what is ready by now: whole steps, which may be none."""
        samples = np.concatenate([self._waiting, samples])
        steps = len(samples) // STEP
        self._waiting = samples[steps * STEP :].copy()
        out = np.empty(steps * STEP, np.float32)
        for begin in range(0, len(out), STEP):
            out[begin : begin + STEP] = self._step(samples[begin : begin + STEP])
        return out

    def _step(self, samples: Samples) -> Samples:
        parts = len(self._response)
        self._window[:STEP] = self._window[STEP:]
        self._window[STEP:] = samples
        self._newest = (self._newest or parts) - 1
        spectrum = np.fft.rfft(self._window)
        self._heard[self._newest] = self._heard[self._newest + parts] = spectrum
        heard = self._heard[self._newest : self._newest + parts]
        mixed = np.einsum("ij,ij->j", self._response, heard)
        return np.fft.irfft(mixed)[STEP:].astype(np.float32)


def convolve(samples: Samples, response: Samples) -> Samples:
    """Return the whole convolution, ``len(samples) + len(response) - 1`` frames."""
    frames = len(samples) + len(response) - 1
    size = 1 << (frames - 1).bit_length()
    product = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[:frames].astype(np.float32)


class Line:
    """Sound on its way: what is pushed in is pulled out in order. What is not there in time is silence, and is lost."""

    def __init__(self, delay: int) -> None:
        """``delay`` in frames lies in front of what is pushed first."""
        self._waiting: deque[Samples] = deque([np.zeros(delay, np.float32)])
        self._late = 0
        """Frames that were pulled before they were pushed."""

    def push(self, samples: Samples) -> None:
        """Add samples at the end."""
        late = min(self._late, len(samples))
        self._late -= late
        if late < len(samples):
            self._waiting.append(samples[late:])

    def pull(self, frames: int) -> Samples:
        """Return the next frames."""
        out = np.zeros(frames, np.float32)
        filled = 0
        while filled < frames and self._waiting:
            first = self._waiting.popleft()
            taken = first[: frames - filled]
            out[filled : filled + len(taken)] = taken
            filled += len(taken)
            if len(taken) < len(first):
                self._waiting.appendleft(first[len(taken) :])
        self._late += frames - filled
        return out
