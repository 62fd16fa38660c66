"""Devices that go and come back under a session that runs: how long until it is heard, and hears, again?

Rule: a real sound server in a folder of its own (PulseAudio, as the tests have it), the real program as a process of
its own, real speech and real hearing, but for the echo, which nobody takes out, and the hearing check: neither can be
heard in a room whose loudspeaker does not reach the microphone. Time is the wall's, from the moment at which the device
is there again.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.proc import Held, held
from tests.audio.virtual_room import VirtualRoom
from voicecoach.audio.wav import read_wav

Row = dict[str, object]

CYCLES = 200
PATIENCE = 45.0
"""Seconds after which a cycle counts as one that was never recovered."""
_STEADY = 6.0
"""Seconds of use between two losses: it takes five to be sure that a microphone is no noise gate."""
_AUDIBLE = 0.01
"""Of full scale: nothing else plays there."""
_ROUTINE = """title = "Stand"
[[exercise]]
name = "Stand"
position = "standing"
exit = "Stand still."
time = "60 min"
"""
_ALSA = 'pcm.!default {{ type pulse server "unix:{socket}" }}\nctl.!default {{ type pulse server "unix:{socket}" }}\n'


def rows(cycles: int = CYCLES) -> list[Row]:
    """Return how the loudspeaker's server, the microphone, and the loudspeaker alone were recovered."""
    return [server_killed(cycles), microphone_unplugged(cycles), loudspeaker_unplugged(cycles)]


def server_killed(cycles: int) -> Row:
    """End the sound server under a session, start another, and have the person say "resume"."""
    back: list[float] = []
    heard: list[float] = []
    once = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        socket = folder / "native"
        with VirtualRoom(echo_db=None) as room:
            env = at_server(socket, room, folder)
            session = Session(folder, env)
            session.wait_for(lambda one: one.get("event") == "step" and one.get("kind") == "work")
        lost = 0
        for _ in range(cycles):
            session.wait_for(lambda one: one.get("kind") == "loudspeaker_lost")
            lost += 1
            with VirtualRoom(echo_db=None) as room:
                began = time.monotonic()
                at_server(socket, room, folder)
                if not session.comes(lambda one: one.get("kind") == "loudspeaker_back"):
                    break
                back.append(time.monotonic() - began)
                session.wait_for(lambda one: one.get("event") == "spoken")
                if not session.resumes(room):
                    break
                heard.append(time.monotonic() - began)
                once += session.tries == 1
        ended = session.end()
    return (
        _row(f"sound server killed and another started, {cycles} times in one session", cycles, lost, back, heard, once)
        | ended
    )


def microphone_unplugged(cycles: int) -> Row:
    """Take the microphone away under a session, bring it back, and have the person say "resume"."""
    back: list[float] = []
    heard: list[float] = []
    once = 0
    lost = 0
    with tempfile.TemporaryDirectory() as name, VirtualRoom(echo_db=None, lifetime=30 * cycles + 300) as room:
        folder = Path(name)
        session = Session(folder, at_server(folder / "native", room, folder))
        session.wait_for(lambda one: one.get("event") == "step" and one.get("kind") == "work")
        for _ in range(cycles):
            time.sleep(_STEADY)
            room.unplug("mic")
            if not session.comes(lambda one: one.get("event") == "deafened"):
                room.plug("mic")
                break
            lost += 1
            began = time.monotonic()
            room.plug("mic")
            if not session.comes(lambda one: one.get("event") == "hearing"):
                break
            back.append(time.monotonic() - began)
            time.sleep(0.5)
            if not session.resumes(room):
                break
            heard.append(time.monotonic() - began)
            once += session.tries == 1
        ended = session.end()
    return (
        _row(
            f"microphone unplugged and plugged in again, {cycles} times in one session", cycles, lost, back, heard, once
        )
        | ended
    )


def loudspeaker_unplugged(cycles: int) -> Row:
    """Take the loudspeaker alone away under a session, bring it back, and have the person ask for something.

    The server leads the sound elsewhere meanwhile, so nobody sees a loss: what counts is that the answer is heard.
    """
    answered = 0
    with tempfile.TemporaryDirectory() as name, VirtualRoom(echo_db=None, lifetime=60 * cycles + 300) as room:
        folder = Path(name)
        session = Session(folder, at_server(folder / "native", room, folder))
        session.wait_for(lambda one: one.get("event") == "step" and one.get("kind") == "work")
        for _ in range(cycles):
            room.unplug("spk")
            time.sleep(3)
            room.plug("spk")
            with room.record(folder / "heard.wav", "spk"):
                asked = session.comes(lambda one: one.get("command") == "status", lambda: room.say(session.status))
                if not asked or not session.comes(lambda one: one.get("event") == "spoken"):
                    break
            answered += bool(np.abs(read_wav(folder / "heard.wav").samples).max() > _AUDIBLE)
        ended = session.end()
    return {
        "figure": f"loudspeaker alone unplugged for 3 s and plugged in, {cycles} times; echo cancelling off",
        "an answer came out of it afterwards": f"{answered} of {cycles}",
    } | ended


def _row(figure: str, cycles: int, lost: int, back: list[float], heard: list[float], once: int) -> Row:
    return {
        "figure": f"{figure}; echo cancelling and hearing check off",
        "losses told": f"{lost} of {cycles}",
        "recovered": f"{len(back)} of {cycles}",
        "until recovered, s (median)": round(statistics.median(back), 1) if back else None,
        "until recovered, s (longest)": round(max(back), 1) if back else None,
        '"resume" by voice led on': f"{len(heard)} of {cycles}",
        '"resume" had to be said once only': f"{once} of {cycles}",
    }


def at_server(socket: Path, room: VirtualRoom, folder: Path) -> dict[str, str]:
    """Have ``socket`` lead to a room's server; return the environment of a program that plays there."""
    socket.unlink(missing_ok=True)
    socket.symlink_to(room.env["PULSE_SERVER"].removeprefix("unix:"))
    (folder / "asound.conf").write_text(_ALSA.format(socket=socket), "utf-8")
    return room.env | {"ALSA_CONFIG_PATH": str(folder / "asound.conf"), "PULSE_SERVER": f"unix:{socket}"}


class Session:
    """A session in a process of its own, and its events as they come."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder = folder
        self.tries = 0
        """How often something was done until the last event came."""
        self.resume = folder / "resume.wav"
        subprocess.run(["espeak-ng", "-v", "en-gb", "-w", str(self.resume), "resume"], check=True)
        self.status = folder / "status.wav"
        subprocess.run(["espeak-ng", "-v", "en-gb", "-w", str(self.status), "status"], check=True)
        (folder / "stand.toml").write_text(_ROUTINE, "utf-8")
        self._events = folder / "events.jsonl"
        self._events.touch()
        self._read = 0
        self._first: Held | None = None
        """What it held when it had begun."""
        self._waiting: list[dict[str, Any]] = []
        quiet = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE")}
        quiet |= {"VOICECOACH_HEARING_CHECK": "never", "VOICECOACH_HEARING_ECHO": "never"}
        quiet |= {
            "VOICECOACH_SESSION_ASK_EFFORT": "false",
            "VOICECOACH_PACE_CHANGE_POSITION": "1",
            "PYTHONPATH": str(Path.cwd()),
        }
        # The first session asks whether one has understood that it is no medical advice.
        command = [sys.executable, "-m", "voicecoach", "run", str(folder / "stand.toml"), "--say", "yes@18"]
        command += ["--events", str(self._events)]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, env={**env, **quiet}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def comes(self, wanted: Callable[[dict[str, Any]], bool], again: Callable[[], None] | None = None) -> bool:
        """Tell whether an event comes in time; ``again`` is done first, and after each five seconds without it."""
        self.tries = 0
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            if again is not None:
                self.tries += 1
                again()
            if self._seen(wanted, min(until, time.monotonic() + (5.0 if again else PATIENCE))):
                return True
        return False

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for an event. Raises ``RuntimeError`` where it does not come."""
        if not self.comes(wanted):
            raise RuntimeError(f"it never came; the session: {self._process.poll()}, {self._waiting[-3:]}")
        self._first = self._first or held(self._process.pid)

    def resumes(self, room: VirtualRoom) -> bool:
        """Have the person say "resume" until it is heard; tell whether it was, and the session went on."""
        if not self.comes(lambda one: one.get("command") == "resume", lambda: room.say(self.resume)):
            return False
        tries = self.tries
        self.wait_for(lambda one: one.get("event") == "mode" and one.get("mode") == "work")
        self.tries = tries
        return True

    def ends(self, within: float) -> int | None:
        """Return its exit code, once it has ended; None where it goes on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within)
        return self._process.returncode

    def tell_to_end(self) -> None:
        """Do what a service manager does."""
        self._process.terminate()

    @property
    def log(self) -> str:
        """What it has written."""
        return (self._folder / "log").read_text("utf-8")

    def end(self) -> Row:
        """End it; return what it held before that."""
        alive = self._process.poll() is None
        last = held(self._process.pid)
        first = self._first or last
        self._process.terminate()
        self._process.wait(30)
        return {
            "still running at the end": alive,
            "begun / at the end: resident memory with children, MB": f"{first.rss:.0f} / {last.rss:.0f}",
            "threads": f"{first.threads} / {last.threads}",
            "files": f"{first.files} / {last.files}",
            "processes": f"{first.processes} / {last.processes}",
        }

    def _seen(self, wanted: Callable[[dict[str, Any]], bool], until: float) -> bool:
        while True:
            for one in self._new():
                if wanted(one):
                    return True
            if time.monotonic() > until:
                return False
            time.sleep(0.02)

    def _new(self) -> Iterator[dict[str, Any]]:
        with self._events.open("r", encoding="utf-8") as file:
            file.seek(self._read)
            while (line := file.readline()).endswith("\n"):
                self._read = file.tell()
                self._waiting.append(json.loads(line))
                yield self._waiting[-1]


if __name__ == "__main__":
    which = {"server": server_killed, "microphone": microphone_unplugged, "loudspeaker": loudspeaker_unplugged}[
        sys.argv[1]
    ]
    sys.stdout.write(json.dumps(which(int(sys.argv[2])), indent=1))
