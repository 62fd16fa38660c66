"""``history``, ``report`` and ``export`` as they are typed."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from tests.history.samples import NASTY, SAMPLES, TODAY
from voicecoach.cli import main
from voicecoach.core.report import SessionReport, from_json

# The package's attribute of this name is the command, so the module is named in full.
MODULE = "voicecoach.cli.history"

Keep: TypeAlias = Callable[..., None]


class Kept:
    """Sessions that somebody keeps."""

    def __init__(self, reports: Sequence[SessionReport], unreadable: Sequence[str] = ()) -> None:
        self._reports, self.unreadable = reports, unreadable

    def newest_first(self, since: date | None = None) -> Iterator[SessionReport]:
        newest = sorted(self._reports, key=lambda report: report.started, reverse=True)
        return (report for report in newest if since is None or report.day >= since.isoformat())


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Keep:
    module = sys.modules[MODULE]
    monkeypatch.setattr(module, "today", lambda: TODAY)
    monkeypatch.chdir(tmp_path)

    def put(name: str, *unreadable: str) -> None:
        kept = Kept(SAMPLES[name](), unreadable)
        monkeypatch.setattr(module, "sessions", lambda: kept)

    return put


def cli(*args: str, width: int = 120) -> Result:
    return CliRunner().invoke(main, list(args), env={"COLUMNS": str(width)}, prog_name="voicecoach")


def test_nothing_yet_is_no_error(keep: Keep) -> None:
    keep("nothing")
    for args in (["history"], ["report"]):
        done = cli(*args)
        assert (done.exit_code, done.output.strip()) == (0, "No sessions yet. To begin: voicecoach run first-steps")
    assert json.loads(cli("history", "--json").stdout) == []
    assert json.loads(cli("export", "--json").stdout) == []
    assert cli("export", "--csv").stdout.startswith("session,started")
    done = cli("report", "--html", "a.html")
    assert done.exit_code == 0
    assert 'id="nothing"' in Path("a.html").read_text("utf-8")


def test_the_history_is_the_newest_first(keep: Keep) -> None:
    keep("long")
    done = cli("history", "--limit", "3")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["date", "routine", "length", "outcome", "coached", "pain", "effort"]
    assert len(lines) == 4
    assert lines[1].startswith("21 Nov 2026")
    assert "57 older sessions not shown; all of them: --limit 60" in done.stderr
    found = json.loads(cli("history", "--json", "--limit", "60").stdout)
    days = [line["started"] for line in found]
    assert days == sorted(days, reverse=True)
    assert len(days) == 60


def test_a_narrow_terminal_cuts_no_name(keep: Keep) -> None:
    keep("rising")
    done = cli("history", width=45)
    assert "lumbar-stabilisation" in done.output
    assert "pain 7/10" in done.output
    assert max(map(len, done.stdout.splitlines())) <= 45


def test_the_report_says_what_it_is_not(keep: Keep) -> None:
    keep("rising")
    out = " ".join(cli("report").output.split())
    assert "The coach measures nothing." in out
    assert "Look at this first" in out
    assert "why not: pain (exercise over) 2\u00d7; pain (session over); locked since it hurt" in out
    assert "pain, 0 to 10, oldest first: 1, 2, 2, 2, 3, 3, 4, 4, 5; locked" in out
    assert "You did" not in out


def test_since_and_routine_choose(keep: Keep) -> None:
    keep("rising")
    some = json.loads(cli("export", "--json", "--since", "2w", "--routine", "lumbar-stabilisation").stdout)
    assert 0 < len(some) < 13
    assert all(report["started"] >= "2026-11-07" for report in some)
    assert cli("report", "--since", "0d").output.strip() == "No session in this time."


def test_export_is_whole_and_the_oldest_first(keep: Keep) -> None:
    keep("rising")
    found = [from_json(entry) for entry in json.loads(cli("export", "--json").stdout)]
    assert sorted(found, key=lambda r: r.started) == found == sorted(SAMPLES["rising"](), key=lambda r: r.started)
    assert cli("export", "--csv", "a.csv").exit_code == 0
    with Path("a.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 1 + 13 * 8
    assert len(list(csv.reader(io.StringIO(cli("export", "--csv").stdout)))) == 1 + 13 * 8
    assert "coached_reps: repetitions that the coach called" in cli("export", "--columns").stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["report", "--since", "yesterday"], "'yesterday' is no date; allowed: a day such as"),
        (["report", "--since", "2027-01-01"], "lies in the future"),
        (["report", "--routine", "lumbar"], "there is no session of a routine 'lumbar'"),
        (["export", "--csv", "--routine", "lumbar-stabilization"], "did you mean 'lumbar-stabilisation'?"),
        (["report", "--html", "no/such/a.html"], "no/such/a.html cannot be written: no such file or directory"),
        (["export", "--csv", "no/such/a.csv"], "no/such/a.csv cannot be written: no such file or directory"),
        (["export"], "voicecoach export --csv"),
        (["history", "--limit", "0"], "--limit"),
    ],
)
def test_wrong_input_is_one_message(keep: Keep, args: list[str], words: str) -> None:
    keep("rising")
    done = cli(*args)
    assert done.exit_code == 2, done.output
    assert words in done.output
    assert "Traceback" not in done.output


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")  # noqa: PTH110
def test_a_full_disk_is_told(keep: Keep) -> None:
    keep("one")
    done = cli("report", "--html", "/dev/full")
    assert (done.exit_code, "/dev/full cannot be written: no space left on device" in done.output) == (2, True)


def test_what_cannot_be_read_is_told_beside_the_rest(keep: Keep) -> None:
    keep("one", "the session of 2026-11-01 is left out: damaged")
    done = cli("history", "--json")
    assert len(json.loads(done.stdout)) == 1
    assert "2026-11-01 is left out: damaged" in done.stderr


def test_names_are_no_markup(keep: Keep) -> None:
    keep("nasty")
    for args in (["history"], ["report"]):
        done = cli(*args, width=300)
        assert done.exit_code == 0, done.exception
    assert NASTY in cli("report", width=300).output


def test_the_page_goes_to_a_file_or_the_output(keep: Keep) -> None:
    keep("rising")
    done = cli("report", "--html", "-", "--name", "Ana")
    assert done.stdout.startswith("<!DOCTYPE html>")
    assert "<title>Exercise report, 12 Oct to 21 Nov 2026: Ana</title>" in done.stdout
    assert cli("report", "--html", "a.html").exit_code == 0
    assert Path("a.html").read_text("utf-8").startswith("<!DOCTYPE html>")
