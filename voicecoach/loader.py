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
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from voicecoach.complaints import Complaint, explain, listing, suggest
from voicecoach.core.dose import DOSE_KEYS, MEASURES, Noun, Progress, ProgressRule
from voicecoach.core.routine import Block, Exercise, PainPolicy, PainRules, Routine
from voicecoach.shipped import shipped
from voicecoach.toml_file import read_toml
from voicecoach.toml_lines import KeyPath, line_of

_ROUTINE_KEYS = (frozenset(Routine.model_fields) - {"slug", "blocks", "variants"}) | {"exercise", "block"}
_BLOCK_KEYS = (frozenset(Block.model_fields) - {"exercises"}) | {"exercise"}
_EXERCISE_KEYS = (frozenset(Exercise.model_fields) - {"slug", "dose"}) | DOSE_KEYS
_USE_KEYS = _EXERCISE_KEYS | {"use"}


_PAIN_KEYS = frozenset({"tolerated", "ends_above", "rise"})
"""What a prescriber may set; everything else is the same in every routine (docs/safety.md)."""
MOST_VARIANTS = 100
"""Exercises that "easier" and "harder" of one routine may lead to: each is a file to be read."""

_Kind = TypeVar("_Kind", bound=BaseModel)


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


class _Placed(NamedTuple):
    """An exercise, with the file and the table that it was read from."""

    exercise: Exercise
    source: _Source
    where: KeyPath
    own: Mapping[str, Any]
    """The keys of that table: what is not among them comes from the library."""


class _Rules(Noun):
    """A routine's own rules of progress, read before its exercises."""

    progress: Progress = ()


def load_routine(path: Path, library: Library) -> Routine:
    """Read the routine file at ``path``; exercises named by ``use`` come from ``library``. Raises ``RoutineError``."""
    source = _Source.read(path)
    table, shelf = source.table, _Shelf(library)
    source.refuse_unknown(table, (), _ROUTINE_KEYS)
    rules = source.validate(_Rules, {key: table[key] for key in ("progress",) if key in table}, ()).progress
    placed: list[_Placed] = []
    blocks: list[tuple[int, KeyPath, dict[str, Any], list[_Placed]]] = []
    for where, entry in source.tables(table, (), "block"):
        source.refuse_unknown(entry, where, _BLOCK_KEYS)
        within = [_exercise(source, at, inner, shelf, rules) for at, inner in source.tables(entry, where, "exercise")]
        if not within:
            source.fail(where, "a block needs at least one [[block.exercise]]")
        placed += within
        blocks.append((source.line(where), where, {k: v for k, v in entry.items() if k != "exercise"}, within))
    for where, entry in source.tables(table, (), "exercise"):
        placed.append(_exercise(source, where, entry, shelf, rules))
        blocks.append((source.line(where), (), {}, placed[-1:]))
    if not blocks:
        source.fail((), "a routine needs at least one [[exercise]] or [[block]]")
    for index, rule in enumerate(rules):
        if all(rule.misfit(one.exercise.dose) for one in placed):
            problem = "no exercise here has what this would move, with room to grow"
            source.fail(("progress", index), problem, str(rule), 'a range in the dose, such as reps = "3-5"')
    # TOML keeps [[exercise]] and [[block]] apart; a person reads the file from top to bottom, and so do we.
    blocks.sort(key=lambda block: block[0])
    loaded = tuple(
        source.validate(Block, {**fields, "exercises": tuple(one.exercise for one in within)}, where)
        for _, where, fields, within in blocks
    )
    fields = {key: value for key, value in table.items() if key not in {"exercise", "block"}}
    fields |= {"progress": rules, "pain": _pain_rules(source), "variants": _variants(placed, shelf)}
    if "review_on" in table:
        fields["review_on"] = source.day(table, "review_on")
    return source.validate(Routine, {**fields, "slug": slugify(path.stem), "blocks": loaded}, ())


@functools.cache
def strict_rules() -> PainRules:
    """Return the strict rules for pain: those of the documents, as they ship."""
    return PainRules.model_validate(read_toml(shipped("routines") / "pain" / "strict.toml", RoutineError)[0])


def _pain_rules(source: _Source) -> PainRules:
    """Return the strict rules, or a prescriber's three figures in their places."""
    table, policy = source.table, source.table.get("pain_policy", PainPolicy.STRICT.value)
    if policy != PainPolicy.MONITORED.value:
        if "pain" in table and policy == PainPolicy.STRICT.value:
            source.fail(
                ("pain",),
                "the strict rules for pain are the same in every routine; other figures are a prescriber's",
                None,
                'leave [pain] out, or pain_policy = "monitored" with prescriber and review_on',
            )
        return strict_rules()
    for key, needed in (
        ("prescriber", 'prescriber = "…", who has set these rules'),
        ("review_on", "review_on = 2027-01-31, the last day on which they hold"),
        ("pain", "[pain] with tolerated = 2, the pain that is allowed"),
    ):
        if key not in table:
            source.fail(("pain_policy",), f"{key} is missing, and monitored pain needs it", policy, needed)
    own = table["pain"]
    if not isinstance(own, dict):
        shown = None if isinstance(own, list) else own
        source.fail(("pain",), "this must be a table", shown, "[pain], in single brackets, with tolerated = 2 below it")
    strict = strict_rules()
    for key in own:
        if key in PainRules.model_fields and key not in _PAIN_KEYS:
            source.fail(("pain", key), "this is the same in every routine, for safety", own[key], listing(_PAIN_KEYS))
    source.refuse_unknown(own, ("pain",), _PAIN_KEYS)
    if "tolerated" not in own:
        source.fail(("pain",), "tolerated is missing: the pain that is allowed", None, "tolerated = 0 to 5")
    tolerated = source.whole(own, "tolerated", 0, 5)
    ends_above = source.whole(own, "ends_above", tolerated, 7) if "ends_above" in own else strict.ends_above
    rise = source.whole(own, "rise", 1, 10) if "rise" in own else strict.rise
    return strict.model_copy(update={"tolerated": tolerated, "ends_above": ends_above, "rise": rise})


def load_exercise(path: Path, library: Library | None = None) -> Exercise:
    """Read one exercise of the library. Raises ``RoutineError``.

    With ``library``, its links must lead to exercises that are there.
    """
    source = _Source.read(path)
    exercise = _library_exercise(source, path)
    if library is not None:
        for _ in _links(_Placed(exercise, source, (), source.table), _Shelf(library), frozenset()):
            pass
    return exercise


def slugify(name: str) -> str:
    """Make a name fit for files and events: ``Bird dog!`` becomes ``bird-dog``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-") or "unnamed"


def _exercise(
    source: _Source, where: KeyPath, entry: dict[str, Any], shelf: _Shelf, rules: tuple[ProgressRule, ...]
) -> _Placed:
    """Merge an entry of a routine with the exercise of the library that it names, and check the whole."""
    source.refuse_unknown(entry, where, _USE_KEYS)
    own = {key: value for key, value in entry.items() if key != "use"}
    base: dict[str, Any] = {}
    if "use" in entry:
        slug = source.text(entry, where, "use")
        if slug not in shelf.known:
            problem = f"the library has no such exercise{suggest(slug, shelf.known)}"
            source.fail((*where, "use"), problem, slug, listing(shelf.known))
        base = dict(shelf.take(slug).own)
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
    made = source.check_exercise({**base, **own}, where, slug)
    if "progress" in own:
        source.check_progress(made, where)
    else:
        # The routine's rules where they fit, or else the library's, as far as they fit the dose that it has here.
        fitting = [tuple(r for r in some if not r.misfit(made.dose)) for some in (rules, made.progress)]
        made = made.model_copy(update={"progress": fitting[0] or fitting[1]})
    return _Placed(made, source, where, entry)


def _library_exercise(source: _Source, path: Path) -> Exercise:
    source.refuse_unknown(source.table, (), _EXERCISE_KEYS)
    made = source.check_exercise(source.table, (), slugify(path.stem))
    source.check_progress(made, ())
    return made


def _variants(placed: Iterable[_Placed], shelf: _Shelf) -> tuple[Exercise, ...]:
    """Return what "easier" and "harder" lead to, step by step, and the routine does not have itself.

    An exercise that is in the routine is taken from there, with the dose that it has there.
    """
    waiting = list(placed)
    own = frozenset(one.exercise.slug for one in waiting)
    found: dict[str, Exercise] = {}
    for one in waiting:  # it grows while it is walked
        for way, target in _links(one, shelf, own):
            if target in own or target in found:
                continue
            if len(found) == MOST_VARIANTS:
                source, where = _stands(one, shelf, way)
                source.fail(where, f"easier and harder lead to more than {MOST_VARIANTS} exercises", target)
            variant = shelf.take(target)
            found[target] = variant.exercise
            waiting.append(variant)
    return tuple(found.values())


def _links(one: _Placed, shelf: _Shelf, own: frozenset[str]) -> Iterable[tuple[str, str]]:
    """Return the ways that an exercise names, with where they lead. Raises ``RoutineError`` where that is nowhere."""
    for way in ("easier", "harder"):
        target = getattr(one.exercise, way)
        if target is None:
            continue
        if target == one.exercise.slug:
            source, where = _stands(one, shelf, way)
            source.fail(where, f"an exercise is not its own {way} form", target, "another exercise of the library")
        if target not in shelf.known and target not in own:
            source, where = _stands(one, shelf, way)
            problem = f"the library has no such exercise{suggest(target, shelf.known)}"
            source.fail(where, problem, target, listing(shelf.known))
        yield way, target


def _stands(one: _Placed, shelf: _Shelf, way: str) -> tuple[_Source, KeyPath]:
    """Return the file and the place where a link is written: in the routine, or in the library's exercise."""
    if way in one.own:
        return one.source, (*one.where, way)
    return shelf.take(one.own["use"]).source, (way,)


class _Shelf:
    """The library's exercises while one routine is read: each file is read once, however often it is used."""

    def __init__(self, library: Library) -> None:
        self.known = library.exercises()
        self._taken: dict[str, _Placed] = {}

    def take(self, slug: str) -> _Placed:
        """Return an exercise of the library. Raises ``RoutineError``."""
        if slug not in self._taken:
            source = _Source.read(self.known[slug])
            self._taken[slug] = _Placed(_library_exercise(source, self.known[slug]), source, (), source.table)
        return self._taken[slug]


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

    def fail(self, where: KeyPath, problem: str, value: object = None, allowed: str = "") -> NoReturn:
        # Of a place in a list the key is the list's, where one of its values is told.
        named = where if value is None else [part for part in where if isinstance(part, str)]
        key = str(named[-1]) if named and isinstance(named[-1], str) else ""
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
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            name = ".".join(str(part) for part in (*where, key) if isinstance(part, str))
            shown = None if isinstance(value, dict | list) else value
            self.fail((*where, key), "this must be a list of tables", shown, f"[[{name}]], in double brackets")
        return [((*where, key, index), entry) for index, entry in enumerate(value)]

    def check_exercise(self, fields: Mapping[str, Any], where: KeyPath, slug: str) -> Exercise:
        dose = {key: value for key, value in fields.items() if key in DOSE_KEYS}
        rest = {key: value for key, value in fields.items() if key not in DOSE_KEYS}
        return self.validate(Exercise, {"slug": slug, **rest, "dose": dose}, where)

    def check_progress(self, exercise: Exercise, where: KeyPath) -> None:
        """Refuse a rule that could never make this exercise grow."""
        for index, rule in enumerate(exercise.progress):
            if problem := rule.misfit(exercise.dose):
                self.fail((*where, "progress", index), problem, str(rule))

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
