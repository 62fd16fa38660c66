"""Lengths of time and turns of phrase, as a person reads them.

Rule: for the eye. What is said aloud is the language's.
"""

from __future__ import annotations

from voicecoach.core.routine import Block
from voicecoach.picture.course import Course


def clock(seconds: float) -> str:
    """Return ``m:ss``."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def length(seconds: float) -> str:
    """Return ``45 s`` or ``2:30``, for a figure beside others."""
    return f"{round(seconds)} s" if seconds < 90 else f"{clock(seconds)} min"


def times(number: int, noun: str = "time") -> str:
    """Return ``once``, ``twice``, ``3 times``; of another noun ``1 change``, ``3 changes``."""
    if noun == "time" and 0 < number < 3:
        return ("once", "twice")[number - 1]
    return f"{number or 'no'} {noun}{'s' * (number != 1)}"


def ways(course: Course) -> tuple[str, str]:
    """Return the positions in their order, and how often one goes down, up, and changes between two exercises."""
    order: list[str] = []
    for change in course.changes:
        if change.after is not None:
            way = "down to " if change.down else "up to " if change.up else ""
            order.append(f"{way}{change.after.value}")
        else:
            order.append("up")
    figures = (
        f"down to the floor {times(course.downs) if course.downs else 'never'}, "
        f"up from it {times(course.ups) if course.ups else 'never'}, "
        f"{times(course.turns, 'change')} between exercises"
    )
    return " → ".join(order), figures


def block_in_words(block: Block) -> str:
    """Return how a block is gone through: ``  x 3, circuit, rest 30 s``."""
    rounds = f"x {block.repeat}" if block.repeat > 1 else ""
    style = str(block.style) if block.style and block.title else ""
    spans = {"every": block.every, "for": block.lasts, "rest between": block.rest_between, "rest": block.rest}
    figures = [f"{word} {span} s" for word, span in spans.items() if span]
    parts = [part for part in (rounds, style, *figures, "in another order each session" * block.shuffle) if part]
    return f"  {', '.join(parts)}" if parts else ""
