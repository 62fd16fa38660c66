"""What most commands need: the library, a plan, the terminal, and options that several of them have.

Rule: it loads nearly the whole program. What every command needs, and what needs to be quick, is in ``group``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from voicecoach.cli.group import CANNOT_GO_ON as CANNOT_GO_ON  # noqa: PLC0414 - asked for here by the commands
from voicecoach.cli.group import WRONG_INPUT as WRONG_INPUT  # noqa: PLC0414
from voicecoach.cli.group import Grip as Grip  # noqa: PLC0414
from voicecoach.cli.group import Trouble as Trouble  # noqa: PLC0414
from voicecoach.cli.group import reason_of as reason_of  # noqa: PLC0414
from voicecoach.config import Loaded
from voicecoach.core.events import Command
from voicecoach.language import load_language
from voicecoach.loading.programmes import refuse_programme
from voicecoach.loading.python import PROGRAM, load_python
from voicecoach.past import History
from voicecoach.plan import Plan, library, planned
from voicecoach.plan import plan_file as plan_file  # noqa: PLC0414 - asked for here by the commands
from voicecoach.plugins import plugin_names
from voicecoach.ports import Folders
from voicecoach.rehearsal import Scripted, ScriptError, read_scripted
from voicecoach.screen import Screen

_NARROWEST = 40
"""Columns: a terminal that is narrower, or says that it has none, breaks the lines itself."""


def folders() -> Folders:
    """Return where this person's data and cache are."""
    return Folders(platformdirs.user_data_path("voicecoach"), platformdirs.user_cache_path("voicecoach"))


def console(*, err: bool = False) -> Screen:
    """Return the terminal; plain text where there is none."""
    screen = Screen(stderr=err, highlight=False)
    screen.width = max(screen.width, _NARROWEST)
    return screen


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
