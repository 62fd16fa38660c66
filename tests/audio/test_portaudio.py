"""PortAudio's devices, against a fake library: names, refusals, losses, and everything no healthy machine does."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import threading
import time
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from voicecoach.audio import portaudio, soundcards
from voicecoach.audio.open import open_microphone, open_speaker
from voicecoach.audio.patience import Patient
from voicecoach.audio.portaudio import DeviceInfo, PortAudioMicrophone, PortAudioSpeaker, devices
from voicecoach.packages import pip_install
from voicecoach.ports import EAR_BLOCK, EAR_RATE, DeviceError, HungError, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OK = SimpleNamespace(output_underflow=False, input_overflow=False)


class PortAudioError(Exception):
    """As in sounddevice: a text and a number."""


class FakeStream:
    def __init__(self, library: FakeSound, **settings: Any) -> None:
        device = library.entries[settings["device"]]
        if settings["samplerate"] not in device["rates"]:
            raise PortAudioError("Invalid sample rate", -9997)
        if settings["channels"] not in device["widths"]:
            raise PortAudioError("Invalid number of channels", -9998)
        if device["busy"]:
            raise PortAudioError("Device unavailable", -9985)
        self.settings = settings
        self.samplerate = float(settings["samplerate"])
        self.latency = 0.001
        self.closed = False
        self.calls: list[str] = []
        self.hang = threading.Event()
        self.hang.set()
        self._library = library
        library.streams.append(self)

    def start(self) -> None:
        self.hang.wait()
        if self._library.will_not_start:
            raise PortAudioError("Unanticipated host error", -9999)
        self.calls.append("start")

    def close(self) -> None:
        self.hang.wait()
        self.calls.append("close")
        self.closed = True

    def pull(self, status: object = OK) -> Samples:
        out = np.full((self.settings["blocksize"], self.settings["channels"]), 9.0, np.float32)
        self.settings["callback"](out, len(out), None, status)
        return out

    def push(self, sound: Samples, status: object = OK) -> None:
        wide = np.repeat(sound[:, np.newaxis], self.settings["channels"], axis=1)
        self.settings["callback"](wide, len(wide), None, status)


class FakeSound(ModuleType):
    """sounddevice, as far as it is used: it lists what was there when it was initialised."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        super().__init__("sounddevice")
        self.plugged: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.streams: list[FakeStream] = []
        self.default = SimpleNamespace(device=[-1, -1])
        self.will_not_start = False
        self.broken = False
        self.hang = threading.Event()
        self.hang.set()

    def plug(self, name: str, inputs: int = 0, outputs: int = 0, **more: Any) -> dict[str, Any]:
        entry = {
            "name": name,
            "max_input_channels": inputs,
            "max_output_channels": outputs,
            "default_samplerate": 48_000.0,
        }
        entry |= {"rates": {16_000, 48_000}, "widths": {1, 2}, "busy": False} | more
        self.plugged.append(entry)
        return entry

    def _terminate(self) -> None:
        assert all(stream.closed for stream in self.streams), "a restart under an open stream kills it"
        self.hang.wait()

    def _initialize(self) -> None:
        self.entries = list(self.plugged)
        if self.broken:
            raise PortAudioError("Insufficient memory", -9992)

    def query_devices(self) -> list[dict[str, Any]]:
        self.hang.wait()
        if self.broken:
            raise PortAudioError("PortAudio not initialized", -10000)
        return self.entries

    def OutputStream(self, **settings: Any) -> FakeStream:  # noqa: N802
        return FakeStream(self, **settings)

    InputStream = OutputStream


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSound]:
    fake = FakeSound()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    monkeypatch.setattr(soundcards, "_streams", [])
    monkeypatch.setattr(soundcards, "_portaudio", Patient("portaudio", 5.0, soundcards._hush.end))
    yield fake
    fake.hang.set()
    for stream in fake.streams:
        stream.hang.set()


def info(number: int, name: str, inputs: int = 0, outputs: int = 0, *, default: bool = False) -> DeviceInfo:
    return DeviceInfo(number, name, inputs, outputs, 48_000, default and bool(inputs), default and bool(outputs))


CARDS = [
    info(0, "HDA Intel", outputs=2),
    info(1, "USB Audio: mic", inputs=1),
    info(2, "USB Audio", inputs=1, outputs=2, default=True),
    info(3, "Bluetooth", outputs=2),
    info(4, "8", outputs=2),
]


@pytest.mark.parametrize(
    ("wanted", "kind", "number"),
    [
        (None, "output", 2),
        ("default", "output", 2),
        ("", "input", 2),
        ("USB Audio", "input", 2),  # exact, though also a part of another
        ("usb audio: MIC", "input", 1),
        ("blue", "output", 3),
        ("0", "output", 0),
        ("1", "input", 1),
        ("8", "output", 4),  # a name that looks like a number
    ],
)
def test_a_name_or_number_means_one_device(wanted: str | None, kind: soundcards.Kind, number: int) -> None:
    assert soundcards.choose(CARDS, wanted, kind).number == number


@pytest.mark.parametrize(
    ("wanted", "kind", "says"),
    [
        (
            "nope",
            "output",
            'no loudspeaker called "nope". There is: 0 "HDA Intel", 2 "USB Audio", 3 "Bluetooth", 4 "8"',
        ),
        ("usb", "input", 'may be any of these: 1 "USB Audio: mic", 2 "USB Audio"'),
        ("3", "input", 'no microphone called "3"'),  # a loudspeaker's number
    ],
)
def test_a_name_that_means_no_device_or_many_is_refused_with_what_there_is(
    wanted: str, kind: soundcards.Kind, says: str
) -> None:
    with pytest.raises(DeviceError) as caught:
        soundcards.choose(CARDS, wanted, kind)
    assert says in str(caught.value)
    assert caught.value.mend


def test_without_a_default_the_first_device_that_can_is_taken() -> None:
    assert soundcards.choose(CARDS[:2], None, "input").number == 1


def test_devices_are_listed_with_what_they_can(sound: FakeSound) -> None:
    sound.plug("in", inputs=1)
    sound.plug("out", outputs=2, default_samplerate=44_100.0)
    sound.default.device = [0, 1]
    assert devices() == [
        DeviceInfo(0, "in", 1, 0, 48_000, is_default_input=True, is_default_output=False),
        DeviceInfo(1, "out", 0, 2, 44_100, is_default_input=False, is_default_output=True),
    ]


def test_what_is_plugged_in_later_is_found_unless_a_stream_is_open(sound: FakeSound) -> None:
    sound.plug("first", outputs=2)
    speaker = PortAudioSpeaker("first")
    sound.plug("second", outputs=2)
    with pytest.raises(DeviceError, match="second"):
        PortAudioSpeaker("second")
    speaker.close()
    PortAudioSpeaker("second").close()


@pytest.mark.parametrize(
    "make",
    [
        PortAudioSpeaker,
        PortAudioMicrophone,
        lambda: open_microphone("x"),
        lambda: open_speaker("x", rate=48_000, block=960, latency=0.06),
    ],
)
def test_a_machine_without_devices_says_so(sound: FakeSound, make: Callable[[], object]) -> None:
    with pytest.raises(DeviceError, match=r"no (microphone|loudspeaker) on this machine") as caught:
        make()
    assert "-l" in caught.value.mend


@pytest.mark.parametrize(
    ("error", "says", "mend"),
    [
        (OSError("PortAudio library not found"), "PortAudio", "sudo apt install libportaudio2"),
        (ImportError("No module named sounddevice"), "sounddevice", pip_install("sounddevice")),
    ],
)
def test_a_missing_library_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, error: Exception, says: str, mend: str
) -> None:
    original = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "sounddevice":
            raise error
        return original(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    for make in (devices, PortAudioSpeaker, PortAudioMicrophone):
        with pytest.raises(DeviceError, match=says) as caught:
            make()
        assert caught.value.mend == mend


def test_importing_the_devices_needs_no_library() -> None:
    code = "import sys, voicecoach.audio.open; sys.exit('sounddevice' in sys.modules or 'soxr' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_library_that_breaks_is_a_clear_error(sound: FakeSound) -> None:
    sound.broken = True
    with pytest.raises(DeviceError, match="cannot list the devices: PortAudio not initialized"):
        devices()


HANGS: dict[str, Callable[[PortAudioSpeaker, PortAudioMicrophone], object]] = {
    "list": lambda *_: devices(),
    "open": lambda *_: PortAudioMicrophone(),
    "start": lambda speaker, _: speaker.start(lambda block: None),
    "start the microphone": lambda _, microphone: microphone.read(),
}


@pytest.mark.parametrize("which", [*HANGS, "close"])
def test_whatever_hangs_is_waited_for_once_and_from_then_on_everything_says_so(
    sound: FakeSound, which: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sound.plug("card", inputs=1, outputs=2)
    speaker, microphone = PortAudioSpeaker(), PortAudioMicrophone()
    soundcards._portaudio.patience = 0.3
    before = threading.active_count()
    sound.hang.clear()
    for stream in sound.streams:
        stream.hang.clear()
    if which == "close":
        speaker.close()
    else:
        with pytest.raises(HungError, match="does not answer") as caught:
            HANGS[which](speaker, microphone)
        assert caught.value.mend
    os.write(2, b"our own words\n")
    assert capfd.readouterr().err == "our own words\n", "what would hush the library is undone, though it never ends"
    soundcards._portaudio.patience = 60.0
    began = time.monotonic()
    for again in (devices, PortAudioSpeaker, PortAudioMicrophone):
        with pytest.raises(HungError):
            again()
    speaker.close()
    microphone.close()
    assert time.monotonic() - began < 20, "nobody waits any more"
    assert threading.active_count() <= before, "and no thread was made for it"


def test_what_hangs_is_not_waited_for_at_the_end_of_the_program(
    sound: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_exit: list[Callable[[], None]] = []
    fake = SimpleNamespace(register=lambda *call: at_exit.append(partial(*call)), unregister=lambda _: None)
    monkeypatch.setattr(soundcards, "atexit", fake)
    ended = threading.Event()
    monkeypatch.setattr(sound, "_exit_handler", lambda: ended.wait(20), raising=False)
    soundcards._end_in_time(sound)
    soundcards._portaudio.patience = 0.05
    began = time.monotonic()
    at_exit[0]()
    at_exit[0]()
    assert time.monotonic() - began < 10
    ended.set()


def test_whoever_waits_behind_a_call_that_hangs_is_told_with_it_and_is_not_served_later() -> None:
    go, made = threading.Event(), []
    patient = Patient("library", 0.5)
    told: list[str] = []

    def first() -> None:
        with pytest.raises(HungError):
            patient.call(lambda: go.wait(20))
        told.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    time.sleep(0.1)
    with pytest.raises(HungError):
        patient.call(lambda: made.append("late"), patience=60.0)
    thread.join(20)
    assert told == ["first"]
    assert patient.hung
    go.set()
    time.sleep(0.1)
    assert made == []


def test_a_call_gives_back_what_it_returns_and_what_it_raises() -> None:
    patient = Patient("library", 5.0)
    assert patient.call(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        patient.call(lambda: 1 // 0)
    names = {patient.call(lambda: threading.current_thread().name) for _ in range(3)}
    assert names == {"library"}, "one thread makes them all"
    assert not patient.hung


def test_a_busy_device_is_a_clear_error(sound: FakeSound) -> None:
    sound.plug("card", inputs=1, outputs=2, busy=True)
    with pytest.raises(DeviceError, match='loudspeaker "card" does not open: Device unavailable') as caught:
        PortAudioSpeaker()
    assert caught.value.mend
    with pytest.raises(DeviceError, match='microphone "card" does not open: Device unavailable'):
        PortAudioMicrophone()


def test_a_device_that_does_not_start_is_a_clear_error(sound: FakeSound) -> None:
    sound.plug("card", inputs=1, outputs=2)
    speaker, microphone = PortAudioSpeaker(), PortAudioMicrophone()
    sound.will_not_start = True
    with pytest.raises(DeviceError, match='loudspeaker "card" does not start'):
        speaker.start(lambda block: None)
    with pytest.raises(DeviceError, match='microphone "card" does not start'):
        microphone.read()
    speaker.close()
    microphone.close()


def test_speaker_copies_one_block_to_both_channels(sound: FakeSound) -> None:
    sound.plug("card", outputs=8)
    speaker = PortAudioSpeaker(rate=48_000, block=480, latency=0.03)
    seen: list[int] = []

    def fill(block: Samples) -> None:
        seen.append(id(block))
        block[:] = np.arange(480) / 480

    speaker.start(fill)
    (stream,) = sound.streams
    out = stream.pull()
    stream.pull()
    assert out.shape == (480, 2)
    np.testing.assert_array_equal(out[:, 0], (np.arange(480) / 480).astype(np.float32))
    np.testing.assert_array_equal(out[:, 1], out[:, 0])
    assert len(set(seen)) == 1, "the same block every time: no allocation in the callback"
    assert stream.settings["latency"] == 0.03
    speaker.close()


def test_speaker_counts_underflows(sound: FakeSound) -> None:
    sound.plug("card", outputs=2)
    speaker = PortAudioSpeaker()
    speaker.start(lambda block: None)
    for status in (OK, SimpleNamespace(output_underflow=True), OK, SimpleNamespace(output_underflow=True)):
        sound.streams[0].pull(status)
    assert speaker.underflows == 2
    speaker.close()


def test_speaker_is_silent_and_pulls_nothing_once_closing(sound: FakeSound) -> None:
    sound.plug("card", outputs=2)
    speaker = PortAudioSpeaker()
    speaker.start(lambda block: block.fill(0.5))
    assert sound.streams[0].pull().all()
    speaker.close()
    assert not sound.streams[0].pull().any()
    speaker.close()
    assert sound.streams[0].calls == ["start", "close"]
    with pytest.raises(DeviceError, match="not open"):
        speaker.start(lambda block: None)


def test_speaker_knows_that_it_is_lost_and_then_does_not_wait_for_its_last_sound(
    sound: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound.plug("card", outputs=2)
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(portaudio, "time", SimpleNamespace(monotonic=lambda: clock.now))
    speaker = PortAudioSpeaker()
    clock.now = 100.0
    assert not speaker.lost, "not started"
    speaker.start(lambda block: None)
    clock.now += 2.9
    assert not speaker.lost
    clock.now += 0.2
    assert speaker.lost
    sound.streams[0].pull()
    assert not speaker.lost
    clock.now += 0.9
    assert not speaker.lost
    clock.now += 0.2
    assert speaker.lost
    speaker.close()  # would fail if it slept: this clock cannot
    assert not speaker.lost, "closed"


def test_microphone_gives_blocks_in_order(sound: FakeSound) -> None:
    sound.plug("card", inputs=2)
    microphone = PortAudioMicrophone("card")
    (stream,) = sound.streams
    assert (stream.samplerate, stream.settings["channels"], stream.settings["blocksize"]) == (EAR_RATE, 1, EAR_BLOCK)
    assert stream.calls == [], "it records nothing before somebody reads"
    for n in range(3):
        stream.push(np.full(EAR_BLOCK, n / 4, np.float32))
    assert [float(microphone.read()[0]) for _ in range(3)] == [0.0, 0.25, 0.5]
    assert stream.calls == ["start"]
    stream.push(np.full(EAR_BLOCK, 1.5, np.float32))
    assert set(microphone.read()) == {1.0}, "a sound server mixes beyond full scale"
    microphone.close()


@pytest.mark.parametrize(
    ("can", "opened"),
    [
        ({"rates": {48_000}}, (48_000, 1, 960)),
        ({"rates": {44_100}, "default_samplerate": 44_100.0}, (44_100, 1, 882)),
        ({"widths": {2}}, (16_000, 2, 320)),
        ({"rates": {48_000}, "widths": {2}}, (48_000, 2, 960)),
    ],
)
def test_a_card_that_refuses_the_ears_format_is_resampled(
    sound: FakeSound, can: dict[str, Any], opened: tuple[int, int, int]
) -> None:
    sound.plug("usb", inputs=2, **can)
    microphone = PortAudioMicrophone()
    (stream,) = sound.streams
    settings = stream.settings
    assert (settings["samplerate"], settings["channels"], settings["blocksize"]) == opened
    rate, _, size = opened
    card = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * rate) / rate)).astype(np.float32)
    heard: list[Samples] = []
    for at in range(0, len(card), size):
        stream.push(card[at : at + size])
        if at > 5 * size:
            heard.append(microphone.read())
    sound_heard = np.concatenate(heard)
    assert {block.shape for block in heard} == {(EAR_BLOCK,)}
    wanted = 0.5 * np.exp(2j * np.pi * 1000 * np.arange(len(sound_heard)) / EAR_RATE)
    steady = slice(EAR_RATE // 10, None)
    # One pure tone of the right pitch: no seam between blocks, no lost frame.
    level = np.abs(np.vdot(wanted[steady], sound_heard[steady])) / np.vdot(wanted[steady], wanted[steady]).real
    assert level == pytest.approx(0.5, rel=0.01)
    microphone.close()


def test_a_slow_ear_loses_the_oldest_blocks(sound: FakeSound) -> None:
    sound.plug("card", inputs=1)
    microphone = PortAudioMicrophone()
    for n in range(130):
        sound.streams[0].push(np.full(EAR_BLOCK, n / 130, np.float32))
    assert microphone.dropped == 30
    assert float(microphone.read()[0]) == pytest.approx(30 / 130)
    sound.streams[0].push(np.zeros(EAR_BLOCK, np.float32), SimpleNamespace(input_overflow=True))
    assert microphone.overflows == 1
    microphone.close()


def test_what_waits_to_be_read_can_be_forgotten(sound: FakeSound) -> None:
    sound.plug("card", inputs=1)
    microphone = PortAudioMicrophone()
    for _ in range(10):
        sound.streams[0].push(np.full(EAR_BLOCK + 100, 0.5, np.float32))
    assert microphone.read().all()
    microphone.forget()
    sound.streams[0].push(np.zeros(EAR_BLOCK, np.float32))
    assert not microphone.read().any()
    microphone.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A microphone that waits 100 times less."""
    for name in ("_GRACE", "_SILENCE", "_WAIT"):
        monkeypatch.setattr(portaudio, name, getattr(portaudio, name) / 100)


@pytest.mark.usefixtures("hasty")
def test_a_microphone_that_never_begins_is_silent_first_and_then_an_error(sound: FakeSound) -> None:
    sound.plug("card", inputs=1)
    microphone = PortAudioMicrophone()
    assert not microphone.read().any()
    assert not microphone.read().any()
    with pytest.raises(DeviceError, match='microphone "card" has stopped') as caught:
        microphone.read()
    assert caught.value.mend
    microphone.close()


@pytest.mark.usefixtures("hasty")
def test_a_microphone_that_stops_is_an_error_after_a_second(sound: FakeSound) -> None:
    sound.plug("card", inputs=1)
    microphone = PortAudioMicrophone()
    sound.streams[0].push(np.ones(EAR_BLOCK, np.float32))
    assert microphone.read().all()
    with pytest.raises(DeviceError, match="has stopped"):
        microphone.read()
    sound.streams[0].push(np.ones(EAR_BLOCK, np.float32))
    assert microphone.read().all(), "it came back"
    microphone.close()


def test_close_frees_a_waiting_reader(sound: FakeSound) -> None:
    sound.plug("card", inputs=1)
    microphone = PortAudioMicrophone()
    threading.Timer(0.05, microphone.close).start()
    began = time.monotonic()
    with pytest.raises(DeviceError, match="not open"):
        microphone.read()
    assert time.monotonic() - began < 0.9, "before the second is over"
    microphone.close()
    with pytest.raises(DeviceError, match="not open"):
        microphone.read()
    assert sound.streams[0].calls == ["start", "close"]


def test_the_chatter_of_alsa_is_not_shown(
    sound: FakeSound, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound.plug("card", outputs=2)

    def chatter() -> None:
        os.write(2, b"ALSA lib confmisc.c: cannot find card '0'\n")

    monkeypatch.setattr(sound, "_terminate", chatter)
    devices()
    os.write(2, b"our own words\n")
    assert capfd.readouterr().err == "our own words\n"
