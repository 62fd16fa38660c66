"""The decision alone: perceptions in, acts out, in blocks of 20 ms."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hearing.phrases import PHRASES
from voicecoach.core.events import URGENT, Command
from voicecoach.hearing.address import UNADDRESSED
from voicecoach.hearing.policy import _GRAVITY, Act, Policy, Remark, once, words_of

BLOCK = 0.02


class Ear:
    """A recogniser that hears what it is told: ``say(0.5, "next")`` is half a second of voice whose final is "next"."""

    def __init__(
        self,
        *,
        end_silence: float = 0.12,
        yields: dict[str, frozenset[Command]] | None = None,
        address: str = "",
        idle: bool = False,
        margins: dict[str, float | None] | None = None,
        confidence: float = 0.0,
        **phrases: Command,
    ) -> None:
        self.looked: list[tuple[str, float]] = []
        self._margins = margins
        self._confidence = confidence
        self.strange = 0.0
        look = None if margins is None else self._look
        self.policy = Policy(
            PHRASES | phrases, end_silence=end_silence, yields=yields, address=address, idle=idle, look=look
        )
        self.at = 0.0
        self.final = ""
        self.partial = ""
        self.acts: list[tuple[float, Act]] = []
        self.remarks: list[tuple[float, Remark]] = []
        self.asked: list[float] = []

    def _look(self, phrase: str, since: float) -> float | None:
        self.looked.append((phrase, round(since, 2)))
        return (self._margins or {}).get(phrase, 1.0)

    def say(self, seconds: float, final: str = "", *, partial: str = "") -> Ear:
        self.final, self.partial = f"{self.final} {final}".strip(), partial
        return self._pass(seconds, voice=True)

    def wait(self, seconds: float) -> Ear:
        return self._pass(seconds, voice=False)

    def guess(self, seconds: float, partial: str, *, voice: bool) -> Ear:
        self.partial = partial
        return self._pass(seconds, voice=voice)

    def end(self, text: str) -> Ear:
        """The recogniser ends the utterance by itself."""
        self._took(self.policy.conclude(text, at=self.at, ended_at=self.at - 0.5, closed=True))
        self.partial = self.final = ""
        return self

    def _pass(self, seconds: float, *, voice: bool) -> Ear:
        for _ in range(round(seconds / BLOCK)):
            self.at = round(self.at + BLOCK, 6)
            self._took(self.policy.perceive(self.partial, voice=voice, at=self.at))
            if self.policy.wants_final(self.at):
                self.asked.append(self.at)
                text, self.final, self.partial = self.final, "", ""
                sure, strange = self._confidence, self.strange
                ended_at = self.at - 0.1
                self._took(self.policy.conclude(text, at=self.at, ended_at=ended_at, strange=strange, confidence=sure))
        return self

    def _took(self, act: Act | None) -> None:
        if act:
            self.acts.append((self.at, act))
        if remark := self.policy.remark():
            self.remarks.append((self.at, remark))
        assert self.policy.remark() is None, "each is given once"

    @property
    def commands(self) -> list[Command]:
        return [act.command for _, act in self.acts]


def test_a_command_is_decided_as_soon_as_the_voice_has_been_away_for_the_end_silence() -> None:
    ear = Ear().say(0.5, "undo").wait(2)
    assert ear.commands == [Command.UNDO]
    assert ear.acts[0][0] == pytest.approx(0.62)
    assert not ear.acts[0][1].partial


def test_the_end_silence_is_a_setting() -> None:
    assert Ear(end_silence=0.3).say(0.5, "undo").wait(2).acts[0][0] == pytest.approx(0.8)


def test_noise_over_the_voice_makes_it_wait_longer() -> None:
    policy = Policy(PHRASES, end_silence=0.12)
    policy.perceive("", voice=True, at=1.0)
    assert policy.wants_final(1.12)
    assert not policy.wants_final(1.12, covered=0.5)
    assert not policy.wants_final(1.4, covered=1.0)
    assert policy.wants_final(1.42, covered=1.0)


def test_silence_asks_for_nothing() -> None:
    assert Ear().wait(5).asked == []


@pytest.mark.parametrize("text", ["", "[unk]", "knee", "next knee", "knee next", "undo undo", "ready [unk] knee"])
def test_what_is_not_exactly_a_phrase_is_nothing(text: str) -> None:
    assert Ear().say(0.5, text).wait(2).commands == []


@pytest.mark.parametrize("text", ["undo", "[unk] undo", "undo [unk]"])
def test_unknown_sounds_round_a_phrase_do_not_count(text: str) -> None:
    assert Ear().say(0.5, text).wait(2).commands == [Command.UNDO]


def test_the_shorter_of_two_phrases_waits_for_the_longer() -> None:
    ear = Ear().say(0.5, "next").wait(2)
    assert [act.words for _, act in ear.acts] == ["next"]
    assert ear.acts[0][0] == pytest.approx(1.0)
    ear = Ear().say(0.5, "next").wait(0.3).say(0.5, "exercise").wait(2)
    assert [act.words for _, act in ear.acts] == ["next exercise"]
    ear = Ear().say(0.5, "next").wait(0.3).say(0.5, "knee").wait(2)
    assert ear.commands == []


def test_it_does_not_wait_for_a_longer_phrase_that_nobody_listens_for() -> None:
    ear = Ear()
    ear.policy = Policy({"how": Command.HOW, "how many left": Command.STATUS}, end_silence=0.12)
    ear.policy.listen_for(frozenset({Command.HOW}))
    assert ear.say(0.5, "how").wait(1).acts[0][0] == pytest.approx(0.62)


def test_a_phrase_may_be_said_in_two_breaths() -> None:
    assert Ear().say(0.3, "end").wait(0.4).say(0.4, "session").wait(1).commands == [Command.END]
    assert Ear().say(0.3, "end").wait(0.7).say(0.4, "session").wait(1).commands == []


def test_a_word_in_the_middle_of_talk_is_no_command_however_the_pauses_fall() -> None:
    ear = Ear().say(0.5, "knee").wait(0.2).say(0.3, "undo").wait(0.2).say(0.5, "shoulder").wait(1)
    assert ear.commands == []
    assert Ear().say(0.5, "knee").wait(0.2).say(0.3, "undo").wait(1).commands == []
    assert Ear().say(0.5, "knee").wait(0.8).say(0.3, "undo").wait(1).commands == [Command.UNDO]


@pytest.mark.parametrize("command", sorted(URGENT))
def test_an_urgent_word_counts_whatever_was_said_before_it(command: Command) -> None:
    assert Ear().say(0.5, "knee").wait(0.2).say(0.3, command.value).wait(1).commands == [command]


def test_an_urgent_word_acts_on_a_partial_as_soon_as_the_voice_pauses() -> None:
    ear = Ear().say(0.4, "stop").guess(0.1, "stop", voice=True).wait(2)
    assert ear.commands == [Command.STOP]
    at, act = ear.acts[0]
    assert at == pytest.approx(0.54)
    assert act.partial
    assert act.ended_at == pytest.approx(0.5)


def test_while_the_voice_goes_on_a_partial_must_stand() -> None:
    talk = Ear().say(0.3).guess(0.2, "pain", voice=True).guess(0.5, "pain knee", voice=True)
    assert talk.commands == []
    noise = Ear().say(0.3).guess(0.4, "pain", voice=True)
    assert noise.commands == [Command.PAIN]
    assert noise.acts[0][0] == pytest.approx(0.58)


def test_other_commands_never_act_on_a_partial() -> None:
    ear = Ear().say(0.3, "knee").guess(0.3, "undo", voice=True).wait(0.1)
    assert ear.commands == []
    assert ear.wait(2).commands == []


def test_a_partial_and_its_final_are_one_command() -> None:
    ear = Ear().say(0.5, "stop", partial="stop").wait(2)
    assert ear.commands == [Command.STOP]
    assert Ear().say(0.5, "freeze", partial="stop").wait(2).commands == [Command.STOP]


def test_only_a_graver_urgent_command_follows_in_the_same_utterance() -> None:
    assert Ear().say(0.5, "pain", partial="pause").wait(2).commands == [Command.PAUSE, Command.PAIN]
    assert Ear().say(0.5, "pause", partial="pain").wait(2).commands == [Command.PAIN]
    assert Ear().say(0.5, "undo", partial="stop").wait(2).commands == [Command.STOP]
    assert Ear().say(0.5, "undo").wait(0.2).say(0.5, "stop").wait(2).commands == [Command.UNDO, Command.STOP]
    assert Ear().say(0.4, "stop").wait(0.2).say(0.4, "stop").wait(0.2).say(0.4, "stop").wait(2).commands == [
        Command.STOP
    ]


def test_emergency_is_the_gravest_and_every_urgent_command_has_its_gravity() -> None:
    assert set(_GRAVITY) == URGENT
    order = [Command.EMERGENCY, Command.PAIN, Command.STOP, Command.PAUSE]
    assert sorted(URGENT, key=lambda command: -_GRAVITY[command]) == order
    said = Ear().say(0.5, "pain", partial="pain").wait(0.2).say(0.8, "call for help").wait(2)
    assert said.commands == [Command.PAIN, Command.EMERGENCY]
    assert Ear().say(0.5, "emergency").wait(0.2).say(0.4, "pain").wait(2).commands == [Command.EMERGENCY]


def test_an_urgent_phrase_of_several_words_acts_on_a_partial_too() -> None:
    ear = Ear().say(0.3).guess(0.3, "call for", voice=True).guess(0.2, "call for help", voice=True).wait(2)
    assert ear.commands == [Command.EMERGENCY]
    at, act = ear.acts[0]
    assert (act.words, act.partial) == ("call for help", True)
    assert at == pytest.approx(0.84)
    assert Ear().say(0.3).guess(0.6, "call for", voice=True).wait(2).commands == []


# --- What sounds like an answer ---------------------------------------------------------------------------------------

PAIN_YIELDS = {"pain": frozenset({Command.TEN})}


@pytest.mark.parametrize("partial", ["", "pain"])
def test_a_phrase_that_yields_is_no_command_while_the_answer_is_live(partial: str) -> None:
    ear = Ear(yields=PAIN_YIELDS, ten=Command.TEN).say(0.4, "pain", partial=partial).wait(1)
    assert ear.commands == []
    assert [remark.words for _, remark in ear.remarks] == ["pain"]
    assert ear.say(0.4, "ouch").wait(1).say(0.5, "it hurts").wait(1).say(0.3, "ten").wait(1).commands == [
        Command.PAIN,
        Command.PAIN,
        Command.TEN,
    ]


def test_it_is_a_command_again_when_the_answer_is_not_live() -> None:
    ear = Ear(yields=PAIN_YIELDS, ten=Command.TEN)
    ear.policy.listen_for(frozenset(Command) - {Command.TEN})
    assert ear.say(0.4, "pain").wait(1).commands == [Command.PAIN]
    ear.policy.listen_for(frozenset(Command))
    assert ear.say(0.4, "pain").wait(1).commands == [Command.PAIN]


def test_a_shorter_phrase_does_not_wait_for_one_that_yields() -> None:
    yields = {"next exercise": frozenset({Command.YES})}
    assert Ear(yields=yields).say(0.5, "next").wait(1).acts[0][0] == pytest.approx(0.62)


def test_what_waits_while_it_becomes_a_phrase_that_yields_is_dropped() -> None:
    ear = Ear(yields={"next": frozenset({Command.YES})})
    ear.policy.listen_for(frozenset({Command.NEXT}))
    ear.say(0.5, "next").wait(0.2)
    ear.policy.listen_for(frozenset({Command.NEXT, Command.YES}))
    assert ear.wait(1).commands == []
    assert [remark.words for _, remark in ear.remarks] == ["next"]


# --- What is no command -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[unk]", "knee", "next knee", "[unk] knee", "undo undo"])
def test_an_utterance_that_is_no_command_is_remarked_on_once_with_all_its_words(text: str) -> None:
    ear = Ear().say(0.5, text).wait(3)
    [(at, remark)] = ear.remarks
    assert remark.words == text
    assert remark.ended_at == pytest.approx(0.5)
    assert 1.0 <= at <= 1.04, "it is over when nothing more can belong to it"


def test_the_fragments_of_one_utterance_are_one_remark_and_two_utterances_two() -> None:
    one = Ear().say(0.5, "knee").wait(0.3).say(0.5, "[unk]").wait(2)
    assert [remark.words for _, remark in one.remarks] == ["knee [unk]"]
    two = Ear().say(0.5, "knee").wait(0.8).say(0.5, "[unk]").wait(2)
    assert [remark.words for _, remark in two.remarks] == ["knee", "[unk]"]


def test_what_acted_what_is_no_voice_and_what_has_no_words_is_not_remarked_on() -> None:
    assert Ear().say(0.5, "undo").wait(2).say(0.4, "stop", partial="stop").wait(2).remarks == []
    assert Ear().say(0.5, "knee").wait(0.2).say(0.3, "stop").wait(0.2).say(0.4, "knee").wait(2).remarks == []
    assert Ear().say(0.5, "").wait(2).remarks == []
    assert Ear().wait(1).guess(1.0, "yes", voice=False).end("yes").wait(1).remarks == []
    hum = Ear().say(0.5, "[unk]")
    hum.policy.dismiss(since=hum.at - 0.7)
    assert hum.wait(2).remarks == []


def test_a_command_that_nobody_listens_for_is_remarked_on() -> None:
    ear = Ear()
    ear.policy.listen_for(frozenset({Command.STOP}))
    assert [remark.words for _, remark in ear.say(0.5, "next").wait(1).remarks] == ["next"]


def test_the_recognisers_own_end_and_endless_noise_end_a_remark() -> None:
    ear = Ear().say(0.5, partial="knee").end("knee")
    assert [remark.words for _, remark in ear.remarks] == ["knee"]
    ear = Ear().say(0.5, "knee").wait(0.14).guess(2.0, "", voice=True)
    assert [remark.words for _, remark in ear.remarks] == ["knee"]


def test_the_next_utterance_is_a_new_one() -> None:
    assert Ear().say(0.4, "stop").wait(0.8).say(0.4, "stop").wait(1).commands == [Command.STOP] * 2


def test_what_is_not_live_is_nothing_even_when_it_stops_being_live_while_it_waits() -> None:
    ear = Ear()
    ear.policy.listen_for(frozenset({Command.STOP}))
    assert ear.say(0.5, "next").wait(1).say(0.4, "pain", partial="pain").wait(1).commands == []
    ear = Ear().say(0.5, "next").wait(0.2)
    ear.policy.listen_for(frozenset({Command.STOP}))
    assert ear.wait(1).commands == []


def test_noise_that_never_ends_delays_a_command_but_does_not_swallow_it() -> None:
    ear = Ear().say(0.5, "undo").guess(1.0, "undo", voice=True)
    assert ear.commands == [Command.UNDO]
    assert ear.acts[0][0] == pytest.approx(0.52 + 0.46)
    assert not ear.acts[0][1].partial
    assert ear.guess(1.5, "", voice=True).say(0.3, "back").guess(0.2, "", voice=True).commands == [Command.UNDO]
    ear.final = "go back"
    assert ear.guess(1.0, "go back", voice=True).commands == [Command.UNDO, Command.BACK]


def test_the_shorter_phrase_is_not_cut_off_while_the_longer_is_being_said() -> None:
    ear = Ear().say(0.5, "next").wait(0.04)
    ear.final = "next exercise"
    assert ear.guess(0.8, "next", voice=True).wait(1).commands == [Command.NEXT]
    assert [act.words for _, act in ear.acts] == ["next exercise"]


def test_the_recognisers_own_end_closes_the_utterance() -> None:
    ear = Ear().say(0.5, partial="next").end("next")
    assert ear.commands == [Command.NEXT]
    assert ear.say(0.5).end("next").commands == [Command.NEXT] * 2


def test_words_where_the_gate_heard_no_voice_do_not_count() -> None:
    ear = Ear().wait(1).guess(1.0, "yes", voice=False)
    assert ear.end("yes").guess(1.0, "stop", voice=False).end("stop").commands == []


def test_what_turns_out_to_be_an_even_sound_is_dismissed_and_a_word_before_it_is_not() -> None:
    ear = Ear().say(0.5, "yes")
    ear.policy.dismiss(since=ear.at - 0.7)
    assert ear.wait(1).commands == []
    ear = Ear().say(1.2, "yes")
    ear.policy.dismiss(since=ear.at - 0.7)
    assert ear.wait(1).commands == [Command.YES]


def test_words_of_leaves_the_unknown_out() -> None:
    assert words_of(" [unk] it [unk] hurts ") == ("it", "hurts")


# --- The second look --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("margin", "acts"), [(None, False), (-4.01, False), (-4.0, True), (0.0, True), (float("inf"), True)]
)
def test_a_command_that_a_word_explains_much_better_is_a_remark(margin: float | None, acts: bool) -> None:
    ear = Ear(margins={"undo": margin}).wait(1).say(0.5, "undo").wait(2)
    assert ear.commands == ([Command.UNDO] if acts else [])
    assert [remark.words for _, remark in ear.remarks] == ([] if acts else ["undo"])
    assert ear.looked == [("undo", 1.02)], "once, at the sound since the voice began"
    assert ear.say(0.5, "next").wait(2).commands[-1] is Command.NEXT


@pytest.mark.parametrize(("margin", "confidence", "acts"), [(-9.0, 0.0, True), (None, 0.7, True), (None, 0.69, False)])
def test_an_urgent_one_need_only_be_possible_or_sure(margin: float | None, confidence: float, acts: bool) -> None:
    ear = Ear(margins={"stop": margin}, confidence=confidence).say(0.5, "stop").wait(2)
    assert ear.commands == ([Command.STOP] if acts else [])


@pytest.mark.parametrize(("covered", "confidence", "acts"), [(0.5, 0.7, True), (0.49, 1.0, False), (1.0, 0.69, False)])
def test_where_noise_covers_the_voice_any_command_need_only_be_sure(
    covered: float, confidence: float, acts: bool
) -> None:
    policy = Policy(PHRASES, end_silence=0.12, look=lambda _phrase, _since: None)
    policy.perceive("undo", voice=True, at=1.0)
    policy.wants_final(1.5, covered=covered)
    act = policy.conclude("undo", at=1.5, ended_at=1.0, confidence=confidence)
    assert (act is not None) is acts


def test_an_urgent_partial_that_is_doubted_waits_for_its_final_and_is_looked_at_once() -> None:
    ear = Ear(margins={"stop": None}, confidence=1.0).say(0.5, "stop").guess(0.3, "stop", voice=True).wait(2)
    assert [act.partial for _, act in ear.acts] == [False]
    assert len(ear.looked) == 1, "the final is sure enough by itself"
    ear = Ear(margins={"stop": None}).say(0.4, "pain", partial="stop").wait(2)
    assert ear.commands == [Command.PAIN]


def test_the_look_is_at_the_whole_utterance_or_at_the_urgent_fragment_alone() -> None:
    ear = Ear(margins={}).wait(1).say(0.4, "end").wait(0.3).say(0.4, "session").wait(1)
    assert ear.looked == [("end session", 1.02)]
    ear = Ear(margins={}).wait(1).say(0.4, "knee").wait(0.3).say(0.4, "stop").wait(1)
    assert ear.looked == [("stop", 1.72)]


def test_nothing_is_looked_at_before_it_would_act() -> None:
    ear = Ear(margins={}).say(0.5, "knee").wait(1).say(0.5, "undo knee").wait(1)
    ear.policy.listen_for(frozenset())
    assert ear.say(0.5, "undo").wait(1).looked == []


# --- Sound that was no word -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("strange", "acts"), [(0.3, True), (0.31, False)])
def test_a_command_in_the_middle_of_sound_that_is_no_word_is_talk(strange: float, acts: bool) -> None:
    ear = Ear()
    ear.strange = strange
    assert ear.say(0.5, "[unk] undo").wait(1).commands == ([Command.UNDO] if acts else [])
    ear.strange = 0.0
    assert ear.say(0.5, "undo").wait(1).commands[-1] is Command.UNDO, "the next utterance is judged by itself"


def test_strange_sound_adds_up_over_an_utterance_and_hinders_no_urgent_word() -> None:
    ear = Ear()
    ear.strange = 0.2
    assert ear.say(0.3, "[unk]").wait(0.2).say(0.3, "undo [unk]").wait(1).commands == []
    ear.strange = 2.0
    assert ear.say(0.3, "[unk] stop").wait(1).commands == [Command.STOP]


# --- The address ------------------------------------------------------------------------------------------------------


def test_with_an_address_most_commands_need_it() -> None:
    ear = Ear(address="coach").say(0.5, "undo").wait(1).say(0.5, "pause").wait(1)
    assert ear.commands == []
    assert [remark.words for _, remark in ear.remarks] == ["undo", "pause"]
    assert ear.say(0.5, "coach undo").wait(1).say(0.5, "coach pause").wait(1).commands == [Command.UNDO, Command.PAUSE]
    assert [act.words for _, act in ear.acts] == ["undo", "pause"]


def test_without_an_address_the_word_means_nothing() -> None:
    assert Ear().say(0.5, "coach undo").wait(1).commands == []


@pytest.mark.parametrize("phrase", ["pain", "it hurts", "stop", "freeze", "call for help", "yes", "no", "coach stop"])
def test_what_cannot_wait_and_what_was_asked_need_none(phrase: str) -> None:
    assert Ear(address="coach").say(0.5, phrase).wait(1).commands == [PHRASES[phrase.removeprefix("coach ")]]


def test_a_phrase_that_holds_the_address_needs_it_no_second_time() -> None:
    said = {"sleep coach": Command.SLEEP, "coach wake up": Command.WAKE}
    ear = Ear(address="coach")
    ear.policy = Policy(PHRASES | said, end_silence=0.12, address="coach")
    ear.say(0.7, "sleep coach").wait(1).say(0.7, "coach wake up").wait(1)
    assert ear.commands == [Command.SLEEP, Command.WAKE]
    assert [act.words for _, act in ear.acts] == list(said)


def test_the_address_alone_opens_a_window_for_one_command() -> None:
    ear = Ear(address="coach").say(0.5, "coach").wait(2).say(0.5, "undo").wait(2)
    assert ear.commands == [Command.UNDO]
    assert ear.remarks == []
    assert ear.say(0.5, "undo").wait(1).commands == [Command.UNDO], "and is closed by it"
    assert Ear(address="coach").say(0.5, "coach").wait(4.2).say(0.5, "undo").wait(1).commands == []
    assert Ear(address="coach").say(0.5, "coach").wait(3.9).say(2.0, "undo").wait(1).commands == [Command.UNDO]


def test_the_address_and_the_command_may_be_two_breaths() -> None:
    ear = Ear(address="coach").say(0.5, "coach").wait(0.4).say(0.5, "end").wait(0.4).say(0.5, "session").wait(1)
    assert ear.commands == [Command.END]


def test_the_address_in_talk_opens_nothing() -> None:
    assert Ear(address="coach").say(0.5, "knee coach").wait(1).say(0.5, "undo").wait(1).commands == []
    ear = Ear(address="coach").say(0.5, "coach knee").wait(1).say(0.5, "undo").wait(1)
    assert ear.commands == []


# --- Between sessions -------------------------------------------------------------------------------------------------


def test_between_sessions_resume_and_ready_need_the_address_and_pain_does_not() -> None:
    assert Ear(address="coach", idle=True).say(0.5, "resume").wait(1).commands == []
    assert Ear(address="coach", idle=True).say(0.5, "coach resume").wait(1).commands == [Command.RESUME]
    assert Ear(address="coach", idle=True).say(0.5, "pain").wait(1).commands == [Command.PAIN]
    assert Ear(address="coach").say(0.5, "resume").wait(1).commands == [Command.RESUME]


def test_a_routine_is_named_without_the_address_only_where_it_is_asked_for() -> None:
    for live, acts in (({Command.START}, []), ({Command.START, Command.NO}, [Command.START])):
        ear = Ear(address="coach", idle=True, yoga=Command.START)
        ear.policy.listen_for(frozenset(live))
        assert ear.say(0.5, "yoga").wait(1).commands == acts


@pytest.mark.parametrize(("idle", "strange", "remarks"), [(True, 0.31, 1), (True, 0.3, 0), (False, 2.0, 0)])
def test_who_calls_and_says_something_strange_is_told_between_sessions(
    idle: bool, strange: float, remarks: int
) -> None:
    ear = Ear(address="coach", idle=idle)
    ear.strange = strange
    ear.say(0.9, "coach [unk]").wait(1)
    assert [remark.words for _, remark in ear.remarks] == ["coach [unk]"] * remarks
    ear.strange = 0.0
    assert ear.say(0.5, "undo").wait(1).commands == [Command.UNDO], "the window is open all the same"


def test_a_pause_on_a_partial_needs_the_address_too() -> None:
    assert Ear(address="coach").say(0.3).guess(0.3, "pause", voice=True).wait(1).commands == []
    ear = Ear(address="coach").say(0.3).guess(0.3, "coach pause", voice=True).wait(1)
    assert [(act.words, act.partial) for _, act in ear.acts] == [("pause", True)]


TEXTS = st.sampled_from(
    ["", "[unk]", "knee", "stop", "pain", "pause", "next", "exercise", "undo", "end", "session", "yes"]
)


@given(
    st.lists(st.tuples(TEXTS, TEXTS, st.integers(1, 60), st.integers(0, 80)), max_size=8),
    st.frozensets(st.sampled_from(Command)),
)
def test_at_random_only_live_commands_act_once_an_utterance_and_the_same_twice(
    said: list[tuple[str, str, int, int]], live: frozenset[Command]
) -> None:
    def run() -> Ear:
        ear = Ear()
        ear.policy.listen_for(live)
        for final, partial, voice, silence in said:
            ear.say(voice * BLOCK, final, partial=partial).wait(silence * BLOCK)
        return ear.wait(2)

    ear = run()
    assert set(ear.commands) <= live
    assert all(PHRASES[act.words] is act.command for _, act in ear.acts)
    assert all(act.command in URGENT for _, act in ear.acts if act.partial)
    assert all(act.ended_at <= at for at, act in ear.acts)
    assert run().acts == ear.acts
    if not any(final or partial for final, partial, _, _ in said):
        assert ear.acts == []
        assert ear.remarks == []
    # Each voice leads to one thing at most: a command, or a remark. (A graver urgent word may follow in one utterance.)
    assert len(ear.remarks) <= sum(bool(final) for final, _, _, _ in said)
    assert all(PHRASES.get(remark.words) not in live for _, remark in ear.remarks)
    assert all(remark.ended_at <= at for at, remark in ear.remarks)


@given(
    st.lists(st.tuples(TEXTS, TEXTS, st.integers(1, 60), st.integers(0, 80)), max_size=8),
    st.booleans(),
    st.sampled_from([None, -5.0, 0.0]),
)
def test_at_random_without_the_address_only_the_exceptions_act_and_what_is_doubted_never(
    said: list[tuple[str, str, int, int]], addressed: bool, margin: float | None
) -> None:
    ear = Ear(address="coach", margins=dict.fromkeys([*PHRASES, *(f"coach {phrase}" for phrase in PHRASES)], margin))
    for final, partial, voice, silence in said:
        ear.say(voice * BLOCK, f"coach {final}" if addressed else final, partial=partial).wait(silence * BLOCK)
    ear.wait(2)
    assert addressed or set(ear.commands) <= UNADDRESSED
    if margin is None:
        assert ear.commands == []
    elif margin < -4.0:
        assert set(ear.commands) <= URGENT


@given(
    st.lists(st.tuples(TEXTS, TEXTS, st.integers(1, 15), st.integers(0, 12)), max_size=2),
    st.sampled_from(["", "coach"]),
)
def test_at_random_every_act_in_one_utterance_is_graver_than_the_one_before(
    said: list[tuple[str, str, int, int]], address: str
) -> None:
    ear = Ear(address=address, margins={})
    for final, partial, voice, silence in said:
        ear.say(voice * BLOCK, final, partial=partial).wait(silence * BLOCK)
    commands = ear.wait(2).commands
    for one, other in pairwise(commands):
        assert _GRAVITY.get(other, 0) > _GRAVITY.get(one, 0)


@pytest.mark.parametrize("said", ["stop stop", "stop stop stop", "it hurts it hurts"])
def test_an_urgent_phrase_said_again_and_again_is_that_phrase(said: str) -> None:
    """Who is in need says it twice: "stop stop" was no phrase, and was lost."""
    ear = Ear(margins={"stop": 9.0, "it hurts": 9.0}).say(0.9, said).wait(2)
    assert ear.commands[:1] == [Command.PAIN if "hurts" in said else Command.STOP]
    assert len(ear.commands) == 1
    assert Ear().say(0.6, "next next").wait(2).commands == [], "skipping twice is no matter of need"


@pytest.mark.parametrize(
    ("words", "left"),
    [("stop stop", "stop"), ("it hurts it hurts it hurts", "it hurts"), ("stop it stop", "stop it stop"), ("", "")],
)
def test_what_is_repeated_counts_once(words: str, left: str) -> None:
    assert once(words_of(words)) == words_of(left)
