"""What is kept of sessions that are played, what of them the next one is told, and which of them are taken up again.

Rule: the journal never ends a session: what is wrong with it stands in the keeper's notices. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from voicecoach.audio.open import plays_to_a_file
from voicecoach.between import Fitted
from voicecoach.between import fit as fit_routine
from voicecoach.config import Loaded
from voicecoach.core.events import Effect, End, Event, SpeechRate, Start, StepBegan, Volume
from voicecoach.core.news import Returned
from voicecoach.core.person import Room
from voicecoach.core.programme import Due, told
from voicecoach.core.report import SessionReport
from voicecoach.core.routine import Routine
from voicecoach.core.session import Session
from voicecoach.history.source import StoredSessions
from voicecoach.journal.codec import Header
from voicecoach.journal.keeper import CutOff, Keeper
from voicecoach.journal.replay import language_of, program_of, replay, session_of
from voicecoach.journal.store import Entry, Recording, Store
from voicecoach.journal.writer import Played, Writer
from voicecoach.loading.pain import strict_rules
from voicecoach.past import History, history_of
from voicecoach.plan import Plan, plan_routine
from voicecoach.ports import PortError
from voicecoach.rig import Rig

AFRESH = "afresh"
"""The reason with which a session ends that the person did not want taken up."""


class AllLockedError(PortError):
    """Every exercise of a routine is locked, so there is nothing to play."""


def keeps(loaded: Loaded) -> bool:
    """Return whether sessions are kept: a session that is played to a file is nobody's exercise."""
    wanted = loaded.config.storage.journal
    sound = loaded.config.sound
    return wanted == "always" or (wanted == "auto" and not plays_to_a_file(sound.speaker, sound.microphone))


def fit_to(keeper: Keeper, routine: Routine) -> Fitted:
    """Fit a routine to what is kept of this person, for today."""
    nothing = list[SessionReport]()
    return fit_routine(
        routine,
        keeper.person(),
        levels=keeper.levels(),
        reports=keeper.read(lambda store: list(stored(store, routine.slug).newest_first()), nothing),
        today=datetime.now().astimezone().date().isoformat(),
        strict=strict_rules(),
    )


def fitted(keeper: Keeper, written: Plan, due: Due | None = None) -> Plan:
    """Return the plan as this person plays it today, as a day of a programme where it is ``due``.

    Raises ``AllLockedError`` where everything in it is locked.
    """
    news = tuple((None, line) for line in told(due)) if due else ()
    part_of = due.part if due else None
    if written.loaded.config.storage.journal != "never" and not keeps(written.loaded):
        style = replace(written.program.style, news=(*news, *written.program.style.news))
        made = plan_routine(written.routine, written.loaded, style, written.person) if due else written
        return replace(made, part_of=part_of)
    fit = fit_to(keeper, written.routine)
    if not fit.tailored.playable:
        locked = ", ".join(lock.exercise for lock in fit.tailored.locked)
        raise AllLockedError(
            f"every exercise of {written.routine.title} is locked, because it hurt: {locked}",
            mend="play another routine, or have it looked at and then: voicecoach unlock",
        )
    style = replace(fit.style, news=(*news, *fit.style.news))
    return replace(plan_routine(fit.tailored.routine, written.loaded, style, fit.person), part_of=part_of)


def past(keeper: Keeper, slug: str) -> History:
    """Return what is kept of a routine's sessions, as a routine written in Python is told it."""
    nothing = list[SessionReport]()
    reports = keeper.read(lambda store: list(stored(store, slug).newest_first()), nothing)
    return history_of(reports, slug, datetime.now().astimezone().date())


def stored(store: Store, routine: str | None = None) -> StoredSessions[Recording]:
    """Return the reports of all sessions, or those of a routine."""
    return StoredSessions(_Shelf(store, routine), lambda recording: (recording.header, replay(recording)[1]))


class _Shelf:
    """The sessions of one routine, or of all."""

    def __init__(self, store: Store, routine: str | None) -> None:
        self._store, self._routine = store, routine

    def sessions(self) -> list[Entry]:
        return [entry for entry in self._store.sessions() if self._routine in {None, entry.routine}]

    def recording(self, session: int, /) -> Recording:
        return self._store.recording(session)


def plan_of(session: CutOff, loaded: Loaded) -> Plan:
    """Return the plan of a stored session, as it was. Raises ``UnreadableError``."""
    header = session.header
    return Plan(header.routine, program_of(header), language_of(header), loaded)


def _standing(played: Sequence[Played]) -> tuple[Effect, ...]:
    """Return the last effect of each kind that holds until further notice."""
    found: dict[type[Effect], Effect] = {}
    for _, effects in played:
        for effect in effects:
            if isinstance(effect, Volume | SpeechRate) or (isinstance(effect, StepBegan) and effect.exercise):
                found[type(effect)] = effect
    return tuple(found.values())


@dataclass(slots=True)
class Turn:
    """A session that is played now, and where it is kept."""

    session: Session
    plan: Plan
    opening: Event
    standing: tuple[Effect, ...]
    """What it had set before it was cut off: how loud, how fast, where."""
    _writer: Writer | None
    _missing: bool
    """Whether it should be kept, and is not."""
    afresh: bool = False
    """Whether it ended because a new one is wanted in its place."""

    def kept(self) -> bool:
        """Whether what happens is kept, where it should be."""
        return not self._missing if self._writer is None else self._writer.failure is None

    def journal(self, event: Event, effects: tuple[Effect, ...]) -> None:
        """Keep what happened."""
        self.afresh = self.afresh or End(AFRESH) in effects
        if self._writer is not None:
            self._writer.append(event, effects)


class Turns:
    """What a run plays, one after the other: a session that was cut off, a new one, or that after this.

    ``asked`` says whether the person asked for the one that was cut off; otherwise the session asks them.
    ``attended`` says whether somebody can give commands otherwise than by voice or key: by buttons.
    """

    def __init__(
        self,
        keeper: Keeper,
        new: Plan,
        rig: Rig,
        cut: CutOff | None = None,
        *,
        asked: bool = False,
        attended: bool = False,
    ) -> None:
        self._keeper, self._new, self._rig, self._asked = keeper, new, rig, asked
        self._attended = rig.attended or attended
        # A session that nobody can be asked about is not taken up unasked; nor one that the ear would not understand.
        offered = cut is not None and self._attended and cut.header.language == new.language.code
        self.taken_up = cut if asked or offered else None
        """The session that was cut off, where it goes on."""
        if cut is not None and self.taken_up is None:
            keeper.leave(cut)
        self.plans = (new,) if self.taken_up is None else (plan_of(self.taken_up, new.loaded), new)
        """Every plan that may be played."""

    def __iter__(self) -> Iterator[Turn]:
        if self.taken_up is not None:
            turn = self._take_up(self.taken_up)
            yield turn
            if not turn.afresh:
                return
        yield self._begin()

    def _take_up(self, cut: CutOff) -> Turn:
        opening = Returned(cut.at, asked=self._asked, room=self._room())
        return Turn(
            cut.session, self.plans[0], opening, _standing(cut.played), self._keeper.go_on(cut), self._keeper.broken
        )

    def _begin(self) -> Turn:
        plan, room = self._new, self._room()
        person = plan.person
        config = plan.loaded.config
        started = datetime.now().astimezone()
        language = plan.language.code
        header = Header(
            started,
            plan.routine,
            config.pace.to_pace(),
            person,
            room,
            language,
            config.voice.rate,
            plan.program.style,
            plan.part_of,
        )
        return Turn(
            session_of(plan.program, person, room),
            plan,
            Start(0.0),
            (),
            self._keeper.begin(header),
            self._keeper.broken,
        )

    def _room(self) -> Room:
        rig, config = self._rig, self._new.loaded.config
        check = config.hearing.check
        return Room(
            attended=self._attended,
            volume=config.sound.volume,
            check_hearing=rig.ear is not None and (check == "always" or (check == "auto" and rig.microphone.live)),
            keys=rig.keys,
            emergency_number=config.safety.emergency_number,
            can_alert=bool(config.alert.command or config.alert.webhook),
            ask_effort=config.session.ask_effort and keeps(self._new.loaded),
            keeps=keeps(self._new.loaded),
        )
