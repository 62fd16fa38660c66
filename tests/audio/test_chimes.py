"""The five sounds: short, soft, without a click, and not to be mistaken for each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from voicecoach.core.events import ChimeKind
from voicecoach.speech.chimes import chime

RATE = 48_000


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("kind", ChimeKind)
def test_chime_is_short_and_soft(kind: ChimeKind, rate: int) -> None:
    audio = chime(kind, rate)

    assert audio.rate == rate
    assert audio.samples.dtype == np.float32
    assert audio.seconds <= (0.12 if kind is ChimeKind.COUNT else 0.4)
    assert 0.2 <= np.abs(audio.samples).max() <= 0.35


@pytest.mark.parametrize("kind", ChimeKind)
def test_chime_begins_and_ends_in_silence(kind: ChimeKind) -> None:
    samples = chime(kind, RATE).samples

    assert abs(samples[0]) < 1e-6
    assert np.abs(samples[-5:]).max() < 1e-3


@pytest.mark.parametrize("kind", ChimeKind)
def test_chime_is_heard_on_its_instant(kind: ChimeKind) -> None:
    samples = np.abs(chime(kind, RATE).samples)

    assert np.flatnonzero(samples >= 0.1 * samples.max())[0] < 0.005 * RATE


def test_no_two_chimes_are_alike() -> None:
    for first, second in combinations(ChimeKind, 2):
        a, b = chime(first, RATE).samples, chime(second, RATE).samples
        likeness = np.abs(np.correlate(a, b, "full")).max() / (np.linalg.norm(a) * np.linalg.norm(b))
        assert likeness < 0.8, f"{first} sounds like {second}"


def _pitches(kind: ChimeKind) -> list[float]:
    """The strongest frequency in the first and the last third."""
    samples = chime(kind, RATE).samples
    third = len(samples) // 3
    ends = samples[:third], samples[-third:]
    return [float(np.argmax(np.abs(np.fft.rfft(end * np.hanning(third), RATE)))) for end in ends]


def test_understood_rises_and_refused_falls() -> None:
    low, high = _pitches(ChimeKind.HEARD)
    assert low < high
    high, low = _pitches(ChimeKind.REFUSED)
    assert low < high
