"""A fake world around a session: it speaks with a fixed length, keeps time, and writes down everything."""

from __future__ import annotations

from dataclasses import dataclass, field

from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import (
    Command,
    Effect,
    End,
    Event,
    Heard,
    Hush,
    Mode,
    ModeChanged,
    Say,
    Spoken,
    Start,
    StepBegan,
    Tick,
)
from voicecoach.core.news import Returned
from voicecoach.core.person import Person, Room
from voicecoach.core.program import Pace, Program
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.core.session import Session
from voicecoach.loading.pain import strict_rules

SPEECH = 0.6
"""Seconds that every line takes in this world."""


def exercise(slug: str = "bridge", **fields: object) -> Exercise:
    dose = {
        key: fields.pop(key)
        for key in list(fields)
        if key
        in {
            "sets",
            "reps",
            "time",
            "hold",
            "breaths",
            "amrap",
            "open",
            "tempo",
            "rest",
            "rest_between_reps",
            "rest_between_sides",
            "rest_after",
        }
    }
    defaults = {
        "slug": slug,
        "name": slug.title(),
        "position": "hook-lying",
        "exit": f"Leave the {slug}.",
        "dose": dose or {"reps": 2, "hold": "5 s"},
    }
    return Exercise.model_validate(defaults | fields)


def routine(*exercises: Exercise, **fields: object) -> Routine:
    blocks = (Block(exercises=exercises),)
    return Routine.model_validate({"slug": "test", "title": "Test", "blocks": blocks, "pain": strict_rules()} | fields)


def program(*exercises: Exercise, **fields: object) -> Program:
    return compile_routine(routine(*exercises, **fields), Pace(change_position=5, settle=5), lambda _: SPEECH)


ACQUAINTED = Person(agreed=True)


@dataclass
class World:
    """Drives a session; every query reads only what came out of it."""

    program: Program
    unattended: bool = False
    person: Person = ACQUAINTED
    room: Room | None = None
    now: float = 0.0
    session: Session = field(init=False)
    log: list[tuple[float, Event, tuple[Effect, ...]]] = field(default_factory=list)
    mouth: Spoken | None = None
    mode: Mode | None = None
    spent: dict[Mode, float] = field(default_factory=dict)
    """Seconds in each mode, added up out here."""

    def __post_init__(self) -> None:
        self.room = self.room or Room(attended=not self.unattended, ask_effort=False)
        self.session = Session(self.program, self.person, self.room)
        self.give(Start(self.now))

    def give(self, event: Event) -> tuple[Effect, ...]:
        if self.mode is not None:
            self.spent[self.mode] = self.spent.get(self.mode, 0.0) + event.at - self.now
        self.now = event.at
        effects = self.session.handle(event)
        self.log.append((event.at, event, effects))
        for effect in effects:
            match effect:
                case Hush():
                    self.mouth = None
                case Say():
                    assert self.mouth is None, f"two mouths at {self.now}: {effect}"
                    self.mouth = Spoken(self.now + SPEECH, effect.utterance)
                case ModeChanged():
                    told_anew = isinstance(event, Returned)  # to those who have not seen it begin
                    assert effect.mode is not self.mode or told_anew, f"mode {effect.mode} entered twice"
                    self.mode = effect.mode
        return effects

    def next_event(self) -> Event | None:
        events: list[Event] = [self.mouth] if self.mouth else []
        if self.session.deadline is not None:
            assert self.session.deadline >= self.now
            events.append(Tick(self.session.deadline))
        return min(events, key=lambda event: event.at, default=None)

    def run_until(self, moment: float) -> None:
        for _ in range(100_000):
            event = self.next_event()
            if event is None or event.at > moment:
                break
            if isinstance(event, Spoken):
                self.mouth = None
            self.give(event)
        else:
            raise AssertionError("the session does not come to rest")
        if self.mode is not None:
            self.spent[self.mode] = self.spent.get(self.mode, 0.0) + moment - self.now
        self.now = moment

    def wait(self, seconds: float) -> None:
        self.run_until(self.now + seconds)

    def say(self, command: Command) -> tuple[Effect, ...]:
        return self.give(Heard(self.now, command))

    def run_to(self, kind: str, *, limit: float = 2000.0, **fields: object) -> StepBegan:
        """Let time pass until a step of this kind begins."""
        end = self.now + limit
        while (event := self.next_event()) is not None and event.at <= end:
            if isinstance(event, Spoken):
                self.mouth = None
            for effect in self.give(event):
                if (
                    isinstance(effect, StepBegan)
                    and effect.kind == kind
                    and all(getattr(effect, k) == v for k, v in fields.items())
                ):
                    return effect
        raise AssertionError(f"no {kind} step within {limit} s")

    def finish(self, limit: float = 10_000.0) -> None:
        self.run_until(self.now + limit)

    @property
    def effects(self) -> list[tuple[float, Effect]]:
        return [(at, effect) for at, _, effects in self.log for effect in effects]

    @property
    def said(self) -> list[str]:
        return [dict(e.line.values).get("text", e.line.key) for _, e in self.effects if isinstance(e, Say)]  # type: ignore[misc]

    @property
    def ended(self) -> str | None:
        ends = [effect.reason for _, effect in self.effects if isinstance(effect, End)]
        assert len(ends) <= 1
        return ends[0] if ends else None
