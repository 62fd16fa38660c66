"""The ladder: sessions on machines that lack something. What is missing is told, with what mends it; nobody sees a traceback.

A machine without a part is made of an environment (no sound server, an empty PATH) and a ``sitecustomize``, which
Python runs first in every process, the worker of the voice included.
"""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import voicecoach
from tests.needs import needs_espeak, needs_vosk
from voicecoach.audio.wav import read_wav, write_wav
from voicecoach.cli import main
from voicecoach.packages import pip_install
from voicecoach.ports import EAR_RATE, Audio, Samples, VoiceError
from voicecoach.shipped import shipped
from voicecoach.speech.pyttsx3_voice import Pyttsx3Voice

ROUTINE = """
title = "Short"
[[exercise]]
name = "Bridge"
position = "hook-lying"
exit = "Lower your hips."
hold = "1 s"
"""
READY = ROUTINE.replace("[[", 'opening = "ready"\n[[')

NO_PORTAUDIO = ("sounddevice", "OSError('PortAudio library not found')")
NO_LIBESPEAK = ("pyttsx3.drivers._espeak", "RuntimeError('This means you probably do not have eSpeak installed!')")
NO_VOSK = ("vosk", "ImportError('No module named vosk')")
IMPORTS = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in missing:
            raise missing[name]

missing = {{{entries}}}
sys.meta_path.insert(0, Missing())
"""


@dataclass
class Machine:
    """A machine, a home and a folder to be in."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    without: list[tuple[str, str]] = field(default_factory=list)

    def no_sound_card(self) -> None:
        (self.folder / "asound.conf").write_text("")
        self.env |= {"ALSA_CONFIG_PATH": str(self.folder / "asound.conf"), "PULSE_SERVER": "unix:/nonexistent"}

    def no_espeak(self) -> None:
        (self.folder / "bin").mkdir()
        self.env["PATH"] = str(self.folder / "bin")
        self.without.append(NO_LIBESPEAK)

    def no_model(self) -> None:
        """A checkout of this project without its models."""
        root = Path(voicecoach.__file__).parent.parent
        copy = self.folder / "checkout"
        shutil.copytree(
            root / "voicecoach", copy / "voicecoach", ignore=shutil.ignore_patterns("__pycache__", "_shipped")
        )
        shutil.copytree(shipped("routines"), copy / "routines")
        shutil.copy(shipped("config.toml"), copy)
        (copy / "pyproject.toml").write_text("")
        self.env["PYTHONPATH"] = str(copy)

    def start(self, *args: str, **options: Any) -> subprocess.Popen[str]:
        (self.folder / "routine.toml").write_text(ROUTINE)
        (self.folder / "ready.toml").write_text(READY)
        site = self.folder / "site"
        site.mkdir(exist_ok=True)
        entries = ", ".join(f"{name!r}: {error}" for name, error in self.without)
        (site / "sitecustomize.py").write_text(IMPORTS.format(entries=entries))
        home = {f"XDG_{kind}_HOME": str(self.folder / kind) for kind in ("CONFIG", "DATA", "CACHE")}
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECOACH_", "VOSK_", "COLUMNS"))}
        # As fast as real time allows: nobody has to get into place here.
        quick = {"VOICECOACH_VOICE_RATE": "300", "VOICECOACH_PACE_CHANGE_POSITION": "0", "VOICECOACH_PACE_LIFT": "0"}
        ours = str(Path(voicecoach.__file__).parent.parent)
        paths = {"PYTHONPATH": os.pathsep.join([str(site), self.env.get("PYTHONPATH", ours)])}
        return subprocess.Popen(
            [sys.executable, "-m", "voicecoach", *args],
            env=clean | home | quick | self.env | paths,
            cwd=self.folder,
            text=True,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} | options,
        )

    def play(self, *args: str, code: int = 0) -> str:
        """Run a command to its end; return all that it printed."""
        with self.start(*args) as process:
            try:
                output, _ = process.communicate(timeout=120)
            finally:
                process.kill()
        assert "Traceback" not in output, output
        assert process.returncode == code, output
        return output

    def silence(self) -> str:
        """A recording in which nobody says anything."""
        import numpy as np

        path = self.folder / "silence.wav"
        write_wav(path, np.zeros(EAR_RATE, np.float32), EAR_RATE)
        return str(path)

    def examine(self) -> dict[str, dict[str, str]]:
        """Ask the doctor, twice."""
        findings = {finding["subject"]: finding for finding in json.loads(self.play("doctor", "--json"))}
        text = re.sub(r"\s+", "", self.play("doctor"))
        for finding in findings.values():
            if finding["subject"] not in {"level", "disk", "memory", "clock", "heat"}:  # never the same twice
                assert re.sub(r"\s+", "", finding["detail"]) in text
            assert (finding["state"] == "missing") <= bool(finding["mend"]), finding
        return findings


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def told(output: str, what: str, mend: str) -> bool:
    """Whether something missing was told together with what mends it."""
    return bool(re.search(rf"^! [^\n]*{what}[^\n]*\n  to mend it: {re.escape(mend)}$", output, re.MULTILINE))


# --- What is missing --------------------------------------------------------------------------------------------------


def test_without_a_sound_card_it_is_text(machine: Machine) -> None:
    machine.no_sound_card()
    output = machine.play("run", "routine.toml")
    assert told(output, "No sound: .* The session is shown as text", "sudo apt install libasound2-data")
    assert told(output, "I cannot hear you: ", "sudo apt install libasound2-data")
    assert told(output, "this is no terminal. Nobody can be heard", "run it in a terminal")
    assert output.endswith("(finished)\n")
    findings = machine.examine()
    assert findings["sound devices"]["state"] == findings["level"]["state"] == "missing"


def test_without_portaudio_it_is_text(machine: Machine) -> None:
    machine.without.append(NO_PORTAUDIO)
    output = machine.play("run", "routine.toml")
    assert told(output, "No sound: PortAudio, .* is missing. The session is shown", "sudo apt install libportaudio2")
    assert told(output, "I cannot hear you: PortAudio, ", "sudo apt install libportaudio2")
    assert output.endswith("(finished)\n")
    assert machine.examine()["sound devices"]["mend"] == "sudo apt install libportaudio2"
    # What a person named is no ladder.
    assert "Error: PortAudio" in machine.play("run", "routine.toml", "--speaker", "usb", code=2)
    assert "Error: PortAudio" in machine.play("run", "routine.toml", "--ear", "vosk", "--speaker", "none", code=3)
    assert "Error: PortAudio" in machine.play("listen", code=3)


def test_without_espeak_it_is_text(machine: Machine) -> None:
    machine.no_espeak()
    output = machine.play("run", "routine.toml", "--speaker", "out.wav")
    assert told(output, "No voice: No speech engine works here.", "sudo apt install espeak-ng libespeak-ng1")
    assert "Hold." in output
    assert output.endswith("(finished)\n")
    assert read_wav(machine.folder / "out.wav").seconds > 2
    finding = machine.examine()["voice"]
    assert (finding["state"], finding["mend"]) == ("missing", "sudo apt install espeak-ng libespeak-ng1")
    for named in (["--voice", "en-gb"], []):
        machine.env |= {} if named else {"VOICECOACH_VOICE_ENGINE": "espeak"}
        output = machine.play("run", "routine.toml", "--speaker", "out.wav", *named, code=2)
        assert re.search(r"Error: .*\nTo mend it: sudo apt install espeak-ng", output), output


def test_without_vosk_nobody_is_understood(machine: Machine) -> None:
    machine.without.append(NO_VOSK)
    machine.env["VOICECOACH_VOICE_ENGINE"] = "text"
    files = ("--mic", machine.silence(), "--speaker", "out.wav")
    output = machine.play("run", "routine.toml", *files)
    assert told(output, "I cannot understand you: ", pip_install("vosk"))
    assert output.endswith("(finished)\n")
    assert machine.examine()["model"]["mend"] == pip_install("vosk")
    assert f"To mend it: {pip_install('vosk')}" in machine.play("run", "routine.toml", "--ear", "vosk", *files, code=3)
    assert f"To mend it: {pip_install('vosk')}" in machine.play("listen", "--mic", "silence.wav", code=3)


@pytest.mark.ear
def test_without_a_model_nobody_is_understood(machine: Machine) -> None:
    needs_vosk()
    machine.no_model()
    machine.env["VOICECOACH_VOICE_ENGINE"] = "text"
    files = ("--mic", machine.silence(), "--speaker", "out.wav")
    output = machine.play("run", "routine.toml", *files)
    assert told(output, 'I cannot understand you: There is no speech model for the language "en"', (
        "voicecoach model get vosk-model-small-en-us-0.15"
    ))  # fmt: skip
    assert output.endswith("(finished)\n")
    assert machine.examine()["model"]["state"] == "missing"
    assert "Error: There is no speech model" in machine.play("run", "routine.toml", "--ear", "vosk", *files, code=3)


@pytest.mark.ear
def test_a_model_that_was_named_must_be_there(machine: Machine) -> None:
    needs_vosk()
    machine.env |= {"VOICECOACH_VOICE_ENGINE": "text", "VOSK_MODEL_PATH": "/no/such/model"}
    files = ("--mic", machine.silence(), "--speaker", "out.wav")
    assert 'Error: VOSK_MODEL_PATH gives "/no/such/model"' in machine.play("run", "routine.toml", *files, code=2)
    finding = machine.examine()["model"]
    assert finding["state"] == "missing"
    assert "VOSK_MODEL_PATH" in finding["detail"]
    del machine.env["VOSK_MODEL_PATH"]
    machine.env["VOICECOACH_HEARING_MODEL"] = "no-such-model"
    assert "names the model no-such-model" in machine.play("run", "routine.toml", *files, code=2)


def test_without_anything_it_is_text_in_real_time(machine: Machine) -> None:
    """Nobody to hear, nothing to hear with, nothing to speak with: it says so, waits five seconds, and is played."""
    machine.no_sound_card()
    machine.no_espeak()
    machine.no_model()
    machine.without += [NO_PORTAUDIO, NO_VOSK]
    output = machine.play("run", "ready.toml", "--events", "events.jsonl")
    assert told(output, "No sound: ", "sudo apt install libasound2-data")
    assert told(output, "Nobody can be heard", "run it in a terminal")
    events = [json.loads(line) for line in (machine.folder / "events.jsonl").read_text().splitlines()]
    [alone] = [e for e in events if e["event"] == "say" and e["text"].startswith("Nobody can be heard here.")]
    following = next(e["t"] for e in events if e["event"] == "say" and e["t"] > alone["t"])
    said = next(e["t"] for e in events if e["event"] == "spoken" and e["utterance"] == alone["utterance"])
    assert following - said == pytest.approx(5.0, abs=0.05)
    assert events[-1]["reason"] == "finished"
    states = {subject: finding["state"] for subject, finding in machine.examine().items()}
    of_any_machine = {"packages", "disk", "memory", "clock", "heat", "power", "overlay"}
    assert {subject: state for subject, state in states.items() if subject not in of_any_machine} == {
        "system": "good",
        "voice": "missing",
        "model": "missing",
        "sound devices": "missing",
        "level": "missing",
        "keyboard": "fair",
    }


def test_without_sound_and_ears_there_are_still_keys(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICECOACH_SESSION_ASK_EFFORT", "false")
    machine.no_sound_card()
    machine.without.append(NO_VOSK)
    master, slave = pty.openpty()
    try:
        with machine.start("run", "ready.toml", "--events", "events.jsonl", stdin=slave) as process:
            try:
                os.write(master, b"y\n\n")  # yes to what is asked first, then ready: whenever they are read
                output, _ = process.communicate(timeout=100)
            finally:
                process.kill()
    finally:
        os.close(master)
        os.close(slave)
    assert process.returncode == 0, output
    assert "No sound: " in output
    assert "no terminal" not in output
    assert "keys:" in output
    assert "ready (keys)" in output


def test_a_machine_that_lacks_everything_still_rehearses(machine: Machine) -> None:
    machine.no_sound_card()
    machine.no_espeak()
    machine.without += [NO_PORTAUDIO, NO_VOSK]
    assert machine.play("rehearse", "first-steps").endswith("(finished)\n")
    assert "first-steps" in machine.play("list")
    assert "right" in machine.play("check", "routine.toml")


# --- What breaks in the middle ----------------------------------------------------------------------------------------


class Voice:
    """Silence in place of speech; ``broken`` says at which texts the engine fails."""

    name = "test"

    def __init__(self, *broken: str) -> None:
        self.broken = broken

    def render(self, text: str) -> Audio:
        import numpy as np

        if text in self.broken:
            raise VoiceError("The speech engine failed 3 times.", mend="mend it")
        return Audio(np.zeros(4000, np.float32), 8000)

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Play the routine in this process, with a voice of ours; return what was shown, and the events."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "routine.toml").write_text(ROUTINE)

    def run(voice: object) -> tuple[str, list[dict[str, Any]]]:
        monkeypatch.setattr("voicecoach.rig.open_voice", lambda *_: voice)
        result = CliRunner().invoke(
            main, ["run", "routine.toml", "--speaker", "out.wav", "--ear", "none", "--events", "e.jsonl"]
        )
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output, [json.loads(line) for line in Path("e.jsonl").read_text().splitlines()]

    return run


def test_a_line_that_the_voice_cannot_say_is_shown(play: Any) -> None:
    output, events = play(Voice("Hold."))
    assert "! The voice failed: 1 of " in output
    assert "voice failed: text Hold." in output
    [note] = [e for e in events if e["event"] == "note" and e["kind"] != "set_done"]
    assert (note["kind"], note["text"]) == ("voice_failed", "Hold.")
    [said] = [e for e in events if e["event"] == "say" and e["text"] == "Hold."]
    [spoken] = [e for e in events if e["event"] == "spoken" and e["utterance"] == said["utterance"]]
    assert spoken["finished"] is False
    assert spoken["t"] > said["t"], "there is time to read it"
    assert events[-1]["reason"] == "finished"


@pytest.mark.voice
def test_a_voice_whose_process_is_killed_comes_back(play: Any) -> None:
    needs_espeak()

    class Haunted(Pyttsx3Voice):
        killed = 0

        def render(self, text: str) -> Audio:
            if self.worker_pid is not None and self.killed < 5:
                self.killed += 1
                os.kill(self.worker_pid, signal.SIGKILL)
            return super().render(text)

    voice = Haunted()
    output, events = play(voice)
    assert voice.killed == 5
    assert "voice failed" not in output
    assert {e["kind"] for e in events if e["event"] == "note"} == {"set_done"}
    sound: Samples = read_wav(Path("out.wav")).samples
    assert abs(sound).max() > 0.1
    assert events[-1]["reason"] == "finished"
