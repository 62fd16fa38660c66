"""A drive that is made up, and real ones with devices that are: for tests of whatever is played."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.core.events import Command, Heard
from voicecoach.drive import Arrival, FileDrive, LiveDrive, Rendered
from voicecoach.ports import (
    EAR_BLOCK,
    Alarm,
    Audio,
    Ear,
    Fill,
    Samples,
    Told,
    Voice,
    VoiceError,
)
from voicecoach.speech.mixer import Mixer

if TYPE_CHECKING:
    pass

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
