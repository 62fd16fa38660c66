"""What ``run`` keeps of its sessions, and which of them it takes up again.

Rule: the journal never ends a session. What is wrong with it is shown, like a device that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voicecoach.cli.common import CANNOT_GO_ON, Trouble, folders, plan
from voicecoach.config import Loaded
from voicecoach.core.dose_words import minutes_in_words
from voicecoach.core.programme import Due
from voicecoach.history.source import summarise
from voicecoach.journal.keeper import CutOff, Keeper
from voicecoach.loading.source import slugify
from voicecoach.plan import Plan
from voicecoach.screen import Screen, clock, show_shortfalls
from voicecoach.turns import AllLockedError, Turns, keeps, past
from voicecoach.turns import fitted as fit_plan


@contextmanager
def keeping(loaded: Loaded, screen: Screen) -> Iterator[Keeper]:
    """Open the journal, if the configuration wants one; show what was wrong with it, once."""
    limit = loaded.config.storage.journal_mb
    keeper = Keeper(folders().data if keeps(loaded) else None, summarise=summarise, limit_mb=limit)
    try:
        tell(keeper, screen)
        yield keeper
    finally:
        keeper.close()
        tell(keeper, screen)


def tell(keeper: Keeper, screen: Screen) -> None:
    """Show what has not been told yet of the journal."""
    show_shortfalls(screen, keeper.notices)
    keeper.notices.clear()


def fitted(keeper: Keeper, written: Plan, due: Due | None = None) -> Plan:
    """Return the plan as this person plays it today, as a day of a programme where it is ``due``.

    Raises ``Trouble`` where everything in it is locked.
    """
    try:
        return fit_plan(keeper, written, due)
    except AllLockedError as error:
        raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None


def asked_for(keeper: Keeper, loaded: Loaded, routine: str | None) -> CutOff:
    """Return the session that ``--resume`` means. Raises ``Trouble``."""
    again = f"voicecoach run {routine or 'ROUTINE'}"
    if not keeps(loaded):
        wanted, origin = loaded.config.storage.journal, loaded.origins["storage.journal"]
        raise Trouble(
            f'there is nothing to resume: no session is kept (storage.journal is "{wanted}": {origin})', mend=again
        )
    found = keeper.cut_off(None if routine is None else slug_of(routine))
    if found is None:
        of = "" if routine is None else f" of {routine}"
        why = "".join(f" {notice.what}" for notice in keeper.notices)
        keeper.notices.clear()
        raise Trouble(f"there is nothing to resume: no session{of} was cut off.{why}", mend=again)
    return found


def slug_of(routine: str) -> str:
    """Return the slug of a routine that is given by name or path; its file may be gone by now."""
    path = Path(routine)
    return slugify(path.stem if path.suffix in {".toml", ".py"} else path.name)


def planned(name: str, loaded: Loaded, keeper: Keeper) -> Plan:
    """Load and compile a routine; one that is a program is told of its past sessions. Raises ``RoutineError``."""
    return plan(name, loaded, lambda: past(keeper, slug_of(name)))


def announced(turns: Turns, made: Plan, *, asked: bool) -> str:
    """Return what is about to be played, in words."""
    if turns.taken_up is None:
        return f"about {minutes_in_words(made.seconds)}"
    return f"{'goes on' if asked else 'was cut off'} at {clock(turns.taken_up.at)}"
