"""The gate: what passes, what does not, and what it says about the voice."""

from __future__ import annotations

import time

import numpy as np
import pytest

from voicecoach.hearing.activity import HANGOVER, PRE_ROLL, Activity, Slice
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Samples

SECOND = EAR_RATE


def noise(seconds: float, level: float, seed: int = 0) -> Samples:
    frames = round(seconds * EAR_RATE)
    return np.random.default_rng(seed).normal(0.0, level, frames).astype(np.float32)


def burble(seconds: float, level: float = 0.1) -> Samples:
    """Something that swells and fades four times a second, as syllables do."""
    t = np.arange(round(seconds * EAR_RATE)) / EAR_RATE
    return (noise(seconds, level, 9) * (0.15 + 0.85 * np.sin(4 * np.pi * t) ** 2)).astype(np.float32)


def blocks_of(*parts: Samples) -> list[Samples]:
    sound = np.concatenate(parts)
    return [sound[i : i + EAR_BLOCK] for i in range(0, len(sound) - EAR_BLOCK + 1, EAR_BLOCK)]


def run(gate: Activity, *parts: Samples) -> list[Slice]:
    return [piece for block in blocks_of(*parts) for piece in gate.take(block)]


def test_silence_and_room_noise_pass_nothing() -> None:
    gate = Activity()
    assert run(gate, np.zeros(2 * SECOND, np.float32), noise(5, 1e-3)) == []
    assert not gate.awake


def test_a_voice_passes_whole_with_what_was_before_it() -> None:
    gate = Activity()
    sound = np.concatenate([noise(2, 1e-4), burble(1), noise(2, 1e-4)])
    pieces = run(gate, sound)
    first = pieces[0].at - EAR_BLOCK / EAR_RATE
    assert 2.0 - first >= PRE_ROLL >= 0.4
    assert 2.0 - first < PRE_ROLL + 0.05
    assert 3.0 + 0.2 <= pieces[-1].at <= 3.0 + HANGOVER + 0.05
    start = round(first * EAR_RATE)
    passed = np.concatenate([piece.samples for piece in pieces])
    np.testing.assert_array_equal(passed, sound[start : start + len(passed)])


def test_pieces_are_stamped_with_their_own_end_and_only_loud_ones_are_voice() -> None:
    pieces = run(Activity(), noise(1, 1e-4), burble(1), noise(1, 1e-4))
    steps = np.diff([piece.at for piece in pieces])
    np.testing.assert_allclose(steps, EAR_BLOCK / EAR_RATE)
    voiced = [piece.at for piece in pieces if piece.voice]
    assert min(voiced) > 1.0
    assert max(voiced) < 2.05


def test_what_was_before_a_second_voice_is_not_passed_twice() -> None:
    pieces = run(Activity(), burble(0.5), noise(0.8, 1e-4), burble(0.5), noise(1, 1e-4))
    ends = [piece.at for piece in pieces]
    assert len(ends) == len(set(ends))
    assert ends == sorted(ends)


def test_the_callers_block_may_change_after_the_call() -> None:
    gate = Activity()
    block = np.full(EAR_BLOCK, 1e-4, np.float32)
    for _ in range(30):
        gate.take(block)
        block[:] = 0.0
        block[::2] = 1e-4
    block[:] = 0.0
    passed = gate.take(burble(0.02, 0.5))
    assert passed[-2].samples.any()


@pytest.mark.parametrize("level", [0.003, 0.03, 0.3])
def test_a_fan_is_noise_after_half_a_second(level: float) -> None:
    gate = Activity()
    run(gate, noise(1, 1e-4))
    pieces = run(gate, noise(5, level))
    assert len(pieces) * EAR_BLOCK / EAR_RATE < 0.5 + PRE_ROLL + 0.1
    assert not gate.awake
    assert run(gate, burble(0.5, 10 * level)) != []


def test_a_hum_is_even_and_a_voice_is_not() -> None:
    hum = (0.1 * np.sin(np.arange(2 * SECOND) * 2 * np.pi * 100 / EAR_RATE)).astype(np.float32)
    gate = Activity()
    seen = []
    for block in blocks_of(hum):
        gate.take(block)
        seen.append(gate.steady)
    assert any(seen)
    gate = Activity()
    for block in blocks_of(burble(3)):
        gate.take(block)
        assert not gate.steady


def test_noise_covers_more_of_a_voice_the_louder_it_is() -> None:
    covered = []
    for level in (1e-4, 0.003, 0.02):
        pieces = run(Activity(), noise(3, level), burble(1) + noise(1, level, 1))
        covered.append(pieces[-1].covered)
    assert covered[0] == 0.0
    assert covered[0] < covered[1] < covered[2] <= 1.0


def test_without_sleep_everything_passes_and_voices_are_still_told() -> None:
    gate = Activity(sleeps=False)
    parts = (noise(1, 1e-4), burble(1), noise(2, 1e-4))
    pieces = run(gate, *parts)
    assert len(pieces) == len(blocks_of(*parts))
    asleep = run(Activity(), *parts)
    assert [p.at for p in pieces if p.voice] == [p.at for p in asleep if p.voice]


def test_sound_that_is_not_a_number_is_no_voice_and_does_no_harm() -> None:
    gate = Activity()
    assert run(gate, np.full(SECOND, np.nan, np.float32), np.full(SECOND, np.inf, np.float32)) == []
    assert run(gate, burble(0.5)) != []


def test_an_hour_of_digital_silence_costs_next_to_nothing() -> None:
    """180 000 blocks; about 0.5 s here. The bound is generous: it only tells free from not free."""
    gate = Activity()
    zeros = np.zeros(EAR_BLOCK, np.float32)
    began = time.process_time()
    for _ in range(60 * 60 * EAR_RATE // EAR_BLOCK):
        gate.take(zeros)
    assert time.process_time() - began < 20.0
    assert gate.now == pytest.approx(3600.0)
