"""Change of sampling rate: the one place of this room that knows soxr.

Rule: mono float32 in -1..1 goes in and comes out (a filter overshoots at full scale: that is clipped).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from voicecoach.ports import Samples


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """Return a whole sound at another rate (Hz)."""
    if rate == wanted or not len(samples):
        return samples
    import soxr

    return _clip(soxr.resample(samples, rate, wanted))


class StreamResampler:
    """Resamples a sound that arrives in blocks, without a seam between them.

    From 48 to 16 kHz, ``MQ`` keeps what is below 7.5 kHz and gives it up to 60 ms late; ``LQ`` 6 kHz, and 31 ms.
    """

    def __init__(self, rate: float, wanted: float, quality: Literal["LQ", "MQ"] = "MQ") -> None:
        import soxr

        self._stream = soxr.ResampleStream(rate, wanted, 1, dtype="float32", quality=quality)

    def feed(self, block: Samples) -> Samples:
        """Take the next block; return what is ready by now, which may be nothing."""
        return _clip(self._stream.resample_chunk(block))


def _clip(samples: Samples) -> Samples:
    return np.clip(samples, -1.0, 1.0, out=samples)
