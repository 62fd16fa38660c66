"""Programmes on the command line: which session is today's, and what a programme is made of.

Rule: which day comes is ``core/programme``'s to say; here stands only what is kept of the past, and how it is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rich.markup import escape

from voicecoach.cli.common import Trouble
from voicecoach.complaints import printable
from voicecoach.config import Loaded
from voicecoach.core.programme import REST, Due, PartOf, Played, Programme, Why, due, first_of
from voicecoach.core.report import SessionReport
from voicecoach.history.words import count, full_day
from voicecoach.journal.keeper import Keeper
from voicecoach.loading.library import Library
from voicecoach.loading.programmes import is_programme, load_programme, routine_of
from voicecoach.plan import library
from voicecoach.screen import Screen
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


def chosen(opened: Opened, day: str) -> Due:
    """Return the session of ``--day``, as 2.1 for the first day of the second week. Raises ``Trouble``."""
    written = re.fullmatch(r"([0-9]{1,3})\.([0-9]{1,3})", day)
    found = first_of(opened.programme, int(written[1]), int(written[2])) if written else None
    if found is None:
        raise Trouble(
            f"--day {printable(day, 20)}: {opened.programme.title} has no session on such a day",
            mend=f"voicecoach show {opened.name}",
        )
    return found


def day_of(coming: Due, today: date) -> date:
    """Return the day on which a session comes: that day, or any later one."""
    return today if coming.last is None else max(today, date.fromisoformat(coming.last) + timedelta(coming.days))


def not_today(opened: Opened, coming: Due, today: date, screen: Screen) -> bool:
    """Tell that nothing is to be played today, if so: the programme is over, or this is a day of rest."""
    title, name = escape(opened.programme.title), escape(opened.name)
    if coming.why is Why.OVER:
        screen.show(f"[bold]{title}[/] is finished. To begin again: voicecoach run {name} --day 1.1")
        return True
    if (day := day_of(coming, today)) == today:
        return False
    screen.show(f"[bold]{title}[/]: nothing more today. {_in_words(coming)}, comes on {full_day(day)}.")
    screen.show(f"To play it now: voicecoach run {name} --day {coming.part.week}.{coming.part.day}")
    return True


def show_programme(out: Screen, opened: Opened, coming: Due, today: date) -> None:
    """Show what a programme is made of, and where this person stands."""
    programme = opened.programme
    sessions = sum(week.sessions * week.repeat for week in programme.weeks)
    weeks = sum(week.repeat for week in programme.weeks)
    out.print(
        f"[bold]{escape(programme.title)}[/]  ({programme.slug}), {count(weeks, 'week')}, {count(sessions, 'session')}"
    )
    for label, text in (
        ("", programme.summary),
        ("prescribed by", programme.prescriber),
        ("source", programme.source),
    ):
        if text:
            out.print(f"{label + ': ' if label else ''}{escape(text)}")
    out.print()
    for number, week in enumerate(programme.weeks, 1):
        times = f"  x {week.repeat}" if week.repeat > 1 else ""
        out.print(f"[bold]week {number}{escape(f': {week.title}' if week.title else '')}[/]{times}")
        for place, name in enumerate(week.days, 1):
            out.print(f"  {number}.{place}  [dim]rest[/]" if name == REST else f"  {number}.{place}  {escape(name)}")
        if week.go_on:
            out.print(f"  [dim]on {escape(str(week.go_on))}, else once more[/]")
    out.print()
    if coming.why is Why.OVER:
        out.print("It is finished.")
    else:
        day = day_of(coming, today)
        when = "today" if day == today else full_day(day)
        out.print(f"next: [green]{_in_words(coming)}[/], {when}")


def _in_words(coming: Due) -> str:
    reason = {
        Why.NOT_FINISHED: ", once more because it was not finished",
        Why.WEEK_AGAIN: ", the week once more because its rule is not met",
    }.get(coming.why, "")
    return f"Week {coming.part.week}, day {coming.part.day} ({escape(coming.routine)}){reason}"


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
