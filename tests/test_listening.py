"""Listening in real time: a microphone that breaks, falls silent and comes back, an ear that fails and is built anew.

The fakes decide what each block is, so nothing here depends on how fast the machine is.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from voicecoach.audio.wav import SilentMicrophone
from voicecoach.core.events import Command, Heard, Overheard
from voicecoach.listening import LAST_WORDS, EarFound, EarLost, Listening
from voicecoach.ports import EAR_BLOCK, EAR_RATE, DeviceError, Ear, EarError, HungError, Microphone, Samples

ZEROS = np.zeros(EAR_BLOCK, np.float32)
ROOM = np.full(EAR_BLOCK, 1e-5, np.float32)
"""The faintest room: a third of one step of 16 bits."""
WORD = np.full(EAR_BLOCK, 0.5, np.float32)
GONE = DeviceError("gone", mend="plug it in")

NOTHING = round(Listening.NOTHING * EAR_RATE / EAR_BLOCK)
RETRY = round(Listening.RETRY * EAR_RATE / EAR_BLOCK)
BACK = [ROOM] * round(Listening.SOUND * EAR_RATE / EAR_BLOCK)
"""As much of the room as shows that a microphone is back."""


class ScriptedMicrophone:
    """Gives the blocks of its script, or raises what stands in their place; then it waits to be closed."""

    exhausted = False

    def __init__(self, *script: Samples | Exception, live: bool = True) -> None:
        self.live = live
        self.closed = threading.Event()
        self.finished = threading.Event()
        self._script = iter(script)

    def read(self) -> Samples:
        if self.closed.is_set():
            raise DeviceError("not open")
        entry = next(self._script, None)
        if entry is None:
            self.finished.set()
            self.closed.wait(20)
            raise DeviceError("not open")
        if isinstance(entry, Exception):
            raise entry
        return entry

    def close(self) -> None:
        self.closed.set()


@dataclass
class ScriptedEar:
    """Hears "stop" in a loud block, at once or only when it is quiet again; fails at the blocks it is told to."""

    fails: tuple[int, ...] = ()
    slow: bool = False
    blocks: list[Samples] = field(default_factory=list)
    live: list[frozenset[Command]] = field(default_factory=list)
    said: list[str | None] = field(default_factory=list)
    closed: int = 0
    waiting: bool = False

    def hear(self, block: Samples, at: float) -> Sequence[Heard | Overheard]:
        self.blocks.append(block)
        if len(self.blocks) in self.fails:
            raise EarError("deaf", mend="get a model")
        loud = bool(np.abs(block).max() > 0.1)
        if self.slow:
            self.waiting, heard = self.waiting or loud, self.waiting and not loud
            self.waiting = self.waiting and not heard
        else:
            heard = loud
        return [Heard(at, Command.STOP)] if heard else []

    def listen_for(self, commands: frozenset[Command]) -> None:
        self.live.append(commands)

    def coach_says(self, text: str | None) -> None:
        self.said.append(text)

    def close(self) -> None:
        self.closed += 1


class Impatient(threading.Event):
    """Waits for next to no time: one attempt follows the other at once."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(None if timeout is None else min(timeout, 0.001))


class Room:
    """Everything that listening puts, and the microphones and ears that it is given."""

    def __init__(
        self,
        *microphones: Microphone | Exception,
        ears: Sequence[Ear | Exception] = (),
        reopen: bool = True,
        rebuild: bool = True,
    ) -> None:
        self.put: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.microphones, self.ears = list(microphones), list(ears or [ScriptedEar()])
        first = self.give(self.microphones)
        self.ear: Any = self.give(self.ears)
        self.listening = Listening(
            self.ear,
            first,
            self.put.put,
            lambda: 7.0,
            reopen=(lambda: self.give(self.microphones)) if reopen else None,
            rebuild=(lambda: self.give(self.ears)) if rebuild else None,
        )
        self.listening._closing = Impatient()
        self.listening._wall = lambda: self.listening._blocks * EAR_BLOCK / EAR_RATE  # as if in real time

    def give(self, things: list[Any]) -> Any:
        if not things:
            raise DeviceError("nothing there")
        thing = things.pop(0)
        if isinstance(thing, Exception):
            raise thing
        return thing

    @contextmanager
    def listen(self) -> Iterator[None]:
        thread = threading.Thread(target=self.listening.run)
        thread.start()
        try:
            yield
        finally:
            self.listening.close()
            thread.join(20)
            assert not thread.is_alive()

    def next(self) -> Any:
        return self.put.get(timeout=20)

    def rest(self) -> list[Any]:
        found = []
        while not self.put.empty():
            found.append(self.put.get())
        return found


def lost(reason: str, mend: str) -> EarLost:
    return EarLost(reason, mend, mending=True)


MUTE = "The microphone gives nothing at all: it is muted or unplugged."


# --- The microphone ---------------------------------------------------------------------------------------------------


def test_a_microphone_that_fails_is_opened_again_until_it_is_back() -> None:
    first, second = ScriptedMicrophone(ROOM, GONE), ScriptedMicrophone(*BACK, WORD)
    room = Room(first, DeviceError("not yet"), RuntimeError("not yet"), second)
    with room.listen():
        assert room.next() == lost("gone", "plug it in")
        assert room.next() == EarFound()
        assert room.next() == Heard(7.0, Command.STOP)
    assert first.closed.is_set()
    assert second.closed.is_set()
    assert room.rest() == []
    assert room.ear.closed == 0, "the recogniser did not fail, and it is not ours to close"


@pytest.mark.parametrize("silences", [1, 30])
def test_it_is_found_when_sound_comes_not_when_it_opens(silences: int) -> None:
    second = ScriptedMicrophone(*[ZEROS] * silences)
    third = ScriptedMicrophone(*[ZEROS] * silences, *BACK)
    room = Room(ScriptedMicrophone(GONE), second, third)
    with room.listen():
        assert room.next() == lost("gone", "plug it in")
        assert second.finished.wait(20)
        assert room.put.empty()
        second.close()  # its wait ends as an error, and the third is opened
        assert room.next() == EarFound()


def test_what_was_said_just_before_is_understood_before_the_loss_is_told() -> None:
    room = Room(ScriptedMicrophone(WORD, GONE), ears=[ScriptedEar(slow=True)])
    with room.listen():
        assert room.next() == Heard(7.0, Command.STOP)
        assert room.next() == lost("gone", "plug it in")
    assert len(room.ear.blocks) == 1 + LAST_WORDS


def test_a_microphone_may_be_lost_and_found_again_and_again() -> None:
    room = Room(*[ScriptedMicrophone(*BACK, GONE) for _ in range(4)])
    with room.listen():
        found = [room.next() for _ in range(7)]
    assert found == [lost("gone", "plug it in"), EarFound()] * 3 + [lost("gone", "plug it in")]


def test_without_a_way_to_open_it_again_a_microphone_is_lost_for_good() -> None:
    room = Room(ScriptedMicrophone(ROOM, GONE), reopen=False)
    with room.listen():
        assert room.next() == EarLost("gone", "plug it in", mending=False)


@pytest.mark.parametrize("hangs", ["reading", "opening"])
def test_a_sound_system_that_hangs_is_not_tried_again(hangs: str) -> None:
    microphones = (
        [ScriptedMicrophone(ROOM, HungError())] if hangs == "reading" else [ScriptedMicrophone(ROOM, GONE), HungError()]
    )
    room = Room(*microphones, ScriptedMicrophone(ROOM))
    with room.listen():
        found = room.next()
        if hangs == "opening":
            assert found == lost("gone", "plug it in")
            found = room.next()
        assert found == EarLost(str(HungError()), HungError().mend, mending=False)
    assert len(room.microphones) == 1


def test_a_microphone_that_fails_because_it_is_closed_is_not_lost() -> None:
    microphone = ScriptedMicrophone(ROOM)
    room = Room(microphone, ScriptedMicrophone())
    with room.listen():
        assert microphone.finished.wait(20)
    assert room.rest() == []


def test_a_microphone_that_opens_while_everything_is_closed_is_closed_too() -> None:
    opening, go = threading.Event(), threading.Event()
    late = ScriptedMicrophone()
    room = Room(ScriptedMicrophone(GONE))

    def reopen() -> Microphone:
        opening.set()
        assert go.wait(20)
        return late

    room.listening._reopen = reopen
    thread = threading.Thread(target=room.listening.run)
    thread.start()
    assert opening.wait(20)
    room.listening.close()
    go.set()
    thread.join(20)
    assert not thread.is_alive()
    assert late.closed.is_set()


def test_where_it_does_not_come_back_new_devices_are_looked_for_ever_more_rarely() -> None:
    room = Room(ScriptedMicrophone(GONE))
    tries, asked = [0], []
    again = threading.Event()

    def reopen() -> Microphone:
        tries[0] += 1
        if tries[0] == 501:
            return ScriptedMicrophone(*BACK, GONE)
        raise DeviceError("not there")

    def look_anew() -> None:
        asked.append(tries[0])
        if len(asked) == 10:
            again.set()

    room.listening._reopen, room.listening.look_anew = reopen, look_anew
    with room.listen():
        assert again.wait(20)
    assert asked[:10] == [3, 6, 12, 24, 48, 96, 192, 342, 492, 501 + 3], "and as soon as at first the next time"


# --- Digital silence --------------------------------------------------------------------------------------------------


def test_nothing_but_zeros_is_a_loss_and_any_sound_is_the_return() -> None:
    room = Room(ScriptedMicrophone(ROOM, *[ZEROS] * NOTHING, *[ZEROS] * (RETRY - 1), *BACK[1:], WORD))
    with room.listen():
        found = room.next()
        assert (found.reason, found.mending) == (MUTE, True)
        assert found.mend
        assert room.next() == EarFound()
        assert room.next() == Heard(7.0, Command.STOP), "the block that brought it back is heard"


def test_zeros_shorter_than_that_are_none_and_must_follow_each_other() -> None:
    microphone = ScriptedMicrophone(*([ZEROS] * (NOTHING - 1) + [ROOM]) * 3)
    room = Room(microphone)
    with room.listen():
        assert microphone.finished.wait(20)
    assert room.rest() == []


def test_a_quiet_microphone_is_not_mute() -> None:
    faint = [np.zeros(EAR_BLOCK, np.float32) for _ in range(3 * NOTHING)]
    for block in faint:
        block[17] = 2**-15  # one sample, one step
    microphone = ScriptedMicrophone(*faint)
    room = Room(microphone)
    with room.listen():
        assert microphone.finished.wait(20)
    assert room.rest() == []


@pytest.mark.parametrize("live", [True, False])
def test_a_recording_of_silence_and_the_stand_in_for_no_microphone_are_not_mute(live: bool) -> None:
    recording = ScriptedMicrophone(*[ZEROS] * (3 * NOTHING), live=live)
    room = Room(recording, reopen=False)
    room.listening._clock = lambda: 1000.0
    with room.listen():
        assert recording.finished.wait(20)
        assert room.rest() == []
    silent = Room(SilentMicrophone(), reopen=False)
    silent.listening._clock = lambda: 1000.0
    with silent.listen():
        while silent.listening.silence < 3 * NOTHING:
            assert silent.put.empty()


def test_a_mute_microphone_is_opened_anew_every_so_often() -> None:
    """The server puts a silent stand-in in the place of what is unplugged, and a stream on it never comes back."""
    stuck = ScriptedMicrophone(*[ZEROS] * (NOTHING + RETRY))
    deaf = ScriptedMicrophone(*[ZEROS] * RETRY)
    room = Room(stuck, deaf, DeviceError("busy"), ScriptedMicrophone(ZEROS, *BACK))
    with room.listen():
        assert room.next().reason == MUTE
        assert room.next() == EarFound()
    assert stuck.closed.is_set()
    assert deaf.closed.is_set()


def test_a_noise_gate_is_told_as_a_loss_ever_more_rarely() -> None:
    def rounds(*lengths: int) -> list[Samples]:
        return [block for length in lengths for block in [*[ZEROS] * length, *BACK]]

    microphone = ScriptedMicrophone(*rounds(NOTHING, NOTHING, 2 * NOTHING, 2 * NOTHING, 4 * NOTHING))
    room = Room(microphone)
    with room.listen():
        assert microphone.finished.wait(20)
    assert [type(one) for one in room.rest()] == [EarLost, EarFound] * 3


def test_a_microphone_that_goes_and_comes_is_told_as_soon_as_the_first_time() -> None:
    """A gate never lets five seconds through without one empty block; the noise of a microphone is never empty."""
    steady = round(Listening.STEADY * EAR_RATE / EAR_BLOCK)
    script = [block for _ in range(5) for block in [*[ZEROS] * NOTHING, *[ROOM] * steady]]
    microphone = ScriptedMicrophone(*script)
    room = Room(microphone)
    with room.listen():
        assert microphone.finished.wait(20)
    assert [type(one) for one in room.rest()] == [EarLost, EarFound] * 5


# --- Standing aside ---------------------------------------------------------------------------------------------------


class Endless(ScriptedMicrophone):
    """Gives the faintest room until it is closed."""

    def read(self) -> Samples:
        if self.closed.wait(0.005):
            raise DeviceError("not open")
        return ROOM


def test_it_lets_go_of_the_microphone_while_another_device_is_opened() -> None:
    first, second = Endless(), ScriptedMicrophone(ROOM, WORD)
    room = Room(first, second)
    with room.listen():
        with room.listening.resting():
            assert first.closed.is_set()
            assert not second.finished.is_set()
        assert room.next() == Heard(7.0, Command.STOP)
    assert room.rest() == []


def test_a_microphone_that_is_not_there_any_more_behind_that_is_lost() -> None:
    room = Room(Endless(), DeviceError("no such device"), ScriptedMicrophone(*BACK))
    with room.listen():
        with room.listening.resting():
            pass
        assert "The microphone is away" in room.next().reason
        assert room.next() == EarFound()


def test_a_recording_stands_aside_for_nobody() -> None:
    microphone = ScriptedMicrophone(ROOM)
    room = Room(microphone, reopen=False)
    with room.listen(), room.listening.resting():
        assert not microphone.closed.is_set()


# --- The ear ----------------------------------------------------------------------------------------------------------


def test_an_ear_that_fails_is_built_anew_and_told_what_it_was_asked() -> None:
    first, second = ScriptedEar(fails=(2,)), ScriptedEar()
    microphone = ScriptedMicrophone(ROOM, *BACK, ROOM, WORD)
    room = Room(microphone, ears=[first, second])
    with room.listen():
        assert room.next() == lost("deaf", "get a model")
        assert room.next() == EarFound()
        assert room.next() == Heard(7.0, Command.STOP)
        assert room.listening.ear is second
    assert first.closed == 1
    assert second.closed == 1, "what listening built it closes"
    assert not first.blocks[2:]


def test_questions_wait_for_the_new_ear() -> None:
    second = ScriptedEar()
    room = Room(ScriptedMicrophone(ROOM, *BACK, WORD), ears=[ScriptedEar(fails=(1,)), second])
    real = room.listening._rebuild
    assert real is not None

    def rebuild() -> Ear:
        room.listening.ask(lambda ear: ear.listen_for(frozenset({Command.STOP})))
        return real()

    room.listening._rebuild = rebuild
    with room.listen():
        assert [type(room.next()) for _ in range(3)] == [EarLost, EarFound, Heard]
    assert second.live == [frozenset({Command.STOP})]


def test_an_ear_that_cannot_be_built_is_given_up_after_three_attempts() -> None:
    ears: list[Ear | Exception] = [
        ScriptedEar(fails=(1,)),
        *[EarError(f"no {n}", mend="get a model") for n in range(1, 5)],
    ]
    room = Room(ScriptedMicrophone(ROOM, ROOM), ears=ears)
    with room.listen():
        assert room.next() == lost("deaf", "get a model")
        assert room.next() == EarLost("no 3", "get a model", mending=False)
    assert len(room.ears) == 1, "the fourth is never tried"


def test_an_ear_that_fails_again_and_again_is_given_up() -> None:
    room = Room(ScriptedMicrophone(*[ROOM] * 200), ears=[ScriptedEar(fails=(30,)) for _ in range(6)])
    with room.listen():
        found = [room.next() for _ in range(7)]
    assert [getattr(one, "mending", "found") for one in found] == [True, "found"] * 3 + [False]
    assert len(room.ears) == 2


def test_without_a_way_to_build_it_anew_an_ear_is_lost_for_good() -> None:
    room = Room(ScriptedMicrophone(ROOM), ears=[ScriptedEar(fails=(1,))], rebuild=False)
    with room.listen():
        assert room.next() == EarLost("deaf", "get a model", mending=False)


def test_both_may_be_lost_and_both_are_mended() -> None:
    room = Room(
        ScriptedMicrophone(ROOM, GONE),
        ScriptedMicrophone(*BACK, WORD),
        ears=[ScriptedEar(fails=(5,)), EarError("not yet"), ScriptedEar()],
    )
    with room.listen():
        assert room.next() == lost("deaf", "get a model"), "it failed in understanding the last words"
        assert [room.next(), room.next()] == [EarFound(), Heard(7.0, Command.STOP)]


def test_a_question_that_fails_is_a_failure_of_the_ear() -> None:
    def stumble(_: Ear) -> None:
        raise KeyError("grammar")

    room = Room(ScriptedMicrophone(ROOM, *BACK, WORD), ears=[ScriptedEar(), ScriptedEar()])
    room.listening.ask(stumble)
    with room.listen():
        assert room.next() == lost("Hearing has failed: KeyError: 'grammar'.", "voicecoach doctor")
        assert room.next() == EarFound()


def test_failures_long_ago_do_not_count() -> None:
    """A coach that serves for months builds its recogniser anew more than three times."""
    good = round(Listening.GOOD * EAR_RATE / EAR_BLOCK)
    fails = (good + 1,)
    room = Room(ScriptedMicrophone(*[ROOM] * (7 * good)), ears=[ScriptedEar(fails=fails) for _ in range(7)])
    with room.listen():
        found = [room.next() for _ in range(12)]
    assert [getattr(one, "mending", "found") for one in found] == [True, "found"] * 6


def test_failures_that_follow_each_other_count_however_good_it_was_before() -> None:
    good = round(Listening.GOOD * EAR_RATE / EAR_BLOCK)
    ears: list[Ear | Exception] = [ScriptedEar(fails=(good + 1,)), *[ScriptedEar(fails=(30,)) for _ in range(9)]]
    room = Room(ScriptedMicrophone(*[ROOM] * (2 * good)), ears=ears)
    with room.listen():
        found = [room.next() for _ in range(7)]
    assert [getattr(one, "mending", "found") for one in found] == [True, "found"] * 3 + [False]


class Stuck(ScriptedEar):
    """Comes back from its first block when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.at_it, self.go = threading.Event(), threading.Event()
        self.gaps: list[int] = []

    def hear(self, block: Samples, at: float) -> Sequence[Heard | Overheard]:
        self.at_it.set()
        assert self.go.wait(20)
        return super().hear(block, at)

    def interrupted(self) -> None:
        self.gaps.append(len(self.blocks))


class Recorder(ScriptedMicrophone):
    """Loses blocks where it is told to, and may be told to forget what waits."""

    def __init__(self, *script: Samples | Exception, lost_in: Sequence[int] = ()) -> None:
        super().__init__(*script)
        self.dropped = self.forgotten = self.given = 0
        self._lost_in = lost_in

    def read(self) -> Samples:
        self.dropped += self.given in self._lost_in
        self.given += 1
        return super().read()

    def forget(self) -> None:
        self.forgotten += 1


def looked_at(room: Room, seconds: float) -> list[Any]:
    """Look at it four times a second, and return the news."""
    now = [1000.0]
    room.listening._wall = lambda: now[0]
    room.listening.look()
    for _ in range(round(seconds * 4)):
        now[0] += 0.25
        room.listening.look()
    return room.rest()


def test_an_ear_that_does_not_come_back_is_told_and_heard_again_without_what_waited() -> None:
    ear, microphone = Stuck(), Recorder(ROOM, *BACK)
    room = Room(microphone, ears=[ear])
    with room.listen():
        assert ear.at_it.wait(20)
        assert looked_at(room, Listening.STALLED - 0.25) == []
        (told,) = looked_at(room, 10)
        assert (told.reason, told.mending) == ("The recogniser does not answer.", True)
        assert told.mend
        assert microphone.forgotten == 0
        ear.go.set()
        assert room.next() == EarFound()
        assert microphone.forgotten == 1
        assert ear.gaps == [1]


def test_an_ear_that_never_comes_back_is_given_up() -> None:
    ear = Stuck()
    room = Room(ScriptedMicrophone(ROOM, *BACK), ears=[ear])
    with room.listen():
        assert ear.at_it.wait(20)
        told = looked_at(room, Listening.HUNG + 10)
        assert [one.mending for one in told] == [True, False]
        ear.go.set()
    assert room.rest() == [], "what it says then is too late"


def test_an_ear_that_goes_on_is_not_stuck_and_a_process_that_was_stopped_has_lost_none() -> None:
    ear = Stuck()
    room = Room(ScriptedMicrophone(ROOM, *BACK), ears=[ear])
    with room.listen():
        assert ear.at_it.wait(20)
        room.listening.look()
        real = room.listening._wall()
        room.listening._wall = lambda: real + 3600.0
        room.listening.look()
        assert room.rest() == []
        ear.go.set()
    busy = Room(ScriptedMicrophone())
    for _ in range(100):
        busy.listening._work = object()  # another block each time
        assert looked_at(busy, 0.5) == []


STEADY = round(Listening.STEADY * EAR_RATE / EAR_BLOCK)
BEHIND = round(Listening.BEHIND * EAR_RATE / EAR_BLOCK)


@pytest.mark.parametrize(
    ("lost_in", "blocks", "news"),
    [
        (range(BEHIND), BEHIND + STEADY - 1, [True, "found"]),
        (range(BEHIND), BEHIND + STEADY - 2, [True]),
        ([*range(BEHIND), BEHIND + 100], BEHIND + STEADY + 99, [True]),
        ([*range(BEHIND), BEHIND + 100], BEHIND + STEADY + 100, [True, "found"]),
        (range(BEHIND - 1), BEHIND + STEADY, []),
        ([*range(BEHIND - 1), *range(BEHIND + STEADY, BEHIND + STEADY + 10)], BEHIND + STEADY + 20, []),
        (range(0, 10 * BEHIND, 10), 10 * BEHIND, [True]),
    ],
)
def test_an_ear_slower_than_what_comes_is_told_and_heard_again_when_it_keeps_up(
    lost_in: Sequence[int], blocks: int, news: list[object]
) -> None:
    """``lost_in`` are the blocks before which one was lost."""
    microphone = Recorder(*[ROOM] * blocks, lost_in=lost_in)
    room = Room(microphone)
    with room.listen():
        assert microphone.finished.wait(20)
    found = room.rest()
    assert [getattr(one, "mending", "found") for one in found] == news
    if found:
        assert "does not keep up" in found[0].reason
        assert found[0].mend


def test_a_backlog_of_nothing_is_no_loss_and_a_moment_of_sound_no_return() -> None:
    """A sound server that stood still gives what it had, faster than it was recorded."""
    microphone = ScriptedMicrophone(ROOM, *[ZEROS] * (10 * NOTHING), ROOM)
    room = Room(microphone)
    room.listening._wall = lambda: 0.5
    with room.listen():
        assert microphone.finished.wait(20)
    assert room.rest() == []
    again = ScriptedMicrophone(*BACK[1:])
    lost_before = Room(ScriptedMicrophone(GONE), again)
    with lost_before.listen():
        assert lost_before.next() == lost("gone", "plug it in")
        assert again.finished.wait(20)
        assert lost_before.rest() == []
