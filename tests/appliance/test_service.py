"""``voicecoach service``: against a stand-in for systemctl, and the unit before systemd's own judge.

Under a real user manager it was tried by hand, and docs/raspberry-pi.md has what came; no test here needs one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicecoach.appliance.unit import NAME, quoted, unit
from voicecoach.cli import main

STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> {log}
echo "runtime $XDG_RUNTIME_DIR" >> {log}
case "$*" in {cases} *) exit 0;; esac
"""
RUNNING = (
    "ActiveState=active\\nUnitFileState=enabled\\nStatusText=waits to be called\\nActiveEnterTimestamp=today\\n"
    "MainPID=77\\nNRestarts=2\\nResult=success\\n"
)


class Desk:
    """A home, and a systemd that writes down what it is told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._bin, self._log = folder, folder / "bin", folder / "log"
        self._bin.mkdir()
        for name in [name for name in os.environ if name.startswith("VOICECOACH_")]:
            monkeypatch.delenv(name)
        for kind in ("CONFIG", "DATA", "CACHE"):
            monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        monkeypatch.setenv("PATH", f"{self._bin}:/usr/bin:/bin")
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        self.unit = folder / "config" / "systemd" / "user" / NAME

    def answers(self, program: str, *cases: str) -> None:
        script = self._bin / program
        script.write_text(STAND_IN.format(log=self._log, cases=" ".join(cases)), "utf-8")
        script.chmod(0o755)

    @property
    def told(self) -> list[str]:
        lines = self._log.read_text("utf-8").splitlines() if self._log.exists() else []
        return [line for line in lines if not line.startswith("runtime")]

    @property
    def runtime(self) -> set[str]:
        return {line for line in self._log.read_text("utf-8").splitlines() if line.startswith("runtime")}

    def run(self, *args: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["service", *args])
        assert result.exit_code == code, result.output
        return result


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path, monkeypatch)
    made.answers("systemctl", f"*show*) printf '{RUNNING}';;")
    made.answers("loginctl", "show-user*) echo Linger=no;;")
    return made


def test_it_is_written_started_and_lingers(desk: Desk) -> None:
    output = desk.run("install").output
    assert desk.unit.read_text("utf-8").count("Type=notify") == 1
    assert [line for line in desk.told if "show" not in line] == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable {NAME}",
        f"systemctl --user restart --no-block {NAME}",
        "loginctl enable-linger",
    ]
    assert desk.runtime == {f"runtime /run/user/{os.getuid()}"}, "also where ssh or cron has not set it"
    assert "linger" in output


def test_it_runs_this_very_program_with_these_settings(desk: Desk) -> None:
    settings = desk.folder / "my $ettings 100%.toml"
    settings.write_text("[voice]\nrate = 140\n", "utf-8")
    result = CliRunner().invoke(main, ["--config", str(settings), "service", "install", "--print"])
    assert result.exit_code == 0
    line = next(line for line in result.output.splitlines() if line.startswith("ExecStart="))
    assert line.startswith(f'ExecStart="{sys.executable}" "-m" "voicecoach" "--config" "')
    assert line.endswith('/my $$ettings 100%%.toml" "serve"')
    assert desk.told == []
    assert not desk.unit.exists()


def test_what_is_wrong_with_the_settings_is_said_at_once(desk: Desk) -> None:
    (desk.folder / "config" / "voicecoach").mkdir(parents=True)
    (desk.folder / "config" / "voicecoach" / "config.toml").write_text("[voice]\nrte = 1\n", "utf-8")
    assert "rte" in desk.run("install", code=2).output
    assert not desk.unit.exists()


def test_never_for_root(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "pi")
    for command in ("install", "uninstall"):
        assert f"log in as pi and run: voicecoach service {command}" in desk.run(command, code=2).output
    assert desk.told == []
    desk.run("install", "--print")


def test_without_linger_it_says_what_that_means_and_what_mends_it(desk: Desk) -> None:
    desk.answers("loginctl", "show-user*) echo Linger=no;;", "enable-linger) echo Access denied >&2; exit 1;;")
    output = desk.run("install", code=3).output
    assert "ends when you log out" in output
    assert "To mend it: sudo loginctl enable-linger" in output


def test_where_there_is_no_systemd_that_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(desk.folder))
    for command, code in (("install", 2), ("status", 3)):
        output = desk.run(command, code=code).output
        assert "This machine has no systemctl" in output
        assert "voicecoach serve" in output


def test_a_manager_that_cannot_be_reached_is_one_sentence(desk: Desk) -> None:
    desk.answers("systemctl", "*) echo 'Failed to connect to bus: No medium found' >&2; exit 1;;")
    output = desk.run("install", code=2).output
    assert "Failed to connect to bus" in output
    assert "not with su or sudo" in output
    output = desk.run("status", "--json", code=3).output
    shown = json.loads(output[: output.index("}") + 1])
    assert shown["active"] == "unknown"
    assert "Failed to connect to bus" in shown["problem"]


def test_how_it_stands(desk: Desk) -> None:
    desk.run("install")
    told = desk.run("status").output
    assert "active since today" in told
    assert "it says: waits to be called" in told
    assert "started again by systemd: 2 times" in told
    assert "ends when you log out" in told
    shown = json.loads(desk.run("status", "--json").output)
    assert (shown["active"], shown["pid"], shown["restarts"], shown["lingers"]) == ("active", 77, 2, False)


def test_how_it_stands_where_it_does_not_run(desk: Desk) -> None:
    assert "voicecoach service install" in desk.run("status", code=0).output, "systemd says active, but no file is ours"
    desk.run("install", "--no-start")
    desk.answers("systemctl", "*show*) printf 'ActiveState=failed\\nResult=watchdog\\n';;")
    told = desk.run("status", code=3).output
    assert "failed" in told
    assert "it ended last with: watchdog" in told
    assert "does not start by itself" in told


def test_one_that_was_given_something_wrong_is_not_started_again_and_status_says_what_to_do(desk: Desk) -> None:
    desk.run("install")
    lines = desk.unit.read_text("utf-8").splitlines()
    assert {"RestartPreventExitStatus=2", "SuccessExitStatus=130", "WatchdogSignal=SIGKILL", "Restart=always"} <= set(
        lines
    )
    ended = "ActiveState=failed\\nResult=exit-code\\nExecMainCode={}\\nExecMainStatus=2\\n"
    desk.answers("systemctl", f"*show*) printf '{ended.format(1)}';;")
    told = desk.run("status", code=3).output
    assert "is not started again" in told
    assert "voicecoach service install" in told
    assert json.loads(desk.run("status", "--json", code=3).output)["code"] == 2
    desk.answers("systemctl", f"*show*) printf '{ended.format(2)}';;")
    told = desk.run("status", code=3).output
    assert "is not started again" not in told, "by signal 2: it was not the program that ended with 2"
    assert "it ended last with: exit-code" in told


def test_it_is_taken_away_whole(desk: Desk) -> None:
    desk.run("install")
    desk.run("uninstall")
    assert not desk.unit.exists()
    assert f"systemctl --user disable --now {NAME}" in desk.told
    assert "there is no service" in desk.run("uninstall").output


@pytest.mark.parametrize(
    ("argument", "written"),
    [("plain", '"plain"'), ('a "b" \\c', '"a \\"b\\" \\\\c"'), ("$HOME %h", '"$$HOME %%h"'), ("ü ", '"ü "')],
)
def test_nothing_in_an_argument_means_anything_to_systemd(argument: str, written: str) -> None:
    assert quoted(argument) == written


@pytest.mark.parametrize("argument", ["a\nExecStartPre=rm", "\x00", "\r"])
def test_no_argument_writes_a_line_of_its_own(argument: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        unit([argument])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd's own judge is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(unit([sys.executable, "-m", "voicecoach", "serve"]), "utf-8")
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    judged = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(path)], env=env, capture_output=True, text=True, check=False
    )
    assert (judged.returncode, judged.stdout + judged.stderr) == (0, "")
    path.write_text(path.read_text("utf-8").replace("Restart=always", "Restrat=always"), "utf-8")
    judged = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(path)], env=env, capture_output=True, text=True, check=False
    )
    assert "Restrat" in judged.stderr, "the judge looks"
