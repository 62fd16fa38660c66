"""What makes a session stand still, and what lets it go on: sleep, emergency, the microphone, a power cut. And asides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.seen import begun, hurt, kept, keys, lines, moments, notes, say, since, tell, worked
from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.events import (
    Alert,
    Alerted,
    Chime,
    ChimeKind,
    Command,
    Deafened,
    End,
    Hearing,
    Hush,
    Mode,
    Overheard,
    Priority,
    Say,
    Silenced,
    StepBegan,
)
from voicecoach.core.news import Returned, Unkept
from voicecoach.core.person import Person, Room

PLAY = program(
    exercise("bridge", reps=2, hold="20 s", sets=2, rest="20 s", setup=("Lie down.", "Feet flat.")),
    exercise("dog", reps=2, hold="10 s", limbs=("right", "left"), rest_after="10 s"),
    exercise("squat", reps=6, tempo="2-0-2-0"),
    exercise("march", time="30 s", gentle=True),
)
FROZEN = {Mode.PAUSED, Mode.PAIN, Mode.EMERGENCY, Mode.CONFIRM}


def room(**fields: Any) -> Room:
    return Room(**({"volume": 0.5, "ask_effort": False} | fields))


def at(kind: str, seconds: float = 2.0, *, where: Room | None = None, **fields: Any) -> World:
    world = World(PLAY, room=where or room())
    world.run_to(kind, **fields)
    world.wait(seconds)
    return world


def brought_to(mode: Mode) -> World:
    """A session in a mode; all but the first and the last came from a hold of the bridge."""
    words = {
        Mode.PAUSED: (Command.PAUSE,), Mode.PAIN: (Command.PAIN,), Mode.EMERGENCY: (Command.EMERGENCY,),
        Mode.CONFIRM: (Command.END,), Mode.FINISHED: (Command.END, Command.YES),
    }  # fmt: skip
    if mode is Mode.QUESTION:
        world = World(PLAY, person=Person(), room=room())
        world.wait(3.0)
        return world
    kind = "hold" if mode in words else {Mode.INSTRUCTION: "intro"}.get(mode, mode.value)
    world = at(kind, exercise="bridge" if kind != "rest" else None) if kind != "rest" else at(kind)
    if mode in words:
        say(world, *words[mode], apart=0.1 if mode is Mode.FINISHED else 2.0)
    assert world.mode is mode
    return world


# --- Asides: no countdown is stopped --------------------------------------------------------------------------------------

ASIDES = [
    Command.STATUS, Command.WHATS_NEXT, Command.OPTIONS, Command.AGAIN, Command.LOUDER, Command.QUIETER,
    Command.LESS_TALK, Command.MORE_TALK, Command.SLEEP, Command.WAKE, Command.UNDO, Command.RESUME, Command.YES,
    Command.SEVEN, Command.SHARP, Command.HARDER, Command.EASIER,
]  # fmt: skip
"""``easier`` and ``harder`` where there is no other form; the answers and "resume" where nothing has asked for them."""


def pulse(world: World, moment: float) -> list[tuple[float, str]]:
    """When steps begin and efforts are released."""
    found = [
        (round(at, 6), f"{e.kind} {e.exercise} {e.set} {e.rep} {e.side}" if isinstance(e, StepBegan) else "release")
        for at, e in since(world, moment)
        if isinstance(e, StepBegan) or (isinstance(e, Say) and e.line.key == "release")
    ]
    return [beat for n, beat in enumerate(found) if beat not in found[:n]]


@pytest.mark.parametrize("command", ASIDES)
@pytest.mark.parametrize(
    ("kind", "fields", "seconds"),
    [("hold", {"exercise": "bridge"}, 7.0), ("rest", {"exercise": "bridge", "rep": None}, 7.0), ("position", {}, 3.0),
     ("hold", {"exercise": "dog", "side": 2}, 3.0), ("work", {"exercise": "squat"}, 9.0),
     ("work", {"exercise": "march"}, 16.0)],
)  # fmt: skip
def test_an_aside_stops_no_countdown(command: Command, kind: str, fields: dict[str, Any], seconds: float) -> None:
    quiet, asked = (at(kind, seconds, **fields) for _ in range(2))
    moment = quiet.now
    for _ in range(2):
        say(asked, command, apart=0.2)
        quiet.wait(0.2)
    quiet.finish()
    asked.finish()
    assert pulse(asked, moment) == pulse(quiet, moment)
    assert asked.ended == quiet.ended == "finished"


@pytest.mark.parametrize("command", [Command.STATUS, Command.WHATS_NEXT, Command.OPTIONS, Command.LOUDER])
def test_an_aside_at_any_moment_of_a_hold_leaves_its_release_on_its_second(command: Command) -> None:
    for tenths in range(0, 200, 7):
        world = at("hold", 0.0, exercise="bridge")
        began = world.now
        world.wait(tenths / 10)
        say(world, command)
        world.run_to("rest")
        assert world.now == pytest.approx(began + 20.0)
        assert moments(world, "release", began + 0.1) == [pytest.approx(began + 20.0)]


def test_what_comes_next_is_the_next_other_exercise() -> None:
    for slug, name in (("bridge", "Dog"), ("dog", "Squat"), ("squat", "March")):
        world = at("work", 0.5, exercise=slug)
        say(world, Command.WHATS_NEXT)
        assert keys(world)[-1] == "whats_next"
        assert dict(lines(world)[-1].values) == {"name": name}
    world = at("work", exercise="march")
    say(world, Command.WHATS_NEXT)
    assert keys(world)[-1] == "nothing_next"


# --- Sleep ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", sorted(set(Command) - {Command.PAIN, Command.EMERGENCY, Command.STOP, Command.WAKE})
)
def test_asleep_nothing_is_heard_and_the_countdown_goes_on(command: Command) -> None:
    quiet, asleep = (at("hold", exercise="bridge") for _ in range(2))
    for world in (quiet, asleep):
        say(world, Command.SLEEP, apart=1.0)
    assert asleep.session.live == {Command.PAIN, Command.EMERGENCY, Command.STOP, Command.WAKE}
    assert asleep.say(command) == ()
    assert asleep.give(Overheard(asleep.now, "[unk]")) == ()
    moment = quiet.now
    quiet.finish()
    asleep.finish()
    assert pulse(asleep, moment) == pulse(quiet, moment)


@pytest.mark.parametrize(
    ("word", "mode"), [(Command.STOP, Mode.PAUSED), (Command.PAIN, Mode.PAIN), (Command.EMERGENCY, Mode.EMERGENCY)]
)
def test_the_urgent_words_wake(word: Command, mode: Mode) -> None:
    world = at("hold", exercise="bridge")
    say(world, Command.SLEEP, apart=1.0)
    effects = world.say(word)
    assert effects[0] == Hush()
    assert world.mode is mode
    world.wait(3.0)
    assert Command.END in world.session.live


def test_wake_wakes_and_is_on_record() -> None:
    world = at("hold", exercise="bridge")
    say(world, Command.SLEEP, Command.WAKE, apart=1.0)
    assert keys(world)[-1] == "awake"
    assert (len(notes(world, "asleep")), len(notes(world, "awake"))) == (1, 1)
    say(world, Command.STATUS)
    assert keys(world)[-1] != "awake"


def test_what_waits_for_a_word_wakes_the_ear() -> None:
    world = World(program(exercise("plank", hold="10 s"), exercise("walk", open=True)), room=room())
    world.run_to("hold")
    say(world, Command.SLEEP)
    world.run_to("work", exercise="walk")
    world.wait(3.0)
    assert Command.DONE in world.session.live


def test_the_questions_of_the_end_wake_the_ear() -> None:
    world = World(PLAY, room=Room(ask_effort=True))
    world.run_to("work", exercise="march")
    say(world, Command.SLEEP)
    world.wait(35.0)
    assert world.mode is Mode.QUESTION
    assert Command.SEVEN in world.session.live


@pytest.mark.parametrize("asked", [True, False])
def test_a_session_that_was_cut_off_asleep_hears_the_answer(*, asked: bool) -> None:
    world = at("hold", exercise="bridge")
    say(world, Command.SLEEP, apart=1.0)
    world.give(Returned(world.now, asked))
    world.wait(3.0)
    assert Command.RESUME in world.session.live


def test_a_microphone_that_comes_back_hears_what_it_asks_for() -> None:
    world = at("hold", exercise="bridge")
    say(world, Command.SLEEP, apart=1.0)
    world.give(Deafened(world.now))
    world.wait(3.0)
    world.give(Hearing(world.now))
    world.wait(3.0)
    assert keys(world)[-1] == "still_paused"  # say resume to go on
    assert Command.RESUME in world.session.live


# --- The question before the end, and the goodbye ---------------------------------------------------------------------------

URGENT = {Command.PAIN, Command.EMERGENCY}
TUNES = {Command.LOUDER, Command.QUIETER}


@pytest.mark.parametrize("word", sorted(set(Command) - URGENT - {Command.YES, Command.NO}))
def test_before_the_end_only_plain_words_lead_anywhere(word: Command) -> None:
    """ "No", "resume", "undo", "stop" and "pause" do not end it; of the others none does anything."""
    world = brought_to(Mode.CONFIRM)
    moment = world.now + 0.05
    world.wait(0.1)
    say(world, word, apart=1.0)
    on = {
        Command.RESUME: Mode.INSTRUCTION,
        Command.UNDO: Mode.INSTRUCTION,
        Command.STOP: Mode.PAUSED,
        Command.PAUSE: Mode.PAUSED,
    }
    assert world.mode is on.get(word, Mode.CONFIRM)
    assert bool(begun(world, moment)) is (word in {Command.RESUME, Command.UNDO})


@pytest.mark.parametrize("word", sorted(set(Command) - URGENT))
def test_the_goodbye_is_cut_short_only_by_stop_and_end(word: Command) -> None:
    world = brought_to(Mode.FINISHED)
    moment = world.now + 0.05
    world.wait(0.1)
    say(world, word)
    assert begun(world, moment) == []
    assert (world.ended is not None) is (word in {Command.STOP, Command.END})
    assert world.mode is Mode.FINISHED
    tempo = {Command.SLOWER, Command.FASTER}
    talks = {Command.STOP, Command.END, Command.AGAIN, Command.UNDO} | TUNES | tempo
    refused = Chime(ChimeKind.REFUSED) in [effect for _, effect in since(world, moment)]
    assert refused is (word not in talks)


def test_how_said_twice_explains_once_more_and_not_twice() -> None:
    world = at("hold", exercise="bridge")
    moment = world.now
    say(world, Command.HOW, Command.HOW, apart=SPEECH * 1.5)
    world.run_to("hold")
    said = keys(world, moment)
    assert said.count("Feet flat.") == 1
    assert said.count("Lie down.") == 2  # once cut short


# --- Emergency ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("can_alert", [True, False])
def test_emergency_is_silence_and_the_number_from_every_mode(mode: Mode, *, can_alert: bool) -> None:
    world = brought_to(mode)
    world = World(PLAY, room=room(can_alert=can_alert, emergency_number="911")) if mode is Mode.INSTRUCTION else world
    can_alert = can_alert and mode is Mode.INSTRUCTION
    world.wait(0.1)
    effects = world.say(Command.EMERGENCY)
    spoken = [effect for effect in effects if isinstance(effect, Hush | Say)]
    assert isinstance(spoken[0], Hush)
    assert isinstance(spoken[1], Say)
    assert (spoken[1].line.key, spoken[1].priority) == ("emergency", Priority.SAFETY)
    number = "9 1 1" if mode is Mode.INSTRUCTION else "1 1 2"
    assert dict(spoken[1].line.values) == {"number": number}
    assert [e for e in effects if isinstance(e, Alert)] == ([Alert("emergency")] if can_alert else [])
    assert world.mode is Mode.EMERGENCY
    moment = world.now
    world.wait(3600.0)
    assert world.mode is Mode.EMERGENCY
    assert begun(world, moment) == []
    assert world.ended is None


@pytest.mark.parametrize("word", sorted(set(Command) - {Command.MISTAKE, Command.PAIN, Command.END}))
def test_no_other_word_leads_out_of_an_emergency(word: Command) -> None:
    world = brought_to(Mode.EMERGENCY)
    moment = world.now
    for _ in range(4):
        say(world, word, apart=1.0)
    assert world.mode is Mode.EMERGENCY
    assert begun(world, moment) == []


@pytest.mark.parametrize("mode", [Mode.HOLD, Mode.WORK, Mode.REST, Mode.INSTRUCTION, Mode.PAUSED, Mode.CONFIRM])
def test_an_emergency_that_was_none_leaves_the_session_paused(mode: Mode) -> None:
    world = brought_to(mode)
    say(world, Command.EMERGENCY, Command.MISTAKE, apart=1.0)
    assert world.mode is Mode.PAUSED
    assert {"from": "emergency"} in notes(world, "false_alarm")
    moment = world.now
    world.wait(1000.0)
    assert begun(world, moment) == []
    say(world, Command.UNDO)
    assert world.mode in FROZEN
    world.say(Command.RESUME)
    world.finish()
    assert world.ended == "finished"


def test_a_pain_behind_an_emergency_is_not_forgotten() -> None:
    world = at("hold", exercise="bridge")
    hurt(world)
    say(world, Command.SEVEN, Command.EMERGENCY, apart=1.0)
    moment = world.now
    say(world, Command.MISTAKE)
    assert world.mode is Mode.PAIN
    assert keys(world, moment)[-1] == "pain_echo"
    assert notes(world, "pain_report") == []
    say(world, Command.YES)
    assert keys(world)[-1] == "pain_leg"


@pytest.mark.parametrize(("told", "line"), [(True, "alerted"), (False, "not_alerted")])
@pytest.mark.parametrize("mode", [Mode.EMERGENCY, Mode.PAIN, Mode.PAUSED, Mode.INSTRUCTION])
def test_whether_anybody_was_told_is_said_aloud(mode: Mode, line: str, *, told: bool) -> None:
    world = brought_to(mode)
    world.wait(2.0 if mode is not Mode.INSTRUCTION else 0.0)
    before = world.mode
    world.give(Alerted(world.now, told))
    world.wait(5.0)
    assert line in keys(world)
    assert notes(world, "alerted") == [{"told": int(told)}]
    assert world.mode is before or mode is Mode.INSTRUCTION


def test_emergency_said_twice_is_said_and_sent_twice_and_noted_once() -> None:
    world = at("hold", exercise="bridge", where=room(can_alert=True))
    say(world, Command.EMERGENCY, Command.EMERGENCY, apart=1.0)
    assert keys(world).count("emergency") == 2
    assert len([e for _, e in world.effects if isinstance(e, Alert)]) == 2
    assert len(notes(world, "emergency")) == 1


def test_it_says_again_how_one_gets_out_and_then_waits() -> None:
    world = brought_to(Mode.EMERGENCY)
    world.wait(3600.0)
    assert keys(world).count("emergency_again") == 3


# --- Nothing is kept ----------------------------------------------------------------------------------------------------


def hurting(*, keeps: bool = True, unkept: bool) -> list[str]:
    """Return what is said when it hurts badly in a hold."""
    world = World(program(exercise("bridge", hold="30 s")), room=Room(ask_effort=False, keeps=keeps))
    say(world, Command.READY)
    world.run_to("hold")
    if unkept:
        world.give(Unkept(world.now))
        world.give(Unkept(world.now))
    world.wait(8.0)
    tell(world, 5)
    world.wait(30.0)
    return keys(world)


def test_no_lock_is_promised_that_is_not_kept() -> None:
    usual, lost, never = hurting(unkept=False), hurting(unkept=True), hurting(keeps=False, unkept=False)
    assert "exercise_over" in usual
    assert "not_kept" not in usual
    assert "exercise_over_unkept" in lost
    assert "exercise_over" not in lost
    assert lost.count("not_kept") == 1
    assert "exercise_over_unkept" in never, "where a person wants nothing kept, nothing is promised either"
    assert "not_kept" not in hurting(keeps=False, unkept=True), "and it is no news"


# --- The microphone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
def test_who_hears_nobody_stands_still_and_says_so(mode: Mode) -> None:
    world = brought_to(mode)
    moment = world.now
    effects = world.give(Deafened(world.now))
    world.wait(600.0)
    assert "cannot_hear" in keys(world, moment)
    if mode in FROZEN:
        assert world.mode is mode
    elif mode is Mode.FINISHED:
        assert world.ended == "ended"
    else:
        assert effects[0].__class__ is not Say
        assert world.mode is Mode.PAUSED
        assert begun(world, moment) == []
    if mode in {Mode.HOLD, Mode.WORK}:
        assert keys(world, moment)[0] == "Leave the bridge."


@pytest.mark.parametrize("mode", sorted(set(Mode) - {Mode.FINISHED}))
def test_a_loss_that_is_over_before_it_is_told_is_not_told(mode: Mode) -> None:
    """The loudspeaker was away with the microphone: what is said then is heard when both are back."""
    world = brought_to(mode)
    world.give(Deafened(world.now))
    moment = world.now
    world.give(Hearing(world.now))
    world.wait(600.0)
    said = keys(world, moment)
    assert "hear_again" in said
    assert "cannot_hear" not in said[said.index("hear_again") :]
    assert said.count("cannot_hear") <= 1, "cut off where it had begun"


@pytest.mark.parametrize("mode", sorted(set(Mode) - {Mode.FINISHED}))
def test_being_heard_again_leads_on_only_with_a_word(mode: Mode) -> None:
    world = brought_to(mode)
    world.give(Deafened(world.now))
    world.wait(5.0)
    moment, standing = world.now, world.mode
    world.give(Hearing(world.now))
    world.wait(600.0)
    assert "hear_again" in keys(world, moment)
    assert world.mode is standing
    assert begun(world, moment) == []
    if mode in {Mode.HOLD, Mode.WORK, Mode.REST, Mode.INSTRUCTION, Mode.PAUSED}:
        say(world, Command.RESUME)
        world.finish()
        assert world.ended == "finished"


def test_a_question_that_was_cut_by_the_microphone_is_asked_again() -> None:
    world = brought_to(Mode.QUESTION)
    world.give(Deafened(world.now))
    world.give(Hearing(world.now))
    world.wait(5.0)
    moment = world.now
    say(world, Command.RESUME, apart=3.0)
    assert "ask_consent" in keys(world, moment)
    assert world.mode is Mode.QUESTION


# --- The loudspeaker --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", sorted(set(Mode) - {Mode.FINISHED}))
def test_after_the_loudspeaker_was_gone_it_stands_still_and_a_word_leads_on(mode: Mode) -> None:
    world = brought_to(mode)
    moment = world.now
    world.give(Silenced(world.now))
    world.wait(600.0)
    said = keys(world, moment)
    assert "speaker_back" in said
    assert world.mode is (mode if mode in FROZEN else Mode.PAUSED)
    assert begun(world, moment) == []
    if mode in {Mode.HOLD, Mode.WORK}:
        assert said[0] == "Leave the bridge.", "they may still be in it: nobody told them that it was over"
    if mode in {Mode.HOLD, Mode.WORK, Mode.REST, Mode.INSTRUCTION, Mode.PAUSED}:
        assert "still_paused" in said
        say(world, Command.RESUME)
        world.finish()
        assert world.ended == "finished"


# --- A session that was cut off -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mode", [Mode.INSTRUCTION, Mode.WORK, Mode.HOLD, Mode.REST, Mode.PAUSED, Mode.CONFIRM, Mode.QUESTION]
)
@pytest.mark.parametrize("asked", [True, False])
def test_a_session_that_was_cut_off_waits_and_goes_on_with_a_word(mode: Mode, *, asked: bool) -> None:
    world = brought_to(mode)
    moment = world.now
    effects = world.give(Returned(world.now, asked))
    assert any(isinstance(effect, Hush) for effect in effects)
    world.wait(900.0)
    assert world.mode is Mode.PAUSED
    assert begun(world, moment) == []
    assert ("go_on" in keys(world, moment), "go_on_or_afresh" in keys(world, moment)) == (asked, not asked)
    assert (Command.YES in world.session.live) is (Command.NO in world.session.live) is (not asked)
    say(world, Command.RESUME if asked else Command.YES)
    if mode is Mode.QUESTION:
        world.wait(3.0)
        say(world, Command.YES)
    world.finish()
    assert world.ended == "finished"
    assert len(worked(world)) >= 2 * 4 + 2 * 4 + 2


def test_a_session_that_is_taken_up_calls_for_help_by_the_settings_of_today() -> None:
    world = at("hold")
    now = Room(can_alert=True, emergency_number="999")
    world.give(Returned(world.now, asked=True, room=now))
    world.wait(5.0)
    world.say(Command.EMERGENCY)
    world.wait(60.0)
    assert Alert("emergency") in [effect for _, effect in world.effects]
    numbers = {
        str(dict(e.line.values)["number"]) for _, e in world.effects if isinstance(e, Say) and e.line.key == "emergency"
    }
    assert numbers == {"9 9 9"}


def test_no_begins_afresh() -> None:
    world = at("hold", exercise="dog")
    world.give(Returned(world.now))
    world.wait(3.0)
    effects = world.say(Command.NO)
    assert [effect for effect in effects if isinstance(effect, End)] == [End("afresh")]
    assert world.session.deadline is None


def test_who_has_asked_for_it_cannot_end_it_with_a_no() -> None:
    world = at("hold", exercise="dog")
    world.give(Returned(world.now, asked=True))
    world.wait(3.0)
    say(world, Command.NO)
    assert world.ended is None
    assert world.mode is Mode.PAUSED


@pytest.mark.parametrize(
    "words",
    [
        (Command.RESUME, Command.PAUSE),
        (Command.PAIN, Command.MISTAKE, Command.YES),
        (Command.EMERGENCY, Command.MISTAKE),
    ],
)
def test_the_offer_to_begin_afresh_is_gone_once_it_was_answered(words: tuple[Command, ...]) -> None:
    world = at("hold", exercise="dog")
    world.give(Returned(world.now))
    world.wait(3.0)
    say(world, *words, apart=1.0)
    assert world.mode is Mode.PAUSED
    say(world, Command.NO)
    assert world.ended is None


@pytest.mark.parametrize("words", [(Command.END, Command.NO), (Command.NEXT,), (Command.STOP,)])
def test_a_no_that_answers_nothing_does_not_begin_afresh(words: tuple[Command, ...]) -> None:
    world = at("hold", exercise="dog")
    world.give(Returned(world.now))
    world.wait(3.0)
    say(world, *words, apart=2.0)
    say(world, Command.NO)
    assert world.ended is None


@pytest.mark.parametrize("mode", [Mode.PAIN, Mode.EMERGENCY])
@pytest.mark.parametrize("behind_the_end", [True, False])
def test_what_stood_in_pain_or_emergency_still_does(mode: Mode, *, behind_the_end: bool) -> None:
    world = brought_to(mode)
    if behind_the_end:
        say(world, Command.END, apart=1.0)
    moment = world.now
    world.give(Returned(world.now))
    world.wait(600.0)
    assert world.mode is mode
    assert begun(world, moment) == []
    assert not {"go_on", "go_on_or_afresh"} & set(keys(world, moment))
    say(world, Command.YES, Command.NO, Command.RESUME)
    assert world.mode is mode


def test_nothing_from_before_the_cut_is_undone() -> None:
    world = at("hold", exercise="bridge")
    say(world, Command.SKIP)
    world.give(Returned(world.now, asked=True))
    world.wait(1.0)
    say(world, Command.UNDO)
    assert keys(world)[-1] == "nothing_to_undo"
    assert world.mode is Mode.PAUSED


def test_with_nobody_to_hear_it_goes_on_by_itself() -> None:
    world = World(PLAY, unattended=True)
    world.run_to("hold", exercise="dog")
    world.give(Returned(world.now))
    world.finish()
    assert world.ended == "finished"


# --- Praise ---------------------------------------------------------------------------------------------------------------

MANY = program(*(exercise(f"move-{n}", time="10 s") for n in range(24)))


def praises(world: World) -> list[str]:
    return [key for key in keys(world) if key.startswith("praise")]


def test_praise_is_rare_and_never_the_same_twice() -> None:
    world = World(MANY)
    world.finish()
    assert 3 <= len(praises(world)) <= 8
    assert len(set(praises(world))) == len(praises(world))


def test_there_is_no_praise_after_pain() -> None:
    made = program(*(exercise(f"move-{n}", time="10 s", gentle=True) for n in range(24)))
    world = World(made)
    world.run_to("work", exercise="move-4")
    hurt(world)
    told = list(praises(world))
    say(world, Command.TWO, Command.YES, Command.NO, Command.ACHE, Command.YES)
    world.finish()
    assert world.ended == "finished"
    assert len(told) == 1
    assert praises(world) == told
    world = World(MANY, person=Person(agreed=True, pains_today=1))
    world.finish()
    assert praises(world) == []


def test_a_false_alarm_does_not_silence_praise_and_what_was_skipped_gets_none() -> None:
    world = World(MANY)
    world.run_to("work")
    say(world, Command.PAIN, Command.MISTAKE, Command.YES)
    world.finish()
    assert praises(world)
    world = World(MANY)
    for n in range(24):
        world.run_to("work", exercise=f"move-{n}")
        say(world, Command.SKIP)
    assert praises(world) == []
    assert kept(world).keys().isdisjoint({"lock/move-0"})
