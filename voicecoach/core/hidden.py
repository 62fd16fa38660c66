"""Characters of a text that nobody sees, and that a person reads past: the one rule for routines, imports and warnings.

Rule: what turns writing round, hides in words, or is a control character is no part of a text. Three are, because
words are spelt with them: the soft hyphen and the two joiners. They too cannot be seen, so ``check`` tells of them.
"""

from __future__ import annotations

import unicodedata

_SPELT_WITH = frozenset("\u00ad\u200c\u200d")
_UNSEEN = frozenset({"Cf", "Zl", "Zp"})
_NO_TEXT = frozenset({"Cc", "Cs"})


def is_control(mark: str) -> bool:
    """Tell whether a character is one for machines, or half a character; a line break is one too."""
    return unicodedata.category(mark) in _NO_TEXT


def is_hidden(mark: str) -> bool:
    """Tell whether a character is there and cannot be seen: it turns writing round, or has no width."""
    return unicodedata.category(mark) in _UNSEEN


def unfit(text: str) -> str:
    """Return the first character that may not stand in a text; an empty text where all may."""
    if text.isprintable():
        return ""
    return next((one for one in text if is_control(one) or (is_hidden(one) and one not in _SPELT_WITH)), "")
