"""What is open to others: no port, no file about the person, no secret that others may read."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.short import SHORT
from voicecoach.alert import AlertHook
from voicecoach.appliance.unit import unit
from voicecoach.cli import main
from voicecoach.journal.claims import Claims
from voicecoach.journal.store import NAME, connect, prepare
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.ports import Alarm
from voicecoach.private import write_private
from voicecoach.record import EventFile
from voicecoach.shipped import shipped

ROOT = Path(__file__).parents[2]
HIDDEN = "hunter-two"
KINDS = ("tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6", "packet")


def home_of(folder: Path, **more: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECOACH_", "VOSK_", "XDG_"))}
    return clean | {"HOME": str(folder), "PYTHONPATH": str(ROOT), "COLUMNS": "200"} | more


def command(folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicecoach", *args],
        cwd=folder,
        env=home_of(folder, **env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# --- The network ------------------------------------------------------------------------------------------------------


def family(pid: int) -> set[int]:
    """A process and all that it has started."""
    found, new = {pid}, {pid}
    while new:
        children = set()
        for each in new:
            for task in Path(f"/proc/{each}/task").iterdir():
                children |= {int(one) for one in (task / "children").read_text().split()}
        new = children - found
        found |= new
    return found


def sockets_of(pid: int) -> set[str]:
    """The numbers of the sockets that a process has open."""
    found = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(handle.readlink())
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            found.add(target.removeprefix("socket:[").removesuffix("]"))
    return found


def network_sockets(pid: int) -> list[str]:
    """The lines of /proc/net that belong to the process or its children, of every kind that reaches beyond the machine."""
    lines = []
    for each in family(pid):
        own = sockets_of(each)
        for kind in KINDS:
            table = Path(f"/proc/{each}/net/{kind}")
            if table.exists():
                lines += [f"{kind}: {line}" for line in table.read_text().splitlines()[1:] if own & set(line.split())]
    return lines


@contextmanager
def coach(folder: Path, *args: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A coach in real time, until its events have begun."""
    events = folder / "events.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "voicecoach", *args, "--events", str(events)],
        cwd=folder,
        env=home_of(folder, VOICECOACH_VOICE_ENGINE="none", **env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + 60
        while not (events.exists() and events.stat().st_size) and time.monotonic() < until:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="this system tells no process's sockets")
def test_the_search_sees_a_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = f":{server.getsockname()[1]:04X}"
        assert any(port in line for line in network_sockets(os.getpid()))


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="this system tells no process's sockets")
@pytest.mark.parametrize("args", [("serve", "--ear", "auto"), ("run", "first-steps")], ids=["serve", "run"])
def test_nothing_is_open_to_the_network_by_default(tmp_path: Path, args: tuple[str, ...]) -> None:
    say = ("--say", "louder@600")
    with coach(tmp_path, *args, "--speaker", "none", *say) as process:
        assert network_sockets(process.pid) == []
    assert not list(tmp_path.rglob("*.sock")), "nor a socket for scripts"


# --- Files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def careless() -> Iterator[None]:
    """A umask that hides nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))


@pytest.mark.usefixtures("careless")
def test_a_session_writes_nothing_that_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(SHORT, "utf-8")
    kept = {"VOICECOACH_STORAGE_JOURNAL": "always"}
    script = ("--ear", "none", "--speaker", "out.wav", "--say", "pain@6", "--say", "four@20", "--say", "no@25")
    done = command(tmp_path, "run", "r.toml", *script, "--events", "e.jsonl", **kept)
    assert "pain" in done.stdout, done.stderr
    command(tmp_path, "report", "--html", "report.html", **kept)
    command(tmp_path, "export", "--csv", "all.csv", **kept)
    about = [*tmp_path.rglob("journal.db*"), *(tmp_path / name for name in ("e.jsonl", "report.html", "all.csv"))]
    about += [*tmp_path.rglob("*.claims"), *(tmp_path / ".cache").rglob("*.wav")]
    assert len(about) > 5
    assert [path for path in about if open_to_others(path)] == []
    assert not open_to_others(next(tmp_path.rglob("journal.db")).parent)


@pytest.mark.usefixtures("careless")
def test_the_files_beside_an_open_journal_are_as_closed_and_a_copy_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)  # made by a person, or for their routines
    path = folder / NAME
    path.touch(0o644)  # copied from another machine
    connection, claims = prepare(path), Claims(path)
    connection.execute("CREATE TABLE x (y)")
    beside = sorted(one.name for one in folder.iterdir())
    assert beside == [NAME, f"{NAME}-shm", f"{NAME}-wal", f"{NAME}.claims"]
    assert not any(open_to_others(one) for one in folder.iterdir())
    again = connect(path)
    again.execute("INSERT INTO x VALUES (1)")
    again.close()
    connection.close()
    claims.close()


@pytest.mark.usefixtures("careless")
def test_a_file_that_a_person_has_opened_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared.jsonl"
    shared.touch(0o644)
    EventFile(shared).close()
    write_private(tmp_path / "new", b"x")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


# --- Secrets ----------------------------------------------------------------------------------------------------------

SECRETS = {
    "a password": f"[mqtt]\nhost = 'broker'\nusername = 'me'\npassword = '{HIDDEN}'\n",
    "a web address": f"[alert]\nwebhook = 'https://example.org/{HIDDEN}'\n",
    "the arguments of a program": f"[alert]\ncommand = 'curl -H \"Authorization: Bearer {HIDDEN}\"'\n",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("VOICECOACH_", "VOSK_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECOACH_VOICE_ENGINE", "none")
    return tmp_path


@pytest.mark.parametrize("way", ["--config", "the user's own"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_that_others_may_read_stops_everything(home: Path, secret: str, way: str) -> None:
    own = home / ".config" / "voicecoach" / "config.toml" if way != "--config" else home / "mine.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(SECRETS[secret], "utf-8")
    own.chmod(0o604)
    given = ("--config", str(own)) if way == "--config" else ()
    for args in (("serve", "--speaker", "none"), ("service", "install", "--print"), ("run", "first-steps")):
        done = CliRunner().invoke(main, [*given, *args], prog_name="voicecoach")
        assert done.exit_code == 2, (args, done.output)
        assert "everybody on this machine may read this file" in done.output
        assert f"chmod 600 {own}" in done.output
        assert HIDDEN not in done.output
    own.chmod(0o600)
    for allowed in (("list",), ("config",), ("config", "--json")):
        done = CliRunner().invoke(main, [*given, *allowed], prog_name="voicecoach")
        assert done.exit_code == 0
        assert HIDDEN not in done.output


def test_a_file_with_a_password_that_others_may_read_stops_a_session(home: Path) -> None:
    secret, own = home / "password", home / "mine.toml"
    secret.write_text(f"{HIDDEN}\n", "utf-8")
    secret.chmod(0o604)
    own.write_text(f"[mqtt]\nhost = 'broker'\nusername = 'me'\npassword_file = '{secret}'\n", "utf-8")
    args = ("--config", str(own), "run", "first-steps", "--speaker", "none", "--ear", "none")
    done = CliRunner().invoke(main, args, prog_name="voicecoach")
    assert done.exit_code == 2, done.output
    assert "everybody on this machine may read this file" in done.output
    assert HIDDEN not in done.output


# --- Others ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", ["$(touch pwned)", "; touch pwned", "`touch pwned`", "a\ntouch pwned", "' || touch pwned #"]
)
def test_an_alert_runs_no_words_of_a_routine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """A slug holds none of this; an alarm that did would still be data: its words are in the environment, not the command."""
    monkeypatch.chdir(tmp_path)
    seen = tmp_path / "seen"
    program = tmp_path / "tell"
    program.write_text(f'#!/bin/sh\nprintf "%s|%s" "$#" "$VOICECOACH_ALERT_PLACE" > {seen}\n', "utf-8")
    program.chmod(0o700)
    told = AlertHook(f"{program} one").tell(Alarm("emergency", place, 1, 2))
    assert told.told, told.problems
    assert seen.read_text("utf-8") == f"1|{place.replace('-', ' ')}, set 1, repetition 2"
    assert not (tmp_path / "pwned").exists()


def test_a_name_of_an_exercise_becomes_letters_before_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(SHORT.replace('"Bridge"', "'$(touch pwned) `x` | y'"), "utf-8")
    exercise = load_routine(tmp_path / "r.toml", Library((shipped("routines"),))).exercises[0]
    assert re.fullmatch("[a-z0-9-]+", exercise.slug)


def test_the_service_has_no_more_rights_than_it_needs() -> None:
    lines = unit(["/usr/bin/python3", "-m", "voicecoach", "serve"]).splitlines()
    assert {"NoNewPrivileges=yes", "UMask=0077", "LimitCORE=0"} <= set(lines), "no dump holds what was heard"
    assert not [line for line in lines if line.startswith(("User=", "AmbientCapabilities="))], "a user's unit"
