"""Recordings of people and noises: read from a folder with a manifest, and mixed into scenes of a known SNR.

Rule: the folder is named by whoever measures (``VOICECOACH_RECORDINGS``) and is never part of the project; without one
there is nothing to measure and nothing fails. The same clip, condition and seed give the same samples.

The folder holds ``manifest.csv`` with a head line and these columns (others are ignored):

    path         of a WAV file in the folder: 16 kHz, mono, 16 bit
    kind         commands (one word), speech (anything else that people say), noise; others are left out
    label        what sort of it: the word, the corpus, the noise
    transcript   what is said, in words; may be empty
    speaker      who, in any notation; may be empty
    seconds      length
    dyn_db       loudest over quietest part in dB; may be empty. Under ``AUDIBLE`` hardly anybody would understand it
"""

from __future__ import annotations

import csv
import math
import os
import wave
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bench.bodies import BODIES
from tests.hearing.voices import speak
from voicecoach.audio.level import mean_level, speech_level
from voicecoach.audio.noise import PinkNoise
from voicecoach.ports import EAR_RATE, Samples

VARIABLE = "VOICECOACH_RECORDINGS"
SKIPPED = f"no folder of recordings was named: {VARIABLE}=FOLDER (with a manifest.csv, see bench/recordings.py)"

AUDIBLE = 12.0
"""dB of ``dyn_db`` that a clip of speech needs to be counted."""

LEAD, TAIL = 1.2, 2.0
"""Seconds of faint room noise before and after a clip; the tail is longer than Vosk's own end of utterance takes."""

ROOM = 1e-4
"""Level of the room's noise (-80 dBFS)."""

NOISE_SECONDS = 30.0
"""A shorter noise is repeated, a longer one cut, to this length ..."""

NOISE_LEVEL = -30.0
"""... and brought to this level in dBFS: recordings of noises are normalised in every way there is."""


class RecordingsError(Exception):
    """The folder cannot be used."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Something to be heard: a file, a sentence for a synthetic voice, or a made noise."""

    name: str
    kind: str
    label: str
    text: str = ""
    path: Path | None = None
    voice: str = ""
    """The synthetic voice that says ``text``; empty for a recording."""
    dynamics: float = math.inf
    """dB."""
    speaker: str = ""

    @property
    def audible(self) -> bool:
        return self.kind == "noise" or self.dynamics >= AUDIBLE


@dataclass(frozen=True, slots=True)
class Condition:
    """What is added to a clip: a noise at an SNR on the clip's mean active power. ``snr`` is None in a quiet room."""

    noise: str = ""
    """``pink``, or the label of a noise in the manifest."""
    snr: float | None = None

    def __str__(self) -> str:
        return "quiet" if self.snr is None else f"{self.noise} {self.snr:g} dB"


QUIET = Condition()


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A clip with room noise round it. Times in seconds of sound from the beginning of ``sound``."""

    sound: Samples
    start: float
    """Of the first word."""
    end: float
    """Of the last word, measured on the clip alone."""
    seconds: float
    """Length of the clip alone."""


def folder(named: Path | None = None) -> Path | None:
    """Return the folder that is named, else what the environment names, if anything.

    Raises ``RecordingsError`` if it holds no manifest.
    """
    where = named or Path(os.environ.get(VARIABLE, ""))
    if where == Path():
        return None
    if not (where / "manifest.csv").is_file():
        raise RecordingsError(
            f"There is no manifest.csv in {where}: name a folder of recordings with {VARIABLE}=FOLDER."
        )
    return where


def read_clips(where: Path) -> list[Clip]:
    """Return what the manifest lists and can be heard, in its order. Raises ``RecordingsError``."""
    with (where / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if rows and (missing := {"path", "kind", "label", "transcript"} - rows[0].keys()):
        raise RecordingsError(f"{where / 'manifest.csv'} has no column {', '.join(sorted(missing))}.")
    return [
        Clip(
            row["path"],
            row["kind"],
            row["label"],
            " ".join(row["transcript"].lower().split()),
            where / row["path"],
            dynamics=float(row.get("dyn_db") or math.inf),
            speaker=row.get("speaker") or row["path"],
        )
        for row in rows
        if row["kind"] in {"commands", "speech", "noise"}
    ]


def synthetic(texts: Iterable[str], voices: Iterable[str]) -> list[Clip]:
    """Return every text in every synthetic voice."""
    said = list(texts)
    return [Clip(f"{voice}: {text}", "commands", text, text, voice=voice) for voice in voices for text in said]


@lru_cache(maxsize=64)
def sound_of(clip: Clip) -> Samples:
    """Return the clip alone, as 16 kHz sound. Raises ``RecordingsError`` for a file of another format."""
    if clip.path is None:
        return speak(clip.text, clip.voice) if clip.voice else BODIES[clip.label]()
    if not clip.path.is_file():
        raise RecordingsError(f"The manifest lists {clip.path}, which is not there.")
    with wave.open(str(clip.path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (EAR_RATE, 1, 2):
            raise RecordingsError(f"{clip.path} is not 16 kHz, mono, 16 bit.")
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return np.asarray(pcm / np.float32(32768), dtype=np.float32)


def span(sound: Samples) -> tuple[float, float]:
    """Return where the voice begins and ends in seconds: 10 ms within 30 dB of the loudest, 10 dB over the quietest.

    The quietest is the tenth percentile: many clips carry noise of their own, which must not count as the word.
    """
    power = _powers(sound, 0.01)
    threshold = max(power.max() * 1e-3, min(10 * float(np.percentile(power, 10)), power.max() * 0.1))
    loud = np.flatnonzero(power >= threshold)
    return float(loud[0]) * 0.01, min(float(loud[-1] + 1) * 0.01, len(sound) / EAR_RATE)


def stretch(sound: Samples, frames: int, first: int = 0) -> Samples:
    """Return ``frames`` of ``sound`` from ``first`` on, repeated as often as it takes."""
    return np.take(sound, np.arange(first, first + frames), mode="wrap")


def scene(clip: Clip, condition: Condition = QUIET, noise: Samples | None = None) -> Scene:
    """Put a clip into a room: ``LEAD`` before, ``TAIL`` after, the condition's noise throughout.

    ``noise``: the sound of the condition's noise where that isn't pink. A clip that is a noise is stretched and
    levelled.
    """
    sound = sound_of(clip)
    start, end = span(sound)
    if clip.kind == "noise":
        sound = stretch(sound, int(NOISE_SECONDS * EAR_RATE))
        sound = sound * np.float32(10 ** ((NOISE_LEVEL - speech_level(sound, EAR_RATE)) / 20))
        start, end = 0.0, NOISE_SECONDS
    seed = zlib.crc32(f"{clip.name} {condition}".encode())
    whole = np.concatenate([np.zeros(int(LEAD * EAR_RATE)), sound, np.zeros(int(TAIL * EAR_RATE))])
    added = np.random.default_rng(seed).normal(0.0, ROOM, len(whole))
    if condition.snr is not None:
        level = speech_level(sound, EAR_RATE) - condition.snr
        added = added + at_level(_noise(noise, len(whole), seed), level)
    mixed = np.asarray(whole + added, dtype=np.float32)
    return Scene(mixed, LEAD + start, LEAD + end, len(sound) / EAR_RATE)


def at_level(noise: Samples, level: float) -> Samples:
    """Return ``noise`` with a mean power of ``level`` dBFS."""
    return np.asarray(noise * 10 ** ((level - mean_level(noise)) / 20), dtype=np.float32)


def _noise(noise: Samples | None, frames: int, seed: int) -> Samples:
    if noise is None:
        return PinkNoise(seed).take(frames)
    return stretch(noise, frames, seed % len(noise))


def _powers(sound: Samples, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    size = int(seconds * EAR_RATE)
    whole = np.pad(sound.astype(np.float64), (0, -len(sound) % size))
    powers: np.ndarray[tuple[int], np.dtype[np.float64]] = np.mean(whole.reshape(-1, size) ** 2, axis=1)
    return powers
