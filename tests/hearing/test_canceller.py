"""The canceller: what it takes out, what it leaves alone, and that nothing spoils it for good."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.hearing.echo_scene import at_enr, babble, clipped, frames, hops, loss, noise, room, si_sdr, through
from voicecoach.hearing.canceller import HOP, POWERS, SCALES, Canceller
from voicecoach.ports import Samples

LEAD = 0.006
TAPS = room()


def with_cube(far: Samples) -> Samples:
    return np.stack([SCALES[power] * far**power for power in POWERS])


def cancel(canceller: Canceller, heard: Samples, far: Samples) -> Samples:
    pairs = zip(hops(heard), hops(far), strict=True)
    return np.concatenate([canceller.take(one, with_cube(other)) for one, other in pairs])


@cache
def coach(seconds: float = 10.0, seed: int = 0) -> Samples:
    return babble(seconds, seed, 0.15)


def echo(sound: Samples, *, bent: bool = False, taps: Samples = TAPS) -> Samples:
    return through(clipped(sound) if bent else sound, taps, LEAD) + noise(len(sound) / 16_000)


def trained(seconds: float = 10.0, *, bent: bool = False) -> Canceller:
    canceller = Canceller()
    cancel(canceller, echo(coach(seconds), bent=bent), coach(seconds))
    return canceller


def cancelled(canceller: Canceller, *, bent: bool = False, taps: Samples = TAPS, after: float = 0.0) -> float:
    """dB that it takes out of another ten seconds of the coach, from ``after`` on."""
    far = coach(10.0, 1)
    heard = echo(far, bent=bent, taps=taps)
    rest = cancel(canceller, heard, far)
    return loss(heard[frames(after) :], rest[frames(after) :])


def test_a_linear_echo_is_20_db_weaker_after_four_seconds_and_30_after_ten() -> None:
    far = coach()
    heard = echo(far)
    rest = cancel(Canceller(), heard, far)
    assert loss(heard[frames(4) : frames(6)], rest[frames(4) : frames(6)]) > 20.0
    assert loss(heard[frames(8) :], rest[frames(8) :]) > 30.0


@pytest.mark.parametrize("rt60", [0.2, 0.6])
def test_rooms_dry_and_live(rt60: float) -> None:
    canceller = Canceller()
    taps = room(rt60, seed=3)
    cancel(canceller, echo(coach(), taps=taps), coach())
    assert cancelled(canceller, taps=taps) > 24.0  # of 0.6 s the filter reaches the first half


def test_with_the_cube_a_bent_echo_is_weaker_than_any_linear_filter_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    both = cancelled(trained(bent=True), bent=True)
    monkeypatch.setitem(SCALES, 3, 0.0)
    linear = cancelled(trained(bent=True), bent=True)
    assert both > 26.0
    assert both > linear + 3.0


def test_what_is_heard_while_nothing_is_played_passes_untouched() -> None:
    person, silence = babble(5, 7), np.zeros(frames(5), np.float32)
    np.testing.assert_array_equal(cancel(Canceller(), person, silence), person)
    rest = cancel(trained(), person, silence)
    np.testing.assert_array_equal(rest[frames(0.4) :], person[frames(0.4) :])


@pytest.mark.parametrize(("enr", "least"), [(0.0, 20.0), (6.0, 15.0), (15.0, 7.0)])
def test_a_person_over_the_coach_comes_through_whole(enr: float, least: float) -> None:
    far = coach(10.0, 1)
    only = echo(far, bent=True)
    person = at_enr(babble(10, 7), only, enr)
    canceller = trained(bent=True)
    rest = cancel(canceller, only + person, far)
    assert si_sdr(person, rest) > least > si_sdr(person, only + person) + 14.0
    level = float(np.dot(rest, person) / np.dot(person, person))
    assert level == pytest.approx(1.0, abs=0.06)  # not turned down by even half a decibel
    assert cancelled(canceller, bent=True, after=2.0) > 20.0  # and the filter has not learned the person's voice


def test_it_forgets_nothing_in_five_minutes_of_silence() -> None:
    """It did: the filter and its doubt decayed together, and 20 s of the coach brought 2 dB back."""
    canceller = trained()
    before = canceller.response
    silence = np.zeros(HOP, np.float32)
    for hop in hops(np.concatenate([babble(20, 9), noise(5)])) * 12:
        canceller.take(hop, with_cube(silence))
    np.testing.assert_allclose(canceller.response, before, atol=0.02)
    assert cancelled(canceller) > 25.0


def test_a_way_that_changes_at_once_is_learned_anew() -> None:
    canceller = trained(20.0)
    other = room(seed=8)
    assert cancelled(canceller, taps=other, after=8.0) > 12.0
    assert cancelled(canceller, taps=other, after=5.0) > 22.0


@pytest.mark.parametrize("gain", [0.25, 4.0])
def test_a_loudspeaker_turned_up_or_down_is_followed(gain: float) -> None:
    canceller = trained(bent=False)
    for _ in range(2):
        cancelled(canceller, taps=TAPS * np.float32(gain))
    assert cancelled(canceller, taps=TAPS * np.float32(gain)) > 17.0


def square(seconds: float = 3.0) -> Samples:
    return np.where(np.arange(frames(seconds)) // 40 % 2, 1.0, -1.0).astype(np.float32)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("heard", "far"),
    [
        pytest.param(square(), square(), id="full-scale square waves"),
        pytest.param(square(), np.zeros(frames(3), np.float32), id="a square wave in the room"),
        pytest.param(np.zeros(frames(3), np.float32), square(), id="a square wave that is not heard"),
        pytest.param(square()[::-1] * np.sign(noise(3)), square(), id="a square wave against noise"),
        pytest.param(np.full(frames(3), 0.5, np.float32), np.full(frames(3), 0.8, np.float32), id="a constant"),
        pytest.param(np.full(frames(0.1), np.nan, np.float32), coach(0.1), id="not a number, heard"),
        pytest.param(coach(0.1), np.full(frames(0.1), np.nan, np.float32), id="not a number, played"),
        pytest.param(
            np.full(frames(0.1), np.inf, np.float32), np.full(frames(0.1), -np.inf, np.float32), id="infinite"
        ),
        pytest.param(
            np.full(frames(0.1), 1e30, np.float32), np.full(frames(0.1), -1e30, np.float32), id="beyond floats"
        ),
    ],
)
def test_no_sound_does_lasting_harm(heard: Samples, far: Samples) -> None:
    canceller = trained()
    rest = cancel(canceller, heard, far)
    assert np.isfinite(rest).all()
    assert np.abs(rest).max() < 10.0
    assert np.isfinite(cancel(canceller, noise(1), np.zeros(frames(1), np.float32))).all()
    assert cancelled(canceller, after=5.0) > 25.0


def test_a_far_end_that_comes_too_late_is_no_help_and_no_harm() -> None:
    """The echo comes before what is said to cause it: nothing can be taken out, and nothing is added for long."""
    far = coach()
    heard = echo(far)
    late = np.concatenate([np.zeros(frames(0.1), np.float32), far])[: len(far)]
    rest = cancel(Canceller(), heard, late)
    assert loss(heard, rest) > -1.5


def test_an_echo_anywhere_within_reach_is_learned() -> None:
    far = coach(20.0)
    late = through(far, TAPS[:2000], 0.15) + noise(20)
    rest = cancel(Canceller(), late, far)
    assert loss(late[frames(15) :], rest[frames(15) :]) > 15.0


def test_forgotten_is_as_new() -> None:
    canceller = trained(3.0)
    canceller.forget()
    far = coach(3.0, 1)
    heard = echo(far)
    np.testing.assert_array_equal(cancel(canceller, heard, far), cancel(Canceller(), heard, far))
    assert not Canceller().response.any()


def test_the_response_is_that_of_the_room() -> None:
    canceller = trained(20.0)
    place = frames(LEAD)
    learned = canceller.response[place : place + 1600]
    assert si_sdr(TAPS[:1600], learned) > 12.0
    assert canceller.response[place] == pytest.approx(0.5, abs=0.05)


def test_the_same_sound_gives_the_same_and_the_callers_arrays_stay() -> None:
    far, heard = coach(2.0), echo(coach(2.0))
    kept = far.copy(), heard.copy()
    np.testing.assert_array_equal(cancel(Canceller(), heard, far), cancel(Canceller(), heard, far))
    np.testing.assert_array_equal(far, kept[0])
    np.testing.assert_array_equal(heard, kept[1])


@pytest.mark.parametrize(("louder", "at_least"), [(3.0, 33.0), (6.0, 27.0)])
def test_a_microphone_that_is_overdriven_spoils_neither_the_filter_nor_what_is_left(
    louder: float, at_least: float
) -> None:
    """What was cut off looked like a voice: with the loudspeaker turned up, the coach obeyed its own "say stop"."""
    far = coach(20.0)
    heard = np.clip(louder * echo(far), -1.0, 1.0)
    assert (np.abs(heard) >= 1.0).mean() > 0.02
    rest = cancel(Canceller(), heard, far)
    assert loss(heard[frames(10) :], rest[frames(10) :]) > at_least
