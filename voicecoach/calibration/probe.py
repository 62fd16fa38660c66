"""The devices at work: says something and keeps what the microphone hears meanwhile, or just listens.

Rule: time moves in blocks of the microphone, whatever the devices: those of a simulated room as fast as the machine
can, sound cards as they deliver. One thread reads, hears and waits; only the loudspeaker may have another. All that is
said is rendered beforehand, because nobody listens while it is being made.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import numpy as np

from voicecoach.core.events import ChimeKind, Command, Heard, Overheard
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Audio, DeviceError, Samples
from voicecoach.rig import Rig

TAIL = 0.5
"""Seconds that are listened to after the coach's last sound: both cards' buffers, and the tail of a room."""
TONE = 0.12
"""Seconds: how long the tone is behind which somebody speaks."""
_BREATH = 0.35
"""Seconds between a sentence and the tone."""
_MEND = 0.6
"""Seconds for which a graver command may take the place of the first ("pause" that turns into "pain")."""
_AFTER = 0.3
_LOST_FOR = 3.0
"""Seconds of real time after which a loudspeaker that stands still is given up."""


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """What came of a question."""

    heard: Command | None
    words: str
    samples: Samples
    """What the microphone heard from the tone on."""
    by_key: bool = False

    @property
    def spoken(self) -> bool:
        """Whether a person was heard, whatever they said."""
        return not self.by_key and bool(self.heard or self.words)


class Probe:
    """A rig that says, listens and asks. ``keys`` brings what is typed, where somebody may."""

    def __init__(self, rig: Rig, keys: SimpleQueue[Heard | Overheard] | None = None) -> None:
        self._rig, self._keys = rig, keys
        self._speaker, self._microphone, self._mixer = rig.speaker, rig.microphone, rig.mixer
        self._blocks = 0
        self._sounds: dict[str, Audio] = {}
        self._heard: list[Heard | Overheard] = []
        self._listening = False

    def prepare(self, texts: Iterable[str]) -> None:
        """Render what is going to be said. Raises ``VoiceError``."""
        for text in texts:
            self._sounds[text] = self._rig.voice.render(text)

    def start(self) -> None:
        """Begin. Raises ``DeviceError``."""
        self._speaker.start(self._mixer.fill)
        self.hear_only(frozenset())

    def sound_of(self, text: str) -> Audio:
        """Return what a sentence sounds like."""
        if text not in self._sounds:
            self.prepare([text])
        return self._sounds[text]

    def say(self, text: str) -> Samples:
        """Say it, and return what the microphone heard until its echo was over."""
        audio = self.sound_of(text)
        end = self._mixer.play(audio, self._playing + 0.02)
        if self._rig.ear is not None:
            self._rig.ear.coach_says(text)
        try:
            return self._until(lambda: self._playing >= end + TAIL)
        finally:
            if self._rig.ear is not None:
                self._rig.ear.coach_says(None)

    def listen(self, seconds: float) -> Samples:
        """Return what the microphone hears for so long."""
        end = self._blocks + round(seconds * EAR_RATE / EAR_BLOCK)
        return self._until(lambda: self._blocks >= end)

    def ask(self, text: str, commands: frozenset[Command], seconds: float, *, expect: str = "") -> Reply:
        """Say ``text``, sound the tone, and listen for ``commands``, at most for ``seconds``, or until a key.

        ``expect`` is what a simulated person is to be asked for.
        """
        self.say(text)
        self.listen(_BREATH)
        self._drop_keys()
        self._mixer.chime(ChimeKind.COUNT, self._playing)
        self.listen(TONE)
        if self._rig.answer is not None and expect:
            self._rig.answer(expect)
        self.hear_only(commands)
        self._heard.clear()
        try:
            return self._reply(seconds)
        finally:
            self.hear_only(frozenset())

    def _reply(self, seconds: float) -> Reply:
        last = self._blocks + round(seconds * EAR_RATE / EAR_BLOCK)
        pieces: list[Samples] = []
        until = last
        while self._blocks < min(last, until):
            pieces.append(self._step())
            if (typed := self._typed()) is not None:
                return Reply(typed.command, typed.words, _joined(pieces), by_key=True)
            if self._heard and until == last:
                wait = _MEND if isinstance(self._heard[0], Heard) else _AFTER
                until = self._blocks + round(wait * EAR_RATE / EAR_BLOCK)
        commands = [one for one in self._heard if isinstance(one, Heard)]
        if commands:
            return Reply(commands[-1].command, commands[-1].words, _joined(pieces))
        return Reply(None, self._heard[0].words if self._heard else "", _joined(pieces))

    def hear_only(self, commands: frozenset[Command]) -> None:
        """Let only these mean something."""
        if self._rig.ear is not None:
            self._rig.ear.listen_for(commands)

    @property
    def _playing(self) -> float:
        """Seconds that the loudspeaker has pulled."""
        return self._mixer.position / self._speaker.rate

    def _until(self, done: Callable[[], bool]) -> Samples:
        pieces = []
        while not done():
            pieces.append(self._step())
        return _joined(pieces)

    def _step(self) -> Samples:
        """Let a block of the microphone pass: played, heard and understood. Raises ``PortError``."""
        end = (self._blocks + 1) * EAR_BLOCK / EAR_RATE
        if not self._speaker.live:
            while self._playing < end - 1e-9:
                self._speaker.pump()
        elif not self._microphone.live:
            self._wait(end)
        elif self._speaker.lost:
            self._wait(self._playing + 1 / self._speaker.rate)
        block = self._microphone.read()
        self._blocks += 1
        if self._rig.ear is not None:
            self._heard += self._rig.ear.hear(block, end)
        return block

    def _wait(self, until: float) -> None:
        """Wait until the loudspeaker has pulled so much. Raises ``DeviceError`` where it does not any more."""
        given_up = time.monotonic() + _LOST_FOR
        while self._playing < until:
            if time.monotonic() > given_up and self._speaker.lost:
                raise DeviceError(
                    "The loudspeaker has stopped: it was unplugged, or the sound server died.",
                    mend="connect it and start again; `voicecoach doctor` shows what is there",
                )
            time.sleep(0.005)

    def _typed(self) -> Heard | None:
        if self._keys is None:
            return None
        try:
            typed = self._keys.get_nowait()
        except Empty:
            return None
        return typed if isinstance(typed, Heard) else None

    def _drop_keys(self) -> None:
        while self._typed() is not None:
            pass


def _joined(pieces: list[Samples]) -> Samples:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
