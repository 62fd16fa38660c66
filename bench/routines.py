"""How fast routines are: every one that ships loaded, compiled and rehearsed, and one of ten thousand steps.

Rule: each figure comes from a process of its own that has loaded its modules before the clock starts; its memory is
what routines, programs and rehearsals added to it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from voicecoach.config import load_config
from voicecoach.core.person import Room
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.plan import Plan, plan_routine
from voicecoach.rehearsal import rehearse
from voicecoach.shipped import shipped

Row = dict[str, object]

RUNS = 9
STEPS = 10_000


def rows() -> list[Row]:
    """Return the figures of the shipped routines together, and of the long one."""
    found = [path for path in sorted(shipped("routines").glob("*.toml")) if path.suffixes == [".toml"]]
    with tempfile.TemporaryDirectory() as name:
        long = Path(name) / "long.toml"
        long.write_text(of_many_steps(STEPS, long), "utf-8")
        all_of_ours, the_long = _in_a_child(found), _in_a_child([long])
    return [
        {"figure": f"the {len(found)} routines that ship, one after the other", **all_of_ours},
        {"figure": f"one routine of {the_long['steps']} steps", **the_long},
    ]


def of_many_steps(least: int, scratch: Path) -> str:
    """Return a routine of at least ``least`` steps: exercise after exercise with sets, repetitions and rests."""
    one = '[[exercise]]\nuse = "bridge"\nsets = 5\nreps = 8\nhold = "3 s"\nrest = "5 s"\n'
    scratch.write_text(f'title = "Long"\n{one}', "utf-8")
    each = len(_plan(scratch).program.steps)
    return f'title = "Long"\n{one * (least // (each - 3) + 1)}'  # the welcome and the farewell come once


def measure(files: Sequence[Path]) -> Row:
    """Return how long it takes, in milliseconds of this process, and how much memory, to play ``files`` through."""
    before = _memory("VmRSS")
    spent: dict[str, list[float]] = {"load and compile": [], "rehearse": [], "in all": []}
    for _ in range(RUNS):
        count: Counter[str] = Counter()
        began = time.process_time()
        plans = [_plan(path) for path in files]
        loaded = time.process_time()
        for made in plans:
            count["steps"] += len(made.program.steps)
            count["events"] += sum(1 for _ in rehearse(made.program, made.speaking, room=Room(attended=False)))
        ended = time.process_time()
        for part, seconds in zip(spent, (loaded - began, ended - loaded, ended - began), strict=True):
            spent[part].append(1000 * seconds)
    return {
        **{f"{part}, CPU ms (median of {RUNS})": round(statistics.median(each), 1) for part, each in spent.items()},
        "steps": count["steps"],
        "events": count["events"],
        "memory before, MB": round(before, 1),
        "memory added at most, MB": round(_memory("VmHWM") - before, 1),
    }


def _plan(path: Path) -> Plan:
    loaded = load_config(env={}, user=Path("none.toml"))
    return plan_routine(load_routine(path, Library((shipped("routines"),))), loaded)


def _memory(which: str) -> float:
    """Return megabytes of this process: ``VmRSS`` now, ``VmHWM`` at most.

    Not ``ru_maxrss``: a child begins with its parent's.
    """
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split(f"{which}:")[1].split()[0]) / 1024


def _in_a_child(files: Sequence[Path]) -> Row:
    command = [sys.executable, "-m", "bench.routines", *map(str, files)]
    figures: Row = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return figures


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure([Path(name) for name in sys.argv[1:]])))
