"""What a program's time goes into, and how the body changes its place: the figures behind every picture.

Rule: read off the program's steps, so that a picture shows what will be played; nothing is reckoned twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from voicecoach.core.program import EFFORT, EPSILON, Program, Step, StepKind
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
    """In order of time; with gaps, where it is explained with others before any of them begins."""
    open_ended: bool
    """Whether some of it lasts until the person says so, and counts nothing here."""

    @property
    def start(self) -> float:
        """Seconds from the beginning, as estimated: when one comes to it. What is told beforehand does not count."""
        begins, ended = 0.0, -1.0
        for piece in self.pieces:
            begins = piece.start if piece.start - ended > EPSILON else begins
            ended = piece.start + piece.seconds
            if piece.part is not Part.TALK:
                return begins
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
    visits: dict[tuple[int, int, int], list[Piece]] = {}
    endless = {step.place.of_exercise for step in program.steps if step.place and step.seconds is None}
    at = 0.0
    for step in program.steps:
        for index, piece in _shared(step, at):
            pieces.append(piece)
            at = piece.start + piece.seconds
            if step.place is not None and index is not None:
                visits.setdefault((step.place.block, step.place.round, index), []).append(piece)
    made = (Visit(program.exercises[of[2]], of[0], of[1], tuple(own), of in endless) for of, own in visits.items())
    return Course(tuple(pieces), tuple(sorted(made, key=lambda visit: visit.start)), tuple(_changes(program, at)))


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


def _shared(step: Step, at: float) -> Iterable[tuple[int | None, Piece]]:
    """Return a step's pieces, each with the exercise, by index, that it belongs to.

    Nobody knows how a person shares out a time that is theirs: to each exercise goes as much of it.
    """
    own = step.place.exercise if step.place else None
    for piece in _pieces(step, at):
        shares: Sequence[int | None] = step.together or (own,)
        each = piece.seconds / len(shares)
        for n, index in enumerate(shares):
            yield index, replace(piece, start=piece.start + n * each, seconds=each)


def _positions(program: Program) -> Iterable[tuple[float, Position]]:
    """Return when one is in which position, or getting there. Talk moves nobody."""
    at = 0.0
    for step in program.steps:
        shared = list(_shared(step, at))
        moves = step.kind in EFFORT or step.kind is StepKind.POSITION
        if moves and not shared and step.place is not None:
            yield at, program.exercises[step.place.exercise].position  # it has no end of its own
        for index, piece in shared:
            if moves and index is not None:
                yield piece.start, program.exercises[index].position
            at = piece.start + piece.seconds
        if step.leads_to is not None and step.changing:
            yield at - step.changing, program.exercises[step.leads_to].position


def _changes(program: Program, end: float) -> Iterable[Change]:
    before: Position | None = None
    for at, after in _positions(program):
        if before is not after and not {before, after} <= ON_THE_BACK:
            yield Change(before, after, at)
        before = after
    if before is not None and _is_floor(before):
        yield Change(before, None, end)


def _is_floor(position: Position | None) -> bool:
    return position in ON_THE_FLOOR
