"""The way from loudspeaker to microphone: its length, and the clocks' drift."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hearing.echo_scene import at_enr, babble, clipped, frames, noise, room, through
from voicecoach.hearing.alignment import CLEAR, find_delay, shift_between
from voicecoach.ports import EAR_RATE, Samples

COACH = babble(2.0, 4, 0.15)


@pytest.mark.parametrize("delay", [0.0, 0.0301, 0.1, 0.2503, 0.5, 0.9])
@pytest.mark.parametrize("rt60", [0.2, 0.5])
def test_a_delay_is_found_to_two_frames(delay: float, rt60: float) -> None:
    heard = through(clipped(COACH), room(rt60), delay) + noise(2, 1e-3)
    found, clear = find_delay(heard, COACH)
    assert abs(found - frames(delay)) <= 2
    assert clear > 2 * CLEAR


@pytest.mark.parametrize("enr", [10.0, 0.0, -6.0])
def test_a_person_and_noise_do_not_hide_it(enr: float) -> None:
    only = through(clipped(COACH), room(), 0.2)
    heard = only + at_enr(babble(2, 11), only, enr) + noise(2, 3e-3)
    found, clear = find_delay(heard, COACH)
    assert abs(found - 3200) <= 2
    assert clear > CLEAR


def tone(hertz: float = 440.0) -> Samples:
    return (0.1 * np.sin(2 * np.pi * hertz * np.arange(2 * EAR_RATE) / EAR_RATE)).astype(np.float32)


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(np.zeros(2 * EAR_RATE, np.float32), id="silence"),
        pytest.param(noise(2, 0.01), id="noise"),
        pytest.param(babble(2, 11), id="another voice"),
        pytest.param(tone(100.0) + noise(2), id="a hum"),
        pytest.param(noise(2) + np.float32(0.3), id="an offset"),
        pytest.param(tone() + noise(2), id="a tone"),
    ],
)
def test_where_nothing_is_played_back_nothing_is_found(heard: Samples) -> None:
    assert find_delay(heard, COACH)[1] < CLEAR
    assert find_delay(COACH, np.zeros(2 * EAR_RATE, np.float32))[1] < CLEAR


def test_a_sound_that_repeats_itself_has_no_delay() -> None:
    """Any whole number of its periods would fit; it used to be found at nought, where both were cut off."""
    assert find_delay(0.3 * np.roll(tone(), 1600) + noise(2), tone())[1] < CLEAR


def response(shift: float = 0.0, seed: int = 0) -> Samples:
    """A room's impulse response, 0.3 s long, that begins 6 ms and ``shift`` frames late."""
    taps = np.zeros(4800)
    taps[96:2096] = room(seed=seed)[:2000]
    turn = 2 * np.pi * np.fft.rfftfreq(len(taps)) * shift
    whole: Samples = np.fft.irfft(np.fft.rfft(taps) * np.exp(-1j * turn)).astype(np.float32)
    return whole


@pytest.mark.parametrize("shift", [-2.0, -1.0, -0.3, -0.02, 0.0, 0.01, 0.08, 0.5, 1.37, 2.0])
def test_a_shift_is_measured_to_a_fiftieth_of_a_frame(shift: float) -> None:
    assert shift_between(response(), response(shift)) == pytest.approx(shift, abs=0.02)
    assert shift_between(response(shift), response()) == pytest.approx(-shift, abs=0.02)
    blurred = response(shift) + np.random.default_rng(1).normal(0, 1e-3, 4800).astype(np.float32)
    assert shift_between(response(), blurred) == pytest.approx(shift, abs=0.02)


def test_equal_responses_have_no_shift_and_a_level_is_none() -> None:
    assert shift_between(response(), response()) == pytest.approx(0.0, abs=1e-6)
    assert shift_between(response(), 0.1 * response()) == pytest.approx(0.0, abs=1e-6)


def test_an_empty_response_has_no_shift() -> None:
    nothing = np.zeros(4800, np.float32)
    assert shift_between(nothing, nothing) == 0.0
    assert shift_between(response(), nothing) == 0.0
    assert shift_between(nothing, response()) == 0.0
