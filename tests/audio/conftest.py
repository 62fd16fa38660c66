"""The virtual room, started once for the tests that play and record in it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.audio.virtual_room import VirtualRoom
from tests.needs import needs, needs_sound_server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shared_room() -> Iterator[VirtualRoom]:
    needs_sound_server()
    for program in ("pacat", "parec", "paplay", "timeout"):
        needs(program)
    with VirtualRoom() as room:
        count = "import sounddevice; raise SystemExit(not sounddevice.query_devices())"
        if subprocess.run(
            [sys.executable, "-c", count], env=room.env, capture_output=True, check=False, timeout=60
        ).returncode:
            reason = "PortAudio does not see the sound server: ALSA's pulse plug-in (libasound2-plugins) is missing"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        yield room


@pytest.fixture
def room(shared_room: VirtualRoom) -> VirtualRoom:
    """The room as it was at first: both devices plugged in, an echo of -6 dB."""
    shared_room.echo_db = -6.0
    return shared_room
