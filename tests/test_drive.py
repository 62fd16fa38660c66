"""The drives: time that a loudspeaker keeps, or the blocks of files; and devices that are lost and found on the way."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pytest

from tests.drives import (
    BLOCK,
    RATE,
    FakeEar,
    Recording,
    SlowVoice,
    WordEar,
    collect,
    filed,
    live,
)
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.core.events import Command, Heard, Overheard
from voicecoach.drive import Arrival, LiveDrive, Rendered
from voicecoach.listening import EarFound, EarLost
from voicecoach.playing import Playing, SpeakerFound, SpeakerLost
from voicecoach.ports import (
    EAR_BLOCK,
    EAR_RATE,
    Audio,
    DeviceError,
    Ear,
    EarError,
    Fill,
    PortError,
    Samples,
)
from voicecoach.rig import Rig
from voicecoach.speech.mixer import Mixer

if TYPE_CHECKING:
    from voicecoach.speech.cache import CachedVoice

# --- The live drive, with a loudspeaker that only keeps time ----------------------------------------------------------


class BrokenMicrophone(SilentMicrophone):
    def read(self) -> Samples:
        raise DeviceError("gone", mend="plug it in")


def test_a_slow_rendering_does_not_hold_up_a_word() -> None:
    voice, ear = SlowVoice(), WordEar()
    drive = live(ear, voice)
    drive.start()
    try:
        drive.render(1, "hello")
        assert voice.asked.wait(10)
        collect(drive, lambda a: isinstance(a, Heard))  # while the voice is still at it
        voice.go.set()
        rendered = collect(drive, lambda a: isinstance(a, Rendered))
        assert isinstance(rendered, Rendered)
        assert rendered.audio is not None
        drive.render(2, "fail")
        assert collect(drive, lambda a: isinstance(a, Rendered)) == Rendered(2, None)
    finally:
        voice.go.set()
        drive.close()
    assert len(ear.threads) == 1
    assert threading.current_thread().name not in ear.threads


def test_the_ear_is_told_in_its_own_thread() -> None:
    ear, seen = WordEar(), []
    drive = live(ear)
    drive.tell_ear(lambda _: seen.append(threading.current_thread().name))
    drive.start()
    try:
        collect(drive, lambda a: isinstance(a, Heard))
    finally:
        drive.close()
    assert seen == list(ear.threads)


class BadEar(FakeEar):
    """Fails at its third block, as a library might."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.blocks = error, 0

    def hear(self, block: Samples, at: float) -> list[Heard]:
        self.blocks += 1
        if self.blocks >= 3:
            raise self.error
        return []


class CrashingMicrophone(SilentMicrophone):
    def read(self) -> Samples:
        raise RuntimeError("driver")


@pytest.mark.parametrize(
    ("ear", "microphone", "lost"),
    [
        (FakeEar(), BrokenMicrophone(), EarLost("gone", "plug it in")),
        (FakeEar(), CrashingMicrophone(), EarLost("Hearing has failed: RuntimeError: driver.", "voicecoach doctor")),
        (BadEar(EarError("deaf", mend="get a model")), None, EarLost("deaf", "get a model")),
        (BadEar(KeyError("text")), None, EarLost("Hearing has failed: KeyError: 'text'.", "voicecoach doctor")),
    ],
)
def test_whatever_fails_in_hearing_arrives_as_lost_and_the_drive_is_deaf(
    ear: Ear, microphone: Any, lost: EarLost
) -> None:
    drive = live(ear, microphone=microphone)
    drive.start()
    try:
        assert not drive.deaf
        assert collect(drive, lambda a: isinstance(a, EarLost)) == lost
        assert drive.deaf
    finally:
        drive.close()


def test_a_live_drive_is_not_deaf_as_long_as_its_microphone_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.listening.Listening.RETRY", 0.001)
    there = threading.Event()

    class Back(SilentMicrophone):
        live, exhausted = True, False

        def read(self) -> Samples:
            super().read()
            time.sleep(0.001)
            return np.full(EAR_BLOCK, 0.01, np.float32)

    opened: list[Back] = []

    def reopen() -> Back:
        if not there.is_set():
            raise DeviceError("not there")
        opened.append(Back())
        return opened[-1]

    drive = live(WordEar(), microphone=BrokenMicrophone(), reopen=reopen)
    drive.start()
    try:
        assert collect(drive, lambda a: isinstance(a, EarLost)) == EarLost("gone", "plug it in", mending=True)
        assert not drive.deaf
        there.set()
        collect(drive, lambda a: isinstance(a, EarFound))
        collect(drive, lambda a: isinstance(a, Heard))
        assert not drive.deaf
    finally:
        drive.close()
    with pytest.raises(DeviceError):
        opened[0].read()


def test_a_live_drive_is_deaf_when_its_ear_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.listening.Listening.RETRY", 0.001)

    def rebuild() -> Ear:
        raise EarError("no model")

    drive = live(BadEar(EarError("deaf")), rebuild=rebuild)
    drive.start()
    try:
        assert collect(drive, lambda a: isinstance(a, EarLost)) == EarLost("deaf", mending=True)
        assert not drive.deaf
        assert collect(drive, lambda a: isinstance(a, EarLost)) == EarLost("no model")
        assert drive.deaf
    finally:
        drive.close()


def _stumble(ear: Ear) -> None:
    raise KeyError("grammar")


def test_a_failing_question_to_the_ear_arrives_as_lost() -> None:
    drive = live(FakeEar())
    drive.tell_ear(_stumble)
    drive.start()
    try:
        collect(drive, lambda a: isinstance(a, EarLost))
    finally:
        drive.close()


def test_a_keyboard_still_listens_when_the_ear_is_lost() -> None:
    class Keys:
        ended = False

        def start(self) -> None: ...
        def close(self) -> None: ...

    keys = Keys()
    drive = live(FakeEar(), microphone=BrokenMicrophone())
    drive.listen_to(keys)
    drive.start()
    try:
        collect(drive, lambda a: isinstance(a, EarLost))
        assert not drive.deaf
        keys.ended = True
        assert drive.deaf
    finally:
        drive.close()


def test_whatever_a_voice_raises_arrives_as_a_line_without_sound() -> None:
    class Crashing(SlowVoice):
        def render(self, text: str) -> Audio:
            raise OSError("no space")

    drive = live(None, Crashing())
    drive.start()
    try:
        drive.render(1, "hello")
        drive.render(2, "again")
        assert collect(drive, lambda a: isinstance(a, Rendered)) == Rendered(1, None)
        assert collect(drive, lambda a: isinstance(a, Rendered)) == Rendered(2, None)
    finally:
        drive.close()


# --- The drive of files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [EarError("deaf", mend="get a model"), RuntimeError("deaf")])
def test_with_files_whatever_fails_in_hearing_is_told_in_words(error: Exception) -> None:
    drive = filed(BadEar(error))
    drive.advance(None)
    drive.advance(None)
    with pytest.raises(PortError, match="deaf") as caught:
        drive.advance(None)
    assert caught.value.mend
    with pytest.raises(PortError, match="Hearing has failed"):
        drive.tell_ear(_stumble)


def test_with_files_a_voice_that_crashes_gives_a_line_without_sound() -> None:
    class Crashing(SlowVoice):
        def render(self, text: str) -> Audio:
            raise RuntimeError

    drive = filed(None, voice=Crashing())
    drive.render(1, "hello")
    assert drive.advance(None) == [Rendered(1, None)]


def test_with_files_what_is_overheard_arrives_too() -> None:
    class Listener(FakeEar):
        def hear(self, block: Samples, at: float) -> list[Any]:
            return [Overheard(at, "knee")]

    assert filed(Listener()).advance(None) == [Overheard(0.02, "knee")]


def test_the_last_words_of_a_recording_have_time_to_be_understood() -> None:
    drive = filed(FakeEar(), Recording(10))
    while not drive.deaf:
        drive.advance(None)
    ended = 10 * EAR_BLOCK / EAR_RATE
    assert 1.0 < drive.now - ended <= 2.0
    assert filed(None).deaf, "without an ear there is nothing to wait for"


def test_the_last_words_of_a_recording_have_time_to_be_understood_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.drive.LAST_WORDS", 5)

    class Late(FakeEar):
        """Understands two blocks after the recording's end."""

        blocks = 0

        def hear(self, block: Samples, at: float) -> list[Heard]:
            self.blocks += 1
            return [Heard(at, Command.READY)] if self.blocks == 5 else []

    ear = Late()
    drive = live(ear, microphone=Recording(3))
    drive.start()
    try:
        while ear.blocks < 5:
            assert not drive.deaf
            time.sleep(0.001)
        end = time.monotonic() + 10
        while not drive.deaf:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert ear.blocks >= 8
    finally:
        drive.close()


# --- Closing ---------------------------------------------------------------------------------------------------------


def test_an_engine_at_work_is_waited_for() -> None:
    voice = SlowVoice()
    drive = live(None, voice)
    drive.start()
    drive.render(1, "hello")
    drive.render(2, "never begun")
    assert voice.asked.wait(10)
    voice.asked.clear()
    threading.Timer(0.1, voice.go.set).start()
    drive.close()
    assert drive.busy == ()
    assert not voice.asked.is_set(), "what waits is not begun any more"


def test_an_engine_that_does_not_end_is_not_closed_beside_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveDrive, "CLOSING", 0.05)
    closed: list[str] = []

    class Noted(SlowVoice):
        def close(self) -> None:
            closed.append("voice")

    class NotedEar(FakeEar):
        def close(self) -> None:
            closed.append("ear")

    voice = Noted()
    rig = Rig(
        cast("CachedVoice", voice), TimedSpeaker(RATE, BLOCK), SilentMicrophone(), NotedEar(), False, Mixer(RATE, BLOCK)
    )
    drive = rig.drive()
    drive.start()
    drive.render(1, "hello")
    assert voice.asked.wait(10)
    try:
        drive.close()
        assert drive.busy == (voice,)
        rig.close()
        assert "voice" not in closed
        assert "ear" in closed
    finally:
        voice.go.set()
        (thread,) = [thread for thread in threading.enumerate() if thread.name == "voicecoach_speak"]
        thread.join(10)
    rig.close()
    assert "voice" in closed


# --- The loudspeaker -------------------------------------------------------------------------------------------------


def test_a_loudspeaker_that_stops_is_given_up_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dead:
        rate, block, live, audible, lost = RATE, BLOCK, True, True, True

        def start(self, fill: Fill) -> None: ...
        def pump(self) -> None: ...
        def close(self) -> None: ...

    monkeypatch.setattr(Playing, "LOST_FOR", 0.05)
    drive = live(None, speaker=Dead())
    drive.start()
    try:
        with pytest.raises(DeviceError, match="loudspeaker has stopped"):
            collect(drive, lambda _: True)
    finally:
        drive.close()


def test_closing_twice_is_harmless_and_leaves_no_thread() -> None:
    before = threading.active_count()
    drive = live(WordEar())
    drive.start()
    drive.close()
    drive.close()
    assert threading.active_count() == before


def test_a_live_drive_goes_on_with_another_loudspeaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Playing, "LOST_FOR", 0.05)
    monkeypatch.setattr(Playing, "RETRY", 0.05)

    class Dying(TimedSpeaker):
        lost = False

    first = Dying(RATE, BLOCK)
    drive = live(None, speaker=first, reopen_speaker=lambda: TimedSpeaker(RATE, BLOCK))
    drive.start()
    try:
        time.sleep(0.1)
        first.close()
        first.lost = True
        stood = drive.now
        assert isinstance(collect(drive, lambda a: isinstance(a, SpeakerLost)), SpeakerLost)
        assert drive.now == pytest.approx(stood, abs=0.1), "time stands still without a loudspeaker"
        found = collect(drive, lambda a: isinstance(a, SpeakerFound))
        assert isinstance(found, SpeakerFound)
        assert found.seconds > 0.05
        assert drive.now > stood
    finally:
        drive.close()


class LostSpeaker(TimedSpeaker):
    """One that says that it is lost, when it is told to."""

    lost = False


class RestingMicrophone(SilentMicrophone):
    """Counts how many are open."""

    live, exhausted = True, False
    opened: ClassVar[list[RestingMicrophone]] = []

    def __init__(self) -> None:
        super().__init__()
        self.opened.append(self)

    def read(self) -> Samples:
        time.sleep(0.001)
        super().read()
        return np.full(EAR_BLOCK, 0.01, np.float32)

    def close(self) -> None:
        super().close()
        with suppress(ValueError):
            self.opened.remove(self)


def test_no_microphone_is_open_while_the_loudspeaker_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """PortAudio finds new devices only while no stream is open."""
    monkeypatch.setattr(Playing, "LOST_FOR", 0.05)
    monkeypatch.setattr(RestingMicrophone, "opened", [])
    seen: list[int] = []

    def reopen_speaker() -> TimedSpeaker:
        seen.append(len(RestingMicrophone.opened))
        return TimedSpeaker(RATE, BLOCK)

    first = LostSpeaker(RATE, BLOCK)
    drive = live(
        FakeEar(),
        microphone=RestingMicrophone(),
        speaker=first,
        reopen=RestingMicrophone,
        reopen_speaker=reopen_speaker,
    )
    drive.start()
    try:
        first.close()
        first.lost = True
        collect(drive, lambda a: isinstance(a, SpeakerFound))
        assert seen == [0]
        end = time.monotonic() + 10
        while not RestingMicrophone.opened and time.monotonic() < end:
            time.sleep(0.01)
        assert len(RestingMicrophone.opened) == 1, "and it listens again behind that"
    finally:
        drive.close()


def test_a_microphone_that_is_not_seen_while_the_coach_plays_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a sound server: PortAudio lists the devices anew only while no stream is open."""
    monkeypatch.setattr("voicecoach.listening.Listening.RETRY", 0.01)
    anew: list[TimedSpeaker] = []

    def reopen() -> RestingMicrophone:
        if not anew:
            raise DeviceError("There is no microphone on this machine.")
        return RestingMicrophone()

    def reopen_speaker() -> TimedSpeaker:
        anew.append(TimedSpeaker(RATE, BLOCK))
        return anew[-1]

    drive = live(FakeEar(), microphone=BrokenMicrophone(), reopen=reopen, reopen_speaker=reopen_speaker)
    drive.start()
    try:
        collect(drive, lambda a: isinstance(a, EarLost))
        collect(drive, lambda a: isinstance(a, EarFound))
        assert len(anew) == 1
    finally:
        drive.close()


def test_without_a_loudspeaker_the_loop_does_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was due stays due while time stands still: nobody waits for it by going round."""
    monkeypatch.setattr(Playing, "LOST_FOR", 0.05)
    first = LostSpeaker(RATE, BLOCK)
    drive = live(None, speaker=first, reopen_speaker=_refuse)
    drive.start()
    waits: list[float] = []

    class Arrivals:
        def get(self, timeout: float) -> Arrival:
            waits.append(timeout)
            raise queue.Empty

    try:
        first.close()
        first.lost = True
        collect(drive, lambda a: isinstance(a, SpeakerLost))
        drive._arrivals = cast("Any", Arrivals())
        drive.advance(0.0)
        assert waits == [0.25]
    finally:
        drive.close()


def _refuse() -> TimedSpeaker:
    raise DeviceError("not there")


class HungEar(FakeEar):
    """Never comes back from its first block, until the test is over."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def hear(self, block: Samples, at: float) -> list[Heard]:
        self.go.wait(30)
        return []


def test_a_live_drive_looks_whether_its_ear_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.listening.Listening.STALLED", 0.1)
    monkeypatch.setattr("voicecoach.listening.Listening.HUNG", 0.3)
    ear = HungEar()
    drive = live(ear)
    drive.start()
    try:
        first = collect(drive, lambda a: isinstance(a, EarLost))
        assert isinstance(first, EarLost)
        assert first.mending
        assert not drive.deaf
        second = collect(drive, lambda a: isinstance(a, EarLost))
        assert isinstance(second, EarLost)
        assert not second.mending
        assert drive.deaf
        drive.advance(None)  # without anybody to start it anew it goes on
        drive.must_hear = True
        drive.advance(None, in_need=True)
        with pytest.raises(EarError, match="recogniser does not answer") as caught:
            drive.advance(None)
        assert caught.value.mend
    finally:
        ear.go.set()
        drive.close()
