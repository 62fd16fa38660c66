"""WAV files: every format a person may have, every damage a file may suffer, and what is left when a process is killed."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.needs import needs
from voicecoach.audio.riff import decode, pack_header, to_pcm
from voicecoach.audio.wav import WavMicrophone, WavSpeaker, read_wav, write_wav
from voicecoach.ports import EAR_BLOCK, EAR_RATE, DeviceError, Samples


def tone(hertz: float, seconds: float, rate: int, loud: float = 0.5) -> Samples:
    return (loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def pitch(samples: Samples, rate: int) -> float:
    return float(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))).argmax() * rate / len(samples))


def wav_bytes(samples: Samples, rate: int, *, tag: int = 1, bits: int = 16, extensible: bool = False) -> bytes:
    """Write (frames, channels) in any format, by the book and apart from the code under test."""
    channels = samples.shape[1]
    if tag == 3:
        body = samples.astype(f"<f{bits // 8}").tobytes()
    elif bits == 8:
        body = (np.rint(samples * 127) + 128).astype(np.uint8).tobytes()
    else:
        whole = np.rint(samples.astype(np.float64) * (2 ** (bits - 1) - 1)).astype("<i4")
        body = whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else tag, channels, rate, rate * frame, frame, bits)
    if extensible:
        form += struct.pack("<HHIH", 22, bits, 0, tag) + bytes.fromhex("000000001000800000aa00389b71")
    odd = struct.pack("<4sI", b"LIST", 5) + b"INFOx\0"  # five bytes and one to make it even
    chunks = struct.pack("<4sI", b"fmt ", len(form)) + form + odd + struct.pack("<4sI", b"data", len(body)) + body
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


def drain(microphone: WavMicrophone) -> Samples:
    blocks = []
    while not microphone.exhausted:
        blocks.append(microphone.read())
    return np.concatenate(blocks)


@pytest.mark.parametrize(
    ("tag", "bits", "extensible"),
    [
        (1, 8, False),
        (1, 16, False),
        (1, 24, False),
        (1, 32, False),
        (3, 32, False),
        (3, 64, False),
        (1, 24, True),
        (3, 32, True),
    ],
)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_reads_every_format(tmp_path: Path, tag: int, bits: int, channels: int, *, extensible: bool) -> None:
    sound = tone(440, 0.2, 22_050)
    many = np.stack([sound * np.float32((n + 1) / channels) for n in range(channels)], axis=1)
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(many, 22_050, tag=tag, bits=bits, extensible=extensible))
    audio = read_wav(path)
    assert audio.rate == 22_050
    assert audio.samples.dtype == np.float32
    np.testing.assert_allclose(audio.samples, many.mean(axis=1), atol=2 / 2 ** min(bits, 20))


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_microphone_hears_the_same_sound_at_any_rate(tmp_path: Path, rate: int) -> None:
    write_wav(tmp_path / "a.wav", tone(1000, 1.0, rate), rate)
    heard = drain(WavMicrophone(tmp_path / "a.wav"))
    assert len(heard) == EAR_RATE
    assert pitch(heard, EAR_RATE) == pytest.approx(1000, abs=2)
    assert np.sqrt(np.mean(heard[2000:-2000] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_microphone_fills_up_the_last_block_and_goes_on_with_silence(tmp_path: Path) -> None:
    sound = tone(300, (2 * EAR_BLOCK + 10) / EAR_RATE, EAR_RATE)
    write_wav(tmp_path / "a.wav", sound, EAR_RATE)
    microphone = WavMicrophone(tmp_path / "a.wav")
    assert not microphone.exhausted
    heard = drain(microphone)
    assert len(heard) == 3 * EAR_BLOCK
    np.testing.assert_allclose(heard[: len(sound)], sound, atol=1e-4)
    assert not heard[len(sound) :].any()
    assert not microphone.read().any()


@given(st.lists(st.integers(-32768, 32767), max_size=50), st.integers(1, 3))
def test_sixteen_bits_survive_unchanged(values: list[int], channels: int) -> None:
    pcm = np.array(values * channels, "<i2")
    data = pack_header(len(values), 16_000, channels) + pcm.tobytes()
    samples, rate = decode(data)
    assert rate == 16_000
    assert samples.shape == (len(values), channels)
    assert to_pcm(samples) == pcm.tobytes()


def test_what_is_too_loud_is_clipped_and_what_is_no_number_is_silence(tmp_path: Path) -> None:
    wild = np.array([2.0, -2.0, np.nan, np.inf, -np.inf, 0.25], np.float32)
    write_wav(tmp_path / "a.wav", wild, 8_000)
    np.testing.assert_allclose(read_wav(tmp_path / "a.wav").samples, [1, -1, 0, 1, -1, 0.25], atol=1e-4)
    (tmp_path / "b.wav").write_bytes(wav_bytes(wild[:, None], 8_000, tag=3, bits=32))
    np.testing.assert_array_equal(read_wav(tmp_path / "b.wav").samples, np.array([1, -1, 0, 1, -1, 0.25], np.float32))


def test_the_standard_library_reads_what_is_written(tmp_path: Path) -> None:
    stereo = np.stack([tone(440, 0.1, 48_000), tone(880, 0.1, 48_000)], axis=1)
    write_wav(tmp_path / "a.wav", stereo, 48_000)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getparams()[:4] == (2, 2, 48_000, 4800)


@pytest.mark.parametrize("claim", [0, 0x7FFF0000, 0xFFFFFFFF])
def test_a_length_that_is_wrong_is_not_believed(tmp_path: Path, claim: int) -> None:
    sound = tone(440, 0.1, 16_000)
    data = bytearray(pack_header(len(sound), 16_000) + to_pcm(sound))
    struct.pack_into("<I", data, 4, claim)
    struct.pack_into("<I", data, 40, claim)
    (tmp_path / "a.wav").write_bytes(bytes(data) + b"\x01")  # and half a sample
    np.testing.assert_allclose(read_wav(tmp_path / "a.wav").samples, sound, atol=1e-4)


@pytest.mark.voice
def test_what_espeak_writes_to_a_pipe_is_read(tmp_path: Path) -> None:
    needs("espeak-ng")
    said = subprocess.run(["espeak-ng", "--stdout", "hello there"], capture_output=True, check=True, timeout=20).stdout
    (tmp_path / "a.wav").write_bytes(said)
    audio = read_wav(tmp_path / "a.wav")
    assert 0.3 < audio.seconds < 3
    assert np.abs(audio.samples).max() > 0.1


GOOD = wav_bytes(tone(440, 0.01, 16_000)[:, None], 16_000)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"hello, I am a text and no sound", "is not a WAV file"),
        (b"fLaC" + bytes(100), "is not a WAV file"),
        (GOOD[:8], "cut off in its header"),
        (GOOD[:20], "cut off in its header"),
        (GOOD[:30], "cut off in its header"),
        (GOOD[:50], "cut off in its header"),
        (GOOD[:12] + GOOD[36:], "does not say its format"),
        (GOOD[:20] + struct.pack("<H", 6) + GOOD[22:], "is compressed (A-law)"),
        (GOOD[:20] + struct.pack("<H", 0x1234) + GOOD[22:], "is compressed (format 4660)"),
        (GOOD[:22] + struct.pack("<H", 0) + GOOD[24:], "damaged header"),
        (GOOD[:24] + struct.pack("<I", 0) + GOOD[28:], "damaged header"),
        (GOOD[:32] + struct.pack("<H", 7) + GOOD[34:], "samples of 56 bits"),
        (pack_header(0, 16_000), "has no sound in it"),
    ],
)
def test_a_file_that_is_no_use_is_refused_in_one_sentence(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(DeviceError, match=re.escape(says)) as caught:
        WavMicrophone(path)
    assert str(path) in str(caught.value)
    assert caught.value.mend


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="no such file") as caught:
        WavMicrophone(tmp_path / "a.wav")
    assert caught.value.mend
    with pytest.raises(DeviceError, match="is a directory"):
        WavMicrophone(tmp_path)


@given(cut=st.integers(0, len(GOOD)), at=st.integers(0, 60), byte=st.integers(0, 255))
def test_no_damage_gives_a_traceback(tmp_path_factory: pytest.TempPathFactory, cut: int, at: int, byte: int) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    path.write_bytes((GOOD[:at] + bytes([byte]) + GOOD[at + 1 :])[:cut])
    try:
        audio = read_wav(path)
    except DeviceError:
        return
    assert np.abs(audio.samples).max(initial=0) <= 1


def test_speaker_writes_what_it_pulls_block_by_block(tmp_path: Path) -> None:
    sound = tone(440, 2.0, 24_000)
    at = 0

    def fill(block: Samples) -> None:
        nonlocal at
        block[:] = sound[at : at + len(block)]
        at += len(block)

    speaker = WavSpeaker(tmp_path / "out.wav")
    speaker.start(fill)
    for _ in range(95):
        speaker.pump()
    speaker.close()
    speaker.close()
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getparams()[:4] == (1, 2, 24_000, 95 * 480)
    np.testing.assert_allclose(read_wav(tmp_path / "out.wav").samples, sound[: 95 * 480], atol=1e-4)


def test_speaker_that_is_killed_loses_a_second_at_most(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from voicecoach.audio.wav import WavSpeaker\n"
        "speaker = WavSpeaker(sys.argv[1])\n"
        "speaker.start(lambda block: block.fill(0.25))\n"
        "for _ in range(149): speaker.pump()\n"  # 2.98 s
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.wav")], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getnframes() >= 2 * 24_000
        assert set(np.frombuffer(file.readframes(file.getnframes()), "<i2")) == {8192}


def test_speaker_refuses_a_place_it_cannot_write_to_at_the_beginning(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="no folder") as caught:
        WavSpeaker(tmp_path / "no" / "out.wav")
    assert caught.value.mend == f"mkdir -p {tmp_path}/no"
    with pytest.raises(DeviceError, match="is a folder"):
        WavSpeaker(tmp_path)
    with pytest.raises(DeviceError, match="cannot be opened: file name too long"):
        WavSpeaker(tmp_path / f"{300 * 'a'}.wav")
    with pytest.raises(DeviceError, match="cannot be written") as caught:
        write_wav(tmp_path / "no" / "out.wav", np.zeros(3, np.float32), 8000)
    assert caught.value.mend


def test_speaker_refuses_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(DeviceError, match="may not be written") as caught:
        WavSpeaker(tmp_path / "out.wav")
    assert caught.value.mend


def test_speaker_tells_of_a_full_disk(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "out.wav").symlink_to("/dev/full")
    speaker = WavSpeaker(tmp_path / "out.wav")
    with pytest.raises(DeviceError, match="no space left"):
        speaker.start(lambda block: block.fill(0))
    with pytest.raises(DeviceError, match="no space left"):
        speaker.close()


def test_speaker_keeps_an_older_file_until_it_starts(tmp_path: Path) -> None:
    write_wav(tmp_path / "out.wav", tone(440, 0.1, 8000), 8000)
    before = (tmp_path / "out.wav").read_bytes()
    WavSpeaker(tmp_path / "out.wav").close()
    assert (tmp_path / "out.wav").read_bytes() == before
    speaker = WavSpeaker(tmp_path / "out.wav")
    speaker.start(lambda block: block.fill(0))
    speaker.close()
    assert read_wav(tmp_path / "out.wav").seconds == 0
    with pytest.raises(DeviceError, match="not open"):
        speaker.pump()
