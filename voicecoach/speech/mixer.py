"""What the loudspeaker plays: speech and chimes, placed to the frame, mixed block by block in the audio callback.

Rule: ``fill`` never waits. Control calls only append to a queue (``deque.append`` and ``popleft`` are atomic); each
takes effect at the start of the next block, in the order of the calls, and all state belongs to ``fill`` alone.

Every gain is a function of the frame and every sum is in the order of the calls, so the same calls between the same
frames give the same sound whatever the size of the blocks.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.core.events import ChimeKind
from voicecoach.speech.chimes import chime
from voicecoach.speech.ramp import Ramp

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicecoach.ports import Audio, Samples

_RAMP_SECONDS = 0.005
"""How long every change of gain takes: too short to notice, too long to click."""

_KNEE = 0.9
"""Below it the limiter changes nothing."""

_KEPT_SOUNDS, _KEPT_SECONDS = 32, 3.0
"""Resampled sounds that are kept: counts and cues come again and again. At most 18 MB at 48 kHz."""


class _Sound:
    """Samples on their way out, in the mixer's rate."""

    __slots__ = ("fade", "samples", "start")

    def __init__(self, samples: Samples, start: int) -> None:
        self.samples = samples
        self.start = start
        """The frame of its first sample."""
        self.fade: Ramp | None = None
        """Set once it was hushed: it is over when this is."""

    def over(self, at: int) -> bool:
        ended = self.start + len(self.samples) <= at
        return ended or (self.fade is not None and at >= self.fade.settled_at)


class Mixer:
    """Mixes speech and chimes at ``rate`` Hz. ``block`` is the usual length of a block in frames; any length works."""

    def __init__(self, rate: int, block: int) -> None:
        # Now, and not with the first sentence: it would be late, and a request to end that falls into the loading of
        # this library is lost in it (measured).
        import soxr

        self._soxr = soxr
        self._rate = rate
        self._position = 0
        self._next = 0
        """Where the next block begins: while one is mixed, its end, and ``position`` else."""
        self._ramp_frames = max(1, round(_RAMP_SECONDS * rate))
        self._commands: deque[Callable[[], None]] = deque()
        # Changed, never replaced: a command may be made while a block is mixed, and holds on to its list.
        self._speech: list[_Sound] = []
        self._chimes: list[_Sound] = []
        self._duck = Ramp(self._ramp_frames, 1.0)
        self._volume = Ramp(self._ramp_frames, 1.0)
        self._flow = Ramp(self._ramp_frames, 1.0)
        """1 while speech goes on, 0 while it is held."""
        self._scratch = np.zeros(block, np.float32)
        self._chime_samples = {kind: chime(kind, rate).samples for kind in ChimeKind}
        self._resampled: OrderedDict[int, tuple[Audio, Samples]] = OrderedDict()
        self._taps: tuple[Callable[[Samples], None], ...] = ()

    # --- Control: called from one thread ---------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """Frames handed out so far. May be read from any thread."""
        return self._position

    def tap(self, take: Callable[[Samples], None]) -> None:
        """Have ``take`` called with every block on its way out, as it will sound. Before the first block only.

        It runs in the audio callback: it must copy what it needs, and neither wait nor change the block.
        """
        self._taps = (*self._taps, take)

    def play(self, audio: Audio, at: float) -> float:
        """Start speech at frame ``round(at * rate)`` exactly, or with the next block if that is past.

        Returns when it will have ended, in seconds, never too early: exactly, unless it is past and a block is being
        begun this very moment (then at most a block late). A pause in between makes that later. It is resampled
        here, not in the callback. Speech that is playing goes on: hush first.
        """
        samples = self._resample(audio)
        start = round(at * self._rate)
        self._commands.append(partial(self._begin, self._speech, samples, start))
        # Read after the call was queued: ``fill`` moves it on before it takes calls, so this start is never too early.
        return (max(start, self._next) + len(samples)) / self._rate

    def chime(self, kind: ChimeKind, at: float) -> None:
        """Start a chime over the speech, at frame ``round(at * rate)`` or with the next block if that is past."""
        start = round(at * self._rate)
        self._commands.append(partial(self._begin, self._chimes, self._chime_samples[kind], start))

    def hush(self) -> None:
        """Fade everything that plays within 5 ms, and drop everything that waits. What is asked for later, plays."""
        self._commands.append(self._hush)

    def duck(self, db: float) -> None:
        """Set the gain of speech: 0 is full, -20 a tenth. Raises ``ValueError`` above 0."""
        if not db <= 0:
            raise ValueError(f"speech can be ducked by 0 dB or less, not {db}")
        self._commands.append(partial(self._aim, self._duck, 10.0 ** (db / 20.0)))

    def volume(self, gain: float) -> None:
        """Set the gain of everything; 1 is as rendered. Raises ``ValueError`` below 0 or without a number."""
        if not 0 <= gain < math.inf:
            raise ValueError(f"a volume is 0 or more, not {gain}")
        self._commands.append(partial(self._aim, self._volume, gain))

    def pause(self) -> None:
        """Hold speech: what plays keeps its place, what waits keeps its distance. Chimes go on."""
        self._commands.append(partial(self._set_flow, 0.0))

    def resume(self) -> None:
        """Let speech go on from where it was held."""
        self._commands.append(partial(self._set_flow, 1.0))

    def _resample(self, audio: Audio) -> Samples:
        if audio.rate == self._rate:
            return audio.samples
        kept = self._resampled.get(id(audio))  # an id stays unique for as long as its object is kept beside it
        if kept:
            self._resampled.move_to_end(id(audio))
            return kept[1]
        samples: Samples = self._soxr.resample(audio.samples, audio.rate, self._rate)
        if audio.seconds <= _KEPT_SECONDS:
            self._resampled[id(audio)] = audio, samples
            if len(self._resampled) > _KEPT_SOUNDS:
                self._resampled.popitem(last=False)
        return samples

    # --- The audio callback ----------------------------------------------------------------------------------------

    def fill(self, out: Samples) -> None:
        """Write the next ``len(out)`` frames."""
        self._next = self._position + len(out)
        commands = self._commands
        while commands:
            commands.popleft()()
        for begin in range(0, len(out), len(self._scratch)):
            part = out[begin : begin + len(self._scratch)]
            self._mix(part)
            self._position += len(part)
        for take in self._taps:
            take(out)

    def _mix(self, out: Samples) -> None:
        at = self._position
        out.fill(0.0)
        flowing = min(len(out), self._flow_left(at))
        if self._speech:
            self._add(self._speech, out[:flowing])
            self._duck.apply(out, at)
            self._flow.apply(out, at)
            for sound in self._speech:
                sound.start += len(out) - flowing
            self._speech[:] = [sound for sound in self._speech if not sound.over(at + len(out))]
        if self._chimes:
            self._add(self._chimes, out)
            self._chimes[:] = [sound for sound in self._chimes if not sound.over(at + len(out))]
        self._volume.apply(out, at)
        _limit(out, self._scratch[: len(out)])

    def _add(self, sounds: list[_Sound], out: Samples) -> None:
        at = self._position
        for sound in sounds:
            first = max(sound.start, at)
            last = min(sound.start + len(sound.samples), at + len(out))
            if first >= last:
                continue
            samples = sound.samples[first - sound.start : last - sound.start]
            if sound.fade:
                samples = samples.copy()
                sound.fade.apply(samples, first)
            out[first - at : last - at] += samples

    def _flow_left(self, at: int) -> int:
        """Return for how many frames from ``at`` speech still moves on."""
        if self._flow.target:
            return len(self._scratch)
        return max(0, self._flow.settled_at - at)

    def _begin(self, channel: list[_Sound], samples: Samples, start: int) -> None:
        channel.append(_Sound(samples, max(start, self._position)))

    def _hush(self) -> None:
        at = self._position
        if not self._flow_left(at):
            self._speech.clear()
        for channel in self._speech, self._chimes:
            channel[:] = [sound for sound in channel if sound.start < at]
            for sound in channel:
                if sound.fade is None:
                    sound.fade = Ramp(self._ramp_frames, 1.0)
                    sound.fade.aim(0.0, at)

    def _aim(self, ramp: Ramp, target: float) -> None:
        ramp.aim(target, self._position)

    def _set_flow(self, target: float) -> None:
        # Said twice, it must not begin the ramp anew: speech moves on, hardly heard, for as long as the ramp lasts.
        if self._flow.target != target:
            self._flow.aim(target, self._position)


def _limit(block: Samples, scratch: Samples) -> None:
    """Bend what exceeds the knee so that it approaches 1 and never passes it."""
    np.abs(block, out=scratch)
    if scratch.max(initial=0.0) <= _KNEE:
        return
    loud = scratch > _KNEE
    room = 1.0 - _KNEE
    block[loud] = np.copysign(_KNEE + room * np.tanh((scratch[loud] - _KNEE) / room), block[loud])
