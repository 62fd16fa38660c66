"""The session: events in, effects out. This is the file that decides what happens next.

Rule 1: what a command does in which mode is decided by the table in this file and nowhere else.
Rule 2: ``handle`` is the only way in. It never waits, never reads a clock, never fails on any order of events.
Rule 3: the next deadline is a property of the state. There are no timers, so none can be stale.
Rule 4: silence, noise and the passing of time never count as a word: only a command leaves a freeze.

Theory of operation. A session walks through the steps of its program. A step's lines are said, then its time runs
(an eager step's time runs at once), its cues fall due, and the next step is entered. Pause, pain and the question
before the end are one and the same freeze; they differ only in what they ask. The table gives every command a meaning
in every mode; the answers to questions mean something only where they are asked for, and the commands that an ear
should listen for are read off both.

A turn is one event being handled. What it can do is spread over rooms that stand on one another: ``turn`` (the mouth),
``walk`` (steps and freezes), ``halts``, ``hurts`` (pain), ``questions``, ``wishes`` (how it is told), ``moves``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from voicecoach.core.compiler import instructions, recompile
from voicecoach.core.events import (
    Alerted,
    Chime,
    ChimeKind,
    Command,
    Deafened,
    Effect,
    Event,
    Heard,
    Hearing,
    Line,
    Mode,
    ModeChanged,
    Overheard,
    Remember,
    Silenced,
    SpeechRate,
    Spoken,
    Start,
    Tick,
    Volume,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.manners import AWAKE, CONFIRM_IN_NEED, IN_NEED, MOVES, QUIETEST, RATES
from voicecoach.core.moves import Moves
from voicecoach.core.news import Returned, Unkept
from voicecoach.core.person import LEVEL, Person, Room
from voicecoach.core.program import Program, Question, Step, StepKind
from voicecoach.core.state import State
from voicecoach.core.turn import Script

ANSWERS = frozenset(list(Command)[list(Command).index(Command.YES) :])
"""The commands that mean something only where the coach has asked."""


_OPTIONS = {
    Question.HEARING: "options_hearing",
    Question.CONSENT: "options_consent",
    Question.SINCE_LAST: "options_since_last",
    Question.WHY: "options_why",
    Question.EFFORT: "options_effort_question",
    Question.ECHO: "options_echo",
}


class Session:
    """One going through a program, for a ``person``, in a ``room``."""

    def __init__(self, program: Program, person: Person | None = None, room: Room | None = None) -> None:
        person, room = person or Person(agreed=True), room or Room()
        style = replace(
            program.style, talk=person.talk or program.routine.talk, known=program.style.known | person.known
        )
        if style != program.style:
            program = recompile(program, style=style)
        self._script = Script(program.routine, person, room)
        volume = room.volume if person.volume is None else person.volume
        locked = frozenset(lock.exercise for lock in person.locks)
        last = person.last_pain
        scores = ((last.exercise, last.score),) if last and last.score is not None else ()
        self._state = State(program, volume=volume, pains=person.pains_today, locked=locked, scores=scores)

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
        return self._turn(self._state.now).live()

    @property
    def deadline(self) -> float | None:
        """The moment at which the session wants a ``Tick``; None while it waits for a word."""
        return self._turn(self._state.now).deadline()

    @property
    def in_need(self) -> bool:
        """Whether somebody may be in need: there is pain or an emergency, and silence will be told to others."""
        mode = self._state.mode
        return (self._state.asked_from if mode is Mode.CONFIRM else mode) in IN_NEED

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Take one event and return what the world should do about it, in order."""
        if isinstance(event, Returned) and event.room is not None:  # help is called by the settings of today
            self._script = replace(self._script, room=event.room)
        turn = self._turn(max(event.at, self._state.now))
        turn.take(event)
        self._state = turn.state
        return tuple(turn.effects)

    def _turn(self, at: float) -> _Turn:
        return _Turn(self._script, self._state, at)


class _Turn(Moves):
    """A turn, complete: which event and which command leads to what."""

    # --- Events ---------------------------------------------------------------------------------------------------

    def take(self, event: Event) -> None:
        if self.state.over or (self.state.index < 0) != isinstance(event, Start):
            return  # before the start and after the end nothing means anything
        self.change(now=self.at)
        match event:
            case Start():
                self.start()
            case Tick(late=late):
                self.tick(late)
            case Spoken(utterance=utterance):
                self.spoken(utterance)
            case Heard(command=command):
                self.hear(command)
            case _:
                self.notice(event)
        self.settle()

    def notice(self, event: Event) -> None:
        """Take what comes seldom."""
        match event:
            case Overheard(words=words):
                self.overheard(words)
            case Deafened():
                self.deafened()
            case Hearing():
                self.hearing()
            case Silenced():
                self.silenced()
            case Unkept():
                self.unkept()
            case Returned(asked=asked):
                self.returned(asked=asked)
            case Alerted(told=told):
                self.alerted(told=told)
            case VolumeAsked(level=level):
                self.set_volume(min(1.0, max(QUIETEST, level)))
            case Wanted():  # one session at a time
                self.effects.append(Chime(ChimeKind.REFUSED))

    def spoken(self, utterance: int) -> None:
        if self.state.mouth is not None and self.state.mouth.number == utterance:
            self.change(mouth=None)

    def start(self) -> None:
        self.effects += [ModeChanged(self.state.mode), Volume(self.state.volume), Chime(ChimeKind.START)]
        rate = min(max(self.person.speech_rate, RATES[0]), RATES[1])
        if rate != self.state.rate:
            self.change(rate=rate)
            self.effects.append(SpeechRate(rate))
        self.effects += [Remember(LEVEL + slug, level) for slug, level in self.person.new_levels]
        self.enter(0)

    def overheard(self, words: str) -> None:
        """Take notice of what was no command; only a question that waits for its answer makes something of it."""
        if self.state.asleep:
            return
        if self.state.mode is Mode.PAIN:
            self.misunderstood()
        elif self.state.mode is Mode.QUESTION:
            self.overhear(words)

    def reminders(self) -> tuple[float, ...]:
        match self.state.mode:
            case Mode.PAIN:
                return self.pain_reminders()
            case Mode.QUESTION:
                return self.question_reminders()
            case Mode.CONFIRM if self.state.asked_from in {Mode.PAIN, Mode.EMERGENCY}:
                return CONFIRM_IN_NEED
            case _:
                return super().reminders()

    def give_reminder(self, count: int) -> None:
        match self.state.mode:
            case Mode.PAIN:
                self.give_pain_reminder(count)
            case Mode.QUESTION:
                self.give_question_reminder(count)
            case Mode.CONFIRM if count and self.state.asked_from in {Mode.PAIN, Mode.EMERGENCY}:
                self.no()  # no answer: what is done for somebody who does not answer must not stop here
            case _:
                super().give_reminder(count)

    # --- Commands -------------------------------------------------------------------------------------------------

    def hear(self, command: Command) -> None:
        if self.state.asleep and command not in AWAKE:
            return
        if command in self.asked_for():
            self.take_answer(command)
        elif command in ANSWERS or (self.ending and command in MOVES):
            self.refuse()
        else:
            _RULES[command].for_mode(self.state.mode)(self)

    def live(self) -> frozenset[Command]:
        if self.state.index < 0 or self.state.over:
            return frozenset()
        mode = self.state.mode
        known = {command for command, rule in _RULES.items() if rule.for_mode(mode) is not _Turn.refuse}
        known = known - MOVES if self.ending else known
        return frozenset(known & AWAKE if self.state.asleep else known | self.asked_for())

    def asked_for(self) -> frozenset[Command]:
        """Return the answers to what was asked."""
        match self.state.mode:
            case Mode.PAIN if self.state.pain is not None:
                return self.state.pain.answers
            case Mode.QUESTION:
                return self.answers()
            case Mode.CONFIRM:
                return frozenset({Command.YES, Command.NO})
            case Mode.EMERGENCY:
                return frozenset({Command.MISTAKE})
            case Mode.PAUSED if self.state.offered:
                return frozenset({Command.YES, Command.NO})
            case _:
                return frozenset()

    def take_answer(self, command: Command) -> None:
        match self.state.mode, command:
            case Mode.PAIN, _:
                self.hear_about_pain(command)
            case Mode.QUESTION, _:
                self.answered(command)
            case Mode.EMERGENCY, _:
                self.emergency_over()
            case Mode.CONFIRM, Command.YES:
                self.yes()
            case Mode.CONFIRM, _:
                self.no()
            case _, Command.YES:
                self.resume()
            case _:
                self.afresh()

    def how(self) -> None:
        """Say the whole explanation of this exercise, while time stands still."""
        exercise, place = self.program.exercise_at(self.meant), self.program.steps[self.meant].place
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
        self.thaw(Step(StepKind.INTRO, place, (*way_out, *lines)))

    def repeat_in_question(self) -> None:
        """Ask it again."""
        self.answer(*self.step.lines)

    def options_in_question(self) -> None:
        """Say what may be answered."""
        self.answer(Line.of(_OPTIONS[self.asking]))

    def options_in_pain(self) -> None:
        """Say what may be answered."""
        asks = self.state.pain.asks.value if self.state.pain else "nothing"
        self.answer(Line.of(f"options_pain_{asks}"))


_Action = Callable[[_Turn], None]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one command does in each mode; complete, because no field has a default."""

    running: _Action
    question: _Action
    paused: _Action
    pain: _Action
    emergency: _Action
    confirm: _Action
    finished: _Action

    def for_mode(self, mode: Mode) -> _Action:
        match mode:
            case Mode.QUESTION:
                return self.question
            case Mode.PAUSED:
                return self.paused
            case Mode.PAIN:
                return self.pain
            case Mode.EMERGENCY:
                return self.emergency
            case Mode.CONFIRM:
                return self.confirm
            case Mode.FINISHED:
                return self.finished
            case _:
                return self.running


_t = _Turn
_no = _t.refuse
_ask = _t.repeat_question
_urge = _t.emergency_again
_again = _t.ask_again
_RULES: dict[Command, _Rule] = {
    #              running, question, paused, pain, emergency, confirm, finished
    Command.PAIN: _Rule(*(7 * (_t.hurt,))),
    Command.EMERGENCY: _Rule(*(7 * (_t.emergency,))),
    Command.STOP: _Rule(_t.stop, _t.stop, _t.stop, _t.hush_only, _t.hush_only, _t.stop_in_confirm, _t.stop_at_the_end),
    Command.PAUSE: _Rule(_t.pause, _t.pause, _t.still_paused, _ask, _urge, _t.stop_in_confirm, _no),
    Command.RESUME: _Rule(_no, _no, _t.resume, _ask, _urge, _t.no, _no),
    Command.READY: _Rule(_t.ready, _t.skip_question, _t.resume, _no, _no, _no, _no),
    Command.NEXT: _Rule(_t.next, _t.skip_question, _t.next, _no, _no, _no, _no),
    Command.SKIP: _Rule(_t.skip, _t.skip_question, _t.skip, _no, _no, _no, _no),
    Command.BACK: _Rule(_t.back, _no, _t.back, _no, _no, _no, _no),
    Command.AGAIN: _Rule(_t.repeat, _t.repeat_in_question, _t.repeat, _ask, _urge, _again, _t.repeat),
    Command.HOW: _Rule(_t.how, _no, _t.how, _no, _no, _no, _no),
    Command.DONE: _Rule(_t.done, _no, _t.still_paused, _no, _no, _no, _no),
    Command.EASIER: _Rule(_t.easier, _no, _t.easier, _no, _no, _no, _no),
    Command.HARDER: _Rule(_t.harder, _no, _t.harder, _no, _no, _no, _no),
    Command.SLOWER: _Rule(_t.slower, _t.slower, _t.slower, _no, _no, _no, _t.slower),
    Command.FASTER: _Rule(_t.faster, _t.faster, _t.faster, _no, _no, _no, _t.faster),
    Command.MORE_REST: _Rule(_t.more_rest, _no, _t.more_rest, _no, _no, _no, _no),
    Command.SWITCH: _Rule(_t.switch, _no, _t.still_paused, _no, _no, _no, _no),
    Command.STATUS: _Rule(_t.status, _no, _t.status, _no, _no, _t.status, _no),
    Command.WHATS_NEXT: _Rule(_t.whats_next, _no, _t.whats_next, _no, _no, _no, _no),
    Command.LOUDER: _Rule(*(7 * (_t.louder,))),
    Command.QUIETER: _Rule(*(7 * (_t.quieter,))),
    Command.LESS_TALK: _Rule(_t.less_talk, _no, _t.less_talk, _no, _no, _no, _no),
    Command.MORE_TALK: _Rule(_t.more_talk, _no, _t.more_talk, _no, _no, _no, _no),
    Command.OPTIONS: _Rule(
        _t.options, _t.options_in_question, _t.options, _t.options_in_pain, _t.options, _t.options, _no
    ),
    Command.UNDO: _Rule(_t.undo, _t.undo, _t.undo, _no, _no, _t.undo, _t.undo),
    Command.SLEEP: _Rule(_t.sleep, _no, _t.still_paused, _no, _no, _no, _no),
    Command.WAKE: _Rule(_t.wake, _no, _t.wake, _no, _no, _no, _no),
    Command.END: _Rule(_t.end, _t.end, _t.end, _t.end, _t.end, _again, _t.stop_at_the_end),
    Command.START: _Rule(*(7 * (_no,))),
    Command.ROUTINES: _Rule(*(7 * (_no,))),
}
