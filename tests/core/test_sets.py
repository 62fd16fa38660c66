"""Sets with figures of their own: what is written, what follows from it, and how they grow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.core.test_progress import HOLD, REPS, SETS, growing, parse
from tests.core.world import exercise, program, routine
from voicecoach.core.dose import Dose, Hold, Range
from voicecoach.core.events import Line
from voicecoach.core.program import StepKind
from voicecoach.core.progress import Why, at_end, dose_at, next_level
from voicecoach.core.routine import Exercise


def lows(made: Exercise, key: str = "reps") -> list[float]:
    found = [getattr(one, key) for one in made.dose.by_set]
    return [span.range.low if isinstance(span, Hold) else span.low for span in found]


def test_every_set_has_a_dose_of_its_own() -> None:
    dose = Dose.model_validate({"reps": [6, "4-5", 2], "hold": "10 s", "rest": ["30 s", 20], "tempo": "1-0-1-0"})
    assert dose.sets == Range(3, 3)
    assert [str(one.reps) for one in dose.by_set] == ["6", "4-5", "2"]
    assert [one.rest for one in dose.by_set] == [Range(30, 30), Range(20, 20), None]
    assert all(one.hold == Hold(Range(10, 10)) and one.tempo == dose.tempo for one in dose.by_set)
    assert all(one.sets == Range(1, 1) and not one.by_set for one in dose.by_set)
    assert (dose.reps, dose.rest) == (Range(6, 6), Range(30, 30)), "what is asked of the whole is the first set's"
    assert dose.of_set(1) is dose.by_set[1]
    assert dose.uneven == ("reps", "rest")


def test_sets_that_are_alike_share_their_dose() -> None:
    dose = Dose.model_validate({"sets": 3, "reps": 5})
    assert dose.of_set(2) is dose
    assert dose.uneven == ()
    assert Dose.model_validate({"sets": 2, "reps": [5, 5]}).uneven == ()


def test_a_rest_for_the_last_set_too_is_the_rest_after_it() -> None:
    dose = Dose.model_validate({"reps": [6, 4], "rest": ["30 s", "1 min"]})
    assert dose.rest_after == Range(60, 60)
    assert [one.rest for one in dose.by_set] == [Range(30, 30), None]
    rests = Dose.model_validate({"sets": 3, "reps": 5, "rest": [10, 20]})
    assert [one.reps for one in rests.by_set] == [Range(5, 5)] * 3


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"reps": [6, 4, 2], "sets": 2}, "sets is 2, but reps has 3 values, one for each set: leave out sets"),
        ({"reps": [6, 4, 2], "sets": "2-3"}, "sets is 2-3, but reps has 3 values"),
        ({"reps": [6, 4], "hold": [5, 5, 5]}, "hold has 3 values and reps has 2: each has one for every set"),
        ({"reps": []}, "reps is a list with a value for each set, and there may be from 1 to 20 sets"),
        ({"reps": [1] * 21}, "there may be from 1 to 20 sets"),
        ({"reps": [6, 4, 2], "rest": [30]}, "rest has 1 values for 3 sets: between them there are 2"),
        ({"reps": 5, "rest": [30, 20]}, "nothing says how many sets there are"),
        ({"reps": 5, "sets": "2-3", "rest": [30, 20]}, "nothing says how many sets there are"),
        ({"reps": [6, 4], "rest": [30, 60], "rest_after": 10}, "rest has a value for the last set too"),
        ({"reps": [6, 400]}, "reps must be from 1 to 100"),
        ({"reps": [6, [4]]}, "reps has a list in a list"),
        ({"hold": ["10 s", "3 breaths"]}, "hold has seconds in one set and breaths in another"),
        ({"breaths": 5, "reps": 3}, "breaths stands alone: leave out reps"),
        ({"breaths": 5, "hold": "3 s"}, 'to hold for breaths, write hold = "3 breaths"'),
        ({"amrap": "30 s", "time": "30 s"}, "stands alone"),
        ({"amrap": "0.5 s"}, "amrap must be at least one second"),
        ({"breaths": 31}, "breaths must be from 1 to 30"),
        ({"reps": 3, "assumed": ["by_set"]}, "assumed names keys of the dose"),
    ],
)
def test_what_does_not_fit_together_is_refused_in_words(written: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Dose.model_validate(written)
    assert words in str(caught.value)


def test_every_set_counts_for_how_long_a_routine_may_be() -> None:
    assert routine(exercise(reps=[1, 100], hold="10 min"))
    with pytest.raises(ValidationError, match="hours of effort and rest; at most 24 are allowed"):
        routine(exercise(reps=[1, 100, 100], hold="10 min"))


# --- Told and coached ---------------------------------------------------------------------------------------------------


def test_the_first_set_is_told_with_those_behind_it_and_each_set_for_itself() -> None:
    made = program(exercise(reps=[6, 4, 2], hold="10 s", short="Flat."))
    told = [step.lines for step in made.steps if step.kind is StepKind.INTRO][1:]
    assert told[0][1:] == (
        Line.of("dose_sets", sets=3),
        Line.of("dose_reps", reps=6),
        Line.of("dose_then", number=4),
        Line.of("dose_then", number=2),
        Line.of("dose_hold", number=10),
    )
    assert told[1] == (Line.of("set", number=2, sets=3), Line.text("Flat."), Line.of("dose_reps", reps=4))
    assert told[2][-1] == Line.of("dose_reps", reps=2)


def test_of_many_sets_only_the_first_is_told_ahead() -> None:
    made = program(exercise(time=[60, 50, 40, 30, 20, 10]))
    keys = [line.key for step in made.steps for line in step.lines]
    assert "dose_then" not in keys
    assert keys.count("dose_time") == 6


@pytest.mark.parametrize("measure", ["hold", "time", "amrap"])
def test_each_set_lasts_as_long_as_is_written_and_rests_too(measure: str) -> None:
    dose: dict[str, Any] = {measure: ["20 s", "10 s", "5 s"], "rest": ["15 s", "12 s"]}
    made = program(exercise(**dose))
    efforts = [
        step.seconds
        for step in made.steps
        if (step.kind is StepKind.HOLD if measure == "hold" else step.kind is StepKind.WORK)
    ]
    assert efforts == [20, 10, 5]
    assert [step.seconds for step in made.steps if step.kind is StepKind.REST] == [15, 12]


def test_movement_with_the_breath_is_breathed_for_each_side() -> None:
    made = program(exercise(breaths=3, limbs=("right side", "left side")))
    work = [step for step in made.steps if step.kind is StepKind.WORK]
    assert [step.limb for step in work] == ["right side", "left side"]
    assert [(cue.at, cue.line.key) for cue in work[0].cues] == [
        (0, "breathe_in"),
        (3, "breathe_out"),
        (7, "breathe_in"),
        (10, "breathe_out"),
        (14, "breathe_in"),
        (17, "breathe_out"),
        (21, "release"),
    ]
    assert work[0].restarts == (0, 7, 14), "after a pause the breath begins anew"
    told = [line for step in made.steps for line in step.lines]
    assert Line.of("dose_with_breath_each", breaths=3) in told


def test_as_many_as_one_likes_are_not_counted() -> None:
    made = program(exercise(amrap="30 s", limbs=("right", "left")))
    (work,) = [step for step in made.steps if step.kind is StepKind.WORK]
    assert work.seconds == 30
    assert [cue.line.key for cue in work.cues] == ["begin", "halfway", *["count"] * 5, "release"]
    assert Line.of("dose_amrap", time=30) in [line for step in made.steps for line in step.lines]


# --- Growing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "reps"),
    [(-9, [4, 2, 1]), (-1, [5, 3, 1]), (0, [6, 4, 2]), (1, [7, 5, 3]), (2, [8, 6, 3]), (3, [9, 6, 3]), (9, [9, 6, 3])],
)
def test_all_sets_grow_together_each_as_far_as_its_own_room(level: int, reps: list[float]) -> None:
    made = dose_at(growing(REPS, reps=[6, 4, 2], hold="10 s"), level)
    assert lows(made) == reps
    assert made.dose.reps is not None
    assert made.dose.reps.low == reps[0], "the whole speaks for its first set"


def test_ranges_are_the_room_of_each_set() -> None:
    made = growing(REPS, reps=["6-7", "4-8", 2])
    assert lows(dose_at(made, 2)) == [7, 6, 3]
    assert lows(dose_at(made, 9)) == [7, 8, 3]
    hard = at_end(made, "high")
    assert hard
    assert lows(hard) == [7, 8, 2]
    easy = at_end(dose_at(made, 2), "low")
    assert easy
    assert lows(easy) == [6, 4, 2]


def test_another_measure_grows_in_every_set() -> None:
    assert lows(dose_at(growing(HOLD, reps=[6, 4], hold="10 s"), 1), "hold") == [12, 12]
    assert lows(dose_at(growing("after 1 session with pain <= 2: breaths +1", breaths=[5, 3]), 9), "breaths") == [7, 4]
    (rule,) = parse("after 2 sessions with pain <= 2: amrap +5 s")
    assert str(rule) == "after 2 sessions with pain <= 2: amrap +5 s"
    assert dose_at(growing(str(rule), amrap="60 s"), 1).dose.amrap == Range(65, 65, 60)


def test_the_number_of_written_sets_does_not_grow() -> None:
    made = exercise(reps=[6, 4, 2])
    (rule,) = parse(SETS)
    assert rule.misfit(made.dose) == (
        "the sets are written one by one here, so their number cannot grow; what is in them can"
    )
    assert next_level(growing(SETS, reps=[6, 4, 2]), 0, []).why is Why.NO_RULE
    (reps,) = parse(REPS)
    assert reps.misfit(exercise(reps=[1, 1]).dose) == (
        'reps has no room to grow from 1; give it some, such as reps = ["1-2", "1-2"]'
    )
    assert not reps.misfit(exercise(reps=[1, 2]).dose), "one that can grow is enough"


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(-5, 60))
def test_every_set_stays_within_its_bounds_and_the_order_of_sets_stays(reps: list[int], level: int) -> None:
    now = lows(dose_at(growing(REPS, reps=reps), level))
    for written, moved in zip(reps, now, strict=True):
        assert max(1, -(-written // 2)) <= moved <= max(written, written * 3 // 2) or moved == written
        assert moved == int(moved)
    assert all((a >= b) == (c >= d) or c == d for a, b, c, d in zip(reps, reps[1:], now, now[1:], strict=False))
    for one in dose_at(growing(REPS, reps=reps), level).dose.by_set:
        assert Dose.model_validate(dict(one)) == one
