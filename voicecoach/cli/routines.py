"""``list``, ``show`` and ``check``: look at routines without playing them."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from voicecoach.cli.common import WRONG_INPUT, Grip, console, library, minutes, plan, plan_routine
from voicecoach.core.dose import Dose
from voicecoach.core.routine import Exercise
from voicecoach.loader import RoutineError, load_exercise, load_routine


@click.command("list")
@click.pass_obj
def list_(grip: Grip) -> None:
    """List the routines that can be played."""
    loaded = grip.load()
    places = library(loaded)
    table = Table(box=None, pad_edge=False)
    for heading in ("routine", "length", "exercises", "what it is"):
        table.add_column(heading, style="bold" if heading == "routine" else None, no_wrap=heading != "what it is")
    broken: list[RoutineError] = []
    for name, path in sorted(places.routines().items()):
        try:
            made = plan_routine(load_routine(path, places), loaded)
        except RoutineError as error:
            broken.append(error)
            continue
        routine = made.routine
        about = escape(routine.summary or routine.title)
        table.add_row(name, minutes(made.seconds), str(len(routine.exercises)), about)
    console().print(table)
    for complaint in broken:
        click.echo(f"left out: {complaint}", err=True)


@click.command()
@click.argument("routine")
@click.pass_obj
def show(grip: Grip, routine: str) -> None:
    """Show what ROUTINE is made of: exercises, doses, positions, and how long it takes."""
    loaded = grip.load()
    made = plan(routine, loaded)
    out = console()
    out.print(f"[bold]{escape(made.routine.title)}[/]  ({made.routine.slug}), about {minutes(made.seconds)}")
    for label, text in (
        ("", made.routine.summary),
        ("prescribed by", made.routine.prescriber),
        ("how often", made.routine.frequency),
        ("source", made.routine.source),
    ):
        if text:
            out.print(f"{label + ': ' if label else ''}{escape(text)}", soft_wrap=True)
    for warning in made.routine.contraindications:
        out.print(f"[yellow]not for you if: {escape(warning)}[/]", soft_wrap=True)
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


def _show_exercise(out: object, exercise: Exercise) -> None:
    from rich.console import Console

    assert isinstance(out, Console)  # noqa: S101 - typed loosely to keep rich out of the signature
    assumed = exercise.dose.assumed
    note = (
        ""
        if not assumed
        else " [dim](assumed" + (f": {', '.join(assumed)}" if isinstance(assumed, tuple) else "") + ")[/]"
    )
    out.print(
        f"  [bold]{escape(exercise.name)}[/]  [dim]{exercise.position.value}[/]  {dose_in_words(exercise.dose, exercise)}{note}"
    )
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
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...]) -> None:
    """Check routine and exercise FILES; every finding is one line, file:line first. Ends with 2 if there are any."""
    loaded = context.obj.load()
    places = library(loaded)
    wrong = 0
    for path in files:
        try:
            if path.parent.name == "exercises":
                exercise = load_exercise(path)
                click.echo(f"{path}: right: {exercise.name}, {dose_in_words(exercise.dose, exercise)}")
            else:
                made = plan_routine(load_routine(path, places), loaded)
                exercises = len(made.routine.exercises)
                click.echo(
                    f"{path}: right: {exercises} exercise{'s' * (exercises != 1)}, about {minutes(made.seconds)}"
                )
        except RoutineError as error:
            wrong += 1
            click.echo(str(error), err=True)
    if wrong:
        context.exit(WRONG_INPUT)
