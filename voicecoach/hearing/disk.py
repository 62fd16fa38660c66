"""The disk as a place that may be full, or closed to us: said in a sentence, before it hurts where that can be.

Rule: whatever writes a model goes through here, so that no trouble of a disk ends in a traceback.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from voicecoach.hearing.catalogue import ModelError

Free: TypeAlias = Callable[[Path], int]
"""Tells how many bytes may still be written below a folder."""

_SPARE = 16 << 20
"""Bytes to leave free on the disk."""


def free_bytes(folder: Path) -> int:
    """Return how many bytes may still be written below a folder."""
    return shutil.disk_usage(folder).free


def check_space(folder: Path, needed: int, free: Free) -> None:
    """Raise ``ModelError`` unless ``needed`` bytes, and some to spare, are free."""
    there = free(folder)
    if there < needed + _SPARE:
        raise ModelError(
            f"The disk of {folder} is too full: {megabytes(needed + _SPARE)} are needed, {megabytes(there)} are free.",
            mend="free some space and run the same command again",
        )


def megabytes(count: int) -> str:
    """Return a number of bytes for people: ``41.2 MB``."""
    return f"{count / 1e6:.1f} MB"


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into a ``ModelError``."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"Writing to {folder} failed: {error.strerror or error}.",
            mend="see that you may write there and that its disk has room, then run the same command again",
        ) from error
