"""What every command needs: the configuration, the library, and one way to fail.

Rule: the only place that turns an error of ours into words on the terminal and an exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from voicecoach.complaints import Complaint, name_in_words, suggest
from voicecoach.config import Loaded, load_config
from voicecoach.core.events import Command
from voicecoach.language import LanguageError, load_language
from voicecoach.loading.programmes import refuse_programme
from voicecoach.loading.python import PROGRAM, load_python
from voicecoach.past import History
from voicecoach.plan import Plan, library, planned
from voicecoach.plan import plan_file as plan_file  # noqa: PLC0414 - asked for here by the commands
from voicecoach.plugins import plugin_names
from voicecoach.ports import Folders, PortError
from voicecoach.rehearsal import Scripted, ScriptError, read_scripted
from voicecoach.rig import MissingError
from voicecoach.screen import Screen, take_any_encoding
from voicecoach.shipped import ShippedError

WRONG_INPUT, CANNOT_GO_ON = 2, 3

_NARROWEST = 40
"""Columns: a terminal that is narrower, or says that it has none, breaks the lines itself."""


class Trouble(click.ClickException):
    """One message, what mends it, and an exit code."""

    def __init__(self, message: str, *, mend: str = "", code: int = WRONG_INPUT) -> None:
        super().__init__(message)
        self.mend = mend
        self._code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click has a variable here
        """``WRONG_INPUT`` or ``CANNOT_GO_ON``."""
        return self._code

    def show(self, file: Any = None) -> None:
        """Print it to standard error."""
        click.echo(f"Error: {self.message}", file=file, err=True)
        if self.mend:
            click.echo(f"To mend it: {self.mend}", file=file, err=True)


class Group(click.Group):
    """A group whose commands fail in words, and which knows what was meant."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program, whatever its output can take."""
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            if getattr(sys, name) is None:  # a service may be started without, and files must not take their place
                setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
        take_any_encoding(sys.stdout, sys.stderr)
        try:
            return super().main(*args, **kwargs)
        except OSError as error:  # not even the help can be written
            _close_output()
            with suppress(OSError):
                click.echo(f"Error: cannot go on: {reason_of(error)}", err=True)
            sys.exit(CANNOT_GO_ON)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn our own errors into a message."""
        try:
            return super().invoke(ctx)
        except Complaint as error:
            more = f"and {len(error.others)} more; all of them: voicecoach check {name_in_words(error.file)}"
            raise Trouble("\n".join((error.shown, *((more,) if error.others else ())))) from None
        except LanguageError as error:
            raise Trouble(str(error)) from None
        except PortError as error:
            missing = isinstance(error, MissingError | ShippedError)
            raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON if missing else WRONG_INPUT) from None
        except KeyboardInterrupt:
            click.echo("", err=True)
            raise click.exceptions.Exit(130) from None
        except BrokenPipeError:
            _close_output()  # whoever read it has heard enough
            raise click.exceptions.Exit(0) from None
        except OSError as error:
            _close_output()
            raise Trouble(f"cannot go on: {reason_of(error)}", code=CANNOT_GO_ON) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; suggest one where the name is wrong."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            names = ", ".join(self.list_commands(ctx))
            hint = suggest(args[0], self.list_commands(ctx))
            raise click.UsageError(f"there is no command {args[0]!r}{hint}\nCommands: {names}", ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        """List the commands in the order in which a person needs them."""
        return list(self.commands)


@dataclass(frozen=True, slots=True)
class Grip:
    """What ``main`` hands to its commands."""

    config_file: Path | None

    def load(self, **options: Any) -> Loaded:
        """Read the configuration; ``options`` by ``section__key``. Raises ``ConfigError``."""
        given = {name.replace("__", "."): value for name, value in options.items()}
        return load_config(file=self.config_file, env=os.environ, options=given)


def folders() -> Folders:
    """Return where this person's data and cache are."""
    return Folders(platformdirs.user_data_path("voicecoach"), platformdirs.user_cache_path("voicecoach"))


def console(*, err: bool = False) -> Screen:
    """Return the terminal; plain text where there is none."""
    screen = Screen(stderr=err, highlight=False)
    screen.width = max(screen.width, _NARROWEST)
    return screen


def reason_of(error: OSError) -> str:
    """Return what the system has against it: ``out.jsonl: no space left on device``."""
    reason = (error.strerror or str(error)).lower()
    return f"{error.filename}: {reason}" if error.filename else reason


def _close_output() -> None:
    """Send what is still to be written nowhere, or Python would complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def plan(name: str, loaded: Loaded, past: Callable[[], History] | None = None) -> Plan:
    """Load and compile a routine that a person named, by name or path. Raises ``RoutineError``.

    ``past`` gives the history that a routine written in Python is told; without it, it has none.
    """
    places = library(loaded)
    path = places.find(name)
    refuse_programme(path, name, places)
    return plan_given(path, loaded, past)


def plan_given(path: Path, loaded: Loaded, past: Callable[[], History] | None = None) -> Plan:
    """Do as ``plan``, for the file that a person named. Raises ``RoutineError``."""
    places = library(loaded)
    if path.suffix != PROGRAM:
        return plan_file(path, places, loaded)
    known = past() if past else History(datetime.now().astimezone().date())
    return planned(path, load_python(path, places, known), loaded)


if TYPE_CHECKING:
    _ChoiceType = click.Choice[str]
    _ScriptedType = click.ParamType[Scripted]
else:
    _ChoiceType = click.Choice
    _ScriptedType = click.ParamType  # generic since click 8.4 only


class PluginType(_ChoiceType):
    """One of the words, or a name that another package declares in a group of plug-ins."""

    def __init__(self, words: Iterable[str], group: str) -> None:
        super().__init__(tuple(words))
        self._group = group

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the option; other packages are asked only where none of the words was given."""
        if value in self.choices or value not in plugin_names(self._group):
            return super().convert(value, param, ctx)
        return value


class SayType(_ScriptedType):
    """``CMD@SECONDS``: a command given at a moment of session time."""

    name = "CMD@SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Scripted:
        """Read one ``--say``."""
        if isinstance(value, Scripted):
            return value
        try:
            return read_scripted(value, _phrases_of_the_sessions(ctx))
        except ScriptError as error:
            self.fail(str(error), param, ctx)


def _phrases_of_the_sessions(ctx: click.Context | None) -> Mapping[str, Command]:
    """Return what may be said in the language of this person's sessions; it comes before English."""
    grip = ctx.obj if ctx is not None else None
    return load_language(grip.load().config.session.language).phrases if isinstance(grip, Grip) else {}
