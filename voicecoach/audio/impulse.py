"""Impulse responses of rooms: the one place that knows pyroomacoustics.

Rule: a response begins with the moment the sound leaves its source, at ``EAR_RATE``, so the flight of the sound is in
it. How loud it is means nothing by itself: who uses it sets the level.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from voicecoach.packages import pip_install
from voicecoach.ports import EAR_RATE, DeviceError

if TYPE_CHECKING:
    from voicecoach.ports import Samples

Place: TypeAlias = tuple[float, float, float]
"""Metres from a corner of the room: along its length, its width, its height."""

SPEED_OF_SOUND = 343.0
"""m/s, at 20 degrees."""

_HIGHEST_ORDER = 100
"""Reflections that are followed: the work grows with the third power. Two seconds, on one core of 2026."""

_TAIL_DB = -60.0
"""Where so little of a response is left, it is cut off."""


def shortest_rt60(size: Place) -> float:
    """Return the shortest reverberation time in s that is simulated in a room of this size, in metres.

    It is that of walls which absorb half of what meets them (Sabine). Below, the first reflections decide, and there
    is no even decay that one figure could describe.
    """
    length, width, height = size
    surface = 2 * (length * width + length * height + width * height)
    return 24 * math.log(10) / SPEED_OF_SOUND * length * width * height / (0.5 * surface)


@lru_cache(maxsize=16)
def shoebox(size: Place, rt60: float, source: Place, microphone: Place) -> Samples:
    """Return the response between two places in a room with six equal walls, shape ``(frames,)``; not to be changed.

    ``rt60`` in s, as ``reverberation_time`` measures it; 0 is the direct path only, for which no library is needed.
    The image sources alone ring longer than the walls were made for (0.43 s for 0.35 s), for the formula behind them
    (Sabine's) knows of no angles; what is too much is damped evenly along the way, as moist air does.
    Raises ``DeviceError`` where pyroomacoustics is missing.
    """
    if rt60 == 0:
        distance = max(0.01, math.dist(source, microphone))
        direct = np.zeros(round(distance / SPEED_OF_SOUND * EAR_RATE) + 1, np.float32)
        direct[-1] = 1 / distance
        return direct
    response = _image_sources(size, rt60, source, microphone)
    seconds = np.arange(len(response)) / EAR_RATE
    for _ in range(3):
        excess = 3 * math.log(10) * (1 / rt60 - 1 / reverberation_time(response))
        response = response * np.exp(-excess * seconds)
    response = _without_tail(response).astype(np.float32)
    response.setflags(write=False)
    return response


def reverberation_time(response: Samples) -> float:
    """Return how long a response at ``EAR_RATE`` takes to fall by 60 dB, in s.

    Measured as T30: the slope of Schroeder's integral from -5 to -35 dB (ISO 3382), over all frequencies at once. (In
    computed responses low notes ring a little longer: 0.38 s below 2 kHz where it is 0.35 s.)
    """
    decay = _decay(response)
    first, last = int(np.argmax(decay < -5)), int(np.argmax(decay < -35))
    slope = np.polyfit(np.arange(first, last) / EAR_RATE, decay[first:last], 1)[0]
    return float(-60 / slope)


def _decay(response: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how much of the energy is still to come at each frame, in dB of the whole."""
    left = np.cumsum(np.square(response[::-1], dtype=np.float64))[::-1]
    decay: np.ndarray[tuple[int], np.dtype[np.float64]] = 10 * np.log10(np.maximum(left / left[0], 1e-12))
    return decay


def _without_tail(response: Samples) -> Samples:
    return response[: int(np.searchsorted(-_decay(response), -_TAIL_DB)) + 1]


def _image_sources(size: Place, rt60: float, source: Place, microphone: Place) -> Samples:
    try:
        import pyroomacoustics
    except ImportError:
        raise DeviceError(
            "A simulated room is computed by pyroomacoustics, which is not installed.",
            mend=f"{pip_install('voicecoach[room]')}, or give rt60 = 0 or an impulse_response in the plan",
        ) from None
    absorbed, order = pyroomacoustics.inverse_sabine(rt60, list(size), c=SPEED_OF_SOUND)
    room = pyroomacoustics.ShoeBox(
        list(size),
        fs=EAR_RATE,
        materials=pyroomacoustics.Material(absorbed),
        max_order=min(order, _HIGHEST_ORDER),
    )
    room.add_source(list(source))
    room.add_microphone(list(microphone))
    room.compute_rir()
    early = pyroomacoustics.constants.get("frac_delay_length") // 2  # its filters begin before their moment
    response: Samples = room.rir[0][0][early:]
    return response
