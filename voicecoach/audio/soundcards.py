"""What PortAudio knows of this machine: the library itself, its devices, and which of them a name means.

Rule: PortAudio lists the devices once, when it starts, so it is started anew whenever somebody asks and no stream is
open: what was plugged in since then is found. All calls of it are made in one thread, which may hang (``patience``).
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from voicecoach.audio.patience import Patient
from voicecoach.ports import DeviceError, HungError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
Kind = Literal["input", "output"]

_WORD = {"input": "microphone", "output": "loudspeaker"}
_LIST = {"input": "arecord -l", "output": "aplay -l"}
_LOOK = "voicecoach doctor"

_PATIENCE = 5.0
"""Seconds for a call that takes 0.03 s, and hangs where the sound server does (and PortAudio #930, #1037, #1074)."""

_LOADING = 20.0
"""Seconds for the first call, which loads the library: on the slowest board, from a card."""

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
    return _call(_devices)


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


def open_stream(wanted: str | None, kind: Kind, make: Callable[[Any, DeviceInfo], Any]) -> tuple[Any, DeviceInfo]:
    """Return the stream that ``make`` opens, given sounddevice and the device that is meant. Raises ``DeviceError``."""

    def opening() -> tuple[Any, DeviceInfo]:
        device = choose(_devices(), wanted, kind)
        sound = _library()
        with _explaining(sound, f'The {_WORD[kind]} "{device.name}" does not open'):
            stream = make(sound, device)
        _streams.append(stream)
        return stream, device

    return _call(opening)


def begin(stream: Any, what: str) -> None:
    """Let an open stream run. Raises ``DeviceError``."""

    def beginning() -> None:
        with _explaining(_library(), f"The {what} does not start"):
            stream.start()

    _call(beginning)


def release(stream: Any) -> None:
    """Close a stream at once; safe to call twice. One that hangs is left behind."""

    def releasing() -> None:
        if stream in _streams:
            stream.close()
            _streams.remove(stream)

    if stream in _streams:
        with suppress(HungError):  # whoever asks for anything more is told
            _call(releasing)


def _call(action: Callable[[], T]) -> T:
    """Have it done in the one thread that calls PortAudio. Raises ``HungError``, and what ``action`` raises."""
    return _portaudio.call(action, patience=None if "sounddevice" in sys.modules else _LOADING)


def _end_in_time(sound: Any) -> None:
    """Have the library ended with the program as all else is done with it: in the one thread, and with a limit.

    sounddevice itself would end it whatever that thread is at, and wait until what hangs comes back.
    """
    if (ending := getattr(sound, "_exit_handler", None)) is not None:
        atexit.unregister(ending)
        atexit.register(_end, ending)


def _end(ending: Callable[[], None]) -> None:
    with suppress(HungError):
        _portaudio.call(ending)


def _devices() -> list[DeviceInfo]:
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


def _is_default(info: DeviceInfo, kind: Kind) -> bool:
    return info.is_default_input if kind == "input" else info.is_default_output


@contextmanager
def _explaining(sound: Any, trouble: str) -> Iterator[None]:
    try:
        with _hush:
            yield
    except sound.PortAudioError as error:
        raise DeviceError(f"{trouble}: {error.args[0]}.", mend=_LOOK) from error


def _library(*, look_again: bool = False) -> Any:
    """Return sounddevice, on request with the devices of this moment. Raises ``DeviceError``."""
    loaded = "sounddevice" in sys.modules
    try:
        with _hush:
            _refuse_a_missing_default()
            import sounddevice
    except ImportError as error:
        raise DeviceError("The Python package sounddevice is missing.", mend="pip install sounddevice") from error
    except OSError as error:
        text = "PortAudio, the library that plays and records, is missing."
        raise DeviceError(text, mend="sudo apt install libportaudio2") from error
    if not loaded:
        _end_in_time(sounddevice)
    elif look_again:
        _restart(sounddevice)
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
    with _hush, suppress(sound.PortAudioError):
        sound._terminate()  # noqa: SLF001 - sounddevice documents no other way to look again
        sound._initialize()  # noqa: SLF001


class _Hush:
    """Keeps ALSA and PortAudio, which write of every device they tried, from writing to this process's stderr.

    Entered by the one thread that calls them; ended by whoever finds that they never come back.
    """

    def __init__(self) -> None:
        self._kept: int | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock, suppress(OSError):  # a daemon without stderr
            self._kept = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Let it be written to again; safe to call twice."""
        with self._lock:
            if self._kept is not None:
                os.dup2(self._kept, 2)
                os.close(self._kept)
                self._kept = None


_hush = _Hush()
_portaudio = Patient("portaudio", _PATIENCE, _hush.end)
