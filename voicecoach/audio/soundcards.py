"""What PortAudio knows of this machine: the library itself, its devices, and which of them a name means.

Rule: PortAudio lists the devices once, when it starts, so it is started anew whenever somebody asks and no stream is
open: what was plugged in since then is found. All calls that open, close or list pass one lock: PortAudio has none.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from voicecoach.ports import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["input", "output"]

_WORD = {"input": "microphone", "output": "loudspeaker"}
_LIST = {"input": "arecord -l", "output": "aplay -l"}
_LOOK = "voicecoach doctor"

_PATIENCE = 5.0
"""Seconds for a call that takes 0.03 s and hangs on some machines (PortAudio #930, #1037, #1074)."""

_lock = threading.RLock()
_streams: list[Any] = []
"""The streams that are open: as long as there is one, PortAudio may not be restarted."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A sound device as PortAudio sees it."""

    number: int
    """Its place in the list; changes when devices come and go."""
    name: str
    inputs: int
    """Channels it records."""
    outputs: int
    """Channels it plays."""
    rate: int
    """Hz: what it prefers."""
    is_default_input: bool
    is_default_output: bool


def devices() -> list[DeviceInfo]:
    """Return the devices that are there now; none is no error. Raises ``DeviceError`` where there is no PortAudio."""
    with _lock:
        sound = _library(look_again=not _streams)
        with _explaining(sound, "PortAudio cannot list the devices"):
            default_input, default_output = sound.default.device
            entries = sound.query_devices()
    return [
        DeviceInfo(
            number=number,
            name=str(entry["name"]),
            inputs=int(entry["max_input_channels"]),
            outputs=int(entry["max_output_channels"]),
            rate=int(entry["default_samplerate"]),
            is_default_input=number == default_input,
            is_default_output=number == default_output,
        )
        for number, entry in enumerate(entries)
    ]


def choose(found: list[DeviceInfo], wanted: str | None, kind: Kind) -> DeviceInfo:
    """Return the device that ``wanted`` means: an exact name, else a number, else a part of one name only, in any case.

    None and ``default`` mean the system's own choice. Raises ``DeviceError``, which lists what there is.
    """
    able = [info for info in found if (info.inputs if kind == "input" else info.outputs)]
    if not able:
        raise DeviceError(f"There is no {_WORD[kind]} on this machine.", mend=f"plug one in, then: {_LIST[kind]}")
    if wanted in {None, "", "default"}:
        return next((info for info in able if _is_default(info, kind)), able[0])
    exact = [info for info in able if info.name == wanted]
    numbered = [info for info in able if str(info.number) == wanted]
    part = [info for info in able if str(wanted).casefold() in info.name.casefold()]
    matches = exact or numbered or part
    if len(matches) == 1:
        return matches[0]
    names = ", ".join(f'{info.number} "{info.name}"' for info in matches or able)
    if matches:
        raise DeviceError(f'"{wanted}" may be any of these: {names}.', mend="say which by its number")
    raise DeviceError(f'There is no {_WORD[kind]} called "{wanted}". There is: {names}.', mend=_LOOK)


@contextmanager
def opening(wanted: str | None, kind: Kind) -> Iterator[tuple[Any, DeviceInfo]]:
    """Give sounddevice and the device to open a stream on; what PortAudio says against it becomes a ``DeviceError``."""
    with _lock:
        device = choose(devices(), wanted, kind)
        sound = _library()
        with _explaining(sound, f'The {_WORD[kind]} "{device.name}" does not open'):
            yield sound, device


def keep(stream: Any) -> None:
    """Count a stream as open. Call it inside ``opening``."""
    _streams.append(stream)


def begin(stream: Any, what: str) -> None:
    """Let an open stream run. Raises ``DeviceError``."""
    with _lock, _explaining(_library(), f"The {what} does not start"):
        stream.start()


def release(stream: Any) -> None:
    """Close a stream at once; safe to call twice.

    One that hangs is left behind, and as long as it is there no new devices are found.
    """
    with _lock:
        if stream in _streams and _ends(stream.close):
            _streams.remove(stream)


def _is_default(info: DeviceInfo, kind: Kind) -> bool:
    return info.is_default_input if kind == "input" else info.is_default_output


@contextmanager
def _explaining(sound: Any, trouble: str) -> Iterator[None]:
    try:
        with _hushed_stderr():
            yield
    except sound.PortAudioError as error:
        raise DeviceError(f"{trouble}: {error.args[0]}.", mend=_LOOK) from error


def _library(*, look_again: bool = False) -> Any:
    """Return sounddevice, on request with the devices of this moment. Raises ``DeviceError``."""
    loaded = "sounddevice" in sys.modules
    try:
        with _hushed_stderr():
            _refuse_a_missing_default()
            import sounddevice
    except ImportError as error:
        raise DeviceError("The Python package sounddevice is missing.", mend="pip install sounddevice") from error
    except OSError as error:
        text = "PortAudio, the library that plays and records, is missing."
        raise DeviceError(text, mend="sudo apt install libportaudio2") from error
    if loaded and look_again and not _ends(lambda: _restart(sounddevice)):
        raise DeviceError("The sound system does not answer.", mend="start voicecoach again")
    return sounddevice


def _refuse_a_missing_default() -> None:
    """Raise ``DeviceError`` where ALSA's configuration names no default device.

    There PortAudio 19.6 does not report: it ends the whole process (an assertion in pa_linux_alsa.c, BuildDeviceList).
    """
    if sys.platform != "linux":
        return
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        root = ctypes.c_void_p.in_dll(alsa, "snd_config")
    except (OSError, ValueError):  # no ALSA, so PortAudio has none to fail on
        return
    alsa.snd_config_update()
    if alsa.snd_config_search(root, b"pcm.default", ctypes.byref(ctypes.c_void_p())):
        text = "The configuration of ALSA, the sound system of Linux, is missing or names no default device."
        raise DeviceError(text, mend="sudo apt install libasound2-data")


def _restart(sound: Any) -> None:
    # What fails here fails again, with a reason, in the call that follows.
    with _hushed_stderr(), suppress(sound.PortAudioError):
        sound._terminate()  # noqa: SLF001 - sounddevice documents no other way to look again
        sound._initialize()  # noqa: SLF001


def _ends(action: Callable[[], None]) -> bool:
    """Tell whether an action returned in time; if not it goes on in its own thread."""
    thread = threading.Thread(target=action, name="portaudio", daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return not thread.is_alive()


@contextmanager
def _hushed_stderr() -> Iterator[None]:
    """Keep ALSA and PortAudio, which write of every device they tried, from writing to this process's stderr."""
    try:
        kept = os.dup(2)
    except OSError:  # a daemon without stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
