"""A simulated room: what the loudspeaker plays, a person says and else sounds, as one microphone hears it.

    loudspeaker -> soft clipping -> its clock -> * impulse response, gain -> delay -+
    person's utterances -> * impulse response, level -------------------------------+-> clipping -> 16 bit -> microphone
    noise at a stated distance below the person ------------------------------------+

Rule: the same plan, the same utterances and the same loudspeaker's samples give the same bits. Time is the microphone's
own: what it has read. No clock, no thread; nothing waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.audio.convolve import Convolver, Line, convolve
from voicecoach.audio.impulse import Place, shoebox
from voicecoach.audio.level import factor, mean_level, speech_level
from voicecoach.audio.noise import LoopedNoise, PinkNoise, WhiteNoise, shaped
from voicecoach.audio.resample import StreamResampler, resample
from voicecoach.audio.room_plan import LEAST_DELAY, RoomPlan
from voicecoach.audio.wav import WavSpeaker, not_open, read_wav
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Audio, DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicecoach.audio.noise import NoiseSource
    from voicecoach.audio.room_plan import Loudspeaker, Noise
    from voicecoach.ports import Samples

COACH_LEVEL = -24.7
"""dBFS, mean active speech power of the coach at the usual volume (0.6): for ``enr`` where no sample of it is given.

The median of 104 sentences (every third of four words or more of the shipped routines), by pyttsx3 with espeak-ng 1.51,
en-us, 160 words a minute. Sentences spread by 0.5 dB round it (standard deviation; 90 % lie within -25.6..-24.0)."""

_PIECES = 100
"""In which the loudspeaker's sound is worked on, a second: so it does not matter in which blocks it comes."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """Something that the person says."""

    at: float
    """Seconds that the microphone has heard when the first sample leaves the mouth."""
    samples: Samples
    """At ``EAR_RATE``; how loud they are does not matter."""
    words: str


class Room:
    """A loudspeaker, a person, noise and a microphone."""

    def __init__(
        self, plan: RoomPlan, utterances: Sequence[Utterance], *, rate: int, coach: Audio | None = None
    ) -> None:
        """``rate`` in Hz of the loudspeaker's blocks; ``coach`` is a sample of what it will play, to set ``enr`` by.

        Without it the coach is taken to be speech of ``COACH_LEVEL``. Reads the files of the plan, and computes the
        impulse responses: that may take seconds. Raises ``DeviceError``.
        """
        self._plan, self._rate = plan, rate
        speaker = plan.loudspeaker
        self.gain = speaker.gain if speaker.gain is not None else gain_for(plan, coach or _speech_like(), speaker.enr)
        """dB from the loudspeaker's samples to the microphone's, for white noise, unclipped."""
        self._resampler = StreamResampler(rate, EAR_RATE * (1 + speaker.drift * 1e-6), "LQ")
        self._convolver = Convolver(_loudspeaker_response(plan) * np.float32(factor(self.gain)))
        self._echo = _Echo(speaker)
        self._piece = rate // _PIECES
        self._waiting = np.zeros(0, np.float32)
        self._played = 0
        """Frames of the loudspeaker, with those it was silent for."""
        self.microphone = RoomMicrophone(plan, _person(plan, utterances), self._echo)

    def take(self, block: Samples) -> None:
        """Take what the loudspeaker plays next, shape ``(frames,)`` of any length; it is copied.

        A loudspeaker that gave nothing for a while was silent: its sound goes on where the microphone is by now.
        """
        missing = math.floor((self.microphone.heard / EAR_RATE - self._played / self._rate) * self._rate)
        if missing > EAR_BLOCK / EAR_RATE * self._rate:
            self._play(np.zeros(missing, np.float32))
        self._play(block)

    def answer(self, utterance: Utterance) -> None:
        """Have the person say something more; no sooner than the microphone hears next. Raises ``DeviceError``."""
        self.microphone.add(_person(self._plan, [utterance]))

    def _play(self, block: Samples) -> None:
        self._played += len(block)
        samples = np.concatenate([self._waiting, _clip_softly(block, self._plan.loudspeaker.drive)])
        ready = len(samples) - len(samples) % self._piece
        self._waiting = samples[ready:]
        for begin in range(0, ready, self._piece):
            piece = self._resampler.feed(samples[begin : begin + self._piece])
            self._echo.push(self._convolver.feed(piece))


class RoomMicrophone:
    """What is heard in the room, as fast as it is read."""

    live = False

    def __init__(self, plan: RoomPlan, person: Samples, echo: _Echo) -> None:
        """``person`` is all that comes from them, as it arrives here. Raises ``DeviceError``."""
        self.heard = 0
        """Frames read so far."""
        self._person, self._echo, self._bits = person, echo, plan.bits
        self._noises = [
            (factor(plan.person.level - noise.snr), _source(noise, plan.seed, number))
            for number, noise in enumerate(plan.noise)
        ]
        self._block = np.zeros(EAR_BLOCK, np.float32)
        self._record: WavSpeaker | None = None
        if plan.record is not None:
            self._record = WavSpeaker(plan.record, EAR_RATE, EAR_BLOCK)
            self._record.start(self._copy)
        self._closed = False

    @property
    def exhausted(self) -> bool:
        """True when the person has said everything and its echo is over. The room goes on sounding."""
        return self.heard >= len(self._person)

    def read(self) -> Samples:
        """Return the next block. Raises ``DeviceError`` once closed, or where it cannot be recorded."""
        if self._closed:
            raise not_open("microphone")
        block = self._echo.pull(EAR_BLOCK)
        said = self._person[self.heard : self.heard + EAR_BLOCK]
        block[: len(said)] += said
        for gain, noise in self._noises:
            block += np.float32(gain) * noise.take(EAR_BLOCK)
        np.clip(block, -1.0, 1.0, out=block)
        if self._bits == 16:
            block = np.clip(np.rint(block * 32768), -32768, 32767).astype(np.float32) / np.float32(32768)
        self.heard += EAR_BLOCK
        if self._record is not None:
            self._block = block
            self._record.pump()
        return block

    def add(self, person: Samples) -> None:
        """Let more of the person arrive: all of it from the beginning, as what is there. What is past stays unheard."""
        longest = max(len(self._person), len(person))
        padded = [np.pad(sound, (0, longest - len(sound))) for sound in (self._person, person)]
        self._person = padded[0] + padded[1]

    def close(self) -> None:
        """Finish the recording, if there is one; safe to call twice."""
        self._closed = True
        if self._record is not None:
            self._record.close()

    def _copy(self, out: Samples) -> None:
        out[:] = self._block


class _Echo:
    """The loudspeaker's sound on its way to the microphone.

    A clock that runs fast empties the buffers. Where they hold no more than ``LEAST_DELAY``, they are filled anew, as
    sound systems do: a gap, and the delay is what it was at first.
    """

    def __init__(self, speaker: Loudspeaker) -> None:
        self._line = Line(round(speaker.delay * EAR_RATE))
        self._refill = round((speaker.delay - LEAST_DELAY) * EAR_RATE)
        shrinks = -speaker.drift * 1e-6
        self._every = math.floor(self._refill * (1 - shrinks) / shrinks) if shrinks > 0 else None
        self._until_gap = self._every or 0
        self.pull = self._line.pull

    def push(self, samples: Samples) -> None:
        while self._every is not None and len(samples) >= self._until_gap:
            self._line.push(samples[: self._until_gap])
            self._line.push(np.zeros(self._refill, np.float32))
            samples = samples[self._until_gap :]
            self._until_gap = self._every
        self._until_gap -= len(samples)
        self._line.push(samples)


def gain_for(plan: RoomPlan, coach: Audio, enr: float | None = None) -> float:
    """Return the ``gain`` in dB by which ``coach`` is ``enr`` dB louder at the microphone than the person.

    Both are mean active speech powers; ``coach`` is what the loudspeaker is given. ``enr`` is the plan's where it is
    left out. With a plan that has it as ``loudspeaker.gain``, a bench gets this ratio for exactly this sound. Raises
    ``DeviceError`` where the sound is silent.
    """
    wanted = plan.loudspeaker.enr if enr is None else enr
    if wanted is None:
        raise ValueError("the plan has a gain, so the ratio must be given")
    played = _clip_softly(coach.samples, plan.loudspeaker.drive)
    way = StreamResampler(coach.rate, EAR_RATE, "LQ")  # as in the room: what it takes away is not heard
    arriving = way.feed(np.pad(played, (0, coach.rate // 10)))
    heard = convolve(arriving, _loudspeaker_response(plan))
    level = speech_level(heard, EAR_RATE)
    if level == -math.inf:
        raise DeviceError("What the loudspeaker plays is silent, so it cannot be louder than anybody.")
    return plan.person.level + wanted - level


def with_gain(plan: RoomPlan, gain: float) -> RoomPlan:
    """Return the plan with this gain in dB instead of its own, or of its ``enr``."""
    return plan.model_copy(update={"loudspeaker": plan.loudspeaker.model_copy(update={"enr": None, "gain": gain})})


def _clip_softly(samples: Samples, drive: float) -> Samples:
    return np.tanh(np.float32(drive) * samples) / np.float32(drive) if drive else samples


def _loudspeaker_response(plan: RoomPlan) -> Samples:
    """Return the response from the loudspeaker, its energy 1."""
    response = _response(plan, plan.loudspeaker.impulse_response, plan.loudspeaker.place)
    return response / np.float32(math.sqrt(float(np.square(response, dtype=np.float64).sum())))


def _response(plan: RoomPlan, file: str | None, source: Place) -> Samples:
    if file is None:
        return shoebox(plan.size, plan.rt60, source, plan.microphone)
    return _heard_from(file)


def _heard_from(file: str) -> Samples:
    audio = read_wav(file)
    if not audio.samples.any():
        raise DeviceError(f"{file} is silent.", mend="give a file with sound in it")
    return resample(audio.samples, audio.rate, EAR_RATE)


def _person(plan: RoomPlan, utterances: Iterable[Utterance]) -> Samples:
    """Return everything that arrives of the person, in whole blocks; each utterance has the plan's level."""
    utterances = list(utterances)
    if not utterances:
        return np.zeros(0, np.float32)
    response = _response(plan, plan.person.impulse_response, plan.person.place)
    arriving: list[tuple[int, Samples]] = []
    for utterance in utterances:
        sound = convolve(utterance.samples, response)
        level = speech_level(sound, EAR_RATE)
        if level == -math.inf:
            raise DeviceError(f'"{utterance.words}" is silent.', mend="give a file with sound in it, or other words")
        arriving.append((round(utterance.at * EAR_RATE), sound * np.float32(factor(plan.person.level - level))))
    frames = max(begin + len(sound) for begin, sound in arriving)
    person = np.zeros(frames + -frames % EAR_BLOCK, np.float32)
    for begin, sound in arriving:
        person[begin : begin + len(sound)] += sound
    return person


def _source(noise: Noise, seed: int, number: int) -> NoiseSource:
    if noise.file is not None:
        return LoopedNoise(_heard_from(noise.file))
    return (WhiteNoise if noise.kind == "white" else PinkNoise)(seed, number)


def _speech_like() -> Audio:
    """Return ten seconds of noise like the coach's voice: its level, spectrum and peaks (Laplace), without pauses."""
    chance = np.random.default_rng(0)
    white = chance.laplace(size=10 * EAR_RATE).astype(np.float32)
    voice = convolve(white, shaped(lambda hertz: 1 / (1 + (hertz / 500) ** 2) * (hertz > 80)))
    return Audio(voice * np.float32(factor(COACH_LEVEL - mean_level(voice))), EAR_RATE)
