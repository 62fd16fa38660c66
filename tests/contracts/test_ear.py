"""The contract for ears: our own keeps it, and an ear that breaks a promise is found out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.hearing.phrases import DECOYS, MODEL, SPOKEN
from tests.hearing.voices import speak
from tests.needs import needs_espeak, needs_vosk
from voicecoach.core.events import URGENT, Command, Heard, Overheard
from voicecoach.hearing.contract import check_ear
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Samples

MAIN = {phrases[0]: command for command, phrases in SPOKEN.items()}


@pytest.mark.ear
def test_the_vosk_ear_keeps_the_contract() -> None:
    needs_vosk()
    needs_espeak()
    check_ear(lambda: VoskEar(MODEL, MAIN, DECOYS), speak, MAIN)


TWO = {"stop": Command.STOP, "next": Command.NEXT}


def beep(phrase: str) -> Samples:
    """A tone for each phrase: what the ears below understand."""
    pitch = 300 + 400 * list(TWO).index(phrase)
    return (0.3 * np.sin(np.arange(EAR_RATE // 2) * 2 * np.pi * pitch / EAR_RATE)).astype(np.float32)


class ToneEar:
    """A sound ear for two tones. Each fault breaks one promise."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.live = frozenset(Command)
        self.coach = ""
        self.loud = 0
        self.tone: str | None = None

    def hear(self, block: Samples, at: float) -> list[Heard | Overheard]:
        peak = float(np.abs(block).max(initial=0.0))
        if self.fault in {"noise", "ghost"} and 0.05 < peak < 0.09:
            return [Heard(at, Command.STOP, "stop", ended_at=at) if self.fault == "noise" else Overheard(at, "[unk]")]
        if peak > 0.25:
            self.loud += 1
            crossings = int(np.sum(np.diff(np.signbit(block))))
            self.tone = "next" if crossings > 20 else "stop"
            return []
        tone, self.tone = self.tone, None
        long_enough, self.loud = self.loud > 10, 0
        if tone is None or not long_enough:
            return []
        return self._understood(tone, at)

    def _understood(self, tone: str, at: float) -> list[Heard | Overheard]:
        command = TWO[tone]
        if self.fault == "deaf" and tone == "next":
            return []
        if command not in self.live and self.fault != "live":
            stamp = at - 100.0 if self.fault == "clock" else at
            return [] if self.fault == "indifferent" else [Overheard(stamp, tone)]
        if tone in self.coach and self.fault == "echo":
            return [Overheard(at, tone)]
        if tone in self.coach and command not in URGENT and self.fault != "coach":
            return []
        ended = {"late": at + 1.0, "early": at - 0.8, "none": None}.get(self.fault, at - EAR_BLOCK / EAR_RATE)
        words = "other" if self.fault == "words" else tone
        heard = Heard(at, command, words, source="keys" if self.fault == "source" else "voice", ended_at=ended)
        if self.fault == "both":
            return [heard, Overheard(at, tone)]
        return [heard, heard] if self.fault == "twice" else [heard]

    def listen_for(self, commands: frozenset[Command]) -> None:
        self.live = commands

    def coach_says(self, text: str | None) -> None:
        self.coach = text or ""

    def close(self) -> None:
        if self.fault == "close":
            self.fault = "closed"
        elif self.fault == "closed":
            raise AssertionError("closed twice")


def test_an_ear_that_keeps_every_promise_passes() -> None:
    check_ear(ToneEar, beep, TWO)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("deaf", "each phrase is heard once"),
        ("twice", "each phrase is heard once"),
        ("noise", "is no command"),
        ("ghost", "no speech"),
        ("both", "and overheard as well"),
        ("indifferent", "is overheard once"),
        ("clock", "the session's time"),
        ("echo", "overheard as a person's"),
        ("live", "though nobody listened for it"),
        ("coach", "though the coach said it"),
        ("late", "has ended when it is acted on"),
        ("early", "away from where it is said to"),
        ("none", "says when the last word ended"),
        ("words", "was reported as"),
        ("source", 'source "voice"'),
        ("close", "closed twice"),
    ],
)
def test_each_broken_promise_is_named(fault: str, promise: str) -> None:
    with pytest.raises(AssertionError, match=promise):
        check_ear(lambda: ToneEar(fault), beep, TWO)


def test_what_is_no_ear_at_all_is_refused() -> None:
    make: Callable[[], Any] = object
    with pytest.raises(AssertionError, match="listen_for"):
        check_ear(make, beep, TWO)


def test_recall_below_one_allows_as_many_misses() -> None:
    check_ear(lambda: ToneEar("deaf"), beep, TWO, recall=0.5)
