"""``voicecoach send`` where there is nobody to send to; what it says to a coach is in test_session.py."""

from __future__ import annotations

import importlib
import json
import os
import socket
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicecoach.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("VOICECOACH_", "VOSK_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


CASES = [
    (["send"], 2, "Missing argument 'COMMAND'"),
    (["send", "pause"], 2, "[socket] path is not set"),
    (["send", "--follow"], 2, "[socket] path is not set"),
    (["send", "--socket", "none", "pause"], 3, "no coach listens at none: no such file"),
    (["send", "volume", "loud"], 2, "loud is no volume"),
    (["send", "volume"], 2, "volume needs one word"),
    (["send", "start", "two", "words"], 2, "start needs one word"),
    (["send", "--socket", "none", "stat"], 2, "there is no command 'stat'; did you mean 'state'?"),
    (["send", "--socket", "none", "pause"], 3, "voicecoach serve"),
]


@pytest.mark.parametrize(("args", "code", "words"), CASES)
def test_what_cannot_be_sent_is_one_message(args: list[str], code: int, words: str) -> None:
    result = CliRunner().invoke(main, args, prog_name="voicecoach")
    assert result.exit_code == code, result.output
    assert words in result.output
    assert "Traceback" not in result.output


def test_one_that_listens_and_never_answers_is_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("voicecoach.cli.send"), "_ANSWER_WITHIN", 0.2)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(home / "s"))
        silent.listen()
        result = CliRunner().invoke(main, ["send", "--socket", str(home / "s"), "pause"])
    assert result.exit_code == 3
    assert "the coach does not answer" in result.output


@pytest.mark.parametrize(
    ("error", "mended"), [('there is no routine "nosuch"', True), ("a session is being played", False)]
)
def test_a_routine_that_is_not_there_is_refused_with_where_they_are_listed(
    home: Path, error: str, mended: bool
) -> None:
    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(json.dumps({"error": error}).encode() + b"\n")

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(home / "s"))
        server.listen()
        coach = threading.Thread(target=answer)
        coach.start()
        result = CliRunner().invoke(main, ["send", "--socket", str(home / "s"), "start", "nosuch"])
        coach.join(5)
    assert result.exit_code == 2
    assert error in result.output
    assert ("To mend it: voicecoach list" in result.output) == mended


class Coach:
    """One that answers once, whatever it is sent, and hangs up."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self.path, self._answer = path, answer
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self.gone = threading.Thread(target=self._run, daemon=True)
        self.gone.start()

    def _run(self) -> None:
        with self._socket, self._socket.accept()[0] as connection:
            connection.sendall(self._answer)

    def hears(self, *args: str) -> Result:
        return CliRunner().invoke(main, ["send", "--socket", str(self.path), *args], prog_name="voicecoach")


FULL = b'{"error": "16 are connected already"}\n'
EVENT = b'{"t": 1.0, "event": "hush"}\n'
LEFT = [
    (FULL, ("pause",), 2, "16 are connected already"),
    (EVENT + FULL, ("pause",), 2, "16 are connected already"),
    (FULL, ("--follow",), 2, "16 are connected already"),
    (EVENT + FULL, ("--follow",), 2, "16 are connected already"),
    (b"", ("pause",), 3, "the coach does not answer"),
    (b'{"ok": {"comm', ("pause",), 3, "the coach does not answer"),
    (b"SSH-2.0-OpenSSH\r\n", ("pause",), 3, "the coach does not answer"),
    (b"[]\n", ("pause",), 3, "the coach does not answer"),
    (EVENT + b'{"t": 2.0, "eve', ("--follow",), 0, '"hush"'),
    (b'{"ok": {"command": "pause"}}\n' + EVENT, ("--follow", "pause"), 0, '"hush"'),
]


@pytest.mark.parametrize(("answer", "args", "code", "words"), LEFT)
def test_one_that_has_hung_up_before_it_is_spoken_to_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, args: tuple[str, ...], code: int, words: str
) -> None:
    """Whoever is the seventeenth is refused and hung up on, often before they have said a word."""
    coach = Coach(home / "s", answer)
    module = importlib.import_module("voicecoach.cli.send")
    connected = module._connected

    def late(path: Path) -> socket.socket:
        connection: socket.socket = connected(path)
        coach.gone.join(10)
        return connection

    monkeypatch.setattr(module, "_connected", late)
    result = coach.hears(*args)
    assert result.exit_code == code, result.output
    assert words in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert '"eve' not in result.output.replace('"event', ""), "half a line"
