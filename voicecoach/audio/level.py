"""How loud speech is: the one measure that every figure of a simulated room is stated in.

Rule: **mean active speech power**: the mean power of those frames of 20 ms that lie within 30 dB of the loudest one. So
the pauses between words count for nothing, and a sentence, a word and a minute of talk can be compared. (ITU-T P.56
measures the same by an envelope and a margin; on our synthetic voices the two differ by less than pauses do.)
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from voicecoach.ports import Samples

FRAME_SECONDS = 0.02
ACTIVE_DB = 30.0
"""Frames so far below the loudest, or further, are pauses."""


def speech_level(samples: Samples, rate: int) -> float:
    """Return the mean active speech power of a sound in dBFS; 0 dBFS is the power 1, so a full sine has -3.

    ``-inf`` where there is no sound. Steady noise has its mean power.
    """
    frame = max(1, round(FRAME_SECONDS * rate))
    short = -len(samples) % frame
    powers = np.square(np.pad(samples, (0, short)).astype(np.float64)).reshape(-1, frame).mean(axis=1)
    if not len(powers) or not (loudest := float(powers.max())):
        return -math.inf
    return decibel(float(powers[powers > loudest * 10 ** (-ACTIVE_DB / 10)].mean()))


def mean_level(samples: Samples) -> float:
    """Return the mean power of a sound in dBFS, pauses and all: the measure for noise."""
    power = float(np.square(samples, dtype=np.float64).mean()) if len(samples) else 0.0
    return decibel(power) if power else -math.inf


def decibel(power: float) -> float:
    """Return a power above 0 in dB."""
    return 10.0 * math.log10(power)


def factor(db: float) -> float:
    """Return what samples are multiplied by for a gain in dB."""
    return float(10.0 ** (db / 20.0))
