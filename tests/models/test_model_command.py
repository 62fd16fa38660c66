"""``voicecoach model``, as a person uses it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tests.models.model_server import ModelServer, fake_files, zip_of
from voicecoach.cli import main
from voicecoach.cli.common import folders

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "vosk-model-small-xx-0.1"
ZIP = zip_of(fake_files(60_000), NAME)
SHA256 = hashlib.sha256(ZIP).hexdigest()
ROOT = Path(__file__).parents[2]
PROGRAM = "from voicecoach.cli import main; main(prog_name='voicecoach')"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "dätä home"))
    monkeypatch.delenv("VOSK_MODEL_PATH", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("VOICECOACH_MODEL_URL", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    return folders().data


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        running.publish(f"{NAME}.zip", ZIP)
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "brought along.zip"
    path.write_bytes(ZIP)
    return path


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["model", *map(str, arguments)])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def test_the_list_shows_what_there_is_and_what_is_used_and_why() -> None:
    output = run("list").output
    assert "vosk-model-tiny-en" in output
    assert "shipped with voicecoach" in output
    assert "vosk-model-small-en-us-0.15" in output
    assert "41 MB" in output
    assert "to be fetched" in output
    assert "In use for en: vosk-model-tiny-en (shipped with voicecoach)" in output


def test_the_path_is_printed_alone() -> None:
    assert run("path").output.strip() == str(ROOT / "models" / "vosk-model-tiny-en")


def test_get_fetches_installs_and_uses(server: ModelServer, home: Path) -> None:
    output = run("get", NAME, "--url", server.url, "--sha256", SHA256).output
    assert f"{NAME}: 0.5 of 0.5 MB" in output
    assert f"In use for xx: {NAME} (voicecoach model use), {home / 'models' / NAME}" in output
    assert run("path", "--language", "xx").output.strip() == str(home / "models" / NAME)
    assert "there already" in run("get", NAME, "--url", server.url).output
    assert len(server.requests) == 1


def test_get_takes_its_address_from_the_environment(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICECOACH_MODEL_URL", f"{server.url}/")
    listed = (
        f'[{{"name": "{NAME}", "size": {len(ZIP)}, "md5": "{hashlib.md5(ZIP, usedforsecurity=False).hexdigest()}"}}]'
    )
    server.publish("model-list.json", listed.encode())
    run("get", NAME)
    assert [request.path for request in server.requests] == ["/models/model-list.json", f"/models/{NAME}.zip"]


def test_get_without_a_name_asks_for_the_recommended_one(server: ModelServer) -> None:
    result = run("get", "--url", server.url, code=2)
    assert server.requests[0].path == "/models/vosk-model-small-en-us-0.15.zip"
    assert "To mend it:" in result.stderr
    run("get", "--url", server.url, "--language", "de", code=2)
    assert server.requests[-1].path == "/models/vosk-model-small-de-0.15.zip"
    assert "recommends no model" in run("get", "--language", "xx", code=2).output


def test_get_from_a_zip(archive: Path, home: Path) -> None:
    assert f"{NAME} is installed in {home / 'models' / NAME}" in run("get", "--from-zip", archive).output
    assert "mine is installed" in run("get", "mine", "--from-zip", archive).output
    assert run("path").output.strip() == str(home / "models" / "mine")
    output = run("list").output
    assert NAME in output
    assert "in use" in output


def test_what_is_given_wrongly_ends_with_2(archive: Path, server: ModelServer) -> None:
    archive.write_bytes(b"no zip")
    assert "not a zip file" in run("get", "--from-zip", archive, code=2).stderr
    assert "is no file" in run("get", "--from-zip", "nothing.zip", code=2).stderr
    assert "cannot be the name" in run("get", "../x", code=2).stderr
    assert "64 digits" in run("get", NAME, "--sha256", "12", code=2).stderr
    assert "no http or https" in run("get", NAME, "--url", "file:///tmp", code=2).stderr
    assert "checksum" in run("get", NAME, "--url", server.url, "--sha256", "0" * 64, code=2).stderr
    assert "no model gone" in run("use", "gone", code=2).stderr
    assert "get vosk-model-small-de-0.15" in run("use", "vosk-model-small-de-0.15", code=2).stderr


def test_what_cannot_go_on_ends_with_3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with ModelServer() as gone:
        pass
    result = run("get", "--url", gone.url, code=3)
    assert "cannot be reached" in result.stderr
    assert "--from-zip FILE" in result.stderr
    blocked = tmp_path / "blocked"
    blocked.touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(blocked))
    assert "Writing to" in run("get", "--url", gone.url, code=3).stderr
    assert "cannot be written" in run("use", "shipped", code=3).stderr


def test_use_chooses_and_goes_back(archive: Path) -> None:
    run("get", "vosk-model-small-en-mine", "--from-zip", archive)
    assert "In use for en: vosk-model-tiny-en (voicecoach model use)" in run("use", "shipped").output
    assert "In use for en: vosk-model-small-en-mine" in run("use", "vosk-model-small-en-mine").output


def test_a_bad_choice_in_the_environment_is_told_with_the_list(monkeypatch: pytest.MonkeyPatch, archive: Path) -> None:
    monkeypatch.setenv("VOSK_MODEL_PATH", "/no/such")
    result = run("list", code=2)
    assert "vosk-model-tiny-en" in result.stdout
    assert 'VOSK_MODEL_PATH gives "/no/such"' in result.stderr
    result = run("path", code=2)
    assert result.stdout == ""


def test_a_static_model_is_used_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "s.zip").write_bytes(zip_of({**fake_files(), "graph/HCLG.fst": b"x"}, "static"))
    run("get", "--from-zip", tmp_path / "s.zip")
    assert "takes no grammar" in run("list").output
    assert "takes no grammar" in run("use", "static").output


def test_the_configuration_is_heeded(archive: Path, tmp_path: Path) -> None:
    run("get", "mine", "--from-zip", archive)
    run("use", "shipped")
    file = tmp_path / "my.toml"
    file.write_text('[hearing]\nmodel = "mine"\n')
    result = CliRunner().invoke(main, ["--config", str(file), "model", "list"])
    assert "In use for en: mine (the configuration)" in result.output
    file.write_text('[hearing]\nmodel = "gone"\n')
    result = CliRunner().invoke(main, ["--config", str(file), "model", "path"])
    assert result.exit_code == 2
    assert "the configuration names the model gone" in result.stderr


def test_on_a_terminal_sentences_stand_above_the_bar(server: ModelServer) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
    arguments = ["model", "get", NAME, "--sha256", SHA256, "--url", server.url]
    with subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], env=environment, stdout=theirs) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal's output is an error
            while piece := os.read(ours, 4096):
                shown += piece
        os.close(ours)
        assert process.wait(30) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert f"{len(ZIP) / 1000:.1f}/{len(ZIP) / 1000:.1f} kB" in plain
    assert re.search(rf"[\r\n]Unpacking {NAME}\.\r\n", plain), plain


def test_as_a_program_and_interrupted(server: ModelServer, home: Path) -> None:
    """Ctrl-C in the middle keeps what has arrived; the same command goes on from there."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "VOICECOACH_MODEL_URL": server.url}
    get = [sys.executable, "-c", PROGRAM, "model", "get", NAME, "--sha256", SHA256]
    server.stalls = True
    server.cuts = [300_000]
    with subprocess.Popen(get, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert server.stalled.wait(30)
        part = home / "models" / f".{NAME}.zip.part"
        assert process.stdout is not None
        line = process.stdout.readline()
        while "0.3 of" not in line:
            assert line
            line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "What has arrived is kept" in rest
    assert "Traceback" not in rest
    kept = part.stat().st_size
    assert 0 < kept <= 300_000
    server.stalls = False
    done = subprocess.run(get, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "Going on from 0.3 MB" in done.stdout
    assert server.zips()[-1].headers["Range"] == f"bytes={kept}-"
    assert server.zips()[-1].sent == len(ZIP) - kept
    assert f"In use for xx: {NAME}" in done.stdout


def test_get_fetches_the_model_of_the_sessions_language(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for code, name in (("de", "vosk-model-small-de-0.15"), ("es", "vosk-model-small-es-0.42")):
        server.publish(f"{name}.zip", zip_of(fake_files(60_000), name))
        monkeypatch.setenv("VOICECOACH_SESSION_LANGUAGE", code)
        output = run("get", "--url", server.url).output
        assert f"In use for {code}: {name}" in output
        assert run("path").output.strip().endswith(name)
    assert f"In use for {'en'}" in run("list", "--language", "en").output
