"""Where each key of a TOML text stands, because ``tomllib`` does not tell and an error without a line is half an error.

Rule: only for text that ``tomllib`` has already accepted; this scanner relies on it being well formed.
"""

from __future__ import annotations

import re
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*(\.?)""")
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|' r"'''.*?'''|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'|#[^\n]*|[\[\]{}]|\n", re.DOTALL
)


def locate(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every table and key; elements of arrays of tables are counted from 0."""
    places: dict[KeyPath, int] = {(): 1}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position = 0
    while position < len(text):
        end, depth = position, 0
        # A logical line ends at the first newline outside every bracket and string.
        for token in _TOKEN.finditer(text, position):
            mark = token[0]
            if mark == "\n" and depth == 0:
                end = token.start()
                break
            depth += (mark in "[{") - (mark in "]}")
        else:
            end = len(text)
        logical = text[position:end]
        body = logical.lstrip()
        line = text.count("\n", 0, position + len(logical) - len(body)) + 1
        if body.startswith("[["):
            name = _resolve(_keys(body[2:]), counts)
            counts[name] = counts.get(name, -1) + 1
            table = (*name, counts[name])
            places[table] = line
        elif body.startswith("["):
            table = _resolve(_keys(body[1:]), counts, last=True)
            places[table] = line
        elif body and not body.startswith("#"):
            keys = _keys(body)
            for depth_of_key in range(1, len(keys) + 1):
                places.setdefault((*table, *keys[:depth_of_key]), line)
        position = end + 1
    return places


def line_of(places: dict[KeyPath, int], path: KeyPath) -> int:
    """Return the line of ``path``, or of the nearest thing around it that has one."""
    while path not in places:
        path = path[:-1]
    return places[path]


def _keys(text: str) -> tuple[str, ...]:
    keys: list[str] = []
    position = 0
    while match := _PART.match(text, position):
        name = match[1]
        keys.append(name[1:-1] if name[0] in "\"'" else name)
        position = match.end()
        if not match[2]:
            break
    return tuple(keys)


def _resolve(keys: tuple[str, ...], counts: dict[KeyPath, int], *, last: bool = False) -> KeyPath:
    """Put the running number of each array of tables behind its name: ``block.exercise`` is in the last block."""
    path: KeyPath = ()
    for index, key in enumerate(keys):
        path = (*path, key)
        if path in counts and (last or index < len(keys) - 1):
            path = (*path, counts[path])
    return path
