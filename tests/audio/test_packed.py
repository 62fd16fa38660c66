"""Prepared lines in 16 bits: what comes out is what went in, and one object as long as somebody holds it."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from voicecoach.ports import Audio
from voicecoach.speech.packed import Packed, Prepared


def rounded(seed: int, seconds: float = 0.5) -> Audio:
    pcm = np.random.default_rng(seed).integers(-32768, 32768, round(seconds * 22_050)).astype(np.float32)
    return Audio(pcm / np.float32(32768), 22_050)


def test_nothing_is_lost() -> None:
    audio = rounded(1)
    samples = audio.samples.copy()
    packed = Packed(audio)
    assert packed.seconds == audio.seconds
    del audio
    gc.collect()
    again = packed.audio()
    assert again.rate == 22_050
    assert again.samples.dtype == np.float32
    np.testing.assert_array_equal(again.samples, samples)


def test_it_is_the_same_as_long_as_it_is_held() -> None:
    audio = rounded(2)
    packed = Packed(audio)
    assert packed.audio() is audio
    del audio
    held = packed.audio()
    assert packed.audio() is held, "what the mixer made of it is found again"


def test_it_takes_half_the_room() -> None:
    packed = Packed(rounded(3, 10.0))
    gc.collect()
    assert packed._audio() is None
    assert packed._pcm.nbytes == 2 * 10 * 22_050
    assert packed._pcm.base is None or packed._pcm.base.nbytes == packed._pcm.nbytes


def test_lines_by_their_text() -> None:
    lines = Prepared()
    lines.add("one", rounded(4))
    lines.add("two", rounded(5))
    assert (len(lines), list(lines), "one" in lines, "three" in lines) == (2, ["one", "two"], True, False)
    assert lines.get("three") is None
    np.testing.assert_array_equal(lines["two"].samples, rounded(5).samples)
    with pytest.raises(KeyError):
        lines["three"]
