"""The power is cut while the appliance plays: what it does when it is switched on again.

    python -m bench.power FOLDER CUTS SEED [live]

Each life is a real ``voicecoach serve`` in a process group of its own; the whole group is killed (SIGKILL) at a moment
of chance in a session, in the start, or while a session is taken up. Then the journal and the cache are looked at, and
the next life must say that it is ready, and take the session up where it was when "resume" is said.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

Row = dict[str, object]
ROOT = Path(__file__).parents[1]
CUTS = 60
"""Of each kind of devices."""
ROUTINE = "gentle-start"
PATIENCE = 120.0
"""Seconds for a start on a busy machine."""
IN_THE_START = 0.15
"""Share of the cuts that fall into the first two seconds of a life, before it is ready."""
SOON = 2.0
"""Seconds of a session within which a busy disk may have stored nothing: commits are a quarter of a second apart."""
LIVES = {False: (0.0, 1.0), True: (0.0, 6.0)}
"""Seconds from the session's begin (or its being taken up) to the cut, for files and for a live loudspeaker."""


def cuts(folder: Path, number: int, seed: int, *, live: bool) -> Iterator[dict[str, Any]]:
    """Cut so many times; yield what each cut left, and what became of it in the next life."""
    chance = random.Random(seed)
    reached: float | None = None
    stored: float | None = None
    lived, done = 0.0, 0
    while True:
        in_the_start = chance.random() < IN_THE_START and done < number
        with _Life(folder, live=live, resumes=stored is not None) as life:
            found = {} if in_the_start else life.begun()
            if done and not in_the_start:
                goes_on = found.pop("goes on")
                # A session that was over is not taken up; nor is one of which nothing can have been stored yet.
                found["resumed"] = goes_on is not None if stored is not None else reached is None or lived < SOON
                found["nothing was stored yet"] = stored is None and reached is not None
                if reached is not None and goes_on is not None:
                    found["seconds back"] = round(reached - goes_on, 2)
                yield found | _whole(folder)
            if done >= number:
                return
            lived = chance.uniform(*((0.0, 2.0) if in_the_start else LIVES[live]))
            time.sleep(lived)
            life.cut()
            if in_the_start:
                yield {"ready": True, "resumed": True, "in the start": True, **_whole(folder)}
            else:
                reached = life.reached()
                stored = _stored(folder)
        done += 1


class _Life:
    """One life of the appliance. It is asked to begin, or to take up what was cut off."""

    def __init__(self, folder: Path, *, live: bool, resumes: bool) -> None:
        self._folder, self._events = folder, folder / "events.jsonl"
        self._events.unlink(missing_ok=True)
        wish = "resume" if resumes else f"start {ROUTINE.replace('-', ' ')}"
        said = [f"--say={wish}@1", *(f"--say={word}@{at}" for at in (4, 6, 8) for word in ("ready", "resume"))]
        speaker = "none" if live else str(folder / "coach.wav")
        options = ["--speaker", speaker, "--mic", "none", "--events", str(self._events), *said]
        options += [f"--say={word}@{at}" for at in range(30, 3000, 30) for word in ("ready", "next")]
        env = {key: value for key, value in os.environ.items() if not key.startswith("VOICECOACH_")}
        env |= {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE")}
        env |= {"PYTHONPATH": str(ROOT), "VOICECOACH_STORAGE_JOURNAL": "always"}
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "voicecoach", "serve", *options],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def begun(self) -> dict[str, Any]:
        """Wait until a session goes on; say whether it was ready, and where it goes on."""
        began, entries = time.monotonic(), list[dict[str, Any]]()
        while time.monotonic() - began < PATIENCE and not _session(entries) and self._process.poll() is None:
            time.sleep(0.01)
            entries = self._entries()
            if any(entry.get("text", "").startswith(_NOTHING) for entry in entries):
                break
        first = _session(entries)[:1]
        found: dict[str, Any] = {"ready": any(entry.get("kind") == "ready" for entry in entries)}
        found["goes on"] = float(first[0]["t"]) if first and first[0]["event"] == "returned" else None
        if not first:
            found["log"] = (self._folder / "log").read_text("utf-8")[-600:]
        return found

    def reached(self) -> float | None:
        """Return where the session was when the power was cut; None where it was over, or there was none."""
        session = _session(self._entries())
        over = any(entry["event"] == "end" for entry in session)
        return None if over or not session else max(float(entry["t"]) for entry in session)

    def cut(self) -> None:
        """Cut the power."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def _entries(self) -> list[dict[str, Any]]:
        lines = self._events.read_text("utf-8").split("\n")[:-1] if self._events.exists() else []
        return [json.loads(line) for line in lines]


def _session(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what happened in the session: time begins anew there, or where it was cut off."""
    at = next((n for n, one in enumerate(entries) if one.get("state") == "starting"), len(entries))
    while at < len(entries) and not (entries[at]["event"] == "returned" or entries[at].get("kind") == "start"):
        at += 1
    return entries[at:]


_NOTHING = "There is nothing to go on with"


def _stored(folder: Path) -> float | None:
    """Return the session time of the last event on the disk, of the session that would be taken up."""
    sql = (
        "SELECT max(at) FROM event WHERE session = (SELECT max(id) FROM session AS one"
        " WHERE finished IS NULL AND EXISTS (SELECT * FROM event WHERE session = one.id))"
    )
    place = folder / "data" / "voicecoach" / "journal.db"
    if not place.exists():
        return None
    with closing(sqlite3.connect(place)) as connection, suppress(sqlite3.Error):
        value = connection.execute(sql).fetchone()[0]
        return None if value is None else float(value)
    return None


def _whole(folder: Path) -> dict[str, bool]:
    """Tell whether the journal and every rendered line can be read."""
    from voicecoach.speech.sound_file import decode

    place = folder / "data" / "voicecoach" / "journal.db"
    if not place.exists():
        return {"journal": True, "cache": True}  # the first life was too short
    with closing(sqlite3.connect(place)) as connection:
        journal = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    cache = True
    for path in (folder / "cache" / "voicecoach" / "speech").glob("*.wav"):
        try:
            decode(path.read_bytes())
        except ValueError:
            cache = False
    aside = list((folder / "data" / "voicecoach").glob("*.broken*"))
    return {"journal": journal and not aside, "cache": cache}


def rows(number: int = CUTS) -> list[Row]:
    """Cut the power of an appliance with files, and of one with a live loudspeaker."""
    found: list[Row] = []
    for live in (False, True):
        with tempfile.TemporaryDirectory(dir=ROOT) as name:
            found.append(summary(list(cuts(Path(name), number, 1, live=live)), number, live=live))
    return found


def summary(found: list[dict[str, Any]], number: int, *, live: bool) -> Row:
    """Return what the cuts left."""
    back = sorted(entry["seconds back"] for entry in found if "seconds back" in entry)
    total = len(found)
    return {
        "figure": f"{number} power cuts, {'a live loudspeaker' if live else 'files'}",
        **{what: f"{sum(bool(entry[what]) for entry in found)} of {total}" for what in _MUST},
        "in the start / before anything was stored": " / ".join(
            str(sum(bool(entry.get(what)) for entry in found)) for what in ("in the start", "nothing was stored yet")
        ),
        "taken up before the moment of the cut, s of the session (median / p90 / most)"
        + ("" if live else "; they are played hundreds of times as fast"): (
            f"{statistics.median(back):.2f} / {back[int(0.9 * (len(back) - 1))]:.2f} / {back[-1]:.2f}"
            if back
            else "none"
        ),
    }


_MUST = ("ready", "resumed", "journal", "cache")

if __name__ == "__main__":
    for one in cuts(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), live=sys.argv[4:] == ["live"]):
        print(json.dumps(one), flush=True)
