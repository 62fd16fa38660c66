"""Where routines and exercises are found.

Rule: names and paths only; nothing here reads what a file holds.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from voicecoach.complaints import listing, suggest
from voicecoach.loading.source import RoutineError


@dataclass(frozen=True, slots=True)
class Library:
    """Where routines and exercises are looked for; the first folder that has a name wins."""

    folders: tuple[Path, ...]

    def routines(self) -> dict[str, Path]:
        """Every routine by name."""
        return self._names("*.toml")

    def exercises(self) -> dict[str, Path]:
        """Every exercise of the library by name."""
        return self._names("exercises/*.toml")

    def programmes(self) -> dict[str, Path]:
        """Every programme by name."""
        return self._names("programmes/*.toml")

    def find(self, name: str) -> Path:
        """Return the file of a routine, or of a programme, given by name or path. Raises ``RoutineError``."""
        path = Path(name)
        # A program is only ever a path: no name leads to one, so nothing is run that nobody named.
        if path.suffix in {".toml", ".py"} or name != path.name:
            return path
        known = self.programmes() | self.routines()
        if name in known:
            return known[name]
        raise RoutineError(
            name, None, f"there is no routine of this name{suggest(name, known)}", allowed=listing(known)
        )

    def _names(self, pattern: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self.folders:
            with suppress(OSError, ValueError):  # a folder that may not be read, or can be none, holds nothing for us
                for path in sorted(folder.glob(pattern)):
                    found.setdefault(path.stem, path)
        return found
