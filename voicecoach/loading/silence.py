"""The table ``lint``: which warnings an author has thought about, and why they may stay.

Rule: no silence without a reason. It says nothing about how the routine is played, so no noun of the core knows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from voicecoach.complaints import suggest
from voicecoach.loading.source import Source
from voicecoach.toml_lines import KeyPath

_HOW = 'ignore = { L03 = "why this may stay" }'


def silenced(source: Source, table: Mapping[str, Any], where: KeyPath) -> dict[str, str]:
    """Return the reasons of a table's ``lint``, by the warning's code. Raises ``RoutineError``."""
    found = table.get("lint", {})
    at = (*where, "lint")
    if not isinstance(found, dict):
        source.fail(at, "this must be a table", found, f"[lint] with {_HOW}")
    for key in found:
        if key != "ignore":
            source.fail((*at, key), f"this key is not known here{suggest(key, ['ignore'])}", None, _HOW)
    ignore = found.get("ignore", {})
    at = (*at, "ignore")
    if not isinstance(ignore, dict):
        source.fail(at, "this must be a table of codes, each with its reason", ignore, _HOW)
    for code, reason in ignore.items():
        if not re.fullmatch(r"L[0-9]{2}", code):
            source.fail((*at, code), "this is not the code of a warning", None, _HOW)
        if not isinstance(reason, str) or len(re.findall(r"\w+", reason)) < 2:
            source.fail((*at, code), "a warning is silenced with a reason, in words", reason, _HOW)
    return dict(ignore)
