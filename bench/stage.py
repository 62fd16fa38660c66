"""A stage for the ear: the coach talks without a break in a simulated room, and a person says commands over it.

Rule: the product's own parts (mixer, far end, echo stage, ear) joined as the rig joins them, faster than real time; the
measures are elsewhere. Everything is seeded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.plain_vosk_loop import plain_loop
from tests.hearing.voices import ESPEAK, FLITE, span_of, speak
from tests.language.live_sets import LIVE_SETS
from voicecoach.audio.riff import to_pcm
from voicecoach.audio.room import Room, Utterance, gain_for, with_gain
from voicecoach.audio.room_plan import Loudspeaker, Noise, RoomPlan
from voicecoach.cli.common import Grip, plan
from voicecoach.core.events import Command, Heard
from voicecoach.hearing.canceller import HOP
from voicecoach.hearing.echo import EchoStage, Front
from voicecoach.hearing.far_end import FarEnd
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import load_language
from voicecoach.ports import EAR_RATE, Audio, Samples
from voicecoach.repertoire import repertoire
from voicecoach.rig import FILE_BLOCK, FILE_RATE
from voicecoach.speech.engines import open_voice
from voicecoach.speech.mixer import Mixer

VOICES = (*ESPEAK, *FLITE)
ROUTINES = ("first-steps", "gentle-start", "lumbar-stabilisation", "spine-support")
VOLUME = 0.6
LEAD = 8.0
"""Seconds that the coach has talked before the first word: time to get to know the room."""
PERIOD = 2.8
"""Seconds from one word to the next."""
LIVE = next(iter(LIVE_SETS.values()))
"""What is live while an exercise is on."""

OURS, NO_ECHO, AEC3, PLAIN = "voicecoach", "voicecoach, echo off", "AEC3 before the same ear", "plain Vosk"


@dataclass(frozen=True)
class Condition:
    """A room, and how loud the coach is in it."""

    name: str
    enr: float | None
    """dB of the coach over the person at the microphone, mean active speech power; None: the coach is silent."""
    rt60: float = 0.35
    drift: float = 0.0
    snr: float = 60.0
    """dB of the person over pink noise, likewise."""

    def plan(self) -> RoomPlan:
        """Return it as a room plan, with a loudspeaker of tanh(2x)/2 and buffers of 100 ms."""
        return RoomPlan(
            rt60=self.rt60,
            loudspeaker=Loudspeaker(enr=self.enr or 0.0, drift=self.drift, drive=2.0, delay=0.1),
            noise=(Noise(kind="pink", snr=self.snr),),
        )


@dataclass(frozen=True)
class Word:
    """Something the person said."""

    text: str
    command: Command
    start: float
    end: float


@dataclass(frozen=True)
class Played:
    """What became of a scene."""

    words: Sequence[Word]
    acts: Sequence[tuple[Command, float]]
    ducks: Sequence[float]
    """When the coach was lowered, in seconds of its own sound."""
    seconds: float
    cpu: float
    """CPU seconds a second of sound, with the simulation of the room."""


@cache
def sentences() -> tuple[tuple[str, Audio], ...]:
    """Return what the coach says in the shipped routines, rendered: sentences of four words or more."""
    loaded = Grip(None).load()
    language = load_language()
    texts = [text for name in ROUTINES for text in repertoire(plan(name, loaded).program, language)]
    voice = open_voice()
    try:
        return tuple((text, voice.render(text)) for text in dict.fromkeys(texts) if text.count(" ") > 2)
    finally:
        voice.close()


def utterances(each: int, seed: int = 7) -> list[tuple[str, str]]:
    """Return every phrase that is live, said by ``each`` of the voices, shuffled."""
    language = load_language()
    live = [p for p, c in language.phrases.items() if c in LIVE and not language.yields.get(p, frozenset()) & LIVE]
    said = [(text, VOICES[(number + turn) % len(VOICES)]) for turn in range(each) for number, text in enumerate(live)]
    order = np.random.default_rng(seed).permutation(len(said))
    return [said[index] for index in order]


def play(
    condition: Condition, loop: str, said: Sequence[tuple[str, str]], model: Path, *, seconds: float = 0.0
) -> Played:
    """Play a scene: ``said`` are phrases and voices; ``seconds`` its length where nobody says anything."""
    words, spoken = _person(said)
    length = seconds or LEAD + PERIOD * len(said) + 2.0
    mixer = Mixer(FILE_RATE, FILE_BLOCK)
    mixer.volume(VOLUME)
    room = _room(condition, spoken)
    far = FarEnd(FILE_RATE)
    lines = _coach(mixer, length) if condition.enr is not None else []
    ducks: list[float] = []

    def duck(gain: float) -> None:
        if gain < 0:
            ducks.append((mixer.position + FILE_BLOCK) / FILE_RATE)
        mixer.duck(gain)

    for take in (room.take, far.take):
        mixer.tap(take)
    began = time.process_time()
    heard = (
        _plain(model, mixer, room, length)
        if loop == PLAIN
        else _ours(model, loop, far, duck, mixer, room, length, lines)
    )
    return Played(words, heard, ducks, length, (time.process_time() - began) / length)


def _person(said: Sequence[tuple[str, str]]) -> tuple[list[Word], list[Utterance]]:
    chance = np.random.default_rng(1)
    phrases = load_language().phrases
    words, spoken = [], []
    for number, (text, voice) in enumerate(said):
        sound = speak(text, voice)
        at = LEAD + PERIOD * number + 0.8 * float(chance.random())
        start, end = span_of(sound)
        words.append(Word(text, phrases[text], at + start, at + end))
        spoken.append(Utterance(at, sound, text))
    return words, spoken


def _room(condition: Condition, spoken: Sequence[Utterance]) -> Room:
    made = condition.plan()
    sample = np.concatenate([audio.samples for _, audio in sentences()[:20]]) * np.float32(VOLUME)
    gain = gain_for(made, Audio(sample, sentences()[0][1].rate), condition.enr or 0.0)
    return Room(with_gain(made, gain), spoken, rate=FILE_RATE)


def _coach(mixer: Mixer, length: float) -> list[tuple[float, float, str]]:
    """Have the coach talk until ``length``; return when it says what."""
    order = np.random.default_rng(3).permutation(len(sentences()))
    at, lines, number = 0.3, [], 0
    while at < length:
        text, audio = sentences()[order[number % len(order)]]
        end = mixer.play(audio, at)
        lines.append((at, end, text))
        at, number = end + 0.25, number + 1
    return lines


def _blocks(mixer: Mixer, room: Room, length: float) -> Iterator[tuple[float, Samples]]:
    """Play on, block by block; give what the microphone hears, and when."""
    out = np.zeros(FILE_BLOCK, np.float32)
    while mixer.position < length * FILE_RATE:
        mixer.fill(out)
        yield mixer.position / FILE_RATE, room.microphone.read()


def _plain(model: Path, mixer: Mixer, room: Room, length: float) -> list[tuple[Command, float]]:
    sound = np.concatenate([block for _, block in _blocks(mixer, room, length)])
    return plain_loop(model, load_language().phrases, sound)


def _ours(
    model: Path,
    loop: str,
    far: FarEnd,
    duck: Callable[[float], None],
    mixer: Mixer,
    room: Room,
    length: float,
    lines: Sequence[tuple[float, float, str]],
) -> list[tuple[Command, float]]:
    language = load_language()
    stage: Any = EchoStage(far, duck) if loop == OURS else Aec3(far) if loop == AEC3 else None
    ear = VoskEar(
        model, language.phrases, language.decoys, yields=language.yields, everyday=language.everyday, echo=stage
    )
    ear.listen_for(LIVE)
    acts: list[tuple[Command, float]] = []
    saying: str | None = None
    waiting = list(lines)
    for at, block in _blocks(mixer, room, length):
        while waiting and waiting[0][1] <= at:
            waiting.pop(0)
        text = waiting[0][2] if waiting and waiting[0][0] <= at else None
        if text != saying:
            ear.coach_says(text)
            saying = text
        acts += [(one.command, one.at) for one in ear.hear(block, at) if isinstance(one, Heard)]
    ear.close()
    return acts


class Aec3:
    """WebRTC's echo canceller in place of ours: what most programs would use. It needs no alignment."""

    known = False
    """It has no gate of its own that could tell whose voice it is."""

    def __init__(self, far: FarEnd) -> None:
        import pywebrtc_audio

        self._far, self._place = far, 0.0
        processor: Any = pywebrtc_audio.AudioProcessor
        self._aec = processor(
            sample_rate=EAR_RATE,
            num_channels=1,
            echo_cancellation=True,
            noise_suppression=False,
            high_pass_filter=True,
            auto_gain_control=False,
        )

    def take(self, block: Samples) -> Front:
        """Take the next block of the microphone."""
        self._far.catch_up()
        parts = [self._take(block[first : first + HOP]) for first in range(0, len(block), HOP)]
        return Front(np.concatenate(parts), person=True)

    def obeyed(self) -> None:
        """Do nothing: it does not duck."""

    def interrupted(self) -> None:
        """Do nothing: it finds its alignment by itself."""

    def _take(self, heard: Samples) -> Samples:
        far = self._far.read(self._place - 0.04 * EAR_RATE)
        self._place += HOP
        played: Samples = np.zeros(HOP, np.float32) if far is None else far[0]
        rest: Samples = self._aec.process(_integers(heard), _integers(played)).astype(np.float32) / 32768
        return rest


def quieter(condition: Condition) -> Condition:
    """Return the same room with a coach who is silent: what the recogniser alone makes of it."""
    return replace(condition, name=f"{condition.name}, coach silent", enr=None)


def _integers(samples: Samples) -> Any:
    return np.frombuffer(to_pcm(samples), np.int16)
