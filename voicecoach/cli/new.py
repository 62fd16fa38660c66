"""``new``: write the file of a new routine.

Rule: it asks only in a terminal, and only what no option has said. Nothing is written over unless that was asked for,
and nothing is written that ``check`` would refuse.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from voicecoach.cli.common import Grip, console, plan_file
from voicecoach.cli.write_new import force_option, refuse_to_write_over, write_new
from voicecoach.complaints import explain, listing, suggest
from voicecoach.config import Loaded
from voicecoach.core.dose_words import minutes_in_words
from voicecoach.core.routine import LYING, Position, Text
from voicecoach.draft import SCHEMA_FILE, Chosen, Wishes, draft
from voicecoach.loading.exercises import load_exercise
from voicecoach.loading.source import RoutineError, slugify
from voicecoach.plan import library
from voicecoach.schema.files import schema_of
from voicecoach.toml_file import read_toml

_FIRST = ("deep-breathing", "pelvic-tilt", "bridge")
"""Where nobody says which exercises: lying on the back, and known to the library that comes along."""
_MOST_ROUNDS = 50


def _line(words: str) -> str:
    """Return words that may stand in a file. Raises ``BadParameter``."""
    try:
        return TypeAdapter[str](Text).validate_python(words)
    except ValidationError as error:
        problem, allowed = explain(dict(error.errors(include_url=False)[0]))
        raise click.BadParameter(f"{problem}; {allowed}" if allowed else problem) from None


def _checked(_context: click.Context, _parameter: click.Parameter, words: str | None) -> str | None:
    return None if words is None else _line(words)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--title", callback=_checked, metavar="TEXT", help="What it is called; said first.")
@click.option(
    "--use", "used", multiple=True, metavar="EXERCISE", help="An exercise of the library. May be repeated, in order."
)
@click.option("--rounds", type=click.IntRange(1, _MOST_ROUNDS), help="How often all of it is gone through.")
@click.option("--at-once", is_flag=True, help='It begins by itself, and does not wait for "ready".')
@click.option("--author", callback=_checked, metavar="TEXT", help="Who writes it.")
@click.option("--prescriber", callback=_checked, metavar="TEXT", help="The clinician who prescribed it.")
@click.option("--no-schema", is_flag=True, help="Without the line for editors, and without the file that it names.")
@force_option
@click.pass_obj
def new(
    grip: Grip,
    file: Path | None,
    title: str | None,
    used: tuple[str, ...],
    rounds: int | None,
    at_once: bool,
    author: str | None,
    prescriber: str | None,
    no_schema: bool,
    force: bool,
) -> None:
    """Write the file of a new routine.

    In a terminal it asks what no option says; elsewhere it asks nothing, and takes three exercises on the back.

    The file says in notes what else may stand there. Beside it comes routine.schema.json, with which an editor explains
    and checks what you type.
    """
    loaded = grip.load()
    if file is not None:
        refuse_to_write_over(_with_suffix(file), force=force)
    asks = is_terminal()
    shelf = _Shelf(loaded)
    chosen: Sequence[Chosen] = [shelf.take(name) for name in used]
    try:
        fallback = file.stem.replace("-", " ").replace("_", " ").capitalize() if file else "My routine"
        title = title or (_ask("What is it called?", fallback, _line) if asks else _line(fallback))
        chosen = chosen or (_ask_exercises(shelf) if asks else [shelf.take(name) for name in _FIRST])
        rounds = rounds or (_ask("How many rounds?", 1, click.IntRange(1, _MOST_ROUNDS)) if asks else 1)
        ready = not at_once
        if asks and ready:
            ready = click.confirm('Wait for the word "ready" before it begins?', default=True)
        if author is None and asks:
            author = _ask("Who writes it? (Enter: nobody is named)", "", lambda words: _line(words) if words else "")
        if file is None:
            usual = f"{slugify(title)}.toml"
            file = Path(_ask("Which file?", usual, str)) if asks else Path(usual)
    except click.Abort:
        raise KeyboardInterrupt from None
    path = _with_suffix(file)
    refuse_to_write_over(path, force=force)
    wishes = Wishes(title, chosen, rounds, ready, author or "", prescriber or "")
    _write(path, draft(wishes, path.name, schema=not no_schema), loaded, schema=not no_schema, force=force)


def _with_suffix(file: Path) -> Path:
    """Return the file's name with ``.toml``, without which nobody would find it again."""
    return file if file.suffix == ".toml" else file.with_name(f"{file.name}.toml")


def is_terminal() -> bool:
    """Return whether somebody can be asked, and sees what."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class _Shelf:
    """The library's exercises, as somebody chooses among them."""

    def __init__(self, loaded: Loaded) -> None:
        self._files = library(loaded).exercises()
        self.names = list(self._files)

    def take(self, name: str) -> Chosen:
        """Return an exercise. Raises ``BadParameter`` where there is none of this name."""
        slug = slugify(name)
        if slug not in self._files:
            hint = suggest(slug, self.names) or f"; there are: {listing(self.names)}"
            raise click.BadParameter(f"the library has no exercise {name!r}{hint}")
        exercise = load_exercise(self._files[slug])
        written, _ = read_toml(self._files[slug], RoutineError)
        return Chosen(slug, exercise.name, exercise.position.value, written)

    def by_position(self) -> list[Chosen]:
        """Return those that are right, ordered so that one seldom gets up: lying first, as the positions are listed."""
        found = []
        for name in self.names:
            try:
                found.append(self.take(name))
            except RoutineError:
                continue  # ``check`` says what is wrong with it
        order = list(Position)
        return sorted(found, key=lambda c: (Position(c.position) not in LYING, order.index(Position(c.position))))


def _ask(question: str, default: Any, kind: Any) -> Any:
    """Ask until the answer fits."""
    return click.prompt(
        question,
        default=default,
        value_proc=None if isinstance(kind, click.ParamType) else kind,
        type=kind if isinstance(kind, click.ParamType) else None,
        show_default=default != "",
    )


def _ask_exercises(shelf: _Shelf) -> Sequence[Chosen]:
    offered = shelf.by_position()
    screen = console()
    for number, one in enumerate(offered, start=1):
        screen.print(f"{number:3}  {escape(one.name)}  [dim]{one.position}[/]")

    def read(answer: str) -> list[Chosen]:
        words = [word.strip() for word in answer.replace(" and ", ",").split(",") if word.strip()]
        if not words:
            raise click.BadParameter("one exercise at least")
        return [_numbered(word, offered) or shelf.take(word) for word in words]

    numbers = {one.slug: number for number, one in enumerate(offered, start=1)}
    usual = [numbers[slug] for slug in _FIRST if slug in numbers]
    found: Sequence[Chosen] = _ask(
        "Which of these, in which order? Numbers or names, with commas", ", ".join(map(str, usual)) or None, read
    )
    return found


def _numbered(word: str, offered: Sequence[Chosen]) -> Chosen | None:
    if not word.isdecimal() or len(word) > 6:
        return None
    if not 1 <= int(word) <= len(offered):
        raise click.BadParameter(f"the numbers go from 1 to {len(offered)}, not to {word}")
    return offered[int(word) - 1]


def _write(path: Path, text: str, loaded: Loaded, *, schema: bool, force: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / path.name
        trial.write_text(text, "utf-8")
        made = plan_file(trial, library(loaded), loaded)
    write_new(path, text.encode(), force=force)
    beside = path.with_name(SCHEMA_FILE)
    if schema and not os.path.lexists(beside):  # the editor's, or a link to one: it stays
        write_new(beside, (json.dumps(schema_of("routine"), indent=2, ensure_ascii=False) + "\n").encode(), force=False)
    count = len(made.routine.exercises)
    click.echo(
        f"{path}: {made.routine.title}, {count} exercise{'s' * (count != 1)}, about {minutes_in_words(made.seconds)}"
    )
    click.echo(f"Open it in an editor, and beside it: voicecoach watch {path}")
