"""``[mqtt]``, ``[socket]`` and ``[gpio]``: the sections of the configuration that open a way in, all of them off.

Rule: what a person wrote is checked here, word by word; whether there is such a broker, file or pin shows later.
"""

from __future__ import annotations

import os
import re
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from voicecoach.remote.press import LIGHTS, read_button, read_pin
from voicecoach.section import Section

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
