"""The journal's file: one SQLite database, its tables, and what can be read from them.

Rule: events are only ever added. Whatever is wrong with the file is one ``JournalError`` in a person's words; a damaged
file is moved aside whole, never mended and never overwritten.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from voicecoach.core.events import Event, Value
from voicecoach.journal.codec import FORMAT, Header, JournalError, UnreadableError, load_event, load_header
from voicecoach.private import keep_private

NAME = "journal.db"
PATIENCE = 2.0
"""Seconds that a start waits for another program to let go of the file."""

_TABLES = """
CREATE TABLE session (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, routine TEXT NOT NULL, title TEXT NOT NULL, header TEXT NOT NULL,
    finished TEXT, reason TEXT, summary TEXT
);
-- "at" has no type: SQLite would make a fraction of a whole number. "wall" is seconds since 1970, "effects" a checksum.
CREATE TABLE event (
    session INTEGER NOT NULL, number INTEGER NOT NULL, wall REAL NOT NULL, at NOT NULL, kind TEXT NOT NULL,
    fields TEXT NOT NULL, effects INTEGER NOT NULL, PRIMARY KEY (session, number)
) WITHOUT ROWID;
CREATE TABLE note (
    session INTEGER NOT NULL, number INTEGER NOT NULL, day TEXT NOT NULL, at NOT NULL, kind TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE INDEX note_by_kind ON note (kind, day);
CREATE TABLE memory (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, day TEXT NOT NULL, session INTEGER NOT NULL
) WITHOUT ROWID;
"""

_NO_SESSION = 0
"""Sessions are counted from 1."""

Connect: TypeAlias = Callable[[Path], sqlite3.Connection]


class InUseError(JournalError):
    """Another program holds the file: later it may work."""


class DamagedError(JournalError):
    """The file is no database, or a broken one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored session, in a line."""

    id: int
    routine: str
    """The slug."""
    title: str
    started: str
    """Wall time, ISO 8601 with offset."""
    finished: str | None
    """None: it was cut off, or is being played."""
    reason: str | None
    """Of its end (``core.events.End``)."""
    summary: Any
    """What whoever played it wanted kept at its end; None where there is none."""
    touched: float | None
    """Wall time of its last event, in seconds since 1970; None where it has none."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A stored session, whole."""

    header: Header
    events: tuple[Event, ...]
    checksums: tuple[int, ...]
    """Of each event's effects (``codec.checksum``)."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A value that was kept for the sessions to come."""

    key: str
    value: Value
    day: str
    session: int


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note of a stored session."""

    session: int
    number: int
    """Of the event that it followed."""
    day: str
    at: float
    kind: str
    fields: dict[str, Any]


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection that waits a little for others, and whose transactions we begin ourselves."""
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)


def prepare(path: Path, make: Connect = connect) -> sqlite3.Connection:
    """Open the journal at ``path`` for writing; make it where there is none. Raises ``JournalError``."""
    with in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keep_private(path)  # a person's pain is nobody else's business; it may have been copied here
        connection = make(path)
        try:
            _make_tables(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what the disk and SQLite raise into a ``JournalError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(error, path) from error
    except OSError as error:
        raise JournalError(f"{path} cannot be used: {(error.strerror or str(error)).lower()}.") from error


def move_aside(path: Path) -> Path:
    """Move a damaged journal, with the files that belong to it, to a name of its own. Raises ``OSError``."""
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    # The log first: left behind, it would be taken for the new file's.
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


class Store:
    """The journal, to read. Close it. Every method raises ``JournalError``."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open the journal; make it where there is none."""
        return cls(path, prepare(path))

    @classmethod
    def open_unwritable(cls, path: Path) -> Store:
        """Open a journal that may be read and not written, as it stands at its last checkpoint."""
        with in_words(path):
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            store = cls(path, connection)
            if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                raise UnreadableError(f"{path} is no journal that this version knows.")
            return store

    @classmethod
    def open_to_read(cls, path: Path) -> Store:
        """Open the journal; on a read-only disk, or in the folder of another user, what may be read of it."""
        try:
            return cls.open(path)
        except JournalError as error:
            try:
                return cls.open_unwritable(path)
            except JournalError:
                raise error from None

    def sessions(self) -> list[Entry]:
        """Return the sessions, the newest first."""
        rows = self._rows(
            "SELECT id, routine, title, started, finished, reason, summary,"
            " (SELECT wall FROM event WHERE session = id ORDER BY number DESC LIMIT 1) FROM session ORDER BY id DESC"
        )
        return [_entry(*row) for row in rows]

    def session(self, number: int) -> Entry | None:
        """Return the session of this id."""
        return next((entry for entry in self.sessions() if entry.id == number), None)

    def header(self, session: int) -> Header:
        """Return what a session depended on. Raises ``UnreadableError`` too."""
        rows = self._rows("SELECT header FROM session WHERE id = ?", session)
        if not rows:
            raise UnreadableError(f"the journal has no session {session}")
        return load_header(rows[0][0])

    def recording(self, session: int) -> Recording:
        """Return a session, whole. Raises ``UnreadableError`` too."""
        header = self.header(session)
        rows = self._rows("SELECT kind, at, fields, effects FROM event WHERE session = ? ORDER BY number", session)
        events = tuple(load_event(kind, at, text) for kind, at, text, _ in rows)
        return Recording(header, events, tuple(row[3] for row in rows))

    def remembered(self) -> list[Remembered]:
        """Return everything that is kept for later sessions, in order of key."""
        rows = self._rows("SELECT key, value, day, session FROM memory ORDER BY key")
        return [Remembered(key, json.loads(value), day, session) for key, value, day, session in rows]

    def notes(self, *kinds: str, day: str | None = None, session: int | None = None) -> list[StoredNote]:
        """Return the notes of these kinds (all, if none is named), of a day, of a session; the oldest first."""
        where = [f"kind IN ({', '.join('?' * len(kinds))})"] if kinds else []
        where += ["day = ?"] * (day is not None) + ["session = ?"] * (session is not None)
        values = [*kinds, *([day] if day is not None else []), *([session] if session is not None else [])]
        rows = self._rows(
            f"SELECT session, number, day, at, kind, fields FROM note WHERE {' AND '.join(where) or '1'}"  # noqa: S608
            " ORDER BY session, number, rowid",
            *values,
        )
        return [_note(*row) for row in rows]

    def remember(self, key: str, value: Value, day: str) -> None:
        """Keep a value at once, that was found out outside of any session. ``day`` is one as 2026-11-21."""
        with in_words(self._path):
            self._connection.execute(
                "INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?)", (key, json.dumps(value), day, _NO_SESSION)
            )

    def forget(self, key: str) -> None:
        """Forget a value at once. This and ``remember`` are all that is written outside a session."""
        with in_words(self._path):
            self._connection.execute("DELETE FROM memory WHERE key = ?", (key,))

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        self._connection.close()

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with in_words(self._path):
            return self._connection.execute(sql, values).fetchall()


def _entry(*row: Any) -> Entry:
    number, routine, title, started, finished, reason, summary, touched = row
    kept = None if summary is None else json.loads(summary)
    return Entry(number, routine, title, started, finished, reason, kept, touched)


def _note(*row: Any) -> StoredNote:
    session, number, day, at, kind, fields = row
    return StoredNote(session, number, day, at, kind, json.loads(fields))


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA synchronous = FULL")  # what is committed is on the disk, whatever becomes of the power
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise JournalError(f"{path} is a database of another program.", mend=f"move {path} somewhere else")
        connection.execute("PRAGMA journal_mode = WAL")  # for good: whoever reads never waits for the one who writes
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()  # another program may have been faster
        if version == 0:
            for statement in _TABLES.split(";\n")[:-1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            version = FORMAT
        connection.execute("COMMIT")
    if version > FORMAT:
        raise JournalError(
            f"{path} was written by a newer voicecoach (format {version}; this one knows {FORMAT}).",
            mend="install the newer voicecoach",
        )


_REASONS = {
    sqlite3.SQLITE_FULL: "no space left on device",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_PERM: "permission denied",
}


def _explained(error: sqlite3.Error, path: Path) -> JournalError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return InUseError(f"{path} is in use by another program.", mend="close it, and start again")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return DamagedError(f"{path} is damaged.")
    return JournalError(f"{path} cannot be used: {_REASONS.get(code, str(error).lower())}.", mend="voicecoach doctor")
