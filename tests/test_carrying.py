"""Effects that change how everything sounds, and the alarm: what the host makes of them, and both drives."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from tests.drives import BLOCK, RATE, FakeDrive, SlowVoice, collect, filed, live, tone
from tests.scripted_session import ScriptedSession, say
from voicecoach.core.events import (
    Alert,
    Alerted,
    Effect,
    Priority,
    SpeechRate,
    Spoken,
    StepBegan,
    Volume,
)
from voicecoach.core.session import Session
from voicecoach.drive import FileDrive, LiveDrive, Rendered
from voicecoach.host import CannotGoOnError, Host
from voicecoach.language import load_language
from voicecoach.ports import Alarm, Audio, Told, Voice
from voicecoach.record import Record
from voicecoach.speech.mixer import Mixer
from voicecoach.speech.renderer import Renderer

PATIENCE = 20.0


class Carried:
    """A scripted session, played with a drive whose time is a number."""

    def __init__(
        self,
        *turns: tuple[Effect, ...],
        ready: dict[str, Audio] | None = None,
        drive: FakeDrive | None = None,
        waits_for: tuple[type, ...] = (Spoken,),
    ) -> None:
        self.session = ScriptedSession(*turns, waits_for=waits_for)
        self.drive = drive or FakeDrive(Mixer(RATE, BLOCK))
        self.records: list[Record] = []
        language, mixer = load_language("en"), self.drive.mixer
        session = cast("Session", self.session)
        self.host = Host(session, language, mixer, self.drive, ready=ready, listeners=(self.records.append,))

    def play(self) -> Carried:
        self.host.run()
        return self

    def of(self, event: str) -> list[Record]:
        return [r for r in self.records if r["event"] == event]

    @property
    def sound(self) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.concatenate(self.drive.sound)


def level(sound: np.ndarray[tuple[int], np.dtype[np.float32]], at: float) -> float:
    return float(sound[round(at * RATE)])


# --- Volume -----------------------------------------------------------------------------------------------------------


def test_a_volume_changes_what_sounds_and_leaves_no_step() -> None:
    ready = {"A": tone(0.5), "B": tone(0.5)}
    carried = Carried((say(1, "A"),), (Volume(0.4), say(2, "B")), ready=ready).play()
    sound = carried.sound
    assert level(sound, 0.25) == pytest.approx(0.25)
    assert level(sound, 0.75) == pytest.approx(0.1)
    change = sound[round(0.45 * RATE) : round(0.6 * RATE)]
    assert np.abs(np.diff(change)).max() < 0.01, "it moves over 5 ms"
    assert carried.of("volume") == [{"t": 0.5, "event": "volume", "level": 0.4}]


# --- Loud -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ready", [True, False])
def test_a_loud_sentence_is_louder_and_the_next_is_as_before(ready: bool) -> None:
    drive = FakeDrive(Mixer(RATE, BLOCK), rendering=0.0)
    lines = {"A": tone(0.5), "B": tone(0.5), "C": tone(0.5)} if ready else {}
    turns = ((say(1, "A"),), (say(2, "B", loud=True),), (say(3, "C"),))
    carried = Carried(*turns, ready=lines, drive=drive).play()
    begin = [r["t"] for r in carried.of("say")]
    heard = [level(carried.sound, at + 0.3) for at in begin]
    assert heard == pytest.approx([0.25, 0.5, 0.25], rel=0.03)
    assert [r["loud"] for r in carried.of("say")] == [False, True, False]


# --- The rate of speech -----------------------------------------------------------------------------------------------


def said(priority: Priority) -> list[tuple[str, float]]:
    ready = {"First": tone(0.5), "Second": tone(0.5), "Third": tone(0.5)}
    first, second = say(1, "First", priority), say(2, "Second", priority)
    back = (SpeechRate(1.0), say(3, "Third", priority))
    return Carried((first,), (SpeechRate(0.85), second), back, ready=ready).play().drive.asked


@pytest.mark.parametrize("priority", [Priority.TALK, Priority.CHATTER])
def test_what_is_said_from_then_on_is_rendered_at_the_rate(priority: Priority) -> None:
    assert said(priority) == [("Second", 0.85)]


@pytest.mark.parametrize("priority", [Priority.COUNT, Priority.RELEASE, Priority.SAFETY])
def test_what_must_come_on_its_moment_keeps_the_sound_that_is_ready(priority: Priority) -> None:
    assert said(priority) == []


def test_a_count_that_is_not_ready_is_rendered_at_the_usual_rate() -> None:
    carried = Carried((SpeechRate(0.85), say(1, "Nine", Priority.COUNT))).play()
    assert carried.drive.asked == [("Nine", 1.0)]


def test_the_repertoire_is_made_ready_at_the_rate_and_no_more_when_it_is_the_usual_one() -> None:
    ready = {"A": tone(0.5), "B": tone(0.5)}
    carried = Carried((SpeechRate(0.85), SpeechRate(1.0), say(1, "A")), ready=ready).play()
    assert carried.drive.prepared == [(["A", "B"], 0.85), ([], 1.0)]
    assert carried.drive.asked == []


def test_a_voice_that_fails_at_the_rate_is_replaced_by_what_is_ready() -> None:
    drive = FakeDrive(Mixer(RATE, BLOCK), voice=lambda _: None)
    carried = Carried((SpeechRate(0.85), say(1, "A")), ready={"A": tone(0.5)}, drive=drive).play()
    assert carried.of("note") == []
    assert level(carried.sound, 0.5) == pytest.approx(0.25)
    assert carried.of("spoken")[0]["finished"]


class PacedVoice(SlowVoice):
    """Keeps what it was asked, and at which rate; ``hold`` keeps it at its first text until it is let go."""

    def __init__(self, *, hold: bool = False) -> None:
        super().__init__()
        self.said: list[tuple[str, float]] = []
        self.factor = 1.0
        if not hold:
            self.go.set()

    def at_rate(self, factor: float) -> Voice:
        other = PacedVoice()
        other.asked, other.go, other.said, other.factor = self.asked, self.go, self.said, factor
        return other

    def render(self, text: str) -> Audio:
        self.said.append((text, self.factor))
        return super().render(text)


def test_a_line_that_is_to_be_said_overtakes_what_is_made_ready() -> None:
    voice = PacedVoice(hold=True)
    drive = live(None, voice)
    drive.start()
    try:
        drive.prepare(["a", "b", "c"], 0.85)
        assert voice.asked.wait(PATIENCE)  # at "a"
        drive.render(1, "now", 0.85)
        voice.go.set()
        collect(drive, lambda a: isinstance(a, Rendered))
        assert voice.said[:2] == [("a", 0.85), ("now", 0.85)]
        while len(voice.said) < 4:
            drive.advance(None)
    finally:
        voice.go.set()
        drive.close()
    assert voice.said[2:] == [("b", 0.85), ("c", 0.85)]


def test_another_rate_drops_what_was_to_be_made_ready() -> None:
    voice = PacedVoice(hold=True)
    drive = live(None, voice)
    drive.start()
    try:
        drive.prepare(["a", "b", "c"], 0.85)
        assert voice.asked.wait(PATIENCE)
        drive.prepare(["a"], 0.7)
        voice.go.set()
        drive.render(1, "end")
        while len(voice.said) < 3:
            drive.advance(None)
    finally:
        voice.go.set()
        drive.close()
    assert sorted(voice.said) == [("a", 0.7), ("a", 0.85), ("end", 1.0)]


def test_a_voice_that_fails_at_a_rate_is_not_asked_for_the_rest() -> None:
    voice = PacedVoice()
    renderer = Renderer(voice)
    renderer.prepare(["fail", "b", "c"], 0.85)
    thread = threading.Thread(target=renderer.run)
    thread.start()
    try:
        _until(lambda: bool(voice.said))
        done = threading.Event()
        for _ in range(3):  # had it gone on, "b" would come in between
            done.clear()
            renderer.render("x", 1.0, lambda _: done.set())
            assert done.wait(PATIENCE)
    finally:
        renderer.close()
        thread.join(PATIENCE)
    assert [text for text, _ in voice.said if text != "x"] == ["fail"]


def _until(met: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(2000):
        if met():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came")


def test_a_voice_that_has_but_one_rate_speaks_at_it() -> None:
    voice = SlowVoice()
    voice.go.set()
    drive = filed(None, voice=voice)
    drive.render(1, "hello", 0.85)
    (arrival,) = drive.advance(None)
    assert isinstance(arrival, Rendered)
    assert arrival.audio is not None


def test_with_files_a_line_is_rendered_in_place_at_its_rate_and_nothing_beforehand() -> None:
    voice = PacedVoice()
    drive = filed(None, voice=voice)
    drive.prepare(["a", "b"], 0.85)
    assert voice.said == []
    drive.render(1, "now", 0.85)
    assert voice.said == [("now", 0.85)]


# --- The alarm --------------------------------------------------------------------------------------------------------

PLACE = StepBegan(3, "hold", "bird-dog", 2, 3)
COUNT_IN = StepBegan(-1, "count-in")


@pytest.mark.parametrize("told", [True, False])
def test_an_alarm_knows_the_place_and_is_answered(told: bool) -> None:
    drive = FakeDrive(Mixer(RATE, BLOCK), told=Told(told, ("example.org answers 500",)))
    carried = Carried((PLACE, COUNT_IN, Alert("emergency")), drive=drive, waits_for=(Alerted,)).play()
    assert drive.alarms == [Alarm("emergency", "bird-dog", 2, 3)]
    assert carried.session.answers() == [told]
    assert [r["told"] for r in carried.of("alerted")] == [told]
    assert [(r["kind"], r["reason"]) for r in carried.of("note")] == [("alert_failed", "example.org answers 500")]
    assert carried.of("alerted")[0]["t"] >= drive.telling


def test_an_alarm_before_the_first_exercise_has_no_place() -> None:
    carried = Carried((Alert("emergency"),), waits_for=(Alerted,)).play()
    assert carried.drive.alarms == [Alarm("emergency")]
    assert carried.of("note") == []


def test_nobody_gives_up_while_somebody_is_being_told() -> None:
    """Deaf, silent and with nothing due, a session cannot go on; but an alarm is still to be answered."""
    turns: tuple[Effect, ...] = (Alert("emergency"),)
    carried = Carried(turns, (), waits_for=(Alerted,))
    with pytest.raises(CannotGoOnError, match="paused"):
        carried.host.run()
    assert carried.session.answers() == [True]


class Hook:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.alarms: list[Alarm] = []
        self.threads: list[threading.Thread] = []
        self.go = threading.Event()

    def tell(self, alarm: Alarm) -> Told:
        self.alarms.append(alarm)
        self.threads.append(threading.current_thread())
        assert self.go.wait(PATIENCE)
        if self.error:
            raise self.error
        return Told(told=True)


def test_an_alarm_holds_up_neither_the_session_nor_another() -> None:
    hook = Hook()
    drive = live(None)
    drive._hook = hook
    drive.start()
    try:
        drive.alert(Alarm("emergency"))
        drive.alert(Alarm("no answer"))
        _until(lambda: len(hook.alarms) == 2)
        drive.advance(0.0)
        hook.go.set()
        for _ in range(2):
            assert collect(drive, lambda a: isinstance(a, Told)) == Told(told=True)
    finally:
        hook.go.set()
        drive.close()
    assert not any(thread.daemon for thread in hook.threads), "the program must not end before somebody was told"


def drives(hook: Hook | None) -> tuple[FileDrive, LiveDrive]:
    first, second = filed(None), live(None)
    first._hook = second._hook = hook
    return first, second


def test_with_files_an_alarm_is_told_in_place() -> None:
    hook = Hook()
    hook.go.set()
    drive, _ = drives(hook)
    drive.alert(Alarm("test"))
    assert hook.threads == [threading.current_thread()]
    assert drive.advance(None) == [Told(told=True)]


@pytest.mark.parametrize(
    ("hook", "told"),
    [(None, Told(told=False)), (Hook(RuntimeError("x")), Told(told=False, problems=("RuntimeError",)))],
)
def test_an_alarm_is_answered_without_a_hook_and_with_a_broken_one(hook: Hook | None, told: Told) -> None:
    if hook:
        hook.go.set()
    file, alive = drives(hook)
    file.alert(Alarm("test"))
    assert file.advance(None) == [told]
    alive.alert(Alarm("test"))
    assert collect(alive, lambda a: isinstance(a, Told)) == told
