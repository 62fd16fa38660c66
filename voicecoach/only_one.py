"""Whether another coach of this person speaks on this machine: both would obey one word, or one broker.

Rule: nothing is refused for it. Two in two rooms of a house may well be meant, so it is only told.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from voicecoach.ports import Shortfall

NAME = "voicecoach.lock"
_LONGEST = 20
"""Bytes of a number of a process."""


@contextmanager
def alone(env: Mapping[str, str] | None = None) -> Iterator[list[Shortfall]]:
    """Count as a coach that runs until the context ends; give what there is to tell of another one.

    The file lies where the socket does (``XDG_RUNTIME_DIR``); where there is no such folder, nobody is told apart.
    """
    found = os.environ if env is None else env
    file = _file(found.get("XDG_RUNTIME_DIR", ""))
    if file is None:
        yield []
        return
    try:
        yield _told(file)
    finally:
        os.close(file)


def _file(folder: str) -> int | None:
    """Open the file in a folder; None where there can be none, or something else lies there."""
    if not folder or os.name != "posix":
        return None
    try:
        # Not to wait for whatever lies there, nor to write to where it leads.
        flags = os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(Path(folder) / NAME, flags, 0o600)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    return file


def _told(file: int) -> list[Shortfall]:
    """Take the lock, and leave our number for the next one; return what there is to tell where another has it."""
    import fcntl  # not on Windows

    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go of with the process, however it ends
    except (BlockingIOError, PermissionError):
        return [_other(os.pread(file, _LONGEST, 0))]
    except OSError:  # a disk that knows no locks
        return []
    with suppress(OSError):  # it is full
        os.ftruncate(file, 0)
        os.pwrite(file, b"%d\n" % os.getpid(), 0)
    return []


def _other(told: bytes) -> Shortfall:
    number = told.strip().decode("ascii", "replace")
    pid = number if number.isascii() and number.isdigit() else ""
    return Shortfall(
        f"Another voicecoach is running (pid {pid or 'unknown'}): both speak, and both may obey the same words.",
        f"end one of them: kill {pid}, or if it is the service: systemctl --user stop voicecoach"
        if pid
        else "end one of them",
    )
