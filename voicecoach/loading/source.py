"""One file that a person wrote: what it holds, where each thing stands, and how to say what is wrong with it.

Rule: every refusal is a ``RoutineError`` with file, line, key, value and what is allowed. Nothing that a file holds
may raise anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from voicecoach.complaints import Complaint, explain, listing
from voicecoach.core.dose import DOSE_KEYS
from voicecoach.core.routine import Exercise, TimedCue
from voicecoach.core.shorthand import Shorthand, read_dose
from voicecoach.core.writing import WritingError
from voicecoach.loading.other_words import meant
from voicecoach.toml_file import read_toml
from voicecoach.toml_lines import KeyPath, Places, Spot

_Kind = TypeVar("_Kind", bound=BaseModel)
_Read = TypeVar("_Read")


_WITHIN = frozenset({"dose", "by_set", "exercises", "blocks"})
"""Parts of the core's nouns that have no name in a file."""


class RoutineError(Complaint):
    """What is wrong with a routine or exercise file."""


MOST_COMPLAINTS = 50
"""Of one file: behind so many it is not read on."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file with what it holds and where."""

    path: Path
    table: dict[str, Any]
    places: Places
    found: list[RoutineError] = field(default_factory=list)
    """What was refused so far, in this file and in those that it leads to."""

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a file. Raises ``RoutineError``."""
        return cls(path, *read_toml(path, RoutineError, "`voicecoach list` shows what there is"))

    def line(self, where: KeyPath) -> int:
        """Return the line of what stands at ``where``, or of the nearest thing round it."""
        return self.places.line(where)

    def complaint(
        self, where: KeyPath, problem: str, value: object = None, allowed: str = "", *, offset: int | None = None
    ) -> RoutineError:
        """Make a complaint about what stands at ``where``, or about character ``offset`` (from 0) of that text."""
        # Of a place in a list the key is the list's, where one of its values is told.
        named = where if value is None else [part for part in where if isinstance(part, str)]
        key = str(named[-1]) if named and isinstance(named[-1], str) else ""
        return self._complaint(where, problem, key, value, allowed, offset)

    def fail(self, where: KeyPath, problem: str, value: object = None, allowed: str = "") -> NoReturn:
        """Say what is wrong with what stands at ``where``."""
        raise self.complaint(where, problem, value, allowed)

    def attempt(self, read: Callable[..., _Read], *arguments: Any) -> _Read | None:
        """Return what ``read`` returns; None where it refuses: that is kept, and said by ``settle``."""
        try:
            return read(*arguments)
        except RoutineError as error:
            self.found.extend(one for one in error.all if isinstance(one, RoutineError))
            if len(self.found) >= MOST_COMPLAINTS:
                self.settle()
            return None

    def settle(self) -> None:
        """Raise what was kept, as one error: the first in the file, with the others, each once."""
        if not self.found:
            return
        once = {str(error): error for error in self.found}.values()
        ours = sorted((error for error in once if error.file == self.path), key=_order)
        first, *others = [*ours, *(error for error in once if error.file != self.path)]
        for error in others:
            error.others = ()
        first.others = tuple(others[: MOST_COMPLAINTS - 1])
        raise first

    def fail_at(self, where: KeyPath, error: WritingError, value: str) -> NoReturn:
        """Say what is wrong with a text, and at which character."""
        problem, _, allowed = str(error).partition("allowed: ")
        problem = problem.rstrip("; ") or "this does not fit"
        raise self.complaint(where, problem, value, allowed, offset=error.offset)

    def refuse_unknown(
        self, table: Mapping[str, Any], where: KeyPath, known: Collection[str], homes: Mapping[str, str] | None = None
    ) -> None:
        """Refuse keys that nobody knows: a misspelt one would silently change a dose.

        ``homes`` say of keys where else in the file they belong.
        """
        unknown = [key for key in table if key not in known][:MOST_COMPLAINTS]
        self.refuse([self._unknown((*where, key), key, known, homes or {}) for key in unknown])

    def _unknown(self, at: KeyPath, key: str, known: Collection[str], homes: Mapping[str, str]) -> RoutineError:
        if key in homes:
            return self.complaint(at, f"this belongs {homes[key]}")
        return self.complaint(at, f"this key is not known here{meant(key, known)}", None, listing(known))

    def known_of(
        self, table: Mapping[str, Any], where: KeyPath, known: Collection[str], homes: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return what is known of a table; what is not is refused, and said by ``settle``."""
        self.attempt(self.refuse_unknown, table, where, known, homes)
        return {key: value for key, value in table.items() if key in known}

    @staticmethod
    def refuse(errors: Sequence[RoutineError]) -> None:
        """Raise the first of some errors, which has the others with it."""
        if errors:
            errors[0].others = tuple(errors[1:])
            raise errors[0]

    def _complaint(
        self, where: KeyPath, problem: str, key: str, value: object, allowed: str, offset: int | None = None
    ) -> RoutineError:
        spot: Spot | None
        if offset is not None:
            spot = self.places.inside(where, offset)
        else:
            spot = self.places.key(where) if value is None else self.places.value(where)
        excerpt = self.places.excerpt(spot.line)
        # About the file as a whole there is nothing to point at.
        about = next((where[:n] for n in range(len(where), 0, -1) if where[:n] in self.places), ())
        return RoutineError(
            self.path, spot.line, problem, key=key, value=value, allowed=allowed, spot=spot if about else None,
            excerpt=excerpt,
        )  # fmt: skip

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

    def check_exercise(self, fields: Mapping[str, Any], where: KeyPath, slug: str, *, whole: bool = True) -> Exercise:
        """Return the exercise that ``fields`` make, the keys of the dose beside the others."""
        dose = {key: value for key, value in fields.items() if key in DOSE_KEYS}
        rest = {key: value for key, value in fields.items() if key not in DOSE_KEYS}
        return self.validate(Exercise, {"slug": slug, **rest, "dose": dose}, where, whole=whole)

    def check_progress(self, exercise: Exercise, where: KeyPath) -> None:
        """Refuse a rule that could never make this exercise grow."""
        for index, rule in enumerate(exercise.progress):
            if problem := rule.misfit(exercise.dose):
                self.fail((*where, "progress", index), problem, str(rule))

    def validate(self, kind: type[_Kind], fields: dict[str, Any], where: KeyPath, *, whole: bool = True) -> _Kind:
        """Return the noun that ``fields`` make, or say plainly what is wrong with all that does not fit.

        A ``ValueError`` of a validator may have an ``offset``: the character, from 0, of the text that it is about.
        Where ``fields`` are not the ``whole`` table (a key of it was refused), nothing is said of what is missing.
        """
        try:
            return kind.model_validate(fields)
        except ValidationError as error:
            findings = error.errors(include_url=False)[:MOST_COMPLAINTS]
        told: list[KeyPath] = []
        errors: list[RoutineError] = []
        for finding in findings:
            path = self._place_of(finding["loc"], where, fields)
            missing = finding["type"] == "missing"
            lack: KeyPath = (*path, str(finding["loc"][-1])) if missing else path  # beside what is misspelt for it
            # A value that may be of two kinds is refused twice, and a list once more where one of its values is.
            if not any(_overlap(lack, other) and where not in {path, other} for other in told):
                told.append(lack)
                errors.append(self._in_words(dict(finding), path, where, fields))
        kept = [error for error in errors if whole or error.value is not None]
        self.refuse(kept or self.found[-1:] or errors)  # what was refused before is said once
        raise AssertionError("pydantic refuses nothing without a finding")

    def _place_of(self, found_at: tuple[int | str, ...], where: KeyPath, fields: Mapping[str, Any]) -> KeyPath:
        """Return where the key stands that a finding of pydantic's is about."""
        # The dose is a table of its own in the core, but its keys stand beside the others in the file. Behind the key
        # comes the place in a list, or which of two kinds of value was tried.
        parts, dose = [part for part in found_at if part not in _WITHIN], _dose_of(fields)
        if found_at[:1] == ("dose",) and not dose:
            parts = list(found_at)
        elif found_at[:1] == ("timed_cues",):
            timed = [number for number, cue in enumerate(fields["cues"]) if isinstance(cue, dict)]
            parts = ["cues", *(timed[part] if isinstance(part, int) else part for part in parts[1:])]
        elif "dose" in found_at:
            # Of a list with a value for each set: the set comes before the key, and is none in what holds for all.
            number, key = (parts[0], parts[1:2]) if parts and isinstance(parts[0], int) else (0, parts[:1])
            parts = [*key, number] if key and isinstance(dose.get(str(key[0])), list | tuple) else key
        path = where
        for part in parts:
            if (*path, part) in self.places or (path == where and isinstance(part, str)):
                path = (*path, part)
        if not parts and "dose" in found_at and (*where, "dose") in self.places:
            path = (*where, "dose")
        return path

    def _in_words(
        self, finding: dict[str, Any], path: KeyPath, where: KeyPath, fields: Mapping[str, Any]
    ) -> RoutineError:
        problem, allowed = explain(finding)
        key = next((str(part) for part in path[len(where) :][::-1] if isinstance(part, str)), "")
        given = finding["input"]
        value = None if finding["type"] == "missing" or isinstance(given, dict | tuple) else given
        # A finding about the dose, the exercise or the block as a whole begins with the key that it is about.
        subject, dose = problem.partition(" ")[0], _dose_of(fields)
        if path in {where, (*where, "dose")} and subject in dose:
            key, value, path = subject, dose[subject], (*where, subject)
        elif path == where and subject in fields:
            key, path = subject, (*where, subject)
            value = fields[subject] if isinstance(fields[subject], str | int) else None
        elif dose and path == (*where, "dose"):
            key = ""
        elif finding["type"] == "missing":
            key = str(finding["loc"][-1])
        if key == "assumed" and finding["type"] == "bool_type":
            problem, allowed = "this value does not fit", 'true, false, or keys of the dose: ["reps", "rest"]'
        if finding["type"] == "extra_forbidden" and "cues" in path:
            cue = TimedCue.model_fields
            problem, allowed = f"{problem}{meant(key, cue)}", listing(cue)
        offset = getattr(finding.get("ctx", {}).get("error"), "offset", None)
        about_dose = key in DOSE_KEYS and (*where, key) not in self.places
        about_dose = offset is None and (about_dose or path == (*where, "dose"))
        if about_dose and (short := self._shorthand(where)) is not None:
            path, value, offset = (*where, "dose"), short[0], short[1].offsets.get(key)
            problem, key = problem if not key or key in problem.split() else f"{key}: {problem}", "dose"
        return self._complaint(path, problem, key, value, allowed, offset)

    def _shorthand(self, where: KeyPath) -> tuple[str, Shorthand] | None:
        """Return the ``dose`` of the table at ``where`` and what it says; None where it is not in (right) shorthand."""
        table: Any = self.table
        for part in where:
            table = table[part]
        with suppress(WritingError):
            return (text, read_dose(text)) if isinstance(text := table.get("dose"), str) else None
        return None


def _overlap(one: KeyPath, other: KeyPath) -> bool:
    """Tell whether one of two places is within the other."""
    return one[: len(other)] == other[: len(one)]


def _dose_of(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the keys of the dose among the fields of an exercise; of other nouns there are none."""
    dose = fields.get("dose")
    return dose if isinstance(dose, dict) else {}


def _order(error: RoutineError) -> tuple[bool, Spot]:
    """Put what a table as a whole lacks behind what is wrong with a key; else they go as they stand in the file."""
    whole = error.spot is None or error.excerpt.lstrip().startswith("[")
    return whole, error.spot or Spot(error.line or 0, 0)


def slugify(name: str) -> str:
    """Make a name fit for files and events: ``Bird dog!`` becomes ``bird-dog``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-") or "unnamed"
