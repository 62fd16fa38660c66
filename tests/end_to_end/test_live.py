"""A session in real time: PortAudio, a sound server, a person in the room, keys on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from tests.audio.virtual_room import VirtualRoom
from tests.end_to_end.studio import Studio
from tests.needs import needs_sound_server
from voicecoach.audio.wav import read_wav

ROUTINE = """
title = "Short"
[[exercise]]
name = "Bridge"
position = "hook-lying"
exit = "Lower your hips."
hold = "10 s"
"""

OPENING = ("--say", "ready@1", "--say", "yes@6")
"""Answers to what is asked before a first session; a chime where nothing is asked."""


class Live:
    """A session in a process of its own, in real time, whose events are read as they come."""

    def __init__(self, studio: Studio, env: dict[str, str], *options: str, stdin: int = subprocess.DEVNULL) -> None:
        self.events = studio.folder / "live.jsonl"
        self.events.unlink(missing_ok=True)
        home = {f"XDG_{kind}_HOME": str(studio.folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
        home["XDG_CACHE_HOME"] = str(studio.cache)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "voicecoach",
                "run",
                str(studio.routine(ROUTINE)),
                "--events",
                str(self.events),
                *options,
            ],
            env=os.environ | home | {"VOICECOACH_SESSION_ASK_EFFORT": "false"} | env,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read(self) -> list[dict[str, Any]]:
        if not self.events.exists():
            return []
        return [json.loads(line) for line in self.events.read_text("utf-8").splitlines() if line.endswith("}")]

    def wait_for(self, event: str, limit: float = 60.0, **fields: object) -> dict[str, Any]:
        end = time.monotonic() + limit
        while time.monotonic() < end:
            for entry in self.read():
                if entry["event"] == event and all(entry.get(k) == v for k, v in fields.items()):
                    return entry
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no {event} {fields}; {self.finish()[1]}")

    def finish(self) -> tuple[int, str]:
        try:
            output, _ = self.process.communicate(timeout=180)
        finally:
            self.process.kill()
        return self.process.returncode, output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.mark.sound
def test_a_word_in_the_room_pauses_what_the_loudspeaker_plays(studio: Studio) -> None:
    needs_sound_server()
    words = studio.person((0.0, "pause"), seconds=2.0)
    go_on = words.rename(studio.folder / "pause.wav"), studio.person((0.0, "resume"), seconds=2.0)
    sound = studio.folder / "room.wav"
    with VirtualRoom(echo_db=None) as room, room.record(sound), Live(studio, dict(room.env), *OPENING) as live:
        live.wait_for("step", kind="hold")
        time.sleep(2.0)
        room.say(go_on[0])
        live.wait_for("mode", mode="paused")
        time.sleep(4.0)
        room.say(go_on[1])
        live.wait_for("step", kind="count-in")
        code, output = live.finish()
    assert code == 0, output
    assert "!" not in output.split("Short")[0], "nothing is missing in this room"
    heard = [entry for entry in live.read() if entry["event"] == "heard" and entry["source"] == "voice"]
    assert [entry["command"] for entry in heard] == ["pause", "resume"]
    # The recording and the session have clocks of their own; the countdown behind the pause tells how they lie.
    audio = read_wav(sound)
    level = np.abs(audio.samples[: len(audio.samples) // 480 * 480].reshape(-1, 480)).max(axis=1)
    assert level.max() > 0.05, "the coach was heard"
    quiet = np.flatnonzero(level > 0.003)
    gaps = np.diff(quiet) / 100
    assert gaps.max() > 2.0, "the freeze is silent in the room"


@pytest.mark.sound
@pytest.mark.parametrize("how", ["unplugged", "muted"])
def test_a_microphone_that_was_lost_is_heard_again_and_the_session_has_waited_for_it(studio: Studio, how: str) -> None:
    needs_sound_server()
    stop = studio.person((0.0, "pause"), seconds=2.0).rename(studio.folder / "pause.wav")
    go_on = studio.person((0.0, "resume"), seconds=2.0)
    with VirtualRoom(echo_db=None) as room, Live(studio, dict(room.env), *OPENING) as live:
        live.wait_for("step", kind="hold")
        room.say(stop)
        live.wait_for("mode", mode="paused")
        if how == "unplugged":
            room.unplug("mic")
        else:
            room.mute(muted=True)
        live.wait_for("deafened")
        [note] = [e for e in live.read() if e["event"] == "note" and e["kind"] == "microphone_lost"]
        assert "nothing at all" in note["reason"]
        room.say(go_on)  # nobody hears it, and nobody gives up
        assert live.process.poll() is None
        if how == "unplugged":
            room.plug("mic")
        else:
            room.mute(muted=False)
        live.wait_for("hearing")
        room.say(go_on)
        live.wait_for("step", kind="count-in")
        live.process.terminate()
        live.finish()
    events = [
        (e["event"], e.get("command"))
        for e in live.read()
        if e["event"] in {"deafened", "hearing"} or (e["event"] == "heard" and e["source"] == "voice")
    ]
    assert events == [("heard", "pause"), ("deafened", None), ("hearing", None), ("heard", "resume")]


def test_keys_on_a_terminal_steer_a_session_without_sound(studio: Studio, tmp_path: Path) -> None:
    """No sound card at all: text and keys, in real time, and the terminal is given back."""
    import termios

    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    no_cards = tmp_path / "asound.conf"
    no_cards.write_text("")
    env = {"ALSA_CONFIG_PATH": str(no_cards), "PULSE_SERVER": "unix:/nonexistent"}
    with Live(studio, env, *OPENING, stdin=slave) as live:
        live.wait_for("step", kind="position")
        for keys, expected in (
            (b" ", "pause"),
            (b"\n", "ready"),
            (b"t", "status"),
            (b"/end session\n", "end"),
            (b"y", "yes"),
        ):
            os.write(master, keys)
            live.wait_for("heard", command=expected)
        code, output = live.finish()
    assert code == 0, output
    assert "Traceback" not in output
    heard = [entry["source"] for entry in live.read() if entry["event"] == "heard"]
    assert heard == ["script", "script", *["keys"] * 5]
    assert "No sound" in output
    assert "keys:" in output
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


def test_ctrl_c_and_terminate_end_it_quietly(studio: Studio) -> None:
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        with Live(studio, {}, "--speaker", "none", "--ear", "none") as live:
            live.wait_for("say")
            live.process.send_signal(number)
            code, output = live.finish()
        assert code == 130, output
        assert "Traceback" not in output


def test_a_pipe_is_a_keyboard_when_asked_for(studio: Studio) -> None:
    read, write = os.pipe()
    with Live(studio, {}, "--speaker", "none", "--ear", "keys", stdin=read) as live:
        os.close(read)
        live.wait_for("say")
        os.write(write, b"nonsense\npause\n")
        live.wait_for("mode", mode="paused")
        os.write(write, b"end session\nyes")  # the last line of a pipe may want its end
        os.close(write)
        code, output = live.finish()
    assert code == 0, output
    assert '"nonsense" is no command' in output
    assert [entry["command"] for entry in live.read() if entry["event"] == "heard"] == ["pause", "end", "yes"]
