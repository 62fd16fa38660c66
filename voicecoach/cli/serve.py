"""``serve``: the coach as an appliance. It waits to be called, plays a session, and waits again.

Rule: the options here are a contract with scripts (docs/commands.md); they change only with a new major version.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from voicecoach.appliance.clock import clock_from, real_clock, set_ahead
from voicecoach.appliance.names import callable_by_name, talk_of
from voicecoach.appliance.notify import Doing, Notifier, Pulse
from voicecoach.appliance.offered import menu_of, offered
from voicecoach.appliance.serving import Outside, Serving
from voicecoach.cli.common import CANNOT_GO_ON, Grip, Trouble, console, folders, reason_of
from voicecoach.cli.kept import keeping
from voicecoach.cli.players import (
    cannot_go_on,
    event_file,
    keep_apart,
    only_one,
    playing_options,
    prepare,
    remotes_of,
    shortfalls_of,
    terminable,
)
from voicecoach.config import Loaded
from voicecoach.core.events import IDLE, Command
from voicecoach.core.menu import Menu, Offer
from voicecoach.drive import Drive, LiveDrive
from voicecoach.hearing.keys import KeyboardEar, legend
from voicecoach.host import CannotGoOnError
from voicecoach.language import Language, load_language
from voicecoach.plan import library
from voicecoach.ports import PortError, Shortfall, StandbyEar
from voicecoach.record import EventFile, Listener
from voicecoach.rehearsal import Scripted, ScriptError, read_scripted
from voicecoach.remote.remotes import Remotes
from voicecoach.rig import Rig, build_rig
from voicecoach.screen import Screen, Transcript, show_keys, show_shortfalls


@click.command()
@playing_options
@click.option(
    "--say",
    "said",
    metavar="CMD@SECONDS",
    multiple=True,
    help='Give a command at a moment, such as "start first steps@5". May be repeated.',
)
@click.option(
    "--clock",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATETIME",
    help="Where the loudspeaker is a file: what the clock shows at the beginning.",
)
@click.pass_obj
def serve(
    grip: Grip,
    mic: str | None,
    speaker: str | None,
    ear: str | None,
    voice: str | None,
    events: Path | None,
    said: tuple[str, ...],
    clock: datetime | None,
) -> None:
    """Wait to be called, and play what is asked for, again and again.

    \b
    Say:  coach, start first steps        or  coach, start number two
          coach, what routines are there
          coach, resume

    It asks by itself where a timetable says so ([serve] of the configuration). With files for --mic and --speaker a
    whole day runs as fast as the machine can, and ends with the recording.

    Ends with 0 when the recording has ended, 2 when something was given wrongly, 3 when it cannot go on, 130 when it
    was ended from outside (Ctrl-C, or systemd). As a service it is not started again behind a 2.
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    loaded = grip.load(sound__microphone=mic, sound__speaker=speaker, hearing__ear=ear, voice__name=voice)
    keep_apart(loaded, None, events)
    screen = console(err=str(events) == "-")
    language = load_language(loaded.config.session.language)
    offers, shortfalls = offered(loaded, language)
    show_shortfalls(screen, shortfalls)
    menu = menu_of(loaded, language, offers)
    _check_names(loaded, menu)
    talk = talk_of(offers, language, menu.address)
    typed = {**{command.value: command for command in IDLE}, **talk.phrases}
    script = _script(said, typed)
    notifier = Notifier.of(os.environ)
    with terminable():
        # Where it is a service: whoever started it starts it again, with a loudspeaker by then.
        env, aloud = dict(os.environ), notifier.listens
        try:
            rig = build_rig(loaded, language, folders(), env=env, stdin=sys.stdin, standby=talk, aloud=aloud)
        except PortError as error:
            if not aloud:
                raise
            raise cannot_go_on(error) from None  # a device that was named may be there the next time
        log: EventFile | None = None
        try:
            with closing(rig):
                if clock is not None and rig.speaker.live:
                    raise Trouble("--clock is for a loudspeaker that is a file", mend="leave it out")
                log = event_file(events)
                with closing(remotes_of(loaded, rig, screen)) as remotes, only_one(rig) as others:
                    show_shortfalls(screen, [*shortfalls_of(rig, remotes), *others])
                    _show_numbers(screen, rig, offers, language)
                    outside = _outside(loaded, rig, screen, log, script, clock, notifier, remotes)
                    serving = Serving(loaded, language, rig, menu, outside)
                    if isinstance(serving.drive, LiveDrive):
                        remotes.attach(serving.drive)
                    _listen_to_keys(rig, serving.drive, typed, screen)
                    serving.run()
        except (PortError, CannotGoOnError) as error:
            raise cannot_go_on(error) from None
        finally:
            notifier.stopping()
            if log:
                log.close()
    if log and log.failure and not isinstance(log.failure, BrokenPipeError):
        raise Trouble(f"{events}: the events are not complete: {reason_of(log.failure)}", code=CANNOT_GO_ON)


def _listen_to_keys(rig: Rig, drive: Drive, phrases: Mapping[str, Command], screen: Screen) -> None:
    if rig.keys and isinstance(drive, LiveDrive):
        drive.listen_to(KeyboardEar(phrases, drive.put, lambda: drive.now, sys.stdin, screen.show))
        show_keys(screen, legend())


def _outside(
    loaded: Loaded,
    rig: Rig,
    screen: Screen,
    log: EventFile | None,
    said: tuple[Scripted, ...],
    clock: datetime | None,
    notifier: Notifier,
    remotes: Remotes,
) -> Outside:
    pulse, doing = Pulse(notifier), Doing(notifier)

    def listeners(names: Mapping[str, str]) -> list[Listener]:
        return [Transcript(screen, names), doing, remotes, *((log,) if log else ())]

    return Outside(
        keeping=partial(keeping, loaded, screen),
        prepare=lambda texts: prepare(rig, texts, screen, lambda: pulse.beat(rig.mixer.position / rig.speaker.rate)),
        listeners=listeners,
        tell=lambda shortfalls: show_shortfalls(screen, shortfalls),
        wall=real_clock if rig.speaker.live else clock_from(clock or datetime.now()),  # noqa: DTZ005 - as shown here
        ahead=set_ahead if rig.speaker.live else lambda: 0.0,
        ready=notifier.ready,
        alive=pulse.beat,
        playing=lambda routine: remotes.playing(routine, hears=rig.ear is not None),
        attended=remotes.attended,
        restarted=notifier.listens,
        say=said,
    )


def _check_names(loaded: Loaded, menu: Menu) -> None:
    """Refuse a name in [serve] that nothing has."""
    places = library(loaded)
    known = places.routines() | places.programmes()
    for key, slug in (("routine", menu.default), *(("timetable", slot.routine) for slot in menu.slots)):
        if slug and slug not in known:
            origin = loaded.origins[f"serve.{key}"]
            raise Trouble(f"{origin}: [serve] {key}: there is no routine {slug!r}", mend="voicecoach list")


def _script(said: tuple[str, ...], phrases: Mapping[str, Command]) -> tuple[Scripted, ...]:
    try:
        return tuple(read_scripted(text, phrases) for text in said)
    except ScriptError as error:
        raise click.BadParameter(str(error), param_hint="'--say'") from None


def _show_numbers(screen: Screen, rig: Rig, offers: tuple[Offer, ...], language: Language) -> None:
    """Say which names the ear does not know, and what to say instead."""
    ear = rig.ear
    if not isinstance(ear, StandbyEar):
        return
    start = language.phrases_of(Command.START)[0]
    for offer in offers:
        if not callable_by_name(offer, language, ear.unheard):
            spelt = language.numbers[offer.number] if offer.number < len(language.numbers) else None
            instead = (
                f'say "{start} {language.number} {spelt}" instead' if spelt else "it has no number to be called by"
            )
            what = f"The speech model does not know the words of {offer.title}: {instead}."
            show_shortfalls(screen, [Shortfall(what)])
