"""From a routine file to a ``Routine``: finding it, reading it, and saying exactly what is wrong with it.

Rule: every refusal is a ``RoutineError`` with file, line, key, value and what is allowed. Nothing that a file holds
may raise anything else.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from voicecoach.complaints import Complaint, explain, listing, suggest
from voicecoach.core.dose import DOSE_KEYS, MEASURES
from voicecoach.core.routine import Block, Exercise, PainRules, Routine
from voicecoach.shipped import shipped
from voicecoach.toml_file import read_toml
from voicecoach.toml_lines import KeyPath, line_of

_ROUTINE_KEYS = (frozenset(Routine.model_fields) - {"slug", "blocks", "variants", "pain"}) | {"exercise", "block"}
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
        if path.suffix == ".toml" or name != path.name:
            return path
        known = self.routines()
        if name in known:
            return known[name]
        raise RoutineError(
            name, None, f"there is no routine of this name{suggest(name, known)}", allowed=listing(known)
        )

    def load(self, name: str) -> Routine:
        """Find and read a routine. Raises ``RoutineError``."""
        return load_routine(self.find(name), self)

    def _names(self, pattern: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self.folders:
            with suppress(OSError, ValueError):  # a folder that may not be read, or can be none, holds nothing for us
                for path in sorted(folder.glob(pattern)):
                    found.setdefault(path.stem, path)
        return found


def load_routine(path: Path, library: Library) -> Routine:
    """Read the routine file at ``path``; exercises named by ``use`` come from ``library``. Raises ``RoutineError``."""
    source = _Source.read(path)
    table, shelf = source.table, _Shelf(library)
    source.refuse_unknown(table, (), _ROUTINE_KEYS)
    blocks: list[tuple[int, dict[str, Any], list[tuple[KeyPath, dict[str, Any]]]]] = []
    for where, entry in source.tables(table, (), "block"):
        source.refuse_unknown(entry, where, _BLOCK_KEYS)
        exercises = [_exercise(source, at, inner, shelf) for at, inner in source.tables(entry, where, "exercise")]
        if not exercises:
            source.fail(where, "a block needs at least one [[block.exercise]]")
        blocks.append((source.line(where), {k: v for k, v in entry.items() if k != "exercise"}, exercises))
    for where, entry in source.tables(table, (), "exercise"):
        blocks.append((source.line(where), {}, [_exercise(source, where, entry, shelf)]))
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
    fields["pain"] = strict_rules()
    return source.validate(Routine, {**fields, "slug": slugify(path.stem), "blocks": tuple(loaded)}, ())


@functools.cache
def strict_rules() -> PainRules:
    """Return the strict rules for pain: those of the documents, as they ship."""
    return PainRules.model_validate(read_toml(shipped("routines") / "pain" / "strict.toml", RoutineError)[0])


def load_exercise(path: Path) -> Exercise:
    """Read one exercise of the library. Raises ``RoutineError``."""
    source = _Source.read(path)
    return Exercise.model_validate(_library_exercise(source, path))


def slugify(name: str) -> str:
    """Make a name fit for files and events: ``Bird dog!`` becomes ``bird-dog``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-") or "unnamed"


def _exercise(
    source: _Source,
    where: KeyPath,
    entry: dict[str, Any],
    shelf: _Shelf,
) -> tuple[KeyPath, dict[str, Any]]:
    """Merge an entry of a routine with the exercise of the library that it names, and check the whole."""
    source.refuse_unknown(entry, where, _USE_KEYS)
    own = {key: value for key, value in entry.items() if key != "use"}
    base: dict[str, Any] = {}
    if "use" in entry:
        slug = source.text(entry, where, "use")
        if slug not in shelf.known:
            problem = f"the library has no such exercise{suggest(slug, shelf.known)}"
            source.fail((*where, "use"), problem, slug, listing(shelf.known))
        base = shelf.take(slug)
        if measures := MEASURES & own.keys():
            # Another measure replaces the library's; "hold" alone keeps its repetitions, as a person would expect.
            keep = {"reps"} if measures == {"hold"} else {"hold"} if "reps" in measures else set()
            base = {key: value for key, value in base.items() if key not in MEASURES - keep}
        if isinstance(base.get("assumed"), list | tuple):
            # What the routine states itself is no longer assumed by the library.
            base["assumed"] = [key for key in base["assumed"] if key not in own and key in base]
    else:
        if "name" not in entry:
            source.fail(where, 'an exercise needs use = "…" (from the library) or a name of its own')
        slug = slugify(source.text(entry, where, "name"))
    return where, source.check_exercise({**base, **own}, where, slug)


def _library_exercise(source: _Source, path: Path) -> dict[str, Any]:
    source.refuse_unknown(source.table, (), _EXERCISE_KEYS)
    return source.check_exercise(source.table, (), slugify(path.stem))


class _Shelf:
    """The library's exercises while one routine is read: each file is read once, however often it is used."""

    def __init__(self, library: Library) -> None:
        self.known = library.exercises()
        self._taken: dict[str, dict[str, Any]] = {}

    def take(self, slug: str) -> dict[str, Any]:
        """Return the keys of an exercise, those of its dose among them. Raises ``RoutineError``."""
        if slug not in self._taken:
            found = _library_exercise(_Source.read(self.known[slug]), self.known[slug])
            self._taken[slug] = {**found, **found.pop("dose")}
        return dict(self._taken[slug])


@dataclass(frozen=True, slots=True)
class _Source:
    """A file with what it holds and where."""

    path: Path
    table: dict[str, Any]
    places: dict[KeyPath, int]

    @classmethod
    def read(cls, path: Path) -> _Source:
        return cls(path, *read_toml(path, RoutineError, "`voicecoach list` shows what there is"))

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
            shown = None if isinstance(value, dict | list) else value
            self.fail((*where, key), "this must be a list of tables", shown, f"[[{name}]], in double brackets")
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
            problem, allowed = explain(dict(first))
            # The dose is a table of its own in the core, but its keys stand beside the others in the file. Behind the
            # key comes the place in a list, or which of two kinds of value was tried.
            key = next((str(part) for part in first["loc"] if part not in {"dose", "exercises", "blocks"}), "")
            element: list[int] = [part for part in first["loc"] if isinstance(part, int)]
            value = None if first["type"] == "missing" or isinstance(first["input"], dict | tuple) else first["input"]
            # A finding about the dose as a whole begins with the key that it is about.
            if not key and (subject := problem.partition(" ")[0]) in fields.get("dose", {}):
                key, value = subject, fields["dose"][subject]
            if key == "assumed" and first["type"] == "bool_type":
                problem, allowed = "this value does not fit", 'true, false, or keys of the dose: ["reps", "rest"]'
            path = (*where, key, *element) if key else where
            raise RoutineError(self.path, self.line(path), problem, key=key, value=value, allowed=allowed) from None
