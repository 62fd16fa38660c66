"""Synthetic persons: espeak-ng and flite voices, as 16 kHz sound of a known level."""

from __future__ import annotations

import io
import subprocess
import tempfile
import wave
from functools import cache
from pathlib import Path

import numpy as np
import soxr

from voicecoach.ports import EAR_RATE, Samples

ESPEAK = ("en-us", "en-us+f3", "en-gb+m3", "en-gb-scotland+f2", "en-gb-x-rp+m7")
FLITE = ("flite:awb", "flite:slt", "flite:rms")
PEAK = 0.2


@cache
def speak(text: str, voice: str = "en-us") -> Samples:
    """Return ``text`` in ``voice``, peaking at ``PEAK``, without the silence round it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        if voice.startswith("flite:"):
            command = ["flite", "-voice", voice.removeprefix("flite:"), "-t", text, "-o", str(path)]
        else:
            command = ["espeak-ng", "-v", voice, "-s", "150", "-w", str(path), text]
        subprocess.run(command, check=True, timeout=60)
        data = path.read_bytes()
    with wave.open(io.BytesIO(data)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
        sound = np.asarray(soxr.resample(pcm, file.getframerate(), EAR_RATE), dtype=np.float32)
    loud = np.flatnonzero(np.abs(sound) > 0.003 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    return np.asarray(sound * np.float32(PEAK / np.abs(sound).max()), dtype=np.float32)


def span_of(sound: Samples) -> tuple[float, float]:
    """Return where the word begins and ends, in seconds: 10 ms of power within 30 dB of the loudest."""
    power = np.convolve(sound**2, np.ones(160) / 160, "same")
    loud = np.flatnonzero(power > 10 ** (-30 / 10) * power.max())
    return float(loud[0]) / EAR_RATE, float(loud[-1] + 1) / EAR_RATE


class Scene:
    """A stream of sound with quiet room noise, and what is said in it, when."""

    def __init__(self, *, noise: float = 1e-4, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._noise = noise
        self._parts: list[Samples] = []
        self._frames = 0
        self.said: list[tuple[str, float, float]] = []
        """Text, beginning and end in seconds."""

    @property
    def seconds(self) -> float:
        return self._frames / EAR_RATE

    def wait(self, seconds: float) -> Scene:
        self._add(np.zeros(int(seconds * EAR_RATE), np.float32))
        return self

    def say(self, text: str, voice: str = "en-us") -> Scene:
        sound = speak(text, voice)
        start, end = span_of(sound)
        self.said.append((text, self.seconds + start, self.seconds + end))
        self._add(sound)
        return self

    def add(self, sound: Samples) -> Scene:
        self._add(sound)
        return self

    def sound(self) -> Samples:
        whole = np.concatenate(self._parts)
        noise = self._random.normal(0.0, self._noise, len(whole)) if self._noise else 0.0
        return np.asarray(whole + noise, dtype=np.float32)

    def _add(self, sound: Samples) -> None:
        self._parts.append(sound)
        self._frames += len(sound)


def conversation(texts: list[str], voice: str, *, noise: float = 1e-4, seed: int = 0) -> Scene:
    """Return a scene in which ``texts`` are said one after the other, with pauses of 1.2 to 1.5 s."""
    pauses = np.random.default_rng(seed)
    scene = Scene(noise=noise, seed=seed)
    for text in texts:
        scene.wait(1.2 + 0.3 * float(pauses.random())).say(text, voice)
    return scene.wait(1.5)
