"""Writes sessions into the journal, from a thread of its own.

Rule: whoever hands something in goes on at once, whatever the disk does. A disk that fails ends the writing, never the
session; the reason stands in ``failure``.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from voicecoach.core.events import Effect, End, Event, Note, Remember
from voicecoach.journal.claims import Claims
from voicecoach.journal.codec import Header, JournalError, checksum, compact, dump_event, dump_header
from voicecoach.journal.limit import MEGABYTE, drop_oldest
from voicecoach.journal.store import Connect, DamagedError, InUseError, connect, in_words, move_aside, prepare

COMMIT_EVERY = 0.25
"""Seconds from one commit to the next: what a power cut may cost, and twenty times what a slow card needs for one."""
CLOSING = 5.0
"""Seconds that closing waits for a slow disk."""

Played: TypeAlias = tuple[Event, tuple[Effect, ...]]
Summarise: TypeAlias = Callable[[Header, Sequence[Played]], object]
"""Makes what is kept of a session at its end, as something that JSON can hold. Called in the writer's thread."""


@dataclass(frozen=True, slots=True)
class _Begun:
    header: Header
    session: int | None = None
    """None: it is a new one."""
    played: tuple[Played, ...] = ()


@dataclass(frozen=True, slots=True)
class _Handled:
    wall: float
    event: Event
    effects: tuple[Effect, ...]

    @property
    def urgent(self) -> bool:
        return any(isinstance(effect, End) for effect in self.effects)


_Item: TypeAlias = _Begun | _Handled | None
"""None: nothing follows."""


@dataclass(slots=True)
class _Open:
    """The session that is being written."""

    session: int
    header: Header
    played: list[Played] = field(default_factory=list)
    """All of it: the number of an event is its place here."""


class Writer:
    """Begin a session, hand in what it handles, and close. ``make`` opens the connection, ``clock`` is the wall's.

    Where the journal is larger than ``limit_mb`` megabytes, a new session drops the oldest.
    """

    def __init__(
        self,
        path: Path,
        claims: Claims | None = None,
        *,
        summarise: Summarise | None = None,
        make: Connect = connect,
        clock: Callable[[], float] = time.time,
        interval: float = COMMIT_EVERY,
        limit_mb: int | None = None,
    ) -> None:
        self._path, self._claims, self._summarise = path, claims, summarise
        self._limit_mb = limit_mb
        self._make, self._clock, self._interval = make, clock, interval
        self._items: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._open: _Open | None = None
        self._give_up_at: float | None = None
        self.failure: JournalError | None = None
        """Why something is missing in the journal; None as long as nothing is."""
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="voicecoach_journal", daemon=True)
        self._thread.start()

    def begin(self, header: Header) -> None:
        """Begin a new session: what is handed in from now on belongs to it."""
        self._items.put(_Begun(header))

    def go_on(self, session: int, header: Header, played: Sequence[Played]) -> None:
        """Go on with a stored session, of which ``played`` is stored."""
        self._items.put(_Begun(header, session, tuple(played)))

    def append(self, event: Event, effects: tuple[Effect, ...]) -> None:
        """Hand in what the session was told and what it asked for. Returns at once and never fails."""
        if not self._ended:
            self._items.put(_Handled(self._clock(), event, effects))

    def close(self, wait: float = CLOSING) -> None:
        """Write the rest; a disk that needs longer than ``wait`` seconds is left to itself. Safe to call twice."""
        self._give_up_at = time.monotonic() + wait
        if not self._ended:
            self._items.put(None)
        self._thread.join(wait + 0.5)
        if self._thread.is_alive():
            self._ended = True
            self.failure = self.failure or JournalError(f"{self._path} cannot be written: the disk does not answer.")

    # --- The thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._write_all()
        except DamagedError:
            self._fail(_set_aside(self._path))
        except JournalError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - a thread that dies in silence would lose a session in silence
            self._fail(JournalError(f"{self._path} cannot be written: {type(error).__name__}: {error}."))
        finally:
            self._ended = True
            with contextlib.suppress(queue.Empty):
                while True:  # what came in before and will not be written need not be kept either
                    self._items.get_nowait()

    def _fail(self, error: JournalError) -> None:
        self.failure = self.failure or error

    def _write_all(self) -> None:
        first = self._items.get()
        if first is None:
            return
        batch: list[_Item] = [first]
        with contextlib.closing(self._patiently(lambda: prepare(self._path, self._make))) as connection:
            not_before = 0.0
            while True:
                self._gather(batch, not_before)
                with in_words(self._path):
                    self._write(connection, batch)
                not_before = time.monotonic() + self._interval
                if batch[-1] is None:
                    return
                batch = [self._items.get()]

    def _gather(self, batch: list[_Item], until: float) -> None:
        """Wait until the next commit is due, or something cannot wait, and take what has come."""
        while not _is_urgent(batch[-1]):
            left = until - time.monotonic()
            try:
                batch.append(self._items.get(timeout=left) if left > 0 else self._items.get_nowait())
            except queue.Empty:
                return

    def _write(self, connection: sqlite3.Connection, batch: Sequence[_Item]) -> None:
        def begin() -> sqlite3.Connection:
            with in_words(self._path):
                return connection.execute("BEGIN IMMEDIATE").connection

        self._patiently(begin)  # from here on nobody else is in the way
        for item in batch:
            if isinstance(item, _Begun):
                self._begin(connection, item)
            elif item is not None and self._open is not None:
                self._add(connection, self._open, item)
        connection.commit()

    def _patiently(self, attempt: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
        """Wait for another program to let go of the file, until closing has waited long enough."""
        while True:
            try:
                return attempt()
            except InUseError:
                if self._give_up_at is not None and time.monotonic() > self._give_up_at:
                    raise
                time.sleep(0.05)

    def _begin(self, connection: sqlite3.Connection, item: _Begun) -> None:
        number = item.session
        if number is None:
            if self._limit_mb is not None:
                drop_oldest(connection, self._limit_mb * MEGABYTE, self._clock())
            header = item.header
            values = (header.started.isoformat(), header.routine.slug, header.routine.title, dump_header(header))
            number = connection.execute(
                "INSERT INTO session (started, routine, title, header) VALUES (?, ?, ?, ?)", values
            ).lastrowid
            assert number is not None  # noqa: S101 - SQLite gives a number to every row
            if self._claims is not None:
                self._claims.take(number)
        self._open = _Open(number, item.header, list(item.played))

    def _add(self, connection: sqlite3.Connection, to: _Open, item: _Handled) -> None:
        number, at = len(to.played), item.event.at
        to.played.append((item.event, item.effects))
        kind, fields = dump_event(item.event)
        connection.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)",
            (to.session, number, item.wall, at, kind, fields, checksum(item.effects)),
        )
        when = datetime.fromtimestamp(item.wall).astimezone()
        day = when.date().isoformat()
        for effect in item.effects:
            match effect:
                case Note(kind=noted, fields=told):
                    values = (to.session, number, day, at, noted, compact(dict(told)))
                    connection.execute("INSERT INTO note VALUES (?, ?, ?, ?, ?, ?)", values)
                case Remember(key=key, value=None):
                    connection.execute("DELETE FROM memory WHERE key = ?", (key,))
                case Remember(key=key, value=value):
                    connection.execute(
                        "INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?)", (key, compact(value), day, to.session)
                    )
                case End(reason=reason):
                    connection.execute(
                        "UPDATE session SET finished = ?, reason = ?, summary = ? WHERE id = ?",
                        (when.isoformat(timespec="seconds"), reason, self._summary(to), to.session),
                    )
                    self._open = None

    def _summary(self, of: _Open) -> str | None:
        try:
            return None if self._summarise is None else compact(self._summarise(of.header, of.played))
        except Exception as error:  # noqa: BLE001 - the end is written, whatever a summary does
            self._fail(JournalError(f"the session's summary could not be made: {type(error).__name__}: {error}."))
            return None


def _is_urgent(item: _Item) -> bool:
    return item is None or (isinstance(item, _Handled) and item.urgent)


def _set_aside(path: Path) -> JournalError:
    try:
        aside = move_aside(path)
    except OSError as error:
        return JournalError(f"{path} is damaged, and cannot be moved aside: {(error.strerror or str(error)).lower()}.")
    return JournalError(f"{path} is damaged. It was moved to {aside.name}; the next session begins a new journal.")
