"""Whether a language says everything that the coach may have to say, and nothing that would stop the coach.

Rule: English is the measure: what its file says, every language must say, with the same places for values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Any

from voicecoach.complaints import shorten, suggest
from voicecoach.core.events import IDLE, NUMBERS, URGENT, Command
from voicecoach.language.noun import OTHER, Language
from voicecoach.language.reading import LanguageFile
from voicecoach.toml_lines import KeyPath, Places

TAUGHT = {"pain_help": Command.EMERGENCY}
"""The one sentence that teaches an urgent word: the ear masks it while the coach says it."""


def check_complete(
    table: Mapping[str, Any], language: Language, english: Mapping[str, Any], path: Path, places: Places
) -> None:
    """Raise ``LanguageError`` for the first thing that ``language`` lacks or must not say."""
    file = LanguageFile(path, table, places)
    if len(language.numbers) < len(NUMBERS):
        file.fail(("numbers", "words"), f"{len(language.numbers)} numbers: zero to ten are needed, in their order")
    for command, number in NUMBERS.items():
        if language.numbers[number] not in (said := language.phrases_of(command)):
            file.fail(
                ("numbers", "words"),
                f"the word for {number} must be one of {command}'s",
                language.numbers[number],
                ", ".join(said),
            )
    _check_standby(file, language)
    for section in ("sentences", "calibration"):
        own, measure = file.section(section), english[section]
        for key, model in measure.items():
            if key not in own:
                file.fail((section, key), f"this sentence is missing; in English: {shorten(_plainest(model))}")
        for key, pattern in own.items():
            where = (section, key)
            if key not in measure:
                file.fail(where, f"the coach has no such sentence{suggest(key, measure)}")
            _check_sentence(file, where, pattern, measure[key], language)
            _check_harmless(file, where, pattern, language)
    for section in ("handout", "imported"):
        _check_phrases(file, section, english.get(section, {}), language)


def _check_phrases(file: LanguageFile, section: str, measure: Mapping[str, Any], language: Language) -> None:
    """Check phrases that a language may lack. What is only read stops nobody, whatever words are in it."""
    for key, pattern in file.section(section, needed=False).items():
        where = (section, key)
        if key not in measure:
            file.fail(where, f"there is no such phrase{suggest(key, measure)}")
        _check_sentence(file, where, pattern, measure[key], language)
        if section == "imported":
            _check_harmless(file, where, pattern, language)


def _check_standby(file: LanguageFile, language: Language) -> None:
    if missing := sorted(IDLE - set(language.standby.values())):
        allowed = 'a line such as later = ["…", "…"] each'
        file.fail(("standby",), f"no phrase for {', '.join(missing)}", allowed=allowed)
    file.text("standby", "number")


def _check_sentence(file: LanguageFile, where: KeyPath, pattern: Any, model: Any, language: Language) -> None:
    """Check one sentence and its forms against the English one."""
    needed = _places(file, where, _plainest(model))
    if isinstance(pattern, str):
        _check_places(file, where, pattern, needed, needed)
        return
    if not isinstance(pattern, dict) or not all(isinstance(text, str) for text in pattern.values()):
        file.fail(where, "this must be text, or a table of forms", None, '{ by = "seconds", one = "…", other = "…" }')
    if (by := pattern.get("by")) not in needed:
        allowed = ", ".join(sorted(needed)) or "none here: a plain sentence"
        file.fail(where, '"by" must name the number that chooses the form', by, allowed)
    forms = {*language.plurals, OTHER}
    for name in sorted(forms - pattern.keys()):
        file.fail(where, f"the form {name!r} is missing", allowed=f"by, {', '.join(sorted(forms))}")
    for name, text in pattern.items():
        if name == "by":
            continue
        if name not in forms:
            file.fail(where, f"there is no form {name!r}{suggest(name, forms)}", allowed=", ".join(sorted(forms)))
        _check_places(file, where, text, needed, needed if name == OTHER else needed - {by})


def _check_places(file: LanguageFile, where: KeyPath, text: str, known: set[str], needed: set[str]) -> None:
    found = _places(file, where, text)
    if not text.strip():
        file.fail(where, "a sentence needs words", text)
    if strange := sorted(found - known):
        allowed = ", ".join(f"{{{name}}}" for name in sorted(known)) or "none here"
        file.fail(where, f"there is nothing to put into {{{strange[0]}}}", text, allowed)
    if lost := sorted(needed - found):
        file.fail(where, f"{{{lost[0]}}} is missing in it", text)


def _places(file: LanguageFile, where: KeyPath, text: str) -> set[str]:
    """Return the names in braces."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        file.fail(where, f"the braces are not right: {error}", text, "{seconds}, as the English sentence has it")
    if any(spec or conversion for _, _, spec, conversion in parts):
        file.fail(where, "in braces stands a name and nothing else", text, "{seconds}")
    return {name for _, name, _, _ in parts if name is not None}


def _check_harmless(file: LanguageFile, where: KeyPath, pattern: Any, language: Language) -> None:
    """Refuse a sentence with a word in it that would stop the coach while it says it."""
    for text, command in product(_forms(pattern), sorted(URGENT)):
        if TAUGHT.get(str(where[-1])) is command:
            continue
        for phrase in language.phrases_of(command):
            if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text.lower()):
                file.fail(where, f"the coach would say {phrase!r}, and hear {command.value!r}", text)


def _forms(pattern: Any) -> list[str]:
    return [pattern] if isinstance(pattern, str) else [text for name, text in pattern.items() if name != "by"]


def _plainest(model: Any) -> str:
    return model if isinstance(model, str) else str(model[OTHER])
