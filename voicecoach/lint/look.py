"""Everything that there is to warn of in one file, without what its author has silenced.

Rule: a warning is silenced where it is, in the exercise or in the file, and a silence that does nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from voicecoach.complaints import suggest
from voicecoach.language import Language, LanguageError, load_language
from voicecoach.lint.finding import Finding
from voicecoach.lint.lines import OF_EXERCISE, OF_ROUTINE, about_line, hidden_characters, said_in, warn
from voicecoach.lint.rules import RULES
from voicecoach.lint.whole import about_exercise, about_review, about_session
from voicecoach.loading.exercises import Placed
from voicecoach.loading.routines import Reading
from voicecoach.loading.silence import silenced
from voicecoach.loading.source import Source
from voicecoach.toml_lines import KeyPath

MOST_WARNINGS = 200
"""Of one file."""


def look_at_routine(
    reading: Reading,
    language: Language,
    seconds: float,
    today: date | None = None,
    besides: Iterable[Finding] = (),
) -> list[Finding]:
    """Return the warnings about a routine that lasts ``seconds``, as they stand in the file.

    ``today`` is the day on which rules for pain must still hold; None: nothing is said of it. ``besides`` is what was
    found otherwise, and may be silenced here too.
    """
    source, table = reading.source, reading.source.table
    found: list[Finding] = [*hidden_characters(source), *about_session(reading, seconds), *besides]
    if today is not None:
        found += about_review(source, reading.routine, today)
    for said in said_in(table, (), OF_ROUTINE):
        found += about_line(source, said, language)
    for one in reading.placed:
        rounds = _rounds(table, one.where)
        found += _without(_about(one, language, rounds), source, one.own, one.where)
    return _sorted([*_without(found, source, table, ()), *_in_other_languages(source)])


def look_at_exercise(one: Placed, language: Language, besides: Iterable[Finding] = ()) -> list[Finding]:
    """Return the warnings about a file of the library; ``besides`` as of a routine."""
    found = [*hidden_characters(one.source), *_about(one, language, 1), *besides]
    return _sorted([*_without(found, one.source, one.own, ()), *_in_other_languages(one.source)])


def look_at_translation(source: Source, where: KeyPath, language: Language) -> list[Finding]:
    """Return the warnings about the texts of one language: a file beside its original, or ``[text.de]`` in it."""
    table: Any = source.table
    for part in where:
        table = table[part]
    found = [] if where else list(hidden_characters(source))
    tables = [((), table), *((("exercise", slug), one) for slug, one in table.get("exercise", {}).items())]
    for path, texts in tables:
        for said in said_in(texts, (*where, *path), OF_ROUTINE + OF_EXERCISE):
            found += about_line(source, said, language)
    return _sorted(_without(found, source, table, where))


def _in_other_languages(source: Source) -> Iterator[Finding]:
    """Look at the texts of every other language in a file, as far as those languages are known here."""
    for code in source.table.get("text", {}):
        with suppress(LanguageError):
            yield from look_at_translation(source, ("text", code), load_language(code))


def _about(one: Placed, language: Language, rounds: int) -> Iterator[Finding]:
    for said in said_in(one.own, one.where, OF_EXERCISE):
        yield from about_line(one.source, said, language)
    yield from about_exercise(one, language, rounds)


def _rounds(table: Mapping[str, Any], where: KeyPath) -> int:
    repeat = table["block"][where[1]].get("repeat", 1) if where[0] == "block" else 1
    return repeat if isinstance(repeat, int) else 1


def _without(found: Iterable[Finding], source: Source, table: Mapping[str, Any], where: KeyPath) -> Iterator[Finding]:
    """Leave out what ``table`` silences; tell where that is nothing."""
    ignored = silenced(source, table, where)
    used: set[str | None] = set()
    for finding in found:
        used.add(finding.code)
        if finding.code not in ignored:
            yield finding
    for code in ignored:
        if code not in RULES:
            problem = f"there is no warning {code}{suggest(code, RULES)}"
        elif code not in used:
            problem = f"there is nothing here that {code} would warn of: {RULES[code].about}"
        else:
            continue
        if "L00" not in ignored:
            yield warn(source, "L00", (*where, "lint", "ignore", code), problem, None, "take it out")


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (finding.complaint.line or 0, finding.complaint.spot or ()))[
        :MOST_WARNINGS
    ]
