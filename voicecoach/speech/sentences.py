"""Text on its way to an engine: cleaned, and cut into pieces that an engine renders reliably.

Rule: pure functions; the pieces joined with spaces say what the text says.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_PIECE = 500
"""Characters. espeak-ng takes time that grows with the square of the length; per sentence it stays at milliseconds."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_UNSPOKEN = frozenset({"Cc", "Cs"})
"""Unicode categories that no engine may see: controls (NUL ends a C string) and lone surrogates (no UTF-8)."""


def clean(text: str) -> str:
    """Return ``text`` without control characters and with single spaces."""
    visible = "".join(" " if unicodedata.category(char) in _UNSPOKEN else char for char in text)
    return " ".join(visible.split())


def letters(text: str) -> int:
    """Count the letters and digits: what certainly takes time to say."""
    return sum(char.isalnum() for char in text)


def sentences(text: str, longest: int = LONGEST_PIECE) -> list[str]:
    """Cut ``text`` at the ends of its sentences; a longer sentence at a comma, else at a space, else anywhere.

    Pieces without a letter or digit are left out: engines answer them with silence, or not at all.
    """
    pieces: list[str] = []
    for sentence in _SENTENCE_END.split(clean(text)):
        rest = sentence
        while len(rest) > longest:
            cut = _last_good_cut(rest, longest)
            pieces.append(rest[:cut].strip())
            rest = rest[cut:].strip()
        pieces.append(rest)
    return [piece for piece in pieces if letters(piece)]


def _last_good_cut(text: str, longest: int) -> int:
    for marks in (", ", "; ", ": "), (" ",):
        cut = max(text.rfind(mark, longest // 2, longest) + len(mark) - 1 for mark in marks)
        if cut > longest // 2:
            return cut
    return longest
