"""A prescriber's rules for pain on the command line: the figures, who set them, until when; and when that is over."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from tests.test_cli import Cli, cli, home  # noqa: F401 - fixtures

TEXT = """title = "After the operation"
pain_policy = "monitored"
prescriber = "Dr. Ada Example"
review_on = 2027-01-31
pain = { tolerated = 3, ends_above = 4 }
[[exercise]]
use = "bridge"
"""
PROGRAM = """from voicecoach import *
def routine(history):
    pain = dict(pain_policy="monitored", prescriber="Dr. Ada Example", review_on="2027-01-31", pain={"tolerated": 3})
    return Routine(title="After", blocks=[use("bridge")], **pain)
"""
FIGURES = "up to 3 of 10 it may go on, above 4 the session ends"


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2027, 1, 31), date(2027, 2, 1)])
def test_the_figures_who_set_them_and_until_when_are_told(
    cli: Cli,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    day: date,
) -> None:
    for module in ("check", "show"):
        monkeypatch.setattr(sys.modules[f"voicecoach.cli.{module}"], "today", lambda: day)
    Path("after.toml").write_text(TEXT, "utf-8")
    Path("after.py").write_text(PROGRAM, "utf-8")
    shown = " ".join(cli("show", "after.toml").output.split())
    assert "prescribed by: Dr. Ada Example" in shown
    over = day > date(2027, 1, 31)
    assert (f"pain: {FIGURES}, until 31 Jan 2027" in shown) is not over
    assert (f"pain: the strict rules. What was prescribed was over on 31 Jan 2027 ({FIGURES})" in shown) is over
    for name in ("after.toml", "after.py"):
        warned = cli("check", name).stderr
        assert ("L17" in warned) is (day > date(2026, 12, 31))
        assert ("which is past" in warned) is over
