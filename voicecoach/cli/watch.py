"""``watch``: check and rehearse a routine whenever it is saved."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import click
from rich.markup import escape

from voicecoach.cli.check import check_file
from voicecoach.cli.common import Grip, console
from voicecoach.cli.history import today
from voicecoach.cli.show import show_time
from voicecoach.complaints import name_in_words
from voicecoach.config import Loaded
from voicecoach.core.person import Room
from voicecoach.lint.finding import Severity
from voicecoach.loading.source import RoutineError
from voicecoach.picture.course import course_of
from voicecoach.plan import Plan, library
from voicecoach.rehearsal import records_of, rehearse
from voicecoach.screen import Screen, Transcript
from voicecoach.watch import difference, saves

_SHOWN = 20
"""Lines of difference: more would push the verdict off the screen."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--every",
    type=click.FloatRange(0.05, 60),
    default=0.5,
    show_default=True,
    metavar="SECONDS",
    help="How often it looks whether the file was saved.",
)
@click.option("--transcript", is_flag=True, help="Print the whole rehearsal each time.")
@click.pass_obj
def watch(grip: Grip, file: Path, every: float, transcript: bool) -> None:
    """Check and rehearse a file as often as you save it.

    Leave it open beside your editor. It says what is wrong and where, or draws how the time goes, and which sentences
    have changed since the last save. Ctrl-C ends it.
    """
    loaded = grip.load()
    screen = console()
    path = library(loaded).find(str(file))
    if not path.is_file():
        raise RoutineError(path, None, "there is no such file", allowed=f"voicecoach new {path}")
    heard: list[str] | None = None
    try:
        for there in saves(path, lambda: time.sleep(every)):
            if screen.is_terminal:
                screen.clear()
            screen.print(f"[dim]{datetime.now().astimezone():%H:%M:%S}[/] ", end="")
            if not there:
                screen.print(f"{escape(name_in_words(path))} is gone; waiting for it to come back")
                continue
            heard = _tell(screen, path, loaded, heard, whole=transcript)
    except KeyboardInterrupt:
        screen.print()


def _tell(screen: Screen, path: Path, loaded: Loaded, before: list[str] | None, *, whole: bool) -> list[str] | None:
    """Tell about one save; return what is said in the routine, or what was said ``before`` where there is none."""
    checked = check_file(path, library(loaded), loaded, today())
    verdict = f"[green]right[/]: {escape(checked.about)}" if checked.right else "[red]wrong[/]"
    screen.print(verdict)
    for finding in checked.findings:
        screen.print(
            escape(finding.shown), style="red" if finding.severity is Severity.ERROR else "yellow", soft_wrap=True
        )
    if checked.plan is None:
        return before
    show_time(screen, course_of(checked.plan.program))
    return _rehearse(screen, checked.plan, before, whole=whole)


def _rehearse(screen: Screen, made: Plan, before: list[str] | None, *, whole: bool) -> list[str]:
    show = Transcript(screen, made.names)
    said: list[str] = []
    if whole:
        screen.print()
    for _, entry in records_of(rehearse(made.program, made.speaking, room=Room(attended=False)), made.language.say):
        if entry["event"] == "say":
            said.append(entry["text"])
        if whole:
            show(entry)
    if before is not None and before != said:
        screen.print("\nsaid otherwise than before:")
        for line in difference(before, said, _SHOWN):
            style = {"+": "green", "-": "red"}.get(line[0], "dim")
            screen.print(f"[{style}]{escape(line)}[/]", soft_wrap=True)
    return said
