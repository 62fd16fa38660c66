"""The text of a new routine file: what was asked for, and as notes what else may stand there.

Rule: whatever is a note here is right when the ``#`` before it is taken away (a test does so).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voicecoach.toml_write import quoted, toml_value

SCHEMA_FILE = "routine.schema.json"
"""The schema beside the routine, named by its first line for editors."""

_SHOWN = ("sets", "reps", "time", "hold", "rest")
"""Keys of a dose that an author changes most."""

_WIDE = 100
"""Characters of a line that is still read at a glance."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An exercise of the library, with what its file says."""

    slug: str
    name: str
    position: str
    written: Mapping[str, Any]
    """The keys of its file."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the author has said about the new routine."""

    title: str
    exercises: Sequence[Chosen]
    rounds: int = 1
    ready: bool = True
    """Whether it waits for "ready" before it begins."""
    author: str = ""
    prescriber: str = ""


def draft(wishes: Wishes, file: str, *, schema: bool = True) -> str:
    """Return the text of the file that is to be called ``file``; with ``schema`` its first line is for editors."""
    lines = [f"#:schema ./{SCHEMA_FILE}"] if schema else []
    lines += _head(file)
    lines += _whole(wishes)
    inner = "block.exercise" if wishes.rounds > 1 else "exercise"
    if wishes.rounds > 1:
        lines += ["", "# What is done, one after the other, in rounds.", "[[block]]"]
        lines += [f"repeat = {wishes.rounds}", '# rest = "1 min"   # between two rounds']
    for chosen in wishes.exercises:
        lines += ["", f"[[{inner}]]", *_exercise(chosen)]
    lines += ["", *_own()]
    return "\n".join(lines) + "\n"


def _head(file: str) -> list[str]:
    file = _note(shlex.quote(file))
    return [
        '# A routine for voicecoach. What stands behind a "#" is a note for people: the coach never reads it.',
        "# Take the # away from a key = value below, and it counts. Every key: docs/routines.md",
        f"#   voicecoach check {file}    says what is wrong with it, if anything",
        f"#   voicecoach show {file}     says what it is made of, and how long it takes",
        f"#   voicecoach preview {file}  speaks it, fast and without the waits",
        f"#   voicecoach run {file}      plays it",
        "",
    ]


def _whole(wishes: Wishes) -> Iterator[str]:
    yield f"title = {quoted(wishes.title)}"
    yield '# summary = "One line for the list of routines."'
    for key, words in (("author", wishes.author), ("prescriber", wishes.prescriber)):
        if words:
            yield f"{key} = {quoted(words)}"
    if wishes.ready:
        yield 'opening = "ready"   # it waits until the person says so; leave it out, and it begins by itself'
    else:
        yield '# opening = "ready"   # it would wait until the person says so'
    yield '# welcome = ["Said before the first exercise; short."]'
    yield '# farewell = ["Said after the last."]'
    yield '# contraindications = ["Who should leave it alone, and when."]'
    yield "# How it may grow from session to session:"
    yield '# progress = ["after 3 sessions with pain <= 1: reps +1"]'


def _exercise(chosen: Chosen) -> Iterator[str]:
    yield f"use = {quoted(chosen.slug)}   # {_note(f'{chosen.name}, {chosen.position}')}"
    figures = {key: chosen.written[key] for key in _SHOWN if key in chosen.written}
    yield "# So the library has it; a figure of your own takes its place:" if figures else "# A figure of your own:"
    for key, value in figures.items():
        yield f"# {key} = {toml_value(value)}"
    if "sets" not in figures:
        yield "# sets = 2"
    if "rest" not in figures:
        yield '# rest = "30 s"'


def _own() -> list[str]:
    return [
        "# An exercise of your own, which the library does not have:",
        "# [[exercise]]",
        '# name = "Wall push"',
        '# position = "standing"',
        '# setup = ["Stand an arm\'s length from a wall, palms flat against it."]',
        '# steps = ["Bend your elbows until your nose is near the wall, then push away."]',
        '# short = "Palms flat, body straight."',
        '# exit = "Step toward the wall and stand upright."   # the safe way out: needed',
        '# reps = "8-12"',
    ]


def _note(words: str) -> str:
    return "".join(mark if mark.isprintable() else " " for mark in words)[:_WIDE]
