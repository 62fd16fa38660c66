"""The socket for scripts: who may come, what they are given, and what they cannot do."""

from __future__ import annotations

import contextlib
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.remote.broker import PATIENCE, until
from voicecoach.core.events import Command, Heard, VolumeAsked, Wanted
from voicecoach.record import record
from voicecoach.remote import unix_socket
from voicecoach.remote.inlet import Inlet
from voicecoach.remote.lines import LONGEST
from voicecoach.remote.remotes import Remotes
from voicecoach.remote.unix_socket import MOST_CLIENTS, MOST_LINES, Scripts, SocketError, path_of
from voicecoach.remote.wish import Asked


class Desk:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.put: list[Asked] = []
        self.told: list[str] = []
        inlet = Inlet()
        inlet.lead_to(self.put.append, lambda: 7.0)
        self.scripts = Scripts(path, inlet, lambda: ("gentle-start",), self.told.append)
        self.remotes = Remotes(inlet, [self.scripts])

    def happens(self, number: int) -> None:
        self.remotes(record(7.0, "hush", number=number))


class Script:
    """A client."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(str(path))
        self._stream = self._socket.makefile("rb")

    def send(self, line: bytes) -> None:
        self._socket.sendall(line)

    def read(self) -> dict[str, Any]:
        return dict(json.loads(self._stream.readline()))

    def ask(self, **said: Any) -> dict[str, Any]:
        self.send(json.dumps(said).encode() + b"\n")
        return self.read()

    def rest(self) -> list[dict[str, Any]]:
        """All that still comes, up to the end of the connection."""
        return [json.loads(line) for line in self._stream]

    def has_said_all(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "s")
    try:
        yield made
    finally:
        made.scripts.close()


def test_a_line_that_ends_with_the_connection_is_obeyed_and_answered(desk: Desk) -> None:
    """As of ``printf '{"command": "pause"}' | nc -UN …``."""
    with Script(desk.path) as script:
        script.send(b'{"command": "pause"}')
        script.has_said_all()
        assert script.rest() == [{"ok": {"command": "pause"}}]
    with Script(desk.path) as script:
        script.send(b'{"command": "resume"}')
    until(lambda: len(desk.put) == 2)
    with Script(desk.path) as script:
        script.send(b'{"command": "st')
        script.has_said_all()
        assert "error" in script.rest()[0]
    assert [asked.command for asked in desk.put if isinstance(asked, Heard)] == [Command.PAUSE, Command.RESUME]


def test_start_without_a_name_is_the_usual_routine(desk: Desk) -> None:
    with Script(desk.path) as script:
        assert script.ask(start="") == {"ok": {"start": ""}}
    assert desk.put == [Wanted(7.0, "", "socket")]


def test_a_script_asks_and_is_answered(desk: Desk) -> None:
    with Script(desk.path) as script:
        assert script.ask(command="pause") == {"ok": {"command": "pause"}}
        assert script.ask(start="gentle-start") == {"ok": {"start": "gentle-start"}}
        assert script.ask(volume=0.4) == {"ok": {"volume": 0.4}}
        assert desk.put == [
            Heard(7.0, Command.PAUSE, "pause", "socket"),
            Wanted(7.0, "gentle-start", "socket"),
            VolumeAsked(7.0, 0.4, "socket"),
        ]
        desk.remotes.playing("gentle-start")
        desk.remotes(record(7.0, "mode", mode="rest"))
        assert script.read()["event"] == "mode"
        state = script.ask(ask="state")["state"]
        assert (state["state"], state["routine"], state["remaining"]) == ("rest", "gentle-start", None)


def test_a_bad_line_gets_an_error_and_the_next_one_is_read(desk: Desk) -> None:
    with Script(desk.path) as script:
        script.send(b"jump\n\n{}\n")
        assert "no JSON" in script.read()["error"]
        assert "not one of" in script.read()["error"]
        assert "did you mean" in script.ask(start="gentle-strat")["error"]
        script.send(b'{"command": "pa')
        script.send(b'use"}\n')
        assert "ok" in script.read()
    assert len(desk.put) == 1


def test_every_record_goes_to_every_client_in_order(desk: Desk) -> None:
    with Script(desk.path) as one, Script(desk.path) as other:
        one.ask(ask="state")
        other.ask(ask="state")
        for number in range(300):
            desk.happens(number)
        for script in (one, other):
            assert [script.read()["number"] for _ in range(300)] == list(range(300))


@pytest.mark.parametrize("line", [b"x" * (LONGEST + 1) + b"\n", b"x" * (3 * LONGEST), b"{" * 100_000])
def test_a_line_without_end_ends_the_connection(desk: Desk, line: bytes) -> None:
    with Script(desk.path) as script:
        try:
            script.send(line)
            [said] = script.rest()
            assert "longer than" in said["error"]
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was cut off before all of that had left
    with Script(desk.path) as script:
        assert "state" in script.ask(ask="state")


def test_a_client_that_does_not_read_is_dropped_and_told_and_the_others_miss_nothing(desk: Desk) -> None:
    with Script(desk.path) as lazy, Script(desk.path) as busy:
        lazy.ask(ask="state")
        busy.ask(ask="state")
        number = 0
        while not desk.told:
            desk.happens(number)
            assert busy.read()["number"] == number
            number += 1
            assert number < 100 * MOST_LINES
        desk.happens(number)
        assert busy.read()["number"] == number
        *records, last = lazy.rest()
    assert [entry["number"] for entry in records] == list(range(len(records)))
    assert number - len(records) >= MOST_LINES - 1
    assert "cut off" in last["error"]


def test_who_never_reads_is_let_go_of_and_makes_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unix_socket, "_SOON", 0.2)
    stuck = [Script(desk.path) for _ in range(MOST_CLIENTS)]
    for script in stuck:
        script.ask(ask="state")
    number = 0
    while len(desk.told) < MOST_CLIENTS:
        desk.happens(number)
        number += 1
        assert number < 1000 * MOST_LINES
        if number % 1000 == 0:
            until(lambda: not desk.scripts._records)
    until(lambda: not desk.scripts._clients, "that they are hung up on")
    with Script(desk.path) as script:
        assert "state" in script.ask(ask="state")
    assert len(desk.told) == MOST_CLIENTS, "each is told of once"
    for script in stuck:
        script.__exit__()


def test_who_is_leaving_asks_for_nothing_more(desk: Desk) -> None:
    with Script(desk.path) as script:
        script.ask(ask="state")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            script.send(b"x" * LONGEST + b"x\n" + b'{"command": "end"}\n' * 20)
            script.rest()
    assert desk.put == []


def test_a_line_that_the_coach_fails_at_is_an_error_and_the_next_one_is_read(tmp_path: Path) -> None:
    def routines() -> tuple[str, ...]:
        raise PermissionError(13, "Permission denied")

    told: list[str] = []
    scripts = Scripts(tmp_path / "s", Inlet(), routines, told.append)
    try:
        with Script(tmp_path / "s") as script:
            assert script.ask(start="gentle-start") == {"error": "the coach failed at this: PermissionError"}
            assert "state" in script.ask(ask="state")
        assert told == ["A script's line failed: PermissionError: [Errno 13] Permission denied"]
    finally:
        scripts.close()


def test_a_socket_that_fails_is_told_and_hangs_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with Script(desk.path) as script:
        script.ask(ask="state")
        monkeypatch.setattr(desk.scripts, "_spread", lambda: 1 / 0)
        desk.happens(1)
        assert script.rest() == []
    until(lambda: not desk.scripts._thread.is_alive())
    assert desk.told == ["The socket for scripts has failed, and is closed: ZeroDivisionError"]
    desk.happens(2)


def test_clients_that_go_are_forgotten_and_too_many_are_refused(desk: Desk) -> None:
    for _ in range(3 * MOST_CLIENTS):
        with Script(desk.path) as script:
            script.ask(ask="state")
    until(lambda: not desk.scripts._clients)
    scripts = [Script(desk.path) for _ in range(MOST_CLIENTS)]
    for script in scripts:
        script.ask(ask="state")
    with Script(desk.path) as one_more:
        assert "connected already" in one_more.rest()[0]["error"]
    for script in scripts:
        script.__exit__()
    open_files = Path("/proc/self/fd")
    files = len(list(open_files.iterdir())) if open_files.is_dir() else 0
    until(lambda: not desk.scripts._clients)
    assert not files or len(list(open_files.iterdir())) <= files


def test_nobody_else_may_open_it_and_it_goes_with_the_coach(desk: Desk) -> None:
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600
    with Script(desk.path) as script:
        script.ask(ask="state")
        desk.happens(1)
        desk.scripts.close()
        assert [entry["number"] for entry in script.rest()] == [1], "what has happened still comes"
    assert not desk.path.exists()
    desk.scripts.close()


def test_what_a_dead_process_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    desk = Desk(path)
    with Script(path) as script:
        assert "state" in script.ask(ask="state")
    desk.scripts.close()


def test_a_socket_that_lives_is_left_alone(desk: Desk) -> None:
    with pytest.raises(SocketError, match="Another voicecoach listens") as caught:
        Desk(desk.path)
    assert caught.value.mend
    with Script(desk.path) as script:
        assert "state" in script.ask(ask="state")


def test_another_ones_socket_is_not_taken_away_at_the_end(desk: Desk) -> None:
    desk.path.unlink()
    other = Desk(desk.path)
    desk.scripts.close()
    with Script(desk.path) as script:
        assert "state" in script.ask(ask="state")
    other.scripts.close()


def test_a_file_that_is_no_socket_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "diary.txt"
    path.write_text("dear diary")
    with pytest.raises(SocketError, match="no socket"):
        Desk(path)
    assert path.read_text() == "dear diary"


@pytest.mark.parametrize("name", ["no/such/folder/s", "x" * 200])
def test_where_no_socket_can_be_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(SocketError, match="cannot be made") as caught:
        Desk(tmp_path / name)
    assert caught.value.mend


def test_auto_is_the_persons_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert path_of("auto") == tmp_path / "voicecoach.sock"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    with pytest.raises(SocketError, match="XDG_RUNTIME_DIR"):
        path_of("auto")
    assert path_of("~/s") == Path.home() / "s"
