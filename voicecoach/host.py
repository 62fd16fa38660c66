"""The host: one inbox, one loop. It carries events to the session and effects to the world, and decides nothing.

Rule: besides ``rehearse`` and the journal's ``replay`` the one place that calls ``Session.handle``.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol, TypeAlias

from voicecoach.core.events import (
    Alert,
    Alerted,
    Chime,
    Command,
    Deafened,
    Effect,
    Event,
    Heard,
    Hearing,
    Hush,
    Overheard,
    Priority,
    Say,
    Silenced,
    SpeechRate,
    Spoken,
    Start,
    StepBegan,
    Tick,
    Volume,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.news import Unkept
from voicecoach.drive import Arrival, Drive, Rendered
from voicecoach.language import Language
from voicecoach.listening import EarFound, EarLost
from voicecoach.overheard import only_commands, shown_whole, vocabulary
from voicecoach.playing import SpeakerFound, SpeakerLost
from voicecoach.ports import Alarm, Audio, Told
from voicecoach.record import Listener, of_effect, of_event, record
from voicecoach.rehearsal import Scripted
from voicecoach.speech.estimate import speaking_seconds
from voicecoach.speech.loud import louder
from voicecoach.speech.mixer import Mixer

Journal: TypeAlias = Callable[[Event, tuple[Effect, ...]], None]
"""Is given every event with what the session made of it. It must return at once, and never fail."""


class _State(Protocol):
    @property
    def mode(self) -> StrEnum:
        """Where it is, as a person would say it."""
        ...


class Machine(Protocol):
    """What is played: a session, or the coach between two."""

    @property
    def state(self) -> _State:
        """What it remembers."""
        ...

    @property
    def over(self) -> bool:
        """Whether it has ended: nothing follows."""
        ...

    @property
    def live(self) -> frozenset[Command]:
        """The commands that mean something now."""
        ...

    @property
    def deadline(self) -> float | None:
        """The moment at which it wants a ``Tick``; None while it waits for a word."""
        ...

    @property
    def in_need(self) -> bool:
        """Whether somebody may be in need, so that time must go on."""
        ...

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Take one event and return what the world should do about it, in order."""
        ...


_TAIL = 0.6  # seconds: the last chime rings out


class CannotGoOnError(Exception):
    """The session waits for a word that can no longer come. ``str()`` is its mode; ``mend`` mends a lost ear."""

    def __init__(self, mode: str, *, mend: str = "") -> None:
        super().__init__(mode)
        self.mend = mend


class StoppedError(Exception):
    """``stop`` was called: the session was cut off from outside."""


class Host:
    """Plays one session, or the time between two. ``ready`` holds the lines rendered beforehand, by their text.

    ``opening`` is its first event: session time begins there, wherever the drive's time stands; the moments of ``say``
    are the drive's. ``standing`` are effects from before it that still hold, where a session goes on. A second
    session may follow on the same drive; ``deafened`` then says that the first one has lost the ear, and ``arrived`` is
    what came when it was over already. ``kept`` tells whether what happens is kept, as it should be. ``address`` is the
    word that calls it, where that is not the language's own.
    """

    def __init__(
        self,
        session: Machine,
        language: Language,
        mixer: Mixer,
        drive: Drive,
        *,
        ready: Mapping[str, Audio] | None = None,
        listeners: Iterable[Listener] = (),
        say: Iterable[Scripted] = (),
        journal: Journal | None = None,
        opening: Event = Start(0.0),  # noqa: B008 - a frozen value
        standing: Iterable[Effect] = (),
        deafened: bool = False,
        address: str = "",
        arrived: Iterable[Arrival] = (),
        kept: Callable[[], bool] = lambda: True,
    ) -> None:
        self._known = vocabulary((*language.phrases, *language.standby, language.address, address))
        self._session, self._language, self._mixer, self._drive = session, language, mixer, drive
        self._ready = ready or {}
        self._listeners = tuple(listeners)
        self._scripted = [(entry.at, number, entry) for number, entry in enumerate(say)]
        heapq.heapify(self._scripted)
        self._journal, self._opening, self._standing = journal, opening, tuple(standing)
        self._base = 0.0
        """Session time less the drive's."""
        self._last = opening.at
        self._mouth: tuple[int, str] | None = None
        self._spoken: Spoken | None = None
        self._live: frozenset[Command] = frozenset()
        self._mend = ""
        self._deafened, self._arrived = deafened, tuple(arrived)
        self._left: list[Arrival] = []
        self._silent = False
        """Whether there is no loudspeaker: time may stand still."""
        self._is_kept, self._unkept = kept, False
        self._rate = 1.0
        """Of the configured rate, at which ``ready`` was rendered."""
        self._loud = False
        self._stopped = False
        self._alarms = 0
        """How many have not been answered yet."""
        self._place = StepBegan(-1, "")
        """The last step that belongs to an exercise: where the person is, if somebody must be told."""

    def run(self) -> None:
        """Play the session to its end. Raises ``CannotGoOnError``, ``StoppedError``, ``PortError``."""
        self._drive.start()
        self._base = self._opening.at - self._drive.now
        for effect in self._standing:
            self._set(effect)
        self._handle(self._opening)
        if self._deafened:
            self._handle(Deafened(self._last))
        for arrival in self._arrived:
            self._arrive(arrival)
        while self._goes_on():
            if not self._unkept and not self._is_kept():
                self._unkept = True
                self._handle(Unkept(self.now))
            due = self._due()
            if due is not None and due.at < self._drive.horizon + self._base:
                self._take(due)
                continue
            if due is None and self._mouth is None and not self._alarms and self._drive.deaf:
                raise CannotGoOnError(self._session.state.mode.value, mend=self._mend)
            until = None if due is None else due.at - self._base
            for arrival in self._drive.advance(until, in_need=self._session.in_need):
                self._arrive(arrival)
        self._ring_out(self._last + _TAIL - self._base)

    def _ring_out(self, end: float) -> None:
        """Let the last chime be heard, where there is a loudspeaker."""
        while self._drive.now < end and not self._stopped and not self._silent:
            for arrival in self._drive.advance(end):
                self._silent = self._silent or isinstance(arrival, SpeakerLost)
                if isinstance(arrival, EarLost | EarFound):
                    self._deafened = isinstance(arrival, EarLost)
                elif not isinstance(arrival, Rendered | SpeakerLost | SpeakerFound):
                    self._left.append(arrival)

    def _goes_on(self) -> bool:
        if self._stopped and not self._session.over:
            raise StoppedError
        return not self._session.over

    def interrupt(self) -> None:
        """Fall silent now: the program is being ended from outside."""
        self._mixer.hush()

    def stop(self) -> None:
        """Have ``run`` end soon; from any thread."""
        self._stopped = True

    @property
    def now(self) -> float:
        """Seconds of session time; what is due is handled a little ahead of the loudspeaker."""
        return max(self._time, self._last)

    @property
    def deafened(self) -> bool:
        """Whether the ear was lost, and not found again."""
        return self._deafened

    @property
    def left(self) -> tuple[Arrival, ...]:
        """What arrived when it was over already: words, wishes, what came of an alarm."""
        return tuple(self._left)

    @property
    def unsaid(self) -> tuple[Scripted, ...]:
        """The commands of ``say`` whose moment has not come."""
        return tuple(entry for _, _, entry in sorted(self._scripted))

    @property
    def _time(self) -> float:
        return self._drive.now + self._base

    def _due(self) -> Event | None:
        """Return what is certain to happen next; at one moment, the end of speech first and a command last."""
        events: list[Event] = [] if self._spoken is None else [self._spoken]
        if self._session.deadline is not None:
            events.append(Tick(self._session.deadline))
        if self._scripted:
            at, _, entry = self._scripted[0]
            events.append(Heard(at + self._base, entry.command, entry.words or entry.command.value, "script"))
        return min(events, key=lambda event: event.at, default=None)

    def _take(self, due: Event) -> None:
        if isinstance(due, Heard):
            heapq.heappop(self._scripted)
        elif isinstance(due, Tick):
            # Stamped with the moment that was due; a machine that was held up is past it, and the session must know.
            due = replace(due, late=max(0.0, self._time - due.at))
        self._handle(due)

    def _arrive(self, arrival: Arrival) -> None:
        match arrival:
            case Heard(at=at, ended_at=ended_at, words=words):
                ended_at = None if ended_at is None else ended_at + self._base
                self._handle(replace(arrival, at=at + self._base, ended_at=ended_at, words=shown_whole(words)))
            case Overheard(at=at) | Wanted(at=at) | VolumeAsked(at=at):
                self._handle(replace(self._reduced(arrival), at=at + self._base))
            case Rendered(utterance=utterance, audio=audio):
                if self._mouth is not None and self._mouth[0] == utterance:
                    self._play(utterance, self._mouth[1], audio, self._time)
            case Told(told=told, problems=problems):
                self._alarms = max(0, self._alarms - 1)  # it may be one of the session before
                at = self.now
                if problems:
                    self._tell(record(at, "note", kind="alert_failed", reason="; ".join(problems)))
                self._handle(Alerted(at, told))
            case SpeakerLost() | SpeakerFound():
                self._take_news_of_loudspeaker(arrival)
            case EarLost() | EarFound():
                self._take_news_of_ear(arrival)

    def _take_news_of_loudspeaker(self, news: SpeakerLost | SpeakerFound) -> None:
        self._silent = isinstance(news, SpeakerLost)
        match news:
            case SpeakerLost(reason=reason, mend=mend):
                self._tell(record(self.now, "note", kind="loudspeaker_lost", reason=reason, mend=mend))
            case SpeakerFound(seconds=seconds):
                self._tell(record(self.now, "note", kind="loudspeaker_back", seconds=round(seconds, 3)))
                self._handle(Silenced(self.now))

    def _take_news_of_ear(self, news: EarLost | EarFound) -> None:
        match news:
            case EarLost(reason=reason, mend=mend):
                self._mend = mend
                at = self.now
                self._tell(record(at, "note", kind="microphone_lost", reason=reason, mend=mend))
                if not self._deafened:  # what was being mended may be given up: another reason, but no news
                    self._deafened = True
                    self._handle(Deafened(at))
            case EarFound():
                self._mend, self._deafened = "", False
                live, says = self._live, self._mouth and self._mouth[1]
                self._drive.tell_ear(lambda ear: ear.listen_for(live))  # it may be a new one, which knows nothing
                self._drive.tell_ear(lambda ear: ear.coach_says(says))
                self._handle(Hearing(self.now))

    def _reduced(self, arrival: Overheard | Wanted | VolumeAsked) -> Event:
        """Return what may go on of it: of talk only the words of commands."""
        if isinstance(arrival, Overheard):
            return replace(arrival, words=only_commands(arrival.words, self._known))
        return arrival

    def _handle(self, event: Event) -> None:
        # Things due are handled a little ahead of the loudspeaker; a word that comes then must not go back in time.
        event = replace(event, at=max(event.at, self._last))
        self._last = event.at
        if (entry := of_event(event)) is not None and not self._session.over:
            self._tell(entry)
        if isinstance(event, Spoken):
            self._fall_silent(event.at, finished=event.finished)
        effects = self._session.handle(event)
        if self._journal is not None:
            self._journal(event, effects)
        for effect in effects:
            self._carry(event.at, effect)
        if self._session.live != self._live:
            self._live = live = self._session.live
            self._drive.tell_ear(lambda ear: ear.listen_for(live))

    def _carry(self, at: float, effect: Effect) -> None:
        if isinstance(effect, Hush):
            self._mixer.hush()
            self._fall_silent(at, finished=False)
        self._tell(of_effect(at, effect, self._language.say))
        match effect:
            case Say():
                self._say(at, effect)
            case Chime(kind=kind):
                self._mixer.chime(kind, at - self._base)
            case Alert(reason=reason):
                self._alarms += 1
                self._drive.alert(Alarm(reason, self._place.exercise, self._place.set, self._place.rep))
            case _:
                self._set(effect)

    def _set(self, effect: Effect) -> None:
        """Do what holds until further notice."""
        match effect:
            case Volume(level=level):
                self._mixer.volume(level)
            case SpeechRate(factor=factor):
                self._rate = factor
                self._drive.prepare(self._ready if factor != 1.0 else (), factor)
            case StepBegan() if effect.exercise:
                self._place = effect

    def _say(self, at: float, effect: Say) -> None:
        text = self._language.say(effect.line)
        self._mouth, self._loud = (effect.utterance, text), effect.loud
        self._drive.tell_ear(lambda ear: ear.coach_says(text))
        # A late count is worse than a quick one: what must come on its moment keeps the sound that is ready.
        rate = self._rate if effect.priority in {Priority.TALK, Priority.CHATTER} else 1.0
        if rate == 1.0 and (audio := self._ready.get(text)) is not None:
            self._play(effect.utterance, text, audio, at)
        else:
            self._drive.render(effect.utterance, text, rate)

    def _play(self, utterance: int, text: str, audio: Audio | None, at: float) -> None:
        at = max(at, self._last)  # with files a line is rendered before the block in which the last one ends is made
        audio = audio or self._ready.get(text)  # a voice that fails at another rate may have said it at its own
        if audio is None:
            # The voice failed: the person may read the line, and the session keeps its time.
            self._tell(record(at, "note", kind="voice_failed", text=text))
            self._spoken = Spoken(at + speaking_seconds(text, 160), utterance, finished=False)
        else:
            end = self._mixer.play(louder(audio) if self._loud else audio, at - self._base)
            self._spoken = Spoken(end + self._base, utterance)

    def _fall_silent(self, at: float, *, finished: bool) -> None:
        if self._mouth is not None:
            self._tell(record(at, "spoken", utterance=self._mouth[0], finished=finished))
            self._drive.tell_ear(lambda ear: ear.coach_says(None))
        self._mouth = self._spoken = None

    def _tell(self, entry: dict[str, object]) -> None:
        for listener in self._listeners:
            listener(entry)
