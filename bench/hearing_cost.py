"""What a loop costs while it listens: CPU seconds for a second of sound, and memory, in a process of its own.

    python -m bench.hearing_cost LOOP MODEL RECORDINGS    (prints JSON)

Rule: one process each, so that no loop pays for another's memory. The peak is read from the process itself
(``VmHWM``): what the system reports for a child may be its parent's.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bench.loops import make
from bench.recordings import ROOM, Scene, read_clips, scene
from tests.language.live_sets import LIVE_SETS
from voicecoach.ports import EAR_RATE

TALK = 120.0
"""Seconds of human speech, with its pauses."""
QUIET = 120.0
"""Seconds of room noise at -80 dBFS."""


def cost(loop: str, model: Path, where: Path) -> dict[str, float | str]:
    """Measure one loop in a process of its own."""
    command = [sys.executable, "-m", "bench.hearing_cost", loop, str(model), str(where)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1], timeout=600
    )
    found: dict[str, float | str] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(loop: str, model: Path, where: Path) -> dict[str, float | str]:
    """Measure one loop in this process."""
    talk, quiet = _talk(where), _quiet()
    before = _forget_peak()
    hear, live = make(loop, model), next(iter(LIVE_SETS.values()))
    hear(Scene(quiet.sound[:EAR_RATE], 0.0, 1.0, 1.0), live, "")  # loads what is loaded once
    spent = []
    for one in (talk, quiet):
        began = time.process_time()
        hear(one, live, "")
        spent.append((time.process_time() - began) / (len(one.sound) / EAR_RATE))
    return {
        "loop": loop,
        "cpu seconds a second of talk": round(spent[0], 4),
        "cpu seconds a second of a quiet room": round(spent[1], 5),
        "peak memory of the process, MB": round(_peak()),
        "of these for the loop, MB": round(_peak() - before),
    }


def _talk(where: Path) -> Scene:
    parts, seconds = [], 0.0
    for clip in read_clips(where):
        if clip.kind == "speech" and seconds < TALK:
            parts.append(scene(clip).sound)
            seconds += len(parts[-1]) / EAR_RATE
    return Scene(np.concatenate(parts), 0.0, seconds, seconds)


def _quiet() -> Scene:
    noise = np.random.default_rng(0).normal(0.0, ROOM, int(QUIET * EAR_RATE)).astype(np.float32)
    return Scene(noise, 0.0, QUIET, QUIET)


def _forget_peak() -> float:
    """Forget the peak where the system can (Linux), and return the memory held at present, in MB."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "utf-8")
    except OSError:
        return _peak()
    return _status("VmRSS")


def _peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _status(key: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), 0.0)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
