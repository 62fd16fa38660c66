"""Where routines and exercises are found.

Rule: names and paths only; nothing here reads what a file holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from voicecoach.complaints import listing, suggest
from voicecoach.loading.source import RoutineError

LANGUAGE_CODE = r"[a-z]{2}(-[A-Z]{2})?"
"""What a file's name ends with that translates another: ``bridge.de.toml``."""


@dataclass(frozen=True, slots=True)
class Library:
    """Where routines and exercises are looked for; the first folder that has a name wins."""

    folders: tuple[Path, ...]

    def routines(self) -> dict[str, Path]:
        """Every routine by name."""
        return self._names("", "*.toml")

    def exercises(self) -> dict[str, Path]:
        """Every exercise of the library by name."""
        return self._names("exercises", "*.toml")

    def translation(self, path: Path, code: str) -> Path | None:
        """Return the file that translates ``path``: ``NAME.de.toml`` beside it, or in a folder of the library."""
        name = f"{path.stem}.{code}{path.suffix}"
        kind = "exercises" if path.absolute().parent.name == "exercises" else ""
        with suppress(OSError, ValueError):
            places = (path.parent, *(folder / kind for folder in self.folders))
            return next((place / name for place in places if (place / name).is_file()), None)
        return None

    def programmes(self) -> dict[str, Path]:
        """Every programme by name."""
        return self._names("programmes", "*.toml")

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

    def _names(self, kind: str, pattern: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self.folders:
            with suppress(OSError, ValueError):  # a folder that may not be read, or can be none, holds nothing for us
                for path in sorted((folder / kind).glob(pattern)):
                    found.setdefault(path.stem, path)
        return {name: path for name, path in found.items() if not _translates(name, found)}


def translated(path: Path) -> tuple[Path, str] | None:
    """Return the file beside ``path`` whose texts it holds in another language, and that language; None if none."""
    base, dot, code = path.stem.rpartition(".")
    if not dot or not re.fullmatch(LANGUAGE_CODE, code):
        return None
    beside = path.with_name(f"{base}{path.suffix}")
    with suppress(OSError):
        return (beside, code) if beside.is_file() else None
    return None


def _translates(name: str, known: Mapping[str, Path]) -> bool:
    """Tell whether a file of this name holds another one's texts: ``bridge.de`` where there is a ``bridge``."""
    base, dot, code = name.rpartition(".")
    return bool(dot) and base in known and re.fullmatch(LANGUAGE_CODE, code) is not None
