"""The coach must not obey itself: what it says aloud is not taken for a command.

Rule: pure and text only. While the coach says a sentence, every command that has a phrase among its words is masked,
and stays so for a moment after, until the sound has crossed the room. Urgent commands are never masked: a person may
say "stop" or "call for help" over any sentence. What is no command counts as the coach's own as long as it ended while
the coach spoke, whatever the recogniser made of it: an echo is rarely understood word for word. It is a second filter
behind the echo canceller, and is passed by where that is certain that a person spoke.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from voicecoach.core.events import URGENT, Command

if TYPE_CHECKING:
    from collections.abc import Mapping

TAIL = 0.4
"""Seconds after the coach's last sound: output latency, the tail of a room and the slack of word times together."""

_FOREVER = float("inf")

_REMEMBERED = 8
"""Sentences: an utterance is judged about a second after its end, and the coach may have begun others by then."""


class Mask:
    """Knows which commands the coach's own words would give, and when. All times are seconds of one clock."""

    def __init__(self, phrases: Mapping[str, Command]) -> None:
        self._patterns = [
            (re.compile(rf"(?<!\w){_spaced(phrase)}(?!\w)", re.IGNORECASE), command)
            for phrase, command in phrases.items()
            if command not in URGENT
        ]
        self._masked: dict[Command, tuple[float, float]] = {}
        self._spoken: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        self._text: str | None = None

    def say(self, text: str | None, at: float) -> None:
        """From ``at`` on the coach says ``text``; None: it is silent."""
        if text == self._text:
            return
        if self._text is not None:
            since, _ = self._spoken.pop()
            self._spoken.append((since, at + TAIL))
        if text is not None:
            self._spoken.append((at, _FOREVER))
        self._text = text
        for command, (since, until) in self._masked.items():
            self._masked[command] = (since, min(until, at + TAIL))
        for command in self.commands_in(text or ""):
            since, until = self._masked.get(command, (at, at))
            self._masked[command] = (since if until >= at else at, _FOREVER)

    def hides(self, command: Command, at: float) -> bool:
        """Tell whether ``command``, whose last word ended at ``at``, may have been the coach."""
        since, until = self._masked.get(command, (_FOREVER, -_FOREVER))
        return since <= at <= until

    def speaks(self, at: float) -> bool:
        """Tell whether the coach spoke at ``at``, or had just done so."""
        return any(since <= at <= until for since, until in self._spoken)

    def commands_in(self, text: str) -> frozenset[Command]:
        """Return the commands, none of them urgent, that have a phrase among the words of ``text``."""
        plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        return frozenset(command for pattern, command in self._patterns if pattern.search(plain))


def _spaced(phrase: str) -> str:
    """Return a pattern for the words of ``phrase`` with anything but words between them."""
    return r"[^\w']+".join(re.escape(word) for word in phrase.split())
