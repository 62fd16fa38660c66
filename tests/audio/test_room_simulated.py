"""The simulated room, measured from outside: what its plan says is what the microphone hears."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicecoach.audio.contract import check_microphone, check_speaker
from voicecoach.audio.convolve import Convolver, Line, convolve
from voicecoach.audio.impulse import reverberation_time, shoebox
from voicecoach.audio.level import mean_level, speech_level
from voicecoach.audio.room import COACH_LEVEL, Room, Utterance, gain_for, with_gain
from voicecoach.audio.room_plan import Loudspeaker, Noise, PersonPlan, PlanError, RoomPlan, load_plan, refuse_unasked
from voicecoach.audio.unheard import UnheardSpeaker
from voicecoach.audio.wav import read_wav, write_wav
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Audio, DeviceError, Samples

RATE = 24_000
ROOMS = Path(__file__).parent / "rooms"


def plan(speaker: dict[str, Any] | None = None, **keys: Any) -> RoomPlan:
    """A room without reverberation, and a loudspeaker of gain 0 dB, unless said otherwise."""
    fixed: dict[str, Any] = {"rt60": 0.0, "bits": 32, "loudspeaker": Loudspeaker(**(speaker or {"gain": 0.0}))}
    return RoomPlan(**fixed | keys)


def speech(seconds: float, seed: int = 1, rate: int = EAR_RATE, level: float = -20.0) -> Samples:
    """Noise in syllables of a quarter of a second with pauses between: its level is that of the syllables."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * rate)).astype(np.float32)
    syllable = (np.arange(len(noise)) // (rate // 4)) % 2 == 0
    spoken: Samples = (noise * syllable * np.float32(10 ** (level / 20))).astype(np.float32)
    return spoken


def play(room: Room, sound: Samples, block: int = 480, rate: int = RATE) -> Samples:
    """Play a sound as a session with files does: a block of the loudspeaker, then what was heard meanwhile."""
    heard: list[Samples] = []
    for begin in range(0, len(sound), block):
        room.take(sound[begin : begin + block])
        while (len(heard) + 1) * EAR_BLOCK / EAR_RATE <= (begin + block) / rate + 1e-9:
            heard.append(room.microphone.read())
    return np.concatenate(heard)


def hear(room: Room, seconds: float) -> Samples:
    return np.concatenate([room.microphone.read() for _ in range(round(seconds * EAR_RATE / EAR_BLOCK))])


def click(seconds: float, *at: float, rate: int = RATE) -> Samples:
    """Bursts of a millisecond, low enough to pass every filter on the way."""
    sound = np.zeros(round(seconds * rate), np.float32)
    burst = np.hanning(24).astype(np.float32) * 0.5
    for moment in at:
        begin = round(moment * rate)
        sound[begin : begin + 24] = burst
    return sound


def arrivals(heard: Samples) -> list[float]:
    """Seconds at which something sets in after 50 ms of quiet: the middle of each burst, to a fraction of a sample."""
    loud = np.flatnonzero(np.abs(heard) > 0.02)
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-EAR_RATE) > EAR_RATE // 20)]
    found = []
    for start in starts:
        part = np.square(heard[start - 10 : start + 40].astype(np.float64))
        found.append(float((part * np.arange(start - 10, start + 40)).sum() / part.sum()) / EAR_RATE)
    return found


# --- What the plan says is what is heard ------------------------------------------------------------------------------


def test_the_coach_is_as_much_louder_than_the_person_as_the_plan_says() -> None:
    room_plan = plan({"enr": 6.0, "drive": 2.0}, rt60=0.3, person=PersonPlan(level=-32.0))
    coach = speech(8.0, seed=2, rate=RATE, level=-18.0)
    echo = play(Room(room_plan, [], rate=RATE, coach=Audio(coach, RATE)), coach)
    said = hear(Room(room_plan, [Utterance(0.5, speech(3.0), "pause")], rate=RATE), 4.0)
    assert speech_level(said, EAR_RATE) == pytest.approx(-32.0, abs=0.1)
    assert speech_level(echo, EAR_RATE) == pytest.approx(-26.0, abs=0.3)


def test_the_gain_for_a_ratio_gives_this_ratio() -> None:
    room_plan = plan({"gain": -3.0, "drive": 3.0}, rt60=0.25)
    coach = speech(6.0, seed=3, rate=RATE, level=-10.0)
    for enr in (0.0, 15.0):
        gain = gain_for(room_plan, Audio(coach, RATE), enr)
        echo = play(Room(with_gain(room_plan, gain), [], rate=RATE), coach)
        assert speech_level(echo, EAR_RATE) == pytest.approx(room_plan.person.level + enr, abs=0.3)
    with pytest.raises(DeviceError, match="silent"):
        gain_for(room_plan, Audio(np.zeros(RATE, np.float32), RATE), 6.0)


def test_without_a_sample_the_coach_is_taken_to_be_usually_loud() -> None:
    """Speech of the level that the constant names, in the room, comes out within the spread of sentences."""
    voice = speech(8.0, seed=4, rate=RATE, level=COACH_LEVEL)
    spectrum = np.fft.rfft(voice)
    hertz = np.fft.rfftfreq(len(voice), 1 / RATE)
    voice = np.fft.irfft(spectrum / (1 + (hertz / 500) ** 2) ** 0.5, len(voice)).astype(np.float32)
    voice *= np.float32(10 ** ((COACH_LEVEL - speech_level(voice, RATE)) / 20))
    echo = play(Room(plan({"enr": 0.0}, rt60=0.3), [], rate=RATE), voice)
    assert speech_level(echo, EAR_RATE) == pytest.approx(-30.0, abs=2.0)


@pytest.mark.parametrize("kind", ["white", "pink"])
def test_noise_is_as_much_quieter_than_the_person_as_the_plan_says(kind: Any) -> None:
    heard = hear(Room(plan(noise=(Noise(kind=kind, snr=12.0),)), [], rate=RATE), 20.0)
    assert mean_level(heard) == pytest.approx(-42.0, abs=0.2)
    power = np.square(np.abs(np.fft.rfft(heard)))
    octaves = [power[20 * low : 20 * 2 * low].sum() for low in (100, 400, 1600)]
    steps = 10 * np.log10(np.array(octaves[1:]) / octaves[:-1])
    assert steps == pytest.approx([6.0, 6.0] if kind == "white" else [0.0, 0.0], abs=0.7), "dB for two octaves"


def test_a_file_of_noise_is_heard_over_and_over(tmp_path: Path) -> None:
    write_wav(tmp_path / "hum.wav", speech(0.5, seed=5), EAR_RATE)
    heard = hear(Room(plan(noise=(Noise(file=str(tmp_path / "hum.wav"), snr=10.0),)), [], rate=RATE), 4.0)
    assert mean_level(heard) == pytest.approx(-40.0, abs=0.05)
    assert np.array_equal(heard[: EAR_RATE // 2], heard[EAR_RATE : EAR_RATE * 3 // 2])


@pytest.mark.parametrize("delay", [0.08, 0.1, 0.25])
def test_the_delay_is_that_of_the_buffers_and_of_the_way(delay: float) -> None:
    spot = (1.2, 0.8 + 3.43 / 2, 0.12)  # five milliseconds away
    heard = play(Room(plan({"gain": 0.0, "delay": delay, "place": spot}), [], rate=RATE), click(1.0, 0.3))
    (arrival,) = arrivals(heard)
    assert arrival == pytest.approx(0.3 + 0.0005 + delay + 0.005, abs=0.0002)


@pytest.mark.parametrize("drift", [50.0, 300.0])
def test_the_delay_grows_by_the_drift(drift: float) -> None:
    heard = play(Room(plan({"gain": 0.0, "drift": drift}), [], rate=RATE), click(61.0, 0.5, 60.5))
    first, last = arrivals(heard)
    assert (last - first - 60.0) / 60.0 * 1e6 == pytest.approx(drift, abs=0.5)


def test_a_fast_clock_shrinks_the_delay_until_the_buffers_are_filled_anew() -> None:
    every = np.arange(0.5, 60.5, 1.0)
    heard = play(Room(plan({"gain": 0.0, "drift": -1000.0, "delay": 0.1}), [], rate=RATE), click(61.0, *every))
    delays = np.array(arrivals(heard)) - every
    assert delays.min() > 0.08 - 0.0005
    assert delays.max() < 0.105
    steps = np.diff(delays)
    assert (steps > 0.015).sum() == 2, "20 ms are used up after 20 s, and after 40 s again"
    assert steps[steps < 0] == pytest.approx(-0.001, abs=0.0002)


@pytest.mark.parametrize("rt60", [0.2, 0.35, 0.6])
def test_the_reverberation_is_as_long_as_the_plan_says(rt60: float) -> None:
    pytest.importorskip("pyroomacoustics")
    impulse = np.zeros(round(1.5 * RATE), np.float32)
    impulse[2400] = 0.9
    heard = play(Room(plan(rt60=rt60), [], rate=RATE), impulse)
    start = round(0.2 * EAR_RATE)
    left = np.cumsum(np.square(heard[start:][::-1], dtype=np.float64))[::-1]
    decay = 10 * np.log10(left / left[0] + 1e-12)
    part = slice(int(np.argmax(decay < -5)), int(np.argmax(decay < -35)))
    slope = np.polyfit(np.arange(len(decay))[part] / EAR_RATE, decay[part], 1)[0]
    assert -60 / slope == pytest.approx(rt60, rel=0.03)
    assert reverberation_time(shoebox((3.0, 4.0, 2.5), rt60, (0.6, 1.6, 0.3), (1.2, 0.8, 0.12))) == pytest.approx(
        rt60, rel=0.01
    )


def test_the_loudspeaker_clips_softly() -> None:
    """A full sine driven twice: its third harmonic is what the Fourier series of tanh says."""
    seconds = np.arange(RATE) / RATE
    sine = np.sin(2 * np.pi * 500 * seconds).astype(np.float32)
    heard = play(Room(plan({"gain": -6.0, "drive": 2.0}), [], rate=RATE), sine)[EAR_RATE // 2 :]
    power = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    third = power[round(1500 * len(heard) / EAR_RATE)] / power[round(500 * len(heard) / EAR_RATE)]
    phase = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    series = [float((np.tanh(2 * np.sin(phase)) * np.sin(n * phase)).mean()) for n in (1, 3)]
    assert third == pytest.approx(series[1] / series[0], rel=0.02)


def test_a_measured_response_is_used(tmp_path: Path) -> None:
    response = np.zeros(2000, np.float32)
    response[[0, 1600]] = 0.8, 0.6
    write_wav(tmp_path / "hall.wav", response, EAR_RATE)
    speaker = {"gain": 0.0, "impulse_response": str(tmp_path / "hall.wav")}
    heard = play(Room(plan(speaker), [], rate=RATE), click(1.0, 0.2))
    first, second = arrivals(heard)
    assert second - first == pytest.approx(0.1, abs=0.0002)


# --- The same again ---------------------------------------------------------------------------------------------------


def furnished(tmp_path: Path | None = None) -> Room:
    room_plan = plan(
        {"enr": 6.0, "drive": 2.0, "drift": 50.0},
        rt60=0.3,
        bits=16,
        noise=(Noise(kind="pink", snr=20.0), Noise(kind="white", snr=30.0)),
        record=str(tmp_path / "mic.wav") if tmp_path else None,
    )
    return Room(room_plan, [Utterance(1.0, speech(0.8, seed=6), "pause")], rate=RATE)


def test_the_same_plan_and_sound_give_the_same_bits() -> None:
    sound = speech(4.0, seed=7, rate=RATE)
    assert np.array_equal(play(furnished(), sound), play(furnished(), sound))
    other = furnished()
    other_seed = Room(
        plan({"enr": 6.0}, noise=(Noise(kind="white", snr=20.0),), seed=2), [], rate=RATE
    ).microphone.read()
    assert not np.array_equal(other.microphone.read(), other_seed)


@pytest.mark.parametrize("block", [100, 333, 960, 4800])
def test_the_size_of_the_blocks_changes_nothing(block: int) -> None:
    sound = speech(4.0, seed=7, rate=RATE)
    one, other = play(furnished(), sound), play(furnished(), sound, block)
    frames = min(len(one), len(other))
    assert frames > 3.5 * EAR_RATE
    assert np.array_equal(one[:frames], other[:frames])


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("drift", [0.0, 50.0, -50.0])
def test_no_sound_comes_too_late_for_the_shortest_delay(rate: int, drift: float) -> None:
    """A tone without a gap: a sample that was missing at its moment would be a hole of silence."""
    tone = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(3 * rate) / rate)).astype(np.float32)
    room = Room(plan({"gain": 0.0, "delay": 0.1 if drift < 0 else 0.08, "drift": drift}), [], rate=rate)
    heard = play(room, tone, block=rate // 50, rate=rate)[EAR_RATE:]
    assert np.abs(heard[: len(heard) // 16 * 16].reshape(-1, 16)).max(axis=1).min() > 0.4


def test_a_loudspeaker_that_falls_silent_sounds_again_where_the_microphone_is() -> None:
    room = Room(plan(), [], rate=RATE)
    assert not hear(room, 3.0).any(), "nothing was ever played"
    (arrival,) = arrivals(play(room, click(1.0, 0.3)))
    assert arrival == pytest.approx(0.3 + 0.1 + 0.003, abs=0.003), "as if both had begun together"
    assert not hear(room, 1.0)[EAR_RATE // 5 :].any()


def test_what_is_given_is_neither_changed_nor_kept() -> None:
    block = speech(0.02, rate=RATE)
    kept = block.copy()
    room = Room(plan({"gain": 0.0, "drive": 2.0}), [], rate=RATE)
    other = Room(plan({"gain": 0.0, "drive": 2.0}), [], rate=RATE)
    room.take(block)
    other.take(kept.copy())
    assert np.array_equal(block, kept)
    block[:] = 1.0
    silence = np.zeros(RATE, np.float32)
    assert np.array_equal(play(room, silence), play(other, silence))


def test_streaming_convolution_is_convolution() -> None:
    sound, response = speech(0.6, seed=8)[: 160 * 50], speech(0.2, seed=9)[:1000]
    stream = Convolver(response)
    pieces = [stream.feed(part) for part in np.split(sound, [1, 7, 500, 3000])]
    assert np.concatenate(pieces) == pytest.approx(convolve(sound, response)[: len(sound)], abs=1e-4)
    assert convolve(sound, response) == pytest.approx(np.convolve(sound, response), abs=1e-4)


def test_sound_that_is_not_there_in_time_is_lost_and_shifts_nothing() -> None:
    line = Line(2)
    line.push(np.ones(2, np.float32))
    assert line.pull(6).tolist() == [0, 0, 1, 1, 0, 0]
    line.push(np.arange(5, dtype=np.float32))
    assert line.pull(4).tolist() == [2, 3, 4, 0]


# --- The microphone ---------------------------------------------------------------------------------------------------


def test_the_microphone_keeps_the_contract() -> None:
    said = [Utterance(0.1, speech(0.4), "pause")]
    check_microphone(
        lambda: Room(plan(noise=(Noise(kind="white", snr=20.0),)), said, rate=RATE).microphone, sounds_on=True
    )
    check_microphone(lambda: Room(plan(), said, rate=RATE).microphone)
    check_speaker(UnheardSpeaker)


def test_it_is_exhausted_when_the_last_word_has_died_away_and_sounds_on() -> None:
    room = Room(plan(rt60=0.3, noise=(Noise(kind="white", snr=20.0),)), [Utterance(1.0, speech(0.25), "x")], rate=RATE)
    while not room.microphone.exhausted:
        room.microphone.read()
    assert 1.3 < room.microphone.heard / EAR_RATE < 1.8
    assert room.microphone.read().any()
    assert room.microphone.exhausted
    assert Room(plan(), [], rate=RATE).microphone.exhausted, "nobody is there"


def test_it_gives_what_a_sound_card_can() -> None:
    loud = Room(plan(bits=16, person=PersonPlan(level=-6.0)), [Utterance(0.0, speech(1.0), "x")], rate=RATE)
    heard = hear(loud, 1.0)
    assert heard.max() <= 1.0
    assert heard.min() == -1.0
    assert np.array_equal(heard * 32768, np.rint(heard * 32768))


def test_what_it_hears_is_recorded(tmp_path: Path) -> None:
    room = furnished(tmp_path)
    heard = play(room, speech(2.0, rate=RATE))
    room.microphone.close()
    kept = read_wav(tmp_path / "mic.wav")
    assert kept.rate == EAR_RATE
    assert kept.samples == pytest.approx(heard, abs=1.01 / 32768)


# --- Plans ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(ROOMS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_example_plans_are_right(path: Path) -> None:
    assert load_plan(path).loudspeaker.enr == 6.0


def test_paths_are_seen_from_the_plan(tmp_path: Path) -> None:
    text = """
    record = "mic.wav"
    [loudspeaker]
    gain = 0
    impulse_response = "hall.wav"
    [[say]]
    at = 1
    file = "said.wav"
    [[noise]]
    file = "/music.wav"
    snr = 20
    """
    (tmp_path / "room.toml").write_text(text)
    made = load_plan(tmp_path / "room.toml")
    assert made.record == str(tmp_path / "mic.wav")
    assert made.loudspeaker.impulse_response == str(tmp_path / "hall.wav")
    assert made.say[0].file == str(tmp_path / "said.wav")
    assert made.noise[0].file == "/music.wav"


def test_what_never_ends_is_no_sound_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('rt60 = 0\n[loudspeaker]\nenr = 0\n[[noise]]\nfile = "/dev/zero"\nsnr = 9\n', "utf-8")
    with pytest.raises(DeviceError, match="/dev/zero is no file"):
        Room(load_plan(path), [], rate=24_000)


@pytest.mark.parametrize("key", ["record", "file"])
def test_a_name_that_no_file_can_have_is_refused(key: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    line = f'{key} = "a\\u0000b.wav"\n'
    first, noise = (line, "") if key == "record" else ("", f"[[noise]]\nsnr = 9\n{line}")
    path.write_text(f"{first}[loudspeaker]\nenr = 0\n{noise}", "utf-8")
    with pytest.raises(PlanError, match="no name of a file"):
        load_plan(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "loudspeaker: this key is missing"),
        ("[loudspeaker]\n", "said once (allowed: either enr or gain"),
        ("[loudspeaker]\nenr = 6\ngain = 1\n", "said once"),
        ("rt6 = 1\n[loudspeaker]\nenr = 6\n", "plan.toml:1: rt6: this key is not known here; did you mean 'rt60'?"),
        ("[loudspeaker]\nenr = 6\ndrif = 3\n", "plan.toml:3: loudspeaker.drif: this key is not known here"),
        ("[loudspeaker]\nenr = 6\ndelay = 0.01\n", "plan.toml:3: loudspeaker.delay = 0.01: this is too small"),
        ("[loudspeaker]\nenr = 6\ndelay = 0.08\ndrift = -20\n", "allowed: a delay of 0.09 s or more"),
        (
            "rt60 = 0.05\n[loudspeaker]\nenr = 6\n",
            "a room of this size rings 0.16 s at least (allowed: 0.16 s to 1.5 s",
        ),
        (
            "\nrt60 = 1\nsize = [40, 40, 40]\n[loudspeaker]\nenr = 6\n",
            ":2: rt60 is 1 s, and a room of this size rings 2.15",
        ),
        ("size = [40, 40, 40]\n[loudspeaker]\nenr = 6\n", "no more than 1.5 s is simulated (allowed: 0 for the direct"),
        ("size = 0\n[loudspeaker]\nenr = 6\n", "size = 0: this must be three numbers (allowed: metres along"),
        ("microphone = 0\n[loudspeaker]\nenr = 6\n", "microphone = 0: this must be three numbers"),
        ("size = [3, 4]\n[loudspeaker]\nenr = 6\n", "size = [3, 4]: this must be three numbers"),
        ("size = [3, 4, 5, 6]\n[loudspeaker]\nenr = 6\n", "size = [3, 4, 5, 6]: this must be three numbers"),
        ("size = [3, 4, true]\n[loudspeaker]\nenr = 6\n", "this must be three numbers"),
        ("size = [3, 4, 0]\n[loudspeaker]\nenr = 6\n", "(allowed: more than 0 m, 50 m at most)"),
        ("size = [3, 51, 4]\n[loudspeaker]\nenr = 6\n", "(allowed: more than 0 m, 50 m at most)"),
        ("seed = 5000000000\n[loudspeaker]\nenr = 6\n", "too large (allowed: at most 4294967295)"),
        ("seed = true\n[loudspeaker]\nenr = 6\n", "seed = true: this must be a whole number"),
        ("[loudspeaker]\nenr = true\n", "loudspeaker.enr = true: this must be a number"),
        ('[loudspeaker]\nenr = "6"\n', "this must be a number"),
        ("loudspeaker = 5\n", "loudspeaker = 5: this is a table (allowed: [loudspeaker] on a line of its own"),
        ("noise = 5\n[loudspeaker]\nenr = 6\n", "noise = 5: this is a table (allowed: [[noise]] on a line"),
        ("noise = [5]\n[loudspeaker]\nenr = 6\n", "noise.0 = 5: this is a table (allowed: [[noise]] on a line"),
        (
            f"record = '{5000 * 'a'}.wav'\n[loudspeaker]\nenr = 6\n",
            "too long for the name of a file (allowed: 1000 bytes",
        ),
        (f"record = '{200 * 'é'}.wav'\n[loudspeaker]\nenr = 6\n", "too long for the name of a file"),
        (
            '[loudspeaker]\nenr = 6\n[person]\nvoice = "en\\ngb"\n',
            'person.voice = "en\ufffdgb": this is no name of a voice',
        ),
        ("[loudspeaker]\nenr = 6\n[person]\nplace = [1, 9, 1]\n", ":4: person.place is outside the room"),
        ("microphone = [1, 9, 1]\n[loudspeaker]\nenr = 6\n", "microphone is outside the room"),
        ("[loudspeaker]\nenr = 6\nplace = [1, 2]\n", "loudspeaker.place"),
        ("[loudspeaker]\nenr = 6\n[[noise]]\nsnr = 3\n", "kind"),
        ("[loudspeaker]\nenr = 6\n[[noise]]\nkind = 'brown'\nsnr = 3\n", "plan.toml:4: noise.0.kind"),
        ("[loudspeaker]\nenr = 6\n[[say]]\nat = 3\n", "nothing is said"),
        ("[loudspeaker]\nenr = 6\n[[say]]\nat = -3\nwords = 'x'\n", "too small"),
        ("[loudspeaker]\nenr = nan\n", "ordinary number"),
        ("[loudspeaker\n", "not TOML"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_in_words(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(PlanError) as told:
        load_plan(path)
    assert words in str(told.value)
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 300


def test_what_the_limits_allow_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    lines = (f'record = "{"a" * 251}.wav"', "size = [50, 50, 50]", "rt60 = 0", f"seed = {2**32 - 1}")
    path.write_text("\n".join([*lines, "[loudspeaker]", "enr = 6"]), "utf-8")
    made = load_plan(path)
    assert (made.size, made.seed, made.loudspeaker.enr) == ((50.0, 50.0, 50.0), 2**32 - 1, 6.0)
    Room(made, [], rate=RATE).microphone.close()


def test_an_answer_to_what_is_never_asked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        '[loudspeaker]\nenr = 6\n[[answer]]\nto = "Stop"\nwords = ""\n[[answer]]\nto = "pian"\nwords = "x"\n'
    )
    refuse_unasked(path, {"stop", "pian"})
    with pytest.raises(PlanError) as told:
        refuse_unasked(path, {"stop", "pain"})
    assert str(told.value) == (
        f"{path}:7: answer.1.to = \"pian\": this is never asked for; did you mean 'pain'? (allowed: pain, stop)"
    )


def test_a_silent_file_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", np.zeros(1000, np.float32), EAR_RATE)
    quiet = str(tmp_path / "quiet.wav")
    for made in (plan({"gain": 0, "impulse_response": quiet}), plan(noise=(Noise(file=quiet, snr=3),))):
        with pytest.raises(DeviceError, match="is silent"):
            Room(made, [], rate=RATE)
    with pytest.raises(DeviceError, match='"pause" is silent'):
        Room(plan(), [Utterance(0, np.zeros(100, np.float32), "pause")], rate=RATE)


def test_without_the_library_a_room_says_what_to_install() -> None:
    """In a process of its own: the library is found missing, and is not needed where no walls answer."""
    code = """
import sys
sys.modules["pyroomacoustics"] = None
from voicecoach.audio.room import Room
from voicecoach.audio.room_plan import Loudspeaker, RoomPlan
from voicecoach.ports import DeviceError
Room(RoomPlan(rt60=0.0, loudspeaker=Loudspeaker(enr=6.0)), [], rate=24_000).microphone.read()
try:
    Room(RoomPlan(rt60=0.3, loudspeaker=Loudspeaker(enr=6.0)), [], rate=24_000)
except DeviceError as error:
    print(error.mend)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "voicecoach[room]" in done.stdout


def test_an_utterance_is_a_value() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Utterance(0.0, np.zeros(1, np.float32), "x").at = 1.0  # type: ignore[misc]
