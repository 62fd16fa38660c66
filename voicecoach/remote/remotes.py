"""Everything that reaches in from outside, opened as the configuration says.

Rule: what is written wrongly is an error; what does not work (a broker that is away, a socket in use, no pins) is told
with what mends it, and the session runs. Nothing is opened that the person has not asked for.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from voicecoach.config import FOR_FEW, ConfigError, Loaded, open_to_others, shown
from voicecoach.drive import LiveDrive, Source
from voicecoach.packages import pip_install
from voicecoach.ports import PortError, Shortfall
from voicecoach.record import Record
from voicecoach.remote.buttons import Buttons
from voicecoach.remote.glance import Glance
from voicecoach.remote.inlet import Inlet
from voicecoach.remote.lights import Lights
from voicecoach.remote.mqtt import Mqtt, installed
from voicecoach.remote.press import leads_on
from voicecoach.remote.unix_socket import Scripts, path_of
from voicecoach.ways_in import GpioConfig, read_button, read_pin

FIRST_ANSWER = 3.0
"""Seconds that the start waits for a broker, to be able to tell what is wrong; it is tried on behind that."""

_LONGEST_SECRET = 1000
"""Characters."""


class Remote(Source, Protocol):
    """A way in, which is also shown what happens."""

    def show(self, glance: Glance, entry: Record | None = None) -> None:
        """Take what the session is at, and the record that it came to by; must return at once."""
        ...


@dataclass(slots=True)
class Remotes:
    """What reaches in. A listener: give it every record. Close it, or the drive that it is attached to."""

    inlet: Inlet = field(default_factory=Inlet)
    sources: list[Remote] = field(default_factory=list)
    shortfalls: list[Shortfall] = field(default_factory=list)
    """What does not work, to be shown."""
    attended: bool = False
    """Whether somebody can lead on without a voice or a key: by buttons."""
    tell: Callable[[str], None] = lambda _: None
    """Shows a line to the person."""
    glance: Glance = field(default_factory=Glance)

    def attach(self, drive: LiveDrive) -> None:
        """Put into this drive from now on; it starts and closes them with itself."""
        self.inlet.lead_to(drive.put, lambda: drive.now)
        for source in self.sources:
            drive.listen_to(source)

    @property
    def ways(self) -> list[str]:
        """What can steer a coach from outside, in words; not whether anybody does."""
        words = {Scripts: "the socket", Mqtt: "MQTT", Buttons: "buttons"}
        return [word for kind, word in words.items() if any(isinstance(source, kind) for source in self.sources)]

    def playing(self, routine: str | None, *, hears: bool = True) -> None:
        """Say which routine is played from now on, by its name, or None where none is; it has not begun yet.

        ``hears`` is whether there is an ear at all: one that was lost stays lost until a record tells that it is back.
        """
        state = "idle" if routine is None else "starting"  # or "idle" would be seen between that and the session
        known = self.glance
        self._take(
            Glance(state=state, routine=routine, volume=known.volume, hears=hears and known.hears, pain=known.pain)
        )

    def __call__(self, entry: Record) -> None:
        """Take one record; returns at once."""
        self._take(self.glance.after(entry), entry)

    def close(self) -> None:
        """End them all; safe to call twice."""
        with ExitStack() as closing:  # whatever one of them raises, the others are closed
            for source in self.sources:
                closing.callback(source.close)

    def _take(self, glance: Glance, entry: Record | None = None) -> None:
        self.glance = glance
        for source in tuple(self.sources):
            try:
                source.show(glance, entry)
            except Exception as error:  # noqa: BLE001 - a session does not end because somebody cannot watch it
                self.sources.remove(source)
                source.close()
                self.tell(f"{type(source).__name__} has failed, and is left out: {type(error).__name__}")


def open_remotes(
    loaded: Loaded,
    routines: Callable[[], Iterable[str]],
    tell: Callable[[str], None] = lambda _: None,
) -> Remotes:
    """Open what the configuration asks for: nothing, unless the person has set it up. Raises ``ConfigError``.

    ``routines`` gives the names that may be asked for; ``tell`` shows a line to the person, from any thread. They
    begin at once, and take wishes once they are attached to a drive.
    """
    remotes = Remotes(tell=tell)
    config = loaded.config
    with ExitStack() as opened:
        opened.callback(remotes.close)
        if config.mqtt.host:
            password = mqtt_password(loaded)
            _open_mqtt(remotes, loaded, password, routines, tell)
        if config.socket.path:
            with _noting(remotes):
                remotes.sources.append(Scripts(path_of(config.socket.path), remotes.inlet, routines, tell))
        _open_pins(remotes, config.gpio, tell)
        opened.pop_all()
    return remotes


@contextmanager
def _noting(remotes: Remotes) -> Iterator[None]:
    """Note what does not work, and go on."""
    try:
        yield
    except PortError as error:
        shortfall = Shortfall(str(error), error.mend)
        if shortfall not in remotes.shortfalls:  # buttons and lights lack the same pins
            remotes.shortfalls.append(shortfall)


def _open_pins(remotes: Remotes, gpio: GpioConfig, tell: Callable[[str], None]) -> None:
    buttons = [read_button(pin, action) for pin, action in gpio.buttons.items()]
    if buttons:
        with _noting(remotes):
            taken = Buttons(buttons, remotes.inlet, debounce=gpio.debounce, hold=gpio.hold, tell=tell)
            remotes.sources.append(taken)
            remotes.attended = leads_on(buttons)
    if gpio.lights:
        with _noting(remotes):
            remotes.sources.append(Lights({read_pin(pin): what for pin, what in gpio.lights.items()}))


def _open_mqtt(
    remotes: Remotes,
    loaded: Loaded,
    password: str,
    routines: Callable[[], Iterable[str]],
    tell: Callable[[str], None],
) -> None:
    if not installed():
        remotes.shortfalls.append(Shortfall("MQTT needs another package: paho-mqtt.", pip_install("voicecoach[mqtt]")))
        return
    mqtt = Mqtt(loaded.config.mqtt, password, remotes.inlet, routines, tell)
    remotes.sources.append(mqtt)
    if (shortfall := mqtt.open(FIRST_ANSWER)) is not None:
        remotes.shortfalls.append(shortfall)


def mqtt_password(loaded: Loaded) -> str:
    """Return the password for the broker, from the configuration or its file; "" for none. Raises ``ConfigError``."""
    mqtt = loaded.config.mqtt
    if mqtt.password_file and mqtt.password:
        raise _wrong(loaded, "password_file", "there is a password already", "one of the two")
    secret = mqtt.password or _read_secret(loaded) if mqtt.password or mqtt.password_file else ""
    if secret and not mqtt.username:
        raise _wrong(loaded, "username", "there is a password, and no name", "the name that the broker knows")
    if mqtt.ca_file and not mqtt.tls:
        raise _wrong(loaded, "tls", "there is a ca_file, and TLS is off", "true with a ca_file")
    if mqtt.ca_file and not os.path.isfile(mqtt.ca_file):  # noqa: PTH113 - Path's may raise
        raise _wrong(loaded, "ca_file", "there is no such file", "a file with the certificate of who has signed")
    return secret


def _read_secret(loaded: Loaded) -> str:
    path = Path(loaded.config.mqtt.password_file)
    for_few = f"{FOR_FEW}: chmod 600 {shlex.quote(str(path))}"
    try:
        if not path.is_file():
            raise _wrong(loaded, "password_file", "there is no such file", "a file with the password in its first line")
        if open_to_others(path):
            raise _wrong(loaded, "password_file", "everybody on this machine may read this file", for_few)
        with path.open("rb") as file:
            secret = file.read(_LONGEST_SECRET + 1).decode("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        reason = error.strerror or "" if isinstance(error, OSError) else "it is no text"
        raise _wrong(loaded, "password_file", f"this cannot be read: {reason.lower()}", "a file of yours") from None
    if not secret or len(secret) > _LONGEST_SECRET:
        raise _wrong(loaded, "password_file", "its first line is no password", f"1 to {_LONGEST_SECRET} characters")
    return secret


def _wrong(loaded: Loaded, key: str, problem: str, allowed: str) -> ConfigError:
    origin = loaded.origins[f"mqtt.{key}"]
    value = shown(f"mqtt.{key}", getattr(loaded.config.mqtt, key))
    return ConfigError(origin.source, origin.line, problem, key=f"mqtt.{key}", value=value, allowed=allowed)
