"""Sounds of a body at work that nobody recorded for us: a groan, a cough, breathing, clapping, made by arithmetic.

Rule: simple, documented, deterministic, and always called synthetic: they tell whether a loop takes such a shape for a
word, not how often a person's own groan would be taken for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from voicecoach.ports import EAR_RATE, Samples

_SECONDS = 3.0
_FORMANTS = {"groan": ((450, 90), (900, 120), (2400, 200)), "hum": ((250, 80), (1100, 200), (2200, 300))}
"""Centre and width in Hz: an open "uh", and a closed mouth."""


def groan() -> Samples:
    """A voice that falls from 140 to 90 Hz in 1.2 s, through the formants of "uh", with breath in it."""
    return _voiced("groan", 140.0, 90.0, 1.2)


def hum() -> Samples:
    """The strain of a lift: 0.5 s at about 110 Hz with a closed mouth."""
    return _voiced("hum", 105.0, 115.0, 0.5)


def cough() -> Samples:
    """Two bursts of noise, 0.15 s each, sharp at the beginning, coloured like an open throat."""
    out = np.zeros(int(_SECONDS * EAR_RATE))
    for number, at in enumerate((0.2, 0.65)):
        burst = _noise(0.2, number) * np.exp(-np.arange(int(0.2 * EAR_RATE)) / (0.05 * EAR_RATE))
        _put(out, _through(burst, _FORMANTS["groan"]), at)
    return _scaled(out)


def breathing() -> Samples:
    """In for 1 s and out for 1.4 s: noise that swells and fades, brighter on the way in."""
    out = np.zeros(int(_SECONDS * EAR_RATE))
    for number, (at, seconds, bands) in enumerate(
        ((0.1, 1.0, ((1500, 1200), (3500, 2000))), (1.4, 1.4, ((700, 800), (1800, 1500))))
    ):
        swell = np.sin(np.pi * np.arange(int(seconds * EAR_RATE)) / (seconds * EAR_RATE)) ** 2
        _put(out, _through(_noise(seconds, 10 + number), bands) * swell, at)
    return _scaled(out)


def clapping() -> Samples:
    """Five claps, 0.33 s apart: 10 ms of noise round 1.2 kHz, each."""
    out = np.zeros(int(_SECONDS * EAR_RATE))
    for number in range(5):
        clap = _noise(0.08, 20 + number) * np.exp(-np.arange(int(0.08 * EAR_RATE)) / (0.01 * EAR_RATE))
        _put(out, _through(clap, ((1200, 900),)), 0.2 + 0.33 * number)
    return _scaled(out)


BODIES: Mapping[str, Callable[[], Samples]] = {
    "groan": groan,
    "hum": hum,
    "cough": cough,
    "breathing": breathing,
    "clapping": clapping,
}

_Wave = np.ndarray[tuple[int], np.dtype[np.float64]]


def _voiced(formants: str, first: float, last: float, seconds: float) -> Samples:
    """Return a pulse train that glides between two pitches, through formants, in a frame of ``_SECONDS``."""
    frames = int(seconds * EAR_RATE)
    pitch = np.linspace(first, last, frames) * (1 + 0.01 * np.random.default_rng(1).normal(size=frames).cumsum() / 50)
    turns = np.floor(np.cumsum(pitch) / EAR_RATE)
    source = np.diff(turns, prepend=0.0) + 0.01 * _noise(seconds, 2)
    out = np.zeros(int(_SECONDS * EAR_RATE))
    _put(out, _through(source, _FORMANTS[formants]) * np.hanning(frames) ** 0.5, 0.5)
    return _scaled(out)


def _through(sound: _Wave, bands: tuple[tuple[int, int], ...]) -> _Wave:
    """Return ``sound`` through resonances (centre, width in Hz), each 6 dB below the one before."""
    frequency = np.fft.rfftfreq(len(sound), 1 / EAR_RATE)
    gain = sum(0.5**number / (1 + ((frequency - centre) / width) ** 2) for number, (centre, width) in enumerate(bands))
    shaped: _Wave = np.fft.irfft(np.fft.rfft(sound) * gain, len(sound))
    return shaped


def _noise(seconds: float, seed: int) -> _Wave:
    return np.random.default_rng(seed).normal(size=int(seconds * EAR_RATE))


def _put(out: _Wave, sound: _Wave, at: float) -> None:
    first = int(at * EAR_RATE)
    out[first : first + len(sound)] += sound[: len(out) - first]


def _scaled(sound: _Wave) -> Samples:
    return np.asarray(0.2 * sound / np.abs(sound).max(), dtype=np.float32)
