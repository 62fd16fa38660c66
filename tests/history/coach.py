"""A coach made of paper: it writes the events and effects that a session gives, as the notes' page has them.

It decides nothing. Whoever calls it says what happens: `coach.through("bridge")`, `coach.pain(score=4)`.
"""

from __future__ import annotations

from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Effect,
    End,
    Event,
    Heard,
    Mode,
    ModeChanged,
    Note,
    Remember,
    Say,
    Start,
    StepBegan,
    Tick,
)
from voicecoach.core.manners import MODES
from voicecoach.core.person import Person
from voicecoach.core.program import EFFORT, Pace, Step
from voicecoach.core.report import SessionReport
from voicecoach.core.reporter import Reporter
from voicecoach.core.routine import Routine

SPEECH = 1.0
"""Seconds that every line takes here."""


class Coach:
    """Writes pairs of event and effects, and feeds them to a reporter."""

    def __init__(
        self,
        routine: Routine,
        *,
        id: str = "s1",  # noqa: A002
        started: str = "2026-03-02T18:00:00+01:00",
        person: Person | None = None,
    ) -> None:
        self.program = compile_routine(routine, Pace(), lambda _: SPEECH)
        self.reporter = Reporter(routine, id=id, started=started, person=person)
        self.pairs: list[tuple[Event, tuple[Effect, ...]]] = []
        self.at, self.index, self.mode = 0.0, 0, Mode.INSTRUCTION
        self.give(Start(0.0), ModeChanged(Mode.INSTRUCTION))

    # --- The smallest things ------------------------------------------------------------------------------------

    def give(self, event: Event, *effects: Effect) -> None:
        for effect in effects:
            if isinstance(effect, ModeChanged):
                self.mode = effect.mode
        self.pairs.append((event, effects))
        self.reporter.feed(event, effects)

    def tick(self, seconds: float, *effects: Effect) -> None:
        self.at += seconds
        self.give(Tick(self.at), *effects)

    def heard(self, command: Command, *effects: Effect, after: float = 0.0) -> None:
        self.at += after
        self.give(Heard(self.at, command), *effects)

    def report(self, ended: str | None = None) -> SessionReport:
        return self.reporter.report(ended=ended)

    def began(self, left: float | None = None, *, index: int | None = None, slug: str | None = None) -> StepBegan:
        index = self.index if index is None else index
        step = self.program.steps[index]
        place, exercise = step.place, self.program.exercise_at(index)
        return StepBegan(
            index,
            step.kind.value,
            slug or (exercise.slug if exercise else None),
            place.set + 1 if place else None,
            place.rep + 1 if place and place.rep is not None else None,
            place.side + 1 if place and place.side is not None else None,
            step.limb,
            step.seconds if left is None else left,
        )

    def place(self, kind: str, *, slug: str | None = None) -> Note:
        at = self.began(slug=slug)
        return Note.of(kind, exercise=at.exercise, set=at.set, rep=at.rep, side=at.side, phase=at.kind)

    def answer(self, kind: str, **fields: str | float | None) -> Note:
        slug = self.began().exercise
        return Note.of(kind, **{"exercise": slug, **fields})

    # --- Playing ------------------------------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        return self.program.steps[self.index]

    def enter(self, index: int) -> tuple[Effect, ...]:
        self.index = index
        mode = MODES.get(self.step.kind, Mode.INSTRUCTION)
        return (self.began(), *(() if mode is self.mode else (ModeChanged(mode),)))

    def play(self, seconds: float | None = None, *, slug: str | None = None) -> None:
        """Play the current step, whole or for its first seconds; a whole effort ends its part of the set."""
        step = self.step
        mode = MODES.get(step.kind, Mode.INSTRUCTION)
        self.tick(0, self.began(slug=slug), *(() if mode is self.mode else (ModeChanged(mode),)))
        whole = step.seconds if step.seconds is not None else 20.0
        until, spent = whole if seconds is None else seconds, 0.0
        for number, cue in enumerate(step.cues, 1):
            if cue.at <= until:
                self.tick(cue.at - spent, Say(number, cue.line, cue.priority))
                spent = cue.at
        self.tick(until - spent + (0.0 if step.eager or step.kind in EFFORT else step.talk))
        if seconds is None and step.kind in EFFORT and self.program.end_of_effort(self.index) == self.index + 1:
            if step.seconds is None:
                self.heard(Command.DONE, self.place("confirmed", slug=slug))
            else:
                self.tick(0, self.place("set_done", slug=slug))

    def to(self, slug: str) -> None:
        """Play on up to the first step of an exercise, the nearest."""
        while (exercise := self.program.exercise_at(self.index)) is None or exercise.slug != slug:
            self.play()
            self.index += 1

    def through(self, slug: str | None = None) -> None:
        """Play up to an exercise and through it; without a name, through the whole program."""
        if slug is not None:
            self.to(slug)
        last = self.program.next_exercise(self.index) if slug is not None else len(self.program.steps)
        while self.index < last:
            self.play()
            self.index += 1

    def into_effort(self, slug: str, seconds: float, *, number: int = 1) -> None:
        """Play up to the given effort of an exercise, and into it."""
        self.to(slug)
        for _ in range(number):
            while self.step.kind not in EFFORT or not self.step.seconds or self.step.seconds <= seconds:
                self.play()
                self.index += 1
            number -= 1
            if number:
                self.play()
                self.index += 1
        self.play(seconds)

    # --- What people do -----------------------------------------------------------------------------------------

    def pain(
        self,
        score: int | None,
        verdict: str | None,
        *,
        lock: bool = False,
        feel: str | None = "ache",
        leg: str | None = "no",
        sign: str | None = None,
    ) -> None:
        """Say "pain", answer the questions in forty seconds, and hear the verdict."""
        self.heard(Command.PAIN, self.place("pain"), ModeChanged(Mode.PAIN))
        slug = self.began().exercise or ""
        effects: list[Effect] = [
            self.answer("pain_report", score=score, leg=leg, feel=feel, sign=sign, verdict=verdict)
        ]
        if lock:
            effects += [
                self.answer("locked", reason="pain", score=score),
                Remember(f"lock/{slug}", "pain" if score is None else f"pain {score}"),
            ]
        self.tick(40, *effects)

    def skip(self, reason: str | None = None) -> None:
        name = self.place("skipped")
        self.heard(Command.SKIP, name)
        if reason is not None:
            self.tick(4, self.answer("skip_reason", reason=reason))
        self.index = self.program.next_exercise(self.index)
        self.tick(0, *self.enter(self.index))

    def go_on(self) -> None:
        self.heard(Command.RESUME, self.place("resumed_after_pain"), *self.enter(self.index), after=10)

    def undo(self, command: Command, *, back_to: int, after: float = 2.0) -> None:
        self.index = back_to
        note = Note.of("undone", command=command.value)
        self.heard(Command.UNDO, note, *self.enter(back_to), after=after)

    def refused(self, command: Command, after: float = 1.0) -> None:
        self.heard(command, Chime(ChimeKind.REFUSED), after=after)

    def end(self, reason: str = "finished", *, effort: int | None = None) -> None:
        self.tick(5, ModeChanged(Mode.QUESTION))
        if effort is not None:
            self.tick(4, Note.of("effort", score=effort))
        self.tick(3, End(reason))
