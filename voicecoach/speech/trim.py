"""Cutting a rendering to where its sound is.

Rule: the cut falls at most 10 ms before the first audible frame and 60 ms after the last, so that a count is heard on
its instant. espeak-ng opens with up to 80 ms of silence and ends with 190 to 700 ms, both depending on the words.
"""

from __future__ import annotations

import numpy as np

from voicecoach.ports import Audio

LEAD_SECONDS = 0.010
TAIL_SECONDS = 0.060

AUDIBLE = 0.01
"""-40 dB of full scale; espeak-ng speaks at peaks of 0.5 to 0.9."""


def trim(audio: Audio) -> Audio:
    """Return ``audio`` without the silence round it; one that is silent throughout is returned as it is."""
    audible = np.flatnonzero(np.abs(audio.samples) >= AUDIBLE)
    if not audible.size:
        return audio
    start = max(0, int(audible[0]) - int(LEAD_SECONDS * audio.rate))
    end = int(audible[-1]) + 1 + int(TAIL_SECONDS * audio.rate)
    return Audio(audio.samples[start:end].copy(), audio.rate)
