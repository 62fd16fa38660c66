"""Where nothing is played, nothing is computed; and what is heard is the same, to the bit, as if it had been."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from voicecoach.hearing import canceller, far_end
from voicecoach.hearing.canceller import HOP, POWERS, Canceller, finite
from voicecoach.hearing.far_end import HISTORY, FarEnd
from voicecoach.ports import EAR_RATE, Samples

RATE = 48_000
CHANCE = np.random.default_rng(7)


def noise(frames: int, level: float = 0.1) -> Samples:
    return (level * CHANCE.standard_normal(frames)).astype(np.float32)


def played(seconds: float) -> Samples:
    """What was played to each power: noise for half a second, then silence for a second, and again."""
    track = np.stack([noise(round(seconds * EAR_RATE)) for _ in POWERS])
    at = np.arange(track.shape[1]) / EAR_RATE % 1.5
    track[:, at >= 0.5] = 0.0
    return track


def test_a_filter_at_rest_is_the_filter_that_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    far = played(6.0)
    heard = 0.5 * far[0] + noise(far.shape[1], 0.01)
    resting, working = Canceller(), Canceller()
    rested = 0
    transforms: list[int] = []
    transform = np.fft.rfft

    def counted(*args: Any, **options: Any) -> Any:
        transforms.append(1)
        return transform(*args, **options)

    monkeypatch.setattr(np.fft, "rfft", counted)
    for first in range(0, far.shape[1], HOP):
        step = slice(first, first + HOP)
        transforms.clear()
        one = resting.take(heard[step], far[:, step])
        rested += not transforms
        working._quiet = -1
        np.testing.assert_array_equal(one, working.take(heard[step], far[:, step]))
    assert 200 < rested < 300, "of four seconds of silence what is beyond the filter's reach"
    for name in ("_filter", "_far", "_doubt", "_noise", "_before"):
        np.testing.assert_array_equal(getattr(resting, name), getattr(working, name))


def test_what_is_given_is_not_handed_back() -> None:
    resting = Canceller()
    heard, nothing = noise(HOP), np.zeros((len(POWERS), HOP), np.float32)
    for _ in range(60):
        rest = resting.take(heard, nothing)
    assert not np.shares_memory(rest, heard)
    np.testing.assert_array_equal(rest, heard)


@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf, 5.0, -5.0])
def test_what_is_no_number_is_silence_and_what_is_too_loud_is_cut(wild: float) -> None:
    sound = noise(HOP)
    sound[3] = wild
    expected = 0.0 if not np.isfinite(wild) else np.sign(wild) * canceller._LOUDEST
    if np.isinf(wild):
        expected = 0.0
    whole = finite(sound)
    assert whole[3] == expected
    np.testing.assert_array_equal(np.delete(whole, 3), np.delete(sound, 3))


def test_a_far_end_that_writes_on_is_the_one_that_moves_everything() -> None:
    """Over many times its history, in blocks of any length, with gaps, what is read is what a plain copy would give."""
    far, plain = FarEnd(RATE), np.zeros((len(POWERS), round(HISTORY * EAR_RATE)), np.float32)
    keep = far._keep

    def both(new: Samples) -> None:
        nonlocal plain
        plain = np.concatenate([plain, new], axis=1)[:, -plain.shape[1] :]
        keep(new)

    far._keep = both  # type: ignore[method-assign]
    for number in range(1200):
        block = noise(int(CHANCE.integers(100, 2000))) if number % 100 < 40 else np.zeros(960, np.float32)
        far.take(block)
        if number % 3 == 0 and not 700 < number < 1000:  # once it is away for longer than it keeps
            far.catch_up()
            np.testing.assert_array_equal(far._kept, plain)
    assert far.end > 3 * HISTORY * EAR_RATE


def test_silence_is_read_as_what_would_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    far = FarEnd(RATE)
    far.take(noise(RATE))
    far.take(np.zeros(RATE, np.float32))
    far.catch_up()
    kernels: list[float] = []
    kernel = far_end._kernel

    def counted(fraction: float) -> Samples:
        kernels.append(fraction)
        return kernel(fraction)

    monkeypatch.setattr(far_end, "_kernel", counted)
    for place in (far.end - 8000.3, far.end - 30_000.7):
        found = far.read(place)
        assert found is not None
        assert found.shape == (len(POWERS), HOP)
        assert found.dtype == np.float32
    assert len(kernels) == 1, "the silent one needed none"
