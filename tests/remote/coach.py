"""``voicecoach run`` in a process of its own, in real time, with nothing of whoever runs the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from tests.remote.broker import until

ROUTINE = """
title = "Short"
[[exercise]]
name = "Bridge"
position = "hook-lying"
exit = "Lower your hips."
hold = "4 s"
reps = 2
"""


QUICK = "[pace]\nchange_position = 0.5\nlower = 0.5\nlift = 0.2\n"
RUN = ("--speaker", "none", "--ear", "none", "--events", "-")
BEGIN = ("--say", "next@0.2", "--say", "next@0.6", "--say", "ready@1")
"""What is said before the first hold is left out."""


class Coach:
    """``voicecoach run`` and what it writes."""

    def __init__(self, folder: Path, config: str, *options: str, routine: str = "short.toml", **env: str) -> None:
        (folder / "short.toml").write_text(ROUTINE)
        (folder / "own.toml").write_text(QUICK + config)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECOACH_", "VOSK_", "XDG_"))}
        home = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE")}
        self.env = clean | home | {"COLUMNS": "200", "PYTHONPATH": str(Path(__file__).parents[2])} | env
        self.folder = folder
        with (folder / "stderr").open("w") as told:
            self._process = subprocess.Popen(
                [*self.command, "run", routine, *RUN, *(options or BEGIN)],
                env=self.env,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        self.events: list[dict[str, Any]] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "voicecoach", "--config", str(self.folder / "own.toml")]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.events.append(json.loads(line))

    def of(self, event: str, **fields: object) -> list[dict[str, Any]]:
        return [e for e in self.events if e["event"] == event and all(e.get(k) == v for k, v in fields.items())]

    def wait_for(self, event: str, **fields: object) -> dict[str, Any]:
        until(lambda: bool(self.of(event, **fields)) or self._process.poll() is not None, f"{event} {fields}")
        found = self.of(event, **fields)
        assert found, self.told
        return found[-1]

    @property
    def told(self) -> str:
        return (self.folder / "stderr").read_text()

    def finish(self) -> int:
        code = self._process.wait(60)
        self._reading.join(10)
        return code

    def send(self, *args: str) -> subprocess.CompletedProcess[str]:
        command = [*self.command, "send", *args]
        return subprocess.run(
            command, env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reading.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()
