"""What the appliance costs: from its start to its ready chime, and a minute of waiting with each kind of device.

    python -m bench appliance

Time at work is what the kernel counts (``/proc/PID/stat``), for the process and its children, from ten seconds after
the ready chime on; a second of it a second is one core.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.proc import held
from tests.audio.virtual_room import VirtualRoom

Row = dict[str, object]
ROOT = Path(__file__).parents[1]
SETTLE, IDLE = 10.0, 30.0
"""Seconds."""


def rows() -> list[Row]:
    """Return start-up times, and the cost of waiting."""
    found = [commands(), starting()]
    found.append(idling("a timed loudspeaker, nobody listens", ["--speaker", "none", "--mic", "none"], {}))
    with tempfile.TemporaryDirectory() as name:
        noise = str(noise_file(Path(name)))
        found.append(idling("a timed loudspeaker, a quiet room in a file", ["--speaker", "none", "--mic", noise], {}))
    with VirtualRoom(-6.0) as room:
        found.append(idling("a loudspeaker and a microphone of a private sound server", [], room.env))
    return found


def commands(runs: int = 5) -> Row:
    """Return seconds of short commands, start of Python included."""
    row: Row = {"figure": "short commands, s (median)"}
    with tempfile.TemporaryDirectory() as name:
        for args in (["--help"], ["--version"], ["send", "pause"], ["list"]):
            took = []
            for _ in range(runs):
                began = time.perf_counter()
                subprocess.run([*_PROGRAM, *args], env=_env(Path(name)), capture_output=True, check=False)
                took.append(time.perf_counter() - began)
            row[f"voicecoach {' '.join(args)}"] = round(statistics.median(took), 2)
    return row


def starting(runs: int = 3) -> Row:
    """Return seconds from the command to the ready chime, with nothing rendered before and with everything."""
    with tempfile.TemporaryDirectory() as name:
        took = []
        for _ in range(1 + runs):
            began = time.perf_counter()
            with _serving(Path(name), ["--speaker", "none", "--mic", "none"], {"VOICECOACH_VOICE_ENGINE": "espeak"}):
                took.append(time.perf_counter() - began)
            text = time.perf_counter()
            with _serving(Path(name), ["--speaker", f"{name}/x.wav", "--say", "options@100000"], {}):
                took.append(time.perf_counter() - text)
    return {
        "figure": "voicecoach serve to its ready chime, s",
        "no sound (nothing is rendered), median": round(statistics.median(took[::2]), 2),
        "nothing rendered before": round(took[1], 2),
        "everything rendered before, median": round(statistics.median(took[3::2]), 2),
    }


def idling(what: str, options: list[str], env: dict[str, str]) -> Row:
    """Return what a wait costs."""
    with tempfile.TemporaryDirectory() as name, _serving(Path(name), options, env) as pid:
        time.sleep(SETTLE)
        before, began = held(pid), time.monotonic()
        time.sleep(IDLE)
        after, took = held(pid), time.monotonic() - began
    return {
        "figure": f"waits to be called: {what}",
        "of a core, %": round(100 * (after.cpu - before.cpu) / took, 2),
        "resident / proportional memory, MB": f"{after.rss:.0f} / {after.pss:.0f}",
        "threads / files / processes": f"{after.threads} / {after.files} / {after.processes}",
        "written, bytes": after.written - before.written,
    }


def noise_file(folder: Path, seconds: float = 3600.0) -> Path:
    """Write an hour of a quiet room."""
    import numpy as np

    from voicecoach.audio.wav import write_wav

    noise = 10 ** (-62 / 20) * np.random.default_rng(1).standard_normal(60 * 16_000)
    write_wav(folder / "noise.wav", np.tile(noise.astype(np.float32), round(seconds / 60)), 16_000)
    return folder / "noise.wav"


_PROGRAM = [sys.executable, "-m", "voicecoach"]


@contextmanager
def _serving(folder: Path, options: list[str], env: dict[str, str]) -> Iterator[int]:
    """Start the appliance; yield its process once it says that it is ready, and end it."""
    events = folder / "events.jsonl"
    events.unlink(missing_ok=True)
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [*_PROGRAM, "serve", *options, "--events", str(events)],
            env=_env(folder) | env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            while not _is_ready(events):
                if process.poll() is not None:
                    raise RuntimeError((folder / "log").read_text("utf-8"))
                time.sleep(0.005)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _is_ready(events: Path) -> bool:
    lines = events.read_text("utf-8").splitlines() if events.exists() else []
    return any(line.endswith("}") and json.loads(line).get("kind") == "ready" for line in lines)


def _env(folder: Path) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("VOICECOACH_")}
    home = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE")}
    return clean | home | {"PYTHONPATH": str(ROOT), "VOICECOACH_SOCKET_PATH": str(folder / "socket")}
