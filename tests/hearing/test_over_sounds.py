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
from voicecoach.core.events import ChimeKind, Command, Overheard
from voicecoach.hearing.contract import play, play_all
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
        for text, command in WORDS.items():
            scene = Scene().wait(1).add(over(speak(text, voice), other, below=below, shift=shift)).wait(1.5)
            acts = [one.command for one in play(an_ear(), scene.sound())]
            found["right" if acts == [command] else "wrong" if acts else "missed"] += 1
    return found


@pytest.mark.parametrize("kind", ChimeKind)
def test_a_chime_is_neither_a_command_nor_talk(kind: ChimeKind) -> None:
    sound = chime(kind, EAR_RATE).samples
    scene = Scene().wait(1).add(sound).wait(1.5).add(sound).wait(1.5)
    assert [one for one in play_all(an_ear(), scene.sound()) if not isinstance(one, Overheard)] == []


@pytest.mark.parametrize("shift", [-0.1, 0.0, 0.15])
@pytest.mark.parametrize("kind", [ChimeKind.COUNT, ChimeKind.HEARD])
def test_a_word_over_a_chime_is_heard(kind: ChimeKind, shift: float) -> None:
    found = heard_over(chime(kind, EAR_RATE).samples, below=10.0, shift=shift)
    print(kind, shift, found)


@pytest.mark.parametrize("below", [6.0, 10.0, 15.0])
@pytest.mark.parametrize("count", ["three", "eight"])
def test_a_word_over_a_count_is_heard(count: str, below: float) -> None:
    found = heard_over(speak(count, COACH), below=below, shift=0.0)
    print(count, below, found)
