"""``voicecoach run``, cut off and taken up again, as a person sees it; and ``voicecoach unlock``."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.journal.stored import STARTED, header, keep
from tests.test_cli import Cli, cli, home  # noqa: F401 - fixtures
from voicecoach.cli import main
from voicecoach.core.events import Remember, Start, Volume
from voicecoach.core.news import Returned
from voicecoach.core.person import AGREED, KNOWN, LOCK
from voicecoach.core.report import SessionReport, from_json
from voicecoach.history.source import StoredSessions, summarise
from voicecoach.journal.replay import replay
from voicecoach.journal.store import Entry, Recording, Store
from voicecoach.journal.writer import Played
from voicecoach.rig import Rig

RUN = ("run", "short.toml", "--speaker", "a.wav")
RESUME = ("run", "--resume", "--speaker", "b.wav")


@pytest.fixture(autouse=True)
def always(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """These sessions are played to files, and kept all the same."""
    monkeypatch.setenv("VOICECOACH_STORAGE_JOURNAL", "always")


@pytest.fixture
def db(home: Path) -> Path:  # noqa: F811
    return home / "data" / "voicecoach" / "journal.db"


@pytest.fixture
def attended(monkeypatch: pytest.MonkeyPatch, db: Path) -> None:
    """As if there were an ear, and a person who knows the coach; what they say, --say says."""
    monkeypatch.setattr(Rig, "attended", True)
    keep(db, header(), [(Start(0.0), (Remember(AGREED, 1), Remember(KNOWN + "bridge", 1)))])


def sessions(db: Path) -> list[Entry]:
    """What ``short.toml`` left, the oldest first."""
    return [entry for entry in reversed(Store.open(db).sessions()) if entry.routine == "short"]


def kinds(db: Path, session: int) -> list[str]:
    return [type(event).__name__ for event in Store.open(db).recording(session).events]


def events(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(name).read_text("utf-8").splitlines()]


def summary_of(recording: Recording) -> SessionReport:
    return from_json(summarise(recording.header, replay(recording)[1]))


def flat(output: str) -> str:
    return " ".join(output.split())


# --- Taking up --------------------------------------------------------------------------------------------------------


def test_a_session_is_kept_and_a_finished_one_is_not_resumed(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN)
    [entry] = sessions(db)
    assert (entry.title, entry.reason) == ("Short", "finished")
    shelf = Store.open(db)
    [report] = StoredSessions(shelf, lambda stored: (stored.header, replay(stored)[1])).newest_first()
    assert (report.id, report.routine, report.ended) == ("1", "short", entry.finished)
    assert from_json(entry.summary) == summary_of(shelf.recording(1))
    output = cli(*RESUME, code=2).output
    assert output == (
        "Error: there is nothing to resume: no session was cut off.\nTo mend it: voicecoach run ROUTINE\n"
    )


def test_resume_goes_on_in_the_same_session_and_the_same_time(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@22", "--events", "a.jsonl", code=3)
    [cut] = sessions(db)
    assert cut.finished is None
    end = events("a.jsonl")[-1]
    assert end["reason"] == "cannot go on"
    output = cli(*RESUME, "--say", "resume@2", "--events", "b.jsonl").output
    assert re.search(r"^Short, goes on at \d:\d\d", output)
    assert "finished" in output
    [entry] = sessions(db)
    assert (entry.id, entry.reason) == (cut.id, "finished")
    stored = kinds(db, cut.id)
    assert stored.count("Start") == stored.count("Returned") == 1
    [event] = [event for event in Store.open(db).recording(cut.id).events if isinstance(event, Returned)]
    assert event.asked
    assert event.at == pytest.approx(end["t"], abs=0.1)
    again = events("b.jsonl")
    assert again[0]["t"] == pytest.approx(end["t"], abs=0.1)
    assert [entry["t"] for entry in again] == sorted(entry["t"] for entry in again)
    assert again[-1]["t"] - again[0]["t"] < 25, "it does not begin from the beginning"


def test_it_can_be_cut_off_again_and_again(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@3", code=3)
    for at in (2, 3):
        cli(*RESUME, "--say", "resume@1", "--say", f"pause@{at}", "--events", "e.jsonl", code=3)
        assert events("e.jsonl")[-1]["reason"] == "cannot go on"
        assert events("e.jsonl")[-1]["t"] >= events("e.jsonl")[-2]["t"]
    cli(*RESUME, "--say", "resume@2")
    [entry] = sessions(db)
    assert entry.reason == "finished"
    assert kinds(db, entry.id).count("Returned") == 3


def test_resume_may_name_the_routine(cli: Cli, home: Path, db: Path) -> None:  # noqa: F811
    (home / "other.toml").write_text((home / "short.toml").read_text())
    cli(*RUN, "--say", "pause@3", code=3)
    for name in ("other.toml", "first-steps"):
        output = cli("run", name, *RESUME[1:], code=2).output
        assert f"nothing to resume: no session of {name} was cut off.\nTo mend it: voicecoach run {name}\n" in output
    assert "there is no routine of this name" in cli("run", "shrt", *RESUME[1:], code=2).output
    (home / "short.toml").unlink()
    cli("run", "short.toml", *RESUME[1:], "--say", "resume@2")
    assert sessions(db)[0].reason == "finished", "it is played as it was, whatever became of the file"


def test_without_a_routine_there_must_be_something_to_resume(cli: Cli) -> None:  # noqa: F811
    assert "Missing argument 'ROUTINE'" in cli("run", code=2).output
    assert "nothing to resume" in cli("run", "--resume", code=2).output


def test_where_nothing_is_kept_nothing_is_written_and_nothing_resumed(cli: Cli, db: Path) -> None:  # noqa: F811
    nothing: dict[str, Any] = {"VOICECOACH_STORAGE_JOURNAL": "never"}
    cli(*RUN, **nothing)
    assert not db.exists()
    output = cli(*RESUME, code=2, **nothing).output
    assert 'no session is kept (storage.journal is "never": VOICECOACH_STORAGE_JOURNAL)' in output
    wrong: dict[str, Any] = {"VOICECOACH_STORAGE_JOURNAL": "perhaps"}
    assert 'storage.journal = "perhaps"' in cli(*RUN, code=2, **wrong).output


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_session_that_was_killed_goes_on(cli: Cli, home: Path, db: Path, number: signal.Signals) -> None:  # noqa: F811
    command = [sys.executable, "-m", "voicecoach", "run", "short.toml", "--speaker", "none", "--events", "k.jsonl"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while not ((home / "k.jsonl").exists() and '"say"' in (home / "k.jsonl").read_text()):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        while not (sessions(db) and Store.open(db).recording(sessions(db)[0].id).events):
            assert time.monotonic() < until  # it is written within a moment of being said
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(30) == (-number if number is signal.SIGKILL else 130)
    [cut] = sessions(db)
    assert cut.finished is None
    said = [event["t"] for event in events("k.jsonl") if event["event"] == "say"]
    assert Store.open(db).recording(cut.id).events[-1].at >= said[0]
    output = cli(*RESUME, "--say", "ready@1", "--say", "resume@5").output
    assert "(finished)" in output
    [entry] = sessions(db)
    assert (entry.id, entry.reason) == (cut.id, "finished")


@pytest.mark.usefixtures("attended")
def test_help_is_called_by_the_settings_of_today(cli: Cli, db: Path) -> None:  # noqa: F811
    """Also when it is cut off and taken up once more: what was decided with them is decided so again."""
    cli(*RUN, "--say", "pause@22", code=3)
    number: dict[str, Any] = {"VOICECOACH_SAFETY_EMERGENCY_NUMBER": "999"}
    first = flat(cli(*RESUME, "--say", "emergency@1", code=3, **number).output)
    assert "9 9 9" in first
    assert "1 1 2" not in first
    again = flat(cli(*RESUME, "--say", "emergency@3", code=3, VOICECOACH_SAFETY_EMERGENCY_NUMBER="144").output)
    assert "1 4 4" in again
    assert "9 9 9" not in again
    assert len(sessions(db)) == 1


@pytest.mark.usefixtures("attended")
def test_it_goes_on_as_loud_and_as_fast_as_it_was(cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    cli(*RUN, "--say", "quieter@10", "--say", "slower@12", "--say", "pause@22", code=3)
    (_, effects), *_ = [
        (event, effects)
        for event, effects in replay(Store.open(db).recording(sessions(db)[0].id))[1]
        if any(isinstance(effect, Volume) for effect in effects) and not isinstance(event, Start)
    ]
    [level] = [effect.level for effect in effects if isinstance(effect, Volume)]
    levels: list[float] = []
    monkeypatch.setattr("voicecoach.speech.mixer.Mixer.volume", lambda _, level: levels.append(level))
    cli(*RESUME, "--say", "resume@9", "--say", "five@60")
    assert levels == [0.6, level], "as configured, and then as it was"
    assert level < 0.6


# --- Being asked ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("attended")
def test_the_next_session_asks_and_yes_goes_on(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@22", code=3)
    output = cli(*RUN, "--say", "yes@9", "--say", "five@40", "--events", "e.jsonl").output
    assert re.search(r"^Short, was cut off at \d:\d\d", output)
    assert "Welcome back" in output
    [entry] = sessions(db)
    assert entry.reason == "finished"
    recording = Store.open(db).recording(entry.id)
    assert [event.asked for event in recording.events if isinstance(event, Returned)] == [False]
    assert [e for e in events("e.jsonl") if e["event"] == "end"] == [events("e.jsonl")[-1]]


@pytest.mark.usefixtures("attended")
def test_no_begins_afresh_on_the_same_rig(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@22", code=3)
    output = cli(*RUN, "--say", "no@9", "--say", "five@45", "--events", "e.jsonl").output
    assert "(afresh)" in output
    first, second = sessions(db)
    assert (first.reason, second.reason) == ("afresh", "finished")
    assert kinds(db, second.id)[0] == "Start"
    assert "Returned" not in kinds(db, second.id)
    ends = [number for number, entry in enumerate(events("e.jsonl")) if entry["event"] == "end"]
    assert [events("e.jsonl")[number]["reason"] for number in ends] == ["afresh", "finished"]
    assert events("e.jsonl")[ends[0] + 1]["t"] == 0
    assert not any(e["event"] == "heard" and e["words"] == "no" for e in events("e.jsonl")[ends[0] + 1 :])
    heard = [e for e in events("e.jsonl")[ends[0] + 1 :] if e["event"] == "heard"]
    assert heard
    assert heard[0]["t"] < 45 - 9, "--say counts from the start of the run"
    assert Store.open(db).recording(second.id).header.person.agreed


@pytest.mark.usefixtures("attended")
def test_one_that_was_cut_off_long_ago_is_not_offered(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@22", code=3)
    connection = sqlite3.connect(db)
    connection.execute("UPDATE event SET wall = wall - 90000")
    connection.commit()
    connection.close()
    assert "Welcome back" not in cli(*RUN, "--say", "five@45").output
    assert [entry.reason for entry in sessions(db)] == [None, "finished"]


def test_with_nobody_to_ask_a_fresh_one_begins(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@3", code=3)
    assert re.search(r"^Short, about", cli(*RUN).output)
    assert [entry.reason for entry in sessions(db)] == [None, "finished"]
    assert "Returned" not in kinds(db, 1)


# --- A journal in trouble ---------------------------------------------------------------------------------------------


def spoil_version(db: Path) -> None:
    connection = sqlite3.connect(db)
    connection.execute("PRAGMA user_version = 7")
    connection.close()


def spoil_file(db: Path) -> None:
    db.write_bytes(b"no database at all " * 500)


def spoil_header(db: Path) -> None:
    connection = sqlite3.connect(db)
    connection.execute('UPDATE session SET header = \'{"format":9,"version":"9.0"}\'')
    connection.commit()
    connection.close()


@pytest.mark.usefixtures("attended")
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_version, "! This session is not kept, and nothing is known of earlier ones, not even what is locked"),
        (spoil_file, "! The journal was damaged. It was moved to"),
        (spoil_header, "! A session that was cut off is left as it is: the session was written by voicecoach 9.0"),
    ],
)
def test_a_journal_in_trouble_is_told_and_the_session_plays(
    cli: Cli,  # noqa: F811
    db: Path,
    spoil: Callable[[Path], None],
    words: str,
) -> None:
    cli(*RUN, "--say", "pause@22", code=3)
    spoil(db)
    output = flat(cli(*RUN, "--say", "yes@9", "--say", "five@60").output)
    assert output.count(words) == 1
    assert "(finished)" in output


def test_resume_says_why_there_is_nothing(cli: Cli, db: Path) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@3", code=3)
    spoil_header(db)
    output = flat(cli(*RESUME, code=2).output)
    assert (
        "nothing to resume: no session was cut off. A session that was cut off is left as it is: the session" in output
    )


def test_a_disk_that_fails_meanwhile_is_told_once_at_the_end(
    cli: Cli,  # noqa: F811
    db: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("voicecoach.journal.writer.Writer._write", fail)
    output = flat(cli(*RUN).output)
    assert output.endswith(
        f"! The session is not kept whole: {db} cannot be used: disk i/o error. to mend it: voicecoach doctor"
    )
    assert output.count("not kept") == 1
    assert output.count("I cannot write this session down.") == 1
    assert "(finished)" in output


# --- Unlocking --------------------------------------------------------------------------------------------------------


@pytest.fixture
def locked(db: Path) -> Path:
    effects = (Remember(LOCK + "bridge", "pain 4"), Remember(LOCK + "plank", "worse"))
    played: list[Played] = [(Start(0.0), effects)]
    keep(db, header(), played, wall=STARTED.timestamp())
    return db


def locks(db: Path) -> list[str]:
    return [entry.key for entry in Store.open(db).remembered()]


DAY = STARTED.astimezone().date().isoformat()
BRIDGE = f'The bridge: locked since {DAY}, because it hurt, 4 of 10, in "Test" of 2026-11-21 18:02'
PLANK = f'Plank: locked since {DAY}, because it was worse than before the last session, in "Test" of 2026-11-21 18:02'


def test_unlock_lists_what_is_locked(cli: Cli, locked: Path) -> None:  # noqa: F811
    assert cli("unlock").output == f"bridge  {BRIDGE}\nplank  {PLANK}\nTo unlock one: voicecoach unlock EXERCISE\n"
    assert len(locks(locked)) == 2


def test_nothing_locked_is_no_trouble(cli: Cli, db: Path) -> None:  # noqa: F811
    assert cli("unlock").output == "No exercise is locked.\n"
    assert cli("unlock", "bridge").output == "bridge is not locked.\n"
    assert not db.exists()
    keep(db, header(), [])
    assert cli("unlock").output == "No exercise is locked.\n"


def test_unlock_with_yes_tells_why_and_unlocks(cli: Cli, locked: Path) -> None:  # noqa: F811
    assert cli("unlock", "bridge", "--yes").output == f"{BRIDGE}.\nThe bridge is unlocked.\n"
    assert locks(locked) == ["lock/plank"]
    assert cli("unlock", "bridge", "--yes").output == "bridge is not locked.\n"


def test_unlock_asks_nobody_who_is_not_there(cli: Cli, locked: Path) -> None:  # noqa: F811
    output = cli("unlock", "bridge", code=2).output
    assert output == (
        f"{BRIDGE}.\nError: nobody can be asked here: this is no terminal\nTo mend it: voicecoach unlock bridge --yes\n"
    )
    assert len(locks(locked)) == 2


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("n\n", 2), ("\n", 2)])
@pytest.mark.usefixtures("home")
def test_unlock_asks_on_a_terminal(locked: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: int) -> None:
    monkeypatch.setattr(sys.modules["voicecoach.cli.unlock"], "is_terminal", lambda: True)
    result = CliRunner().invoke(main, ["unlock", "bridge"], input=answer)
    assert result.exit_code == 0
    assert f"{BRIDGE}.\nUnlock it? [y/N]: " in result.output
    assert ("is unlocked" in result.output) == (left == 1)
    assert len(locks(locked)) == left


def test_an_unknown_exercise_is_suggested(cli: Cli, locked: Path) -> None:  # noqa: F811
    output = cli("unlock", "brigde", code=2).output
    assert output.startswith("Error: there is no exercise 'brigde'; did you mean 'bridge'? (locked: bridge, plank)\n")
    locked.unlink()
    assert "there is no exercise 'xyzzy' (none is locked)" in cli("unlock", "xyzzy", code=2).output


def test_unlock_says_what_is_wrong_with_the_journal(cli: Cli, locked: Path) -> None:  # noqa: F811
    spoil_version(locked)
    output = cli("unlock", code=3).output
    assert output == (
        f"Error: {locked} was written by a newer voicecoach (format 7; this one knows 1).\n"
        "To mend it: install the newer voicecoach\n"
    )
    spoil_file(locked)
    assert f"Error: {locked} is damaged." in cli("unlock", code=3).output
    assert locked.read_bytes().startswith(b"no database"), "only a session moves it aside"
