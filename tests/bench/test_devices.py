"""One round each of what ``script/bench devices`` does two hundred times: a device goes under a real session, and is back."""

from __future__ import annotations

import pytest

from bench import devices
from tests.needs import needs_espeak, needs_sound_server, needs_vosk


@pytest.mark.voice
@pytest.mark.ear
@pytest.mark.parametrize("play", [devices.server_killed, devices.microphone_unplugged], ids=["server", "microphone"])
def test_a_session_goes_on_behind_a_device_that_went(play: object) -> None:
    needs_espeak()
    needs_vosk()
    needs_sound_server()
    assert callable(play)
    row = play(1)
    assert row["losses told"] == "1 of 1"
    assert row["recovered"] == "1 of 1"
    assert row['"resume" by voice led on'] == "1 of 1"
    assert row["still running at the end"] is True
