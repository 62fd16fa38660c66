"""Reading a TOML file that a person wrote, or that somebody sent them.

Rule: whatever the file holds, the answer is its table or one ``Complaint``, after a bounded time and with bounded
memory. Shared by routines and configuration; knows nothing of either.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from voicecoach.complaints import Complaint
from voicecoach.toml_lines import KeyPath, locate

LARGEST = 256 * 1024
"""Bytes: far more than anything that a person wrote, far less than what hurts a small machine."""

_MOST_PARTS = 16
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*"""
# No possessive quantifiers: the regular expressions of Python 3.11.2 (Debian 12) get them wrong.
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*(?:{_PART}\.[ \t]*){{{_MOST_PARTS},}}{_PART}[=\]]", re.MULTILINE)
"""A key of so many parts, ``a.a.a…``: tomllib keeps every beginning of it, which for 50,000 parts is 10 GB."""

_IN_PLAIN_WORDS = {
    "Cannot overwrite a value": "this key stands here for the second time",
    "Invalid value": "a value is text in quotes, a number, true, false, or a list in brackets",
    "Illegal character '\\n'": "a quote is open at the end of the line",
    "Invalid statement": "a line is key = value, [table], [[table]], or a # note",
}
"""What ``tomllib`` says of the commonest slips, for somebody who has never heard of a statement."""


def read_toml(path: Path, complaint: type[Complaint], hint: str = "") -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """Return what the file at ``path`` holds, and on which line each key stands.

    Raises ``complaint``; ``hint`` says what to do where there is no such file.
    """
    data = _read(path, complaint, hint)
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
        where = re.search(r"at line (\d+), column (\d+)", str(error))
        line = int(where[1]) if where else max(1, len(text.splitlines()))
        problem = re.sub(r"\s*\(at .*\)$", "", str(error))
        problem = _IN_PLAIN_WORDS.get(problem, f"{problem[:1].lower()}{problem[1:]}")
        raise complaint(path, line, f"this is not TOML: {problem}") from None
    except RecursionError:
        raise complaint(path, 1, "this has hundreds of brackets in one another") from None
    except ValueError:  # the limit of Python, which protects from numbers that take minutes to read
        raise complaint(path, 1, "this has a number of thousands of digits") from None


def _read(path: Path, complaint: type[Complaint], hint: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte in it
        reason = "is a folder" if isinstance(error, IsADirectoryError) else getattr(error, "strerror", None)
        raise complaint(path, 1, f"cannot be read: {(reason or str(error)).lower()}", allowed=hint) from None
    if len(data) > LARGEST:
        raise complaint(path, 1, f"is larger than {LARGEST // 1024} KB", allowed="this kind of file is a short text")
    return data
