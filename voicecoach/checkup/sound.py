"""Loudspeaker and microphone: the server, the cards, what they take, how loud they are, how late, and their echo.

Rule: nothing is played and nothing is kept. What listens does so for a second.
"""

from __future__ import annotations

import getpass
import math
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from voicecoach.audio.open import is_recorded, open_microphone, open_speaker
from voicecoach.audio.soundcards import Kind, devices
from voicecoach.calibration.measures import ENR_MOST
from voicecoach.calibration.use import again, calibrated, pair_of
from voicecoach.checkup.finding import Finding
from voicecoach.config import Loaded
from voicecoach.ports import EAR_RATE, DeviceError, Folders, PortError, Shortfall

_SECONDS_OF_LEVEL = 1.0
_QUIET = 20
"""Percent of the server's volume below which a coach in another corner of the room is hard to follow."""
_LATE = 0.25
"""Seconds of buffer from which a "stop" is felt to come late."""
_PATIENCE = 5.0
"""Seconds for an answer of the sound server."""


def rights(root: Path = Path("/")) -> Iterator[Finding]:
    """Look whether this person may use the sound cards."""
    try:
        cards = sorted((root / "dev/snd").glob("pcm*"))
    except OSError:
        return
    if cards and not any(os.access(card, os.R_OK | os.W_OK) for card in cards):
        mend = f"sudo usermod -aG audio {getpass.getuser()}, then log in again"
        yield Finding("rights", "missing", "You may not use the sound cards: you are not in the group audio.", mend)


def server(env: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Look which sound server runs, and how loud its default devices are. Says nothing where there is none to ask."""
    found = dict(os.environ if env is None else env)
    if shutil.which("pactl", path=found.get("PATH")) is None:
        return
    info = dict(line.partition(": ")[::2] for line in (_pactl(found, "info") or "").splitlines())
    if not info.get("Server Name"):
        yield Finding(
            "sound server",
            "fair",
            "No sound server answers, so one program at a time has the sound card.",
            "systemctl --user start pipewire-pulse, or pulseaudio --start",
        )
        return
    names = f"plays on {info.get('Default Sink', '?')}, records from {info.get('Default Source', '?')}"
    yield Finding("sound server", "good", f"{info['Server Name']}; {names}")
    for subject, kind, word in (("volume", "sink", "loudspeaker"), ("gain", "source", "microphone")):
        where = f"@DEFAULT_{kind.upper()}@"
        if (_pactl(found, f"get-{kind}-mute", where) or "").strip().endswith("yes"):
            yield Finding(subject, "missing", f"The {word} is muted.", f"pactl set-{kind}-mute {where} 0")
        elif (match := re.search(r"(\d+)%", _pactl(found, f"get-{kind}-volume", where) or "")) is not None:
            percent = int(match[1])
            told = f"{percent} % of the {word}"
            if percent < _QUIET:
                yield Finding(subject, "fair", told, f"pactl set-{kind}-volume {where} 60%")
            else:
                yield Finding(subject, "good", told)


def _pactl(env: Mapping[str, str], *args: str) -> str | None:
    try:
        done = subprocess.run(
            ["pactl", *args],
            env={**env, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def latency(loaded: Loaded) -> Iterator[Finding]:
    """Look how long sound waits before the loudspeaker plays it."""
    sound = loaded.config.sound
    if sound.speaker == "none" or sound.speaker.casefold().endswith(".wav"):
        return
    try:
        speaker = open_speaker(sound.speaker, rate=sound.rate, block=sound.block, latency=sound.latency)
    except (DeviceError, OSError) as error:
        if _there("output"):  # that there is none at all is told with the devices
            mend = error.mend if isinstance(error, PortError) else ""
            yield Finding("latency", "missing", f"The loudspeaker cannot be opened: {error}", mend)
        return
    seconds = getattr(speaker, "latency", 0.0) + sound.block / sound.rate
    speaker.close()
    text = f"{1000 * seconds:.0f} ms from the coach to the sound card, at {sound.rate} Hz"
    if seconds > _LATE:
        yield Finding("latency", "fair", f'{text}: "stop" is felt to come late', "set [sound] latency lower")
    else:
        yield Finding("latency", "good", text)


def _there(kind: Kind) -> bool:
    """Return whether there is any device of a kind."""
    try:
        return any(device.inputs if kind == "input" else device.outputs for device in devices())
    except PortError:
        return False


def echo(loaded: Loaded, folders: Folders) -> Iterator[Finding]:
    """Tell how loud the coach comes back into the microphone, as far as that was measured."""
    config = loaded.config
    try:
        pair = None if is_recorded(config.sound.microphone) else pair_of(config)
    except PortError:
        return  # told with the devices
    if pair is None or not (_there("input") and _there("output")):
        return
    shortfalls: list[Shortfall] = []
    known = calibrated(config, folders.data, shortfalls)
    if known is None:
        text = shortfalls[0].what if shortfalls else f"not measured for {pair}"
        yield Finding("echo", "fair", text, again(config))
        return
    measured, day = known.devices.devices, f"measured on {known.made:%Y-%m-%d}"
    if measured.return_loss is None:
        yield Finding("echo", "good", f"the coach is not to be heard in the microphone ({day})")
        return
    text = f"return loss {measured.return_loss:.0f} dB"
    if measured.enr is None:
        yield Finding("echo", "good", f"{text} ({day})")
        return
    text = f"{text}, the coach {measured.enr:+.0f} dB over you at the microphone ({day})"
    if measured.enr > ENR_MOST:
        less = math.ceil(measured.enr - ENR_MOST)
        mend = f"turn the loudspeaker down by {less} dB, or move it away; then: {again(config)}"
        yield Finding("echo", "fair", text, mend)
    else:
        yield Finding("echo", "good", text)


def cards(_: Loaded) -> Iterator[Finding]:
    """Look which loudspeakers and microphones there are."""
    try:
        found = devices()
    except PortError as error:
        yield Finding("sound devices", "missing", str(error), error.mend)
        return
    kinds: tuple[tuple[str, Callable[..., bool], Callable[..., bool]], ...] = (
        ("loudspeaker", lambda d: d.outputs > 0, lambda d: d.is_default_output),
        ("microphone", lambda d: d.inputs > 0, lambda d: d.is_default_input),
    )
    for subject, fits, is_default in kinds:
        able = [d for d in found if fits(d) and not d.is_monitor]
        names = [f"{d.name}{' (default)' if is_default(d) else ''}, {d.rate} Hz" for d in able if d.server is None]
        names += [f"{d.server}{f' ({d.description})' if d.description else ''}" for d in able if d.server is not None]
        if names:
            yield Finding(subject, "good", "\n".join(names))
        else:
            yield Finding(subject, "missing", f"There is no {subject}.", "connect one, then run `voicecoach doctor`")


def level(loaded: Loaded) -> Iterator[Finding]:
    """Listen for a second."""
    spec = loaded.config.sound.microphone
    if spec == "none":
        yield Finding("level", "fair", "The microphone is none.", 'choose one with [sound] microphone = "…"')
        return
    try:
        microphone = open_microphone(spec)
    except PortError as error:
        yield Finding("level", "missing", str(error), error.mend)
        return
    try:
        heard = [microphone.read()]
        while sum(map(len, heard)) < _SECONDS_OF_LEVEL * EAR_RATE:
            heard.append(microphone.read())
    except PortError as error:
        yield Finding("level", "missing", str(error), error.mend)
        return
    finally:
        microphone.close()
    samples = np.concatenate(heard)
    loudness = 20 * math.log10(max(float(np.sqrt(np.mean(samples**2))), 1e-7))
    if not samples.any():
        mend = "unmute it, or choose another with [sound] microphone"
        yield Finding("level", "missing", "The microphone gives nothing at all: it is muted or not connected.", mend)
    elif np.abs(samples).max() >= 0.99:
        yield Finding(
            "level", "fair", f"{loudness:.0f} dBFS in a second of listening, and clipping", "turn its gain down"
        )
    else:
        yield Finding("level", "good", f"{loudness:.0f} dBFS in a second of listening")
