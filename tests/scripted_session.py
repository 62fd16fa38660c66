"""A session that asks for what it is told to: for tests of how effects are carried, whatever a real session would do."""

from __future__ import annotations

from collections.abc import Iterable

from voicecoach.core.events import (
    Alerted,
    Command,
    Effect,
    End,
    Event,
    Line,
    Mode,
    Priority,
    Say,
    Spoken,
    Start,
)


def say(number: int, text: str, priority: Priority = Priority.TALK, *, loud: bool = False) -> Say:
    """Make a sentence."""
    return Say(number, Line.text(text), priority, loud=loud)


class ScriptedSession:
    """Asks for the first turn at its start, and for the next when a sentence is over or an alarm is answered.

    ``waits_for`` is the event that leads on from each turn; then comes the end.
    """

    def __init__(self, *turns: Iterable[Effect], waits_for: tuple[type, ...] = (Spoken,)) -> None:
        self._turns = [tuple(turn) for turn in turns]
        self._waits_for = waits_for
        self.events: list[Event] = []
        self.over = False
        self.deadline: float | None = None
        self.live: frozenset[Command] = frozenset()
        self.state = self
        self.mode = Mode.PAUSED
        self.in_need = False

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Give the next turn."""
        self.events.append(event)
        if self.over or not isinstance(event, (Start, *self._waits_for)):
            return ()
        if self._turns:
            return self._turns.pop(0)
        self.over = True
        return (End("finished"),)

    def answers(self) -> list[bool]:
        """Return what came of the alarms."""
        return [event.told for event in self.events if isinstance(event, Alerted)]
