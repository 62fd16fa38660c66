"""Pain as a session lives through it: the way out, the lock, what is left, and what no word brings back."""

from __future__ import annotations

import pytest

from tests.core.seen import NUMBER, QUIET, begun, hurt, kept, keys, lines, moments, notes, say, since, tell, worked
from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.events import (
    Alert,
    Alerted,
    Command,
    Deafened,
    Heard,
    Hearing,
    Hush,
    Mode,
    ModeChanged,
    Overheard,
    Priority,
    Say,
    StepBegan,
)
from voicecoach.core.news import Returned
from voicecoach.core.person import LastPain, Person, Room
from voicecoach.core.program import Program
from voicecoach.core.routine import PainRules
from voicecoach.loading.pain import strict_rules

RULES = strict_rules()
MONITORED = RULES.model_copy(update={"tolerated": 3})


def two(**fields: object) -> Program:
    """A bridge that may hurt, and a gentle march behind it."""
    return program(
        exercise("bridge", reps=2, hold="10 s", sets=2, rest="20 s", rest_after="20 s", easier="tilt"),
        exercise("march", time="30 s", gentle=True, harder="bridge", setup=("On your back.",)),
        exercise("plank", hold="30 s"),
        **{"variants": (exercise("tilt", reps=3, tempo="2-0-2-0", harder="bridge"),)} | fields,
    )


def in_hold(**fields: object) -> World:
    world = World(two(**fields))
    world.run_to("hold", exercise="bridge")
    world.wait(3.0)
    return world


def locks(world: World) -> set[str]:
    return {key for key in kept(world) if key.startswith("lock/")}


# --- The way there ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["intro", "position", "work", "hold", "rest"])
def test_pain_is_silence_then_the_way_out_then_quiet_then_one_question(kind: str) -> None:
    world = World(two())
    world.run_to(kind, exercise="bridge")
    world.wait(0.3)
    said = world.now
    effects = world.say(Command.PAIN)
    assert effects[0] == Hush()
    spoken = [effect for effect in effects if isinstance(effect, Say)]
    assert [effect.priority for effect in spoken] == [Priority.SAFETY]
    world.wait(SPEECH + QUIET - 0.05)
    assert len(lines(world, said)) == 1
    world.wait(0.1)
    assert keys(world, said)[1:] == ["pain_score"]
    world.wait(RULES.ask_again - 0.1)
    assert keys(world, said)[1:] == ["pain_score"]


def test_nobody_who_is_silent_is_moved_and_help_comes_in_its_order() -> None:
    world = World(two(), room=Room(can_alert=True, ask_effort=False))
    world.run_to("hold")
    hurt(world)
    asked = world.now - 0.1
    world.wait(600.0)
    assert [key for key in keys(world, asked) if key != "pain_score"] == ["pain_help"]
    loud = {e.line.key: at for at, e in since(world, asked) if isinstance(e, Say) and e.loud}
    again = asked + SPEECH + RULES.ask_again
    then = again + SPEECH + RULES.offer_help
    assert loud == pytest.approx({"pain_score": again, "pain_help": then})
    alerts = [at for at, e in since(world, asked) if e == Alert("no answer")]
    assert alerts == pytest.approx([then + SPEECH + RULES.alert])
    assert notes(world, "pain_report")[-1]["verdict"] == "no answer"
    assert world.mode is Mode.PAIN
    world.give(Alerted(world.now, told=True))
    assert keys(world)[-1] == "alerted"
    say(world, Command.THREE)
    assert keys(world)[-1] == "pain_echo"


def test_without_anybody_to_tell_it_says_so() -> None:
    world = in_hold()
    hurt(world)
    world.wait(600.0)
    assert keys(world)[-1] == "not_alerted"
    assert dict(lines(world)[-1].values) == {"number": "1 1 2"}
    assert not any(isinstance(e, Alert) for _, e in world.effects)


def test_an_answer_in_between_begins_the_waits_anew() -> None:
    world = in_hold()
    hurt(world)
    world.wait(RULES.ask_again + SPEECH + 0.1)
    say(world, Command.TWO, apart=SPEECH)
    asked = world.now
    world.wait(RULES.ask_again + 0.1)
    assert keys(world, asked) == ["pain_echo"]


def test_a_number_without_its_yes_does_not_go_on_record() -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.TWO)
    world.wait(600.0)
    (report,) = notes(world, "pain_report")
    assert report["verdict"] == "no answer"
    assert report["score"] is None


def test_each_question_comes_alone_and_behind_its_answer() -> None:
    world = in_hold()
    hurt(world)
    for word, question in (
        (Command.SEVEN, "pain_echo"), (Command.NO, "pain_score"), (Command.EIGHT, "pain_echo"),
        (Command.YES, "pain_leg"), (Command.NO, "pain_feel"), (Command.ACHE, "signs"),
    ):  # fmt: skip
        told = world.now
        say(world, word, apart=SPEECH / 2)
        assert keys(world, told) == [question]
    for sign, behind in zip(RULES.signs, (*RULES.signs[1:], "exercise_over"), strict=True):
        world.wait(SPEECH * 2)
        assert keys(world)[-1] == sign
        told = world.now
        say(world, Command.NO)
        assert keys(world, told) == [behind]
    assert world.mode is Mode.FINISHED


def test_noise_twice_at_a_sign_sends_for_help_and_nothing_else_is_advanced_by_noise() -> None:
    world = in_hold()
    hurt(world)
    for word in (Command.EIGHT, Command.YES, Command.NO, Command.ACHE):
        for _ in range(5):
            world.wait(SPEECH)
            world.give(Overheard(world.now, "[unk]"))
        assert world.mode is Mode.PAIN
        say(world, word)
    assert notes(world, "pain_report") == []
    world.wait(2 * SPEECH)
    world.give(Overheard(world.now, "[unk]"))
    world.wait(2 * SPEECH)
    assert keys(world)[-2:] == ["pardon", RULES.signs[0]]
    world.give(Overheard(world.now, "top step"))
    assert [note["verdict"] for note in notes(world, "pain_report")] == ["urgent"]
    world.wait(SPEECH)
    assert keys(world)[-1] == "urgent"


def test_noise_while_the_coach_asks_is_no_answer() -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.CHECK, apart=0.0)
    for _ in range(6):
        world.wait(SPEECH / 3)
        assert world.mouth is not None
        world.give(Overheard(world.now, "[unk]"))
        if keys(world)[-1] == RULES.signs[0]:
            break
    world.give(Overheard(world.now, "[unk]"))
    world.wait(3.0)
    assert notes(world, "pain_report") == []
    assert "pardon" not in keys(world)


@pytest.mark.parametrize("every", [3.0, 7.0, 11.0])
def test_noise_does_not_keep_help_away(every: float) -> None:
    """A television goes on, and the person does not answer: somebody must be told all the same."""
    world = World(two(), room=Room(can_alert=True, ask_effort=False))
    world.run_to("hold")
    hurt(world)
    for _ in range(int(600 / every)):
        world.wait(every)
        world.give(Overheard(world.now, "[unk]"))
    assert [effect.reason for _, effect in world.effects if isinstance(effect, Alert)] == ["no answer"]


@pytest.mark.parametrize("answer", [Command.YES, Command.UNSURE])
def test_a_warning_sign_ends_the_session_with_the_number_to_call(answer: Command) -> None:
    world = World(two(), room=Room(emergency_number="999", ask_effort=True))
    world.run_to("hold")
    hurt(world)
    say(world, Command.CHECK, Command.NO, answer)
    assert keys(world)[-1] == "urgent"
    assert dict(lines(world)[-1].values) == {"number": "9 9 9"}
    (report,) = notes(world, "pain_report")
    assert (report["verdict"], report["sign"]) == ("urgent", RULES.signs[1])
    assert kept(world)["lock/bridge"] == "pain"
    world.wait(10.0)
    assert world.ended == "pain"
    assert "farewell" not in keys(world)
    assert "ask_effort" not in keys(world)


@pytest.mark.parametrize("every", [10.0, 25.0])
def test_a_microphone_that_comes_and_goes_puts_no_help_off(every: float) -> None:
    world = World(two(), room=Room(can_alert=True, ask_effort=False))
    world.run_to("hold")
    world.say(Command.PAIN)
    began = world.now
    while world.now < began + 300.0:
        world.wait(every / 2)
        world.give(Deafened(world.now))
        world.wait(every / 2)
        world.give(Hearing(world.now))
    alerts = [at for at, effect in since(world, began) if effect == Alert("no answer")]
    assert len(alerts) == 1
    assert alerts[0] < began + 120.0


# --- Verdicts -----------------------------------------------------------------------------------------------------------


def test_mild_pain_locks_the_exercise_and_offers_what_is_gentle() -> None:
    world = in_hold()
    tell(world, 3)
    world.wait(3 * SPEECH)
    assert keys(world)[-2:] == ["exercise_over", "pain_offer"]
    assert kept(world) == {"known/bridge": 1, "lock/bridge": "pain 3", "last_pain": "bridge"}
    assert notes(world, "locked") == [{"exercise": "bridge", "reason": "pain", "score": 3}]
    said = world.now
    say(world, Command.YES)
    world.finish()
    assert worked(world, said) == ["march"]  # the plank is not gentle
    assert world.ended == "finished"
    assert kept(world)["lock/bridge"] == "pain 3"


@pytest.mark.parametrize(
    "told",
    [(6, Command.NO, Command.ACHE), (2, Command.NO, Command.SHARP), (2, Command.NO, Command.UNSURE),
     (2, Command.YES, Command.ACHE), (2, Command.UNSURE, Command.ACHE)],
)  # fmt: skip
def test_graver_pain_ends_the_session(told: tuple[int, Command, Command]) -> None:
    for rules in (RULES, MONITORED):
        world = in_hold(pain=rules)
        tell(world, *told)
        for _ in RULES.signs:
            if world.mode is Mode.PAIN:
                say(world, Command.NO)
        world.wait(5.0)
        assert world.ended == "pain"
        assert keys(world)[-2:] == ["exercise_over", "pain_session_over"]
        assert kept(world)["lock/bridge"] == f"pain {told[0]}"


@pytest.mark.parametrize("earlier", [1, 2])
def test_the_second_pain_of_a_day_ends_the_session(earlier: int) -> None:
    world = World(two(), person=Person(agreed=True, pains_today=earlier))
    world.run_to("hold")
    tell(world, 1)
    world.wait(5.0)
    assert world.ended == "pain"


def test_a_false_alarm_is_no_first_pain() -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.MISTAKE, Command.YES)
    world.run_to("hold")
    tell(world, 1)
    world.wait(2 * SPEECH)
    assert keys(world)[-1] == "pain_offer"


def test_with_nothing_gentle_ahead_there_is_no_offer() -> None:
    world = World(two())
    world.run_to("hold", exercise="plank")
    tell(world, 2)
    world.wait(5.0)
    assert "pain_offer" not in keys(world)
    assert notes(world, "pain_report")[-1]["verdict"] == "session over"
    assert world.ended == "pain"


@pytest.mark.parametrize("word", [Command.YES, Command.NO])
def test_what_a_prescriber_allows_goes_on_with_a_yes_and_only_then(word: Command) -> None:
    world = in_hold(pain=MONITORED)
    tell(world, 3)
    assert keys(world)[-1] == "pain_goes_on"
    world.wait(300.0)
    assert world.mode is Mode.PAIN
    said = world.now
    say(world, word)
    world.wait(30.0)
    if word is Command.YES:
        assert begun(world, said)[0].kind == "count-in"
        assert worked(world, said)[0] == "bridge"
        assert kept(world)["lock/bridge"] is None
        assert kept(world)["last_pain"] == "bridge"
    else:
        assert world.ended == "pain"
        assert kept(world)["lock/bridge"] is not None


def test_a_rise_of_two_asks_about_the_signs() -> None:
    loose = MONITORED.model_copy(update={"pains": 3})
    for second, signs in ((2, False), (3, True)):
        world = in_hold(pain=loose)
        tell(world, 1)
        say(world, Command.YES)
        world.run_to("hold", exercise="bridge")
        tell(world, second)
        assert (keys(world)[-1] in {"signs", RULES.signs[0]}) is signs


def test_a_rise_from_the_last_session_asks_about_the_signs() -> None:
    world = World(two(), person=Person(agreed=True, last_pain=LastPain("bridge", "Bridge", 1)))
    world.wait(1.0)
    say(world, Command.SAME)
    world.run_to("hold", exercise="bridge")
    tell(world, 4)
    assert keys(world)[-1] in {"signs", RULES.signs[0]}


# --- No way around --------------------------------------------------------------------------------------------------------


def locked_and_gone_on() -> World:
    """The bridge has hurt, is locked, and the march is being explained."""
    world = in_hold()
    tell(world, 3)
    say(world, Command.YES)
    assert kept(world)["lock/bridge"] == "pain 3"
    return world


@pytest.mark.parametrize("word", [Command.UNDO, Command.BACK, Command.EASIER, Command.HARDER, Command.RESUME])
def test_nothing_brings_back_what_hurt(word: Command) -> None:
    world = locked_and_gone_on()
    said = world.now
    for _ in range(3):
        say(world, word, apart=1.0)
    world.finish()
    assert "bridge" not in worked(world, said)


def test_a_later_false_alarm_leaves_the_lock_of_an_earlier_pain() -> None:
    world = locked_and_gone_on()
    say(world, Command.PAIN, Command.MISTAKE, Command.YES)
    world.finish()
    assert notes(world, "false_alarm")
    assert kept(world)["lock/bridge"] == "pain 3"


def test_a_false_alarm_during_the_goodbye_leaves_the_lock() -> None:
    world = in_hold()
    tell(world, 5, feel=Command.SHARP)
    assert world.mode is Mode.FINISHED
    say(world, Command.PAIN, Command.MISTAKE, Command.YES)
    world.finish()
    assert world.ended == "pain"
    assert kept(world)["lock/bridge"] == "pain 5"


def test_a_verdict_stands_when_pain_is_said_again_at_the_offer() -> None:
    world = in_hold()
    tell(world, 3)
    world.wait(2 * SPEECH)
    assert keys(world)[-1] == "pain_offer"
    said = world.now
    say(world, Command.PAIN, Command.MISTAKE, Command.YES)
    world.wait(60.0)
    assert "bridge" not in worked(world, said)
    assert kept(world)["lock/bridge"] == "pain 3"


def test_pain_said_again_does_not_forget_the_graver_answers() -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.NINE, Command.YES, Command.YES)
    say(world, Command.PAIN)
    world.wait(RULES.quiet + 2 * SPEECH)
    assert keys(world)[-1] == "pain_feel"
    say(world, Command.ACHE)
    world.wait(2 * SPEECH)
    assert keys(world)[-1] == RULES.signs[0]


@pytest.mark.parametrize("word", [Command.EASIER, Command.HARDER])
def test_whoever_asks_for_another_form_is_still_in_the_old_one(word: Command) -> None:
    """ "Easier" is what people say when it hurts: the way out, the lock and the record are the bridge's."""
    forms = {"easier": "tilt", "harder": "tilt"}
    world = World(
        program(
            exercise("bridge", reps=2, hold="10 s", **forms),
            exercise("march", time="30 s"),
            variants=(exercise("tilt", reps=3, tempo="2-0-2-0"),),
        )
    )
    world.run_to("hold", exercise="bridge")
    world.wait(3.0)
    say(world, word)
    said = world.now
    say(world, Command.PAIN)
    assert keys(world, said)[0] == "Leave the bridge."
    assert notes(world, "pain")[0]["exercise"] == "bridge"
    assert locks(world) == {"lock/bridge"}


def test_pain_behind_an_effort_is_that_efforts() -> None:
    """In the talk about the march it is the bridge that has hurt, until the person gets into the march's place."""
    world = World(two())
    world.run_to("intro", exercise="march")
    say(world, Command.PAIN)
    assert locks(world) == {"lock/bridge"}
    assert notes(world, "pain") == [{"exercise": "bridge", "phase": "after"}]


def test_pain_at_a_place_knows_where() -> None:
    world = World(program(exercise("dog", reps=3, hold="5 s", sets=2, limbs=("right", "left"), rest="10 s")))
    world.run_to("hold", set=2, rep=3, side=2)
    world.wait(1.0)
    say(world, Command.PAIN)
    assert notes(world, "pain") == [{"exercise": "dog", "set": 2, "rep": 3, "side": 2, "phase": "hold"}]


@pytest.mark.parametrize("freeze", [Command.PAUSE, Command.STOP, Command.END])
def test_a_false_alarm_from_a_standstill_leads_back_to_a_standstill(freeze: Command) -> None:
    world = in_hold()
    say(world, freeze, Command.PAIN)
    said = world.now
    say(world, Command.MISTAKE, Command.YES)
    world.wait(600.0)
    assert world.mode is Mode.PAUSED
    assert begun(world, said) == []


@pytest.mark.parametrize("between", [(), (Command.END, Command.NO), (Command.EMERGENCY, Command.MISTAKE), (Command.END, Command.UNDO), (Command.STOP,), (Command.END, Command.STOP)])  # fmt: skip
@pytest.mark.parametrize("word", sorted(set(Command) - {Command.YES, Command.PAIN, Command.EMERGENCY, Command.END}))
def test_from_pain_no_word_but_yes_leads_back(between: tuple[Command, ...], word: Command) -> None:
    world = in_hold(pain=MONITORED)
    say(world, Command.NEXT)  # something that could be undone
    hurt(world)
    said = world.now
    say(world, *between, apart=1.0)
    for _ in range(9):
        say(world, word, apart=1.0)
    world.wait(100.0)
    assert begun(world, said) == []
    assert world.mode is Mode.PAIN or world.ended == "pain"


def test_an_answer_to_the_end_inside_a_pain_is_not_undone_behind_it() -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.END, Command.NO, Command.MISTAKE, Command.YES)
    said = world.now
    say(world, Command.UNDO)
    assert notes(world, "undone", said) == []
    assert world.mode is not Mode.PAIN


def test_a_session_that_was_cut_off_in_pain_stands_in_pain() -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.SIX)
    said = world.now
    world.give(Returned(world.now))
    world.wait(3 * SPEECH)
    assert keys(world, said)[-1] == "pain_echo"
    assert world.mode is Mode.PAIN


@pytest.mark.parametrize("cut", ["pain", "emergency", "power"])
def test_the_urgent_words_are_said_to_their_end(cut: str) -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.CHECK, Command.YES, apart=0.2)
    assert keys(world)[-1] == "urgent"
    cut_at = world.now
    if cut == "power":
        world.give(Returned(world.now, asked=True))
        say(world, Command.RESUME, apart=2.0)
    elif cut == "pain":
        say(world, Command.PAIN, Command.MISTAKE, Command.YES, apart=2.0)
    else:
        say(world, Command.EMERGENCY, Command.MISTAKE, Command.RESUME, apart=2.0)
    world.wait(10.0)
    assert "urgent" in keys(world, cut_at)
    assert "farewell" not in keys(world)


@pytest.mark.parametrize("rules", [RULES, MONITORED])
def test_in_the_quiet_behind_pain_no_answer_counts(rules: PainRules) -> None:
    world = in_hold(pain=rules)
    tell(world, 2)
    world.wait(2 * SPEECH)
    said = world.now
    say(world, Command.PAIN, Command.YES, apart=1.0)
    assert begun(world, said) == []
    assert world.mode is Mode.PAIN


@pytest.mark.parametrize("verdict", ["urgent", "session over"])
@pytest.mark.parametrize("way", ["emergency", "power"])
def test_no_way_leads_back_into_a_session_that_pain_has_ended(verdict: str, way: str) -> None:
    world = World(program(exercise("bridge", reps=2, hold="10 s", sets=2, rest="20 s"), exercise("dog", hold="10 s")))
    world.run_to("hold", exercise="dog")
    if verdict == "urgent":
        hurt(world)
        say(world, Command.CHECK, Command.YES)
    else:
        tell(world, 5, feel=Command.SHARP)
    assert notes(world, "pain_report")[-1]["verdict"] == verdict
    if way == "power":
        world.give(Returned(world.now, asked=True))
    else:
        say(world, Command.EMERGENCY, Command.MISTAKE)
    said = world.now + 0.05
    world.wait(0.1)
    for word in (Command.BACK, Command.BACK, Command.RESUME):
        say(world, word, apart=1.0)
    world.finish()
    assert worked(world, said) == []


@pytest.mark.parametrize("mode", Mode)
def test_pain_is_silent_from_every_mode(mode: Mode) -> None:
    ways = {
        Mode.PAUSED: (Command.PAUSE,), Mode.PAIN: (Command.PAIN,), Mode.EMERGENCY: (Command.EMERGENCY,),
        Mode.CONFIRM: (Command.END,), Mode.FINISHED: (Command.END, Command.YES),
    }  # fmt: skip
    world = World(two(), person=Person(agreed=mode is not Mode.QUESTION))
    if mode in ways:
        world.run_to("hold")
        say(world, *ways[mode])
    elif mode is not Mode.QUESTION:
        world.run_to({Mode.INSTRUCTION: "intro"}.get(mode, mode.value))
    assert world.mode is mode
    for asleep in (False, True):
        if asleep:
            say(world, Command.SLEEP)
        effects = world.give(Heard(world.now, Command.PAIN, partial=True))
        speech = [effect for effect in effects if isinstance(effect, Hush | Say | ModeChanged | StepBegan)]
        assert isinstance(speech[0], Hush)
        assert [type(effect) for effect in speech if not isinstance(effect, ModeChanged)] == [Hush, Say]
        assert world.mode is (Mode.EMERGENCY if mode is Mode.EMERGENCY else Mode.PAIN)


def test_sleep_hears_pain_and_the_whole_dialogue_behind_it() -> None:
    world = in_hold()
    say(world, Command.SLEEP)
    tell(world, 2)
    assert notes(world, "pain_report")[-1]["verdict"] == "exercise over"


@pytest.mark.parametrize("word", list(NUMBER.values())[:3])
def test_a_number_is_always_echoed(word: Command) -> None:
    world = in_hold()
    hurt(world)
    said = world.now
    say(world, word)
    (echo,) = lines(world, said)
    assert echo.key == "pain_echo"
    assert dict(echo.values)["number"] == list(NUMBER.values()).index(word)
    assert moments(world, "pain_leg") == []


@pytest.mark.parametrize("word", [Command.EMERGENCY, Command.PAIN])
def test_an_offer_that_was_left_by_the_end_is_gone(word: Command) -> None:
    world = in_hold()
    tell(world, 3)
    world.wait(2 * SPEECH)
    assert keys(world)[-1] == "pain_offer"
    world.say(Command.END)
    world.wait(2 * SPEECH)
    world.say(Command.YES)
    assert notes(world, "pain_report")[-1]["verdict"] == "session over"
    said = world.now
    for answer in (word, Command.MISTAKE, Command.YES, Command.RESUME):
        world.say(answer)
        world.wait(SPEECH / 4)
    world.finish()
    assert world.ended == "pain"
    assert worked(world, said) == []


@pytest.mark.parametrize("score", [Command.TWO, Command.EIGHT])
def test_a_pain_in_the_urgent_words_does_not_take_their_place(score: Command) -> None:
    world = in_hold()
    hurt(world)
    say(world, Command.CHECK, Command.YES, apart=0.2)
    cut_at = world.now
    world.say(Command.PAIN)
    world.wait(RULES.quiet + 3 * SPEECH)
    say(world, score, Command.YES, Command.END, apart=2 * SPEECH)
    world.say(Command.YES)
    world.finish()
    assert "urgent" in keys(world, cut_at)
    assert world.ended == "pain"
