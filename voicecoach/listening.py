"""Listening to a microphone in real time: for as long as it is there, and again when it is back.

Rule: it runs in one thread, which owns the ear, and only *puts* arrivals. It never dies in silence: whatever a
microphone or an ear raises arrives as ``EarLost``, and what is not lost for good is tried again until it works.
"""

from __future__ import annotations

import contextlib
import queue
import threading
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
    Samples,
)

_AWAY = DeviceError(
    "The microphone is away: it was unplugged, or the sound server died.",
    mend="connect it; `voicecoach doctor` shows what is there",
)

LAST_WORDS = round(1.5 * EAR_RATE / EAR_BLOCK)
"""Blocks of silence after a recording's end in which its last words are understood: a command counts as said after
a silence of at most 1 s (``[hearing] end_silence``), and the rest is for the recogniser."""

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
    REBUILDS = 3
    """A recogniser that fails more often than this in a session is given up."""

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

    def run(self) -> None:
        """Listen until ``close``, or until everything is lost for good."""
        try:
            while not self._closing.is_set() and self._go_on():
                pass
        finally:
            if self._ear is not None and self._ear is not self._given:
                self._ear.close()

    def _go_on(self) -> bool:
        """Hear a block, or try to mend; tell whether there is any use in going on."""
        if self._rest.is_set():
            return self._wait_aside()
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
        try:
            with contextlib.suppress(queue.Empty):
                while True:
                    self._asks.get_nowait()(self._ear)
            for heard in self._ear.hear(block, self._clock()):
                self._put(heard)
        except Exception as error:  # noqa: BLE001 - as above
            return self._lose_ear(error)
        return True

    def _watch(self, block: Samples) -> None:
        """Notice that a live microphone gives nothing at all, or something again."""
        if block.any():
            self._zeros = 0
            self._steady += len(block)
            if self._steady >= self.STEADY * EAR_RATE:
                self._nothing = self.NOTHING
            if self._lost:
                self._lost = False
                self._put(EarFound())
        elif self._reopen is not None:
            self._zeros += len(block)
            self._steady = 0
            if not self._lost and self._zeros >= self._nothing * EAR_RATE:
                self._zeros, self._nothing = 0, 2 * self._nothing
                self._lose(_MUTE)
            elif self._lost and self._zeros >= self.RETRY * EAR_RATE:
                # It may be another one by now: the server moves a stream away from what is unplugged, and not back.
                self._let_go()
                self._mend()

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
        self._ear = None
        self._lose(error)
        return True

    def _mend(self) -> bool:
        """Try once to open or build what is missing; tell whether there is any use in going on."""
        if self._microphone is None and self._reopen is not None:
            try:
                self._microphone = self._reopen()
            except HungError as error:
                return self._give_up(error)
            except Exception:  # noqa: BLE001, S110 - it is not back yet
                pass
            else:
                self._take_up()
        if self._ear is None and self._rebuild is not None:
            self._rebuilt += 1
            try:
                self._ear = self._rebuild()
                self._tell_of_the_gap()
            except Exception as error:  # noqa: BLE001 - as above
                return self._rebuilt < self.REBUILDS or self._give_up(error)
        return True

    def _take_up(self) -> None:
        """Begin with another microphone."""
        self._zeros = self._steady = 0
        with contextlib.suppress(Exception):  # what fails in an ear is seen at its next block
            self._tell_of_the_gap()
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
            self._lost = True
            told = in_words(error)
            self._put(EarLost(str(told), told.mend, mending=True))

    def _give_up(self, error: Exception) -> bool:
        told = in_words(error)
        self._put(EarLost(str(told), told.mend))
        return False


def in_words(error: Exception) -> PortError:
    """Return what a person is told when hearing fails."""
    if isinstance(error, PortError):
        return error
    return EarError(f"Hearing has failed: {type(error).__name__}: {error}.", mend="voicecoach doctor")
