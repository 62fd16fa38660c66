"""What happened, as flat records: one shape for the event file, the transcript and the screen.

Rule: the names and fields here are a contract with scripts (docs/events.md); they change only with a new major version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
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
    Say,
    Silenced,
    SpeechRate,
    StepBegan,
    Volume,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.news import Returned, Unkept
from voicecoach.core.standing import StandbyChanged
from voicecoach.private import opener

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
        case Deafened(at=at) | Hearing(at=at) | Silenced(at=at) | Unkept(at=at):
            return record(at, type(event).__name__.lower())
        case Returned(at=at, asked=asked):
            return record(at, "returned", asked=asked)
        case Alerted(at=at, told=told):
            return record(at, "alerted", told=told)
        case Wanted(at=at, routine=routine, source=source):
            return record(at, "wanted", routine=routine, source=source)
        case VolumeAsked(at=at, level=level, source=source):
            return record(at, "volume_asked", level=round(level, 3), source=source)
        case _:
            return None


def of_effect(at: float, effect: Effect, sentence: Callable[[Line], str]) -> Record:
    """Return the record of what the session asked for."""
    if isinstance(effect, Say):
        # The only one that needs the language.
        text, priority = sentence(effect.line), effect.priority.name.lower()
        return record(at, "say", utterance=effect.utterance, text=text, priority=priority, loud=effect.loud)
    name, fields = _OF_EFFECT[type(effect)]
    return record(at, name, **fields(effect))


_STEP_FIELDS = ("kind", "exercise", "set", "rep", "side", "limb", "seconds")

_OF_EFFECT: Mapping[type[Effect], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Hush: ("hush", lambda _: {}),
    Chime: ("chime", lambda e: {"kind": e.kind.value}),
    StepBegan: ("step", lambda e: {name: getattr(e, name) for name in _STEP_FIELDS}),
    ModeChanged: ("mode", lambda e: {"mode": e.mode.value}),
    Note: ("note", lambda e: {"kind": e.kind, **dict(e.fields)}),
    Volume: ("volume", lambda e: {"level": round(e.level, 3)}),
    SpeechRate: ("speech_rate", lambda e: {"factor": round(e.factor, 3)}),
    Remember: ("remember", lambda e: {"key": e.key, "value": e.value}),
    Alert: ("alert", lambda e: {"reason": e.reason}),
    End: ("end", lambda e: {"reason": e.reason}),
    StandbyChanged: (
        "standby",
        lambda e: {"state": e.state.value, "routine": e.routine, "resumes": e.resumes},
    ),
}
"""What the events are called and hold, for all effects but ``Say``."""


class EventFile:
    """Writes each record as one JSON object a line, at once, so that a cut session loses nothing before the cut.

    ``target`` is a file, or a stream that stays open. A full disk ends the writing, never the session: whoever asked
    for the events finds the reason in ``failure``. Raises ``OSError`` where the file cannot be begun.
    """

    def __init__(self, target: Path | TextIO) -> None:
        # Only its owner may read it: it says where and how badly it hurts.
        self._file = open(target, "w", encoding="utf-8", opener=opener) if isinstance(target, Path) else target  # noqa: SIM115
        self._ours = isinstance(target, Path)
        # Another encoding than UTF-8 need not have every letter.
        self._ascii = not (self._file.encoding or "").lower().startswith("utf")
        self.failure: OSError | None = None
        self._ended = False

    def __call__(self, entry: Record) -> None:
        """Write one record. What fails after an ``end`` does not end the session again; another may follow it."""
        again, self._ended = self._ended and entry["event"] == "end", entry["event"] == "end"
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
