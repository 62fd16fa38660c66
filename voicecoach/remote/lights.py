"""Lights on the pins of a Raspberry Pi: whether it listens, whether there is a session, whether somebody is needed.

Rule: what a light shows is read off the glance, pure; a thread of its own moves the pins, and only the newest counts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from enum import Enum

from voicecoach.record import Record
from voicecoach.remote.glance import Glance
from voicecoach.remote.pins import Lamp, open_lamp


class Shine(Enum):
    """What a light does: seconds on, seconds off."""

    DARK = (0.0, 1.0)
    STEADY = (1.0, 0.0)
    SLOW = (1.0, 1.0)
    QUICK = (0.2, 0.2)


def shine(what: str, glance: Glance) -> Shine:
    """Return what the light of this name does."""
    match what:
        case "listening":
            return Shine.DARK if not glance.hears else Shine.SLOW if glance.asleep else Shine.STEADY
        case "session":
            waits = glance.state in {"paused", "confirm", "question", "asking", "starting"}
            return Shine.SLOW if waits else Shine.STEADY if glance.runs else Shine.DARK
        case _:
            needed = glance.state in {"pain", "emergency"}
            return Shine.QUICK if needed else Shine.SLOW if glance.runs and not glance.hears else Shine.DARK


class Lights:
    """Every light; a ``drive.Source`` that says nothing, and a listener. Raises ``PinError``."""

    ended = True
    """No word comes from a light."""

    def __init__(self, lights: Mapping[int, str]) -> None:
        self._lamps: list[tuple[str, Lamp]] = []
        self._glance = Glance(hears=False)
        self._news = threading.Event()
        self._closing = False
        self._shining: dict[int, Shine] = {}
        self._thread = threading.Thread(target=self._run, name="voicecoach_lights", daemon=True)
        try:
            for pin, what in lights.items():
                self._lamps.append((what, open_lamp(pin)))
        except BaseException:
            _put_out(lamp for _, lamp in self._lamps)
            raise
        self._thread.start()

    def start(self) -> None:
        """Do nothing: they are there already."""

    def close(self) -> None:
        """Put them out and let go of the pins; safe to call twice."""
        self._closing = True
        self._news.set()
        self._thread.join(timeout=2.0)

    def show(self, glance: Glance, entry: Record | None = None) -> None:  # noqa: ARG002 - a listener is given both
        """Take what the session is at; returns at once."""
        self._glance = glance
        self._news.set()

    def _run(self) -> None:
        while not self._closing:
            glance = self._glance
            for number, (what, lamp) in enumerate(self._lamps):
                wanted = shine(what, glance)
                if self._shining.get(number) is not wanted:
                    self._shining[number] = wanted
                    _set(lamp, wanted)
            self._news.wait()
            self._news.clear()
        _put_out(lamp for _, lamp in self._lamps)


def _set(lamp: Lamp, wanted: Shine) -> None:
    match wanted:
        case Shine.DARK:
            lamp.off()
        case Shine.STEADY:
            lamp.on()
        case _:
            lamp.blink(*wanted.value)


def _put_out(lamps: Iterable[Lamp]) -> None:
    for lamp in lamps:
        lamp.off()
        lamp.close()
