"""Hearing a routine fast: every line, in order, without the waits; in the sound that comes out."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.needs import needs_espeak
from voicecoach.audio.wav import read_wav
from voicecoach.cli import main
from voicecoach.cli.common import plan
from voicecoach.config import load_config
from voicecoach.core.events import Line
from voicecoach.core.person import Room
from voicecoach.preview import LONGEST_WAIT, lines_of
from voicecoach.rehearsal import rehearse

PATIENT = """
title = "Patient"
[[exercise]]
name = "Hold"
position = "prone"
exit = "Rest."
hold = "2 min"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("VOICECOACH_")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("VOICECOACH_VOICE_ENGINE", "text")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patient.toml").write_text(PATIENT, "utf-8")
    return tmp_path


def preview(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["preview", *args])
    assert result.exit_code == code, result.output
    return result


def told(output: str) -> list[str]:
    return [line.split("  ", 2)[-1].strip() for line in output.splitlines() if re.match(r" +\d+:\d\d\.\d  ", line)]


def test_every_line_of_the_rehearsal_is_said_once_and_in_order(home: Path) -> None:
    rehearsed = CliRunner().invoke(main, ["rehearse", "first-steps", "--json"]).output
    said = re.findall(r'"event": "say".*?"text": "(.*?)"', rehearsed)
    shown = told(preview("first-steps", "--speaker", "out.wav").output)
    assert len(said) > 30
    assert shown == said


def test_waits_are_cut_and_speech_is_faster(home: Path) -> None:
    output = preview("patient.toml", "--speaker", "out.wav").output
    seconds = read_wav(home / "out.wav").seconds
    lines = len(told(output))
    made = plan("patient.toml", load_config(file=None, env={"VOICECOACH_VOICE_ENGINE": "text"}, options={}))
    said = list(lines_of(rehearse(made.program, made.speaking, room=Room(attended=False)), made.speaking))
    speech = sum(made.speaking(one.line) for one in said) * 160 / 450
    assert speech < seconds <= speech + lines * (LONGEST_WAIT + 0.05)
    assert "spoken at 450 words a minute (2.8 times 160, as fast as the engine goes)" in output
    assert seconds < made.seconds / 4


def test_the_factor_is_told_as_it_is(home: Path) -> None:
    output = preview("patient.toml", "--speaker", "out.wav", "--speed", "2").output
    assert "spoken at 320 words a minute (2.0 times 160), waits cut to 0.15 s." in output
    whole, took, factor = re.search(r"(\d+:\d\d\.\d) of session in (\d+:\d\d\.\d), (\d+\.\d) times", output).groups()  # type: ignore[union-attr]

    def seconds(clock: str) -> float:
        return int(clock.split(":", maxsplit=1)[0]) * 60 + float(clock.split(":")[1])

    assert seconds(took) == pytest.approx(read_wav(home / "out.wav").seconds, abs=0.1)
    assert float(factor) == pytest.approx(seconds(whole) / seconds(took), rel=0.02)


def test_a_wait_is_what_lies_between_two_lines() -> None:
    made = plan("first-steps", load_config(file=None, env={}, options={}))
    said = list(lines_of(rehearse(made.program, lambda _: 1.0, room=Room(attended=False)), lambda _: 1.0))
    for before, after in pairwise(said):
        assert after.wait == pytest.approx(max(0.0, after.at - before.at - 1.0))
    assert max(one.wait for one in said) > 5
    assert said[0].wait == 0
    assert isinstance(said[0].line, Line)


def test_a_program_is_heard_too(home: Path) -> None:
    program = "from voicecoach import *\ndef routine(history):\n    return Routine(title='Mine', blocks=[use('bridge', reps=3)])\n"
    (home / "mine.py").write_text(program, "utf-8")
    said = told(preview("mine.py", "--speaker", "out.wav").output)
    assert any("Bridge" in line for line in said)
    assert read_wav(home / "out.wav").seconds > 5
    (home / "mine.py").write_text(program.replace("reps=3", "reps='x'"), "utf-8")
    assert "mine.py:3: reps" in preview("mine.py", code=2).output


def test_what_is_wrong_is_said(home: Path) -> None:
    assert "there is no routine of this name" in preview("patint", code=2).output
    assert preview("patient.toml", "--speed", "5", code=2)
    assert "There is no folder no" in preview("patient.toml", "--speaker", "no/where.wav", code=2).output


def test_nothing_is_kept(home: Path) -> None:
    preview("patient.toml", "--speaker", "out.wav")
    assert not [path for path in (home / "data").rglob("*") if path.is_file()]


@pytest.mark.voice
def test_the_real_voice_speaks_faster(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_espeak()
    monkeypatch.setenv("VOICECOACH_VOICE_ENGINE", "espeak")
    lengths = []
    for speed in ("1", "4"):
        preview("patient.toml", "--speaker", f"{speed}.wav", "--speed", speed)
        sound = read_wav(home / f"{speed}.wav")
        assert abs(sound.samples).max() > 0.05
        lengths.append(sound.seconds)
    assert lengths[1] < lengths[0] / 2
