"""One exercise: as it stands in the library, or in a routine that takes it from there and changes some of it.

Rule: what stands in a routine takes the place of what the library says, key by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from voicecoach.complaints import listing, suggest
from voicecoach.core.dose import DOSE_KEYS, MEASURES, ProgressRule
from voicecoach.core.routine import FROM_STATION_TO_STATION, TABATA_WORK, Block, Exercise, Manner, Routine
from voicecoach.loading.doses import over_library, written_out
from voicecoach.loading.library import Library
from voicecoach.loading.silence import silenced
from voicecoach.loading.source import Source, slugify
from voicecoach.loading.translations import EXERCISE_TEXTS, Translation, UntranslatedError, language_of, slug_of
from voicecoach.toml_lines import KeyPath

_EXERCISE_KEYS = (frozenset(Exercise.model_fields) - {"slug", "timed_cues"}) | DOSE_KEYS | {"lint"}
USE_KEYS = _EXERCISE_KEYS | {"use"}
_MADE = {"slug", "blocks", "variants", "exercises"}
OF_ROUTINE = dict.fromkeys(Routine.model_fields.keys() - USE_KEYS - _MADE, "above the first [[exercise]] or [[block]]")
"""Keys that are the routine's own, and where they stand: below the first double brackets they would be another's."""
_HOMES = dict.fromkeys(Block.model_fields.keys() - USE_KEYS - _MADE, "to a [[block]]: below its double brackets")
_HOMES |= OF_ROUTINE
_OF_A_FILE = frozenset({"language", "text"})
"""Keys that a file of the library may have besides: in which language it is written, and its translations."""
MOST_VARIANTS = 100
"""Exercises that "easier" and "harder" of one routine may lead to: each is a file to be read."""


class Placed(NamedTuple):
    """An exercise, with the file and the table that it was read from."""

    exercise: Exercise
    source: Source
    where: KeyPath
    own: Mapping[str, Any]
    """The keys of that table: what is not among them comes from the library."""


def load_exercise(path: Path, library: Library | None = None) -> Exercise:
    """Read one exercise of the library. Raises ``RoutineError``.

    With ``library``, its links must lead to exercises that are there.
    """
    return read_exercise(path, library).exercise


def read_exercise(path: Path, library: Library | None = None) -> Placed:
    """Read an exercise as ``load_exercise`` does. What is wrong is told at once: ``RoutineError.all`` has all of it."""
    source = Source.read(path)
    placed = Placed(library_exercise(source, path), source, (), source.table)
    if library is not None:
        for _ in links(placed, Shelf(library), frozenset()):
            pass
    return placed


def placed_exercise(
    source: Source,
    where: KeyPath,
    entry: dict[str, Any],
    shelf: Shelf,
    rules: tuple[ProgressRule, ...],
    style: str | None = None,
    translation: Translation | None = None,
) -> Placed:
    """Merge an entry of a routine with the exercise of the library that it names, and check the whole.

    ``style`` is that of the block in which it stands; ``translation`` is the routine's, None where it is played as it
    is written.
    """
    known = source.known_of(entry, where, USE_KEYS, _HOMES)
    own = {key: value for key, value in known.items() if key not in {"use", "lint"}}
    base: dict[str, Any] = {}
    if "use" in entry:
        slug = source.text(entry, where, "use")
        if slug not in shelf.known:
            problem = f"the library has no such exercise{suggest(slug, shelf.known)}"
            source.fail((*where, "use"), problem, slug, listing(shelf.known))
        library = shelf.take(slug)
        base = written_out(library.source, library.where, _without(library.own, "lint"), code=shelf.spoken(slug))
    else:
        if "name" not in entry:
            source.fail(where, 'an exercise needs use = "…" (from the library) or a name of its own')
        slug = slug_of(source, entry, where)
    source.attempt(silenced, source, known, where)
    code = language_of(source) if translation is None else translation.code
    spelt = source.attempt(written_out, source, where, own, base, code)
    whole = known == entry and spelt is not None
    own = _without(own, "dose") if spelt is None else spelt
    if translation is not None:
        told = translation.within(slug)
        # Sides that come of "each side" are in that language already, unless it has words of its own for them.
        ours = {"limbs"} if "limbs" not in entry and "limbs" not in told.texts else set()
        own = told.put_into(own, EXERCISE_TEXTS - ours, slug, frozenset(base))
    if "name" in own and "say_as" not in own:
        base.pop("say_as", None)  # how another name is spoken
    base = _in_style(source, where, over_library(base, own), own, style)
    made = source.check_exercise({**base, **own}, where, slug, whole=whole)
    if "progress" in own:
        source.check_progress(made, where)
    else:
        # The routine's rules where they fit, or else the library's, as far as they fit the dose that it has here.
        fitting = [tuple(r for r in some if not r.misfit(made.dose)) for some in (rules, made.progress)]
        made = made.model_copy(update={"progress": fitting[0] or fitting[1]})
    return Placed(made, source, where, entry)


def _in_style(
    source: Source, where: KeyPath, base: dict[str, Any], own: Mapping[str, Any], style: str | None
) -> dict[str, Any]:
    """Return what the library says, as far as it holds in a block with a style; there rounds and rests are the block's.

    Raises ``RoutineError`` where the routine itself says what the block should.
    """
    if style not in set(Manner):
        return base
    dropped = {"sets", "rest"} | ({"rest_after"} if style not in FROM_STATION_TO_STATION else set())
    problem = f"in a block of the style {style} this is the block's"
    also = {"sets": "repeat"}
    source.refuse(
        [
            source.complaint(
                (*where, key), problem, own[key], also.get(key, "rest, rest_between, or the beat of the block")
            )
            for key in sorted(dropped & own.keys())
        ]
    )
    if style == Manner.TABATA:
        dropped |= {"order"} | (MEASURES if not MEASURES & own.keys() else set())
    kept = {key: value for key, value in base.items() if key not in dropped}
    if style == Manner.TABATA and not MEASURES & own.keys():
        kept["time"] = TABATA_WORK
    if isinstance(kept.get("assumed"), list | tuple):
        kept["assumed"] = [key for key in kept["assumed"] if key in kept or key in own]
    return kept


def _without(table: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in keys}


def library_exercise(source: Source, path: Path) -> Exercise:
    """Return the exercise that a file of the library holds. Raises ``RoutineError``."""
    return _library_exercise(source, path, _fields(source), language_of(source))


def _fields(source: Source) -> dict[str, Any]:
    """Return what a file of the library says of its exercise, as it is written."""
    known = source.known_of(source.table, (), _EXERCISE_KEYS | _OF_A_FILE)
    source.attempt(silenced, source, known, ())
    return {key: value for key, value in known.items() if key not in _OF_A_FILE | {"lint"}}


def _library_exercise(source: Source, path: Path, fields: Mapping[str, Any], code: str) -> Exercise:
    """Return the exercise that ``fields`` make, in the language ``code``; all that is wrong is told at once."""
    spelt = source.attempt(written_out, source, (), fields, None, code)
    whole = not source.found
    fields = _without(fields, "dose") if spelt is None else spelt
    made = source.attempt(lambda: source.check_exercise(fields, (), slugify(path.stem), whole=whole))
    if made:
        source.attempt(source.check_progress, made, ())
    source.settle()
    assert made is not None  # noqa: S101 - or something would have been found
    return made


def variants_of(placed: Iterable[Placed], shelf: Shelf) -> tuple[Exercise, ...]:
    """Return what "easier" and "harder" lead to, step by step, and the routine does not have itself.

    An exercise that is in the routine is taken from there, with the dose that it has there.
    """
    waiting = list(placed)
    own = frozenset(one.exercise.slug for one in waiting)
    found: dict[str, Exercise] = {}
    for one in waiting:  # it grows while it is walked
        for way, target in links(one, shelf, own):
            if target in own or target in found:
                continue
            if len(found) == MOST_VARIANTS:
                source, where = _stands(one, shelf, way)
                source.fail(where, f"easier and harder lead to more than {MOST_VARIANTS} exercises", target)
            variant = shelf.take(target)
            found[target] = variant.exercise
            waiting.append(variant)
    return tuple(found.values())


def links(one: Placed, shelf: Shelf, own: frozenset[str]) -> Iterable[tuple[str, str]]:
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


def _stands(one: Placed, shelf: Shelf, way: str) -> tuple[Source, KeyPath]:
    """Return the file and the place where a link is written: in the routine, or in the library's exercise."""
    if way in one.own:
        return one.source, (*one.where, way)
    return shelf.take(one.own["use"]).source, (way,)


class Shelf:
    """The library's exercises while one routine is read: each file is read once, however often it is used.

    They are given in ``language`` (None: as they are written) where they are translated; with ``strict`` all must be.
    """

    def __init__(self, library: Library, language: str | None = None, *, strict: bool = False) -> None:
        self._library, self._language, self._strict = library, language, strict
        self.known = library.exercises()
        self._taken: dict[str, Placed] = {}
        self._spoken: dict[str, str] = {}

    def take(self, slug: str) -> Placed:
        """Return an exercise of the library. Raises ``RoutineError``."""
        if slug not in self._taken:
            source = Source.read(self.known[slug])
            fields = self._translated(slug, source)
            made = _library_exercise(source, self.known[slug], fields, self.spoken(slug))
            self._taken[slug] = Placed(made, source, (), fields)
        return self._taken[slug]

    def spoken(self, slug: str) -> str:
        """Return the language in which an exercise that was taken is given."""
        return self._spoken.get(slug, "en")

    def _translated(self, slug: str, source: Source) -> dict[str, Any]:
        fields = _fields(source)
        self._spoken[slug] = language_of(source)
        if self._language is None or self._language.partition("-")[0] == language_of(source):
            return fields
        translation = Translation.of(source, self._library, self._language, EXERCISE_TEXTS)
        try:
            fields = translation.put_into(fields, EXERCISE_TEXTS, slug)
        except UntranslatedError:
            if self._strict:
                raise
        else:
            self._spoken[slug] = self._language
        return fields
