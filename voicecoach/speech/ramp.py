"""A gain that changes without a click.

Rule: its value is a function of the frame alone, so cutting time into other blocks changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from voicecoach.ports import Samples


class Ramp:
    """A gain that moves in a straight line, over ``frames`` frames, to each new target."""

    def __init__(self, frames: int, value: float) -> None:
        self._frames = frames
        self._start = value
        self._began = -frames
        self.target = value
        """Where the gain goes or is."""

    def aim(self, target: float, at: int) -> None:
        """Move to ``target``, beginning at frame ``at`` from wherever the gain is then."""
        self._start = self.value(at)
        self._began = at
        self.target = target

    def value(self, at: int) -> float:
        """Return the gain at frame ``at``."""
        done = min((at - self._began) / self._frames, 1.0)
        return self._start * (1.0 - done) + self.target * done

    @property
    def settled_at(self) -> int:
        """The first frame at which the gain is the target."""
        return self._began if self._start == self.target else self._began + self._frames

    def apply(self, block: Samples, at: int) -> None:
        """Multiply ``block``, which begins at frame ``at``, in place."""
        if at >= self.settled_at:
            if self.target != 1.0:
                block *= self.target
            return
        done = np.minimum(np.arange(at - self._began, at - self._began + len(block)) / self._frames, 1.0)
        block *= (self._start * (1.0 - done) + self.target * done).astype(np.float32)
