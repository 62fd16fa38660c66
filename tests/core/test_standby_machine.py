"""Whatever happens between sessions, in any order: one mouth, one choice, and nothing starts by silence."""

from __future__ import annotations

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.core.calling import Calling, menu
from voicecoach.core.events import (
    Alert,
    Alerted,
    Command,
    Deafened,
    Heard,
    Hearing,
    Hush,
    Note,
    Spoken,
    Start,
    Tick,
    VolumeAsked,
    Wanted,
)
from voicecoach.core.menu import At
from voicecoach.core.standby import ALERT_AFTER
from voicecoach.core.standing import StandbyChanged, Standing

STARTERS = {Command.START, Command.RESUME, Command.YES}


class StandbyMachine(RuleBasedStateMachine):
    """Plays a world that does anything at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.calling = Calling(menu("daily 08:00 gentle-start", "mon 08:30 first-steps", can_alert=True))
        self.minute = 8 * 60 - 3
        self.asked_to_start = False
        self.calls = 0
        self.owed: float | None = None
        """Since when somebody has called for help, whom nobody was told of, and who has not taken it back."""

    @rule(command=st.sampled_from(list(Command)), words=st.sampled_from(["", "start gentle start", "start", "x"]))
    def hear(self, command: Command, words: str) -> None:
        live = self.calling.standby.live
        before = self.calling.standby.state
        effects = self.calling.give(Heard(self.calling.now, command, words))
        if before.over:
            assert effects == []
        elif command not in live:
            assert self.calling.standby.choice == before.choice, "what is not listened for starts nothing"
        if command in live and command in {Command.STOP, Command.EMERGENCY, Command.PAIN} and before.mouth is not None:
            assert Hush() in effects
        if command is Command.STOP and not before.over:
            assert self.calling.mouth is None
        self.asked_to_start = self.asked_to_start or command in STARTERS

    @rule(seconds=st.floats(0.0, 40.0))
    def wait(self, seconds: float) -> None:
        choice = self.calling.standby.choice
        self.calling.wait(seconds)
        assert self.calling.standby.choice == choice, "time starts nothing"

    @rule(minutes=st.integers(-90, 90))
    def show_the_clock(self, minutes: int) -> None:
        choice = self.calling.standby.choice
        self.minute = max(0, self.minute + minutes)
        self.calling.show(self.minute % 1440, 1 + self.minute // 1440)
        assert self.calling.standby.choice == choice, "the clock starts nothing"

    @rule(words=st.sampled_from(["", "[unk]", "coach", "coach [unk]", "start first steps"]))
    def overhear(self, words: str) -> None:
        choice = self.calling.standby.choice
        self.calling.overhear(words)
        assert self.calling.standby.choice == choice, "talk starts nothing"

    @rule(routine=st.sampled_from(["", "gentle-start", "nonsense"]))
    def want(self, routine: str) -> None:
        self.asked_to_start = True
        self.calling.give(Wanted(self.calling.now, routine, "mqtt"))

    @rule(level=st.floats(-1.0, 2.0))
    def ask_for_a_volume(self, level: float) -> None:
        self.calling.give(VolumeAsked(self.calling.now, level, "mqtt"))

    @rule(early=st.booleans())
    def give_what_means_nothing(self, early: bool) -> None:
        before = self.calling.standby.state
        self.calling.give(Start(self.calling.now))
        self.calling.give(Spoken(self.calling.now, 10_000))
        if early and (due := self.calling.standby.deadline) is not None and due > self.calling.now:
            self.calling.give(Tick(self.calling.now))
        after = self.calling.standby.state
        assert (after.at, after.choice, after.mouth) == (before.at, before.choice, before.mouth)

    @rule()
    def lose_and_find_the_microphone(self) -> None:
        self.calling.give(Deafened(self.calling.now))
        self.calling.give(Hearing(self.calling.now))

    @rule(told=st.booleans())
    def answer_the_alarm(self, told: bool) -> None:
        self.calling.give(Alerted(self.calling.now, told))

    @invariant()
    def what_is_true_always(self) -> None:
        standby, state = self.calling.standby, self.calling.standby.state
        assert standby.deadline is None or standby.deadline >= self.calling.now
        assert standby.over <= (standby.choice is not None)
        assert (standby.choice is not None) == (state.at is At.STARTING)
        assert self.asked_to_start or standby.choice is None
        assert (self.calling.mouth is None) == (state.mouth is None)
        assert 0.1 <= state.memory.volume <= 1.0
        if not standby.over:
            assert Command.STOP in standby.live
            assert {Command.PAIN, Command.EMERGENCY} <= standby.live, "in whatever state"
        told = [effect for _, effect in self.calling.effects if isinstance(effect, StandbyChanged)]
        assert told[-1].state is state.mode
        assert all(one != other for one, other in itertools.pairwise(told))
        assert sum(effect.state is Standing.STARTING for effect in told) >= standby.over
        alerts = sum(isinstance(effect, Alert) for _, effect in self.calling.effects)
        assert alerts <= len(self.calling.notes("emergency"))

    @invariant()
    def help_is_sent_unless_it_is_taken_back(self) -> None:
        calls = len(self.calling.notes("emergency"))
        if calls > self.calls:
            self.calls, self.owed = calls, self.calling.now
        settled = [at for at, effect in self.calling.effects if isinstance(effect, Alert)]
        settled += [at for at, e in self.calling.effects if isinstance(e, Note) and e.kind == "false_alarm"]
        if self.owed is not None and any(at >= self.owed for at in settled):
            self.owed = None
        # What is said besides takes its time: at most forty times that the microphone was lost and found.
        assert self.owed is None or self.calling.now - self.owed < 2 * 2.0 + ALERT_AFTER + 40 * 4.0 + 40.0


StandbyMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestStandby = StandbyMachine.TestCase
