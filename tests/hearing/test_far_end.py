"""What the loudspeaker plays: kept by one thread, read by another, at fractional places."""

from __future__ import annotations

import threading
import tracemalloc

import numpy as np
import pytest

from tests.hearing.echo_scene import loss, si_sdr
from voicecoach.hearing.canceller import HOP
from voicecoach.hearing.far_end import HISTORY, FarEnd
from voicecoach.ports import EAR_RATE, Samples

RATES = (16_000, 24_000, 44_100, 48_000)


def sine(hertz: float, rate: int, seconds: float, start: float = 0.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hertz * (np.arange(round(seconds * rate)) / rate + start))).astype(np.float32)


def feed(far: FarEnd, sound: Samples, sizes: list[int], *, every: int = 1) -> None:
    """Take ``sound`` in blocks of these ``sizes``, in turn; the ear catches up after ``every`` of them."""
    at = turn = 0
    while at < len(sound):
        size = sizes[turn % len(sizes)]
        far.take(sound[at : at + size])
        at, turn = at + size, turn + 1
        if turn % every == 0:
            far.catch_up()
    far.catch_up()


def read(far: FarEnd, place: float) -> Samples:
    hop = far.read(place)
    assert hop is not None
    assert hop.dtype == np.float32
    assert hop.shape == (2, HOP)
    sound: Samples = hop[0]
    return sound


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hertz", [300.0, 1000.0, 3000.0, 6000.0])
def test_between_the_frames_it_reads_what_the_ideal_shift_would_give(rate: int, hertz: float) -> None:
    """The resampler belongs to what is read, which is 0.2 dB weaker at 6 kHz; the time is exact."""
    far = FarEnd(rate)
    feed(far, sine(hertz, rate, 3.0), [rate // 50])
    for place in (20_000.0, 20_160.25, 21_000.5, 22_000.75, 30_000.999):
        wanted = (0.5 * np.sin(2 * np.pi * hertz * (place + np.arange(HOP)) / EAR_RATE)).astype(np.float32)
        got = read(far, place)
        assert si_sdr(wanted, got) > 50.0, place
        assert abs(loss(wanted, got)) < 0.3, place


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("sizes", [[960], [1], [7, 313, 1024], [4800]], ids=str)
def test_the_size_of_the_blocks_changes_nothing(rate: int, sizes: list[int]) -> None:
    sound = np.random.default_rng(2).normal(0, 0.1, rate // (8 if sizes == [1] else 1)).astype(np.float32)
    one, other = FarEnd(rate), FarEnd(rate)
    feed(one, sound, [256])
    feed(other, sound, sizes, every=50 if sizes == [1] else 1)
    place = min(one.end, other.end) - 400.5
    np.testing.assert_allclose(read(one, place), read(other, place), atol=2e-6)


def test_round_the_ring_and_on() -> None:
    """Eleven seconds through a ring of four: every place reads what was played there."""
    rate = 48_000
    sound = sine(700.0, rate, 11.0) * np.linspace(0.1, 1.0, 11 * rate, dtype=np.float32)
    far, at = FarEnd(rate), 0
    seen = 0
    for start in range(0, len(sound), 1001):  # the ring's end falls inside a block
        far.take(sound[start : start + 1001])
        far.catch_up()
        while at + 400 < far.end:
            time = (at + 0.3 + np.arange(HOP)) / EAR_RATE
            wanted = 0.5 * np.sin(2 * np.pi * 700.0 * time) * (0.1 + 0.9 * time / 11.0)
            if at > 500:
                np.testing.assert_allclose(read(far, at + 0.3), wanted, atol=2e-3)
            at, seen = at + 1600, seen + 1
    assert seen > 100


@pytest.mark.parametrize("rate", RATES)
def test_no_more_than_30_ms_are_held_back(rate: int) -> None:
    far = FarEnd(rate)
    feed(far, sine(500.0, rate, 2.0), [rate // 50])
    assert 2 * EAR_RATE - 0.03 * EAR_RATE <= far.end <= 2 * EAR_RATE


def test_what_is_not_there_yet_is_silence_and_what_has_gone_is_none() -> None:
    far = FarEnd(EAR_RATE)
    assert not read(far, 5000.0).any()
    feed(far, sine(500.0, EAR_RATE, 6.0), [320])
    assert not read(far, far.end - HOP).any()
    assert not read(far, far.end + 1e6).any()
    assert read(far, far.end - HOP - 40).any()
    assert far.read(far.end - HISTORY * EAR_RATE) is None
    assert far.read(-5.0) is None
    assert read(far, far.end - HISTORY * EAR_RATE + 20).any()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("away", [1.0, 2.5, 3.9, 7.3, 30.0])
def test_an_ear_that_was_away_finds_every_place_where_it_was(rate: int, away: float) -> None:
    """What was missed is silence; what is read after it was played then, to the frame."""
    sound = np.zeros(round((away + 3.0) * rate), np.float32)
    click = round((away + 1.5) * rate)  # half a second after the ear is back
    sound[: 1 * rate] = sine(500.0, rate, 1.0)[: 1 * rate]
    sound[click : click + rate // 4] = sine(1000.0, rate, 0.25)
    far = FarEnd(rate)
    feed(far, sound[:rate], [rate // 50])
    feed(far, sound[rate : round((away + 1.0) * rate)], [rate // 50], every=10**6)
    feed(far, sound[round((away + 1.0) * rate) :], [rate // 50])
    assert far.end == pytest.approx((away + 3.0) * EAR_RATE, abs=0.03 * EAR_RATE)
    place = (away + 1.5 + 0.1) * EAR_RATE
    wanted = sine(1000.0, EAR_RATE, HOP / EAR_RATE, start=0.1)
    assert loss(wanted, read(far, place) - wanted) > 28.0  # half a frame of rounding is -34 dB at 1 kHz... and no more
    middle = far.read((away + 1.5 - 1.2) * EAR_RATE)
    assert middle is None or np.abs(middle).max() < 0.01 or away == 1.0


def test_being_away_again_and_again_moves_no_place() -> None:
    far = FarEnd(44_100)
    silence = np.zeros(441, np.float32)
    for _ in range(20):
        for _ in range(331):
            far.take(silence)
        far.catch_up()
    assert far.end == pytest.approx(20 * 331 * 160, abs=0.03 * EAR_RATE)
    start = 20 * 331 * 160
    feed(far, sine(1000.0, 44_100, 0.5), [441])
    wanted = sine(1000.0, EAR_RATE, HOP / EAR_RATE, start=0.2)
    assert loss(wanted, read(far, start + 3200) - wanted) > 28.0


def test_not_a_number_is_silence_and_gone_after_itself() -> None:
    far = FarEnd(48_000)
    bad = np.full(960, np.nan, np.float32)
    bad[::2] = np.inf
    feed(far, np.concatenate([sine(500.0, 48_000, 1.0), bad, sine(500.0, 48_000, 1.0)]), [960])
    assert np.isfinite(far.latest(2 * EAR_RATE)).all()
    assert np.abs(read(far, far.end - 1000)).max() > 0.4


def test_taking_makes_nothing() -> None:
    """It runs in the audio callback: a thousand blocks leave nothing behind and never hold a copy."""
    far = FarEnd(48_000)
    block = np.ones(960, np.float32)
    far.take(block)
    tracemalloc.start()
    try:
        for _ in range(1000):
            far.take(block)
        now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 1000
    assert most < block.nbytes  # views and numbers only


def test_the_callers_block_may_change_after_the_call() -> None:
    far = FarEnd(EAR_RATE)
    block = sine(500.0, EAR_RATE, 1.0)
    far.take(block)
    block[:] = 0.0
    far.catch_up()
    assert read(far, 8000.0).any()
    kept = far.latest(1000)
    kept[:] = 9.0
    assert far.latest(1000).max() < 1.0


def test_two_threads_tear_nothing() -> None:
    """One writes a ramp as fast as it can in odd blocks, the other reads: whatever is read is of one piece.

    The ramp is in steps of 1e-6 a frame, so any tear (a second of another lap) is a jump a hundred times as large.
    """
    far = FarEnd(EAR_RATE)
    slope, blocks, size = np.float32(1e-6), 3000, 331
    done = threading.Event()

    def write() -> None:
        for turn in range(blocks):
            far.take((np.arange(turn * size, (turn + 1) * size) * slope).astype(np.float32))
            if turn % 8 == 0:
                pause.wait(0.0005)
        done.set()

    pause = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    read_hops = 0
    while not done.is_set():
        far.catch_up()
        both = far.read(far.end - 1000)
        hop = None if both is None else both[0]
        # Where the writer got two seconds ahead there is a gap of silence: such a hop begins or ends with nothing.
        if hop is not None and hop.min() > 0.0 and far.end > 40_000 and np.abs(far.latest(3000)).min() > 0.0:
            expected = (far.end - 1000 + np.arange(HOP)) * slope
            np.testing.assert_allclose(hop, expected, atol=2e-4)
            read_hops += 1
    writer.join()
    assert read_hops > 0
