"""No sound is kept, and of what bystanders say only the words that belong to commands, and marks."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.end_to_end.studio import BRIDGE, Studio
from tests.needs import needs_espeak, needs_vosk
from tests.security.traces import FOUND, files_in, likeness
from voicecoach.audio.wav import write_wav
from voicecoach.language import load_language
from voicecoach.overheard import LONGEST, MOST, only_commands, shown_whole, vocabulary

pytestmark = [pytest.mark.voice, pytest.mark.ear]

TALK = "the number of my card is blue monkey fourteen"
ENGLISH = load_language("en")
KNOWN = vocabulary((*ENGLISH.phrases, *ENGLISH.standby, ENGLISH.address))


@pytest.fixture
def flat(tmp_path: Path) -> Studio:
    """A studio whose every folder, that for temporary files too, lies below one."""
    needs_espeak()
    needs_vosk()
    for name in ("home", "tmp", "cache"):
        (tmp_path / name).mkdir()
    return Studio(tmp_path, tmp_path / "cache")


def env(flat: Studio) -> dict[str, str]:
    return {
        "HOME": str(flat.folder / "home"),
        "TMPDIR": str(flat.folder / "tmp"),
        "VOICECOACH_STORAGE_JOURNAL": "always",
    }


def no_trace(flat: Studio, recording: Path) -> set[str]:
    """Look through everything that was written; return what there is, by ending."""
    written = files_in(flat.folder) - {recording}
    assert len(written) > 3
    for path in written:
        assert likeness(path, recording) < FOUND, path
    return {path.suffix for path in written}


def words_kept(folder: Path) -> list[str]:
    """What the journal and the files of events hold of what was said."""
    found: list[Any] = []
    for path in files_in(folder):
        if path.suffix == ".jsonl":
            found += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if path.name == "journal.db":
            rows = sqlite3.connect(path).execute("SELECT fields FROM event").fetchall()
            found += [json.loads(fields) for (fields,) in rows]
    return [entry["words"] for entry in found if entry.get("words")]


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    noise = np.random.default_rng(1)
    voice = np.repeat(noise.normal(0, 0.1, 4000), 8).astype(np.float32)  # below 1 kHz, as voices are
    heard, other = tmp_path / "heard.wav", tmp_path / "other.wav"
    write_wav(heard, voice, 16000)
    write_wav(other, np.repeat(noise.normal(0, 0.1, 4000), 8).astype(np.float32), 16000)
    (tmp_path / "odd").write_bytes(b"x" + heard.read_bytes())
    (tmp_path / "float").write_bytes(voice.tobytes())
    (tmp_path / "loud").write_bytes((np.repeat(voice, 3) * 9000).astype("<i2").tobytes())  # 48 kHz
    for name in ("heard.wav", "odd", "float", "loud"):
        assert likeness(tmp_path / name, heard) > FOUND, name
    assert likeness(other, heard) < FOUND / 2


def test_a_day_of_the_appliance_leaves_no_sound(flat: Studio) -> None:
    own = flat.folder / "data" / "voicecoach" / "routines"
    own.mkdir(parents=True)
    (own / "quick-one.toml").write_text(BRIDGE.replace('"Test"', '"Quick one"'), "utf-8")
    mic = flat.person((14.0, "coach, start quick one"), (36.0, TALK), (60.0, TALK), seconds=66.0)
    take = flat.serve("--say", "yes@42", "--say", "ready@52", mic=mic, **env(flat))
    assert take.of("end", reason="finished"), take.output
    assert take.of("overheard"), "it did hear them talk"
    kinds = no_trace(flat, mic)
    assert {".wav", ".db", ".jsonl"} <= kinds, "the coach's own voice, the journal, the events"
    kept = words_kept(flat.folder)
    assert kept
    names = {"quick"}
    assert {word for words in kept for word in words.split()} <= KNOWN | names | {"[unk]"}
    # The sound server's library may leave an empty folder there, where it looked for a server.
    assert not [path for path in (flat.folder / "tmp").rglob("*") if not path.is_dir()]


def test_a_session_in_real_time_leaves_no_sound(flat: Studio) -> None:
    """A loudspeaker that only keeps time, a microphone that is a recording: the threads of a live session."""
    mic = flat.person((0.2, TALK), seconds=4.0)
    done = flat.command(
        *("run", str(flat.routine(BRIDGE)), "--mic", str(mic), "--speaker", "none"),
        *("--events", str(flat.folder / "live.jsonl"), "--say", "end session@5", "--say", "yes@6"),
        **env(flat),
        VOICECOACH_VOICE_ENGINE="none",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (flat.folder / "live.jsonl").exists()
    no_trace(flat, mic)
    assert {word for words in words_kept(flat.folder) for word in words.split()} <= KNOWN | {"[unk]"}


def test_what_is_typed_is_kept_no_more_than_what_is_said(tmp_path: Path) -> None:
    """Through the command line, where the keyboard stands for any ear that writes down what it hears."""
    home = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    (tmp_path / "r.toml").write_text(BRIDGE, "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "voicecoach",
            "run",
            "r.toml",
            "--ear",
            "keys",
            "--speaker",
            "none",
            "--events",
            "e.jsonl",
        ],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), "VOICECOACH_VOICE_ENGINE": "none"}
        | {"VOICECOACH_STORAGE_JOURNAL": "always"}
        | home,
        input=f"{TALK}\x1b]0;title\x07 \x1b[2J next\n{'monkey ' * 200_000}\n"
        + "m" * 2_000_000
        + "\nend session\nyes\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert max(map(len, (done.stdout + done.stderr).splitlines())) < 600
    for path in files_in(tmp_path):
        assert b"monkey" not in path.read_bytes(), path
    kept = words_kept(tmp_path)
    assert any(words.endswith("next") for words in kept)
    assert "[unk]" in kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", ""),
        ("[unk]", "[unk]"),
        ("my card is blue", "my [unk]"),
        ("the bank said pain pain no", "the [unk] pain pain no"),
        ("next\x1b[2J", "[unk]"),
        ("no " * 5000, " ".join(["no"] * MOST)),
        ("monkey " * 5000, "[unk]"),
    ],
)
def test_talk_becomes_marks(said: str, kept: str) -> None:
    known = vocabulary(["my mistake", "take that back", "the same", "pain", "no", "next"])
    assert only_commands(said, known) == kept
    assert only_commands(kept, known) == kept


def test_what_was_obeyed_is_printable_and_short() -> None:
    assert shown_whole("start quick one") == "start quick one"
    assert shown_whole("pain\x1b[31m\n") == "pain\ufffd[31m\ufffd"
    assert len(shown_whole("x" * 10_000)) == LONGEST
    assert max(map(len, ENGLISH.phrases)) < LONGEST


def test_there_is_no_option_that_records(flat: Studio) -> None:
    for command in ("run", "serve"):
        assert "--record" not in flat.command(command, "--help").stdout
