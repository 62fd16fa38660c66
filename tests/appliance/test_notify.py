"""What a service manager hears: by a real datagram socket, and from the real program."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voicecoach.appliance.notify import Doing, Notifier, Pulse
from voicecoach.config import load_config
from voicecoach.remote.remotes import Remotes
from voicecoach.screen import Screen

serve = import_module("voicecoach.cli.serve")  # the name in the package is that of the command

ROOT = Path(__file__).parents[2]


class Manager:
    """The end that a service manager listens at."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def heard(self, within: float = 0.0) -> list[str]:
        """Return what has come, after waiting for the first of it."""
        found: list[str] = []
        self._socket.settimeout(within or 0.001)
        try:
            while True:
                found.append(self._socket.recv(4096).decode())
                self._socket.settimeout(0.001)
        except TimeoutError:
            return found

    def wait_for(self, text: str, within: float = 60.0) -> list[str]:
        found: list[str] = []
        while not any(text in one for one in found):
            more = self.heard(within)
            assert more, f"{text} did not come; {found}"
            found += more
        return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    name = {"path": str(tmp_path / "notify"), "abstract": f"@voicecoach-test-{os.getpid()}"}[request.param]
    made = Manager(name)
    yield made
    made.close()


def test_it_says_what_is_meant(manager: Manager) -> None:
    notifier = Notifier.of({"NOTIFY_SOCKET": manager.address})
    notifier.ready()
    notifier.status("plays:\n  a hold " + "x" * 500)
    notifier.alive()
    notifier.stopping()
    ready, status, alive, stopping = manager.heard()
    assert (ready, alive, stopping) == ("READY=1", "WATCHDOG=1", "STOPPING=1")
    assert status.startswith("STATUS=plays: a hold xxx")
    assert len(status) < 250, "one line, and short"


def test_where_nobody_listens_nothing_happens(tmp_path: Path) -> None:
    for address in ("", str(tmp_path / "gone"), "@nobody-here", "x" * 500):
        Notifier(address).ready()


def test_a_manager_that_does_not_read_holds_nothing_up(manager: Manager) -> None:
    notifier = Notifier(manager.address)
    for _ in range(5000):
        notifier.alive()


@pytest.mark.parametrize(
    ("env", "watchdog"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_a_watchdog_is_fed_only_if_it_is_ours(env: dict[str, str], watchdog: float | None) -> None:
    assert Notifier.of({"NOTIFY_SOCKET": "/run/x", **env}).watchdog == watchdog
    assert Notifier.of(env).watchdog is None, "nobody to be told"


def test_the_pulse_needs_the_loop_and_the_sound(manager: Manager) -> None:
    now = 0.0
    pulse = Pulse(Notifier(manager.address, watchdog=30.0), clock=lambda: now)

    def fed(seconds: float, *, plays: bool) -> int:
        nonlocal now
        for _ in range(round(seconds * 4)):
            now += 0.25
            sound[0] += 0.25 * plays
            pulse.beat(sound[0])
        return manager.heard().count("WATCHDOG=1")

    sound = [0.0]
    assert 5 <= fed(60, plays=True) <= 7, "every ten seconds"
    assert fed(20, plays=False) <= 1, "for what was played since the last"
    assert fed(60, plays=False) == 0, "the loop goes round, and the loudspeaker is dead"
    assert fed(11, plays=True) >= 1
    now += 100  # the loop hangs
    assert manager.heard() == []


def test_without_a_watchdog_there_is_no_pulse(manager: Manager) -> None:
    pulse = Pulse(Notifier(manager.address))
    pulse.beat(1.0)
    assert manager.heard() == []


def test_it_says_what_it_is_at(manager: Manager) -> None:
    doing = Doing(Notifier(manager.address))
    for entry in (
        {"t": 0.0, "event": "standby", "state": "idle"},
        {"t": 0.0, "event": "say", "text": "private"},
        {"t": 0.0, "event": "mode", "mode": "hold"},
        {"t": 0.0, "event": "deafened"},
        {"t": 0.0, "event": "mode", "mode": "paused"},
        {"t": 0.0, "event": "hearing"},
    ):
        doing(entry)
    lost = "; hears nobody: the microphone is lost"
    said = ["waits to be called", "plays: hold", f"plays: hold{lost}", f"plays: paused{lost}", "plays: paused"]
    assert manager.heard() == [f"STATUS={text}" for text in said]


def test_that_it_hears_nobody_is_said_on_from_one_session_to_the_next(manager: Manager) -> None:
    stub: Any = SimpleNamespace(speaker=SimpleNamespace(live=True, rate=48000), ear=None)
    notifier, screen = Notifier(manager.address), Screen(quiet=True)
    outside = serve._outside(load_config(env={}), stub, screen, None, (), None, notifier, Remotes())
    for entry in ({"t": 0.0, "event": "deafened"}, {"t": 0.0, "event": "standby", "state": "idle"}):
        for listener in outside.listeners({}):
            if isinstance(listener, Doing):
                listener(entry)
    assert manager.heard()[-1] == "STATUS=waits to be called; hears nobody: the microphone is lost"


def test_the_real_program_speaks_with_its_manager(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    env = {name: value for name, value in os.environ.items() if not name.startswith("VOICECOACH_")}
    env |= {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "900000", "PYTHONPATH": str(ROOT)}
    env |= {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "CACHE")}
    env |= {"VOICECOACH_VOICE_ENGINE": "text"}
    command = [sys.executable, "-m", "voicecoach", "serve", "--speaker", "none", "--mic", "none"]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            first = manager.wait_for("READY=1")
            assert "WATCHDOG=1" not in first[: first.index("READY=1")], "not before it is ready"
            manager.wait_for("WATCHDOG=1")
            manager.wait_for("WATCHDOG=1")
            os.kill(process.pid, signal.SIGSTOP)
            manager.heard(1.0)
            assert manager.heard(1.0) == [], "a process that stands still gives no sign of life"
            os.kill(process.pid, signal.SIGCONT)
            manager.wait_for("WATCHDOG=1")
            process.terminate()
            manager.wait_for("STOPPING=1")
            assert process.wait(20) == 130
        finally:
            process.kill()
            manager.close()


def test_without_a_loudspeaker_it_does_not_go_on_in_silence_but_is_started_again(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    env = {name: value for name, value in os.environ.items() if not name.startswith("VOICECOACH_")}
    env |= {"PYTHONPATH": str(ROOT), "ALSA_CONFIG_PATH": str(tmp_path / "none.conf"), "VOICECOACH_VOICE_ENGINE": "text"}
    env |= {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "CACHE")}
    command = [sys.executable, "-m", "voicecoach", "serve", "--mic", "none"]
    try:
        done = subprocess.run(
            command,
            env={**env, "NOTIFY_SOCKET": manager.address},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 3, done.stderr
        assert done.stderr.startswith("Error: The configuration of ALSA, the sound system of Linux, is missing")
        assert "To mend it: " in done.stderr
        assert not any("READY" in one for one in manager.heard())
    finally:
        manager.close()


def test_a_microphone_that_was_named_may_be_plugged_in_tomorrow_but_a_wrong_setting_stays_wrong(tmp_path: Path) -> None:
    """systemd starts it again behind a 3, and not behind a 2 (``RestartPreventExitStatus``)."""
    manager = Manager(str(tmp_path / "notify"))
    env = {name: value for name, value in os.environ.items() if not name.startswith("VOICECOACH_")}
    env |= {"PYTHONPATH": str(ROOT), "VOICECOACH_VOICE_ENGINE": "text"}
    env |= {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "CACHE")}
    command = [sys.executable, "-m", "voicecoach", "serve", "--speaker", "none", "--mic"]

    def ends(mic: str, **more: str) -> int:
        run = [*command, mic]
        return subprocess.run(run, env=env | more, capture_output=True, timeout=60, check=False).returncode

    try:
        assert ends("no-such-device-7f") == 2, "a person who typed it is told that it is wrong"
        assert ends("no-such-device-7f", NOTIFY_SOCKET=manager.address) == 3
        assert ends("none", NOTIFY_SOCKET=manager.address, VOICECOACH_SERVE_ROUTINE="no-such-routine") == 2
    finally:
        manager.close()
