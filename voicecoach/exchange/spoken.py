"""What the coach says in a routine of another program that does not tell it: the way out, and the names of sides.

Rule: in the language of the routine, from ``[imported]`` of its file. What that lacks is English, and said to be.
"""

from __future__ import annotations

from voicecoach.core.shorthand import LIMBS
from voicecoach.exchange.phrases import ENGLISH, language_of
from voicecoach.language import load_language

_PAIRS = {(f"right {limb}", f"left {limb}"): (f"right_{limb}", f"left_{limb}") for limb in LIMBS}
"""The sides as shorthand names them, and their keys in a language's file."""


class Spoken:
    """The words of one language."""

    def __init__(self, code: str) -> None:
        self._code = code
        self.foreign = not code.startswith(ENGLISH)
        self._english = load_language(ENGLISH).imported
        self._own = language_of(code).imported if not self.foreign or language_of(code).code != ENGLISH else {}

    @property
    def exit(self) -> str:
        """The way out where nobody has told us: true of every position, and in an effort's middle."""
        return self._own.get("exit", self._english["exit"])

    def sides(self, limbs: object) -> list[str] | None:
        """Return both sides in this language; None where these are none of shorthand, or it has no words for them."""
        keys = _PAIRS.get(tuple(limbs)) if isinstance(limbs, list) else None
        return [self._own[key] for key in keys] if keys and all(key in self._own for key in keys) else None

    def borrowed(self, *keys: str) -> str:
        """Return what to say of words that are English for want of others; nothing where there are others."""
        keys = keys or ("exit",)
        lacks = self.foreign and any(key not in self._own for key in keys)
        return f"in English: the language {self._code} has no words for it" if lacks else ""

    def is_side(self, limbs: object) -> bool:
        """Tell whether these are sides as shorthand names them, in English."""
        return isinstance(limbs, list) and tuple(limbs) in _PAIRS
