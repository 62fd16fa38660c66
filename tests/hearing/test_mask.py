"""The mask: which commands the coach's own words hide, and when."""

from __future__ import annotations

import pytest

from tests.hearing.phrases import PHRASES
from voicecoach.core.events import URGENT, Command
from voicecoach.hearing.mask import TAIL, Mask


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("The next exercise is the bridge.", {Command.NEXT}),
        ("NEXT!", {Command.NEXT}),
        ("Say ready when you want to begin, or skip this.", {Command.READY, Command.SKIP}),
        ("Skip it.", set()),
        ("Context and text.", set()),
        ("No.", {Command.NO}),
        ("Now nobody knows.", set()),
        ("I\N{RIGHT SINGLE QUOTATION MARK}m ready.", {Command.READY}),
        ("What can I say? Time, left.", {Command.OPTIONS, Command.STATUS}),
        ("Stop if you feel pain. Pause. It hurts.", set()),
        ("", set()),
    ],
)
def test_whole_words_in_any_case_hide_their_commands_but_never_urgent_ones(text: str, hidden: set[Command]) -> None:
    assert Mask(PHRASES).commands_in(text) == hidden


def test_it_hides_while_the_coach_speaks_and_a_moment_longer() -> None:
    mask = Mask(PHRASES)
    assert not mask.hides(Command.NEXT, 0.0)
    mask.say("Next.", 10.0)
    assert not mask.hides(Command.NEXT, 9.9)  # the person said it before the coach did
    assert mask.hides(Command.NEXT, 10.0)
    assert mask.hides(Command.NEXT, 500.0)
    assert not mask.hides(Command.DONE, 10.0)
    mask.say(None, 12.0)
    assert mask.hides(Command.NEXT, 12.0 + TAIL)
    assert not mask.hides(Command.NEXT, 12.01 + TAIL)


def test_the_next_sentence_does_not_lift_the_mask_early_nor_hold_it() -> None:
    mask = Mask(PHRASES)
    mask.say("Next.", 0.0)
    mask.say("Well done.", 1.0)
    assert mask.hides(Command.NEXT, 1.0 + TAIL)
    assert not mask.hides(Command.NEXT, 1.01 + TAIL)
    assert mask.hides(Command.DONE, 1.0)
    mask.say("Done, and next.", 1.2)
    assert mask.hides(Command.NEXT, 0.5)
    assert mask.hides(Command.NEXT, 5.0)


def test_saying_the_same_again_and_silence_twice_change_nothing() -> None:
    mask = Mask(PHRASES)
    mask.say("Next.", 0.0)
    mask.say("Next.", 3.0)
    mask.say(None, 4.0)
    mask.say(None, 9.0)
    assert not mask.hides(Command.NEXT, 4.5)


def test_no_text_hides_an_urgent_command() -> None:
    mask = Mask(PHRASES)
    mask.say(". ".join(PHRASES), 0.0)
    assert not any(mask.hides(command, 1.0) for command in URGENT)
    assert all(mask.hides(command, 1.0) for command in set(PHRASES.values()) - URGENT)


def test_the_coach_speaks_until_a_moment_after_its_last_word_and_earlier_sentences_are_not_forgotten() -> None:
    mask = Mask(PHRASES)
    assert not mask.speaks(0.0)
    mask.say("Lie on your back.", 1.0)
    assert not mask.speaks(0.9)
    assert mask.speaks(1.0)
    assert mask.speaks(60.0)
    mask.say(None, 3.0)
    mask.say("Bend your knees.", 5.0)
    assert mask.speaks(2.0)
    assert mask.speaks(3.0 + TAIL)
    assert not mask.speaks(3.01 + TAIL)
    assert not mask.speaks(4.9)
    assert mask.speaks(5.0)
    mask.say("And hold.", 6.0)
    mask.say(None, 7.0)
    assert mask.speaks(6.5)
    assert not mask.speaks(7.01 + TAIL)
