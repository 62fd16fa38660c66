"""What every speech engine must keep, as one call for the tests of its author.

Rule: only what a session depends on is asked, and each complaint says what was expected and what came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import AnyRate

if TYPE_CHECKING:
    from voicecoach.ports import Audio, Voice

_SENTENCE = "Lie on your back and bend both knees, then lift your hips slowly until your body is straight. "
_LONGEST_SILENCE = 1.0
"""Seconds that nothing may take."""
_SAME = 0.05
"""How much two renderings of a text may differ in length: espeak-ng breathes by a few milliseconds."""


def check_voice(voice: Voice) -> None:
    """Raise ``AssertionError`` with a clear text where ``voice`` breaks the contract; closes it at the end."""
    try:
        _check_sound(voice)
        _check_silence(voice)
        _check_repeats(voice)
        _check_long_text(voice)
        _check_controls(voice)
        if isinstance(voice, AnyRate):
            _check_rates(voice, voice)
    finally:
        voice.close()
        voice.close()


def _check_sound(voice: Voice) -> None:
    _expect(bool(voice.name) and voice.name == voice.name.strip(), f"a name, not {voice.name!r}")
    short, long = _render(voice, "One."), _render(voice, _SENTENCE)
    _expect(long.seconds > short.seconds, f"a sentence longer than a word, not {long.seconds} and {short.seconds} s")
    _expect(long.rate == short.rate, f"one sample rate, not {short.rate} and {long.rate} Hz")


def _check_silence(voice: Voice) -> None:
    for nothing in "", "   ", "\n", "...", "\x00\x07":
        audio = _render(voice, nothing)
        _expect(audio.seconds <= _LONGEST_SILENCE, f"{nothing!r} to take no time, not {audio.seconds} s")
        _expect(bool(np.all(np.abs(audio.samples) < 0.01)), f"{nothing!r} to be silent")


def _check_repeats(voice: Voice) -> None:
    first, second = _render(voice, _SENTENCE), _render(voice, _SENTENCE)
    _expect_near(second, first.seconds, "the same text to sound the same twice")


def _check_long_text(voice: Voice) -> None:
    """Sentences in a row, and one endless sentence, must come out whole: 600 characters and more."""
    times = 600 // len(_SENTENCE) + 1
    one = _render(voice, _SENTENCE).seconds
    whole = _render(voice, _SENTENCE * times).seconds
    _expect(whole >= 0.8 * times * one, f"{times} sentences to take {times} times {one:.2f} s, not {whole:.2f} s")
    endless = _render(voice, _SENTENCE.replace(".", "") * times).seconds
    _expect(endless >= 0.6 * times * one, f"an endless sentence to take about {times * one:.2f} s, not {endless:.2f} s")


def _check_controls(voice: Voice) -> None:
    plain = _render(voice, "Breathe in and out.")
    dirty = _render(voice, "Breathe\x00in\x07and\r\nout.\x1b")
    _expect_near(dirty, plain.seconds, "control characters to count as spaces")
    _render(voice, "\ud800 A lone surrogate, <b>mark-up</b>, [[brackets]], -option, emoji \N{GRINNING FACE}.")


def _check_rates(voice: Voice, adjustable: AnyRate) -> None:
    """Let it keep its rate where its engine must, but not pretend; what it says at its own rate stays the same."""
    usual = _render(voice, _SENTENCE)
    for factor in 0.8, 1.25, 0.8:
        other = adjustable.at_rate(factor)
        audio = _render(other, _SENTENCE)
        _expect(audio.rate == usual.rate, f"one sample rate at any speaking rate, not {audio.rate} and {usual.rate} Hz")
        if other is not voice:
            _expect(other.name != voice.name, f"another name at another rate, not {other.name!r} twice")
            turned = (audio.seconds - usual.seconds) * (1.0 - factor)
            _expect(
                turned > 0, f"{factor} times the rate to change {usual.seconds:.2f} s, not to {audio.seconds:.2f} s"
            )
    _expect_near(_render(adjustable.at_rate(1.0), _SENTENCE), usual.seconds, "its own rate to stay as it was")


def _render(voice: Voice, text: str) -> Audio:
    audio = voice.render(text)
    samples = audio.samples
    shown = text[:30]
    _expect(audio.rate > 0, f"a sample rate above 0 for {shown!r}, not {audio.rate}")
    _expect(samples.dtype == np.float32, f"float32 for {shown!r}, not {samples.dtype}")
    _expect(samples.ndim == 1, f"mono, shape (frames,), for {shown!r}, not {samples.shape}")
    _expect(len(samples) > 0, f"at least a short silence for {shown!r}, not nothing")
    _expect(bool(np.all(np.abs(samples) <= 1.0)), f"samples from -1 to 1 for {shown!r}")
    return audio


def _expect_near(audio: Audio, seconds: float, what: str) -> None:
    _expect(abs(audio.seconds - seconds) <= _SAME * seconds, f"{what}, not {audio.seconds:.2f} and {seconds:.2f} s")


def _expect(kept: bool, what: str) -> None:
    if not kept:
        raise AssertionError(f"expected {what}")
