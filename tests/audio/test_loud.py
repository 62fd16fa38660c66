"""A louder sentence: its mean rises, its peaks do not, and no gain moves fast enough to be heard as a sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.needs import needs_espeak
from voicecoach.ports import Audio, Samples
from voicecoach.speech.espeak_voice import EspeakVoice
from voicecoach.speech.loud import CEILING, louder
from voicecoach.speech.mixer import Mixer
from voicecoach.speech.text_voice import TextVoice
from voicecoach.speech.trim import trim

RATE = 22_050


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def gain_db(before: Samples, after: Samples) -> float:
    return 20 * float(np.log10(rms(after) / rms(before)))


@pytest.mark.voice
@pytest.mark.parametrize("voice", ["en-us", "en-gb", "en-us+f3"])
def test_speech_gets_six_decibels_louder_and_never_passes_full_scale(voice: str) -> None:
    needs_espeak()
    usual = trim(EspeakVoice(voice).render("Is the pain gone now? Please answer: say yes, or say no."))
    loud = louder(usual)
    assert gain_db(usual.samples, loud.samples) == pytest.approx(6.0, abs=0.3)
    assert np.abs(loud.samples).max() <= CEILING + 1e-6
    assert (len(loud.samples), loud.rate) == (len(usual.samples), usual.rate)


@pytest.mark.voice
def test_it_stays_louder_through_the_mixer_which_bends_nothing() -> None:
    needs_espeak()
    usual = trim(EspeakVoice().render("Is the pain gone now? Please answer: say yes, or say no."))
    out = []
    for audio in (usual, louder(usual)):
        mixer = Mixer(24_000, 480)
        end = mixer.play(audio, 0.0)
        block = np.zeros(round(end * 24_000), np.float32)
        mixer.fill(block)
        out.append(block)
    assert gain_db(*out) == pytest.approx(6.0, abs=0.4)
    assert np.abs(out[1]).max() <= 1.0
    assert np.mean(np.abs(out[1]) > 0.9) < 0.001, "it is not pressed against the limiter"


def test_a_tone_with_room_above_it_is_only_made_larger() -> None:
    tone = (0.2 * np.sin(np.arange(RATE) * 0.1)).astype(np.float32)
    assert np.allclose(louder(Audio(tone, RATE)).samples, tone * 10 ** (6 / 20), rtol=0.04, atol=1e-6)


def test_a_gain_that_is_held_down_moves_slowly() -> None:
    """A click amid a tone: the gain round it falls and rises over milliseconds, or it would crackle."""
    tone = (0.4 * np.sin(np.arange(RATE) * 0.1)).astype(np.float32)
    tone[RATE // 2] = 0.9
    loud = louder(Audio(tone, RATE)).samples
    heard = np.abs(tone) > 0.05
    gain = loud[heard] / tone[heard]
    assert gain.min() < 0.7 * gain.max(), "it is held down"
    assert np.abs(np.diff(gain)).max() < 0.003 * gain.max()


SPIKY = st.lists(st.tuples(st.integers(0, 2999), st.floats(-1, 1, width=32)), min_size=1, max_size=40)


@settings(max_examples=100, deadline=None)
@given(SPIKY, st.integers(1, 3000), st.sampled_from([8000, 22_050]), st.floats(0.01, 1.0))
def test_no_sample_passes_the_ceiling_whatever_it_is(
    spikes: list[tuple[int, float]], length: int, rate: int, level: float
) -> None:
    samples = (level * 0.3 * np.sin(np.arange(length) * 0.07)).astype(np.float32)
    for place, height in spikes:
        samples[place % length] = height
    assert np.abs(louder(Audio(samples, rate)).samples).max() <= CEILING + 1e-6


def test_silence_stays_silent() -> None:
    audio = TextVoice().render("Is the pain gone?")
    assert louder(audio) is audio
