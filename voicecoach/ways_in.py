"""``[mqtt]``, ``[socket]`` and ``[gpio]``: the sections of the configuration that open a way in, all of them off.

Rule: pure. What a person wrote is checked here, word by word; whether there is such a broker, file or pin shows later.
The room behind them, ``remote``, is not known here. A pin is a number of the BCM scheme (GPIO 17), not that of a place
on the header.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from voicecoach.complaints import printable, suggest
from voicecoach.core.events import Command
from voicecoach.section import Section

TOGGLE = "pause or resume"
"""The one button that people build first: pauses; pressed again, goes on. Where the coach waits for "ready", that."""

LIGHTS = ("listening", "session", "attention")
"""What a light may show."""

MOST_PINS = 28
"""A Raspberry Pi's header has GPIO 0 to 27."""

START = "start "
"""What stands before the name of a routine."""

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
    if re.fullmatch(rf"(?i:{START})[^\s/]{{1,100}}", words):
        return Button(number, held, START + words[len(START) :])
    names = [command.value for command in Command]
    if words.casefold() not in names:
        near = suggest(words.casefold(), names)
        raise ValueError(
            f'pin {pin}: there is no command "{printable(action, 40)}"{near}; allowed: the name of a command, '
            f'"{TOGGLE}", or "start" and a routine, such as start gentle-start'
        )
    return Button(number, held, words.casefold())


_TOPIC = r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*"
_LETTERS = 'letters, digits, "_" and "-", with "/" between levels, such as home/coach'


def _check_topic(topic: str) -> str:
    if not re.fullmatch(_TOPIC, topic) or len(topic) > 100:
        raise ValueError(f"this is no topic; allowed: {_LETTERS}")
    return topic


class MqttConfig(Section):
    """``[mqtt]``: a broker, such as that of Home Assistant."""

    host: str
    port: Annotated[int, Field(ge=0, le=65535, strict=True)]
    username: str
    password: str = Field(repr=False)
    password_file: str
    tls: bool
    ca_file: str
    topic: str
    discovery: str
    name: str
    client_id: str

    @field_validator("host")
    @classmethod
    def _can_be_reached(cls, host: str) -> str:
        if host and not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", host):
            raise ValueError('this is no name of a server; allowed: such as homeassistant.local, without "mqtt://"')
        return host

    @field_validator("password_file", "ca_file")
    @classmethod
    def _begins_at_home(cls, path: str) -> str:
        return os.path.expanduser(path)  # noqa: PTH111 - Path's raises for "~nobody"

    @field_validator("topic")
    @classmethod
    def _is_a_topic(cls, topic: str) -> str:
        return _check_topic(topic)

    @field_validator("discovery")
    @classmethod
    def _is_a_topic_or_nothing(cls, topic: str) -> str:
        return topic and _check_topic(topic)

    @field_validator("client_id")
    @classmethod
    def _can_be_an_id(cls, client_id: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", client_id):
            raise ValueError('this is no client id; allowed: up to 64 letters, digits, "_" and "-"; "" for one of ours')
        return client_id

    @field_validator("name")
    @classmethod
    def _can_be_shown(cls, name: str) -> str:
        if not name.strip() or len(name) > 60 or not name.isprintable():
            raise ValueError("this is no name; allowed: 1 to 60 characters, such as Coach in the bedroom")
        return name


class SocketConfig(Section):
    """``[socket]``: scripts of this person on this machine."""

    path: str


class GpioConfig(Section):
    """``[gpio]``: buttons and lights on the pins of a Raspberry Pi."""

    buttons: dict[str, str]
    lights: dict[str, str]
    debounce: Annotated[float, Field(ge=0, le=1)]
    hold: Annotated[float, Field(ge=0.2, le=10)]

    @field_validator("buttons")
    @classmethod
    def _lead_to_something(cls, buttons: dict[str, str]) -> dict[str, str]:
        for pin, action in buttons.items():
            read_button(pin, action)
        return buttons

    @field_validator("lights")
    @classmethod
    def _show_something(cls, lights: dict[str, str]) -> dict[str, str]:
        for pin, shows in lights.items():
            read_pin(pin)
            if shows not in LIGHTS:
                raise ValueError(f'pin {pin}: there is no light "{shows[:20]}"; allowed: {", ".join(LIGHTS)}')
        return lights

    @field_validator("lights")
    @classmethod
    def _have_pins_of_their_own(cls, lights: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        buttons = {read_button(pin, action).pin for pin, action in info.data.get("buttons", {}).items()}
        for pin in lights:
            if read_pin(pin) in buttons:
                raise ValueError(f"pin {pin} has a button; allowed: another pin")
        return lights
