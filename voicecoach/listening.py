"""Listening to a microphone in real time: for as long as it is there, and again when it is back.

Rule: it runs in one thread, which owns the ear, and only *puts* arrivals. It never dies in silence: whatever a
microphone or an ear raises arrives as ``EarLost``, and what is not lost for good is tried again until it works.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from voicecoach.core.events import Heard, Overheard
from voicecoach.ports import (
    EAR_BLOCK,
    EAR_RATE,
    DeviceError,
    Ear,
    EarError,
    HungError,
    Interruptible,
    Microphone,
    PortError,
    Recording,
    Samples,
)

_AWAY = DeviceError(
    "The microphone is away: it was unplugged, or the sound server died.",
    mend="connect it; `voicecoach doctor` shows what is there",
)

LAST_WORDS = round(1.5 * EAR_RATE / EAR_BLOCK)
"""Blocks of silence after a recording's end in which its last words are understood: a command counts as said after
a silence of at most 1 s (``[hearing] end_silence``), and the rest is for the recogniser."""

_STALLED = EarError(
    "The recogniser does not answer.", mend="start voicecoach again; `voicecoach doctor` shows whether it works"
)

_SLOW = EarError(
    "The recogniser does not keep up with what is said: this machine is too slow for it, or too busy.",
    mend='a smaller model (`voicecoach model list`); with headphones `echo = "never"` under [hearing]',
)

_MUTE = DeviceError(
    "The microphone gives nothing at all: it is muted or unplugged.",
    mend="unmute it or plug it in; `voicecoach doctor` shows what is there",
)


@dataclass(frozen=True, slots=True)
class EarLost:
    """No voice is heard any more: the microphone or the recogniser has failed."""

    reason: str
    mend: str = ""
    mending: bool = False
    """Whether ``EarFound`` may follow: it is tried again."""


@dataclass(frozen=True, slots=True)
class EarFound:
    """Voices are heard again."""


Ask: TypeAlias = Callable[[Ear], None]
Put: TypeAlias = Callable[[Heard | Overheard | EarLost | EarFound], None]


class Listening:
    """Hears a microphone with an ear. ``clock`` gives the session time.

    ``reopen`` gives another microphone where one is lost, ``rebuild`` another ear. Without ``reopen`` (a recording) a
    microphone that fails is lost for good, and its silence is nothing but silence.
    """

    RETRY = 2.0
    """Seconds between two attempts to mend."""
    NOTHING = 5.0
    """Seconds of nothing but digital zeros that count as a loss: a muted microphone gives them, and so does the sound
    server in the place of one that was unplugged. The noise of a microphone's own circuit is never exactly zero; but a
    noise gate is, so after each such loss it takes twice as long until the next."""
    STEADY = 5.0
    """Seconds of sound without a single empty block that no gate lets through: after that it is as at the beginning."""
    SOUND = 0.5
    """Seconds of sound after which one that was lost is there again: where a sound server stumbles, a moment of sound
    comes between two of nothing."""
    ANEW = 3, 150
    """Attempts in vain after which the loudspeaker is asked to step aside for one, so that new devices are found; then
    after twice as many, and so on, at last every so many (five minutes)."""
    REBUILDS = 3
    """A recogniser that fails more often than this, with less than ``GOOD`` in between, is given up."""
    GOOD = 300.0
    """Seconds heard without a failure, after which those before it do not count."""
    STALLED = 3.0
    """Seconds that a recogniser may be at one block; it takes a thousandth of that."""
    HUNG = 30.0
    """Seconds after which one that is at the same block is given up: nobody can end what it is at."""
    BEHIND = 1.0
    """Seconds of sound lost, because nobody took it in time, that count as not hearing. It is heard again where for
    ``STEADY`` none was lost."""

    def __init__(
        self,
        ear: Ear,
        microphone: Microphone,
        put: Put,
        clock: Callable[[], float],
        *,
        reopen: Callable[[], Microphone] | None = None,
        rebuild: Callable[[], Ear] | None = None,
    ) -> None:
        self.silence = 0
        """Blocks of silence heard since a recording ended."""
        self._given = ear
        self._ear: Ear | None = ear
        self._microphone: Microphone | None = microphone
        self._put, self._clock = put, clock
        self._reopen, self._rebuild = reopen, rebuild
        self._rest, self._rested = threading.Event(), threading.Event()
        self._asks: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._blocks = 0
        self._lost = False
        self._rebuilt = 0
        self._zeros = self._steady = 0  # frames in a row, of nothing and of anything
        self._nothing = self.NOTHING
        self._zeros_since = 0.0
        self._sound, self._needed = 0, self.SOUND  # frames heard while lost; seconds of them that end that
        self._dropped = self._behind = self._on_time = 0  # blocks
        self._good = 0  # blocks
        self._vain, self._anew_at = 0, self.ANEW[0]
        self.look_anew: Callable[[], None] = lambda: None
        """Is called, from the ear's thread, where a microphone may be there that is not seen while the coach plays."""
        self._wall = time.monotonic
        # What the ear is at, and for how long that has been the same when it was looked at.
        self._work: object | None = None
        self._seen: object | None = None
        self._stalled = 0.0
        self._looked = self._wall()
        self._late = self._given_up = False

    @property
    def ear(self) -> Ear:
        """The ear at work; while there is none, the one that was given."""
        return self._ear or self._given

    def ask(self, ask: Ask) -> None:
        """Have ``ask`` called with the ear, before the next block is heard; from any thread."""
        self._asks.put(ask)

    def close(self) -> None:
        """Let ``run`` return, and free the microphone; from another thread, safe to call twice."""
        self._closing.set()
        if (microphone := self._microphone) is not None:
            microphone.close()

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Let go of the microphone for a while; it is opened again behind that. From another thread."""
        if self._reopen is None:  # a recording: no device is used
            yield
            return
        self._rested.clear()
        self._rest.set()
        self._rested.wait(self.RETRY)
        try:
            yield
        finally:
            self._rest.clear()

    def look(self) -> None:
        """Notice an ear that does not come back. From another thread, several times a second."""
        now = self._wall()
        passed, self._looked = min(now - self._looked, 0.5), now  # a process that was stopped has lost no ear
        if self._work is not self._seen or self._work is None:
            self._seen, self._stalled = self._work, 0.0
            return
        self._stalled += passed
        if self._stalled > self.HUNG and not self._given_up:
            self._given_up = True
            self._give_up(_STALLED)
        elif self._stalled > self.STALLED:
            self._late = True
            self._lose(_STALLED)

    def run(self) -> None:
        """Listen until ``close``, or until everything is lost for good."""
        try:
            while not self._closing.is_set() and not self._given_up and self._go_on():
                pass
        finally:
            if self._ear is not None and self._ear is not self._given:
                self._ear.close()

    def _go_on(self) -> bool:
        """Hear a block, or try to mend; tell whether there is any use in going on."""
        if self._rest.is_set():
            return self._wait_aside()
        if self._late:
            self._catch_up()
        if self._microphone is None or self._ear is None:
            return not self._closing.wait(self.RETRY) and self._mend()
        if not self._microphone.live and self._blocks * EAR_BLOCK / EAR_RATE > self._clock():
            self._closing.wait(EAR_BLOCK / EAR_RATE)  # a recording keeps to the loudspeaker's time
            return True
        try:
            ended = self._microphone.exhausted
            block = self._microphone.read()
        except Exception as error:  # noqa: BLE001 - a thread that dies in silence leaves a session that hears nobody
            return self._lose_microphone(error)
        self._blocks += 1
        self._keep_pace()
        self._watch(block)
        going = self._hear(block)
        self.silence += ended
        return going

    def _wait_aside(self) -> bool:
        """Use no device until that is over; tell whether there is any use in going on."""
        self._let_go()
        self._rested.set()
        while self._rest.is_set() and not self._closing.is_set():
            self._closing.wait(EAR_BLOCK / EAR_RATE)
        going = self._mend()
        if going and self._microphone is None:
            self._lose(_AWAY)
        return going

    def _hear(self, block: Samples) -> bool:
        """Give the ear what it was asked and a block; tell whether there is any use in going on."""
        if self._ear is None:
            return True
        self._work = object()
        try:
            with contextlib.suppress(queue.Empty):
                while True:
                    self._asks.get_nowait()(self._ear)
            for heard in self._ear.hear(block, self._clock()):
                self._put(heard)
        except Exception as error:  # noqa: BLE001 - as above
            return self._lose_ear(error)
        finally:
            self._work = None
        self._good += 1
        if self._good >= self.GOOD * EAR_RATE / EAR_BLOCK:
            self._rebuilt = 0
        return not self._given_up

    def _watch(self, block: Samples) -> None:
        """Notice that a live microphone gives nothing at all, or something again."""
        if block.any():
            self._zeros = 0
            self._steady += len(block)
            if self._steady >= self.STEADY * EAR_RATE:
                self._nothing = self.NOTHING
            if self._lost:
                self._sound += len(block)
                if self._sound >= self._needed * EAR_RATE:
                    self._lost, self._needed = False, self.SOUND
                    self._put(EarFound())
        elif self._reopen is not None:
            if not self._zeros:
                self._zeros_since = self._wall()
            self._zeros += len(block)
            self._steady = 0
            if not self._lost and self._nothing_for(self._nothing):
                self._zeros, self._nothing = 0, 2 * self._nothing
                self._lose(_MUTE)
            elif self._lost and self._nothing_for(self.RETRY):
                # It may be another one by now: the server moves a stream away from what is unplugged, and not back.
                self._let_go()
                self._mend()

    def _nothing_for(self, seconds: float) -> bool:
        """Tell whether there was nothing for so long; by the clock too: a backlog is read faster than that."""
        return self._zeros >= seconds * EAR_RATE and self._wall() - self._zeros_since >= 0.8 * seconds

    def _keep_pace(self) -> None:
        """Notice that sound is lost because the ear is slower than it comes."""
        dropped = _dropped(self._microphone)
        if dropped == self._dropped:
            self._on_time += 1
            if self._on_time >= self.STEADY * EAR_RATE / EAR_BLOCK:
                self._behind = 0
            return
        self._behind += dropped - self._dropped
        self._dropped, self._on_time, self._sound = dropped, 0, 0
        if self._behind >= self.BEHIND * EAR_RATE / EAR_BLOCK:
            self._needed = self.STEADY
            self._lose(_SLOW)

    def _catch_up(self) -> None:
        """Forget what has waited while nobody listened: it is not what is said now."""
        self._late = False
        if isinstance(self._microphone, Recording):
            self._microphone.forget()
        self._dropped = _dropped(self._microphone)
        with contextlib.suppress(Exception):  # what fails in an ear is seen at its next block
            self._tell_of_the_gap()

    def _lose_microphone(self, error: Exception) -> bool:
        if self._closing.is_set():
            return False
        if self._reopen is None or isinstance(error, HungError):
            return self._give_up(error)
        self._let_go()
        # What was said just before is understood yet, and does not wait for the microphone's return.
        going = all(self._hear(np.zeros(EAR_BLOCK, np.float32)) for _ in range(LAST_WORDS))
        if going:
            self._lose(error)
        return going

    def _lose_ear(self, error: Exception) -> bool:
        if self._closing.is_set():
            return False
        if self._rebuild is None or self._rebuilt == self.REBUILDS:
            return self._give_up(error)
        with contextlib.suppress(Exception):  # it is broken already
            self.ear.close()
        self._ear, self._good = None, 0
        self._lose(error)
        return True

    def _mend(self) -> bool:
        """Try once to open or build what is missing; tell whether there is any use in going on."""
        if self._microphone is None and self._reopen is not None:
            try:
                self._microphone = self._reopen()
            except HungError as error:
                return self._give_up(error)
            except Exception:  # noqa: BLE001 - it is not back yet
                self._vain += 1
                if self._vain >= self._anew_at:
                    self._anew_at += min(self._anew_at, self.ANEW[1])
                    self.look_anew()
            else:
                self._take_up()
        if self._ear is None and self._rebuild is not None:
            self._rebuilt += 1
            try:
                self._ear = self._rebuild()
                self._catch_up()
            except Exception as error:  # noqa: BLE001 - as above
                return self._rebuilt < self.REBUILDS or self._give_up(error)
        return True

    def _take_up(self) -> None:
        """Begin with another microphone."""
        self._vain, self._anew_at = 0, self.ANEW[0]
        self._zeros = self._steady = self._sound = 0
        self._catch_up()
        if self._closing.is_set() and self._microphone is not None:
            self._microphone.close()

    def _tell_of_the_gap(self) -> None:
        if isinstance(self._ear, Interruptible):
            self._ear.interrupted()

    def _let_go(self) -> None:
        if self._microphone is not None:
            with contextlib.suppress(Exception):  # it is lost already
                self._microphone.close()
        self._microphone = None

    def _lose(self, error: Exception) -> None:
        if not self._lost:
            self._lost, self._sound = True, 0
            told = in_words(error)
            self._put(EarLost(str(told), told.mend, mending=True))

    def _give_up(self, error: Exception) -> bool:
        told = in_words(error)
        self._put(EarLost(str(told), told.mend))
        return False


def _dropped(microphone: Microphone | None) -> int:
    return microphone.dropped if isinstance(microphone, Recording) else 0


def in_words(error: Exception) -> PortError:
    """Return what a person is told when hearing fails."""
    if isinstance(error, PortError):
        return error
    return EarError(f"Hearing has failed: {type(error).__name__}: {error}.", mend="voicecoach doctor")
