"""The voice of a machine without one: silence, as long as it would take to say the text.

Rule: same timing as speech, so that a session runs as usual and the person has time to read what is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicecoach.speech.estimate import check_rate, speaking_seconds
from voicecoach.speech.pieces import silence

if TYPE_CHECKING:
    from voicecoach.ports import Audio


class TextVoice:
    """Says nothing, for the right time. ``rate`` is words a minute. Raises ``VoiceError`` for an impossible rate."""

    def __init__(self, rate: int = 160) -> None:
        self._rate = check_rate(rate)

    @property
    def name(self) -> str:
        """Engine and rate."""
        return f"text:{self._rate}"

    def render(self, text: str) -> Audio:
        """Return silence as long as ``text``."""
        return silence(speaking_seconds(text, self._rate))

    def close(self) -> None:
        """Do nothing: there is no engine."""
