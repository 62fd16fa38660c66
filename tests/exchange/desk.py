"""Bringing in a file, as the tests do it: what came out, and the routine that it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from voicecoach.core.routine import Exercise, Routine
from voicecoach.exchange.bring_in import Imported, Wanted, bring_in
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.shipped import shipped

LIBRARY = Library((shipped("routines"),))


class Taken:
    """What became of a file."""

    def __init__(self, folder: Path, name: str, content: Any, **wanted: Any) -> None:
        path = folder / name
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, "utf-8", newline="")
        self.made: Imported = bring_in(path, Wanted(**wanted), LIBRARY)
        (folder / "made.toml").write_text(self.made.text, "utf-8")
        self.routine: Routine = load_routine(folder / "made.toml", LIBRARY)

    def __getitem__(self, name: str) -> Exercise:
        return next(exercise for exercise in self.routine.exercises if exercise.name == name)

    @property
    def assumed(self) -> set[tuple[str, str]]:
        return {(one.exercise, one.key) for one in self.made.assumed}

    @property
    def lost(self) -> str:
        return "\n".join(self.made.lost)
