"""Elements of HTML and SVG, with every text from outside escaped.

Rule: knows nothing of what is drawn. Shared by all that writes pages or pictures.
"""

from __future__ import annotations

import re
from html import escape

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def text(words: object) -> str:
    """Escape words for HTML and SVG, also inside quotes; what neither may hold becomes a mark."""
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(words)))


def tag(name: str, *inside: str, **attributes: object) -> str:
    """Return an element. ``class_`` means class, ``_`` in a name means ``-``; ``inside`` is markup already."""
    given = "".join(f' {_name(key)}="{text(_plain(value))}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{given}>{''.join(inside)}</{name}>" if inside else f"<{name}{given}/>"


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _plain(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
