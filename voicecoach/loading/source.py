"""One file that a person wrote: what it holds, where each thing stands, and how to say what is wrong with it.

Rule: every refusal is a ``RoutineError`` with file, line, key, value and what is allowed. Nothing that a file holds
may raise anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from voicecoach.complaints import Complaint, explain, listing, suggest
from voicecoach.core.dose import DOSE_KEYS
from voicecoach.core.routine import Exercise
from voicecoach.core.writing import WritingError
from voicecoach.toml_file import read_toml
from voicecoach.toml_lines import KeyPath, line_of

_Kind = TypeVar("_Kind", bound=BaseModel)


_WITHIN = frozenset({"dose", "by_set", "exercises", "blocks"})
"""Parts of the core's nouns that have no name in a file."""


class RoutineError(Complaint):
    """What is wrong with a routine or exercise file."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file with what it holds and where."""

    path: Path
    table: dict[str, Any]
    places: dict[KeyPath, int]

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a file. Raises ``RoutineError``."""
        return cls(path, *read_toml(path, RoutineError, "`voicecoach list` shows what there is"))

    def line(self, where: KeyPath) -> int:
        """Return the line of what stands at ``where``, or of the nearest thing round it."""
        return line_of(self.places, where)

    def fail(self, where: KeyPath, problem: str, value: object = None, allowed: str = "") -> NoReturn:
        """Say what is wrong with what stands at ``where``."""
        # Of a place in a list the key is the list's, where one of its values is told.
        named = where if value is None else [part for part in where if isinstance(part, str)]
        key = str(named[-1]) if named and isinstance(named[-1], str) else ""
        raise RoutineError(self.path, self.line(where), problem, key=key, value=value, allowed=allowed)

    def fail_at(self, where: KeyPath, error: WritingError, value: str) -> NoReturn:
        """Say what is wrong with a text, and show at which character."""
        problem, _, allowed = str(error).partition("allowed: ")
        start = max(0, error.offset - 24)
        shown = ("\u2026" if start else "") + value[start : error.offset] + "\u25b8" + value[error.offset : start + 48]
        problem = f"{problem.rstrip('; ') or 'this does not fit'}, at character {error.offset + 1}: {shown}"
        self.fail(where, problem, value, allowed)

    def refuse_unknown(self, table: Mapping[str, Any], where: KeyPath, known: Iterable[str]) -> None:
        """Refuse keys that nobody knows: a misspelt one would silently change a dose."""
        for key in table:
            if key not in known:
                self.fail((*where, key), f"this key is not known here{suggest(key, known)}", None, listing(known))

    def text(self, table: Mapping[str, Any], where: KeyPath, key: str) -> str:
        """Return a value that must be text."""
        value = table[key]
        if not isinstance(value, str):
            self.fail((*where, key), "this must be text", value, 'words in quotes, "like this"')
        return str(value)

    def whole(self, rules: Mapping[str, Any], key: str, least: int, most: int) -> int:
        """Return a figure of the table [pain]."""
        value = rules[key]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fail(("pain", key), "this does not fit", value, f"a whole number from {least} to {most}")
        return value

    def day(self, table: Mapping[str, Any], key: str) -> str:
        """Return a day as 2027-01-31, which may be written as TOML's date or as text."""
        value = table[key]
        text = value.isoformat() if isinstance(value, date) else value
        try:
            # Python reads other forms too, which do not compare as text.
            right = date.fromisoformat(text).isoformat() == text
        except (TypeError, ValueError):
            right = False
        if not right:
            self.fail((key,), "this is no day of the calendar", value, "year, month and day, such as 2027-01-31")
        return str(text)

    def tables(self, table: Mapping[str, Any], where: KeyPath, key: str) -> list[tuple[KeyPath, dict[str, Any]]]:
        """Return a list of tables (``[[key]]``), each with its place."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            name = ".".join(str(part) for part in (*where, key) if isinstance(part, str))
            shown = None if isinstance(value, dict | list) else value
            self.fail((*where, key), "this must be a list of tables", shown, f"[[{name}]], in double brackets")
        return [((*where, key, index), entry) for index, entry in enumerate(value)]

    def check_exercise(self, fields: Mapping[str, Any], where: KeyPath, slug: str) -> Exercise:
        """Return the exercise that ``fields`` make, the keys of the dose beside the others."""
        dose = {key: value for key, value in fields.items() if key in DOSE_KEYS}
        rest = {key: value for key, value in fields.items() if key not in DOSE_KEYS}
        return self.validate(Exercise, {"slug": slug, **rest, "dose": dose}, where)

    def check_progress(self, exercise: Exercise, where: KeyPath) -> None:
        """Refuse a rule that could never make this exercise grow."""
        for index, rule in enumerate(exercise.progress):
            if problem := rule.misfit(exercise.dose):
                self.fail((*where, "progress", index), problem, str(rule))

    def validate(self, kind: type[_Kind], fields: dict[str, Any], where: KeyPath) -> _Kind:
        """Return the noun that ``fields`` make, or say plainly what is wrong with the first that does not fit."""
        try:
            return kind.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            problem, allowed = explain(dict(first))
            # The dose is a table of its own in the core, but its keys stand beside the others in the file. Behind the
            # key comes the place in a list, or which of two kinds of value was tried.
            key = next((part for part in first["loc"] if isinstance(part, str) and part not in _WITHIN), "")
            element: list[int] = [part for part in first["loc"] if isinstance(part, int)]
            value = None if first["type"] == "missing" or isinstance(first["input"], dict | tuple) else first["input"]
            if key == "timed_cues":
                timed = [number for number, cue in enumerate(fields["cues"]) if isinstance(cue, dict)]
                key, element = "cues", [timed[element[0]]] if element else []
            # A finding about the dose, or the exercise, as a whole begins with the key that it is about.
            # A finding about the dose as a whole begins with the key that it is about.
            subject = problem.partition(" ")[0]
            if not key and subject in fields.get("dose", {}):
                key, value = subject, fields["dose"][subject]
            elif not key and subject in fields:
                key, value = subject, fields[subject] if isinstance(fields[subject], str | int) else None
            if key == "assumed" and first["type"] == "bool_type":
                problem, allowed = "this value does not fit", 'true, false, or keys of the dose: ["reps", "rest"]'
            path = (*where, key, *element) if key else where
            if not key and first["loc"] == ("dose",) and (*where, "dose") in self.places:
                path = (*where, "dose")
            if key in DOSE_KEYS and (*where, key) not in self.places and (*where, "dose") in self.places:
                path, value = (*where, "dose"), None  # it was written in shorthand
            line = self.line(path)
            raise RoutineError(self.path, line, problem, key=key, value=value, allowed=allowed) from None


def slugify(name: str) -> str:
    """Make a name fit for files and events: ``Bird dog!`` becomes ``bird-dog``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-") or "unnamed"
