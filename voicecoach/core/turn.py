"""One turn of the session: speaking, walking through steps, freezing and thawing. How things happen, not when.

Rule: here is the machinery that ``session`` decides with; every change of the state goes through ``Turn.change``.

There is one mouth: script lines and answers queue for it, cues never do. Every interruption is the same pair of
verbs: ``freeze`` stops the clock and keeps what was left to say, ``thaw`` takes the step up again, behind a count-in
where an effort was cut.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Effect,
    End,
    Hush,
    Line,
    Mode,
    ModeChanged,
    Note,
    Priority,
    Say,
    StepBegan,
)
from voicecoach.core.manners import ALONE, EPSILON, FROZEN, LATE, MODES, PATIENCE, REMINDERS
from voicecoach.core.program import EFFORT, Cue, Program, Step, StepKind, count_in
from voicecoach.core.routine import AfterPause, Exercise
from voicecoach.core.state import Held, Role, State, Stopwatch, Utterance


class Turn:
    """One event being handled: the state as it becomes, and the effects as they add up."""

    def __init__(self, program: Program, state: State, at: float, unattended: bool) -> None:
        self.program = program
        self.state = state
        self.at = at
        self.unattended = unattended
        self.effects: list[Effect] = []

    # --- What is true now ---------------------------------------------------------------------------------------

    @property
    def frozen(self) -> bool:
        """Whether time stands still until a word."""
        return self.state.mode in FROZEN

    @property
    def step(self) -> Step:
        """The step whose time runs: a detour, or the program's."""
        return self.state.detours[0] if self.state.detours else self.program.steps[self.state.index]

    @property
    def planned(self) -> Step:
        """The program's step, behind any detour."""
        return self.program.steps[self.state.index]

    @property
    def explaining(self) -> bool:
        """Whether an explanation that was asked for is being given."""
        return not self.frozen and bool(self.state.detours) and self.step.kind is StepKind.INTRO

    @property
    def exercise(self) -> Exercise | None:
        """The exercise we are in; None in the routine's own talk."""
        return self.program.exercise_at(self.state.index)

    def seconds(self) -> float | None:
        """Return how long the current step lasts; None until a word."""
        step = self.step
        return ALONE[step.kind] if step.seconds is None and self.unattended else step.seconds

    def waits(self) -> bool:
        """Return whether only a word leads on from here."""
        return self.frozen or (self.seconds() is None and self.state.clock.running)

    def deadline(self) -> float | None:
        """Return the next moment at which something is due; None while only a word can come."""
        state = self.state
        if state.over or state.index < 0:
            return None
        moments = [] if state.mouth is None else [state.mouth.since + PATIENCE]
        if self.waits():
            reminders = REMINDERS.get(state.mode, ())
            if state.quiet_since is not None and state.reminded < len(reminders):
                moments.append(state.quiet_since + reminders[state.reminded][0])
        elif state.clock.running:
            if state.cue < len(self.step.cues):
                moments.append(state.clock.reaches(self.step.cues[state.cue].at))
            if (seconds := self.seconds()) is not None:
                moments.append(state.clock.reaches(seconds))
        return max(min(moments), state.now) if moments else None

    # --- Time ------------------------------------------------------------------------------------------------------

    def tick(self, late: float) -> None:
        """Take notice that time has passed."""
        mouth = self.state.mouth
        if mouth is not None and self.at >= mouth.since + PATIENCE - EPSILON:
            self.change(mouth=None)
        if self.waits():
            self.remind()
        else:
            self.run(late)

    def run(self, late: float) -> None:
        """Let the running step's time pass: cues that are due, then its end, then the steps behind it."""
        while self.state.clock.running and not self.state.over and not self.frozen:
            cues, seconds = self.step.cues, self.seconds()
            spent = self.state.clock.read(self.at) + EPSILON
            if self.state.cue < len(cues) and cues[self.state.cue].at <= spent:
                cue = cues[self.state.cue]
                self.change(cue=self.state.cue + 1)
                self.give(cue, late=spent - cue.at + late > LATE)
            elif seconds is not None and seconds <= spent:
                self.leave()
            else:
                return

    def give(self, cue: Cue, *, late: bool) -> None:
        """Say a cue on its moment, or not at all: a chime stands for a count, and only a release cuts in."""
        busy = self.state.mouth is not None or bool(self.state.queue)
        if cue.priority >= Priority.RELEASE:
            if busy:
                self.hush()
                self.change(queue=tuple(u for u in self.state.queue if u.role is Role.SCRIPT))
            self.speak(cue.line, role=Role.CUE, priority=cue.priority, first=True)
        elif late:
            return
        elif not busy:
            self.speak(cue.line, role=Role.CUE, priority=cue.priority)
        elif cue.priority is Priority.COUNT:
            self.effects.append(Chime(ChimeKind.COUNT))

    def remind(self) -> None:
        """Say again how to go on, after a while of silence, a few times; then just wait."""
        reminders = REMINDERS.get(self.state.mode, ())
        since, count = self.state.quiet_since, self.state.reminded
        if since is not None and count < len(reminders) and self.at >= since + reminders[count][0] - EPSILON:
            self.change(reminded=count + 1)
            self.speak(Line.of(reminders[count][1]), role=Role.ASIDE)

    def settle(self) -> None:
        """Bring the state to rest after an event: speech goes on, clocks start, empty steps are passed through."""
        while not self.state.over:
            self.utter()
            if self.state.mouth is None and not self.frozen and not self.state.clock.running:
                self.change(clock=self.state.clock.start(self.at))
                if self.seconds() == 0.0:
                    self.leave()
                    continue
            break
        quiet = self.state.mouth is None and not self.state.over and self.waits()
        if quiet != (self.state.quiet_since is not None):
            self.change(quiet_since=self.at if quiet else None)

    # --- Speaking -------------------------------------------------------------------------------------------------

    def speak(self, *lines: Line, role: Role, priority: Priority = Priority.TALK, first: bool = False) -> None:
        """Let lines queue for the mouth, at its end or (``first``) before all others."""
        said = tuple(Utterance(line, role, priority) for line in lines)
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
            self.effects.append(Say(number, head.line, head.priority))

    def hush(self) -> None:
        """Fall silent; what was in the mouth is lost unless the caller keeps it."""
        self.effects.append(Hush())
        self.change(mouth=None)

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

    # --- Walking --------------------------------------------------------------------------------------------------

    def enter(self, index: int) -> None:
        """Begin step ``index`` of the program, behind whatever is being said."""
        self.change(index=index, detours=(), held=None)
        self.begin(self.planned)

    def begin(self, step: Step) -> None:
        """Begin a step: of the program, or a detour."""
        self.announce(step, self.seconds())
        clock = Stopwatch().start(self.at) if step.eager else Stopwatch()
        self.change(clock=clock, cue=0, reminded=0)
        lines = step.lines
        if step.seconds is None and self.unattended and step.kind is StepKind.INTRO:
            lines = (Line.of("start_alone", seconds=round(ALONE[StepKind.INTRO])),)
        self.speak(*lines, role=Role.SCRIPT)

    def announce(self, step: Step, seconds: float | None) -> None:
        """Tell the world that a step begins, or goes on with ``seconds`` left."""
        place, exercise = step.place, self.program.exercises[step.place.exercise] if step.place else None
        self.effects.append(
            StepBegan(
                index=-1 if self.state.detours else self.state.index,
                kind=step.kind.value,
                exercise=exercise.slug if exercise else None,
                set=place.set + 1 if place else None,
                rep=place.rep + 1 if place and place.rep is not None else None,
                side=place.side + 1 if place and place.side is not None else None,
                limb=step.limb,
                seconds=seconds,
            )
        )
        self.enter_mode(MODES.get(step.kind, Mode.INSTRUCTION))

    def leave(self) -> None:
        """Go on from a step that has come to its end."""
        if self.step.kind is StepKind.OUTRO:
            self.effects += [Chime(ChimeKind.DONE), End(self.state.reason)]
            self.change(over=True, clock=Stopwatch())
        elif self.state.detours:
            self.change(detours=self.state.detours[1:])
            if self.state.detours:
                self.begin(self.step)
            else:
                self.take_up()
        else:
            self.count_done()
            self.enter(self.state.index + 1)

    def count_done(self) -> None:
        """Count the exercise as done if the effort that ends here is its last."""
        place = self.planned.place
        if place is not None and self.program.is_last_effort(self.state.index):
            self.change(done=self.state.done | {place.of_exercise})

    def go(self, index: int, *lines: Line) -> None:
        """Jump to step ``index``. A paused session only moves its mark, and stays paused."""
        self.hush()
        self.change(queue=(), quiet_since=None, backed_at=None)
        if self.frozen:
            index = min(index, len(self.program.steps) - 1)  # the mark has nowhere to go behind the farewell
            self.change(index=index, held=None, detours=(), clock=Stopwatch(), cue=0, reminded=0)
            name = self.exercise.spoken_name if self.exercise else self.program.title
            self.speak(*lines, Line.of("parked", name=name), role=Role.ASIDE)
        else:
            self.speak(*lines, role=Role.ASIDE)
            self.enter(index)

    # --- Freezing and thawing -------------------------------------------------------------------------------------

    def at_rest(self) -> State:
        """Return the state with its clock stopped and its mouth shut, ready to be taken up at any later time."""
        state = self.state
        held = state.held
        if held is None and not self.frozen:
            spoken = (state.mouth, *state.queue) if state.mouth is not None else state.queue
            script = tuple(u.line for u in spoken if u.role is Role.SCRIPT)
            held = Held(state.clock.read(self.at), state.cue, state.clock.running, script)
        # A count-in is counted anew; an explanation goes on with the sentence that was cut.
        detours: tuple[Step, ...] = state.detours if self.frozen else ()
        if self.explaining:
            left = (state.mouth, *state.queue) if state.mouth is not None else state.queue
            lines = tuple(u.line for u in left if u.role is Role.SCRIPT)
            detours = (replace(state.detours[0], lines=lines),)
        return replace(
            state,
            clock=Stopwatch(),
            cue=0,
            detours=detours,
            held=held,
            mouth=None,
            queue=(),
            quiet_since=None,
            undo=None,
        )

    def freeze(self, mode: Mode) -> None:
        """Silence at once, and time stands still until a word."""
        self.effects.append(Hush())
        self.state = replace(self.at_rest(), undo=self.state.undo, reminded=0)
        self.enter_mode(mode)

    def thaw(self, *detours: Step) -> None:
        """Take up the step that was frozen, behind ``detours`` and, where an effort was cut, a count-in."""
        held, step = self.state.held, self.planned
        self.change(queue=tuple(u for u in self.state.queue if u.role is Role.ASIDE), quiet_since=None)
        again: tuple[Step, ...] = ()
        if held is None:
            if step.kind in EFFORT:
                again = (self.program.position_before(self.state.index),)
        elif step.kind is StepKind.WORK and step.place and step.place.rep is not None:
            self.change(held=None)
            again = (count_in(Line.of("going_on")),)
        else:
            held, again = self.returning(held, step)
            self.change(held=held)
        self.change(detours=(*self.state.detours, *detours, *again))
        if self.state.detours:
            self.begin(self.step)
        else:
            self.take_up()

    def returning(self, held: Held, step: Step) -> tuple[Held, tuple[Step, ...]]:
        """Return where an effort that was cut is taken up, and what is counted in before it."""
        if not held.running:
            return held, ()
        if step.kind in {StepKind.POSITION, StepKind.SWITCH}:
            return replace(held, spent=0.0, cue=0), ()  # who has rested needs the whole time to get into place
        if step.kind is StepKind.REST and step.place and step.place.rep is not None:
            return held, (count_in(Line.of("going_on")),)
        if step.kind not in EFFORT:
            return held, ()
        if step.kind is StepKind.HOLD:
            if self.program.after_pause is AfterPause.RESTART:
                held = replace(held, spent=0.0, cue=0)
            line = Line.of("limb", limb=step.limb) if step.limb else Line.of("hold_again")
        elif step.restarts:
            rep = max(n for n, start in enumerate(step.restarts) if start <= held.spent + EPSILON)
            start = step.restarts[rep]
            cue = next(n for n, cue in enumerate(step.cues) if cue.at >= start - EPSILON)
            held = replace(held, spent=start, cue=cue)
            line = Line.of("from_rep", number=rep // step.turns + 1)
        else:
            line = Line.of("going_on")
        return held, (count_in(line),)

    def take_up(self) -> None:
        """Let the program's step go on from where it was held; a step that was never begun begins."""
        held, step = self.state.held, self.planned
        if held is None:
            self.begin(step)
            return
        clock = Stopwatch(held.spent)
        self.change(held=None, detours=(), cue=held.cue, clock=clock.start(self.at) if held.running else clock)
        seconds = self.seconds()
        self.announce(step, None if seconds is None else max(0.0, seconds - held.spent))
        if step.kind is StepKind.REST and step.place and step.place.rep is None and seconds is not None:
            if (left := round(seconds - held.spent)) >= 2:
                self.speak(Line.of("rest_left", seconds=left), role=Role.ASIDE)
        else:
            waits = step.kind is StepKind.INTRO and step.seconds is None
            self.speak(*(held.script or step.lines if waits else held.script), role=Role.SCRIPT)

    # --- Small helps ----------------------------------------------------------------------------------------------

    def change(self, **fields: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **fields)

    def enter_mode(self, mode: Mode) -> None:
        """Change the mode, and say so if it is another."""
        if mode is not self.state.mode:
            self.change(mode=mode)
            self.effects.append(ModeChanged(mode))

    def note(self, kind: str) -> None:
        """Put what happened on record, with its place in the routine."""
        place, exercise = self.planned.place, self.exercise
        rep = place.rep + 1 if place and place.rep is not None else None
        if self.planned.restarts:
            spent = self.state.held.spent if self.state.held else self.state.clock.read(self.at)
            rep = self.planned.rep_at(spent)
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
