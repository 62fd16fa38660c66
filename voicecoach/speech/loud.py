"""A sentence said louder than the rest, though the rest is nearly as loud as sound can be.

Rule: louder to the ear, not clipped: the peaks are held below the mixer's knee by a gain that moves slowly, so that
what rises is the mean. espeak-ng leaves 1 to 6 dB above its peaks; the rest comes from making the peaks less high.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voicecoach.ports import Audio

GAIN_DB = 6.0
"""By which the mean (RMS) rises: clearly louder, and less than twice as loud to the ear."""

CEILING = 0.89
"""Below the mixer's knee, so that the mixer bends nothing."""

_BLOCK_SECONDS = 0.005
_REACH = 4
"""Blocks to each side over which the gain is smoothed: 20 ms, two periods of a deep voice, or it would growl."""

_MOST = 8.0
"""Gain at most: what is still too quiet then was no speech."""


def louder(audio: Audio, db: float = GAIN_DB) -> Audio:
    """Return ``audio`` with its mean raised by ``db``, as near as that goes, and no sample above ``CEILING``."""
    samples = audio.samples.astype(np.float64)
    aim = float(np.sqrt(np.mean(samples**2))) * 10.0 ** (db / 20.0)
    if aim == 0.0:
        return audio  # the silence of a voice that only shows its lines
    low, high = 1.0, _MOST
    for _ in range(8):  # the mean rises with the gain; eight halvings of what there is find it to a quarter of a dB
        gain = (low + high) / 2.0
        raised = _held_down(samples * gain, audio.rate)
        low, high = (gain, high) if float(np.sqrt(np.mean(raised**2))) < aim else (low, gain)
    return Audio(_held_down(samples * high, audio.rate).astype(np.float32), audio.rate)


def _held_down(samples: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.float64]:
    """Return ``samples`` with peaks held at the ceiling by a gain that knows beforehand what comes."""
    length = max(1, round(_BLOCK_SECONDS * rate))
    count = -(-len(samples) // length)
    padded = np.zeros(count * length)
    padded[: len(samples)] = samples
    peaks = np.abs(padded).reshape(count, length).max(axis=1)
    allowed = np.minimum(1.0, CEILING / np.maximum(peaks, CEILING))
    # A straight line through the edges of blocks stays below a block's limit if both its edges do. An edge takes the
    # mean of values each of which is the least for as far as the mean reaches, so the mean is below the limit too.
    reach = 2 * _REACH + 1
    wide = np.pad(allowed, reach, constant_values=1.0)
    least = np.lib.stride_tricks.sliding_window_view(wide, reach + 1).min(axis=1)
    edges = np.convolve(least, np.ones(reach) / reach, "valid")
    middle = (len(edges) - (count + 1)) // 2
    at = np.arange(len(samples)) / length
    gain: npt.NDArray[np.float64] = np.interp(at, np.arange(count + 1), edges[middle : middle + count + 1])
    return samples * gain
