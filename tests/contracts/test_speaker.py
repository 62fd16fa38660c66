"""Every loudspeaker keeps the contract, and the contract catches those that do not. (PortAudio: tests/audio/test_portaudio.py.)"""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voicecoach.audio import timed
from voicecoach.audio.contract import check_speaker
from voicecoach.audio.open import open_speaker
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import WavSpeaker
from voicecoach.ports import DeviceError, Fill, Samples

if TYPE_CHECKING:
    from pathlib import Path


def test_wav_keeps_the_contract(tmp_path: Path) -> None:
    check_speaker(lambda: WavSpeaker(tmp_path / "out.wav"))


def test_timed_keeps_the_contract() -> None:
    check_speaker(TimedSpeaker)


def test_a_name_opens_its_device(tmp_path: Path) -> None:
    silent = open_speaker("none", rate=16_000, block=160, latency=0.06)
    assert isinstance(silent, TimedSpeaker)
    assert (silent.rate, silent.block) == (16_000, 160)
    file = open_speaker(str(tmp_path / "OUT.Wav"), rate=16_000, block=160, latency=0.06)
    assert isinstance(file, WavSpeaker)
    assert (file.rate, file.block) == (16_000, 160)


class FakeTime:
    """A clock that only waiting and ``pass_by`` move: stands for both ``time`` and the event that ends the thread."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.over = False

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def is_set(self) -> bool:
        return self.over


def pull_times(monkeypatch: pytest.MonkeyPatch, blocks: int, stalls: dict[int, float]) -> list[float]:
    """Return when each block was pulled, in seconds from the first; after block n the machine stalls for so long."""
    clock = FakeTime()
    monkeypatch.setattr(timed, "time", SimpleNamespace(monotonic=clock.monotonic))
    speaker = TimedSpeaker(rate=44_100, block=882)
    monkeypatch.setattr(speaker, "_closing", clock)
    times: list[float] = []

    def fill(_block: Samples) -> None:
        times.append(clock.now - 1000.0)
        clock.now += 0.0013 + stalls.get(len(times) - 1, 0.0)  # the mixer takes its time
        clock.over = len(times) == blocks

    speaker._run(fill)
    return times


def test_timed_has_no_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    times = pull_times(monkeypatch, 120_001, {})
    assert times[-1] == pytest.approx(2400.0, abs=1e-6)  # forty minutes


def test_timed_catches_up_after_a_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    times = pull_times(monkeypatch, 200, {50: 0.7})
    assert times[51] == pytest.approx(51 * 0.02 + 0.7 - 0.02 + 0.0013, abs=0.03)
    assert times[-1] == pytest.approx(199 * 0.02, abs=1e-6)


def test_timed_goes_on_where_it_was_after_the_machine_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    times = pull_times(monkeypatch, 200, {50: 600.0})
    assert times[52] - times[51] == pytest.approx(0.02, abs=1e-6)
    assert times[-1] == pytest.approx(600 + 199 * 0.02, abs=0.05)


def test_timed_starts_once() -> None:
    speaker = TimedSpeaker()
    speaker.start(lambda block: None)
    with pytest.raises(DeviceError):
        speaker.start(lambda block: None)
    speaker.close()
    with pytest.raises(DeviceError):
        speaker.start(lambda block: None)


def test_timed_may_be_closed_by_its_own_source() -> None:
    speaker = TimedSpeaker()
    closed = threading.Event()

    def fill(_block: Samples) -> None:
        speaker.close()
        closed.set()

    speaker.start(fill)
    assert closed.wait(10)
    speaker.close()


class Good:
    """A loudspeaker that is not live and keeps every promise; each test breaks one."""

    live = False
    audible = True
    lost = False
    rate = 24_000
    block = 480

    def __init__(self) -> None:
        self.fill: Fill | None = None

    def buffer(self) -> Samples:
        return np.zeros(480, np.float32)

    def start(self, fill: Fill) -> None:
        self.fill = fill

    def pump(self) -> None:
        if self.fill:
            self.fill(self.buffer())

    def close(self) -> None:
        self.fill = None


def test_the_contract_passes_a_good_one() -> None:
    check_speaker(Good)


class Clumsy(Good):
    block = 4800


class Wide(Good):
    def buffer(self) -> Samples:
        return np.zeros(480, np.float64)


class Frozen(Good):
    def buffer(self) -> Samples:
        block = np.zeros(480, np.float32)
        block.flags.writeable = False
        return block


class Stereo(Good):
    def buffer(self) -> Samples:
        return np.zeros((480, 2), np.float32)


class Eager(Good):
    def start(self, fill: Fill) -> None:
        super().start(fill)
        self.pump()


class Greedy(Good):
    def pump(self) -> None:
        super().pump()
        super().pump()


class Threaded(Good):
    """Pulls here first, then elsewhere: a thread that has ended may leave its number to the next one."""

    here = True

    def pump(self) -> None:
        if self.here:
            self.here = False
            super().pump()
            return
        thread = threading.Thread(target=super().pump)
        thread.start()
        thread.join()


class Lingering(Good):
    """Pulls once more after it was closed."""

    def close(self) -> None:
        if self.fill:
            threading.Timer(0.02, self.fill, [self.buffer()]).start()


class Dead(Good):
    live = True


class Rushing(Good):
    live = True

    def start(self, fill: Fill) -> None:
        self.fill = fill
        threading.Thread(target=self._rush, daemon=True).start()

    def _rush(self) -> None:
        for _ in range(60):
            self.pump()


class Fussy(Good):
    """Cannot be closed twice."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def close(self) -> None:
        if self.closed:
            raise AssertionError("closed twice")
        self.closed = True


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (Clumsy, "too long"),
        (Wide, "fill gets a writable float32"),
        (Frozen, "fill gets a writable float32"),
        (Stereo, "fill gets a writable float32"),
        (Eager, "nothing before pump"),
        (Greedy, "pump pulls one block"),
        (Threaded, "one thread only"),
        (Lingering, "not called after close"),
        (Dead, "pulled 0 blocks"),
        (Rushing, "of sound in"),
        (Fussy, "closed twice"),
    ],
)
def test_the_contract_catches(kind: type[Good], promise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.audio.contract._PATIENCE", 1.0)
    with pytest.raises(AssertionError, match=promise):
        check_speaker(kind)
    time.sleep(0.05)  # let the one that lingers end
