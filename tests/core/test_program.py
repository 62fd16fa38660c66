"""What a routine becomes: the steps, their order, their times and cues."""

from __future__ import annotations

import pytest

from tests.core.world import exercise, program
from voicecoach.core.events import Line, Priority
from voicecoach.core.program import Step, StepKind
from voicecoach.loading.pain import strict_rules


def kinds(steps: tuple[Step, ...]) -> list[str]:
    return [step.kind.value for step in steps]


def of_kind(kind: StepKind, *exercises: object, **fields: object) -> list[Step]:
    return [step for step in program(*exercises, **fields).steps if step.kind is kind]  # type: ignore[arg-type]


def test_a_held_repetition_is_called_held_and_released() -> None:
    steps = program(exercise(reps=2, hold="5 s")).steps
    assert kinds(steps) == ["intro", "intro", "position", "work", "hold", "rest", "work", "hold", "outro"]
    hold = steps[4]
    assert (hold.seconds, hold.eager) == (5.0, True)
    assert [(cue.at, cue.line) for cue in hold.cues] == [
        (0.0, Line.of("hold")),
        (2.0, Line.of("count", number=3)),
        (3.0, Line.of("count", number=2)),
        (4.0, Line.of("count", number=1)),
        (5.0, Line.of("release")),
    ]
    assert hold.cues[-1].priority is Priority.RELEASE


def test_sets_are_parted_by_rest_and_announced() -> None:
    steps = program(exercise(sets=2, reps=1, hold="5 s", rest="20 s")).steps
    assert kinds(steps) == [
        "intro",
        "intro",
        "position",
        "work",
        "hold",
        "rest",
        "intro",
        "position",
        "work",
        "hold",
        "outro",
    ]
    assert steps[5].seconds == 20.0
    assert steps[6].lines[0] == Line.of("set", number=2, sets=2)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("alternate", ["right", "left", "right", "left"]),
        ("complete", ["right", "right", "left", "left"]),
    ],
)
def test_both_sides_are_worked_equally_in_either_order(order: str, expected: list[str]) -> None:
    holds = of_kind(StepKind.HOLD, exercise(reps=2, hold="5 s", limbs=("right", "left"), order=order))
    assert [step.limb for step in holds] == expected
    assert len({step.seconds for step in holds}) == 1


def test_complete_sides_are_parted_by_a_switch_that_names_the_side() -> None:
    (switch,) = of_kind(StepKind.SWITCH, exercise(reps=2, hold="5 s", limbs=("right", "left"), order="complete"))
    assert switch.lines == (Line.of("switch_sides", limb="left"),)


def test_four_limbs_have_five_repetitions_each() -> None:
    limbs = ("right arm", "left arm", "right leg", "left leg")
    holds = of_kind(StepKind.HOLD, exercise(reps=5, hold="2 s", limbs=limbs))
    assert {limb: sum(step.limb == limb for step in holds) for limb in limbs} == dict.fromkeys(limbs, 5)


def test_a_hold_in_breaths_is_breathed_with_the_person() -> None:
    (hold,) = of_kind(StepKind.HOLD, exercise(hold="2 breaths"))
    assert hold.seconds == 14.0
    assert [(cue.at, cue.line.key) for cue in hold.cues] == [
        (0.0, "breathe_in"), (3.0, "breathe_out"), (7.0, "breathe_in"), (10.0, "breathe_out"), (14.0, "release"),
    ]  # fmt: skip


def test_counted_repetitions_keep_their_tempo() -> None:
    (work,) = of_kind(StepKind.WORK, exercise(reps=3, tempo="2-1-2-0"))
    assert work.seconds == 15.0
    assert work.restarts == (0.0, 5.0, 10.0)
    assert [cue.at for cue in work.cues] == [0.0, 5.0, 10.0, 15.0]


def test_a_rest_between_repetitions_moves_them_apart() -> None:
    (work,) = of_kind(StepKind.WORK, exercise(reps=2, tempo="1-0-1-0", rest_between_reps="3 s"))
    assert (work.restarts, work.seconds) == ((0.0, 5.0), 7.0)


def test_long_work_says_halfway_and_counts_the_end_back() -> None:
    (work,) = of_kind(StepKind.WORK, exercise(time="30 s"))
    assert [(cue.at, cue.line.key) for cue in work.cues] == [
        (0.0, "begin"), (15.0, "halfway"), *((25.0 + n, "count") for n in range(5)), (30.0, "release"),
    ]  # fmt: skip


def test_cues_leave_room_for_a_word_between_them() -> None:
    for made in (
        exercise(time="20 s", cues=("Breathe.",)),
        exercise(time="30 s", limbs=("right", "left")),
        exercise(hold="8 s", cues=("Breathe.",)),
    ):
        for step in program(made).steps:
            gaps = [b.at - a.at for a, b in zip(step.cues, step.cues[1:], strict=False)]
            assert all(gap >= 0.9 for gap in gaps), (step.kind, step.cues)


def test_the_long_text_comes_once() -> None:
    steps = program(
        exercise(setup=("Lie down.",), short="Hips up."), exercise(setup=("Lie down.",), short="Hips up.")
    ).steps
    said = [line for step in steps for line in step.lines]
    assert said.count(Line.text("Lie down.")) == 1
    assert said.count(Line.text("Hips up.")) == 1


def test_only_a_change_of_position_takes_its_time() -> None:
    positions = of_kind(
        StepKind.POSITION,
        exercise("a", position="supine"),
        exercise("b", position="hook-lying"),
        exercise("c", position="prone"),
    )
    assert [bool(step.lines) for step in positions] == [True, False, True]


def test_rounds_repeat_the_block_and_rest_between() -> None:
    from voicecoach.core.compiler import compile_routine
    from voicecoach.core.routine import Block, Routine

    block = {"exercises": (exercise("a", time="20 s"), exercise("b", time="20 s")), "repeat": 3, "rest": "60 s"}
    made = compile_routine(
        Routine.model_validate(
            {"pain": strict_rules(), "slug": "r", "title": "R", "blocks": (Block.model_validate(block),)}
        )
    )
    work = [step for step in made.steps if step.kind is StepKind.WORK]
    assert [(step.place.round, step.place.exercise) for step in work if step.place] == [
        (r, e) for r in range(3) for e in range(2)
    ]
    assert [step.seconds for step in made.steps if step.kind is StepKind.REST] == [60.0, 60.0]


def test_estimates_count_talk_and_time() -> None:
    made = program(exercise(time="20 s"))
    talk = sum(0.6 * len(step.lines) for step in made.steps)
    assert made.seconds_from(0) == pytest.approx(talk + 5 + 20)


def block(*exercises: object, **fields: object) -> list[Step]:
    from voicecoach.core.compiler import compile_routine
    from voicecoach.core.routine import Block, Routine

    made = Block.model_validate({"exercises": exercises} | fields)
    return list(
        compile_routine(
            Routine.model_validate({"pain": strict_rules(), "slug": "r", "title": "R", "blocks": (made,)})
        ).steps
    )


def test_an_interval_block_rests_in_every_round_and_goes_straight_on() -> None:
    steps = block(exercise("march", time="20 s", rest="10 s"), repeat=3)
    assert kinds(tuple(steps)) == ["intro", "intro", "position", "work", "rest", "work", "rest", "work", "outro"]
    rest = steps[4]
    assert rest.seconds == 10.0
    assert [cue.at for cue in rest.cues] == [7.0, 8.0, 9.0]


def test_of_two_rests_in_one_place_the_longer_counts() -> None:
    steps = block(exercise("march", time="20 s", rest_after="10 s"), repeat=2, rest="40 s")
    assert [step.seconds for step in steps if step.kind is StepKind.REST] == [40.0, 10.0]


def test_no_rest_is_no_step() -> None:
    assert not of_kind(StepKind.REST, exercise(reps=3, tempo="1-0-1-0", sets=2, rest="0 s"))


def test_an_open_set_is_done_for_every_side_by_name() -> None:
    work = of_kind(StepKind.WORK, exercise(open=True, limbs=("left", "right")))
    assert [step.limb for step in work] == ["left", "right"]
    assert work[0].lines == (Line.of("limb", limb="left"), Line.of("until_done"))


def test_a_switch_names_its_limb_and_work_in_turn_names_none() -> None:
    (switch,) = of_kind(StepKind.SWITCH, exercise(reps=2, hold="5 s", limbs=("right", "left"), order="complete"))
    assert switch.limb == "left"
    (work,) = of_kind(StepKind.WORK, exercise(reps=2, tempo="1-0-1-0", limbs=("right", "left")))
    assert (work.limb, work.turns) == (None, 2)
    assert [work.rep_at(t) for t in (0.0, 2.5, 4.5, 7.9)] == [1, 1, 2, 2]
