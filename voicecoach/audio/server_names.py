"""The loudspeakers and microphones of the sound server (PulseAudio, or PipeWire in its place), by their names.

Rule: PortAudio knows the server as one device, ``pulse``; which of the server's own it means stands in the environment
while the stream is opened (measured: libpulse reads it anew for every stream). What the server has is told by
``pactl``; where that is missing or does not answer, there are no such names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["input", "output"]

THROUGH = "pulse"
"""The name of the device of PortAudio that leads to the server."""

_LIST = {"input": "sources", "output": "sinks"}
_VARIABLE = {"input": "PULSE_SOURCE", "output": "PULSE_SINK"}

_PATIENCE = 1.5
"""Seconds for all answers together: they take 0.01 s, and the call that asks for them may take five."""

_MONITOR = ".monitor"
"""How the names of sources end that give what a sink plays: no microphones, so only their whole name means them."""


@dataclass(frozen=True, slots=True)
class ServerDevice:
    """A sink or a source."""

    name: str
    """What the server calls it: ``alsa_output.usb-Kitchen-00.analog-stereo``."""
    description: str
    """What people call it: ``Kitchen Speaker``; empty where the server tells none."""
    kind: Kind

    @property
    def is_monitor(self) -> bool:
        """Whether it gives what a loudspeaker plays."""
        return self.name.endswith(_MONITOR)


def server_devices() -> list[ServerDevice]:
    """Return the sinks and sources of the server; none where nobody answers."""
    if shutil.which("pactl") is None:
        return []
    until = time.monotonic() + _PATIENCE
    return [
        ServerDevice(name, description, kind)
        for kind in ("output", "input")
        for name, description in _read(_pactl(until, "list", _LIST[kind]) or "")
    ]


@contextmanager
def meant(name: str | None, kind: Kind) -> Iterator[None]:
    """Have a stream that is opened meanwhile lead to the sink or source ``name``; None is the choice of the server."""
    if name is None:
        yield
        return
    variable = _VARIABLE[kind]
    before = os.environ.get(variable)
    os.environ[variable] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def _read(told: str) -> list[tuple[str, str]]:
    """Return the names with their descriptions.

    (As JSON it gives ``(null)`` for what is not ASCII, in PulseAudio 16, and nothing before that.)
    """
    names = re.findall(r"^\t(Name|Description): (.*)$", told, re.MULTILINE)
    return [
        (name, next((text for key, text in names[at + 1 : at + 2] if key == "Description" and text != "(null)"), ""))
        for at, (key, name) in enumerate(names)
        if key == "Name"
    ]


def _pactl(until: float, *args: str) -> str | None:
    """Return what it says; None where it fails, or has not said it by ``until`` of the monotonic clock."""
    try:
        done = subprocess.run(
            ["pactl", *args],
            env={**os.environ, "LC_ALL": "C.UTF-8"},  # else "Name" and "Description" are in the language of the machine
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=max(0.0, until - time.monotonic()),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
