"""Warnings about single lines: what is said, how long it is, what stands in it.

Rule: only what is written in the file that is looked at; what comes from the library is looked at there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from voicecoach.core.hidden import is_hidden
from voicecoach.language import Language
from voicecoach.lint import words
from voicecoach.lint.finding import Finding, Severity
from voicecoach.lint.rules import LONGEST_CUE, LONGEST_EXIT, LONGEST_LINE, LONGEST_SHORT
from voicecoach.loading.source import Source
from voicecoach.toml_lines import KeyPath, Spot

OF_ROUTINE = ("title", "welcome", "farewell")
OF_EXERCISE = ("name", "say_as", "setup", "steps", "breathing", "avoid", "short", "cues", "exit", "limbs")
"""The keys whose text is spoken."""
_LINES = {"setup", "steps", "breathing", "avoid", "welcome", "farewell"}
_INSTRUCTIONS = {"setup", "steps", "breathing", "avoid", "short", "cues", "exit"}
_MOST = {"short": ("L08", LONGEST_SHORT), "cues": ("L09", LONGEST_CUE), "exit": ("L06", LONGEST_EXIT)}
_MOST |= dict.fromkeys(_LINES, ("L07", LONGEST_LINE))


_OTHER_WORDS = 'other words, such as "come out of it" for "stop"'


class Said(NamedTuple):
    """A line, where it is written."""

    key: str
    text: str
    path: KeyPath


def said_in(table: Mapping[str, Any], where: KeyPath, keys: tuple[str, ...]) -> Iterator[Said]:
    """Go through the lines of a table that are spoken."""
    for key in keys:
        value = table.get(key)
        entries = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, entry in entries:
            path = (*where, key) if number is None else (*where, key, number)
            if isinstance(entry, dict) and isinstance(entry.get("say"), str):
                yield Said(key, entry["say"], (*path, "say"))
            elif isinstance(entry, str):
                yield Said(key, entry, path)


def warn(source: Source, code: str, where: KeyPath, problem: str, value: object = None, allowed: str = "") -> Finding:
    """Make a warning about what stands at ``where``."""
    return Finding(source.complaint(where, problem, value, allowed), Severity.WARNING, code)


def about_line(source: Source, said: Said, language: Language) -> Iterator[Finding]:
    """Look at one line."""
    for match in words.live_words(said.text, language):
        problem = f'the coach obeys "{match.words}", and may hear itself say it'
        yield _within(source, "L01", said, match, problem, _OTHER_WORDS)
    for match in words.needs_eyes(said.text, language):
        yield _within(source, "L02", said, match, f'"{match.words}" needs eyes', "say what the body does")
    if said.key in _MOST:
        rule, most = _MOST[said.key]
        if (long := words.count(said.text)) > most:
            yield warn(source, rule, said.path, f"{long} words, and at most {most} are easy to follow", said.text)
        if (parts := words.sentences(said.text)) > 1:
            rule, allowed = ("L06", "one calm sentence") if said.key == "exit" else ("L16", "a line for each")
            yield warn(source, rule, said.path, f"{parts} sentences in one line", said.text, allowed)
    if said.key in _INSTRUCTIONS and (figure := words.figures(said.text, language)):
        problem = f'"{figure.words}" is a figure, and figures belong to the dose'
        yield _within(source, "L13", said, figure, problem)


def hidden_characters(source: Source) -> Iterator[Finding]:
    """Find what cannot be seen, wherever it stands in the file: also in notes and names."""
    seen: set[int] = set()
    for number, mark in enumerate(source.places.text):
        if mark > "\x7f" and is_hidden(mark):
            spot = source.places.spot_at(number)
            if spot.line not in seen:
                seen.add(spot.line)
                problem = f"there is a character here that cannot be seen (U+{ord(mark):04X})"
                yield _at(warn(source, "L15", (), problem), spot, source)


def _within(source: Source, code: str, said: Said, match: words.Match, problem: str, allowed: str = "") -> Finding:
    first, last = (source.places.inside(said.path, offset) for offset in (match.start, match.end - 1))
    width = last.column - first.column + 1 if first.line == last.line else 1
    return _at(warn(source, code, said.path, problem, said.text, allowed), first._replace(width=max(1, width)), source)


def _at(finding: Finding, spot: Spot, source: Source) -> Finding:
    finding.complaint.spot, finding.complaint.line = spot, spot.line
    finding.complaint.excerpt = source.places.excerpt(spot.line)
    return finding
