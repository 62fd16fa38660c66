"""Reading a TOML file that a person wrote, or that somebody sent them.

Rule: whatever stands at that path, the answer is its table or one ``Complaint``, after a bounded time and with bounded
memory. Shared by routines and configuration; knows nothing of either.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from voicecoach.complaints import Complaint
from voicecoach.toml_lines import Places, Spot, locate, places_in

LARGEST = 256 * 1024
"""Bytes: far more than anything that a person wrote, far less than what hurts a small machine."""

_MOST_PARTS = 16
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*"""
# No possessive quantifiers: the regular expressions of Python 3.11.2 (Debian 12) get them wrong.
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*(?:{_PART}\.[ \t]*){{{_MOST_PARTS},}}{_PART}[=\]]", re.MULTILINE)
"""A key of so many parts, ``a.a.a…``: tomllib keeps every beginning of it, which for 50,000 parts is 10 GB."""
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


def read_toml(path: Path, complaint: type[Complaint], hint: str = "") -> tuple[dict[str, Any], Places]:
    """Return what the file at ``path`` holds, and where everything in it stands.

    Raises ``complaint``; ``hint`` says what to do where there is no such file.
    """
    data = read_file(path, complaint, hint)
    try:
        # Windows' Notepad puts a byte order mark in front.
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise complaint(path, line, "is not text in UTF-8", allowed="save the file as UTF-8") from None
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.end()) + 1
        raise complaint(path, line, f"a key of more than {_MOST_PARTS} parts", allowed="a key is one word")
    try:
        return tomllib.loads(text), locate(text)
    except tomllib.TOMLDecodeError as error:
        problem, spot = _in_plain_words(str(error), text)
        excerpt = places_in(text, {}, {}).excerpt(spot.line)
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


def read_file(
    path: Path, complaint: type[Complaint], hint: str = "", kind: str = "this kind of file is a short text"
) -> bytes:
    """Return what an ordinary file of at most ``LARGEST`` bytes holds. Raises ``complaint``, as ``read_toml`` does."""
    try:
        # Not to wait for whoever writes into a pipe; a file is read all the same.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _AT_ONCE)) as file:
            found = os.fstat(file.fileno())
            # The null device is an empty file: that is what people name where they want none.
            if not stat.S_ISREG(found.st_mode) and not os.path.samestat(found, os.stat(os.devnull)):  # noqa: PTH116
                raise complaint(path, 1, "cannot be read: is no ordinary file", allowed="a pipe or a device is none")
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte in it
        reason = "is a folder" if isinstance(error, IsADirectoryError) else getattr(error, "strerror", None)
        raise complaint(path, 1, f"cannot be read: {(reason or str(error)).lower()}", allowed=hint) from None
    if len(data) > LARGEST:
        raise complaint(path, 1, f"is larger than {LARGEST // 1024} KB", allowed=kind)
    return data


_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
"""Windows has no such flag, and no pipes among its files."""
