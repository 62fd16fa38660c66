"""``Pain`` in every state that any answers lead to: its graph is finite, so all of it is looked at.

Beside the machine runs a witness that knows only what was asked and what was answered, never what the machine keeps.
What the rules of docs/safety.md forbid is then a question about one step of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product

import pytest

from voicecoach.core.events import NUMBERS, Command
from voicecoach.core.pain import Pain, Verdict
from voicecoach.core.routine import PainRules
from voicecoach.loading.pain import strict_rules

STRICT = strict_rules()
MONITORED = STRICT.model_copy(update={"tolerated": 3})
LENIENT = STRICT.model_copy(update={"tolerated": 2, "ends_above": 2, "rise": 1})
RULES = {"strict": STRICT, "monitored": MONITORED, "other cut-offs": LENIENT}
SOME = (Command.ZERO, Command.ONE, Command.THREE, Command.FIVE, Command.SIX, Command.TEN)
"""Numbers on both sides of every cut-off."""
SAYS = [*SOME, *(Command(c) for c in ("yes", "no", "unsure", "sharp", "ache", "mistake", "check"))]
GRAVITY = [Verdict.GOES_ON, Verdict.EXERCISE_OVER, Verdict.SESSION_OVER, Verdict.URGENT]
JUDGED = {Verdict.GOES_ON, Verdict.EXERCISE_OVER, Verdict.SESSION_OVER}


@dataclass(frozen=True)
class Witness:
    """What a bystander knows who hears the questions and the answers."""

    said: int | None = None
    """The last number that was said."""
    score: int | None = None
    """The last number that was echoed, and confirmed by the word behind the echo."""
    leg: Command | None = None
    feel: Command | None = None
    cleared: frozenset[str] = frozenset()
    """The warning signs that were answered with "no"."""
    checked: bool = False
    """Whether the person asked to be asked about the signs."""
    missed: int = 0
    """How often this question was not understood since it was come to."""
    doubted: int = 0
    """The same of the question that "was it a mistake?" has interrupted."""

    def hears(self, asked: str, answer: Command | None) -> Witness:  # noqa: C901 - one case a question
        """Take an answer to a question; None is a noise."""
        if answer is None:
            return replace(self, missed=self.missed + 1)
        told = replace(self, missed=0)
        if answer is Command.CHECK:
            return replace(told, checked=True, cleared=frozenset())
        if answer is Command.MISTAKE:
            return told if asked == "pain_mistake" else replace(told, doubted=self.missed)
        match asked:
            case "pain_mistake" if answer is Command.NO:
                # Nought, and yet it hurts: that number means nothing.
                return replace(self, missed=self.doubted, score=self.score or None)
            case "pain_score" if answer in NUMBERS:
                return replace(told, said=NUMBERS[answer], score=None)
            case "pain_echo" if NUMBERS.get(answer, self.said) != self.said:
                return replace(told, said=NUMBERS[answer], score=None)
            case "pain_echo":
                return replace(told, score=None if answer in {Command.NO, Command.UNSURE} else self.said)
            case "pain_leg":
                return replace(told, leg=answer)
            case "pain_feel":
                return replace(told, feel=answer)
            case _ if asked.startswith("sign_") and answer is Command.NO:
                return replace(told, cleared=self.cleared | {asked})
            case _:
                return told


@dataclass(frozen=True)
class Turn:
    """One answer, or one noise (None), and what it led to."""

    path: tuple[str, ...]
    before: Pain
    asked: str
    answer: Command | None
    after: Pain
    knew: Witness
    knows: Witness

    @property
    def signs_wanted(self) -> bool:
        rules, knows, first = self.after.rules, self.knows, self.before.before
        score = -1 if knows.score is None else knows.score
        risen = first is not None and score - first >= rules.rise
        return knows.checked or knows.leg in {Command.YES, Command.UNSURE} or score > rules.ask_above or risen

    @property
    def story(self) -> str:
        return " / ".join(self.path)


def asked_of(pain: Pain) -> str:
    """The one question that a pain stands at."""
    (line,) = pain.question
    return line.key


@cache
def turns(rules: str, number: int, before: int | None) -> tuple[Turn, ...]:
    """Every answer to every question, from every state that can be reached. Two signs stand for all of them."""
    few = RULES[rules].model_copy(update={"signs": STRICT.signs[:2]})
    return tuple(_explore(Pain(few, number, before).begin()))


def _explore(start: Pain) -> Iterator[Turn]:
    seen = {(start, Witness())}
    waiting: list[tuple[Pain, Witness, tuple[str, ...]]] = [(start, Witness(), ())]
    while waiting:
        pain, knew, path = waiting.pop(0)
        asked = asked_of(pain)
        for answer in (None, *(c for c in SAYS if c in pain.answers)):
            if answer is None and knew.missed >= 2:
                continue  # a third noise says no more than the second
            after = pain.miss() if answer is None else pain.hear(answer)
            knows = knew.hears(asked, answer)
            told = (*path, f"{asked}: {answer}")
            yield Turn(told, pain, asked, answer, after, knew, knows)
            if not after.settled and (after, knows) not in seen:
                seen.add((after, knows))
                assert len(seen) < 20_000, "the dialogue has grown without end"
                waiting.append((after, knows, told))


def _mild(rules: PainRules) -> set[Verdict]:
    """The verdicts short of the session's end that these cut-offs leave room for."""
    goes_on = {Verdict.GOES_ON} if rules.tolerated >= 0 else set()
    return goes_on | ({Verdict.EXERCISE_OVER} if rules.tolerated < rules.ends_above else set())


WORLDS = [("strict", 1, None), ("strict", 2, 4), ("monitored", 1, 4), ("monitored", 2, None), ("other cut-offs", 1, 4)]
everywhere = pytest.mark.parametrize(("rules", "number", "before"), WORLDS)


@everywhere
def test_one_question_at_a_time_until_it_is_settled(rules: str, number: int, before: int | None) -> None:
    for turn in turns(rules, number, before):
        assert len(turn.after.question) == (0 if turn.after.settled else 1), turn.story


@everywhere
def test_help_is_sent_for_at_a_sign_and_nowhere_else(rules: str, number: int, before: int | None) -> None:
    seen = 0
    for turn in turns(rules, number, before):
        graver = turn.answer in {Command.YES, Command.UNSURE} or (turn.answer is None and turn.knew.missed == 1)
        at_sign = turn.asked.startswith("sign_")
        assert (turn.after.verdict is Verdict.URGENT) is (at_sign and graver), turn.story
        if turn.after.verdict is Verdict.URGENT:
            assert turn.after.sign == turn.asked
            assert turn.after.settled
            seen += 1
    assert seen


@everywhere
def test_a_false_alarm_is_asked_for_and_confirmed(rules: str, number: int, before: int | None) -> None:
    for turn in turns(rules, number, before):
        false = turn.after.verdict is Verdict.FALSE_ALARM
        assert false is (turn.asked == "pain_mistake" and turn.answer is Command.YES), turn.story
        if not turn.after.settled and asked_of(turn.after) == "pain_mistake" and turn.asked != "pain_mistake":
            nought = turn.asked == "pain_echo" and turn.answer in {Command.YES, Command.ZERO} and turn.knows.score == 0
            assert turn.answer is Command.MISTAKE or nought, turn.story


@everywhere
def test_the_verdict_is_the_tables(rules: str, number: int, before: int | None) -> None:
    """Whatever the way to it. (Whether the number was confirmed is the next test's.)"""
    figures, seen = RULES[rules], set()
    for turn in turns(rules, number, before):
        verdict = turn.after.verdict
        if turn.before.verdict is not None or verdict not in JUDGED:
            continue
        score, knows = turn.after.score, turn.knows
        assert score is not None
        grave = knows.leg is not Command.NO or knows.feel is not Command.ACHE
        expected = (
            Verdict.SESSION_OVER if grave or score > figures.ends_above or number >= figures.pains
            else Verdict.GOES_ON if score <= figures.tolerated
            else Verdict.EXERCISE_OVER
        )  # fmt: skip
        assert verdict is expected, turn.story
        seen.add(verdict)
    if number >= figures.pains:
        assert seen == {Verdict.SESSION_OVER}
    else:
        assert seen == {Verdict.SESSION_OVER} | _mild(figures)


@everywhere
def test_nothing_counts_before_its_yes(rules: str, number: int, before: int | None) -> None:
    for turn in turns(rules, number, before):
        if turn.before.verdict is None and turn.after.verdict in JUDGED:
            assert turn.knows.score is not None, turn.story
            assert turn.after.score == turn.knows.score, turn.story


@everywhere
def test_signs_are_asked_about_exactly_when_they_must_be(rules: str, number: int, before: int | None) -> None:
    for turn in turns(rules, number, before):
        if turn.after.verdict in JUDGED and turn.before.verdict is None and turn.signs_wanted:
            assert turn.knows.cleared == set(turn.after.rules.signs), turn.story
        elif not turn.after.settled and asked_of(turn.after).startswith("sign_"):
            assert turn.signs_wanted, turn.story


@everywhere
def test_no_sign_is_passed_over(rules: str, number: int, before: int | None) -> None:
    """A sign is left behind by "no" (or by calling the whole pain a mistake), and they come in their order."""
    for turn in turns(rules, number, before):
        if not turn.asked.startswith("sign_") or turn.after.settled:
            continue
        allowed = {Command.NO, Command.MISTAKE, Command.CHECK}
        assert turn.answer in allowed or asked_of(turn.after) == turn.asked, turn.story
    for turn in turns(rules, number, before):
        if not turn.after.settled and asked_of(turn.after) == turn.after.rules.signs[1]:
            assert turn.after.rules.signs[0] in turn.knows.cleared, turn.story


@everywhere
def test_a_noise_changes_nothing_but_at_a_sign(rules: str, number: int, before: int | None) -> None:
    for turn in turns(rules, number, before):
        if turn.answer is None and turn.after.verdict is not Verdict.URGENT:
            assert replace(turn.after, misses=0) == replace(turn.before, misses=0), turn.story
            assert turn.after.question == turn.before.question


@everywhere
def test_what_is_no_answer_is_a_noise(rules: str, number: int, before: int | None) -> None:
    for turn in turns(rules, number, before):
        if turn.answer is None:
            for command in set(Command) - turn.before.answers:
                assert turn.before.hear(command) == turn.after


@everywhere
def test_a_verdict_is_not_taken_back(rules: str, number: int, before: int | None) -> None:
    """At the offer "no" ends the session; nothing leads from a verdict to a milder one."""
    for turn in turns(rules, number, before):
        if turn.before.verdict is None:
            continue
        assert turn.asked in {"pain_offer", "pain_goes_on"}
        expected = Verdict.SESSION_OVER if turn.answer is Command.NO else turn.before.verdict
        assert turn.after.verdict is expected, turn.story
        assert turn.after.settled is (turn.answer is not None)


@everywhere
def test_what_would_go_on_is_offered_first(rules: str, number: int, before: int | None) -> None:
    for turn in turns(rules, number, before):
        if turn.after.settled and turn.after.verdict in {Verdict.GOES_ON, Verdict.EXERCISE_OVER}:
            assert turn.asked in {"pain_offer", "pain_goes_on"}
            assert turn.answer is Command.YES, turn.story
        if not turn.after.settled and asked_of(turn.after) == "pain_goes_on":
            assert turn.after.verdict is Verdict.GOES_ON


def told(
    rules: PainRules, number: int, before: int | None, score: int, leg: Command, feel: Command, signs: Command | None
) -> Verdict:
    """Answer plainly, each question as it comes. ``signs`` is the answer to the last sign; None is silence, twice."""
    pain = Pain(rules, number, before).begin()
    for _ in range(30):
        if pain.verdict is not None:
            return pain.verdict
        asked = asked_of(pain)
        answer: Command | None
        match asked:
            case "pain_score":
                answer = next(c for c, n in NUMBERS.items() if n == score)
            case "pain_echo":
                answer = Command.YES
            case "pain_leg":
                answer = leg
            case "pain_feel":
                answer = feel
            case _:
                answer = signs if asked == rules.signs[-1] else Command.NO
        pain = pain.miss() if answer is None else pain.hear(answer)
    raise AssertionError("it comes to no verdict")


@pytest.mark.parametrize("name", RULES)
def test_a_graver_answer_never_gives_a_milder_verdict(name: str) -> None:
    """From no to unsure to yes, from ache to unsure to sharp, more pain, more pains, more of a rise."""
    rules = RULES[name]
    scales: list[list[object]] = [
        [1, 2, 3],
        [None, 10, 4, 0],
        list(range(1, 11)),
        [Command.NO, Command.UNSURE, Command.YES],
        [Command.ACHE, Command.UNSURE, Command.SHARP],
        [Command.NO, None, Command.UNSURE, Command.YES],
    ]
    gravity = {
        place: GRAVITY.index(told(rules, *(s[n] for s, n in zip(scales, place, strict=True))))  # type: ignore[arg-type]
        for place in product(*(range(len(scale)) for scale in scales))
    }
    for axis, scale in enumerate(scales):
        for milder, graver in pairwise(range(len(scale))):
            for place, found in gravity.items():
                if place[axis] == milder:
                    other = (*place[:axis], graver, *place[axis + 1 :])
                    assert gravity[other] >= found, (place, other)
    possible = {Verdict.SESSION_OVER, Verdict.URGENT} | _mild(rules)
    assert {GRAVITY[found] for found in gravity.values()} == possible


@pytest.mark.parametrize(
    ("score", "leg", "feel", "number", "before", "strict", "monitored"),
    [
        (1, "no", "ache", 1, None, "exercise over", "goes on"),
        (3, "no", "ache", 1, None, "exercise over", "goes on"),
        (4, "no", "ache", 1, None, "exercise over", "exercise over"),
        (5, "no", "ache", 1, None, "exercise over", "exercise over"),
        (6, "no", "ache", 1, None, "session over", "session over"),
        (10, "no", "ache", 1, None, "session over", "session over"),
        (1, "no", "sharp", 1, None, "session over", "session over"),
        (1, "no", "unsure", 1, None, "session over", "session over"),
        (1, "yes", "ache", 1, None, "session over", "session over"),
        (1, "unsure", "ache", 1, None, "session over", "session over"),
        (1, "no", "ache", 2, None, "session over", "session over"),
        (1, "no", "ache", 3, None, "session over", "session over"),
        (3, "no", "ache", 1, 1, "exercise over", "goes on"),
    ],
)
def test_the_table_of_verdicts(
    score: int, leg: str, feel: str, number: int, before: int | None, strict: str, monitored: str
) -> None:
    for rules, expected in ((STRICT, strict), (MONITORED, monitored)):
        assert told(rules, number, before, score, Command(leg), Command(feel), Command.NO) == expected


@pytest.mark.parametrize(
    ("score", "leg", "before", "asked"),
    [
        (5, Command.NO, None, False),
        (6, Command.NO, None, True),
        (1, Command.YES, None, True),
        (1, Command.UNSURE, None, True),
        (3, Command.NO, 2, False),
        (3, Command.NO, 1, True),
        (2, Command.NO, 0, True),
        (2, Command.NO, 5, False),
    ],
)
def test_the_reasons_to_ask_about_the_signs(score: int, leg: Command, before: int | None, *, asked: bool) -> None:
    pain = Pain(STRICT, 1, before).begin()
    for answer in (next(c for c, n in NUMBERS.items() if n == score), Command.YES, leg, Command.ACHE):
        assert not asked_of(pain).startswith("sign_")
        pain = pain.hear(answer)
    seen = []
    while pain.verdict is None:
        seen.append(asked_of(pain))
        pain = pain.hear(Command.NO)
    assert seen == (list(STRICT.signs) if asked else [])


def test_the_six_signs_are_those_of_the_documents() -> None:
    assert len(set(STRICT.signs)) == 6
    assert (STRICT.tolerated, STRICT.ends_above, STRICT.ask_above, STRICT.rise, STRICT.pains) == (-1, 5, 5, 2, 2)
    assert STRICT.quiet == 5


def test_nought_is_echoed_and_then_taken_for_a_mistake_only_with_a_yes() -> None:
    pain = Pain(STRICT, 1).begin().hear(Command.ZERO)
    assert asked_of(pain) == "pain_echo"
    asked = pain.hear(Command.YES)
    assert asked_of(asked) == "pain_mistake"
    assert asked.hear(Command.YES).verdict is Verdict.FALSE_ALARM
    again = asked.hear(Command.NO)
    assert asked_of(again) == "pain_score"
    assert again.verdict is None


def test_a_mistake_that_was_none_leads_back_to_the_question() -> None:
    pain = Pain(STRICT, 1).begin()
    for answer in (Command.FOUR, Command.YES, Command.NO):
        there = asked_of(pain)
        back = pain.hear(Command.MISTAKE)
        assert asked_of(back) == "pain_mistake"
        assert asked_of(back.hear(Command.MISTAKE)) == "pain_mistake"
        assert asked_of(back.hear(Command.MISTAKE).hear(Command.NO)) == there
        pain = pain.hear(answer)


def test_the_number_in_the_echo_is_the_one_that_was_said() -> None:
    for command, number in NUMBERS.items():
        (line,) = Pain(STRICT, 1).begin().hear(command).question
        assert dict(line.values) == {"number": number}


def test_a_number_that_was_not_confirmed_is_asked_for_again() -> None:
    pain = Pain(STRICT, 1).begin()
    for answer in (Command.TWO, Command.MISTAKE, Command.CHECK, *(6 * (Command.NO,))):
        pain = pain.hear(answer)
    assert asked_of(pain) == "pain_score"


def test_nought_that_was_taken_back_is_asked_for_again() -> None:
    pain = Pain(STRICT, 1).begin()
    for answer in (Command.ZERO, Command.MISTAKE, Command.NO, Command.CHECK, *(6 * (Command.NO,))):
        pain = pain.hear(answer)
    assert asked_of(pain) == "pain_score"


def test_signs_that_the_person_asked_for_are_gone_through() -> None:
    pain = Pain(STRICT, 1).begin()
    words = (Command.ZERO, Command.YES, Command.CHECK, Command.MISTAKE, Command.NO)
    for answer in words:
        pain = pain.hear(answer)
    seen = []
    for _ in range(12):
        if pain.verdict is None:
            seen.append(asked_of(pain))
            leads = {"pain_score": Command.TWO, "pain_echo": Command.YES, "pain_feel": Command.ACHE}
            pain = pain.hear(leads.get(seen[-1], Command.NO))
    assert set(STRICT.signs) <= set(seen)


def test_a_sign_that_was_not_understood_twice_sends_for_help_whatever_lies_between() -> None:
    pain = Pain(STRICT, 1).begin().hear(Command.CHECK)
    assert asked_of(pain) == STRICT.signs[0]
    pain = pain.miss().hear(Command.MISTAKE).hear(Command.NO)
    assert asked_of(pain) == STRICT.signs[0]
    assert pain.miss().verdict is Verdict.URGENT


def test_behind_the_signs_comes_the_first_question_that_is_still_open() -> None:
    pain = Pain(STRICT, 1).begin()
    for answers, left in (
        ((), "pain_score"),
        ((Command.TWO, Command.YES), "pain_leg"),
        ((Command.NO,), "pain_feel"),
    ):
        for answer in answers:
            pain = pain.hear(answer)
        checked = pain.hear(Command.CHECK)
        for sign in STRICT.signs:
            assert asked_of(checked) == sign
            checked = checked.hear(Command.NO)
        assert asked_of(checked) == left
    assert checked.hear(Command.ACHE).verdict is Verdict.EXERCISE_OVER
