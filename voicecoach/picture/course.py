"""What a program's time goes into, and how the body changes its place: the figures behind every picture.

Rule: read off the program's steps, so that a picture shows what will be played; nothing is reckoned twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from voicecoach.core.program import EPSILON, Program, Step, StepKind
from voicecoach.core.routine import ON_THE_BACK, ON_THE_FLOOR, Exercise, Position


class Part(StrEnum):
    """What a stretch of time is for."""

    WORK = "work"
    HOLD = "hold"
    REST = "rest"
    MOVE = "change of position"
    TALK = "talk"


_PARTS = {
    StepKind.WORK: Part.WORK,
    StepKind.HOLD: Part.HOLD,
    StepKind.REST: Part.REST,
    StepKind.POSITION: Part.MOVE,
    StepKind.SWITCH: Part.MOVE,
}
"""All other steps are talk, and whatever of a step is talk counts as that."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time for one thing."""

    part: Part
    start: float
    """Seconds from the beginning, as estimated."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Visit:
    """One going through an exercise: once, or once a round."""

    exercise: Exercise
    block: int
    round: int
    """From 0."""
    pieces: tuple[Piece, ...]
    open_ended: bool
    """Whether some of it lasts until the person says so, and counts nothing here."""

    @property
    def start(self) -> float:
        """Seconds from the beginning, as estimated."""
        return self.pieces[0].start if self.pieces else 0.0

    @property
    def seconds(self) -> float:
        """How long it lasts, with the rest behind it."""
        return sum(piece.seconds for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Change:
    """Getting from one position into another."""

    before: Position | None
    """None: the beginning, where one stands."""
    after: Position | None
    """None: the end, where one gets up."""
    at: float
    """Seconds from the beginning, as estimated."""

    @property
    def down(self) -> bool:
        """Whether one goes down to the floor."""
        return _is_floor(self.after) and not _is_floor(self.before)

    @property
    def up(self) -> bool:
        """Whether one gets up from the floor."""
        return _is_floor(self.before) and not _is_floor(self.after)


@dataclass(frozen=True, slots=True)
class Course:
    """A whole routine in time."""

    pieces: tuple[Piece, ...]
    visits: tuple[Visit, ...]
    changes: tuple[Change, ...]
    """Also the first, from standing, and the last, up from the floor where one is there."""

    @property
    def seconds(self) -> float:
        """How long it all lasts, as estimated; what is open-ended counts nothing."""
        return sum(piece.seconds for piece in self.pieces)

    @property
    def open_ended(self) -> bool:
        """Whether some of it lasts until the person says so."""
        return any(visit.open_ended for visit in self.visits)

    @property
    def ups(self) -> int:
        """How often one gets up from the floor."""
        return sum(change.up for change in self.changes)

    @property
    def downs(self) -> int:
        """How often one goes down to the floor."""
        return sum(change.down for change in self.changes)

    @property
    def turns(self) -> int:
        """How often the position changes between two exercises."""
        return sum(change.before is not None and change.after is not None for change in self.changes)

    def total(self, part: Part) -> float:
        """Return how many seconds go into one thing."""
        return sum(piece.seconds for piece in self.pieces if piece.part is part)


def course_of(program: Program) -> Course:
    """Return what a program's time goes into."""
    pieces: list[Piece] = []
    visits: list[tuple[tuple[int, int, int], list[Piece], list[Step]]] = []
    at = 0.0
    for step in program.steps:
        own = list(_pieces(step, at))
        at += sum(piece.seconds for piece in own)
        pieces += own
        if step.place is None:
            continue
        if not visits or visits[-1][0] != step.place.of_exercise:
            visits.append((step.place.of_exercise, [], []))
        visits[-1][1].extend(own)
        visits[-1][2].append(step)
    made = tuple(
        Visit(program.exercises[index], block, turn, tuple(own), any(step.seconds is None for step in steps))
        for (block, turn, index), own, steps in visits
    )
    return Course(tuple(pieces), made, tuple(_changes(made, at)))


def merged(pieces: Iterable[Piece], least: float) -> Sequence[Piece]:
    """Return what follows on one another of one kind as one piece, and what is shorter than ``least`` s with it.

    For drawing, never for figures.
    """
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is None or piece.start - last.start - last.seconds > EPSILON:
            found.append(piece)
        elif last.part is piece.part or piece.seconds < least:
            found[-1] = replace(last, seconds=last.seconds + piece.seconds)
        elif last.seconds < least:
            found[-1] = Piece(piece.part, last.start, last.seconds + piece.seconds)
        else:
            found.append(piece)
    return found


def _pieces(step: Step, at: float) -> Iterable[Piece]:
    """Return what a step's time goes into: first its lines, unless its time runs meanwhile, then its time."""
    if step.talk and not step.eager:
        yield Piece(Part.TALK, at, step.talk)
        at += step.talk
    part = _PARTS.get(step.kind, Part.TALK)
    if part is Part.REST and step.place and step.place.rep is not None:
        part = Part.WORK  # between two held repetitions one moves
    if step.seconds:
        yield Piece(part, at, step.seconds)


def _changes(visits: Sequence[Visit], end: float) -> Iterable[Change]:
    before: Position | None = None
    for visit in visits:
        after = visit.exercise.position
        if before is not after and not {before, after} <= ON_THE_BACK:
            yield Change(before, after, visit.start)
        before = after
    if before is not None and _is_floor(before):
        yield Change(before, None, end)


def _is_floor(position: Position | None) -> bool:
    return position in ON_THE_FLOOR
