"""Values as TOML writes them.

Rule: the only place that quotes; what comes out is right TOML whatever the value holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence


def quoted(words: str) -> str:
    """Return words in quotes: JSON's escapes are among TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: object) -> str:
    """Return a value on one line: text, a number, true or false, a list, or a table of those."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {toml_value(one)}' for key, one in value.items())} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(toml_value, value))}]"
    return quoted(str(value))
