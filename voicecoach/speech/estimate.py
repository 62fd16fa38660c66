"""How long a text takes to say.

Rule: pure arithmetic on the text and the rate; no engine is asked.
"""

from __future__ import annotations

from voicecoach.ports import VoiceError
from voicecoach.speech.sentences import clean, letters

SLOWEST, FASTEST = 80, 450
"""Words a minute that espeak-ng can speak; it silently clips what lies outside."""

UNSPOKEN_SECONDS = 0.1
"""How long the silence is that stands for a text with nothing to say in it."""

_START_SECONDS = 0.26
_CHARACTER_SECONDS = 0.0545
_MEASURED_RATE = 160
"""Fitted to 76 sentences and 23 words and cues by espeak-ng 1.51, voice en-us, cut to where the sound is: half of them
are within 8 %."""

_SHORTEST_LETTER_SECONDS = 0.035
"""At ``_MEASURED_RATE``. The fastest text measured ("the the the ...") took 0.042, the fastest sentence 0.063."""


def check_rate(rate: int) -> int:
    """Return ``rate`` (words a minute) if an engine can speak it. Raises ``VoiceError``."""
    if not SLOWEST <= rate <= FASTEST:
        raise VoiceError(
            f"A speaking rate of {rate} words a minute is not possible.",
            mend=f"choose a rate from {SLOWEST} to {FASTEST}; 160 is calm and clear",
        )
    return rate


def scaled_rate(rate: int, factor: float) -> int:
    """Return ``factor`` times ``rate``, in words a minute, or the nearest that an engine can speak."""
    return round(min(max(rate * factor, SLOWEST), FASTEST))


def speaking_seconds(text: str, rate: int) -> float:
    """Estimate how long it takes to say ``text`` at ``rate`` words a minute."""
    said = clean(text)
    if not letters(said):
        return UNSPOKEN_SECONDS
    return (_START_SECONDS + _CHARACTER_SECONDS * len(said)) * _MEASURED_RATE / rate


def shortest_seconds(text: str, rate: int) -> float:
    """Return the least time in which ``text`` can have been said whole: sound shorter than that lacks something."""
    return letters(text) * _SHORTEST_LETTER_SECONDS * _MEASURED_RATE / rate
