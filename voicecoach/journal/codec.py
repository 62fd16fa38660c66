"""Values of the core as JSON, and back: exactly, or with one clear error.

Rule: the names written here are stored in people's journals. They stay as they are; what changes gets a new ``FORMAT``.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from voicecoach import __version__
from voicecoach.core.cueing import CueTime
from voicecoach.core.dose import Hold, ProgressRule, Range, Tempo
from voicecoach.core.events import (
    Alerted,
    Deafened,
    Effect,
    Event,
    Heard,
    Hearing,
    Overheard,
    Silenced,
    Spoken,
    Start,
    Tick,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.news import Returned, Unkept
from voicecoach.core.person import Person, Room
from voicecoach.core.program import Pace, Style
from voicecoach.core.programme import PartOf
from voicecoach.core.routine import Routine
from voicecoach.ports import PortError

FORMAT = 1
"""Of the database and of all that is in it."""

KINDS: Mapping[str, type[Event]] = {
    "start": Start,
    "tick": Tick,
    "spoken": Spoken,
    "heard": Heard,
    "overheard": Overheard,
    "deafened": Deafened,
    "hearing": Hearing,
    "silenced": Silenced,
    "unkept": Unkept,
    "returned": Returned,
    "alerted": Alerted,
    "wanted": Wanted,
    "volume asked": VolumeAsked,
}
"""The events by the names that are stored."""

_NAMES = {kind: name for name, kind in KINDS.items()}
_VALUES: Mapping[str, type[Any]] = {
    "range": Range,
    "hold": Hold,
    "tempo": Tempo,
    "progress": ProgressRule,
    "moment": CueTime,
}
"""The small values inside a routine, which an author writes as text: each is stored with what it ``is``."""
_VALUE_NAMES = {kind: name for name, kind in _VALUES.items()}


class JournalError(PortError):
    """The journal cannot be used. ``str()`` is one sentence for the person."""


class UnreadableError(JournalError):
    """Something stored cannot be read: a newer program wrote it, or it was damaged."""


@dataclass(frozen=True, slots=True)
class Header:
    """Everything besides the events that a session depended on."""

    started: datetime
    """Wall time, with its offset."""
    routine: Routine
    """As it was played: without what was locked, with every dose where earlier sessions had moved it."""
    pace: Pace
    person: Person
    room: Room
    language: str
    rate: int
    """Words a minute of the voice: the estimates that a session tells ("ten minutes left") are made with it."""
    style: Style = field(default_factory=Style)
    """That its program was compiled in; the session itself adds what the person knows and how much talk they like."""
    part_of: PartOf | None = None
    """The day of a programme that it was; None: a routine by itself."""
    version: str = __version__
    """Of the program that played it."""


def checksum(effects: tuple[Effect, ...]) -> int:
    """Return a figure by which a replay shows that the session decided then as it does now."""
    return zlib.crc32(repr(effects).encode())


def dump_event(event: Event) -> tuple[str, str]:
    """Return an event's kind and its fields but for ``at``, as compact JSON."""
    values = {each.name: getattr(event, each.name) for each in fields(event) if each.name != "at"}
    return _NAMES[type(event)], compact(values)


def load_event(kind: str, at: float, text: str) -> Event:
    """Return the event of what ``dump_event`` wrote. Raises ``UnreadableError``."""
    if kind not in KINDS:
        raise UnreadableError(f'the journal holds an event "{kind}", which this version does not know')
    event: Event = _read(KINDS[kind], {"at": at, **_parse(text, kind)}, f'event "{kind}"')
    return event


def dump_header(header: Header) -> str:
    """Return a header as JSON."""
    return compact(
        {
            "format": FORMAT,
            "version": header.version,
            "started": header.started.isoformat(),
            "language": header.language,
            "rate": header.rate,
            "routine": header.routine,
            **{name: getattr(header, name) for name in _PARTS},
            # Only where there is one: so what has none can be read by every version.
            **({"part_of": header.part_of} if header.part_of else {}),
        }
    )


def load_header(text: str) -> Header:
    """Return the header of what ``dump_header`` wrote. Raises ``UnreadableError``."""
    stored = _parse(text, "header")
    if stored.pop("format", None) != FORMAT:
        raise UnreadableError(
            f"the session was written by voicecoach {stored.get('version', '(unknown)')}, "
            f"in a format that this version ({__version__}) does not know"
        )
    try:
        started = datetime.fromisoformat(stored.pop("started"))
        routine = Routine.model_validate(stored.pop("routine"))
        parts = {name: _read(kind, stored.pop(name), name) for name, kind in _PARTS.items()}
        if "part_of" in stored:
            parts["part_of"] = _read(PartOf, stored.pop("part_of"), "part_of")
        rest = {name: stored.pop(name) for name in ("language", "rate", "version")}
        header = Header(started=started, routine=routine, **parts, **rest)
    except (KeyError, TypeError, ValueError) as error:  # pydantic's are ValueErrors
        reason = str(error).partition("\n")[0]
        raise UnreadableError(f"the header of a stored session cannot be read ({reason})") from None
    if stored or not _is_plain(rest):
        raise UnreadableError("the header of a stored session has fields that this version does not know")
    return header


def compact(value: Any) -> str:
    """Return JSON without a blank to spare, in ASCII: any text survives, half a letter from a terminal too."""
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    """Return a value's fields. Numbers stay what they are: a whole number is spoken otherwise than a fraction."""
    if isinstance(value, BaseModel):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    name = _VALUE_NAMES.get(type(value))
    return {"is": name} | {each.name: getattr(value, each.name) for each in fields(value)} if name else asdict(value)


_PARTS: Mapping[str, type[Any]] = {"pace": Pace, "person": Person, "room": Room, "style": Style}


def _is_plain(rest: Mapping[str, Any]) -> bool:
    return isinstance(rest["language"], str) and type(rest["rate"]) is int and isinstance(rest["version"], str)


def _parse(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text, object_hook=_revive)
    except (TypeError, ValueError, RecursionError):
        raise UnreadableError(f"the {what} of a stored session is not JSON") from None
    if not isinstance(found, dict):
        raise UnreadableError(f"the {what} of a stored session is not a JSON object")
    return found


def _revive(table: dict[str, Any]) -> Any:
    if "is" not in table:
        return table
    name = table.pop("is")
    if name not in _VALUES:
        raise UnreadableError(f'a stored session holds a "{name}", which this version does not know')
    return _read(_VALUES[name], table, f'"{name}"')


def _read(kind: type[Any], values: Any, what: str) -> Any:
    known = {each.name for each in fields(kind)}
    if not isinstance(values, dict) or values.keys() - known:
        raise UnreadableError(f"the {what} of a stored session has fields that this version does not know")
    try:
        found = _ADAPTERS[kind].validate_python(values)
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"])
        raise UnreadableError(f"the {what} of a stored session cannot be read ({reason})") from None
    whole = {name for name, value in values.items() if type(value) is int and type(getattr(found, name)) is float}
    return replace(found, **{name: values[name] for name in whole})


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (*KINDS.values(), *_PARTS.values(), *_VALUES.values(), PartOf)
}
