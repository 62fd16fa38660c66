"""Random sessions: what must hold whatever a person says, and whenever. Everything is measured from outside."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.core.world import World, exercise, program
from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Effect,
    End,
    Hush,
    Mode,
    ModeChanged,
    Say,
    Spoken,
    StepBegan,
    Tick,
)
from voicecoach.core.program import Program
from voicecoach.core.session import Session

FROZEN = {Mode.PAUSED, Mode.PAIN, Mode.CONFIRM}
EFFORT = {Mode.WORK, Mode.HOLD}

PROGRAMS: dict[str, Program] = {
    "holds": program(exercise("bridge", reps=2, hold="5 s", sets=2, rest="20 s"), exercise("plank", hold="30 s")),
    "continue": program(exercise("bridge", reps=2, hold="5 s"), hold_after_pause="continue", opening="ready"),
    "sides": program(
        exercise("dog", reps=2, hold="2 breaths", limbs=("right", "left")),
        exercise("arm", reps=2, hold="5 s", limbs=("right", "left"), order="complete"),
    ),
    "reps": program(
        exercise("squat", reps=5, tempo="2-0-2-0", sets=2, rest="10 s", position="standing"),
        exercise("march", time="20 s", limbs=("right", "left")),
    ),
    "open": program(
        exercise("walk", open=True),
        exercise("march", time="30 s", cues=("Breathe.",)),
        opening="ready",
        welcome=("Hello.", "You."),
    ),
}


class Sessions(RuleBasedStateMachine):
    world: World

    @initialize(name=st.sampled_from(sorted(PROGRAMS)), unattended=st.booleans())
    def begin(self, name: str, unattended: bool) -> None:
        self.world = World(PROGRAMS[name], unattended=unattended)
        self.unattended = unattended

    @rule(seconds=st.one_of(st.floats(0, 2), st.floats(0, 60), st.just(0.6)))
    def time_passes(self, seconds: float) -> None:
        before = self.world.mode
        seen = len(self.world.log)
        self.world.wait(seconds)
        if before in FROZEN:
            # Silence never advances: in a freeze, time brings reminders and nothing else.
            for _, event, effects in self.world.log[seen:]:
                assert isinstance(event, Tick | Spoken)
                assert all(isinstance(effect, Say) for effect in effects), effects
            assert self.world.mode is before

    @rule(command=st.sampled_from(Command))
    def a_word(self, command: Command) -> None:
        before, live, over = self.world.mode, self.world.session.live, self.world.session.over
        effects = self.world.say(command)
        if over:
            assert effects == ()
        elif command not in live:
            assert effects == (Chime(ChimeKind.REFUSED),)
        if before is Mode.PAIN and not over:
            self.check_pain(command, effects)
        if command is Command.PAIN and not over:
            self.check_silence(effects)

    @rule(utterance=st.integers(0, 30))
    def the_world_stutters(self, utterance: int) -> None:
        """Ticks that nobody asked for, and reports of utterances long gone, move nothing that is frozen."""
        mouth, before = self.world.mouth, self.world.mode
        effects = self.world.give(Tick(self.world.now))
        if mouth is None or utterance != mouth.utterance:
            effects += self.world.give(Spoken(self.world.now, utterance))
        if before in FROZEN:
            assert all(isinstance(effect, Say) for effect in effects), effects
            assert self.world.mode is before

    @rule(command=st.sampled_from([Command.PAIN, Command.STOP, Command.PAUSE]))
    def an_urgent_word(self, command: Command) -> None:
        self.a_word(command)

    @precondition(lambda self: self.world.mode not in FROZEN and not self.world.session.over)
    @rule(
        command=st.sampled_from(
            [Command.NEXT, Command.SKIP, Command.BACK, Command.PAUSE, Command.READY, Command.END, Command.STOP]
        )
    )
    def undo_brings_back(self, command: Command) -> None:
        where = self.world.session.state.index
        if command not in self.world.session.live or self.world.mode is Mode.FINISHED:
            return
        effects = self.world.say(command)
        if effects == (Chime(ChimeKind.REFUSED),):
            return
        self.world.wait(1.0)
        if self.world.session.over:
            return
        self.world.say(Command.UNDO)
        assert self.world.session.state.index == where
        assert self.world.mode not in FROZEN

    @invariant()
    def nothing_follows_the_end(self) -> None:
        kinds = [effect for _, effect in self.world.effects]
        if any(isinstance(effect, End) for effect in kinds):
            assert isinstance(kinds[-1], End)
            assert self.world.session.deadline is None

    @invariant()
    def only_a_freeze_or_a_gate_waits_for_ever(self) -> None:
        session = self.world.session
        if session.over or session.deadline is not None or self.world.mouth is not None:
            return
        step = session.state.detours[0] if session.state.detours else self.world.program.steps[session.state.index]
        assert self.world.mode in FROZEN or (step.seconds is None and not self.unattended)

    def check_pain(self, command: Command, effects: tuple[Effect, ...]) -> None:
        """No word but "resume" leads from pain to anything but its own question."""
        modes = [effect.mode for effect in effects if isinstance(effect, ModeChanged)]
        if command is Command.RESUME:
            return
        assert all(mode is Mode.CONFIRM for mode in modes), (command, modes)
        assert not any(isinstance(effect, StepBegan | End) for effect in effects)

    def check_silence(self, effects: tuple[Effect, ...]) -> None:
        """Pain is silent before anything is said, and what is said is the way out."""
        assert self.world.mode is Mode.PAIN
        speech = [effect for effect in effects if isinstance(effect, Hush | Say | Chime)]
        assert isinstance(speech[0], Hush)
        assert isinstance(speech[1], Say)
        assert len(speech) == 2
        assert (
            str(dict(speech[1].line.values).get("text", "")).startswith("Leave the")
            or speech[1].line.key == "rest_as_you_are"
        )

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        # The same story told later is the same story: no state depends on absolute time.
        session = Session(self.world.program, unattended=self.unattended)
        for at, event, effects in self.world.log:
            shifted = session.handle(replace(event, at=at + 4096.0))
            assert [_rounded(e) for e in shifted] == [_rounded(e) for e in effects], (at, event)


def _rounded(effect: Effect) -> Effect:
    """Sums of floats differ in the last digits when all times are larger."""
    if isinstance(effect, StepBegan) and effect.seconds is not None:
        return replace(effect, seconds=round(effect.seconds, 6))
    return effect


TestSessions = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")(Sessions.TestCase)
TestSessions.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
