"""Where each key and value of a TOML text stands: ``tomllib`` tells none, and an error without a place is half one.

Rule: only for text that ``tomllib`` has already accepted; this scanner relies on it being well formed. It never calls
itself, and keeps no place that is deeper than ``DEEPEST``: brackets in brackets cost neither stack nor memory.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
_Span: TypeAlias = tuple[int, int]

DEEPEST = 40
"""Parts of a path: more than any file of ours has. What is deeper stands where that stands which it is part of."""

_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*(\.?)""")
_SCALAR = re.compile(
    # A string of several lines may end in up to five quotes: the last three close it.
    r'"""(?:[^\\]|\\.)*?""""{0,2}|'
    r"'''.*?''''{0,2}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|[^,\[\]{}#\n\"']+",
    re.DOTALL,
)
_GAP = re.compile(r"(?:[\s,]+|#[^\n]*)*")
_TO_VALUE = re.compile(r"[\s=]*")
_MARK = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|.", re.DOTALL)


class Spot(NamedTuple):
    """A stretch of one line. Lines and columns count from 1; a column is a character, whatever its width."""

    line: int
    column: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything in a text stands. A path counts the elements of arrays from 0."""

    text: str
    keys: dict[KeyPath, _Span]
    """Of each key its name, of each table and element of ``[[…]]`` its header: from which character to which."""
    values: dict[KeyPath, _Span]
    _starts: list[int]
    """Of each line its first character."""

    def __contains__(self, path: KeyPath) -> bool:
        """Tell whether ``path`` has a place of its own."""
        return path in self.keys or path in self.values

    def line(self, path: KeyPath) -> int:
        """Return the line of ``path``, or of the nearest thing around it that has one."""
        return self.key(path).line

    def key(self, path: KeyPath) -> Spot:
        """Return where ``path`` begins: its name, header, or (an element) value; or what it is part of."""
        while path and path not in self:
            path = path[:-1]
        return self._spot(self.keys.get(path) or self.values.get(path) or (0, 0))

    def value(self, path: KeyPath) -> Spot:
        """Return where the value of ``path`` stands; where that has none, where its name does."""
        return self._spot(self.values[path]) if path in self.values else self.key(path)

    def inside(self, path: KeyPath, offset: int) -> Spot:
        """Return where character ``offset`` (from 0) of the text at ``path`` stands; its beginning if it has lines."""
        start, end = self.values.get(path, (0, 0))
        raw = self.text[start:end]
        if raw[:1] not in {'"', "'"} or "\n" in raw:
            return self.value(path)
        quotes = 3 if raw[:3] in {'"""', "'''"} else 1
        first, last = start + quotes, end - quotes
        if raw[0] == "'":  # it knows no escapes: a backslash is a character
            place = min(first + offset, last)
        else:
            starts = [mark.start() for mark in _MARK.finditer(self.text, first, last)]
            place = starts[offset] if 0 <= offset < len(starts) else last
        return self._spot((place, place + 1))

    def excerpt(self, line: int) -> str:
        """Return a line, without its end."""
        start = self._starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")

    def spot_at(self, position: int) -> Spot:
        """Return the line and column of a character."""
        return self._spot((position, position + 1))

    def _spot(self, span: _Span) -> Spot:
        line = bisect_right(self._starts, span[0])
        end_of_line = self.text.find("\n", span[0], span[1])
        end = span[1] if end_of_line < 0 else end_of_line
        return Spot(line, span[0] - self._starts[line - 1] + 1, max(1, end - span[0]))


def places_in(text: str, keys: dict[KeyPath, _Span], values: dict[KeyPath, _Span]) -> Places:
    """Return the places, with the lines counted."""
    return Places(text, keys, values, [0, *(match.end() for match in re.finditer("\n", text))])


def locate(text: str) -> Places:
    """Find every table, key and value, whatever it stands in."""
    scanner = _Scanner(text)
    scanner.scan()
    return places_in(text, scanner.keys, scanner.values)


def all_on(line: int) -> Places:
    """Return places for what has but one: a line of a program."""
    return places_in("\n" * (line - 1), {(): (line - 1, line - 1)}, {})


def line_of(places: Places, path: KeyPath) -> int:
    """Return the line of ``path``, or of the nearest thing around it that has one."""
    return places.line(path)


class _Name(NamedTuple):
    """One part of a key."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Bracket:
    """An array or inline table that is not closed yet."""

    is_array: bool
    path: KeyPath
    start: int
    count: int = 0


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self.keys: dict[KeyPath, _Span] = {}
        self.values: dict[KeyPath, _Span] = {}
        self._counts: dict[KeyPath, int] = {}

    def scan(self) -> None:
        """Walk through the text, a header or a key with its value at a time."""
        table: KeyPath = ()
        position = self._gap(0)
        while position < len(self._text):
            if self._text[position] == "[":
                table, position = self._header(position)
            else:
                path, position = self._key(table, position)
                position = self._value(path, position)
            position = self._gap(position)

    def _header(self, position: int) -> tuple[KeyPath, int]:
        brackets = 2 if self._text.startswith("[[", position) else 1
        names, end = self._names(position + brackets)
        end = self._text.index("]", end) + brackets
        path = self._resolve([name.text for name in names])
        for length in range(1, len(path) + 1):
            self.keys.setdefault(path[:length], (position, end))
        if brackets == 2:
            self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, self._counts[path])
        self.keys[path] = (position, end)  # it may have been there before, as the parent of another
        return path, end

    def _key(self, table: KeyPath, position: int) -> tuple[KeyPath, int]:
        """Note the key at ``position``; return its path, and where its value begins."""
        names, end = self._names(position)
        path = table
        for name in names:
            if len(path) < DEEPEST:
                path = (*path, name.text)
                self.keys.setdefault(path, (name.start, name.end))
        gap = _TO_VALUE.match(self._text, end)
        return path, gap.end() if gap else end

    def _value(self, path: KeyPath, position: int) -> int:
        """Note the value at ``position`` and what it holds; return where it ends."""
        open_: list[_Bracket] = []
        while True:
            if self._text[position] in "[{":
                open_.append(_Bracket(self._text[position] == "[", path, position))
                position += 1
            else:
                match = _SCALAR.match(self._text, position)
                end = match.end() if match else position + 1
                text = self._text[position:end]
                self.values.setdefault(path, (position, position + len(text.rstrip())))
                position = end
            while open_ and self._text[position := self._gap(position)] in "]}":
                position += 1
                closed = open_.pop()
                self.values.setdefault(closed.path, (closed.start, position))
            if not open_:
                return position
            within = open_[-1]
            if within.is_array:
                path = (*within.path, within.count) if len(within.path) < DEEPEST else within.path
                within.count += 1
            else:
                path, position = self._key(within.path, position)

    def _gap(self, position: int) -> int:
        match = _GAP.match(self._text, position)
        return match.end() if match else position

    def _names(self, position: int) -> tuple[list[_Name], int]:
        """Read the key at ``position``; return its parts, and where it ends."""
        names: list[_Name] = []
        while match := _PART.match(self._text, position):
            raw = match[1]
            # tomllib knows the escapes of a quoted key.
            text = next(iter(tomllib.loads(f"{raw} = 0"))) if raw[0] in "\"'" else raw
            names.append(_Name(text, match.start(1), match.end(1)))
            position = match.end()
            if not match[2]:
                break
        return names, position

    def _resolve(self, keys: list[str]) -> KeyPath:
        """Put the running number of each array of tables behind its name: ``block.exercise`` is in the last block."""
        path: KeyPath = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if path in self._counts and index < len(keys) - 1:
                path = (*path, self._counts[path])
        return path
