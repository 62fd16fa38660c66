"""From a routine file to a ``Routine``: finding it, reading it, and saying exactly what is wrong with it.

Rule: every refusal is a ``RoutineError`` with file, line, key, value and what is allowed. Nothing that a file holds
may raise anything else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from voicecoach.complaints import Complaint, explain, listing, suggest
from voicecoach.core.dose import DOSE_KEYS, MEASURES
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.toml_lines import KeyPath, line_of, locate

LARGEST = 256 * 1024
"""Bytes: far more than any routine that a person wrote, far less than what hurts a small machine."""

_ROUTINE_KEYS = (frozenset(Routine.model_fields) - {"slug", "blocks"}) | {"exercise", "block"}
_BLOCK_KEYS = (frozenset(Block.model_fields) - {"exercises"}) | {"exercise"}
_EXERCISE_KEYS = (frozenset(Exercise.model_fields) - {"slug", "dose"}) | DOSE_KEYS
_USE_KEYS = _EXERCISE_KEYS | {"use"}


_Kind = TypeVar("_Kind", Exercise, Block, Routine)


class RoutineError(Complaint):
    """What is wrong with a routine or exercise file."""


@dataclass(frozen=True, slots=True)
class Library:
    """Where routines and exercises are looked for; the first folder that has a name wins."""

    folders: tuple[Path, ...]

    def routines(self) -> dict[str, Path]:
        """Every routine by name."""
        return self._names("*.toml")

    def exercises(self) -> dict[str, Path]:
        """Every exercise of the library by name."""
        return self._names("exercises/*.toml")

    def find(self, name: str) -> Path:
        """Return the file of a routine given by name or path. Raises ``RoutineError``."""
        path = Path(name)
        if path.suffix == ".toml" or len(path.parts) > 1:
            return path
        known = self.routines()
        if name in known:
            return known[name]
        raise RoutineError(path, 1, f"there is no routine of this name{suggest(name, known)}", allowed=listing(known))

    def load(self, name: str) -> Routine:
        """Find and read a routine. Raises ``RoutineError``."""
        return load_routine(self.find(name), self)

    def _names(self, pattern: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self.folders:
            for path in sorted(folder.glob(pattern)):
                found.setdefault(path.stem, path)
        return found


def load_routine(path: Path, library: Library) -> Routine:
    """Read the routine file at ``path``; exercises named by ``use`` come from ``library``. Raises ``RoutineError``."""
    source = _Source.read(path)
    table = source.table
    source.refuse_unknown(table, (), _ROUTINE_KEYS)
    blocks: list[tuple[int, dict[str, Any], list[tuple[KeyPath, dict[str, Any]]]]] = []
    for where, entry in source.tables(table, (), "block"):
        source.refuse_unknown(entry, where, _BLOCK_KEYS)
        exercises = [_exercise(source, at, inner, library) for at, inner in source.tables(entry, where, "exercise")]
        if not exercises:
            source.fail(where, "a block needs at least one [[block.exercise]]")
        blocks.append((source.line(where), {k: v for k, v in entry.items() if k != "exercise"}, exercises))
    for where, entry in source.tables(table, (), "exercise"):
        blocks.append((source.line(where), {}, [_exercise(source, where, entry, library)]))
    if not blocks:
        source.fail((), "a routine needs at least one [[exercise]] or [[block]]")
    # TOML keeps [[exercise]] and [[block]] apart; a person reads the file from top to bottom, and so do we.
    blocks.sort(key=lambda block: block[0])
    loaded = [
        source.validate(
            Block,
            {**fields, "exercises": tuple(Exercise.model_validate(e) for _, e in exercises)},
            exercises[0][0][:-2],
        )
        for _, fields, exercises in blocks
    ]
    fields = {key: value for key, value in table.items() if key not in {"exercise", "block"}}
    return source.validate(Routine, {**fields, "slug": slugify(path.stem), "blocks": tuple(loaded)}, ())


def load_exercise(path: Path) -> Exercise:
    """Read one exercise of the library. Raises ``RoutineError``."""
    source = _Source.read(path)
    return Exercise.model_validate(_library_exercise(source, path))


def slugify(name: str) -> str:
    """Make a name fit for files and events: ``Bird dog!`` becomes ``bird-dog``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-") or "unnamed"


def _exercise(
    source: _Source, where: KeyPath, entry: dict[str, Any], library: Library
) -> tuple[KeyPath, dict[str, Any]]:
    """Merge an entry of a routine with the exercise of the library that it names, and check the whole."""
    source.refuse_unknown(entry, where, _USE_KEYS)
    own = {key: value for key, value in entry.items() if key != "use"}
    base: dict[str, Any] = {}
    slug = slugify(str(own.get("name", "")))
    if "use" in entry:
        slug = source.text(entry, where, "use")
        known = library.exercises()
        if slug not in known:
            source.fail(
                (*where, "use"), f"the library has no such exercise{suggest(slug, known)}", slug, listing(known)
            )
        base = _library_exercise(_Source.read(known[slug]), known[slug])
        base = {**base, **base.pop("dose")}
        if MEASURES & own.keys():
            # Another measure replaces the library's; "hold" alone keeps its repetitions, as a person would expect.
            keep = {"reps", "tempo"} if {"hold"} == MEASURES & own.keys() else set()
            keep |= {"hold", "tempo"} if "reps" in own else set()
            base = {key: value for key, value in base.items() if key not in MEASURES - keep}
        if isinstance(base.get("assumed"), list | tuple):
            # What the routine states itself is no longer assumed by the library.
            base["assumed"] = [key for key in base["assumed"] if key not in own and key in base]
    elif "name" not in entry:
        source.fail(where, 'an exercise needs use = "…" (from the library) or a name of its own')
    return where, source.check_exercise({**base, **own}, where, slug)


def _library_exercise(source: _Source, path: Path) -> dict[str, Any]:
    source.refuse_unknown(source.table, (), _EXERCISE_KEYS)
    return source.check_exercise(source.table, (), slugify(path.stem))


@dataclass(frozen=True, slots=True)
class _Source:
    """A file with what it holds and where."""

    path: Path
    table: dict[str, Any]
    places: dict[KeyPath, int]

    @classmethod
    def read(cls, path: Path) -> _Source:
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            reason = "is a folder" if isinstance(error, IsADirectoryError) else (error.strerror or str(error)).lower()
            raise RoutineError(
                path, 1, f"cannot be read: {reason}", allowed="`voicecoach list` shows what there is"
            ) from None
        if len(data) > LARGEST:
            raise RoutineError(path, 1, f"is larger than {LARGEST // 1024} KB", allowed="a routine is a short text")
        try:
            text = data.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise RoutineError(path, line, "is not text in UTF-8", allowed="save the file as UTF-8") from None
        try:
            return cls(path, tomllib.loads(text), locate(text))
        except tomllib.TOMLDecodeError as error:
            where = re.search(r"at line (\d+), column (\d+)", str(error))
            line = int(where[1]) if where else text.count("\n") + 1
            problem = re.sub(r"\s*\(at .*\)$", "", str(error))
            raise RoutineError(path, line, f"this is not TOML: {problem[0].lower()}{problem[1:]}") from None
        except (RecursionError, ValueError) as error:
            # Thousands of brackets, or a number of thousands of digits.
            raise RoutineError(path, 1, f"this cannot be a routine: {type(error).__name__}") from None

    def line(self, where: KeyPath) -> int:
        return line_of(self.places, where)

    def fail(self, where: KeyPath, problem: str, value: object = None, allowed: str = "") -> None:
        key = str(where[-1]) if where and isinstance(where[-1], str) else ""
        raise RoutineError(self.path, self.line(where), problem, key=key, value=value, allowed=allowed)

    def refuse_unknown(self, table: Mapping[str, Any], where: KeyPath, known: Iterable[str]) -> None:
        for key in table:
            if key not in known:
                self.fail((*where, key), f"this key is not known here{suggest(key, known)}", None, listing(known))

    def text(self, table: Mapping[str, Any], where: KeyPath, key: str) -> str:
        value = table[key]
        if not isinstance(value, str):
            self.fail((*where, key), "this must be text", value, 'words in quotes, "like this"')
        return str(value)

    def tables(self, table: Mapping[str, Any], where: KeyPath, key: str) -> list[tuple[KeyPath, dict[str, Any]]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            name = ".".join(str(part) for part in (*where, key) if isinstance(part, str))
            self.fail((*where, key), "this must be a list of tables", None, f"[[{name}]]")
        return [((*where, key, index), entry) for index, entry in enumerate(value)]

    def check_exercise(self, fields: dict[str, Any], where: KeyPath, slug: str) -> dict[str, Any]:
        dose = {key: value for key, value in fields.items() if key in DOSE_KEYS}
        rest = {key: value for key, value in fields.items() if key not in DOSE_KEYS}
        made = {"slug": slug, **rest, "dose": dose}
        self.validate(Exercise, made, where)
        return made

    def validate(self, kind: type[_Kind], fields: dict[str, Any], where: KeyPath) -> _Kind:
        try:
            return kind.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            # The dose is a table of its own in the core, but its keys stand beside the others in the file.
            inner: tuple[int | str, ...] = tuple(
                part for part in first["loc"] if part not in {"dose", "exercises", "blocks"}
            )
            problem, allowed = explain(dict(first))
            value = None if first["type"] == "missing" or isinstance(first["input"], dict | tuple) else first["input"]
            raise RoutineError(
                self.path,
                self.line((*where, *inner)),
                problem,
                key=".".join(str(part) for part in inner if isinstance(part, str)),
                value=value,
                allowed=allowed,
            ) from None
