"""How a session walks through its program: time, steps, freezing and thawing. How things happen, not when.

Rule: nothing here knows a command. Every interruption is the same pair of verbs: ``freeze`` stops the clock and keeps
what was left to say, ``thaw`` takes the step up again, behind a count-in where an effort was cut.
"""

from __future__ import annotations

from dataclasses import replace

from voicecoach.core.events import Chime, ChimeKind, End, Hush, Line, Mode, Priority, Remember, StepBegan
from voicecoach.core.manners import (
    ALONE,
    IN_NEED,
    LATE,
    MODES,
    OPENING,
    PATIENCE,
    PRAISE_EVERY,
    PRAISE_NEEDS,
    PRAISES,
    REMINDERS,
)
from voicecoach.core.person import KNOWN, Talk
from voicecoach.core.program import EFFORT, EPSILON, Cue, Step, StepKind, count_in
from voicecoach.core.routine import AfterPause, Exercise
from voicecoach.core.state import Held, Role, State, Stopwatch, Worked
from voicecoach.core.turn import Turn
from voicecoach.core.ways import lead_in, rounds_of

_LASTING = {StepKind.INTRO, StepKind.ASK, StepKind.OUTRO}
"""Detours that a freeze does not end: what was left of them comes behind it."""
_IN_POSITION = EFFORT | {StepKind.POSITION}


class Walk(Turn):
    """A turn that moves through the program."""

    # --- Time ------------------------------------------------------------------------------------------------------

    def deadline(self) -> float | None:
        """Return the next moment at which something is due; None while only a word can come."""
        state = self.state
        if state.over or state.index < 0:
            return None
        moments = [] if state.mouth is None else [state.mouth.since + PATIENCE]
        if self.waits():
            waits = self.reminders()
            if state.quiet_since is not None and state.reminded < len(waits):
                moments.append(state.quiet_since + waits[state.reminded])
        elif state.clock.running:
            if state.cue < len(self.step.cues):
                moments.append(state.clock.reaches(self.step.cues[state.cue].at))
            if (seconds := self.seconds()) is not None:
                moments.append(state.clock.reaches(seconds))
        return max(min(moments), state.now) if moments else None

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
        elif cue.priority is Priority.TALK and self.state.mouth and self.state.mouth.role is Role.CUE:
            self.speak(cue.line, role=Role.CUE, priority=cue.priority)  # behind the number that is being said

    def reminders(self) -> tuple[float, ...]:
        """Return after how many seconds of silence each reminder comes."""
        return tuple(seconds for seconds, _ in REMINDERS.get(self.state.mode, ()))

    def remind(self) -> None:
        """Say again how to go on, after a while of silence, a few times; then just wait."""
        waits, since, count = self.reminders(), self.state.quiet_since, self.state.reminded
        if since is not None and count < len(waits) and self.at >= since + waits[count] - EPSILON:
            self.change(reminded=count + 1)
            self.give_reminder(count)

    def give_reminder(self, count: int) -> None:
        """Say reminder number ``count``."""
        self.aside(Line.of(REMINDERS[self.state.mode][count][1]))

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
        mouth, waits = self.state.mouth, self.state.quiet_since is not None
        # Help is not put off by a microphone that comes and goes.
        unheeded = mouth is not None and mouth.role is Role.NEWS and self.state.mode in IN_NEED and waits
        quiet = (mouth is None or unheeded) and not self.state.over and self.waits()
        if quiet != (self.state.quiet_since is not None):
            self.change(quiet_since=self.at if quiet else None)

    # --- Walking --------------------------------------------------------------------------------------------------

    def enter(self, index: int, *detours: Step) -> None:
        """Begin step ``index`` of the program, behind ``detours`` and whatever is being said."""
        self.change(index=index, detours=detours, held=None)
        if detours:
            self.begin(self.step)
        else:
            self.take_up()

    def unasked(self) -> tuple[Step, ...]:
        """Return the questions before the session that are still open: no way leads around them.

        Those behind it are dropped, and asked when it comes to its end again.
        """
        if any(step.question and step.question not in OPENING for step in self.state.detours):
            self.change(closed=False)
        return tuple(step for step in self.state.detours if step.question in OPENING)

    def questions(self) -> tuple[Step, ...]:
        """Return what is to be asked before the program's step is begun."""
        return ()

    def begin(self, step: Step) -> None:
        """Begin a step: of the program, or a detour."""
        self.announce(step, self.seconds())
        self.be_at(step)
        if self.state.asleep and step.seconds is None:
            self.change(asleep=False)  # nobody could tell it to go on
            self.record("awake")
        clock = Stopwatch().start(self.at) if step.eager else Stopwatch()
        self.change(clock=clock, cue=0, reminded=0, missed=0)
        lines = step.lines
        if step.seconds is None and self.unattended and step.kind is StepKind.INTRO:
            lines = (Line.of("start_alone", seconds=round(ALONE[StepKind.INTRO])),)
        self.speak(*lines, role=Role.SCRIPT)

    def be_at(self, step: Step) -> None:
        """Take notice of what the person is at from here on: of its way out, and of what may hurt."""
        if step.changing:
            self.change(posture=None)  # sooner or later in this rest they get into another position; none knows when
        if step.place is not None and step.kind in _IN_POSITION:
            exercise = self.program.exercises[step.place.exercise]
            self.change(posture=self.posture_in(step, exercise), worked=Worked(step.place.exercise, exercise))

    def posture_in(self, step: Step, exercise: Exercise) -> Exercise | None:
        """Return the exercise whose way out holds now; in an AMRAP nobody knows which, unless one holds for all."""
        exits = {self.program.exercises[index].exit for index in step.together}
        return exercise if len(exits) < 2 else None

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
            self.complete()
            self.enter(self.state.index + 1)

    def complete(self) -> None:
        """Take notice that a step of the program was played to its end."""
        step, index, exercise = self.planned, self.state.index, self.exercise
        if step.explains and exercise is not None:
            self.effects.append(Remember(KNOWN + exercise.slug, 1))
        if step.kind in EFFORT and self.program.end_of_effort(index) == index + 1:
            self.note("set_done")
            self.count_done()

    def count_done(self) -> None:
        """Count the exercise as done if the effort that ends here is its last; praise now and then."""
        place = self.planned.place
        if place is None or not self.program.is_last_effort(self.state.index) or place.of_exercise in self.state.done:
            return
        others = {(place.block, place.round, n) for n in self.planned.together}
        self.change(done=self.state.done | others | {place.of_exercise})
        praised = self.state.praised
        behind = self.program.steps[self.state.index + 1]
        # In a short rest that leads into the next exercise that is named, and there is no time for more.
        leads_in = any(cue.priority is Priority.COUNT for cue in behind.cues)
        busy = behind.kind is StepKind.REST and leads_in and (behind.seconds or 0.0) < PRAISE_NEEDS
        due = len(self.state.done) % PRAISE_EVERY == PRAISE_EVERY - 1 and behind.kind is not StepKind.OUTRO and not busy
        if due and praised < len(PRAISES) and not self.state.pains and self.program.style.talk is not Talk.LESS:
            self.change(praised=praised + 1)
            self.aside(Line.of(PRAISES[praised]))

    def go(self, index: int, *lines: Line, detours: tuple[Step, ...] = ()) -> None:
        """Jump to step ``index``, behind ``detours``. A paused session only moves its mark, and stays paused."""
        self.hush()
        detours = (*self.unasked(), *detours)
        self.change(queue=(), quiet_since=None, backed_at=None)
        if self.frozen:
            index = min(index, len(self.program.steps) - 1)  # the mark has nowhere to go behind the farewell
            self.change(index=index, held=None, detours=detours, clock=Stopwatch(), cue=0, reminded=0)
            self.aside(*lines, self.parked_line())
        else:
            self.aside(*lines)
            self.enter(index, *detours)

    def parked_line(self) -> Line:
        """Say where a frozen session stands."""
        place, exercise = self.planned.place, self.exercise
        if place is None or exercise is None:
            return Line.of("parked", name=self.program.title)
        if rounds_of(self.program, place):
            return Line.of("parked_round", name=exercise.spoken_name, number=place.round + 1)
        return Line.of("parked_set", name=exercise.spoken_name, number=place.set + 1)

    def led_to(self, index: int) -> tuple[Step, ...]:
        """Return the time to get ready that a jump to step ``index`` needs."""
        return lead_in(self.program, index, self.state.posture.position if self.state.posture else None)

    # --- Freezing and thawing -------------------------------------------------------------------------------------

    def at_rest(self) -> State:
        """Return the state with its clock stopped and its mouth shut, ready to be taken up at any later time."""
        state = self.state
        held = state.held
        if held is None and not self.frozen and not state.detours:
            spoken = (state.mouth, *state.queue) if state.mouth is not None else state.queue
            script = tuple(u.line for u in spoken if u.role is Role.SCRIPT)
            held = Held(state.clock.read(self.at), state.cue, state.clock.running, script)
        # A count-in is counted anew; a question is asked again; an explanation goes on with the sentence that was cut.
        lasting = tuple(step for step in state.detours if step.kind in _LASTING)
        detours = state.detours if self.frozen else lasting
        if not self.frozen and state.detours and self.step.kind in {StepKind.INTRO, StepKind.OUTRO}:
            left = (state.mouth, *state.queue) if state.mouth is not None else state.queue
            lines = tuple(u.line for u in left if u.role is Role.SCRIPT)
            detours = (replace(state.detours[0], lines=lines), *lasting[1:])
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
        self.change(queue=tuple(u for u in self.state.queue if u.role in {Role.ASIDE, Role.NEWS}), quiet_since=None)
        again: tuple[Step, ...] = ()
        if held is None:
            if step.kind in EFFORT:
                again = self.led_to(self.state.index) or (self.program.position_before(self.state.index),)
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
            if self.program.routine.hold_after_pause is AfterPause.RESTART:
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
            self.change(detours=self.questions())
            self.begin(self.step)
            return
        self.be_at(step)
        clock = Stopwatch(held.spent)
        self.change(held=None, detours=(), cue=held.cue, clock=clock.start(self.at) if held.running else clock)
        seconds = self.seconds()
        self.announce(step, None if seconds is None else max(0.0, seconds - held.spent))
        if step.kind is StepKind.REST and step.place and step.place.rep is None and seconds is not None:
            if (left := round(seconds - held.spent)) >= 2:
                self.aside(Line.of("rest_left", time=left))
        else:
            waits = step.kind is StepKind.INTRO and step.seconds is None
            self.speak(*(held.script or step.lines if waits else held.script), role=Role.SCRIPT)
