"""A routine as Markdown: to read, to edit by hand, and to take over again with ``import``.

Rule: what is written here, ``markdown_list`` reads; every text is escaped, so that nothing in it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from voicecoach.core.dose_words import dose_in_words
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.exchange.doses import seconds, write_dose
from voicecoach.exchange.given import (
    LABELS,
    NOT_ADVICE,
    ROUTINE_LABELS,
    beyond_a_list,
    newer,
    prescribed_pain,
    value_of,
)
from voicecoach.ports import Exported

_SPECIAL = re.compile(r"([\\`*_\[\]<>&#])")
_AT_THE_START = re.compile(r"^([-+=~]|\d{1,9}(?=[.)]))")


def as_markdown(routine: Routine) -> Exported:
    """Return a routine as Markdown, in UTF-8."""
    lost = list(beyond_a_list(routine))
    if routine.progress:
        lost.append("the routine's own rules of growing stand with each exercise that they move")
    if prescribed_pain(routine):
        lost.append("the prescriber's figures for pain can be read there, and are not imported again")
    return Exported(("\n".join(_lines(routine)) + "\n").encode(), tuple(lost))


def _lines(routine: Routine) -> Iterator[str]:
    yield f"# {escape(routine.title)}"
    yield ""
    yield escape(NOT_ADVICE)
    if pain := prescribed_pain(routine):
        yield ""
        yield escape(pain)
    yield ""
    for key, label in ROUTINE_LABELS.items():
        yield from _item(label, value_of(routine, key))
    for block in routine.blocks:
        group = block.title or block.repeat > 1 or block.rest
        if group:
            yield ""
            yield f"## {_heading(block)}"
        for exercise in block.exercises:
            yield ""
            yield f"{'###' if group else '##'} {escape(exercise.name)}"
            yield ""
            yield from _exercise(exercise)


def _heading(block: Block) -> str:
    """Return a block's heading: ``Warm-up (2 rounds, rest 60 s)``."""
    inside = [f"{block.repeat} round{'s' * (block.repeat != 1)}"]
    if block.rest:
        inside.append(f"rest {seconds(block.rest)}")
    return f"{escape(block.title or 'Rounds')} ({', '.join(inside)})"


def _exercise(exercise: Exercise) -> Iterator[str]:
    dose = exercise.dose
    how_much = dose_in_words(dose, exercise) if newer(dose) else write_dose(dose, sides=bool(exercise.limbs))
    yield f"- How much: {how_much}"
    if dose.assumed:
        keys = dose.assumed if isinstance(dose.assumed, tuple) else ("dose",)
        yield f"- Assumed: {', '.join(keys)}".replace("_", " ")
    for key, label in LABELS.items():
        yield from _item(label, value_of(exercise, key))


def _item(label: str, value: str | tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield f"- {label}: {escape(value)}"
        return
    yield f"- {label}:"
    yield from (f"  - {escape(line)}" for line in value)


def escape(text: str) -> str:
    """Return a text in which nothing is markup."""
    text = _SPECIAL.sub(r"\\\1", text)
    start = _AT_THE_START.match(text)
    if start and start[1].isdigit():
        return f"{start[1]}\\{text[start.end() :]}"
    return f"\\{text}" if start else text
