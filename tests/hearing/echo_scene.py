"""Rooms for the echo path: a loudspeaker that bends sound, a way to the microphone, a person, and what to measure.

Rule: numpy and soxr only, seeded; every figure is taken from the sound itself, never from what the code says of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import soxr

from tests.hearing.voices import speak
from voicecoach.audio.level import speech_level
from voicecoach.hearing.canceller import HOP
from voicecoach.hearing.echo import EchoStage
from voicecoach.hearing.far_end import FarEnd
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Samples

SENTENCES = (
    "lie down on your back and bend both knees",
    "push your hips up slowly and hold them there",
    "keep your shoulders relaxed and look at the ceiling",
    "well done that was the third of eight",
    "breathe in deeply through your nose and let it go",
    "now bring the other leg towards your chest",
    "in the meantime enjoy a little rest on the mat",
    "turn your palms upwards and widen your arms",
)
WORDS = ("stop", "pause", "next", "ready", "pain", "again", "freeze", "resume")


def frames(seconds: float) -> int:
    return round(seconds * EAR_RATE)


def noise(seconds: float, level: float = 3e-4, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).normal(0.0, level, frames(seconds)).astype(np.float32)


def babble(seconds: float, seed: int = 0, level: float = 0.1) -> Samples:
    """Like speech as a canceller sees it: syllables of four a second, each with another spectrum, and pauses."""
    random = np.random.default_rng(seed)
    out = np.zeros(frames(seconds), np.float32)
    place = 0
    while place < len(out):
        length = int(random.integers(1600, 5600))
        spectrum = np.fft.rfft(random.normal(0.0, 1.0, length))
        hertz = np.fft.rfftfreq(length, 1 / EAR_RATE)
        formants = sum(np.exp(-(((hertz - top) / 250.0) ** 2)) for top in random.uniform(200.0, 5500.0, 3))
        voiced = np.fft.irfft(spectrum * (0.03 + formants) * (hertz > 80.0), length) * np.hanning(length)
        part = voiced * level / (np.sqrt(np.mean(voiced**2)) + 1e-9) * random.uniform(0.5, 1.2)
        out[place : place + length] += part[: len(out) - place].astype(np.float32)
        place += int(length * 0.8) + (int(random.integers(2400, 8000)) if random.random() < 0.2 else 0)
    return out


def talk(seconds: float, voice: str = "en-us", pause: float = 0.4, *, first: int = 0) -> Samples:
    """Sentences of a coach, one after the other, for so long; 6 dB louder than ``speak`` gives them."""
    parts: list[Samples] = []
    while sum(map(len, parts)) < frames(seconds):
        parts += [2 * speak(SENTENCES[first % len(SENTENCES)], voice), np.zeros(frames(pause), np.float32)]
        first += 1
    return np.concatenate(parts)[: frames(seconds)]


def clipped(sound: Samples) -> Samples:
    """What a small loudspeaker makes of it."""
    return np.asarray(np.tanh(2 * sound) / 2, np.float32)


def room(rt60: float = 0.35, *, seed: int = 0, gain: float = 0.5, tail: float = 0.25) -> Samples:
    """An impulse response: direct sound, then noise that falls by 60 dB in ``rt60`` s. ``tail``: of the direct."""
    random = np.random.default_rng(seed)
    length = frames(rt60 * 0.8)
    fall = 10.0 ** (-3.0 * np.arange(length) / (rt60 * EAR_RATE))
    taps = tail * random.normal(0.0, 0.35, length) * fall
    taps[:20] = 0.0
    taps[0] = 1.0
    return (gain * taps).astype(np.float32)


def through(sound: Samples, taps: Samples, delay: float = 0.0) -> Samples:
    """``sound`` as it comes back ``delay`` seconds later through ``taps``; as long as ``sound``."""
    size = len(sound) + len(taps) - 1
    whole = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(taps, size), size)[: len(sound)]
    held = frames(delay)
    return np.concatenate([np.zeros(held), whole])[: len(sound)].astype(np.float32)


def drifted(sound: Samples, ppm: float) -> Samples:
    """``sound`` as a microphone counts it whose clock is ``ppm`` slower than the loudspeaker's: it gets fewer frames."""
    if not ppm:
        return sound
    rate = 1_000_000.0
    return np.asarray(soxr.resample(sound, rate + ppm, rate, quality="VHQ"), np.float32)


def at_enr(person: Samples, echo: Samples, enr: float) -> Samples:
    """``person`` so loud that ``echo`` is ``enr`` dB louder, both on mean active power."""
    louder = speech_level(echo, EAR_RATE) - enr - speech_level(person, EAR_RATE)
    return np.asarray(person * 10 ** (louder / 20), np.float32)


def placed(sounds: list[tuple[float, Samples]], seconds: float) -> Samples:
    """Each of ``sounds`` at its second, in silence."""
    out = np.zeros(frames(seconds), np.float32)
    for at, sound in sounds:
        out[frames(at) : frames(at) + len(sound)] += sound[: len(out) - frames(at)]
    return out


def loss(before: Samples, after: Samples) -> float:
    """dB by which ``after`` is weaker."""
    return float(
        10 * np.log10((np.mean(before.astype(float) ** 2) + 1e-15) / (np.mean(after.astype(float) ** 2) + 1e-15))
    )


def si_sdr(wanted: Samples, got: Samples) -> float:
    """dB: the part of ``got`` that is ``wanted`` at any level, over the rest."""
    target = wanted.astype(float) * (np.dot(wanted, got) / np.dot(wanted, wanted))
    return loss(np.asarray(target, np.float32), np.asarray(got - target, np.float32))


@dataclass
class Run:
    """What came of a scene."""

    out: Samples
    """What is to be recognised."""
    person: list[bool]
    """Of each block."""
    known: list[bool]
    ducked: list[bool]
    gains: list[tuple[float, float]] = field(default_factory=list)
    """Second and dB of each order to the loudspeaker."""
    block: int = EAR_BLOCK
    heard: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    """What the microphone had."""

    def said(self, start: float, end: float) -> float:
        """The share of blocks from ``start`` to ``end`` (seconds) that count as a person's."""
        part = self.person[frames(start) // self.block : frames(end) // self.block]
        return sum(part) / len(part)

    def erle(self, start: float, end: float) -> float:
        """dB by which the echo is weaker, in a stretch without a person."""
        return loss(self.heard[frames(start) : frames(end)], self.out[frames(start) : frames(end)])


class Room:
    """A loudspeaker and a microphone round an ``EchoStage``. The coach's voice follows what ``duck`` orders."""

    def __init__(
        self,
        taps: Samples,
        delay: float = 0.1,
        *,
        rate: int = 48_000,
        bend: Callable[[Samples], Samples] = clipped,
    ) -> None:
        self.gains: list[tuple[float, float]] = []
        self.taps, self.delay, self.bend = taps, delay, bend
        self.far = FarEnd(rate)
        self.stage = EchoStage(self.far, self._duck)
        self.gain = 1.0
        self.now = 0
        self._up = None if rate == EAR_RATE else soxr.ResampleStream(EAR_RATE, rate, 1, dtype="float32")
        self._air = np.zeros(0, np.float32)

    def _duck(self, decibels: float) -> None:
        self.gains.append((self.now / EAR_RATE, decibels))
        self.gain = 10.0 ** (decibels / 20.0)

    def echo(self, coach: Samples) -> Samples:
        """The echo of an unducked ``coach``: for the level of a person."""
        return through(self.bend(coach), self.taps, self.delay)

    def run(self, coach: Samples, person: Samples, *, block: int = EAR_BLOCK) -> Run:
        """Play ``coach`` while ``person`` (with the noise of the room) sounds; go on where the last run ended."""
        first_gain = len(self.gains)
        blocks = range(0, min(len(coach), len(person)) - block + 1, block)
        run = Run(np.zeros(0, np.float32), [], [], [], block=block)
        heard, out = [], []
        taps = np.concatenate([np.zeros(frames(self.delay), np.float32), self.taps])
        size = 1 << (block + len(taps)).bit_length()
        spectrum = np.fft.rfft(taps, size)
        for start in blocks:
            self.now += block
            played = np.asarray(coach[start : start + block] * self.gain, np.float32)
            self.far.take(played if self._up is None else self._up.resample_chunk(played))
            new = np.fft.irfft(np.fft.rfft(self.bend(played), size) * spectrum, size).astype(np.float32)
            new[: len(self._air)] += self._air[:size]
            self._air = new[block:]
            heard.append(new[:block] + person[start : start + block])
            front = self.stage.take(heard[-1])
            out.append(front.samples)
            run.person.append(front.person)
            run.known.append(self.stage.known)
            run.ducked.append(self.stage.ducked)
        run.heard, run.out = np.concatenate(heard), np.concatenate(out)
        run.gains = self.gains[first_gain:]
        return run


def replay(stage: EchoStage, far: FarEnd, coach: Samples, heard: Samples, *, block: int = EAR_BLOCK) -> Run:
    """Give the stage what was recorded beforehand; ``far`` works at ``EAR_RATE``."""
    run = Run(np.zeros(0, np.float32), [], [], [], block=block)
    count = min(len(coach), len(heard)) // block
    out = []
    for start in range(0, count * block, block):
        far.take(coach[start : start + block])
        front = stage.take(heard[start : start + block])
        out.append(front.samples)
        run.person.append(front.person)
        run.known.append(stage.known)
        run.ducked.append(stage.ducked)
    run.heard, run.out = heard[: count * block], np.concatenate(out)
    return run


def hops(sound: Samples) -> list[Samples]:
    return [sound[at : at + HOP] for at in range(0, len(sound) - HOP + 1, HOP)]
