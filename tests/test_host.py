"""The host and the drives: carrying, and nothing but carrying. Time here is a number."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pytest

from tests.core.world import exercise, program
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.core.events import Command, Deafened, Effect, Event, Heard, Hearing, Line, Overheard, Silenced, Tick
from voicecoach.core.person import Room
from voicecoach.core.session import Session
from voicecoach.drive import Arrival, FileDrive, LiveDrive, Rendered
from voicecoach.host import CannotGoOnError, Host
from voicecoach.language import load_language
from voicecoach.listening import EarFound, EarLost
from voicecoach.playing import Playing, SpeakerFound, SpeakerLost
from voicecoach.ports import (
    EAR_BLOCK,
    EAR_RATE,
    Alarm,
    Audio,
    DeviceError,
    Ear,
    EarError,
    Fill,
    PortError,
    Samples,
    Told,
    Voice,
    VoiceError,
)
from voicecoach.record import Record
from voicecoach.rehearsal import Scripted
from voicecoach.rig import Rig
from voicecoach.speech.mixer import Mixer

if TYPE_CHECKING:
    from voicecoach.speech.cache import CachedVoice

RATE, BLOCK = 8000, 160


def tone(seconds: float) -> Audio:
    return Audio(np.full(round(seconds * RATE), 0.25, np.float32), RATE)


@dataclass
class FakeEar:
    live: list[frozenset[Command]] = field(default_factory=list)
    coach: list[str | None] = field(default_factory=list)

    def hear(self, block: Samples, at: float) -> list[Heard]:
        return []

    def listen_for(self, commands: frozenset[Command]) -> None:
        self.live.append(commands)

    def coach_says(self, text: str | None) -> None:
        self.coach.append(text)

    def close(self) -> None: ...


@dataclass
class FakeDrive:
    """Time moves a block at a time; arrivals come at their moment; rendering takes ``rendering`` seconds."""

    mixer: Mixer
    arrivals: list[tuple[float, Arrival]] = field(default_factory=list)
    rendering: float = 0.3
    voice: Callable[[str], Audio | None] = lambda _: tone(0.5)
    ear: FakeEar = field(default_factory=FakeEar)
    deaf: bool = True
    sound: list[Samples] = field(default_factory=list)
    stall: tuple[float, float] | None = None
    """At this second the machine is held up for so many."""
    busy: tuple[Ear | Voice, ...] = ()
    asked: list[tuple[str, float]] = field(default_factory=list)
    prepared: list[tuple[list[str], float]] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    told: Told = field(default_factory=lambda: Told(told=True))
    telling: float = 3.0
    pressed: bool = False
    in_need: bool = False
    needs: list[bool] = field(default_factory=list)
    """Each time that it is told otherwise than before."""

    @property
    def now(self) -> float:
        return self.mixer.position / RATE

    @property
    def horizon(self) -> float:
        return (self.mixer.position + BLOCK) / RATE

    def start(self) -> None: ...

    def advance(self, until: float | None, *, in_need: bool = False) -> list[Arrival]:
        if in_need != self.in_need:
            self.in_need = in_need
            self.needs.append(in_need)
        self._pull()
        if self.stall and self.now >= self.stall[0]:
            end, self.stall = self.now + self.stall[1], None
            while self.now < end:
                self._pull()
        due = [arrival for at, arrival in self.arrivals if at <= self.now]
        self.arrivals = [(at, arrival) for at, arrival in self.arrivals if at > self.now]
        return due

    def _pull(self) -> None:
        block = np.zeros(BLOCK, np.float32)
        self.mixer.fill(block)
        self.sound.append(block)

    def render(self, utterance: int, text: str, factor: float = 1.0) -> None:
        self.asked.append((text, factor))
        self.arrivals.append((self.now + self.rendering, Rendered(utterance, self.voice(text))))

    def prepare(self, texts: Iterable[str], factor: float) -> None:
        self.prepared.append((list(texts), factor))

    def alert(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)
        self.arrivals.append((self.now + self.telling, self.told))

    def tell_ear(self, ask: Callable[[Ear], None]) -> None:
        ask(self.ear)

    def close(self) -> None: ...


class Stage:
    def __init__(
        self, *words: tuple[float, Command], ready: bool = True, say: tuple[Scripted, ...] = (), **fields: Any
    ) -> None:
        self.records: list[Record] = []
        self.language = load_language("en")
        made = program(exercise("bridge", hold="10 s"))
        self.drive = FakeDrive(Mixer(RATE, BLOCK), [(at, Heard(at, command)) for at, command in words], **fields)
        lines = {self.language.say(line): tone(0.5) for line in made.lines} if ready else {}
        self.host = Host(
            Session(made, room=Room(ask_effort=False)),
            self.language,
            self.drive.mixer,
            self.drive,
            ready=lines,
            listeners=(self.records.append,),
            say=say,
        )

    def of(self, event: str, **fields: object) -> list[Record]:
        return [r for r in self.records if r["event"] == event and all(r.get(k) == v for k, v in fields.items())]

    def at(self, seconds: float) -> float:
        sound = np.concatenate(self.drive.sound)
        return float(sound[round(seconds * RATE)])


def test_it_plays_to_the_end_and_every_word_is_accounted_for() -> None:
    stage = Stage()
    stage.host.run()
    assert stage.records[-1]["event"] == "end"
    said, spoken = stage.of("say"), stage.of("spoken")
    assert [r["utterance"] for r in said] == [r["utterance"] for r in spoken] == list(range(1, len(said) + 1))
    assert all(r["finished"] for r in spoken)
    assert all(b["t"] - a["t"] == pytest.approx(0.5, abs=0.001) for a, b in zip(said, spoken, strict=True))


def test_a_cue_starts_on_its_frame_whatever_the_block() -> None:
    stage = Stage()
    stage.host.run()
    hold = stage.of("step", kind="hold")[0]["t"]
    sound = np.concatenate(stage.drive.sound)
    for after in (7.0, 8.0, 9.0):
        frame = round((hold + after) * RATE)
        assert abs(sound[frame - 2]) < 1e-6
        assert sound[frame + 1] == pytest.approx(0.25)


def test_a_word_hushes_within_a_block_and_the_ear_is_told() -> None:
    stage = Stage((1.2, Command.PAUSE), (4.0, Command.END), (5.0, Command.YES))
    stage.host.run()
    (heard, *_) = stage.of("heard")
    cut = stage.of("spoken", finished=False)[0]
    assert cut["t"] == heard["t"]
    assert stage.at(heard["t"] + BLOCK / RATE + 0.006) == 0 or stage.of("say", priority="talk")
    coach = stage.drive.ear.coach
    assert coach[0] is not None
    assert all(a is None or b is None for a, b in pairwise(coach)), "never two sentences at once"
    assert any(Command.YES in live for live in stage.drive.ear.live)
    assert stage.drive.ear.live[-1] == frozenset(), "nothing means anything behind the end"
    assert Command.YES not in stage.drive.ear.live[0]


def test_a_line_that_was_hushed_before_it_was_rendered_is_never_played() -> None:
    stage = Stage((0.1, Command.PAUSE), (3.0, Command.END), (4.0, Command.YES), ready=False)
    stage.host.run()
    first = stage.of("say")[0]["utterance"]
    assert stage.of("spoken", utterance=first)[0]["finished"] is False
    sound = np.concatenate(stage.drive.sound)
    # Rendering takes 0.3 s, so what was asked for at 0 s would sound from 0.3 s on; the answer, from 0.42 s.
    chime_over = round(0.30 * RATE)
    assert not np.any(np.isclose(sound[chime_over : round(0.40 * RATE)], 0.25))


def test_a_voice_that_fails_is_written_down_and_the_session_goes_on() -> None:
    stage = Stage(ready=False, voice=lambda text: None if text == "Hold." else tone(0.4))
    stage.host.run()
    assert [r["text"] for r in stage.of("note", kind="voice_failed")] == ["Hold."]
    assert stage.records[-1] == {"t": stage.records[-1]["t"], "event": "end", "reason": "finished"}


class Watched(Session):
    """A session that keeps what it was told, and when its answers came."""

    events: list[Event]

    def handle(self, event: Event) -> tuple[Effect, ...]:
        self.events = [*getattr(self, "events", []), event]
        return super().handle(event)


def watch(stage: Stage) -> Watched:
    stage.host._session = session = Watched(program(exercise("bridge", hold="10 s")), room=Room(ask_effort=False))
    return session


def test_a_lost_ear_is_written_down_with_its_mend_and_the_session_is_told() -> None:
    stage = Stage()
    session = watch(stage)
    stage.drive.arrivals.append((1.0, EarLost("unplugged", "plug it in")))
    stage.drive.arrivals.append((9.0, Heard(9.0, Command.RESUME, source="keys")))
    stage.drive.deaf = False
    stage.host.run()
    (note,) = stage.of("note", kind="microphone_lost")
    assert (note["reason"], note["mend"]) == ("unplugged", "plug it in")
    assert [event.at for event in session.events if isinstance(event, Deafened)] == [pytest.approx(note["t"], abs=1e-3)]
    assert stage.of("say", text=stage.language.say(Line.of("cannot_hear")))
    assert stage.records[-1]["reason"] == "finished"


def test_a_loudspeaker_that_comes_back_is_written_down_and_the_session_is_told() -> None:
    stage = Stage()
    session = watch(stage)
    stage.drive.arrivals += [(1.0, SpeakerLost("unplugged", "plug it in")), (1.0, SpeakerFound(4.25))]
    stage.drive.arrivals.append((9.0, Heard(9.0, Command.RESUME, source="keys")))
    stage.drive.deaf = False
    stage.host.run()
    (lost,) = stage.of("note", kind="loudspeaker_lost")
    assert (lost["reason"], lost["mend"]) == ("unplugged", "plug it in")
    (back,) = stage.of("note", kind="loudspeaker_back")
    assert back["seconds"] == 4.25
    assert [event.at for event in session.events if isinstance(event, Silenced)] == [pytest.approx(back["t"], abs=1e-3)]
    assert stage.of("say", text=stage.language.say(Line.of("speaker_back")))
    assert stage.records[-1]["reason"] == "finished"


@pytest.mark.parametrize(
    ("said", "needs"),
    [
        ([(2.0, Command.PAUSE), (4.0, Command.RESUME)], []),
        ([(2.0, Command.PAIN)], [True]),
        ([(2.0, Command.PAIN), (4.0, Command.END)], [True]),
        ([(2.0, Command.END), (4.0, Command.NO)], []),
        ([(2.0, Command.EMERGENCY), (20.0, Command.MISTAKE)], [True, False]),
    ],
)
def test_the_drive_is_told_where_somebody_may_be_in_need(said: list[tuple[float, Command]], needs: list[bool]) -> None:
    stage = Stage(*said)
    with suppress(CannotGoOnError):
        stage.host.run()
    assert stage.drive.needs == needs


def test_a_session_that_ends_without_a_loudspeaker_waits_for_no_chime() -> None:
    stage = Stage((3.0, Command.END), (5.0, Command.YES))
    stage.drive.arrivals.append((4.0, SpeakerLost("gone")))
    run, still = stage.drive.advance, 0

    def advance(until: float | None, *, in_need: bool = False) -> list[Arrival]:
        nonlocal still
        if stage.records and stage.records[-1]["event"] == "end":
            still += 1
            assert still < 10, "time stands still"
            return []
        return run(until, in_need=in_need)

    stage.drive.advance = advance  # type: ignore[method-assign]
    stage.host.run()
    assert stage.records[-1]["event"] == "end"


def test_that_nothing_is_kept_is_said_once_as_soon_as_it_is_known() -> None:
    stage = Stage((2.0, Command.PAUSE), (12.0, Command.END), (14.0, Command.YES))
    stage.host._is_kept = lambda: stage.drive.now < 3.0
    stage.host.run()
    (unkept,) = stage.of("unkept")
    assert 3.0 <= unkept["t"] <= 12.0
    assert len(stage.of("say", text=stage.language.say(Line.of("not_kept")))) == 1


def test_nobody_waits_for_the_last_chime_of_a_loudspeaker_that_is_lost() -> None:
    stage = Stage((1.0, Command.END), (3.0, Command.YES))
    run = stage.drive.advance

    def advance(until: float | None, *, in_need: bool = False) -> list[Arrival]:
        over = stage.records and stage.records[-1]["event"] == "end"
        return [SpeakerLost("gone")] if over else run(until)

    stage.drive.advance = advance  # type: ignore[method-assign]
    stage.host.run()
    assert stage.records[-1]["event"] == "end"


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


def test_what_is_overheard_is_handed_to_the_session_and_written_down() -> None:
    stage = Stage()
    session = watch(stage)
    stage.drive.arrivals.append((1.0, Overheard(1.0, "my [unk] knee hurts, next time no")))
    stage.host.run()
    (overheard,) = [event for event in session.events if isinstance(event, Overheard)]
    assert overheard.words == "my [unk] next time no"
    assert overheard.at == pytest.approx(1.0, abs=0.05)
    assert [entry["words"] for entry in stage.of("overheard")] == ["my [unk] next time no"]


def test_an_ear_that_is_found_again_is_told_what_it_must_know_and_so_is_the_session() -> None:
    stage = Stage((20.0, Command.END), (24.0, Command.YES), deaf=False)
    session = watch(stage)
    lost = EarLost("unplugged", "plug it in", mending=True)
    stage.drive.arrivals += [(1.0, lost), (3.0, EarLost("given up", "start again")), (5.0, EarFound()), (12.0, lost)]
    stage.host.run()
    told = [type(event) for event in session.events if isinstance(event, Deafened | Hearing)]
    assert told == [Deafened, Hearing, Deafened], "a loss is told once, whatever is tried meanwhile"
    assert [note["reason"] for note in stage.of("note", kind="microphone_lost")] == [
        "unplugged",
        "given up",
        "unplugged",
    ]
    repeated = any(one == other for one, other in pairwise(stage.drive.ear.live))
    assert repeated, "a new ear knows nothing, so it is told what has not changed"


def test_a_found_ear_is_told_what_the_coach_says_at_that_moment() -> None:
    stage = Stage()
    stage.host._drive = drive = stage.drive
    seen: list[tuple[str | None, frozenset[Command]]] = []

    class New(FakeEar):
        def coach_says(self, text: str | None) -> None:
            seen.append((text, self.live[-1] if self.live else frozenset()))

    stage.host._mouth, stage.host._live = (3, "Lie down."), frozenset({Command.STOP})
    drive.ear = New()
    stage.host._arrive(EarFound())
    assert seen[0] == ("Lie down.", frozenset({Command.STOP}))


def test_a_session_waits_on_while_the_microphone_may_come_back() -> None:
    stage = Stage((1.0, Command.PAIN), (60.0, Command.END), (63.0, Command.YES), deaf=False)
    stage.drive.arrivals.append((2.0, EarLost("unplugged", "plug it in", mending=True)))
    stage.host.run()
    assert stage.records[-1]["reason"] == "pain"


def test_a_session_that_waits_with_its_ear_lost_cannot_go_on_and_says_what_mends_it() -> None:
    stage = Stage((1.0, Command.PAIN))
    stage.drive.arrivals.append((2.0, EarLost("unplugged", "plug it in")))
    with pytest.raises(CannotGoOnError, match="pain") as caught:
        stage.host.run()
    assert caught.value.mend == "plug it in"


def test_a_session_is_told_how_late_a_tick_is_and_says_no_late_count() -> None:
    smooth = Stage()
    calm = watch(smooth)
    smooth.host.run()
    assert {event.late for event in calm.events if isinstance(event, Tick)} == {0.0}
    hold = smooth.of("step", kind="hold")[0]["t"]

    stage = Stage(stall=(hold + 6.5, 2.0))  # over "three" and "two"
    session = watch(stage)
    stage.host.run()
    late = {round(event.at - hold, 3): event.late for event in session.events if isinstance(event, Tick) and event.late}
    assert late[7.0] == pytest.approx(1.5, abs=2 * BLOCK / RATE)
    assert late[8.0] == pytest.approx(0.5, abs=2 * BLOCK / RATE)
    assert [r["text"] for r in stage.of("say", priority="count") if r["t"] > hold + 1] == ["One"]
    assert all(event.late == 0 for event in session.events if isinstance(event, Tick) and event.at > hold + 8.6)


def test_waiting_for_a_word_that_cannot_come_is_the_end() -> None:
    stage = Stage((1.0, Command.PAIN))
    with pytest.raises(CannotGoOnError, match="pain"):
        stage.host.run()
    assert stage.of("end") == []


def test_scripted_words_come_at_their_second_in_any_order_given() -> None:
    stage = Stage(say=(Scripted(Command.YES, 9.0), Scripted(Command.PAUSE, 3.0), Scripted(Command.END, 6.5)))
    stage.host.run()
    assert [(r["command"], r["t"]) for r in stage.of("heard")] == [("pause", 3.0), ("end", 6.5), ("yes", 9.0)]


def test_time_never_runs_backwards() -> None:
    stage = Stage(*((n / 7, Command.STATUS) for n in range(1, 100)))
    stage.host.run()
    times = [r["t"] for r in stage.records]
    assert times == sorted(times)


# --- The live drive, with a loudspeaker that only keeps time ----------------------------------------------------------


class SlowVoice:
    name = "slow"

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()

    def render(self, text: str) -> Audio:
        self.asked.set()
        assert self.go.wait(10)
        if text == "fail":
            raise VoiceError("no")
        return tone(0.1)

    def close(self) -> None: ...


class WordEar(FakeEar):
    """Hears "pause" in every tenth block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = 0
        self.threads: set[str] = set()

    def hear(self, block: Samples, at: float) -> list[Heard]:
        self.threads.add(threading.current_thread().name)
        self.blocks += 1
        return [Heard(at, Command.PAUSE)] if self.blocks % 10 == 0 else []


class BrokenMicrophone(SilentMicrophone):
    def read(self) -> Samples:
        raise DeviceError("gone", mend="plug it in")


def live(
    ear: Ear | None, voice: SlowVoice | None = None, microphone: Any = None, speaker: Any = None, **spare: Any
) -> LiveDrive:
    speaker = speaker or TimedSpeaker(RATE, BLOCK)
    mixer = Mixer(speaker.rate, speaker.block)
    return LiveDrive(mixer, speaker, microphone or SilentMicrophone(), ear, voice or SlowVoice(), **spare)


def collect(drive: LiveDrive, wanted: Callable[[Arrival], bool], limit: float = 10.0) -> Arrival:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        for arrival in drive.advance(None):
            if wanted(arrival):
                return arrival
    raise AssertionError("it never arrived")


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


class FileSpeaker:
    rate, block, live, audible, lost = RATE, BLOCK, False, True, False

    def start(self, fill: Fill) -> None:
        self.fill = fill

    def pump(self) -> None:
        self.fill(np.zeros(BLOCK, np.float32))

    def close(self) -> None: ...


class Recording(SilentMicrophone):
    """Ends after so many blocks."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.left = blocks
        self.exhausted = False

    def read(self) -> Samples:
        self.left -= 1
        self.exhausted = self.left <= 0
        return np.zeros(EAR_BLOCK, np.float32)


def filed(ear: Ear | None, microphone: Any = None, voice: Voice | None = None) -> FileDrive:
    drive = FileDrive(Mixer(RATE, BLOCK), FileSpeaker(), microphone or SilentMicrophone(), ear, voice or SlowVoice())
    drive.start()
    return drive


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
