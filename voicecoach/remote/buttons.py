"""Buttons on the pins of a Raspberry Pi: a press is a wish like any other.

Rule: it only asks. What a press means hangs on what was shown last; whether it may be is the session's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from voicecoach.record import Record
from voicecoach.remote.glance import Glance
from voicecoach.remote.inlet import Inlet
from voicecoach.remote.pins import Closing, open_button
from voicecoach.remote.press import meant
from voicecoach.remote.wish import RefusedError
from voicecoach.ways_in import Button


class Buttons:
    """Every button; a ``drive.Source``, and a listener. Raises ``PinError`` where one cannot be had."""

    ended = False
    """One may always be pressed."""

    def __init__(
        self,
        buttons: Iterable[Button],
        inlet: Inlet,
        *,
        debounce: float,
        hold: float,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._inlet, self._tell, self._glance = inlet, tell, Glance()
        ways: dict[int, dict[bool, str]] = {}
        for button in buttons:
            ways.setdefault(button.pin, {})[button.held] = button.action
        self._taken: list[Closing] = []
        try:
            for pin, way in ways.items():
                pressed, held = (self._asker(way[kind]) if kind in way else None for kind in (False, True))
                self._taken.append(open_button(pin, pressed, held, debounce=debounce, hold=hold))
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Do nothing: they are there already."""

    def close(self) -> None:
        """Let go of the pins; safe to call twice."""
        while self._taken:
            self._taken.pop().close()

    def show(self, glance: Glance, entry: Record | None = None) -> None:  # noqa: ARG002 - a listener is given both
        """Take what the session is at; returns at once."""
        self._glance = glance

    def _asker(self, action: str) -> Callable[[], None]:
        def ask() -> None:
            try:
                self._inlet.take(meant(action, self._glance), "button")
            except RefusedError as error:
                self._tell(f"Button ({action}): {error}")

        return ask
