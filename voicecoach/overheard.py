"""Of what was said and was no command, only this much goes on: the words that belong to commands, and a mark.

Rule: what people in the room talk about is nobody's business. Whoever listens (a recogniser, an ear of another package,
the keyboard), everything else has become ``[unk]`` before the session, the journal, a file or a socket sees it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

UNKNOWN = "[unk]"
LONGEST = 100
"""Characters of what was obeyed: a phrase, or "start" and the name of a routine."""
MOST = 12
"""Words and marks; the longest phrase of a command has five words."""


def vocabulary(phrases: Iterable[str]) -> frozenset[str]:
    """Return the words that may be kept."""
    return frozenset(word for phrase in phrases for word in phrase.split())


def only_commands(words: str, known: frozenset[str]) -> str:
    """Return ``words`` with one mark in the place of all that stands between the words that are known."""
    kept = (word if word in known else UNKNOWN for word in words[:1000].split())
    marked = [word for word, run in groupby(kept) for word in ((word,) if word == UNKNOWN else run)]
    return " ".join(marked[:MOST])


def shown_whole(words: str) -> str:
    """Return what was obeyed as it may be shown and kept: printable, and of a bounded length."""
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in words[:LONGEST])
