"""From a routine file to a ``Routine``: its tables in the order in which they stand, joined and checked as a whole.

Rule: what a file may hold is said by the nouns of ``core``; here stands only how tables become nouns.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from voicecoach.core.dose import Noun, Progress
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.loading.exercises import Placed, Shelf, placed_exercise, variants_of
from voicecoach.loading.library import Library
from voicecoach.loading.pain import pain_rules, strict_rules
from voicecoach.loading.silence import silenced
from voicecoach.loading.source import Source, slugify
from voicecoach.toml_lines import KeyPath

_ROUTINE_KEYS = (frozenset(Routine.model_fields) - {"slug", "blocks", "variants"}) | {"exercise", "block", "lint"}
_BLOCK_KEYS = (frozenset(Block.model_fields) - {"exercises"}) | {"exercise"}


_construct: Callable[..., Exercise] = Exercise.model_construct
_STAND_IN = _construct()
"""An exercise that is none: in the place of those that were refused, while the rest of a block is looked at."""


class _Rules(Noun):
    """A routine's own rules of progress, read before its exercises."""

    progress: Progress = ()


def load_named(name: str, library: Library) -> Routine:
    """Find a routine by its name or path, and read it. Raises ``RoutineError``."""
    return load_routine(library.find(name), library)


class Reading(NamedTuple):
    """A routine, with where its exercises were read from."""

    routine: Routine
    source: Source
    placed: tuple[Placed, ...]
    """As ``[[block]]`` first, then ``[[exercise]]``."""


def load_routine(path: Path, library: Library) -> Routine:
    """Read the routine file at ``path``; exercises named by ``use`` come from ``library``. Raises ``RoutineError``."""
    return read_routine(path, library).routine


def read_routine(path: Path, library: Library) -> Reading:
    """Read a routine as ``load_routine`` does. What is wrong is told at once: ``RoutineError.all`` has all of it."""
    source = Source.read(path)
    table, shelf = source.known_of(source.table, (), _ROUTINE_KEYS), Shelf(library)
    source.attempt(silenced, source, table, ())
    made = source.attempt(source.validate, _Rules, {key: table[key] for key in ("progress",) if key in table}, ())
    rules = made.progress if made else ()
    placed: list[Placed] = []
    blocks: list[tuple[int, KeyPath, dict[str, Any], list[Placed]]] = []

    def place(entries: list[tuple[KeyPath, dict[str, Any]]]) -> list[Placed]:
        found = [source.attempt(placed_exercise, source, at, entry, shelf, rules) for at, entry in entries]
        return [one for one in found if one]

    for where, entry in source.attempt(source.tables, table, (), "block") or []:
        fields = source.known_of(entry, where, _BLOCK_KEYS)
        entries = source.attempt(source.tables, fields, where, "exercise")
        if entries == []:
            source.attempt(source.fail, where, "a block needs at least one [[block.exercise]]")
        within = place(entries or [])
        placed += within
        blocks.append((source.line(where), where, {k: v for k, v in fields.items() if k != "exercise"}, within))
    for where, entry in source.attempt(source.tables, table, (), "exercise") or []:
        within = place([(where, entry)])
        placed += within
        blocks.append((source.line(where), (), {}, within))
    if not blocks and not source.found:
        source.fail((), "a routine needs at least one [[exercise]] or [[block]]")
    for index, rule in enumerate(rules):
        if not source.found and all(rule.misfit(one.exercise.dose) for one in placed):
            problem = "no exercise here has what this would move, with room to grow"
            source.fail(("progress", index), problem, str(rule), 'a range in the dose, such as reps = "3-5"')
    # TOML keeps [[exercise]] and [[block]] apart; a person reads the file from top to bottom, and so do we.
    blocks.sort(key=lambda block: block[0])
    loaded: list[Block] = []
    for _, at, own, within in blocks:
        # Where no exercise of a block is right, its own keys are still looked at; likewise the routine's below.
        exercises = tuple(one.exercise for one in within) or (_STAND_IN,)
        block = source.attempt(source.validate, Block, {**own, "exercises": exercises}, at)
        loaded += [block] if block and within else []
    fields = {key: value for key, value in table.items() if key not in {"exercise", "block", "lint"}}
    fields |= {"progress": rules, "pain": source.attempt(pain_rules, source) or strict_rules()}
    fields["variants"] = source.attempt(variants_of, placed, shelf) or ()
    if "review_on" in table:
        fields["review_on"] = source.attempt(source.day, table, "review_on")
    fields["blocks"] = tuple(loaded) or (Block.model_construct(exercises=()),)
    routine = source.attempt(source.validate, Routine, {**fields, "slug": slugify(path.stem)}, ())
    source.settle()
    assert routine is not None  # noqa: S101 - or something would have been found
    return Reading(routine, source, tuple(placed))
