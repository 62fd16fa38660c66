"""Another form of the exercise, easier or harder, and the other side: what is shown, what is played, what is undone."""

from __future__ import annotations

import pytest

from tests.core.seen import at, begun, forms, kept, keys, lines, moments, notes, say, worked
from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.dose import Measure, ProgressRule
from voicecoach.core.events import Command, Mode
from voicecoach.core.person import LastPain, Person
from voicecoach.core.progress import dose_at

# --- Easier and harder ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["intro", "position", "work", "hold"])
def test_easier_shows_the_linked_form_and_then_plays_it(kind: str) -> None:
    world = at(kind, exercise="bridge")
    asked = world.now
    world.say(Command.EASIER)
    world.run_to("intro", exercise="plank")
    assert set(worked(world, asked)) == {"tilt"}
    first = next(n for n, step in enumerate(begun(world, asked)) if step.kind == "work")
    assert [step.kind for step in begun(world, asked)[:first]] == ["intro", "position"]
    said = keys(world, asked)
    assert said.index("swapped") < said.index("Tilt so.")
    assert notes(world, "swapped") == [{"exercise": "bridge", "to": "tilt", "way": "easier"}]


def test_easier_in_a_rest_keeps_the_rest_and_plays_the_other_form_behind_it() -> None:
    world = at("rest", seconds=20.0)
    asked = world.now
    world.say(Command.EASIER)
    world.run_to("intro", exercise="tilt", set=2)
    assert world.now == pytest.approx(asked + 19.0)
    assert "Tilt so." in keys(world, asked)
    world.run_to("intro", exercise="plank")
    assert worked(world, asked) == ["tilt"]


def test_easier_in_the_breath_between_two_holds_gets_into_the_other_form_properly() -> None:
    world = at("hold", exercise="bridge")
    world.run_to("rest", rep=1)
    world.wait(0.5)
    asked = world.now
    world.say(Command.EASIER)
    world.run_to("work", exercise="tilt")
    steps = [(step.kind, step.set) for step in begun(world, asked)]
    assert steps[-2:] == [("position", 1), ("work", 1)]
    said = keys(world, asked)
    assert "Tilt so." in said
    assert world.now - asked >= 5.0 + SPEECH


def test_easier_behind_the_last_set_does_not_promise_what_does_not_come() -> None:
    world = at(
        "rest",
        program(
            exercise("bridge", reps=2, hold="10 s", rest_after="20 s", easier="tilt"),
            exercise("plank", hold="30 s"),
            variants=(exercise("tilt", reps=3, tempo="2-0-2-0"),),
        ),
        seconds=20.0,
    )
    asked = world.now
    say(world, Command.EASIER)
    world.finish()
    assert "swapped" not in keys(world, asked) or "tilt" in worked(world, asked)


def test_easier_while_paused_stays_paused_and_resume_plays_the_other_form() -> None:
    world = at("hold", exercise="bridge")
    say(world, Command.PAUSE, Command.EASIER)
    world.wait(500.0)
    assert world.mode is Mode.PAUSED
    asked = world.now
    world.say(Command.RESUME)
    world.run_to("intro", exercise="plank")
    assert set(worked(world, asked)) == {"tilt"}


def test_harder_leads_back_up_the_link() -> None:
    world = at("hold", exercise="bridge")
    world.say(Command.EASIER)
    world.run_to("work", exercise="tilt")
    world.wait(0.5)
    asked = world.now
    world.say(Command.HARDER)
    world.run_to("intro", exercise="plank")
    assert set(worked(world, asked)) == {"bridge"}


def test_without_a_link_harder_is_the_upper_end_and_easier_the_lower_again() -> None:
    world = at("hold", exercise="plank")
    began = world.now - 1.0
    say(world, Command.HARDER)
    assert keys(world)[-1] == "harder_dose"
    world.wait(2.0)
    say(world, Command.HARDER)
    assert keys(world)[-1] == "no_harder"
    world.run_to("rest", exercise="plank")
    assert world.now == pytest.approx(began + 30.0)
    assert moments(world, "release")[-1] == pytest.approx(began + 30.0)


def test_easier_gives_back_what_harder_has_added() -> None:
    world = at("hold", exercise="plank")
    began = world.now - 1.0
    say(world, Command.HARDER, Command.EASIER)
    assert keys(world)[-1] == "easier_dose"
    world.run_to("rest", exercise="plank")
    assert world.now == pytest.approx(began + 10.0)


def test_more_than_the_lower_end_is_over_once_easier_is_said() -> None:
    world = at("hold", exercise="plank")
    say(world, Command.HARDER)
    world.wait(15.0)
    asked = world.now
    world.say(Command.EASIER)
    world.run_to("rest", exercise="plank")
    assert world.now == pytest.approx(asked)


def test_an_effort_that_easier_ends_is_released() -> None:
    world = at("hold", exercise="plank")
    say(world, Command.HARDER)
    world.wait(15.0)
    asked = world.now
    say(world, Command.EASIER, apart=2.0)
    assert moments(world, "release", asked) == [pytest.approx(asked)]


GROWS = (ProgressRule(sessions=1, pain=2, measure=Measure.REPS, step=2),)


def reps_of(world: World) -> int:
    """How many repetitions the running set has, at a cadence of four seconds."""
    return round((world.run_to("work").seconds or 0.0) / 4.0)


def test_easier_leads_to_the_lower_end_from_a_dose_that_has_grown() -> None:
    squat = exercise("squat", reps="4-10", tempo="2-0-2-0", sets=2, rest="20 s", progress=GROWS)
    world = World(program(dose_at(squat, 2)))
    assert reps_of(world) == 8
    world.wait(1.0)
    say(world, Command.EASIER)
    assert reps_of(world) == 4


def test_easier_never_gives_more() -> None:
    squat = exercise("squat", reps="8-10", tempo="2-0-2-0", sets=2, rest="20 s", progress=GROWS)
    person = Person(agreed=True, last_pain=LastPain("plank", "Plank", 3))
    world = World(program(squat, exercise("plank", hold="30 s")), person=person)
    world.wait(1.0)
    say(world, Command.WORSE)
    assert reps_of(world) == 6
    world.wait(1.0)
    say(world, Command.EASIER)
    assert reps_of(world) <= 6


@pytest.mark.parametrize(("word", "answer"), [(Command.EASIER, "no_easier"), (Command.HARDER, "no_harder")])
def test_where_there_is_no_other_form_it_says_so_and_goes_on(word: Command, answer: str) -> None:
    world = at("work", exercise="march")
    began = world.now - 1.0
    say(world, word)
    assert keys(world)[-1] == answer
    assert dict(lines(world)[-1].values) == {"name": "March"}
    world.run_to("outro")
    assert world.now == pytest.approx(began + 30.0)
    assert notes(world, "swapped") == []


def test_in_the_routines_own_talk_there_is_no_form_to_change() -> None:
    world = World(forms())
    asked = world.now
    say(world, Command.EASIER, Command.HARDER)
    assert "swapped" not in keys(world, asked)


@pytest.mark.parametrize("kind", ["intro", "position", "hold"])
def test_undo_brings_the_old_form_back(kind: str) -> None:
    world = at(kind, exercise="bridge")
    world.say(Command.EASIER)
    world.wait(8.0)
    asked = world.now
    world.say(Command.UNDO)
    assert keys(world)[-1] == "undone"
    world.run_to("intro", exercise="plank")
    assert set(worked(world, asked)) == {"bridge"}
    assert [note["command"] for note in notes(world, "undone")] == ["easier"]


def test_a_form_that_is_locked_since_the_first_question_is_not_led_to() -> None:
    person = Person(agreed=True, last_pain=LastPain("tilt", "Tilt", 3))
    world = World(forms(), person=person)
    world.wait(1.0)
    say(world, Command.WORSE)
    assert kept(world)["lock/tilt"] == "worse 3"
    world.run_to("hold", exercise="bridge")
    world.say(Command.EASIER)
    world.finish()
    assert "tilt" not in worked(world)


# --- The other side -------------------------------------------------------------------------------------------------------

SIDES = program(
    exercise("arm", hold="20 s", limbs=("right", "left"), order="complete"),
    exercise("dog", reps=2, hold="10 s", limbs=("right", "left")),
    exercise("reach", reps=3, tempo="2-0-2-0", limbs=("right", "left")),
    exercise("bridge", hold="20 s"),
)


def test_switch_ends_this_side_and_gives_time_for_the_other() -> None:
    world = at("hold", SIDES, exercise="arm")
    world.wait(4.0)
    asked = world.now
    say(world, Command.SWITCH)
    assert [(s.kind, s.side, s.limb) for s in begun(world, asked)] == [("switch", 2, "left")]
    assert notes(world, "switched") == [{"exercise": "arm", "set": 1, "rep": 1, "side": 1, "phase": "hold"}]
    hold = world.run_to("hold")
    assert (hold.limb, hold.seconds) == ("left", 20.0)
    world.wait(1.0)
    say(world, Command.SWITCH)
    assert keys(world)[-1] == "no_other_side"
    assert world.mode is Mode.HOLD


def test_switch_between_sides_that_alternate_goes_to_the_other_one() -> None:
    world = at("hold", SIDES, exercise="dog", rep=1, side=1)
    asked = world.now
    say(world, Command.SWITCH)
    assert [(s.kind, s.limb) for s in begun(world, asked)] == [("work", "left")]
    world.run_to("hold", limb="left")


@pytest.mark.parametrize("slug", ["reach", "bridge"])
def test_where_there_is_no_other_side_the_countdown_goes_on(slug: str) -> None:
    world = at("work" if slug == "reach" else "hold", SIDES, exercise=slug)
    began = world.now - 1.0
    say(world, Command.SWITCH)
    assert keys(world)[-1] == "no_other_side"
    world.run_to("outro" if slug == "bridge" else "intro")
    assert world.now == pytest.approx(began + (20.0 if slug == "bridge" else 24.0))
    assert notes(world, "switched") == []


@pytest.mark.parametrize("kind", ["intro", "rest", "position"])
def test_outside_an_effort_there_is_no_side(kind: str) -> None:
    world = World(program(exercise("squat", reps=8, tempo="2-0-2-0", sets=2, rest="20 s")))
    world.run_to(kind)
    world.wait(0.1)
    asked = world.now
    say(world, Command.SWITCH, Command.PAUSE, Command.SWITCH)
    assert begun(world, asked) == []


def test_undo_brings_the_side_back() -> None:
    world = at("hold", SIDES, exercise="arm")
    say(world, Command.SWITCH, Command.UNDO)
    hold = world.run_to("hold")
    assert hold.limb == "right"
