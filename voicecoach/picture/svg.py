"""The timeline as a picture: a row for each exercise, drawn over the minutes.

Rule: one file that needs nothing else: no script, no font, no address. Every word from outside goes through
``markup.text``. Parts differ in height and outline, not in colour alone, so that a printer without colours does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from voicecoach.core.dose_words import dose_in_words
from voicecoach.core.routine import Exercise, Routine
from voicecoach.markup import tag, text
from voicecoach.picture.course import Course, Part, Piece, merged
from voicecoach.picture.words import clock, length, ways

WIDTH = 760.0
_LEFT, _RIGHT = 250.0, 700.0
"""Between these the minutes run."""
_ROW = 34.0
_TOP = 84.0
_FINEST = 900
"""Parts of the whole length: what is shorter is drawn with its neighbour."""
_TICKS = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)

_HEIGHTS = {Part.WORK: 16.0, Part.HOLD: 16.0, Part.REST: 8.0, Part.MOVE: 8.0, Part.TALK: 2.0}
NAMES = {
    Part.WORK: "work",
    Part.HOLD: "hold",
    Part.REST: "rest",
    Part.MOVE: "getting into place",
    Part.TALK: "talk",
}
"""What the parts are called."""


def style() -> str:
    """Return the style sheet of the picture: light, dark and paper."""
    return resources.files(__package__).joinpath("picture.css").read_text("utf-8")


def picture(routine: Routine, course: Course, *, inside: bool = False) -> str:
    """Return the timeline as SVG; ``inside`` a page it has neither a style sheet nor a heading of its own."""
    rows = list(_rows(routine, course))
    top = 26.0 if inside else _TOP
    bottom = top + _ROW * len(rows)
    height = bottom + 66
    drawn = [
        *([] if inside else [f"<style>\n{style()}</style>"]),
        tag("title", text(f"Timeline of {routine.title}"), id="timeline-title"),
        tag("desc", text(_summary(course)), id="timeline-desc"),
        tag("rect", width=WIDTH, height=height, class_="t-paper"),
        *([] if inside else _heading(routine, course)),
        *_axis(course, top, bottom),
        *_changes(course, top, bottom),
        *(part for n, row in enumerate(rows) for part in _drawn(row, top + _ROW * n, course)),
        *_legend(course, bottom + 50),
    ]
    return (
        tag(
            "svg",
            *drawn,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH:g} {height:g}",
            role="img",
            aria_labelledby="timeline-title timeline-desc",
            class_="timeline",
        )
        + "\n"
    )


@dataclass(slots=True)
class _Row:
    """An exercise as it is listed, with every stretch of time that goes into it."""

    name: str
    below: str
    pieces: list[Piece]


def _rows(routine: Routine, course: Course) -> Iterator[_Row]:
    for number, block in enumerate(routine.blocks):
        for exercise in block.exercises:
            visits = [visit for visit in course.visits if visit.block == number and visit.exercise is exercise]
            rounds = f", {len(visits)} rounds" if len(visits) > 1 else ""
            yield _Row(exercise.name, f"{_dose(exercise)}{rounds}", [p for visit in visits for p in visit.pieces])


def _dose(exercise: Exercise) -> str:
    """Return the dose without the names of the limbs, for which there is no room here."""
    side = "side" if len(exercise.limbs) == 2 else "limb"
    return dose_in_words(exercise.dose, exercise).replace(f" each ({', '.join(exercise.limbs)})", f" each {side}")


def _summary(course: Course) -> str:
    """Return the picture in words, for those who hear it."""
    shares = ", ".join(f"{NAMES[part]} {length(course.total(part))}" for part in Part if course.total(part) >= 0.5)
    order, figures = ways(course)
    starts = "; ".join(f"{clock(visit.start)} {visit.exercise.name}" for visit in course.visits[:60])
    return f"About {length(course.seconds)} in all: {shares}. Positions: {order}; {figures}. Begins: {starts}."


def _heading(routine: Routine, course: Course) -> list[str]:
    at_hand = f"; have at hand: {', '.join(routine.at_hand)}" if routine.at_hand else ""
    return [
        _label(_cut(routine.title, 60), 20, 30, kind="t-title"),
        _label(_cut(f"about {length(course.seconds)}{at_hand}", 110), 20, 49, kind="t-small"),
    ]


def _drawn(row: _Row, y: float, course: Course) -> Iterator[str]:
    yield _label(_cut(row.name, 34), 20, y + 14, kind="t-name")
    yield _label(_cut(row.below, 44), 20, y + 26, kind="t-small")
    middle = y + 17
    for piece in merged(row.pieces, least=course.seconds / _FINEST):
        x, end = _x(piece.start, course), _x(piece.start + piece.seconds, course)
        tall = _HEIGHTS[piece.part]
        hint = f"{clock(piece.start)} {NAMES[piece.part]}, {length(piece.seconds)}"
        yield tag(
            "rect",
            tag("title", text(hint)),
            x=x,
            y=middle - tall / 2,
            width=max(0.6, end - x),
            height=tall,
            class_=f"t-{piece.part.name.lower()}",
        )
    yield _label(
        length(sum(piece.seconds for piece in row.pieces)), WIDTH - 4, middle + 4, kind="t-small", anchor="end"
    )


def _axis(course: Course, top: float, bottom: float) -> Iterator[str]:
    seconds = max(1.0, course.seconds)
    every = next((tick for tick in _TICKS if tick / seconds * (_RIGHT - _LEFT) >= 42), _TICKS[-1])
    for tick in range(0, int(seconds) + 1, every):
        x = _x(tick, course)
        yield tag("line", x1=x, x2=x, y1=top, y2=bottom, class_="t-grid")
        yield _label(clock(tick), x, bottom + 14, kind="t-small", anchor="middle")
    yield tag("line", x1=_LEFT, x2=_RIGHT, y1=bottom, y2=bottom, class_="t-base")


def _changes(course: Course, top: float, bottom: float) -> Iterator[str]:
    """Mark where one goes down to the floor and gets up, and where the position changes."""
    beside = -100.0
    for change in course.changes:
        if change.before is None and not change.down:
            continue  # it begins in a chair or standing
        x = _x(change.at, course)
        word = "down" if change.down else "up" if change.up else "change"
        kind = "t-level" if change.down or change.up else "t-change"
        yield tag("line", x1=x, x2=x, y1=top - 4, y2=bottom, class_=kind)
        if x - beside >= 34:  # else the words would stand over one another
            yield _label(word, x, top - 8, kind="t-small", anchor="middle")
            beside = x


def _legend(course: Course, y: float) -> Iterator[str]:
    x = 20.0
    for part in Part:
        if course.total(part) < 0.5:
            continue
        tall, words = _HEIGHTS[part], f"{NAMES[part]} {length(course.total(part))}"
        yield tag("rect", x=x, y=y - 4 - tall / 2, width=18.0, height=tall, class_=f"t-{part.name.lower()}")
        yield _label(words, x + 24, y, kind="t-small")
        x += 38 + 5.6 * len(words)


def _label(words: str, x: float, y: float, *, kind: str, anchor: str = "start") -> str:
    return tag("text", text(words), x=x, y=y, text_anchor=anchor, class_=kind)


def _x(seconds: float, course: Course) -> float:
    return _LEFT + seconds / max(1.0, course.seconds) * (_RIGHT - _LEFT)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
