"""Sounds that wait to be said, in half the memory: as the 16 bits that they were rounded to.

Rule: nothing is lost. A sound that comes out is the one that went in, bit for bit, where that was rounded before (as
the cache does); and as long as somebody holds it, it is the same object, so that what is made of it can be kept.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping

import numpy as np

from voicecoach.ports import Audio
from voicecoach.speech.sound_file import to_16_bit


class Packed:
    """A sound in 16 bits."""

    __slots__ = ("_audio", "_pcm", "_rate")

    def __init__(self, audio: Audio) -> None:
        self._pcm, self._rate = to_16_bit(audio.samples), audio.rate
        self._audio = weakref.ref(audio)

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self._pcm) / self._rate

    def audio(self) -> Audio:
        """Return it as it is played."""
        audio = self._audio()
        if audio is None:
            audio = Audio(self._pcm.astype(np.float32) / np.float32(32768), self._rate)
            self._audio = weakref.ref(audio)
        return audio


class Prepared(Mapping[str, Audio]):
    """Lines that were rendered beforehand, by their text. A session of half an hour has 13 minutes of them."""

    def __init__(self) -> None:
        self._lines: dict[str, Packed] = {}

    def add(self, text: str, audio: Audio) -> None:
        """Keep the sound of a line."""
        self._lines[text] = Packed(audio)

    def __getitem__(self, text: str) -> Audio:
        """Return the sound of a line. Raises ``KeyError``."""
        return self._lines[text].audio()

    def __iter__(self) -> Iterator[str]:
        """Go through the texts."""
        return iter(self._lines)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self._lines)

    def __contains__(self, text: object) -> bool:
        """Tell whether a line is there, without unpacking it."""
        return text in self._lines
