"""Who asks the voice in a live session: what is to be said now comes first, what may be said later in between.

Rule: one thread asks the voice, so that a line which is waited for waits for one other at most. Whatever an engine
raises is a line without sound.
"""

from __future__ import annotations

import queue
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from voicecoach.ports import AnyRate, Audio, Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Done: TypeAlias = Callable[[Audio | None], None]
    """Told the sound, or None when the voice failed; in the renderer's thread."""


def render(voice: Voice, text: str, factor: float) -> Audio | None:
    """Return ``text`` at ``factor`` times the configured rate, where the voice can do that; None when it fails."""
    try:
        return (voice.at_rate(factor) if isinstance(voice, AnyRate) else voice).render(text)
    except Exception:  # noqa: BLE001 - whatever an engine raises, the line is shown and the session keeps its time
        return None


class Renderer:
    """Renders what it is asked for, from any thread, in the thread that calls ``run``."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._wanted: queue.SimpleQueue[tuple[str, float, Done] | None] = queue.SimpleQueue()
        """None only wakes the thread up."""
        self._spare: deque[tuple[str, float]] = deque()
        """What to render when there is time; replaced as a whole, emptied by the renderer's thread alone."""
        self._closed = False

    def render(self, text: str, factor: float, done: Done) -> None:
        """Render next."""
        self._wanted.put((text, factor, done))

    def prepare(self, texts: Iterable[str], factor: float) -> None:
        """Render when nothing else is wanted, for the voice to keep; instead of what was asked for so before."""
        self._spare = deque((text, factor) for text in texts)
        self._wanted.put(None)

    def close(self) -> None:
        """Let ``run`` end with what it is at."""
        self._closed = True
        self._wanted.put(None)

    def run(self) -> None:
        """Render until ``close``."""
        while not self._closed:
            spare = self._spare
            try:
                wanted = self._wanted.get(block=not spare)
            except queue.Empty:
                self._prepare_one(spare)
                continue
            if wanted is not None and not self._closed:
                text, factor, done = wanted
                done(render(self._voice, text, factor))

    def _prepare_one(self, spare: deque[tuple[str, float]]) -> None:
        text, factor = spare.popleft()
        if render(self._voice, text, factor) is None:
            spare.clear()  # a failure may take seconds; what is missing is rendered when it is needed
