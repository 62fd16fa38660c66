"""The gate: does it open at the person, and only then?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import pytest

from tests.hearing.echo_scene import (
    WORDS,
    at_enr,
    babble,
    frames,
    hops,
    noise,
    placed,
    room,
    talk,
    through,
)
from tests.hearing.voices import speak
from tests.needs import needs_espeak
from voicecoach.audio.level import speech_level
from voicecoach.hearing.canceller import HOP
from voicecoach.hearing.near_end import NearEnd
from voicecoach.ports import EAR_RATE, Samples

A_SECOND = EAR_RATE // HOP


def listen(gate: NearEnd, rest: Samples, far: Samples) -> list[bool]:
    """Whether the gate was open after each hop."""
    opened = []
    for pair in zip(hops(rest), hops(far), strict=True):
        gate.take(*pair)
        opened.append(gate.open)
    return opened


def openings(opened: Iterable[bool]) -> int:
    """How often it opened, where half a second apart is another time."""
    times = np.flatnonzero(np.array(list(opened)))
    return int((np.diff(times, prepend=-1000) > A_SECOND // 2).sum())


@cache
def coach(seconds: float = 20.0) -> Samples:
    return babble(seconds, 1, 0.1)


def residue(far: Samples, decibels: float = -25.0, *, level: float = 3e-4) -> Samples:
    """What a good canceller leaves: the late part of a room and its noise."""
    left = through(far, room(0.4, seed=5), 0.01)
    factor = 10 ** ((speech_level(far, EAR_RATE) - speech_level(left, EAR_RATE) + decibels) / 20)
    return np.asarray(left * factor + noise(len(far) / EAR_RATE, level), np.float32)


def learned() -> NearEnd:
    gate = NearEnd()
    listen(gate, residue(coach()), coach())
    return gate


SILENCE = np.zeros(frames(5), np.float32)


def test_the_coach_alone_does_not_open_it() -> None:
    """Once it has learned; five seconds are allowed for that, and everything is taken for the coach meanwhile."""
    gate = NearEnd()
    far = babble(60, 2, 0.1)
    opened = listen(gate, residue(far), far)
    assert openings(opened[: 5 * A_SECOND]) <= 1
    assert openings(opened[5 * A_SECOND :]) <= 2


@pytest.mark.parametrize("drop", [0.0, -20.0])
def test_a_coach_that_is_lowered_opens_nothing(drop: float) -> None:
    far = babble(20, 3, 0.1)
    far[frames(5) : frames(10)] *= np.float32(10 ** (drop / 20))
    assert openings(listen(learned(), residue(far), far)) <= 1


@pytest.mark.parametrize("voice", ["en-gb+m3", "en-us+f3"])
@pytest.mark.parametrize("enr", [0.0, 6.0, 15.0])
def test_words_open_it_within_a_quarter_of_a_second(enr: float, voice: str) -> None:
    """The echo in the residue is 20 dB weaker than in the room; the onset is where the clean word begins."""
    needs_espeak()
    far = talk(28.0)
    gate = NearEnd()
    listen(gate, residue(far, -20.0), far)
    places = [(1.0 + 3 * turn, speak(word, voice)) for turn, word in enumerate(WORDS)]
    words = at_enr(placed(places, 28.0), far, enr)
    opened = np.array(listen(gate, residue(far, -20.0) + words, far))
    late = []
    for at, sound in places:
        power = np.convolve(sound**2, np.ones(160) / 160, "same")
        onset = at + float(np.flatnonzero(power > 0.01 * power.max())[0]) / EAR_RATE
        first = np.flatnonzero(opened[int((onset - 0.05) * A_SECOND) :])[0]
        late.append(first / A_SECOND - 0.05)
    assert sorted(late)[-2] < 0.25, late  # one of eight may take longer
    assert float(np.median(late)) < 0.15


def test_in_silence_it_is_closed_and_nobody_is_there() -> None:
    gate = NearEnd()
    assert not any(listen(gate, SILENCE, SILENCE))
    assert not gate.coach
    assert not gate.alone
    assert not gate.stuck
    assert not any(listen(gate, noise(8), np.zeros(frames(8), np.float32))[5 * A_SECOND :])  # after digital silence


@pytest.mark.parametrize("level", [3e-4, 3e-3, 3e-2])
def test_steady_noise_is_nobody(level: float) -> None:
    """The floor used to follow single hops, so far below the noise that the gate was open nearly all the time."""
    assert not any(listen(NearEnd(), noise(10, level, 3), np.zeros(frames(10), np.float32)))


def test_a_person_in_silence_opens_it() -> None:
    gate = NearEnd()
    listen(gate, noise(5), SILENCE)
    person = babble(5, 6, 0.03) + noise(5)
    opened = listen(gate, person, SILENCE)
    assert sum(opened) > 0.4 * len(opened)
    assert not gate.coach


@pytest.mark.parametrize("level", [3e-3, 1e-2])
def test_a_fan_that_is_switched_on_is_noise_before_long_and_a_person_over_it_is_heard(level: float) -> None:
    gate = learned()
    listen(gate, noise(2), SILENCE[: frames(2)])
    fan = noise(20, level, 8)
    far = coach()
    opened = listen(gate, residue(far) + fan, far)
    assert openings(opened[8 * A_SECOND :]) <= 2
    assert sum(opened[8 * A_SECOND :]) < 0.02 * 12 * A_SECOND
    assert not gate.stuck
    person = at_enr(babble(20, 6), fan, -20.0)  # 20 dB over the noise
    heard = listen(gate, residue(far) + fan + person, far)
    assert sum(heard) > 0.15 * len(heard)
    assert not any(listen(gate, noise(4), SILENCE[: frames(4)])[A_SECOND:])


def test_noise_that_leaves_a_voice_20_db_closes_it_neither_at_first_nor_for_ever() -> None:
    person = babble(40, 6, 0.1)
    hiss = noise(40, 10 ** ((speech_level(person, EAR_RATE) - 20) / 20), 9)
    gate = learned()
    far = babble(40, 1, 0.1)
    listen(gate, residue(far)[: frames(10)] + hiss[: frames(10)], far[: frames(10)])
    opened = listen(gate, residue(far) + hiss + person, far)
    for start in range(0, 40, 5):  # in every five seconds of a voice without an end
        assert any(opened[start * A_SECOND : (start + 5) * A_SECOND])


def test_clicks_do_not_open_it() -> None:
    rest = residue(coach())
    rest[:: EAR_RATE // 2] += 0.1
    assert openings(listen(learned(), rest, coach())) <= 1


def test_a_whistle_stands_out_in_few_bands_and_is_no_voice() -> None:
    """Its window must fade at both ends, or one frequency would stand out in all of them."""
    whistle = (0.05 * np.sin(2 * np.pi * 3000.0 * np.arange(frames(5)) / EAR_RATE)).astype(np.float32)
    gate = NearEnd()
    listen(gate, noise(3), SILENCE[: frames(3)])
    assert not any(listen(gate, whistle + noise(5, seed=2), SILENCE)[A_SECOND // 4 :])


def test_what_the_person_says_at_length_is_not_learned_for_long() -> None:
    """Twenty seconds of talk without a breath over the coach, as loud, make the gate half as keen, and no deafer."""
    gate = learned()
    far, person = babble(20, 3, 0.1), babble(20, 6, 0.1)
    first = listen(gate, residue(far) + person, far)
    again = listen(gate, residue(far) + person, far)
    share = [sum(opened) / len(opened) for opened in (first, again)]
    assert share[0] > 0.4
    assert share[1] > 0.4 * share[0]
    assert openings(listen(gate, residue(coach()), coach())[A_SECOND:]) <= 1
    later = listen(gate, residue(far) + person, far)
    assert sum(later[: 10 * A_SECOND]) > 0.8 * sum(first[: 10 * A_SECOND])


def test_the_words_that_it_uses_mean_what_they_say() -> None:
    gate = learned()
    far = babble(20, 3, 0.1)
    listen(gate, residue(far), far)
    assert gate.coach
    assert gate.alone
    assert not gate.open
    loud = babble(0.5, 6, 0.1)
    opened = listen(gate, residue(far)[: len(loud)] + loud, far[: len(loud)])
    assert any(opened)
    assert not gate.alone  # nor for a moment after
    listen(gate, residue(far)[: frames(0.1)], far[: frames(0.1)])
    assert not gate.alone
    silence = np.zeros(frames(3), np.float32)
    listen(gate, noise(3), silence)
    assert not gate.coach  # the tail is over
    assert not gate.alone


def test_the_coach_is_there_until_its_tail_is_over() -> None:
    gate = NearEnd()
    far = babble(1, 1, 0.1)
    listen(gate, far, far)
    tail = 0
    while gate.coach:
        gate.take(np.zeros(HOP, np.float32), np.zeros(HOP, np.float32))
        tail += 1
    assert 0.3 < tail / A_SECOND < 2.0


def test_it_is_stuck_after_four_seconds_and_frees_itself() -> None:
    """A way through the room that changed: 30 dB more is left, without a pause. Ten seconds later it is known."""
    gate = learned()
    random = np.random.default_rng(4)
    far = random.normal(0, 0.1, frames(40)).astype(np.float32)
    swell = (1.0 + 0.9 * np.sin(np.arange(frames(40)) / EAR_RATE * 2 * np.pi * 3)).astype(np.float32)
    rest = 0.5 * far * swell
    stuck = []
    for pair in zip(hops(rest), hops(far), strict=True):
        gate.take(*pair)
        stuck.append(gate.stuck)
    if any(stuck):
        assert np.flatnonzero(stuck)[0] >= 4 * A_SECOND
    assert not any(stuck[25 * A_SECOND :])
    assert not gate.open


def test_forgotten_it_takes_everything_for_the_coach_again() -> None:
    gate = learned()
    gate.forget()
    assert not gate.open
    assert not gate.stuck
    loud = residue(coach(), 0.0)[: frames(0.3)]
    assert not any(listen(gate, loud, coach()[: frames(0.3)]))


def test_the_same_sound_gives_the_same() -> None:
    rest, far = residue(coach()), coach()
    rest[frames(12) : frames(13)] += 0.05

    def excesses() -> list[float]:
        gate = NearEnd()
        found = []
        for pair in zip(hops(rest), hops(far), strict=True):
            gate.take(*pair)
            found.append(gate.excess)
        return found

    assert excesses() == excesses()


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(np.ones, id="full scale"),
        pytest.param(lambda n: np.where(np.arange(n) // 40 % 2, 1.0, -1.0), id="a square wave"),
        pytest.param(lambda n: np.full(n, 1e-20), id="next to nothing"),
    ],
)
def test_extreme_sound_spoils_nothing(sound: Callable[[int], Samples]) -> None:
    gate = learned()
    loud = sound(frames(5)).astype(np.float32)
    listen(gate, loud, loud)
    listen(gate, loud, SILENCE)
    listen(gate, SILENCE, loud)
    listen(gate, residue(coach()), coach())
    assert openings(listen(gate, residue(coach()), coach())) <= 1
    person = babble(20, 6, 0.1)
    assert sum(listen(gate, residue(coach()) + person, coach())) > 0.3 * 20 * A_SECOND
