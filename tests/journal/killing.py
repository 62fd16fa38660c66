"""Children that play sessions with a journal and are killed with SIGKILL; then what they left is looked at.

    python -m tests.journal.killing FOLDER KILLS SEED

A child writes down everything that it hands in, with its own wall clock, before it hands it in: one line in one system
call, which a kill does not take back; and likewise when the disk was asked to commit and when it had. The program plays the part of the killer and prints one JSON object a kill. It
forks what is loaded once, so a child costs no start; some run at a time, each with a journal of its own, which the
next children go on with: every journal is killed many times.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from voicecoach.core.events import Event
from voicecoach.journal.codec import Header, dump_event
from voicecoach.journal.keeper import Keeper
from voicecoach.journal.store import NAME
from voicecoach.journal.writer import COMMIT_EVERY, Played, Writer

CHILDREN = 6
"""At a time."""
KILLS_OF_ONE = 25
"""After so many kills a journal is left, and a new one begun."""
DENSE = 0.01
"""Seconds between commits in every second child: its kills fall into commits, and into what SQLite does after them."""
LIVES, LONG_LIVES, LONG = (0.0, 0.5), (1.2, 1.8), 6
"""Seconds that a child lives: mostly two ordinary commits at most; in every sixth round so long that what is never
committed would be too much to lose."""


def play(folder: Path, header: Header, what: list[Played], interval: float) -> None:
    """Play the session again and again, some fifty times as fast as a person would, until somebody ends it."""
    log = os.open(folder / "handed.jsonl", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    def tell(*what: object) -> None:
        os.write(log, f"{json.dumps([time.time(), *what])}\n".encode())

    class Watched(sqlite3.Connection):
        def commit(self) -> None:
            tell("asked")
            super().commit()
            tell("committed")

    keeper = Keeper(folder)
    assert keeper.notices == [], keeper.notices
    make = partial(sqlite3.connect, isolation_level=None, factory=Watched)
    writer = Writer(folder / NAME, keeper._claims, interval=interval, make=make)
    while True:
        writer.begin(header)
        for number, (event, effects) in enumerate(what):
            tell(number, *_told(event))
            writer.append(event, effects)
            time.sleep(0.002)
            assert writer.failure is None, writer.failure


def _told(event: Event) -> tuple[float, str, str]:
    return (event.at, *dump_event(event))


def look(folder: Path, before: int) -> dict[str, object]:
    """Say what a killed child left: whether all is whole, and what is missing. ``before``: sessions older than it."""
    log = folder / "handed.jsonl"
    lines = log.read_bytes().split(b"\n") if log.exists() else []
    told = [json.loads(line) for line in lines[:-1]]  # what is behind the last line's end was cut by the kill
    handed = [entry for entry in told if isinstance(entry[1], int)]
    with closing(sqlite3.connect(folder / NAME)) as connection:
        integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
        sql = "SELECT number, at, kind, fields FROM event WHERE session > ? ORDER BY session, number"
        stored = [list(row) for row in connection.execute(sql, (before,))] if _has_tables(connection) else []
    lost = handed[len(stored) :]
    return {
        "integrity": integrity,
        "prefix": stored == [entry[1:] for entry in handed[: len(stored)]],
        "handed": len(handed),
        "lived": handed[-1][0] - handed[0][0] if handed else 0.0,
        "stored": len(stored),
        "lost": len(lost),
        "lost_seconds": handed[-1][0] - lost[0][0] if lost else 0.0,
        "of which the disk was at work": _at_work(told, lost[0][0], handed[-1][0]) if lost else 0.0,
    }


def _at_work(told: list[list[object]], begin: float, end: float) -> float:
    """Return for how many seconds between two moments the disk was busy with a commit."""
    busy, since = 0.0, None
    for moment, what, *_ in [*told, [end, "committed"]]:
        assert isinstance(moment, float)
        if what == "asked":
            since = moment
        elif what == "committed" and since is not None:
            busy, since = busy + max(0.0, min(moment, end) - max(since, begin)), None
    return busy


def kills(folder: Path, header: Header, what: list[Played], number: int, seed: int) -> Iterator[dict[str, object]]:
    """Kill so many children at random moments; yield what each left."""
    chance = random.Random(seed)  # noqa: S311 - the same kills every time
    done = 0
    while done < number:
        running = []
        for place in range(min(CHILDREN, number - done)):
            serial = done + place
            home = folder / f"{place}-{serial // (CHILDREN * KILLS_OF_ONE)}"
            home.mkdir(exist_ok=True)
            before = _sessions(home)
            interval = DENSE if serial // CHILDREN % 2 else COMMIT_EVERY
            (home / "handed.jsonl").unlink(missing_ok=True)
            if (child := os.fork()) == 0:
                try:
                    play(home, header, what, interval)
                finally:
                    os._exit(1)
            lives = LONG_LIVES if done // CHILDREN % LONG == LONG - 2 else LIVES
            running.append((child, home, before, chance.uniform(*lives)))
        began = time.monotonic()
        for child, _, _, moment in sorted(running, key=lambda entry: entry[3]):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            os.kill(child, signal.SIGKILL)
        for child, home, before, _ in running:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            found = look(home, before)
            if done % 30 == 0:
                found["can be taken up"] = _can_be_taken_up(home)
            yield {"code": code, **found}
        done += len(running)
        for _, home, _, _ in running:
            if done % (CHILDREN * KILLS_OF_ONE) == 0:
                shutil.rmtree(home)


def _sessions(home: Path) -> int:
    with closing(sqlite3.connect(home / NAME)) as connection:
        if not _has_tables(connection):
            return 0
        number: int = connection.execute("SELECT count(*) FROM session").fetchone()[0]
        return number


def _has_tables(connection: sqlite3.Connection) -> bool:
    """Whether its first child lived long enough to make them."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0])


def _can_be_taken_up(home: Path) -> bool:
    """Whether the journal opens as the next run opens it, and what was cut off can be replayed to where it was."""
    keeper = Keeper(home)
    found = keeper.cut_off()
    unfinished = keeper._store is not None and any(
        entry.finished is None and entry.touched for entry in keeper._store.sessions()
    )
    keeper.close()
    return keeper.notices == [] and (found is not None) == unfinished


def main() -> None:
    """Kill, and print."""
    from tests.journal.stored import header, played
    from voicecoach.core.events import Command

    folder, number, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    of = header()
    what = played(of, 0.0, (3.0, Command.PAUSE), (9.0, Command.RESUME), (30.0, Command.PAIN), (45.0, Command.NO))
    for found in kills(folder, of, what, number, seed):
        print(json.dumps(found), flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    main()
