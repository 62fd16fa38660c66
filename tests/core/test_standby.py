"""The coach between sessions: called, asked, told by the timetable; and silence starts nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.calling import EIGHT, MONDAY, SPEECH, Calling, menu
from voicecoach.core.events import (
    Alert,
    Alerted,
    ChimeKind,
    Command,
    Deafened,
    Hearing,
    Line,
    Priority,
    Say,
    Volume,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.menu import Choice, Greeting, Memory, Menu
from voicecoach.core.standby import ALERT_AFTER, ASK_AGAIN, EMERGENCY_OVER


def idle(**fields: object) -> Calling:
    calling = Calling(menu(**fields))
    calling.effects.clear()
    return calling


def asked() -> Calling:
    """It is eight o'clock, and the coach has asked."""
    calling = Calling(menu("daily 08:00 gentle-start"))
    calling.show(EIGHT - 1)
    calling.show(EIGHT)
    calling.wait(3.0)
    return calling


# --- Being called -----------------------------------------------------------------------------------------------------


def test_it_says_that_it_is_ready_and_waits_in_silence() -> None:
    calling = Calling(greeting=Greeting(lines=(Line.of("standby_ready", address="coach", routine="first steps"),)))
    calling.wait(100_000)
    assert calling.chimes == [ChimeKind.READY]
    assert calling.said == ["standby_ready"]
    assert calling.standby.deadline is None
    assert not calling.standby.over


def test_a_routine_is_started_by_its_name_or_number() -> None:
    for words in ("start gentle start", "start number two", "coach start gentle start"):
        calling = idle()
        calling.say(words)
        assert calling.chimes == [ChimeKind.HEARD]
        assert not calling.standby.over, "first it says what begins"
        calling.wait(5.0)
        assert calling.said == ["standby_starting"]
        assert calling.standby.choice == Choice("gentle-start")
        assert calling.standby.over
        assert calling.states == [("starting", "gentle-start")]


def test_stop_takes_a_start_back() -> None:
    calling = idle()
    calling.say("start gentle start")
    assert calling.standby.live == {Command.STOP, Command.PAIN, Command.EMERGENCY}
    calling.say(Command.STOP)
    calling.wait(100.0)
    assert calling.mouth is None
    assert (calling.standby.over, calling.standby.choice) == (False, None)
    assert calling.states[-1] == ("idle", None)


@pytest.mark.parametrize(("word", "first"), [(Command.PAIN, "rest_as_you_are"), (Command.EMERGENCY, "emergency")])
def test_need_takes_a_start_back(word: Command, first: str) -> None:
    calling = idle(can_alert=True)
    calling.say("start gentle start")
    calling.effects.clear()
    calling.say(word)
    calling.wait(100.0)
    assert (calling.standby.over, calling.standby.choice) == (False, None)
    assert calling.said[0] == first
    assert any(isinstance(effect, Alert) for _, effect in calling.effects) is (word is Command.EMERGENCY)


@pytest.mark.parametrize("default", [None, "first-steps"])
def test_start_alone_starts_nothing(default: str | None) -> None:
    """In noise "stop" is heard as it."""
    calling = idle(default=default)
    calling.say("start")
    calling.wait(1000.0)
    assert not calling.standby.over
    question = "standby_offer" if default else "standby_which"
    assert calling.said == [question, question, "standby_never_mind"]
    assert calling.states == [("asking", default), ("idle", None)]


def test_start_alone_and_yes_is_the_usual_routine() -> None:
    calling = idle(default="first-steps")
    calling.say("start")
    calling.say(Command.YES)
    calling.wait(5.0)
    assert calling.standby.choice == Choice("first-steps")


def test_which_one_is_answered_with_a_name_or_with_no() -> None:
    calling = idle()
    calling.say("start")
    calling.say("first steps")
    calling.wait(5.0)
    assert calling.standby.choice == Choice("first-steps")
    calling = idle()
    calling.say("start")
    calling.say(Command.NO)
    calling.wait(5.0)
    assert calling.said == ["standby_which", "standby_never_mind"]


def test_which_one_where_there_is_none() -> None:
    calling = Calling(Menu((), "coach"))
    calling.say("start")
    calling.say(Command.ROUTINES)
    assert calling.said == ["standby_none", "standby_none"]
    assert not calling.standby.over


def test_the_routines_are_told_with_their_numbers_until_stop() -> None:
    calling = idle()
    calling.say(Command.ROUTINES)
    calling.wait(3.0)
    lines = [effect.line for _, effect in calling.effects if isinstance(effect, Say)]
    assert lines[0] == Line.of("standby_routine", number=1, title="First steps")
    assert lines[1] == Line.of("standby_routine", number=2, title="Gentle start")
    calling.say(Command.STOP)
    assert calling.mouth is None
    calling.wait(100.0)
    assert len(calling.said) == 2


def test_what_was_cut_off_is_taken_up() -> None:
    calling = idle()
    calling.say(Command.RESUME)
    calling.wait(5.0)
    assert calling.standby.choice == Choice(None, resumes=True)


def test_other_commands_mean_nothing_here() -> None:
    calling = idle()
    for command in (Command.NEXT, Command.DONE, Command.YES, Command.PAUSE, Command.END):
        assert command not in calling.standby.live
        calling.say(command, "keys")
    assert set(calling.chimes) == {ChimeKind.REFUSED}
    assert calling.said == []


def test_not_understood_sounds_only_behind_the_address() -> None:
    calling = idle()
    calling.overhear("[unk]")
    calling.overhear("the coach")
    assert calling.chimes == []
    calling.overhear("coach [unk] [unk]")
    assert calling.chimes == [ChimeKind.NOT_UNDERSTOOD]


def test_who_is_understood_in_the_middle_of_a_sentence_hears_so() -> None:
    for words in ("start first steps", "start"):
        calling = Calling(menu(default="first-steps"))
        calling.say(Command.OPTIONS)
        calling.effects.clear()
        calling.say(words)
        assert calling.chimes == [ChimeKind.HEARD]


def test_louder_and_quieter_last() -> None:
    calling = Calling(memory=Memory(volume=0.5))
    calling.say(Command.LOUDER)
    calling.give(VolumeAsked(calling.now, 0.2, "mqtt"))
    calling.say(Command.QUIETER)
    levels = [effect.level for _, effect in calling.effects if isinstance(effect, Volume)]
    assert levels == [0.5, 0.625, 0.2, pytest.approx(0.16)]
    assert calling.standby.memory.volume == pytest.approx(0.16)
    calling.give(VolumeAsked(calling.now, 0.0, "mqtt"))
    calling.wait(5)
    calling.say(Command.QUIETER)
    assert calling.said[-1] == "no_quieter"


# --- From outside -----------------------------------------------------------------------------------------------------


def test_a_wish_from_outside_starts_a_routine() -> None:
    calling = idle()
    calling.give(Wanted(calling.now, "gentle-start", "mqtt"))
    calling.wait(5.0)
    assert calling.standby.choice == Choice("gentle-start", source="mqtt")


def test_an_unknown_one_is_found_out_by_whoever_looks_for_it() -> None:
    calling = idle()
    calling.give(Wanted(calling.now, "nonsense", "mqtt"))
    calling.wait(5.0)
    assert calling.standby.choice == Choice("nonsense", source="mqtt")


def test_a_button_without_a_name_means_the_usual_one_or_asks() -> None:
    calling = idle(default="first-steps")
    calling.give(Wanted(calling.now, "", "button"))
    calling.wait(5.0)
    assert calling.standby.choice == Choice("first-steps", source="button")
    calling = idle()
    calling.give(Wanted(calling.now, "", "button"))
    calling.wait(5.0)
    assert calling.said == ["standby_which"]


def test_two_wishes_at_once_are_one_session() -> None:
    calling = idle()
    calling.give(Wanted(calling.now, "gentle-start", "mqtt"))
    calling.give(Wanted(calling.now, "first-steps", "mqtt"))
    calling.wait(5.0)
    assert calling.standby.choice == Choice("gentle-start", source="mqtt")


# --- The timetable ----------------------------------------------------------------------------------------------------


def test_it_chimes_and_asks_at_its_time() -> None:
    calling = asked()
    assert calling.chimes == [ChimeKind.READY, ChimeKind.READY]
    line = next(effect.line for _, effect in calling.effects if isinstance(effect, Say))
    assert line == Line.of("standby_ask", hour=8, title="Gentle start")
    assert calling.states == [("idle", None), ("asking", "gentle-start")]


@pytest.mark.parametrize(("minute", "hour", "past"), [(15 * 60 + 5, 3, 5), (12 * 60, 12, 0), (30, 12, 30), (60, 1, 0)])
def test_it_tells_the_time_as_people_do(minute: int, hour: int, past: int) -> None:
    calling = Calling(menu(f"daily {minute // 60:02d}:{minute % 60:02d} gentle-start"))
    calling.show(minute - 1)
    calling.show(minute)
    calling.wait(1.0)
    line = next(effect.line for _, effect in calling.effects if isinstance(effect, Say))
    expected = {"minute": past, "hour": hour} if past else {"hour": hour}
    assert dict(line.values) == expected | {"title": "Gentle start"}


def test_it_does_not_ask_for_what_rests_today() -> None:
    calling = Calling(menu("daily 08:00 gentle-start", "daily 08:10 first-steps"))
    calling.show(8 * 60 - 1, MONDAY, "gentle-start")
    calling.show(8 * 60, MONDAY, "gentle-start")
    calling.wait(60.0)
    assert calling.states == [("idle", None)]
    calling.show(8 * 60 + 10, MONDAY, "gentle-start")
    calling.wait(1.0)
    assert calling.states[-1] == ("asking", "first-steps")


def test_yes_starts_it() -> None:
    calling = asked()
    calling.say(Command.YES)
    calling.wait(5.0)
    assert calling.standby.choice == Choice("gentle-start")


def test_silence_is_no_consent_and_means_not_today() -> None:
    calling = asked()
    calling.wait(2 * ASK_AGAIN + 10)
    assert calling.said == ["standby_ask", "standby_ask", "standby_not_today"]
    calling.wait(1e6)
    calling.show(EIGHT + 30)
    calling.wait(100.0)
    assert calling.said[3:] == []
    assert calling.notes("offer") == [{"routine": "gentle-start", "answer": "no answer"}]
    calling.show(EIGHT - 1, MONDAY + 1)
    calling.show(EIGHT, MONDAY + 1)
    calling.wait(1.0)
    assert calling.said[3:] == ["standby_ask"], "but tomorrow is another day"


def test_no_means_not_today() -> None:
    calling = asked()
    calling.say(Command.NO)
    calling.wait(100_000)
    assert calling.said == ["standby_ask", "standby_not_today"]


def test_later_asks_again_later_each_time() -> None:
    calling = asked()
    for _ in range(3):
        calling.say(Command.LATER)
        said = len(calling.said)
        calling.wait(590.0)
        assert calling.said[said - 1 :] == ["standby_later"]
        calling.show(EIGHT + 10)
        calling.wait(15.0)
        assert calling.said[-1] == "standby_ask_past"
    calling.wait(1000.0)
    assert calling.said[-1] == "standby_not_today"


def test_another_routine_may_be_started_instead() -> None:
    calling = asked()
    calling.say("start first steps")
    calling.wait(5.0)
    assert calling.standby.choice == Choice("first-steps")


def test_it_does_not_fall_into_its_own_words() -> None:
    calling = Calling(menu("daily 08:00 gentle-start"))
    calling.show(EIGHT - 1)
    calling.say(Command.OPTIONS)
    calling.show(EIGHT)
    assert calling.said == ["standby_options"]
    calling.wait(3.0)
    assert calling.said == ["standby_options", "standby_ask"]


def test_what_came_in_a_session_is_asked_after_it_if_it_is_not_too_old() -> None:
    before = Calling(menu("daily 08:00 gentle-start"))
    before.show(EIGHT - 5)
    after = Calling(before.menu, before.standby.memory, now=2000.0)
    after.show(EIGHT + 25)
    after.wait(1.0)
    assert after.said == ["standby_ask_past"]
    too_late = Calling(before.menu, before.standby.memory, now=5000.0)
    too_late.show(EIGHT + 75)
    too_late.wait(1.0)
    assert too_late.said == []


def test_what_was_put_off_into_a_session_is_asked_after_it_if_it_is_not_too_old() -> None:
    memory = Memory(put_off=(("gentle-start", 600.0),))
    calling = Calling(memory=memory, now=1200.0)
    calling.wait(1.0)
    assert calling.said == ["standby_ask"]
    late = Calling(memory=memory, now=600.0 + 3601)
    late.wait(1.0)
    assert late.said == []
    assert late.standby.memory.put_off == ()


def test_what_has_just_been_played_is_not_asked_for() -> None:
    before = Calling(menu("daily 08:00 gentle-start"))
    before.show(EIGHT - 5)
    after = Calling(before.menu, replace(before.standby.memory, played=("gentle-start", 900.0)), now=900.0)
    after.show(EIGHT + 10)
    after.wait(100.0)
    assert after.said == []


def test_what_was_put_off_and_is_then_begun_by_hand_is_not_asked_for_again() -> None:
    calling = asked()
    calling.say(Command.LATER)
    calling.wait(10.0)
    calling.say("start gentle start")
    calling.wait(10.0)
    assert calling.standby.over
    assert calling.standby.memory.put_off == ()
    # A programme's session is one of a routine: the same, whatever it was begun by.
    memory = replace(calling.standby.memory, put_off=(("gentle-start", 700.0),), played=("gentle-start", 900.0))
    after = Calling(calling.menu, memory, now=900.0)
    after.wait(100.0)
    assert after.said == []


def test_a_clock_that_is_set_asks_for_nothing_that_lay_between() -> None:
    """A board without a clock of its own learns late what time it is: it may have asked before it was restarted."""
    calling = Calling(menu("daily 08:00 gentle-start"))
    calling.show(EIGHT - 43, ahead=1_000.0)
    calling.show(EIGHT + 31, ahead=1_000.0 + 74 * 60)
    calling.wait(60.0)
    assert calling.said == []
    calling.show(EIGHT - 1, MONDAY + 1, ahead=1_000.0 + 74 * 60 + 1.5)
    calling.show(EIGHT, MONDAY + 1, ahead=1_000.0 + 74 * 60 + 1.5)
    calling.wait(1.0)
    assert calling.said == ["standby_ask"], "a clock that runs a little fast was not set"


def test_another_routine_than_the_one_asked_about_is_an_answer_to_it() -> None:
    calling = asked()
    calling.say("start first steps")
    assert calling.notes("offer") == [{"routine": "gentle-start", "answer": "no"}]
    assert asked().notes("offer") == []
    yes = asked()
    yes.say(Command.YES)
    assert yes.notes("offer") == []


def test_the_list_of_routines_leaves_a_question_open() -> None:
    calling = asked()
    calling.say(Command.ROUTINES)
    calling.wait(10.0)
    assert calling.said == ["standby_ask", "standby_routine", "standby_routine"]
    calling.wait(ASK_AGAIN)
    assert calling.said[-1] == "standby_ask", "put again behind it"
    calling.say(Command.YES)
    assert calling.states[-1] == ("starting", "gentle-start")


def test_a_sentence_between_leaves_time_for_the_answer() -> None:
    calling = asked()
    calling.wait(ASK_AGAIN - 4.0)
    calling.give(Deafened(calling.now))
    calling.wait(5.0)
    assert calling.said == ["standby_ask", "standby_deaf"], "and it is not cut off by the question"


# --- In need ----------------------------------------------------------------------------------------------------------


def test_an_emergency_says_the_number_and_then_tells_somebody() -> None:
    calling = idle(can_alert=True, emergency_number="144")
    calling.say(Command.EMERGENCY)
    line = next(effect.line for _, effect in calling.effects if isinstance(effect, Say))
    assert line == Line.of("emergency", number="1 4 4")
    assert not any(isinstance(effect, Alert) for _, effect in calling.effects)
    calling.wait(2 * 2.0 + ALERT_AFTER + 0.1)
    assert [effect for _, effect in calling.effects if isinstance(effect, Alert)] == [Alert("emergency")]
    calling.give(Alerted(calling.now, told=True))
    calling.wait(10_000.0)
    assert calling.said == ["emergency", "emergency_again", "alerted"]
    assert sum(isinstance(effect, Alert) for _, effect in calling.effects) == 1


def test_said_again_it_tells_somebody_at_once() -> None:
    calling = idle(can_alert=True)
    calling.say(Command.EMERGENCY)
    assert Alert("emergency") in calling.say(Command.EMERGENCY)
    assert Alert("emergency") not in calling.say(Command.EMERGENCY)


@pytest.mark.parametrize("word", [Command.PAIN, Command.EMERGENCY, Command.STOP, Command.OPTIONS, Command.START])
def test_nothing_but_a_mistake_takes_it_back(word: Command) -> None:
    calling = idle(can_alert=True)
    calling.say(Command.EMERGENCY)
    calling.wait(3.0)
    calling.say(word)
    calling.wait(10.0)
    assert sum(isinstance(effect, Alert) for _, effect in calling.effects) == 1
    assert calling.states == [("emergency", None)]


def test_each_emergency_is_told() -> None:
    calling = idle(can_alert=True)
    for number in (1, 2):
        calling.say(Command.EMERGENCY)
        calling.wait(20.0)
        assert sum(isinstance(effect, Alert) for _, effect in calling.effects) == number
        calling.wait(EMERGENCY_OVER)
    assert calling.states == [("emergency", None), ("idle", None)] * 2
    said = [effect.priority for _, effect in calling.effects if isinstance(effect, Say)]
    assert set(said) == {Priority.SAFETY}


def test_a_mistake_takes_it_back_before_anybody_is_told() -> None:
    calling = idle(can_alert=True)
    calling.say(Command.EMERGENCY)
    calling.wait(3.0)
    calling.say(Command.MISTAKE)
    calling.wait(10_000.0)
    assert not any(isinstance(effect, Alert) for _, effect in calling.effects)
    assert calling.notes("false_alarm") == [{"from": "emergency"}]


def test_stop_in_an_emergency_is_silence_and_no_more() -> None:
    calling = idle(can_alert=True)
    calling.say(Command.EMERGENCY)
    calling.say(Command.STOP)
    assert calling.mouth is None
    calling.wait(ALERT_AFTER + 0.1)
    assert any(isinstance(effect, Alert) for _, effect in calling.effects)


def test_in_an_emergency_nothing_is_started_from_outside() -> None:
    calling = idle()
    calling.say(Command.EMERGENCY)
    calling.give(Wanted(calling.now, "first-steps", "mqtt"))
    calling.say("start first steps")
    calling.wait(20.0)
    assert not calling.standby.over


def test_pain_is_answered() -> None:
    calling = idle()
    calling.say(Command.PAIN)
    calling.wait(10.0)
    assert calling.said == ["rest_as_you_are", "pain_help"]


def test_a_lost_microphone_has_its_own_sound_and_is_told() -> None:
    calling = idle()
    calling.give(Deafened(calling.now))
    calling.wait(5.0)
    calling.give(Hearing(calling.now))
    calling.wait(5.0)
    assert calling.chimes == [ChimeKind.MICROPHONE_LOST]
    assert calling.said == ["standby_deaf", "hear_again"]


def test_a_loss_that_is_over_before_it_is_told_is_not_told() -> None:
    """The loudspeaker was away with the microphone: what is said then is heard when both are back."""
    calling = idle()
    calling.say(Command.OPTIONS)
    calling.give(Deafened(calling.now))
    calling.give(Hearing(calling.now))
    calling.wait(10.0)
    assert calling.said == ["standby_options", "hear_again"]
    calling.give(Deafened(calling.now))
    calling.wait(SPEECH / 2)
    calling.give(Hearing(calling.now))
    assert calling.said[2:] == ["standby_deaf", "hear_again"], "cut short"


def test_again_says_the_last_once_more() -> None:
    calling = idle()
    calling.say(Command.OPTIONS)
    calling.wait(3.0)
    calling.say(Command.AGAIN)
    assert calling.said == ["standby_options", "standby_options"]
