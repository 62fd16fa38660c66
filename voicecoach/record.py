"""What happened, as flat records: one shape for the event file, the transcript and the screen.

Rule: the names and fields here are a contract with scripts (docs/events.md); they change only with a new major version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from voicecoach.core.events import (
    Alert,
    Alerted,
    Chime,
    Deafened,
    Effect,
    End,
    Event,
    Heard,
    Hearing,
    Hush,
    Line,
    ModeChanged,
    Note,
    Overheard,
    Remember,
    Returned,
    Say,
    SpeechRate,
    StepBegan,
    Volume,
)

Record: TypeAlias = dict[str, Any]
"""``t`` in seconds of session time (to the millisecond), ``event``, and the event's own fields."""

Listener: TypeAlias = Callable[[Record], None]


def record(at: float, event: str, **fields: Any) -> Record:
    """Make a record."""
    return {"t": round(at, 3), "event": event, **fields}


def of_event(event: Event) -> Record | None:
    """Return the record of what came from the world; None for what only drives the machine."""
    match event:
        case Heard(at=at, command=command, words=words, source=source, ended_at=ended_at, partial=partial):
            ended = None if ended_at is None else round(ended_at, 3)
            return record(
                at, "heard", command=command.value, words=words, source=source, ended_at=ended, partial=partial
            )
        case Overheard(at=at, words=words):
            return record(at, "overheard", words=words)
        case Deafened(at=at):
            return record(at, "deafened")
        case Hearing(at=at):
            return record(at, "hearing")
        case Returned(at=at, asked=asked):
            return record(at, "returned", asked=asked)
        case Alerted(at=at, told=told):
            return record(at, "alerted", told=told)
        case _:
            return None


def of_effect(at: float, effect: Effect, sentence: Callable[[Line], str]) -> Record:
    """Return the record of what the session asked for."""
    match effect:
        case Say(utterance=utterance, line=line, priority=priority, loud=loud):
            text = sentence(line)
            return record(at, "say", utterance=utterance, text=text, priority=priority.name.lower(), loud=loud)
        case Hush():
            return record(at, "hush")
        case Chime(kind=kind):
            return record(at, "chime", kind=kind.value)
        case StepBegan():
            names = ("kind", "exercise", "set", "rep", "side", "limb", "seconds")
            return record(at, "step", **{name: getattr(effect, name) for name in names})
        case ModeChanged(mode=mode):
            return record(at, "mode", mode=mode.value)
        case Note(kind=kind, fields=fields):
            return record(at, "note", kind=kind, **dict(fields))
        case Volume(level=level):
            return record(at, "volume", level=round(level, 3))
        case SpeechRate(factor=factor):
            return record(at, "speech_rate", factor=round(factor, 3))
        case Remember(key=key, value=value):
            return record(at, "remember", key=key, value=value)
        case Alert(reason=reason):
            return record(at, "alert", reason=reason)
        case End(reason=reason):
            return record(at, "end", reason=reason)


class EventFile:
    """Writes each record as one JSON object a line, at once, so that a cut session loses nothing before the cut.

    ``target`` is a file, or a stream that stays open. A full disk ends the writing, never the session: whoever asked
    for the events finds the reason in ``failure``. Raises ``OSError`` where the file cannot be begun.
    """

    def __init__(self, target: Path | TextIO) -> None:
        self._file = target.open("w", encoding="utf-8") if isinstance(target, Path) else target
        self._ours = isinstance(target, Path)
        # Another encoding than UTF-8 need not have every letter.
        self._ascii = not (self._file.encoding or "").lower().startswith("utf")
        self.failure: OSError | None = None
        self._ended = False

    def __call__(self, entry: Record) -> None:
        """Write one record. An ``end`` is written once: what fails after the end does not end it again."""
        again, self._ended = self._ended and entry["event"] == "end", self._ended or entry["event"] == "end"
        if self.failure is None and not again:
            with self._noting_failure():
                self._file.write(json.dumps(entry, ensure_ascii=self._ascii) + "\n")
                self._file.flush()

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if self._ours:
            with self._noting_failure():
                self._file.close()

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = self.failure or error
