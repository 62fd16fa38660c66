"""What earlier sessions left for the next one: a ``Person``, and why an exercise is locked.

Rule: what cannot be understood is left out, value by value. A stranger's manners are safe ones; a crash is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from voicecoach.core.events import Value
from voicecoach.core.person import (
    AGREED,
    KNOWN,
    LAST_PAIN,
    LEVEL,
    LOCK,
    SPEECH_RATE,
    TALK,
    VOLUME,
    LastPain,
    Lock,
    Person,
    Talk,
)
from voicecoach.core.progress import Level
from voicecoach.journal.codec import UnreadableError
from voicecoach.journal.store import Entry, Remembered, Store, StoredNote


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock with what is known of how it came about."""

    lock: Lock
    name: str
    """Of the exercise, as the coach says it."""
    session: Entry | None
    """In which it was locked; None where it is no longer stored."""


def load_person(store: Store, today: date) -> Person:
    """Return what is known about the person. Raises ``JournalError``."""
    kept = store.remembered()
    values = {entry.key: entry.value for entry in kept}
    last = next((entry for entry in kept if entry.key == LAST_PAIN), None)
    return Person(
        agreed=bool(values.get(AGREED, 0)),
        known=frozenset(key.removeprefix(KNOWN) for key, value in values.items() if key.startswith(KNOWN) and value),
        volume=_number(values.get(VOLUME), 0.0, 1.0),
        speech_rate=_number(values.get(SPEECH_RATE), 0.25, 4.0) or 1.0,
        talk=_talk(values.get(TALK)),
        locks=tuple(filter(None, map(_lock, kept))),
        last_pain=None if last is None else _last_pain(store, last, values.get(f"{LOCK}{last.value}")),
        pains_today=count_pains(store.notes(day=today.isoformat())),
    )


def load_levels(store: Store) -> dict[str, Level]:
    """Return by how many steps each dose has moved, by slug. Raises ``JournalError``."""
    return {
        entry.key.removeprefix(LEVEL): Level(entry.value, entry.session)
        for entry in store.remembered()
        if entry.key.startswith(LEVEL) and isinstance(entry.value, int)
    }


def count_pains(notes: Iterable[StoredNote]) -> int:
    """Return how often there was pain in a day's notes; a false alarm takes back the pain before it, not an older."""
    pains, latest = 0, None
    for note in notes:
        if note.kind == "pain":
            pains, latest = pains + 1, note.session
        elif latest == note.session and note.kind == "false_alarm" and note.fields.get("from") != "emergency":
            pains, latest = pains - 1, None
    return pains


def locks(store: Store) -> list[Locked]:
    """Return every lock, in order of slug. Raises ``JournalError``."""
    return [
        Locked(lock, _name(store, entry.session, lock.exercise), store.session(entry.session))
        for entry in store.remembered()
        if (lock := _lock(entry))
    ]


def unlock(store: Store, exercise: str) -> None:
    """Let an exercise be coached again. Raises ``JournalError``."""
    store.forget(LOCK + exercise)


def _lock(entry: Remembered) -> Lock | None:
    if not entry.key.startswith(LOCK):
        return None
    reason, score = _reason_and_score(entry.value)
    return Lock(entry.key.removeprefix(LOCK), reason, entry.day, score)


def _reason_and_score(value: Value) -> tuple[str, int | None]:
    """Read ``pain 4``, or ``worse``."""
    reason, _, score = str(value).partition(" ")
    return reason, int(score) if score in _SCORES else None


_SCORES = frozenset(map(str, range(11)))


def _last_pain(store: Store, entry: Remembered, lock: Value | None) -> LastPain:
    """Return the pain that the next session asks about, with its score from the report, or else from the lock."""
    slug = str(entry.value)
    reports = [
        note for note in store.notes("pain_report", session=entry.session) if note.fields.get("exercise") == slug
    ]
    score = reports[-1].fields.get("score") if reports else None
    if type(score) is not int:
        score = None if lock is None else _reason_and_score(lock)[1]
    return LastPain(slug, _name(store, entry.session, slug), score)


def _name(store: Store, session: int, slug: str) -> str:
    """Return what the coach called an exercise in a session; a header that cannot be read leaves its slug."""
    with suppress(UnreadableError):
        routine = store.header(session).routine
        for exercise in (*routine.exercises, *routine.variants):
            if exercise.slug == slug:
                return exercise.spoken_name
    return slug.replace("-", " ")


def _number(value: Value | None, least: float, most: float) -> float | None:
    return float(value) if isinstance(value, int | float) and least <= value <= most else None


def _talk(value: Value | None) -> Talk | None:
    with suppress(ValueError):
        return Talk(str(value))
    return None
