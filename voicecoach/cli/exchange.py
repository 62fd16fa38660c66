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
from voicecoach.cli.common import CANNOT_GO_ON, Grip, PluginType, Trouble, plan, plan_file
from voicecoach.cli.write_new import force_option, write_new
from voicecoach.coming import Opened, opened
from voicecoach.config import Loaded
from voicecoach.exchange.bring_in import FORMATS, Imported, Wanted, bring_in
from voicecoach.exchange.calendar_file import DAYS, Days, Schedule, as_programme
from voicecoach.exchange.fit import FitMissingError
from voicecoach.exchange.give import OURS, Calendar
from voicecoach.exchange.toml_text import Assumed
from voicecoach.loading.programmes import routine_of
from voicecoach.plan import Plan, library
from voicecoach.plugins import EXPORTERS, export_with, open_exporter
from voicecoach.ports import Exported, Exporter


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--from", "kind", type=click.Choice(FORMATS), help="What kind of file it is; else that is found out.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help='Write it there; "-": standard output.')
@click.option("--pick", multiple=True, metavar="NAME", help="Which workout, day or exercise of the file. Repeatable.")
@click.option(
    "--exercises", type=click.Path(path_type=Path, readable=False), help="For wger: its exerciseinfo, for the names."
)
@click.option("--language", metavar="CODE", help='The language of its texts, such as "de"; else English.')
@force_option
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
@click.option("--days", help="For ics: days of the week, mo to su; else mo,we,fr.")
@click.option("--at", default="08:00", show_default=True, metavar="HH:MM", help="For ics: the time of day.")
@click.option("--start", metavar="DATE", help="For ics: the first day on which it may be; else today.")
@click.option("--weeks", type=click.IntRange(1, 104), help="For ics: for how many weeks; else six.")
@click.option("--remind", type=click.IntRange(0, 1440), metavar="MINUTES", help="For ics: a reminder before it.")
@force_option
@click.pass_obj
def convert(
    grip: Grip,
    routine: str,
    kind: str,
    output: Path | None,
    days: str | None,
    at: str,
    start: str | None,
    weeks: int | None,
    remind: int | None,
    force: bool,
) -> None:
    """Give a routine away: to a watch, a calendar, or on paper.

    ROUTINE is a name from `voicecoach list` or the path of a file. Of a programme the days go into a calendar, each on
    its date.
    """
    now = datetime.now().astimezone()
    loaded = grip.load()
    if (whole := opened(routine, loaded)) is not None:
        if kind != "ics":
            mend = f"--to ics puts its days into a calendar; for {kind} name one of its routines"
            raise Trouble(f"{routine} is a programme", mend=f"{mend}: {', '.join(whole.programme.routines)}")
        if days is not None or weeks is not None:
            option = "--days" if days is not None else "--weeks"
            raise click.BadParameter("the days and weeks are the programme's own", param_hint=option)
        given = _programme(whole, loaded, Days(_time(at), _day(start, now), remind), now)
        _hand_over(output or Path(f"{whole.programme.slug}.ics"), given, force=force)
        return
    made = plan(routine, loaded)
    exporter = OURS[kind](now) if kind in OURS else open_exporter(kind)
    if isinstance(exporter, Calendar):
        on = _days("mo,we,fr" if days is None else days)
        exporter = replace(exporter, schedule=Schedule(on, _time(at), _day(start, now), weeks or 6, remind))
    given = _given(exporter, made) if kind in OURS else _by_plugin(kind, made)
    _hand_over(output or Path(f"{made.routine.slug}{exporter.suffix}"), given, force=force)


def _programme(whole: Opened, loaded: Loaded, days: Days, now: datetime) -> Exported:
    files = {day: routine_of(whole.path, day, whole.places) for day in whole.programme.routines}
    plans = {day: plan_file(file, whole.places, loaded) for day, file in files.items()}
    return as_programme(whole.programme, days, {day: (one.routine, one.seconds) for day, one in plans.items()}, now)


def _hand_over(target: Path, given: Exported, *, force: bool) -> None:
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
