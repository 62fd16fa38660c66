"""How fast sessions are: rehearsed, played through files, and started."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from voicecoach.cli.common import Grip, plan
from voicecoach.core.person import Room
from voicecoach.rehearsal import rehearse

Row = dict[str, object]


def rehearsing(routine: str, runs: int = 9) -> Row:
    """Return milliseconds to rehearse a routine that is loaded and compiled, and to load and compile it."""
    loaded = Grip(None).load()
    load, walk = [], []
    moments = 0
    for _ in range(runs):
        start = time.perf_counter()
        made = plan(routine, loaded)
        middle = time.perf_counter()
        moments = sum(1 for _ in rehearse(made.program, made.speaking, room=Room(attended=False)))
        walk.append(1000 * (time.perf_counter() - middle))
        load.append(1000 * (middle - start))
    return {
        "figure": f"rehearse {routine}",
        "load and compile, ms (median)": round(statistics.median(load), 1),
        "rehearse, ms (median)": round(statistics.median(walk), 1),
        "rehearse, ms (best)": round(min(walk), 1),
        "events": moments,
    }


def playing(routine: str, *, listening: bool) -> Row:
    """Return seconds of session a second of wall time, with files for devices and everything in the cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = ["--mic", str(_silence(folder))] if listening else []
        _run(routine, folder, *options)  # fills the cache
        start = time.perf_counter()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _run(routine, folder, *options)
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        length = json.loads((folder / "events.jsonl").read_text("utf-8").splitlines()[-1])["t"]
    return {
        "figure": f"run {routine} with files" + (", listening to silence" if listening else ""),
        "session, s": round(length, 1),
        "wall, s": round(wall, 2),
        "session s / wall s": round(length / wall),
        "cpu, s": round(cpu, 2),
        "peak memory, MB (largest process)": round(after.ru_maxrss / 1024),
    }


def starting(routine: str = "first-steps", runs: int = 5) -> Row:
    """Return seconds from the command to the first word, with an empty cache and with a full one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold = _first_word(routine, folder)
        warm = [_first_word(routine, folder) for _ in range(runs)]
    return {
        "figure": f"start {routine}, command to first word",
        "cold (nothing rendered), s": round(cold, 2),
        "warm, s (median)": round(statistics.median(warm), 2),
        "warm, s (best)": round(min(warm), 2),
    }


def _first_word(routine: str, folder: Path) -> float:
    events = folder / "first.jsonl"
    events.unlink(missing_ok=True)
    start = time.perf_counter()
    with subprocess.Popen(
        _command(routine, folder, "--events", str(events)), env=_env(folder), stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            if events.exists() and '"say"' in events.read_text("utf-8"):
                break
            time.sleep(0.005)
        took = time.perf_counter() - start
        process.terminate()
    return took


def _run(routine: str, folder: Path, *options: str) -> None:
    events = str(folder / "events.jsonl")
    subprocess.run(
        _command(routine, folder, "--events", events, *options), env=_env(folder), check=True, stdout=subprocess.DEVNULL
    )


def _command(routine: str, folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "voicecoach", "run", routine, "--speaker", str(folder / "out.wav"), *options]


def _env(folder: Path) -> dict[str, str]:
    return os.environ | {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE")}


def _silence(folder: Path) -> Path:
    import numpy as np

    from voicecoach.audio.wav import write_wav

    path = folder / "silence.wav"
    write_wav(path, np.zeros(16_000, np.float32), 16_000)
    return path
