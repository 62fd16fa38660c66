"""Finding a voice by the name that a person would use for it.

Rule: a name either means exactly one voice or is refused with its nearest neighbours; never a silent substitute.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicecoach.ports import VoiceError

if TYPE_CHECKING:
    from collections.abc import Sequence


class UnknownVoiceError(VoiceError):
    """The engine works, but has no voice of that name."""

    def __init__(self, wanted: str, near: Sequence[str]) -> None:
        like = f"; the nearest it has: {', '.join(near)}" if near else ""
        super().__init__(
            f'The speech engine has no voice called "{wanted}"{like}.',
            mend='choose a voice that "voicecoach doctor" lists',
        )


@dataclass(frozen=True, slots=True)
class VoiceEntry:
    """A voice as its engine lists it."""

    id: str
    """What the engine calls it, such as ``gmw/en-us``."""
    name: str
    """What people call it, such as ``English (America)``."""
    language: str
    """A language code, such as ``en-us``."""


def find_voice(wanted: str, entries: Sequence[VoiceEntry]) -> str:
    """Return the engine's id for ``wanted``: an id, the id's last part, a display name or a language code.

    A variant (``en-us+f3``) is passed on; espeak-ng ignores one it does not have. Raises ``UnknownVoiceError``.
    """
    base, plus, variant = wanted.partition("+")
    key = base.strip().casefold()
    for called in _id, _short, _name, _language:
        for entry in entries:
            if called(entry).casefold() == key:
                return entry.id + plus + variant
    raise UnknownVoiceError(wanted, _near_names(key, entries))


def _near_names(wanted: str, entries: Sequence[VoiceEntry]) -> list[str]:
    """Return at most five names that look like ``wanted``, nearest first, as short ids."""
    # The later wins: a voice's own id before a language or name it shares with others, an earlier voice before a later.
    short = {
        called(entry).casefold(): (_short(entry), entry.name if called is _name else "")
        for called in (_language, _name, _short)
        for entry in entries[::-1]
    }
    found: dict[str, str] = {}
    for name in difflib.get_close_matches(wanted.casefold(), short, n=5, cutoff=0.5):
        found.setdefault(*short[name])
    # "nonsense" is like "Indonesian", which "id" alone would not tell.
    return [f"{id_} ({name})" if name else id_ for id_, name in found.items()]


def _id(entry: VoiceEntry) -> str:
    return entry.id


def _short(entry: VoiceEntry) -> str:
    return entry.id.rpartition("/")[2]


def _name(entry: VoiceEntry) -> str:
    return entry.name


def _language(entry: VoiceEntry) -> str:
    return entry.language
