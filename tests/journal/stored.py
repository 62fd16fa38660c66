"""Sessions played in the fake world, with their headers: what a journal is filled with."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.core.world import World, exercise, routine
from voicecoach.core.events import Command, End, Note, Remember
from voicecoach.core.person import Person, Room
from voicecoach.core.program import Pace
from voicecoach.core.routine import Routine
from voicecoach.journal.codec import Header
from voicecoach.journal.replay import program_of
from voicecoach.journal.writer import Played, Writer

STARTED = datetime(2026, 11, 21, 18, 2, 3, tzinfo=timezone(timedelta(hours=1)))

BRIDGES = routine(exercise("bridge", reps=2, hold="5 s", sets=2, rest="20 s", say_as="The bridge"), exercise("plank"))
"""What most sessions of these tests play."""


def header(of: Routine = BRIDGES, *, started: datetime = STARTED, person: Person | None = None) -> Header:
    return Header(
        started, of, Pace(change_position=5, settle=5), person or Person(agreed=True), Room(ask_effort=False), "en", 160
    )


def world(of: Header) -> World:
    """A world around the session of this header."""
    return World(program_of(of), person=of.person, room=of.room)


def played(of: Header, seconds: float = 0.0, *words: tuple[float, Command]) -> list[Played]:
    """What happens in a session with these words at these moments, so many seconds long (0: to its end)."""
    stage = world(of)
    for at, command in words:
        stage.run_until(at)
        stage.say(command)
    if seconds:
        stage.run_until(seconds)
    else:
        stage.finish()
    return [(event, effects) for _, event, effects in stage.log]


def noted(what: list[Played], at: int, *effects: Note | Remember | End) -> list[Played]:
    """The same with more effects at one event: what this session does not say by itself."""
    return [(event, (*made, *effects) if number == at else made) for number, (event, made) in enumerate(what)]


def keep(path: Path, of: Header, what: Iterable[Played], *, wall: float | None = None) -> None:
    """Write a session, and wait until it is written."""
    writer = Writer(path, clock=time.time if wall is None else lambda: wall)
    writer.begin(of)
    for event, effects in what:
        writer.append(event, effects)
    writer.close()
    assert writer.failure is None
