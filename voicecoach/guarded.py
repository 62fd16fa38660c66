"""Reading a file that somebody else may have put there: with a limit, and never waiting for it.

Rule: the only place that opens a file of a person's to read it whole. Whatever stands at that path, the answer is what
it holds or one ``Complaint``, after a bounded time and with bounded memory.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from voicecoach.complaints import Complaint

_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
"""Windows has no such flag, and no pipes among its files."""


def read_guarded(
    path: Path, largest: int, complaint: type[Complaint], *, line: int | None = 1, hint: str = "", short: str = ""
) -> bytes:
    """Return what a file holds, of at most ``largest`` bytes.

    Raises ``complaint`` for ``line`` where it cannot be read (``hint`` says what to do then), is a pipe, a device or a
    folder, or is larger (``short`` says what such a file is). The null device is an empty file: that is what people
    name where they want none.
    """
    try:
        # Not to wait for whoever writes into a pipe; a file is read all the same.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _AT_ONCE)) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) and not os.path.samestat(found, os.stat(os.devnull)):  # noqa: PTH116
                problem = "cannot be read: is no ordinary file"
                raise complaint(path, line, problem, allowed="a pipe or a device is none")
            data = file.read(largest + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte in it
        if isinstance(error, Complaint):
            raise
        reason = "is a folder" if isinstance(error, IsADirectoryError) else getattr(error, "strerror", None)
        raise complaint(path, line, f"cannot be read: {(reason or str(error)).lower()}", allowed=hint) from None
    if len(data) > largest:
        raise complaint(path, line, f"is larger than {largest // 1024} KB", allowed=short)
    return data


def read_guarded_text(
    path: Path, largest: int, complaint: type[Complaint], *, line: int | None = 1, hint: str = "", short: str = ""
) -> str:
    """Do as ``read_guarded``, for text in UTF-8; the mark that Windows' Notepad puts in front is left out."""
    data = read_guarded(path, largest, complaint, line=line, hint=hint, short=short)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = data.count(b"\n", 0, error.start) + 1
        raise complaint(path, found, "is not text in UTF-8", allowed="save the file as UTF-8") from None
