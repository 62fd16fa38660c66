"""Calls of a library that may never return: one thread makes them all, and nobody waits for it for ever.

Rule: a call that hangs cannot be ended, and what it holds nobody knows. So the library is not asked again in this
process: whoever asks is told at once. That one thread makes all calls also stands in for the lock the library lacks.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from voicecoach.ports import HungError

T = TypeVar("T")

_SLICE = 0.1
"""Seconds of one wait. Waits are counted, not time: a process that was stopped has not waited."""


class _Call(Generic[T]):
    """A call that is to be made, and what came of it."""

    def __init__(self, action: Callable[[], T]) -> None:
        self.action = action
        self.begun = False
        self.done = False
        self.given_up = False
        """It was not begun in time: it must not be made any more."""
        self.value: T
        self.error: BaseException | None = None


class Patient:
    """Makes calls in a thread of its own. ``on_hang`` is called once, when the first one hangs."""

    def __init__(self, name: str, patience: float, on_hang: Callable[[], None] = lambda: None) -> None:
        """``patience`` is in seconds: for how long a call is waited for."""
        self.patience = patience
        self._name, self._on_hang = name, on_hang
        self._calls: queue.SimpleQueue[_Call[object]] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._hung = False

    @property
    def hung(self) -> bool:
        """Whether a call has not come back in time."""
        return self._hung

    def call(self, action: Callable[[], T], *, patience: float | None = None) -> T:
        """Return what ``action`` returns, or raise what it raises. Raises ``HungError`` where it does not come back.

        Not to be used from within an ``action``.
        """
        call = _Call(action)
        with self._changed:
            if self._hung:
                raise HungError
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._calls.put(call)  # type: ignore[arg-type] # what it returns is nobody's business on the way
            left = (self.patience if patience is None else patience) / _SLICE
            while not call.done and not self._hung:
                # While another is being made, it is that one's caller who counts.
                if not self._changed.wait(min(_SLICE, left * _SLICE)) and call.begun:
                    left -= 1
                    if left <= 0:
                        self._hang()
            if not call.done:
                call.given_up = True
                raise HungError
        if call.error is not None:
            raise call.error
        return call.value

    def _hang(self) -> None:
        self._hung = True
        self._changed.notify_all()
        self._on_hang()

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            call.begun = True
            try:
                if not call.given_up:
                    call.value = call.action()
            except BaseException as error:  # noqa: BLE001 - it is the caller's
                call.error = error
            with self._changed:
                call.done = True
                self._changed.notify_all()
            del call  # it holds a device, which may be let go of now
