"""What is said on the socket: one JSON object a line, in both directions.

Rule: pure, and bounded. A line is one wish or one question; whatever else it is, it gets an error back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from voicecoach.complaints import printable
from voicecoach.core.events import Command
from voicecoach.remote.wish import RefusedError, Wish, read_command, read_level, read_routine

LONGEST = 4096
"""Bytes of a line that is read; whoever sends a longer one is cut off."""

ALLOWED = '{"command": "pause"}, {"start": "gentle-start"}, {"volume": 0.4} or {"ask": "state"}'


def read_line(line: bytes, routines: Callable[[], Collection[str]]) -> Wish | None:
    """Read one line: a wish, or None for the question how things are. Raises ``RefusedError``."""
    try:
        said: Any = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RefusedError(f"this is no JSON; allowed: {ALLOWED}") from None
    if not isinstance(said, dict) or len(said) != 1:
        raise RefusedError(f"this is not one of: {ALLOWED}")
    [(kind, value)] = said.items()
    if kind == "volume":
        return read_level(value)
    if not isinstance(value, str):
        raise RefusedError(f"this is not one of: {ALLOWED}")
    match kind:
        case "command":
            return read_command(value, tuple(Command))
        case "start":
            return read_routine(value, routines()) if value else Wish(routine="")  # the usual one
        case "ask" if value == "state":
            return None
        case _:
            raise RefusedError(f'"{printable(kind, 20)}" means nothing; allowed: {ALLOWED}')


def write_line(said: dict[str, Any]) -> bytes:
    """Return it as a line."""
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
