"""Two coaches of one person at once: the second is told, and neither is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from voicecoach.only_one import NAME, alone

HOLD = """
import sys
from voicecoach.only_one import alone
with alone() as others:
    print([other.what for other in others], flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    if os.name != "posix":
        pytest.skip("Windows has neither such a folder nor such locks")
    return {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}


def other(env: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD]
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_the_second_is_told_the_number_of_the_first_until_that_has_ended(env: dict[str, str], tmp_path: Path) -> None:
    with other(env) as first:
        assert first.stdout
        assert first.stdout.readline() == "[]\n"
        with alone(env) as others:
            [told] = others
        assert told.what.startswith(f"Another voicecoach is running (pid {first.pid}): ")
        assert told.mend.startswith(f"end one of them: kill {first.pid}, or if it is the service: ")
        first.kill()  # however it ends
    with alone(env) as others:
        assert others == []
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["none", "missing", "a folder", "a pipe", "a link"])
def test_where_nobody_can_be_told_apart_nothing_is_said(env: dict[str, str], tmp_path: Path, kind: str) -> None:
    place = tmp_path / NAME
    match kind:
        case "none":
            env["XDG_RUNTIME_DIR"] = ""
        case "missing":
            env["XDG_RUNTIME_DIR"] = str(tmp_path / "none")
        case "a folder":
            place.mkdir()
        case "a pipe":
            os.mkfifo(place)
        case _:
            (tmp_path / "precious").write_text("mine")
            place.symlink_to(tmp_path / "precious")
    with ExitStack() as stack:
        assert stack.enter_context(alone(env)) == []
    if kind == "a link":
        assert (tmp_path / "precious").read_text() == "mine"


def test_what_stands_in_the_file_is_told_only_if_it_is_a_number(env: dict[str, str], tmp_path: Path) -> None:
    with other(env) as first:
        assert first.stdout
        first.stdout.readline()
        (tmp_path / NAME).write_text("\x1b[2Jrm -rf")
        with alone(env) as [told]:
            assert "(pid unknown)" in told.what
            assert told.mend == "end one of them"
        first.kill()
