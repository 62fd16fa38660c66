"""How large the journal may become: where it is larger, the oldest sessions are dropped.

Rule: what the next session depends on is never dropped. What is known of the person (locks, levels, how loud) lies in
a table of its own, and the sessions that it came from stay as long as it does.

The file itself does not shrink: the room of what is dropped is filled by what comes. So nothing is ever rewritten as a
whole, which would take a slow card long, and a power cut falls into a small transaction like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicecoach.core.person import LAST_PAIN, LOCK

if TYPE_CHECKING:
    import sqlite3

MEGABYTE = 1_000_000

RECENT = 48 * 3600.0
"""Seconds: what was played since then stays, whatever its size. The rules about a second pain of a day need it."""

_DOWN_TO = 0.9
"""Of the limit: so that not every session drops another."""

_MAY_GO = f"""
SELECT id FROM session AS one WHERE
    id < (SELECT max(id) FROM session)
    AND coalesce((SELECT max(wall) FROM event WHERE session = one.id), 0) < ?
    AND id NOT IN (SELECT max(id) FROM session WHERE finished IS NULL GROUP BY routine)
    AND id NOT IN (SELECT session FROM memory WHERE key = '{LAST_PAIN}' OR substr(key, 1, {len(LOCK)}) = '{LOCK}')
ORDER BY id
"""  # noqa: S608 - two words of ours
"""The last session stays, the last of each routine that was cut off, and those of locks: one of each exercise."""


def drop_oldest(connection: sqlite3.Connection, limit: int, now: float) -> int:
    """Drop the oldest sessions where more than ``limit`` bytes are in use; return how many.

    Within the caller's transaction. ``now`` is the wall's time in seconds since 1970. Raises ``sqlite3.Error``.
    """
    if used(connection) <= limit:
        return 0
    dropped = 0
    for (session,) in connection.execute(_MAY_GO, (now - RECENT,)).fetchall():
        for table, column in (("event", "session"), ("note", "session"), ("session", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (session,))  # noqa: S608 - names of ours
        dropped += 1
        if used(connection) <= _DOWN_TO * limit:
            break
    return dropped


def used(connection: sqlite3.Connection) -> int:
    """Return how many bytes of the file are in use."""

    def ask(what: str) -> int:
        number: int = connection.execute(f"PRAGMA {what}").fetchone()[0]
        return number

    return ask("page_size") * (ask("page_count") - ask("freelist_count"))
