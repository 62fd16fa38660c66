"""``import`` and ``convert`` from outside: what they print, write and refuse."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.exchange import samples
from tests.exchange.routines import MONITORED
from tests.needs import needs_fit
from voicecoach.cli import main
from voicecoach.packages import pip_install


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    for name in [name for name in os.environ if name.startswith("VOICECOACH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.json").write_text(json.dumps(samples.WORKOUT), "utf-8")
    (tmp_path / "list.md").write_text("- Bridge: 3 x 10\n- Star jump 30 s\n", "utf-8")
    return tmp_path


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, args, prog_name="voicecoach")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    return result


def test_import_writes_a_right_routine_and_says_what_to_look_at(desk: Path) -> None:
    told = run("import", "list.md").stdout
    assert told == (
        "list.toml: 2 exercises from a Markdown list\n"
        "assumed, because the file does not tell; look at these lines before anybody plays it:\n"
        "  list.toml:7: position: as in the library's exercise of this name\n"
        "  list.toml:8: exit: as in the library's exercise of this name\n"
        "  list.toml:14: position: the file tells no position\n"
        "  list.toml:15: exit: the file tells none\n"
        "then: voicecoach check list.toml, and: voicecoach rehearse list.toml\n"
    )
    lines = (desk / "list.toml").read_text("utf-8").splitlines()
    assert lines[6].startswith('position = "hook-lying"  # assumed')
    assert lines[14].startswith("exit = ")
    assert "right: 2 exercises" in run("check", "list.toml").stdout


def test_what_is_lost_is_said_on_the_screen_and_in_the_file(desk: Path) -> None:
    (desk / "l.csv").write_text("name,reps,weight\nBridge,5,20 kg\n", "utf-8")
    assert 'lost: the column "weight"\n' in run("import", "l.csv", "-o", "new.toml").stdout
    assert '# Lost on the way: the column "weight".' in (desk / "new.toml").read_text("utf-8")


def test_no_file_is_overwritten_without_being_asked(desk: Path) -> None:
    run("import", "list.md")
    before = (desk / "list.toml").read_bytes()
    refused = run("import", "desk.json", "-o", "list.toml", code=2)
    assert "Error: list.toml is there already\n" in refused.stderr
    assert "To mend it: choose another name, or write over it with --force" in refused.stderr
    assert (desk / "list.toml").read_bytes() == before
    run("import", "desk.json", "-o", "list.toml", "--force")
    assert (desk / "list.toml").read_bytes() != before
    (desk / "link.toml").symlink_to("elsewhere.toml")
    run("import", "desk.json", "-o", "link.toml", code=2)
    assert not (desk / "elsewhere.toml").exists()


def test_a_title_never_leads_out_of_the_folder(desk: Path) -> None:
    (desk / "in").mkdir()
    (desk / "in" / "x.md").write_text("# ../../up/and/away\n\n- Bridge 3 x 5\n", "utf-8")
    os.chdir(desk / "in")
    run("import", "x.md")
    assert sorted(path.name for path in (desk / "in").iterdir()) == ["up-and-away.toml", "x.md"]


def test_standard_output_holds_the_file_and_nothing_else(desk: Path) -> None:
    result = run("import", "desk.json", "-o", "-")
    assert result.stdout.startswith("# Imported from desk.json (just_another_workout_timer).\n")
    assert result.stdout.endswith('time = "25 s"\n')
    assert "3 exercises from" in result.stderr


def test_wrong_files_are_one_message_and_nothing_is_written(desk: Path) -> None:
    (desk / "bad.json").write_text('{"title": NaN', "utf-8")
    for args in (("bad.json",), ("none.json",), ("desk.json", "--from", "wger"), (str(desk),)):
        result = run("import", *args, code=2)
        assert result.stderr.count("Error: ") == 1
        assert result.stderr.count("\n") <= 2
        assert result.stdout == ""
    assert not list(desk.glob("*.toml"))
    result = run("import", "desk.json", "-o", str(desk / "no" / "x.toml"), code=2)
    assert "cannot be written: no such file or directory" in result.stderr


@pytest.mark.parametrize(
    ("kind", "ending", "start"),
    [("ics", "ics", b"BEGIN:VCALENDAR"), ("markdown", "md", b"# First steps"), ("html", "html", b"<!DOCTYPE html>")],
)
def test_convert_writes_beside_us_and_says_what_is_not_in_it(desk: Path, kind: str, ending: str, start: bytes) -> None:
    result = run("convert", "first-steps", "--to", kind)
    assert result.stdout == ""
    assert result.stderr.startswith(f"written: first-steps.{ending}\n")
    assert (desk / f"first-steps.{ending}").read_bytes().startswith(start)
    run("convert", "first-steps", "--to", kind, code=2)
    run("convert", "first-steps", "--to", kind, "--force")


def test_convert_writes_a_workout(desk: Path) -> None:
    needs_fit()
    assert "not in it: everything that is said" in run("convert", "first-steps", "--to", "fit").stderr
    assert (desk / "first-steps.fit").read_bytes()[8:12] == b".FIT"
    assert run("convert", "first-steps", "--to", "fit", "-o", "-").stdout_bytes[8:12] == b".FIT"


def test_without_the_library_convert_says_how_to_get_it(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fit_tool.fit_file_builder", None)
    result = run("convert", "first-steps", "--to", "fit", code=3)
    assert result.stderr == (
        f"Error: fit_tool, which writes FIT files, is missing.\nTo mend it: {pip_install('voicecoach[fit]')}\n"
    )


def test_the_schedule_is_given_by_options(desk: Path) -> None:
    options = ("--days", "Tue, thursday", "--at", "7:05", "--start", "2027-01-01", "--weeks", "3", "--remind", "5")
    text = run("convert", "first-steps", "--to", "ics", *options, "-o", "-").stdout_bytes
    assert b"DTSTART:20270105T070500\r\n" in text
    assert b"RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270121T070500\r\n" in text
    assert b"TRIGGER:-PT5M\r\n" in text


def test_the_days_of_a_programme_go_into_a_calendar(desk: Path) -> None:
    result = run("convert", "run-walk", "--to", "ics", "--start", "2027-01-04", "--at", "7:00")
    assert result.stderr.startswith("written: run-walk.ics\n")
    text = (desk / "run-walk.ics").read_bytes()
    assert [line for line in text.split(b"\r\n") if line.startswith(b"DTSTART")] == [
        b"DTSTART:20270104T070000",
        b"DTSTART:20270106T070000",
        b"DTSTART:20270108T070000",
    ]
    assert (
        "the days and weeks are the programme's own"
        in run("convert", "run-walk", "--to", "ics", "--days", "mo", "--force", code=2).stderr
    )
    for kind in ("html", "markdown", "fit"):
        refused = run("convert", "run-walk", "--to", kind, code=2).stderr
        assert refused == (
            "Error: run-walk is a programme\nTo mend it: --to ics puts its days into a calendar; "
            f"for {kind} name one of its routines: run-walk-1\n"
        )


@pytest.mark.parametrize(
    ("option", "value", "such_as"),
    [
        ("--days", "mo,xx", "mo,we,fr"),
        ("--days", "", "mo,we,fr"),
        ("--at", "25:00", "07:30"),
        ("--at", "noon", "07:30"),
        ("--start", "tomorrow", "2027-01-31"),
        ("--start", "2027-02-30", "2027-01-31"),
        ("--weeks", "0", "1<=x<=104"),
        ("--remind", "-1", "0<=x<=1440"),
    ],
)
def test_a_wrong_schedule_is_one_message(desk: Path, option: str, value: str, such_as: str) -> None:
    result = run("convert", "first-steps", "--to", "ics", option, value, code=2)
    assert such_as in result.stderr
    assert not list(desk.glob("*.ics"))


def test_a_schedule_behind_the_review_is_refused(desk: Path) -> None:
    (desk / "m.toml").write_text(MONITORED, "utf-8")
    result = run("convert", "m.toml", "--to", "ics", "--start", "2027-02-01", code=2)
    assert "no day is left: the prescriber's rules for pain hold until 2027-01-31" in result.stderr
