"""``list``: which routines and programmes there are."""

from __future__ import annotations

import click
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from voicecoach.cli.common import Grip, console, plan_file
from voicecoach.core.dose_words import minutes_in_words
from voicecoach.loading.programmes import load_programme
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
            rows.append(
                (name, minutes_in_words(made.seconds), str(len(routine.exercises)), routine.summary or routine.title)
            )
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
