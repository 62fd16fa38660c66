"""pyttsx3 as a renderer: text goes to a child process, a sound file comes back, and is believed only after a check.

Rule: judge a rendering by its samples, never by time or by the driver's word. pyttsx3 2.99 on Linux now and then
(1 in 500 to 1500) reports success and leaves no sound, or less than it should; with the check, three attempts and a
fresh process after a failure, 2000 of 2000 renderings were whole.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import Audio, VoiceError
from voicecoach.speech.child import Child, ChildError
from voicecoach.speech.estimate import check_rate, shortest_seconds
from voicecoach.speech.pieces import render_pieces
from voicecoach.speech.sound_file import decode
from voicecoach.speech.voice_names import VoiceEntry, find_voice

if TYPE_CHECKING:
    from collections.abc import Sequence

ATTEMPTS = 3

_AUDIBLE = 0.01
"""-40 dB: speech that never reaches it is no speech."""

_MEND = "sudo apt install espeak-ng libespeak-ng1"


@dataclass(frozen=True, slots=True)
class Worker:
    """How to start the child process and how long to wait for it, in seconds."""

    command: tuple[str, ...] = (sys.executable, "-P", "-m", "voicecoach.speech.pyttsx3_worker")
    start_timeout: float = 20.0
    """Starting Python and the engine from a cold SD card takes seconds."""
    timeout: float = 5.0
    """For one sentence. Measured: median 13 ms, p99 0.67 s on a busy machine."""


class Pyttsx3Voice:
    """Speaks with the engine that pyttsx3 finds: espeak-ng on Linux, SAPI 5 on Windows, NSSpeech on macOS.

    ``voice`` is an engine's id, its last part, a display name or a language code; ``rate`` is words a minute.
    The child process starts at the first rendering. Raises ``VoiceError`` for an impossible rate.
    """

    def __init__(self, voice: str = "en-us", rate: int = 160, *, worker: Worker | None = None) -> None:
        self._voice = voice
        self._rate = check_rate(rate)
        self._worker = worker or Worker()
        self._child: Child | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._closed = False

    @property
    def name(self) -> str:
        """Engine, voice and rate."""
        return f"pyttsx3:{self._voice}:{self._rate}"

    @property
    def worker_pid(self) -> int | None:
        """The child process's number, while there is one."""
        return self._child.pid if self._child else None

    def render(self, text: str) -> Audio:
        """Return ``text`` as sound. Raises ``VoiceError`` after three attempts at any one sentence."""
        if self._closed:
            raise VoiceError("This voice was closed.")
        return render_pieces(text, self._render_piece)

    def close(self) -> None:
        """End the child process; safe to call twice."""
        self._closed = True
        self._end_child()
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def _render_piece(self, piece: str) -> Audio:
        problem = ""
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(piece)
            except (ChildError, ValueError, OSError) as error:
                problem = str(error)
                # A worker that failed may yet write what it was asked for, over what it is asked next.
                self._end_child()
        raise VoiceError(f'The speech engine failed {ATTEMPTS} times at "{piece[:40]}": {problem}.', mend=_MEND)

    def _attempt(self, piece: str) -> Audio:
        """Render once. Raises ``ChildError`` (the worker is gone) or ``ValueError``, ``OSError`` (bad or no file)."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="voicecoach-")
        folder = Path(self._folder.name)
        if self._child is None:
            self._child = self._start_child(folder / "first.wav")
        path = folder / "piece.wav"
        path.unlink(missing_ok=True)  # or a rendering that wrote nothing would be taken for the one before
        answer = self._child.ask({"do": "render", "text": piece, "path": str(path)}, self._worker.timeout)
        if "error" in answer:
            raise ValueError(answer["error"])
        audio = decode(path.read_bytes())
        _check_whole(audio, piece, self._rate)
        return audio

    def _start_child(self, first: Path) -> Child:
        first.unlink(missing_ok=True)
        child = Child(self._worker.command)
        try:
            voice = find_voice(self._voice, _ask_voices(child, self._worker.start_timeout))
            question = {"do": "open", "voice": voice, "rate": self._rate, "path": str(first)}
            answer = child.ask(question, self._worker.start_timeout)
            if "error" in answer:
                raise _no_engine(answer["error"])
        except VoiceError:
            child.end()
            raise
        return child

    def _end_child(self) -> None:
        if self._child:
            self._child.end()
            self._child = None


def voices(worker: Worker | None = None) -> tuple[str, ...]:
    """Return the ids of the voices that pyttsx3 can use here. Raises ``VoiceError``."""
    worker = worker or Worker()
    try:
        child = Child(worker.command)
        try:
            return tuple(entry.id for entry in _ask_voices(child, worker.start_timeout))
        finally:
            child.end()
    except ChildError as error:
        raise _no_engine(str(error)) from error


def _ask_voices(child: Child, timeout: float) -> Sequence[VoiceEntry]:
    answer = child.ask({"do": "voices"}, timeout)
    if "error" in answer:
        raise _no_engine(answer["error"])
    return [VoiceEntry(*entry) for entry in answer["voices"]]


def _no_engine(problem: str) -> VoiceError:
    return VoiceError(f"pyttsx3 found no speech engine it can use: {problem.rstrip('.!')}.", mend=_MEND)


def _check_whole(audio: Audio, piece: str, rate: int) -> None:
    least = shortest_seconds(piece, rate)
    if audio.seconds < least:
        raise ValueError(f"{audio.seconds:.2f} s of sound for a text that takes at least {least:.2f} s")
    if np.abs(audio.samples).max() < _AUDIBLE:
        raise ValueError("the sound is silent")
