"""What a button does: the words of the configuration, and what a press of one means now.

Rule: pure. A pin is a number of the BCM scheme (GPIO 17), not that of a place on the header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from voicecoach.core.events import Command
from voicecoach.remote.glance import Glance
from voicecoach.remote.wish import RefusedError, Wish, read_command

TOGGLE = "pause or resume"
"""The one button that people build first: pauses; pressed again, goes on. Where the coach waits for "ready", that."""

LIGHTS = ("listening", "session", "attention")
"""What a light may show."""

MOST_PINS = 28
"""A Raspberry Pi's header has GPIO 0 to 27."""

_START = "start "
_HELD = " held"


@dataclass(frozen=True, slots=True)
class Button:
    """A pin, how it is pressed, and what that does."""

    pin: int
    held: bool
    """Whether it must be kept pressed for a while."""
    action: str
    """In the spelling of ours, however it was written: a command's name, ``TOGGLE``, or "start" and a routine."""


def read_pin(text: str) -> int:
    """Read the number of a pin. Raises ``ValueError`` with what is allowed."""
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) >= MOST_PINS:
        raise ValueError(f'"{text[:20]}" is no pin; allowed: 0 to 27 (the number of the GPIO, not of the place)')
    return int(text)


def read_button(pin: str, action: str) -> Button:
    """Read one line of ``[gpio.buttons]``. Raises ``ValueError`` with what is allowed."""
    held = pin.endswith(_HELD)
    number = read_pin(pin.removesuffix(_HELD))
    words = " ".join(action.split())
    if words.casefold() == TOGGLE:
        return Button(number, held, TOGGLE)
    if re.fullmatch(rf"(?i:{_START})[^\s/]{{1,100}}", words):
        return Button(number, held, _START + words[len(_START) :])
    try:
        command = read_command(action).command
    except RefusedError as error:
        raise ValueError(
            f'pin {pin}: {error}; allowed: the name of a command, "{TOGGLE}", or "start" and a routine, '
            "such as start gentle-start"
        ) from None
    assert command is not None  # noqa: S101 - it was read as one
    return Button(number, held, command.value)


def meant(action: str, glance: Glance) -> Wish:
    """Return what a press asks for, as things are now."""
    if action.startswith(_START):
        return Wish(routine=action.removeprefix(_START))
    if action != TOGGLE:
        return Wish(command=Command(action))
    if glance.state == "paused":
        return Wish(command=Command.RESUME)
    waits = glance.state == "instruction" and glance.step is not None and glance.seconds is None
    return Wish(command=Command.READY if waits else Command.PAUSE)


def leads_on(buttons: list[Button]) -> bool:
    """Return whether everything that waits for a word can be ended by a button: then somebody is there."""
    actions = {button.action for button in buttons}
    return "next" in actions or {"ready", "done"} <= actions
