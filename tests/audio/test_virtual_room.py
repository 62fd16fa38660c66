"""PortAudio's devices in a virtual room: what really leaves the loudspeaker and reaches the microphone.

ALSA and PortAudio read the environment once in a process, so the code under test runs in a child that lives in the room.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytest

from tests.audio.virtual_room import RATE, VirtualRoom
from voicecoach.audio.wav import read_wav, write_wav
from voicecoach.ports import EAR_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.sound

PATIENCE = 60
"""Seconds until a child counts as hung."""

TONE = """
import json, sys, threading, time
import numpy as np
from voicecoach.audio.portaudio import PortAudioMicrophone, PortAudioSpeaker
from voicecoach.ports import DeviceError

class Tone:
    "A tone of a given number of frames, then silence."
    def __init__(self, hertz, frames):
        self.hertz, self.frames, self.at, self.over = hertz, frames, 0, threading.Event()
    def fill(self, block):
        n = self.at + np.arange(len(block))
        block[:] = np.where(n < self.frames, 0.5 * np.sin(2 * np.pi * self.hertz * n / 48000), 0)
        self.at += len(block)
        if self.at >= self.frames:
            self.over.set()

def tell(**words):
    print(json.dumps(words), flush=True)
"""


class Child:
    """A Python process in the room, which prints JSON and is asked to go on by a line."""

    def __init__(self, room_env: dict[str, str], code: str, *arguments: str) -> None:
        command = [sys.executable, "-W", "error", "-c", TONE + code, *arguments]
        self._process = subprocess.Popen(
            command, env=room_env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        self._hung = threading.Timer(PATIENCE, self._process.kill)
        self._hung.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._hung.cancel()
        self._process.kill()
        self._process.communicate()

    def hear(self) -> dict[str, Any]:
        """Wait for the next thing it tells."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the child ended early ({self._process.wait(PATIENCE)}): {self._process.communicate()[1]}"
        words: dict[str, Any] = json.loads(line)
        return words

    def go_on(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self) -> str:
        """Wait for its end, which must be a good one; return what it wrote to stderr."""
        _, errors = self._process.communicate(timeout=PATIENCE)
        assert self._process.returncode == 0, errors
        return errors


@contextmanager
def played_out(room: VirtualRoom, child: Child, path: Path, point: str = "spk") -> Iterator[None]:
    """Record while the child plays until its end."""
    with ExitStack() as stack:
        stack.enter_context(room.record(path, "spk" if point == "spk" else "mic"))
        yield
        child.end()


def tone_in(samples: Samples, rate: int) -> tuple[float, float, float]:
    """Return length in seconds and pitch in Hz of the one tone, and the depth of its deepest gap (0..1, 1 is none)."""
    window = rate // 200
    level = np.sqrt(np.convolve(samples.astype(np.float64) ** 2, np.ones(window) / window, "same"))
    loud = np.flatnonzero(level > level.max() / 2)
    first, last = int(loud[0]), int(loud[-1])
    inside = samples[first + window : last - window]
    spectrum = np.abs(np.fft.rfft(inside * np.hanning(len(inside)), 4 * len(inside)))
    gap = level[first + window : last - window].min() / np.median(level[first:last])
    return (last - first) / rate, float(spectrum.argmax() * rate / (4 * len(inside))), float(gap)


def check_tone(hear: Callable[[], tuple[float, float, float]], hertz: float) -> None:
    """Require one whole second of a tone in one of three tries.

    A machine with much other work starves a buffer now and then; a fault of ours makes its hole every time.
    """
    for _ in range(3):
        length, pitch, gap = hear()
        if gap > 0.9:
            break
    assert gap > 0.9, "the tone has a hole"
    assert length == pytest.approx(1.0, abs=0.012)
    assert pitch == pytest.approx(hertz, abs=0.5)


@pytest.mark.parametrize("check", ["check_speaker(PortAudioSpeaker)", "check_microphone(PortAudioMicrophone)"])
def test_the_contract_is_kept(room: VirtualRoom, check: str) -> None:
    with Child(room.env, f"from voicecoach.audio.contract import *\n{check}") as child:
        assert child.end() == ""


def test_a_tone_arrives_whole_and_its_last_block_too(room: VirtualRoom, tmp_path: Path) -> None:
    code = """
tone = Tone(440, 48000)
speaker = PortAudioSpeaker()
speaker.start(tone.fill)
tone.over.wait()
speaker.close()
"""

    def hear() -> tuple[float, float, float]:
        with Child(room.env, code) as child, played_out(room, child, tmp_path / "spk.wav"):
            pass
        return tone_in(read_wav(tmp_path / "spk.wav").samples, RATE)

    check_tone(hear, 440)


def test_what_a_person_says_is_heard_at_16_khz(room: VirtualRoom, tmp_path: Path) -> None:
    said = (0.4 * np.sin(2 * np.pi * 700 * np.arange(RATE) / RATE)).astype(np.float32)
    write_wav(tmp_path / "said.wav", said, RATE)
    code = """
from voicecoach.audio.wav import write_wav
microphone = PortAudioMicrophone("pulse")
heard = [microphone.read()]
tell(listening=True)
while sum(bool(abs(block).max() > 0.1) for block in heard) < 45 or abs(heard[-1]).max() > 0.1:
    heard.append(microphone.read())
microphone.close()
write_wav(sys.argv[1], np.concatenate(heard), 16000)
tell(dropped=microphone.dropped)
"""

    def hear() -> tuple[float, float, float]:
        with Child(room.env, code, str(tmp_path / "heard.wav")) as child:
            child.hear()
            room.say(tmp_path / "said.wav")
            assert child.hear() == {"dropped": 0}
            child.end()
        return tone_in(read_wav(tmp_path / "heard.wav").samples, EAR_RATE)

    check_tone(hear, 700)


@pytest.mark.parametrize(("echo_db", "expected"), [(-6.0, -6.0), (-20.0, -20.0), (None, None)])
def test_the_loudspeaker_reaches_the_microphone_as_loud_as_the_room_says(
    room: VirtualRoom, tmp_path: Path, echo_db: float | None, expected: float | None
) -> None:
    room.echo_db = echo_db
    code = """
tone = Tone(440, 24000)
speaker = PortAudioSpeaker()
speaker.start(tone.fill)
tone.over.wait()
speaker.close()
"""
    with (
        Child(room.env, code) as child,
        room.record(tmp_path / "mic.wav", "mic"),
        played_out(room, child, tmp_path / "spk.wav"),
    ):
        pass
    played = np.abs(read_wav(tmp_path / "spk.wav").samples).max()
    heard = np.abs(read_wav(tmp_path / "mic.wav").samples).max()
    assert played == pytest.approx(0.5, rel=0.02)
    if expected is None:
        assert heard < 0.001, "nothing but the noise of the room"
    else:
        assert 20 * np.log10(heard / played) == pytest.approx(expected, abs=0.3)


def test_a_wrong_name_is_refused_with_the_names_there_are(room: VirtualRoom) -> None:
    code = """
from voicecoach.audio.open import open_microphone, open_speaker
for make in (lambda: open_microphone("no such"), lambda: open_speaker("no such", rate=48000, block=960, latency=0.06)):
    try:
        make()
    except DeviceError as error:
        tell(says=str(error), mend=error.mend)
"""
    with Child(room.env, code) as child:
        for word in ("microphone", "loudspeaker"):
            told = child.hear()
            assert told["says"].startswith(f'There is no {word} called "no such". There is: ')
            assert '"pulse"' in told["says"]
            assert told["mend"]
        assert child.end() == ""


@pytest.fixture
def rooms(room: VirtualRoom) -> Iterator[VirtualRoom]:
    """A room with two more loudspeakers elsewhere."""
    with room.another_loudspeaker("sink.kitchen", "Küche Speaker"), room.another_loudspeaker("sink.bath", "Bath"):
        yield room


PLAY_BY_NAME = """
for name, hertz in (arg.split("=") for arg in sys.argv[1:]):
    tone = Tone(int(hertz), 12000)
    speaker = PortAudioSpeaker(name)
    speaker.start(tone.fill)
    tone.over.wait()
    speaker.close()
"""


def test_a_loudspeaker_of_the_sound_server_is_chosen_by_name_or_description(rooms: VirtualRoom, tmp_path: Path) -> None:
    """In one process, one after the other: each tone is in its own room and in no other."""
    played = ("sink.kitchen=400", "KÜCHE=500", "bath=600", "default=700")
    with ExitStack() as stack:
        child = stack.enter_context(Child(rooms.env, PLAY_BY_NAME, *played))
        for point in ("sink.kitchen", "sink.bath", "spk"):
            stack.enter_context(rooms.record(tmp_path / f"{point}.wav", point))
        assert child.end() == ""
    heard = {point: pitches(tmp_path / f"{point}.wav") for point in ("sink.kitchen", "sink.bath", "spk")}
    assert heard == {"sink.kitchen": {400, 500}, "sink.bath": {600}, "spk": {700}}


def pitches(path: Path) -> set[int]:
    """Return which of 400, 500, 600 and 700 Hz are in a recording."""
    samples = read_wav(path).samples
    times = np.arange(len(samples)) / RATE
    strength = {hertz: abs(np.sum(samples * np.exp(-2j * np.pi * hertz * times))) for hertz in (400, 500, 600, 700)}
    return {hertz for hertz, found in strength.items() if found > 1000}  # a tone of 0.25 s at 0.5 has 3000


def test_loudspeaker_and_microphone_are_chosen_at_once_and_the_environment_is_left_as_it_was(
    rooms: VirtualRoom, tmp_path: Path
) -> None:
    """What is played in the bath is heard by the ear that listens to the bath."""
    code = """
import os
before = dict(os.environ)
microphone = PortAudioMicrophone("sink.bath.monitor")
tone = Tone(600, 48000)
speaker = PortAudioSpeaker("Bath")
speaker.start(tone.fill)
blocks = []
while not tone.over.is_set():
    blocks.append(microphone.read())
speaker.close()
microphone.close()
from voicecoach.audio.wav import write_wav
write_wav(sys.argv[1], np.concatenate(blocks), 16000)
tell(same=before == dict(os.environ))
"""
    with (
        Child(rooms.env | {"PULSE_SINK": "sink.kitchen"}, code, str(tmp_path / "heard.wav")) as child,
        rooms.record(tmp_path / "kitchen.wav", "sink.kitchen"),
    ):
        assert child.hear() == {"same": True}
        child.end()
    assert np.abs(read_wav(tmp_path / "heard.wav").samples).max() == pytest.approx(0.5, abs=0.05)
    assert not read_wav(tmp_path / "kitchen.wav").samples.any()


def test_an_unknown_name_lists_what_the_server_has_and_a_vague_one_what_it_may_be(rooms: VirtualRoom) -> None:
    code = """
for name in ("Attic", "sink."):
    try:
        PortAudioSpeaker(name)
    except DeviceError as error:
        tell(says=str(error), mend=error.mend)
"""
    with Child(rooms.env, code) as child:
        unknown, vague = child.hear(), child.hear()
        assert child.end() == ""
    assert '"pulse"' in unknown["says"]
    assert '"sink.kitchen" ("Küche Speaker"), "sink.bath" ("Bath")' in unknown["says"]
    assert "monitor" not in unknown["says"]
    assert vague == {
        "says": '"sink." may be any of these: "sink.kitchen" ("Küche Speaker"), "sink.bath" ("Bath").',
        "mend": "say more of the name",
    }


def test_doctor_and_calibration_know_the_names_of_the_server(rooms: VirtualRoom) -> None:
    code = """
from dataclasses import replace
from voicecoach.audio.soundcards import choose, devices
from voicecoach.checkup.sound import cards
tell(**{finding.subject: finding.detail for finding in cards(None)})
tell(name=choose(devices(), "küche", "output").name, default=choose(devices(), None, "output").name)
"""
    with Child(rooms.env, code) as child:
        told, chosen = child.hear(), child.hear()
        assert child.end() == ""
    assert "sink.kitchen (Küche Speaker)" in told["loudspeaker"].splitlines()
    assert "mic" in " ".join(told["microphone"].split())
    assert "sink.kitchen" not in told["microphone"], "what a loudspeaker plays is no microphone"
    assert chosen["name"] == "sink.kitchen"
    assert chosen["default"] in {"pulse", "default"}


def test_what_alsa_mends_by_itself_is_not_written_to_the_screen(room: VirtualRoom) -> None:
    """An underrun of any stream of the process: ALSA tells it in whatever thread it happens."""
    code = """
import ctypes
speaker = PortAudioSpeaker()
alsa = ctypes.CDLL("libasound.so.2")
handle = ctypes.c_void_p()
assert alsa.snd_pcm_open(ctypes.byref(handle), b"null", 0, 0) == 0
alsa.snd_pcm_recover(handle, -32, 0)  # -EPIPE, not silent
speaker.close()
"""
    with Child(room.env, code) as child:
        assert child.end() == ""


def test_without_pactl_the_server_is_one_device_as_ever(rooms: VirtualRoom, tmp_path: Path) -> None:
    code = """
try:
    PortAudioSpeaker("sink.kitchen")
except DeviceError as error:
    tell(says=str(error))
PortAudioSpeaker("pulse").close()
"""
    with Child(rooms.env | {"PATH": str(tmp_path)}, code) as child:
        assert child.hear()["says"].startswith('There is no loudspeaker called "sink.kitchen". There is: 0 "')
        assert child.end() == ""


@pytest.mark.parametrize("fault", ["exec sleep 30", "exit 1", "printf 'Name:\\n\\tDescription: x\\n\\377'"])
def test_a_pactl_that_fails_or_hangs_or_babbles_is_as_none(rooms: VirtualRoom, tmp_path: Path, fault: str) -> None:
    bad = tmp_path / "pactl"
    bad.write_text(f"#!/bin/sh\n{fault}\n")
    bad.chmod(0o755)
    code = """
from voicecoach.audio.soundcards import devices
tell(served=[device.name for device in devices() if device.server])
"""
    with Child(rooms.env | {"PATH": f"{tmp_path}:{rooms.env['PATH']}"}, code) as child:
        assert child.hear() == {"served": []}
        assert child.end() == ""


NO_CARDS = "pcm.!default { type hw card 99 }\nctl.!default { type hw card 99 }\n"
NO_SERVER = 'pcm.!default { type pulse server "unix:/nobody" }\n'


@pytest.mark.parametrize("alsa", [NO_CARDS, NO_SERVER])
def test_a_machine_without_devices_gives_one_sentence_and_no_chatter(
    room: VirtualRoom, tmp_path: Path, alsa: str
) -> None:
    (tmp_path / "asound.conf").write_text(alsa)
    env = room.env | {"ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"), "PULSE_SERVER": "unix:/nobody"}
    code = """
from voicecoach.audio.portaudio import devices
tell(devices=len(devices()))
for make in (PortAudioMicrophone, PortAudioSpeaker):
    try:
        make()
    except DeviceError as error:
        tell(says=str(error), mend=error.mend)
"""
    with Child(env, code) as child:
        assert child.hear() == {"devices": 0}
        for word in ("microphone", "loudspeaker"):
            told = child.hear()
            assert told["says"] == f"There is no {word} on this machine."
            assert told["mend"]
        assert child.end() == ""


def test_a_machine_where_portaudio_would_end_the_process_gives_one_sentence(room: VirtualRoom, tmp_path: Path) -> None:
    code = """
from voicecoach.audio.portaudio import devices
for make in (devices, PortAudioMicrophone, PortAudioSpeaker):
    try:
        make()
    except DeviceError as error:
        tell(says=str(error), mend=error.mend)
"""
    with Child(room.env | {"ALSA_CONFIG_PATH": str(tmp_path / "missing.conf")}, code) as child:
        for _ in range(3):
            told = child.hear()
            assert "configuration of ALSA" in told["says"]
            assert told["mend"] == "sudo apt install libasound2-data"
        assert child.end() == ""


def test_an_unplugged_loudspeaker_is_heard_again_when_it_is_back(room: VirtualRoom, tmp_path: Path) -> None:
    """Measured: the server moves the stream to another device; it goes on pulling, and comes back with the loudspeaker."""
    code = """
tone = Tone(440, 48000 * 600)
speaker = PortAudioSpeaker()
speaker.start(tone.fill)
def pulled():
    before = tone.at
    time.sleep(0.5)
    tell(pulling=tone.at > before, lost=speaker.lost)
for _ in range(3):
    sys.stdin.readline()
    pulled()
speaker.close()
"""
    with Child(room.env, code) as child:
        try:
            child.go_on()
            assert child.hear() == {"pulling": True, "lost": False}
            room.unplug("spk")
            child.go_on()
            assert child.hear() == {"pulling": True, "lost": False}
        finally:
            room.plug("spk")
        with room.record(tmp_path / "spk.wav", "spk"):
            child.go_on()
            assert child.hear() == {"pulling": True, "lost": False}
            child.end()
    assert tone_in(read_wav(tmp_path / "spk.wav").samples, RATE)[1] == pytest.approx(440, abs=3)


def test_an_unplugged_microphone_goes_on_and_hears_again_when_it_is_back(room: VirtualRoom, tmp_path: Path) -> None:
    said = (0.4 * np.sin(2 * np.pi * 700 * np.arange(RATE // 2) / RATE)).astype(np.float32)
    write_wav(tmp_path / "said.wav", said, RATE)
    code = """
microphone = PortAudioMicrophone()
microphone.read()
tell(listening=True)
sys.stdin.readline()
for _ in range(50):
    microphone.read()
tell(listening=True)
while abs(microphone.read()).max() < 0.1:
    pass
tell(heard=True)
microphone.close()
"""
    with Child(room.env, code) as child:
        child.hear()
        room.unplug("mic")
        try:
            child.go_on()
            child.hear()
        finally:
            room.plug("mic")
        room.say(tmp_path / "said.wav")
        assert child.hear() == {"heard": True}
        child.end()


def test_the_death_of_the_sound_server_is_noticed_and_its_return_found(room: VirtualRoom, tmp_path: Path) -> None:
    code = """
from voicecoach.audio.portaudio import devices
def open_both():
    tone, speaker, microphone = Tone(440, 48000 * 600), PortAudioSpeaker(), PortAudioMicrophone()
    speaker.start(tone.fill)
    while abs(microphone.read()).max() < 0.1:
        pass
    return speaker, microphone
speaker, microphone = open_both()
tell(lost=speaker.lost)
try:
    while True:
        microphone.read()
except DeviceError as error:
    tell(says=str(error), mend=error.mend)
while not speaker.lost:
    time.sleep(0.1)
speaker.close()
microphone.close()
tell(lost=True, devices=len(devices()))
sys.stdin.readline()
speaker, microphone = open_both()
tell(lost=speaker.lost)
speaker.close()
microphone.close()
"""
    server = tmp_path / "native"  # one name for the first server and the next
    (tmp_path / "asound.conf").write_text(f'pcm.!default {{ type pulse server "unix:{server}" }}\n')
    with ExitStack() as stack:
        with VirtualRoom() as own:
            server.symlink_to(own.env["PULSE_SERVER"].removeprefix("unix:"))
            env = room.env | {"ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"), "PULSE_SERVER": f"unix:{server}"}
            child = stack.enter_context(Child(env, code))
            assert child.hear() == {"lost": False}
        told = child.hear()
        assert "has stopped" in told["says"]
        assert told["mend"]
        assert child.hear() == {"lost": True, "devices": 0}
        server.unlink()
        server.symlink_to(room.env["PULSE_SERVER"].removeprefix("unix:"))
        child.go_on()
        assert child.hear() == {"lost": False}
        child.end()
