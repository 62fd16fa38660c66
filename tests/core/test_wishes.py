"""How a person has it otherwise: speed, rest, loudness, and undo. Times are read off what comes out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.core.seen import at, forms, hurt, kept, keys, lines, moments, notes, say, since
from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Remember,
    Say,
    SpeechRate,
    Volume,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.person import Person, Room

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
    assert dict(next(line for line in lines(world, began) if line.key == "rest").values) == {"time": 35}


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


# --- Undo -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "set_to"), [(0.4, 0.4), (0.0, 0.1), (7.0, 1.0)])
def test_the_volume_can_be_set_from_outside_to_a_level_and_is_remembered(asked: float, set_to: float) -> None:
    world = World(REPS, room=Room(volume=0.5, ask_effort=False))
    world.run_to("rest")
    effects = world.session.handle(VolumeAsked(world.now, asked, "mqtt"))
    assert effects == (Volume(set_to), Remember("volume", set_to))
    assert world.session.handle(VolumeAsked(world.now, asked, "mqtt")) == ()


def test_a_session_refuses_another_routine() -> None:
    world = World(REPS, room=Room(volume=0.5, ask_effort=False))
    world.run_to("rest")
    before = world.session.state
    assert world.session.handle(Wanted(world.now, "big-three", "button")) == (Chime(ChimeKind.REFUSED),)
    assert world.session.state == replace(before, now=world.session.state.now)


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
