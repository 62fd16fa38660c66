"""How a session and the other commands come by what was found out about their devices.

Rule: joins the configuration, the sound cards' names and the store; what is wrong with the file is a ``Shortfall``.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from voicecoach.audio.open import is_recorded, room_of
from voicecoach.audio.soundcards import Kind, choose, devices
from voicecoach.calibration.store import Calibration, Pair, StaleError, load
from voicecoach.config import Config
from voicecoach.language import Language
from voicecoach.ports import DeviceError, Shortfall

ROOMS_OWN = "the room's loudspeaker"


def pair_of(config: Config) -> Pair | None:
    """Return the devices that the configuration means; None where there is nothing to calibrate: a recording, none.

    Sound cards are named as PortAudio names them, so that a part of the name, its number and ``default`` are one
    device as long as they mean the same; where it knows none, the name as it was given.
    """
    sound = config.sound
    plan = room_of(sound.microphone)
    if plan is not None:
        return Pair(ROOMS_OWN, f"room:{plan.resolve()}")
    if is_recorded(sound.microphone) or sound.microphone == "none":
        return None
    if sound.speaker == "none" or sound.speaker.casefold().endswith(".wav"):
        return None
    return Pair(_named(sound.speaker, "output"), _named(sound.microphone, "input"))


def calibrated(config: Config, data: Path, shortfalls: list[Shortfall]) -> Calibration | None:
    """Return what is known of the configured devices, if anything; what is wrong with it goes to ``shortfalls``."""
    pair = None if config.hearing.ear in {"keys", "none"} else pair_of(config)
    if pair is None:
        return None
    try:
        return load(data, pair)
    except StaleError as error:
        shortfalls.append(Shortfall(f"The calibration is not used: {error}.", again(config)))
    return None


def again(config: Config) -> str:
    """Return the command that calibrates the devices of ``config``, whatever the configuration is by then."""
    sound = config.sound
    devices = {"--mic": sound.microphone, "--speaker": sound.speaker}
    if room_of(sound.microphone) is not None:
        del devices["--speaker"]  # a room has its own
    given = [word for option, name in devices.items() if name not in {"", "default"} for word in (option, name)]
    return shlex.join(["voicecoach", "calibrate", *given])


def fitted(language: Language, known: Calibration | None) -> Language:
    """Return the language as an ear should know it for this person and these devices."""
    if known is None or known.language != language.code:
        return language
    return language.without(known.left_out, known.better)


def _named(wanted: str, kind: Kind) -> str:
    try:
        return choose(devices(), wanted, kind).name
    except DeviceError:
        return wanted or "default"
