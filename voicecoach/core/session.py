"""The session: events in, effects out. This is the file that decides what happens next.

Rule 1: what a command does in which mode is decided here and nowhere else; ``turn`` only knows how.
Rule 2: ``handle`` is the only way in. It never waits, never reads a clock, never fails on any order of events.
Rule 3: the next deadline is a property of the state. There are no timers, so none can be stale.
Rule 4: silence, noise and the passing of time never count as a word: only a command leaves a freeze.

Theory of operation. A session walks through the steps of its program. A step's lines are said, then its time runs
(an eager step's time runs at once), its cues fall due, and the next step is entered. Pause, pain and the question
before the end are one and the same freeze; they differ only in what they ask. The table at the end of this file
gives every command a meaning in every mode, and the commands that an ear should listen for are read off it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from voicecoach.core.compiler import instructions
from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Deafened,
    Effect,
    End,
    Event,
    Heard,
    Line,
    Mode,
    ModeChanged,
    Priority,
    Spoken,
    Start,
    Tick,
)
from voicecoach.core.manners import BACK_TWICE_WITHIN, FROZEN, REMINDERS, UNDO_WITHIN
from voicecoach.core.program import EFFORT, Program, Step, StepKind
from voicecoach.core.state import Role, State, Stopwatch, Undo
from voicecoach.core.turn import Turn


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


class _Turn(Turn):
    """A turn with what the commands do in it."""

    # --- Events ---------------------------------------------------------------------------------------------------

    def take(self, event: Event) -> None:
        if self.state.over or (self.state.index < 0) != isinstance(event, Start):
            return  # before the start and after the end nothing means anything
        self.change(now=self.at)
        match event:
            case Start():
                self.effects += [ModeChanged(self.state.mode), Chime(ChimeKind.START)]
                self.enter(0)
            case Tick(late=late):
                self.tick(late)
            case Deafened():
                self.answer(Line.of("cannot_hear"))
            case Spoken():
                if self.state.mouth is not None and self.state.mouth.number == event.utterance:
                    self.change(mouth=None)
            case Heard():
                _RULES[event.command].for_mode(self.state.mode)(self)
        self.settle()

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
        in_effort = self.in_effort
        self.remember()
        self.freeze(Mode.PAUSED)
        if in_effort:
            self.speak(self.exit_line(), role=Role.ASIDE, priority=Priority.SAFETY)
        self.speak(Line.of("stopped"), role=Role.ASIDE)

    def stop_in_pain(self) -> None:
        if self.state.mouth is None or self.state.mouth.priority < Priority.SAFETY:
            self.freeze(Mode.PAIN)  # nothing cuts the way out of the position short

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
        if self.explaining:
            self.end_explanation()
        elif self.state.detours and self.step.kind is StepKind.COUNT_IN:
            self.remember()
            self.hush()
            self.change(queue=(), detours=())
            self.take_up()
        elif step.kind in EFFORT:
            self.refuse()
        else:
            self.remember()
            self.effects.append(Chime(ChimeKind.HEARD))
            self.go(self.program.work_after(index) if step.kind is StepKind.INTRO else index + 1)

    def end_explanation(self) -> None:
        """Go on behind an explanation that was asked for: it was enough."""
        self.remember()
        self.effects.append(Chime(ChimeKind.HEARD))
        self.hush()
        self.change(queue=())
        self.leave()

    def next(self) -> None:
        index, step = self.state.index, self.planned
        if self.explaining:
            self.end_explanation()
            return
        self.remember()
        in_set = step.kind in EFFORT or (step.kind is StepKind.REST and step.place and step.place.rep is not None)
        if in_set:
            if not self.frozen:
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
        elif self.in_effort:
            # What was said last lies behind the effort; the short cue is what helps in the middle of it.
            short = self.exercise.short if self.exercise else None
            self.answer(*((Line.text(short),) if short else self.status_lines()))
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
        way_out = (self.exit_line(),) if self.in_effort else ()
        self.freeze(self.state.mode)
        if self.state.held is not None:
            # What the explanation says need not be said again behind it; the dose still must be.
            left = tuple(line for line in self.state.held.script if line not in lines)
            self.change(held=replace(self.state.held, script=left), detours=())
        self.thaw(Step(StepKind.INTRO, self.planned.place, (*way_out, *lines)))

    def done(self) -> None:
        if self.step.kind is StepKind.WORK and self.step.seconds is None:
            self.remember()
            self.count_done()
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
        frozen = self.state.mode in FROZEN
        key = (
            f"options_{self.state.mode.value}"
            if frozen
            else "options_effort"
            if self.planned.kind in EFFORT
            else "options"
        )
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
        if undo.before.mode in FROZEN:
            self.enter_mode(undo.before.mode)
        else:
            self.thaw()

    def end(self) -> None:
        came_from, in_effort = self.state.mode, self.in_effort
        self.remember()
        self.freeze(Mode.CONFIRM)
        self.change(asked_from=came_from)
        if in_effort:
            self.speak(self.exit_line(), role=Role.ASIDE, priority=Priority.SAFETY)
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
        if self.state.asked_from in FROZEN:
            self.enter_mode(self.state.asked_from)
            self.speak(Line.of(REMINDERS[self.state.asked_from][0][1]), role=Role.ASIDE)
        else:
            self.thaw()

    def refuse(self) -> None:
        """Say with a chime that a command was understood and means nothing here."""
        self.effects.append(Chime(ChimeKind.REFUSED))

    # --- Small helps ----------------------------------------------------------------------------------------------

    def remember(self) -> None:
        """Keep what "undo" would bring back."""
        self.change(undo=Undo(self.at_rest(), self.at))

    @property
    def in_effort(self) -> bool:
        """Whether the person is, or is about to be, in a position that they should be told the way out of."""
        return not self.frozen and not self.explaining and self.planned.kind in EFFORT

    def exit_line(self) -> Line:
        return Line.of("rest_as_you_are") if self.exercise is None else Line.text(self.exercise.exit)

    def status_lines(self) -> tuple[Line, ...]:
        step, index = self.planned, self.state.index
        spent = self.state.held.spent if self.state.held else self.state.clock.read(self.at)
        minutes = Line.of("minutes_left", minutes=max(1, round((self.program.seconds_from(index) - spent) / 60)))
        if step.place is None or self.exercise is None:
            return (minutes,)
        if step.seconds and not self.frozen and (step.kind in EFFORT or step.kind is StepKind.REST):
            if step.restarts:
                here = Line.of("rep_of", number=step.rep_at(spent), of=len(step.restarts) // step.turns)
            else:
                here = Line.of("seconds_left", seconds=max(1, round(step.seconds - spent)))
            more = self.program.reps_left(index)
            return (here, Line.of("reps_left", reps=more)) if more else (here,)
        where = Line.of(
            "where", name=self.exercise.spoken_name, number=step.place.set + 1, of=self.program.sets_of(step.place)
        )
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
_RULES |= {c: _Rule(_t.refuse, _t.refuse, _t.refuse, _t.refuse, _t.refuse) for c in Command if c not in _RULES}
