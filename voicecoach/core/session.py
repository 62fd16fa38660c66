"""The session: events in, effects out. This is the only file that decides what happens next.

Rule 1: everything that affects a session's state is in this file; state.py holds values, program.py holds the plan.
Rule 2: ``handle`` is the only way in. It never waits, never reads a clock, never fails on any order of events.
Rule 3: the next deadline is a property of the state. There are no timers, so none can be stale.
Rule 4: silence, noise and the passing of time never count as a word: only a command leaves a freeze.

Theory of operation. A session walks through the steps of its program. A step's lines are said, then its time runs
(an eager step's time runs at once), its cues fall due, and the next step is entered. There is one mouth: script
lines and answers queue for it, cues never do. Every interruption is the same pair of verbs: ``_freeze`` stops the
clock and keeps what was left to say, ``_thaw`` takes the step up again, behind a count-in where an effort was cut.
Pause, pain and the question before the end differ only in what they ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Effect,
    End,
    Event,
    Heard,
    Hush,
    Line,
    Mode,
    ModeChanged,
    Note,
    Priority,
    Say,
    Spoken,
    Start,
    StepBegan,
    Tick,
)
from voicecoach.core.program import EFFORT, Cue, Program, Step, StepKind, count_in, instructions
from voicecoach.core.routine import AfterPause, Exercise
from voicecoach.core.state import Held, Role, State, Stopwatch, Undo, Utterance

UNDO_WITHIN = 10.0
"""Seconds in which "undo" takes back the last command (docs/design.md)."""
BACK_TWICE_WITHIN = 5.0
"""Seconds in which a second "go back" means the set before."""
LATE = 0.3
"""Seconds after which a cue has missed its moment: a late "three" is worse than silence."""
PATIENCE = 60.0
"""Seconds after which an utterance that was never reported as spoken is given up; no line lasts that long."""
ALONE = {StepKind.INTRO: 5.0, StepKind.WORK: 30.0}
"""Seconds that an open-ended step lasts when nobody can be heard."""

_EPSILON = 1e-6  # seconds: sums of floats that mean the same moment
_FROZEN = frozenset({Mode.PAUSED, Mode.PAIN, Mode.CONFIRM})
_MODES = {
    StepKind.WORK: Mode.WORK,
    StepKind.HOLD: Mode.HOLD,
    StepKind.REST: Mode.REST,
    StepKind.SWITCH: Mode.REST,
    StepKind.OUTRO: Mode.FINISHED,
}
_REMINDERS: dict[Mode, tuple[tuple[float, str], ...]] = {
    # After the way out of the position: five quiet seconds, then how to go on, then twice more; then it just waits.
    Mode.PAIN: ((5.0, "pain_waiting"), (30.0, "pain_waiting"), (60.0, "pain_waiting")),
    Mode.PAUSED: ((45.0, "still_paused"), (180.0, "still_paused")),
    Mode.CONFIRM: ((8.0, "confirm_end"), (20.0, "confirm_end")),
    Mode.INSTRUCTION: ((20.0, "say_ready"), (45.0, "say_ready"), (90.0, "say_ready")),
    Mode.WORK: ((60.0, "until_done"), (120.0, "until_done")),
}


class Session:
    """One going through a program. ``unattended`` says that nobody can be heard: then nothing waits for a word."""

    def __init__(self, program: Program, *, unattended: bool = False) -> None:
        self._program = program
        self._unattended = unattended
        self._state = State()

    @property
    def state(self) -> State:
        """What the session remembers; to look at, not to change."""
        return self._state

    @property
    def over(self) -> bool:
        """Whether it has ended: nothing follows."""
        return self._state.over

    @property
    def live(self) -> frozenset[Command]:
        """The commands that mean something now; an ear need not listen for others."""
        return frozenset(c for c, rule in _RULES.items() if rule.for_mode(self._state.mode) is not _Turn.refuse)

    @property
    def deadline(self) -> float | None:
        """The moment at which the session wants a ``Tick``; None while it waits for a word."""
        return _Turn(self._program, self._state, self._state.now, self._unattended).deadline()

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Take one event and return what the world should do about it, in order."""
        turn = _Turn(self._program, self._state, max(event.at, self._state.now), self._unattended)
        turn.take(event)
        self._state = turn.state
        return tuple(turn.effects)


class _Turn:
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
        return self.state.mode in _FROZEN

    @property
    def step(self) -> Step:
        """The step whose time runs: a detour, or the program's."""
        return self.state.detours[0] if self.state.detours else self.program.steps[self.state.index]

    @property
    def planned(self) -> Step:
        """The program's step, behind any detour."""
        return self.program.steps[self.state.index]

    @property
    def exercise(self) -> Exercise | None:
        return self.program.exercise_at(self.state.index)

    def seconds(self) -> float | None:
        """Return how long the current step lasts; None until a word."""
        step = self.step
        return ALONE[step.kind] if step.seconds is None and self.unattended else step.seconds

    def waits(self) -> bool:
        """Return whether only a word leads on from here."""
        return self.frozen or (self.seconds() is None and self.state.clock.running)

    def deadline(self) -> float | None:
        state = self.state
        if state.over or state.index < 0:
            return None
        moments = [] if state.mouth is None else [state.mouth.since + PATIENCE]
        if self.waits():
            reminders = _REMINDERS.get(state.mode, ())
            if state.quiet_since is not None and state.reminded < len(reminders):
                moments.append(state.quiet_since + reminders[state.reminded][0])
        elif state.clock.running:
            if state.cue < len(self.step.cues):
                moments.append(state.clock.reaches(self.step.cues[state.cue].at))
            if (seconds := self.seconds()) is not None:
                moments.append(state.clock.reaches(seconds))
        return max(min(moments), state.now) if moments else None

    # --- Events ---------------------------------------------------------------------------------------------------

    def take(self, event: Event) -> None:
        if self.state.over or (self.state.index < 0) != isinstance(event, Start):
            return  # before the start and after the end nothing means anything
        self.change(now=self.at)
        match event:
            case Start():
                self.effects += [ModeChanged(self.state.mode), Chime(ChimeKind.START)]
                self.enter(0)
            case Tick():
                self.tick()
            case Spoken():
                if self.state.mouth is not None and self.state.mouth.number == event.utterance:
                    self.change(mouth=None)
            case Heard():
                _RULES[event.command].for_mode(self.state.mode)(self)
        self.settle()

    def tick(self) -> None:
        mouth = self.state.mouth
        if mouth is not None and self.at >= mouth.since + PATIENCE - _EPSILON:
            self.change(mouth=None)
        if self.waits():
            self.remind()
        else:
            self.run()

    def run(self) -> None:
        """Let the running step's time pass: cues that are due, then its end, then the steps behind it."""
        while self.state.clock.running and not self.state.over and not self.frozen:
            cues, seconds = self.step.cues, self.seconds()
            spent = self.state.clock.read(self.at) + _EPSILON
            if self.state.cue < len(cues) and cues[self.state.cue].at <= spent:
                cue = cues[self.state.cue]
                self.change(cue=self.state.cue + 1)
                self.give(cue, late=spent - cue.at > LATE)
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
        reminders = _REMINDERS.get(self.state.mode, ())
        since, count = self.state.quiet_since, self.state.reminded
        if since is not None and count < len(reminders) and self.at >= since + reminders[count][0] - _EPSILON:
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
        said = tuple(Utterance(line, role, priority) for line in lines)
        self.change(queue=said + self.state.queue if first else self.state.queue + said)
        self.utter()

    def utter(self) -> None:
        if self.state.mouth is None and self.state.queue:
            head, *rest = self.state.queue
            number = self.state.utterances + 1
            last = self.state.last if head.role is Role.CUE else head.line
            mouth = replace(head, number=number, since=self.at)
            self.change(mouth=mouth, queue=tuple(rest), utterances=number, last=last)
            self.effects.append(Say(number, head.line, head.priority))

    def hush(self) -> None:
        self.effects.append(Hush())
        self.change(mouth=None)

    def answer(self, *lines: Line) -> None:
        """Say something in between. It never stops a countdown; a sentence that it cuts short is said again after."""
        mouth, queue = self.state.mouth, tuple(u for u in self.state.queue if u.role is Role.SCRIPT)
        if mouth is not None and mouth.role is not Role.CUE and mouth.priority < Priority.SAFETY:
            self.hush()
            queue = (replace(mouth, number=0), *queue) if mouth.role is Role.SCRIPT else queue
        self.change(queue=queue)
        self.speak(*lines, role=Role.ASIDE, first=True)

    # --- Walking --------------------------------------------------------------------------------------------------

    def enter(self, index: int) -> None:
        """Begin step ``index`` of the program, behind whatever is being said."""
        self.change(index=index, detours=(), held=None)
        self.begin(self.planned)

    def begin(self, step: Step) -> None:
        self.announce(step, self.seconds())
        clock = Stopwatch().start(self.at) if step.eager else Stopwatch()
        self.change(clock=clock, cue=0, reminded=0)
        lines = step.lines
        if step.seconds is None and self.unattended and step.kind is StepKind.INTRO:
            lines = (Line.of("start_alone", seconds=round(ALONE[StepKind.INTRO])),)
        self.speak(*lines, role=Role.SCRIPT)

    def announce(self, step: Step, seconds: float | None) -> None:
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
        self.enter_mode(_MODES.get(step.kind, Mode.INSTRUCTION))

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
            place, following = self.planned.place, self.program.steps[self.state.index + 1].place
            if place is not None and (following is None or following.of_exercise != place.of_exercise):
                self.change(done=self.state.done | {place.of_exercise})
            self.enter(self.state.index + 1)

    def go(self, index: int, *lines: Line) -> None:
        """Jump to step ``index``. A paused session only moves its mark, and stays paused."""
        self.hush()
        self.change(queue=(), quiet_since=None)
        if self.frozen:
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
        return replace(
            state, clock=Stopwatch(), cue=0, detours=(), held=held, mouth=None, queue=(), quiet_since=None, undo=None
        )

    def freeze(self, mode: Mode) -> None:
        """Silence at once, and time stands still until a word."""
        self.hush()
        undo = self.state.undo
        self.state = self.at_rest()
        self.change(undo=undo, reminded=0)
        self.enter_mode(mode)

    def thaw(self, *detours: Step) -> None:
        """Take up the step that was frozen, behind ``detours`` and, where an effort was cut, a count-in."""
        held, step = self.state.held, self.planned
        self.change(queue=tuple(u for u in self.state.queue if u.role is Role.ASIDE), quiet_since=None)
        if held is None or (step.kind is StepKind.WORK and step.place and step.place.rep is not None):
            self.change(held=None)
            again: tuple[Step, ...] = ()
        else:
            held, again = self.returning(held, step)
            self.change(held=held)
        self.change(detours=(*detours, *again))
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
            rep = max(n for n, start in enumerate(step.restarts) if start <= held.spent + _EPSILON)
            start = step.restarts[rep]
            cue = next(n for n, cue in enumerate(step.cues) if cue.at >= start - _EPSILON)
            held = replace(held, spent=start, cue=cue)
            line = Line.of("from_rep", number=rep + 1)
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
            self.speak(Line.of("rest_left", seconds=round(seconds - held.spent)), role=Role.ASIDE)
        else:
            self.speak(*held.script, role=Role.SCRIPT)

    # --- Commands -------------------------------------------------------------------------------------------------

    def pain(self) -> None:
        if self.state.mode is not Mode.PAIN:
            self.note("pain")
        self.freeze(Mode.PAIN)
        # No way leads back behind pain but an explicit "resume": what was said before cannot be undone either.
        self.change(undo=None)
        self.speak(self.exit_line(), role=Role.ASIDE, priority=Priority.SAFETY)

    def stay_in_pain(self) -> None:
        self.answer(Line.of("pain_waiting"))

    def stop(self) -> None:
        if self.state.asked_from is Mode.PAIN and self.state.mode is Mode.CONFIRM:
            self.no()  # behind the question stands pain: only "resume" leads out of it
            return
        efforts = self.step.kind in EFFORT and not self.frozen
        self.remember()
        self.freeze(Mode.PAUSED)
        if efforts:
            self.speak(self.exit_line(), role=Role.ASIDE, priority=Priority.SAFETY)
        self.speak(Line.of("stopped"), role=Role.ASIDE)

    def stop_in_pain(self) -> None:
        self.freeze(Mode.PAIN)

    def stop_at_the_end(self) -> None:
        self.hush()
        self.change(over=True, queue=(), clock=Stopwatch())
        self.effects.append(End(self.state.reason))

    def pause(self) -> None:
        if self.state.mode is Mode.CONFIRM:
            self.stop()
            return
        holding = self.step.kind is StepKind.HOLD
        self.remember()
        self.freeze(Mode.PAUSED)
        if holding:
            self.speak(self.exit_line(), role=Role.ASIDE, priority=Priority.SAFETY)
        self.speak(Line.of("paused"), role=Role.ASIDE)

    def still_paused(self) -> None:
        self.answer(Line.of("still_paused"))

    def resume(self) -> None:
        self.remember()
        if self.state.mode is Mode.PAIN:
            self.change(undo=None)
            self.note("resumed_after_pain")
        self.hush()
        self.change(queue=())
        self.thaw()

    def ready(self) -> None:
        index, step = self.state.index, self.planned
        if self.state.detours and self.step.kind is StepKind.COUNT_IN:
            self.hush()
            self.change(queue=(), detours=())
            self.take_up()
        elif step.kind in EFFORT:
            self.refuse()
        else:
            self.remember()
            self.effects.append(Chime(ChimeKind.HEARD))
            self.go(self.program.work_after(index) if step.kind is StepKind.INTRO else index + 1)

    def next(self) -> None:
        index, step = self.state.index, self.planned
        self.remember()
        in_set = step.kind in EFFORT or (step.kind is StepKind.REST and step.place and step.place.rep is not None)
        if in_set:
            self.note("cut_short")
            target = self.program.end_of_effort(index)
        elif step.kind in {StepKind.INTRO, StepKind.POSITION}:
            target = self.program.work_after(index)
        else:
            target = index + 1
        self.go(target, *((Line.of("next"),) if in_set and not self.frozen else ()))

    def skip(self) -> None:
        exercise = self.exercise
        self.remember()
        if exercise is not None:
            self.note("skipped")
        lines = (Line.of("skipped", name=exercise.spoken_name),) if exercise else ()
        self.go(self.program.next_exercise(self.state.index), *lines)

    def back(self) -> None:
        twice = self.state.backed_at is not None and self.at - self.state.backed_at <= BACK_TWICE_WITHIN
        before = self.program.set_before(self.state.index) if twice else None
        target = self.program.set_start(self.state.index) if before is None else before
        self.remember()
        place = self.program.steps[target].place
        if place is None:
            line = Line.of("back_to_start")
        else:
            line = Line.of("back", name=self.program.exercises[place.exercise].spoken_name, number=place.set + 1)
        self.go(target, line)
        self.change(backed_at=self.at)

    def again(self) -> None:
        mouth = self.state.mouth
        if mouth is not None and mouth.role is Role.SCRIPT:
            self.hush()
            self.change(queue=(replace(mouth, number=0), *self.state.queue))
        elif self.state.last is not None:
            self.answer(self.state.last)

    def how(self) -> None:
        exercise = self.exercise
        if exercise is None:
            self.options()
            return
        lines = instructions(exercise)
        if self.frozen:
            self.answer(*lines)
            return
        intro = self.planned.kind is StepKind.INTRO
        mode = self.state.mode
        self.freeze(mode)
        if intro and self.state.held is not None:
            self.change(held=replace(self.state.held, script=()))  # the explanation is what was being said
        self.thaw(Step(StepKind.INTRO, self.planned.place, lines))

    def done(self) -> None:
        if self.step.kind is StepKind.WORK and self.step.seconds is None:
            self.remember()
            self.effects.append(Chime(ChimeKind.HEARD))
            self.go(self.program.end_of_effort(self.state.index), Line.of("next"))
        elif self.planned.kind in EFFORT:
            self.next()
        elif self.step.seconds is None:
            self.ready()
        else:
            self.refuse()

    def status(self) -> None:
        self.answer(*self.status_lines())

    def options(self) -> None:
        frozen = self.state.mode in _FROZEN
        key = f"options_{self.state.mode.value}" if frozen else "options_effort" if self.planned.kind in EFFORT else "options"
        self.answer(Line.of(key))

    def undo(self) -> None:
        undo = self.state.undo
        if undo is None or self.at - undo.at > UNDO_WITHIN:
            self.answer(Line.of("nothing_to_undo"))
            return
        self.hush()
        left, said = self.state.mode, self.state.utterances
        self.state = replace(undo.before, utterances=said, now=self.at, mode=left)
        self.note("undone")
        self.speak(Line.of("undone"), role=Role.ASIDE)
        if undo.before.mode in _FROZEN:
            self.enter_mode(undo.before.mode)
        else:
            self.thaw()

    def end(self) -> None:
        came_from = self.state.mode
        self.remember()
        self.freeze(Mode.CONFIRM)
        self.change(asked_from=came_from)
        self.speak(Line.of("confirm_end"), role=Role.ASIDE)

    def ask_again(self) -> None:
        self.answer(Line.of("confirm_end"))

    def yes(self) -> None:
        self.hush()
        exercises = len({s.place.of_exercise for s in self.program.steps if s.place})
        summary = Line.of("summary", done=len(self.state.done), exercises=exercises)
        ending = Step(StepKind.OUTRO, lines=(summary,))
        last = len(self.program.steps) - 1
        self.change(index=last, held=None, queue=(), reason="ended", detours=(ending,), quiet_since=None)
        self.begin(ending)

    def no(self) -> None:
        self.hush()
        self.change(queue=(), reminded=0, quiet_since=None)
        if self.state.asked_from in _FROZEN:
            self.enter_mode(self.state.asked_from)
            self.speak(Line.of(_REMINDERS[self.state.asked_from][0][1]), role=Role.ASIDE)
        else:
            self.thaw()

    def refuse(self) -> None:
        """Say with a chime that a command was understood and means nothing here."""
        self.effects.append(Chime(ChimeKind.REFUSED))

    # --- Small helps ----------------------------------------------------------------------------------------------

    def change(self, **fields: Any) -> None:
        self.state = replace(self.state, **fields)

    def enter_mode(self, mode: Mode) -> None:
        if mode is not self.state.mode:
            self.change(mode=mode)
            self.effects.append(ModeChanged(mode))

    def remember(self) -> None:
        """Keep what "undo" would bring back."""
        self.change(undo=Undo(self.at_rest(), self.at))

    def exit_line(self) -> Line:
        return Line.of("rest_as_you_are") if self.exercise is None else Line.text(self.exercise.exit)

    def note(self, kind: str) -> None:
        place, exercise = self.planned.place, self.exercise
        self.effects.append(
            Note.of(
                kind,
                exercise=exercise.slug if exercise else None,
                set=place.set + 1 if place else None,
                rep=place.rep + 1 if place and place.rep is not None else None,
                side=place.side + 1 if place and place.side is not None else None,
                phase=self.planned.kind.value,
            )
        )

    def status_lines(self) -> tuple[Line, ...]:
        step, index = self.planned, self.state.index
        spent = self.state.held.spent if self.state.held else self.state.clock.read(self.at)
        minutes = Line.of("minutes_left", minutes=max(1, round((self.program.seconds_from(index) - spent) / 60)))
        if step.place is None or self.exercise is None:
            return (minutes,)
        if step.seconds and not self.frozen and (step.kind in EFFORT or step.kind is StepKind.REST):
            if step.restarts:
                here = Line.of("rep_of", number=sum(start <= spent for start in step.restarts), of=len(step.restarts))
            else:
                here = Line.of("seconds_left", seconds=max(1, round(step.seconds - spent)))
            more = self.program.reps_left(index)
            return (here, Line.of("reps_left", reps=more)) if more else (here,)
        where = Line.of("where", name=self.exercise.spoken_name, number=step.place.set + 1, of=self.program.sets_of(step.place))
        return where, minutes


_Action = Callable[[_Turn], None]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one command does in each mode; complete, because no field has a default."""

    running: _Action
    paused: _Action
    pain: _Action
    confirm: _Action
    finished: _Action

    def for_mode(self, mode: Mode) -> _Action:
        match mode:
            case Mode.PAUSED:
                return self.paused
            case Mode.PAIN:
                return self.pain
            case Mode.CONFIRM:
                return self.confirm
            case Mode.FINISHED:
                return self.finished
            case _:
                return self.running


_t = _Turn
_RULES: dict[Command, _Rule] = {
    #                       running      paused           pain              confirm        finished
    Command.PAIN: _Rule(_t.pain, _t.pain, _t.pain, _t.pain, _t.pain),
    Command.STOP: _Rule(_t.stop, _t.stop, _t.stop_in_pain, _t.stop, _t.stop_at_the_end),
    Command.PAUSE: _Rule(_t.pause, _t.still_paused, _t.stay_in_pain, _t.pause, _t.refuse),
    Command.RESUME: _Rule(_t.refuse, _t.resume, _t.resume, _t.no, _t.refuse),
    Command.READY: _Rule(_t.ready, _t.resume, _t.stay_in_pain, _t.ask_again, _t.refuse),
    Command.NEXT: _Rule(_t.next, _t.next, _t.stay_in_pain, _t.ask_again, _t.refuse),
    Command.SKIP: _Rule(_t.skip, _t.skip, _t.stay_in_pain, _t.ask_again, _t.refuse),
    Command.BACK: _Rule(_t.back, _t.back, _t.stay_in_pain, _t.ask_again, _t.refuse),
    Command.AGAIN: _Rule(_t.again, _t.again, _t.again, _t.ask_again, _t.again),
    Command.HOW: _Rule(_t.how, _t.how, _t.stay_in_pain, _t.ask_again, _t.refuse),
    Command.DONE: _Rule(_t.done, _t.still_paused, _t.stay_in_pain, _t.ask_again, _t.refuse),
    Command.STATUS: _Rule(_t.status, _t.status, _t.status, _t.status, _t.refuse),
    Command.UNDO: _Rule(_t.undo, _t.undo, _t.stay_in_pain, _t.undo, _t.undo),
    Command.END: _Rule(_t.end, _t.end, _t.end, _t.ask_again, _t.stop_at_the_end),
    Command.OPTIONS: _Rule(_t.options, _t.options, _t.options, _t.options, _t.refuse),
    Command.YES: _Rule(_t.refuse, _t.refuse, _t.refuse, _t.yes, _t.refuse),
    Command.NO: _Rule(_t.refuse, _t.refuse, _t.refuse, _t.no, _t.refuse),
}
