"""Which words are asked for, and what is concluded: a machine that is told what was heard and says what to ask next.

Rule: pure; no sound, no text for people. Evidence is one person's voice in one room, a few seconds of it, so little is
concluded: a phrase is given up only after it failed twice, never once it was right, and only where another phrase of
its command was right. An urgent phrase is listened for whatever came of it: who is frightened says the first word that
comes, and understood once in ten times is better than never.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voicecoach.core.events import URGENT, Command

TWENTY = (
    Command.NEXT,
    Command.PAIN,
    Command.READY,
    Command.STOP,
    Command.HOW,
    Command.PAUSE,
    Command.RESUME,
    Command.EMERGENCY,
    Command.BACK,
    Command.SKIP,
    Command.AGAIN,
    Command.DONE,
    Command.STATUS,
    Command.EASIER,
    Command.QUIETER,
    Command.UNDO,
    Command.END,
    Command.YES,
    Command.NO,
    Command.SEVEN,
)
"""The urgent ones, and some of each group: going on, finding one's way, asking, changing, answers, numbers."""

ATTEMPTS = 2
"""How often a phrase is asked for until it is right."""
GIVE_UP = 4
"""Phrases in a row without a sound from anybody after which nobody is there any more."""


def askable(phrases: Mapping[str, Command]) -> frozenset[str]:
    """Return every phrase that may be asked for."""
    return frozenset(phrase for phrase, command in phrases.items() if command in TWENTY)


@dataclass(frozen=True, slots=True)
class Try:
    """A phrase that was asked for, and what came."""

    phrase: str
    command: Command
    """What the phrase means."""
    heard: Command | None
    """What was understood; None: nothing."""
    words: str = ""
    """The phrase that was understood, or what the recogniser made of it."""
    voice: bool = True
    """Whether anybody was heard at all."""

    @property
    def right(self) -> bool:
        """Whether what was asked for was understood; another phrase of the same command is as good."""
        return self.heard is self.command


class Interview:
    """Asks for a phrase of each command, again where it fails, and then for the other phrases of that command."""

    def __init__(self, phrases: Mapping[str, Command], commands: Iterable[Command] = TWENTY) -> None:
        self._phrases = {
            command: [phrase for phrase, meant in phrases.items() if meant is command] for command in commands
        }
        self.tries: list[Try] = []
        """In order."""

    @property
    def asked_for(self) -> str | None:
        """The phrase to ask for now; None when all is known, or nobody answers any more."""
        if self.deserted:
            return None
        return next((phrase for phrases in self._phrases.values() if (phrase := self._open(phrases))), None)

    @property
    def deserted(self) -> bool:
        """Whether nobody has made a sound for some time."""
        latest = self.tries[-GIVE_UP:]
        return len(latest) == GIVE_UP and not any(one.voice for one in latest)

    def note(self, heard: Command | None, words: str, *, voice: bool) -> Try:
        """Take what came of the phrase that was asked for."""
        phrase = self.asked_for
        if phrase is None:
            raise ValueError("nothing was asked for")
        command = next(command for command, phrases in self._phrases.items() if phrase in phrases)
        self.tries.append(Try(phrase, command, heard, words, voice))
        return self.tries[-1]

    def skip(self) -> None:
        """Leave out the command that is asked for now."""
        phrase = self.asked_for
        self._phrases = {command: phrases for command, phrases in self._phrases.items() if phrase not in phrases}

    def _open(self, phrases: list[str]) -> str | None:
        """Return the phrase of a command that is to be asked for next; None where one was right, or all failed."""
        for phrase in phrases:
            came = [one for one in self.tries if one.phrase == phrase]
            if any(one.right for one in came):
                return None
            if len(came) < ATTEMPTS:
                return phrase
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tries say about the phrases."""

    left_out: tuple[str, ...]
    """Phrases that fail with this voice, each beside one of its command that does not: better not listened for."""
    weak: tuple[str, ...]
    """Likewise of urgent commands: listened for all the same."""
    better: tuple[str, ...]
    """The phrases to say in place of both."""
    hopeless: tuple[str, ...]
    """Phrases that fail, and with them every other of their command: kept, for there is nothing better."""


def conclude(tries: Iterable[Try]) -> Verdict:
    """Return what the tries say; silence says nothing about a phrase."""
    tries = [one for one in tries if one.voice]
    right = {one.phrase: one.command for one in tries if one.right}
    failed: dict[str, Command] = {}
    for one in tries:
        if one.phrase not in right and sum(other.phrase == one.phrase for other in tries) >= ATTEMPTS:
            failed[one.phrase] = one.command
    mended = {phrase: command for phrase, command in failed.items() if command in right.values()}
    return Verdict(
        left_out=tuple(phrase for phrase, command in mended.items() if command not in URGENT),
        weak=tuple(phrase for phrase, command in mended.items() if command in URGENT),
        better=tuple(phrase for phrase, command in right.items() if command in mended.values()),
        hopeless=tuple(phrase for phrase in failed if phrase not in mended),
    )


def replaced(verdict: Verdict, phrases: Mapping[str, Command]) -> tuple[tuple[str, str], ...]:
    """Return each phrase that fails with the one to say in its place."""
    better = {phrases[phrase]: phrase for phrase in verdict.better if phrase in phrases}
    failing = (phrase for phrase in (*verdict.weak, *verdict.left_out) if phrases.get(phrase) in better)
    return tuple((phrase, better[phrases[phrase]]) for phrase in failing)


def recall(tries: Iterable[Try]) -> dict[Command, tuple[int, int]]:
    """Return how often each command was understood, and how often it was asked for."""
    found: dict[Command, tuple[int, int]] = {}
    for one in tries:
        right, asked = found.get(one.command, (0, 0))
        found[one.command] = right + one.right, asked + 1
    return found
