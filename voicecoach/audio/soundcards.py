"""What PortAudio knows of this machine: the library itself, its devices, and which of them a name means.

The loudspeakers and microphones of a sound server are among them, by the server's names.

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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from voicecoach.audio.patience import Patient
from voicecoach.audio.server_names import THROUGH, Kind, meant, server_devices
from voicecoach.packages import pip_install
from voicecoach.ports import DeviceError, HungError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DeviceInfo", "Kind", "begin", "choose", "devices", "open_stream", "release"]

T = TypeVar("T")

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
    server: str | None = None
    """What the sound server calls it, where it is one of the server's; ``number`` is then that of the way there."""
    description: str = ""
    """What people call it; only the server tells."""
    is_monitor: bool = False
    """Whether it records what a loudspeaker plays."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that it has, in lower case."""
        return tuple(name.casefold() for name in (self.name, self.description) if name)


def devices() -> list[DeviceInfo]:
    """Return the devices that are there now; none is no error. Raises ``DeviceError`` where there is no PortAudio."""
    return _call(lambda: _devices(of_server=True))


def choose(found: list[DeviceInfo], wanted: str | None, kind: Kind) -> DeviceInfo:
    """Return the device that ``wanted`` means: an exact name, else a number, else a part of one name only, in any case.

    PortAudio's own devices come before those of the sound server, whose exact names come before a part of any.
    None and ``default`` mean the system's own choice. Raises ``DeviceError``, which lists what there is.
    """
    able = [info for info in found if (info.inputs if kind == "input" else info.outputs)]
    if not able:
        raise DeviceError(f"There is no {_WORD[kind]} on this machine.", mend=f"plug one in, then: {_LIST[kind]}")
    own = [info for info in able if info.server is None]
    if wanted in {None, "", "default"}:
        return next((info for info in own if _is_default(info, kind)), own[0])
    matches = _matches(own, [info for info in able if info.server is not None], str(wanted))
    if len(matches) == 1:
        return matches[0]
    names = ", ".join(_told(info) for info in matches or able if matches or not info.is_monitor)
    if matches:
        mend = "say more of the name" if any(info.server for info in matches) else "say which by its number"
        raise DeviceError(f'"{wanted}" may be any of these: {names}.', mend=mend)
    raise DeviceError(f'There is no {_WORD[kind]} called "{wanted}". There is: {names}.', mend=_LOOK)


def _matches(own: list[DeviceInfo], served: list[DeviceInfo], wanted: str) -> list[DeviceInfo]:
    """Return what ``wanted`` may mean: of the first way to read it that means anything."""
    folded = wanted.casefold()
    return (
        [info for info in own if info.name == wanted]
        or [info for info in own if str(info.number) == wanted]
        or [info for info in served if info.server == wanted]
        or [info for info in served if folded in info.names]
        or [info for info in own if folded in info.name.casefold()]
        or [info for info in served if not info.is_monitor and any(folded in name for name in info.names)]
    )


def _told(info: DeviceInfo) -> str:
    if info.server is None:
        return f'{info.number} "{info.name}"'
    return f'"{info.server}"' + (f' ("{info.description}")' if info.description else "")


def open_stream(wanted: str | None, kind: Kind, make: Callable[[Any, DeviceInfo], Any]) -> tuple[Any, DeviceInfo]:
    """Return the stream that ``make`` opens, given sounddevice and the device that is meant. Raises ``DeviceError``."""

    def opening() -> tuple[Any, DeviceInfo]:
        named = wanted not in {None, "", "default"}
        device = choose(_devices(of_server=named), wanted, kind)
        sound = _library()
        with meant(device.server, kind), _explaining(sound, f'The {_WORD[kind]} "{device.name}" does not open'):
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


def _devices(*, of_server: bool) -> list[DeviceInfo]:
    sound = _library(look_again=not _streams)
    with _explaining(sound, "PortAudio cannot list the devices"):
        default_input, default_output = sound.default.device
        entries = sound.query_devices()
    found = [
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
    return found + _served(found) if of_server else found


def _served(found: list[DeviceInfo]) -> list[DeviceInfo]:
    """Return what the sound server has, where PortAudio reaches one."""
    way = next((info for info in found if info.name == THROUGH), None)
    if way is None:
        return []
    return [
        replace(
            way,
            name=device.name,
            inputs=way.inputs if device.kind == "input" else 0,
            outputs=way.outputs if device.kind == "output" else 0,
            is_default_input=False,
            is_default_output=False,
            server=device.name,
            description=device.description,
            is_monitor=device.is_monitor,
        )
        for device in server_devices()
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
        raise DeviceError("The Python package sounddevice is missing.", mend=pip_install("sounddevice")) from error
    except OSError as error:
        text = "PortAudio, the library that plays and records, is missing."
        raise DeviceError(text, mend="sudo apt install libportaudio2") from error
    if not loaded:
        _silence_alsa()
        _end_in_time(sounddevice)
    elif look_again:
        _restart(sounddevice)
    return sounddevice


def _silence_alsa() -> None:
    """Have ALSA say nothing of what it mends by itself ("underrun occurred"), in whatever thread, for good.

    Its handler is called with the C convention, by which whoever calls takes its words away again: so a function of C
    that takes none will do. One of Python's would wait in the thread that plays.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            quiet = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
            ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(quiet)


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
