"""The writer: beside the session and never in its way; and everything that a disk may do to it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.journal.stored import STARTED, header, noted, played
from voicecoach.core.events import Command, Effect, End, Heard, Note, Remember, Start, Tick
from voicecoach.journal.codec import Header
from voicecoach.journal.store import Store, connect, prepare
from voicecoach.journal.writer import Played, Writer

SESSION = played(header(), 0.0, (3.0, Command.PAUSE), (9.0, Command.RESUME))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "journal.db"


def give(writer: Writer, what: Sequence[Played]) -> None:
    for event, effects in what:
        writer.append(event, effects)


def test_a_session_is_kept_whole(path: Path) -> None:
    writer = Writer(path, clock=lambda: 1_800_000_000.5)
    writer.begin(header())
    give(writer, SESSION)
    writer.close()
    writer.close()
    assert writer.failure is None
    store = Store.open(path)
    [entry] = store.sessions()
    assert (entry.id, entry.routine, entry.title, entry.started) == (1, "test", "Test", STARTED.isoformat())
    assert (entry.reason, entry.touched, entry.summary) == ("finished", 1_800_000_000.5, None)
    assert entry.finished is not None
    assert entry.finished.startswith("2027-01-1")
    recording = store.recording(1)
    assert recording.header == header()
    assert list(recording.events) == [event for event, _ in SESSION]
    store.close()


def test_the_file_is_a_durable_one_and_nobody_else_s(path: Path) -> None:
    with_tables = prepare(path)
    assert with_tables.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert with_tables.execute("PRAGMA synchronous").fetchone() == (2,), "FULL: a commit is on the disk"
    with_tables.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


def test_what_belongs_to_no_session_is_not_kept(path: Path) -> None:
    writer = Writer(path)
    give(writer, SESSION[:3])
    writer.begin(header())
    give(writer, [*SESSION, (Tick(999.0), ())])
    writer.close()
    assert writer.failure is None
    assert len(Store.open(path).recording(1).events) == len(SESSION), "nothing follows the end"


def test_two_sessions_of_one_run_are_kept_apart(path: Path) -> None:
    writer = Writer(path)
    for _ in range(2):
        writer.begin(header())
        give(writer, SESSION)
    writer.close()
    store = Store.open(path)
    assert [entry.id for entry in store.sessions()] == [2, 1]
    assert store.recording(1).events == store.recording(2).events


def test_a_session_goes_on_where_it_was(path: Path) -> None:
    first = Writer(path)
    first.begin(header())
    give(first, SESSION[:10])
    first.close()
    second = Writer(path)
    second.go_on(1, header(), SESSION[:10])
    give(second, SESSION[10:])
    second.close()
    store = Store.open(path)
    [entry] = store.sessions()
    assert entry.reason == "finished"
    assert list(store.recording(1).events) == [event for event, _ in SESSION]


def test_the_summary_sees_the_whole_session(path: Path) -> None:
    seen: list[Any] = []

    def summarise(of: Header, what: Sequence[Played]) -> object:
        seen.append((of, list(what)))
        return {"events": len(what)}

    for taken_up_at in (0, 10):
        writer = Writer(path, summarise=summarise)
        writer.begin(header())
        give(writer, SESSION[:taken_up_at])
        writer.close()
        writer = Writer(path, summarise=summarise)
        session = Store.open(path).sessions()[0].id
        writer.go_on(session, header(), SESSION[:taken_up_at])
        give(writer, SESSION[taken_up_at:])
        writer.close()
        assert seen.pop() == (header(), SESSION)
        assert Store.open(path).sessions()[0].summary == {"events": len(SESSION)}


def test_a_summary_that_fails_is_told_and_the_end_is_kept(path: Path) -> None:
    writer = Writer(path, summarise=lambda *_: 1 / 0)
    writer.begin(header())
    give(writer, SESSION)
    writer.close()
    assert "the session's summary could not be made: ZeroDivisionError" in str(writer.failure)
    assert Store.open(path).sessions()[0].reason == "finished"


def test_notes_and_memory_are_kept_with_their_day(path: Path) -> None:
    effects: tuple[Note | Remember, ...] = (
        Note.of("pain", exercise="bridge", set=1),
        Remember("lock/bridge", "pain 4"),
        Remember("volume", 0.8),
        Remember("talk", "less"),
    )
    writer = Writer(path, clock=STARTED.timestamp)
    writer.begin(header())
    silent: list[Played] = [(event, ()) for event, _ in SESSION]
    give(writer, noted(silent, 5, *effects))
    writer.begin(header())
    give(writer, noted(silent, 5, Remember("volume", None), Remember("talk", "more")))
    writer.close()
    store = Store.open(path)
    day = STARTED.astimezone().date().isoformat()
    assert [(m.key, m.value, m.day, m.session) for m in store.remembered()] == [
        ("lock/bridge", "pain 4", day, 1),
        ("talk", "more", day, 2),
    ]
    [note] = [note for note in store.notes("pain") if note.session == 1]
    assert (note.number, note.day, note.at, note.fields) == (5, day, SESSION[5][0].at, {"exercise": "bridge", "set": 1})
    assert store.notes("pain", day="1999-01-01") == []
    assert store.notes(session=2) == [note for note in store.notes() if note.session == 2]
    store.forget("talk")
    assert [m.key for m in store.remembered()] == ["lock/bridge"]


# --- A disk in trouble ------------------------------------------------------------------------------------------------


class Disk(sqlite3.Connection):
    """A disk whose commits a test holds up, counts, or breaks."""

    gate: threading.Event
    reached: threading.Event
    commits: int
    error: Exception | None

    @classmethod
    def of(cls, **fields: object) -> type[Disk]:
        base: dict[str, object] = {"gate": threading.Event(), "reached": threading.Event(), "commits": 0, "error": None}
        return type("SomeDisk", (cls,), base | fields)

    def commit(self) -> None:
        kind = type(self)
        kind.commits += 1
        kind.reached.set()
        assert kind.gate.wait(30)
        if kind.error is not None:
            raise kind.error
        super().commit()


def on(disk: type[Disk], **pragmas: int) -> Any:
    def make(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, factory=disk)
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name} = {value}")
        return connection

    return make


def test_a_stalled_disk_holds_up_nobody(path: Path) -> None:
    disk = Disk.of()
    writer = Writer(path, make=on(disk))
    writer.begin(header())
    give(writer, SESSION[:1])
    assert disk.reached.wait(30)
    for _ in range(50):
        give(writer, SESSION[1:-1])  # were any of these to wait for the disk, it would wait for ever
    assert not disk.gate.is_set()
    assert disk.commits == 1
    writer.close(wait=0.05)
    assert str(writer.failure) == f"{path} cannot be written: the disk does not answer."
    disk.gate.set()
    writer._thread.join(30)
    assert len(Store.open(path).recording(1).events) == 1 + 50 * (len(SESSION) - 2), "late, and yet nothing is lost"


def test_commits_are_few_and_the_end_does_not_wait(path: Path) -> None:
    disk = Disk.of()
    disk.gate.set()
    writer = Writer(path, make=on(disk), interval=3600.0)
    writer.begin(header())
    give(writer, SESSION[:-1])
    give(writer, SESSION[-1:])
    writer.close()
    assert isinstance(SESSION[-1][1][-1], End)
    assert disk.commits <= 3, "the beginning, the end, and what closing wrote"
    assert writer.failure is None


def test_the_end_is_written_at_once(path: Path) -> None:
    disk = Disk.of()
    disk.gate.set()
    writer = Writer(path, make=on(disk), interval=3600.0)
    writer.begin(header())
    assert disk.reached.wait(30)
    give(writer, SESSION)
    store = Store.open(path)
    waited = threading.Event()
    for _ in range(3000):
        if (entries := store.sessions()) and entries[0].finished:
            break
        waited.wait(0.01)
    assert entries[0].reason == "finished", "the next commit would be due in an hour"
    writer.close()


def full(path: Path) -> sqlite3.Connection:
    """Room for the tables and nothing more."""
    connection = connect(path)
    connection.execute("PRAGMA max_page_count = 12")
    return connection


def unwritable(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)


def broken(path: Path) -> sqlite3.Connection:
    disk = Disk.of(error=OSError(5, "Input/output error"))
    disk.gate.set()
    connection: sqlite3.Connection = on(disk)(path)
    return connection


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (full, "no space left on device"),
        (unwritable, "it may not be written"),
        (broken, "input/output error"),
    ],
)
def test_a_disk_that_fails_ends_the_writing_and_is_told_once(path: Path, make: Any, words: str) -> None:
    prepare(path).close()
    writer = Writer(path, make=make, interval=0.0)
    writer.begin(header())
    for _ in range(40):
        give(writer, SESSION[1:-1])
    writer.close()
    assert words in str(writer.failure)
    told = writer.failure
    give(writer, SESSION)
    writer.close()
    assert writer.failure is told
    assert writer._items.qsize() <= 1, "what nobody will write is not piled up"


def test_a_folder_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    writer = Writer(tmp_path / "file" / "journal.db")
    writer.begin(header())
    writer.close()
    assert "journal.db cannot be used: " in str(writer.failure)


def test_something_unheard_of_is_told_too(path: Path) -> None:
    writer = Writer(path)
    writer.begin(header())
    writer.append(Start(0.0), "no effects at all")  # type: ignore[arg-type]
    unknown: Any = Effect
    writer.append(unknown, ())
    writer.close()
    assert "cannot be written: AttributeError" in str(writer.failure)


def test_another_program_in_the_way_is_waited_for(path: Path) -> None:
    other = prepare(path)
    other.execute("BEGIN IMMEDIATE")
    attempts: list[str] = []
    tried = threading.Event()

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            attempts.extend([sql] if sql == "BEGIN IMMEDIATE" else [])
            if len(attempts) == 3:
                tried.set()
            return super().execute(sql, *args)

    writer = Writer(path, make=lambda p: sqlite3.connect(p, timeout=0.01, isolation_level=None, factory=Watched))
    writer.begin(header())
    give(writer, SESSION)
    assert tried.wait(10), "it gave up"
    other.execute("COMMIT")
    other.close()
    writer.close(30)
    assert writer.failure is None
    assert Store.open(path).sessions()[0].reason == "finished"


def test_another_program_in_the_way_is_not_waited_for_for_ever(path: Path) -> None:
    other = prepare(path)
    other.execute("BEGIN IMMEDIATE")
    writer = Writer(path, make=lambda p: sqlite3.connect(p, timeout=0.01, isolation_level=None))
    writer.begin(header())
    give(writer, SESSION)
    writer.close(0.2)
    assert str(writer.failure) == f"{path} is in use by another program."
    other.close()


def test_a_journal_that_turns_out_damaged_is_set_aside(path: Path) -> None:
    """What a start does not look at may be broken all the same: here the table of events."""
    connection = prepare(path)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xaa" * 4096
    path.write_bytes(content)
    writer = Writer(path)
    writer.begin(header())
    give(writer, SESSION)
    writer.close()
    assert "is damaged. It was moved to journal.db.broken-1; the next session begins a new journal." in str(
        writer.failure
    )
    assert path.with_name("journal.db.broken-1").read_bytes()[(root - 1) * 4096 :][:4096] == b"\xaa" * 4096
    assert not path.exists()


def test_a_word_that_no_file_can_hold_is_held(path: Path) -> None:
    writer = Writer(path)
    writer.begin(header())
    odd = Heard(1.0, Command.PAUSE, words="half \ud800 a letter, \x00 and none")
    give(writer, [*SESSION[:1], (odd, ())])
    writer.close()
    assert writer.failure is None
    assert Store.open(path).recording(1).events[1] == odd
