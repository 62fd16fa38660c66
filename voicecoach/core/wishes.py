"""How it is told: loudness, speed, cadence, rest, how much talk, sleep. And asides, which never stop a countdown.

Rule: a wish changes how the session goes on, never where it is. Undoing one leaves everything else as it has become.
"""

from __future__ import annotations

from dataclasses import replace

from voicecoach.core.compiler import recompile
from voicecoach.core.events import Command, Line, Remember, SpeechRate, Volume
from voicecoach.core.fitting import beat_tempo
from voicecoach.core.manners import (
    FASTER,
    FASTEST,
    FROZEN,
    LOUDER,
    MORE_REST,
    QUIETEST,
    RATES,
    SLOWEST,
)
from voicecoach.core.person import SPEECH_RATE, TALK, VOLUME, Talk
from voicecoach.core.program import EFFORT, EPSILON, Program, Step, StepKind
from voicecoach.core.questions import Questions
from voicecoach.core.state import Role, Stopwatch
from voicecoach.core.ways import moved_on_beat, rounds_of

_SAID = {
    # What is said when it was done, and when it cannot be done any further.
    Command.LOUDER: ("louder", "no_louder"),
    Command.QUIETER: ("quieter", "no_quieter"),
    Command.SLOWER: ("slower", "no_slower"),
    Command.FASTER: ("faster", "no_faster"),
    Command.LESS_TALK: ("less_talk", "no_less_talk"),
    Command.MORE_TALK: ("more_talk", "no_more_talk"),
}
_TALK = (Talk.LESS, Talk.USUAL, Talk.MORE)
_WAITING = {StepKind.REST, StepKind.POSITION, StepKind.SWITCH}


class Wishes(Questions):
    """A turn in which the person wants it otherwise."""

    # --- Loudness and speed ---------------------------------------------------------------------------------------

    def louder(self) -> None:
        """Raise the volume, and remember it."""
        self.change_volume(Command.LOUDER, min(1.0, self.state.volume * LOUDER))

    def quieter(self) -> None:
        """Lower the volume, and remember it; never to silence."""
        self.change_volume(Command.QUIETER, max(QUIETEST, self.state.volume / LOUDER))

    def change_volume(self, command: Command, level: float) -> None:
        """Set the volume and let it be heard, or say that this is as far as it goes."""
        if abs(level - self.state.volume) < EPSILON:
            self.cannot(command)
            return
        self.remember(command, light=True)
        self.set_volume(level)
        self.confirm(command)

    def set_volume(self, level: float) -> None:
        """Set the volume, here and for the sessions to come."""
        if level != self.state.volume:
            self.change(volume=level)
            self.effects += [Volume(level), Remember(VOLUME, round(level, 3))]

    def slower(self) -> None:
        """Slow down: the speech while the coach talks, else the cadence."""
        self.change_pace(Command.SLOWER, 1 / FASTER)

    def faster(self) -> None:
        """Speed up: the speech while the coach talks, else the cadence."""
        self.change_pace(Command.FASTER, FASTER)

    def change_pace(self, command: Command, factor: float) -> None:
        """Change the speed of what is going on now."""
        mouth = self.state.mouth
        if mouth is not None and mouth.role is Role.SCRIPT and not self.in_effort:
            rate = min(max(self.state.rate * factor, RATES[0]), RATES[1])
            if abs(rate - self.state.rate) < EPSILON:
                self.cannot(command)
                return
            self.remember(command, light=True)
            self.set_rate(rate)
            self.hush()
            self.change(queue=(replace(mouth, number=0), *self.state.queue))
            return
        tempo = min(max(self.program.style.tempo / factor, 1 / FASTEST), 1 / SLOWEST)
        if abs(tempo - self.program.style.tempo) < EPSILON or not self.makes_a_difference(tempo):
            self.cannot(command)
            return
        self.remember(command, light=True)
        self.record("tempo", factor=round(1 / tempo, 3))
        self.change_program(recompile(self.program, style=replace(self.program.style, tempo=tempo)))
        self.confirm(command)

    def makes_a_difference(self, tempo: float) -> bool:
        """Tell whether another cadence changes what is played here: on a beat some rest must be left."""
        place, program = self.planned.place, self.program
        if place is None:
            return True
        block, exercise = program.routine.blocks[place.block], program.exercises[place.exercise]
        paces = (
            beat_tempo(block, exercise, program.pace, style)
            for style in (program.style, replace(program.style, tempo=tempo))
        )
        return abs(next(paces) - next(paces)) > EPSILON

    def set_rate(self, rate: float) -> None:
        """Set the speech rate, here and for the sessions to come."""
        if rate != self.state.rate:
            self.change(rate=rate)
            self.effects += [SpeechRate(rate), Remember(SPEECH_RATE, round(rate, 3))]

    # --- Rest, talk, sleep ----------------------------------------------------------------------------------------

    def more_rest(self) -> None:
        """Give the rest that runs, or the next one, a quarter of a minute more."""
        index = self.state.index
        now = self.planned.kind in _WAITING and (not self.state.detours or self.explaining)
        found = index if now else self.program.rest_after(index)
        place = None if found is None else self.program.steps[found].place
        if found is None or place is None:
            self.answer(Line.of("no_rest_ahead"))
            return
        self.remember(Command.MORE_REST, light=True)
        self.record("more_rest", exercise=self.exercise.slug if self.exercise else None, seconds=MORE_REST)
        style = self.program.style
        more = (*style.more, (self.program.steps[found].kind, place, MORE_REST))
        self.change_program(recompile(self.program, style=replace(style, more=more)))
        self.answer(Line.of("more_rest" if now else "more_rest_later", time=round(MORE_REST)))

    def less_talk(self) -> None:
        """Say less, from the next sentence on, and in the sessions to come."""
        self.change_talk(Command.LESS_TALK, -1)

    def more_talk(self) -> None:
        """Say more, likewise."""
        self.change_talk(Command.MORE_TALK, 1)

    def change_talk(self, command: Command, by: int) -> None:
        """Change how much is said."""
        wanted = _TALK.index(self.program.style.talk) + by
        if not 0 <= wanted < len(_TALK):
            self.cannot(command)
            return
        before = self.program.style.talk
        # What the routine itself asks for is nothing that the person has said.
        said = None if before is self.program.routine.talk else before.value
        self.remember(command, Remember(TALK, said), light=True)
        talk = _TALK[wanted]
        self.effects.append(Remember(TALK, talk.value))
        self.change_program(recompile(self.program, style=replace(self.program.style, talk=talk)))
        self.confirm(command)

    def sleep(self) -> None:
        """Hear nothing any more but what is urgent, and "wake up"; the session goes on."""
        self.remember(Command.SLEEP, light=True)
        self.change(asleep=True)
        self.record("asleep")
        self.answer(Line.of("asleep"))

    def wake(self) -> None:
        """Hear everything again."""
        was = self.state.asleep
        self.change(asleep=False)
        if was:
            self.record("awake")
        self.answer(Line.of("awake"))

    def confirm(self, command: Command) -> None:
        """Say that it is done."""
        self.answer(Line.of(_SAID[command][0]))

    def cannot(self, command: Command) -> None:
        """Say that it goes no further."""
        self.answer(Line.of(_SAID[command][1]))

    def change_program(self, program: Program) -> None:
        """Play another telling of the same from here on: what runs goes on where it is, in the new measure."""
        state, old = self.state, self.planned
        index = self.program.find(state.index, program)
        if state.held is not None or not (self.frozen or state.detours):
            after = old.moment_in(program.steps[index], self.spent)
            beat = moved_on_beat(self.program, state.index, self.spent, program, index, after)
        else:
            beat = self.program.style.beat
        if beat != program.style.beat:
            program = recompile(program, style=replace(program.style, beat=beat))
        new = program.steps[index]
        if state.held is not None:
            spent = old.moment_in(new, state.held.spent)
            held = replace(state.held, spent=spent, cue=new.cue_after(spent))
            self.change(program=program, index=index, held=held)
        elif self.frozen or state.detours:
            self.change(program=program, index=index)
        else:
            spent = old.moment_in(new, state.clock.read(self.at))
            clock = Stopwatch(spent).start(self.at) if state.clock.running else Stopwatch(spent)
            self.change(program=program, index=index, clock=clock, cue=new.cue_after(spent))

    # --- Asides ---------------------------------------------------------------------------------------------------

    def status(self) -> None:
        """Say how much is left."""
        self.answer(*self.status_lines())

    def whats_next(self) -> None:
        """Say what comes behind this exercise."""
        exercise = self.program.exercise_after(self.state.index)
        self.answer(Line.of("nothing_next") if exercise is None else Line.of("whats_next", name=exercise.spoken_name))

    def options(self) -> None:
        """Say the few commands that matter here."""
        mode = self.state.mode
        if mode in FROZEN:
            key = f"options_{mode.value}"
        else:
            key = "options_effort" if self.planned.kind in EFFORT else "options"
        self.answer(Line.of(key))

    def status_lines(self) -> tuple[Line, ...]:
        """Return how much is left: of this effort and set, or of the session."""
        step, index = self.planned, self.state.index
        spent = self.spent
        minutes = Line.of("minutes_left", minutes=max(1, round((self.program.seconds_from(index) - spent) / 60)))
        if step.place is None or self.exercise is None:
            return (minutes,)
        if step.seconds and not self.frozen and (step.kind in EFFORT or step.kind is StepKind.REST):
            here = self.left_of(step, spent)
            more = self.program.reps_left(index)
            return (here, Line.of("reps_left", reps=more)) if more else (here,)
        name = self.exercise.spoken_name
        if rounds := rounds_of(self.program, step.place):
            return Line.of("where_round", name=name, number=step.place.round + 1, of=rounds), minutes
        sets = self.program.sets_of(step.place)
        return Line.of("where", name=name, number=step.place.set + 1, of=sets), minutes

    def left_of(self, step: Step, spent: float) -> Line:
        """Return which repetition runs, or how many seconds are left."""
        if step.restarts:
            return Line.of("rep_of", number=step.rep_at(spent), of=len(step.restarts) // step.turns)
        return Line.of("time_left", time=max(1, round((step.seconds or 0.0) - spent)))
