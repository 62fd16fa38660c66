"""``show``: what a routine is made of, how its time goes, and a picture of it to print."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from voicecoach import __version__
from voicecoach.between import Fitted
from voicecoach.cli.common import Grip, Trouble, console
from voicecoach.cli.history import today
from voicecoach.cli.kept import keeping, planned
from voicecoach.cli.programmes import show_programme
from voicecoach.cli.write_new import force_option, write_new
from voicecoach.coming import coming, opened
from voicecoach.core.dose_words import dose_in_words, minutes_in_words
from voicecoach.core.person import Lock
from voicecoach.core.routine import Exercise, PainPolicy, Routine
from voicecoach.history.words import full_day
from voicecoach.picture.course import Course, course_of
from voicecoach.picture.page import page
from voicecoach.picture.svg import picture
from voicecoach.picture.terminal import parts, strip
from voicecoach.picture.words import block_in_words, clock, ways
from voicecoach.plan import Plan, library
from voicecoach.screen import Screen
from voicecoach.turns import fit_to

_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command()
@click.argument("routine")
@click.option("--svg", type=_FILE, metavar="FILE", help='Draw its timeline into a picture; "-" is standard output.')
@click.option("--html", type=_FILE, metavar="FILE", help='Write a page to print; "-" is standard output.')
@force_option
@click.pass_obj
def show(grip: Grip, routine: str, svg: Path | None, html: Path | None, force: bool) -> None:
    """Show what a routine is made of, and how long it takes.

    ROUTINE is a name from `voicecoach list` or the path of a file. Of a programme it shows the weeks, and where you
    are in them.

    Times are estimates: how long a sentence takes hangs on the voice. Work without an end of its own counts nothing.
    """
    loaded = grip.load()
    if (weeks := opened(routine, loaded)) is not None:
        if svg or html:
            raise Trouble(f"{routine} is a programme", mend="draw one of its routines")
        out = console()
        with keeping(loaded, out) as keeper:
            show_programme(out, weeks, coming(keeper, weeks), today())
        return
    out = console(err=svg is not None or html is not None)
    with keeping(loaded, out) as keeper:
        made = planned(routine, loaded, keeper)
        fitted = fit_to(keeper, made.routine)
    course = course_of(made.program)
    if svg or html:
        read = library(loaded).find(routine)
        for path, content in ((svg, picture(made.routine, course)), (html, page(made.routine, course, __version__))):
            if path is not None:
                _write(path, content, read, force=force)
        return
    _show_head(out, made, course)
    _show_outline(out, made, course, fitted)
    show_time(out, course)


def _write(path: Path, content: str, read: Path, *, force: bool) -> None:
    if str(path) != "-" and os.path.realpath(path) == os.path.realpath(read):
        raise Trouble(f"{path} is the routine itself", mend="name another file")
    write_new(path, content.encode(), force=force)
    if str(path) != "-":
        click.echo(f"written to {path}")


def _show_head(out: Screen, made: Plan, course: Course) -> None:
    routine = made.routine
    more = ", and what you end yourself" if course.open_ended else ""
    out.print(f"[bold]{escape(routine.title)}[/]  ({routine.slug}), about {minutes_in_words(made.seconds)}{more}")
    for label, text in (
        ("", routine.summary),
        ("prescribed by", routine.prescriber),
        ("how often", routine.frequency),
        ("source", routine.source),
    ):
        if text:
            out.print(f"{label + ': ' if label else ''}{escape(text)}")
    if routine.pain_policy is PainPolicy.MONITORED:
        _show_pain(out, routine, today())
    for warning in routine.contraindications:
        out.print(f"[yellow]take care: {escape(warning)}[/]")
    if routine.at_hand:
        out.print(f"have at hand: {escape(', '.join(routine.at_hand))}")
    out.print()


def _show_pain(out: Screen, routine: Routine, day: date) -> None:
    """Show what pain a prescriber allows, and until when; behind that day it is no longer so."""
    rules, last = routine.pain, date.fromisoformat(routine.review_on or day.isoformat())
    allowed = f"up to {rules.tolerated} of 10 it may go on, above {rules.ends_above} the session ends"
    if day <= last:
        out.print(f"pain: {allowed}, until {full_day(last)}")
        return
    out.print(f"[yellow]pain: the strict rules. What was prescribed was over on {full_day(last)} ({allowed})[/]")


def _show_outline(out: Screen, made: Plan, course: Course, fitted: Fitted) -> None:
    """Show each exercise as it is written, with the moment at which it begins the first time."""
    begins = {(visit.block, id(visit.exercise)): visit.start for visit in reversed(course.visits)}
    for number, block in enumerate(made.routine.blocks):
        if block.title or block.style or block.repeat > 1:
            out.print(f"[bold]{escape(block.title or block.style or 'block')}[/]{escape(block_in_words(block))}")
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(justify="right", style="dim", no_wrap=True, min_width=5)
        table.add_column()
        for exercise in block.exercises:
            begin = begins.get((number, id(exercise)))
            table.add_row("" if begin is None else clock(begin), "\n".join(_exercise(exercise, fitted)))
        out.print(table)


def _exercise(exercise: Exercise, fitted: Fitted) -> list[str]:
    assumed = exercise.dose.assumed
    which = f": {', '.join(assumed)}" if isinstance(assumed, tuple) else ""
    note = f"  [dim](assumed{which})[/]" if assumed else ""
    dose = escape(dose_in_words(exercise.dose, exercise))
    lines = [f"[bold]{escape(exercise.name)}[/]  [dim]{exercise.position.value}[/]  {dose}{note}"]
    links = [f"{word}: {slug}" for word, slug in (("easier", exercise.easier), ("harder", exercise.harder)) if slug]
    if links:
        lines.append(f"  [dim]{', '.join(links)}[/]")
    return lines + _today(exercise, fitted)


def _locked(lock: Lock) -> str:
    score = "" if lock.score is None else f" ({lock.score} of 10)"
    return (
        f"[yellow]left out: locked since {lock.on}, because it hurt{score}[/]"
        f"  [dim]voicecoach unlock {lock.exercise}[/]"
    )


def _today(exercise: Exercise, fitted: Fitted) -> list[str]:
    """Return what is otherwise for this person than it is written, and when it will be."""
    lines = [f"  {_locked(lock)}" for lock in fitted.tailored.locked if lock.exercise == exercise.slug]
    lines += [
        f"  [green]today: {escape(dose_in_words(moved.new, exercise))}[/]"
        for moved in fitted.tailored.moved
        if moved.slug == exercise.slug and moved.old == exercise.dose
    ]
    return lines + [f"  [dim]{escape(str(rule))}[/]" for rule in exercise.progress]


def show_time(out: Screen, course: Course) -> None:
    """Draw the timeline, and say what the time goes into and how the body moves."""
    out.print()
    for line in strip(course, out.width):
        out.print(line, no_wrap=True)
    for line in parts(course, out.width):
        out.print(line)
    order, figures = ways(course)
    out.print(f"positions: {order}")
    out.print(f"changes: {figures}")
