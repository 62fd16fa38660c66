"""Writing a new routine: what comes is right, also with its notes taken at their word, and nothing is lost by it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result

from voicecoach.cli import main
from voicecoach.core.routine import Opening
from voicecoach.draft import Chosen, Wishes, draft
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.shipped import shipped
from voicecoach.toml_file import read_toml
from voicecoach.toml_write import quoted

ROOT = Path(__file__).parent.parent
LIBRARY = Library((ROOT / "routines",))


class Cli(Protocol):
    def __call__(self, *args: str, code: int = 0, typed: str | None = None) -> Result: ...


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    for name in [name for name in os.environ if name.startswith("VOICECOACH_")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)

    def run(*args: str, code: int = 0, typed: str | None = None) -> Result:
        """Run ``new``; with ``typed`` in a terminal in which this is typed."""
        monkeypatch.setattr(sys.modules["voicecoach.cli.new"], "is_terminal", lambda: typed is not None)
        result = CliRunner().invoke(main, ["new", *args], input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


def uncommented(text: str) -> str:
    """Take every note that is TOML at its word."""
    return re.sub(r"^# (?=\[\[|\w+ = )", "", text, flags=re.MULTILINE)


# --- What is written --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("slug", LIBRARY.exercises())
def test_the_draft_is_right_and_so_is_each_of_its_notes(slug: str, rounds: int, tmp_path: Path) -> None:
    written, _ = read_toml(LIBRARY.exercises()[slug], RoutineError)
    chosen = Chosen(slug, written["name"], written["position"], written)
    text = draft(Wishes("T", [chosen], rounds, ready=False, author="A", prescriber="P"), "t.toml")
    path = tmp_path / "t.toml"
    path.write_text(text, "utf-8")
    plain = load_routine(path, LIBRARY)
    assert [exercise.slug for exercise in plain.exercises] == [slug]
    assert plain.blocks[0].repeat == rounds
    told = uncommented(text)
    assert told.count("\n# ") < text.count("\n# ") - 10
    if not re.search(r"^reps = ", told.partition("name =")[0], re.MULTILINE):
        # The note on growing is about repetitions; here there are none but in the exercise of one's own.
        assert "progress" in told
    path.write_text(told, "utf-8")
    full = load_routine(path, LIBRARY)
    assert [exercise.slug for exercise in full.exercises] == [slug, "wall-push"]
    assert full.exercises[0].dose.sets.low == written.get("sets", 2) or isinstance(written["sets"], str)
    assert full.exercises[0].dose.reps == plain.exercises[0].dose.reps
    assert full.exercises[0].dose.hold == plain.exercises[0].dose.hold
    assert full.welcome
    assert full.contraindications


def test_whatever_the_words_are_they_come_back(tmp_path: Path) -> None:
    words = 'He said "é\\n" # \U0001f642 = [x]'
    chosen = Chosen("bridge", 'B"\n[[', "prone\x1b", {"reps": 3, "assumed": ["a"], "hold": '5" s', "rest": [1, "2 s"]})
    text = draft(Wishes(words, [chosen], author=words), 'a b\n"c.toml')
    table = tomllib.loads(text)
    assert table["title"] == table["author"] == words
    assert table["exercise"] == [{"use": "bridge"}]
    assert '# rest = [1, "2 s"]' in text
    assert tomllib.loads(f"x = {quoted(chr(0x7F))}")["x"] == "\x7f"


def test_the_first_line_is_for_editors_and_the_schema_lies_beside(cli: Cli, tmp_path: Path) -> None:
    cli("evening.toml", "--use", "bridge")
    assert (tmp_path / "evening.toml").read_text("utf-8").startswith("#:schema ./routine.schema.json\n")
    published = (ROOT / "docs" / "schema" / "routine.schema.json").read_text("utf-8")
    assert (tmp_path / "routine.schema.json").read_text("utf-8") == published
    (tmp_path / "routine.schema.json").write_text("mine", "utf-8")
    cli("morning.toml")
    assert (tmp_path / "routine.schema.json").read_text("utf-8") == "mine"


def test_the_page_shows_what_is_written(cli: Cli, tmp_path: Path) -> None:
    cli("morning.toml", "--use", "bird-dog", "--use", "bridge", "--rounds", "2", "--author", "Ana Example")
    page = (ROOT / "docs" / "authoring.md").read_text("utf-8")
    shown = re.search(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert shown
    assert shown[1] == (tmp_path / "morning.toml").read_text("utf-8")


def test_without_the_schema(cli: Cli, tmp_path: Path) -> None:
    cli("evening.toml", "--no-schema")
    assert [path.name for path in tmp_path.glob("*.*")] == ["evening.toml"]
    assert "#:schema" not in (tmp_path / "evening.toml").read_text("utf-8")


# --- Without a terminal -----------------------------------------------------------------------------------------------


def test_without_a_terminal_nothing_is_asked(cli: Cli, tmp_path: Path) -> None:
    output = cli("my-evening.toml").output
    assert output.startswith("my-evening.toml: My evening, 3 exercises, about 4 min\n")
    routine = load_routine(tmp_path / "my-evening.toml", LIBRARY)
    assert [exercise.slug for exercise in routine.exercises] == ["deep-breathing", "pelvic-tilt", "bridge"]
    assert routine.opening is Opening.READY
    cli()
    assert (tmp_path / "my-routine.toml").exists()


def test_what_the_options_say_is_written(cli: Cli, tmp_path: Path) -> None:
    cli(
        *("two", "--title", "Two rounds", "--use", "Bird dog", "--use", "bridge", "--rounds", "2", "--at-once"),
        *("--author", "Ana", "--prescriber", "Dr. Example"),
    )
    routine = load_routine(tmp_path / "two.toml", LIBRARY)
    assert (routine.title, routine.author, routine.prescriber) == ("Two rounds", "Ana", "Dr. Example")
    assert [exercise.slug for exercise in routine.exercises] == ["bird-dog", "bridge"]
    assert routine.blocks[0].repeat == 2
    assert routine.opening is Opening.AT_ONCE


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--use", "bridj"], "did you mean 'bridge'?"),
        (["--use", "xyzzy"], "there are: advanced-pelvic-tilt, "),
        (["--title", " "], "a line needs words"),
        (["--title", "a\nb"], "plain text"),
        (["--author", "x" * 501], "longer than 500 characters"),
        (["--rounds", "0"], "--rounds"),
        (["."], "is a directory"),
    ],
)
def test_what_cannot_be_is_refused(cli: Cli, tmp_path: Path, args: list[str], words: str) -> None:
    assert words in cli(*args, code=2).output
    assert not list(tmp_path.glob("*.*"))


def test_nothing_is_written_over_unasked(cli: Cli, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("mine", "utf-8")
    assert "mine.toml is there already" in cli("mine.toml", code=2).output
    assert "mine.toml is there already" in cli("mine", typed="", code=2).output  # at once, before any question
    assert mine.read_text("utf-8") == "mine"
    cli("mine.toml", "--force")
    assert load_routine(mine, LIBRARY).title == "Mine"


def test_nothing_is_written_through_a_link_that_leads_nowhere(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").symlink_to("elsewhere.toml")
    assert "mine.toml is there already" in cli("mine.toml", code=2).output
    (tmp_path / "routine.schema.json").symlink_to("elsewhere.json")
    cli("other.toml")
    assert {path.name for path in tmp_path.iterdir() if path.exists()} == {"other.toml"}


def test_a_folder_that_is_not_there(cli: Cli) -> None:
    assert "no/where.toml cannot be written: no such file" in cli("no/where.toml", code=2).output


# --- In a terminal ----------------------------------------------------------------------------------------------------


def test_the_questions(cli: Cli, tmp_path: Path) -> None:
    output = cli(typed="Morning\n99\nbridj\nbird dog, 3 and bridge\n0\n2\nn\nAna\n\n").output
    assert f"to {len(Library((shipped('routines'),)).exercises())}, not to 99" in output
    assert "did you mean 'bridge'?" in output
    assert "hook-lying" in output
    routine = load_routine(tmp_path / "morning.toml", LIBRARY)
    assert (routine.title, routine.author, routine.opening) == ("Morning", "Ana", Opening.AT_ONCE)
    assert [exercise.slug for exercise in routine.exercises] == ["bird-dog", "bridge", "bridge"]


def test_enter_is_enough(cli: Cli, tmp_path: Path) -> None:
    cli(typed="\n" * 6)
    routine = load_routine(tmp_path / "my-routine.toml", LIBRARY)
    assert [exercise.slug for exercise in routine.exercises] == ["deep-breathing", "pelvic-tilt", "bridge"]
    assert routine.author is None


def test_what_an_option_has_said_is_not_asked(cli: Cli) -> None:
    output = cli(
        *("x.toml", "--title", "X", "--use", "bridge", "--rounds", "1", "--at-once", "--author", "Ana"), typed=""
    ).output
    assert "?" not in output


def test_going_away_in_the_middle_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    cli(typed="Morning\n", code=130)
    assert not list(tmp_path.glob("*.*"))


def test_a_real_terminal_is_asked_and_a_pipe_is_not(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "voicecoach", "new"]
    done = subprocess.run(
        command, stdin=subprocess.PIPE, capture_output=True, timeout=60, cwd=tmp_path, env=env, check=True
    )
    assert b"?" not in done.stdout
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=env) as process:
        os.close(theirs)
        os.write(ours, b"Typed\n1\n\n\n\n\n")
        shown = b""
        while b"watch typed.toml" not in shown:
            shown += os.read(ours, 1000)
    os.close(ours)
    assert process.returncode == 0
    assert load_routine(tmp_path / "typed.toml", LIBRARY).title == "Typed"
