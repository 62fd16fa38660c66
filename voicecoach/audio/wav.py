"""WAV files as devices: a microphone that reads one, a loudspeaker that writes one.

Rule: a file that cannot be used is refused at the beginning, with one sentence; never in the middle of a session.
"""

from __future__ import annotations

import errno
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.audio.resample import resample
from voicecoach.audio.riff import HEADER_BYTES, WavFormatError, decode, pack_header, to_pcm
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Audio, DeviceError

if TYPE_CHECKING:
    from io import FileIO

    from voicecoach.ports import Fill, Samples


def read_wav(path: str | Path) -> Audio:
    """Read a WAV file (integer or float, any rate) as mono, the mean of its channels. Raises ``DeviceError``."""
    path = Path(path)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a device or a pipe may never end
            raise DeviceError(f"{path} is no file.", mend="give a WAV file")
        samples, rate = decode(path.read_bytes())
    except WavFormatError as error:
        raise DeviceError(f"{path} {error}.", mend="give a WAV file; sox ORIGINAL -b 16 NEW.wav makes one") from error
    except OSError as error:
        raise DeviceError(
            f"{path} cannot be read: {_reason(error)}.", mend=f"ls -l {shlex.quote(str(path))}"
        ) from error
    return Audio(samples.mean(axis=1, dtype=np.float32), rate)


def write_wav(path: str | Path, samples: Samples, rate: int) -> None:
    """Write samples, shape (frames,) or (frames, channels), as a 16-bit WAV file. Raises ``DeviceError``."""
    path = Path(path)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    try:
        path.write_bytes(pack_header(len(samples), rate, channels) + to_pcm(samples))
    except OSError as error:
        raise DeviceError(f"{path} cannot be written: {_reason(error)}.", mend=_free_the_place(path)) from error


class WavMicrophone:
    """Hears a WAV file, then silence, as fast as it is read."""

    live = False

    def __init__(self, path: str | Path) -> None:
        """Read and resample the whole file now, so that nothing can fail later. Raises ``DeviceError``."""
        audio = read_wav(path)
        if not len(audio.samples):
            mend = f"arecord -f S16_LE -r {EAR_RATE} {shlex.quote(str(path))}"
            raise DeviceError(f"{path} has no sound in it.", mend=mend)
        heard = resample(audio.samples, audio.rate, EAR_RATE)
        self._samples = np.pad(heard, (0, -len(heard) % EAR_BLOCK))
        self._at = 0
        self._closed = False

    @property
    def exhausted(self) -> bool:
        """True when every block of the file was read."""
        return self._at >= len(self._samples)

    def read(self) -> Samples:
        """Return the next block. Raises ``DeviceError`` once closed."""
        if self._closed:
            raise not_open("microphone")
        if self.exhausted:
            return np.zeros(EAR_BLOCK, np.float32)
        block = self._samples[self._at : self._at + EAR_BLOCK].copy()
        self._at += EAR_BLOCK
        return block

    def close(self) -> None:
        """Forget the file; safe to call twice."""
        self._closed = True


class SilentMicrophone:
    """The microphone of a machine that has none: silence for ever, at once."""

    live = False
    exhausted = True

    def __init__(self) -> None:
        self._closed = False

    def read(self) -> Samples:
        """Return a block of silence. Raises ``DeviceError`` once closed."""
        if self._closed:
            raise not_open("microphone")
        return np.zeros(EAR_BLOCK, np.float32)

    def close(self) -> None:
        """Do nothing; safe to call twice."""
        self._closed = True


class WavSpeaker:
    """Writes what it pulls to a WAV file: 16 bit, mono.

    The file grows under its own name, unbuffered, and its header is brought up to date after every second of sound. So
    a process that is killed leaves a file that any program plays, short of its last second at most. (A temporary file
    renamed at the end would leave nothing under the name that was asked for.) An older file is kept until ``start``.
    """

    live = False
    audible = True
    lost = False

    def __init__(self, path: str | Path, rate: int = 24_000, block: int = 480) -> None:
        """``rate`` in Hz, ``block`` in frames a pull. Raises ``DeviceError`` if there can be no such file."""
        self._path = Path(path)
        self.rate = rate
        self.block = block
        self._buffer = np.zeros(block, np.float32)
        self._fill: Fill | None = None
        self._file: FileIO | None = None
        self._frames = 0
        self._closed = False
        try:
            self._refuse_no_place()
        except OSError as error:  # a name that is too long, a folder that may not be entered
            raise DeviceError(
                f"{self._path} cannot be opened: {_reason(error)}.", mend=_free_the_place(self._path)
            ) from error

    def start(self, fill: Fill) -> None:
        """Begin the file anew. Raises ``DeviceError``."""
        if self._closed or self._file is not None:
            raise not_open("loudspeaker")
        try:
            self._file = self._path.open("wb", buffering=0)
            self._write(self._file, pack_header(0, self.rate))
        except OSError as error:
            raise self._failure(error) from error
        self._fill = fill

    def pump(self) -> None:
        """Pull one block and write it. Raises ``DeviceError`` on a full disk, before ``start`` and once closed."""
        if self._file is None or self._fill is None:
            raise not_open("loudspeaker")
        self._fill(self._buffer)
        seconds = self._frames // self.rate
        try:
            self._write(self._file, to_pcm(self._buffer))
            self._frames += self.block
            if self._frames // self.rate > seconds:
                self._keep_header(self._file)
        except OSError as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Finish the file; safe to call twice. Raises ``DeviceError`` when that is not possible."""
        self._closed = True
        file, self._file = self._file, None
        if file is None:
            return
        try:
            with file:
                self._keep_header(file)
        except OSError as error:
            raise self._failure(error) from error

    def _refuse_no_place(self) -> None:
        folder = self._path.parent
        if not folder.is_dir():
            raise DeviceError(
                f"There is no folder {folder} to write {self._path.name} to.",
                mend=f"mkdir -p {shlex.quote(str(folder))}",
            )
        if self._path.is_dir():
            raise DeviceError(f"{self._path} is a folder, not a file.", mend="give another name")
        if not os.access(self._path if self._path.exists() else folder, os.W_OK):
            raise DeviceError(f"{self._path} may not be written.", mend=_free_the_place(self._path))

    def _keep_header(self, file: FileIO) -> None:
        """Make the header true; what was written in part is left outside."""
        file.seek(0)
        self._write(file, pack_header(self._frames, self.rate))
        file.seek(HEADER_BYTES + 2 * self._frames)

    @staticmethod
    def _write(file: FileIO, data: bytes) -> None:
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _failure(self, error: OSError) -> DeviceError:
        return DeviceError(f"{self._path} cannot be written: {_reason(error)}.", mend=_free_the_place(self._path))


def not_open(device: str) -> DeviceError:
    """Return the error of a device that is used after ``close``, or out of turn."""
    return DeviceError(f"The {device} is not open.")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _free_the_place(path: Path) -> str:
    folder = shlex.quote(str(path.parent))
    return f"ls -ld {folder}; df -h {folder}"
