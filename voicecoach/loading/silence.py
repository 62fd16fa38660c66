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

_LEAST_WORDS = 2
_HOW = 'ignore = { L03 = "why this may stay" }'


def silenced(source: Source, table: Mapping[str, Any], where: KeyPath) -> dict[str, str]:
    """Return the reasons of a table's ``lint``, by the warning's code. Raises ``RoutineError``."""
    found = table.get("lint", {})
    at = (*where, "lint")
    if not isinstance(found, dict):
        source.fail(at, "this must be a table", found, f"[lint] with {_HOW}")
    refused = [
        source.complaint((*at, key), f"this key is not known here{suggest(key, ['ignore'])}", None, _HOW)
        for key in found
        if key != "ignore"
    ]
    ignore = found.get("ignore", {})
    at = (*at, "ignore")
    if not isinstance(ignore, dict):
        source.refuse(
            [*refused, source.complaint(at, "this must be a table of codes, each with its reason", ignore, _HOW)]
        )
    for code, reason in ignore.items():
        if not re.fullmatch(r"L[0-9]{2}", code):
            refused.append(source.complaint((*at, code), "this is not the code of a warning", None, _HOW))
        elif not isinstance(reason, str) or len(re.findall(r"\w+", reason)) < _LEAST_WORDS:
            problem = f"a warning is silenced with a reason, of {_LEAST_WORDS} words at least"
            refused.append(source.complaint((*at, code), problem, reason, _HOW))
    source.refuse(refused)
    return dict(ignore)
