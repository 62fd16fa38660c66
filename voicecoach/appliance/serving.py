"""The loop of an appliance: idle, session, idle, on one rig and one drive, without a gap in what is heard.

Rule: it carries, and chooses no more than the words of its first greeting: ``core/standby`` says what is played. What
is wrong with a routine is said and shown, and the coach waits again; what is wrong with the loudspeaker ends it, and
whoever started it starts it anew; so does a recogniser that is lost for good, where somebody starts it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from voicecoach.appliance.asked_for import Finder, RefusedError, comes
from voicecoach.appliance.clock import Clockwork, Wall
from voicecoach.appliance.memory import give_back
from voicecoach.appliance.names import callable_by_name, spoken
from voicecoach.coming import coming
from voicecoach.config import Loaded
from voicecoach.core.events import URGENT, ChimeKind, Line, Start
from voicecoach.core.menu import Choice, Greeting, Memory, Menu, Offer
from voicecoach.core.standby import Standby
from voicecoach.drive import Arrival, Drive, LiveDrive, Source
from voicecoach.host import CannotGoOnError, Host
from voicecoach.journal.keeper import Keeper
from voicecoach.language import Language
from voicecoach.ports import Audio, Ear, PortError, Shortfall, StandbyEar
from voicecoach.record import Listener, record
from voicecoach.rehearsal import Scripted
from voicecoach.repertoire import BETWEEN, repertoire
from voicecoach.rig import Rig
from voicecoach.turns import Turn, Turns

_FOR_BEGINNERS = "first-steps"
"""The routine that it names when it says that it is ready, where "start" alone means none."""

Prepare: TypeAlias = Callable[[list[str]], Mapping[str, Audio]]


@dataclass(frozen=True, slots=True)
class Outside:
    """What whoever started the appliance gives it."""

    keeping: Callable[[], AbstractContextManager[Keeper]]
    """Opens the journal for one session."""
    prepare: Prepare
    """Renders lines before they are needed."""
    listeners: Callable[[Mapping[str, str]], list[Listener]]
    """Whom everything is told, given the names of the exercises by slug."""
    tell: Callable[[list[Shortfall]], None]
    """Shows what is wrong."""
    wall: Wall
    """The clock."""
    ahead: Callable[[], float] = lambda: 0.0
    """How far it is ahead of the time that has truly passed, in seconds: it changes where it is set."""
    ready: Callable[[], None] = lambda: None
    """Is called once it can be called to play."""
    alive: Callable[[float], None] = lambda _: None
    """Is called each time round the loop, with the seconds that the loudspeaker has played until then."""
    playing: Callable[[str | None], None] = lambda _: None
    """Is told which routine is played, by its name, before it begins; None where it waits again."""
    attended: bool = False
    """Whether somebody can lead a session on without a voice or a key: by buttons."""
    restarted: bool = False
    """Whether somebody starts it anew where it ends: then a recogniser that is lost for good ends it."""
    sources: tuple[Source, ...] = ()
    """Who may give commands besides the ear; they are started and closed with the drive."""
    say: tuple[Scripted, ...] = ()
    """Commands at moments of the drive's time."""


class Serving:
    """Waits to be called, plays, and waits again. ``language`` is the one that the rig speaks and understands."""

    def __init__(self, loaded: Loaded, language: Language, rig: Rig, menu: Menu, outside: Outside) -> None:
        self._loaded, self._language, self._rig = loaded, language, rig
        self._menu, self._outside, self._said = menu, outside, outside.say
        self._finder = Finder(loaded, language, menu)
        self._memory = Memory(volume=loaded.config.sound.volume)
        self._ready: Mapping[str, Audio] = {}
        self._standing_by = True
        self._deafened = False
        self._arrived: tuple[Arrival, ...] = ()
        self._host: Host | None = None
        self._somebody = _Somebody()
        if (rebuild := rig.rebuild) is not None:
            rig.rebuild = lambda: self._turned(rebuild())
        self._drive = rig.drive()
        if isinstance(self._drive, LiveDrive):
            self._drive.watch(outside.alive)
            self._drive.must_hear = outside.restarted
            for source in (self._somebody, *outside.sources):
                self._drive.listen_to(source)

    @property
    def drive(self) -> Drive:
        """What moves its time; whoever may give commands besides puts them there."""
        return self._drive

    def run(self) -> None:
        """Serve until it is ended from outside, or a recording has ended. Raises ``PortError``, ``CannotGoOnError``."""
        try:
            greeting = self._first_greeting()
            self._ready = self._outside.prepare([*self._lines(), *(self._language.say(one) for one in greeting.lines)])
            self._drive.start()
            self._outside.ready()
            while (choice := self._wait(greeting)) is not None:
                greeting = self._begin(choice)
                give_back()
        finally:
            self._drive.close()

    # --- Between sessions -----------------------------------------------------------------------------------------

    def _wait(self, greeting: Greeting) -> Choice | None:
        """Wait to be called; return what is to be played, or None where nobody can call any more."""
        self._attend(standing_by=True)
        self._outside.playing(None)
        standby = Clockwork(
            Standby(self._menu, self._memory, greeting),
            self._outside.wall,
            going=self._goes_on,
            resting=self._resting,
            ahead=self._outside.ahead,
        )
        host = Host(
            standby,
            self._language,
            self._rig.mixer,
            self._drive,
            ready=self._ready,
            listeners=self._outside.listeners({}),
            say=self._said,
            opening=Start(self._drive.now),
            deafened=self._deafened,
            address=self._menu.address,
            arrived=self._arrived,
        )
        try:
            self._run(host)
        except CannotGoOnError:
            return None
        finally:
            self._memory = standby.memory
        return standby.choice

    def _goes_on(self) -> bool:
        """Tell whether time leads anywhere: somebody may speak, or a command is still to come."""
        return not self._drive.deaf or (self._host is not None and bool(self._host.unsaid))

    def _today(self) -> date:
        return self._outside.wall(self._drive.now).date()

    def _resting(self, day: date) -> frozenset[str]:
        """Return what the timetable does not ask for on a day: programmes that have no session then."""
        if not (programmes := self._finder.programmes()):
            return frozenset()
        with self._outside.keeping() as keeper:
            return frozenset(one.name for one in programmes if not comes(coming(keeper, one), day))

    def _first_greeting(self) -> Greeting:
        """Return how it says that it is ready, what it does not understand, and what was left unfinished."""
        with self._outside.keeping() as keeper:
            remembered = keeper.person().volume
            kept = not keeper.broken
            cut = keeper.cut_off()
            if cut is not None:
                keeper.leave(cut)
        if remembered is not None:
            self._memory = replace(self._memory, volume=remembered)
        offers, address = self._menu.offers, self._menu.address
        usual = self._menu.named(self._menu.default or _FOR_BEGINNERS)
        named = [offer for offer in ((usual,) if usual else ()) + offers if self._hears_name_of(offer)]
        lines: list[Line] = []
        if not self._rig.attended:
            lines = [Line.of("standby_ready_alone"), Line.of("standby_deaf")]
        elif named:
            routine = spoken(named[0].title, self._language)
            lines = [Line.of("standby_ready", address=address, routine=routine)]
        else:
            lines = [Line.of("standby_ready_alone"), *(() if offers else (Line.of("standby_none"),))]
        if self._rig.attended and (nameless := [offer for offer in offers if not self._hears_name_of(offer)]):
            lines.append(Line.of("standby_numbered", count=len(nameless)))
        if cut is not None:
            lines.append(Line.of("standby_cut_off", address=address))
        if not kept:
            lines.append(Line.of("standby_not_kept"))
        return Greeting(ChimeKind.READY, tuple(lines))

    def _hears_name_of(self, offer: Offer) -> bool:
        ear = self._rig.ear
        return callable_by_name(offer, self._language, ear.unheard if isinstance(ear, StandbyEar) else frozenset())

    def _lines(self) -> list[str]:
        """Return what it may say between sessions, to be rendered beforehand."""
        fixed = [
            Line(key)
            for key, pattern in self._language.sentences.items()
            if BETWEEN in key and isinstance(pattern, str) and "{" not in pattern
        ]
        number = " ".join(self._menu.emergency_number)
        needed = (Line.of("emergency", number=number), Line.of("emergency_again"), Line.of("rest_as_you_are"))
        named = [
            line
            for offer in self._menu.offers
            for line in (
                Line.of("standby_starting", title=offer.title),
                Line.of("standby_routine", number=offer.number, title=offer.title),
            )
        ]
        options = Line.of("standby_options", address=self._menu.address)
        said = ("pain_help", "hear_again", "louder", "quieter", "no_louder", "no_quieter")
        return [self._language.say(one) for one in (*needed, *fixed, options, *named, *(Line(key) for key in said))]

    # --- Sessions -------------------------------------------------------------------------------------------------

    def _begin(self, choice: Choice) -> Greeting:
        """Play what was chosen; return how the waiting begins after it."""
        try:
            with self._outside.keeping() as keeper:
                self._play(keeper, choice)
        except RefusedError as refused:
            self._outside.tell(refused.shown)
            return Greeting(refused.chime, (refused.line,))
        except CannotGoOnError as error:
            if not isinstance(self._drive, LiveDrive):
                raise
            self._outside.tell([Shortfall(f"The session waited for a word, and nobody can be heard ({error}).")])
            return Greeting(ChimeKind.ERROR, (Line.of("standby_lost"),))
        return Greeting()

    def _play(self, keeper: Keeper, choice: Choice) -> None:
        found = self._finder.find(keeper, choice, self._today())
        made, cut = found.plan, found.cut
        self._outside.tell(keeper.notices)
        keeper.notices.clear()
        usual = made.person.volume
        if self._memory.volume != (self._loaded.config.sound.volume if usual is None else usual):
            made = replace(made, person=replace(made.person, volume=self._memory.volume))
        turns = Turns(keeper, made, self._rig, cut, asked=choice.resumes, attended=self._outside.attended)
        texts = [text for plan in turns.plans for text in repertoire(plan.program, plan.language)]
        # What is urgent is heard while the lines are rendered, which may take long, and is the session's first event.
        self._attend(standing_by=False)
        self._drive.tell_ear(lambda ear: ear.listen_for(URGENT))
        ready = self._outside.prepare(texts)
        self._outside.playing(found.name)
        for turn in turns:
            self._take(turn, ready)
            self._memory = replace(self._memory, volume=turn.session.state.volume)
        self._memory = replace(self._memory, played=(found.name, self._drive.now))

    def _take(self, turn: Turn, ready: Mapping[str, Audio]) -> None:
        listeners = self._outside.listeners(turn.plan.names)
        host = Host(
            turn.session,
            turn.plan.language,
            self._rig.mixer,
            self._drive,
            ready=ready,
            listeners=listeners,
            say=self._said,
            journal=turn.journal,
            kept=turn.kept,
            opening=turn.opening,
            standing=turn.standing,
            deafened=self._deafened,
            arrived=self._arrived,
        )
        try:
            self._run(host)
        except (PortError, CannotGoOnError):
            for listener in listeners:
                listener(record(host.now, "end", reason="cannot go on"))
            raise

    # --- What both share ------------------------------------------------------------------------------------------

    def _run(self, host: Host) -> None:
        self._host = host
        try:
            host.run()
        except BaseException:
            host.interrupt()
            raise
        finally:
            self._said, self._deafened, self._arrived = host.unsaid, host.deafened, host.left

    def _attend(self, *, standing_by: bool) -> None:
        """Have the ear listen for what is said between sessions, or in them."""
        self._standing_by = standing_by
        self._somebody.ended = not standing_by
        self._drive.tell_ear(self._turn)

    def _turn(self, ear: Ear) -> None:
        if isinstance(ear, StandbyEar):
            ear.stand_by(self._standing_by)

    def _turned(self, ear: Ear) -> Ear:
        self._turn(ear)
        return ear


class _Somebody:
    """Whoever may still come: between sessions a deaf coach waits on for the timetable and for what was put off.

    A session that nobody can steer any more does not: it ends, is kept, and may be taken up.
    """

    def __init__(self) -> None:
        self.ended = False

    def start(self) -> None:
        """Do nothing: it never speaks."""

    def close(self) -> None:
        """Do nothing."""
