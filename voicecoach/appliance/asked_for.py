"""What was asked for, made ready to play; or the sentence that says why it is not played.

Rule: nothing here speaks, waits or writes; what is cut off and cannot go on is left behind.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from voicecoach.coming import Opened, coming, day_of, opened
from voicecoach.complaints import Complaint
from voicecoach.config import Loaded
from voicecoach.core.events import ChimeKind, Line
from voicecoach.core.menu import Choice, Menu
from voicecoach.core.programme import Due, Why
from voicecoach.journal.codec import UnreadableError
from voicecoach.journal.keeper import CutOff, Keeper
from voicecoach.language import Language
from voicecoach.plan import Plan, library, plan_file
from voicecoach.ports import PortError, Shortfall
from voicecoach.turns import AllLockedError, fitted, plan_of


class RefusedError(Exception):
    """It is not played. ``line`` says so aloud, ``shown`` says why."""

    def __init__(self, line: Line, *shown: Shortfall, chime: ChimeKind = ChimeKind.ERROR) -> None:
        super().__init__(line.key)
        self.line, self.shown, self.chime = line, list(shown), chime


@dataclass(frozen=True, slots=True)
class Found:
    """What is played."""

    name: str
    """As it is asked for: the slug of the routine, or that of the programme that it is a day of."""
    plan: Plan
    cut: CutOff | None
    """What was cut off of it, and may be taken up."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds what may be asked for. ``language`` is the one that is spoken here."""

    loaded: Loaded
    language: Language
    menu: Menu

    def find(self, keeper: Keeper, choice: Choice, today: date) -> Found:
        """Return what is played. Raises ``RefusedError``."""
        if choice.resumes:
            return self._cut_off(keeper)
        slug = choice.routine or ""
        title = self._title(slug)
        try:
            if slug not in self._known():
                raise RefusedError(Line.of("standby_unknown", name=slug), Shortfall(f"There is no routine {slug!r}."))
            made = self._made(keeper, slug, today)
        except AllLockedError as error:
            locked = Line.of("standby_locked", title=title)
            raise RefusedError(locked, Shortfall(str(error), error.mend)) from None
        except (Complaint, PortError, OSError) as error:
            raise RefusedError(Line.of("standby_broken", title=title), Shortfall(str(error))) from None
        self._must_be_ours(made)
        return Found(slug, made, keeper.cut_off_lately(made.routine.slug))

    def programmes(self) -> list[Opened]:
        """Return those of the timetable that can be read; of another one it is said when it is asked for."""
        found: list[Opened] = []
        for slug in {slot.routine for slot in self.menu.slots} & library(self.loaded).programmes().keys():
            with suppress(Complaint):
                found += filter(None, [opened(slug, self.loaded)])
        return found

    def _known(self) -> dict[str, Path]:
        places = library(self.loaded)
        return places.routines() | places.programmes()

    def _title(self, slug: str) -> str:
        offer = self.menu.named(slug)
        return slug if offer is None else offer.title

    def _made(self, keeper: Keeper, slug: str, today: date) -> Plan:
        """Return a routine, or today's session of a programme, as this person plays it."""
        weeks = opened(slug, self.loaded)
        if weeks is None:
            places = library(self.loaded)
            return fitted(keeper, plan_file(places.find(slug), places, self.loaded))
        due = coming(keeper, weeks)
        _must_come(weeks, due, today)
        return fitted(keeper, plan_file(weeks.routine(due), weeks.places, self.loaded), due)

    def _cut_off(self, keeper: Keeper) -> Found:
        cut = keeper.cut_off()
        if cut is None:
            raise RefusedError(Line.of("standby_nothing"), *keeper.notices)
        title = cut.header.routine.title
        try:
            made = plan_of(cut, self.loaded)
            self._must_be_ours(made)
        except (UnreadableError, Complaint) as error:
            keeper.leave(cut)
            raise RefusedError(Line.of("standby_broken", title=title), Shortfall(str(error))) from None
        except RefusedError:
            keeper.leave(cut)
            raise
        part = cut.header.part_of
        return Found(made.routine.slug if part is None else part.programme, made, cut)

    def _must_be_ours(self, made: Plan) -> None:
        """Refuse what is in a language that this rig does not speak."""
        if made.language.code != self.language.code:
            why = f"{made.routine.title} is in {made.language.name}, and here {self.language.name} is spoken."
            raise RefusedError(
                Line.of("standby_broken", title=made.routine.title),
                Shortfall(why, f"voicecoach run {made.routine.slug}"),
            )


def comes(due: Due, day: date) -> bool:
    """Tell whether a session comes on a day."""
    return due.why is not Why.OVER and day_of(due, day) == day


def _must_come(weeks: Opened, due: Due, today: date) -> None:
    """Refuse a programme that is over, or that rests today; it is no error."""
    if comes(due, today):
        return
    title = weeks.programme.title
    if due.why is Why.OVER:
        again = Shortfall(f"{title} is finished.", f"to begin again: voicecoach run {weeks.name} --day 1.1")
        raise RefusedError(Line.of("standby_over", title=title), again, chime=ChimeKind.HEARD)
    days = (day_of(due, today) - today).days
    line = Line.of("standby_not_due", title=title, days=days)
    raise RefusedError(line, chime=ChimeKind.HEARD)
