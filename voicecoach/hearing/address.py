"""The address word of a noisy home: with it the coach obeys only what is said to it ("coach, next").

Rule: pure and text only. What needs no address: pain, stop and emergency, for nobody thinks of a name then; the answers
to what the coach itself has just asked (they are live at no other time); what it offers in so many words: "ready" and
"resume", and, while it waits for an answer, "end session" and "skip this"; and phrases that hold the word anyway. The
address said alone opens a window of ``WINDOW`` seconds in which one utterance needs it no more.
"""

from __future__ import annotations

from typing import TypeAlias

from voicecoach.core.events import NUMBERS, Command

Words: TypeAlias = tuple[str, ...]

WINDOW = 4.0
"""Seconds from the end of the address to the beginning of the command: as long as one looks up at who is called."""

ANSWERS = frozenset(
    {
        *(
            Command.YES,
            Command.NO,
            Command.LATER,
            Command.UNSURE,
            Command.MISTAKE,
            Command.CHECK,
            Command.SHARP,
            Command.ACHE,
        ),
        *(Command.SAME, Command.BETTER, Command.WORSE, Command.TIRED, Command.EQUIPMENT),
        *NUMBERS,
    }
)
"""What is only said where the coach has asked something."""

UNADDRESSED = ANSWERS | {Command.PAIN, Command.STOP, Command.EMERGENCY, Command.READY, Command.RESUME}
"""Commands that count without the address."""

OFFERED = frozenset({Command.END, Command.SKIP})
"""Commands that count without it while the coach waits for an answer."""

UNADDRESSED_IDLE = ANSWERS | {Command.PAIN, Command.STOP, Command.EMERGENCY}
"""Commands that count without the address between sessions."""

OFFERED_IDLE = frozenset({Command.START, Command.ROUTINES})
"""Commands that count without it between sessions while the coach waits for an answer."""


class Address:
    """The word, and until when it counts as said. ``word`` may be empty: then nothing needs an address.

    ``idle`` says that it is for the time between sessions.
    """

    def __init__(self, word: str, *, idle: bool = False) -> None:
        self._unaddressed = UNADDRESSED_IDLE if idle else UNADDRESSED
        self._offered = OFFERED_IDLE if idle else OFFERED
        self._words: Words = tuple(word.split())
        self._open_until = float("-inf")

    def split(self, words: Words) -> tuple[Words, Words]:
        """Return the address that ``words`` begin with (or nothing), and what follows it."""
        count = len(self._words)
        return (self._words, words[count:]) if count and words[:count] == self._words else ((), words)

    def allows(self, command: Command, phrase: Words, *, began_at: float, live: frozenset[Command]) -> bool:
        """Tell whether ``phrase``, said without the address from ``began_at`` on, counts where these are ``live``."""
        asked = command in self._offered and bool(live & ANSWERS) and not live >= frozenset(Command)
        return (
            not self._words
            or command in self._unaddressed
            or asked
            or set(self._words) <= set(phrase)
            or began_at <= self._open_until
        )

    def is_all_of(self, words: Words) -> bool:
        """Tell whether ``words`` are the address and nothing else."""
        return bool(self._words) and words == self._words

    def said_alone(self, ended_at: float) -> None:
        """Open the window."""
        self._open_until = ended_at + WINDOW

    def used(self) -> None:
        """Close the window: one address, one command."""
        self._open_until = float("-inf")
