"""Where reports come from: the one thing that history asks of whatever keeps sessions, and what it gives in return.

Rule: history reads reports through ``Sessions``; how they are kept is not its business. ``summarise`` makes what is
kept at the end of a session; ``StoredSessions`` reads it again, and makes what a session that was cut off has not left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from voicecoach.core.events import Effect, Event
from voicecoach.core.person import Person, Room
from voicecoach.core.programme import PartOf
from voicecoach.core.report import ReportError, SessionReport, from_json, to_json
from voicecoach.core.reporter import Reporter
from voicecoach.core.routine import Routine
from voicecoach.ports import PortError


class Sessions(Protocol):
    """The sessions that are kept."""

    def newest_first(self, since: date | None = None) -> Iterator[SessionReport]:
        """Give a report of every session, the newest first, of those that began on ``since`` or later."""
        ...

    @property
    def unreadable(self) -> Sequence[str]:
        """What could not be read so far, one sentence each, for the person."""
        ...


class Header(Protocol):
    """What is known of a session besides its events, as far as a report needs it."""

    @property
    def started(self) -> datetime:
        """Wall time, with its offset."""
        ...

    @property
    def routine(self) -> Routine:
        """As it was played."""
        ...

    @property
    def person(self) -> Person:
        """As the session was told of them."""
        ...

    @property
    def room(self) -> Room:
        """What it was played in."""
        ...

    @property
    def part_of(self) -> PartOf | None:
        """The day of a programme that it was."""
        ...


class Entry(Protocol):
    """A session on the shelf."""

    @property
    def id(self) -> int:
        """Its number."""
        ...

    @property
    def started(self) -> str:
        """ISO 8601."""
        ...

    @property
    def finished(self) -> str | None:
        """ISO 8601; None: it was cut off, or is being played."""
        ...

    @property
    def summary(self) -> Any:
        """What ``summarise`` gave at its end; None where there is nothing."""
        ...


_Recording = TypeVar("_Recording")
_Recording_co = TypeVar("_Recording_co", covariant=True)


class Shelf(Protocol[_Recording_co]):
    """The journal, as far as it is read here."""

    def sessions(self) -> Sequence[Entry]:
        """Return the sessions, the newest first."""
        ...

    def recording(self, session: int, /) -> _Recording_co:
        """Return a session, whole."""
        ...


def summarise(header: Header, played: Iterable[tuple[Event, Iterable[Effect]]]) -> dict[str, Any]:
    """Return what a session comes to, as something that JSON can hold."""
    return to_json(_report(header, played))


class StoredSessions(Generic[_Recording]):
    """The sessions on a shelf. ``replay`` gives the header, and every event with its effects, of a recording."""

    def __init__(
        self,
        shelf: Shelf[_Recording],
        replay: Callable[[_Recording], tuple[Header, Iterable[tuple[Event, Iterable[Effect]]]]],
    ) -> None:
        self._shelf, self._replay = shelf, replay
        self._unreadable: list[str] = []

    @property
    def unreadable(self) -> Sequence[str]:
        """What could not be read so far, one sentence each."""
        return tuple(self._unreadable)

    def newest_first(self, since: date | None = None) -> Iterator[SessionReport]:
        """Give a report of every session; one that cannot be read is left out, and told of in ``unreadable``."""
        for entry in self._shelf.sessions():
            if since is None or entry.started[:10] >= since.isoformat():
                try:
                    report = self._read(entry)
                except (ReportError, PortError) as error:
                    self._unreadable.append(f"the session of {entry.started[:10]} is left out: {error}")
                else:
                    yield replace(report, id=str(entry.id), started=entry.started, ended=entry.finished)

    def _read(self, entry: Entry) -> SessionReport:
        if entry.summary is not None:
            return from_json(entry.summary)
        return _report(*self._replay(self._shelf.recording(entry.id)))


class NoSessions:
    """Where nothing is kept."""

    unreadable: Sequence[str] = ()

    def newest_first(self, since: date | None = None) -> Iterator[SessionReport]:  # noqa: ARG002 - the protocol's
        """Give nothing."""
        return iter(())


def _report(header: Header, played: Iterable[tuple[Event, Iterable[Effect]]]) -> SessionReport:
    # The number is the shelf's to give.
    reporter = Reporter(header.routine, id="", started=header.started.isoformat(), person=header.person)
    for event, effects in played:
        reporter.feed(event, effects)
    return replace(reporter.report(), attended=header.room.attended, part_of=header.part_of)
