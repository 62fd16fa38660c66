"""What ships, rehearsed and timed from outside: the doses are those of the sources, worked out by hand here.

Rule: nothing is taken from the files but their names. A length is the time from one step to the next by the session's
clock, never what a step says of itself.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import StepBegan
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.rehearsal import rehearse
from voicecoach.shipped import shipped

BREATH = 7.0
"""Seconds: what a breath takes at the coach's usual pace (`pace.breath_in` and `breath_out`)."""


class Stretch(NamedTuple):
    kind: str
    exercise: str | None
    set: int | None
    limb: str | None
    seconds: float


@cache
def played(name: str) -> tuple[Stretch, ...]:
    library = Library((shipped("routines"),))
    moments = rehearse(compile_routine(load_routine(library.routines()[name], library)), lambda _: 0.6)
    steps = [(at.at, one) for at in moments for one in at.effects if isinstance(one, StepBegan)]
    return tuple(
        Stretch(str(one.kind), one.exercise, one.set, one.limb, round(after - at, 3))
        for (at, one), (after, _) in pairwise(steps)
    )


def efforts(name: str, kind: str = "work") -> list[tuple[str | None, Any]]:
    return [(one.exercise, one.seconds) for one in played(name) if one.kind == kind]


@pytest.mark.parametrize(
    ("exercise", "sides"),
    [
        ("curl-up", ["right knee bent", "left knee bent"]),
        ("side-bridge", ["right side down", "left side down"]),
        ("bird-dog", ["right arm and left leg", "left arm and right leg"]),
    ],
)
def test_the_big_three_are_six_four_and_two_holds_of_ten_seconds_a_side(exercise: str, sides: list[str]) -> None:
    holds = [one for one in played("big-three") if one.kind == "hold" and one.exercise == exercise]
    assert [one.seconds for one in holds] == pytest.approx([10.0] * 24)
    for number, count in ((1, 6), (2, 4), (3, 2)):
        for side in sides:
            assert sum(one.set == number and one.limb == side for one in holds) == count, (number, side)


def test_between_the_sets_of_the_big_three_are_twenty_seconds() -> None:
    steps = played("big-three")
    between = []
    for before, rest, after in zip(steps, steps[1:], steps[2:], strict=False):
        if rest.kind == "rest" and after.set != rest.set:
            between.append((rest.exercise, before.set, rest.seconds))
    slugs = ("curl-up", "side-bridge", "bird-dog")
    assert [one[:2] for one in between] == [(slug, number) for slug in slugs for number in (1, 2)]
    assert [one[2] for one in between] == pytest.approx([20.0] * 6)
    assert len({one.exercise for one in steps if one.kind == "hold"}) == 3


def test_the_yoga_flow_is_counted_in_breaths() -> None:
    held = [
        ("standing-tall", 5), ("half-forward-fold", 5), ("downward-dog", 5), ("childs-pose", 6), ("sphinx", 5), ("lying-rest", 10),
    ]  # fmt: skip
    assert [one for one, _ in efforts("yoga-flow", "hold")] == [one for one, _ in held]
    assert [seconds / BREATH for _, seconds in efforts("yoga-flow", "hold")] == pytest.approx([n for _, n in held])
    assert [seconds / BREATH for one, seconds in efforts("yoga-flow") if one == "cat-cow"] == pytest.approx([5])


def test_the_circuit_is_twelve_stations_of_thirty_seconds_and_ten_between() -> None:
    stations = efforts("seven-minute-circuit")
    assert [one for one, _ in stations] == [
        "jumping-jack", "wall-sit", "push-up", "crunch", "step-up", "squat", "chair-dip", "plank", "high-knees", "lunge",
        "push-up-rotation", "side-plank", "side-plank",
    ]  # fmt: skip
    assert [seconds for _, seconds in stations[:11]] == pytest.approx([30.0] * 11)
    # The last is half and half, and each side is begun with a word.
    assert [seconds for _, seconds in stations[11:]] == pytest.approx([15.0, 15.0], abs=1.0)
    assert [seconds for _, seconds in efforts("seven-minute-circuit", "rest")] == pytest.approx([10.0] * 11)


def test_the_intervals_are_eight_times_twenty_seconds_and_ten() -> None:
    warm, *intervals = efforts("four-minute-intervals")
    assert warm == ("march-in-place", pytest.approx(120.0))
    assert intervals == [(one, pytest.approx(20.0)) for _ in range(4) for one in ("squat", "high-knees")]
    assert [seconds for _, seconds in efforts("four-minute-intervals", "rest")] == pytest.approx([10.0] * 7)
    kinds = [one.kind for one in played("four-minute-intervals")]
    first = len(kinds) - kinds[::-1].index("work") - 15
    assert kinds[first : first + 15] == ["work", *["rest", "work"] * 7], "nothing comes in between"
    assert sum(one.seconds for one in played("four-minute-intervals")[first : first + 15]) == pytest.approx(230.0)


def test_the_run_is_eight_times_a_minute_with_a_minute_and_a_half_of_walking() -> None:
    warm, *turns, cool = efforts("run-walk-1")
    assert warm == ("brisk-walk", pytest.approx(300.0))
    assert turns == [
        (one, pytest.approx(length)) for _ in range(8) for one, length in (("easy-run", 60.0), ("brisk-walk", 90.0))
    ]
    assert cool == ("brisk-walk", pytest.approx(300.0))
    assert sum(seconds for _, seconds in turns) == pytest.approx(20 * 60)
