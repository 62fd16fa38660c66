"""Random sessions: what must hold whatever a person says, and whenever. Everything is measured from outside."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.core.world import SPEECH, World, exercise, program, routine
from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import (
    NUMBERS,
    Alert,
    Chime,
    ChimeKind,
    Command,
    Deafened,
    Effect,
    End,
    Hearing,
    Hush,
    Mode,
    ModeChanged,
    Note,
    Overheard,
    Remember,
    Say,
    Silenced,
    SpeechRate,
    Spoken,
    StepBegan,
    Tick,
    Value,
    Volume,
)
from voicecoach.core.news import Returned
from voicecoach.core.pain import Asks
from voicecoach.core.person import LastPain, Person, Room, Talk
from voicecoach.core.program import Pace, Program
from voicecoach.core.routine import Block, Exercise
from voicecoach.core.session import ANSWERS, Session
from voicecoach.loading.pain import strict_rules

FROZEN = {Mode.PAUSED, Mode.PAIN, Mode.EMERGENCY, Mode.CONFIRM}
EFFORT = {Mode.WORK, Mode.HOLD}
STANDS = {Mode.PAIN, Mode.EMERGENCY, Mode.CONFIRM}
"""Where a session may go from pain without a "yes", besides its end."""


def in_block(*exercises: Exercise, alone: bool = False, **fields: object) -> Program:
    """Make a program of one block with a style, and, unless it is ``alone``, a gentle exercise behind it."""
    block = Block.model_validate({"exercises": exercises} | fields)
    after = Block(exercises=(exercise("rock", time="20 s", gentle=True),))
    variants = (exercise("tilt", reps=3, tempo="1-0-1-0", harder="bridge", sets=2),)
    blocks = (block,) if alone else (block, after)
    made = routine(*after.exercises, variants=variants).model_copy(update={"blocks": blocks})
    return compile_routine(made, Pace(change_position=5, settle=5), lambda _: SPEECH)


PROGRAMS: dict[str, Program] = {
    "holds": program(
        exercise("bridge", reps="2-4", hold="5 s", sets=2, rest="20 s", easier="tilt"),
        exercise("plank", hold="30 s", gentle=True, short="Flat."),
        variants=(exercise("tilt", reps=3, tempo="1-0-1-0", harder="bridge"),),
    ),
    "continue": program(exercise("bridge", reps=2, hold="5 s"), hold_after_pause="continue", opening="ready"),
    "sides": program(
        exercise("dog", reps=2, hold="2 breaths", limbs=("right", "left")),
        exercise("arm", reps=2, hold="5 s", limbs=("right", "left"), order="complete"),
    ),
    "reps": program(
        exercise("squat", reps=5, tempo="2-0-2-0", sets=2, rest="10 s", position="standing"),
        exercise("march", time="20 s", limbs=("right", "left"), gentle=True),
        pain=strict_rules().model_copy(update={"tolerated": 3}),
    ),
    "open": program(
        exercise("walk", open=True),
        exercise("march", time="30 s", cues=("Breathe.",)),
        opening="ready",
        welcome=("Hello.", "You."),
    ),
    "set by set": program(
        exercise("bridge", reps=["4-5", 2], hold=["5 s", "3 s"], rest=["12 s"], easier="tilt"),
        exercise("march", time=["20 s", "10 s"], limbs=("right", "left"), cues=({"at": "half", "say": "Half."},)),
        variants=(exercise("tilt", reps=[3, 1], rest="0 s", harder="bridge"),),
        verbosity="short",
    ),
    "breath and cues": program(
        exercise("cat", breaths="2-4", limbs=("right", "left"), cues=({"at": "every 5 s", "say": "Long back."},)),
        exercise("squat", amrap="20 s", gentle=True, cues=("Up.", {"at": "-5 s", "say": "Five more."})),
        exercise(
            "curl",
            reps=4,
            tempo="1-0-1-0",
            cues=({"at": "every 2 reps", "say": "Slowly."}, {"at": "half", "say": "Half."}),
        ),
        verbosity="full",
    ),
    "tabata": in_block(
        exercise("jump", time="20 s", position="standing", easier="march"),
        exercise("march", time="20 s", position="standing", limbs=("right", "left"), gentle=True),
        style="tabata",
        repeat=3,
    ),
    "emom": in_block(
        exercise("squat", reps="5-6", tempo="2-0-2-0", position="standing"),
        exercise("bridge", reps=2, hold="5 s", gentle=True),
        exercise("arm", hold="5 s", limbs=("right", "left")),
        style="emom",
        every="40 s",
        lasts="4 min",
    ),
    "circuit": in_block(
        exercise("squat", reps=3, tempo="2-0-2-0", position="standing"),
        exercise("plank", hold="20 s", gentle=True, short="Flat.", position="prone"),
        exercise("bridge", open=True),
        style="circuit",
        repeat=3,
    ),
    "superset": in_block(
        exercise("squat", reps=3, tempo="2-0-2-0", position="standing", gentle=True),
        exercise("dog", reps=1, hold="2 breaths", limbs=("right", "left"), position="quadruped"),
        style="superset",
        repeat=2,
    ),
    "amrap": in_block(
        exercise("squat", reps=5, position="standing", easier="tilt", gentle=True),
        exercise("bridge", reps=5, hold="5 s"),
        exercise("plank", hold="20 s", gentle=True),
        style="amrap",
        lasts="3 min",
    ),
    "circuit alone": in_block(
        exercise("squat", reps="3-5", tempo="2-0-2-0", position="standing", easier="tilt"),
        exercise("plank", hold="10 s", position="prone"),
        style="circuit",
        repeat=3,
        alone=True,
    ),
    "emom alone": in_block(
        exercise("squat", reps="3-5", tempo="2-0-2-0", position="standing", easier="tilt", harder="tilt"),
        exercise("arm", hold="5 s", limbs=("right", "left"), position="quadruped"),
        style="emom",
        every="40 s",
        repeat=3,
        alone=True,
    ),
    "amrap alone": in_block(
        exercise("squat", reps="5-8", position="standing", easier="tilt"),
        exercise("plank", hold="20 s", position="prone"),
        style="amrap",
        lasts="2 min",
        alone=True,
    ),
}


class Sessions(RuleBasedStateMachine):
    world: World

    @initialize(
        name=st.sampled_from(sorted(PROGRAMS)),
        unattended=st.booleans(),
        room=st.builds(Room, check_hearing=st.booleans(), can_alert=st.booleans(), ask_effort=st.booleans()),
        person=st.builds(
            Person,
            agreed=st.booleans(),
            talk=st.sampled_from(Talk),
            pains_today=st.integers(0, 1),
            known=st.sampled_from([frozenset(), frozenset({"bridge", "dog"})]),
            last_pain=st.sampled_from([None, LastPain("bridge", "Bridge", 3), LastPain("plank", "Plank")]),
        ),
    )
    def begin(self, name: str, unattended: bool, room: Room, person: Person) -> None:
        self.world = World(PROGRAMS[name], person=person, room=replace(room, attended=not unattended))
        self.unattended = unattended
        self.hurts = False

    @rule(seconds=st.one_of(st.floats(0, 2), st.floats(0, 60), st.just(0.6)))
    def time_passes(self, seconds: float) -> None:
        before = self.world.mode
        seen = len(self.world.log)
        self.world.wait(seconds)
        if before in FROZEN:
            # Silence never advances: in a freeze, time brings reminders and nothing else.
            for _, event, effects in self.world.log[seen:]:
                assert isinstance(event, Tick | Spoken)
                quiet = Say | Alert | Note | (Hush | ModeChanged if before is Mode.CONFIRM else Say)
                assert all(isinstance(effect, quiet) for effect in effects), effects
            assert self.world.mode is before or (
                before is Mode.CONFIRM and self.world.mode in {Mode.PAIN, Mode.EMERGENCY}
            )

    @rule(command=st.sampled_from(Command))
    def a_word(self, command: Command) -> None:
        live, over = self.world.session.live, self.world.session.over
        asleep = self.world.session.state.asleep
        effects = self.world.say(command)
        if over:
            assert effects == ()
        elif command not in live and not asleep:
            assert effects == (Chime(ChimeKind.REFUSED),)
        self.hurts = self.hurts or (command is Command.PAIN and not over)
        if self.hurts and not over:
            self.check_pain(command, effects)
        if command is Command.PAIN and not over:
            self.check_silence(effects)
        if command in {Command.BACK, Command.SKIP, Command.EASIER, Command.HARDER, Command.YES}:
            # Whoever lands in another effort had time to get there.
            assert not any(isinstance(effect, StepBegan) and effect.kind in EFFORT for effect in effects)

    @precondition(lambda self: self.world.session.live)
    @rule(data=st.data())
    def a_word_that_means_something(self, data: st.DataObject) -> None:
        self.a_word(data.draw(st.sampled_from(sorted(self.world.session.live))))

    @precondition(lambda self: self.world.mode in {Mode.PAIN, Mode.QUESTION, Mode.EMERGENCY, Mode.CONFIRM})
    @rule(data=st.data())
    def an_answer(self, data: st.DataObject) -> None:
        answers = sorted(self.world.session.live & ANSWERS)
        if answers:
            self.a_word(data.draw(st.sampled_from(answers)))
        else:
            self.time_passes(6.0)

    @precondition(lambda self: not self.world.session.over)
    @rule(
        first=st.sampled_from([(), (Command.PAUSE,), (Command.STOP,), (Command.END,)]),
        skipped=st.integers(1, 4),
        then=st.sampled_from([(Command.BACK,), (Command.BACK, Command.BACK), (Command.UNDO,), (Command.HOW,)]),
        last=st.sampled_from([(), (Command.RESUME,), (Command.NO,), (Command.BACK, Command.RESUME)]),
    )
    def one_after_the_other_is_left_out(
        self,
        first: tuple[Command, ...],
        skipped: int,
        then: tuple[Command, ...],
        last: tuple[Command, ...],
    ) -> None:
        """Nobody has said so little that nothing is left: a way back leads somewhere all the same."""
        for word in (*first, *(Command.SKIP for _ in range(skipped)), *then, *last):
            self.a_word(word)
            self.world.wait(0.3)

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

    @rule(words=st.sampled_from(["", "[unk]", "top step", "seven eleven"]))
    def a_noise(self, words: str) -> None:
        """What is no command leads nowhere, except that a warning sign without an answer ends the session."""
        before, over = self.world.mode, self.world.session.over
        pain = self.world.session.state.pain
        effects = self.world.give(Overheard(self.world.now, words))
        if pain is not None and pain.asks is Asks.SIGN and self.world.mode is Mode.FINISHED:
            self.hurts = False
            return
        assert self.world.mode is before or over
        assert not any(isinstance(effect, StepBegan | End | ModeChanged) for effect in effects)

    @rule(again=st.booleans())
    def the_microphone_goes(self, again: bool) -> None:
        """A session that hears nobody stands still; being heard again leads on nowhere by itself."""
        before, over = self.world.mode, self.world.session.over
        self.world.give(Deafened(self.world.now))
        if over or before is Mode.FINISHED:
            return
        assert self.world.mode in FROZEN
        assert before not in FROZEN or self.world.mode is before
        if again:
            standing = self.world.mode
            self.world.wait(1.0)
            self.world.give(Hearing(self.world.now))
            self.world.wait(5.0)
            assert self.world.mode is standing or self.world.session.over

    @rule()
    def the_loudspeaker_was_gone(self) -> None:
        """Nobody heard what was said last, so it stands still, and a word leads on."""
        before, over = self.world.mode, self.world.session.over
        effects = self.world.give(Silenced(self.world.now))
        if over or before is Mode.FINISHED:
            return
        assert self.world.mode is (before if before in FROZEN else Mode.PAUSED)
        assert not any(isinstance(effect, StepBegan) for effect in effects)

    @rule(asked=st.booleans())
    def the_program_was_killed(self, asked: bool) -> None:
        """A session that is taken up stands still, and where it stood in pain it still does."""
        before = self.world.mode
        if self.world.session.over or before is Mode.FINISHED:
            return
        effects = self.world.give(Returned(self.world.now, asked))
        assert not any(isinstance(effect, End) for effect in effects)
        if before in {Mode.PAIN, Mode.EMERGENCY}:
            assert self.world.mode is before
        elif not self.unattended:
            assert self.world.mode in {Mode.PAUSED, Mode.PAIN, Mode.EMERGENCY}

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
        """From pain, only a "yes" leads to anything but standing still and the end, whatever lies between."""
        modes = {effect.mode for effect in effects if isinstance(effect, ModeChanged)}
        if Mode.FINISHED in modes or self.world.session.over:
            self.hurts = False
            return
        if command is Command.YES and (not modes <= STANDS or self.world.session.state.pain is None):
            self.hurts = False
            return
        assert modes <= STANDS, (command, modes)
        assert not any(isinstance(effect, StepBegan) for effect in effects)

    def check_silence(self, effects: tuple[Effect, ...]) -> None:
        """Pain is silent before anything is said, and what is said is the way out."""
        assert self.world.mode in {Mode.PAIN, Mode.EMERGENCY}
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
        session = Session(self.world.program, self.world.person, self.world.room)
        for at, event, effects in self.world.log:
            shifted = session.handle(replace(event, at=at + 4096.0))
            assert [_rounded(e) for e in shifted] == [_rounded(e) for e in effects], (at, event)


def _rounded(effect: Effect) -> Effect:
    """Sums of floats differ in the last digits when all times are larger."""
    if isinstance(effect, StepBegan) and effect.seconds is not None:
        return replace(effect, seconds=round(effect.seconds, 6))
    if isinstance(effect, Note) and effect.kind == "undone":
        return Note(effect.kind, tuple((k, round(v, 2) if isinstance(v, float) else v) for k, v in effect.fields))
    return effect


HABITS = [
    (Command.PAUSE, Command.NEXT, Command.RESUME),
    (Command.STOP, Command.BACK, Command.BACK, Command.RESUME),
    (Command.EMERGENCY, Command.MISTAKE),
    (Command.EMERGENCY, Command.MISTAKE, Command.BACK, Command.BACK, Command.RESUME),
    (Command.PAIN, Command.MISTAKE, Command.YES),
    (Command.END, Command.NO),
    (Command.END, Command.STOP),
    (Command.EASIER, Command.PAIN),
    (Command.YES, Command.UNDO),
    (Command.SLEEP,),
]
"""What people say one after the other, and no single word would lead to."""


class WarySessions(Sessions):
    """What a session may not forget, however long ago it was: read off its effects after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0
        self.agreed = False
        self.locked: set[str] = set()
        self.verdict: str | None = None
        self.hurt_at: float | None = None

    @precondition(lambda self: not self.world.session.over)
    @rule(
        score=st.sampled_from(sorted(NUMBERS)),
        leg=st.sampled_from([Command.NO, Command.NO, Command.NO, Command.UNSURE]),
        feel=st.sampled_from([Command.ACHE, Command.ACHE, Command.ACHE, Command.SHARP]),
        sign=st.sampled_from([Command.NO, Command.NO, Command.YES]),
        offer=st.sampled_from([Command.YES, Command.YES, Command.PAIN]),
        behind=st.sampled_from([(), *HABITS]),
    )
    def a_whole_pain(
        self, score: Command, leg: Command, feel: Command, sign: Command, offer: Command, behind: tuple[Command, ...]
    ) -> None:
        self.a_word(Command.PAIN)
        self.world.wait(6.0)
        for answer in (score, Command.YES, leg, feel):
            self.a_word(answer)
        while (pain := self.world.session.state.pain) is not None and pain.asks is Asks.SIGN:
            self.a_word(sign)
        if pain is not None and pain.asks is Asks.OFFER:
            self.a_word(offer)
        self.a_habit(behind)

    @precondition(lambda self: not self.world.session.over)
    @rule(words=st.sampled_from(HABITS))
    def a_habit(self, words: tuple[Command, ...]) -> None:
        for word in words:
            self.a_word(word)
            self.world.wait(0.7)

    @precondition(lambda self: self.world.mode not in FROZEN and not self.world.session.over)
    @rule()
    def the_next_effort(self) -> None:
        for _ in range(20):
            if self.world.mode in EFFORT or self.world.session.over:
                return
            self.world.wait(5.0)

    @invariant()
    def what_is_on_record_holds(self) -> None:
        if not hasattr(self, "world"):
            return
        effects = self.world.effects
        for at, effect in effects[self.read :]:
            if isinstance(effect, Note):
                self.check_note(at, effect.kind, dict(effect.fields))
            elif isinstance(effect, Remember):
                self.check_remembered(effect)
            elif isinstance(effect, StepBegan) and effect.kind in EFFORT:
                self.check_effort(effect)
            elif isinstance(effect, End):
                assert self.verdict not in {"urgent", "session over"} or effect.reason in {"pain", "afresh"}
            elif isinstance(effect, Volume):
                assert 0.1 <= effect.level <= 1.0
            elif isinstance(effect, SpeechRate):
                assert 0.6 <= effect.factor <= 1.6
        self.read = len(effects)

    def check_note(self, at: float, kind: str, fields: dict[str, Value | None]) -> None:
        match kind:
            case "pain":
                self.hurt_at = at
            case "locked":
                self.locked.add(str(fields["exercise"]))
            case "pain_report":
                self.verdict = str(fields["verdict"])
            case "undone" if self.hurt_at is not None:
                assert at - float(str(fields["ago"])) >= self.hurt_at - 1e-6, "undone across pain"

    def check_remembered(self, effect: Remember) -> None:
        if effect.key == "agreed":
            self.agreed = effect.value is not None
        elif effect.key.startswith("lock/") and effect.value is None:
            assert effect.key.removeprefix("lock/") not in self.locked, "a lock that was put on record is taken back"

    def check_effort(self, step: StepBegan) -> None:
        assert self.agreed or self.unattended or self.world.person.agreed, "effort before a yes"
        assert step.exercise not in self.locked, "what hurt is worked again"
        assert self.verdict not in {"urgent", "session over"}, "effort behind the end"

    @invariant()
    def what_stands_still_can_hear(self) -> None:
        if hasattr(self, "world") and self.world.mode in FROZEN and not self.world.session.over:
            assert self.world.session.live & {Command.END, Command.YES}


_quiet = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
TestSessions = _quiet(Sessions.TestCase)
TestSessions.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)

TestWarySessions = _quiet(WarySessions.TestCase)
TestWarySessions.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
