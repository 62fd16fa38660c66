"""From the table of a language file to a ``Language``: its phrases, decoys, numbers and forms.

Rule: whatever the table holds, the answer is a ``Language`` or one ``LanguageError`` that names file, line and key.
What the sentences must be is the business of ``complete``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from voicecoach.complaints import listing, suggest
from voicecoach.core.events import IDLE, URGENT, Command
from voicecoach.core.hidden import unfit
from voicecoach.language.noun import LINT, ONE, OTHER, Language, LanguageError, Plural
from voicecoach.toml_lines import KeyPath, Places

_KEYS = (
    *("name", "code", "voice", "address", "commands", "standby", "yields", "decoys", "numbers", "plurals"),
    *("sentences", "calibration", "handout", "imported", "lint"),
)
_COMMANDS = {command.value for command in Command if command not in IDLE}
_IDLE = {command.value for command in IDLE}
_NUMBER = "number"
_PLURAL_KEYS = {"is", "ends", "but_not"}


@dataclass(frozen=True, slots=True)
class LanguageFile:
    """A language file with what it holds and where."""

    path: Path | str
    table: Mapping[str, Any]
    places: Places | None = None

    def fail(self, where: KeyPath, problem: str, value: object = None, allowed: str = "") -> NoReturn:
        """Say what is wrong with what stands at ``where``."""
        line = self.places.line(where) if self.places else None
        raise LanguageError(self.path, line, problem, key=_key(where), value=value, allowed=allowed)

    def text(self, *where: str) -> str:
        """Return what must be text."""
        value = self._get(where)
        if not isinstance(value, str) or not value.strip():
            self.fail(where, "this must be text", value, 'words in quotes, "like this"')
        return str(value)

    def texts(self, *where: str) -> tuple[str, ...]:
        """Return what must be a list of texts."""
        value = self._get(where)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.fail(where, "this must be a list of texts", None, '["one", "another"]')
        return tuple(value)

    def section(self, name: str, *, needed: bool = True) -> Mapping[str, Any]:
        """Return what must be a table; an empty one where it is left out and may be."""
        if not needed and name not in self.table:
            return {}
        value = self._get((name,))
        if not isinstance(value, dict):
            self.fail((name,), "this must be a table", None, f"[{name}] on a line of its own, its keys below")
        return dict(value)

    def _get(self, where: tuple[str, ...]) -> Any:
        value: Any = self.table
        for part in where:
            if not isinstance(value, Mapping) or part not in value:
                self.fail(where, "this is missing", allowed="see en.toml, which has them all")
            value = value[part]
        return value


def _refuse_hidden(file: LanguageFile, where: tuple[str, ...], value: Any) -> None:
    """Refuse what a terminal would obey, or nobody sees, wherever it stands: all of it is shown or said some day."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse_hidden(file, where, key)
            _refuse_hidden(file, (*where, key), inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_hidden(file, where, inner)
    elif isinstance(value, str) and (mark := unfit(value)):
        file.fail(where, f"this holds the character U+{ord(mark):04X}", allowed="plain text, without line breaks")


def read_language(
    table: Mapping[str, Any], code: str, path: Path | str | None = None, places: Places | None = None
) -> Language:
    """Return the language that ``table`` is. Raises ``LanguageError``."""
    file = LanguageFile(path or f"{code}.toml", table, places)
    for key in table:
        if key not in _KEYS:
            file.fail((key,), f"this key is not known here{suggest(key, _KEYS)}", allowed=listing(_KEYS))
    _refuse_hidden(file, (), table)
    phrases = _phrases(file)
    decoys = tuple(dict.fromkeys(file.texts("decoys", "words")))
    if both := sorted(phrases.keys() & set(decoys)):
        file.fail(("decoys", "words"), f"{both[0]!r} is both a command and a decoy")
    return Language(
        code,
        file.text("name"),
        file.text("voice"),
        phrases,
        decoys,
        file.texts("numbers", "words"),
        file.section("sentences"),
        _yields(file, phrases),
        calibration=file.section("calibration", needed=False),
        handout=file.section("handout", needed=False),
        imported=file.section("imported", needed=False),
        plurals=_plurals(file),
        address=_address(file, phrases),
        standby=_standby(file, phrases),
        number=file.text("standby", _NUMBER) if _NUMBER in file.section("standby", needed=False) else _NUMBER,
        lint=_lint(file),
    )


def _key(where: KeyPath) -> str:
    """Name a place: ``[commands] pain``."""
    head, *rest = (str(part) for part in where)
    return f"[{head}] {'.'.join(rest)}" if rest else head


def _phrases(file: LanguageFile) -> dict[str, Command]:
    commands = file.section("commands")
    if missing := sorted(_COMMANDS - commands.keys()):
        file.fail(("commands",), f"no phrase for {', '.join(missing)}", allowed='a line such as yes = ["…", "…"] each')
    return _read_phrases(file, "commands", _COMMANDS)


def _standby(file: LanguageFile, phrases: Mapping[str, Command]) -> Mapping[str, Command]:
    """Read what may be said between sessions; what means something in them too must not stand here."""
    found = _read_phrases(file, "standby", _IDLE, besides=_NUMBER)
    if both := sorted(phrases.keys() & found.keys()):
        file.fail(("standby", found[both[0]].value), f"{both[0]!r} stands for two commands")
    return found


def _read_phrases(file: LanguageFile, section: str, names: Collection[str], besides: str = "") -> dict[str, Command]:
    phrases: dict[str, Command] = {}
    for name in file.section(section, needed=False):
        if name == besides:
            continue
        if name not in names:
            file.fail((section, name), f"no such command: {name}{suggest(name, names)}")
        texts = file.texts(section, name)
        if not texts:
            file.fail((section, name), f"no phrase for {name}", allowed='at least one, ["like this"]')
        for text in texts:
            if (
                not re.fullmatch(r"[^\W\d_]+(?:'[^\W\d_]*)*(?: [^\W\d_]+(?:'[^\W\d_]*)*)*", text)
                or text != text.lower()
            ):
                file.fail((section, name), "this is no phrase", text, "words in small letters, one space between")
            if text in phrases:
                file.fail((section, name), f"{text!r} stands for two commands: {phrases[text]} and {name}")
            phrases[text] = Command(name)
    return phrases


def _yields(file: LanguageFile, phrases: Mapping[str, Command]) -> Mapping[str, frozenset[Command]]:
    """Check the phrases that yield. Raises ``LanguageError``, also where an urgent command could become unsayable."""
    table = file.section("yields", needed=False)
    for phrase in table:
        where, answers = ("yields", phrase), file.texts("yields", phrase)
        if phrase not in phrases:
            file.fail(where, f"[yields] names {phrase!r}, which is no phrase of a command")
        if unknown := sorted(set(answers) - _COMMANDS):
            file.fail(where, f"{phrase!r} yields to {unknown[0]!r}: there is no such command")
        if phrases[phrase].value in answers:
            file.fail(where, f"{phrase!r} yields to its own command")
    for command in sorted(URGENT):
        if all(table.get(phrase) for phrase, meant in phrases.items() if meant is command):
            file.fail(("yields",), f"{command.value!r} needs a phrase that yields to nothing")
    return {phrase: frozenset(map(Command, answers)) for phrase, answers in table.items()}


def _plurals(file: LanguageFile) -> Mapping[str, Plural]:
    if "plurals" not in file.table:
        return ONE
    found: dict[str, Plural] = {}
    for name, rule in file.section("plurals").items():
        where, allowed = ("plurals", name), "{ is = [1] }, or { ends = [2, 3, 4], but_not = [12, 13, 14] }"
        if name == OTHER or not isinstance(rule, dict) or not rule or rule.keys() - _PLURAL_KEYS:
            file.fail(where, "this is no rule for a form", None, f"{allowed}; other is for all the rest")
        if not all(isinstance(some, list) and all(type(n) is int and n >= 0 for n in some) for some in rule.values()):
            file.fail(where, "a rule is lists of whole numbers", None, allowed)
        exact, ends, but_not = (tuple(rule.get(key, ())) for key in ("is", "ends", "but_not"))
        found[name] = Plural(frozenset(exact), ends, but_not)
    return found


def _lint(file: LanguageFile) -> Mapping[str, tuple[str, ...]]:
    table = file.section("lint", needed=False)
    for key in table:
        if key not in LINT:
            file.fail(("lint", key), f"this key is not known here{suggest(key, LINT)}", allowed=listing(LINT))
        for phrase in file.texts("lint", key):
            if not re.search(r"\w", phrase):
                file.fail(("lint", key), "this would be found everywhere", phrase, "a phrase, with a letter at least")
    return {key: file.texts("lint", key) for key in table}


def _address(file: LanguageFile, phrases: Mapping[str, Command]) -> str:
    if "address" not in file.table:
        return "coach"
    address = file.text("address")
    if address in phrases:
        file.fail(("address",), f"this is a command ({phrases[address]})", address, "a word that is none")
    if not re.fullmatch(r"[^\W\d_]+", address) or address != address.lower():
        file.fail(("address",), "this is no single word", address, "a word in small letters")
    return address
