"""How loud, how clean, how late: the figures of a pair of devices from what was played and what was heard.

Rule: pure functions of sounds at ``EAR_RATE``; no device, no clock, no words for people (``[calibration]`` of a
language has those). Levels are mean active speech power in dBFS (``audio.level``), noise is mean power; what is
measured in noise is stated without it where that can be taken away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from voicecoach.audio.level import decibel, factor, mean_level, speech_level
from voicecoach.ports import EAR_RATE, Audio, Samples

FULL_SCALE = 0.999
"""Magnitude from which a sample counts as clipped: 16 bit end at 0.99997."""

HEARD_OVER_NOISE = 6.0
"""dB by which a block of 20 ms must stand over the noise to be somebody's voice."""

_BLOCK = EAR_RATE // 50
_SHORTEST = 4
"""Blocks (80 ms): a click is no word."""
_INAUDIBLE = 1.5
"""dB over the noise below which a sound's own level cannot be told."""

ENR_MOST = 6.0
"""dB: up to here about as many commands are heard over the coach's voice as in a quiet room (simulated rooms)."""
NOISE_LEAST = 15.0
"""dB of the person over the noise. At 10 dB of kitchen noise seven to eight of ten words are understood, at 20 nearly
all (the shipped model, synthetic voices)."""
QUIETEST = -50.0
"""dBFS: 12 dB over what the ear takes for a voice at all."""
LOUDEST = -9.0
"""dBFS: peaks of speech lie 10 to 15 dB over its power."""
USUAL = -30.0
"""dBFS: what a gain is advised for."""
CLIPPED_MOST = 1e-3
"""Share of samples at full scale from which words are distorted: 3 ms of a word of two thirds of a second, say."""
CANCELLED_LEAST = 10.0
"""dB: a canceller that takes out less than this is not much help."""


@dataclass(frozen=True, slots=True)
class Devices:
    """What was measured. None is what could not be."""

    noise: float
    """dBFS at the microphone while nobody speaks."""
    played: float
    """dBFS of the coach as the loudspeaker got it."""
    echo: float | None
    """dBFS of the coach at the microphone; None where it drowns in the noise."""
    cancelled: float | None
    """dB by which the canceller weakens the coach; None where no echo was found."""
    delay: float | None
    """s from the loudspeaker's buffer to the microphone's block."""
    drift: float | None
    """ppm by which the loudspeaker's clock is faster than the microphone's."""
    clipped_coach: float
    """Share (0 to 1) of samples at full scale while the coach speaks."""
    person: float | None = None
    """dBFS of the person at the microphone."""
    clipped_person: float | None = None
    """Share of samples at full scale while the person speaks."""

    @property
    def return_loss(self) -> float | None:
        """Echo return loss: dB from the coach at the loudspeaker to the coach at the microphone."""
        return None if self.echo is None else self.played - self.echo

    @property
    def enr(self) -> float | None:
        """Echo to near-end ratio: dB by which the coach is louder at the microphone than the person."""
        return None if self.echo is None or self.person is None else self.echo - self.person

    @property
    def over_noise(self) -> float | None:
        """DB by which the person is louder than the noise."""
        return None if self.person is None else self.person - self.noise


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do. ``key`` names the sentence of the language; ``db`` is the figure in it."""

    key: str
    db: int = 0


def noise_level(samples: Samples) -> float:
    """Return the level of a room in which nobody speaks: the median of its seconds, so a cough counts for nothing."""
    seconds = [samples[first : first + EAR_RATE] for first in range(0, len(samples), EAR_RATE)]
    return median([mean_level(second) for second in seconds if len(second) >= EAR_RATE // 2] or [mean_level(samples)])


def level_over(samples: Samples, noise: float) -> float | None:
    """Return the level of what sounds in ``samples`` besides the noise; None where that drowns in it."""
    level = speech_level(samples, EAR_RATE)
    if level == -math.inf or level < noise + _INAUDIBLE:
        return None
    return decibel(10 ** (level / 10) - 10 ** (noise / 10))


def level_played(sounds: Sequence[Audio], volume: float) -> float:
    """Return the level of what the loudspeaker was given: some sentences at a volume of 0 to 1."""
    samples = np.concatenate([sound.samples for sound in sounds])
    return speech_level(samples * np.float32(volume), sounds[0].rate)


def utterance(samples: Samples, noise: float) -> Samples:
    """Return the part of ``samples`` from the first to the last block that stands over the noise; may be empty."""
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    powers = np.square(blocks, dtype=np.float64).mean(axis=1)
    # Digital silence has no level at all; and what is 30 dB below the loudest block is the tail of the room.
    least = max(10 ** ((noise + HEARD_OVER_NOISE) / 10), 1e-3 * float(powers.max(initial=0.0)), 1e-9)
    loud = np.flatnonzero(powers > least)
    if len(loud) < _SHORTEST:
        return samples[:0]
    return samples[loud[0] * _BLOCK : (loud[-1] + 1) * _BLOCK]


def clipped(samples: Samples) -> float:
    """Return the share (0 to 1) of samples at full scale."""
    return float((np.abs(samples) >= FULL_SCALE).mean()) if len(samples) else 0.0


def person_level(words: Sequence[Samples], noise: float) -> float | None:
    """Return the median level of what a person said; None where nothing of it stands over the noise."""
    levels = [level for word in words if (level := level_over(word, noise)) is not None]
    return median(levels) if levels else None


def advise(devices: Devices) -> tuple[Advice, ...]:
    """Return what to do, the most important first; nothing where all is well."""
    found = [*_about_the_person(devices), *_about_the_coach(devices)]
    return tuple(dict.fromkeys(found))


def volume_for(advice: Sequence[Advice], volume: float, least: float) -> float | None:
    """Return the volume (``least`` to 1) that follows the advice to turn the coach down; None where there is none."""
    for one in advice:
        if one.key == "coach_down":
            return max(least, round(volume * factor(-one.db), 3))
    return None


def _about_the_person(devices: Devices) -> list[Advice]:
    if devices.person is None or devices.over_noise is None:
        return []
    found = []
    if (devices.clipped_person or 0.0) > CLIPPED_MOST:
        found.append(Advice("gain_down_clips", max(6, round(devices.person - USUAL) if devices.person > USUAL else 6)))
    elif devices.person > LOUDEST:
        found.append(Advice("gain_down", round(devices.person - USUAL)))
    if devices.over_noise < NOISE_LEAST:
        # More gain raises the noise with the voice: only a shorter way, or less noise, helps.
        found.append(Advice("noisy", round(devices.over_noise)))
    elif devices.person < QUIETEST:
        found.append(Advice("gain_up", round(USUAL - devices.person)))
    return found


def _about_the_coach(devices: Devices) -> list[Advice]:
    if devices.echo is None:
        # As it should be with headphones, and with nothing else: only the person knows.
        return [Advice("coach_unheard")]
    found = []
    if devices.enr is not None and devices.enr > ENR_MOST:
        found.append(Advice("coach_down", round(devices.enr)))
    if devices.clipped_coach > CLIPPED_MOST and not found:
        found.append(Advice("coach_clips"))
    weak = devices.cancelled is not None and devices.cancelled < CANCELLED_LEAST
    # No canceller takes out more than what stands over the noise.
    if weak and devices.echo > devices.noise + 2 * CANCELLED_LEAST:
        found.append(Advice("move_microphone"))
    return found
