"""A fake world around the coach between sessions: every line takes a while, time passes, everything is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Effect,
    Event,
    Heard,
    Hush,
    Note,
    Overheard,
    Say,
    Spoken,
    Start,
    Tick,
)
from voicecoach.core.menu import Greeting, Memory, Menu, Offer
from voicecoach.core.standby import Standby
from voicecoach.core.standing import Clocked, StandbyChanged
from voicecoach.core.timetable import read_slot

SPEECH = 2.0
FIRST = Offer("first-steps", "First steps", 1, frozenset({"start first steps", "start number one", "first steps"}))
GENTLE = Offer("gentle-start", "Gentle start", 2, frozenset({"start gentle start", "start number two"}))
MONDAY = 1
EIGHT = 8 * 60


def menu(*lines: str, **fields: Any) -> Menu:
    return Menu((FIRST, GENTLE), "coach", slots=tuple(map(read_slot, lines)), **fields)


@dataclass
class Calling:
    """Drives a standby; every query reads only what came out of it."""

    menu: Menu = field(default_factory=menu)
    memory: Memory | None = None
    greeting: Greeting | None = None
    now: float = 0.0
    standby: Standby = field(init=False)
    effects: list[tuple[float, Effect]] = field(default_factory=list)
    mouth: Spoken | None = None

    def __post_init__(self) -> None:
        self.standby = Standby(self.menu, self.memory, self.greeting)
        self.give(Start(self.now))

    def give(self, event: Event | Clocked) -> list[Effect]:
        self.now = max(self.now, event.at)
        found = list(self.standby.handle(event))
        self.effects += [(self.now, effect) for effect in found]
        hushes = [place for place, effect in enumerate(found) if isinstance(effect, Hush)]
        assert not any(isinstance(effect, Chime) for effect in found[: max(hushes, default=0)]), "it would not sound"
        for effect in found:
            match effect:
                case Hush():
                    self.mouth = None
                case Say():
                    assert self.mouth is None, f"two mouths at {self.now}: {effect}"
                    self.mouth = Spoken(self.now + SPEECH, effect.utterance)
        return found

    def next_event(self) -> Event | None:
        events: list[Event] = [self.mouth] if self.mouth else []
        if self.standby.deadline is not None:
            assert self.standby.deadline >= self.now
            events.append(Tick(self.standby.deadline))
        return min(events, key=lambda event: event.at, default=None)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        for _ in range(10_000):
            event = self.next_event()
            if event is None or event.at > until:
                break
            if isinstance(event, Spoken):
                self.mouth = None
            self.give(event)
        else:
            raise AssertionError("it does not come to rest")
        self.now = until

    def say(self, words: str | Command, source: str = "voice") -> list[Effect]:
        if isinstance(words, Command):
            return self.give(Heard(self.now, words, words.value, source))
        return self.give(Heard(self.now, Command.START, words, source))

    def overhear(self, words: str) -> list[Effect]:
        return self.give(Overheard(self.now, words))

    def show(self, minute: int, day: int = MONDAY, *resting: str, ahead: float = 0.0) -> list[Effect]:
        return self.give(Clocked(self.now, day, minute, frozenset(resting), ahead))

    @property
    def said(self) -> list[str]:
        return [effect.line.key for _, effect in self.effects if isinstance(effect, Say)]

    @property
    def chimes(self) -> list[ChimeKind]:
        return [effect.kind for _, effect in self.effects if isinstance(effect, Chime)]

    @property
    def states(self) -> list[tuple[str, str | None]]:
        return [(e.state.value, e.routine) for _, e in self.effects if isinstance(e, StandbyChanged)]

    def notes(self, kind: str) -> list[dict[str, object]]:
        return [dict(e.fields) for _, e in self.effects if isinstance(e, Note) and e.kind == kind]
