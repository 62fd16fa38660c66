"""Sound files as engines write them, read from bytes: WAV, and the AIFF that macOS writes whatever the file's ending.

Rule: 16-bit samples in, mono float32 out; anything else is a ``ValueError`` that says what was found.
The standard library's ``aifc`` is gone since Python 3.13, and ``wave`` refuses the open-ended header that
``espeak-ng --stdout`` writes, so both forms are read here.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import Audio, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator

_PCM, _EXTENSIBLE = 1, 0xFFFE
_FULL_SCALE = 32768.0
_CHECKSUM = b"vcrc"
"""Our own chunk: the CRC-32 of the samples. Players skip chunks they do not know."""


def decode(data: bytes, *, streamed: bool = False) -> Audio:
    """Read a whole sound file. Several channels become their mean.

    ``streamed`` accepts a WAV whose header promises more than follows (a pipe cannot know its length); otherwise that
    is a damaged file. Raises ``ValueError``.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return _decode_wav(data, streamed=streamed)
    if data[:4] == b"FORM" and data[8:12] in {b"AIFF", b"AIFC"}:
        return _decode_aiff(data)
    raise ValueError(f"neither WAV nor AIFF: it begins with {data[:12]!r}")


def encode(audio: Audio) -> bytes:
    """Write mono 16-bit WAV with a checksum that ``decode`` verifies: a power cut can leave zeros in a whole file."""
    body = to_16_bit(audio.samples).tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, 1, audio.rate, audio.rate * 2, 2, 16)
    chunks = form + struct.pack("<4sI", b"data", len(body)) + body
    chunks += struct.pack("<4sII", _CHECKSUM, 4, zlib.crc32(body))
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


def to_16_bit(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Round -1..1 to 16 bits; what lies outside is clipped."""
    scaled = np.rint(samples.astype(np.float64) * _FULL_SCALE)
    return np.clip(scaled, -32768, 32767).astype("<i2").reshape(-1)


def _decode_wav(data: bytes, *, streamed: bool) -> Audio:
    channels = rate = 0
    body: bytes | None = None
    for name, size, chunk in _chunks(data, "<I"):
        if len(chunk) < size and not streamed:
            raise ValueError(f"WAV chunk {name!r} promises {size} bytes and has {len(chunk)}")
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
            if kind not in {_PCM, _EXTENSIBLE} or bits != 16:
                raise ValueError(f"WAV of format {kind} with {bits} bits; only 16-bit PCM is read")
        elif name == b"data":
            body = chunk
        elif name == _CHECKSUM and chunk != struct.pack("<I", zlib.crc32(body or b"")):
            raise ValueError("WAV whose samples do not match their checksum")
    if body is None:
        raise ValueError("WAV without samples")
    return _to_audio(body, "<i2", channels, rate)


def _decode_aiff(data: bytes) -> Audio:
    channels = rate = 0
    order = ">i2"
    body: bytes | None = None
    for name, size, chunk in _chunks(data, ">I"):
        if len(chunk) < size:
            raise ValueError(f"AIFF chunk {name!r} promises {size} bytes and has {len(chunk)}")
        if name == b"COMM":
            channels, _, bits, exponent, mantissa = struct.unpack(">hIhHQ", chunk[:18])
            # The rate is an 80-bit float: an exponent with bias 16383, a mantissa with its leading one written out.
            rate = round(mantissa * 2.0 ** (exponent - 16383 - 63))
            packing = chunk[18:22] or b"NONE"
            if bits != 16 or packing not in {b"NONE", b"twos", b"sowt"}:
                raise ValueError(f"AIFF packed as {packing!r} with {bits} bits; only 16-bit PCM is read")
            order = "<i2" if packing == b"sowt" else ">i2"
        elif name == b"SSND":
            (offset,) = struct.unpack(">I", chunk[:4])
            body = chunk[8 + offset :]
    if body is None:
        raise ValueError("AIFF without samples")
    return _to_audio(body, order, channels, rate)


def _chunks(data: bytes, length: str) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield (name, promised size, bytes there are) of each chunk; chunks begin on even offsets."""
    at = 12
    while at + 8 <= len(data):
        (size,) = struct.unpack(length, data[at + 4 : at + 8])
        yield data[at : at + 4], size, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _to_audio(body: bytes, order: str, channels: int, rate: int) -> Audio:
    if channels < 1 or rate < 1:
        raise ValueError(f"sound with {channels} channels at {rate} Hz")
    whole = len(body) - len(body) % (2 * channels)
    frames = np.frombuffer(body[:whole], order).astype(np.float32).reshape(-1, channels)
    return Audio((frames.mean(axis=1) / np.float32(_FULL_SCALE)).astype(np.float32), rate)
