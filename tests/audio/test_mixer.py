"""The mixer: sounds on their frame, silence on request, no click, and nothing that depends on the size of a block."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from itertools import cycle
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecoach.core.events import ChimeKind
from voicecoach.ports import Audio, Samples
from voicecoach.speech.chimes import chime
from voicecoach.speech.mixer import Mixer

RATE = 48_000
BLOCK = 960
RAMP = 240
"""Five milliseconds."""


def pull(mixer: Mixer, frames: int, block: int = BLOCK) -> Samples:
    """Play ``frames`` frames, block by block, the last one shorter if need be."""
    out = np.full(frames, np.nan, np.float32)
    for begin in range(0, frames, block):
        mixer.fill(out[begin : begin + block])
    return out


def tone(frames: int, peak: float = 0.5, hertz: float = 440.0, rate: int = RATE) -> Audio:
    return Audio((peak * np.sin(2 * np.pi * hertz * np.arange(frames) / rate)).astype(np.float32), rate)


def level(frames: int, value: float = 0.5, rate: int = RATE) -> Audio:
    return Audio(np.full(frames, value, np.float32), rate)


def placed(sound: Samples, at: int, frames: int) -> Samples:
    out = np.zeros(frames, np.float32)
    out[at : at + len(sound)] = sound[: max(0, frames - at)]
    return out


@pytest.fixture
def mixer() -> Mixer:
    return Mixer(RATE, BLOCK)


# --- Placing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [0, 1, 959, 960, 961, 2500])
def test_speech_starts_at_its_frame(mixer: Mixer, frame: int) -> None:
    sound = tone(1500)
    end = mixer.play(sound, frame / RATE)

    assert np.array_equal(pull(mixer, 6000), placed(sound.samples, frame, 6000))
    assert end == pytest.approx((frame + 1500) / RATE)


def test_what_is_past_starts_with_the_next_block(mixer: Mixer) -> None:
    pull(mixer, 2 * BLOCK)
    sound = tone(700)
    end = mixer.play(sound, 0.001)

    assert np.array_equal(pull(mixer, 2000), placed(sound.samples, 0, 2000))
    assert end == pytest.approx((2 * BLOCK + 700) / RATE)


def test_position_counts_the_frames_handed_out(mixer: Mixer) -> None:
    assert mixer.position == 0
    pull(mixer, 2500)
    assert mixer.position == 2500


def test_a_tap_is_given_every_block_as_it_sounds(mixer: Mixer) -> None:
    taken: list[Samples] = []
    mixer.tap(lambda block: taken.append(block.copy()))
    mixer.play(tone(9000), 0.0)
    mixer.duck(-20.0)
    mixer.volume(0.5)

    assert np.array_equal(pull(mixer, 6000), np.concatenate(taken))


def test_a_chime_is_mixed_over_speech(mixer: Mixer) -> None:
    sound = tone(9000, peak=0.4)
    mixer.play(sound, 0.0)
    mixer.chime(ChimeKind.HEARD, 1000 / RATE)
    expected = placed(sound.samples, 0, 20_000) + placed(chime(ChimeKind.HEARD, RATE).samples, 1000, 20_000)

    assert np.allclose(pull(mixer, 20_000), expected, atol=1e-6)


def test_a_new_speech_does_not_cut_the_old(mixer: Mixer) -> None:
    mixer.play(level(3000, 0.25), 0.0)
    mixer.play(level(1000, 0.5), 1000 / RATE)
    out = pull(mixer, 4000)

    assert np.all(out[:1000] == 0.25)
    assert np.all(out[1000:2000] == 0.75)
    assert np.all(out[2000:3000] == 0.25)
    assert not out[3000:].any()


def test_other_rates_are_resampled_without_delay(mixer: Mixer) -> None:
    rate = 22_050
    envelope = np.hanning(rate // 2).astype(np.float32)
    sound = Audio(tone(rate // 2, rate=rate).samples * envelope, rate)
    end = mixer.play(sound, 0.1)
    out = pull(mixer, RATE)
    time = np.arange(RATE) / RATE - 0.1
    ideal = np.interp(time, np.arange(rate // 2) / rate, envelope, 0, 0) * 0.5 * np.sin(2 * np.pi * 440 * time)

    assert np.abs(out - ideal).max() < 0.005
    assert end == pytest.approx(0.6)


def test_a_repeated_sound_is_resampled_once(mixer: Mixer, monkeypatch: pytest.MonkeyPatch) -> None:
    import soxr

    calls: list[int] = []
    resample = soxr.resample

    def count(samples: Samples, old: int, new: int) -> Samples:
        calls.append(len(samples))
        done: Samples = resample(samples, old, new)
        return done

    monkeypatch.setattr(soxr, "resample", count)
    word = tone(2000, rate=22_050)
    for at in range(3):
        mixer.play(word, at)
    mixer.play(tone(2000, rate=22_050), 9.0)

    assert len(calls) == 2


def test_any_length_of_block_is_filled(mixer: Mixer) -> None:
    sound = tone(5000)
    mixer.play(sound, 0.0)
    out = np.empty(5000, np.float32)
    mixer.fill(out)

    assert np.array_equal(out, sound.samples)


# --- Hush --------------------------------------------------------------------------------------------------------------


def test_hush_is_silent_within_a_block(mixer: Mixer) -> None:
    mixer.play(tone(RATE), 0.0)
    mixer.play(tone(RATE), 0.5)
    mixer.chime(ChimeKind.START, 0.0)
    mixer.chime(ChimeKind.DONE, 0.3)
    assert pull(mixer, BLOCK).any()
    mixer.hush()
    out = pull(mixer, 2 * RATE)

    assert out[: RAMP // 2].any(), "it fades, it is not cut"
    assert not out[RAMP:].any()


def test_what_is_asked_for_after_a_hush_plays(mixer: Mixer) -> None:
    mixer.play(level(RATE, 0.5), 0.0)
    pull(mixer, BLOCK)
    mixer.play(level(RATE, 0.3), 0.0)
    mixer.hush()
    mixer.play(level(500, 0.25), 0.0)
    mixer.chime(ChimeKind.COUNT, 0.2)
    out = pull(mixer, RATE)

    assert out[0] == pytest.approx(0.75), "old and new, without the one between"
    assert np.all(out[RAMP:500] == 0.25)
    assert not out[500 : round(0.2 * RATE) - BLOCK].any()
    assert out[round(0.2 * RATE) - BLOCK + 100 :].any()


def test_a_second_hush_does_not_lengthen_the_first(mixer: Mixer) -> None:
    mixer.play(tone(RATE), 0.0)
    pull(mixer, BLOCK)
    mixer.hush()
    pull(mixer, 100)
    mixer.hush()

    assert not pull(mixer, BLOCK)[RAMP - 100 :].any()


# --- No clicks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        Mixer.hush,
        Mixer.pause,
        lambda mixer: mixer.duck(-20.0),
        lambda mixer: mixer.volume(0.1),
    ],
    ids=["hush", "pause", "duck", "volume"],
)
def test_no_change_makes_a_step(mixer: Mixer, change: Callable[[Mixer], None]) -> None:
    peak = 0.8
    mixer.play(tone(RATE, peak), 0.0)
    before = pull(mixer, 3 * BLOCK + 27)
    change(mixer)
    after = pull(mixer, 3 * BLOCK)
    natural = peak * 2 * np.pi * 440 / RATE

    assert np.abs(after[RAMP:]).max() < 0.11
    assert np.abs(np.diff(np.concatenate([before, after]))).max() <= natural + peak / RAMP + 1e-6


# --- Gains ---------------------------------------------------------------------------------------------------------------


def test_duck_lowers_speech_and_not_chimes(mixer: Mixer) -> None:
    mixer.play(level(RATE, 0.5), 0.0)
    mixer.duck(-20.0)
    pull(mixer, BLOCK)
    assert pull(mixer, BLOCK) == pytest.approx(0.05)

    mixer.duck(0.0)
    out = pull(mixer, BLOCK)
    assert out[0] == pytest.approx(0.05)
    assert out[RAMP:] == pytest.approx(0.5)

    quiet = Mixer(RATE, BLOCK)
    quiet.duck(-60.0)
    quiet.chime(ChimeKind.START, 0.0)
    assert np.array_equal(pull(quiet, 4800), chime(ChimeKind.START, RATE).samples[:4800])


def test_volume_changes_everything_over_five_milliseconds(mixer: Mixer) -> None:
    mixer.play(level(RATE, 0.5), 0.0)
    mixer.volume(0.5)
    out = pull(mixer, BLOCK)

    assert out[0] == 0.5
    assert out[RAMP // 2] == pytest.approx(0.375)
    assert np.all(out[RAMP:] == 0.25)


@pytest.mark.parametrize("gain", [-0.1, float("nan"), float("inf")])
def test_an_impossible_volume_is_refused(mixer: Mixer, gain: float) -> None:
    with pytest.raises(ValueError, match="volume"):
        mixer.volume(gain)


def test_ducking_cannot_amplify(mixer: Mixer) -> None:
    with pytest.raises(ValueError, match="duck"):
        mixer.duck(3.0)


def test_loud_sounds_are_bent_and_never_pass_one(mixer: Mixer) -> None:
    for _ in range(3):
        mixer.play(tone(BLOCK, 0.85), 0.0)
    out = pull(mixer, BLOCK)
    alone = tone(BLOCK, 0.85).samples * 3

    assert np.abs(out).max() <= 1.0
    assert np.abs(out).max() > 0.95
    quiet = np.abs(alone) < 0.9
    assert np.allclose(out[quiet], alone[quiet], atol=1e-6)
    assert np.array_equal(np.sign(out), np.sign(alone))


# --- Pause ---------------------------------------------------------------------------------------------------------------


def test_pause_and_resume_lose_no_sample(mixer: Mixer) -> None:
    source = np.random.default_rng(1).uniform(0.2, 0.8, 6000).astype(np.float32)
    mixer.play(Audio(source, RATE), 0.0)
    first = pull(mixer, 1500, 500)
    mixer.pause()
    held = pull(mixer, 4000)
    mixer.resume()
    rest = pull(mixer, 6000)
    down = np.linspace(1, 0, RAMP, endpoint=False, dtype=np.float32)
    up = np.concatenate([1 - down, np.ones(6000 - RAMP)])
    heard = np.concatenate([first, held[:RAMP], rest])
    gain = np.concatenate([np.ones(1500), down, up])

    assert not held[RAMP:].any()
    assert np.allclose(heard[:6000], source * gain[:6000], atol=1e-6)
    assert not heard[6000:].any()


def test_pausing_again_and_again_moves_nothing(mixer: Mixer) -> None:
    mixer.play(level(RAMP + 1000), 0.0)
    mixer.pause()
    pull(mixer, BLOCK)
    for _ in range(5):
        mixer.resume()
        mixer.pause()
        mixer.pause()
        assert not pull(mixer, BLOCK).any()
    mixer.resume()

    assert np.count_nonzero(pull(mixer, 3 * BLOCK)) == 1000 - 1  # the ramp opens with a gain of 0


def test_a_second_pause_does_not_lengthen_the_first(mixer: Mixer) -> None:
    mixer.play(level(RATE), 0.0)
    mixer.pause()
    pull(mixer, 100)
    mixer.pause()

    assert not pull(mixer, BLOCK)[RAMP - 100 :].any()


def test_what_waits_keeps_its_distance_while_held(mixer: Mixer) -> None:
    mixer.play(level(100), 1000 / RATE)
    mixer.pause()
    assert not pull(mixer, 5000).any()
    mixer.resume()
    out = pull(mixer, 5000)

    assert np.flatnonzero(out)[0] == 1000 - RAMP  # time went on for speech while the ramp went down


def test_chimes_go_on_while_speech_is_held(mixer: Mixer) -> None:
    mixer.pause()
    mixer.chime(ChimeKind.HEARD, 0.0)

    assert pull(mixer, BLOCK).any()


def test_hush_drops_what_is_held(mixer: Mixer) -> None:
    mixer.play(level(RATE), 0.0)
    mixer.pause()
    pull(mixer, BLOCK)
    mixer.hush()
    mixer.resume()

    assert not pull(mixer, 2 * RATE).any()


# --- The whole, whatever the blocks --------------------------------------------------------------------------------------

LOW = 8_000
Call = Callable[[Mixer], object]

SOUNDS = [tone(frames, 0.6, 300, LOW) for frames in (1, 37, 400, 1500)] + [tone(700, 0.9, 500, 11_025)]
MOMENTS = st.integers(0, 4000).map(lambda frame: frame / LOW)
CALLS: st.SearchStrategy[Call] = st.one_of(
    st.builds(lambda sound, at: lambda m: m.play(sound, at), st.sampled_from(SOUNDS), MOMENTS),
    st.builds(lambda kind, at: lambda m: m.chime(kind, at), st.sampled_from(list(ChimeKind)), MOMENTS),
    st.builds(lambda db: lambda m: m.duck(db), st.sampled_from([0.0, -6.0, -20.0])),
    st.builds(lambda gain: lambda m: m.volume(gain), st.sampled_from([0.0, 0.5, 1.0, 2.0])),
    st.sampled_from([Mixer.hush, Mixer.pause, Mixer.resume]),
)
SCRIPTS = st.lists(st.tuples(st.integers(0, 600), CALLS), max_size=25)


def perform(script: list[tuple[int, Call]], mixer: Mixer, sizes: list[int] | None) -> Samples:
    """Play the script: before each call so many frames, in blocks of ``sizes`` (None: in one)."""
    lengths = cycle(sizes or [1])
    parts: list[Samples] = []

    def play(frames: int) -> None:
        while frames:
            size = min(frames, next(lengths)) if sizes else frames
            part = np.full(size, np.nan, np.float32)
            mixer.fill(part)
            parts.append(part)
            frames -= size

    for frames, call in script:
        play(frames)
        call(mixer)
    play(6000)
    return np.concatenate(parts)


@settings(max_examples=150, deadline=None)
@given(script=SCRIPTS, sizes=st.lists(st.integers(1, 700), min_size=1, max_size=6), block=st.integers(1, 500))
def test_the_size_of_blocks_changes_nothing(script: list[tuple[int, Call]], sizes: list[int], block: int) -> None:
    whole = perform(script, Mixer(LOW, 100_000), None)
    cut = perform(script, Mixer(LOW, block), sizes)

    assert np.allclose(whole, cut, atol=1e-6)
    assert np.abs(whole).max() <= 1.0


PLACED = st.lists(
    st.tuples(st.integers(0, 600), st.sampled_from([None, *SOUNDS[:4]]), st.integers(0, 4000)), max_size=20
)


@settings(max_examples=100, deadline=None)
@given(script=PLACED, sizes=st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_play_and_hush_match_a_plain_model(script: list[tuple[int, Audio | None, int]], sizes: list[int]) -> None:
    """The model: a list of sounds with their starts; a hush (None) fades what has begun and forgets the rest."""
    mixer = Mixer(LOW, 160)
    mixer.volume(0.05)
    calls: list[tuple[int, Call]] = [(100, lambda m: None)]
    sounds: list[tuple[Samples, int]] = []
    now, done = 100, 0
    for frames, sound, at in script:
        now += frames
        if sound is None:
            calls.append((frames, Mixer.hush))
            kept = [(samples.copy(), start) for samples, start in sounds[done:] if start < now]
            for samples, start in kept:
                begin = now - start
                fade = np.clip(1 - np.arange(max(0, len(samples) - begin)) / 40, 0, 1)
                samples[begin:] *= fade
            sounds = sounds[:done] + kept
            done = len(sounds)
        else:
            calls.append((frames, partial(Mixer.play, audio=sound, at=at / LOW)))
            sounds.append((sound.samples, max(at, now)))
    out = perform(calls, mixer, sizes)
    model = np.sum([placed(samples, start, len(out)) for samples, start in sounds], axis=0) if sounds else 0 * out

    assert np.allclose(out, 0.05 * model, atol=1e-5)


def test_a_call_while_a_block_is_mixed_is_not_lost(mixer: Mixer, monkeypatch: pytest.MonkeyPatch) -> None:
    mix = mixer._add

    ends: list[float] = []

    def interrupted(*args: Any) -> None:
        monkeypatch.undo()
        ends.append(mixer.play(level(BLOCK, 0.25), 0.0))
        ends.append(mixer.play(level(BLOCK, 0.25), 3 * BLOCK / RATE))
        mix(*args)

    monkeypatch.setattr(mixer, "_add", interrupted)
    mixer.play(level(BLOCK, 0.5), 0.0)

    assert np.all(pull(mixer, BLOCK) == 0.5)
    assert np.all(pull(mixer, BLOCK) == 0.25)
    assert ends == [pytest.approx(2 * BLOCK / RATE), pytest.approx(4 * BLOCK / RATE)], "the next line must not overlap"


@pytest.mark.parametrize("step", range(1, 8))
def test_an_end_is_never_told_too_early_in_whatever_moment_of_a_block(mixer: Mixer, step: int) -> None:
    """A call at each of the callback's steps: the sound is over when it was said to be, or a block before."""
    ends: list[float] = []
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        if frame.f_code is not Mixer.fill.__code__:
            return None
        steps += event == "line"
        if steps == step and not ends:
            ends.append(mixer.play(level(BLOCK, 0.25), 0.0))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        first = pull(mixer, BLOCK)
    finally:
        sys.settrace(before)
    out = np.concatenate([first, pull(mixer, 3 * BLOCK)])
    over = (np.flatnonzero(out)[-1] + 1) / RATE
    assert over - 1e-9 <= ends[0] <= over + BLOCK / RATE + 1e-9


def test_control_from_another_thread_never_disturbs_the_callback(mixer: Mixer) -> None:
    stop = threading.Event()
    problems: list[BaseException] = []

    def callback() -> None:
        out = np.empty(BLOCK, np.float32)
        try:
            while not stop.is_set():
                mixer.fill(out)
                assert np.abs(out).max() <= 1.0
        except BaseException as error:  # noqa: BLE001
            problems.append(error)

    thread = threading.Thread(target=callback)
    thread.start()
    try:
        for turn in range(300):
            mixer.play(tone(1000, 0.9), mixer.position / RATE)
            mixer.chime(ChimeKind.COUNT, mixer.position / RATE)
            mixer.duck(-float(turn % 30))
            if turn % 7 == 0:
                mixer.hush()
    finally:
        stop.set()
        thread.join()
    assert not problems
