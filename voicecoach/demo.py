"""A session with a second synthetic voice in the part of the person; everything between the two voices is real.

Rule: the person's lines fall at moments of the session (after the coach has said this, in the middle of that), never
at fixed seconds, so the demonstration holds for any voice and speed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from voicecoach.audio.resample import resample
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Fill, Samples, Voice
from voicecoach.record import Record


@dataclass(frozen=True, slots=True)
class Interruption:
    """What the person says, and on which occasion."""

    words: str
    when: Callable[[Record], bool]
    """The record that gives the occasion."""
    after: float
    """Seconds from that record to the first word."""


def _step(kind: str, exercise: str, rep: int | None = None) -> Callable[[Record], bool]:
    return lambda r: r["event"] == "step" and (r["kind"], r["exercise"], r["rep"]) == (kind, exercise, rep)


def _says(start: str) -> Callable[[Record], bool]:
    return lambda r: r["event"] == "say" and r["text"].startswith(start)


def _mode(mode: str) -> Callable[[Record], bool]:
    return lambda r: r["event"] == "mode" and r["mode"] == mode


SCRIPT: tuple[Interruption, ...] = (
    Interruption("ready", _says("Say ready"), 3.5),
    Interruption("how long", _step("hold", "bridge", 1), 2.5),
    Interruption("pause", _step("hold", "bridge", 2), 3.0),
    Interruption("resume", _mode("paused"), 7.0),
    Interruption("next", _step("work", "march-on-your-back"), 6.0),
    Interruption("next", _step("rest", "march-on-your-back"), 6.0),
    Interruption("next", _step("work", "march-on-your-back"), 5.0),
    Interruption("pain", _says("Press the small of your back"), 1.5),
    Interruption("four", _says("How bad is it"), 6.5),
    Interruption("yes", _says("Four, right"), 1.8),
    Interruption("no", _says("Has it gone into your leg"), 6.5),
    Interruption("an ache", _says("Is it sharp"), 3.0),
)

_ENOUGH = 90.0
"""Seconds of silence behind the last line after which nothing more is to be expected."""


@dataclass(slots=True)
class Person:
    """A microphone that hears the script: each line is spoken when its occasion has come."""

    voice: Voice
    script: Sequence[Interruption] = SCRIPT
    live: bool = False
    heard: list[Samples] = field(default_factory=list)
    """Every block so far: the person's side of the recording, at ``EAR_RATE``."""
    _said: int = 0
    _words: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    _starts: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether nobody says anything any more."""
        return len(self.heard) * EAR_BLOCK > self._starts + len(self._words) + _ENOUGH * EAR_RATE

    def __call__(self, entry: Record) -> None:
        """Follow the session, as a listener."""
        if self._said < len(self.script) and self.script[self._said].when(entry):
            line = self.script[self._said]
            self._said += 1
            said = self.voice.render(line.words)
            self._words = resample(said.samples, said.rate, EAR_RATE)
            self._starts = round((entry["t"] + line.after) * EAR_RATE)

    def read(self) -> Samples:
        """Return the next block of what the microphone hears."""
        block = np.zeros(EAR_BLOCK, np.float32)
        begin = len(self.heard) * EAR_BLOCK - self._starts
        source = self._words[max(0, begin) : max(0, begin + EAR_BLOCK)]
        offset = max(0, -begin)
        block[offset : offset + len(source)] = source
        self.heard.append(block)
        return block

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(slots=True)
class Recorder:
    """A loudspeaker that keeps what it plays."""

    rate: int
    block: int
    live: bool = False
    audible: bool = True
    lost: bool = False
    played: list[Samples] = field(default_factory=list)
    _fill: Fill | None = None

    def start(self, fill: Fill) -> None:
        """Begin to pull from ``fill``."""
        self._fill = fill

    def pump(self) -> None:
        """Pull and keep one block."""
        assert self._fill is not None  # noqa: S101 - the host starts before it pumps
        block = np.zeros(self.block, np.float32)
        self._fill(block)
        self.played.append(block)

    def close(self) -> None:
        """Nothing to let go of."""


def stereo(recorder: Recorder, person: Person) -> Samples:
    """Return the coach on the left and the person on the right, shape ``(frames, 2)``, at the recorder's rate."""
    left = np.concatenate(recorder.played)
    right = resample(np.concatenate(person.heard), EAR_RATE, recorder.rate)
    frames = max(len(left), len(right))
    return np.stack([np.pad(side, (0, frames - len(side))) for side in (left, right)], axis=1)
