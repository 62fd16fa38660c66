"""The bytes of a WAV file, and nothing else: no files, no devices.

Rule: a length in a header is believed only as far as there are bytes, because programs that write to a pipe
(``espeak-ng --stdout``: 2 GB, ``ffmpeg``: 4 GB) and programs that were killed (0) leave lengths that are wrong.
Layout after Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" and ``WAVEFORMATEXTENSIBLE``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from voicecoach.ports import Samples

HEADER_BYTES = 44
"""Length of the header that ``pack_header`` makes: the sound begins here."""

_INTEGER, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_FORMATS = {2: "ADPCM", 6: "A-law", 7: "µ-law", 17: "ADPCM", 85: "MP3"}
_LONGEST = 0xFFFFFFFF
_FULL_SCALE = np.float32(32768)


class WavFormatError(ValueError):
    """The bytes are no WAV sound that can be used; ``str()`` says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class _Format:
    tag: int
    channels: int
    rate: int
    width: int
    """Bytes a sample."""


def decode(data: bytes) -> tuple[Samples, int]:
    """Return the sound as (frames, channels) in -1..1 and its rate in Hz. Raises ``WavFormatError``."""
    if not data:
        raise WavFormatError("is empty")
    if len(data) < 12 and data.startswith(b"RIFF"):
        raise WavFormatError("is cut off in its header")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavFormatError("is not a WAV file")
    form: _Format | None = None
    at = 12
    while len(data) >= at + 8:
        name, size = struct.unpack_from("<4sI", data, at)
        at += 8
        if name == b"fmt ":
            form = _parse_format(data[at : at + size])
        elif name == b"data":
            if form is None:
                raise WavFormatError("does not say its format before its sound")
            # A length of nothing with sound after it was never filled in.
            body = data[at : at + size] if size else data[at:]
            return _to_float(body, form), form.rate
        at += size + size % 2  # chunks begin at even places
    raise WavFormatError("is cut off in its header")


def pack_header(frames: int, rate: int, channels: int = 1) -> bytes:
    """Return the header of a 16-bit file of that many frames; a file beyond 4 GB claims 4 GB."""
    size = min(frames * channels * 2, _LONGEST - HEADER_BYTES)
    riff = struct.pack("<4sI4s", b"RIFF", size + HEADER_BYTES - 8, b"WAVE")
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, _INTEGER, channels, rate, rate * channels * 2, channels * 2, 16)
    return riff + form + struct.pack("<4sI", b"data", size)


def to_pcm(samples: Samples) -> bytes:
    """Return float samples as 16-bit little-endian; beyond full scale is clipped, what is no number is silence."""
    within = np.clip(np.nan_to_num(samples, nan=0.0), -1.0, 1.0)
    pcm: npt.NDArray[np.int16] = np.minimum(np.rint(within * _FULL_SCALE), _FULL_SCALE - 1).astype("<i2")
    return pcm.tobytes()


def _parse_format(chunk: bytes) -> _Format:
    if len(chunk) < 16:
        raise WavFormatError("is cut off in its header")
    tag, channels, rate, _, frame, _ = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from("<H", chunk, 24)
    if tag not in {_INTEGER, _FLOAT}:
        raise WavFormatError(f"is compressed ({_FORMATS.get(tag, f'format {tag}')})")
    if not channels or not rate or frame % channels:
        raise WavFormatError(f"has a damaged header ({channels} channels, {rate} Hz, {frame} bytes a frame)")
    width = frame // channels  # not the bits: 12 bits live in 16, left aligned
    if width not in ({4, 8} if tag == _FLOAT else {1, 2, 3, 4}):
        raise WavFormatError(f"has samples of {width * 8} bits")
    return _Format(tag, channels, rate, width)


def _to_float(body: bytes, form: _Format) -> Samples:
    whole = len(body) // (form.width * form.channels) * form.width * form.channels
    flat = _decode_float(body[:whole], form.width) if form.tag == _FLOAT else _decode_integer(body[:whole], form.width)
    return flat.reshape(-1, form.channels)


def _decode_float(body: bytes, width: int) -> Samples:
    values = np.frombuffer(body, f"<f{width}")
    samples: Samples = np.clip(np.nan_to_num(values, nan=0.0), -1.0, 1.0).astype(np.float32)
    return samples


def _decode_integer(body: bytes, width: int) -> Samples:
    if width == 1:  # the only unsigned one
        return (np.frombuffer(body, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
    values: npt.NDArray[np.signedinteger]
    if width == 3:  # numpy has no 24-bit type: make it the upper three bytes of 32
        wide = np.zeros((len(body) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        values, width = wide.view("<i4").reshape(-1), 4
    else:
        values = np.frombuffer(body, f"<i{width}")
    return values.astype(np.float32) / np.float32(2 ** (8 * width - 1))
