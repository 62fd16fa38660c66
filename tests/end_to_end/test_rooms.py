"""Whole sessions in simulated rooms: real voices, real recognition, walls and noise between them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.studio import BRIDGE, Studio
from voicecoach.audio.level import mean_level, speech_level
from voicecoach.audio.wav import read_wav
from voicecoach.ports import EAR_RATE

pytestmark = [pytest.mark.voice, pytest.mark.ear]

LIVING_ROOM = Path(__file__).parent.parent / "audio" / "rooms" / "living-room.toml"


def living_room(studio: Studio, *said: tuple[float, str], name: str = "room") -> str:
    """Write the plan with what the person says; return it as a microphone."""
    words = "".join(f'\n[[say]]\nat = {at}\nwords = "{words}"\n' for at, words in said)
    path = studio.folder / f"{name}.toml"
    path.write_text(f'record = "{name}-mic.wav"\n{LIVING_ROOM.read_text("utf-8")}{words}', "utf-8")
    return f"room:{path}"


def test_a_person_in_a_living_room_says_pause_and_resume(room: Studio) -> None:
    routine = room.routine(BRIDGE)
    start = room.play(routine).of("step", kind="hold")[0]["t"]
    mic = living_room(room, (start + 3.0, "pause"), (start + 20.0, "resume"))
    take, again = (room.play(routine, "--mic", mic, name=name) for name in ("a", "b"))
    assert take.code == 0, take.output
    assert [e["command"] for e in take.of("heard")] == ["pause", "resume"]
    assert take.of("heard")[0]["ended_at"] == pytest.approx(start + 3.5, abs=0.3)
    assert take.events[-1]["reason"] == "finished"
    assert (take.events, take.output) == (again.events, again.output)
    assert "kept" not in take.output
    assert not list(room.folder.rglob("journal.db")), "nobody's exercise"
    # What the plan states, in what the microphone heard: the word alone, and the coach's first sentence alone.
    heard = read_wav(room.folder / "room-mic.wav")
    assert heard.rate == EAR_RATE
    said = heard.samples[round((start + 3.0) * EAR_RATE) : round((start + 3.8) * EAR_RATE)]
    sentence = next(e for e in take.of("say") if e["text"].startswith("Lie on"))["t"]
    coach = heard.samples[round(sentence * EAR_RATE) : round((sentence + 3.5) * EAR_RATE)]
    noise = heard.samples[round((start + 5.0) * EAR_RATE) : round((start + 6.0) * EAR_RATE)]
    assert speech_level(said, EAR_RATE) == pytest.approx(-30.0, abs=1.0)
    assert speech_level(coach, EAR_RATE) == pytest.approx(-24.0, abs=1.5)
    assert mean_level(heard.samples[-EAR_RATE // 10 :]) < -40
    assert noise.any()
    assert np.abs(heard.samples).max() < 1


def test_no_loudspeaker_is_needed(room: Studio) -> None:
    events = room.folder / "events.jsonl"
    done = room.command("run", str(room.routine(BRIDGE)), "--mic", living_room(room), "--events", str(events))
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(events.read_text("utf-8").splitlines()[-1])["reason"] == "finished"
    assert (room.folder / "room-mic.wav").exists(), "the coach was heard, though by nobody else"
    assert speech_level(read_wav(room.folder / "room-mic.wav").samples, EAR_RATE) > -30
    assert not list(room.folder.rglob("journal.db"))


def test_the_ear_is_tried_in_a_room(room: Studio) -> None:
    done = room.command("listen", "--mic", living_room(room, (1.0, "pause"), (4.0, "resume")), "--json")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["command"] for line in done.stdout.splitlines()] == ["pause", "resume"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--mic", "room:nowhere.toml"], "nowhere.toml"),
        (["--mic", "room:wrong.toml"], "wrong.toml:2: loudspeaker.enr = 600"),
        (["--mic", "room:right.toml", "--speaker", "none"], "has a loudspeaker of its own"),
        (["--mic", "room:right.toml", "--speaker", "usb"], "has a loudspeaker of its own"),
        (["--mic", "room:right.toml", "--speaker", "mic.wav"], "would be recorded over"),
        (["--mic", "room:voice.toml"], "no-such-voice"),
        (["--mic", "room:file.toml"], "said.wav cannot be read"),
    ],
)
def test_what_cannot_be_played_is_one_message(
    studio: Studio, args: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(studio.folder)
    right = "rt60 = 0\n[loudspeaker]\nenr = 6\n"
    plans = {
        "wrong": "[loudspeaker]\nenr = 600\n",
        "right": f'record = "mic.wav"\n{right}',
        "voice": f'{right}[person]\nvoice = "no-such-voice"\n[[say]]\nat = 1\nwords = "pause"\n',
        "file": f'{right}[[say]]\nat = 1\nfile = "said.wav"\n',
    }
    for name, text in plans.items():
        (studio.folder / f"{name}.toml").write_text(text, "utf-8")
    done = studio.command("run", "first-steps", *args)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
