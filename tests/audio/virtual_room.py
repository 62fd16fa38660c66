"""A living room without a sound card: a private PulseAudio whose loudspeaker, air and microphone are virtual.

Rule: nothing outside the room's own temporary folder is read or written, and every process it starts is ended by its id.

One 48 kHz mono null sink, ``air``, is the room: ``spk`` and ``user`` are remap-sinks into it, so that everything is summed
on one clock, sample by sample, and its monitor is the microphone::

    the coach  -> [spk]  --(echo_db)--> [air] --monitor--> [mic] -> the ear
    the person -> [user] --(0 dB)-----> [air]

``spk.monitor`` is exactly what the coach played; ``mic`` is what the microphone hears, with the faint noise that every
room and microphone has (without it a quiet microphone would be as mute as an unplugged one). (No module-loopback: one glitch
leaves it seconds late for good.) Needs the programs pulseaudio, pactl, pacat and parec; PortAudio sees the room through
ALSA's pulse plug-in.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from voicecoach.audio.wav import write_wav

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

RATE = 48_000
"""Hz, throughout: any other rate would put a resampler between the devices."""

_PATIENCE = 20.0
"""Seconds to wait for the server or a first block of sound before giving up."""

_LIFETIME = 900

Device = Literal["mic", "spk"]

_FORMAT = (f"--rate={RATE}", "--channels=1", "--format=s16le")

_MODULES: dict[str, tuple[str, ...]] = {
    "air": ("module-null-sink", "sink_name=air", "format=s16le"),
    "user": ("module-remap-sink", "sink_name=user", "master=air", "remix=no"),
    "spk": ("module-remap-sink", "sink_name=spk", "master=air", "remix=no"),
    "mic": ("module-remap-source", "source_name=mic", "master=air.monitor"),
    "nothing": ("module-null-source", "source_name=nothing"),
}

_NOISE_DB = -80.0
"""dBFS of the room's noise: three steps of 16 bits."""

_FULL_NOISE_DB = -4.8
"""dBFS of random bytes taken for 16-bit samples."""

_ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default {{ type pulse server "{server}" }}
ctl.!default {{ type pulse server "{server}" }}
"""


class VirtualRoom:
    """The room, open between ``__enter__`` and ``__exit__``."""

    def __init__(self, echo_db: float | None = -6.0, lifetime: int = _LIFETIME) -> None:
        """``echo_db`` is the gain from loudspeaker to microphone; None is a headset: no echo at all.

        ``lifetime`` is in seconds: coreutils' ``timeout`` ends then whatever outlived a test run that was killed.
        """
        self._lifetime = lifetime
        self._echo_db = echo_db
        self._modules: dict[str, str] = {}
        self._open = ExitStack()
        self.env: dict[str, str] = {}
        """The environment of a child process that lives in this room."""

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._folder = Path(
                undo.enter_context(tempfile.TemporaryDirectory(prefix="room-", ignore_cleanup_errors=True))
            )
            self.env = self._furnish()
            undo.callback(self._modules.clear)
            self._server = server = undo.enter_context(self._process(self._server_command()))
            _wait(lambda: server.poll() is not None or self._answers(), "the sound server")
            if server.poll() is not None:
                log = (self._folder / "pulseaudio").read_text(errors="replace")
                raise RuntimeError(f"the private sound server did not start:\n{log}")
            for name in ("air", "user", "nothing"):
                self._load(name)
            self.plug("spk")
            self.plug("mic")
            # A null sink nobody uses works in steps of two seconds; these two streams hold it to about 10 ms.
            quick = ("--latency-msec=10", *_FORMAT, "--client-name=keep-alive")
            noise = f"--volume={_cubic(_NOISE_DB - _FULL_NOISE_DB)}"
            undo.enter_context(self._process(["pacat", "--playback", "--device=air", noise, *quick, "/dev/urandom"]))
            undo.enter_context(self._process(["parec", "--device=air.monitor", *quick, "/dev/null"]))
            with self.record(self._folder / "settle.wav", "mic"):
                pass
            self._open = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def echo_db(self) -> float | None:
        """Gain from loudspeaker to microphone; assign to change it while something plays."""
        return self._echo_db

    @echo_db.setter
    def echo_db(self, gain: float | None) -> None:
        self._echo_db = gain
        stream = self._stream_of(self._modules["spk"])
        self._pactl("set-sink-input-mute", stream, "1" if gain is None else "0")
        if gain is not None:
            # "-6dB" would lower what is set by 6 dB; a bare number is absolute, on the server's cubic scale.
            self._pactl("set-sink-input-volume", stream, str(_cubic(gain)))

    def plug(self, device: Device) -> None:
        """Bring the loudspeaker or the microphone (back), as the server's default."""
        self._load(device)
        if device == "spk":
            self.echo_db = self._echo_db
            self._pactl("set-default-sink", "spk")
        else:
            self._pactl("set-default-source", "mic")

    def unplug(self, device: Device) -> None:
        """Take the loudspeaker or the microphone away under whoever uses it.

        In the microphone's place the server has one that hears nothing: it gives zeros, and streams are moved there.
        """
        if device == "mic":
            self._pactl("set-default-source", "nothing")
        self._pactl("unload-module", self._modules.pop(device))

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Have the sound server stand still: it is there, and answers nobody."""
        os.killpg(self._server.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._server.pid, signal.SIGCONT)

    def mute(self, *, muted: bool) -> None:
        """Press the microphone's switch."""
        self._pactl("set-source-mute", "mic", str(int(muted)))

    def say(self, path: Path) -> None:
        """Let the person play a WAV file into the room; returns when it was heard."""
        command = ["paplay", "--device=user", "--latency-msec=500", str(path)]
        subprocess.run(command, env=self.env, check=True, timeout=60 + _PATIENCE)

    @contextmanager
    def record(self, path: Path, point: Device = "spk") -> Iterator[None]:
        """Record what the loudspeaker plays or the microphone hears, into a WAV file of ``RATE``, from before to after."""
        raw = self._folder / f"{point}-{time.monotonic_ns()}.raw"
        source = "spk.monitor" if point == "spk" else "mic"
        with self._process(["parec", f"--device={source}", "--latency-msec=20", *_FORMAT, str(raw)]):
            _wait(lambda: raw.exists() and raw.stat().st_size > 0, f"sound from {source}")
            yield
            after = time.monotonic() + 0.3  # what was played at the very end is still on its way
            _wait(lambda: time.monotonic() > after, "the end of the recording")
        pcm = np.fromfile(raw, "<i2")
        write_wav(path, pcm.astype(np.float32) / np.float32(32768), RATE)

    def _furnish(self) -> dict[str, str]:
        """Write the configuration of server and clients; return the environment that points at it."""
        folder = str(self._folder)
        server = f"unix:{folder}/native"
        (self._folder / "asound.conf").write_text(_ALSA.format(server=server))
        (self._folder / "client.conf").write_text("autospawn = no\n")
        rates = f"default-sample-rate = {RATE}\nalternate-sample-rate = {RATE}\ndefault-sample-channels = 1\n"
        (self._folder / "daemon.conf").write_text(rates + "flat-volumes = no\nresample-method = speex-float-3\n")
        outside = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY")
        return {name: value for name, value in os.environ.items() if name not in outside} | {
            "PULSE_SERVER": server,
            "PULSE_RUNTIME_PATH": folder,
            "PULSE_STATE_PATH": folder,
            "PULSE_CONFIG_PATH": folder,
            "PULSE_COOKIE": f"{folder}/cookie",
            "PULSE_CLIENTCONFIG": f"{folder}/client.conf",
            "ALSA_CONFIG_PATH": f"{folder}/asound.conf",
        }

    def _server_command(self) -> list[str]:
        flags = ["--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes"]
        flags += ["--realtime=no", "--high-priority=no", "--log-level=notice"]
        return [
            "pulseaudio",
            "-n",
            *flags,
            "-L",
            f"module-native-protocol-unix socket={self._folder}/native auth-anonymous=1",
        ]

    @contextmanager
    def _process(self, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program of the room until the context ends; it writes to a file named after it."""
        with (self._folder / command[0]).open("ab") as log:
            whole = ["timeout", str(self._lifetime), *command]
            process = subprocess.Popen(
                whole, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield process
        finally:
            process.terminate()  # ``timeout`` hands this on to its child
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _load(self, name: str) -> None:
        module, *arguments = _MODULES[name]
        self._modules[name] = self._pactl("load-module", module, *arguments, f"rate={RATE}", "channels=1").strip()

    def _stream_of(self, module: str) -> str:
        """Return the number of the stream by which a remap-sink plays into the air."""
        for entry in self._pactl("list", "sink-inputs").split("Sink Input #")[1:]:
            if f"Owner Module: {module}\n" in entry:
                return entry.split("\n", 1)[0]
        raise LookupError(f"module {module} plays nothing")

    def _answers(self) -> bool:
        return (
            subprocess.run(
                ["pactl", "info"], env=self.env, capture_output=True, timeout=_PATIENCE, check=False
            ).returncode
            == 0
        )

    def _pactl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pactl", *arguments], env=self.env, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        if done.returncode:
            raise RuntimeError(f"pactl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout


def _cubic(gain: float) -> int:
    """Return a gain in dB as a volume of the server, whose scale is cubic."""
    return round(65536 * 10 ** (gain / 60))


def _wait(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {_PATIENCE:.0f} s for {what}")
        time.sleep(0.02)
