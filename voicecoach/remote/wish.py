"""What somebody outside may ask for, read from bounded text: a command, a routine to be started, a volume.

Rule: pure. Whatever is not exactly one of these is refused with a sentence for the person who sent it.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

from voicecoach.complaints import printable, suggest
from voicecoach.core.events import Command, Heard, VolumeAsked, Wanted

Asked: TypeAlias = Heard | Wanted | VolumeAsked

FROM_AFAR = tuple(Command)[: tuple(Command).index(Command.LATER) + 1]
"""What may be asked over the network: every command, and of the answers "yes", "no" and "later". How much it hurts, and
how it feels, is said in the room."""

LONGEST = 100
"""Characters of anything that may be asked for."""


class RefusedError(ValueError):
    """Something outside asked for what cannot be. ``str()`` is one sentence for whoever did."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One of the three: the others are None."""

    command: Command | None = None
    routine: str | None = None
    """The name of a routine that is to be started."""
    level: float | None = None
    """How loud everything is to be, from 0 to 1."""

    def at(self, moment: float, source: str) -> Asked:
        """Return it as the event that it is."""
        if self.command is not None:
            return Heard(moment, self.command, self.command.value, source)
        if self.routine is not None:
            return Wanted(moment, self.routine, source)
        assert self.level is not None  # noqa: S101 - it is one of the three
        return VolumeAsked(moment, self.level, source)


def read_command(text: str, allowed: Collection[Command] = tuple(Command)) -> Wish:
    """Read a command's name. Raises ``RefusedError``."""
    words = " ".join(text.casefold().split()) if len(text) <= LONGEST else text
    names = [command.value for command in allowed]
    if words in names:
        return Wish(command=Command(words))
    if words in {command.value for command in Command}:
        raise RefusedError(f'"{words}" is an answer: say it in the room, or press a key')
    raise RefusedError(f'there is no command "{printable(text, 40)}"{suggest(words, names)}')


def read_routine(text: str, known: Collection[str]) -> Wish:
    """Read the name of a routine or programme, one of ``known``. Raises ``RefusedError``."""
    if text in known:
        return Wish(routine=text)
    raise RefusedError(f'there is no routine "{printable(text, 40)}"{suggest(text, known)}')


def read_level(value: object, highest: float = 1.0) -> Wish:
    """Read a volume from nought to ``highest``: a number, or a text that is one. Raises ``RefusedError``."""
    try:
        if isinstance(value, bool) or (isinstance(value, str) and len(value) > LONGEST):
            raise ValueError  # noqa: TRY301 - it is no number
        number = float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number <= highest:  # nor is "not a number"
        raise RefusedError(f"{printable(str(value)[:LONGEST], 40)} is no volume: a number from 0 to {highest:g}")
    return Wish(level=number / highest)
