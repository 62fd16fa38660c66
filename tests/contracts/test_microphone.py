"""Every microphone keeps the contract, and the contract catches those that do not. (PortAudio: tests/audio/test_portaudio.py.)"""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voicecoach.audio.contract import check_microphone
from voicecoach.audio.open import open_microphone
from voicecoach.audio.wav import SilentMicrophone, WavMicrophone, write_wav
from voicecoach.ports import EAR_BLOCK, EAR_RATE, DeviceError, Samples

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.WAV"
    write_wav(path, np.random.default_rng(1).uniform(-1, 1, 8000).astype(np.float32), 22_050)
    return path


def test_wav_keeps_the_contract(speech: Path) -> None:
    check_microphone(lambda: WavMicrophone(speech))


def test_silence_keeps_the_contract() -> None:
    check_microphone(SilentMicrophone)


def test_a_name_opens_its_device(speech: Path) -> None:
    assert isinstance(open_microphone("none"), SilentMicrophone)
    assert isinstance(open_microphone(str(speech)), WavMicrophone)
    with pytest.raises(DeviceError, match="no such file"):
        open_microphone("missing.wav")


class Good:
    """A live microphone that keeps every promise; each test breaks one."""

    live = True
    exhausted = False

    def __init__(self) -> None:
        self.closed = False

    def read(self) -> Samples:
        time.sleep(EAR_BLOCK / EAR_RATE)
        self.refuse_when_closed()
        return self.block()

    def block(self) -> Samples:
        return np.full(EAR_BLOCK, 0.5, np.float32)

    def refuse_when_closed(self) -> None:
        if self.closed:
            raise DeviceError("closed")

    def close(self) -> None:
        self.closed = True


def test_the_contract_passes_a_good_one() -> None:
    check_microphone(Good)


class Wide(Good):
    def block(self) -> Samples:
        return np.zeros(EAR_BLOCK, np.float64)


class Short(Good):
    def block(self) -> Samples:
        return np.zeros(100, np.float32)


class Loud(Good):
    def block(self) -> Samples:
        return np.full(EAR_BLOCK, 300.0, np.float32)


class NoNumber(Good):
    def block(self) -> Samples:
        return np.full(EAR_BLOCK, np.nan, np.float32)


class Shared(Good):
    """Gives the same array again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._block = np.zeros(EAR_BLOCK, np.float32)

    def block(self) -> Samples:
        self._block += np.float32(0.001)
        return self._block


class Hasty(Good):
    def read(self) -> Samples:
        self.refuse_when_closed()
        return self.block()


class NeverSilent(Good):
    exhausted = True


class Deaf(Good):
    """Does not notice that it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self._never: queue.SimpleQueue[None] = queue.SimpleQueue()

    def read(self) -> Samples:
        if self.closed:
            self._never.get()
        return super().read()

    def refuse_when_closed(self) -> None:
        if self.closed:
            self._never.get()


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (Wide, "float32"),
        (Short, "shape"),
        (Loud, "within -1..1"),
        (NoNumber, "within -1..1"),
        (Shared, "belongs to its reader"),
        (Hasty, "a live one gave"),
        (NeverSilent, "nothing but silence"),
        (Deaf, "read raises DeviceError"),
    ],
)
def test_the_contract_catches(kind: type[Good], promise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.audio.contract._PATIENCE", 1.0)
    with pytest.raises(AssertionError, match=promise):
        check_microphone(kind)
