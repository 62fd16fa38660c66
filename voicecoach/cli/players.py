"""What ``run`` and ``serve`` share: their options, what they open besides a rig, and how they fail.

Rule: nothing here plays. The options are a contract with scripts (docs/commands.md); they change only with a new major
version.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from voicecoach.audio.open import is_recorded, room_of
from voicecoach.cli.common import CANNOT_GO_ON, PluginType, Trouble, reason_of
from voicecoach.config import EARS, Loaded
from voicecoach.host import CannotGoOnError
from voicecoach.only_one import alone
from voicecoach.plan import library, names_of
from voicecoach.plugins import EARS as PLUGIN_EARS
from voicecoach.ports import PortError, Shortfall
from voicecoach.record import EventFile
from voicecoach.remote.remotes import Remotes, open_remotes
from voicecoach.rig import NO_KEYS, Rig
from voicecoach.screen import Screen, show_shortfalls
from voicecoach.speech.packed import Prepared

_OPTIONS = (
    click.option(
        "--mic",
        metavar="DEVICE|FILE.wav|room:PLAN.toml",
        help="The microphone, a recording in its place, a simulated room, or none.",
    ),
    click.option("--speaker", metavar="DEVICE|FILE.wav", help="The loudspeaker, a file in its place, or none."),
    click.option("--ear", type=PluginType(EARS, PLUGIN_EARS), help="Who listens; or an ear of another package."),
    click.option("--voice", metavar="NAME", help="The voice that speaks, such as en-gb."),
    click.option(
        "--events",
        type=click.Path(path_type=Path, dir_okay=False, readable=False, allow_dash=True),
        metavar="FILE.jsonl",
        help='Write what happens, as JSON; "-" is standard output.',
    ),
)

_Function = TypeVar("_Function", bound=Callable[..., object])


def playing_options(command: _Function) -> _Function:
    """Give a command the options of what is played: with what, by whom it is heard, and what is written down."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_LEADS_ON = {
    "instruction": "ready",
    "work": "done",
    "confirm": "yes",
    "question": "yes",
    "pain": "end",
    "emergency": "end",
}


def cannot_go_on(error: PortError | CannotGoOnError) -> Trouble:
    """Return what a person is told where a session cannot go on."""
    if isinstance(error, PortError):
        return Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON)
    # What leads on from where it waits: at the beginning "ready", in open-ended work "done", in a freeze "resume".
    word = _LEADS_ON.get(str(error), "resume")
    return Trouble(
        f'the session waits for a word, such as "{word}", and nobody is left to say it',
        mend=error.mend or f"add --say {word}@SECONDS, or a longer recording",
        code=CANNOT_GO_ON,
    )


def remotes_of(loaded: Loaded, rig: Rig, screen: Screen) -> Remotes:
    """Open what reaches in from outside; what is played to a file is nobody's to steer."""
    if not rig.speaker.live:
        return Remotes()
    return open_remotes(loaded, names_of(loaded), lambda line: screen.show(f"[yellow]! {escape(line)}[/]"))


def only_one(rig: Rig) -> AbstractContextManager[list[Shortfall]]:
    """Give what there is to tell of another coach that speaks here; one that plays to a file disturbs nobody."""
    return alone() if rig.speaker.live else nullcontext([])


def shortfalls_of(rig: Rig, remotes: Remotes) -> list[Shortfall]:
    """Return what does not work, inside and out. A service needs no terminal where something else steers it."""
    found = list(rig.shortfalls)
    if NO_KEYS in found and (ways := remotes.ways):
        what = f"Nobody can be heard: the coach obeys only what comes from outside ({', '.join(ways)})."
        found[found.index(NO_KEYS)] = Shortfall(what, "connect a microphone, then: voicecoach doctor")
    return [*found, *remotes.shortfalls]


def keep_apart(loaded: Loaded, routine: str | None, events: Path | None) -> None:
    """Refuse to write over what is read, or two things into one file."""
    sound = loaded.config.sound
    files = {
        "the routine": None if routine is None else library(loaded).find(routine),
        "the microphone": room_of(sound.microphone)
        or (Path(sound.microphone) if is_recorded(sound.microphone) else None),
        "the loudspeaker": Path(sound.speaker) if sound.speaker.casefold().endswith(".wav") else None,
        "the events": events,
    }
    seen: dict[str, str] = {}
    for what, path in files.items():
        if path is not None:
            other = seen.setdefault(os.path.realpath(path), what)
            if other != what:
                raise Trouble(f"{path} would be {other} and {what}", mend="give each a file of its own")


@contextmanager
def terminable() -> Iterator[None]:
    """Let a service manager end a session as Ctrl-C does: silence first, devices freed, files whole."""

    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def prepare(rig: Rig, texts: list[str], screen: Screen, beat: Callable[[], None] = lambda: None) -> Prepared:
    """Render what is known beforehand, with a progress bar where it takes a while; ``beat`` is called at each line."""
    columns = (TextColumn("[dim]preparing the voice[/]"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("", total=len(texts))

        def go_on(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)
            beat()

        ready = rig.prepare(texts, go_on)
    if not rig.pressed and (lost := len(set(texts) - ready.keys())):
        what = f"The voice failed: {lost} of {len(texts)} lines could not be made ready. What it cannot say is shown."
        show_shortfalls(screen, [Shortfall(what, "voicecoach doctor")])
    return ready


def event_file(path: Path | None) -> EventFile | None:
    """Begin the file of events, if one is wanted. Raises ``Trouble``."""
    if path is None:
        return None
    try:
        return EventFile(sys.stdout if str(path) == "-" else path)
    except OSError as error:
        raise Trouble(
            f"the events cannot be written: {reason_of(error)}",
            mend="make the folder, or give --events a file in a folder of yours (- shows them)",
        ) from None
