"""Takes the coach's voice out of what the microphone hears: a linear filter that learns the way through the room.

Rule: numpy only, no clock, no state but the filter; what stays is the person, untouched, and a residue.

How it works: a partitioned-block frequency-domain Kalman filter (G. Enzner and P. Vary, "Frequency-domain adaptive
Kalman filter for acoustic echo control in hands-free telephones", Signal Processing 86, 2006). It is linear in the
person's voice, so a word said over the coach comes through whole; a canceller made for telephony presses it down with
the echo (measured with Vosk in a simulated room, echo 6 dB above the person: 27 of 30 words against 10 from WebRTC's).

A small loudspeaker bends loud sound, and that part is no linear echo. So the filter has a second input, the cube of
the first: with a loudspeaker of tanh(2x)/2 it takes out 27 to 30 dB in place of 25 (tried once, on synthetic voices).

A microphone that is overdriven cuts sound off, and what is cut off is no echo either. There is no need to model it: a
sample at full scale tells only that the sound was at least so loud.
"""

from __future__ import annotations

import numpy as np

from voicecoach.ports import EAR_RATE, Samples

HOP = 160
"""Frames a step: 10 ms at ``EAR_RATE``, and the latency of the filter's own bookkeeping; the sound is not delayed."""

REACH = 0.3
"""Seconds of echo that the filter can learn, from the direct sound on."""

_PARTS = round(REACH * EAR_RATE / HOP)
_BINS = HOP + 1

POWERS = (1, 3)
"""Of the far end: its sound, and the cube of it."""
SCALES = {1: 1.0, 3: 4.0}
"""Brings the cube of speech at -6 dBFS to the level of the speech, so that both inputs learn equally fast."""

_KEPT = 0.9999
"""Share of the filter that is expected to be still true a step later: a room changes slowly. (Of 128 words 114 and 110
were understood at an ENR of 6 and 15 dB; 112 and 107 with 0.9998, 111 and 99 with 0.9995.)"""
_LATE = 12.0
"""Steps after which the first guess of an echo's strength has fallen to 1/e."""
_OWN = 0.5
"""Share of the filter's uncertainty that counts as noise: half of each block pair is overlap."""
_SMOOTH = 0.9
_SILENT = 3e-6
"""Power of a bin of the far end (noise of -80 dBFS) below which nothing can be learned about the room."""
_CLIPPED = 0.999
"""A sample this large was cut off. Where the expected echo was louder still, nothing is left over."""
_LOUDEST = 4.0
"""Sound beyond this is no sound: full scale is 1, and a step of the filter must stay within single precision."""
_TINY = 1e-8
_LEAST = 1e-10


class Canceller:
    """Subtracts from the microphone what it expects of the far end. One instance a room, one call a ``HOP``."""

    def __init__(self) -> None:
        shape = (len(POWERS), _PARTS, _BINS)
        self._filter = np.zeros(shape, np.complex64)
        self._far = np.zeros(shape, np.complex64)
        self._before = np.zeros((len(POWERS), HOP), np.float32)
        self._doubt = np.empty(shape, np.float32)
        self._noise = np.empty(_BINS, np.float32)
        self._quiet = 0
        """Steps in a row in which nothing at all was played."""
        self.forget()

    def forget(self) -> None:
        """Start learning anew: the way through the room is another one."""
        self._filter[:] = 0.0
        self._far[:] = 0.0  # what was played was aligned to the old way
        self._before = np.zeros((len(POWERS), HOP), np.float32)
        self._quiet = 0
        self._noise[:] = 1e-4
        self.waver()

    def waver(self) -> None:
        """Be open to another way through the room, and go on with the one that is known."""
        self._doubt[:] = np.exp(-np.arange(_PARTS, dtype=np.float32) / _LATE)[None, :, None]

    @property
    def response(self) -> Samples:
        """The way through the room as learned: an impulse response of ``REACH`` seconds at ``EAR_RATE``."""
        taps: Samples = np.fft.irfft(self._filter[0], axis=1)[:, :HOP].astype(np.float32).ravel()
        return taps

    def take(self, heard: Samples, far: Samples) -> Samples:
        """Return ``heard``, ``HOP`` frames of the microphone, without the echo of ``far``.

        ``far``: what was played, to each of the ``POWERS``, shape ``(2, HOP)``. What is not a number is silence.
        """
        heard, far = finite(heard), finite(far)
        self._quiet = 0 if far.any() else self._quiet + 1
        if self._quiet > _PARTS + 1:  # no echo is left: all below would compute this, and change nothing
            return heard
        self._far[:, 1:] = self._far[:, :-1].copy()
        self._far[:, 0] = np.fft.rfft(np.concatenate([self._before, far], axis=1), axis=1)
        self._before = far
        if not heard.any():
            return heard  # the microphone is muted: there is nothing to take out, nor to learn
        echo = np.fft.irfft((self._filter * self._far).sum(axis=(0, 1)))[HOP:]
        rest: Samples = (heard - echo).astype(np.float32)
        rest[(np.abs(heard) >= _CLIPPED) & (rest * heard < 0.0)] = 0.0
        self._learn(rest)
        return rest

    def _learn(self, rest: Samples) -> None:
        """Let the filter follow: each tap by as much as it is in doubt, and less where something else sounds."""
        power = _power(self._far)
        if power.max() < _SILENT:
            return  # a filter that went on forgetting in a pause could hardly learn any more after five minutes
        error = np.fft.rfft(np.concatenate([np.zeros(HOP, np.float32), rest])).astype(np.complex64)
        self._noise += (1 - _SMOOTH) * (_power(error) - self._noise)
        expected = (self._doubt * power).sum(axis=(0, 1))
        gain = self._doubt / (_OWN * expected + self._noise + _TINY)
        step = np.fft.irfft(gain * np.conj(self._far) * error, axis=2)
        step[:, :, HOP:] = 0.0  # a partition is HOP taps long; the rest of the transform is there to avoid wrapping
        self._filter = (_KEPT * (self._filter + np.fft.rfft(step, axis=2))).astype(np.complex64)
        left = (1 - _OWN * gain * power) * self._doubt
        self._doubt = (_KEPT**2 * left + (1 - _KEPT**2) * _power(self._filter) + _LEAST).astype(np.float32)


def finite(sound: Samples) -> Samples:
    """Return ``sound`` with silence for what is not a number, so that one bad block does not spoil all that follow."""
    if np.abs(sound).max(initial=0.0) <= _LOUDEST:  # of what is no number, this is not true
        return sound.copy()
    whole: Samples = np.clip(np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0), -_LOUDEST, _LOUDEST)
    return whole


def _power(spectrum: np.ndarray[tuple[int, ...], np.dtype[np.complex64]]) -> Samples:
    power: Samples = spectrum.real**2 + spectrum.imag**2
    return power
