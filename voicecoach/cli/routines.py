"""``list``, ``show`` and ``check``: look at routines without playing them."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from voicecoach.between import Fitted
from voicecoach.cli.common import WRONG_INPUT, Grip, console, minutes, plan_file, plan_given
from voicecoach.cli.kept import keeping, planned
from voicecoach.config import Loaded
from voicecoach.core.dose import Dose
from voicecoach.core.routine import Exercise
from voicecoach.loading.exercises import load_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.source import RoutineError
from voicecoach.plan import library
from voicecoach.screen import Screen
from voicecoach.turns import fit_to

_TABLE_NEEDS = 60
"""Columns: below that the names would be cut to make room for the rest."""


@click.command("list")
@click.pass_obj
def list_(grip: Grip) -> None:
    """List the routines that can be played."""
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
    _print_list(console(), rows)
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


@click.command()
@click.argument("routine")
@click.pass_obj
def show(grip: Grip, routine: str) -> None:
    """Show what a routine is made of, and how long it takes.

    ROUTINE is a name from `voicecoach list` or the path of a file.
    """
    loaded = grip.load()
    out = console()
    with keeping(loaded, out) as keeper:
        made = planned(routine, loaded, keeper)
        today = fit_to(keeper, made.routine)
    out.print(f"[bold]{escape(made.routine.title)}[/]  ({made.routine.slug}), about {minutes(made.seconds)}")
    for label, text in (
        ("", made.routine.summary),
        ("prescribed by", made.routine.prescriber),
        ("how often", made.routine.frequency),
        ("source", made.routine.source),
    ):
        if text:
            out.print(f"{label + ': ' if label else ''}{escape(text)}")
    for warning in made.routine.contraindications:
        out.print(f"[yellow]take care: {escape(warning)}[/]")
    if made.routine.equipment:
        out.print(f"have at hand: {escape(', '.join(made.routine.equipment))}")
    out.print()
    for block in made.routine.blocks:
        if block.title or block.repeat > 1:
            out.print(
                f"[bold]{escape(block.title or 'block')}[/]" + (f"  x {block.repeat}" if block.repeat > 1 else "")
            )
        for exercise in block.exercises:
            _show_exercise(out, exercise)
            _show_today(out, exercise, today)


def _show_today(out: Screen, exercise: Exercise, today: Fitted) -> None:
    """Show what is otherwise for this person than it is written, and when it will be."""
    for lock in today.tailored.locked:
        if lock.exercise == exercise.slug:
            score = "" if lock.score is None else f" ({lock.score} of 10)"
            out.print(
                f"    [yellow]left out: locked since {lock.on}, because it hurt{score}[/]"
                f"  [dim]voicecoach unlock {exercise.slug}[/]"
            )
    for moved in today.tailored.moved:
        if moved.slug == exercise.slug and moved.old == exercise.dose:
            out.print(f"    [green]today: {escape(dose_in_words(moved.new, exercise))}[/]")
    for rule in exercise.progress:
        out.print(f"    [dim]{escape(str(rule))}[/]")


def _show_exercise(out: Screen, exercise: Exercise) -> None:
    assumed = exercise.dose.assumed
    which = f": {', '.join(assumed)}" if isinstance(assumed, tuple) else ""
    note = f"  [dim](assumed{which})[/]" if assumed else ""
    dose = escape(dose_in_words(exercise.dose, exercise))
    out.print(f"  [bold]{escape(exercise.name)}[/]  [dim]{exercise.position.value}[/]  {dose}{note}")
    links = [f"{word}: {slug}" for word, slug in (("easier", exercise.easier), ("harder", exercise.harder)) if slug]
    if links:
        out.print(f"    [dim]{', '.join(links)}[/]")


def dose_in_words(dose: Dose, exercise: Exercise) -> str:
    """Return a dose on one line: ``2 x 5 each (right arm, left arm), hold 5 s, rest 30 s``."""
    parts: list[str] = []
    if dose.open:
        parts.append(f"{dose.sets} x until you say done")
    elif dose.reps:
        limbs = f" each ({', '.join(exercise.limbs)})" if exercise.limbs else ""
        parts.append(f"{dose.sets} x {dose.reps}{limbs}")
    elif dose.time:
        parts.append(f"{dose.sets} x {dose.time} s")
    else:
        parts.append(f"{dose.sets} x 1")
    if dose.hold:
        parts.append(f"hold {dose.hold.range} {'breaths' if dose.hold.breaths else 's'}")
    if dose.rest:
        parts.append(f"rest {dose.rest} s")
    return ", ".join(parts)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...]) -> None:
    """Check routine and exercise files: what is wrong, and where.

    Every finding is one line, file:line first. Ends with 2 if there are any. Of a routine that `voicecoach list` shows
    the name is enough. What lies in a folder called "exercises" is an exercise of the library.
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
        else:
            made = plan_given(file, loaded)
            exercises = len(made.routine.exercises)
            found = f"{exercises} exercise{'s' * (exercises != 1)}, about {minutes(made.seconds)}"
    except RoutineError as error:
        click.echo(str(error), err=True)
        return False
    click.echo(f"{path}: right: {found}")
    return True
