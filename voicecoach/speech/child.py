"""A child process that answers questions: one JSON object a line, over pipes.

Rule: a child is either answering within its time or dead; it is never waited for without a limit, and it never
outlives its parent (it ends at the end of its standard input).
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import voicecoach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ChildError(Exception):
    """The child could not start, died, took too long or answered nonsense. It is dead now."""


class Child:
    """A running child process. Asked from one thread at a time. Raises ``ChildError`` if it cannot be started."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what drivers print; the reasons that matter come as answers
                text=True,
                encoding="utf-8",
                env=_environment(),
            )
        except OSError as error:
            raise ChildError(f"could not start {command[0]}: {error}") from error
        # A thread, because Windows cannot wait for a pipe with a time limit.
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="speech-child", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """Send ``question`` and return the answer, waiting at most ``timeout`` seconds. Raises ``ChildError``."""
        assert self._process.stdin is not None  # noqa: S101  (it was asked for)
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=timeout)
            answer = json.loads(line or "null")
        except (OSError, ValueError, queue.Empty) as error:
            self.end()
            raise ChildError(f"no answer ({type(error).__name__})") from error
        if not isinstance(answer, dict):
            self.end()
            raise ChildError("died" if line is None else f"answered {line!r}")
        return answer

    def end(self) -> None:
        """Kill the process and take back what it held; safe to call twice."""
        self._process.kill()
        self._process.wait()
        self._reader.join(timeout=1.0)
        for pipe in self._process.stdin, self._process.stdout:
            if pipe is not None:
                with suppress(OSError):  # a question the child never read
                    pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  (it was asked for)
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)


def _environment() -> dict[str, str]:
    """Return our environment, in which a child finds the same ``voicecoach`` as we did, however we were started."""
    ours = str(Path(voicecoach.__file__).parent.parent)
    paths = [ours, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
