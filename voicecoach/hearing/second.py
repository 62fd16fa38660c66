"""The second look, before the ear acts: everyday words that explain the same sound better speak against a command.

Rule: it keeps the last few seconds of sound, and weighs them only when it is asked. It is given a recogniser whose
grammar holds the phrases, the decoys and thousands of everyday words, and knows nothing else of Vosk.

Why a recogniser of its own: with those words in the grammar that listens, each of them may take a partial text from an
urgent word. Here they cost nothing until a command is about to act; then, for 1.2 s of sound and 12,000 words, 10 ms
of one core (x86; not measured on a small board).
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from voicecoach.hearing.policy import once, words_of

_PRE_ROLL = 0.4
"""Seconds before the voice that are weighed with it: soft first sounds."""

_LONGEST = 4.0
"""Seconds that are weighed at most: no command takes as long."""

_EXPLANATIONS = 10
"""How many explanations are compared. One that is not among them is at least e^4 times less likely than the best."""


class SecondLook:
    """Weighs phrases against everyday words. ``recogniser``: a fresh ``vosk.KaldiRecognizer``."""

    def __init__(self, recogniser: Any) -> None:
        recogniser.SetMaxAlternatives(_EXPLANATIONS)
        self._recogniser = recogniser
        self._kept: deque[tuple[float, bytes]] = deque()

    def keep(self, pcm: bytes, at: float) -> None:
        """Keep a piece of sound (16 bit) that ended at ``at``."""
        self._kept.append((at, pcm))
        while self._kept[0][0] < at - _LONGEST:
            self._kept.popleft()

    def margin(self, phrase: str, since: float) -> float | None:
        """Return by how much (natural logarithm) ``phrase`` explains the sound since ``since`` better than the next.

        Negative where something else explains it better; None where the phrase does not explain it.
        """
        self._recogniser.AcceptWaveform(b"".join(pcm for at, pcm in self._kept if at > since - _PRE_ROLL))
        found = json.loads(self._recogniser.FinalResult()).get("alternatives", ())
        self._recogniser.Reset()
        mine = [one["confidence"] for one in found if _plain(one["text"]) == phrase]
        others = [one["confidence"] for one in found if _plain(one["text"]) != phrase]
        if not mine:
            return None
        return float(max(mine) - max(others)) if others else float("inf")


def _plain(text: str) -> str:
    """Return ``text`` without what is no word, and a phrase that is said again and again once."""
    return " ".join(once(words_of(text)))
