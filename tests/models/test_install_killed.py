"""Killed at any moment, an installation leaves a whole model or none; and the next run clears up."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.model_server import fake_files, zip_of
from voicecoach.hearing.download import install_zip
from voicecoach.hearing.models import missing_parts
from voicecoach.hearing.unpack import exclusive

NAME = "vosk-model-small-xx-0.1"
ROOT = Path(__file__).parents[2]

KILLED_CHILDREN = """if True:
    import os, signal, sys
    from pathlib import Path
    from voicecoach.hearing.download import install_zip

    def deadly(work):
        def wrapped(*args, **kwargs):
            global moments
            moments -= 1
            if moments == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return work(*args, **kwargs)
        return wrapped

    for moment in range(1, 200):
        if (child := os.fork()) == 0:
            moments = moment
            os.fsync, os.rename, os.mkdir, os.unlink = map(deadly, (os.fsync, os.rename, os.mkdir, os.unlink))
            os.open = deadly(os.open)
            install_zip(Path(sys.argv[1]), Path(sys.argv[2]) / str(moment))
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code)
        if code != -signal.SIGKILL:
            break
"""

WAITING_CHILD = """if True:
    import os, sys, time
    from pathlib import Path
    from voicecoach.hearing.download import install_zip

    calls = 0

    def stuck(handle):
        global calls
        calls += 1
        if calls == 4:
            print("in the middle", flush=True)
            time.sleep(60)

    os.fsync = stuck
    install_zip(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def child(code: str, *args: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_killed_from_outside_while_unpacking(tmp_path: Path) -> None:
    archive, folder = tmp_path / "m.zip", tmp_path / "models"
    archive.write_bytes(zip_of(fake_files(), NAME))
    with child(WAITING_CHILD, archive, folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        assert list(folder.glob(".unpack-*/model/*")), "it was killed too early to show anything"
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    assert not (folder / NAME).exists()
    assert install_zip(archive, folder) == folder / NAME
    assert sorted(path.name for path in folder.iterdir()) == [".lock", NAME]


@pytest.mark.parametrize("replacing", [False, True])
def test_killed_at_each_moment(tmp_path: Path, replacing: bool) -> None:
    """A real SIGKILL before each call that changes the disk, one call later each time, until one run comes through."""
    files = fake_files(100)
    before = {name: content[:50] for name, content in files.items()} if replacing else {}
    old, archive = tmp_path / "old.zip", tmp_path / "m.zip"
    archive.write_bytes(zip_of(files, NAME))
    if replacing:
        old.write_bytes(zip_of(before, NAME))
        install_zip(old, tmp_path / "before")
        for moment in range(1, 100):
            shutil.copytree(tmp_path / "before", tmp_path / str(moment))
    with child(KILLED_CHILDREN, archive, tmp_path) as process:
        codes = [int(line) for line in process.communicate(timeout=120)[0].split()]
    assert codes[-1] == 0
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert 20 < len(codes) < 100, "the kills did not reach into the work"
    gone = 0
    for moment in range(1, len(codes) + 1):
        folder = tmp_path / str(moment)
        left = read_files(folder / NAME)
        assert left in (files, before, {}), f"killed before call {moment}, it left half a model"
        gone += not left
        with exclusive(folder):  # the lock died with its holder, and what it left is cleared up
            assert read_files(folder / NAME) in (files, before)
        assert {path.name for path in folder.iterdir()} <= {".lock", NAME}
    # While a model is replaced, there is none between the two renames only.
    assert gone == 1 if replacing else gone > 20


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_model_moved_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    archive, folder = tmp_path / "m.zip", tmp_path / "models"
    archive.write_bytes(zip_of(fake_files(), NAME))
    install_zip(archive, folder)
    (folder / NAME).rename(folder / f".old-{NAME}")
    archive.write_bytes(zip_of(fake_files(), "another"))
    install_zip(archive, folder)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "another", NAME]
    assert missing_parts(folder / NAME) == []
