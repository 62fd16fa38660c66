"""Programmes on the command line: what one is made of, and what comes, in words.

Rule: which day comes is ``coming``'s to say; here stands only how it is told.
"""

from __future__ import annotations

import re
from datetime import date

from rich.markup import escape

from voicecoach.cli.common import Trouble
from voicecoach.coming import Opened, day_of
from voicecoach.complaints import printable
from voicecoach.core.programme import REST, Due, Why, first_of
from voicecoach.history.words import count, full_day
from voicecoach.screen import Screen


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
