"""A real session in a process of its own, in real time, with a real broker that dies in the middle, and a socket."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs_broker, needs_pins
from tests.remote.broker import Broker, Onlooker, free_port
from tests.remote.coach import Coach


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    needs_broker()
    with Broker(tmp_path) as running:
        yield running


def test_a_session_outlives_its_broker_and_is_seen_again_when_that_is_back(tmp_path: Path, broker: Broker) -> None:
    socket = tmp_path / "s"
    config = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n[socket]\npath = "{socket}"\n'
    with Coach(tmp_path, config) as coach:
        with Onlooker(broker) as house:
            house.wait_for("voicecoach/state", "hold")
            house.wait_for("voicecoach/routine", "short")
            house.send("voicecoach/command", "pause")
            coach.wait_for("mode", mode="paused")
            house.wait_for("voicecoach/state", "paused")
            house.send("voicecoach/start", "gentle-start")
            coach.wait_for("chime", kind="refused")  # one session at a time
            house.send("voicecoach/volume/set", "35")
            house.wait_for("voicecoach/volume", "35")
        broker.kill()
        assert coach.send("resume").returncode == 0
        coach.wait_for("step", kind="hold", rep=2)
        with broker, Onlooker(broker) as house:
            house.wait_for("voicecoach/available", "online")
            house.wait_for("homeassistant/device/voicecoach/config")
            house.wait_for("voicecoach/available", "offline")
            assert coach.finish() == 0
            assert [json.loads(event)["event_type"] for event in house.of("voicecoach/event/command")] == []
    (cut, first, second) = [entry["t"] for entry in coach.of("step", kind="hold")]
    assert second - first == pytest.approx(4.0 + 0.5 + 0.7, abs=0.2), "no moment was made longer"
    assert cut < first
    assert coach.events[-1]["event"] == "end"
    assert coach.events[-1]["reason"] == "finished"
    heard = [(entry["command"], entry["source"]) for entry in coach.of("heard") if entry["source"] != "script"]
    assert heard == [("pause", "mqtt"), ("resume", "socket")]
    assert coach.of("wanted")[0]["routine"] == "gentle-start"
    assert coach.of("volume_asked") == [coach.of("volume_asked")[0] | {"level": 0.35, "source": "mqtt"}]
    assert "is away" in coach.told
    assert "Traceback" not in coach.told
    assert not socket.exists()


def test_a_session_without_its_broker_its_socket_and_its_pins_is_a_session(tmp_path: Path) -> None:
    config = f"""
[mqtt]
host = "127.0.0.1"
port = {free_port()}
[socket]
path = "{tmp_path}/none/s"
[gpio]
buttons = {{ 17 = "next" }}
"""
    with Coach(tmp_path, config, "--say", "end@0.5", "--say", "yes@1", GPIOZERO_PIN_FACTORY="native") as coach:
        assert coach.finish() == 0
    assert coach.events[-1] == coach.events[-1] | {"event": "end", "reason": "ended"}
    assert "cannot be reached: connection refused" in coach.told
    assert coach.told.count("to mend it:") == 3
    assert "Traceback" not in coach.told
    assert "Warning" not in coach.told


def test_a_wrong_configuration_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    config = f'[mqtt]\nhost = "x"\nusername = "a"\npassword_file = "{tmp_path}/none"\n'
    with Coach(tmp_path, config) as coach:
        assert coach.finish() == 2
    [line] = coach.told.splitlines()
    assert line.startswith(f"Error: {tmp_path}/own.toml:8: mqtt.password_file = ")
    assert "no such file" in line


def test_send_speaks_with_a_coach_and_says_what_it_would_not_take(tmp_path: Path) -> None:
    with Coach(tmp_path, f'[socket]\npath = "{tmp_path}/s"\n') as coach:
        coach.wait_for("step", kind="hold")
        assert coach.send("pause").returncode == 0
        coach.wait_for("mode", mode="paused")
        state = json.loads(coach.send("state").stdout)
        assert (state["state"], state["exercise"], state["routine"]) == ("paused", "bridge", "short")
        coach.send("volume", "0.3")
        coach.wait_for("volume", level=0.3)
        coach.send("start", "gentle-start")
        coach.wait_for("wanted")
        coach.send("what's", "next")
        coach.wait_for("heard", command="what's next")
        refused = coach.send("paus")
        assert refused.returncode == 2
        assert "did you mean 'pause'" in refused.stderr
        assert coach.send("volume", "3").returncode == 2
        assert coach.send("start", "evening").returncode == 2
        with subprocess.Popen(
            [*coach.command, "send", "--follow", "end"], env=coach.env, cwd=tmp_path, stdout=subprocess.PIPE, text=True
        ) as following:
            coach.wait_for("mode", mode="confirm")
            coach.send("yes")
            output, _ = following.communicate(timeout=60)
        followed = [json.loads(line) for line in output.splitlines()]
        assert followed[0]["event"] in {"heard", "mode", "hush"}
        assert followed[-1]["event"] == "end"
        assert following.returncode == 0
        assert coach.finish() == 0
        gone = coach.send("pause")
        assert gone.returncode == 3
        assert "no coach listens" in gone.stderr


def test_buttons_that_lead_on_are_somebody_to_ask(tmp_path: Path) -> None:
    needs_pins()
    quick = ("--say", "next@0.3", "--say", "next@0.6", "--say", "next@0.9")
    for buttons, asked in (('27 = "next"', True), ('17 = "pause or resume"', False)):
        config = f"[gpio.buttons]\n{buttons}\n[gpio.lights]\n23 = 'session'\n"
        with Coach(tmp_path, config, *quick, GPIOZERO_PIN_FACTORY="mock") as coach:
            coach.wait_for("step", kind="ask" if asked else "hold")
            assert bool(coach.of("step", kind="ask")) is asked
            assert "to mend it" not in coach.told


def test_a_session_that_is_played_to_a_file_opens_nothing(tmp_path: Path, broker: Broker) -> None:
    socket = tmp_path / "s"
    config = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n[socket]\npath = "{socket}/not/there"\n'
    env = {"VOICECOACH_VOICE_ENGINE": "text"}
    with Coach(tmp_path, config, "--speaker", "out.wav", **env) as coach:
        assert coach.finish() == 0
    assert "!" not in coach.told
    assert "voicecoach" not in broker.log
