"""The noun ``Language``: phrases, sentences, numbers and plural forms of one language.

Rule: values and their use; nothing here reads a file (``reading``) or knows where files are (``files``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from voicecoach.complaints import Complaint
from voicecoach.core.events import IDLE, URGENT, Command, Line, Value

_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?…] ))[¿¡«„“\"(]*\w")


class LanguageError(Complaint):
    """A language file is missing, or misses something."""


@dataclass(frozen=True, slots=True)
class Plural:
    """For which numbers a form is: exactly these, or those that end so."""

    numbers: frozenset[int] = frozenset()
    endings: tuple[int, ...] = ()
    """Last digits, such as 2, 3 and 4 ..."""
    but_not: tuple[int, ...] = ()
    """... and longer endings that are none, such as 12, 13 and 14."""

    def takes(self, number: Value) -> bool:
        """Tell whether ``number`` has this form. What is no whole number never has."""
        if not isinstance(number, int) or number in self.numbers:
            return isinstance(number, int)
        digits = str(number)
        ends = any(digits.endswith(str(ending)) for ending in self.endings)
        return ends and not any(digits.endswith(str(ending)) for ending in self.but_not)


TIME = "time"
"""The place in a sentence that takes seconds and is said with their unit."""

OTHER = "other"
"""The form of every number that no form of ``plurals`` takes."""

ONE = {"one": Plural(frozenset({1}))}
"""The forms of English, German and Spanish, besides ``other``."""


LINT = ("eyes", "sides", "figures")
"""What needs eyes, what speaks of sides, what is a figure (docs/checking.md)."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language, checked to be complete."""

    code: str
    name: str
    voice: str
    """The synthesis voice that speaks it, where the person chose none."""
    phrases: Mapping[str, Command]
    """What may be said, in small letters, and what it means."""
    decoys: tuple[str, ...]
    """What must be heard as itself and means nothing."""
    numbers: tuple[str, ...]
    sentences: Mapping[str, str | Mapping[str, str]]
    yields: Mapping[str, frozenset[Command]] = field(default_factory=dict)
    """Phrases that sound like an answer, and the answers for which they are not heard as commands while those may be
    given. It holds for ears only: what is typed is unambiguous."""
    everyday: tuple[str, ...] = field(default=(), repr=False)
    """What people say when they talk, word by word: what one of these explains better is no command. May be empty."""
    calibration: Mapping[str, str] = field(default_factory=dict)
    """What is said and shown while devices are calibrated."""
    handout: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """Set phrases of the page to print. May be empty, or lack some: then those are English."""
    imported: Mapping[str, str] = field(default_factory=dict)
    """What the coach says in a routine of another program that does not tell it. May be empty, or lack some."""
    plurals: Mapping[str, Plural] = field(default_factory=lambda: ONE)
    """The forms that a sentence with a number may have, besides ``other``."""
    address: str = "coach"
    """The word that suits ``[hearing] address`` in this language; between sessions most commands need it in front."""
    standby: Mapping[str, Command] = field(default_factory=dict)
    """What may be said between sessions besides; behind a phrase of "start" goes what is to be started."""
    number: str = "number"
    """What stands before the number of a routine, instead of its name: "start number three"."""
    lint: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Phrases that a routine's lines are looked through for (``LINT``); ``*`` stands for any letters. May be empty."""

    def without(self, phrases: Collection[str], better: Collection[str] = ()) -> Language:
        """Return the language for an ear that does not listen for ``phrases``; ``better`` ones come first.

        No command loses its last phrase, and an urgent one none of those that it can always be called by, if no other
        such is left: then all its phrases stay.
        """
        needed: set[Command] = set()
        for command in set(self.phrases.values()):
            left = [phrase for phrase in self.phrases_of(command) if phrase not in phrases]
            if not left or (command in URGENT and all(self.yields.get(phrase) for phrase in left)):
                needed.add(command)
        kept = {
            phrase: command for phrase, command in self.phrases.items() if phrase not in phrases or command in needed
        }
        first = {phrase: kept[phrase] for phrase in better if phrase in kept}
        yields = {phrase: commands for phrase, commands in self.yields.items() if phrase in kept}
        return replace(self, phrases=first | kept, yields=yields)

    def say(self, line: Line) -> str:
        """Return the sentence for ``line``."""
        values = dict(line.values)
        pattern = self.sentences[line.key]
        if not isinstance(pattern, str):
            pattern = pattern[self.form_of(values[pattern["by"]])]
        text = pattern.format_map({key: self._in_words(key, value) for key, value in values.items()})
        return _SENTENCE_START.sub(lambda start: start[0].upper(), text)

    def form_of(self, number: Value) -> str:
        """Return the plural form that ``number`` asks for."""
        return next((name for name, plural in self.plurals.items() if plural.takes(number)), OTHER)

    def phrases_of(self, command: Command) -> tuple[str, ...]:
        """Return what may be said for ``command``, the usual phrase first."""
        said = self.phrases if command not in IDLE else self.standby
        return tuple(phrase for phrase, meant in said.items() if meant is command)

    def _in_words(self, key: str, value: Value) -> str:
        return self._time(value) if key == TIME and isinstance(value, int) else self._spell(value)

    def _time(self, seconds: int) -> str:
        """Return how long that is, as people say it: ninety seconds, but ten minutes."""
        minutes, rest = divmod(seconds, 60)
        if not minutes or (rest and minutes < 2):
            return self._count("time_seconds", seconds)
        if not rest:
            return self._count("time_minutes", minutes)
        parts = {"minutes": self._count("time_minutes", minutes), "seconds": self._count("time_seconds", rest)}
        return str(self.sentences["time_both"]).format_map(parts)

    def _count(self, key: str, number: int) -> str:
        pattern = self.sentences[key]
        if not isinstance(pattern, str):
            pattern = pattern[self.form_of(number)]
        return pattern.format(number=self._spell(number))

    def _spell(self, value: Value) -> str:
        if isinstance(value, int) and 0 <= value < len(self.numbers):
            return self.numbers[value]
        return f"{value:g}" if isinstance(value, float) else str(value)
