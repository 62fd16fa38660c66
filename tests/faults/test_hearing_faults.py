"""Hearing that fails in mid-session: told in one sentence, with what mends it, and the events say how it ended."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from voicecoach.audio.wav import write_wav
from voicecoach.cli import main
from voicecoach.ports import EAR_RATE, Audio, EarError, PortError, Samples

if TYPE_CHECKING:
    from voicecoach.core.events import Command, Heard

ROUTINE = """
title = "Short"
[[exercise]]
name = "Bridge"
position = "hook-lying"
exit = "Lower your hips."
hold = "1 s"
"""


class Voice:
    """Says everything in half a second."""

    name = "quick"

    def render(self, text: str) -> Audio:
        return Audio(np.zeros(4000, np.float32), 8000)

    def close(self) -> None: ...


@dataclass
class BadEar:
    """Hears nothing, and fails in hearing or in closing."""

    hearing: Exception | None = None
    closing: Exception | None = None
    blocks: int = 0
    closed: int = 0

    def hear(self, block: Samples, at: float) -> list[Heard]:
        self.blocks += 1
        if self.hearing and self.blocks == 100:
            raise self.hearing
        return []

    def listen_for(self, commands: frozenset[Command]) -> None: ...

    def coach_says(self, text: str | None) -> None: ...

    def close(self) -> None:
        self.closed += 1
        if self.closing:
            raise self.closing


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for kind in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    (tmp_path / "routine.toml").write_text(ROUTINE)
    write_wav(tmp_path / "silence.wav", np.zeros(EAR_RATE, np.float32), EAR_RATE)
    return tmp_path


def play(monkeypatch: pytest.MonkeyPatch, ear: BadEar) -> tuple[int, str, list[dict[str, Any]]]:
    monkeypatch.setattr("voicecoach.rig.open_voice", lambda *_: Voice())
    monkeypatch.setattr("voicecoach.rig.open_ear", lambda *_, **__: (ear, "a model"))
    args = ["run", "routine.toml", "--speaker", "out.wav", "--mic", "silence.wav", "--events", "e.jsonl"]
    result = CliRunner().invoke(main, [*args, "--say", "ready@1.5"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output, [json.loads(line) for line in Path("e.jsonl").read_text().splitlines()]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("error", [EarError("It is deaf.", mend="get a model"), RuntimeError("It is deaf.")])
def test_an_ear_that_fails_in_mid_session_ends_it_in_words(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    ear = BadEar(hearing=error)
    code, output, events = play(monkeypatch, ear)
    assert code == 3, output
    assert "It is deaf." in output
    assert "To mend it: " + ("get a model" if isinstance(error, PortError) else "voicecoach doctor") in output
    assert [e["reason"] for e in events if e["event"] == "end"] == ["cannot go on"]
    assert events[-1]["event"] == "end"
    assert ear.closed


@pytest.mark.usefixtures("here")
def test_what_fails_after_the_end_does_not_end_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output, events = play(monkeypatch, BadEar(closing=EarError("It does not let go.")))
    assert code == 3, output
    assert "It does not let go." in output
    assert [e["reason"] for e in events if e["event"] == "end"] == ["finished"]


@pytest.mark.usefixtures("here")
def test_the_demo_closes_its_ear(monkeypatch: pytest.MonkeyPatch) -> None:
    ear = BadEar(hearing=EarError("It is deaf."))
    module = importlib.import_module("voicecoach.cli.demo")  # by its name the package gives the command
    monkeypatch.setattr(module, "open_voice", lambda *_: Voice())
    monkeypatch.setattr(module, "open_ear", lambda *_, **__: (ear, "a model"))
    result = CliRunner().invoke(main, ["demo"])
    assert "It is deaf." in result.output, (result.output, result.exception)
    assert ear.closed
