"""``list`` and ``check``: look at routines without playing them."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from voicecoach.cli.common import WRONG_INPUT, Grip, console, minutes, plan_file, plan_given
from voicecoach.config import Loaded
from voicecoach.core.dose_words import dose_in_words
from voicecoach.loading.exercises import load_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.programmes import is_programme, load_programme, routine_of
from voicecoach.loading.source import RoutineError
from voicecoach.plan import library
from voicecoach.screen import Screen

_TABLE_NEEDS = 60
"""Columns: below that the names would be cut to make room for the rest."""


@click.command("list")
@click.pass_obj
def list_(grip: Grip) -> None:
    """List the routines that can be played.

    Programmes stand below them.
    """
    loaded = grip.load()
    places = library(loaded)
    rows: list[tuple[str, str, str, str]] = []
    broken: list[RoutineError] = []
    for name, path in sorted(places.routines().items()):
        try:
            made = plan_file(path, places, loaded)
        except RoutineError as error:
            broken.append(error)
        else:
            routine = made.routine
            rows.append((name, minutes(made.seconds), str(len(routine.exercises)), routine.summary or routine.title))
    out = console()
    _print_list(out, rows)
    weeks: list[tuple[str, str, str]] = []
    for name, path in sorted(places.programmes().items()):
        try:
            programme = load_programme(path, places)
        except RoutineError as error:
            broken.append(error)
        else:
            length = sum(week.repeat for week in programme.weeks)
            weeks.append((name, f"{length} week{'s' * (length != 1)}", programme.summary or programme.title))
    _print_programmes(out, weeks)
    for complaint in broken:
        click.echo(f"left out: {complaint}", err=True)


def _print_list(out: Screen, rows: list[tuple[str, str, str, str]]) -> None:
    if out.width < _TABLE_NEEDS:
        for name, length, exercises, about in rows:
            out.print(f"[bold]{escape(name)}[/]\n  {length}, exercises: {exercises}. {escape(about)}")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("routine", "length", "exercises", "what it is"):
        table.add_column(heading, style="bold" if heading == "routine" else None, no_wrap=heading != "what it is")
    for row in rows:
        table.add_row(*map(Text, row))  # Text: nothing in them is markup
    out.print(table)


def _print_programmes(out: Screen, rows: list[tuple[str, str, str]]) -> None:
    if not rows:
        return
    out.print()
    if out.width < _TABLE_NEEDS:
        for name, length, about in rows:
            out.print(f"[bold]{escape(name)}[/]\n  {length}. {escape(about)}")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("programme", "length", "what it is"):
        table.add_column(heading, style="bold" if heading == "programme" else None, no_wrap=heading != "what it is")
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...]) -> None:
    """Check routine and exercise files: what is wrong, and where.

    Every finding is one line, file:line first. Ends with 2 if there are any. Of a routine that `voicecoach list` shows
    the name is enough. What lies in a folder called "exercises" is an exercise of the library; with a programme the
    routines of its days are checked too.
    """
    loaded = context.obj.load()
    places = library(loaded)
    wrong = [path for path in files if not _is_right(path, places, loaded)]
    if wrong:
        context.exit(WRONG_INPUT)


def _is_right(path: Path, places: Library, loaded: Loaded) -> bool:
    """Tell about one file."""
    try:
        file = path if os.path.exists(path) else places.find(str(path))  # noqa: PTH110 - exists raises where we may not go
        if file.absolute().parent.name == "exercises":
            exercise = load_exercise(file)
            found = f"{exercise.name}, {dose_in_words(exercise.dose, exercise)}"
        elif is_programme(file):
            programme = load_programme(file, places)
            for name in programme.routines:
                plan_file(routine_of(file, name, places), places, loaded)
            length = sum(week.repeat for week in programme.weeks)
            found = f"{length} week{'s' * (length != 1)} of {', '.join(programme.routines)}"
        else:
            made = plan_given(file, loaded)
            exercises = len(made.routine.exercises)
            found = f"{exercises} exercise{'s' * (exercises != 1)}, about {minutes(made.seconds)}"
    except RoutineError as error:
        click.echo(str(error), err=True)
        return False
    click.echo(f"{path}: right: {found}")
    return True
