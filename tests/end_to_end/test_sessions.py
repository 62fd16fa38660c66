"""The main job, measured in the sound."""

from __future__ import annotations

import json
import shutil
from typing import Any

import numpy as np
import pytest
import soxr

from tests.end_to_end.studio import Studio, Take
from voicecoach.loading.library import Library
from voicecoach.ports import EAR_RATE
from voicecoach.shipped import shipped

pytestmark = [pytest.mark.voice, pytest.mark.ear]

BRIDGE = """
title = "Test"
[[exercise]]
name = "Bridge"
position = "hook-lying"
setup = ["Lie on your back with your knees bent and your feet flat on the floor, and let your arms rest beside you."]
exit = "Lower your hips slowly."
reps = 2
hold = "10 s"
"""

SPEECH_MARGIN = 0.012
"""Seconds: a word's own onset lies at most 10 ms behind the start of its rendering, and the ruler has 1 ms marks."""


def counts(take: Take, number: str) -> list[float]:
    return [e["t"] for e in take.of("say") if e["text"].strip(".").lower() == number]


def test_the_countdown_sounds_where_it_should(studio: Studio) -> None:
    take = studio.play(studio.routine(BRIDGE))
    assert take.code == 0, take.output
    holds = take.of("step", kind="hold")
    assert len(holds) == 2
    for hold in holds:
        for after, number in ((7, "three"), (8, "two"), (9, "one")):
            due = hold["t"] + after
            assert min(abs(t - due) for t in counts(take, number)) < 0.0015, "the session's own time"
            assert take.onset_after(due - 0.05) == pytest.approx(due, abs=SPEECH_MARGIN), (number, hold)
        assert take.onset_after(hold["t"] + 9.95) == pytest.approx(hold["t"] + 10, abs=SPEECH_MARGIN)


def test_what_is_said_can_be_understood(studio: Studio) -> None:
    """Another pair of ears, with no idea of the session, hears the countdown in the loudspeaker's sound."""
    import vosk

    take = studio.play(studio.routine(BRIDGE))
    hold = take.of("step", kind="hold")[0]["t"]
    sound = soxr.resample(take.between(hold + 6.6, hold + 9.9), take.rate, EAR_RATE)
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(shipped("models") / "vosk-model-tiny-en"))
    recogniser = vosk.KaldiRecognizer(
        model, EAR_RATE, json.dumps(["one", "two", "three", "four", "five", "relax", "[unk]"])
    )
    recogniser.AcceptWaveform(np.clip(sound * 32767, -32768, 32767).astype(np.int16).tobytes() + bytes(16000))
    assert json.loads(recogniser.FinalResult())["text"].split() == ["three", "two", "one"]


def test_a_spoken_pause_is_silence_until_a_spoken_resume(studio: Studio) -> None:
    routine = studio.routine(BRIDGE)
    start = studio.play(routine).of("step", kind="hold")[0]["t"]
    take = studio.play(routine, mic=studio.person((start + 3.0, "pause"), (start + 20.0, "resume"), seconds=start + 25))
    assert take.code == 0, take.output
    pause, resume = take.of("heard")
    assert (pause["command"], resume["command"]) == ("pause", "resume")
    assert pause["ended_at"] == pytest.approx(start + 3.5, abs=0.25)
    assert 0 <= pause["t"] - pause["ended_at"] < 0.6
    # What is said in the freeze is the way out and how to go on; from then on, nothing at all.
    last = max(e["t"] for e in take.of("spoken") if e["t"] < resume["t"])
    silence = take.between(last + 0.02, resume["t"])
    assert len(silence) > 8 * take.rate
    assert not silence.any()
    # And between the command and the first word of the answer: a fade of one block, then silence.
    said = [e for e in take.of("say") if pause["t"] <= e["t"]]
    assert said[0]["text"] == "Lower your hips slowly."
    assert said[0]["priority"] == "safety"


def test_pain_over_the_coachs_own_sentence_is_silence_within_one_block(studio: Studio) -> None:
    routine = studio.routine(BRIDGE)
    sentence = next(e for e in studio.play(routine).of("say") if e["text"].startswith("Lie on"))
    take = studio.play(routine, mic=studio.person((sentence["t"] + 1.0, "pain"), seconds=60), name="pain")
    assert take.code == 3, "nobody says resume, and silence is no answer"
    (heard,) = take.of("heard")
    assert heard["command"] == "pain"
    cut = take.of("spoken", finished=False)
    assert [e["utterance"] for e in cut] == [sentence["utterance"]]
    assert take.of("mode")[-1]["mode"] == "pain"
    exit_cue = next(e for e in take.of("say") if e["priority"] == "safety")
    assert exit_cue["t"] == pytest.approx(heard["t"], abs=0.001)
    spoken = next(e for e in take.of("spoken") if e["utterance"] == exit_cue["utterance"])
    quiet = take.between(spoken["t"] + 0.02, spoken["t"] + 4.98)
    assert not quiet.any(), "five quiet seconds"
    assert take.events[-1] == {"t": take.events[-1]["t"], "event": "end", "reason": "cannot go on"}


def test_the_same_recording_gives_the_same_events_and_the_same_sound(studio: Studio) -> None:
    routine = studio.routine(BRIDGE)
    mic = studio.person((12.0, "next"), (20.0, "how long"), (24.0, "pause"), (30.0, "resume"), seconds=40)
    first, second = (studio.play(routine, mic=mic, name=name) for name in ("a", "b"))
    assert len(first.of("heard")) == 4
    assert first.events == second.events
    assert np.array_equal(first.sound, second.sound)


def test_running_time_is_exact_over_a_whole_routine(studio: Studio) -> None:
    take = studio.play("spine-support")
    assert take.code == 0, take.output
    holds = take.of("step", kind="hold")
    assert len(holds) >= 6
    for hold in holds:
        following = next(e for e in take.of("step") if e["t"] > hold["t"])
        assert following["t"] - hold["t"] == pytest.approx(hold["seconds"], abs=0.0015)
    assert len(take.sound) / take.rate == pytest.approx(take.events[-1]["t"], abs=1.0)


def test_scripted_words_need_no_ear(studio: Studio) -> None:
    take = studio.play(
        studio.routine(BRIDGE),
        "--ear",
        "none",
        "--say",
        "skip@3",
        "--say",
        "undo@5",
        "--say",
        "end@20",
        "--say",
        "yes@22",
    )
    assert take.code == 0, take.output
    assert [e["command"] for e in take.of("heard")] == ["skip", "undo", "end", "yes"]
    assert {e["source"] for e in take.of("heard")} == {"script"}
    assert take.events[-1]["reason"] == "ended"


def test_noise_and_talk_do_not_steer(studio: Studio) -> None:
    """Not a figure (bench has those): one remark and one burst of noise, neither of which may act."""
    mic = studio.person((5.0, "the weather is lovely this morning"), seconds=40)
    from voicecoach.audio.wav import read_wav, write_wav

    audio = read_wav(mic)
    noise = np.random.default_rng(7).normal(0, 0.05, len(audio.samples)).astype(np.float32)
    noise[: 20 * EAR_RATE] = 0
    write_wav(mic, audio.samples + noise, EAR_RATE)
    take = studio.play(studio.routine(BRIDGE), mic=mic)
    assert take.code == 0
    assert take.of("heard") == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["no-such-routine"], "no routine of this name"),
        (["first-steps", "--mic", "nowhere.wav"], "nowhere.wav"),
        (["first-steps", "--say", "pauze@3"], "did you mean 'pause'"),
        (["first-steps", "--say", "pause"], "COMMAND@SECONDS"),
        (["first-steps", "--voice", "no-such-voice", "--speaker", "x.wav"], "no-such-voice"),
        (["first-steps", "--speaker", "/no/such/folder/x.wav"], "/no/such/folder"),
        (["first-steps", "--events", "/no/such/folder/x.jsonl", "--speaker", "x.wav"], "/no/such/folder"),
        (["first-steps", "--ear", "both"], "both"),
        (["first-steps", "--speaker", "x.wav", "--mic", "somebody's microphone"], "real time"),
        (["first-steps", "--frobnicate"], "frobnicate"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    studio: Studio, args: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(studio.folder)
    done = studio.command("run", *args)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_model_is_named(studio: Studio) -> None:
    broken = studio.folder / "broken"
    shutil.copytree(shipped("models") / "vosk-model-tiny-en", broken)
    (broken / "am" / "final.mdl").unlink()
    mic = studio.person(seconds=1.0)
    done = studio.command(
        "run", "first-steps", "--mic", str(mic), "--speaker", str(studio.folder / "o.wav"), VOSK_MODEL_PATH=str(broken)
    )
    assert done.returncode == 2, done.stderr
    assert "final.mdl" in done.stderr
    assert "Traceback" not in done.stderr


def test_listen_prints_what_it_understands(studio: Studio) -> None:
    mic = studio.person((1.0, "pause"), (4.0, "resume"), (7.0, "end session"), seconds=10)
    done = studio.command("listen", "--mic", str(mic), "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [entry["command"] for entry in found] == ["pause", "resume", "end"]
    assert all(set(entry) == {"t", "ended_at", "command", "words", "partial"} for entry in found)
    assert found[0]["ended_at"] == pytest.approx(1.5, abs=0.25)


def test_the_demonstration_tells_its_story(studio: Studio) -> None:
    out = studio.folder / "demo.wav"
    done = studio.command("demo", "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    import wave

    with wave.open(str(out)) as file:
        assert file.getnchannels() == 2
        sides = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2).astype(np.float32) / 32768
    assert np.abs(sides).max(axis=0).min() > 0.1, "both sides speak"
    heard = [line.split("»")[1].split()[0] for line in done.stdout.splitlines() if "»" in line]
    assert heard == ["ready", "status", "pause", "resume", "next", "next", "next", "pain", "four", "yes", "no", "ache"]


def test_every_shipped_routine_plays_to_its_end(studio: Studio) -> None:
    for name in sorted(Library((shipped("routines"),)).routines()):
        take = studio.play(name, name=name)
        assert take.code == 0, (name, take.output[-500:])
        assert take.events[-1]["reason"] == "finished"
        assert {note["kind"] for note in take.of("note")} == {"set_done"}
