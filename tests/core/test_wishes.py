"""How a person has it otherwise: form, speed, rest, side, loudness, talk. Times are read off what comes out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.core.seen import begun, hurt, kept, keys, lines, moments, notes, say, since, worked
from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.dose import Measure, ProgressRule
from voicecoach.core.events import Command, Mode, Remember, Say, SpeechRate, Volume
from voicecoach.core.person import LastPain, Person, Room, Talk
from voicecoach.core.program import Program
from voicecoach.core.progress import dose_at


def forms(**fields: object) -> Program:
    return program(
        exercise("bridge", reps="2-4", hold="10 s", sets=2, rest="20 s", easier="tilt"),
        exercise("plank", hold="10-30 s", rest_after="10 s"),
        exercise("march", time="30 s"),
        variants=(
            exercise("tilt", reps=3, tempo="2-0-2-0", sets=2, rest="20 s", harder="bridge", setup=("Tilt so.",)),
        ),
        **fields,
    )


def at(kind: str, made: Program | None = None, **fields: Any) -> World:
    world = World(made or forms())
    world.run_to(kind, **fields)
    world.wait(1.0)
    return world


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


# --- Slower and faster ----------------------------------------------------------------------------------------------------

REPS = program(exercise("squat", reps=8, tempo="2-0-2-0", sets=2, rest="20 s"))
BREATHS = program(exercise("dog", hold="5 breaths"))


def counts(world: World, moment: float) -> list[tuple[float, int]]:
    return [
        (at, int(dict(e.line.values)["number"]))
        for at, e in since(world, moment)
        if isinstance(e, Say) and e.line.key == "count"
    ]


@pytest.mark.parametrize(("word", "factor"), [(Command.SLOWER, 1.15), (Command.FASTER, 1 / 1.15)])
def test_the_cadence_changes_by_fifteen_percent_and_the_repetition_stays(word: Command, factor: float) -> None:
    world = World(REPS)
    world.run_to("work")
    began = world.now
    world.wait(10.0)  # in the middle of the third
    asked = world.now
    say(world, word)
    world.run_to("rest")
    heard = counts(world, asked)
    assert [number for _, number in heard] == [4, 5, 6, 7, 8]
    assert heard[0][0] - asked == pytest.approx(2.0 * factor)  # half a repetition was left
    gaps = [later[0] - sooner[0] for sooner, later in pairwise(heard)]
    assert gaps == pytest.approx([4.0 * factor] * 4)
    assert world.now == pytest.approx(asked + (32.0 - (asked - began)) * factor)
    assert moments(world, "release", asked) == [pytest.approx(world.now)]


@pytest.mark.parametrize(("word", "factor"), [(Command.SLOWER, 1.15), (Command.FASTER, 1 / 1.15)])
def test_breaths_keep_to_the_new_cadence(word: Command, factor: float) -> None:
    world = World(BREATHS)
    world.run_to("hold")
    world.wait(8.0)  # one second into the second breath
    asked = world.now
    say(world, word)
    world.run_to("outro")
    assert [at - asked for at in moments(world, "breathe_out", asked)] == pytest.approx(
        [(2.0 + 7.0 * n) * factor for n in range(4)]
    )
    assert world.now == pytest.approx(asked + 27.0 * factor)


@pytest.mark.parametrize(
    ("word", "end", "most"), [(Command.SLOWER, "no_slower", 2.0), (Command.FASTER, "no_faster", 0.5)]
)
def test_the_cadence_has_limits(word: Command, end: str, most: float) -> None:
    world = World(REPS)
    world.run_to("position", set=1)
    world.wait(SPEECH * 2)
    for _ in range(12):
        say(world, word)
    assert keys(world)[-1] == end
    assert len(notes(world, "tempo")) == 5  # 1.15 ** 5 is more than two
    step = world.run_to("work")
    assert step.seconds == pytest.approx(32.0 * most)


@pytest.mark.parametrize("kind", ["hold", "rest", "position"])
def test_a_hold_by_the_clock_a_rest_and_getting_into_place_are_as_long_as_ever(kind: str) -> None:
    ends = []
    for words in ((), (Command.SLOWER,), (Command.FASTER, Command.FASTER)):
        world = World(program(exercise("plank", hold="20 s", sets=2, rest="20 s")))
        world.run_to(kind)
        world.wait(3.0)
        say(world, *words)
        world.run_to({"hold": "rest", "rest": "intro", "position": "work"}[kind])
        ends.append(world.now)
    assert ends == pytest.approx([ends[0]] * 3)


def test_the_cadence_stays_for_the_sets_behind_and_undo_takes_it_back() -> None:
    world = World(REPS)
    world.run_to("work")
    world.wait(1.0)
    say(world, Command.SLOWER)
    assert world.run_to("work", set=2).seconds == pytest.approx(32.0 * 1.15)
    world.wait(1.0)
    say(world, Command.SLOWER, Command.UNDO)
    asked = world.now
    world.wait(20.0)
    gaps = [later[0] - sooner[0] for sooner, later in pairwise(counts(world, asked))]
    assert gaps == pytest.approx([4.0 * 1.15] * len(gaps))
    assert gaps


def test_in_a_pause_the_cadence_changes_for_what_is_taken_up() -> None:
    world = World(REPS)
    world.run_to("work")
    world.wait(10.0)
    say(world, Command.PAUSE, Command.SLOWER, Command.RESUME)
    work = world.run_to("work")
    began = world.now
    assert work.seconds == pytest.approx(6 * 4.0 * 1.15)
    world.wait(1.0)
    ((moment, number),) = counts(world, began)
    assert moment == pytest.approx(began)
    assert number == 3


@pytest.mark.parametrize(("word", "factor"), [(Command.SLOWER, 1 / 1.15), (Command.FASTER, 1.15)])
def test_while_the_coach_talks_it_is_the_speech_and_the_sentence_is_said_again(word: Command, factor: float) -> None:
    world = World(program(exercise("squat", reps=4, tempo="2-0-2-0", setup=("Stand.", "Feet apart."))))
    world.run_to("intro", exercise="squat")
    world.wait(SPEECH * 1.5)
    assert keys(world)[-1] == "Stand."
    said = world.now
    say(world, word)
    assert keys(world, said) == ["Stand."]
    assert [e.factor for _, e in world.effects if isinstance(e, SpeechRate)] == pytest.approx([factor])
    assert kept(world)["speech_rate"] == pytest.approx(factor, abs=0.001)
    assert world.run_to("work").seconds == pytest.approx(16.0)
    assert keys(world).count("Feet apart.") == 1


@pytest.mark.parametrize(
    ("word", "limit", "end"), [(Command.SLOWER, 0.6, "no_slower"), (Command.FASTER, 1.6, "no_faster")]
)
def test_the_speech_has_limits(word: Command, limit: float, end: str) -> None:
    world = World(program(exercise("squat", setup=tuple(f"Line {n}." for n in range(30)))))
    world.run_to("intro", exercise="squat")
    for _ in range(8):
        while not (keys(world)[-1].startswith("Line") and world.mouth):
            world.wait(SPEECH / 2)
        say(world, word)
    assert end in keys(world)
    assert [e.factor for _, e in world.effects if isinstance(e, SpeechRate)][-1] == pytest.approx(limit)


def test_the_speech_rate_that_is_remembered_is_set_at_the_start_within_its_limits() -> None:
    for given, told in ((1.3, [1.3]), (9.0, [1.6]), (0.1, [0.6]), (1.0, [])):
        world = World(REPS, person=Person(agreed=True, speech_rate=given))
        assert [e.factor for _, e in world.effects if isinstance(e, SpeechRate)] == told


def test_undo_gives_the_old_speech_back() -> None:
    world = World(program(exercise("squat", setup=("Stand.", "Feet apart."))))
    world.run_to("intro", exercise="squat")
    world.wait(0.1)
    say(world, Command.FASTER, Command.UNDO)
    assert [e.factor for _, e in world.effects if isinstance(e, SpeechRate)] == pytest.approx([1.15, 1.0])
    assert kept(world)["speech_rate"] == 1.0


# --- More rest ------------------------------------------------------------------------------------------------------------


def test_the_rest_that_runs_is_fifteen_seconds_longer() -> None:
    world = World(REPS)
    world.run_to("rest")
    began = world.now
    world.wait(7.0)
    say(world, Command.MORE_REST)
    assert keys(world)[-1] == "more_rest"
    world.wait(1.0)
    say(world, Command.MORE_REST)
    world.run_to("intro")
    assert world.now == pytest.approx(began + 20.0 + 30.0)
    assert notes(world, "more_rest") == 2 * [{"exercise": "squat", "seconds": 15.0}]


def test_from_an_effort_the_coming_rest_is_longer_and_says_so() -> None:
    world = World(REPS)
    world.run_to("work")
    world.wait(3.0)
    say(world, Command.MORE_REST)
    assert keys(world)[-1] == "more_rest_later"
    world.run_to("rest")
    began = world.now
    world.wait(0.1)
    world.run_to("intro")
    assert world.now == pytest.approx(began + 35.0)
    assert dict(next(line for line in lines(world, began) if line.key == "rest").values) == {"seconds": 35}


@pytest.mark.parametrize("kind", ["work", "rest"])
def test_undo_gives_the_old_rest_back(kind: str) -> None:
    world = World(REPS)
    world.run_to(kind)
    world.wait(3.0)
    say(world, Command.MORE_REST, Command.UNDO)
    assert keys(world)[-1] == "undone"
    if kind == "work":
        world.run_to("rest")
    began = next(at for at, e in reversed(world.effects) if getattr(e, "kind", None) == "rest")
    world.run_to("intro")
    assert world.now == pytest.approx(began + 20.0)


@pytest.mark.parametrize("kind", ["position", "switch"])
def test_getting_into_place_and_changing_sides_may_take_longer_too(kind: str) -> None:
    ends = []
    for words in ((), (Command.MORE_REST,)):
        world = World(program(exercise("arm", hold="20 s", limbs=("right", "left"), order="complete")))
        world.run_to(kind)
        world.wait(3 * SPEECH)
        say(world, *words)
        world.run_to("work")
        ends.append(world.now)
    assert ends[1] - ends[0] == pytest.approx(15.0)


def test_where_no_rest_is_left_it_says_so() -> None:
    world = World(program(exercise("march", time="30 s")))
    world.run_to("work")
    world.wait(2.0)
    say(world, Command.MORE_REST)
    assert keys(world)[-1] == "no_rest_ahead"
    assert notes(world, "more_rest") == []


def test_in_a_pause_the_rest_that_waits_is_longer() -> None:
    world = World(REPS)
    world.run_to("rest")
    world.wait(8.0)
    say(world, Command.PAUSE, Command.MORE_REST, Command.RESUME)
    resumed = world.now - 0.1
    world.run_to("intro")
    assert world.now == pytest.approx(resumed + 12.0 + 15.0)


@pytest.mark.parametrize("wish", [Command.LESS_TALK, Command.MORE_TALK, Command.SLOWER, Command.FASTER])
@pytest.mark.parametrize("kind", ["work", "rest"])
def test_a_longer_rest_outlasts_another_wish(kind: str, wish: Command) -> None:
    world = World(REPS)
    world.run_to(kind)
    world.wait(2.0)
    say(world, Command.MORE_REST, apart=1.0)
    say(world, wish, apart=1.0)
    if kind == "work":
        world.run_to("rest")
    began = next(at for at, e in reversed(world.effects) if getattr(e, "kind", None) == "rest")
    world.run_to("intro")
    assert world.now == pytest.approx(began + 35.0)


def test_in_an_explanation_the_rest_that_waits_behind_it_is_meant() -> None:
    world = World(program(exercise("squat", reps=2, tempo="2-0-2-0", sets=3, rest="20 s", setup=("Stand.", "So."))))
    world.run_to("rest")
    world.wait(5.0)
    say(world, Command.HOW, Command.MORE_REST)
    rest = world.run_to("rest")
    assert rest.seconds == pytest.approx(30.0)


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
    world = World(REPS)
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


# --- Loudness -------------------------------------------------------------------------------------------------------------


def levels(world: World) -> list[float]:
    return [effect.level for _, effect in world.effects if isinstance(effect, Volume)]


@pytest.mark.parametrize(
    ("word", "limit", "end"), [(Command.LOUDER, 1.0, "no_louder"), (Command.QUIETER, 0.1, "no_quieter")]
)
def test_loudness_has_limits_and_is_remembered(word: Command, limit: float, end: str) -> None:
    world = World(REPS, room=Room(volume=0.5, ask_effort=False))
    world.run_to("rest")
    assert levels(world) == [0.5]
    for _ in range(20):
        say(world, word)
    assert levels(world)[-1] == pytest.approx(limit)
    assert kept(world)["volume"] == pytest.approx(limit)
    assert keys(world)[-1] == end
    steps = levels(world)
    assert sorted(steps, reverse=word is Command.QUIETER) == steps
    assert len(set(steps)) == len(steps)


def test_a_step_down_and_a_step_up_are_the_same() -> None:
    world = World(REPS, room=Room(volume=0.5, ask_effort=False))
    say(world, Command.QUIETER, Command.LOUDER, Command.LOUDER, Command.UNDO)
    assert levels(world) == pytest.approx([0.5, 0.4, 0.5, 0.625, 0.5])
    assert kept(world)["volume"] == pytest.approx(0.5)


def test_the_persons_loudness_goes_before_the_rooms() -> None:
    assert levels(World(REPS, person=Person(agreed=True, volume=0.3), room=Room(volume=0.9))) == [0.3]


@pytest.mark.parametrize(
    "words", [(Command.PAIN,), (Command.EMERGENCY,), (Command.END,), (Command.END, Command.YES), (Command.PAUSE,)]
)
def test_loudness_can_be_changed_everywhere(words: tuple[Command, ...]) -> None:
    world = World(REPS, room=Room(volume=0.5, ask_effort=False))
    world.run_to("work")
    say(world, *words)
    mode, said = world.mode, list(keys(world))
    say(world, Command.LOUDER, apart=3 * SPEECH)
    assert levels(world)[-1] == pytest.approx(0.625)
    assert world.mode is mode
    if said[-1] not in {"emergency", "rest_as_you_are"} and not said[-1].startswith("Leave"):
        assert "louder" in keys(world)


# --- Talk -----------------------------------------------------------------------------------------------------------------

TALK = program(
    exercise("bridge", reps=2, hold="30 s", sets=2, rest="10 s", setup=("Lie down.", "Feet flat."), steps=("Lift.",),
             avoid=("Do not arch your back.",), short="Hips up.", cues=("Squeeze.",)),
    exercise("plank", hold="30 s", sets=2, rest="10 s", setup=("Elbows down.",), short="Flat.", position="prone"),
    exercise("bridge", reps=2, hold="30 s", setup=("Lie down.", "Feet flat."), steps=("Lift.",), short="Hips up."),
)  # fmt: skip
STRANGER = Person(agreed=True)


def story(person: Person) -> list[str]:
    world = World(TALK, person=person)
    world.finish()
    assert world.ended == "finished"
    return keys(world)


def test_instructions_are_full_the_first_time_and_short_later() -> None:
    said = story(STRANGER)
    assert said.count("Lie down.") == said.count("Lift.") == 1
    assert said.count("Hips up.") >= 2
    assert said.index("Lie down.") < said.index("Hips up.")
    again = story(Person(agreed=True, known=frozenset({"bridge"})))
    assert "Lie down." not in again
    assert "Elbows down." in again


def test_what_was_explained_to_its_end_is_known_the_next_time_and_nothing_else_is() -> None:
    world = World(TALK)
    world.run_to("position", exercise="bridge")
    assert kept(world) == {"known/bridge": 1}
    world = World(TALK)
    world.run_to("intro", exercise="bridge")
    world.wait(SPEECH * 1.5)
    say(world, Command.NEXT)
    world.wait(5.0)
    assert kept(world) == {}


def test_less_talk_is_less_and_more_is_more() -> None:
    less, usual, more = (story(Person(agreed=True, talk=talk)) for talk in Talk)
    assert len(less) < len(usual) < len(more)
    assert more.count("Lie down.") == 2
    assert not {"halfway", "Squeeze.", "Lie down."} & set(less)
    for said in (less, usual, more):
        assert said.count("release") == 8
        assert said.count("take_position") == usual.count("take_position")
        assert said.count("count") == usual.count("count")


def test_less_talk_keeps_what_is_to_be_avoided_the_first_time() -> None:
    assert "Do not arch your back." in story(Person(agreed=True, talk=Talk.LESS))


@pytest.mark.parametrize("talk", Talk)
def test_however_little_is_said_the_way_out_is(talk: Talk) -> None:
    for word in (Command.PAIN, Command.STOP, Command.PAUSE, Command.END):
        world = World(TALK, person=Person(agreed=True, talk=talk))
        world.run_to("hold")
        world.wait(2.0)
        said = world.now
        say(world, word)
        assert keys(world, said)[0] == "Leave the bridge."


def test_the_wish_for_less_talk_holds_from_here_on_and_is_remembered() -> None:
    world = at("hold", TALK, exercise="bridge")
    began = world.now - 1.0
    say(world, Command.LESS_TALK)
    assert kept(world)["talk"] == "less"
    world.run_to("rest", rep=1)
    assert world.now == pytest.approx(began + 30.0)
    world.finish()
    assert not {"halfway", "Elbows down."} & set(keys(world, began + 5.0))
    say(world, Command.LESS_TALK)
    assert world.ended == "finished"


def test_the_scale_of_talk_has_two_ends() -> None:
    world = at("rest", TALK, seconds=10.0)
    for word, last in ((Command.LESS_TALK, "less"), (Command.MORE_TALK, "more")):
        for _ in range(3):
            say(world, word)
        assert kept(world)["talk"] == last
        assert keys(world)[-1] == f"no_{last}_talk"


def test_undo_of_less_talk_is_remembered_too() -> None:
    world = at("rest", TALK, seconds=10.0)
    say(world, Command.LESS_TALK, Command.UNDO)
    told = [effect.value for _, effect in world.effects if isinstance(effect, Remember) and effect.key == "talk"]
    assert told == ["less", "usual"]


def test_undo_of_less_talk_brings_the_talk_back() -> None:
    world = at("rest", TALK, seconds=10.0)
    say(world, Command.LESS_TALK, Command.UNDO)
    asked = world.now
    world.finish()
    assert "Elbows down." in keys(world, asked)


# --- Undo -----------------------------------------------------------------------------------------------------------------

LIGHT = [Command.LOUDER, Command.QUIETER, Command.SLOWER, Command.MORE_REST, Command.LESS_TALK, Command.SLEEP]
HEAVY = [
    Command.EASIER,
    Command.NEXT,
    Command.SKIP,
    Command.BACK,
    Command.PAUSE,
    Command.STOP,
    Command.END,
    Command.DONE,
]


@pytest.mark.parametrize("word", [*LIGHT, *HEAVY])
@pytest.mark.parametrize("seconds", [9.8, 10.2])
def test_undo_has_ten_seconds_for_everything(word: Command, seconds: float) -> None:
    world = World(forms(), room=Room(volume=0.5, ask_effort=False))
    world.run_to("hold", exercise="bridge")
    world.wait(0.7)
    world.say(word)
    if word is Command.SLEEP:
        say(world, Command.WAKE, apart=0.0)
    world.wait(seconds)
    said = world.now
    say(world, Command.UNDO)
    assert bool(notes(world, "undone", said)) is (seconds < 10.0)
    assert ("nothing_to_undo" in keys(world, said)) is (seconds > 10.0)


@pytest.mark.parametrize("word", LIGHT[:-1])
def test_taking_back_how_it_is_told_stops_no_countdown(word: Command) -> None:
    world = World(program(exercise("plank", hold="30 s", sets=2, rest="20 s")), room=Room(volume=0.5, ask_effort=False))
    world.run_to("hold")
    began = world.now
    world.wait(5.0)
    say(world, word, apart=2.0)
    say(world, Command.UNDO)
    world.run_to("rest")
    assert world.now == pytest.approx(began + 30.0)


@pytest.mark.parametrize("word", [*LIGHT, *HEAVY])
def test_nothing_from_before_a_pain_is_undone(word: Command) -> None:
    world = World(forms(), room=Room(volume=0.5, ask_effort=False))
    world.run_to("hold", exercise="bridge")
    world.wait(0.7)
    say(world, word, Command.PAIN, Command.MISTAKE, Command.YES)
    said = world.now
    say(world, Command.UNDO)
    assert notes(world, "undone", said) == []


def test_a_second_undo_finds_nothing() -> None:
    world = at("hold", exercise="bridge")
    say(world, Command.SKIP, Command.UNDO, Command.UNDO)
    assert keys(world)[-1] == "nothing_to_undo"


def test_an_easier_form_is_not_praised_into_a_lock() -> None:
    """Pain in the easier form locks that form, and the harder one stays what it was."""
    world = at("hold", exercise="bridge")
    world.say(Command.EASIER)
    world.run_to("work", exercise="tilt")
    world.wait(1.0)
    hurt(world)
    assert {key: value for key, value in kept(world).items() if key.startswith("lock/")} == {"lock/tilt": "pain"}
