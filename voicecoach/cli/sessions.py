"""``run`` and ``rehearse``: play a routine, for real or on a virtual clock.

Rule: the options here are a contract with scripts (docs/commands.md); they change only with a new major version.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing, suppress
from pathlib import Path

import click
from rich.markup import escape

from voicecoach.cli.common import (
    CANNOT_GO_ON,
    Grip,
    SayType,
    Trouble,
    console,
    folders,
    plan,
    plan_file,
    reason_of,
)
from voicecoach.cli.history import today
from voicecoach.cli.kept import announced, asked_for, fitted, keeping, planned, tell
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
from voicecoach.cli.programmes import chosen, not_today
from voicecoach.coming import Opened, coming, opened
from voicecoach.config import Loaded
from voicecoach.core.person import Room
from voicecoach.core.programme import Due
from voicecoach.drive import Arrival, LiveDrive
from voicecoach.hearing.keys import KeyboardEar, legend
from voicecoach.host import CannotGoOnError, Host
from voicecoach.journal.keeper import CutOff, Keeper
from voicecoach.loading.python import PROGRAM
from voicecoach.loading.source import RoutineError
from voicecoach.plan import Plan
from voicecoach.ports import PortError
from voicecoach.record import EventFile, Listener, record
from voicecoach.rehearsal import Scripted, records_of
from voicecoach.rehearsal import rehearse as rehearse_program
from voicecoach.remote.remotes import Remotes
from voicecoach.repertoire import repertoire
from voicecoach.rig import Rig, build_rig
from voicecoach.screen import Screen, Transcript, clock, show_keys, show_shortfalls
from voicecoach.turns import Turns, plan_of

_SAY = click.option(
    "--say",
    "said",
    type=SayType(),
    multiple=True,
    help="Give a command at a moment, such as pause@12.5. May be repeated.",
)


@click.command()
@click.argument("routine", required=False)
@playing_options
@_SAY
@click.option("--resume", is_flag=True, help="Go on with the last session (of ROUTINE, if given) that was cut off.")
@click.option("--day", metavar="WEEK.DAY", help="Of a programme, play this day, and go on from there.")
@click.pass_obj
def run(
    grip: Grip,
    routine: str | None,
    mic: str | None,
    speaker: str | None,
    ear: str | None,
    voice: str | None,
    events: Path | None,
    said: tuple[Scripted, ...],
    resume: bool,
    day: str | None,
) -> None:
    """Play a routine, by its name or by the path of a file.

    Of a programme, today's session is played; where there is none today, it says when the next one comes.

    `voicecoach list` tells the names. With files for --mic and --speaker the session runs as fast as the machine can,
    with real speech and real hearing, and gives the same events every time.

    A session that was cut off (a power cut, Ctrl-C) is kept. The next one of its routine begins by asking whether to go
    on with it, if anybody can be heard; --resume goes on without asking, and counts --say from there.

    Ends with 0 when the session was finished or ended by the person, 2 when something was given wrongly, 3 when it
    cannot go on (it waits for a word that can no longer come).
    """
    if routine is None and not resume:
        raise click.MissingParameter(param_hint="'ROUTINE'", param_type="argument")
    loaded = grip.load(sound__microphone=mic, sound__speaker=speaker, hearing__ear=ear, voice__name=voice)
    keep_apart(loaded, routine, events)
    wanted = _Wanted(routine, resume=resume, day=day)
    wanted.check(loaded)
    screen = console(err=str(events) == "-")
    with terminable(), keeping(loaded, screen) as keeper:
        if (found := wanted.find(keeper, loaded, screen)) is None:
            return
        made, cut = found
        env, spoken_by = dict(os.environ), made.routine.voice
        rig = build_rig(loaded, made.language, folders(), env=env, stdin=sys.stdin, voice_of_routine=spoken_by)
        log: EventFile | None = None
        try:
            with closing(rig):
                log = event_file(events)
                with closing(remotes_of(loaded, rig, screen)) as remotes, only_one(rig) as others:
                    show_shortfalls(screen, [*shortfalls_of(rig, remotes), *others])
                    turns = Turns(keeper, made, rig, cut, asked=resume, attended=remotes.attended)
                    screen.show(f"[bold]{escape(made.routine.title)}[/], {announced(turns, made, asked=resume)}")
                    _play(turns, rig, remotes, screen, log, said)
        except (PortError, CannotGoOnError) as error:
            raise cannot_go_on(error) from None
        finally:
            if log:
                log.close()
    if log and log.failure and not isinstance(log.failure, BrokenPipeError):
        raise Trouble(f"{events}: the events are not complete: {reason_of(log.failure)}", code=CANNOT_GO_ON)
    if screen.failure:
        raise screen.failure


class _Wanted:
    """What a person wants to play: a routine, a day of a programme, or what was cut off."""

    def __init__(self, name: str | None, *, resume: bool, day: str | None) -> None:
        self._name, self._resume, self._day = name, resume, day
        self._weeks: Opened | None = None
        self._written: Plan | None = None

    def check(self, loaded: Loaded) -> None:
        """Read the file, before anything else is opened. Raises ``RoutineError`` and ``Trouble``.

        A routine written in Python is not run yet: it is told of its past sessions, so the journal comes first.
        """
        if self._name is not None:
            # A session that was cut off can be taken up without the file that it was played from.
            with suppress(*((RoutineError,) if self._resume else ())):
                self._weeks = opened(self._name, loaded)
        if self._day is not None and self._weeks is None:
            raise Trouble("--day is for programmes; a routine has no days", mend="voicecoach list")
        program = self._name is not None and Path(self._name).suffix == PROGRAM
        if self._name is not None and not self._resume and self._weeks is None and not program:
            self._written = plan(self._name, loaded)

    def find(self, keeper: Keeper, loaded: Loaded, screen: Screen) -> tuple[Plan, CutOff | None] | None:
        """Return what is played, and what was cut off; None where nothing is to be played today."""
        due = self._due(keeper)
        if self._resume:
            asked = asked_for(keeper, loaded, due.routine if due else self._name)
            return plan_of(asked, loaded), asked
        if due is not None and self._weeks is not None:
            if self._day is None and not_today(self._weeks, due, today(), screen):
                return None
            self._written = plan_file(self._weeks.routine(due), self._weeks.places, loaded)
        elif self._written is None:
            assert self._name is not None  # noqa: S101 - a name, or --resume, was given
            self._written = planned(self._name, loaded, keeper)
        show_shortfalls(screen, self._written.shortfalls)
        made = fitted(keeper, self._written, due)
        cut = keeper.cut_off_lately(made.routine.slug)
        tell(keeper, screen)
        return made, cut

    def _due(self, keeper: Keeper) -> Due | None:
        if self._weeks is None:
            return None
        return coming(keeper, self._weeks) if self._day is None else chosen(self._weeks, self._day)


def _play(
    turns: Turns, rig: Rig, remotes: Remotes, screen: Screen, log: EventFile | None, said: tuple[Scripted, ...]
) -> None:
    ready = prepare(rig, [text for made in turns.plans for text in repertoire(made.program, made.language)], screen)
    drive = rig.drive()
    if isinstance(drive, LiveDrive):
        remotes.attach(drive)
    if rig.keys and isinstance(drive, LiveDrive):
        phrases = turns.plans[0].language.phrases
        drive.listen_to(KeyboardEar(phrases, drive.put, lambda: drive.now, sys.stdin, screen.show))
        show_keys(screen, legend())
    now, deafened, left = 0.0, False, tuple[Arrival, ...]()
    try:
        for turn in turns:
            made = turn.plan
            remotes.playing(made.routine.slug, hears=rig.ear is not None and not deafened)
            listeners: list[Listener] = [Transcript(screen, made.names), remotes, *([log] if log else [])]
            host = Host(
                turn.session,
                made.language,
                rig.mixer,
                drive,
                ready=ready,
                listeners=listeners,
                say=said,
                journal=turn.journal,
                kept=turn.kept,
                opening=turn.opening,
                standing=turn.standing,
                deafened=deafened,
                arrived=left,
            )
            try:
                host.run()
            except KeyboardInterrupt:
                host.interrupt()
                screen.show("[dim]Ended.[/]")
                raise
            finally:
                now, said, deafened, left = host.now, host.unsaid, host.deafened, host.left
    except (PortError, CannotGoOnError):
        if log:
            log(record(now, "end", reason="cannot go on"))
        raise
    finally:
        drive.close()


@click.command()
@click.argument("routine")
@_SAY
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as `run --events` writes them.")
@click.pass_obj
def rehearse(grip: Grip, routine: str, said: tuple[Scripted, ...], as_json: bool) -> None:
    """Print a session as a transcript, at once and without a device.

    The clock is virtual: what takes a quarter of an hour is printed in milliseconds. Nobody is heard but --say.

    \b
    voicecoach rehearse lumbar-stabilisation
    voicecoach rehearse first-steps --say pause@20 --say resume@30
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    made = plan(routine, grip.load())
    screen = console()
    show_shortfalls(console(err=True), made.shortfalls)
    log = EventFile(sys.stdout) if as_json else None
    show: Listener = log or Transcript(screen, made.names)
    end = 0.0
    over = False
    moments = rehearse_program(made.program, made.speaking, said, room=Room(attended=False))
    for at, entry in records_of(moments, made.language.say):
        show(entry)
        end, over = at, entry["event"] == "end"
    if failure := (log.failure if log else screen.failure):
        raise failure
    if not over:
        raise Trouble(
            f"at {clock(end)} the session waits for a word, and no --say gives one",
            mend=f"add --say resume@{round(end) + 1}",
            code=CANNOT_GO_ON,
        )
