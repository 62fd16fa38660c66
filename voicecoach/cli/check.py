"""``check``: what is wrong with a file, where, and what could be easier to follow."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from voicecoach.cli.common import WRONG_INPUT, plan_given
from voicecoach.cli.history import today
from voicecoach.complaints import name_in_words, suggest
from voicecoach.config import Loaded
from voicecoach.core.dose_words import dose_in_words, minutes_in_words
from voicecoach.language import Language, LanguageError, load_language
from voicecoach.lint.finding import VERSION, Finding, Severity, errors
from voicecoach.lint.look import look_at_exercise, look_at_routine, look_at_translation
from voicecoach.lint.rules import RULES
from voicecoach.lint.translated import gaps
from voicecoach.lint.whole import about_review
from voicecoach.loading.exercises import Shelf, read_exercise
from voicecoach.loading.library import Library, translated
from voicecoach.loading.programmes import is_programme, load_programme, routine_of
from voicecoach.loading.python import PROGRAM
from voicecoach.loading.routines import Reading, load_routine, read_routine
from voicecoach.loading.source import RoutineError, Source
from voicecoach.loading.translations import language_of
from voicecoach.plan import Plan, library, plan_routine
from voicecoach.toml_lines import all_on

WARNED = 1
"""The exit code of ``--strict``."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say about one file."""

    file: str
    """As it was named."""
    about: str
    """What the file holds; nothing where it is wrong."""
    findings: list[Finding]
    plan: Plan | None = None
    """Of a routine that is right."""

    @property
    def right(self) -> bool:
        """Whether it can be played."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def _explain(context: click.Context, _: click.Parameter, code: str | None) -> None:
    if code is None:
        return
    rule = RULES.get(code.upper())
    if rule is None:
        raise click.BadParameter(f"there is no warning {code!r}{suggest(code, RULES)}; there are: {', '.join(RULES)}")
    click.echo(f"{rule.code}: {rule.about}.\n{rule.why}\n")
    click.echo(f'To silence it, with a reason:\n\n[lint]\nignore = {{ {rule.code} = "why this may stay" }}')
    context.exit()


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--strict", is_flag=True, help="End with 1 where there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, for editors.")
@click.option(
    "--explain", metavar="CODE", is_eager=True, expose_value=False, callback=_explain, help="Say what a warning means."
)
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    """Check routine and exercise files: what is wrong, and where.

    Of a routine that `voicecoach list` shows the name is enough. What lies in a folder called "exercises" is an
    exercise of the library; with a programme the routines of its days are checked too. Ends with 2 if a file cannot be
    played.
    """
    loaded = context.obj.load()
    places = library(loaded)
    checked = [check_file(path, places, loaded, today()) for path in files]
    if as_json:
        click.echo(json.dumps(record(checked), ensure_ascii=False, indent=2))
    else:
        for one in checked:
            _print(one)
    if not all(one.right for one in checked):
        context.exit(WRONG_INPUT)
    if strict and any(one.findings for one in checked):
        context.exit(WARNED)


def check_file(path: Path, places: Library, loaded: Loaded, day: date | None = None) -> Checked:
    """Look at one file, whatever is there, as on ``day``; None: on no day in particular."""
    name = str(path)
    try:
        file = path if os.path.exists(path) else places.find(name)  # noqa: PTH110 - exists raises where we may not go
        if (of := translated(file)) is not None:
            return _check_translation(name, file, *of, places)
        if file.absolute().parent.name == "exercises":
            around = Library((file.absolute().parent.parent, *places.folders))
            one = read_exercise(file, around)
            found = f"{one.exercise.name}, {dose_in_words(one.exercise.dose, one.exercise)}"
            besides = gaps(one.source, lambda code: Shelf(around, code, strict=True).take(file.stem))
            return Checked(name, found, look_at_exercise(one, _spoken_in(one.source), besides))
        if file.suffix == PROGRAM:
            made = plan_given(file, loaded)
            found_here = list(about_review(Source(file, {}, all_on(1)), made.routine, day)) if day else []
            return Checked(name, _about(made), found_here, made)
        if is_programme(file):
            return _check_programme(name, file, places, loaded)
        reading, made = _read(file, places, loaded)
        besides = gaps(reading.source, lambda code: load_routine(file, places, code))
        return Checked(name, _about(made), look_at_routine(reading, made.language, made.seconds, day, besides), made)
    except RoutineError as error:
        return Checked(name, "", list(errors(error)))


def _spoken_in(source: Source) -> Language:
    """Return the language of an exercise's texts; English where it is in one that nobody here can speak yet."""
    with suppress(LanguageError):
        return load_language(language_of(source))
    return load_language()


def _about(made: Plan) -> str:
    exercises = len(made.routine.exercises)
    return f"{exercises} exercise{'s' * (exercises != 1)}, about {minutes_in_words(made.seconds)}"


def _check_translation(name: str, translation: Path, file: Path, code: str, places: Library) -> Checked:
    """Read a file in the language that its neighbour gives it, and look at the neighbour. Raises ``RoutineError``."""
    if file.absolute().parent.name == "exercises":
        Shelf(Library((file.absolute().parent.parent, *places.folders)), code, strict=True).take(file.stem)
    else:
        load_routine(file, places, code)
    found: list[Finding] = []
    with suppress(LanguageError):  # there may be texts in a language that nobody here can speak yet
        found = look_at_translation(Source.read(translation), (), load_language(code))
    return Checked(name, f"{file.name} in the language {code}", found)


def _check_programme(name: str, file: Path, places: Library, loaded: Loaded) -> Checked:
    """Look at a programme and at the routines of its days. Raises ``RoutineError`` where the programme is wrong.

    Of the routines what is wrong is told, and no warnings: they are files of their own.
    """
    programme = load_programme(file, places)
    found: list[Finding] = []
    for day in programme.routines:
        try:
            _read(routine_of(file, day, places), places, loaded)
        except RoutineError as error:
            told = {str(one.complaint) for one in found}  # two days may share an exercise
            found += (one for one in errors(error) if str(one.complaint) not in told)
    length = sum(week.repeat for week in programme.weeks)
    about = "" if found else f"{length} week{'s' * (length != 1)} of {', '.join(programme.routines)}"
    return Checked(name, about, found)


def _read(file: Path, places: Library, loaded: Loaded) -> tuple[Reading, Plan]:
    """Read a routine, and make it ready to play. Raises ``RoutineError``."""
    reading = read_routine(file, places)
    try:
        return reading, plan_routine(reading.routine, loaded)
    except LanguageError as error:
        reading.source.fail(("language",), str(error), reading.routine.language)


def record(checked: list[Checked]) -> dict[str, Any]:
    """Return what `--json` prints; docs/checking.md describes it."""
    return {
        "version": VERSION,
        "files": [{"file": one.file, "right": one.right, "about": one.about or None} for one in checked],
        "findings": [finding.record() for one in checked for finding in one.findings],
    }


def _print(one: Checked) -> None:
    for finding in one.findings:
        click.echo(finding.shown, err=True)
    if one.right:
        warnings = len(one.findings)
        besides = f"; {warnings} warning{'s' * (warnings != 1)}" if warnings else ""
        click.echo(f"{name_in_words(one.file)}: right: {one.about}{besides}")
