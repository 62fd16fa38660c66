"""Words in lines: which that the coach obeys, which that need eyes, which that speak of sides, figures.

Rule: whole words only, whatever their case; characters that nobody sees are not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from voicecoach.core.events import Command
from voicecoach.core.hidden import is_hidden
from voicecoach.language import Language

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")
_COMMANDS = list(Command)
_ANSWERS = frozenset(_COMMANDS[_COMMANDS.index(Command.YES) :])
"""They count only where the coach has asked, and then no line of a routine is being said."""

_EYES: Mapping[str, tuple[str, ...]] = {
    "en": (
        "look", "see", "watch", "shown", "picture", "pictured", "image", "photo", "video", "like this", "like so",
        "as above", "as below", "on the screen", "notice",
    ),
    "de": (
        "schau", "schauen", "sieh", "siehe", "wie gezeigt", "bild", "abbildung", "foto", "video", "so wie hier",
        "wie oben", "auf dem bildschirm",
    ),
    "es": (
        "mira", "mire", "fíjate", "como se muestra", "imagen", "foto", "vídeo", "como aquí", "como arriba",
        "en la pantalla",
    ),
    "fr": (
        "regarde", "regardez", "voyez", "comme illustré", "comme ceci", "comme ça", "image", "photo", "vidéo",
        "ci-dessus", "à l'écran",
    ),
}  # fmt: skip
_LIMB_EN = "side|arm|leg|hand|foot|knee|heel|elbow|shoulder|hip"
_SIDES: Mapping[str, str] = {
    "en": rf"\b(?:each side|per side|both sides in turn|(?:the )?other (?:{_LIMB_EN})|opposite side|alternat\w+|"
    rf"(?:switch|change|swap) (?:sides?|arms?|legs?|hands?|feet)|then (?:the|your) (?:left|right)|repeat on the \w+)\b",
    "de": r"\b(?:jede seite|pro seite|je seite|andere(?:s|n|r)? (?:seite|arm|bein|hand|fuß|knie)|abwechselnd|"
    r"seiten? wechseln|dann (?:links|rechts))\b",
    "es": r"\b(?:cada lado|por lado|el otro (?:lado|brazo|pie)|la otra (?:pierna|mano|rodilla)|alterna\w*|"
    r"cambia\w* de lado)\b",
    "fr": r"\b(?:chaque côté|par côté|l'autre (?:côté|bras|jambe|main|pied|genou)|en alternant|alterne\w*|"
    r"change\w* de côté)\b",
}
_FIGURES: Mapping[str, str] = {
    "en": r"\b(?:\d+|seconds?|minutes?|times|sets of|reps|repetitions)\b",
    "de": r"\b(?:\d+|sekunden?|minuten?|\w+mal|wiederholungen)\b",
    "es": r"\b(?:\d+|segundos?|minutos?|veces|repeticiones)\b",
    "fr": r"\b(?:\d+|secondes?|minutes?|fois|répétitions)\b",
}


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


def needs_eyes(text: str, code: str) -> list[Match]:
    """Return what of a line only somebody who looks can follow."""
    return _phrases(text, _EYES.get(code, ()))


def sides(text: str, code: str) -> Match | None:
    """Return what in a line speaks of changing sides."""
    return _matched(_SIDES.get(code), text)


def figures(text: str, code: str) -> Match | None:
    """Return the first figure of a line."""
    return _matched(_FIGURES.get(code), text)


def _matched(pattern: str | None, text: str) -> Match | None:
    found = re.search(pattern, text, re.IGNORECASE) if pattern else None
    return Match(found[0], found.start(), found.end()) if found else None


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
