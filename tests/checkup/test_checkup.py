"""Each look, at a machine made for it: what is good, what is not, and what mends it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from voicecoach.appliance.manager import Manager, ManagerError, State
from voicecoach.calibration.store import Calibration, Figures, Pair, path_of
from voicecoach.checkup import around, machine, sound
from voicecoach.checkup.finding import Finding
from voicecoach.cli import main
from voicecoach.config import load_config
from voicecoach.packages import pip_install
from voicecoach.ports import DeviceError

DAY = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def states(found: Iterator[Finding]) -> dict[str, str]:
    seen = list(found)
    assert all(one.mend or one.state == "good" for one in seen), seen
    return {one.subject: one.state for one in seen}


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_the_packages_are_here() -> None:
    assert states(machine.system()) == {"system": "good", "packages": "good"}


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "NEEDED", ("numpy", "no-such-package"))
    packages = list(machine.system())[-1]
    assert (packages.state, packages.mend) == ("missing", pip_install("no-such-package"))


@pytest.mark.parametrize(("free", "state"), [(40, "missing"), (400, "fair"), (4000, "good")])
def test_space_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free * 1_000_000}))
    folders = type("Folders", (), {"data": tmp_path / "data", "cache": tmp_path / "no" / "such"})
    assert states(machine.disk(folders, tmp_path)) == {"disk": state}  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    folders = type("Folders", (), {"data": tmp_path, "cache": tmp_path})
    found = list(machine.disk(folders, tmp_path))  # type: ignore[arg-type]
    for one, kept in zip(found, ("sessions", "rendered speech"), strict=True):
        assert (one.state, "XDG_DATA_HOME" in one.mend) == ("missing", True)
        assert one.detail == f"{tmp_path} cannot be written, so {kept} will not be kept: read-only file system"


def test_each_disk_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the data lie on a stick that is full, and the card has room."""
    stick, card = tmp_path / "stick", tmp_path / "card"
    for folder in (stick, card):
        folder.mkdir()
    monkeypatch.setattr(machine, "_device", lambda folder: int(stick in (folder, *folder.parents)))
    free = {stick: 3, card: 9000}
    monkeypatch.setattr("shutil.disk_usage", lambda one: type("Usage", (), {"free": free[one] * 1_000_000}))
    folders = type("Folders", (), {"data": stick / "data", "cache": card / "cache"})
    found = list(machine.disk(folders, tmp_path))  # type: ignore[arg-type]
    assert [(one.state, one.detail) for one in found] == [
        ("missing", f"3 MB free at {stick}: sessions will not be kept"),
        ("good", f"9000 MB free at {card}"),
    ]
    assert found[0].mend
    folders = type("Folders", (), {"data": stick / "data", "cache": stick / "cache"})
    assert len(list(machine.disk(folders, tmp_path))) == 1  # type: ignore[arg-type]


def test_below_a_folder_that_may_not_be_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    stat = os.stat

    def refuse(path: Any, **options: Any) -> os.stat_result:
        if closed in Path(os.fsdecode(path)).parents:
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.setattr(machine, "_unwritable", lambda folder: "permission denied" if folder == closed else "")
    folders = type("Folders", (), {"data": closed / "a" / "data", "cache": tmp_path})
    assert [one.state for one in machine.disk(folders, tmp_path)] == ["missing", "good"]  # type: ignore[arg-type]

    def gone(_: Path) -> int:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(machine, "_device", gone)
    folders = type("Folders", (), {"data": tmp_path, "cache": tmp_path})
    assert states(machine.disk(folders, tmp_path)) == {}, "it went meanwhile"  # type: ignore[arg-type]


def test_an_overlay_over_the_card(tmp_path: Path) -> None:
    folders = type("Folders", (), {"data": tmp_path, "cache": tmp_path})
    put(tmp_path, "proc/mounts", "overlay / overlay rw,lowerdir=/lower 0 0\n")
    assert states(machine.disk(folders, tmp_path))["overlay"] == "fair"  # type: ignore[arg-type]
    put(tmp_path, ".dockerenv", "")
    assert "overlay" not in states(machine.disk(folders, tmp_path))  # type: ignore[arg-type]


def test_the_clock(tmp_path: Path) -> None:
    assert states(machine.clock(tmp_path, DAY)) == {"clock": "good"}
    assert states(machine.clock(tmp_path, datetime(2025, 5, 7, tzinfo=UTC))) == {"clock": "missing"}
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    assert states(machine.clock(tmp_path, DAY)) == {"clock": "fair"}
    put(tmp_path, "run/systemd/timesync/synchronized", "")
    assert states(machine.clock(tmp_path, DAY)) == {"clock": "good"}


@pytest.mark.parametrize(("heat", "state"), [(45_000, "good"), (72_000, "fair"), (81_000, "missing")])
def test_heat(tmp_path: Path, heat: int, state: str) -> None:
    put(tmp_path, "sys/class/thermal/thermal_zone0/temp", f"{heat}\n")
    assert states(machine.heat(tmp_path)) == {"heat": state}


@pytest.mark.parametrize(
    ("bits", "state", "says"),
    [
        ("0", None, ""),
        ("50005", "missing", "the voltage is too low and it is slowed down"),
        ("50000", "fair", "since its start"),
        ("nonsense", None, ""),
    ],
)
def test_power(tmp_path: Path, bits: str, state: str | None, says: str) -> None:
    put(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", f"{bits}\n")
    found = list(machine.heat(tmp_path))
    assert [one.state for one in found] == ([state] if state else [])
    assert not found or says in found[0].detail


def test_memory(tmp_path: Path) -> None:
    put(tmp_path, "proc/meminfo", "MemTotal: 900000 kB\nMemAvailable:   102400 kB\n")
    assert states(machine.memory(tmp_path)) == {"memory": "fair"}
    put(tmp_path, "proc/meminfo", "MemAvailable:   1024000 kB\n")
    assert states(machine.memory(tmp_path)) == {"memory": "good"}
    put(tmp_path, "proc/meminfo", "nothing here\n")
    assert states(machine.memory(tmp_path)) == {}


def test_who_may_not_use_the_cards_is_told_the_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert states(sound.rights(tmp_path)) == {}
    put(tmp_path, "dev/snd/pcmC0D0p", "")
    assert states(sound.rights(tmp_path)) == {}
    monkeypatch.setattr(os, "access", lambda *_: False)
    [found] = sound.rights(tmp_path)
    assert found.mend.startswith("sudo usermod -aG audio ")


PACTL = """#!/bin/sh
case "$1" in
info) {info};;
get-sink-mute) echo "Mute: {mute}";;
get-sink-volume) echo "Volume: front-left: 6553 /  {volume}% / -60.00 dB";;
get-source-mute) echo "Mute: no";;
get-source-volume) echo "Volume: mono: 65536 / 100% / 0.00 dB";;
esac
"""
INFO = 'printf "Server Name: PulseAudio (on PipeWire 0.3)\\nDefault Sink: usb\\nDefault Source: mic\\n"'


@pytest.mark.parametrize(
    ("info", "mute", "volume", "found"),
    [
        (INFO, "no", 60, {"sound server": "good", "volume": "good", "gain": "good"}),
        (INFO, "no", 9, {"sound server": "good", "volume": "fair", "gain": "good"}),
        (INFO, "yes", 60, {"sound server": "good", "volume": "missing", "gain": "good"}),
        ("echo refused >&2; exit 1", "no", 60, {"sound server": "fair"}),
    ],
)
def test_the_sound_server(tmp_path: Path, info: str, mute: str, volume: int, found: dict[str, str]) -> None:
    script = tmp_path / "pactl"
    script.write_text(PACTL.format(info=info, mute=mute, volume=volume), "utf-8")
    script.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    path, os.environ["PATH"] = os.environ["PATH"], env["PATH"]
    try:
        assert states(sound.server(env)) == found
    finally:
        os.environ["PATH"] = path


def test_without_a_server_to_ask_nothing_is_said(tmp_path: Path) -> None:
    assert states(sound.server({"PATH": str(tmp_path)})) == {}


@pytest.mark.parametrize(("enr", "state"), [(3.0, "good"), (14.0, "fair")])
def test_the_echo_as_it_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enr: float, state: str) -> None:
    pair = Pair("Box", "Ear")
    monkeypatch.setattr(sound, "pair_of", lambda _: pair)
    monkeypatch.setattr("voicecoach.calibration.use.pair_of", lambda _: pair)
    monkeypatch.setattr(sound, "_there", lambda _: True)
    loaded = load_config(env={}, user=Path("none.toml"))
    folders = type("Folders", (), {"data": tmp_path, "cache": tmp_path})
    [found] = sound.echo(loaded, folders)  # type: ignore[arg-type]
    assert (found.state, found.detail, found.mend) == ("fair", "not measured for Box and Ear", "voicecoach calibrate")
    figures = Figures(
        noise=-60, played=-20, echo=-30, cancelled=20, delay=0.1, drift=0, clipped_coach=0, person=-30 - enr,
        clipped_person=0,
    )  # fmt: skip
    made = Calibration(
        version=1, made=DAY, loudspeaker="Box", microphone="Ear", language="en", volume=0.6, devices=figures
    )
    path = path_of(tmp_path, pair)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made.model_dump_json(), "utf-8")
    [found] = sound.echo(loaded, folders)  # type: ignore[arg-type]
    assert found.state == state
    assert f"return loss 10 dB, the coach {enr:+.0f} dB over you" in found.detail
    assert ("turn the loudspeaker down by" in found.mend) is (state == "fair")


class FakeManager(Manager):
    """A systemd that stands as it is told."""

    def __init__(self, folder: Path, state: State | None) -> None:
        super().__init__({})
        self.file, self._stands = folder / "unit", state
        if state is not None:
            self.file.write_text("", "utf-8")

    def state(self) -> State:
        if self._stands is None:
            raise ManagerError("no bus")
        return self._stands


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (None, {}),
        (State(True, True, "active", lingers=True), {"service": "good", "linger": "good"}),
        (State(True, True, "active", lingers=False), {"service": "good", "linger": "missing"}),
        (State(True, False, "active"), {"service": "fair"}),
        (State(True, True, "failed", result="watchdog"), {"service": "missing"}),
        (State(True, True, "failed", result="exit-code", code=2), {"service": "missing"}),
    ],
)
def test_the_service(tmp_path: Path, state: State | None, found: dict[str, str]) -> None:
    assert states(around.service(FakeManager(tmp_path, state))) == found


def test_a_service_that_was_given_something_wrong_is_not_waited_for(tmp_path: Path) -> None:
    [found] = around.service(FakeManager(tmp_path, State(True, True, "failed", result="exit-code", code=2)))
    assert "is not started again" in found.detail
    assert "voicecoach service install" in found.mend
    [found] = around.service(FakeManager(tmp_path, State(True, True, "failed", result="exit-code", code=3)))
    assert found.detail == "failed: exit-code"


def test_where_users_have_no_numbers_there_is_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getuid")
    assert states(around.service()) == {}


def test_all_of_it_together_says_what_mends_each_thing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert {"system", "packages", "disk", "clock", "keyboard"} <= {one["subject"] for one in found}
    assert all(one["mend"] for one in found if one["state"] != "good")


def test_a_loudspeaker_that_does_not_open_is_told_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DeviceError("It is busy.", mend="end the other program")

    loaded = load_config(env={}, user=Path("none.toml"))
    monkeypatch.setattr(sound, "open_speaker", refuse)
    monkeypatch.setattr(sound, "_there", lambda _: False)
    assert states(sound.latency(loaded)) == {}
    monkeypatch.setattr(sound, "_there", lambda _: True)
    [found] = sound.latency(loaded)
    assert (found.state, found.mend) == ("missing", "end the other program")
