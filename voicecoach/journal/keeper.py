"""The journal as whoever plays sessions sees it: what is known, what was cut off, and where the next session is kept.

Rule: nothing here raises because of the journal. A journal that cannot be used is a ``Shortfall``, and the session
plays as with a stranger.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from voicecoach.core.person import Person
from voicecoach.core.progress import Level
from voicecoach.core.session import Session
from voicecoach.journal.claims import Claims
from voicecoach.journal.codec import Header, JournalError, UnreadableError
from voicecoach.journal.memory import load_levels, load_person
from voicecoach.journal.replay import replay
from voicecoach.journal.store import NAME, DamagedError, Entry, Store, move_aside
from voicecoach.journal.writer import Played, Summarise, Writer
from voicecoach.ports import Shortfall

FRESH_FOR = timedelta(hours=24)
"""How long a session that was cut off is offered to be taken up without being asked for."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CutOff:
    """A session that was cut off, as it was after the last event that is stored."""

    entry: Entry
    header: Header
    session: Session
    played: list[Played]

    @property
    def at(self) -> float:
        """Session time of its last event: there it goes on."""
        return max(event.at for event, _ in self.played)


class Keeper:
    """The journal in ``folder``; None keeps nothing and knows nobody. Close it.

    Over ``limit_mb`` megabytes the oldest sessions are dropped (``limit``).
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        summarise: Summarise | None = None,
        limit_mb: int | None = None,
    ) -> None:
        self._now, self._summarise, self._limit_mb = now, summarise, limit_mb
        self._path = None if folder is None else folder / NAME
        self._claims: Claims | None = None
        self._writer: Writer | None = None
        self._writable = False
        self.notices: list[Shortfall] = []
        """What has not been told yet; whoever tells it clears it."""
        self._store = None if self._path is None else self._open(self._path)

    @property
    def broken(self) -> bool:
        """Whether sessions should be kept, and cannot be written."""
        return self._path is not None and not self._writable

    def person(self) -> Person:
        """Return what is known about the person."""
        return self._ask(lambda store: load_person(store, self._now().date()), Person())

    def levels(self) -> dict[str, Level]:
        """Return by how many steps each dose has moved, by slug."""
        nothing: dict[str, Level] = {}
        return self._ask(load_levels, nothing)

    def read(self, question: Callable[[Store], _T], otherwise: _T) -> _T:
        """Ask the journal something; ``otherwise`` where there is none, or it cannot be read."""
        return self._ask(question, otherwise)

    def cut_off(self, routine: str | None = None) -> CutOff | None:
        """Return the last session that was cut off (of a routine, by slug), unless another program plays it now.

        It is claimed: ``leave`` it where it is not taken up.
        """
        for entry in self._sessions(routine):
            if entry.finished is None and entry.touched is not None and self._claim(entry.id):
                return self._revive(entry)
        return None

    def cut_off_lately(self, routine: str) -> CutOff | None:
        """Return the last session of a routine if it was cut off at most a day ago. It is claimed."""
        earliest = (self._now() - FRESH_FOR).timestamp()
        for entry in self._sessions(routine):
            if entry.touched is not None:
                offered = entry.finished is None and entry.touched >= earliest and self._claim(entry.id)
                return self._revive(entry) if offered else None
        return None

    def leave(self, session: CutOff) -> None:
        """Let go of a session that is not taken up."""
        self._release(session.entry.id)

    def begin(self, header: Header) -> Writer | None:
        """Begin to keep a new session; None where nothing is kept."""
        writer = self._started()
        if writer:
            writer.begin(header)
        return writer

    def go_on(self, session: CutOff) -> Writer | None:
        """Go on keeping a session that was cut off; None where nothing is kept."""
        writer = self._started()
        if writer:
            writer.go_on(session.entry.id, session.header, session.played)
        return writer

    def close(self) -> None:
        """Write the rest and let go of the file; what went wrong stands in ``notices``. Safe to call twice."""
        if self._writer is not None:
            self._writer.close()
            if self._writer.failure is not None:
                self._tell(self._writer.failure, "The session is not kept whole")
            self._writer = None
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._claims is not None:
            self._claims.close()
            self._claims = None

    def _started(self) -> Writer | None:
        if self._writer is None and self._writable and self._path is not None:
            self._writer = Writer(
                self._path,
                self._claims,
                summarise=self._summarise,
                clock=lambda: self._now().timestamp(),
                limit_mb=self._limit_mb,
            )
        return self._writer

    def _open(self, path: Path) -> Store | None:
        try:
            store = self._opened(path)
            self._claims = Claims(path)
        except JournalError as error:
            with suppress(JournalError):
                store = Store.open_unwritable(path)
                self._tell(error, "This session is not kept")
                return store
            self._tell(error, "This session is not kept, and nothing is known of earlier ones, not even what is locked")
            return None
        except OSError as error:
            self._tell(
                JournalError(f"{path}.claims: {(error.strerror or str(error)).lower()}."), "This session is not kept"
            )
            return store
        self._writable = True
        return store

    def _opened(self, path: Path) -> Store:
        try:
            store = Store.open(path)
            try:
                store.sessions()
                load_person(store, self._now().date())
            except JournalError:
                store.close()
                raise
        except DamagedError as error:
            try:
                aside = move_aside(path)
            except OSError:
                raise error from None
            self.notices.append(
                Shortfall(
                    f"The journal was damaged. It was moved to {aside}, and a new one begun:"
                    " nothing is known of earlier sessions, not even what is locked."
                )
            )
            return Store.open(path)
        return store

    def _sessions(self, routine: str | None) -> list[Entry]:
        entries: list[Entry] = self._ask(Store.sessions, [])
        return [entry for entry in entries if routine is None or entry.routine == routine]

    def _revive(self, entry: Entry) -> CutOff | None:
        nothing: CutOff | None = None
        found = self._ask(lambda store: _revived(store, entry), nothing)
        if found is None:
            self._release(entry.id)
        return found

    def _ask(self, question: Callable[[Store], _T], otherwise: _T) -> _T:
        if self._store is None:
            return otherwise
        try:
            return question(self._store)
        except UnreadableError as error:
            self.notices.append(Shortfall(f"A session that was cut off is left as it is: {error}."))
        except JournalError as error:
            self._tell(error, "Nothing is known of earlier sessions")
        return otherwise

    def _tell(self, error: JournalError, consequence: str) -> None:
        self.notices.append(Shortfall(f"{consequence}: {error}", error.mend))

    def _claim(self, session: int) -> bool:
        return self._claims is not None and self._claims.take(session)

    def _release(self, session: int) -> None:
        if self._claims is not None:
            self._claims.release(session)


def _revived(store: Store, entry: Entry) -> CutOff:
    recording = store.recording(entry.id)
    return CutOff(entry, recording.header, *replay(recording))
