"""A studio: a person's recording goes in, a session is played, its events and its sound come out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from voicecoach.audio.wav import read_wav, write_wav
from voicecoach.ports import EAR_RATE, Samples
from voicecoach.speech.espeak_voice import EspeakVoice

LISTENER = "en-gb"
"""The person's voice; the coach has another."""

BRIDGE = """
title = "Test"
[[exercise]]
name = "Bridge"
position = "hook-lying"
setup = ["Lie on your back with your knees bent and your feet flat on the floor."]
exit = "Lower your hips slowly."
reps = 1
hold = "10 s"
"""
"""A routine of one hold."""


@dataclass(frozen=True)
class Take:
    """What came out of a session."""

    code: int
    events: list[dict[str, Any]]
    sound: Samples
    rate: int
    output: str

    def of(self, event: str, **fields: object) -> list[dict[str, Any]]:
        return [e for e in self.events if e["event"] == event and all(e.get(k) == v for k, v in fields.items())]

    def between(self, start: float, end: float) -> Samples:
        return self.sound[round(start * self.rate) : round(end * self.rate)]

    def onset_after(self, moment: float, level: float = 0.005) -> float:
        """Return when sound sets in at or after ``moment``, in seconds; 1 ms of resolution."""
        after = np.abs(self.between(moment, moment + 1.0))
        step = self.rate // 1000
        frames = after[: len(after) // step * step].reshape(-1, step).max(axis=1)
        return moment + int(np.argmax(frames > level)) / 1000


@dataclass
class Studio:
    """A folder of its own, with its own configuration."""

    folder: Path
    cache: Path

    def person(self, *lines: tuple[float, str], seconds: float) -> Path:
        """Record a person who says these words at these seconds."""
        voice = EspeakVoice(LISTENER, 150)
        track = np.zeros(round(seconds * EAR_RATE), np.float32)
        for at, words in lines:
            audio = voice.render(words)
            said = soxr.resample(audio.samples, audio.rate, EAR_RATE).astype(np.float32)
            begin = round(at * EAR_RATE)
            track[begin : begin + len(said)] += said[: len(track) - begin]
        path = self.folder / "person.wav"
        write_wav(path, track, EAR_RATE)
        return path

    def routine(self, text: str) -> Path:
        path = self.folder / "routine.toml"
        path.write_text(text, "utf-8")
        return path

    def play(self, routine: Path | str, *options: str, mic: Path | None = None, name: str = "take") -> Take:
        """Run the command as a person's script would, in a process of its own."""
        return self._take("run", str(routine), *options, mic=mic, name=name)

    def serve(self, *options: str, mic: Path | None = None, name: str = "day", **env: str) -> Take:
        """Likewise for the coach that waits to be called."""
        return self._take("serve", *options, mic=mic, name=name, **env)

    def _take(self, *args: str, mic: Path | None, name: str, **env: str) -> Take:
        events, out = self.folder / f"{name}.jsonl", self.folder / f"{name}.wav"
        heard = () if mic is None else ("--mic", str(mic))
        done = self.command(*args, "--speaker", str(out), "--events", str(events), *heard, **env)
        sound = read_wav(out) if out.exists() else None
        return Take(
            done.returncode,
            [json.loads(line) for line in events.read_text("utf-8").splitlines()] if events.exists() else [],
            np.zeros(0, np.float32) if sound is None else sound.samples,
            1 if sound is None else sound.rate,
            done.stdout + done.stderr,
        )

    def command(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run ``voicecoach`` with a home of its own, with nobody at the keyboard."""
        home = {f"XDG_{kind}_HOME": str(self.folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
        home["XDG_CACHE_HOME"] = str(self.cache)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECOACH_", "VOSK_"))}
        return subprocess.run(
            [sys.executable, "-m", "voicecoach", *args],
            env=clean | home | {"COLUMNS": "200"} | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
