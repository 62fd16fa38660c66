"""What is asked for and what is concluded, word by word."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from voicecoach.calibration.interview import (
    GIVE_UP,
    TWENTY,
    Interview,
    Verdict,
    conclude,
    recall,
    replaced,
)
from voicecoach.core.events import NUMBERS, URGENT, Command
from voicecoach.language import load_language

ENGLISH = load_language()


def interviewed(
    heard: Mapping[str, Command | None], commands: tuple[Command, ...] = TWENTY, *, silent: bool = False
) -> Interview:
    """Answer every phrase rightly, but those of ``heard``."""
    interview = Interview(ENGLISH.phrases, commands)
    for _ in range(100):
        phrase = interview.asked_for
        if phrase is None:
            return interview
        meant = heard.get(phrase, ENGLISH.phrases[phrase])
        interview.note(meant, phrase if meant else "", voice=not silent)
    raise AssertionError("it never ends")


def test_twenty_words_of_every_kind_with_all_that_are_urgent() -> None:
    assert len(set(TWENTY)) == 20
    assert set(TWENTY) >= URGENT
    assert set(TWENTY) & set(NUMBERS)
    assert {Command.NEXT, Command.BACK, Command.HOW, Command.EASIER, Command.QUIETER, Command.YES} <= set(TWENTY)


def test_where_all_is_right_each_is_asked_once() -> None:
    interview = interviewed({})
    assert [one.phrase for one in interview.tries] == [ENGLISH.phrases_of(command)[0] for command in TWENTY]
    assert conclude(interview.tries) == Verdict((), (), (), ())
    assert set(recall(interview.tries).values()) == {(1, 1)}


def test_a_phrase_that_fails_twice_gives_way_to_another() -> None:
    tries = interviewed({"skip this": None}, (Command.SKIP, Command.YES)).tries
    assert [one.phrase for one in tries] == ["skip this", "skip this", "skip exercise", "yes"]
    verdict = conclude(tries)
    assert verdict == Verdict(left_out=("skip this",), weak=(), better=("skip exercise",), hopeless=())
    assert replaced(verdict, ENGLISH.phrases) == (("skip this", "skip exercise"),)
    assert recall(tries) == {Command.SKIP: (1, 3), Command.YES: (1, 1)}


def test_a_phrase_that_is_taken_for_another_command_fails_and_one_of_its_own_command_does_not() -> None:
    tries = interviewed({"next": Command.NEXT, "again": Command.NEXT}, (Command.NEXT, Command.AGAIN)).tries
    assert conclude(tries).left_out == ("again",)


def test_a_phrase_that_was_right_once_stays() -> None:
    interview = Interview(ENGLISH.phrases, (Command.SKIP,))
    interview.note(None, "[unk]", voice=True)
    interview.note(Command.SKIP, "skip this", voice=True)
    assert interview.asked_for is None
    assert conclude(interview.tries) == Verdict((), (), (), ())


def test_an_urgent_phrase_is_never_left_out_but_the_better_one_is_told() -> None:
    verdict = conclude(interviewed({"stop": Command.SHARP}, (Command.STOP,)).tries)
    assert verdict == Verdict(left_out=(), weak=("stop",), better=("freeze",), hopeless=())
    assert replaced(verdict, ENGLISH.phrases) == (("stop", "freeze"),)


def test_a_phrase_without_a_better_one_stays_and_is_told() -> None:
    tries = interviewed({"seven": None, "skip this": None, "skip exercise": None}, (Command.SEVEN, Command.SKIP)).tries
    assert conclude(tries) == Verdict((), (), (), ("seven", "skip this", "skip exercise"))


def test_nobody_is_not_a_bad_voice() -> None:
    interview = interviewed(dict.fromkeys(ENGLISH.phrases), silent=True)
    assert len(interview.tries) == GIVE_UP
    assert interview.deserted
    assert conclude(interview.tries) == Verdict((), (), (), ())


def test_who_speaks_now_and_then_is_there() -> None:
    interview = Interview(ENGLISH.phrases)
    for _ in range(GIVE_UP - 1):
        interview.note(None, "", voice=False)
    interview.note(None, "[unk]", voice=True)
    assert not interview.deserted
    assert interview.asked_for


def test_a_word_can_be_skipped() -> None:
    interview = Interview(ENGLISH.phrases, (Command.NEXT, Command.YES))
    interview.skip()
    assert interview.asked_for == "yes"
    interview.skip()
    assert interview.asked_for is None
    with pytest.raises(ValueError, match="nothing was asked"):
        interview.note(None, "", voice=True)
