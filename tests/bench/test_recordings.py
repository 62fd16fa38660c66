"""The measurement on recordings of people: its arithmetic, without a single recording."""

from __future__ import annotations

import csv
import wave
from pathlib import Path

import numpy as np
import pytest

from bench import __main__ as bench_main
from bench import humans, recordings
from bench.bodies import BODIES
from bench.figures import Heard, by_command, by_state, false_acts, per_hour, recall
from bench.loops import ORACLE, make
from bench.recordings import LEAD, QUIET, Clip, Condition, RecordingsError
from tests.language.live_sets import LIVE_SETS
from voicecoach.audio.level import speech_level
from voicecoach.core.events import Command
from voicecoach.ports import EAR_RATE, Samples

COLUMNS = ("path", "kind", "label", "transcript", "speaker", "seconds", "dyn_db")


def tone(seconds: float, level: float = 0.1) -> Samples:
    return (level * np.sin(np.arange(int(seconds * EAR_RATE)) * 2 * np.pi * 440 / EAR_RATE)).astype(np.float32)


def write(path: Path, sound: Samples, rate: int = EAR_RATE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32768).astype("<i2").tobytes())


def clips_of(where: Path, rows: str) -> list[Clip]:
    """Return the clips of a manifest: a row on each line, commas between its columns."""
    with (where / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *(row.split(",") for row in rows.splitlines())])
    return recordings.read_clips(where)


def a_word(where: Path, *, before: float = 0.3, word: float = 0.4, after: float = 0.3) -> Clip:
    quiet = np.zeros(int(EAR_RATE * before), np.float32), np.zeros(int(EAR_RATE * after), np.float32)
    write(where / "a.wav", np.concatenate([quiet[0], tone(word), quiet[1]]))
    return Clip("a.wav", "commands", "stop", "stop", where / "a.wav")


def heard(
    *acts: tuple[Command, float], want: Command | None = None, kind: str = "speech", seconds: float = 1.0
) -> Heard:
    return Heard(kind, "label", "text", want, 1.2, 1.8, seconds, acts)


def test_the_manifest_is_read_in_its_order_without_what_is_no_sound_to_judge(tmp_path: Path) -> None:
    rows = """b.wav,commands,stop,Stop ,one,1.0,30
r.wav,rir,measured,,,1.0,
a.wav,speech,talk,,,1.0,
f.wav,commands,yes,yes,two,1.0,11.9
n.wav,noise,rain,,,9.0,3"""
    clips = clips_of(tmp_path, rows)
    assert [clip.name for clip in clips] == ["b.wav", "a.wav", "f.wav", "n.wav"]
    assert clips[0].text == "stop"
    assert [clip.audible for clip in clips] == [True, True, False, True]


def test_what_is_said_decides_whether_it_is_a_command(tmp_path: Path) -> None:
    rows = """a.wav,commands,stop,stop,one,1.0,30
b.wav,commands,left,left,one,1.0,30
c.wav,speech,words,emergency,two,1.0,30
d.wav,commands,yes,yes,two,1.0,5"""
    human, unrecorded, other = humans.corpus(clips_of(tmp_path, rows))
    assert [clip.text for clip in human] == ["stop", "emergency"]
    assert [clip.name for clip in other if clip.path] == ["b.wav"]
    assert {clip.label for clip in other if not clip.path} == set(BODIES)
    said = {clip.text for clip in unrecorded}
    assert "yes" in said
    assert "stop" not in said


def test_tuning_and_reporting_share_no_person() -> None:
    clips = [Clip(f"{n}.wav", "commands", "stop", "stop", Path("x"), speaker=f"person {n // 2}") for n in range(60)]
    quick, rest = (humans.corpus(clips, part) for part in ("quick", "rest"))
    assert {clip.speaker for clip in quick[0]}.isdisjoint(clip.speaker for clip in rest[0])
    assert {clip.voice for clip in quick[1]}.isdisjoint(clip.voice for clip in rest[1])
    assert len(quick[0]) + len(rest[0]) == len(clips)


@pytest.mark.parametrize("snr", [20.0, 5.0])
@pytest.mark.parametrize("noise", [None, tone(0.7, 0.01)], ids=["pink", "recorded"])
def test_noise_lies_as_far_below_the_voice_as_it_is_said_to(tmp_path: Path, noise: Samples | None, snr: float) -> None:
    clip = a_word(tmp_path)
    mixed = recordings.scene(clip, Condition("some", snr), noise).sound
    lead = mixed[: int(LEAD * EAR_RATE)].astype(np.float64)
    voice = 10 ** (speech_level(recordings.sound_of(clip), EAR_RATE) / 10)
    assert voice == pytest.approx(0.1**2 / 2, rel=0.02)  # pauses are left out
    assert 10 * np.log10(voice / np.mean(lead**2)) == pytest.approx(snr, abs=2.0)  # pink noise is uneven in a second
    tail = mixed[-int(1.5 * EAR_RATE) :].astype(np.float64)
    assert 10 * np.log10(voice / np.mean(tail**2)) == pytest.approx(snr, abs=2.0)


def test_a_scene_is_the_same_each_time_and_tells_where_the_word_is(tmp_path: Path) -> None:
    clip = a_word(tmp_path)
    first, second = (recordings.scene(clip, Condition("pink", 10.0)) for _ in range(2))
    assert np.array_equal(first.sound, second.sound)
    quiet = recordings.scene(clip, QUIET)
    assert (quiet.start, quiet.end) == pytest.approx((LEAD + 0.3, LEAD + 0.7), abs=0.011)
    assert quiet.seconds == pytest.approx(1.0)
    assert np.abs(quiet.sound[: int(LEAD * EAR_RATE)]).max() < 1e-3


def test_a_clips_own_noise_is_not_its_word(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.005, EAR_RATE).astype(np.float32)
    noise[int(0.4 * EAR_RATE) : int(0.8 * EAR_RATE)] += tone(0.4)
    assert recordings.span(noise) == pytest.approx((0.4, 0.8), abs=0.011)


def test_noises_are_brought_to_one_length_and_level(tmp_path: Path) -> None:
    write(tmp_path / "n.wav", tone(0.4, 0.5))
    made = recordings.scene(Clip("n.wav", "noise", "rain", path=tmp_path / "n.wav"))
    assert made.seconds == recordings.NOISE_SECONDS
    middle = made.sound[EAR_RATE * 5 : EAR_RATE * 25].astype(np.float64)
    assert 10 * np.log10(np.mean(middle**2)) == pytest.approx(recordings.NOISE_LEVEL, abs=0.2)


def test_a_file_of_another_rate_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", tone(0.1), rate=44_100)
    with pytest.raises(RecordingsError, match="16 kHz"):
        recordings.sound_of(Clip("a", "speech", "x", path=tmp_path / "a.wav"))


@pytest.mark.parametrize("name", BODIES)
def test_made_noises_are_sounds(name: str) -> None:
    sound = BODIES[name]()
    assert np.array_equal(sound, BODIES[name]())
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() == pytest.approx(0.2)


def test_a_command_is_right_if_the_first_act_is_it() -> None:
    scenes = [
        heard((Command.STOP, 2.0), want=Command.STOP),
        heard((Command.STOP, 2.2), (Command.PAIN, 2.5), want=Command.STOP),
        heard((Command.PAIN, 2.0), (Command.STOP, 2.5), want=Command.STOP),
        heard((Command.STOP, 0.9), want=Command.STOP),  # before it was said
        heard(want=Command.YES),
    ]
    row = recall("ours", "x", scenes)
    assert row["right"] == "2 of 5 (40.0 %)"
    assert row["urgent right"] == "2 of 4 (50.0 %)"
    assert row["another command was obeyed"] == "2 of 5 (40.0 %)"
    assert row["obeyed more than once"] == 2
    assert row["precision"] == "2 of 6 (33.3 %)"
    assert row["word end to heard, ms (median / p95)"] == "300 / 390"
    (each,) = by_command("human", {"quiet": scenes})
    assert each["stop"] == "2/4, precise 2/4"
    assert each["yes"] == "0/1, precise 0/0"
    state = by_state("human", "paused", scenes)
    assert (state["right"], state["taken for another"]) == ("2 of 5 (40.0 %)", "text -> pain: 2")


def test_false_acts_are_counted_by_utterance_and_by_hour_of_the_recording_itself() -> None:
    scenes = [
        heard((Command.STOP, 2.0), (Command.PAIN, 3.0)),
        heard(),
        heard((Command.END, 2.0), seconds=9.0),
        heard(seconds=9.0),
        heard((Command.PAUSE, 2.0), kind="noise", seconds=30.0),
        heard(kind="made", seconds=30.0),
    ]
    row = false_acts("ours", "now", scenes)
    assert row["utterances with a false act"] == "2 of 4 (50.0 %)"
    assert row["of these up to 4 s long"] == "1 of 2 (50.0 %)"
    assert row["noises with a false act"] == "1 of 2 (50.0 %)"
    assert row["false acts an hour: short"] == "3600 (2 in 2 s)"
    assert row["false acts an hour: talk"] == "200 (1 in 18 s)"
    assert row["false acts an hour: noise"] == "120 (1 in 30 s)"
    assert row["false acts an hour: made"] == "0 (0 in 30 s)"
    assert row["pain / stop / pause / emergency"] == "1 / 1 / 1 / 0"
    assert row["ending the session or the hearing"] == 1
    assert row["false acts"] == 4
    assert per_hour(0, 0.0) == "0 (0 in 0 s)"


def test_the_oracle_is_heard_through_the_gate_only(tmp_path: Path) -> None:
    hear, live = make(ORACLE, humans.SHIPPED), next(iter(LIVE_SETS.values()))
    scene = recordings.scene(a_word(tmp_path))
    assert [command for command, _ in hear(scene, live, "stop")] == [Command.STOP]
    assert hear(scene, live, "left") == []
    assert hear(scene, live, "yes") == []  # not live
    faint = recordings.Scene(scene.sound * np.float32(0.001), scene.start, scene.end, scene.seconds)
    assert hear(faint, live, "stop") == []
    later = faint.sound.copy()
    later[-EAR_RATE:] += tone(1.0)  # a sound that is long past the word doesn't bring it back
    assert hear(recordings.Scene(later, scene.start, scene.end, scene.seconds), live, "stop") == []


def test_without_recordings_nothing_is_measured_and_nothing_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(recordings.VARIABLE, raising=False)
    monkeypatch.setattr(bench_main, "RESULTS", tmp_path)
    monkeypatch.setattr("sys.argv", ["bench", "humans"])
    bench_main.main()
    assert recordings.VARIABLE in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_manifest_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(recordings.VARIABLE, str(tmp_path))
    with pytest.raises(RecordingsError, match=r"no manifest\.csv"):
        recordings.folder()
    monkeypatch.setattr("sys.argv", ["bench", "humans"])
    with pytest.raises(SystemExit, match="2"):
        bench_main.main()
    (tmp_path / "manifest.csv").write_text("path,kind\na.wav,noise\n", "utf-8")
    with pytest.raises(RecordingsError, match="label, transcript"):
        recordings.read_clips(tmp_path)
