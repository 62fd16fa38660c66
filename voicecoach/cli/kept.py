"""What ``run`` keeps of its sessions, and which of them it takes up again.

Rule: the journal never ends a session. What is wrong with it is shown, like a device that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from voicecoach.audio.open import plays_to_a_file
from voicecoach.between import Fitted
from voicecoach.between import fit as fit_routine
from voicecoach.cli.common import CANNOT_GO_ON, Trouble, folders, minutes
from voicecoach.config import Loaded
from voicecoach.core.events import Effect, End, Event, Returned, SpeechRate, Start, StepBegan, Volume
from voicecoach.core.person import Room
from voicecoach.core.report import SessionReport
from voicecoach.core.routine import Routine
from voicecoach.core.session import Session
from voicecoach.history.source import StoredSessions, summarise
from voicecoach.journal.codec import Header
from voicecoach.journal.keeper import CutOff, Keeper
from voicecoach.journal.replay import language_of, program_of, replay, session_of
from voicecoach.journal.store import Entry, Recording, Store
from voicecoach.journal.writer import Played, Writer
from voicecoach.loading.pain import strict_rules
from voicecoach.loading.source import slugify
from voicecoach.plan import Plan, plan_routine
from voicecoach.rig import Rig
from voicecoach.screen import Screen, clock, show_shortfalls

AFRESH = "afresh"
"""The reason with which a session ends that the person did not want taken up."""


@contextmanager
def keeping(loaded: Loaded, screen: Screen) -> Iterator[Keeper]:
    """Open the journal, if the configuration wants one; show what was wrong with it, once."""
    keeper = Keeper(folders().data if keeps(loaded) else None, summarise=summarise)
    try:
        tell(keeper, screen)
        yield keeper
    finally:
        keeper.close()
        tell(keeper, screen)


def keeps(loaded: Loaded) -> bool:
    """Return whether sessions are kept: a session that is played to a file is nobody's exercise."""
    wanted = loaded.config.storage.journal
    sound = loaded.config.sound
    return wanted == "always" or (wanted == "auto" and not plays_to_a_file(sound.speaker, sound.microphone))


def tell(keeper: Keeper, screen: Screen) -> None:
    """Show what has not been told yet of the journal."""
    show_shortfalls(screen, keeper.notices)
    keeper.notices.clear()


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


def fitted(keeper: Keeper, written: Plan) -> Plan:
    """Return the plan as this person plays it today. Raises ``Trouble`` where everything in it is locked."""
    if written.loaded.config.storage.journal != "never" and not keeps(written.loaded):
        return written
    fit = fit_to(keeper, written.routine)
    if not fit.tailored.playable:
        locked = ", ".join(lock.exercise for lock in fit.tailored.locked)
        raise Trouble(
            f"every exercise of {written.routine.title} is locked, because it hurt: {locked}",
            mend="play another routine, or have it looked at and then: voicecoach unlock",
            code=CANNOT_GO_ON,
        )
    return plan_routine(fit.tailored.routine, written.loaded, fit.style, fit.person)


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


def asked_for(keeper: Keeper, loaded: Loaded, routine: str | None) -> CutOff:
    """Return the session that ``--resume`` means. Raises ``Trouble``."""
    again = f"voicecoach run {routine or 'ROUTINE'}"
    if not keeps(loaded):
        wanted, origin = loaded.config.storage.journal, loaded.origins["storage.journal"]
        raise Trouble(
            f'there is nothing to resume: no session is kept (storage.journal is "{wanted}": {origin})', mend=again
        )
    found = keeper.cut_off(None if routine is None else slug_of(routine))
    if found is None:
        of = "" if routine is None else f" of {routine}"
        why = "".join(f" {notice.what}" for notice in keeper.notices)
        keeper.notices.clear()
        raise Trouble(f"there is nothing to resume: no session{of} was cut off.{why}", mend=again)
    return found


def slug_of(routine: str) -> str:
    """Return the slug of a routine that is given by name or path; its file may be gone by now."""
    path = Path(routine)
    return slugify(path.stem if path.suffix == ".toml" else path.name)


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
    afresh: bool = False
    """Whether it ended because a new one is wanted in its place."""

    def journal(self, event: Event, effects: tuple[Effect, ...]) -> None:
        """Keep what happened."""
        self.afresh = self.afresh or End(AFRESH) in effects
        if self._writer is not None:
            self._writer.append(event, effects)


class Turns:
    """What a run plays, one after the other: a session that was cut off, a new one, or that after this.

    ``asked`` says whether the person asked for the one that was cut off; otherwise the session asks them.
    """

    def __init__(self, keeper: Keeper, new: Plan, rig: Rig, cut: CutOff | None, *, asked: bool) -> None:
        self._keeper, self._new, self._rig, self._asked = keeper, new, rig, asked
        # A session that nobody can be asked about is not taken up unasked; nor one that the ear would not understand.
        offered = cut is not None and rig.attended and cut.header.language == new.language.code
        self._cut = cut if asked or offered else None
        if cut is not None and self._cut is None:
            keeper.leave(cut)
        self.plans = (new,) if self._cut is None else (plan_of(self._cut, new.loaded), new)
        """Every plan that may be played."""

    def __str__(self) -> str:
        if self._cut is None:
            return f"about {minutes(self._new.seconds)}"
        return f"{'goes on' if self._asked else 'was cut off'} at {clock(self._cut.at)}"

    def __iter__(self) -> Iterator[Turn]:
        if self._cut is not None:
            taken_up = self._take_up(self._cut)
            yield taken_up
            if not taken_up.afresh:
                return
        yield self._begin()

    def _take_up(self, cut: CutOff) -> Turn:
        opening = Returned(cut.at, asked=self._asked)
        return Turn(cut.session, self.plans[0], opening, _standing(cut.played), self._keeper.go_on(cut))

    def _begin(self) -> Turn:
        plan, room = self._new, self._room()
        person = plan.person
        config = plan.loaded.config
        started = datetime.now().astimezone()
        language = plan.language.code
        header = Header(
            started, plan.routine, config.pace.to_pace(), person, room, language, config.voice.rate, plan.program.style
        )
        return Turn(session_of(plan.program, person, room), plan, Start(0.0), (), self._keeper.begin(header))

    def _room(self) -> Room:
        rig, config = self._rig, self._new.loaded.config
        check = config.hearing.check
        return Room(
            attended=rig.attended,
            volume=config.sound.volume,
            check_hearing=rig.ear is not None and (check == "always" or (check == "auto" and rig.microphone.live)),
            keys=rig.keys,
            emergency_number=config.safety.emergency_number,
            can_alert=bool(config.alert.command or config.alert.webhook),
            ask_effort=config.session.ask_effort and keeps(self._new.loaded),
        )
