"""Blocks with a style when something hurts, is too much, or is to be left out: what goes wrong there is dangerous."""

from __future__ import annotations

import pytest

from tests.core.seen import keys, notes
from tests.core.test_rounds import PACE, PUSH, SQUAT, made, rounds
from tests.core.world import SPEECH, World, exercise
from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import Command
from voicecoach.core.program import Program
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.loading.pain import strict_rules


def with_forms(block: Block, *variants: Exercise) -> Program:
    """Make a program of one block whose exercises have other forms."""
    fields = {"slug": "r", "title": "R", "pain": strict_rules(), "blocks": (block,), "variants": variants}
    return compile_routine(Routine.model_validate(fields), PACE, lambda _: SPEECH)


# --- Pain ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [None, Command.HARDER, Command.LESS_TALK, Command.SLOWER])
def test_pain_in_an_amrap_locks_all_of_it_whatever_was_changed_before(word: Command | None) -> None:
    squat = exercise("squat", reps="5-8", position="standing")
    world = World(made(rounds(squat, PUSH, style="amrap", lasts="4 min")))
    world.run_to("work")
    world.wait(5)
    if word is not None:
        world.say(word)
        world.wait(3)
    world.say(Command.PAIN)
    assert world.session.state.locked == {"squat", "push"}
    (noted,) = notes(world, "pain")
    assert noted["phase"] == "work"


def test_pain_in_the_rest_is_about_the_form_that_was_worked_and_not_about_its_replacement() -> None:
    hard = exercise("squat", reps=5, position="standing", easier="tap")
    world = World(
        with_forms(
            rounds(hard, style="circuit", repeat=3), exercise("tap", reps=3, position="standing", harder="squat")
        )
    )
    world.run_to("rest")
    world.wait(2)
    world.say(Command.EASIER)
    world.wait(1)
    world.say(Command.PAIN)
    assert world.session.state.locked == {"squat"}
    assert keys(world)[-1] == "Leave the squat."


# --- Leaving out --------------------------------------------------------------------------------------------------------

ALONE = {
    "circuit": rounds(SQUAT, PUSH, style="circuit", repeat=3),
    "superset": rounds(SQUAT, PUSH, style="superset", repeat=3),
    "emom": rounds(SQUAT, PUSH, style="emom", repeat=3),
    "amrap": rounds(SQUAT, PUSH, style="amrap", lasts="2 min"),
    "plain": rounds(SQUAT, PUSH, repeat=3),
}


@pytest.mark.parametrize("name", ALONE)
def test_go_back_leads_to_the_beginning_where_everything_was_left_out(name: str) -> None:
    world = World(made(ALONE[name]))
    world.run_to("work")
    world.say(Command.PAUSE)
    for word in (Command.SKIP, Command.SKIP, Command.SKIP, Command.BACK, Command.BACK):
        world.wait(1)
        world.say(word)
    world.wait(1)
    world.say(Command.RESUME)
    world.finish()
    assert world.ended is not None
