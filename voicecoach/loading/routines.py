"""From a routine file to a ``Routine``: its tables in the order in which they stand, joined and checked as a whole.

Rule: what a file may hold is said by the nouns of ``core``; here stands only how tables become nouns.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voicecoach.core.dose import Noun, Progress
from voicecoach.core.rounds import LEAST_REST_OF_BEAT, too_long
from voicecoach.core.routine import Block, Routine
from voicecoach.loading.exercises import Placed, Shelf, placed_exercise, variants_of
from voicecoach.loading.library import Library
from voicecoach.loading.pain import pain_rules
from voicecoach.loading.source import Source, slugify
from voicecoach.toml_lines import KeyPath

_ROUTINE_KEYS = (frozenset(Routine.model_fields) - {"slug", "blocks", "variants"}) | {"exercise", "block"}
_BLOCK_KEYS = (frozenset(Block.model_fields) - {"exercises"}) | {"exercise"}


class _Rules(Noun):
    """A routine's own rules of progress, read before its exercises."""

    progress: Progress = ()


def load_named(name: str, library: Library) -> Routine:
    """Find a routine by its name or path, and read it. Raises ``RoutineError``."""
    return load_routine(library.find(name), library)


def load_routine(path: Path, library: Library) -> Routine:
    """Read the routine file at ``path``; exercises named by ``use`` come from ``library``. Raises ``RoutineError``."""
    source = Source.read(path)
    table, shelf = source.table, Shelf(library)
    source.refuse_unknown(table, (), _ROUTINE_KEYS)
    rules = source.validate(_Rules, {key: table[key] for key in ("progress",) if key in table}, ()).progress
    placed: list[Placed] = []
    blocks: list[tuple[int, KeyPath, dict[str, Any], list[Placed]]] = []
    for where, entry in source.tables(table, (), "block"):
        source.refuse_unknown(entry, where, _BLOCK_KEYS)
        within = [
            placed_exercise(source, at, inner, shelf, rules, _style_of(entry))
            for at, inner in source.tables(entry, where, "exercise")
        ]
        if not within:
            source.fail(where, "a block needs at least one [[block.exercise]]")
        placed += within
        blocks.append((source.line(where), where, {k: v for k, v in entry.items() if k != "exercise"}, within))
    for where, entry in source.tables(table, (), "exercise"):
        placed.append(placed_exercise(source, where, entry, shelf, rules))
        blocks.append((source.line(where), (), {}, placed[-1:]))
    if not blocks:
        source.fail((), "a routine needs at least one [[exercise]] or [[block]]")
    for index, rule in enumerate(rules):
        if all(rule.misfit(one.exercise.dose) for one in placed):
            problem = "no exercise here has what this would move, with room to grow"
            source.fail(("progress", index), problem, str(rule), 'a range in the dose, such as reps = "3-5"')
    # TOML keeps [[exercise]] and [[block]] apart; a person reads the file from top to bottom, and so do we.
    blocks.sort(key=lambda block: block[0])
    loaded = tuple(_block(source, where, fields, within) for _, where, fields, within in blocks)
    fields = {key: value for key, value in table.items() if key not in {"exercise", "block"}}
    fields |= {"progress": rules, "pain": pain_rules(source), "variants": variants_of(placed, shelf)}
    if "review_on" in table:
        fields["review_on"] = source.day(table, "review_on")
    return source.validate(Routine, {**fields, "slug": slugify(path.stem), "blocks": loaded}, ())


def _style_of(entry: dict[str, Any]) -> str | None:
    style = entry.get("style")
    return style if isinstance(style, str) else None


def _block(source: Source, where: KeyPath, fields: dict[str, Any], within: list[Placed]) -> Block:
    """Return the block that was written, if what is to be done on a beat fits into it."""
    block = source.validate(Block, {**fields, "exercises": tuple(one.exercise for one in within)}, where)
    check_beat(source, block, [one.where for one in within])
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
