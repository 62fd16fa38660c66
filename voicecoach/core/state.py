"""What a session remembers: one frozen value, replaced and never changed.

Rule: it holds spent time, never a timer. A moment is kept only to be subtracted from another, so shifting every
event in time changes nothing, and an old state can be put back at any later time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from voicecoach.core.events import Command, Line, Mode, Priority, Remember
from voicecoach.core.pain import Pain
from voicecoach.core.program import Program, Step
from voicecoach.core.routine import Exercise


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Time that was spent, and since when more is being spent."""

    spent: float = 0.0
    since: float | None = None

    @property
    def running(self) -> bool:
        """Whether time is being spent."""
        return self.since is not None

    def read(self, at: float) -> float:
        """Return the seconds spent by ``at``."""
        return self.spent if self.since is None else self.spent + at - self.since

    def start(self, at: float) -> Stopwatch:
        """Return it running from ``at`` on; unchanged if it runs."""
        return self if self.running else Stopwatch(self.spent, at)

    def stop(self, at: float) -> Stopwatch:
        """Return it stopped, with what was spent by ``at``."""
        return Stopwatch(self.read(at))

    def reaches(self, seconds: float) -> float:
        """Return the moment at which ``seconds`` will have been spent. Only while running."""
        assert self.since is not None  # noqa: S101 - a programming error, not an input
        return self.since + seconds - self.spent


class Role(Enum):
    """Why something is said; it decides what becomes of it when it is cut short."""

    SCRIPT = auto()
    """The program's own talk: said again when the session goes on."""
    ASIDE = auto()
    """An answer: dropped."""
    NEWS = auto()
    """Of devices and the journal: dropped, and no reason to wait any longer for somebody who may be in need."""
    CUE = auto()
    """Bound to its moment: dropped."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A line in the mouth, or waiting for it."""

    line: Line
    role: Role
    priority: Priority = Priority.TALK
    number: int = 0
    """Given when it is said."""
    since: float = 0.0
    """When it was said."""
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A step that waits to be taken up: what it had spent, and what was still to be said."""

    spent: float
    cue: int
    running: bool
    script: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Worked:
    """An exercise that somebody is at, or was at last."""

    index: int
    """Where it stands in ``Program.exercises``; what is made anew there keeps its number, and not its identity."""
    exercise: Exercise
    """As it was then: another form, or more of it, may stand there by now."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a session knows."""

    program: Program
    """What is played: the person's wishes change it."""
    volume: float = 1.0
    rate: float = 1.0
    """Of the configured speech rate."""
    unkept: bool = False
    """Whether it turned out that nothing is kept."""
    asleep: bool = False
    """Deaf to all but what is urgent and "wake up"."""
    offered: bool = False
    """A session that was cut off has been taken up, and "no" begins afresh."""
    pain: Pain | None = None
    """What is known about a pain that has not been settled."""
    pain_from: Mode = Mode.INSTRUCTION
    """Where it came; a false alarm leads back there."""
    pains: int = 0
    """How often there was pain today."""
    scores: tuple[tuple[str, int], ...] = ()
    """The last score of pain for each exercise, by slug."""
    locked: frozenset[str] = frozenset()
    """The exercises, by slug, that have hurt in this session: nothing leads to them any more."""
    lowered: bool = False
    """Whether less is done today, because it was worse than before."""
    new_locks: tuple[str, ...] = ()
    """Exercises that were locked when it began to hurt, and not before: taken back if nothing comes of it."""
    posture: Exercise | None = None
    """Whose position the person is in or was told to get into: whose way out helps."""
    worked: Worked | None = None
    """What the person is at or was at last: what a pain comes from."""
    left_out: tuple[str, ...] = ()
    """The exercises, by slug, that were skipped, and are asked about at the end."""
    opened: bool = False
    """Whether the questions of the beginning were asked, or need not be."""
    closed: bool = False
    """Likewise those of the end."""
    praised: int = 0
    """How many sentences of praise were said: none is said twice."""
    missed: int = 0
    """How often the answer to a question was not understood."""
    overheard: str = ""
    """What was said last that was no command."""
    mode: Mode = Mode.INSTRUCTION
    index: int = -1
    """The step of the program; -1 before the start."""
    clock: Stopwatch = Stopwatch()
    """Of the current step."""
    cue: int = 0
    """The next cue of the current step."""
    detours: tuple[Step, ...] = ()
    """Steps that go before step ``index`` is taken up: a count-in, an explanation, a short ending."""
    held: Held | None = None
    """Step ``index`` while it waits, in a freeze or behind a detour. None while frozen: it will begin afresh."""
    mouth: Utterance | None = None
    queue: tuple[Utterance, ...] = ()
    utterances: int = 0
    """How many were said."""
    last: Line | None = None
    """For "again"."""
    asked_from: Mode = Mode.INSTRUCTION
    """Where "no" leads back to from the question before the end."""
    quiet_since: float | None = None
    """Since when the session waits in silence for a word."""
    reminded: int = 0
    """How often it has reminded the person that it waits."""
    backed_at: float | None = None
    """When "go back" was last said."""
    undo: Undo | None = None
    done: frozenset[tuple[int, int, int]] = frozenset()
    """The exercises that were gone through to their end."""
    reason: str = "finished"
    over: bool = False
    now: float = 0.0
    """The time of the last event: time never runs backwards."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What the session was before the last command, and when that was given."""

    before: State
    at: float
    command: Command
    forget: tuple[Remember, ...] = ()
    """What is to be kept for the sessions to come in place of what the command had kept."""
    light: bool = False
    """Only how it is told has changed (loudness, speed, a rest): no step is left for it, nor to bring it back."""
