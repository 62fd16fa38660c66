"""What drives a session's time: a loudspeaker in real time, or the CPU as fast as it can.

Rule: both drives look the same to the host. Time is what the mixer has handed out, so the session, the sound and the
microphone share one clock. Work that may take long (recognition, synthesis) happens here, in threads that only *put*
events; with file devices it happens in place, so that a run gives the same events every time.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from voicecoach.core.events import Heard
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Audio, DeviceError, Ear, Microphone, Speaker, Voice, VoiceError
from voicecoach.speech.mixer import Mixer


@dataclass(frozen=True, slots=True)
class Rendered:
    """A line that was not ready is ready now."""

    utterance: int
    audio: Audio | None
    """None when the voice failed."""


@dataclass(frozen=True, slots=True)
class MicrophoneLost:
    """Nothing is heard any more."""

    reason: str


Arrival: TypeAlias = Heard | Rendered | MicrophoneLost
Ask: TypeAlias = Callable[[Ear], None]


class Source(Protocol):
    """Something besides the ear that hears commands: a keyboard, buttons."""

    @property
    def ended(self) -> bool:
        """Whether nothing more can come from it."""
        ...

    def start(self) -> None:
        """Begin; it puts what it hears from a thread of its own."""
        ...

    def close(self) -> None:
        """Stop; safe to call twice."""
        ...


class Drive(Protocol):
    """Moves time on and brings in what happened meanwhile."""

    @property
    def now(self) -> float:
        """Seconds of session time."""
        ...

    @property
    def horizon(self) -> float:
        """Sound before this moment is, or is about to be, out of our hands: what is due before it must be handled."""
        ...

    @property
    def deaf(self) -> bool:
        """Whether no word can ever come: a recording that has ended, and nobody else to speak."""
        ...

    def start(self) -> None:
        """Begin to pull sound. Raises ``DeviceError``."""
        ...

    def advance(self, until: float | None) -> list[Arrival]:
        """Let time pass, at most until ``until`` is on the horizon; return what arrived."""
        ...

    def render(self, utterance: int, text: str) -> None:
        """Have a line rendered; it arrives as ``Rendered``."""
        ...

    def tell_ear(self, ask: Ask) -> None:
        """Call ``ask`` with the ear, from the thread that owns it."""
        ...

    def close(self) -> None:
        """Stop, and let go of the devices. Safe to call twice."""
        ...


class FileDrive:
    """Devices that are files: every block is made, heard and written in turn."""

    def __init__(self, mixer: Mixer, speaker: Speaker, microphone: Microphone, ear: Ear | None, voice: Voice) -> None:
        self._mixer, self._speaker, self._microphone = mixer, speaker, microphone
        self._ear, self._voice = ear, voice
        self._blocks_heard = 0
        self._rendered: list[Arrival] = []

    @property
    def now(self) -> float:
        """Seconds of sound made."""
        return self._mixer.position / self._speaker.rate

    @property
    def horizon(self) -> float:
        """The end of the block that is made next."""
        return (self._mixer.position + self._speaker.block) / self._speaker.rate

    @property
    def deaf(self) -> bool:
        """Whether the recording has ended and its last words have had time to be understood."""
        return self._ear is None or self._microphone.exhausted

    def start(self) -> None:
        """Open the file."""
        self._speaker.start(self._mixer.fill)

    def advance(self, until: float | None) -> list[Arrival]:  # noqa: ARG002 - a block is short enough for any moment
        """Make one block, and hear as much."""
        if self._rendered:
            arrived, self._rendered = self._rendered, []
            return arrived
        self._speaker.pump()
        heard: list[Arrival] = []
        while (end := (self._blocks_heard + 1) * EAR_BLOCK / EAR_RATE) <= self.now + 1e-9:
            self._blocks_heard += 1
            if self._ear is not None:
                heard += self._ear.hear(self._microphone.read(), end)
        return heard

    def render(self, utterance: int, text: str) -> None:
        """Render at once: time stands still meanwhile."""
        self._rendered.append(Rendered(utterance, _render(self._voice, text)))

    def tell_ear(self, ask: Ask) -> None:
        """Call at once."""
        if self._ear is not None:
            ask(self._ear)

    def close(self) -> None:
        """Finish the file."""
        self._speaker.close()
        self._microphone.close()


class LiveDrive:
    """A loudspeaker that pulls by itself; the ear and the voice work in threads of their own."""

    LOST_FOR = 2.0
    """Seconds after which a loudspeaker that does not pull is given up."""
    AHEAD = 2
    """Blocks ahead of the loudspeaker within which things due are handled, so that a cue starts on its exact frame."""

    def __init__(self, mixer: Mixer, speaker: Speaker, microphone: Microphone, ear: Ear | None, voice: Voice) -> None:
        self._mixer, self._speaker, self._microphone = mixer, speaker, microphone
        self._ear, self._voice = ear, voice
        self._sources: list[Source] = []
        self._arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._asks: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._texts: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lost_at: float | None = None

    @property
    def now(self) -> float:
        """Seconds of sound that the loudspeaker has pulled."""
        return self._mixer.position / self._speaker.rate

    @property
    def horizon(self) -> float:
        """A little ahead of the loudspeaker."""
        return (self._mixer.position + self.AHEAD * self._speaker.block) / self._speaker.rate

    @property
    def deaf(self) -> bool:
        """Whether a recording in place of a microphone has ended, with no keyboard beside it."""
        return all(source.ended for source in self._sources) and (self._ear is None or self._microphone.exhausted)

    def listen_to(self, source: Source) -> None:
        """Listen to a keyboard or the like as well; it is started and closed with the drive."""
        self._sources.append(source)

    def put(self, heard: Heard) -> None:
        """Take a command from elsewhere (keys, buttons); from any thread."""
        self._arrivals.put(heard)

    def start(self) -> None:
        """Start the loudspeaker and the threads."""
        self._speaker.start(self._mixer.fill)
        jobs = [self._speak] + ([self._listen] if self._ear is not None else [])
        self._threads = [threading.Thread(target=job, name=f"voicecoach{job.__name__}", daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()
        for source in self._sources:
            source.start()

    def advance(self, until: float | None) -> list[Arrival]:
        """Wait for the next arrival, or until ``until`` is on the horizon, at most a quarter of a second."""
        wait = 0.25 if until is None else min(0.25, max(0.001, until - self.horizon))
        self._watch_speaker()
        try:
            return [self._arrivals.get(timeout=wait)]
        except queue.Empty:
            return []

    def render(self, utterance: int, text: str) -> None:
        """Have it rendered in the voice's thread."""
        self._texts.put((utterance, text))

    def tell_ear(self, ask: Ask) -> None:
        """Have it called in the ear's thread, before the next block is heard."""
        if self._ear is not None:
            self._asks.put(ask)

    def close(self) -> None:
        """Stop the threads, then the devices."""
        self._closing.set()
        for source in self._sources:
            source.close()
        self._texts.put(None)
        self._microphone.close()
        for thread in self._threads:
            thread.join(timeout=2.0)
        self._speaker.close()

    def _watch_speaker(self) -> None:
        """Raise ``DeviceError`` when the loudspeaker has been lost for a while: its clock would never move again."""
        if not self._speaker.lost:
            self._lost_at = None
        elif self._lost_at is None:
            self._lost_at = time.monotonic()  # a process that was stopped and goes on finds it lost for a moment
        elif time.monotonic() - self._lost_at > self.LOST_FOR:
            raise DeviceError(
                "The loudspeaker has stopped: it was unplugged, or the sound server died.",
                mend="connect it and start again; `voicecoach doctor` shows what is there",
            )

    def _speak(self) -> None:
        while (job := self._texts.get()) is not None:
            utterance, text = job
            self._arrivals.put(Rendered(utterance, _render(self._voice, text)))

    def _listen(self) -> None:
        ear = self._ear
        assert ear is not None  # noqa: S101 - the thread is only started with one
        blocks = 0
        while not self._closing.is_set():
            if not self._microphone.live and blocks * EAR_BLOCK / EAR_RATE > self.now:
                self._closing.wait(EAR_BLOCK / EAR_RATE)  # a recording keeps to the loudspeaker's time
                continue
            try:
                block = self._microphone.read()
            except DeviceError as error:
                if not self._closing.is_set():
                    self._arrivals.put(MicrophoneLost(str(error)))
                return
            blocks += 1
            with contextlib.suppress(queue.Empty):
                while True:
                    self._asks.get_nowait()(ear)
            for heard in ear.hear(block, self.now):
                self._arrivals.put(heard)


def _render(voice: Voice, text: str) -> Audio | None:
    try:
        return voice.render(text)
    except VoiceError:
        return None
