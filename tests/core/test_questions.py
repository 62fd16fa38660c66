"""What is asked before a session and behind it, and what each answer, each silence and each way around leads to."""

from __future__ import annotations

import pytest

from tests.core.seen import NUMBER, begun, hurt, kept, keys, lines, notes, say, tell, worked
from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.dose import Measure, ProgressRule
from voicecoach.core.events import Command, Mode, Overheard, Remember
from voicecoach.core.person import LastPain, Person, Room

GROWS = (ProgressRule(sessions=1, pain=2, measure=Measure.REPS, step=2),)
PLAY = program(
    exercise("squat", reps=8, tempo="2-0-2-0", sets=2, rest="10 s", progress=GROWS),
    exercise("plank", hold="30 s", gentle=True),
)
QUIET_ROOM = Room(ask_effort=False)
STRANGER = Person()
SORE = Person(agreed=True, last_pain=LastPain("squat", "Squat", 3))


def asked(person: Person, room: Room = QUIET_ROOM, seconds: float = 3.0) -> World:
    world = World(PLAY, person=person, room=room)
    world.wait(seconds)
    assert world.mode is Mode.QUESTION
    return world


def at_the_end(*words: Command, ask_effort: bool = True) -> World:
    """At the first question of the end; ``words`` were said in the middle of the squats."""
    world = World(PLAY, room=Room(ask_effort=ask_effort))
    world.run_to("work", exercise="squat")
    world.wait(3.0)
    say(world, *words, apart=1.0)
    world.run_to("ask")
    world.wait(2 * SPEECH)
    assert world.mode is Mode.QUESTION
    return world


# --- Consent --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", sorted(set(Command) - {Command.YES, Command.END}))
def test_nothing_is_played_before_a_yes(word: Command) -> None:
    world = asked(STRANGER)
    for _ in range(4):
        say(world, word, apart=1.0)
    world.wait(600.0)
    assert worked(world) == []
    assert "agreed" not in kept(world)


@pytest.mark.parametrize("halt", [Command.PAUSE, Command.STOP])
@pytest.mark.parametrize("move", [Command.NEXT, Command.SKIP, Command.BACK])
def test_no_pause_leads_around_the_consent(halt: Command, move: Command) -> None:
    world = asked(STRANGER)
    say(world, halt, move, Command.RESUME, apart=1.0)
    world.wait(600.0)
    assert worked(world) == []


def test_no_pain_leads_around_the_consent() -> None:
    world = asked(STRANGER)
    tell(world, 2)
    say(world, Command.YES)  # to what is gentle
    world.wait(600.0)
    assert worked(world) == []


@pytest.mark.parametrize("words", [
    (Command.PAIN, Command.MISTAKE, Command.YES), (Command.EMERGENCY, Command.MISTAKE, Command.RESUME),
    (Command.END, Command.NO), (Command.PAUSE, Command.RESUME), (Command.SLOWER,), (Command.LOUDER, Command.UNDO),
])  # fmt: skip
def test_after_a_digression_the_consent_is_asked_for_again(words: tuple[Command, ...]) -> None:
    world = asked(STRANGER)
    say(world, *words, apart=1.0)
    moment = world.now
    world.wait(600.0)
    assert world.mode is Mode.QUESTION
    assert "ask_consent" in keys(world, moment)
    assert worked(world) == []


def test_the_consent_is_one_yes_and_is_remembered() -> None:
    world = asked(STRANGER)
    assert keys(world)[-2:] == ["consent", "ask_consent"]
    say(world, Command.YES)
    world.finish()
    assert kept(world)["agreed"] == 1
    assert world.ended == "finished"
    assert keys(world).count("ask_consent") == 1
    again = World(PLAY, person=Person(agreed=True), room=QUIET_ROOM)
    again.finish()
    assert "consent" not in keys(again)


def test_no_ends_it() -> None:
    world = asked(STRANGER)
    say(world, Command.NO)
    world.wait(5.0)
    assert world.ended == "ended"
    assert keys(world)[-1] == "no_consent"
    assert kept(world) == {}


def test_with_nobody_to_hear_it_is_said_and_not_asked() -> None:
    world = World(PLAY, person=STRANGER, unattended=True)
    world.finish()
    assert keys(world)[0] == "consent"
    assert "ask_consent" not in keys(world)
    assert "agreed" not in kept(world)
    assert world.ended == "finished"


def test_a_yes_that_was_taken_back_is_forgotten() -> None:
    world = asked(STRANGER)
    say(world, Command.YES, Command.UNDO, Command.NO)
    world.wait(5.0)
    assert world.ended == "ended"
    assert not kept(world)["agreed"]


# --- The check of hearing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "heard"), [(SPEECH * 1.5, "over the voice"), (3.0, "in silence")])
def test_the_check_tells_over_the_voice_from_in_silence(seconds: float, heard: str) -> None:
    world = asked(Person(agreed=True), Room(check_hearing=True, ask_effort=False), seconds)
    say(world, Command.READY)
    assert notes(world, "hearing_check") == [{"heard": heard}]
    assert keys(world)[-1] == ("heard_over" if heard == "over the voice" else "heard_in_silence")
    world.finish()
    assert world.ended == "finished"


@pytest.mark.parametrize("has_keys", [True, False])
def test_who_is_not_heard_is_told_what_else_there_is(*, has_keys: bool) -> None:
    world = asked(Person(agreed=True), Room(check_hearing=True, ask_effort=False, keys=has_keys))
    world.give(Overheard(world.now, "plain text"))
    world.wait(600.0)
    assert world.mode is Mode.QUESTION
    assert notes(world, "hearing_check") == [{"heard": "no"}]
    assert {"not_heard", "heard_instead", "say_ready_now"} <= set(keys(world))
    assert ("not_heard_keys" in keys(world), "not_heard_device" in keys(world)) == (has_keys, not has_keys)


def test_the_questions_of_the_beginning_come_in_their_order() -> None:
    person = Person(last_pain=LastPain("squat", "Squat", 3))
    world = asked(person, Room(check_hearing=True, ask_effort=False))
    say(world, Command.READY, apart=3.0)
    assert keys(world)[-1] == "ask_consent"
    say(world, Command.YES, apart=3.0)
    assert keys(world)[-1] == "since_last"
    say(world, Command.BETTER, apart=1.0)
    assert worked(world) == []
    assert world.mode is Mode.INSTRUCTION


# --- Since the last time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [Command.SAME, Command.BETTER])
def test_same_or_better_plays_as_it_is(word: Command) -> None:
    world = asked(SORE)
    assert dict(lines(world)[-1].values) == {"name": "Squat"}
    say(world, word)
    assert world.run_to("work").seconds == pytest.approx(32.0)
    assert notes(world, "since_last") == [{"exercise": "squat", "answer": word.value}]
    assert kept(world)["last_pain"] is None
    assert "lock/squat" not in kept(world)


def test_worse_locks_what_hurt_and_lowers_the_rest() -> None:
    world = asked(Person(agreed=True, last_pain=LastPain("plank", "Plank", 3)))
    say(world, Command.WORSE)
    assert world.run_to("work").seconds == pytest.approx(24.0)
    world.finish()
    assert worked(world) == ["squat", "squat"]
    assert kept(world)["lock/plank"] == "worse 3"
    assert notes(world, "locked") == [{"exercise": "plank", "reason": "worse", "score": 3}]
    assert "worse" in keys(world)


def test_worse_without_a_number_and_with_nothing_left_ends_the_session() -> None:
    world = World(
        program(exercise("squat")), person=Person(agreed=True, last_pain=LastPain("squat", "Squat")), room=QUIET_ROOM
    )
    world.wait(3.0)
    say(world, Command.WORSE)
    world.wait(5.0)
    assert world.ended == "pain"
    assert kept(world)["lock/squat"] == "worse"
    assert keys(world)[-2:] == ["exercise_over", "pain_session_over"]


def test_worse_about_an_exercise_of_another_routine_still_lowers_and_locks() -> None:
    world = asked(Person(agreed=True, last_pain=LastPain("bridge", "Bridge", 2)))
    say(world, Command.WORSE)
    assert world.run_to("work").seconds == pytest.approx(24.0)
    assert kept(world)["lock/bridge"] == "worse 2"


def test_silence_does_not_answer_for_the_person() -> None:
    world = asked(SORE)
    world.wait(3600.0)
    assert world.mode is Mode.QUESTION
    assert notes(world, "since_last") == []
    say(world, Command.SKIP)
    world.finish()
    assert "last_pain" not in kept(world)  # it is asked again the next time


@pytest.mark.parametrize("words", [(Command.EASIER,), (Command.EASIER, Command.HARDER)])
def test_what_was_lowered_stays_lowered_in_every_form(words: tuple[Command, ...]) -> None:
    forms = program(
        exercise("squat", reps=8, tempo="2-0-2-0", progress=GROWS, easier="dip"),
        exercise("plank", hold="30 s"),
        variants=(exercise("dip", reps=8, tempo="2-0-2-0", progress=GROWS, harder="squat"),),
    )
    person = Person(agreed=True, last_pain=LastPain("plank", "Plank", 3))
    world = World(forms, person=person, room=QUIET_ROOM)
    world.wait(3.0)
    say(world, Command.WORSE)
    assert world.run_to("work").seconds == pytest.approx(24.0)
    for word in words:
        world.wait(1.0)
        world.say(word)
        assert world.run_to("work").seconds == pytest.approx(24.0)


def test_worse_is_not_undone() -> None:
    world = asked(SORE)
    say(world, Command.WORSE, Command.UNDO)
    world.finish()
    assert "squat" not in worked(world)


@pytest.mark.parametrize("move", [Command.NEXT, Command.BACK])
def test_no_pause_leads_around_the_question_about_the_last_pain(move: Command) -> None:
    world = asked(SORE)
    say(world, Command.PAUSE, move, Command.RESUME, apart=1.0)
    moment = world.now
    world.wait(100.0)
    assert worked(world, moment) == []


# --- Why it was left out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "reason"),
    [(Command.TIRED, "tired"), (Command.EQUIPMENT, "no equipment"), (Command.UNSURE, "none given"),
     (Command.SKIP, "none given"), (Command.NEXT, "none given")],
)  # fmt: skip
def test_why_is_asked_at_the_end_and_each_answer_kept(word: Command, reason: str) -> None:
    world = at_the_end(Command.SKIP, ask_effort=False)
    assert keys(world)[-1] == "ask_why"
    assert dict(lines(world)[-1].values) == {"name": "Squat"}
    say(world, word)
    world.wait(5.0)
    assert notes(world, "skip_reason") == [{"exercise": "squat", "reason": reason}]
    assert world.ended == "finished"


def test_why_is_given_up_in_silence_and_the_goodbye_comes() -> None:
    world = at_the_end(Command.SKIP, ask_effort=False)
    world.wait(120.0)
    assert keys(world).count("ask_why") == 2
    assert notes(world, "skip_reason") == [{"exercise": "squat", "reason": "none given"}]
    assert world.ended == "finished"


def test_a_skip_that_was_taken_back_is_not_asked_about() -> None:
    world = at_the_end(Command.SKIP, Command.UNDO)
    assert keys(world)[-1] == "ask_effort"


def test_skipped_twice_is_asked_once() -> None:
    world = at_the_end(Command.SKIP, Command.BACK, Command.BACK, Command.SKIP)
    say(world, Command.TIRED, apart=2.0)
    assert keys(world).count("ask_why") == 1


def test_pain_for_an_answer_is_about_the_exercise_that_was_left_out() -> None:
    world = at_the_end(Command.SKIP)
    hurt(world)
    assert notes(world, "skip_reason") == [{"exercise": "squat", "reason": "pain"}]
    say(world, Command.TWO, Command.YES, Command.NO, Command.ACHE)
    world.wait(5.0)
    assert {key for key in kept(world) if key.startswith("lock/")} == {"lock/squat"}
    assert kept(world)["last_pain"] == "squat"
    assert notes(world, "pain_report")[-1]["exercise"] == "squat"
    assert world.ended == "pain"


def test_pain_for_an_answer_that_was_a_mistake_asks_again_and_locks_nothing() -> None:
    world = at_the_end(Command.SKIP)
    say(world, Command.PAIN, Command.MISTAKE, Command.YES, apart=2.0)
    assert keys(world)[-1] == "ask_why"
    assert kept(world)["lock/squat"] is None
    say(world, Command.TIRED)
    assert notes(world, "skip_reason")[-1]["reason"] == "tired"


# --- How hard it was ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "word"), sorted(NUMBER.items()))
def test_the_effort_is_echoed_and_counts_with_its_yes(number: int, word: Command) -> None:
    world = at_the_end()
    say(world, word)
    assert keys(world)[-1] == "effort_echo"
    assert dict(lines(world)[-1].values) == {"number": number}
    assert notes(world, "effort") == []
    say(world, Command.YES)
    world.wait(5.0)
    assert notes(world, "effort") == [{"score": number}]
    assert world.ended == "finished"


def test_a_wrong_number_is_asked_for_again() -> None:
    world = at_the_end()
    say(world, Command.TEN, Command.NO, Command.SIX, Command.YES)
    world.wait(5.0)
    assert notes(world, "effort") == [{"score": 6}]


@pytest.mark.parametrize("words", [(), (Command.SEVEN,)])
def test_no_answer_ends_the_session_without_one(words: tuple[Command, ...]) -> None:
    world = at_the_end()
    say(world, *words)
    world.wait(200.0)
    assert notes(world, "effort") == []
    assert world.ended == "finished"


def test_noise_is_asked_about_twice_and_then_left_alone() -> None:
    world = at_the_end()
    moment = world.now
    for _ in range(4):
        world.give(Overheard(world.now, "[unk]"))
        world.wait(3.0)
    assert keys(world, moment).count("pardon") == 2
    assert world.mode is Mode.QUESTION
    assert notes(world, "effort") == []


def test_nothing_is_asked_of_whom_nobody_hears_nor_after_pain_nor_at_an_early_end() -> None:
    world = World(PLAY, room=Room(attended=False, ask_effort=True))
    world.finish()
    assert "ask_effort" not in keys(world)
    for words in ((Command.END, Command.YES), (Command.PAIN, Command.CHECK, Command.YES)):
        world = World(PLAY, room=Room(ask_effort=True))
        world.run_to("hold")
        say(world, *words, apart=1.0)
        world.wait(10.0)
        assert world.ended in {"ended", "pain"}
        assert not {"ask_effort", "ask_why"} & set(keys(world))


def test_effort_is_not_asked_of_who_has_done_nothing() -> None:
    world = World(PLAY, room=Room(ask_effort=True))
    say(world, Command.SKIP, Command.SKIP, Command.SKIP)
    world.wait(3.0)
    assert "ask_effort" not in keys(world)
    assert "ask_why" in keys(world)


def test_pain_in_the_last_question_is_about_the_last_exercise() -> None:
    world = at_the_end()
    say(world, Command.PAIN)
    assert {key for key in kept(world) if key.startswith("lock/")} == {"lock/plank"}
    assert worked(world)[-1] == "plank"


def test_stop_and_end_in_a_question_do_what_they_always_do() -> None:
    world = at_the_end()
    moment = world.now + 0.05
    world.wait(0.1)
    say(world, Command.STOP, apart=1.0)
    assert world.mode is Mode.PAUSED
    say(world, Command.END, Command.YES)
    world.wait(5.0)
    assert world.ended == "ended"
    assert [step.kind for step in begun(world, moment)] == ["outro"]


def test_remembered_values_are_told_only_once_they_are_true() -> None:
    world = asked(STRANGER)
    assert [effect for _, effect in world.effects if isinstance(effect, Remember)] == []


def test_done_that_ends_only_an_explanation_confirms_nothing() -> None:
    world = World(program(exercise("plank", hold="30 s", setup=("Elbows down.", "Knees up."))), room=QUIET_ROOM)
    world.run_to("hold")
    say(world, Command.HOW, Command.DONE)
    assert notes(world, "confirmed") == []
