"""The coach between sessions: it waits to be called, tells what there is, asks what the timetable says, and starts.

Rule 1: ``handle`` is the only way in. It never waits, never reads a clock, never fails on any order of events.
Rule 2: the next deadline is a property of the state. There are no timers, so none can be stale.
Rule 3: silence, noise and the passing of time start nothing: only a word does, or a wish from outside.

It looks like a session to whoever plays it (``handle``, ``deadline``, ``live``, ``over``), and is over when something
is to be played: ``choice`` says what. All times are seconds of one clock that goes on from one to the next, so what is
put off (``Agenda``) is handed on.
"""

from __future__ import annotations

from voicecoach.core.events import (
    Alert,
    Alerted,
    Chime,
    ChimeKind,
    Command,
    Deafened,
    Effect,
    Event,
    Heard,
    Hearing,
    Line,
    Overheard,
    Priority,
    Say,
    Silenced,
    Spoken,
    Start,
    Tick,
    Volume,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.manners import QUIETEST
from voicecoach.core.menu import At, Choice, Greeting, Memory, Menu, State
from voicecoach.core.offering import Offering
from voicecoach.core.standing import Clocked, StandbyChanged, Standing
from voicecoach.core.timetable import LATEST

ASK_AGAIN = 15.0
"""Seconds of silence after which a question is asked once more; after as many again it is dropped."""
ALERT_AFTER = 5.0
"""Seconds of silence behind what is said in an emergency, after which somebody is told; at once if the word is said
again. "My mistake" prevents it: between sessions a television talks all day."""
EMERGENCY_OVER = 300.0
"""Seconds after which the word "my mistake" is no longer listened for."""

_ALWAYS = frozenset(
    {
        *(Command.START, Command.ROUTINES, Command.RESUME, Command.OPTIONS, Command.AGAIN),
        *(Command.PAIN, Command.EMERGENCY, Command.STOP),
    }
)
_LOUDNESS = frozenset({Command.LOUDER, Command.QUIETER})


class Standby:
    """One time between sessions. ``greeting`` is what it begins with: that it is ready, or what went wrong."""

    def __init__(self, menu: Menu, memory: Memory | None = None, greeting: Greeting | None = None) -> None:
        self._menu, self._greeting = menu, greeting or Greeting()
        self._state = State(memory or Memory())

    @property
    def state(self) -> State:
        """What it remembers; to look at, not to change."""
        return self._state

    @property
    def memory(self) -> Memory:
        """What is handed on to the next one."""
        return self._state.memory

    @property
    def choice(self) -> Choice | None:
        """What is to be played, once it is over."""
        return self._state.choice

    @property
    def over(self) -> bool:
        """Whether it has ended: a session follows."""
        return self._state.over

    @property
    def live(self) -> frozenset[Command]:
        """The commands that mean something now; an ear need not listen for others."""
        return self._turn(self._state.now).live()

    @property
    def deadline(self) -> float | None:
        """The moment at which it wants a ``Tick``; None while it waits for a word."""
        return self._turn(self._state.now).deadline()

    @property
    def in_need(self) -> bool:
        """Whether an emergency waits to be told, or to be taken back."""
        return self._state.at is At.EMERGENCY

    def handle(self, event: Event | Clocked) -> tuple[Effect, ...]:
        """Take one event and return what the world should do about it, in order."""
        turn = self._turn(max(event.at, self._state.now))
        turn.take(event, self._greeting)
        self._state = turn.state
        return tuple(turn.effects)

    def _turn(self, at: float) -> _Turn:
        return _Turn(self._menu, self._state, at)


class _Turn(Offering):
    """A turn, complete: which event and which command leads to what."""

    # --- Events ---------------------------------------------------------------------------------------------------

    def take(self, event: Event | Clocked, greeting: Greeting) -> None:
        if self.state.over or self.state.began == isinstance(event, Start):
            return  # before the start and after the end nothing means anything
        self.change(now=self.at)
        match event:
            case Start():
                self.change(began=True)
                self.effects += [
                    StandbyChanged(Standing.IDLE),
                    Volume(self.state.memory.volume),
                    Chime(greeting.chime),
                ]
                self.say(*greeting.lines)
            case Tick():
                self.tick()
            case Spoken(utterance=utterance) if utterance == self.state.mouth:
                self.change(mouth=None)
            case Heard(command=command, words=words, source=source):
                self.hear(command, words, source)
            case Clocked():
                self.clocked(event)
            case _:
                self.notice(event)
        self.settle()

    def notice(self, event: Event | Clocked) -> None:
        """Take what comes seldom."""
        match event:
            case Overheard(words=words):
                if words.split()[:1] == [self.menu.address]:
                    self.effects.append(Chime(ChimeKind.NOT_UNDERSTOOD))
            case Wanted(routine=routine, source=source):
                self.wanted(routine, source)
            case VolumeAsked(level=level):
                self.set_volume(min(1.0, max(QUIETEST, level)))
            case Deafened():
                self.effects.append(Chime(ChimeKind.MICROPHONE_LOST))
                self.add(Line.of("standby_deaf"))
            case Hearing():
                self.take_back("standby_deaf")
                self.add(Line.of("hear_again"))
            case Silenced():
                self.effects.append(Chime(ChimeKind.READY))
                self.add(Line.of("speaker_back"))
            case Alerted(told=told):
                self.record("alerted", told=int(told))
                self.add(Line.of("alerted" if told else "not_alerted", number=self.number))

    def settle(self) -> None:
        """Say what waits to be said; when all is said, begin to wait, or be over."""
        if self.state.mouth is None and self.state.queue:
            head, *rest = self.state.queue
            number = self.state.utterances + 1
            self.change(mouth=number, saying=head.key, utterances=number, queue=tuple(rest))
            urgent = self.state.at is At.EMERGENCY
            self.effects.append(Say(number, head, Priority.SAFETY if urgent else Priority.TALK))
        if self.state.mouth is not None:
            return
        if self.state.at is At.STARTING:
            self.change(over=True)
        elif self.state.at is not At.IDLE and self.state.quiet_since is None:
            self.change(quiet_since=self.at)

    def deadline(self) -> float | None:
        if self.state.over or not self.state.began:
            return None
        found = [self.state.quiet_since + wait for wait in self.waits() if self.state.quiet_since is not None]
        if self.state.at is At.IDLE and self.state.mouth is None:
            found += [until for _, until in self.state.memory.put_off]
        return max(self.state.now, min(found)) if found else None

    def waits(self) -> tuple[float, ...]:
        """Return for how long it waits in silence until it goes on by itself."""
        match self.state.at:
            case At.OFFERING | At.WHICH:
                return (ASK_AGAIN,)
            case At.EMERGENCY:
                return (EMERGENCY_OVER if self.state.warned or not self.menu.can_alert else ALERT_AFTER,)
            case _:
                return ()

    def tick(self) -> None:
        due = self.deadline()
        if due is None or due > self.at:
            return
        match self.state.at:
            case At.IDLE:
                first = min(self.state.memory.put_off, key=lambda one: one[1])
                self.put_off(first[0], None)
                if self.at - first[1] <= LATEST * 60 and not self.has_just_played(first[0]):
                    self.offer(first[0])
            case At.EMERGENCY if self.menu.can_alert and not self.state.warned:
                self.warn()
            case At.EMERGENCY:
                self.idle()
            case _ if self.state.asked < 2:
                self.ask()
            case At.OFFERING if not self.state.called:
                self.note_offer("no answer")
                self.idle(Line.of("standby_not_today"))
            case _:
                self.idle(Line.of("standby_never_mind"))

    # --- Commands -------------------------------------------------------------------------------------------------

    def live(self) -> frozenset[Command]:
        if self.state.over or not self.state.began:
            return frozenset()
        match self.state.at:
            case At.STARTING:
                return frozenset({Command.PAIN, Command.EMERGENCY, Command.STOP})
            case At.OFFERING:
                return _ALWAYS | {Command.YES, Command.NO, Command.LATER}  # so "louder" is not: it sounds like "later"
            case At.WHICH:
                return _ALWAYS | {Command.NO}
            case At.EMERGENCY:
                return frozenset({Command.EMERGENCY, Command.PAIN, Command.MISTAKE, Command.STOP})
            case _:
                return _ALWAYS | _LOUDNESS

    def hear(self, command: Command, words: str, source: str) -> None:
        # A key or a button may give what an ear does not listen for now: then it is refused.
        if command not in self.live():
            self.effects.append(Chime(ChimeKind.REFUSED))
            return
        match command:
            case Command.EMERGENCY:
                self.emergency()
            case Command.PAIN if self.state.at is At.EMERGENCY:  # only "my mistake" takes it back
                self.emergency()
            case Command.PAIN:
                self.change(choice=None)
                self.idle(Line.of("rest_as_you_are"), Line.of("pain_help"))
            case Command.STOP:
                self.stop()
            case Command.MISTAKE:
                self.record("false_alarm", **{"from": "emergency"})
                self.idle(Line.of("standby_never_mind"))
            case Command.YES | Command.NO | Command.LATER:
                self.answer(command, source)
            case Command.LOUDER | Command.QUIETER:
                self.change_volume(command)
            case _:
                self.asked_for(command, words, source)

    def asked_for(self, command: Command, words: str, source: str) -> None:
        """Do what was asked for behind the address."""
        match command:
            case Command.START:
                self.start(words, source)
            case Command.RESUME:
                self.begin(Choice(None, resumes=True, source=source), Line.of("standby_resuming"))
            case Command.ROUTINES:
                self.say(*self.routines())  # a question stays, and is put again behind them
            case Command.AGAIN:
                self.say(*self.state.last)
            case _ if self.state.at is At.OFFERING:
                self.say(Line.of("options_standby_ask"))
            case _:
                self.say(Line.of("standby_options", address=self.menu.address))

    def start(self, words: str, source: str) -> None:
        offer = self.menu.called(words)
        if offer is None and self.menu.default is not None:
            self.offer(self.menu.default, called=True)  # it sounds like "stop": that must not start anything
        elif offer is None:
            self.ask_which()
        else:
            self.begin_named(offer.slug, source)

    def wanted(self, routine: str, source: str) -> None:
        """Start what somebody outside asks for; an empty name is the usual one."""
        slug = routine or self.menu.default
        if self.state.at is At.STARTING:  # the first one counts
            return
        if self.state.at is At.EMERGENCY:
            self.effects.append(Chime(ChimeKind.REFUSED))
        elif slug is None:
            self.ask_which()
        else:
            self.begin_named(slug, source)

    def routines(self) -> tuple[Line, ...]:
        if not self.menu.offers:
            return (Line.of("standby_none"),)
        return tuple(Line.of("standby_routine", number=o.number, title=o.title) for o in self.menu.offers)

    def stop(self) -> None:
        """Be silent; a question is taken back."""
        if self.state.at is At.EMERGENCY:
            self.hush()
        else:
            self.change(choice=None)
            self.idle()

    def emergency(self) -> None:
        """Say at once what is to be done; it is told to somebody unless it is taken back."""
        if self.state.at is not At.EMERGENCY:
            self.enter(At.EMERGENCY)
            self.change(warned=False, choice=None)
            self.record("emergency")
        else:
            self.warn()
        self.say(Line.of("emergency", number=self.number), Line.of("emergency_again"))

    def warn(self) -> None:
        """Have somebody told, once."""
        if self.menu.can_alert and not self.state.warned:
            self.change(warned=True, quiet_since=self.at)
            self.effects.append(Alert("emergency"))
