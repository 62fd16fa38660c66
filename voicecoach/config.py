"""The configuration: config.toml and what overrides it, as frozen values that know where they came from.

Rule: precedence, first wins: option, environment (``VOICECOACH_SECTION_KEY``), the file of ``--config``, the user's
file, the shipped file. A key or value that does not fit is one ``ConfigError``; nothing is silently ignored.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator

from voicecoach.alert import ALERT_VARIABLES, check_address, command_line, hidden, hidden_command
from voicecoach.complaints import Complaint, explain, listing, suggest
from voicecoach.core.program import Pace
from voicecoach.core.timetable import read_slot
from voicecoach.plugins import EARS as PLUGIN_EARS
from voicecoach.plugins import plugin_names
from voicecoach.section import Section
from voicecoach.shipped import shipped
from voicecoach.toml_file import read_toml
from voicecoach.toml_lines import line_of
from voicecoach.ways_in import GpioConfig, MqttConfig, SocketConfig

PREFIX = "VOICECOACH_"
_OTHER_VARIABLES = frozenset({"VOICECOACH_MODEL_URL", *ALERT_VARIABLES})
"""Variables with our prefix that are no configuration keys."""

SECRET = frozenset({"alert.command", "alert.webhook", "mqtt.password"})
"""Keys whose value is a secret, or may hold one: it is shown as ``shown`` returns it, and where that is not all of it,
the file that holds it must not be readable by everybody."""
FOR_FEW = "you, and a group that you let in"
"""Who may read such a file: whom a person has let in by their group is theirs to decide (``private``)."""


EARS = ("auto", "vosk", "keys", "none")
"""Who may listen, besides the ears of other packages."""


class ConfigError(Complaint):
    """What is wrong with the configuration, and where."""


class VoiceConfig(Section):
    """``[voice]``: how the coach speaks."""

    engine: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    rate: Annotated[int, Field(ge=80, le=300, strict=True)]


class HearingConfig(Section):
    """``[hearing]``: how the person is heard."""

    ear: str
    model: str
    end_silence: Annotated[float, Field(ge=0.05, le=1)]
    check: Literal["auto", "always", "never"]
    echo: Literal["auto", "always", "never"]
    address: str

    @field_validator("ear")
    @classmethod
    def _is_there(cls, ear: str) -> str:
        if ear not in EARS and ear not in plugin_names(PLUGIN_EARS):  # other packages are asked only where need be
            raise ValueError(f"there is no such ear; allowed: {', '.join((*EARS, *plugin_names(PLUGIN_EARS)))}")
        return ear

    @field_validator("address")
    @classmethod
    def _can_be_said(cls, address: str) -> str:
        if not re.fullmatch(r"(?:[^\W\d_]|')*", address):
            raise ValueError('this is no single word; allowed: letters, such as "coach", or "" for none')
        return address.lower()


class SoundConfig(Section):
    """``[sound]``: devices and their figures."""

    speaker: str
    microphone: str
    rate: Annotated[int, Field(ge=8000, le=192000, strict=True)]
    block: Annotated[int, Field(ge=128, le=8192, strict=True)]
    latency: Annotated[float, Field(ge=0.01, le=1)]
    volume: Annotated[float, Field(ge=0, le=1)]


class PaceConfig(Section):
    """``[pace]``: how much time the coach gives, in seconds."""

    change_position: Annotated[float, Field(ge=0, le=120)]
    settle: Annotated[float, Field(ge=0, le=120)]
    lift: Annotated[float, Field(ge=0, le=30)]
    lower: Annotated[float, Field(ge=0, le=60)]
    switch_sides: Annotated[float, Field(ge=0, le=60)]
    rest: Annotated[float, Field(ge=0, le=600)]
    rep: Annotated[float, Field(ge=1, le=60)]
    breath_in: Annotated[float, Field(ge=1, le=15)]
    breath_out: Annotated[float, Field(ge=1, le=15)]

    def to_pace(self) -> Pace:
        """Return it as the core knows it."""
        return Pace(**self.model_dump())


class SessionConfig(Section):
    """``[session]``: in which language, and what the coach asks."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
    ask_effort: bool


class SafetyConfig(Section):
    """``[safety]``: what is said where something is wrong."""

    emergency_number: str

    @field_validator("emergency_number")
    @classmethod
    def _can_be_dialled(cls, number: str) -> str:
        if not re.fullmatch(r"\+?[0-9 ]*[0-9][0-9 ]*", number):
            raise ValueError('this is no telephone number; allowed: digits and spaces, "+" in front, such as 112')
        return number


class AlertConfig(Section):
    """``[alert]``: how somebody is told."""

    command: str = Field(repr=False)
    webhook: str = Field(repr=False)
    timeout: Annotated[float, Field(ge=1, le=60)]

    @field_validator("command")
    @classmethod
    def _can_be_run(cls, command: str) -> str:
        command_line(command)
        return command

    @field_validator("webhook")
    @classmethod
    def _can_be_reached(cls, webhook: str) -> str:
        if webhook:
            check_address(webhook)
        return webhook


class ServeConfig(Section):
    """``[serve]``: the coach as an appliance."""

    routine: str
    timetable: list[str]
    snooze: Annotated[int, Field(ge=1, le=120, strict=True)]

    @field_validator("timetable")
    @classmethod
    def _can_be_read(cls, timetable: list[str]) -> list[str]:
        for line in timetable:
            read_slot(line)
        return timetable


class StorageConfig(Section):
    """``[storage]``: what is kept where."""

    cache_mb: Annotated[int, Field(ge=0, le=10000, strict=True)]
    routines: str
    journal: Literal["auto", "always", "never"]
    journal_mb: Annotated[int, Field(ge=1, le=10000, strict=True)]


class Config(Section):
    """The values in force."""

    voice: VoiceConfig
    hearing: HearingConfig
    sound: SoundConfig
    pace: PaceConfig
    session: SessionConfig
    safety: SafetyConfig
    alert: AlertConfig
    serve: ServeConfig
    storage: StorageConfig
    mqtt: MqttConfig
    socket: SocketConfig
    gpio: GpioConfig


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from."""

    source: str
    """``option``, the name of a variable, or a file."""
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration with its origins, by ``section.key``."""

    config: Config
    origins: Mapping[str, Origin]


def user_file() -> Path:
    """Return where a person's own configuration is kept; it need not exist."""
    return platformdirs.user_config_path("voicecoach") / "config.toml"


def load_config(
    *,
    file: Path | None = None,
    env: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    user: Path | None = None,
) -> Loaded:
    """Read every source and return the values in force.

    ``options`` maps ``section.key`` to what was given on the command line (None: not given). Raises ``ConfigError``.
    """
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    secrets: list[tuple[Path, int, str]] = []
    user = user_file() if user is None else user
    # A home that may not be entered is one without a file (Path.exists would raise).
    files = [shipped("config.toml"), *([user] if os.path.exists(user) else []), *([file] if file else [])]  # noqa: PTH110
    for path in files:
        for key, (value, line) in _read_file(path).items():
            if shown(key, value) != value and open_to_others(path):
                secrets.append((path, line, key))
            values[key], origins[key] = value, Origin(str(path), line)
    for name, text in env.items():
        if name.startswith(PREFIX) and name not in _OTHER_VARIABLES:
            key = _key_of(name)
            values[key], origins[key] = _read_variable(key, text), Origin(name)
    for key, value in (options or {}).items():
        if value is not None:
            values[key], origins[key] = value, Origin("option")
    config = _validate(values, origins)
    for path, line, key in secrets:
        problem = "everybody on this machine may read this file, and it holds a secret"
        raise ConfigError(path, line, problem, key=key, allowed=f"{FOR_FEW}: chmod 600 {shlex.quote(str(path))}")
    return Loaded(config, origins)


def keys() -> tuple[str, ...]:
    """Return every key as ``section.key``, in the order of the file."""
    return tuple(f"{name}.{key}" for name, section in _SECTIONS.items() for key in section.model_fields)


def shown(key: str, value: Any) -> Any:
    """Return a value as it may be shown: of an address the server, of a command the program, of a password nothing."""
    if key == "mqtt.host" and isinstance(value, str) and "@" in value:  # an address with a password was put there
        return f"…@{value.rpartition('@')[2]}"
    if key not in SECRET or not value:
        return value
    hide = {"alert.webhook": hidden, "alert.command": hidden_command}.get(key)
    return hide(value) if hide and isinstance(value, str) else "…"


def open_to_others(path: Path) -> bool:
    """Return whether everybody on this machine may read a file that is there; a group may, if its owner lets it."""
    return os.name == "posix" and bool(path.stat().st_mode & stat.S_IROTH)


_SECTIONS: dict[str, type[BaseModel]] = {
    "voice": VoiceConfig,
    "hearing": HearingConfig,
    "sound": SoundConfig,
    "pace": PaceConfig,
    "session": SessionConfig,
    "safety": SafetyConfig,
    "alert": AlertConfig,
    "serve": ServeConfig,
    "storage": StorageConfig,
    "mqtt": MqttConfig,
    "socket": SocketConfig,
    "gpio": GpioConfig,
}


def _read_file(path: Path) -> dict[str, tuple[Any, int]]:
    table, places = read_toml(path, ConfigError, private=True)
    found: dict[str, tuple[Any, int]] = {}
    for name, section in table.items():
        line = line_of(places, (name,))
        if name not in _SECTIONS:
            raise ConfigError(
                path, line, f"there is no section [{name}]{suggest(name, _SECTIONS)}", allowed=listing(_SECTIONS)
            )
        if not isinstance(section, dict):
            raise ConfigError(
                path, line, f"{name} is a section", allowed=f"[{name}] on a line of its own, its keys below"
            )
        known = _SECTIONS[name].model_fields
        for key, value in section.items():
            line = line_of(places, (name, key))
            if key not in known:
                problem = f"this key is not known in [{name}]{suggest(key, known)}"
                raise ConfigError(path, line, problem, key=key, allowed=listing(known))
            found[f"{name}.{key}"] = (value, line)
    return found


def _key_of(variable: str) -> str:
    by_variable = {PREFIX + key.replace(".", "_").upper(): key for key in keys()}
    if variable not in by_variable:
        problem = f"there is no such setting{suggest(variable, by_variable)}"
        raise ConfigError(variable, None, problem, allowed=listing(by_variable))
    return by_variable[variable]


def _read_variable(key: str, text: str) -> Any:
    """Read a variable's text as the kind of value that its key has; what does not fit is left for the validation."""
    section, name = key.split(".")
    kind = _SECTIONS[section].model_fields[name].annotation
    if kind == list[str]:
        return [part.strip() for part in text.split(";") if part.strip()]
    try:
        if kind in {int, float, bool}:
            return TypeAdapter(kind).validate_python(text)
        if kind == dict[str, str]:
            return TypeAdapter(dict[str, str]).validate_json(text)
    except ValidationError:
        return text
    return text


def _validate(values: dict[str, Any], origins: dict[str, Origin]) -> Config:
    nested: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, name = key.split(".")
        nested.setdefault(section, {})[name] = value
    try:
        return Config.model_validate(nested)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"][:2])  # within a value there are no keys of ours
        problem, allowed = explain(dict(first))
        origin = origins.get(key, Origin("config.toml"))
        raise ConfigError(
            origin.source, origin.line, problem, key=key, value=shown(key, first["input"]), allowed=allowed
        ) from None
