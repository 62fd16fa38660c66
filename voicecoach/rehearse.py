"""A session on a virtual clock: no device, no waiting, the same decisions. For authors, tests and estimates.

Rule: one of the two places that call ``Session.handle`` (the other is ``host``).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from voicecoach.core.events import Command, Effect, Event, Heard, Hush, Line, Say, Spoken, Start, Tick
from voicecoach.core.person import Person, Room
from voicecoach.core.program import Program
from voicecoach.core.session import Session


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a rehearsal, and what the session made of it."""

    at: float
    """Seconds of session time."""
    event: Event
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Scripted:
    """A command given at a moment, as with ``--say pause@12.5``."""

    command: Command
    at: float
    """Seconds of session time."""
    words: str = ""


def rehearse(
    program: Program,
    speaking: Callable[[Line], float],
    say: Iterable[Scripted] = (),
    *,
    person: Person | None = None,
    room: Room | None = None,
) -> Iterator[Moment]:
    """Play ``program`` on a virtual clock; ``speaking`` says how long each line takes.

    Ends with the session, or where it would wait for ever: then ``Moment``s simply stop, without an ``End``.
    """
    session = Session(program, person, room)
    pending = [(entry.at, number, entry) for number, entry in enumerate(say)]
    heapq.heapify(pending)
    spoken: Spoken | None = None
    event: Event | None = Start(0.0)
    while event is not None:
        effects = session.handle(event)
        yield Moment(event.at, event, effects)
        for effect in effects:
            if isinstance(effect, Say):
                spoken = Spoken(event.at + speaking(effect.line), effect.utterance)
            elif isinstance(effect, Hush):
                spoken = None
        if session.over:
            return
        event = _soonest(session, spoken, pending)
        if isinstance(event, Spoken):
            spoken = None
        elif isinstance(event, Heard):
            heapq.heappop(pending)


def _soonest(session: Session, spoken: Spoken | None, pending: list[tuple[float, int, Scripted]]) -> Event | None:
    """Return what happens next; at one moment, speech ends before the next cue, and a command comes last."""
    events: list[Event] = [] if spoken is None else [spoken]
    if session.deadline is not None:
        events.append(Tick(session.deadline))
    events += [Heard(at, entry.command, entry.words or entry.command.value, "script") for at, _, entry in pending[:1]]
    return min(events, key=lambda event: event.at, default=None)
