"""Words in lines: which that the coach obeys, which that need eyes, which that speak of sides, figures.

Rule: whole words only, whatever their case. The words are the language's own, from its file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from voicecoach.core.events import Command
from voicecoach.core.hidden import is_hidden
from voicecoach.language import Language

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")
_COMMANDS = list(Command)
_ANSWERS = frozenset(_COMMANDS[_COMMANDS.index(Command.YES) :])
"""They count only where the coach has asked, and then no line of a routine is being said."""


class Match(NamedTuple):
    """Words that were found in a line."""

    words: str
    start: int
    end: int


def count(text: str) -> int:
    """Return how many words a line has."""
    return len(text.split())


def sentences(text: str) -> int:
    """Return how many sentences a line has: an end of one counts where another word follows."""
    return 1 + len(re.findall(r"[.!?…]+[\"'\u201d)]*\s+(?=[^\W\d_])", text.strip()))


def live_words(text: str, language: Language) -> list[Match]:
    """Return what of a line the ear would obey while an exercise is explained or done."""
    return _phrases(text, _live(language.phrases))


def needs_eyes(text: str, language: Language) -> list[Match]:
    """Return what of a line only somebody who looks can follow."""
    return list(_matches(text, language.lint.get("eyes", ())))


def sides(text: str, language: Language) -> Match | None:
    """Return what in a line speaks of changing sides."""
    return next(_matches(text, language.lint.get("sides", ())), None)


def figures(text: str, language: Language) -> Match | None:
    """Return the first figure of a line; digits are one in every language."""
    return next(_matches(text, (*language.lint.get("figures", ()), _DIGITS)), None)


_DIGITS = "0"
"""Stands for any digits."""


def _matches(text: str, phrases: tuple[str, ...]) -> Iterator[Match]:
    """Find phrases in which ``*`` stands for any letters; of two at one place the longer."""
    if phrases:
        plain = text.replace("\u2019", "'")
        yield from (Match(found[0].lower(), found.start(), found.end()) for found in _pattern(phrases).finditer(plain))


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    each = (
        r"\d+" if one == _DIGITS else r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in one.split())
        for one in sorted(phrases, key=len, reverse=True)
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


def _live(phrases: Mapping[str, Command]) -> tuple[str, ...]:
    return tuple(phrase for phrase, command in phrases.items() if command not in _ANSWERS)


@cache
def _split(phrase: str) -> tuple[str, ...]:
    return tuple(word.lower().replace("\u2019", "'") for word in _WORD.findall(phrase))


def _phrases(text: str, phrases: Iterable[str]) -> list[Match]:
    """Find phrases word by word; of those within one another the longest."""
    kept = [(number, mark) for number, mark in enumerate(text) if not is_hidden(mark)]
    plain = "".join(mark for _, mark in kept)
    words = [(found[0].lower().replace("\u2019", "'"), found.start(), found.end()) for found in _WORD.finditer(plain)]
    at: dict[str, list[int]] = {}
    for index, (word, _, _) in enumerate(words):
        at.setdefault(word, []).append(index)
    found: list[tuple[int, int]] = []
    for parts in map(_split, phrases):
        found += [
            (first, first + len(parts))
            for first in (at.get(parts[0], ()) if parts else ())
            if tuple(word for word, _, _ in words[first : first + len(parts)]) == parts
        ]
    outer = [one for one in found if not any(o != one and o[0] <= one[0] and one[1] <= o[1] for o in found)]
    return [
        Match(
            " ".join(word for word, _, _ in words[first:last]),
            kept[words[first][1]][0],
            kept[words[last - 1][2] - 1][0] + 1,
        )
        for first, last in sorted(set(outer))
    ]
