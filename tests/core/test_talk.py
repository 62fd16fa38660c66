"""How much the coach talks: full the first time, short later, and never less than safety needs."""

from __future__ import annotations

import pytest

from tests.core.seen import at, kept, keys, say
from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.events import Chime, ChimeKind, Command, Deafened, Hush, Remember
from voicecoach.core.person import Person, Talk

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
    assert told == ["less", None], "they had never said how much they like"


def test_undo_of_less_talk_brings_the_talk_back() -> None:
    world = at("rest", TALK, seconds=10.0)
    say(world, Command.LESS_TALK, Command.UNDO)
    asked = world.now
    world.finish()
    assert "Elbows down." in keys(world, asked)


@pytest.mark.parametrize(
    ("verbosity", "person", "talk"),
    [
        (None, None, Talk.USUAL),
        ("short", None, Talk.LESS),
        ("full", None, Talk.MORE),
        ("short", Talk.MORE, Talk.MORE),
        ("full", Talk.USUAL, Talk.USUAL),
    ],
)
def test_what_a_person_has_said_goes_before_the_routine(verbosity: str | None, person: Talk | None, talk: Talk) -> None:
    world = World(program(exercise(), verbosity=verbosity), person=Person(agreed=True, talk=person))
    assert world.session.state.program.style.talk is talk


def chimes(world: World, since: float) -> list[ChimeKind]:
    return [effect.kind for moment, effect in world.effects if moment >= since and isinstance(effect, Chime)]


@pytest.mark.parametrize("talk", Talk)
def test_a_pause_says_so_or_has_a_sound_of_its_own_where_less_is_said(talk: Talk) -> None:
    world = World(TALK, person=Person(agreed=True, talk=talk))
    world.run_to("rest")
    world.wait(3.3)
    paused = world.now
    say(world, Command.PAUSE)
    world.wait(5.0)
    less = talk is Talk.LESS
    assert keys(world, paused) == ([] if less else ["paused"])
    assert chimes(world, paused) == ([ChimeKind.PAUSED] if less else [])
    world.wait(60.0)
    assert keys(world, paused)[-1] == "still_paused", "how to go on is said to everybody in the end"


@pytest.mark.parametrize("kind", ["hold", "rest"])
def test_a_lost_microphone_sounds_before_it_is_told(kind: str) -> None:
    world = World(TALK, person=STRANGER)
    world.run_to(kind)
    world.wait(3.0)
    lost = world.now
    effects = world.give(Deafened(world.now))
    sound = effects.index(Chime(ChimeKind.MICROPHONE_LOST))
    assert all(effects.index(effect) < sound for effect in effects if isinstance(effect, Hush)), "or it would be lost"
    world.wait(10.0)
    assert chimes(world, lost) == [ChimeKind.MICROPHONE_LOST]
    assert keys(world, lost)[-1] == "cannot_hear"
