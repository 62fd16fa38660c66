"""What the coach between sessions can do: speak, ask, put off, be louder. ``standby`` says when.

Rule: machinery and questions. There is one mouth; what is said anew takes the place of what was being said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Effect,
    Hush,
    Line,
    Note,
    Value,
    Volume,
)
from voicecoach.core.manners import LOUDER, QUIETEST
from voicecoach.core.menu import At, Choice, Menu, State
from voicecoach.core.standing import Clocked, StandbyChanged
from voicecoach.core.timetable import LATEST, look


class Offering:
    """One event being handled: the state as it becomes, and the effects as they add up."""

    def __init__(self, menu: Menu, state: State, at: float) -> None:
        self.menu, self.state, self.at = menu, state, at
        self.effects: list[Effect] = []

    # --- Starting ---------------------------------------------------------------------------------------------------

    def ask_which(self) -> None:
        """Ask which routine is wanted, if there is any."""
        if not self.menu.offers:
            self.idle(Line.of("standby_none"))
            return
        self.enter(At.WHICH)
        self.ask()

    def begin_named(self, slug: str, source: str) -> None:
        """Begin with a routine; whether it can be played turns out then."""
        offer = self.menu.named(slug)
        title = slug if offer is None else offer.title
        self.put_off(slug, None)
        self.begin(Choice(slug, source=source), Line.of("standby_starting", title=title))

    def begin(self, choice: Choice, *lines: Line) -> None:
        """Say what begins, and be over behind it."""
        if self.state.at is At.OFFERING and not self.state.called and choice.routine != self.state.offered:
            self.note_offer("no")  # another is wanted
        self.hush()
        self.effects.append(Chime(ChimeKind.HEARD))
        self.enter(At.STARTING, choice.routine, resumes=choice.resumes)
        self.change(choice=choice)
        self.say(*lines)

    # --- Questions ------------------------------------------------------------------------------------------------

    def clocked(self, shown: Clocked) -> None:
        """Look what the timetable says; it is asked as soon as nothing else is going on."""
        agenda, due = look(self.menu.slots, self.state.memory.agenda, shown.day, shown.minute, shown.ahead)
        self.remember(agenda=agenda)
        self.change(minute=shown.minute)
        if due is not None and due.routine not in shown.resting and not self.has_just_played(due.routine):
            self.put_off(due.routine, self.at)

    def has_just_played(self, slug: str) -> bool:
        """Tell whether its session is hardly over."""
        played = self.state.memory.played
        return played is not None and played[0] == slug and self.at - played[1] <= LATEST * 60

    def put_off(self, slug: str, until: float | None) -> None:
        """Ask at this moment, and not at another; None: not at all."""
        others = tuple(one for one in self.state.memory.put_off if one[0] != slug)
        self.remember(put_off=others if until is None else (*others, (slug, until)))

    def offer(self, slug: str, *, called: bool = False) -> None:
        """Ask whether this routine is wanted now; ``called`` says that somebody spoke first."""
        self.hush()
        self.enter(At.OFFERING, slug)
        self.change(called=called)
        self.effects.append(Chime(ChimeKind.HEARD if called else ChimeKind.READY))
        self.ask()

    def ask(self) -> None:
        """Put the question; it is counted."""
        self.change(asked=self.state.asked + 1)
        if self.state.at is At.WHICH:
            self.say(Line.of("standby_which"))
            return
        offer = self.menu.named(self.state.offered)
        title = self.state.offered if offer is None else offer.title
        if self.state.called:
            self.say(Line.of("standby_offer", title=title))
            return
        hour, minute = divmod(self.state.minute, 60)
        hour = (hour - 1) % 12 + 1
        past = Line.of("standby_ask_past", minute=minute, hour=hour, title=title)
        self.say(past if minute else Line.of("standby_ask", hour=hour, title=title))

    def answer(self, command: Command, source: str) -> None:
        """Take the answer to what was asked."""
        slug = self.state.offered
        if command is Command.YES:
            self.begin_named(slug, source)
        elif command is Command.LATER:
            self.note_offer("later")
            self.put_off(slug, self.at + self.menu.snooze)
            self.idle(Line.of("standby_later", minutes=max(1, round(self.menu.snooze / 60))))
        elif self.state.at is At.OFFERING and not self.state.called:
            self.note_offer("no")
            self.idle(Line.of("standby_not_today"))
        else:
            self.idle(Line.of("standby_never_mind"))

    def note_offer(self, answer: str) -> None:
        """Put on record what came of a question."""
        self.record("offer", routine=self.state.offered, answer=answer)

    # --- Loudness -------------------------------------------------------------------------------------------------

    def change_volume(self, command: Command) -> None:
        """Be louder or quieter, or say that this is as far as it goes."""
        before, up = self.state.memory.volume, command is Command.LOUDER
        level = min(1.0, before * LOUDER) if up else max(QUIETEST, before / LOUDER)
        self.set_volume(level)
        said = ("louder", "no_louder") if up else ("quieter", "no_quieter")
        self.say(Line.of(said[level == before]))

    def set_volume(self, level: float) -> None:
        """Set the volume, here and for the sessions to come, until the machine is started anew."""
        if level != self.state.memory.volume:
            self.remember(volume=level)
            self.effects.append(Volume(level))

    # --- Small helps ----------------------------------------------------------------------------------------------

    @property
    def number(self) -> str:
        """The number to be called, digit by digit, or 112 is a hundred and twelve."""
        return " ".join(self.menu.emergency_number)

    def enter(self, at: At, slug: str | None = None, *, resumes: bool = False) -> None:
        """Be at something else from now on."""
        before, after = (self.state.mode, self.state.offered), (at.standing, slug or "")
        if before != after:
            self.effects.append(StandbyChanged(at.standing, slug, resumes))
        if at is not self.state.at or before != after:
            self.change(asked=0)
        self.change(at=at, offered=slug or "", quiet_since=None)

    def idle(self, *lines: Line) -> None:
        """Wait to be called again, with some last words."""
        self.enter(At.IDLE)
        self.say(*lines)

    def say(self, *lines: Line) -> None:
        """Say this instead of what is being said."""
        self.hush()
        self.change(queue=lines, quiet_since=None, last=lines or self.state.last)

    def add(self, line: Line) -> None:
        """Say this behind what is being said. Whoever is to answer gets the time for it anew; help is not put off."""
        asking = self.state.at in {At.OFFERING, At.WHICH}
        self.change(queue=(*self.state.queue, line), quiet_since=None if asking else self.state.quiet_since)

    def take_back(self, key: str) -> None:
        """Drop a sentence that is true no more, and be it in the middle of it."""
        waiting = tuple(line for line in self.state.queue if line.key != key)
        if self.state.mouth is not None and self.state.saying == key:
            self.hush()
        self.change(queue=waiting)

    def hush(self) -> None:
        """Fall silent, and drop what waits to be said."""
        if self.state.mouth is not None:
            self.effects.append(Hush())
        self.change(mouth=None, queue=())

    def record(self, kind: str, **fields: Value | None) -> None:
        """Put something on record."""
        self.effects.append(Note.of(kind, **fields))

    def remember(self, **fields: Any) -> None:
        """Change what is handed on."""
        self.change(memory=replace(self.state.memory, **fields))

    def change(self, **fields: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **fields)
