"""A routine as Markdown: to read, to edit by hand, and to take over again with ``import``.

Rule: what is written here, ``markdown_list`` reads; every text is escaped, so that nothing in it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from voicecoach.core.dose import Range
from voicecoach.core.routine import Block, Exercise, Manner, Routine
from voicecoach.exchange.doses import seconds, write_dose
from voicecoach.exchange.given import (
    BLOCK_LABELS,
    BLOCK_TITLE,
    LABELS,
    MOMENTS,
    NOT_ADVICE,
    ROUTINE_LABELS,
    UNTITLED,
    is_group,
    prescribed_pain,
    value_of,
)
from voicecoach.ports import Exported

_SPECIAL = re.compile(r"([\\`*_\[\]<>&#])")
_AT_THE_START = re.compile(r"^([-+=~]|\d{1,9}(?=[.)]))")


def as_markdown(routine: Routine) -> Exported:
    """Return a routine as Markdown, in UTF-8."""
    lost = []
    if routine.variants:
        lost.append("the easier and harder forms themselves: their names are in it, for a library that has them")
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
        group = is_group(block)
        if group:
            yield ""
            yield f"## {_heading(block)}"
            about = list(_about(block))
            yield from ["", *about] if about else []
        for exercise in block.exercises:
            yield ""
            yield f"{'###' if group else '##'} {escape(exercise.name)}"
            yield ""
            yield from _exercise(exercise, block)


def _heading(block: Block) -> str:
    """Return a block's heading: ``Warm-up (2 rounds, rest 60 s)``."""
    rounds = f"{block.repeat} round{'s' * (block.repeat != 1)}"
    inside = ["as many rounds as you like" if block.style is Manner.AMRAP else rounds]
    if block.rest:
        inside.append(f"rest {seconds(block.rest)}")
    return f"{escape(block.title or UNTITLED)} ({', '.join(inside)})"


def _about(block: Block) -> Iterator[str]:
    """Return how a block is gone through, a line each, as far as it is more than rounds."""
    if block.title == UNTITLED:
        yield from _item(BLOCK_TITLE, UNTITLED)
    for key, label in BLOCK_LABELS.items():
        match getattr(block, key):
            case Range() as span:
                yield from _item(label, seconds(span))
            case True:
                yield from _item(label, "yes")
            case Manner() as style:
                yield from _item(label, str(style))


def _exercise(exercise: Exercise, block: Block) -> Iterator[str]:
    dose = exercise.dose
    yield f"- How much: {write_dose(dose, sides=len(exercise.limbs) == 2, sets_told=block.style is None)}"
    if dose.assumed:
        keys = dose.assumed if isinstance(dose.assumed, tuple) else ("dose",)
        yield f"- Assumed: {', '.join(keys)}".replace("_", " ")
    for key, label in LABELS.items():
        yield from _item(label, value_of(exercise, key))
        if key == "cues" and exercise.timed_cues:
            yield from _item(MOMENTS, tuple(f"{cue.at}: {cue.say}" for cue in exercise.timed_cues))


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
