"""What each command does, by example. Times are read off the effects, never asked of the session."""

from __future__ import annotations

import pytest

from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Deafened,
    End,
    Heard,
    Hush,
    Line,
    Mode,
    ModeChanged,
    Note,
    Priority,
    Remember,
    Say,
    StepBegan,
    Tick,
)
from voicecoach.core.person import Room
from voicecoach.loading.pain import strict_rules

HOLDS = program(
    exercise("bridge", reps=2, hold="10 s", sets=2, rest="20 s", setup=("Lie down.", "Feet flat.")),
    exercise("plank", hold="30 s"),
)


def moments(world: World, key: str) -> list[float]:
    return [at for at, effect in world.effects if isinstance(effect, Say) and effect.line.key == key]


def steps(world: World, since: float = 0.0) -> list[tuple[str, str | None]]:
    return [(e.kind, e.exercise) for at, e in world.effects if isinstance(e, StepBegan) and at >= since]


def test_a_session_plays_itself_to_the_end() -> None:
    world = World(HOLDS)
    world.finish()
    assert world.ended == "finished"
    assert world.spent[Mode.HOLD] == pytest.approx(4 * 10 + 30)


def test_the_countdown_stands_on_its_seconds() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    began = world.now
    world.wait(10.0)
    counted = {
        dict(e.line.values)["number"]: at - began
        for at, e in world.effects
        if isinstance(e, Say) and e.line.key == "count" and at > began
    }
    assert counted == pytest.approx({3: 7.0, 2: 8.0, 1: 9.0})
    assert moments(world, "release") == [pytest.approx(began + 10.0)]


def test_a_late_tick_says_no_late_count_but_still_releases() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.wait(2.0)  # "hold" has been said: the mouth is free, and still no late count is put into it
    effects = world.give(Tick(world.now + 8.4))
    assert [e.line.key for e in effects if isinstance(e, Say)] == ["release"]
    assert Chime(ChimeKind.COUNT) not in effects


def test_an_early_tick_changes_nothing() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.wait(9.9)
    assert world.give(Tick(world.now)) == ()
    began = world.now
    world.run_to("rest")
    assert world.now - began == pytest.approx(0.1)


def test_pause_is_silent_and_time_stands_still() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.wait(4.0)
    effects = world.say(Command.PAUSE)
    assert effects[0] == Hush()
    assert effects[2] == Say(effects[2].utterance, HOLDS_EXIT, Priority.SAFETY)  # type: ignore[union-attr]
    world.wait(3600)
    assert world.mode is Mode.PAUSED
    assert world.ended is None


HOLDS_EXIT = Line.text("Leave the bridge.")


@pytest.mark.parametrize(("after_pause", "total"), [("restart", 10.0), ("continue", 6.0)])
def test_a_hold_goes_on_behind_a_count_in(after_pause: str, total: float) -> None:
    world = World(program(exercise("bridge", hold="10 s"), hold_after_pause=after_pause))
    world.run_to("hold")
    world.wait(4.0)
    world.say(Command.PAUSE)
    world.wait(20.0)
    world.say(Command.RESUME)
    resumed = world.now
    assert steps(world, resumed)[0] == ("count-in", None)
    hold = world.run_to("hold")
    assert world.now == pytest.approx(resumed + SPEECH + 3.0)
    assert hold.seconds == pytest.approx(total)
    began = world.now
    world.run_to("outro")
    assert world.now - began == pytest.approx(total)


def test_counted_repetitions_go_on_from_the_one_that_was_cut() -> None:
    world = World(program(exercise("squat", reps=5, tempo="2-0-2-0")))
    world.run_to("work")
    world.wait(9.0)  # in the third repetition
    world.say(Command.PAUSE)
    world.wait(5.0)
    world.say(Command.RESUME)
    work = world.run_to("work")
    assert work.seconds == pytest.approx(12.0)
    began = world.now
    world.wait(1.0)
    assert [dict(e.line.values) for at, e in world.effects if isinstance(e, Say) and at >= began] == [{"number": 3}]


def test_timed_work_continues_where_it_was() -> None:
    world = World(program(exercise("march", time="30 s")))
    world.run_to("work")
    world.wait(12.0)
    world.say(Command.PAUSE)
    world.wait(100.0)
    world.say(Command.RESUME)
    world.run_to("outro")
    assert world.spent[Mode.WORK] == pytest.approx(30.0)


def test_a_sentence_that_was_cut_is_said_again() -> None:
    world = World(HOLDS)
    world.run_to("intro", exercise="bridge")
    world.wait(SPEECH * 2.5)  # in the middle of "Feet flat."
    world.say(Command.PAUSE)
    world.wait(5.0)
    world.say(Command.RESUME)
    world.wait(SPEECH)
    assert world.said.count("Feet flat.") == 2
    assert world.said.count("Lie down.") == 1


def test_rest_goes_on_and_says_what_is_left() -> None:
    world = World(HOLDS)
    world.run_to("rest", seconds=20.0)
    world.wait(8.0)
    world.say(Command.PAUSE)
    world.wait(60.0)
    world.say(Command.RESUME)
    resumed = world.now
    world.run_to("intro")
    assert world.now - resumed == pytest.approx(12.0)
    assert "rest_left" in world.said


def test_pain_is_silence_the_way_out_and_five_quiet_seconds() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.wait(3.0)
    effects = world.say(Command.PAIN)
    kinds = [type(effect) for effect in effects]
    assert kinds == [Hush, ModeChanged, Note, Remember, Say]
    note = effects[2]
    assert isinstance(note, Note)
    assert dict(note.fields) == {"exercise": "bridge", "set": 1, "rep": 1, "side": None, "phase": "hold"}
    hurt = world.now
    world.wait(SPEECH + 4.9)
    assert world.said[-1] == "Leave the bridge."
    world.wait(0.2)
    assert moments(world, "pain_score") == [pytest.approx(hurt + SPEECH + 5.0)]
    world.wait(10_000)
    assert world.mode is Mode.PAIN


@pytest.mark.parametrize("command", sorted(set(Command) - {Command.EMERGENCY, Command.END}))
def test_no_single_word_leads_out_of_pain(command: Command) -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.PAIN)
    world.wait(2.0)
    world.say(command)
    world.wait(100.0)
    assert world.mode is Mode.PAIN


def test_pain_then_end_then_no_is_still_pain() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    for command in (Command.PAIN, Command.END, Command.STOP):
        world.say(command)
        world.wait(1.0)
    assert world.mode is Mode.PAIN
    world.say(Command.END)
    world.say(Command.PAUSE)
    world.say(Command.UNDO)
    assert world.mode is Mode.PAIN


def test_pain_while_saying_goodbye_waits_too() -> None:
    world = World(HOLDS)
    world.run_to("outro")
    world.say(Command.PAIN)
    world.wait(500.0)
    assert world.ended is None
    world.say(Command.MISTAKE)
    world.say(Command.YES)
    world.wait(5.0)
    assert world.ended == "finished"


def test_pain_after_yes_does_not_lead_back_into_the_exercise() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    for command in (Command.END, Command.YES, Command.PAIN, Command.MISTAKE, Command.YES):
        world.say(command)
    world.wait(5.0)
    assert world.ended == "ended"
    assert world.mode is Mode.FINISHED


def test_stop_says_the_way_out_and_how_to_go_on() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.STOP)
    world.wait(2.0)
    assert world.said[-2:] == ["Leave the bridge.", "stopped"]
    assert world.mode is Mode.PAUSED


def test_ready_ends_positioning_early() -> None:
    world = World(HOLDS)
    world.run_to("position")
    world.wait(1.0)
    world.say(Command.READY)
    assert steps(world, world.now) == [("work", "bridge")]


def test_ready_opens_the_gate_and_silence_does_not() -> None:
    world = World(program(exercise(), opening="ready"))
    world.wait(10_000)
    assert steps(world)[-1] == ("intro", None)
    assert world.said.count("say_ready") == 4
    world.say(Command.READY)
    assert steps(world)[-1] == ("intro", "bridge")


def test_with_nobody_to_hear_it_begins_after_five_seconds() -> None:
    world = World(program(exercise(), opening="ready"), unattended=True)
    world.run_to("intro", seconds=5.0)
    began = world.now
    world.run_to("intro", exercise="bridge")
    assert world.now - began == pytest.approx(SPEECH + 5.0)
    assert "start_alone" in world.said


def test_next_walks_from_talk_to_work_to_rest_to_the_set_behind() -> None:
    world = World(HOLDS)
    world.run_to("intro", exercise="bridge")
    seen = []
    for _ in range(5):
        world.say(Command.NEXT)
        seen.append(steps(world)[-1][0])
        world.wait(0.1)
    assert seen == ["work", "rest", "intro", "work", "intro"]


def test_skip_goes_to_the_next_exercise_and_undo_brings_it_back() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.wait(2.0)
    world.say(Command.SKIP)
    assert steps(world)[-1] == ("intro", "plank")
    world.wait(4.0)
    world.say(Command.UNDO)
    world.run_to("hold", exercise="bridge", rep=1)


def test_undo_has_ten_seconds() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.SKIP)
    world.wait(10.1)
    world.say(Command.UNDO)
    world.wait(2.0)
    assert "nothing_to_undo" in world.said
    assert steps(world)[-1][1] == "plank"


def test_back_goes_to_the_start_of_the_set_and_twice_to_the_one_before() -> None:
    world = World(HOLDS)
    world.run_to("hold", set=2, rep=2)
    world.say(Command.BACK)
    assert world.program.steps[world.session.state.index].place.set == 1  # type: ignore[union-attr]
    world.wait(4.0)
    world.say(Command.BACK)
    assert world.program.steps[world.session.state.index].place.set == 0  # type: ignore[union-attr]
    world.wait(6.0)
    world.say(Command.BACK)
    assert world.program.steps[world.session.state.index].place.set == 0  # type: ignore[union-attr]


def test_how_explains_and_takes_the_hold_up_again() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.wait(3.0)
    world.say(Command.HOW)
    asked = world.now
    world.run_to("hold")
    assert steps(world, asked) == [("intro", "bridge"), ("count-in", None), ("hold", "bridge")]
    assert world.said.count("Lie down.") == 2


def test_status_never_stops_the_countdown() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    began = world.now
    world.wait(6.5)
    world.say(Command.STATUS)
    world.wait(3.6)
    assert moments(world, "time_left") == [pytest.approx(began + 6.5)]
    # "three" would have been late: a chime stands for it; the release is on its second.
    assert [at for at, e in world.effects if e == Chime(ChimeKind.COUNT)] == [pytest.approx(began + 7.0)]
    assert moments(world, "release") == [pytest.approx(began + 10.0)]


def test_the_release_cuts_in() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    began = world.now
    world.wait(9.8)
    world.say(Command.OPTIONS)
    world.wait(0.3)
    assert moments(world, "release") == [pytest.approx(began + 10.0)]


def test_again_repeats_the_sentence_in_the_mouth() -> None:
    world = World(HOLDS)
    world.run_to("intro", exercise="bridge")
    world.wait(SPEECH * 1.5)
    world.say(Command.AGAIN)
    world.wait(SPEECH)
    assert world.said.count("Lie down.") == 2


def test_done_ends_an_open_set() -> None:
    world = World(program(exercise("walk", open=True)))
    world.run_to("work")
    world.wait(40.0)
    assert world.mode is Mode.WORK
    world.say(Command.DONE)
    world.wait(5.0)
    assert world.ended == "finished"


def test_end_asks_once_and_yes_ends_with_a_summary() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.END)
    assert world.mode is Mode.CONFIRM
    world.wait(1.0)
    world.say(Command.YES)
    world.wait(5.0)
    assert world.ended == "ended"
    assert world.said[-1] == "summary"


def test_end_and_no_goes_on() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.END)
    world.wait(1.0)
    world.say(Command.NO)
    world.finish()
    assert world.ended == "finished"


def test_silence_is_no_answer() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.END)
    world.wait(10_000)
    assert world.mode is Mode.CONFIRM
    assert world.said.count("confirm") == 3


def test_a_paused_session_moves_its_mark_and_stays_paused() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.PAUSE)
    world.wait(3.0)
    world.say(Command.SKIP)
    world.wait(50.0)
    assert world.mode is Mode.PAUSED
    world.say(Command.RESUME)
    assert steps(world)[-1] == ("intro", "plank")


def test_who_has_paused_gets_the_whole_time_to_get_into_place() -> None:
    world = World(HOLDS)
    world.run_to("position")
    world.wait(SPEECH + 4.8)
    world.say(Command.PAUSE)
    world.wait(30.0)
    world.say(Command.RESUME)
    resumed = world.now
    world.run_to("work")
    assert world.now - resumed >= 5.0


def test_an_utterance_that_is_never_reported_is_given_up() -> None:
    world = World(HOLDS)
    world.mouth = None  # the voice has died and says nothing about it
    deadline = world.session.deadline
    assert deadline is not None
    world.give(Tick(deadline))
    assert world.said[-1] != "welcome" or len(world.said) > 1


def test_every_command_means_something_decided_in_every_mode() -> None:
    seen = set()
    for mode, path in {
        Mode.INSTRUCTION: [], Mode.PAUSED: [Command.PAUSE], Mode.PAIN: [Command.PAIN], Mode.CONFIRM: [Command.END],
    }.items():  # fmt: skip
        for command in Command:
            world = World(HOLDS)
            world.wait(0.1)
            for word in path:
                world.say(word)
            world.wait(1.0)  # the way out of the position is said; nothing cuts it
            assert world.mode is mode
            live = command in world.session.live
            effects = world.say(command)
            assert (effects != (Chime(ChimeKind.REFUSED),)) or not live or mode in {Mode.INSTRUCTION, Mode.PAUSED}, (
                mode,
                command,
            )
            assert effects, (mode, command)
            seen.add((mode, command))
    assert len(seen) == 4 * len(Command)


def test_words_before_the_start_mean_nothing() -> None:
    from voicecoach.core.session import Session

    session = Session(HOLDS)
    assert session.handle(Heard(0.0, Command.NEXT)) == ()
    assert session.deadline is None


def test_after_the_end_nothing_happens() -> None:
    world = World(HOLDS)
    world.finish()
    assert world.say(Command.PAIN) == ()
    assert [type(e) for _, e in world.effects].count(End) == 1


@pytest.mark.parametrize("command", [Command.PAUSE, Command.PAIN, Command.END])
def test_no_amount_of_ticks_leads_out_of_a_freeze(command: Command) -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(command)
    world.wait(1000.0)  # every reminder has been said
    mode = world.mode
    for _ in range(20):
        assert world.give(Tick(world.now + 100.0)) == ()
    assert world.mode is mode


@pytest.mark.parametrize("command", [Command.NEXT, Command.SKIP])
@pytest.mark.parametrize("freeze", [Command.STOP, Command.PAUSE])
def test_a_frozen_session_cannot_be_moved_past_its_end(freeze: Command, command: Command) -> None:
    world = World(HOLDS)
    world.wait(0.5)
    world.say(freeze)
    for _ in range(60):
        world.say(command)
    world.say(Command.RESUME)
    world.finish()
    assert world.ended == "finished"


TALK = program(
    exercise("bridge", reps=3, hold="20 s", setup=("Lie down.",), steps=("Lift.", "Stay."), short="Hips up."),
    exercise("plank", hold="30 s"),
)


def said_since(world: World, moment: float) -> list[str]:
    return [
        str(dict(e.line.values).get("text", e.line.key))
        for at, e in world.effects
        if isinstance(e, Say) and at >= moment
    ]


@pytest.mark.parametrize("kind", ["intro", "hold"])
def test_an_explanation_cut_by_a_pause_goes_on_with_its_sentence(kind: str) -> None:
    world = World(TALK)
    world.run_to(kind, exercise="bridge")
    world.wait(0.1)
    world.say(Command.HOW)
    while "Lift." not in said_since(world, world.now - SPEECH):
        world.wait(SPEECH)
    world.wait(0.1)
    world.say(Command.PAUSE)
    world.wait(5.0)
    world.say(Command.RESUME)
    world.wait(3 * SPEECH)
    assert said_since(world, world.now - 3 * SPEECH)[:2] == ["Lift.", "Stay."]
    world.run_to("hold", exercise="bridge")


def test_how_in_the_introduction_still_tells_the_dose() -> None:
    world = World(TALK)
    world.run_to("intro", exercise="bridge")
    world.say(Command.HOW)
    world.run_to("position")
    assert {"dose_reps", "dose_hold"} <= set(world.said)
    assert world.said.count("Lift.") == 1


@pytest.mark.parametrize("command", [Command.READY, Command.NEXT])
def test_enough_of_an_explanation_ends_only_the_explanation(command: Command) -> None:
    world = World(TALK)
    world.run_to("hold", exercise="bridge", rep=1)
    world.say(Command.HOW)
    world.wait(SPEECH * 1.5)
    world.say(command)
    world.wait(SPEECH)
    world.run_to("hold", exercise="bridge", rep=1)
    assert not any(isinstance(e, Note) for _, e in world.effects)


@pytest.mark.parametrize("command", [Command.END, Command.HOW, Command.STOP])
def test_whatever_cuts_a_hold_says_the_way_out_first(command: Command) -> None:
    world = World(TALK)
    world.run_to("hold")
    world.wait(3.0)
    world.say(command)
    assert world.said[-1] == "Leave the bridge."


def test_where_nobody_can_say_done_the_end_of_open_work_is_said() -> None:
    squat, plank = exercise("squat", open=True), exercise("plank", hold="5 s")
    world = World(program(squat, plank), room=Room(attended=False))
    world.run_to("work", exercise="squat")
    began = world.now
    world.run_to("position", exercise="plank")
    said = next(at for at in moments(world, "release") if at > began)
    assert 30.0 <= said - began <= 32.0, "half a minute, once the way to say done was told"
    attended = World(program(squat, plank))
    attended.run_to("work")
    attended.wait(60.0)
    assert moments(attended, "release") == []


def test_a_set_that_was_ended_by_done_counts() -> None:
    world = World(program(exercise("walk", open=True), exercise("plank", hold="30 s")))
    world.run_to("work", exercise="walk")
    world.wait(2.0)
    for command in (Command.DONE, Command.END, Command.YES):
        world.say(command)
        world.wait(1.0)
    summary = next(e.line for _, e in world.effects if isinstance(e, Say) and e.line.key == "summary")
    assert dict(summary.values) == {"done": 1, "exercises": 2}


def test_a_loudspeaker_that_is_already_past_gets_no_late_count() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    began = world.now
    world.wait(6.5)
    assert world.give(Tick(began + 7.0, late=0.8)) == ()


def test_back_from_behind_the_end_leads_to_the_last_set() -> None:
    world = World(HOLDS)
    world.run_to("hold", exercise="plank")
    for command in (Command.PAUSE, Command.SKIP, Command.BACK, Command.RESUME):
        world.say(command)
        world.wait(1.0)
    assert steps(world)[-1][1] == "plank"
    assert world.ended is None


def test_in_turn_the_number_is_the_repetition_not_the_limb() -> None:
    world = World(program(exercise("reach", reps=5, tempo="2-0-2-0", limbs=("left", "right"))))
    world.run_to("work")
    world.wait(29.0)  # the fourth repetition, right
    world.say(Command.STATUS)
    world.say(Command.PAIN)
    world.wait(10.0)
    world.say(Command.MISTAKE)
    world.say(Command.YES)
    lines = {e.line.key: dict(e.line.values) for _, e in world.effects if isinstance(e, Say)}
    assert lines["rep_of"] == {"number": 4, "of": 5}
    assert lines["from_rep"] == {"number": 4}
    note = next(e for _, e in world.effects if isinstance(e, Note))
    assert dict(note.fields)["rep"] == 4


def test_an_effort_that_is_moved_to_while_paused_begins_with_its_place() -> None:
    world = World(HOLDS)
    world.run_to("intro", exercise="bridge")
    for command in (Command.PAUSE, Command.NEXT, Command.RESUME):
        world.say(command)
        world.wait(0.7)
    assert steps(world)[-1] == ("position", "bridge")
    world.run_to("work")


def test_resume_at_the_gate_asks_again() -> None:
    world = World(program(exercise(), opening="ready"))
    world.wait(3.0)
    world.say(Command.PAUSE)
    world.wait(3.0)
    world.say(Command.RESUME)
    assert world.said[-1] == "say_ready"


def test_again_in_a_hold_is_the_short_cue() -> None:
    world = World(TALK)
    world.run_to("hold")
    world.wait(5.0)
    world.say(Command.AGAIN)
    assert world.said[-1] == "Hips up."


def test_stop_does_not_cut_the_way_out_of_pain() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.say(Command.PAIN)
    world.wait(0.2)
    assert world.say(Command.STOP) == ()


def test_go_back_twice_means_twice_in_a_row() -> None:
    world = World(HOLDS)
    world.run_to("hold", set=2, rep=1)
    for command in (Command.BACK, Command.NEXT, Command.BACK):
        world.say(command)
        world.wait(1.0)
    assert world.program.steps[world.session.state.index].place.set == 1  # type: ignore[union-attr]


def test_a_session_that_goes_deaf_says_so() -> None:
    world = World(HOLDS)
    world.run_to("hold")
    world.give(Deafened(world.now))
    world.wait(1.0)
    assert "cannot_hear" in world.said


def test_skip_leaves_out_all_rounds_of_one_exercise() -> None:
    from voicecoach.core.compiler import compile_routine
    from voicecoach.core.routine import Block, Routine

    rounds = Block.model_validate({"exercises": (exercise("march", time="20 s", rest="10 s"),), "repeat": 4})
    after = Block.model_validate({"exercises": (exercise("plank", hold="30 s"),)})
    made = compile_routine(
        Routine.model_validate({"pain": strict_rules(), "slug": "r", "title": "R", "blocks": (rounds, after)})
    )
    world = World(made)
    world.run_to("work")
    world.say(Command.SKIP)
    assert steps(world)[-1] == ("intro", "plank")
