"""Which commands are live together: asked of real sessions (``tests.command_table``), each set once.

Rule: nothing here knows what should be live.
"""

from __future__ import annotations

from tests.command_table import live_sets
from voicecoach.core.events import Command


def distinct() -> dict[str, frozenset[Command]]:
    """Return the different sets, each under the names of the moments that share it."""
    names: dict[frozenset[Command], list[str]] = {}
    for name, live in live_sets().items():
        names.setdefault(live, []).append(name)
    return {", ".join(shared): live for live, shared in names.items()}


LIVE_SETS = distinct()
