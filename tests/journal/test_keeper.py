"""The keeper: what was cut off, who plays it, and a journal in any state whatever."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.core.world import exercise, routine
from tests.journal.stored import BRIDGES, STARTED, header, keep, noted, played
from voicecoach.core.events import Command, Note, Remember
from voicecoach.core.news import Returned
from voicecoach.core.person import Person
from voicecoach.journal.claims import Claims
from voicecoach.journal.keeper import Keeper
from voicecoach.journal.store import Store, move_aside, prepare

WHOLE = played(header(), 0.0, (3.0, Command.PAUSE), (9.0, Command.RESUME))
CUT = WHOLE[:20]
OTHER = header(routine(exercise("dog"), slug="other"))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "journal.db"


def keeper(folder: Path | None, after: timedelta = timedelta()) -> Keeper:
    return Keeper(folder, now=lambda: STARTED + after)


def store_cut(path: Path, *, of: object = None, ago: timedelta = timedelta()) -> None:
    keep(
        path,
        header() if of is None else OTHER,
        CUT if of is None else played(OTHER, 15.0),
        wall=(STARTED - ago).timestamp(),
    )


def found(folder: Path, routine: str | None = None) -> int | None:
    """The session that --resume would take up; and nothing is left claimed."""
    made = keeper(folder)
    cut = made.cut_off(routine)
    assert made.notices == []
    made.close()
    return None if cut is None else cut.entry.id


def offered(folder: Path, after: timedelta = timedelta()) -> int | None:
    made = keeper(folder, after)
    cut = made.cut_off_lately("test")
    assert made.notices == []
    made.close()
    return None if cut is None else cut.entry.id


def test_a_new_journal_knows_nothing(folder: Path) -> None:
    assert found(folder / "deep" / "down") is None
    assert offered(folder) is None
    assert keeper(folder).person() == Person()
    nobody = keeper(None)
    assert (nobody.person(), nobody.cut_off(), nobody.begin(header())) == (Person(), None, None)
    nobody.close()
    assert not (folder / "nothing").exists()


def test_the_last_one_that_was_cut_off_is_found(folder: Path, path: Path) -> None:
    store_cut(path)
    assert found(folder) == offered(folder) == 1
    keep(path, header(), WHOLE)
    assert found(folder) == 1, "asked for, it may lie behind one that was finished"
    assert offered(folder) is None, "unasked, only the very last one counts"
    store_cut(path, of=OTHER)
    assert found(folder) == 3
    assert found(folder, "test") == 1
    assert found(folder, "other") == 3
    assert found(folder, "none") is None
    store_cut(path)
    assert offered(folder) == 4


def test_one_that_never_began_is_none(folder: Path, path: Path) -> None:
    keep(path, header(), [])
    assert found(folder) is None
    store_cut(path)
    keep(path, header(), [])
    assert offered(folder) == 2


def test_after_a_day_it_is_not_offered_any_more(folder: Path, path: Path) -> None:
    store_cut(path, ago=timedelta(hours=2))
    assert offered(folder, timedelta(hours=21, minutes=59)) == 1
    assert offered(folder, timedelta(hours=22, minutes=1)) is None
    assert found(folder) == 1


def test_it_is_as_it_was_and_goes_on_there(folder: Path, path: Path) -> None:
    store_cut(path)
    made = keeper(folder)
    cut = made.cut_off("test")
    assert cut is not None
    assert cut.played == CUT
    assert cut.at == CUT[-1][0].at
    assert cut.header == header()
    writer = made.go_on(cut)
    assert writer is not None
    event = Returned(cut.at, asked=True)
    effects = cut.session.handle(event)
    writer.append(event, effects)
    made.close()
    assert made.notices == []
    recording = Store.open(path).recording(1)
    assert list(recording.events) == [*(event for event, _ in CUT), event]
    assert found(folder) == 1, "and cut off once more it can be taken up once more"


HOLDER = """if True:
    import sys
    from pathlib import Path
    from voicecoach.journal.keeper import Keeper
    keeper = Keeper(Path(sys.argv[1]))
    print(keeper.cut_off() is not None, flush=True)
    sys.stdin.read()
"""


def test_a_session_that_another_program_plays_was_not_cut_off(folder: Path, path: Path) -> None:
    store_cut(path)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert found(folder) is None
        assert offered(folder) is None
        other.kill()
    assert found(folder) == offered(folder) == 1, "its claim died with it"


PLAYER = """if True:
    import sys
    from pathlib import Path
    from tests.journal.stored import header, played
    from voicecoach.journal.keeper import Keeper
    keeper = Keeper(Path(sys.argv[1]))
    writer = keeper.begin(header())
    for event, effects in played(header(), 20.0):
        writer.append(event, effects)
    writer.close()
    print(writer.failure, flush=True)
    sys.stdin.read()
"""


def test_a_new_session_is_claimed_as_well(folder: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PLAYER, str(folder)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "None\n"
        assert found(folder) is None
        other.kill()
    assert found(folder) == 1


def test_one_that_is_not_taken_up_is_left_to_others(folder: Path, path: Path) -> None:
    store_cut(path)
    made = keeper(folder)
    cut = made.cut_off()
    assert cut is not None
    made.leave(cut)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        other.kill()
    made.close()


def spoil_header(path: Path, **values: object) -> None:
    connection = sqlite3.connect(path)
    stored = json.loads(connection.execute("SELECT header FROM session ORDER BY id DESC").fetchone()[0])
    connection.execute(
        "UPDATE session SET header = ? WHERE id = (SELECT max(id) FROM session)", (json.dumps(stored | values),)
    )
    connection.commit()
    connection.close()


def test_one_whose_header_cannot_be_read_is_left_alone_and_told(folder: Path, path: Path) -> None:
    store_cut(path)
    spoil_header(path, format=99, version="9.9")
    before = Store.open(path)._rows("SELECT * FROM session")
    made = keeper(folder)
    assert made.cut_off() is None
    assert made.cut_off_lately("test") is None
    assert len(made.notices) == 2
    assert made.notices[0].what.startswith(
        "A session that was cut off is left as it is: the session was written by voicecoach 9.9"
    )
    writer = made.begin(header())
    assert writer is not None
    made.close()
    assert Store.open(path)._rows("SELECT * FROM session WHERE id = 1") == before


# --- A journal in any state -------------------------------------------------------------------------------------------

LOCKED = (Note.of("pain"), Remember("lock/bridge", "pain 4"))


@pytest.fixture
def locked(path: Path) -> Path:
    keep(path, header(), noted(CUT, 3, *LOCKED), wall=STARTED.timestamp())
    return path


def test_what_is_known_is_the_person(folder: Path, locked: Path) -> None:
    known = keeper(folder).person()
    assert known.pains_today == 1
    assert [lock.exercise for lock in known.locks] == ["bridge"]


@pytest.mark.parametrize("damage", ["text", "half", "hole"])
def test_a_damaged_journal_is_moved_aside_whole(folder: Path, locked: Path, damage: str) -> None:
    whole = locked.read_bytes()
    content = {
        "text": b"This is no database. " * 400,
        "half": whole[: len(whole) // 2],
        "hole": whole[:100] + bytes(4000) + whole[4100:],
    }[damage]
    locked.write_bytes(content)
    (folder / "journal.db.broken-1").write_text("an older one")
    made = keeper(folder)
    assert made.person() == Person()
    [notice] = made.notices
    assert notice.what.startswith(
        f"The journal was damaged. It was moved to {folder / 'journal.db.broken-2'}, and a new"
    )
    assert (folder / "journal.db.broken-2").read_bytes() == content
    assert (folder / "journal.db.broken-1").read_text() == "an older one"
    assert made.begin(header()) is not None
    made.close()
    assert found(folder) is None
    assert len(Store.open(locked).sessions()) == 1


def test_a_journal_s_log_goes_with_it(folder: Path, path: Path) -> None:
    for name in ("journal.db", "journal.db-wal"):
        (folder / name).write_text(name)
    assert move_aside(path) == folder / "journal.db.broken-1"
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "journal.db.broken-1": "journal.db",
        "journal.db.broken-1-wal": "journal.db-wal",
    }


def test_an_empty_file_is_a_new_journal(folder: Path, path: Path) -> None:
    path.write_bytes(b"")
    assert offered(folder) is None
    assert list(folder.glob("*broken*")) == []


def test_a_newer_journal_is_not_written_to(folder: Path, locked: Path) -> None:
    connection = sqlite3.connect(locked)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = locked.read_bytes()
    made = keeper(folder)
    assert (made.person(), made.cut_off(), made.begin(header())) == (Person(), None, None)
    [notice] = made.notices
    assert notice.what == (
        "This session is not kept, and nothing is known of earlier ones, not even what is locked: "
        f"{locked} was written by a newer voicecoach (format 2; this one knows 1)."
    )
    assert notice.mend == "install the newer voicecoach"
    made.close()
    assert locked.read_bytes() == before


def test_another_program_s_database_is_not_written_to(folder: Path, path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    before = path.read_bytes()
    made = keeper(folder)
    assert made.begin(header()) is None
    assert "is a database of another program." in made.notices[0].what
    made.close()
    assert path.read_bytes() == before


def test_a_journal_that_another_program_holds_is_not_waited_for_for_ever(
    folder: Path, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicecoach.journal.store.PATIENCE", 0.01)
    other = sqlite3.connect(locked, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    made = keeper(folder)
    [notice] = made.notices
    assert notice.what == f"This session is not kept: {locked} is in use by another program."
    assert made.begin(header()) is None
    assert [lock.exercise for lock in made.person().locks] == ["bridge"], "what may be read is read: a lock is a lock"
    made.close()
    other.close()


def test_a_disk_that_may_not_be_written_can_be_read(
    folder: Path, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a memory card that the system has made read-only. (We may be root: no mode of a file would stop us.)"""

    def refuse(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        connection.execute("CREATE TABLE x (y)")
        return connection

    monkeypatch.setattr("voicecoach.journal.store.prepare", lambda path: prepare(path, refuse))
    made = keeper(folder)
    assert [notice.what for notice in made.notices] == [
        f"This session is not kept: {locked} cannot be used: it may not be written."
    ]
    assert [lock.exercise for lock in made.person().locks] == ["bridge"]
    assert (made.begin(header()), made.cut_off()) == (None, None)
    made.close()


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    made = keeper(tmp_path / "file")
    assert made.begin(header()) is None
    assert len(made.notices) == 1
    assert "not a directory" in made.notices[0].what or "file exists" in made.notices[0].what
    made.close()


def test_what_fails_meanwhile_is_told_at_the_end(folder: Path, path: Path) -> None:
    made = keeper(folder)
    writer = made.begin(header())
    assert writer is not None
    gone = folder.rename(folder.with_name("gone"))  # it may be writing there now
    shutil.rmtree(gone, ignore_errors=True)
    for event, effects in CUT:
        writer.append(event, effects)
    writer.append(object(), ())  # type: ignore[arg-type]
    made.close()
    [notice] = made.notices
    assert notice.what.startswith("The session is not kept whole: ")
    made.close()
    assert len(made.notices) == 1


def test_claims_are_per_session(path: Path) -> None:
    path.write_bytes(b"")
    claims = Claims(path)
    assert claims.take(1)
    assert claims.take(2)
    claims.release(1)
    claims.close()
    claims.close()


def test_time_is_the_wall_s(folder: Path, path: Path) -> None:
    keep(path, replace(header(BRIDGES), started=datetime.now().astimezone()), CUT)
    made = Keeper(folder)
    assert made.cut_off_lately("test") is not None
    made.close()
