"""What the journal costs: a commit, handing something in, a session on the disk; and what a kill costs."""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.journal.stored import header
from voicecoach.cli.common import Grip, plan
from voicecoach.core.person import Person, Room
from voicecoach.journal.replay import program_of, replay
from voicecoach.journal.store import NAME, Store
from voicecoach.journal.writer import COMMIT_EVERY, Writer
from voicecoach.rehearsal import rehearse

Row = dict[str, object]
ROOT = Path(__file__).parents[1]
ROUTINE = "lumbar-stabilisation"
SESSIONS = 20
KILLS = 1000


def writing(routine: str = ROUTINE) -> Row:
    """Return the cost of keeping sessions on the disk that this project lies on, a thousand events a second."""
    of = header(plan(routine, Grip(None).load()).routine, person=Person(agreed=True))
    played = [
        (moment.event, moment.effects)
        for moment in rehearse(program_of(of), lambda _: 2.0, person=of.person, room=Room(attended=False))
    ]
    commits: list[float] = []
    appends: list[float] = []

    class Timed(sqlite3.Connection):
        def commit(self) -> None:
            start = time.perf_counter()
            super().commit()
            commits.append(time.perf_counter() - start)

    with tempfile.TemporaryDirectory(dir=ROOT) as name:
        path = Path(name) / NAME
        writer = Writer(path, make=lambda p: sqlite3.connect(p, isolation_level=None, factory=Timed), interval=0.0)
        for _ in range(SESSIONS):
            writer.begin(of)
            for event, effects in played:
                start = time.perf_counter()
                writer.append(event, effects)
                appends.append(time.perf_counter() - start)
                time.sleep(0.001)
        writer.close(60)
        if writer.failure is not None:
            raise writer.failure
        size = path.stat().st_size
        replaying = _replaying(path)
    return {
        "figure": f"keep {routine}, {SESSIONS} times, a commit whenever there is something to write",
        "commit, ms (p50)": _ms(commits, 0.5),
        "commit, ms (p99)": _ms(commits, 0.99),
        "commit, ms (longest)": _ms(commits, 1.0),
        "commits": len(commits),
        "commits a second in a real session, at most": round(1 / COMMIT_EVERY),
        "append, µs (p50)": round(1000 * _ms(appends, 0.5), 1),
        "append, µs (p99)": round(1000 * _ms(appends, 0.99), 1),
        "append, µs (longest)": round(1000 * _ms(appends, 1.0), 1),
        "events a session": len(played),
        "bytes a session": size // SESSIONS,
        "replay of a session, ms": replaying,
    }


def _replaying(path: Path) -> float:
    store = Store.open(path)
    took = []
    for number in range(1, 6):
        start = time.perf_counter()
        replay(store.recording(number))  # raises where its effects are not those that were stored
        took.append(time.perf_counter() - start)
    store.close()
    return _ms(took, 0.5)


def killing(number: int = KILLS, seed: int = 1) -> Row:
    """Return what so many kills at random moments left."""
    with tempfile.TemporaryDirectory(dir=ROOT) as name:
        command = [sys.executable, "-m", "tests.journal.killing", name, str(number), str(seed)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    lost = sorted(entry["lost_seconds"] for entry in found)
    return {
        "figure": f"{len(found)} kills at random moments",
        "journals that were whole": sum(entry["integrity"] == "ok" for entry in found),
        "what was stored is a beginning of what was handed in": sum(entry["prefix"] for entry in found),
        "looked into: can be taken up": f"{sum(entry.get('can be taken up', False) for entry in found)} of "
        f"{sum('can be taken up' in entry for entry in found)}",
        "with something stored": sum(entry["stored"] > 0 for entry in found),
        "lost, s (p50)": round(statistics.median(lost), 3),
        "lost, s (p99)": round(lost[int(0.99 * (len(lost) - 1))], 3),
        "lost, s (most)": round(lost[-1], 3),
        "of which the disk was at a commit, s (most)": round(max(e["of which the disk was at work"] for e in found), 3),
    }


def _ms(seconds: list[float], part: float) -> float:
    return round(1000 * sorted(seconds)[round(part * (len(seconds) - 1))], 4)
