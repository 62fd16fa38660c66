"""``show`` from outside: in terminals of every width, in a pipe, and into files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result

from tests.picture.test_course import SHIPPED
from voicecoach.cli import main
from voicecoach.loading.library import Library
from voicecoach.shipped import shipped

ROUTINES = sorted(Library((shipped("routines"),)).routines())
UPRIGHT = {"desk-break", "on-a-chair", "run-walk-1", "four-minute-intervals"}


class Cli(Protocol):
    def __call__(self, *args: str, code: int = 0, **env: str) -> Result: ...


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    for name in [name for name in os.environ if name.startswith("VOICECOACH_")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.chdir(tmp_path)

    def run(*args: str, code: int = 0, **env: str) -> Result:
        result = CliRunner(env=env).invoke(main, ["show", *args])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.mark.parametrize("width", [60, 120])
@pytest.mark.parametrize("name", ROUTINES)
def test_it_fits_the_terminal_and_is_plain_in_a_pipe(cli: Cli, name: str, width: int) -> None:
    output = cli(name, COLUMNS=str(width)).output
    assert max(map(len, output.splitlines())) <= width
    assert "\x1b" not in output
    assert re.search(rf"^[█▓░/─]{{{width}}}$", output, re.MULTILINE)
    assert "positions: " in output
    if name != "seven-minute-circuit":
        assert ("down to the floor once" in output) is (name not in UPRIGHT)


def test_the_times_of_a_session_are_those_of_the_rehearsal(cli: Cli) -> None:
    shown = dict(
        re.findall(r"^ *(\d+:\d\d)  (\w[\w ]+?)  ", cli("lumbar-stabilisation", COLUMNS="120").output, re.MULTILINE)
    )
    rehearsed = CliRunner().invoke(main, ["rehearse", "lumbar-stabilisation"]).output
    names = {exercise.name: exercise.spoken_name for exercise in SHIPPED["lumbar-stabilisation"].exercises}
    for moment, name in shown.items():
        spoken = re.search(rf"^ *(\d+):(\d\d\.\d)  {names[name]}\.$", rehearsed, re.MULTILINE)
        assert spoken, name
        minutes, seconds = moment.split(":")
        # A rehearsal adds what an estimate leaves out: a cue that is said to its end before the next step begins.
        assert int(minutes) * 60 + int(seconds) == pytest.approx(int(spoken[1]) * 60 + float(spoken[2]), abs=10)
    assert len(shown) == 8


def test_a_picture_and_a_page_are_written_instead(cli: Cli, tmp_path: Path) -> None:
    output = cli("first-steps", "--svg", "a.svg", "--html", "a.html").output
    assert output == "written to a.svg\nwritten to a.html\n"
    assert (tmp_path / "a.svg").read_text("utf-8").startswith("<svg ")
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert cli("first-steps", "--svg", "-").output == (tmp_path / "a.svg").read_text("utf-8")


def test_the_routine_itself_is_never_written_over(cli: Cli, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('title = "T"\n[[exercise]]\nuse = "bridge"\n', "utf-8")
    (tmp_path / "link.html").symlink_to(mine)
    for target in ("mine.toml", "./mine.toml", "link.html"):
        assert "is the routine itself" in cli("mine.toml", "--html", target, code=2).output
    assert mine.read_text("utf-8").startswith("title")
    assert "no/where.svg cannot be written: no such" in cli("mine.toml", "--svg", "no/where.svg", code=2).output


def test_a_picture_is_not_written_over_unasked(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "thesis.html").write_text("mine", "utf-8")
    (tmp_path / "link.svg").symlink_to("elsewhere.svg")
    for option, name in (("--html", "thesis.html"), ("--svg", "link.svg")):
        assert f"{name} is there already" in cli("first-steps", option, name, code=2).output
    assert (tmp_path / "thesis.html").read_text("utf-8") == "mine"
    assert not (tmp_path / "elsewhere.svg").exists()
    cli("first-steps", "--html", "thesis.html", "--force")
    assert (tmp_path / "thesis.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_rounds_and_open_ends_are_shown(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        'title = "[red]R[/]"\n[[block]]\ntitle = "The [b]round"\nrepeat = 3\n[[block.exercise]]\nuse = "bridge"\n'
        'open = true\n[[block.exercise]]\nuse = "bird-dog"\n',
        "utf-8",
    )
    output = cli("r.toml", COLUMNS="100").output
    assert output.startswith("[red]R[/]  (r), about ")
    assert "and what you end yourself" in output.splitlines()[0]
    assert "The [b]round  x 3" in output
    assert "5 changes between exercises" in output
    page = cli("r.toml", "--html", "-").output
    assert "The [b]round: 3 rounds" in page
    assert "and what you end yourself" in page


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("four-minute-intervals", "Work and rest by the clock, 4 rounds, 10 s rest between exercises"),
        ("seven-minute-circuit", "In a circle, from one to the next, 10 s rest between exercises"),
    ],
)
def test_how_a_block_is_done_is_on_the_page(cli: Cli, tmp_path: Path, name: str, words: str) -> None:
    cli(name, "--html", "a.html")
    assert words in (tmp_path / "a.html").read_text("utf-8")


def test_without_such_signs_it_is_drawn_in_ascii(tmp_path: Path) -> None:
    import subprocess
    import sys

    env = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "60", "PYTHONPATH": str(Path(__file__).parents[2])}
    env |= {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "voicecoach", "show", "first-steps"]
    done = subprocess.run(command, capture_output=True, timeout=60, env=env, check=True, cwd=tmp_path)
    drawn = done.stdout.decode("ascii")
    assert "?" not in drawn
    assert re.search(r"^[#=./-]{60}$", drawn, re.MULTILINE)
    assert "down to hook-lying -> up" in drawn
