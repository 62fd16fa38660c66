"""Who plays a stored session right now: what tells a session that is being played from one that was cut off.

Rule: a claim dies with its process, whatever ends it. It is a lock on one byte of a file beside the journal: the
session's number is the byte.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from voicecoach.private import opener


class Claims:
    """The claims of this process. Close it. Raises ``OSError`` where the file cannot be had."""

    def __init__(self, journal: Path) -> None:
        # Kept apart from the database: closing any handle of a file drops all locks that a process has on it.
        path = journal.with_name(f"{journal.name}.claims")
        # Whoever may read it could hold a lock of their own on it.
        self._file: BinaryIO = open(path, "ab", opener=opener)  # noqa: SIM115 - held as long as the claims are

    def take(self, session: int) -> bool:
        """Claim a session; False where another process plays it."""
        try:
            import fcntl
        except ImportError:  # Windows: two programs at once are not told apart there
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, session)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def release(self, session: int) -> None:
        """Let go of a session."""
        with suppress(ImportError):
            import fcntl

            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, session)

    def close(self) -> None:
        """Let go of all; safe to call twice."""
        self._file.close()
