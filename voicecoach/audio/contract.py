"""What every loudspeaker and microphone must do, as checks that its author can run: this project's own tests use them.

Rule: only what ``ports`` promises is checked, through the port alone; a breach is an ``AssertionError`` that says which
promise was broken. Figures of time are generous: a busy machine must not fail a good device.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import EAR_BLOCK, EAR_RATE, DeviceError, Microphone, Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicecoach.ports import Samples

_PATIENCE = 10.0
"""Seconds a live device may take for what should take less than one."""

_LONGEST_BLOCK = 0.05
"""Seconds: pause and hush act within one block, so a block is the longest that a "stop" waits."""

_BLOCKS = 50


def check_speaker(make: Callable[[], Speaker]) -> None:
    """Check a loudspeaker. Raises ``AssertionError``.

    ``make`` is called more than once, each time after the one before was closed.
    """
    idle = make()
    _require(isinstance(idle, Speaker), "a loudspeaker has rate, block, live, audible, start, pump and close")
    idle.close()
    idle.close()
    speaker = make()
    try:
        _require(speaker.rate > 0 and speaker.block > 0, "rate and block are positive")
        seconds = speaker.block / speaker.rate
        _require(seconds <= _LONGEST_BLOCK, f"a block of {seconds:.3f} s is too long for a prompt hush")
        source = _Source(speaker.block)
        speaker.start(source.fill)
        if speaker.live:
            _check_live_pulls(source, seconds)
        else:
            _check_pumped_pulls(speaker, source)
    finally:
        speaker.close()
    pulls = source.pulls
    speaker.close()
    time.sleep(3 * seconds)
    _require(source.pulls == pulls, "fill is not called after close")
    _require(not source.complaint, source.complaint)


def check_microphone(make: Callable[[], Microphone], *, sounds_on: bool = False) -> None:
    """Check a microphone. Raises ``AssertionError``.

    ``make`` is called more than once, each time after the one before was closed. ``sounds_on`` says that it stands in
    a place with a sound of its own, so that there need be no silence when the person has nothing more to say.
    """
    idle = make()
    _require(isinstance(idle, Microphone), "a microphone has live, exhausted, read and close")
    idle.close()
    idle.close()
    microphone = make()
    try:
        first = _read(microphone)
        kept = first.copy()
        began = time.monotonic()
        for _ in range(_BLOCKS):
            ended = microphone.exhausted
            block = _read(microphone)
            _require(sounds_on or not (ended and block.any()), "nothing but silence follows once exhausted is True")
            _require(not (ended and not microphone.exhausted), "a microphone that is exhausted stays so")
        took = time.monotonic() - began
        _require(np.array_equal(first, kept), "a block belongs to its reader: the next read must not change it")
        lasted = _BLOCKS * EAR_BLOCK / EAR_RATE
        _require(not microphone.live or took > lasted / 4, f"a live one gave {lasted} s of sound in {took:.2f} s")
        _check_close_while_reading(microphone)
    finally:
        microphone.close()


class _Source:
    """A fill that counts its calls and looks at what it is given."""

    def __init__(self, block: int) -> None:
        self.pulls = 0
        self.complaint = ""
        self.enough = threading.Event()
        self._block = block
        self._threads: set[int] = set()

    def fill(self, block: Samples) -> None:
        self.pulls += 1
        self._threads.add(threading.get_ident())
        if block.dtype != np.float32 or block.shape != (self._block,) or not block.flags.writeable:
            self.complaint = f"fill gets a writable float32 block of {self._block} frames, not {block!r}"
        else:
            block[:] = 0.0
        if len(self._threads) > 1:
            self.complaint = "fill is called from one thread only"
        if self.pulls >= _BLOCKS:
            self.enough.set()


def _check_live_pulls(source: _Source, seconds: float) -> None:
    began = time.monotonic()
    came = source.enough.wait(_PATIENCE)
    took = time.monotonic() - began
    _require(came, f"a live loudspeaker pulled {source.pulls} blocks in {_PATIENCE:.0f} s")
    _require(
        took > _BLOCKS * seconds / 4, f"a live loudspeaker pulled {_BLOCKS * seconds:.1f} s of sound in {took:.2f} s"
    )


def _check_pumped_pulls(speaker: Speaker, source: _Source) -> None:
    _require(source.pulls == 0, "a loudspeaker that is not live pulls nothing before pump")
    for number in range(1, _BLOCKS + 1):
        speaker.pump()
        _require(source.pulls == number, "pump pulls one block, before it returns")


def _read(microphone: Microphone) -> Samples:
    began = time.monotonic()
    block = microphone.read()
    took = time.monotonic() - began
    _require(took < _PATIENCE, f"read took {took:.1f} s")
    _require(block.dtype == np.float32, f"a block is float32, not {block.dtype}")
    _require(block.shape == (EAR_BLOCK,), f"a block has the shape ({EAR_BLOCK},), not {block.shape}")
    loudest = float(np.abs(block).max())
    _require(loudest <= 1.0, f"a block lies within -1..1, not {loudest}")  # false for NaN, too
    return block


def _check_close_while_reading(microphone: Microphone) -> None:
    refused = threading.Event()

    def read_on() -> None:
        try:
            while True:
                microphone.read()
        except DeviceError:
            refused.set()

    reader = threading.Thread(target=read_on, daemon=True)
    reader.start()
    time.sleep(0.05)
    microphone.close()
    _require(refused.wait(_PATIENCE), "read raises DeviceError once the microphone was closed, from whatever thread")
    reader.join(_PATIENCE)


def _require(condition: bool, promise: str) -> None:
    if not condition:
        raise AssertionError(promise)
