"""What bounds a routine's length and its program's size, held against what is really made of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.core.test_rounds import LUNGE, PUSH, SQUAT, made, rounds
from tests.core.world import exercise
from voicecoach.core.limits import MOST_OF_A_PROGRAM, seconds_asked, size_of
from voicecoach.core.person import Talk
from voicecoach.core.program import Style
from voicecoach.core.progress import at_end
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.loading.pain import strict_rules

EVERY = (
    {"at": "every 5 s", "say": "Long back."},
    {"at": "every 2 reps", "say": "Slowly."},
    {"at": "half", "say": "Half."},
)
TIMED = EVERY[::2]
TEXT = {"setup": ("Lie down.", "Bend your knees."), "steps": ("Lift.", "Lower."), "avoid": ("No jerking.",)}
BLOCKS = {
    "holds": rounds(
        exercise("a", reps="3-5", hold="20 s", sets=3, limbs=("right", "left"), cues=EVERY, **TEXT), repeat=2
    ),
    "breaths held": rounds(exercise("a", reps=5, hold="3 breaths", sets=3, cues=EVERY)),
    "reps": rounds(exercise("a", reps=20, tempo="2-0-2-0", sets=2, cues=EVERY, **TEXT), repeat=3),
    "sides": rounds(exercise("a", reps=9, order="complete", limbs=("right", "left"), cues=EVERY)),
    "march": rounds(exercise("a", time="120 s", tempo="1-0-0-0", limbs=("right", "left"), cues=TIMED)),
    "long": rounds(exercise("a", time="600 s", sets=2, cues=TIMED)),
    "breaths": rounds(exercise("a", breaths="8-12", limbs=("right", "left"), cues=TIMED), repeat=3),
    "freely": rounds(exercise("a", amrap="120 s", cues=TIMED)),
    "open": rounds(exercise("a", open=True, limbs=("right", "left"))),
    "set by set": rounds(exercise("a", reps=[6, 4, 2], hold=["5 s", "40 s", "5 s"], cues=EVERY)),
    "circuit": rounds(SQUAT, PUSH, style="circuit", repeat=5),
    "superset": rounds(SQUAT, PUSH, style="superset", repeat=5),
    "tabata": rounds(LUNGE, style="tabata"),
    "emom": rounds(SQUAT, PUSH, style="emom", repeat=9),
    "amrap": rounds(SQUAT, PUSH, style="amrap", lasts="20 min"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_no_program_is_larger_than_was_reckoned_and_none_is_much_smaller(name: str) -> None:
    high = tuple(at_end(one, "high") or one for one in BLOCKS[name].exercises)
    steps = made(BLOCKS[name].model_copy(update={"exercises": high}), style=Style(talk=Talk.MORE)).steps[1:-1]
    size = sum(1 + len(step.lines) + len(step.cues) for step in steps)
    assert size <= size_of(BLOCKS[name]) <= 4 * size + 40


@pytest.mark.parametrize(
    ("name", "seconds"), [("emom", 9 * 2 * 60.0), ("amrap", 1200.0), ("tabata", 8 * 30.0), ("long", 1200.0)]
)
def test_what_goes_by_the_clock_lasts_as_long_as_that_says(name: str, seconds: float) -> None:
    assert seconds_asked(BLOCKS[name]) == seconds


def test_a_cue_for_every_repetition_of_everything_is_refused_before_it_is_made() -> None:
    cues = tuple({"at": "every 1 rep", "say": "a"} for _ in range(40))
    bomb = rounds(exercise("a", reps=100, sets=20, cues=cues), repeat=43)
    with pytest.raises(ValidationError, match="steps, calls, cues and sentences; allowed: at most 100000"):
        made(bomb)
    assert size_of(bomb) > 30 * MOST_OF_A_PROGRAM


def test_a_form_that_would_be_too_much_in_every_round_is_refused() -> None:
    cues = tuple({"at": "every 1 rep", "say": "a"} for _ in range(40))
    form = exercise("big", reps=100, cues=cues)
    with pytest.raises(ValidationError, match="big, an easier or harder form, comes to"):
        with_variant(rounds(SQUAT, repeat=50), form)
    with_variant(rounds(SQUAT, repeat=5), form)


def with_variant(block: Block, form: Exercise) -> Routine:
    fields = {"slug": "r", "title": "R", "blocks": (block,), "pain": strict_rules(), "variants": (form,)}
    return Routine.model_validate(fields)


@pytest.mark.parametrize(
    ("key", "most"), [("cues", 40), ("setup", 40), ("steps", 40), ("avoid", 40), ("equipment", 40), ("limbs", 12)]
)
def test_lists_have_an_end(key: str, most: int) -> None:
    exercise("a", reps=1, **{key: ("Word.",) * most})
    with pytest.raises(ValidationError, match=rf"(?s){key}.*{most}"):
        exercise("a", reps=1, **{key: ("Word.",) * (most + 1)})


def test_timed_cues_have_an_end_however_they_are_written() -> None:
    cue = {"at": "half", "say": "Half."}
    exercise("a", time="60 s", cues=(cue,) * 40)
    for written in ({"cues": (cue,) * 41}, {"cues": ("Up.", *(cue,) * 40)}, {"timed_cues": (cue,) * 41}):
        with pytest.raises(ValidationError, match="40"):
            exercise("a", time="60 s", **written)


@pytest.mark.parametrize(
    "block",
    [
        rounds(SQUAT, style="emom", every="60 min", repeat=25),
        rounds(SQUAT, PUSH, style="emom", every="60 min", repeat=13),
        rounds(exercise("a", reps=1, rest="60 min", sets=20), repeat=2),
        rounds(exercise("a", reps=[1, 1], rest=["60 min", "60 min"]), repeat=13),
        rounds(SQUAT, PUSH, repeat=25, rest="60 min"),
        rounds(SQUAT, PUSH, repeat=25, rest_between="60 min"),
        rounds(exercise("a", reps=30, rest_between_reps="60 min")),
        rounds(exercise("a", hold="5 s", limbs=("right", "left"), rest_between_sides="60 min"), repeat=25),
        rounds(exercise("a", reps=1, rest_after="60 min"), repeat=25),
        rounds(exercise("a", reps=100, tempo="30-0-30-0", sets=15)),
    ],
)
def test_a_day_is_a_day_with_all_its_rests_and_beats(block: Block) -> None:
    with pytest.raises(ValidationError, match="hours of effort and rest; at most 24 are allowed"):
        made(block)


def test_many_short_times_as_one_likes_are_a_day_too() -> None:
    with pytest.raises(ValidationError, match="asks for 25 hours"):
        made(*(rounds(SQUAT, style="amrap", lasts="60 min") for _ in range(25)))
    made(*(rounds(SQUAT, style="amrap", lasts="60 min") for _ in range(24)))
