"""From a routine file to a ``Routine``: its tables in the order in which they stand, joined and checked as a whole.

Rule: what a file may hold is said by the nouns of ``core``; here stands only how tables become nouns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from voicecoach.core.dose import Dose, Noun, Progress, ProgressRule
from voicecoach.core.fitting import LEAST_REST_OF_BEAT, too_long
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.loading.exercises import OF_ROUTINE, USE_KEYS, Placed, Shelf, placed_exercise, variants_of
from voicecoach.loading.library import LANGUAGE_CODE, Library
from voicecoach.loading.pain import pain_rules, strict_rules
from voicecoach.loading.silence import silenced
from voicecoach.loading.source import Source, slugify
from voicecoach.loading.translations import ROUTINE_TEXTS, Translation, language_of
from voicecoach.toml_lines import KeyPath

_ROUTINE_KEYS = (frozenset(Routine.model_fields) - {"slug", "blocks", "variants"}) | {
    "exercise",
    "block",
    "lint",
    "text",
}
_BLOCK_KEYS = (frozenset(Block.model_fields) - {"exercises"}) | {"exercise"}
_BELOW = dict.fromkeys(USE_KEYS, "to an exercise: below its double brackets, [[exercise]] or [[block.exercise]]")
_IN_ROUTINE = dict.fromkeys(_BLOCK_KEYS, "to a [[block]]: below its double brackets") | _BELOW
_IN_BLOCK = OF_ROUTINE | _BELOW
"""Keys that belong elsewhere."""


_construct: Callable[..., Exercise] = Exercise.model_construct
_STAND_IN = _construct(name="", dose=Dose.model_validate({"time": 1}))
"""In the place of an exercise that was refused, while the rest of its block is looked at: it fits into any style."""


class _Written(NamedTuple):
    """A block as it stands in the file; an exercise outside of one is a block of its own."""

    line: int
    where: KeyPath
    fields: dict[str, Any]
    within: list[Placed | None]
    """None in the place of those that were refused."""
    whole: bool
    """Whether no key of it was refused."""


class _Rules(Noun):
    """A routine's own rules of progress, read before its exercises."""

    progress: Progress = ()


class Reading(NamedTuple):
    """A routine, with where its exercises were read from."""

    routine: Routine
    source: Source
    placed: tuple[Placed, ...]
    """As ``[[block]]`` first, then ``[[exercise]]``."""


def load_routine(path: Path, library: Library, language: str | None = None) -> Routine:
    """Read the routine file at ``path``; exercises named by ``use`` come from ``library``. Raises ``RoutineError``.

    ``language`` is a code such as ``de``; None: the routine's own. Raises ``UntranslatedError`` where it is not wholly
    translated into that.
    """
    return read_routine(path, library, language).routine


def read_routine(path: Path, library: Library, language: str | None = None) -> Reading:
    """Read a routine as ``load_routine`` does. What is wrong is told at once: ``RoutineError.all`` has all of it."""
    source = Source.read(path)
    table = source.known_of(source.table, (), _ROUTINE_KEYS, _IN_ROUTINE)
    translation, shelf = _in_language(source, library, language)
    source.attempt(silenced, source, table, ())
    made = source.attempt(source.validate, _Rules, {key: table[key] for key in ("progress",) if key in table}, ())
    rules = made.progress if made else ()
    placed: list[Placed] = []
    blocks: list[_Written] = []

    def place(entries: list[tuple[KeyPath, dict[str, Any]]], style: str | None = None) -> list[Placed | None]:
        given = (shelf, rules, style, translation)
        found = [source.attempt(placed_exercise, source, at, entry, *given) for at, entry in entries]
        placed.extend(one for one in found if one)
        return found

    for where, entry in source.attempt(source.tables, table, (), "block") or []:
        fields = source.known_of(entry, where, _BLOCK_KEYS, _IN_BLOCK)
        entries = source.attempt(source.tables, fields, where, "exercise")
        if entries == []:
            source.attempt(source.fail, where, "a block needs at least one [[block.exercise]]")
        within = place(entries or [], _style_of(entry))
        own = {key: value for key, value in fields.items() if key != "exercise"}
        if translation is not None and isinstance(title := own.get("title"), str):
            own["title"] = translation.title_of(title)
        blocks.append(_Written(source.line(where), where, own, within, whole=fields == entry))
    for where, entry in source.attempt(source.tables, table, (), "exercise") or []:
        blocks.append(_Written(source.line(where), (), {}, place([(where, entry)]), whole=True))
    if not blocks and not source.found:
        source.fail((), "a routine needs at least one [[exercise]] or [[block]]")
    if not source.found:
        check_rules(source, rules, [one.exercise for one in placed])
    # TOML keeps [[exercise]] and [[block]] apart; a person reads the file from top to bottom, and so do we.
    blocks.sort(key=lambda block: block.line)
    # What is wrong with a block is told beside what is wrong with its exercises; likewise the routine's own keys below.
    loaded = [block for one in blocks if (block := source.attempt(_block, source, one))]
    fields = {key: value for key, value in table.items() if key not in {"exercise", "block", "lint", "text"}}
    if translation is not None:
        fields = _translated(source, fields, translation, placed) | {"language": language}
    fields |= {"progress": rules, "pain": source.attempt(pain_rules, source) or strict_rules()}
    fields["variants"] = source.attempt(variants_of, placed, shelf) or ()
    if "review_on" in table:
        fields["review_on"] = source.attempt(source.day, table, "review_on")
    fields["blocks"] = tuple(loaded) or (Block.model_construct(exercises=()),)
    whole = not any(error.key in OF_ROUTINE for error in source.found)  # a key of it that stands elsewhere
    routine = source.attempt(lambda: source.validate(Routine, {**fields, "slug": slugify(path.stem)}, (), whole=whole))
    source.settle()
    assert routine is not None  # noqa: S101 - or something would have been found
    return Reading(routine, source, tuple(placed))


def check_rules(source: Source, rules: Iterable[ProgressRule], exercises: Sequence[Exercise]) -> None:
    """Refuse a rule of progress that none of the exercises could ever follow. Raises ``RoutineError``."""
    for index, rule in enumerate(rules):
        if all(rule.misfit(one.dose) for one in exercises):
            problem = "no exercise here has what this would move, with room to grow"
            source.fail(("progress", index), problem, str(rule), 'a range in the dose, such as reps = "3-5"')


def _in_language(source: Source, library: Library, language: str | None) -> tuple[Translation | None, Shelf]:
    """Return the routine's translation, None where it is played as it is written, and the library in that language."""
    written = language_of(source)
    if language is None or language.partition("-")[0] == written:
        return None, Shelf(library, written if re.fullmatch(LANGUAGE_CODE, written) else None)
    return Translation.of(source, library, language, ROUTINE_TEXTS), Shelf(library, language, strict=True)


def _translated(
    source: Source, fields: dict[str, Any], translation: Translation, placed: list[Placed]
) -> dict[str, Any]:
    """Return the routine's own keys in the other language, without the voice that speaks the first."""
    if not source.found:
        translation.check_used(frozenset(one.exercise.slug for one in placed))
    texts, slug = ROUTINE_TEXTS - {"blocks", "exercise"}, slugify(source.path.stem)
    made = source.attempt(translation.put_into, fields, texts, slug) or fields
    return {key: value for key, value in made.items() if key != "voice"}


def _style_of(entry: dict[str, Any]) -> str | None:
    style = entry.get("style")
    return style if isinstance(style, str) else None


def _block(source: Source, written: _Written) -> Block:
    """Return the block that was written, if what is to be done on a beat fits into it."""
    exercises = tuple(one.exercise if one else _STAND_IN for one in written.within) or (_STAND_IN,)
    fields = {**written.fields, "exercises": exercises}
    block = source.validate(Block, fields, written.where, whole=written.whole)
    check_beat(source, block, [one.where if one else written.where for one in written.within] or [written.where])
    return block


def check_beat(source: Source, block: Block, places: Sequence[KeyPath]) -> None:
    """Refuse what does not fit into the beat of its block. ``places`` has one for each exercise of it."""
    if (found := too_long(block)) is not None:
        exercise, seconds = found
        where = next(place for place, one in zip(places, block.exercises, strict=True) if one is exercise)
        every = block.every.low if block.every else 0.0
        source.fail(
            where,
            f"{exercise.name} takes {seconds:g} s at the high end of its dose, and every {every:g} s one begins",
            None,
            f"{every - LEAST_REST_OF_BEAT:g} s of work at most, so that some rest is left; or a larger every",
        )
