"""Inline SVG, written by hand: elements, scales and the frame that every plot has.

Rule: every text that comes from outside goes through ``markup.text``. Colours and line widths are the style sheet's, by
class, so that light, dark and paper each have their own; shapes tell apart what colours do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from voicecoach.history.words import month, short_day
from voicecoach.markup import tag, text


def label(words: object, x: float, y: float, *, anchor: str = "start", kind: str = "tick") -> str:
    """Return words in a plot."""
    return tag("text", text(words), x=x, y=y, text_anchor=anchor, class_=kind)


def picture(name: str, title: str, summary: str, width: float, height: float, inside: Iterable[str]) -> str:
    """Return a plot with its name for those who hear it; ``name`` is unique on its page."""
    return tag(
        "svg",
        tag("title", text(title), id=f"{name}-title"),
        tag("desc", text(summary), id=f"{name}-desc"),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


MARKS = {
    "goes on": "circle",
    "exercise over": "square",
    "session over": "diamond",
    "urgent": "triangle",
}
"""The shape of each verdict on pain; any other has a ring."""


def mark(shape: str, x: float, y: float, hint: str = "", size: float = 4.2) -> str:
    """Return one dot of a plot, with what it stands for as its hint."""
    inside = (tag("title", text(hint)),) if hint else ()
    kind = f"mark {shape}"
    match shape:
        case "circle" | "ring":
            return tag("circle", *inside, cx=x, cy=y, r=size, class_=kind)
        case "square":
            return tag("rect", *inside, x=x - size, y=y - size, width=2 * size, height=2 * size, class_=kind)
        case "diamond":
            reach = size * 1.45
            path = (
                f"M{x:.1f} {y - reach:.1f}l{reach:.1f} {reach:.1f}l{-reach:.1f} {reach:.1f}l{-reach:.1f} {-reach:.1f}z"
            )
            return tag("path", *inside, d=path, class_=kind)
        case _:
            path = f"M{x:.1f} {y - size * 1.4:.1f}l{size * 1.35:.1f} {size * 2.4:.1f}h{-size * 2.7:.1f}z"
            return tag("path", *inside, d=path, class_=kind)


class Frame:
    """The scales of a plot of a score from 0 to 10 over days, and its axes."""

    width, height = 360.0, 158.0
    left, right, top, bottom = 30.0, 350.0, 30.0, 122.0

    def __init__(self, first: date, last: date) -> None:
        self._first, self._days = first, max(1, (last - first).days)
        self._last = first + timedelta(days=self._days)

    def x(self, day: date) -> float:
        """Return where a day stands."""
        return self.left + 6 + (day - self._first).days / self._days * (self.right - self.left - 12)

    def y(self, score: float) -> float:
        """Return where a score stands."""
        return self.bottom - score / 10 * (self.bottom - self.top)

    def axes(self, across: str, up: str) -> list[str]:
        """Return grid, ticks and the axes' names."""
        drawn = []
        for score in (0, 2, 4, 6, 8, 10):
            y = self.y(score)
            drawn.append(tag("line", x1=self.left, x2=self.right, y1=y, y2=y, class_="base" if score == 0 else "grid"))
            drawn.append(label(score, self.left - 6, y + 3.5, anchor="end"))
        for day in self._ticks():
            x = self.x(day)
            drawn.append(tag("line", x1=x, x2=x, y1=self.bottom, y2=self.bottom + 4, class_="base"))
            anchor = "start" if x < self.left + 14 else "end" if x > self.right - 14 else "middle"
            drawn.append(label(self._named(day), x, self.bottom + 22, anchor=anchor))
        drawn.append(label(up, 0, 11, kind="axis"))
        drawn.append(label(across, self.right, self.height - 2, anchor="end", kind="axis"))
        return drawn

    def _ticks(self) -> list[date]:
        """Return at most five days to name: months' firsts where there are enough of them, else days evenly."""
        every = (self._first + timedelta(days=n) for n in range(self._days + 1))
        firsts = [day for day in every if day.day == 1]
        if len(firsts) >= 3:
            step = -(-len(firsts) // 5)
            return firsts[::step]
        parts = min(4, self._days)
        return [self._first + timedelta(days=round(self._days * n / parts)) for n in range(parts + 1)]

    def _named(self, day: date) -> str:
        if self._days < 85:
            return short_day(day)
        return f"{month(day)} {day.year}" if day.month == 1 else month(day)
