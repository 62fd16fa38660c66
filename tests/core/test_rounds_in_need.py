"""Blocks with a style when something hurts, is too much, or is to be left out: what goes wrong there is dangerous."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.seen import keys, lines, notes
from tests.core.test_rounds import PACE, PUSH, SQUAT, made, rounds
from tests.core.world import SPEECH, World, exercise
from voicecoach.config import load_config
from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import Command, StepBegan
from voicecoach.core.person import LastPain, Person
from voicecoach.core.program import EFFORT, Program, StepKind
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.loading.pain import strict_rules
from voicecoach.plan import plan_routine


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


# --- More and less of it ------------------------------------------------------------------------------------------------


def doses(world: World, index: int = 0) -> list[float]:
    """Return how long each effort of an exercise lasts in what is played now."""
    steps = world.session.state.program.steps
    return [s.seconds or 0.0 for s in steps if s.place and s.place.exercise == index and s.kind in EFFORT]


def test_more_of_it_is_more_of_what_is_written_here_and_not_elsewhere() -> None:
    world = World(made(rounds(exercise("squat", reps="5-8")), rounds(exercise("squat", reps="2-3"))))
    world.run_to("work")
    world.run_to("work")
    for word, said, seconds in (
        (Command.HARDER, "harder_dose", 12.0),
        (Command.HARDER, "no_harder", 12.0),
        (Command.EASIER, "easier_dose", 8.0),
        (Command.EASIER, "no_easier", 8.0),
    ):
        world.wait(0.7)
        world.say(word)
        world.wait(0.7)
        assert said in keys(world)[-2:]
        assert doses(world, 1) == [seconds]
        assert doses(world, 0) == [20.0]


def test_a_form_that_leads_back_is_the_one_that_was_written_here() -> None:
    twice = (exercise("squat", reps=8, easier="tap"), exercise("push", reps=2), exercise("squat", reps=3, easier="tap"))
    world = World(with_forms(rounds(*twice), exercise("tap", reps=2, harder="squat")))
    for _ in twice:
        world.run_to("work")
    for word in (Command.EASIER, Command.HARDER):
        world.wait(1)
        world.say(word)
        world.run_to("work")
    assert doses(world, 2) == [12.0]


@pytest.mark.parametrize(
    ("dose", "low", "high"),
    [
        ({"breaths": "4-8"}, [28.0], [56.0]),
        ({"amrap": "30-60 s"}, [30.0], [60.0]),
        ({"time": "30-60 s"}, [30.0], [60.0]),
        ({"hold": "3-5 breaths"}, [2.0, 21.0], [2.0, 35.0]),
        ({"reps": [5, "2-4"]}, [20.0, 8.0], [20.0, 16.0]),
        ({"reps": ["3-4", "2-4"]}, [12.0, 8.0], [16.0, 16.0]),
    ],
)
def test_every_measure_has_two_ends(dose: dict[str, object], low: list[float], high: list[float]) -> None:
    world = World(made(rounds(exercise("squat", **dose))))
    world.run_to("work")
    for word, said, wanted in (
        (Command.EASIER, "no_easier", low),
        (Command.HARDER, "harder_dose", high),
        (Command.HARDER, "no_harder", high),
        (Command.EASIER, "easier_dose", low),
    ):
        world.wait(0.3)
        seen = len(keys(world))
        world.say(word)
        world.wait(0.7)
        assert said in keys(world)[seen:]
        assert doses(world) == wanted


def test_more_of_a_set_that_is_behind_is_no_more() -> None:
    world = World(made(rounds(exercise("squat", reps=["3-4", 2], rest="10 s"))))
    world.run_to("rest")
    world.wait(1)
    world.say(Command.HARDER)
    world.wait(1)
    assert keys(world)[-1] == "no_harder"


def test_an_interval_can_be_longer_and_less_is_done_of_it_when_it_was_worse() -> None:
    jump = exercise("jump", time="20-30 s", position="standing")
    world = World(made(rounds(jump, style="tabata", repeat=3)))
    world.run_to("work")
    world.say(Command.HARDER)
    world.wait(1)
    assert doses(world) == [30.0] * 3
    hurt = Person(agreed=True, last_pain=LastPain("push", "Push"))
    world = World(made(rounds(jump, style="tabata", repeat=3), rounds(PUSH)), person=hurt)
    world.wait(3)
    world.say(Command.WORSE)
    world.wait(1)
    assert doses(world) == [15.0] * 3


# --- Another form -------------------------------------------------------------------------------------------------------

TAP = exercise("tap", reps=3, tempo="1-0-1-0", position="prone", setup=("Lie face down.",), harder="squat")


@pytest.mark.parametrize("paused", [False, True])
def test_another_form_in_an_amrap_is_explained_and_what_is_left_of_the_time_goes_on(paused: bool) -> None:
    squat = SQUAT.model_copy(update={"easier": "tap"})
    world = World(with_forms(rounds(squat, PUSH, style="amrap", lasts="10 min"), TAP))
    world.run_to("work")
    world.wait(540)
    if paused:
        world.say(Command.PAUSE)
        world.wait(20)
    world.say(Command.EASIER)
    if paused:
        world.wait(2)
        assert "parked_set" in keys(world)
        world.say(Command.RESUME)
    seen = len(keys(world))
    assert world.run_to("position").seconds == 5.0
    assert "Lie face down." in keys(world)[seen - 1 :]
    world.say(Command.PAIN)
    assert keys(world)[-1] == "Leave the tap."
    world.say(Command.MISTAKE)
    world.wait(1)
    world.say(Command.YES)
    again = world.run_to("work")
    assert again.seconds == pytest.approx(60.0)
    began = world.now
    world.wait(10)
    world.say(Command.STOP)
    assert "rest_as_you_are" in keys(world, began), "the ways out differ again"
    world.wait(2)
    world.say(Command.RESUME)
    world.finish()
    assert world.ended == "finished"
    told = [dict(line.values)["time"] for line in lines(world, began) if line.key == "time_left"]
    assert told == [10]


def test_undo_brings_the_form_back_with_the_time_that_was_left() -> None:
    squat = SQUAT.model_copy(update={"easier": "tap"})
    world = World(with_forms(rounds(squat, PUSH, style="amrap", lasts="10 min"), TAP))
    world.run_to("work")
    world.wait(540)
    world.say(Command.EASIER)
    world.wait(1)
    world.say(Command.UNDO)
    again = world.run_to("work")
    assert again.exercise == "squat"
    assert again.seconds == pytest.approx(60.0)


@pytest.mark.parametrize("name", ["emom", "tabata", "circuit", "amrap"])
@pytest.mark.parametrize("paused", [False, True])
def test_another_form_in_the_first_effort_is_shown_and_got_into_before_it_begins(name: str, paused: bool) -> None:
    fields: dict[str, object] = {"lasts": "3 min"} if name == "amrap" else {} if name == "tabata" else {"repeat": 3}
    dose: dict[str, object] = {"time": "20 s"} if name == "tabata" else {"reps": 5}
    jump = exercise("jump", position="standing", easier="tap", **dose)
    world = World(with_forms(rounds(jump, PUSH if name != "tabata" else jump, style=name, **fields), TAP))
    world.run_to("work")
    world.wait(3)
    if paused:
        world.say(Command.PAUSE)
        world.wait(2)
    asked = world.now
    world.say(Command.EASIER)
    if paused:
        world.wait(2)
        world.say(Command.RESUME)
    assert world.run_to("position").exercise == "tap"
    assert "Lie face down." in keys(world, asked)
    assert world.run_to("work").exercise == "tap"
    world.finish()
    assert world.ended == "finished"


@pytest.mark.parametrize(
    ("style", "fields"), [("emom", {"repeat": 3}), ("circuit", {"repeat": 3}), ("amrap", {"lasts": "3 min"})]
)
def test_a_form_written_set_by_set_is_one_set_where_the_rounds_are_the_sets(
    style: str, fields: dict[str, object]
) -> None:
    squat = SQUAT.model_copy(update={"harder": "big"})
    world = World(with_forms(rounds(squat, style=style, **fields), exercise("big", reps=[6, 4, 2], position="prone")))
    world.run_to("work")
    world.wait(2)
    asked = world.now
    world.say(Command.HARDER)
    world.finish()
    assert "dose_then" not in keys(world, asked)
    assert world.ended == "finished"


@pytest.mark.parametrize("form", [exercise("big", open=True), exercise("big", reps=30)])
def test_a_form_that_has_no_end_or_outlasts_its_beat_is_refused(form: Exercise) -> None:
    squat = SQUAT.model_copy(update={"harder": "big"})
    world = World(with_forms(rounds(squat, style="emom", repeat=3), form))
    world.run_to("work")
    began = world.now
    world.wait(2)
    world.say(Command.HARDER)
    world.wait(1)
    assert keys(world)[-1] == "nothing_fits"
    assert not notes(world, "swapped")
    world.finish()
    again = [at for at, e in world.effects if isinstance(e, StepBegan) and e.kind == "work" and at > began]
    assert again == pytest.approx([began + 60, began + 120])


def test_where_the_other_form_does_not_fit_more_of_the_same_may() -> None:
    squat = exercise("squat", reps="5-8", position="standing", harder="big")
    world = World(with_forms(rounds(squat, style="emom", repeat=3), exercise("big", open=True)))
    world.run_to("work")
    world.say(Command.HARDER)
    world.wait(1)
    assert "harder_dose" in keys(world)


def test_more_of_it_does_not_outlast_the_beat_at_a_slow_persons_pace() -> None:
    squat = exercise("squat", reps="5-13", position="standing")
    slow = compile_routine(
        made(rounds(squat, style="emom", repeat=3)).routine, replace(PACE, rep=5.0), lambda _: SPEECH
    )
    world = World(slow)
    world.run_to("work")
    world.say(Command.HARDER)
    world.wait(1)
    assert "nothing_fits" in keys(world)


# --- Leaving out a station ----------------------------------------------------------------------------------------------

THREE = (SQUAT, PUSH, exercise("lunge", reps=3, position="standing"))
BEFORE = {"intro of squat": 2, "intro of push": 3, "intro of lunge": 4, "how it goes": 5, "getting there": 6}
"""How many steps have begun there."""


def after_steps(world: World, count: int) -> None:
    """Go to where so many steps have begun."""
    while sum(isinstance(effect, StepBegan) for _, effect in world.effects) < count:
        world.wait(0.1)


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("where", BEFORE)
def test_what_is_left_out_before_an_amrap_is_not_in_it_and_the_others_are(where: str, paused: bool) -> None:
    world = World(made(rounds(*THREE, style="amrap", lasts="2 min"), rounds(exercise("rock"))))
    after_steps(world, BEFORE[where])
    if paused:
        world.say(Command.PAUSE)
        world.wait(1)
    world.say(Command.SKIP)
    world.wait(0.7)
    left = where.removeprefix("intro of ") if where.startswith("intro") else "squat"
    assert [dict(line.values)["name"] for line in lines(world) if line.key == "skipped"] == [left.title()]
    if paused:
        world.say(Command.RESUME)
    work = world.run_to("work")
    assert work.seconds == 120.0
    program = world.session.state.program
    (effort,) = [step for step in program.steps if step.together]
    assert [program.exercises[n].slug for n in effort.together] == [e.slug for e in THREE if e.slug != left]
    world.run_to("work", exercise="rock")


def test_leaving_out_the_only_station_leaves_out_the_amrap() -> None:
    world = World(made(rounds(SQUAT, style="amrap", lasts="2 min"), rounds(exercise("rock"))))
    world.run_to("position")
    world.say(Command.SKIP)
    assert world.run_to("work").exercise == "rock"


def test_leaving_out_in_the_middle_of_an_amrap_ends_it_and_says_so_and_undo_brings_it_back() -> None:
    world = World(made(rounds(*THREE, style="amrap", lasts="2 min"), rounds(exercise("rock"))))
    world.run_to("work")
    world.wait(20)
    world.say(Command.SKIP)
    world.wait(1)
    assert "skipped_all" in keys(world)
    assert "skipped" not in keys(world)
    assert {note["exercise"] for note in notes(world, "skipped")} == {"squat", "push", "lunge"}
    world.say(Command.UNDO)
    assert world.run_to("work").seconds == pytest.approx(100.0)


@pytest.mark.parametrize("repeat", [1, 2])
@pytest.mark.parametrize("where", BEFORE)
def test_what_is_left_out_before_an_emom_is_not_in_it_and_no_effort_of_another_is_lost(where: str, repeat: int) -> None:
    world = World(made(rounds(*THREE, style="emom", repeat=repeat), rounds(exercise("rock"))))
    after_steps(world, BEFORE[where])
    world.say(Command.SKIP)
    left = where.removeprefix("intro of ") if where.startswith("intro") else "squat"
    world.finish()
    worked = [e.exercise for _, e in world.effects if isinstance(e, StepBegan) and e.kind == "work"]
    assert [slug for slug in worked if slug != "rock"] == [e.slug for e in THREE if e.slug != left] * repeat
    assert world.ended == "finished"


def test_a_wish_while_all_is_explained_does_not_begin_it_again() -> None:
    world = World(made(rounds(SQUAT, PUSH, style="emom", repeat=2)))
    after_steps(world, 4)
    world.say(Command.LESS_TALK)
    world.run_to("work")
    kinds = [e.kind for _, e in world.effects if isinstance(e, StepBegan)]
    assert kinds == ["intro", "intro", "intro", "intro", "position", "work"]


# --- The beat -----------------------------------------------------------------------------------------------------------


def starts(world: World, limb: str | None = None) -> list[float]:
    """When the efforts began, seconds from the first."""
    found = [at for at, e in world.effects if isinstance(e, StepBegan) and e.kind == "work" and limb in {None, e.limb}]
    return [round(at - found[0], 6) for at in found]


@pytest.mark.parametrize(
    "exercises",
    [
        (exercise("plank", reps=13, position="prone"), exercise("squat", reps=13, position="standing")),
        (exercise("cat", breaths=7),),
        (exercise("dog", hold="3 breaths", limbs=("right", "left")),),
        (SQUAT,),
    ],
)
def test_slower_leaves_a_beat_its_rest(exercises: tuple[Exercise, ...]) -> None:
    world = World(made(rounds(*exercises, style="emom", repeat=4)))
    world.run_to("work")
    world.wait(1)
    for _ in range(8):
        world.say(Command.SLOWER)
        world.wait(1)
    assert "no_slower" in keys(world)
    world.finish()
    rests = [step.seconds or 0.0 for step in world.session.state.program.steps if step.kind is StepKind.REST and
             step.place and step.place.rep is None]  # fmt: skip
    assert len(rests) == 4 * len(exercises) - 1
    assert all(rest > 5 - 1e-6 for rest in rests)


def test_what_does_not_fit_at_a_persons_own_pace_is_called_quicker() -> None:
    block = rounds(exercise("squat", reps=13, position="standing"), style="emom", repeat=3)
    program = compile_routine(made(block).routine, replace(PACE, rep=6.0), lambda _: SPEECH)
    work, rest = (
        [step.seconds for step in program.steps if step.kind is kind] for kind in (StepKind.WORK, StepKind.REST)
    )
    assert work == pytest.approx([55.0] * 3)
    assert rest == pytest.approx([5.0] * 2)
    (told,) = plan_routine(
        program.routine, load_config(env={}, options={"pace.rep": 6.0}, user=Path("none"))
    ).shortfalls
    assert told.what.startswith("At your own pace Squat takes 78 s, and every 60 s one begins")
    assert plan_routine(program.routine, load_config(env={}, user=Path("none"))).shortfalls == ()


SIDED = exercise("side", time="10 s", position="standing", limbs=("right", "left"), order="complete")
HELD = exercise("arm", reps=2, hold="5 s", limbs=("right", "left"))


@pytest.mark.parametrize("word", [Command.NEXT, Command.DONE, Command.SWITCH])
@pytest.mark.parametrize("one", [SIDED, HELD])
@pytest.mark.parametrize("after", [1.0, 5.5, 9.0])
def test_a_side_that_ends_early_moves_no_beat(one: Exercise, word: Command, after: float) -> None:
    world = World(made(rounds(one, PUSH, style="emom", repeat=3)))
    world.run_to("work")
    world.wait(after)
    world.say(word)
    world.finish()
    pushes = [at for at, e in world.effects if isinstance(e, StepBegan) and (e.kind, e.exercise) == ("work", "push")]
    assert [round(at - pushes[0], 3) for at in pushes] == [0, 120, 240]
    first = next(at for at, e in world.effects if isinstance(e, StepBegan) and e.kind == "work")
    assert pushes[0] - first == pytest.approx(60)


@pytest.mark.parametrize("word", [Command.NEXT, Command.READY])
def test_who_has_changed_sides_at_once_moves_no_beat(word: Command) -> None:
    world = World(made(rounds(SIDED, style="emom", repeat=3)))
    world.run_to("switch")
    world.wait(1)
    world.say(word)
    world.finish()
    assert starts(world, "right") == [0, 60, 120]


def test_what_is_done_again_has_a_whole_beat_and_no_more() -> None:
    world = World(made(rounds(SQUAT, style="emom", repeat=3)))
    world.run_to("work")
    world.wait(5)
    world.say(Command.NEXT)
    world.wait(2)
    world.say(Command.BACK)
    world.finish()
    _, again, *others = starts(world)
    assert [round(at - again, 6) for at in others] == [60, 120]
    assert again < 20


def test_next_that_is_taken_back_leaves_the_beat_as_it_was() -> None:
    world = World(made(rounds(SQUAT, style="emom", repeat=3)))
    world.run_to("work")
    world.wait(5)
    world.say(Command.NEXT)
    world.wait(2)
    world.say(Command.UNDO)
    rests = {step.seconds for step in world.session.state.program.steps if step.kind is StepKind.REST}
    assert rests == {40.0}


@pytest.mark.parametrize("at", ["work", "rest", "hold", "switch"])
@pytest.mark.parametrize(
    "words",
    [(Command.SLOWER,), (Command.FASTER,), (Command.SLOWER, Command.FASTER), (Command.SLOWER, Command.UNDO),
     (Command.HARDER,), (Command.HARDER, Command.EASIER), (Command.NEXT, Command.SLOWER), (Command.LESS_TALK,)],
)  # fmt: skip
def test_no_wish_moves_a_beat(at: str, words: tuple[Command, ...]) -> None:
    squat = exercise("squat", reps="5-7", position="standing")
    arm = exercise("arm", reps="2-3", hold="3 breaths", limbs=("right", "left"), order="complete", position="standing")
    world = World(made(rounds(squat, arm, style="emom", repeat=2, every="2 min")))
    world.run_to("work")
    began = world.now
    if at != "work":
        world.run_to(at)
    world.wait(4)
    for word in words if at != "rest" else (word for word in words if word is not Command.NEXT):
        world.say(word)
        world.wait(0.7)
    world.finish()
    squats = [at for at, e in world.effects if isinstance(e, StepBegan) and (e.kind, e.exercise) == ("work", "squat")]
    assert [round(at - began, 3) for at in squats] == [0, 240]


def test_another_form_in_the_rest_moves_no_beat() -> None:
    world = World(with_forms(rounds(SQUAT.model_copy(update={"easier": "tap"}), style="emom", repeat=3), TAP))
    world.run_to("rest")
    world.wait(2)
    world.say(Command.EASIER)
    world.finish()
    assert starts(world) == [0, 60, 120]


# --- In a rest that leads on --------------------------------------------------------------------------------------------

PLANK = exercise("plank", hold="10 s", position="prone", setup=("Onto your forearms.",))
IN_TURN = {
    "emom": rounds(SQUAT, PLANK, style="emom", repeat=2),
    "circuit": rounds(SQUAT, PLANK, style="circuit", repeat=2, rest_between="20 s", rest="20 s"),
}


def in_the_rest(name: str) -> tuple[World, float]:
    """Go to the rest behind the second round's squat, in which the plank is named; with its length."""
    world = World(made(IN_TURN[name]))
    for _ in range(2):
        world.run_to("work", exercise="squat")
    return world, world.run_to("rest").seconds or 0.0


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("name", IN_TURN)
@pytest.mark.parametrize(("before_the_end", "sore", "phase"), [(15.0, "squat", "rest"), (1.2, "plank", "position")])
def test_pain_in_a_rest_is_about_what_was_worked_until_one_gets_into_place_for_the_next(
    name: str, before_the_end: float, sore: str, phase: str, paused: bool
) -> None:
    world, seconds = in_the_rest(name)
    world.wait(seconds - before_the_end)
    if paused:
        world.say(Command.PAUSE)
        world.wait(30)
    world.say(Command.PAIN)
    assert keys(world)[-1] == "rest_as_you_are", "no way out of a position that they may not be in"
    assert world.session.state.locked == {sore}
    (noted,) = notes(world, "pain")
    assert (noted["exercise"], noted["phase"]) == (sore, phase)


def test_where_the_position_stays_the_way_out_is_that_of_what_was_worked() -> None:
    world = World(made(rounds(SQUAT, PUSH, style="emom", repeat=2)))
    seconds = world.run_to("rest").seconds or 0.0
    world.wait(seconds - 1)
    world.say(Command.PAIN)
    assert keys(world)[-1] == "Leave the squat."
    assert world.session.state.locked == {"squat"}


def test_a_mistake_while_getting_into_place_takes_the_right_lock_back() -> None:
    world, seconds = in_the_rest("circuit")
    world.wait(seconds - 1)
    for word in (Command.PAIN, Command.MISTAKE, Command.YES):
        world.say(word)
        world.wait(1)
    assert not world.session.state.locked
    assert world.run_to("hold").exercise == "plank"


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("name", IN_TURN)
def test_skip_in_the_rest_that_names_the_next_leaves_out_that_one(name: str, paused: bool) -> None:
    block = IN_TURN[name].model_copy(update={"repeat": 3})
    world = World(made(block))
    for _ in range(2):
        world.run_to("work", exercise="squat")
    world.run_to("rest")
    world.wait(2)
    if paused:
        world.say(Command.PAUSE)
        world.wait(1)
    world.say(Command.SKIP)
    world.wait(0.7)
    assert [dict(line.values)["name"] for line in lines(world) if line.key == "skipped"] == ["Plank"]
    assert world.session.state.left_out == ("plank",)
    (noted,) = notes(world, "skipped")
    assert (noted["exercise"], noted["rep"], noted["phase"]) == ("plank", None, "rest")
    if paused:
        world.say(Command.RESUME)
    assert world.run_to("work").exercise == "squat"
    world.finish()
    worked = [e.exercise for _, e in world.effects if isinstance(e, StepBegan) and e.kind == "work"]
    assert worked == ["squat", "plank", "squat", "squat"]


@pytest.mark.parametrize("name", IN_TURN)
def test_skip_in_the_last_rest_leaves_out_what_it_names(name: str) -> None:
    world, _ = in_the_rest(name)
    world.wait(2)
    world.say(Command.SKIP)
    world.finish()
    worked = [e.exercise for _, e in world.effects if isinstance(e, StepBegan) and e.kind == "work"]
    assert worked == ["squat", "plank", "squat"]
    assert world.session.state.left_out == ("plank",)


@pytest.mark.parametrize("name", IN_TURN)
def test_how_in_the_rest_that_names_the_next_explains_that_one(name: str) -> None:
    world, _ = in_the_rest(name)
    world.wait(2)
    asked = world.now
    world.say(Command.HOW)
    world.wait(2)
    assert "Onto your forearms." in keys(world, asked)
    assert "Stand tall." not in keys(world, asked)
    assert world.run_to("hold").exercise == "plank"


def test_in_a_rest_that_names_nothing_it_is_about_what_was_worked() -> None:
    world = World(made(rounds(SQUAT, PLANK, style="circuit", repeat=3)))
    world.run_to("rest")
    world.wait(1)
    world.say(Command.HOW)
    world.wait(2)
    assert "Stand tall." in keys(world)
