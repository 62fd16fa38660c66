"""Without what only POSIX has (``elsewhere``): everything can be imported, most commands work, the rest says one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import wheels
from tests.models.model_server import fake_files, zip_of
from tests.short import SHORT


class Elsewhere:
    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "short.toml").write_text(SHORT, "utf-8")

    def __call__(self, *args: str, code: int = 0, said: str | None = None, **env: str) -> str:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECOACH_", "VOSK_", "XDG_"))}
        done = subprocess.run(
            [sys.executable, "-m", "tests.elsewhere", *args],
            cwd=self.home,
            env=clean
            | {"HOME": str(self.home), "COLUMNS": "200", "PYTHONPATH": str(Path(__file__).parent.parent)}
            | env,
            input=said,
            stdin=None if said is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        output = done.stdout + done.stderr
        assert "Traceback" not in output, output
        assert done.returncode == code, output
        return output


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path)


def test_everything_can_be_imported(elsewhere: Elsewhere) -> None:
    assert not elsewhere("import everything")


def test_what_needs_no_device_works(elsewhere: Elsewhere) -> None:
    assert "short.toml: right: 1 exercise" in elsewhere("check", "short.toml")
    assert "Bridge" in elsewhere("show", "short.toml")
    assert "(finished)" in elsewhere("rehearse", "short.toml", "--say", "pause@9", "--say", "resume@12")
    elsewhere("convert", "short.toml", "--to", "markdown", "--output", "short.md")
    elsewhere("import", "short.md", "--output", "again.toml")
    assert "lumbar-stabilisation" in elsewhere("list")
    assert "my-routine.toml" in elsewhere("new")
    assert "your own file" in elsewhere("config")
    elsewhere("show", "short.toml", "--html", "short.html")
    assert "Content-Security-Policy" in (elsewhere.home / "short.html").read_text("utf-8")


def test_a_session_is_played_and_kept(elsewhere: Elsewhere) -> None:
    kept: dict[str, Any] = {"VOICECOACH_STORAGE_JOURNAL": "always", "VOICECOACH_VOICE_ENGINE": "none"}
    script = ("--ear", "none", "--speaker", "none", "--say", "skip@8")
    assert "(finished)" in elsewhere("run", "short.toml", *script, **kept)
    assert "Short" in elsewhere("report", **kept)


def test_lines_from_a_pipe_are_phrases(elsewhere: Elsewhere) -> None:
    output = elsewhere(
        *("run", "short.toml", "--ear", "keys", "--speaker", "none"),
        said="hello\x1b[2J there\nend session\nyes\n",
        VOICECOACH_VOICE_ENGINE="none",
    )
    assert "» end" in output
    assert "\x1b" not in output


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("service", "status"), 2, "this system has no systemd"),
        (("service", "install"), 2, "this system has no systemd"),
        (("send", "--socket", "x", "pause"), 3, "this system has no such sockets"),
        (("model", "get", "--from-zip", "model.zip"), 3, "unpack the zip yourself"),
    ],
)
def test_what_cannot_be_is_one_sentence(elsewhere: Elsewhere, args: tuple[str, ...], code: int, words: str) -> None:
    (elsewhere.home / "model.zip").write_bytes(zip_of(fake_files(1000), "vosk-model-small-xx-0.1"))
    assert words in elsewhere(*args, code=code)


def test_the_doctor_goes_on_to_its_end(elsewhere: Elsewhere) -> None:
    assert "no terminal here" in elsewhere("doctor")


def test_the_wheels_asked_for_are_the_packages_of_the_project() -> None:
    asked = {*wheels.COMPILED, *wheels.LIKED, *wheels.PURE}
    assert wheels.minimums().keys() - {"pyroomacoustics"} <= asked
    assert wheels.minimums()["vosk"] == "vosk>=0.3.44"
