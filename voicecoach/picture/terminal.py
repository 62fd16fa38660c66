"""The timeline of a routine in characters: a strip as wide as the terminal, an axis, and what the signs mean.

Rule: signs tell apart what colours do, so that it reads the same in a pipe, without colours, and for the colour-blind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from voicecoach.picture.course import Course, Part
from voicecoach.picture.words import clock, length


class Sign(NamedTuple):
    """How a part is drawn."""

    mark: str
    style: str
    name: str


SIGNS = {
    Part.WORK: Sign("█", "blue", "work"),
    Part.HOLD: Sign("▓", "magenta", "hold"),
    Part.REST: Sign("░", "green", "rest"),
    Part.MOVE: Sign("/", "yellow", "getting into place"),
    Part.TALK: Sign("─", "dim", "talk"),
}

_STEPS = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
"""Seconds from one tick of the axis to the next."""
_TICK_ROOM = 9
"""Characters that a tick needs at least."""


def strip(course: Course, width: int) -> list[str]:
    """Return the strip and its axis, each as a line of at most ``width`` characters with styles."""
    if course.seconds <= 0 or width < 1:
        return []
    styled: list[str] = []
    for part, run in _runs(_marks(course, width)):
        sign = SIGNS[part]
        styled.append(f"[{sign.style}]{sign.mark * run}[/]")
    return ["".join(styled), f"[dim]{axis(course.seconds, width)}[/]"]


def axis(seconds: float, width: int) -> str:
    """Return the times under a strip of ``width`` characters that stands for so many seconds."""
    every = next((step for step in _STEPS if step * width / seconds >= _TICK_ROOM), _STEPS[-1])
    line = ""
    at = 0
    while at <= seconds:
        place, tick = round(at * width / seconds), clock(at)
        if place >= len(line) and place + len(tick) <= width:
            line = line.ljust(place) + tick
        at += every
    return line


def parts(course: Course, width: int) -> list[str]:
    """Return what the time goes into, as lines of at most ``width`` characters: ``█ work 50 s  ▓ hold 21 s``."""
    lines: list[list[str]] = [[]]
    used = 0
    for part in Part:
        sign, seconds = SIGNS[part], course.total(part)
        if seconds >= 0.5:
            words = f"{sign.mark} {sign.name} {length(seconds)}"
            if used and used + 2 + len(words) > width:
                lines.append([])
                used = 0
            lines[-1].append(f"[{sign.style}]{words[0]}[/]{words[1:]}")
            used += 2 * bool(used) + len(words)
    return ["  ".join(line) for line in lines]


def _marks(course: Course, width: int) -> list[Part]:
    """Return what each character stands for: of what is in its stretch of time, that which is owed most so far.

    Were it what most of the stretch is for, short lifts among long holds would never be seen, however many there are.
    """
    stretch = course.seconds / width
    owed = dict.fromkeys(Part, 0.0)
    marks: list[Part] = []
    for number in range(width):
        shares = _shares(course, number * stretch, (number + 1) * stretch)
        for part, seconds in shares.items():
            owed[part] += seconds
        marks.append(max(shares, key=lambda part: owed[part]))
        owed[marks[-1]] -= stretch
    return marks


def _shares(course: Course, start: float, end: float) -> dict[Part, float]:
    """Return the seconds of each part in a stretch of time, without those that it does not have."""
    shares: dict[Part, float] = {}
    for piece in course.pieces:
        seconds = min(end, piece.start + piece.seconds) - max(start, piece.start)
        if seconds > 0:
            shares[piece.part] = shares.get(piece.part, 0.0) + seconds
    return shares


def _runs(marks: list[Part]) -> Iterator[tuple[Part, int]]:
    start = 0
    for n in range(1, len(marks) + 1):
        if n == len(marks) or marks[n] is not marks[start]:
            yield marks[start], n - start
            start = n
