"""A system that is only read: home, root and the folder that it is started in may not be written, by nobody special."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs
from tests.short import QUICK_ONE
from voicecoach.journal.store import Store

pytestmark = [pytest.mark.voice]

ROOT = Path(__file__).parents[2]
NOBODY = "65534"


class System:
    """A read-only home, and a stick that may be written."""

    def __init__(self, folder: Path) -> None:
        self.home, self.stick = folder / "home", folder / "stick"
        self.routine = self.home / ".config" / "voicecoach" / "routines" / "quick-one.toml"
        self.routine.parent.mkdir(parents=True)
        self.routine.write_text(QUICK_ONE, "utf-8")
        self.stick.mkdir()
        self.stick.chmod(0o777)  # whoever it is run as
        for path in (self.home, *self.home.rglob("*")):
            path.chmod(0o555)
        self._before = self._inside()

    def run(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the program as somebody who may not write here."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("VOICECOACH_", "XDG_"))}
        clean |= {"HOME": str(self.home), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        clean |= {"VOICECOACH_STORAGE_JOURNAL": "always", "VOICECOACH_STORAGE_ROUTINES": str(self.routine.parent)}
        somebody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
        return subprocess.run(
            [*somebody, sys.executable, "-m", "voicecoach", *args],
            cwd=self.home,
            env=clean | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    def day(self, **env: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
        """Serve: a session is asked for, and played to its end."""
        events = self.stick / "events.jsonl"
        said = ("--say", "start quick one@12", "--say", "ready@30", "--events", str(events))
        done = self.run("serve", "--speaker", str(self.stick / "coach.wav"), *said, **env)
        text = events.read_text("utf-8") if events.exists() else ""
        return done, [json.loads(line) for line in text.splitlines()]

    def is_untouched(self) -> bool:
        return self._inside() == self._before

    def _inside(self) -> list[Path]:
        return sorted(self.home.rglob("*"))


@pytest.fixture
def system() -> Iterator[System]:
    if os.geteuid() == 0:
        needs("setpriv")
    folder = Path(tempfile.mkdtemp(prefix="read-only-"))
    folder.chmod(0o755)
    try:
        yield System(folder)
    finally:
        for path in folder.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)


def test_what_is_kept_lies_where_it_may_be_written(system: System) -> None:
    elsewhere = {"XDG_DATA_HOME": str(system.stick / "data"), "XDG_CACHE_HOME": str(system.stick / "cache")}
    done, events = system.day(**elsewhere)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [entry["reason"] for entry in events if entry["event"] == "end"] == ["finished"]
    with closing(sqlite3.connect(system.stick / "data" / "voicecoach" / "journal.db")) as journal:
        assert journal.execute("SELECT routine, reason FROM session").fetchall() == [("quick-one", "finished")]
    assert list((system.stick / "cache" / "voicecoach" / "speech").glob("*.wav"))
    assert system.is_untouched()
    assert "quick-one" in system.run("history", **elsewhere).stdout


def test_what_is_locked_is_told_though_nothing_may_be_written(system: System) -> None:
    elsewhere = {"XDG_DATA_HOME": str(system.stick / "data")}
    folder = system.stick / "data" / "voicecoach"
    folder.mkdir(parents=True)
    with closing(Store.open(folder / "journal.db")) as store:
        store.remember("lock/bridge", "pain", "2026-11-21")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o555)
    listed = system.run("unlock", **elsewhere)
    assert (listed.returncode, "bridge" in listed.stdout) == (0, True), listed
    refused = system.run("unlock", "bridge", "--yes", **elsewhere)
    assert (refused.returncode, "it may not be written" in refused.stderr) == (3, True), refused


def test_where_nothing_may_be_written_it_plays_all_the_same_and_says_so(system: System) -> None:
    done, events = system.day()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [entry["reason"] for entry in events if entry["event"] == "end"] == ["finished"]
    assert "not kept" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert system.is_untouched()
