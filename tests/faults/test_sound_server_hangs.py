"""A sound server that hangs under a real session: it is told, everything else goes on, and the end comes soon, in words."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.devices import Session, at_server
from tests.audio.virtual_room import VirtualRoom
from tests.needs import needs_espeak, needs_sound_server, needs_vosk

pytestmark = [pytest.mark.voice, pytest.mark.ear, pytest.mark.sound]


class Stage:
    """A room of its own, a session in it, and the session's door."""

    def __init__(self, folder: Path, undo: ExitStack) -> None:
        self.room = undo.enter_context(VirtualRoom(echo_db=None))
        self.door = folder / "door"
        env = at_server(folder / "native", self.room, folder) | {"VOICECOACH_SOCKET_PATH": str(self.door)}
        self.session = Session(folder, env)
        undo.callback(self.session.end)
        self.session.wait_for(lambda one: one.get("event") == "spoken")

    def say(self, command: str) -> None:
        """Give a command as `voicecoach send` does."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(20)
            line.connect(str(self.door))
            line.sendall(json.dumps({"command": command}).encode() + b"\n")
            assert line.recv(4096)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    needs_espeak()
    needs_vosk()
    needs_sound_server()
    with ExitStack() as undo:
        yield Stage(tmp_path, undo)


def test_the_loss_is_told_a_command_is_handled_and_it_ends_in_words(stage: Stage) -> None:
    """Limits are of the wall's clock, and far above what was measured: 3.0 s, 0.02 s, 6.3 s."""
    with stage.room.hung():
        began = time.monotonic()
        stage.session.wait_for(lambda one: one.get("kind") == "loudspeaker_lost")
        asked = time.monotonic()
        stage.say("pause")
        stage.session.wait_for(lambda one: one.get("command") == "pause")
        assert time.monotonic() - asked < 2
        assert stage.session.ends(60) == 3, stage.session.log
        assert time.monotonic() - began < 15
    assert "The sound system does not answer." in stage.session.log
    assert "Traceback" not in stage.session.log


def test_told_to_end_it_ends_though_the_server_does_not_answer(stage: Stage) -> None:
    """Measured: 5.5 s."""
    with stage.room.hung():
        began = time.monotonic()
        stage.session.tell_to_end()
        assert stage.session.ends(60) == 130, stage.session.log
        assert time.monotonic() - began < 10
