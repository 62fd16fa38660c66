"""Sessions for Python programs: load a routine, rehearse it, play it.

Rule: what is played is what the command line plays, with the same configuration, journal and rules for pain; only the
terminal is left out. Nothing here reads the keyboard, prints, or installs a signal handler: those are the program's.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar, cast

import platformdirs

from voicecoach.authoring import Routine, authored
from voicecoach.complaints import suggest
from voicecoach.config import ConfigError, Loaded, keys, load_config
from voicecoach.core import routine as core
from voicecoach.core.events import Heard
from voicecoach.core.person import Room
from voicecoach.drive import Drive, LiveDrive
from voicecoach.exchange.give import OURS
from voicecoach.history.source import summarise
from voicecoach.host import CannotGoOnError, Host, StoppedError
from voicecoach.journal.keeper import Keeper
from voicecoach.loading.complete import complete
from voicecoach.loading.programmes import refuse_programme
from voicecoach.loading.python import PROGRAM, load_python
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError, Source, slugify
from voicecoach.past import History
from voicecoach.plan import Plan, library, plan_routine
from voicecoach.plugins import export_with
from voicecoach.ports import Audio, Ear, Exported, Folders, Given, Microphone, PortError, Shortfall, Speaker, Voice
from voicecoach.record import Record, record
from voicecoach.records import EventRecord
from voicecoach.rehearsal import Scripted, read_scripted, records_of
from voicecoach.rehearsal import rehearse as rehearse_program
from voicecoach.repertoire import repertoire
from voicecoach.rig import Rig, build_rig
from voicecoach.toml_lines import all_on
from voicecoach.turns import Turn, Turns, fitted, keeps, past

Settings: TypeAlias = Mapping[str, Any]
"""Of the configuration, by ``section.key`` as in config.toml: ``{"pace.rest": 10}``."""
Named: TypeAlias = core.Routine | str | os.PathLike[str]
"""A routine that is at hand, or its name or path as ``voicecoach run`` takes it."""
Listener: TypeAlias = Callable[[EventRecord], None]


def load(name: str | os.PathLike[str], *, history: History | None = None, settings: Settings | None = None) -> Routine:
    """Return a routine by its name, or by the path of a ``.toml`` or ``.py`` file. Raises ``RoutineError``.

    A ``.py`` file is run, and is told ``history``; without one, of no past session.
    """
    return authored(_load(name, _configured(settings), history))


def rehearse(
    routine: Named, say: Iterable[str | Scripted] = (), *, settings: Settings | None = None
) -> Iterator[EventRecord]:
    """Play a session on a virtual clock: no device, no voice, no thread, no waiting, nothing kept.

    ``say`` are commands at moments, such as ``"pause@12.5"``; nobody else is heard. The session is played as the
    records are taken. They end with an ``end``, or without one where the session would wait for ever. Raises
    ``RoutineError`` and ``ScriptError`` at once.
    """
    loaded = _configured(settings)
    made = plan_routine(_whole(routine, loaded), loaded)
    moments = rehearse_program(made.program, made.speaking, _scripted(say), room=Room(attended=False))
    return (cast("EventRecord", entry) for _, entry in records_of(moments, made.language.say))


def export(routine: Named, exporter: str, *, settings: Settings | None = None) -> Exported:
    """Write a routine as ``fit``, ``ics``, ``markdown`` or ``html``, or with another package's exporter.

    A calendar has it three times a week at eight, for six weeks. Raises ``RoutineError``, ``PortError`` where a library
    or another package's exporter fails, and ``ValueError`` where this routine cannot be written so.
    """
    loaded = _configured(settings)
    made = plan_routine(_whole(routine, loaded), loaded)
    if exporter in OURS:
        return OURS[exporter](datetime.now().astimezone()).export(authored(made.routine), made.program)
    return export_with(exporter, made.routine, made.program)


class Coach:
    """Plays one session with voice, ear and devices.

    ``voice`` is a voice's name such as ``en-gb``, or a ``Voice``; ``ear`` is ``auto``, ``vosk``, ``none``, an ear of
    another package, or an ``Ear``; ``microphone`` and ``speaker`` are a device, a WAV file, ``none``, or objects of
    those kinds. What is left out is as configured. Objects that are given are closed at the end of ``run``. A ``.py``
    file is run by ``run``, and told of its past sessions.

    ``attended`` says whether somebody can give commands through the program (``say``, a button): the session then waits
    for words as it does with a keyboard. Without it, and without an ear, nothing waits for a word.

    ``keep`` says whether the session is kept in the journal; None: as configured, and not with a ``speaker`` object
    that does not play in real time. Where it may be kept, what the journal knows counts, as with ``voicecoach run``:
    exercises that hurt stay locked, doses have moved. A session that was cut off is not taken up.
    """

    def __init__(
        self,
        routine: Named,
        *,
        voice: str | Voice | None = None,
        ear: str | Ear | None = None,
        microphone: str | Microphone | None = None,
        speaker: str | Speaker | None = None,
        say: Iterable[str | Scripted] = (),
        attended: bool = False,
        keep: bool | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Read configuration and routine; no device is opened before ``run``.

        Raises ``ConfigError``, ``RoutineError``, ``ScriptError``.
        """
        self._given = Given(_object(voice), _object(ear), _object(microphone), _object(speaker))
        own = self._given.speaker
        self._for_nobody = keep is None and own is not None and not own.live
        keep = False if self._for_nobody else keep
        options = {
            "voice.name": _name(voice),
            "hearing.ear": _name(ear),
            "sound.microphone": _name(microphone),
            "sound.speaker": _name(speaker),
            "storage.journal": None if keep is None else "always" if keep else "never",
        }
        chosen = {**(settings or {}), **{key: one for key, one in options.items() if one}}
        self._loaded = _configured(chosen)
        if self._loaded.config.hearing.ear == "keys":  # the keyboard is the program's own
            self._loaded = _configured({**chosen, "hearing.ear": "none"})
        # A program is run when the session begins, since it is told of the sessions before.
        path = None if isinstance(routine, core.Routine) else _found(routine, self._loaded)
        self._routine = path if path is not None and path.suffix == PROGRAM else _whole(routine, self._loaded)
        self._attended = attended
        self._caller = _Caller(ended=not attended)
        self._say = _scripted(say)
        self.shortfalls: tuple[Shortfall, ...] = ()
        """What was missing and gone on without, with what mends it; known once ``run`` has opened the devices."""
        self._drive: Drive | None = None
        self._host: Host | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._used = False

    def run(self, on_event: Listener | None = None) -> str | None:
        """Play the session to its end in the calling thread, and return its reason; None where ``stop`` ended it.

        It blocks for as long as the session lasts; with a WAV file as ``speaker``, for as long as the machine takes.
        ``on_event`` is called in this thread, between two moments of the session: while it works, no cue is begun and
        no word is obeyed, though sound that has begun plays on. What it raises ends the session as Ctrl-C does.

        Ctrl-C raises ``KeyboardInterrupt`` in the main thread only. Where that is the one that runs the session, it is
        silent at once, devices and threads are let go, what was played is kept as cut off, and the exception goes on
        to the caller. In another thread, call ``stop``. A coach runs once. Raises ``PortError``, ``CannotGoOnError``.
        """
        with self._lock:
            if self._used:
                raise RuntimeError("a Coach runs once: make another")
            self._used = True
        reasons: list[str] = []

        def told(entry: Record) -> None:
            if entry["event"] == "end":
                reasons.append(entry["reason"])
            if on_event is not None:
                on_event(cast("EventRecord", entry))

        try:
            self._play(told)
        except StoppedError:
            return None
        return reasons[-1] if reasons else None

    def events(self) -> Iterator[EventRecord]:
        """Play the session in a thread of its own, and give its records as they come.

        However slow the reader is, the session goes on. Leaving the loop early, and Ctrl-C, stop it. What ``run``
        raises is raised here, behind the last record.
        """
        arrived: SimpleQueue[EventRecord | BaseException | None] = SimpleQueue()

        def play() -> None:
            try:
                self.run(arrived.put)
                arrived.put(None)
            except BaseException as error:  # noqa: BLE001 - it is raised where the records are read
                arrived.put(error)

        thread = threading.Thread(target=play, name="voicecoach_session")
        thread.start()
        try:
            while (entry := arrived.get()) is not None:
                if isinstance(entry, BaseException):
                    raise entry
                yield entry
        finally:
            self.stop()
            thread.join()

    def say(self, command: str) -> None:
        """Give a command, by its name or a phrase, as if it had been said now; from any thread, while ``run`` runs.

        Only in real time: where the speaker is a file, give ``say`` with moments instead. Raises ``ScriptError`` for
        what is no command, ``RuntimeError`` where no session runs in real time.
        """
        heard = read_scripted(f"{command}@0")
        drive = self._drive
        if not isinstance(drive, LiveDrive):
            raise RuntimeError("no session runs in real time")  # noqa: TRY004 - it is a matter of when
        self._caller.ended = False
        drive.put(Heard(drive.now, heard.command, heard.words, "script"))

    def stop(self) -> None:
        """End the session as Ctrl-C does: silence, devices freed, what was played kept as cut off.

        From any thread, safe to call at any time and twice; it returns at once, ``run`` within about a second, or
        later where a speech engine is at work. For an end that the coach takes part in, say ``end``, then ``yes``.
        """
        self._stopping.set()
        if (host := self._host) is not None:
            host.stop()

    def _play(self, told: Callable[[Record], None]) -> None:
        limit = self._loaded.config.storage.journal_mb
        keeper = Keeper(_folders().data if keeps(self._loaded) else None, summarise=summarise, limit_mb=limit)
        with closing(keeper):
            made, rig = self._opened(keeper)
            with closing(rig):
                self._note(keeper.notices, rig.shortfalls)
                ready = rig.prepare(repertoire(made.program, made.language), self._go_on)
                drive = self._drive = rig.drive()
                if isinstance(drive, LiveDrive):
                    drive.listen_to(self._caller)
                try:
                    for turn in Turns(keeper, made, rig):
                        self._take(turn, rig, drive, ready, told)
                finally:
                    self._drive = self._host = None
                    drive.close()
        self._note(keeper.notices)

    def _opened(self, keeper: Keeper) -> tuple[Plan, Rig]:
        """Return what is played, and what it is played with."""
        try:
            routine = self._routine
            if not isinstance(routine, core.Routine):
                routine = _load(routine, self._loaded, past(keeper, slugify(routine.stem)))
            made = plan_routine(routine, self._loaded)
            if not self._for_nobody:
                made = fitted(keeper, made)
            rig = build_rig(
                self._loaded,
                made.language,
                _folders(),
                env=dict(os.environ),
                stdin=io.StringIO(),
                voice_of_routine=made.routine.voice,
                given=self._given,
            )
        except BaseException:
            for part in (self._given.voice, self._given.ear, self._given.microphone, self._given.speaker):
                if part is not None:
                    part.close()
            raise
        rig.keys = rig.keys or (self._attended and rig.speaker.live)
        return made, rig

    def _take(
        self, turn: Turn, rig: Rig, drive: Drive, ready: Mapping[str, Audio], told: Callable[[Record], None]
    ) -> None:
        host = self._host = Host(
            turn.session,
            turn.plan.language,
            rig.mixer,
            drive,
            ready=ready,
            listeners=[told],
            say=self._say,
            journal=turn.journal,
            kept=turn.kept,
            opening=turn.opening,
        )
        self._go_on()
        try:
            host.run()
        except (PortError, CannotGoOnError):
            told(record(host.now, "end", reason="cannot go on"))
            raise
        except BaseException:
            host.interrupt()
            raise

    def _go_on(self, *_: int) -> None:
        if self._stopping.is_set():
            raise StoppedError

    def _note(self, *found: list[Shortfall]) -> None:
        for shortfalls in found:
            self.shortfalls += tuple(shortfalls)
            shortfalls.clear()


class _Caller:
    """The program itself, as one who may give commands: the session waits for it once it was told that it may."""

    def __init__(self, *, ended: bool) -> None:
        self.ended = ended

    def start(self) -> None:
        """Do nothing: it calls when it likes."""

    def close(self) -> None:
        """Do nothing."""


def _configured(settings: Settings | None) -> Loaded:
    return load_config(env=os.environ, options=_known(settings or {}))


def _known(settings: Settings) -> Settings:
    for key in settings:
        if key not in keys():
            raise ConfigError("settings", None, f"there is no such setting{suggest(key, keys())}", key=key)
    return settings


def _folders() -> Folders:
    return Folders(platformdirs.user_data_path("voicecoach"), platformdirs.user_cache_path("voicecoach"))


def _found(name: str | os.PathLike[str], loaded: Loaded) -> Path:
    # A Path is a path, also where it is but one word.
    return library(loaded).find(name) if isinstance(name, str) else Path(name)


def _load(name: str | os.PathLike[str], loaded: Loaded, history: History | None) -> core.Routine:
    path = _found(name, loaded)
    if path.suffix != PROGRAM:
        refuse_programme(path, str(name), library(loaded))
        return load_routine(path, library(loaded))
    return load_python(path, library(loaded), history or History(datetime.now().astimezone().date()))


def _whole(routine: Named, loaded: Loaded) -> core.Routine:
    if not isinstance(routine, core.Routine):
        return _load(routine, loaded, None)
    where = Path(routine.slug)
    try:
        return complete(routine, Source(where, {}, all_on(1)), library(loaded))
    except RoutineError as error:
        if error.file != where:
            raise
        # It stands in no file, so there is no line to tell.
        raise RoutineError(
            f"the routine {where}", None, error.problem, key=error.key, value=error.value, allowed=error.allowed
        ) from None


def _scripted(say: Iterable[str | Scripted]) -> tuple[Scripted, ...]:
    return tuple(read_scripted(entry) if isinstance(entry, str) else entry for entry in say)


_Part = TypeVar("_Part")


def _object(part: str | _Part | None) -> _Part | None:
    return None if isinstance(part, str) else part


def _name(part: object) -> str | None:
    return part if isinstance(part, str) else None
