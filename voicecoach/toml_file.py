"""Reading a TOML file that a person wrote, or that somebody sent them.

Rule: whatever stands at that path, the answer is its table or one ``Complaint``, after a bounded time and with bounded
memory. Shared by routines and configuration; knows nothing of either.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from voicecoach.complaints import Complaint
from voicecoach.guarded import read_guarded_text
from voicecoach.toml_lines import Places, Spot, locate, places_in

LARGEST = 256 * 1024
"""Bytes: far more than anything that a person wrote, far less than what hurts a small machine."""

_MOST_PARTS = 16
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*"""
# No possessive quantifiers: the regular expressions of Python 3.11.2 (Debian 12) get them wrong.
_ENDLESS = 1000
"""Parts of what is no key, since nothing ends it, and no sentence of a person's, which may well have seventeen dots."""
_DOTTED = rf"(?:{_PART}\.[ \t]*)"
_LONG_KEY = re.compile(
    rf"(?:^|[\[{{,])[ \t]*(?:{_DOTTED}{{{_ENDLESS}}}|{_DOTTED}{{{_MOST_PARTS},}}{_PART}[=\]])", re.MULTILINE
)
"""A key of so many parts, ``a.a.a…``: tomllib keeps every beginning of it, which for 50,000 parts is 10 GB. One that
never ends takes it just as long."""
_LONG_NUMBER = re.compile(r"[0-9_]{4301,}")
"""More digits than Python reads (``sys.get_int_max_str_digits``)."""
_MANY_BRACKETS = re.compile(r"(?:[\[{][^\[\]{}\n]*){50,}")

_CURLY = re.compile("[\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb\u2033]")
_CURLY_END = re.compile(rf"{_CURLY.pattern}[\s\]}},]*$")
"""Quotes that a word processor, or a telephone, makes of straight ones."""
_IN_PLAIN_WORDS = {
    "Cannot overwrite a value": "this key stands here for the second time",
    "Invalid value": "a value is text in quotes, a number, true, false, or a list in brackets",
    "Illegal character '\\n'": "a quote is open at the end of the line",
    "Invalid statement": "a line is key = value, [table], [[table]], or a # note",
}
"""What ``tomllib`` says of the commonest slips, for somebody who has never heard of a statement."""


def read_toml(
    path: Path, complaint: type[Complaint], hint: str = "", *, private: bool = False
) -> tuple[dict[str, Any], Places]:
    """Return what the file at ``path`` holds, and where everything in it stands.

    Raises ``complaint``; ``hint`` says what to do where there is no such file. Of a ``private`` one, which may hold a
    secret, no line is shown: which of them holds it, nobody knows as long as it is no TOML.
    """
    text = read_guarded_text(path, LARGEST, complaint, hint=hint, short="this kind of file is a short text")
    text = text.replace("\r\n", "\n")
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.end()) + 1
        raise complaint(path, line, f"a key of more than {_MOST_PARTS} parts", allowed="a key is one word")
    try:
        return tomllib.loads(text), locate(text)
    except tomllib.TOMLDecodeError as error:
        problem, spot = _in_plain_words(str(error), text)
        excerpt = "" if private else places_in(text, {}, {}).excerpt(spot.line)
        raise complaint(path, spot.line, f"this is not TOML: {problem}", spot=spot, excerpt=excerpt) from None
    except RecursionError:
        line = _line_of_match(_MANY_BRACKETS, text)
        raise complaint(path, line, "this has hundreds of brackets in one another") from None
    except ValueError:  # the limit of Python, which protects from numbers that take minutes to read
        line = _line_of_match(_LONG_NUMBER, text)
        raise complaint(path, line, "this has a number of thousands of digits") from None


def _in_plain_words(message: str, text: str) -> tuple[str, Spot]:
    """Say what ``tomllib`` has against a text, and where."""
    where = re.search(r"at line (\d+), column (\d+)", message)
    lines = text.removesuffix("\n").split("\n")
    spot = Spot(int(where[1]), int(where[2])) if where else Spot(len(lines), len(lines[-1]) + 1)
    problem = re.sub(r"\s*\(at .*\)$", "", message)
    line = lines[min(spot.line, len(lines)) - 1]
    # A quote that is open at the end of its line may have been closed by such a one.
    left_open = problem == "Illegal character '\\n'" or where is None
    if curly := _CURLY_END.search(line) if left_open else _CURLY.match(line, spot.column - 1):
        return f'{curly[0][0]} is no quote here: they must be straight, "like this"', Spot(spot.line, curly.start() + 1)
    return _IN_PLAIN_WORDS.get(problem, f"{problem[:1].lower()}{problem[1:]}"), spot


def _line_of_match(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1
