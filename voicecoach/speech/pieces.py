"""Rendering a text piece by piece.

Rule: whatever the text, the result is sound: nothing to say is a short silence, never an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import Audio
from voicecoach.speech.estimate import UNSPOKEN_SECONDS
from voicecoach.speech.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Callable

_SILENCE_RATE = 22_050
"""Hz: espeak-ng's, for the silence that stands for nothing."""


def silence(seconds: float, rate: int = _SILENCE_RATE) -> Audio:
    """Return nothing, for ``seconds``."""
    return Audio(np.zeros(round(seconds * rate), np.float32), rate)


def render_pieces(text: str, render: Callable[[str], Audio]) -> Audio:
    """Render each sentence of ``text`` with ``render`` and join them. Raises what ``render`` raises."""
    parts = [render(piece) for piece in sentences(text)]
    if not parts:
        return silence(UNSPOKEN_SECONDS)
    rates = {part.rate for part in parts}
    if len(rates) > 1:
        raise ValueError(f"an engine that changes its sample rate between sentences: {sorted(rates)}")
    return Audio(np.concatenate([part.samples for part in parts]), parts[0].rate)
