"""Words of other programs made fit for ours: plain, on one line, in sentences short enough to be said.

Rule: what could harm a terminal, a file or a listener is refused, never quietly repaired; only blanks are.
"""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

from voicecoach.core.hidden import unfit
from voicecoach.core.routine import LONGEST_TEXT

_BLANK = re.compile(r"[\s\ufeff\u200b]+")
_END = re.compile(r"(?<=[.!?])\s+|(?<=[a-z)][.!?])(?=[A-Z])|(?<=[\u3002])")


def plain(text: str) -> str:
    """Return a text on one line, without blanks at its ends.

    Raises ``ValueError`` where it holds escape or control characters, halves of characters, or marks that turn the
    direction of writing or hide.
    """
    text = unicodedata.normalize("NFC", _BLANK.sub(" ", text).strip())
    if mark := unfit(text):
        raise ValueError(f"this holds the character U+{ord(mark):04X}, which is no part of a plain text")
    return text


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, none longer than a line may be; longer ones are cut between words.

    Raises ``ValueError`` as ``plain`` does, and where one word alone is too long.
    """
    found: list[str] = []
    for part in _END.split(plain(text)):
        rest = part.strip()
        while len(rest) > LONGEST_TEXT:
            end = rest.rfind(" ", 0, LONGEST_TEXT)
            if end < 1:
                raise ValueError(f"this holds a word of more than {LONGEST_TEXT} characters")
            found.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        if any(mark.isalnum() for mark in rest):
            found.append(rest)
    return found


def first_line(text: str, longest: int = 120) -> str:
    """Return a text as a name or title: one line, cut between words where it is longer than ``longest``."""
    text = plain(text)
    if len(text) <= longest:
        return text
    return text[: max(text.rfind(" ", 0, longest), 1) if " " in text[:longest] else longest].rstrip()


class _Words(HTMLParser):
    """The words of a page, a line for each paragraph or item."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - html.parser's
        self._hidden += tag in {"script", "style"}
        self.parts.append("\n" if tag in {"p", "li", "br", "div", "ul", "ol", "h1", "h2", "h3"} else "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"} and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


_LONGEST_PAGE = 20_000
"""Characters of HTML: forty times the longest description that anybody would have read to them."""


def from_html(text: str) -> list[str]:
    """Return the paragraphs of a piece of HTML, as text; scripts and styles are left out.

    Raises ``ValueError`` where it is longer than a description can be.
    """
    if len(text) > _LONGEST_PAGE:
        raise ValueError(f"this has more than {_LONGEST_PAGE} characters")
    reader = _Words()
    reader.feed(text)
    reader.close()
    return [line.strip() for line in "".join(reader.parts).split("\n") if line.strip()]
