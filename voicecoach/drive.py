"""What drives a session's time: a loudspeaker in real time, or the CPU as fast as it can.

Rule: both drives look the same to the host. Time is what the mixer has handed out, so the session, the sound and the
microphone share one clock. Work that may take long (recognition, synthesis) happens here, in threads that only *put*
events; with file devices it happens in place, so that a run gives the same events every time. No thread dies in
silence: whatever its engine raises arrives as an event.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from voicecoach.core.events import URGENT, Asked, Heard, Overheard
from voicecoach.listening import LAST_WORDS, Ask, EarFound, EarLost, Listening, in_words
from voicecoach.playing import Playing, SpeakerFound, SpeakerLost
from voicecoach.ports import (
    EAR_BLOCK,
    EAR_RATE,
    Alarm,
    Audio,
    Ear,
    EarError,
    Hook,
    Microphone,
    Speaker,
    Told,
    Voice,
)
from voicecoach.speech.mixer import Mixer
from voicecoach.speech.renderer import Renderer, render


@dataclass(frozen=True, slots=True)
class Rendered:
    """A line that was not ready is ready now."""

    utterance: int
    audio: Audio | None
    """None when the voice failed."""


Arrival: TypeAlias = Heard | Overheard | Asked | Rendered | EarLost | EarFound | SpeakerLost | SpeakerFound | Told


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
        """Whether no word can ever come: a recording has ended or the ear is lost for good, and nobody else can speak.

        A microphone that may come back is no reason: who waits for a word waits on.
        """
        ...

    @property
    def pressed(self) -> bool:
        """Whether something urgent has arrived, and waits to be taken: whoever does something long leaves it."""
        ...

    @property
    def busy(self) -> tuple[Ear | Voice, ...]:
        """What is at work in a thread: it must not be closed meanwhile."""
        ...

    def start(self) -> None:
        """Begin to pull sound; it is pulled on for a second session. Raises ``DeviceError``."""
        ...

    def advance(self, until: float | None, *, in_need: bool = False) -> list[Arrival]:
        """Let time pass, at most until ``until`` is on the horizon; return what arrived.

        ``in_need``: somebody may be, so time goes on even where nothing can be heard.
        """
        ...

    def render(self, utterance: int, text: str, factor: float = 1.0) -> None:
        """Have a line rendered at ``factor`` times the configured rate; it arrives as ``Rendered``."""
        ...

    def prepare(self, texts: Iterable[str], factor: float) -> None:
        """Have lines rendered, and kept by the voice, whenever it has nothing else to do, instead of those before."""
        ...

    def alert(self, alarm: Alarm) -> None:
        """Have somebody told; what came of it arrives as ``Told``."""
        ...

    def tell_ear(self, ask: Ask) -> None:
        """Call ``ask`` with the ear, from the thread that owns it."""
        ...

    def close(self) -> None:
        """Stop, and let go of the devices. Safe to call twice."""
        ...


class FileDrive:
    """Devices that are files: every block is made, heard and written in turn."""

    def __init__(
        self,
        mixer: Mixer,
        speaker: Speaker,
        microphone: Microphone,
        ear: Ear | None,
        voice: Voice,
        hook: Hook | None = None,
    ) -> None:
        self._mixer, self._speaker, self._microphone = mixer, speaker, microphone
        self._ear, self._voice, self._hook = ear, voice, hook
        self._blocks_heard = 0
        self._silence = 0
        self._done: list[Arrival] = []
        self._started = False
        self.pressed = False
        """Never: nothing is heard but in ``advance``."""
        self.busy: tuple[Ear | Voice, ...] = ()
        """Never anything: all is done in place."""

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
        return self._ear is None or self._silence >= LAST_WORDS

    def start(self) -> None:
        """Open the file."""
        if not self._started:
            self._speaker.start(self._mixer.fill)
            self._started = True

    def advance(self, until: float | None, *, in_need: bool = False) -> list[Arrival]:  # noqa: ARG002 - a block is short
        """Make one block, and hear as much. Raises ``PortError`` where a device or the ear fails."""
        if self._done:
            arrived, self._done = self._done, []
            return arrived
        self._speaker.pump()
        heard: list[Arrival] = []
        while (end := (self._blocks_heard + 1) * EAR_BLOCK / EAR_RATE) <= self.now + 1e-9:
            self._blocks_heard += 1
            if self._ear is not None:
                heard += self._hear(self._ear, end)
        return heard

    def _hear(self, ear: Ear, at: float) -> Sequence[Heard | Overheard]:
        self._silence += self._microphone.exhausted
        try:
            return ear.hear(self._microphone.read(), at)
        except Exception as error:
            raise in_words(error) from error

    def render(self, utterance: int, text: str, factor: float = 1.0) -> None:
        """Render at once: time stands still meanwhile."""
        self._done.append(Rendered(utterance, render(self._voice, text, factor)))

    def prepare(self, texts: Iterable[str], factor: float) -> None:
        """Do nothing: no line takes any time here."""

    def alert(self, alarm: Alarm) -> None:
        """Tell at once: time stands still meanwhile."""
        self._done.append(_tell(self._hook, alarm))

    def tell_ear(self, ask: Ask) -> None:
        """Call at once. Raises ``PortError`` where the ear fails."""
        if self._ear is not None:
            try:
                ask(self._ear)
            except Exception as error:
                raise in_words(error) from error

    def close(self) -> None:
        """Finish the file."""
        self._speaker.close()
        self._microphone.close()


class LiveDrive:
    """A loudspeaker that pulls by itself; the ear and the voice work in threads of their own.

    ``reopen`` and ``rebuild`` give another microphone and another ear where one is lost (``listening``),
    ``reopen_speaker`` another loudspeaker (``playing``).
    """

    CLOSING = 10.0
    """Seconds that closing waits for an engine to finish what it is at."""
    AHEAD = 2
    """Blocks ahead of the loudspeaker within which things due are handled, so that a cue starts on its exact frame."""

    def __init__(
        self,
        mixer: Mixer,
        speaker: Speaker,
        microphone: Microphone,
        ear: Ear | None,
        voice: Voice,
        hook: Hook | None = None,
        *,
        reopen: Callable[[], Microphone] | None = None,
        rebuild: Callable[[], Ear] | None = None,
        reopen_speaker: Callable[[], Speaker] | None = None,
    ) -> None:
        self._mixer, self._microphone = mixer, microphone
        self._rate, self._block = speaker.rate, speaker.block
        self._voice, self._hook = voice, hook
        self._sources: list[Source] = []
        self._arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._listening = (
            Listening(ear, microphone, self._arrive, lambda: self.now, reopen=reopen, rebuild=rebuild)
            if ear is not None
            else None
        )
        alone = self._listening.resting if self._listening is not None else contextlib.nullcontext
        self._playing = Playing(speaker, mixer, reopen=reopen_speaker, alone=alone)
        if self._listening is not None:
            self._listening.look_anew = self._playing.anew
        self._renderer = Renderer(voice)
        self._look: Callable[[float], None] = lambda _: None
        self._closing = threading.Event()
        self._speaking: threading.Thread | None = None
        self._hearing: threading.Thread | None = None
        self._ear_lost: EarLost | None = None
        self.pressed = False
        self.must_hear = False
        """Whether an ear that is lost for good is the end: somebody starts the program anew, and it hears again."""

    @property
    def now(self) -> float:
        """Seconds of sound that the loudspeaker has pulled."""
        return self._mixer.position / self._rate

    @property
    def horizon(self) -> float:
        """A little ahead of the loudspeaker."""
        return (self._mixer.position + self.AHEAD * self._block) / self._rate

    @property
    def deaf(self) -> bool:
        """Whether the ear is lost for good, or the recording in its place has ended, and no keyboard is left."""
        no_voice = self._listening is None or self._ear_lost is not None or self._listening.silence >= LAST_WORDS
        return no_voice and all(source.ended for source in self._sources)

    @property
    def busy(self) -> tuple[Ear | Voice, ...]:
        """The ear and the voice, while their threads run; after ``close``, what did not end in time."""
        engines: list[Ear | Voice] = [self._voice] if self._speaking and self._speaking.is_alive() else []
        if self._listening and self._hearing and self._hearing.is_alive():
            engines.append(self._listening.ear)
        return tuple(engines)

    def listen_to(self, source: Source) -> None:
        """Listen to a keyboard or the like as well; it is started and closed with the drive."""
        self._sources.append(source)

    def watch(self, look: Callable[[float], None]) -> None:
        """Have ``look`` called with the time, each time round the loop: four times a second at least."""
        self._look = look

    def put(self, asked: Heard | Overheard | Asked) -> None:
        """Take a command, other words or a wish from elsewhere (keys, buttons, the network); from any thread."""
        self._arrive(asked)

    def start(self) -> None:
        """Start the loudspeaker and the threads."""
        if self._speaking is not None:
            return
        self._playing.start()
        self._speaking = threading.Thread(target=self._renderer.run, name="voicecoach_speak", daemon=True)
        self._speaking.start()
        if self._listening is not None:
            self._hearing = threading.Thread(target=self._listening.run, name="voicecoach_listen", daemon=True)
            self._hearing.start()
        for source in self._sources:
            source.start()

    def advance(self, until: float | None, *, in_need: bool = False) -> list[Arrival]:
        """Wait for the next arrival, or until ``until`` is on the horizon, at most a quarter of a second.

        Raises ``PortError`` where the loudspeaker, or an ear without which it must not go on, is lost for good.
        """
        if self.must_hear and self._ear_lost is not None and not in_need:
            raise EarError(self._ear_lost.reason, mend=self._ear_lost.mend)
        if self._listening is not None:
            self._listening.look()
        if (news := self._playing.look(in_need=in_need)) is not None:
            return [news]
        self._look(self.now)
        wait = 0.25
        if until is not None and not self._playing.lost:  # without a loudspeaker time stands still
            wait = min(wait, max(0.001, until - self.horizon))
        try:
            arrival = self._arrivals.get(timeout=wait)
        except queue.Empty:
            return []
        if _is_urgent(arrival):
            self.pressed = False
        # Deaf from here on, not from the failure: what was heard before it comes first, and the host is told of it.
        if isinstance(arrival, EarLost) and not arrival.mending:
            self._ear_lost = arrival
        return [arrival]

    def _arrive(self, arrival: Arrival) -> None:
        self.pressed = self.pressed or _is_urgent(arrival)  # before it can be taken, or it would stay so
        self._arrivals.put(arrival)

    def render(self, utterance: int, text: str, factor: float = 1.0) -> None:
        """Have it rendered in the voice's thread."""
        self._renderer.render(text, factor, lambda audio: self._arrivals.put(Rendered(utterance, audio)))

    def prepare(self, texts: Iterable[str], factor: float) -> None:
        """Have them rendered in the voice's thread; a line that is to be said now waits for one of them at most."""
        self._renderer.prepare(texts, factor)

    def alert(self, alarm: Alarm) -> None:
        """Tell in a thread of its own. The program does not end before it: somebody may be in need."""
        threading.Thread(
            target=lambda: self._arrivals.put(_tell(self._hook, alarm)), name="voicecoach_alert", daemon=False
        ).start()

    def tell_ear(self, ask: Ask) -> None:
        """Have it called in the ear's thread, before the next block is heard."""
        if self._listening is not None:
            self._listening.ask(ask)

    def close(self) -> None:
        """Stop the threads, then the devices. An engine that does not finish in time is left ``busy``."""
        self._closing.set()
        for source in self._sources:
            source.close()
        self._renderer.close()
        self._microphone.close()
        if self._listening is not None:
            self._listening.close()
        until = time.monotonic() + self.CLOSING
        for thread in (self._speaking, self._hearing):
            if thread is not None:
                thread.join(timeout=max(0.0, until - time.monotonic()))
        self._playing.close()


def _is_urgent(arrival: Arrival) -> bool:
    return isinstance(arrival, Heard) and arrival.command in URGENT


def _tell(hook: Hook | None, alarm: Alarm) -> Told:
    try:
        return Told(told=False) if hook is None else hook.tell(alarm)
    except Exception as error:  # noqa: BLE001 - the session waits for an answer
        return Told(told=False, problems=(type(error).__name__,))
