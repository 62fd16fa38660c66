"""Levels, clipping and advice, by sounds whose figures are known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from voicecoach.calibration import measures
from voicecoach.calibration.measures import Advice, Devices, advise
from voicecoach.ports import EAR_RATE, Audio, Samples

GOOD = Devices(
    noise=-60.0,
    played=-25.0,
    echo=-28.0,
    cancelled=24.0,
    delay=0.12,
    drift=-40.0,
    clipped_coach=0.0,
    person=-30.0,
    clipped_person=0.0,
)


def noise(dbfs: float, seconds: float, seed: int = 1) -> Samples:
    chance = np.random.default_rng(seed)
    return (10 ** (dbfs / 20) * chance.standard_normal(round(seconds * EAR_RATE))).astype(np.float32)


def tone(dbfs: float, seconds: float) -> Samples:
    """A sine of this power."""
    time = np.arange(round(seconds * EAR_RATE)) / EAR_RATE
    return (10 ** (dbfs / 20) * math.sqrt(2) * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def test_a_cough_does_not_count_as_the_rooms_noise() -> None:
    room = noise(-60.0, 3.0)
    room[20_000:24_000] += noise(-20.0, 0.25, seed=2)
    assert measures.noise_level(room) == pytest.approx(-60.0, abs=0.5)
    assert measures.noise_level(np.zeros(EAR_RATE, np.float32)) == -math.inf


def test_what_sounds_over_the_noise_is_measured_without_it() -> None:
    assert measures.level_over(noise(-40.0, 2.0) + tone(-40.0, 2.0), -40.0) == pytest.approx(-40.0, abs=0.5)
    assert measures.level_over(noise(-40.0, 2.0), -40.0) is None
    assert measures.level_over(np.zeros(EAR_RATE, np.float32), -math.inf) is None
    assert measures.level_over(tone(-30.0, 1.0), -math.inf) == pytest.approx(-30.0, abs=0.1)


def test_a_word_is_cut_out_of_the_noise_round_it() -> None:
    sound = noise(-50.0, 3.0)
    sound[EAR_RATE : 2 * EAR_RATE] += tone(-30.0, 1.0)
    assert len(measures.utterance(sound, -50.0)) / EAR_RATE == pytest.approx(1.0, abs=0.04)
    assert measures.person_level([measures.utterance(sound, -50.0)], -50.0) == pytest.approx(-30.0, abs=0.3)


def test_a_click_and_silence_are_no_word() -> None:
    click = noise(-50.0, 1.0)
    click[8000:8300] += 0.5
    for sound in click, noise(-50.0, 1.0), np.zeros(EAR_RATE, np.float32), np.zeros(0, np.float32):
        assert not len(measures.utterance(sound, -50.0))
    assert measures.person_level([], -50.0) is None


def test_one_shout_among_words_does_not_move_the_level_of_a_person() -> None:
    words = [tone(-30.0, 0.5), tone(-31.0, 0.5), tone(-10.0, 0.5)]
    assert measures.person_level(words, -60.0) == pytest.approx(-30.0, abs=0.1)


def test_clipping_is_the_share_at_full_scale_both_ways() -> None:
    sound = np.zeros(1000, np.float32)
    sound[:3], sound[3:5] = 1.0, -1.0
    sound[5] = 0.99
    assert measures.clipped(sound) == pytest.approx(0.005)
    assert measures.clipped(np.zeros(0, np.float32)) == 0.0


def test_the_coach_is_measured_as_loud_as_it_is_played() -> None:
    sounds = [Audio(tone(-20.0, 1.0), EAR_RATE)] * 2
    assert measures.level_played(sounds, 0.5) == pytest.approx(-26.0, abs=0.1)


def test_ratios_need_both_sides() -> None:
    assert GOOD.return_loss == pytest.approx(3.0)
    assert GOOD.enr == pytest.approx(2.0)
    assert GOOD.over_noise == pytest.approx(30.0)
    assert replace(GOOD, echo=None).enr is None
    assert replace(GOOD, echo=None).return_loss is None
    assert replace(GOOD, person=None).enr is None
    assert replace(GOOD, person=None).over_noise is None


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({}, ()),
        ({"echo": -24.1}, ()),
        ({"echo": -23.9}, (Advice("coach_down", 6),)),
        ({"echo": -15.0}, (Advice("coach_down", 15),)),
        ({"echo": -15.0, "clipped_coach": 0.01}, (Advice("coach_down", 15),)),
        ({"clipped_coach": 0.01}, (Advice("coach_clips"),)),
        ({"person": -8.0, "clipped_person": 0.02}, (Advice("gain_down_clips", 22),)),
        ({"clipped_person": 0.02}, (Advice("gain_down_clips", 6),)),
        ({"person": -8.0}, (Advice("gain_down", 22),)),
        ({"person": -55.0, "noise": -90.0, "echo": -60.0}, (Advice("gain_up", 25),)),
        ({"noise": -44.0}, (Advice("noisy", 14),)),
        ({"noise": -46.0}, ()),
        ({"cancelled": 4.0}, (Advice("move_microphone"),)),
        ({"cancelled": 4.0, "noise": -46.0}, ()),
        ({"cancelled": None, "echo": None, "delay": None, "drift": None}, (Advice("coach_unheard"),)),
        ({"echo": None, "person": None, "clipped_person": None}, (Advice("coach_unheard"),)),
        ({"echo": None, "noise": -44.0}, (Advice("noisy", 14), Advice("coach_unheard"))),
        ({"person": None, "clipped_person": None, "echo": -5.0}, ()),
        ({"noise": -400.0}, ()),
    ],
)
def test_advice(changed: dict[str, float | None], advice: tuple[Advice, ...]) -> None:
    assert advise(replace(GOOD, **changed)) == advice  # type: ignore[arg-type]


def test_a_quiet_voice_in_a_loud_room_is_told_to_come_nearer_not_to_turn_up_the_noise() -> None:
    found = advise(replace(GOOD, person=-55.0, noise=-62.0))
    assert [one.key for one in found] == ["noisy", "coach_down"]


def test_the_advice_is_a_volume_and_never_silence() -> None:
    assert measures.volume_for([Advice("noisy", 5), Advice("coach_down", 6)], 0.6, 0.1) == pytest.approx(0.301)
    assert measures.volume_for([Advice("coach_down", 40)], 0.6, 0.1) == 0.1
    assert measures.volume_for([Advice("noisy", 5)], 0.6, 0.1) is None
