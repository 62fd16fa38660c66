"""Programmes as they are typed: ``list``, ``show``, ``check`` and ``run``, and what history tells of them."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.test_cli import Cli, cli, home  # noqa: F401 - fixtures
from voicecoach.core.report import from_json
from voicecoach.journal.store import Store

WEEKS = """
title = "Two short weeks"
summary = "To try it out."

[[week]]
title = "First"
days = ["short", "rest", "short"]

[[week]]
days = ["short"]
"""
RUN = ("run", "weeks.toml", "--speaker", "a.wav")


@pytest.fixture(autouse=True)
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Sessions are played to files, and kept all the same; a programme lies beside ``short.toml``."""
    monkeypatch.setenv("VOICECOACH_STORAGE_JOURNAL", "always")
    Path("weeks.toml").write_text(WEEKS, "utf-8")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


class Later:
    """Lets days pass, for the command line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def by(self, days: int) -> None:
        day = date.today() + timedelta(days)  # noqa: DTZ011 - as the program does
        for module in ("sessions", "show"):
            self._patch.setattr(sys.modules[f"voicecoach.cli.{module}"], "today", lambda: day)


def test_run_plays_the_session_that_is_due_and_rests_in_between(cli: Cli, later: Later, home: Path) -> None:  # noqa: F811
    first = cli(*RUN).output
    assert "Week one, day one." in first
    assert "finished" in first
    waits = cli(*RUN).output
    assert "nothing more today. Week 1, day 3 (short), comes on" in " ".join(waits.split())
    assert "--day 1.3" in waits
    later.by(1)
    assert "nothing more today" in cli(*RUN).output
    later.by(2)
    assert "Week one, day three." in cli(*RUN).output
    later.by(3)
    assert "Week two, day one." in cli(*RUN).output
    later.by(4)
    over = cli(*RUN).output
    assert "is finished. To begin again: voicecoach run weeks.toml --day 1.1" in " ".join(over.split())
    shelf = Store.open(home / "data" / "voicecoach" / "journal.db")
    parts = [shelf.recording(entry.id).header.part_of for entry in reversed(shelf.sessions())]
    assert [(p.programme, p.week, p.day) for p in parts if p] == [("weeks", 1, 1), ("weeks", 1, 3), ("weeks", 2, 1)]
    (newest, *_) = (from_json(entry.summary) for entry in shelf.sessions())
    assert newest.part_of == parts[-1]
    assert "week 2, day 1 of weeks" in " ".join(cli("history").output.split())
    assert json.loads(cli("history", "--json").output)[0]["part_of"]["week"] == 2


def test_a_day_can_be_named_and_it_goes_on_from_there(cli: Cli, later: Later) -> None:  # noqa: F811
    assert "Week one, day three." in cli(*RUN, "--day", "1.3").output
    later.by(1)
    assert "Week two, day one." in cli(*RUN).output
    for wrong in ("1.2", "3.1", "x", "1", "-1.1"):
        refused = cli(*RUN, "--day", wrong, code=2).output
        assert f"--day {wrong}: Two short weeks has no session on such a day" in refused
    assert "--day is for programmes" in cli("run", "short.toml", "--day", "1.1", "--speaker", "b.wav", code=2).output


def test_a_session_that_was_cut_off_comes_again_and_can_be_resumed(cli: Cli) -> None:  # noqa: F811
    cli(*RUN, "--say", "pause@22", code=3)
    assert "once more because it was not finished" in " ".join(cli("show", "weeks.toml").output.split())
    done = cli("run", "weeks.toml", "--resume", "--speaker", "b.wav", "--say", "resume@2").output
    assert "goes on at" in done
    assert "Week 1, day 3" in cli("show", "weeks.toml").output


def test_a_routine_played_by_itself_is_no_part_of_a_programme(cli: Cli) -> None:  # noqa: F811
    cli("run", "short.toml", "--speaker", "a.wav")
    assert "next: Week 1, day 1 (short), today" in cli("show", "weeks.toml").output


def test_list_and_show_know_programmes(cli: Cli, home: Path) -> None:  # noqa: F811
    folder = home / "data" / "voicecoach" / "routines" / "programmes"
    folder.mkdir(parents=True)
    (folder / "three.toml").write_text(
        'title = "Three"\n[[week]]\ndays = ["first-steps", "rest"]\nrepeat = 3\n', "utf-8"
    )
    (folder / "broken.toml").write_text('title = "Three"\n[[week]]\ndays = ["first-stps"]\n', "utf-8")
    shown = cli("list").output
    assert "three" in shown
    assert "3 weeks" in shown
    assert (
        "broken.toml:3:9: days = \"first-stps\": there is no routine of this name; did you mean 'first-steps'?" in shown
    )
    text = cli("show", "three").output
    assert "Three  (three), 3 weeks, 3 sessions" in text
    assert "1.2  rest" in text
    assert "week 1  x 3" in text


def test_check_reads_the_routines_of_the_days_too(cli: Cli) -> None:  # noqa: F811
    assert "weeks.toml: right: 2 weeks of short" in cli("check", "weeks.toml").output
    Path("short.toml").write_text("title = 3\n", "utf-8")
    assert "short.toml:1: a routine needs" in cli("check", "weeks.toml", code=2).output


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('title = "T"\n', "a programme needs at least one [[week]]"),
        ('title = "T"\n[[week]]\n', "days: this key is missing"),
        ('title = "T"\n[[week]]\nday = ["short"]\n', "day: this key is not known here; did you mean 'days'?"),
        ('title = "T"\nweek = 3\n', "allowed: [[week]], in double brackets"),
        ('title = "T"\n[[week]]\ndays = ["../short"]\n', 'days = "../short": this is not written as it must be'),
        ('title = "T"\n[[week]]\ndays = ["short", "shrt"]\n', "did you mean 'short'?"),
        ('title = "T"\n[[week]]\ndays = ["short"]\ngo_on = "soon"\n', 'programmes/w.toml:4:9: go_on = "soon"'),
        ('title = "T"\n[[week]]\ndays = ["rest"]\n', "days has nothing but rest"),
        ('[[week]]\ndays = ["short"]\n', "title: this key is missing"),
    ],
)
def test_a_programme_with_a_slip_is_refused_in_words(cli: Cli, text: str, problem: str) -> None:  # noqa: F811
    Path("programmes").mkdir()
    Path("programmes/w.toml").write_text(text, "utf-8")
    for command in ("check", "show", "run"):
        assert problem in " ".join(cli(command, "programmes/w.toml", code=2).output.split())


def test_all_that_is_wrong_with_a_programme_is_told_at_once(cli: Cli) -> None:  # noqa: F811
    text = 'title = "T"\ntitel = 1\n[[week]]\ndays = ["shrt", "short", "shot"]\n[[week]]\ndays = []\ngo_on = "soon"\n'
    Path("w.toml").write_text(text, "utf-8")
    output = cli("check", "w.toml", code=2).output
    assert [line.split(" ")[0] for line in output.splitlines() if line.startswith("w.toml")] == [
        "w.toml:2:1:", "w.toml:4:9:", "w.toml:4:26:", "w.toml:6:8:", "w.toml:7:9:",
    ]  # fmt: skip


def test_every_day_that_is_wrong_is_told_a_path_beside_a_name(cli: Cli) -> None:  # noqa: F811
    text = 'title = "T"\n[[week]]\ndays = ["short", "nothing", "../n/morning", "shrt"]\nsummary = "A"\n'
    Path("w.toml").write_text(text, "utf-8")
    output = cli("check", "w.toml", code=2).output
    assert [line.partition(" (")[0] for line in output.splitlines() if line.startswith("w.toml")] == [
        'w.toml:3:18: days = "nothing": there is no routine of this name',
        'w.toml:3:29: days = "../n/morning": this is not written as it must be',
        "w.toml:3:45: days = \"shrt\": there is no routine of this name; did you mean 'short'?",
        "w.toml:4:1: summary: this belongs above the first [[week]]",
    ]


def test_what_two_days_share_is_told_once(cli: Cli, home: Path) -> None:  # noqa: F811
    (home / "exercises").mkdir()
    (home / "exercises" / "mine.toml").write_text('name = "A"\nposition = "prone"\nexit = "Up."\nreps = 900\n', "utf-8")
    for name in ("a", "b"):
        Path(f"{name}.toml").write_text(f'title = "{name}"\n[[exercise]]\nuse = "mine"\n', "utf-8")
    Path("w.toml").write_text('title = "T"\n[[week]]\ndays = ["a", "b"]\n', "utf-8")
    output = cli("check", "w.toml", code=2, VOICECOACH_STORAGE_ROUTINES=str(home)).output
    assert output.count("reps must be from 1 to 100") == 1


@pytest.mark.parametrize(
    "day", ["1.1" + "9" * 5000, "9" * 5000 + ".1", "1.", ".1", "1.\u00b2", "\u0663.\u0661", "1.1.1", "-1.1"]
)
def test_a_day_that_no_programme_has_is_refused_in_words(cli: Cli, day: str) -> None:  # noqa: F811
    output = cli("run", "weeks.toml", f"--day={day}", code=2).stderr
    assert "has no session on such a day" in output
    assert len(output) < 400


def test_what_needs_a_routine_says_so(cli: Cli) -> None:  # noqa: F811
    output = cli("rehearse", "weeks.toml", code=2).output
    assert "this is a programme, and here a routine is needed (allowed: one of its: short)" in output


def test_a_programme_leads_to_no_program(cli: Cli) -> None:  # noqa: F811
    Path("loud.py").write_text("open('ran', 'w')\n", "utf-8")
    Path("weeks.toml").write_text(WEEKS.replace('"short"', '"loud"'), "utf-8")
    Path("paths.toml").write_text(WEEKS.replace('"short"', '"loud.py"'), "utf-8")
    refusals = {"weeks.toml": "there is no routine of this name", "paths.toml": "not written as it must be"}
    for name, refusal in refusals.items():
        for command in (("check", name), ("show", name), ("run", name, "--speaker", "a.wav")):
            assert refusal in cli(*command, code=2).stderr
    assert not Path("ran").exists()


def test_a_program_is_played_though_it_lies_among_programmes(cli: Cli, home: Path) -> None:  # noqa: F811
    folder = home / "programmes"
    folder.mkdir()
    text = "from voicecoach import *\ndef routine(history):\n    return Routine(title=str(len(history.sessions)), blocks=[use('bridge', sets=1, reps=1)])\n"
    (folder / "one.py").write_text(text, "utf-8")
    args = ("run", str(folder / "one.py"), "--speaker", "a.wav")
    assert "0, about" in cli(*args).output
    assert "1, about" in cli(*args).output
    refused = cli(*args, "--day", "1.1", code=2)
    assert "--day is for programmes" in refused.stderr
