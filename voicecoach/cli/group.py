"""What every command needs: to be found, the configuration, and one way to fail.

Rule 1: the only place that turns an error of ours into words on the terminal and an exit code.
Rule 2: it is quick. Nothing is loaded before it is known to be needed: not the commands for a list of them, not numbers
and models for a word to a coach that runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voicecoach.complaints import Complaint, name_in_words, suggest
from voicecoach.encoding import take_any_encoding

if TYPE_CHECKING:
    from voicecoach.config import Loaded

WRONG_INPUT, CANNOT_GO_ON = 2, 3


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
        except KeyboardInterrupt:
            click.echo("", err=True)
            raise click.exceptions.Exit(130) from None
        except BrokenPipeError:
            _close_output()  # whoever read it has heard enough
            raise click.exceptions.Exit(0) from None
        except OSError as error:
            _close_output()
            raise Trouble(f"cannot go on: {reason_of(error)}", code=CANNOT_GO_ON) from None
        except Exception as error:
            if (trouble := _in_words(error)) is None:
                raise
            raise trouble from None

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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what there is, without loading any of it."""
        if not isinstance(self.commands, Late):
            super().format_commands(ctx, formatter)
            return
        width = formatter.width - 6 - max(map(len, self.commands))
        summaries = self.commands.summaries
        rows = [(name, click.Command(name, help=text).get_short_help_str(width)) for name, text in summaries.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Late(MutableMapping[str, click.Command]):
    """Commands that are loaded when they are asked for: most of the program is needed by few of them.

    ``places`` says for each name in which module of ``voicecoach.cli`` it is, and the first sentence of its help.
    """

    def __init__(self, places: Mapping[str, tuple[str, str]]) -> None:
        self._places = dict(places)
        self._loaded: dict[str, click.Command] = {}

    @property
    def summaries(self) -> dict[str, str]:
        """The first sentence of each command's help."""
        return {name: sentence for name, (_, sentence) in self._places.items()}

    def __getitem__(self, name: str) -> click.Command:
        """Return a command. Raises ``KeyError``."""
        if name not in self._loaded:
            module, _ = self._places[name]
            loaded = vars(import_module(f"voicecoach.cli.{module}")).values()
            self._loaded[name] = next(one for one in loaded if isinstance(one, click.Command) and one.name == name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add a command that is loaded already."""
        self._places[name] = ("", command.get_short_help_str(1000))
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Take a command away. Raises ``KeyError``."""
        del self._places[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the commands."""
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is one, without loading it."""
        return name in self._places


@dataclass(frozen=True, slots=True)
class Grip:
    """What ``main`` hands to its commands."""

    config_file: Path | None

    def load(self, **options: Any) -> Loaded:
        """Read the configuration; ``options`` by ``section__key``. Raises ``ConfigError``."""
        from voicecoach.config import load_config

        given = {name.replace("__", "."): value for name, value in options.items()}
        return load_config(file=self.config_file, env=os.environ, options=given)


def reason_of(error: OSError) -> str:
    """Return what the system has against it: ``out.jsonl: no space left on device``."""
    reason = (error.strerror or str(error)).lower()
    return f"{error.filename}: {reason}" if error.filename else reason


def _close_output() -> None:
    """Send what is still to be written nowhere, or Python would complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _in_words(error: Exception) -> Trouble | None:
    """Return what a person is told of an error of ours; None for any other."""
    if isinstance(error, Complaint):
        more = f"and {len(error.others)} more; all of them: voicecoach check {name_in_words(error.file)}"
        return Trouble("\n".join((error.shown, *((more,) if error.others else ()))))
    from voicecoach.language import LanguageError
    from voicecoach.ports import PortError

    if isinstance(error, LanguageError):
        return Trouble(str(error))
    if isinstance(error, PortError):
        from voicecoach.rig import MissingError
        from voicecoach.shipped import ShippedError

        missing = isinstance(error, MissingError | ShippedError)
        return Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON if missing else WRONG_INPUT)
    return None
