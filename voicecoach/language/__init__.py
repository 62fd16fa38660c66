"""A language: what a person may say, and how the coach says its lines. One TOML file each, no code.

Rule: the only place where a ``Line`` becomes a sentence and a phrase becomes a ``Command``.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

from voicecoach.core.events import URGENT, Command, Line, Value

_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))\w")


class LanguageError(Exception):
    """A language file is missing, or misses something."""


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
            pattern = pattern["one" if values[pattern["by"]] == 1 else "other"]
        text = pattern.format_map({key: self._spell(value) for key, value in values.items()})
        return _SENTENCE_START.sub(lambda start: start[0].upper(), text)

    def phrases_of(self, command: Command) -> tuple[str, ...]:
        """Return what may be said for ``command``, the usual phrase first."""
        return tuple(phrase for phrase, meant in self.phrases.items() if meant is command)

    def _spell(self, value: Value) -> str:
        if isinstance(value, int) and 0 <= value < len(self.numbers):
            return self.numbers[value]
        return f"{value:g}" if isinstance(value, float) else str(value)


@functools.cache
def load_language(code: str = "en") -> Language:
    """Read and check a language by its code, such as ``en``. Raises ``LanguageError``."""
    file = resources.files(__package__) / f"{code}.toml"
    if not code.isalpha() or not file.is_file():
        raise LanguageError(f"there is no language {code!r}; there are: {', '.join(languages())}")
    return replace(_read(tomllib.loads(file.read_text("utf-8")), code), everyday=_everyday(code))


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that ship."""
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def _everyday(code: str) -> tuple[str, ...]:
    """Return the words of ``CODE.words``, one a line; none where a language has no such file."""
    file = resources.files(__package__) / f"{code}.words"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return tuple(line for line in lines if line and not line.startswith("#"))


def _read(table: dict[str, Any], code: str) -> Language:
    commands: dict[str, list[str]] = table["commands"]
    if missing := sorted({command.value for command in Command} - commands.keys()):
        raise LanguageError(f"{code}.toml: no phrase for {', '.join(missing)}")
    if unknown := sorted(commands.keys() - {command.value for command in Command}):
        raise LanguageError(f"{code}.toml: no such command: {', '.join(unknown)}")
    phrases: dict[str, Command] = {}
    for name, texts in commands.items():
        for text in texts:
            if text in phrases:
                raise LanguageError(f"{code}.toml: {text!r} stands for two commands: {phrases[text]} and {name}")
            phrases[text] = Command(name)
    decoys = tuple(dict.fromkeys(table["decoys"]["words"]))
    if both := sorted(phrases.keys() & set(decoys)):
        raise LanguageError(f"{code}.toml: {both[0]!r} is both a command and a decoy")
    numbers = tuple(table["numbers"]["words"])
    yields = _yields(table.get("yields", {}), phrases, code)
    return Language(
        code,
        table["name"],
        table["voice"],
        phrases,
        decoys,
        numbers,
        table["sentences"],
        yields,
        calibration=table.get("calibration", {}),
    )


def _yields(
    table: Mapping[str, list[str]], phrases: Mapping[str, Command], code: str
) -> Mapping[str, frozenset[Command]]:
    """Check the phrases that yield. Raises ``LanguageError``, also where an urgent command could become unsayable."""
    names = {command.value for command in Command}
    for phrase, answers in table.items():
        if phrase not in phrases:
            raise LanguageError(f"{code}.toml: [yields] names {phrase!r}, which is no phrase of a command")
        if unknown := sorted(set(answers) - names):
            raise LanguageError(f"{code}.toml: {phrase!r} yields to {unknown[0]!r}: there is no such command")
        if phrases[phrase].value in answers:
            raise LanguageError(f"{code}.toml: {phrase!r} yields to its own command")
    for command in sorted(URGENT):
        if all(table.get(phrase) for phrase, meant in phrases.items() if meant is command):
            raise LanguageError(f"{code}.toml: {command.value!r} needs a phrase that yields to nothing")
    return {phrase: frozenset(map(Command, answers)) for phrase, answers in table.items()}
