"""One turn of the session: what is true in it, and the mouth. Every change of the state goes through ``Turn.change``.

Rule: machinery without decisions. There is one mouth: script lines and answers queue for it, cues never do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from voicecoach.core.events import Chime, ChimeKind, Effect, Hush, Line, Mode, ModeChanged, Note, Priority, Say, Value
from voicecoach.core.manners import ALONE, FROZEN
from voicecoach.core.person import Person, Room
from voicecoach.core.program import EFFORT, Cue, Program, Step, StepKind
from voicecoach.core.routine import Exercise, Routine
from voicecoach.core.state import Role, State, Utterance

_OF_ALL = {"set_done", "cut_short", "confirmed", "skipped"}
"""Notes about an effort that hold for every exercise of it, where a person chooses among several."""


@dataclass(frozen=True, slots=True)
class Script:
    """What stays the same throughout a session."""

    written: Routine
    """The routine as it was at the beginning."""
    person: Person
    room: Room


class Turn:
    """One event being handled: the state as it becomes, and the effects as they add up."""

    def __init__(self, script: Script, state: State, at: float) -> None:
        self.person, self.room, self.written = script.person, script.room, script.written
        self.state = state
        self.at = at
        self.effects: list[Effect] = []

    # --- What is true now ---------------------------------------------------------------------------------------

    @property
    def program(self) -> Program:
        """What is played."""
        return self.state.program

    @property
    def unattended(self) -> bool:
        """Whether nobody can be heard: then nothing waits for a word."""
        return not self.room.attended

    @property
    def frozen(self) -> bool:
        """Whether time stands still until a word."""
        return self.state.mode in FROZEN

    @property
    def step(self) -> Step:
        """The step whose time runs: a detour, or the program's.

        Where nobody can say "done", an effort that would wait for it ends after a while, and the person is told so.
        """
        step = self.state.detours[0] if self.state.detours else self.program.steps[self.state.index]
        if step.kind is StepKind.WORK and step.seconds is None and self.unattended:
            return replace(step, cues=(*step.cues, Cue(ALONE[step.kind], Line.of("release"), Priority.RELEASE)))
        return step

    @property
    def planned(self) -> Step:
        """The program's step, behind any detour."""
        return self.program.steps[self.state.index]

    @property
    def ending(self) -> bool:
        """Whether the last words are being said, or wait to be: nothing leads back from them."""
        return any(step.kind is StepKind.OUTRO for step in self.state.detours)

    @property
    def explaining(self) -> bool:
        """Whether an explanation that was asked for is being given."""
        return not self.frozen and bool(self.state.detours) and self.step.kind is StepKind.INTRO

    @property
    def exercise(self) -> Exercise | None:
        """The exercise we are in; None in the routine's own talk."""
        return self.program.exercise_at(self.state.index)

    @property
    def meant(self) -> int:
        """The step whose exercise "this" means: the planned one.

        In a rest that has named what comes ("Rest for 15 seconds, then Push") it is the one that comes: that is what a
        person wants explained, or left out. What is too hard, or hurts, is what they have just done.
        """
        named = self.planned.leads_to is not None and (self.state.held is not None or not self.frozen)
        return self.state.index + named

    @property
    def in_effort(self) -> bool:
        """Whether the person is, or is about to be, in a position that they should be told the way out of."""
        return not self.frozen and not self.explaining and self.state.index >= 0 and self.planned.kind in EFFORT

    @property
    def spent(self) -> float:
        """Seconds that the program's step has been running."""
        return self.state.held.spent if self.state.held else self.state.clock.read(self.at)

    def seconds(self) -> float | None:
        """Return how long the current step lasts; None until a word."""
        step = self.step
        return ALONE[step.kind] if step.seconds is None and self.unattended else step.seconds

    def waits(self) -> bool:
        """Return whether only a word leads on from here."""
        return self.frozen or (self.seconds() is None and self.state.clock.running)

    # --- Speaking -------------------------------------------------------------------------------------------------

    def speak(
        self, *lines: Line, role: Role, priority: Priority = Priority.TALK, first: bool = False, loud: bool = False
    ) -> None:
        """Let lines queue for the mouth, at its end or (``first``) before all others."""
        said = tuple(Utterance(line, role, priority, loud=loud) for line in lines)
        self.change(queue=said + self.state.queue if first else self.state.queue + said)
        self.utter()

    def utter(self) -> None:
        """Say the next line that waits, if the mouth is free."""
        if self.state.mouth is None and self.state.queue:
            head, *rest = self.state.queue
            number = self.state.utterances + 1
            last = self.state.last if head.role is Role.CUE else head.line
            mouth = replace(head, number=number, since=self.at)
            self.change(mouth=mouth, queue=tuple(rest), utterances=number, last=last)
            if head.role is Role.SCRIPT and self.step.explains and self.step.place and head.line.key == "text":
                self.change(
                    posture=self.program.exercises[self.step.place.exercise]
                )  # its words lead into the position
            self.effects.append(Say(number, head.line, head.priority, head.loud))

    def hush(self) -> None:
        """Fall silent; what was in the mouth is lost unless the caller keeps it."""
        self.effects.append(Hush())
        self.change(mouth=None)

    def aside(self, *lines: Line) -> None:
        """Say something behind what is being said."""
        self.speak(*lines, role=Role.ASIDE)

    def tell(self, *lines: Line) -> None:
        """Say what has happened to devices or the journal, behind what is being said."""
        self.speak(*lines, role=Role.NEWS)

    def take_back(self, key: str) -> None:
        """Drop a sentence that is true no more, and be it in the middle of it."""
        if self.state.mouth is not None and self.state.mouth.line.key == key:
            self.hush()
        self.change(queue=tuple(one for one in self.state.queue if one.line.key != key))

    def answer(self, *lines: Line) -> None:
        """Say something in between. It never stops a countdown; a sentence that it cuts short is said again after."""
        mouth, queue = self.state.mouth, tuple(u for u in self.state.queue if u.role is Role.SCRIPT)
        if mouth is not None and mouth.role is not Role.CUE and mouth.priority < Priority.SAFETY:
            self.hush()
            # The length of a rest is no longer true when it is said again.
            again = mouth.role is Role.SCRIPT and self.step.kind is not StepKind.REST
            queue = (replace(mouth, number=0), *queue) if again else queue
        self.change(queue=queue)
        self.speak(*lines, role=Role.ASIDE, first=True)

    def refuse(self) -> None:
        """Say with a chime that a command was understood and means nothing here."""
        self.effects.append(Chime(ChimeKind.REFUSED))

    # --- Small helps ----------------------------------------------------------------------------------------------

    def change(self, **fields: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **fields)

    def enter_mode(self, mode: Mode) -> None:
        """Change the mode, and say so if it is another."""
        if mode is not self.state.mode:
            self.change(mode=mode)
            self.effects.append(ModeChanged(mode))

    def record(self, kind: str, **fields: Value | None) -> None:
        """Put something on record."""
        self.effects.append(Note.of(kind, **fields))

    def note(self, kind: str, index: int | None = None) -> None:
        """Put what happened on record, with its place in the routine: the planned step's, or that of a coming one."""
        index = self.state.index if index is None else index
        step, exercise = self.program.steps[index], self.program.exercise_at(index)
        place, begun = step.place, index == self.state.index
        rep = place.rep + 1 if place and place.rep is not None and begun else None
        if step.restarts and begun:
            rep = step.rep_at(self.spent)
        self.effects.append(
            Note.of(
                kind,
                exercise=exercise.slug if exercise else None,
                set=place.set + 1 if place else None,
                rep=rep,
                side=place.side + 1 if place and place.side is not None else None,
                phase=self.planned.kind.value,
            )
        )
        if kind in _OF_ALL:
            for slug in (self.program.exercises[index].slug for index in step.together):
                if exercise is None or slug != exercise.slug:
                    place_of_it = {"set": 1, "rep": None, "side": None, "phase": step.kind.value}
                    self.effects.append(Note.of(kind, exercise=slug, **place_of_it))
