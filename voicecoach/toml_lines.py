"""Where each key of a TOML text stands, because ``tomllib`` does not tell and an error without a line is half an error.

Rule: only for text that ``tomllib`` has already accepted; this scanner relies on it being well formed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*(\.?)""")
_TOKEN = re.compile(
    # A string of several lines may end in up to five quotes: the last three close it.
    r'"""(?:[^\\]|\\.)*?""""{0,2}|'
    r"'''.*?''''{0,2}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|#[^\n]*|[\[\]{}]|\n",
    re.DOTALL,
)
_ITEM = re.compile(rf"{_TOKEN.pattern}|,|[^\s,]", re.DOTALL)


def locate(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every table, key and element of an array (counted from 0).

    What is deeper inside a value (an inline table, an array in an array) has no place of its own.
    """
    places: dict[KeyPath, int] = {(): 1}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position, line = 0, 1
    while position < len(text):
        end = _end_of_logical_line(text, position)
        body = text[position:end].lstrip()
        if body.startswith("[["):
            name = _resolve(_keys(body[2:])[0], counts)
            _put(places, name, line)
            counts[name] = counts.get(name, -1) + 1
            table = (*name, counts[name])
            places[table] = line
        elif body.startswith("["):
            table = _resolve(_keys(body[1:])[0], counts)
            _put(places, table, line)
            places[table] = line  # it may have been there before, as the parent of another
        elif body and not body.startswith("#"):
            keys, behind = _keys(body)
            path = (*table, *keys)
            _put(places, path, line, known=len(table))
            for number, start in enumerate(_elements(body[behind:].lstrip(" \t="))):
                places[(*path, number)] = line + start
        line += text.count("\n", position, end + 1)
        position = end + 1
    return places


def line_of(places: dict[KeyPath, int], path: KeyPath) -> int:
    """Return the line of ``path``, or of the nearest thing around it that has one."""
    while path not in places:
        path = path[:-1]
    return places[path]


def _end_of_logical_line(text: str, position: int) -> int:
    """Return where the first newline outside every bracket and string is, or the end of the text."""
    depth = 0
    for token in _TOKEN.finditer(text, position):
        mark = token[0]
        if mark == "\n" and depth == 0:
            return token.start()
        depth += (mark in "[{") - (mark in "]}")
    return len(text)


def _put(places: dict[KeyPath, int], path: KeyPath, line: int, known: int = 0) -> None:
    """Say that ``path`` stands on ``line``, and so does all it is part of that has not been seen before."""
    for length in range(known + 1, len(path) + 1):
        places.setdefault(path[:length], line)


def _elements(value: str) -> Iterator[int]:
    """Find the elements of an array, on whose line each begins (from 0); none where the value is no array."""
    if not value.startswith("["):
        return
    depth, line, expected = 0, 0, False
    for item in _ITEM.finditer(value):
        mark = item[0]
        if expected and mark not in {"\n", ",", "]"} and mark[0] != "#":
            yield line
            expected = False
        depth += (mark in "[{") - (mark in "]}")
        expected = depth == 1 and (expected or mark in "[,")
        line += mark.count("\n")


def _keys(text: str) -> tuple[tuple[str, ...], int]:
    """Read the key at the beginning of ``text``; return its parts, and where it ends."""
    keys: list[str] = []
    position = 0
    while match := _PART.match(text, position):
        name = match[1]
        # tomllib knows the escapes of a quoted key.
        keys.append(next(iter(tomllib.loads(f"{name} = 0"))) if name[0] in "\"'" else name)
        position = match.end()
        if not match[2]:
            break
    return tuple(keys), position


def _resolve(keys: tuple[str, ...], counts: dict[KeyPath, int]) -> KeyPath:
    """Put the running number of each array of tables behind its name: ``block.exercise`` is in the last block."""
    path: KeyPath = ()
    for index, key in enumerate(keys):
        path = (*path, key)
        if path in counts and index < len(keys) - 1:
            path = (*path, counts[path])
    return path
