"""A file that somebody is writing: noticed whenever it is saved, however the editor does that.

Rule: it only looks. What a save leads to is the caller's.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

Print: TypeAlias = tuple[int, int, int]

_MOST = 1024 * 1024
"""Bytes that are compared: more than any file that is read."""


_GONE = 4
"""Looks in a row at which it is not there, until it is taken for deleted."""


class Watched:
    """A file by what it holds.

    An editor that writes beside it and renames may leave it away for a moment; that is no change.
    """

    gone: bool = False
    """Whether it has been away for longer than an editor takes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked: Print | None = None
        self._hash: bytes | None = None
        self._missed = 0

    def changed(self) -> bool:
        """Return whether it holds anything else than at the last look; the first look is a change.

        While it is not there, or cannot be read, nothing has changed.
        """
        try:
            stat = self._path.stat()
            looked = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if looked == self._looked:
                self._missed = 0
                return False
            with self._path.open("rb") as file:
                found = hashlib.sha256(file.read(_MOST)).digest()
        except OSError:
            self._missed += 1
            if self._missed == _GONE:
                self.gone, self._looked, self._hash = True, None, None
            return False
        self._missed, self.gone = 0, False
        self._looked = looked
        same, self._hash = found == self._hash, found
        return not same


def saves(path: Path, wait: Callable[[], None]) -> Iterator[bool]:
    """Yield true at the beginning and after each save, and false once when the file is gone; it may come back.

    ``wait`` is called between two looks, and may raise to end it.
    """
    watched = Watched(path)
    while True:
        gone = watched.gone
        if watched.changed():
            yield True
        elif watched.gone and not gone:
            yield False
        wait()


def difference(before: Sequence[str], after: Sequence[str], most: int) -> list[str]:
    """Return what has come (``+``) and what has gone (``-``): at most so many lines, and a count of the rest."""
    lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    found = [f"{line[0]} {line[1:]}" for line in lines if not line.startswith("@@")]
    return found if len(found) <= most else [*found[:most], f"… and {len(found) - most} more"]
