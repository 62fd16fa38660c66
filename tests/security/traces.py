"""Does a file hold what a microphone heard? Looked at as bytes, whatever its name says it is."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from voicecoach.audio.wav import read_wav
from voicecoach.ports import EAR_RATE, Samples

_RATES = (16000, 22050, 24000, 48000)
_PIECE = 0.4
"""Seconds of the loudest part of the recording that is looked for."""
_SMALLEST = 8000
"""Bytes: a quarter of a second as telephones have it."""
FOUND = 0.7
"""Correlation, 0 to 1, from which a file holds it."""


def likeness(file: Path, recording: Path) -> float:
    """Return how alike (0 to 1) some place of the file is to the loudest part of a recording, at any usual rate."""
    if file.stat().st_size < _SMALLEST:
        return 0.0
    pieces = list(_pieces(recording))
    return max((_peak(sound, piece) for sound in _as_sound(file) for piece in pieces), default=0.0)


def files_in(*folders: Path) -> set[Path]:
    return {path for folder in folders for path in folder.rglob("*") if path.is_file()}


def _pieces(recording: Path) -> Iterator[Samples]:
    heard = read_wav(recording)
    loud = np.convolve(heard.samples**2, np.ones(round(_PIECE * heard.rate)), "valid")
    start = int(np.argmax(loud))
    piece = heard.samples[start : start + round(_PIECE * heard.rate)]
    for rate in _RATES:
        yield soxr.resample(piece, heard.rate, rate).astype(np.float32)


def _as_sound(file: Path) -> Iterator[Samples]:
    data = file.read_bytes()
    kinds = [data]
    if data[:2] in {b"\x1f\x8b", b"\x78\x9c"}:
        kinds.append(zlib.decompress(data, 47))
    for one in kinds:
        riff = one[:4] == b"RIFF"  # a sound file says what it is, and is looked at as that
        for kind in (np.dtype("<i2"),) if riff else (np.dtype("<i2"), np.dtype("<f4")):
            for begin in range(1 if riff else kind.itemsize):
                cut = one[begin:]
                with np.errstate(invalid="ignore"):
                    sound = np.frombuffer(cut[: len(cut) // kind.itemsize * kind.itemsize], kind).astype(np.float64)
                sound = np.nan_to_num(sound, posinf=0, neginf=0)
                sound[np.abs(sound) > 40_000] = 0
                if len(sound) > EAR_RATE // 8:
                    yield sound.astype(np.float32)


def _peak(sound: Samples, piece: Samples) -> float:
    if len(sound) < len(piece):
        return 0.0
    size = 1 << (len(sound) + len(piece)).bit_length()
    found = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size)), size)[
        : len(sound) - len(piece) + 1
    ]
    energy = np.cumsum(np.concatenate([[0.0], sound.astype(np.float64) ** 2]))
    loud = np.sqrt(np.maximum(energy[len(piece) :] - energy[: -len(piece)], 0)) * float(np.linalg.norm(piece))
    quiet = loud < 1e-3 * float(loud.max() or 1)
    return float(np.max(np.where(quiet, 0, np.abs(found) / np.where(quiet, 1, loud)), initial=0.0))
