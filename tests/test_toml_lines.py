"""Where keys stand in a TOML text: by examples, and for whatever a small generator writes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecoach.shipped import shipped
from voicecoach.toml_lines import KeyPath, line_of, locate

EXAMPLES: dict[str, tuple[str, dict[KeyPath, int]]] = {
    "keys": ("a = 1\n\n  b = 2  # c = 3\nc = 4", {("a",): 1, ("b",): 3, ("c",): 4}),
    "tables": (
        "[a]\nx = 1\n[a.b]\nx = 1\n[ c ]\nx=1",
        {("a", "x"): 2, ("a", "b"): 3, ("a", "b", "x"): 4, ("c",): 5, ("c", "x"): 6},
    ),
    "a parent that is named by its child alone": ("x = 1\n[a.b]\n", {("a",): 2, ("a", "b"): 2}),
    "a parent behind its child": ("[a.b]\nx = 1\n[a]\ny = 1\n", {("a",): 3, ("a", "b"): 1, ("a", "y"): 4}),
    "arrays of tables": (
        "[[a]]\nx = 1\n[[a]]\n\nx = 2\n[[b]]\nx = 3\n[[a]]\nx = 4\n",
        {("a",): 1, ("a", 0): 1, ("a", 0, "x"): 2, ("a", 1): 3, ("a", 1, "x"): 5, ("b", 0, "x"): 7, ("a", 2, "x"): 9},
    ),
    "arrays in arrays": (
        "[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[[a]]\n[[a.b]]\nx = 3\n[a.c]\nx = 4\n[a.b.d]\nx = 5\n",
        {
            ("a", 0, "b", 0, "x"): 3,
            ("a", 0, "b", 1, "x"): 5,
            ("a", 1): 6,
            ("a", 1, "b", 0): 7,
            ("a", 1, "b", 0, "x"): 8,
            ("a", 1, "c"): 9,
            ("a", 1, "c", "x"): 10,
            ("a", 1, "b", 0, "d", "x"): 12,
        },
    ),
    "dotted keys": (
        "a.b = 1\na . c.d = 2\n[t]\na.b = 3",
        {("a",): 1, ("a", "b"): 1, ("a", "c"): 2, ("a", "c", "d"): 2, ("t", "a", "b"): 4},
    ),
    "quoted keys": (
        '"a b" = 1\n\'c.d\' = 2\n"e#f" = 3\n"g\\"h" = 4\n"\\u00e9" = 5\n"" = 6\n["t]".\'[u\']\nx = 7\n',
        {
            ("a b",): 1,
            ("c.d",): 2,
            ("e#f",): 3,
            ('g"h',): 4,
            ("é",): 5,
            ("",): 6,
            ("t]", "[u"): 7,
            ("t]", "[u", "x"): 8,
        },
    ),
    "strings of several lines": (
        'a = """\nb = 1\n[c]\n"quoted" and \\"escaped\\" \\\n  """\nd = \'\'\'\n[[e]]\n\\\'\'\'\nf = 1\n',
        {("a",): 1, ("d",): 6, ("f",): 9},
    ),
    "strings that end in quotes": (
        "a = \"\"\"x\"\"\"\" # \" [\nb = '''y'''''\nc = 1\n",
        {("a",): 1, ("b",): 2, ("c",): 3},
    ),
    "strings with brackets": (
        'a = \'[\'\nb = "]\\"["\nc = \'\'\nd = ""\ne = 1',
        {("b",): 2, ("c",): 3, ("d",): 4, ("e",): 5},
    ),
    "notes": ("# a = [\na = 1 # it's [\"\n# '''\nb = [ # ] '\n1] # [\nc = 1\n", {("a",): 2, ("b",): 4, ("c",): 6}),
    "elements": (
        'a = [ # x ]\n  \'b[\', # y,\n  1, 2,\n\n  [3,\n   4], {x = 1, y = [5]}, """c,\nd""", 6\n]\nb = [\n]\nc = [[1],\n[2]]\n',
        {
            ("a",): 1,
            ("a", 0): 2,
            ("a", 1): 3,
            ("a", 2): 3,
            ("a", 3): 5,
            ("a", 4): 6,
            ("a", 5): 6,
            ("a", 6): 7,
            ("b",): 9,
            ("c", 1): 12,
        },
    ),
    "tables in a list": ("a = [\n{x = 1},\n\n{x = [\n2]}]\nb = 1", {("a", 0): 2, ("a", 1): 4, ("b",): 6}),
    "the lines of Windows": (
        "a = 1\r\n\r\n[[b]]\r\nc = [\r\n1,\r\n2]\r\nd = '''\r\n'''\r\ne = 1",
        {("a",): 1, ("b", 0): 3, ("b", 0, "c", 1): 6, ("b", 0, "e"): 9},
    ),
    "nothing": ("", {(): 1}),
    "a note alone": ("\n# a = 1", {(): 1}),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_places(name: str) -> None:
    text, expected = EXAMPLES[name]
    tomllib.loads(text.replace("\r\n", "\n"))
    places = locate(text)
    assert {path: places.line(path) for path in expected if path in places or not path} == expected


def test_what_has_no_place_is_on_the_line_of_what_it_is_in() -> None:
    places = locate("x = 1\n[[a]]\nb = {c = {d = 1}}\n")
    assert line_of(places, ("a", 0, "b", "c", "d")) == 3
    assert line_of(places, ("a", 0, "missing")) == 2
    assert line_of(places, ("a", 7, "b")) == 2
    assert line_of(places, ("missing", 3)) == 1
    assert line_of(locate(""), ("anything",)) == 1


@pytest.mark.parametrize("path", sorted(shipped("routines").rglob("*.toml")), ids=lambda path: path.stem)
def test_every_key_of_the_shipped_files_stands_where_it_is_said_to(path: Any) -> None:
    text = path.read_text("utf-8")
    places, lines = locate(text), text.splitlines()
    for key in walk(tomllib.loads(text)):
        if isinstance(key[-1], str) and key[:2] != ("lint", "ignore"):
            assert lines[places.line(key) - 1].startswith(
                (
                    f"{key[-1]} =",
                    f"[{key[-1]}]",
                    f"[{key[-1]}.",
                    f"[{'.'.join(map(str, key))}]",
                    f"[[{key[-1]}]]",
                    f"[[block.{key[-1]}]]",
                )
            ), key


# --- Whatever is written ----------------------------------------------------------------------------------------------

VALUES = (
    "1", "'x'", '"["', "[]", "{}", "1979-05-27 07:32:00", "{a = {b = [1, 2]}, 'c' = \"}\"}", "[ # note ]\n  1, '[',\n]",
    '"""\n[x]\ny = "1" # \'\n"""', "'''a\n[[b]]\n'''", '"""x"""""', "[\n[1,\n2], # [\n{a = 1}]", '"\\"#"', "''", "[[[\n]]]",
)  # fmt: skip
NOISE = ("", "\n", "# [note] x = 1\n", "   \n", "#'\n", '# """\n')


def written(name: str, style: int) -> str:
    """A key, bare or in one of the kinds of quotes."""
    escaped = "".join(f"\\u{ord(mark):04x}" for mark in name)
    return (name, f'"{name}"', f"'{name}'", f'"{escaped}"')[style]


@dataclass
class Writer:
    """Writes TOML and keeps where each thing was put."""

    data: st.DataObject
    text: str = ""
    places: dict[KeyPath, int] = field(default_factory=lambda: {(): 1})
    values: set[KeyPath] = field(default_factory=set)
    tables: list[KeyPath] = field(default_factory=list)
    lists: dict[KeyPath, int] = field(default_factory=dict)
    number: int = 0

    def draw(self, choices: int) -> int:
        return self.data.draw(st.integers(0, choices - 1))

    def name(self) -> str:
        self.number += 1
        return f"k{self.number}"

    def put(self, *paths: KeyPath) -> None:
        for path in paths:
            self.places[path] = self.text.count("\n") + 1

    def line(self, text: str) -> None:
        self.text += (
            " " * self.draw(3) + text + ("", " ", " # x = [")[self.draw(3)] + "\n" + NOISE[self.draw(len(NOISE))]
        )

    def header(self, path: KeyPath) -> str:
        return " . ".join(written(part, self.draw(4)) for part in path if isinstance(part, str))

    def write_key(self, table: KeyPath) -> None:
        names = [self.name() for _ in range(1 + self.draw(3))]
        self.put(*((*table, *names[:length]) for length in range(1, len(names) + 1)))
        self.values.add((*table, *names))
        dot = (".", " . ")[self.draw(2)]
        self.line(f"{dot.join(written(name, self.draw(4)) for name in names)} = {VALUES[self.draw(len(VALUES))]}")

    def write_table(self) -> None:
        parent = self.open_table()
        path = (*parent, self.name())
        if self.draw(3) == 0:
            self.put(path)
            path = (*path, self.name())
        self.put(path)
        self.line(f"[ {self.header(path)} ]")
        self.tables.append(path)
        self.write_keys(path)

    def write_element(self) -> None:
        name = (*self.open_table(), self.name())
        open_lists = [path for path in self.lists if self.is_open(path)]
        if open_lists and self.draw(2):
            name = open_lists[self.draw(len(open_lists))]
        else:
            self.put(name)
        self.lists[name] = self.lists.get(name, -1) + 1
        path = (*name, self.lists[name])
        self.put(path)
        self.line(f"[[{self.header(name)}]]")
        self.tables.append(path)
        self.write_keys(path)

    def write_keys(self, table: KeyPath) -> None:
        for _ in range(self.draw(4)):
            self.write_key(table)

    def open_table(self) -> KeyPath:
        """A table below which another may be written now: not one in an element that another has followed."""
        able = [(), *(path for path in self.tables if self.is_open(path))]
        return able[self.draw(len(able))]

    def is_open(self, path: KeyPath) -> bool:
        return all(self.lists.get(path[:at]) == part for at, part in enumerate(path) if isinstance(part, int))


def walk(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every path below a value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key)
        yield from walk(inner, (*path, key))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_written_is_found_where_it_was_put(data: st.DataObject) -> None:
    writer = Writer(data)
    writer.text = NOISE[writer.draw(len(NOISE))]
    writer.write_keys(())
    for _ in range(writer.draw(8)):
        (writer.write_table, writer.write_element)[writer.draw(2)]()
    found = locate(writer.text)
    for path in walk(tomllib.loads(writer.text)):
        assert path in found, (path, writer.text)
        if path in writer.places:
            assert path in found
            assert found.line(path) == writer.places[path], (path, writer.text)
        else:
            inside = [path[:length] for length in range(1, len(path)) if path[:length] in writer.values]
            assert inside, (path, writer.text)
            assert line_of(found, path) >= writer.places[inside[0]]
    windows = locate(writer.text.replace("\n", "\r\n"))
    assert all(windows.line(path) == found.line(path) for path in walk(tomllib.loads(writer.text)))
