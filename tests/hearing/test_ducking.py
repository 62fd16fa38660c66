"""When the coach is lowered and raised."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecoach.hearing.ducking import BACK_AFTER, DUCKED, Ducking

HOP = 0.02


class Coach:
    """A coach whose voice is moved, and a clock."""

    def __init__(self) -> None:
        self.gains: list[float] = []
        self.ducking = Ducking(self.gains.append)
        self.now = 0.0

    def pass_by(self, seconds: float, *, person: bool, coach: bool = True) -> None:
        until = self.now + seconds
        while self.now < until - 1e-9:
            self.now += HOP
            self.ducking.update(person=person, coach=coach, at=self.now)

    def interrupt_in_vain(self) -> None:
        self.pass_by(0.2, person=True)
        self.pass_by(BACK_AFTER + 3 * HOP, person=False)


def test_the_first_sign_of_a_voice_lowers_the_coach_at_once_and_once() -> None:
    it = Coach()
    it.pass_by(1.0, person=False)
    assert it.gains == []
    it.ducking.update(person=True, coach=True, at=1.02)
    assert it.gains == [DUCKED]
    assert it.ducking.ducked
    it.pass_by(2.0, person=True)
    assert it.gains == [DUCKED]


def test_a_second_without_a_voice_raises_it() -> None:
    it = Coach()
    it.pass_by(0.5, person=True)
    it.pass_by(BACK_AFTER - 2 * HOP, person=False)
    assert it.ducking.ducked
    it.pass_by(4 * HOP, person=False)
    assert it.gains == [DUCKED, 0.0]
    assert not it.ducking.ducked


def test_a_pause_between_words_does_not_raise_it() -> None:
    it = Coach()
    for _ in range(5):
        it.pass_by(0.3, person=True)
        it.pass_by(0.8 * BACK_AFTER, person=False)
    assert it.gains == [DUCKED]


def test_a_silent_coach_is_not_lowered_but_one_who_begins_meanwhile_is() -> None:
    it = Coach()
    it.pass_by(1.0, person=True, coach=False)
    assert it.gains == []
    it.pass_by(HOP, person=True, coach=True)
    assert it.gains == [DUCKED]


def test_a_coach_that_has_ended_is_raised_all_the_same() -> None:
    it = Coach()
    it.pass_by(0.2, person=True)
    it.pass_by(BACK_AFTER + 2 * HOP, person=False, coach=False)
    assert it.gains == [DUCKED, 0.0]


def test_a_command_raises_it_at_once() -> None:
    it = Coach()
    it.pass_by(0.2, person=True)
    it.ducking.obeyed()
    assert it.gains == [DUCKED, 0.0]
    it.ducking.obeyed()
    it.ducking.release()
    assert it.gains == [DUCKED, 0.0]


def test_five_times_in_vain_and_it_keeps_its_voice_for_half_a_minute() -> None:
    it = Coach()
    for _ in range(5):
        it.interrupt_in_vain()
    assert it.gains == [DUCKED, 0.0] * 5
    ended = it.now
    while it.now < ended + 29.0:
        it.interrupt_in_vain()
    assert len(it.gains) == 10
    it.pass_by(3.0, person=False)
    it.interrupt_in_vain()
    assert it.gains[10:] == [DUCKED, 0.0]


def test_rarely_in_vain_is_not_held_against_a_person() -> None:
    it = Coach()
    for _ in range(12):
        it.interrupt_in_vain()
        it.pass_by(7.0, person=False)
    assert it.gains == [DUCKED, 0.0] * 12


def test_a_command_wipes_the_slate() -> None:
    it = Coach()
    for _ in range(4):
        it.interrupt_in_vain()
    it.pass_by(0.2, person=True)
    it.ducking.obeyed()
    for _ in range(5):
        it.interrupt_in_vain()
    assert it.gains == [DUCKED, 0.0] * 10


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["update", "obeyed", "release"]),
        st.booleans(),
        st.booleans(),
        st.floats(0.001, 3.0, allow_nan=False),
    ),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_comes_it_is_raised_in_the_end_and_orders_alternate(
    steps: list[tuple[str, bool, bool, float]],
) -> None:
    it = Coach()
    for what, person, coach, seconds in steps:
        if what == "update":
            it.now += seconds
            it.ducking.update(person=person, coach=coach, at=it.now)
        else:
            getattr(it.ducking, what)()
            assert not it.ducking.ducked
        assert it.ducking.ducked == (it.gains[-1:] == [DUCKED])
        if it.gains:
            assert it.gains == ([DUCKED, 0.0] * len(it.gains))[: len(it.gains)]
    it.pass_by(BACK_AFTER + 2 * HOP, person=False)
    assert not it.ducking.ducked
    assert it.gains[-1:] in ([], [0.0])


@pytest.mark.parametrize("step", [0.01, 0.1, 1.0, 5.0])
def test_it_is_right_for_any_length_of_block(step: float) -> None:
    gains: list[float] = []
    ducking = Ducking(gains.append)
    ducking.update(person=True, coach=True, at=step)
    at = step
    while at < step + BACK_AFTER:
        at += step
        ducking.update(person=False, coach=True, at=at)
    assert gains == [DUCKED, 0.0] or at - step - BACK_AFTER < 1e-9
