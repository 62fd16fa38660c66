"""From what a person writes in the configuration to a device.

Rule: nothing, or ``default``, is the choice of the system; a name ending in ``.wav`` is a file; ``none`` is a stand-in
that sounds or hears nothing; ``room:PLAN.toml`` is the microphone of a simulated room, which needs more than a name to
be opened (see ``in_room``); anything else is the name, part of the name, or number of a sound card, or the name or
description of a sink or source of the sound server.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from voicecoach.audio.portaudio import PortAudioMicrophone, PortAudioSpeaker
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import SilentMicrophone, WavMicrophone, WavSpeaker
from voicecoach.ports import DeviceError

if TYPE_CHECKING:
    from voicecoach.ports import Microphone, Speaker

_ROOM = "room:"


def open_speaker(spec: str | None, *, rate: int, block: int, latency: float) -> Speaker:
    """Open a loudspeaker: ``rate`` in Hz, ``block`` in frames, ``latency`` in seconds. Raises ``DeviceError``."""
    if spec == "none":
        return TimedSpeaker(rate, block)
    if _names_a_file(spec):
        return WavSpeaker(spec, rate, block)
    _refuse_other_files(spec)
    return PortAudioSpeaker(spec, rate, block, latency)


def open_microphone(spec: str | None) -> Microphone:
    """Open a microphone. Raises ``DeviceError``."""
    if room_of(spec) is not None:
        raise DeviceError(
            f'"{spec}" is a simulated room: there is no microphone of this name.', mend="voicecoach run --help"
        )
    if spec == "none":
        return SilentMicrophone()
    if _names_a_file(spec):
        return WavMicrophone(spec)
    _refuse_other_files(spec)
    return PortAudioMicrophone(spec)


def room_of(spec: str | None) -> Path | None:
    """Return the plan of the simulated room that a microphone's name stands for, or None where it is another."""
    return Path(spec[len(_ROOM) :]).expanduser() if spec and spec.startswith(_ROOM) else None


def plays_to_a_file(speaker: str, microphone: str) -> bool:
    """Return whether a session with these devices is played as fast as it can be, for nobody to hear."""
    return _names_a_file(speaker) or room_of(microphone) is not None


def is_recorded(microphone: str) -> bool:
    """Return whether what this microphone hears is there beforehand, so that it keeps to any clock."""
    return _names_a_file(microphone) or room_of(microphone) is not None


def _names_a_file(spec: str | None) -> TypeGuard[str]:
    return spec is not None and room_of(spec) is None and spec.casefold().endswith(".wav")


def _refuse_other_files(spec: str | None) -> None:
    """Say of a path that it is no sound file, before a sound card of that name is looked for in vain."""
    if spec and (os.sep in spec or Path(spec).suffix in {".mp3", ".ogg", ".flac", ".m4a", ".toml"}):
        raise DeviceError(f'"{spec}" is neither a WAV file nor a device.', mend="give a name that ends in .wav")
