"""Watching a file: every way in which an editor saves is noticed, once, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicecoach.cli import main
from voicecoach.watch import Watched, difference, saves

ROOT = Path(__file__).parent.parent
RIGHT = 'title = "T"\n[[exercise]]\nuse = "bridge"\nreps = 2\n'


class Enough(Exception):  # noqa: N818 - it ends a test
    """There is nothing more to come."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "evening.toml"
    path.write_text(RIGHT, "utf-8")
    return path


def rewrite(path: Path) -> None:
    path.write_text("other", "utf-8")


def replace(path: Path) -> None:
    beside = path.with_suffix(".tmp")
    beside.write_text("other", "utf-8")
    beside.replace(path)


def same_size_and_time(path: Path) -> None:
    """What a careful tool does: a new file of the same length, dated like the old."""
    before = path.stat()
    replace(path)
    path.write_text("x" * before.st_size, "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("save", [rewrite, replace, same_size_and_time])
def test_a_save_is_noticed_once(file: Path, save: Callable[[Path], None]) -> None:
    watched = Watched(file)
    assert watched.changed()
    assert not watched.changed()
    save(file)
    assert watched.changed()
    assert not watched.changed()


def test_what_holds_the_same_is_no_save(file: Path) -> None:
    watched = Watched(file)
    watched.changed()
    os.utime(file, (1, 1))
    assert not watched.changed()
    beside = file.with_suffix(".tmp")
    beside.write_text(RIGHT, "utf-8")
    beside.replace(file)
    assert not watched.changed()


def test_a_file_that_is_away_for_a_moment_is_waited_for(file: Path) -> None:
    watched = Watched(file)
    watched.changed()
    file.unlink()
    assert not watched.changed()
    file.mkdir()  # whatever stands in its place
    assert not watched.changed()
    file.rmdir()
    file.write_text("other", "utf-8")
    assert watched.changed()


def test_each_save_is_told_in_turn(file: Path) -> None:
    todo: Iterator[Callable[[], object]] = iter([lambda: None, lambda: rewrite(file), lambda: None])

    def wait() -> None:
        try:
            next(todo)()
        except StopIteration:
            raise Enough from None

    told = saves(file, wait)
    next(told)
    next(told)
    with pytest.raises(Enough):
        next(told)


def test_a_file_that_was_deleted_is_told_once_and_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    todo: Iterator[Callable[[], object]] = iter(
        [file.unlink, *([lambda: None] * 9), lambda: file.write_text(RIGHT, "utf-8"), lambda: None]
    )

    def sleep(_: float) -> None:
        try:
            next(todo)()
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(sys.modules["voicecoach.cli.watch"].time, "sleep", sleep)
    output = CliRunner().invoke(main, ["watch", str(file)]).output
    assert "".join(output.split()).count("evening.tomlisgone") == 1
    assert output.count("right: 1 exercise") == 2, "it is looked at anew, though it holds what it held"


def test_a_programme_is_watched_as_it_is_checked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('title = "T"\n[[week]]\ndays = ["first-steps"]\n', "utf-8")
    assert "right: 1 week of first-steps" in watched_through(file, monkeypatch)


def test_the_difference_is_short() -> None:
    assert difference(["a", "b", "c"], ["a", "x", "c"], 5) == ["- b", "+ x"]
    assert difference(["a"], ["a"], 5) == []
    assert difference([], list("abcd"), 2) == ["+ a", "+ b", "… and 2 more"]
    assert len(difference([str(n) for n in range(5000)], [str(n) for n in range(5000, 0, -1)], 20)) == 21


def watched_through(file: Path, monkeypatch: pytest.MonkeyPatch, *texts: str, args: tuple[str, ...] = ()) -> str:
    """Return what the command prints of a file that is saved with these texts, one after the other."""
    todo = iter(texts)

    def sleep(_: float) -> None:
        try:
            file.write_text(next(todo), "utf-8")
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(sys.modules["voicecoach.cli.watch"].time, "sleep", sleep)
    result = CliRunner().invoke(main, ["watch", str(file), *args])
    assert result.exit_code == 0, result.output
    return result.output


def test_it_says_what_is_wrong_and_what_has_changed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = RIGHT.replace("reps = 2", 'reps = "two"')
    output = watched_through(file, monkeypatch, wrong, RIGHT.replace("2", "3"))
    first, wrong_then, right_again = output.split("\n\n", 1)[0], output.index("wrong"), output.rindex("right")
    assert "right: 1 exercise, about" in first
    assert wrong_then < right_again
    assert f'{file}:4:8: reps = "two"' in output
    assert "- Two times.\n+ Three times.\n" in output
    assert "changes: down to the floor once" in output
    assert "\x1b" not in output, "no terminal, so nothing is cleared and nothing has a colour"


def test_the_whole_rehearsal_if_asked_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "That was all for today." in watched_through(file, monkeypatch, args=("--transcript",))
    assert "That was all for today." not in watched_through(file, monkeypatch)


def test_an_exercise_of_the_library_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = file.parent / "exercises"
    folder.mkdir()
    path = folder / "mine.toml"
    path.write_text('name = "Mine"\nposition = "prone"\nexit = "Rest."\nreps = 3\n', "utf-8")
    output = watched_through(path, monkeypatch, "name = 3")
    assert "right: Mine, 1 x 3" in output
    assert "wrong\n" + f"{path}:1:" in output


def test_it_tells_all_that_is_wrong_and_what_could_be_better(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = RIGHT.replace("reps = 2", 'reps = "two"').replace("[[exer", 'sumary = "S"\n[[exer')
    better = RIGHT + 'steps = ["Look at the picture."]\n'
    output = watched_through(file, monkeypatch, wrong, better)
    assert f"{file}:5:8: reps" in output
    assert 'reps = "two"\n     |        ^' in output, "the line is shown with a mark below the place"
    assert "did you mean 'summary'?" in output
    assert "warning L" in output


def test_a_program_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file.with_suffix(".py")
    text = "from voicecoach import *\ndef routine(history):\n    return Routine(title='P', blocks=[use('bridge', reps={reps})])\n"
    path.write_text(text.format(reps=3), "utf-8")
    output = watched_through(path, monkeypatch, text.format(reps="'two'"), text.format(reps=4))
    assert output.count("right: 1 exercise") == 2
    assert f"{path}:3: reps = " in output
    assert "- Three times.\n+ Four times.\n" in output


def test_no_such_file_is_said_at_once(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["watch", str(tmp_path / "no.toml")])
    assert result.exit_code == 2
    assert "there is no such file (allowed: voicecoach new" in result.output


def test_ctrl_c_ends_it_with_nought(file: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "voicecoach", "watch", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as process:
        assert process.stdout
        while b"changes:" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
    assert process.returncode == 0, complaints
    assert not complaints
