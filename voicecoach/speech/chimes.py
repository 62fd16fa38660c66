"""Ten short sounds, made of decaying tones; each means one thing.

Rule: soft (peak at most 0.35), short (0.4 s; the count 0.12 s, so that it is over before the next word), told apart by
melody alone: up means understood, down means no, three notes up or down begin and end a session; there and back is
"your turn", down and up a question; the same note twice waits, three times low is wrong, and to and fro like a siren
says that nobody is heard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicecoach.core.events import ChimeKind
from voicecoach.ports import Audio

PEAK = 0.3
_C5, _E5, _G5, _A5, _C6, _A4, _F4 = 523.25, 659.26, 783.99, 880.0, 1046.5, 440.0, 349.23
_E4, _D5 = 329.63, 587.33
_ATTACK_SECONDS = 0.006
_OVERTONES = ((1.0, 1.0), (2.0, 0.25), (3.0, 0.08))
"""(multiple of the pitch, strength): near to a marimba, softer than a sine of that loudness would need to be heard."""


@dataclass(frozen=True, slots=True)
class _Note:
    pitch: float
    """Hz."""
    start: float
    seconds: float


_MELODIES = {
    ChimeKind.START: (_Note(_C5, 0.0, 0.2), _Note(_E5, 0.1, 0.2), _Note(_G5, 0.2, 0.2)),
    ChimeKind.COUNT: (_Note(_A5, 0.0, 0.1),),
    ChimeKind.HEARD: (_Note(_G5, 0.0, 0.1), _Note(_C6, 0.07, 0.13)),
    ChimeKind.REFUSED: (_Note(_A4, 0.0, 0.14), _Note(_F4, 0.1, 0.18)),
    ChimeKind.DONE: (_Note(_G5, 0.0, 0.2), _Note(_E5, 0.1, 0.2), _Note(_C5, 0.2, 0.2)),
    ChimeKind.READY: (_Note(_C5, 0.0, 0.14), _Note(_C6, 0.12, 0.14), _Note(_G5, 0.24, 0.16)),
    ChimeKind.NOT_UNDERSTOOD: (_Note(_D5, 0.0, 0.13), _Note(_A4, 0.11, 0.13), _Note(_E5, 0.22, 0.18)),
    ChimeKind.PAUSED: (_Note(_D5, 0.0, 0.13), _Note(_D5, 0.2, 0.2)),
    ChimeKind.MICROPHONE_LOST: (
        *(_Note(_A5, 0.0, 0.1), _Note(_E4, 0.1, 0.1)),
        *(_Note(_A5, 0.2, 0.1), _Note(_E4, 0.3, 0.1)),
    ),
    ChimeKind.ERROR: (_Note(_F4, 0.0, 0.11), _Note(_F4, 0.13, 0.11), _Note(_F4, 0.26, 0.14)),
}


def chime(kind: ChimeKind, rate: int) -> Audio:
    """Return the sound of ``kind`` at ``rate`` Hz; it begins with its first frame and ends in silence."""
    notes = _MELODIES[kind]
    length = max(round((note.start + note.seconds) * rate) for note in notes)
    samples = np.zeros(length, np.float64)
    for note in notes:
        tone = _tone(note, rate)
        start = round(note.start * rate)
        samples[start : start + len(tone)] += tone[: length - start]
    return Audio((samples * (PEAK / np.abs(samples).max())).astype(np.float32), rate)


def _tone(note: _Note, rate: int) -> npt.NDArray[np.float64]:
    """Return one note: a raised-cosine attack, then a raised-cosine decay to nothing."""
    time = np.arange(round(note.seconds * rate)) / rate
    wave = sum(
        strength * np.sin(2.0 * np.pi * note.pitch * multiple * time)
        for multiple, strength in _OVERTONES
        if note.pitch * multiple < rate / 2
    )
    attack = 0.5 - 0.5 * np.cos(np.pi * np.minimum(time / _ATTACK_SECONDS, 1.0))
    decay = 0.5 + 0.5 * np.cos(np.pi * time / note.seconds)
    tone: npt.NDArray[np.float64] = wave * attack * decay**2
    return tone
