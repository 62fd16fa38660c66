"""A loudspeaker for sessions that only a simulated room hears.

Rule: like a file in everything but the file: blocks are pulled by ``pump``, and what is pulled is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicecoach.audio.wav import not_open

if TYPE_CHECKING:
    from voicecoach.ports import Fill


class UnheardSpeaker:
    """Pulls blocks as fast as it is asked to."""

    live = False
    audible = True
    lost = False

    def __init__(self, rate: int = 24_000, block: int = 480) -> None:
        """``rate`` in Hz, ``block`` in frames a pull."""
        self.rate = rate
        self.block = block
        self._buffer = np.zeros(block, np.float32)
        self._fill: Fill | None = None
        self._closed = False

    def start(self, fill: Fill) -> None:
        """Begin. Raises ``DeviceError`` when started twice or after ``close``."""
        if self._closed or self._fill is not None:
            raise not_open("loudspeaker")
        self._fill = fill

    def pump(self) -> None:
        """Pull one block. Raises ``DeviceError`` before ``start`` and once closed."""
        if self._fill is None:
            raise not_open("loudspeaker")
        self._fill(self._buffer)

    def close(self) -> None:
        """Pull no more; safe to call twice."""
        self._closed = True
        self._fill = None
