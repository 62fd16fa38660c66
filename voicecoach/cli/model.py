"""``voicecoach model``: see, fetch and choose the model that understands speech.

Rule: every command ends by telling which model will really be used, and why; a trouble is one sentence and what to do
about it. Exit codes: 2 for something given wrongly, 3 where it cannot go on, 130 when interrupted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from voicecoach.cli.common import CANNOT_GO_ON, WRONG_INPUT, Grip, Trouble, console, folders
from voicecoach.cli.group import Group
from voicecoach.hearing import download, models
from voicecoach.hearing.catalogue import KNOWN, SHIPPED, ModelError, is_model_name, language_of, recommended
from voicecoach.hearing.transfer import Progress, Say
from voicecoach.ports import EarError

BASE_URL_VARIABLE = "VOICECOACH_MODEL_URL"


def _sessions_language(context: click.Context, _: click.Parameter, given: str | None) -> str:
    """Return the language that was given, or else that of the person's sessions."""
    return given or str(context.obj.load().config.session.language)


_language_option = click.option(
    "--language",
    callback=_sessions_language,
    help='The language to be understood, such as "de"; if left out, that of your sessions.',
)


class _Models(Group):
    """Tells what was given wrongly from what cannot go on; the rest is the outer group's."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return click.Group.invoke(self, ctx)
        except ModelError as error:
            raise Trouble(str(error), mend=error.mend, code=WRONG_INPUT if error.wrong else CANNOT_GO_ON) from None


@click.group(cls=_Models)
def model() -> None:
    """See, fetch and choose the model that understands speech."""


@model.command("list")
@_language_option
@click.pass_obj
def list_models(grip: Grip, language: str) -> None:
    """Show the models that are here or can be had, and the one in use."""
    data = folders().data
    try:
        found = _find(grip, language)
    except EarError:  # told below the table, which is there to help
        found = None
    _print_table(_table(models.everywhere(data), found))
    click.echo(f"Installed models are kept in {models.models_folder(data)}.")
    _tell_use(grip, language)
    if found and found.origin == models.SHIPPED_ORIGIN and recommended(language):
        click.echo(
            "That one is a start without a download. A larger one, trained on far more speech: voicecoach model get"
        )


@model.command()
@click.argument("name", required=False)
@click.option("--from-zip", type=click.Path(path_type=Path), metavar="FILE", help="Install from a zip on this machine.")
@click.option(
    "--url",
    default=download.BASE_URL,
    envvar=BASE_URL_VARIABLE,
    show_envvar=True,
    show_default=True,
    help="Where to fetch from: a folder of zips.",
)
@click.option("--sha256", metavar="HEX", help="The checksum the zip must have, in place of the known one.")
@_language_option
@click.pass_obj
def get(grip: Grip, name: str | None, from_zip: Path | None, url: str, sha256: str | None, language: str) -> None:
    """Fetch, check and install a model, and use it from now on.

    Without NAME it is the recommended one. A download that was cut off goes on where it stopped; nothing is
    installed whose checksum is known and wrong.
    """
    data = folders().data
    if sha256 is not None and (len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef")):
        raise click.BadParameter("a SHA-256 has 64 digits of 0-9 and a-f.", param_hint="--sha256")
    try:
        if from_zip:
            path = download.install_zip(from_zip, models.models_folder(data), name=name, sha256=sha256)
        else:
            path = _fetch(name or _recommended(language), data, url.rstrip("/"), sha256)
    except KeyboardInterrupt:
        click.echo(
            "\nInterrupted: nothing was installed. What has arrived is kept; the same command goes on from there."
        )
        raise click.exceptions.Exit(130) from None
    click.echo(f"{path.name} is installed in {path}.")
    language = language_of(path.name) or language
    models.choose(data, path.name, language)
    _tell_use(grip, language)


@model.command()
@click.argument("name")
@_language_option
@click.pass_obj
def use(grip: Grip, name: str, language: str) -> None:
    """Use another model from now on: NAME, or "shipped".

    "shipped" is the one that travels with voicecoach.
    """
    data, language = folders().data, language_of(name) or language
    known = {found.name: found for found in models.everywhere(data)}
    if name != SHIPPED and name not in known:
        mend = f"voicecoach model get {name}" if language_of(name) else "voicecoach model list"
        raise ModelError(f"There is no model {name} on this machine.", mend=mend, wrong=True)
    if name in known and not known[name].takes_grammar:
        click.echo(f"{name} takes no grammar: it listens for any sentence, and will mistake more commands.")
    models.choose(data, name, language)
    _tell_use(grip, language)


@model.command()
@_language_option
@click.pass_obj
def path(grip: Grip, language: str) -> None:
    """Print the folder of the model in use, and nothing else."""
    click.echo(_find(grip, language).path)


def _find(grip: Grip, language: str) -> models.FoundModel:
    """Look for the model as a session does."""
    configured = grip.load().config.hearing.model or None
    return models.find_model(None, configured, env=os.environ, data=folders().data, language=language)


def _recommended(language: str) -> str:
    if known := recommended(language):
        return known.name
    raise ModelError(
        f'voicecoach recommends no model for the language "{language}".',
        mend=f"pick one at {download.BASE_URL} and run: voicecoach model get NAME",
        wrong=True,
    )


def _tell_use(grip: Grip, language: str) -> None:
    found = _find(grip, language)
    click.echo(f"In use for {language}: {found.name} ({found.origin}), {found.path}")


def _fetch(name: str, data: Path, url: str, sha256: str | None) -> Path:
    folder = models.models_folder(data)
    if is_model_name(name) and not sha256 and name in {found.name for found in models.installed(data)}:
        click.echo(f"{name} is there already.")
        return folder / name
    wanted = download.resolve(name, base_url=url, sha256=sha256, say=click.echo)
    with _progress(name) as (progress, say):
        return download.fetch(wanted, base_url=url, folder=folder, progress=progress, say=say)


@contextmanager
def _progress(name: str) -> Iterator[tuple[Progress, Say]]:
    """Show a bar on a terminal, and sentences above it; a line for each tenth elsewhere."""
    terminal = console()
    if not terminal.is_terminal:
        yield _Lines(name).progress, click.echo
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(*columns, TimeRemainingColumn(), console=terminal) as bar:
        task = bar.add_task(name, total=None)
        yield (
            lambda done, total: bar.update(task, completed=done, total=total),
            lambda sentence: terminal.print(sentence, markup=False, soft_wrap=True),
        )


class _Lines:
    """Progress for a log file or a pipe."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tenth = -1

    def progress(self, done: int, total: int | None) -> None:
        """Print a line when the next tenth (where the length is unknown: the next 10 MB) is reached."""
        tenth = 10 * done // total if total else done // 10_000_000
        if tenth != self._tenth:
            self._tenth = tenth
            of = f" of {total / 1e6:.1f}" if total else ""
            click.echo(f"{self._name}: {done / 1e6:.1f}{of} MB")


def _print_table(table: Table) -> None:
    terminal = console()
    if not terminal.is_terminal:
        terminal.width = 120  # a pipe has no width; 80 would break the names
    terminal.print(table)


def _table(present: list[models.FoundModel], used: models.FoundModel | None) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "model", "language", "size", "where"):
        table.add_column(heading, no_wrap=heading == "model", overflow="fold")
    if used and used.path not in {found.path for found in present}:
        present = [used, *present]
    for found in present:
        in_use = used is not None and found.path == used.path
        size = sum(file.stat().st_size for file in found.path.rglob("*") if file.is_file())
        where = found.origin if found.takes_grammar else f"{found.origin}; takes no grammar"
        cells = ("in use" if in_use else "", found.name, language_of(found.name) or "?", f"{size / 1e6:.0f} MB", where)
        table.add_row(*(Text(cell) for cell in cells))
    names = {found.name for found in present}
    for known in KNOWN.values():
        if known.name not in names:
            table.add_row("", known.name, known.language, f"{known.megabytes} MB", "to be fetched")
    return table
