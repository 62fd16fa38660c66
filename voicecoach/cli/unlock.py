"""``unlock``: which exercises are left out because they hurt, why, and how to have one back.

Rule: an exercise is unlocked by a person who was shown why it was locked, and never by accident.
"""

from __future__ import annotations

import sys
from contextlib import closing

import click
from rich.markup import escape

from voicecoach.cli.common import CANNOT_GO_ON, Grip, Trouble, console, folders
from voicecoach.complaints import listing, suggest
from voicecoach.journal import memory
from voicecoach.journal.codec import JournalError
from voicecoach.journal.memory import Locked
from voicecoach.journal.store import NAME, Store
from voicecoach.plan import library

_REASONS = {"pain": "it hurt", "worse": "it was worse than before the last session"}


@click.command()
@click.argument("exercise", required=False)
@click.option("--yes", is_flag=True, help="Unlock without asking.")
@click.pass_obj
def unlock(grip: Grip, exercise: str | None, yes: bool) -> None:
    """Show the exercises that are locked, or unlock one.

    An exercise that hurt is left out of every session until you unlock it here. Look first at why it hurt, and talk to
    whoever prescribed it.
    """
    path = folders().data / NAME
    locked: list[Locked] = []
    if not path.exists():
        _choose(grip, locked, exercise)
        return
    try:
        with closing(Store.open_to_read(path)) as store:
            chosen = _choose(grip, memory.locks(store), exercise)
            if chosen is not None and _confirmed(chosen, yes=yes):
                memory.unlock(store, chosen.lock.exercise)
                click.echo(f"{chosen.name} is unlocked.")
    except JournalError as error:
        raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None


def _choose(grip: Grip, locked: list[Locked], exercise: str | None) -> Locked | None:
    """Return the lock that is meant; show them all where none is named. Raises ``Trouble``."""
    by_slug = {entry.lock.exercise: entry for entry in locked}
    if exercise is None:
        for entry in locked:
            console().print(f"[bold]{entry.lock.exercise}[/]  {escape(_why(entry))}", highlight=False, soft_wrap=True)
        click.echo("To unlock one: voicecoach unlock EXERCISE" if locked else "No exercise is locked.")
        return None
    if exercise in by_slug:
        return by_slug[exercise]
    known = library(grip.load()).exercises()
    if exercise in known:
        click.echo(f"{exercise} is not locked.")
        return None
    hint = suggest(exercise, [*by_slug, *known])
    allowed = f"locked: {listing(by_slug)}" if by_slug else "none is locked"
    raise Trouble(f"there is no exercise {exercise!r}{hint} ({allowed})", mend="voicecoach unlock")


def _why(entry: Locked) -> str:
    """Say when an exercise was locked, why, and in which session."""
    lock = entry.lock
    reason = _REASONS.get(lock.reason, lock.reason)
    score = "" if lock.score is None else f", {lock.score} of 10"
    session = entry.session
    told = "" if session is None else f', in "{session.title}" of {session.started[:16].replace("T", " ")}'
    return f"{entry.name}: locked since {lock.on}, because {reason}{score}{told}"


def _confirmed(entry: Locked, *, yes: bool) -> bool:
    click.echo(f"{_why(entry)}.")
    if yes:
        return True
    if not is_terminal():
        raise Trouble(
            "nobody can be asked here: this is no terminal", mend=f"voicecoach unlock {entry.lock.exercise} --yes"
        )
    return click.confirm("Unlock it?")


def is_terminal() -> bool:
    """Return whether somebody can be asked."""
    return sys.stdin.isatty()
