"""``history``, ``report`` and ``export``: what the sessions so far come to."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from voicecoach import __version__
from voicecoach.cli.common import CANNOT_GO_ON, Trouble, console, folders, reason_of
from voicecoach.complaints import listing, suggest
from voicecoach.core.dose_words import minutes_in_words
from voicecoach.core.report import SessionReport, to_json
from voicecoach.history.figures import ExerciseFigures, Period, reasons
from voicecoach.history.page import page
from voicecoach.history.source import NoSessions, Sessions
from voicecoach.history.summary import OUTCOMES, WHAT_IT_IS_NOT, summary_line
from voicecoach.history.tables import COLUMNS, as_csv, overview
from voicecoach.history.words import ALLOWED, count, day_of, full_day, read_since, score, span
from voicecoach.journal.codec import JournalError
from voicecoach.journal.store import NAME, Store
from voicecoach.private import write_private
from voicecoach.screen import Screen
from voicecoach.turns import stored

_TABLE_NEEDS = 76
"""Columns: below that a table would cut names to make room for the rest."""
_NOTHING = "No sessions yet. To begin: voicecoach run first-steps"

if TYPE_CHECKING:
    _DayType = click.ParamType[date]
else:
    _DayType = click.ParamType  # generic since click 8.4 only


class SinceType(_DayType):
    """``DATE|30d|6w``: a day, or how far back from today."""

    name = "DATE|30d|6w"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read one ``--since``."""
        if isinstance(value, date):
            return value
        try:
            return read_since(value, today())
        except ValueError as error:
            self.fail(str(error), param, ctx)


def today() -> date:
    """Return the day that it is here."""
    return date.today()  # noqa: DTZ011 - a person's day is that of where they are


@dataclass(frozen=True, slots=True)
class _Read:
    """Reports that were read, so that the journal need not stay open."""

    reports: tuple[SessionReport, ...]
    unreadable: tuple[str, ...]

    def newest_first(self, since: date | None = None) -> Iterator[SessionReport]:
        return (report for report in self.reports if since is None or report.day >= since.isoformat())


def sessions() -> Sessions:
    """Return the sessions that are kept. Raises ``Trouble``."""
    path = folders().data / NAME
    if not path.exists():
        return NoSessions()
    try:
        with closing(Store.open_to_read(path)) as store:
            kept = stored(store)
            return _Read(tuple(kept.newest_first()), tuple(kept.unreadable))
    except JournalError as error:
        raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None


_since = click.option("--since", type=SinceType(), help=f"Only sessions from then on: {ALLOWED}.")
_routine = click.option("--routine", metavar="NAME", help="Only sessions of this routine, by its name in the history.")


@click.command()
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many, the newest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for scripts.")
def history(limit: int, as_json: bool) -> None:
    """List the sessions so far, the newest first.

    "Coached" counts the exercises that the coach brought to their end, of those that the routine prescribes. Nobody
    measured what was done.
    """
    kept = sessions()
    every = list(kept.newest_first())
    _tell_unreadable(kept)
    shown = every[:limit]
    if as_json:
        click.echo(json.dumps([overview(report) for report in shown], indent=2, ensure_ascii=False))
        return
    if not every:
        click.echo(_NOTHING)
        return
    _print_history(console(), shown)
    if len(every) > limit:
        click.echo(
            f"{count(len(every) - limit, 'older session')} not shown; all of them: --limit {len(every)}", err=True
        )


def _print_history(out: Screen, shown: list[SessionReport]) -> None:
    rows = [
        (
            full_day(day_of(report.started)),
            _what(report),
            minutes_in_words(report.duration),
            OUTCOMES.get(report.outcome, report.outcome),
            f"{report.whole} of {report.due}",
            _pain(report),
            "" if report.effort is None else score(report.effort),
        )
        for report in shown
    ]
    heads = ("date", "routine", "length", "outcome", "coached", "pain", "effort")
    if out.width >= _TABLE_NEEDS:
        table = Table(box=None, pad_edge=False)
        for head in heads:
            table.add_column(
                head, style="bold" if head == "date" else None, no_wrap=head in {"date", "length", "coached"}
            )
        for row in rows:
            table.add_row(*map(Text, row))
        out.print(table)
        return
    for day, routine, length, outcome, coached, pain, effort in rows:
        rest = [f"coached {coached}", f"pain {pain}" if pain else "", f"effort {effort}" if effort else ""]
        out.print(f"[bold]{day}[/] {escape(routine)}\n  {length}, {escape(outcome)}; {', '.join(filter(None, rest))}")


def _what(report: SessionReport) -> str:
    """Return the routine, with the day of the programme that it was: ``evening, week 2, day 1 of back``."""
    part = report.part_of
    return report.routine + (f", week {part.week}, day {part.day} of {part.programme}" if part else "")


def _pain(report: SessionReport) -> str:
    return "" if not report.pains else "no score" if report.pain_max is None else score(report.pain_max)


@click.command()
@_since
@_routine
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help='Write a page to this file; "-": standard output.'
)
@click.option("--name", default="", help="The person's name, for the top of the page. It is kept nowhere.")
def report(since: date | None, routine: str | None, html: Path | None, name: str) -> None:
    """Tell what was coached and left out, and how pain went.

    It says what was prescribed, what the coach called to its end, what you confirmed, what was left out and why, and
    how pain and effort went.

    With --html it is one page, for reading, printing or sending: nothing in it comes from elsewhere.
    """
    found = _find(since, routine)
    period = Period(found, until=today(), since=since)
    if html is not None:
        about = period.titles[0] if routine and period.titles else ""
        _write(html, page(period, name=name, routine=about, version=__version__))
    if html is None or not found:
        _print_report(console(err=str(html) == "-"), period, _NOTHING if since is None else "No session in this time.")


def _print_report(out: Screen, period: Period, nothing: str) -> None:
    if not period.sessions:
        out.print(nothing)
        return
    out.print(f"[bold]{escape(span(period.since, period.until))}[/]  {escape(', '.join(period.titles))}")
    out.print(escape(summary_line(period)))
    for pain in period.urgent:
        out.print(
            f"[bold red]Look at this first:[/] {full_day(pain.day)}, {escape(pain.name)}: a warning sign, or urgent."
        )
    out.print()
    names = {figures.slug: figures.name for figures in period.exercises}
    for figures in period.exercises:
        _print_exercise(out, figures, names)
    efforts = [str(effort) for _, effort in period.efforts]
    if efforts:
        out.print(f"\n[bold]Effort[/], 0 to 10, oldest first: {', '.join(efforts)}")
    out.print(f"\n[dim]{escape(WHAT_IT_IS_NOT)}[/]")


def _print_exercise(out: Screen, figures: ExerciseFigures, names: dict[str, str]) -> None:
    out.print(f"[bold]{escape(figures.name)}[/]  [dim]{escape(figures.doses[-1])}[/]")
    parts = [f"coached to the end {figures.whole} of {count(figures.times, 'time')}"]
    if figures.prescribed_reps:
        parts.append(f"{figures.reps} of {figures.prescribed_reps} repetitions called")
    if figures.confirmed:
        parts.append(f"“done” said {count(figures.confirmed, 'time')}")
    out.print(f"  {', '.join(parts)}")
    if why := reasons(figures.why_not, names):
        out.print(f"  why not: {escape('; '.join(why))}")
    if figures.pains:
        scores = ", ".join("?" if pain.report.score is None else str(pain.report.score) for pain in figures.pains)
        locked = "; locked" if figures.found[-1][1].locked else ""
        out.print(f"  pain, 0 to 10, oldest first: {scores}{locked}")


@click.command()
@click.option("--csv", "kind", flag_value="csv", help="One row for each exercise of each session.")
@click.option("--json", "kind", flag_value="json", help="Everything, as an array of sessions.")
@click.option("--columns", "kind", flag_value="columns", help="Tell what the columns of --csv mean.")
@click.argument("file", default="-", type=click.Path(path_type=Path, dir_okay=False))
@_since
@_routine
def export(kind: str | None, file: Path, since: date | None, routine: str | None) -> None:
    """Write sessions for a spreadsheet or a script, oldest first.

    FILE is "-" (standard output) unless told.
    """
    if kind is None:
        raise Trouble("export needs a form", mend="voicecoach export --csv, or: voicecoach export --json")
    if kind == "columns":
        _write(file, "".join(f"{name}: {meaning}\n" for name, meaning in COLUMNS.items()))
        return
    found = sorted(_find(since, routine), key=lambda report: (report.started, report.id))
    if not found:
        click.echo("No sessions to export.", err=True)
    if kind == "csv":
        _write(file, as_csv(found))
    else:
        _write(file, json.dumps([to_json(report) for report in found], indent=2, ensure_ascii=False) + "\n")


# --- Small helps ------------------------------------------------------------------------------------------------------


def _find(since: date | None, routine: str | None) -> list[SessionReport]:
    kept = sessions()
    every = list(kept.newest_first(since if routine is None else None))
    _tell_unreadable(kept)
    if routine is None:
        return every
    known = {report.routine for report in every}
    if every and routine not in known:
        hint = suggest(routine, known)
        raise Trouble(f"there is no session of a routine {routine!r}{hint} (there are some of: {listing(known)})")
    first = "" if since is None else since.isoformat()
    return [report for report in every if report.routine == routine and report.day >= first]


def _tell_unreadable(kept: Sessions) -> None:
    for sentence in kept.unreadable:
        click.echo(f"left out: {sentence}", err=True)


def _write(file: Path, words: str) -> None:
    """Write a file whole, or the standard output. Raises ``Trouble``."""
    if str(file) == "-":
        # A spreadsheet's line ends are written as they are.
        sys.stdout.flush()
        click.echo(words.encode(), nl=False)
        return
    try:
        write_private(file, words.encode())
    except OSError as error:
        raise Trouble(f"{file} cannot be written: {reason_of(OSError(error.errno, error.strerror))}") from None
    click.echo(f"written: {file}", err=True)
