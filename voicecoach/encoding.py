"""What a terminal that is not in UTF-8 shows in the place of marks that it does not have.

Rule: a transcript without its notes is one still; no mark ends a session.
"""

from __future__ import annotations

import codecs
import io
from typing import TextIO

_ASCII = {
    "»": ">",
    "♪": "*",
    "·": "-",
    "—": "-",
    "\u2013": "-",
    "\u2019": "'",
    "“": '"',
    "”": '"',
    "…": "...",
    "█": "#",
    "▓": "=",
    "░": ".",
    "─": "-",
    "→": "->",
}


def take_any_encoding(*streams: TextIO | None) -> None:
    """Let streams that are not in UTF-8 show the nearest they have: a transcript without its notes is one still."""
    codecs.register_error("voicecoach", _in_ascii)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="voicecoach")


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_ASCII.get(mark, "?") for mark in error.object[error.start : error.end]), error.end
