"""A word over what the coach itself sounds: a chime or a count under it hides no command, and is none.

Rule: synthetic voices at the level of ``voices.PEAK``; the coach is a stated number of dB below or beside it, as it
reaches the microphone when nothing cancels it.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.hearing.phrases import MODEL
from tests.hearing.voices import ESPEAK, Scene, speak
from tests.needs import needs_espeak, needs_vosk
from voicecoach.core.events import ChimeKind, Command
from voicecoach.hearing.contract import play
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import load_language
from voicecoach.ports import EAR_RATE, Samples
from voicecoach.speech.chimes import chime

pytestmark = pytest.mark.ear

ENGLISH = load_language("en")
WORDS = {"pain": Command.PAIN, "stop": Command.STOP, "pause": Command.PAUSE, "undo": Command.UNDO, "done": Command.DONE}
COACH = "en-us+m7"


@pytest.fixture(autouse=True)
def _machine() -> None:
    needs_vosk()
    needs_espeak()


def an_ear() -> VoskEar:
    return VoskEar(MODEL, ENGLISH.phrases, ENGLISH.decoys, everyday=ENGLISH.everyday)


def level(sound: Samples) -> float:
    """Return the mean power of what is loud in ``sound``: within 20 dB of the loudest 20 ms."""
    blocks = np.array([np.mean(sound[i : i + 320] ** 2) for i in range(0, len(sound) - 319, 320)])
    return float(blocks[blocks > 0.01 * blocks.max()].mean())


def over(word: Samples, other: Samples, *, below: float, shift: float) -> Samples:
    """Return ``word`` with ``other`` beneath it, ``below`` dB under its level, ``shift`` seconds after its beginning."""
    gain = np.sqrt(level(word) / level(other) / 10 ** (below / 10))
    out = np.zeros(EAR_RATE // 2 + len(word) + len(other), np.float32)
    first = EAR_RATE // 2
    out[first : first + len(word)] += word
    start = first + round(shift * EAR_RATE)
    out[start : start + len(other)] += (gain * other)[: len(out) - start]
    return out


def heard_over(other: Samples, *, below: float, shift: float) -> Counter[str]:
    """Let five voices say five words over ``other``; return how many were right, wrong and missed."""
    found: Counter[str] = Counter()
    for voice in ESPEAK:
        scene, begins = Scene().wait(1), []
        for text in WORDS:
            begins.append(scene.seconds)
            scene.add(over(speak(text, voice), other, below=below, shift=shift)).wait(1.5)
        heard = play(an_ear(), scene.sound())
        for command, start, end in zip(WORDS.values(), begins, [*begins[1:], float("inf")], strict=True):
            acts = [one.command for one in heard if start < one.at <= end]
            found["right" if acts == [command] else "wrong" if acts else "missed"] += 1
    return found


@pytest.mark.parametrize("kind", ChimeKind)
def test_a_chime_is_no_command(kind: ChimeKind) -> None:
    sound = chime(kind, EAR_RATE).samples
    scene = Scene().wait(1).add(sound).wait(1.5).add(sound * np.float32(0.2)).wait(1.5)
    assert play(an_ear(), scene.sound()) == []


@pytest.mark.parametrize(
    ("kind", "shift", "enough"),
    [
        (ChimeKind.COUNT, -0.1, 22),
        (ChimeKind.COUNT, 0.0, 22),
        (ChimeKind.HEARD, 0.0, 21),
        (ChimeKind.HEARD, 0.15, 18),
        (ChimeKind.HEARD, -0.1, 14),
    ],
)
def test_a_word_over_a_chime_is_heard(kind: ChimeKind, shift: float, enough: int) -> None:
    """Of 25 words 24, 24, 23, 20 and 16 when this was written, 10 dB over the chime and without an echo canceller.

    The long chime that begins just before the word is the worst: its two notes are taken for the word's beginning.
    """
    found = heard_over(chime(kind, EAR_RATE).samples, below=10.0, shift=shift)
    assert found["right"] >= enough, found
    assert found["wrong"] <= 1, found


@pytest.mark.parametrize(
    ("count", "below", "enough"), [("three", 6.0, 19), ("three", 10.0, 22), ("eight", 10.0, 19), ("eight", 15.0, 22)]
)
def test_a_word_over_a_count_is_heard(count: str, below: float, enough: int) -> None:
    """Of 25 words 21, 24, 21 and 24 when this was written; over an "eight" at 6 dB it is 16. None is another word."""
    found = heard_over(speak(count, COACH), below=below, shift=0.0)
    assert found["right"] >= enough, found
    assert found["wrong"] <= 1, found
