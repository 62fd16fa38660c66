"""Which session of a programme comes, and on which day, after what is kept of the past.

Rule: ``core/programme`` decides; here it is given the file and the journal. Shared by ``cli/`` and ``appliance/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from voicecoach.config import Loaded
from voicecoach.core.programme import Due, PartOf, Played, Programme, due
from voicecoach.core.report import SessionReport
from voicecoach.journal.keeper import Keeper
from voicecoach.loading.library import Library
from voicecoach.loading.programmes import is_programme, load_programme, routine_of
from voicecoach.plan import library
from voicecoach.turns import stored


@dataclass(frozen=True, slots=True)
class Opened:
    """A programme, with the file that it was read from."""

    programme: Programme
    name: str
    """As it was given: a name or a path."""
    path: Path
    places: Library

    def routine(self, coming: Due) -> Path:
        """Return the file of the routine that is played. Raises ``RoutineError``."""
        return routine_of(self.path, coming.routine, self.places)


def opened(name: str, loaded: Loaded) -> Opened | None:
    """Return the programme of a name or path; None where it is a routine. Raises ``RoutineError``."""
    places = library(loaded)
    path = places.find(name)
    return Opened(load_programme(path, places), name, path, places) if is_programme(path) else None


def coming(keeper: Keeper, opened: Opened) -> Due:
    """Return which session comes, after what is kept."""
    reports = keeper.read(lambda store: list(stored(store).newest_first()), list[SessionReport]())
    return due(opened.programme, [played for report in reversed(reports) if (played := _played(report))])


def day_of(coming: Due, today: date) -> date:
    """Return the day on which a session comes: that day, or any later one."""
    return today if coming.last is None else max(today, date.fromisoformat(coming.last) + timedelta(coming.days))


def _played(report: SessionReport) -> Played | None:
    part: PartOf | None = report.part_of
    if part is None:
        return None
    return Played(
        part,
        report.day,
        finished=report.outcome == "finished",
        hurt=bool(report.pains),
        pain=report.pain_max,
        attended=report.attended,
    )
