"""``import`` and ``convert``: routines from and to other programs.

Rule: a file that is there is never overwritten without ``--force``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import click

from voicecoach.authoring import authored
from voicecoach.cli.common import CANNOT_GO_ON, Grip, PluginType, Trouble, plan, reason_of
from voicecoach.exchange.bring_in import FORMATS, Imported, Wanted, bring_in
from voicecoach.exchange.calendar_file import DAYS, Schedule
from voicecoach.exchange.fit import FitMissingError
from voicecoach.exchange.give import OURS, Calendar
from voicecoach.exchange.toml_text import Assumed
from voicecoach.plan import Plan, library
from voicecoach.plugins import EXPORTERS, export_with, open_exporter
from voicecoach.ports import Exported, Exporter

_force = click.option("--force", is_flag=True, help="Overwrite the file if there is one.")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--from", "kind", type=click.Choice(FORMATS), help="What kind of file it is; else that is found out.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help='Write it there; "-": standard output.')
@click.option("--pick", multiple=True, metavar="NAME", help="Which workout, day or exercise of the file. Repeatable.")
@click.option(
    "--exercises", type=click.Path(path_type=Path, readable=False), help="For wger: its exerciseinfo, for the names."
)
@click.option("--language", metavar="CODE", help='The language of its texts, such as "de"; else English.')
@_force
@click.pass_obj
def import_(
    grip: Grip,
    file: Path,
    kind: str | None,
    output: Path | None,
    pick: tuple[str, ...],
    exercises: Path | None,
    language: str | None,
    force: bool,
) -> None:
    """Make a routine of another program's file, or of a list.

    It says what was lost, and which lines a person must look at: what the other file does not tell is assumed, with
    caution.
    """
    made = bring_in(file, Wanted(kind, pick, exercises, language), library(grip.load()))
    target = output or Path(f"{made.slug}.toml")
    write_new(target, made.text.encode(), force=force)
    for line in _told(made, target):
        click.echo(line, err=str(target) == "-")


def _told(made: Imported, target: Path) -> Iterable[str]:
    several = "s" * (made.exercises != 1)
    yield f"{target}: {made.exercises} exercise{several} from {made.origin}"
    for sentence in made.lost:
        yield f"lost: {sentence}"
    if made.assumed:
        yield "assumed, because the file does not tell; look at these lines before anybody plays it:"
    for key, reason in dict.fromkeys(map(_kind, made.assumed)):
        numbers = ", ".join(str(one.line) for one in made.assumed if _kind(one) == (key, reason))
        yield f"  {target}:{numbers}: {key}: {reason}"
    if str(target) != "-":
        yield f"then: voicecoach check {target}, and: voicecoach rehearse {target}"


def _kind(one: Assumed) -> tuple[str, str]:
    return one.key, one.reason


def write_new(target: Path, data: bytes, *, force: bool) -> None:
    """Write a file that is not there yet, or the standard output. Raises ``Trouble``."""
    if str(target) == "-":
        click.echo(data, nl=False)
        return
    try:
        with target.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise Trouble(
            f"{target} is there already", mend="choose another name with -o, or overwrite it with --force"
        ) from None
    except (OSError, ValueError) as error:
        why = reason_of(OSError(error.errno, error.strerror)) if isinstance(error, OSError) else str(error)
        raise Trouble(f"{target} cannot be written: {why}") from None


# --- Giving away ------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("routine")
@click.option(
    "--to",
    "kind",
    type=PluginType(OURS, EXPORTERS),
    required=True,
    help="What to make of it; or an exporter of another package.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help='Write it there; "-": standard output.')
@click.option("--days", default="mo,we,fr", show_default=True, help="For ics: days of the week, mo to su.")
@click.option("--at", default="08:00", show_default=True, metavar="HH:MM", help="For ics: the time of day.")
@click.option("--start", metavar="DATE", help="For ics: the first day on which it may be; else today.")
@click.option("--weeks", type=click.IntRange(1, 104), default=6, show_default=True, help="For ics: for how long.")
@click.option("--remind", type=click.IntRange(0, 1440), metavar="MINUTES", help="For ics: a reminder before it.")
@_force
@click.pass_obj
def convert(
    grip: Grip,
    routine: str,
    kind: str,
    output: Path | None,
    days: str,
    at: str,
    start: str | None,
    weeks: int,
    remind: int | None,
    force: bool,
) -> None:
    """Give a routine away: to a watch, a calendar, or on paper.

    ROUTINE is a name from `voicecoach list` or the path of a file.
    """
    made = plan(routine, grip.load())
    now = datetime.now().astimezone()
    exporter = OURS[kind](now) if kind in OURS else open_exporter(kind)
    if isinstance(exporter, Calendar):
        exporter = replace(exporter, schedule=Schedule(_days(days), _time(at), _day(start, now), weeks, remind))
    given = _given(exporter, made) if kind in OURS else _by_plugin(kind, made)
    target = output or Path(f"{made.routine.slug}{exporter.suffix}")
    write_new(target, given.data, force=force)
    for line in (f"written: {target}", *(f"not in it: {sentence}" for sentence in given.lost)):
        click.echo(line, err=True)


def _by_plugin(name: str, made: Plan) -> Exported:
    try:
        return export_with(name, made.routine, made.program)
    except ValueError as error:
        raise Trouble(f"{made.routine.title} cannot be written as {name}: {error}") from None


def _given(exporter: Exporter, made: Plan) -> Exported:
    try:
        return exporter.export(authored(made.routine), made.program)
    except FitMissingError as error:
        raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None


def _days(text: str) -> tuple[str, ...]:
    found = tuple(day.strip().lower()[:2] for day in text.split(","))
    if not all(found) or not set(found) <= set(DAYS):
        raise click.BadParameter(f"{text!r} is no list of days; such as mo,we,fr", param_hint="--days")
    return found


def _time(text: str) -> time:
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text.strip())
    if match is None:
        raise click.BadParameter(f"{text!r} is no time of day; such as 07:30", param_hint="--at")
    return time(int(match[1]), int(match[2]))


def _day(text: str | None, now: datetime) -> date:
    try:
        return now.date() if text is None else date.fromisoformat(text if len(text) == 10 else "")
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day; such as 2027-01-31", param_hint="--start") from None
