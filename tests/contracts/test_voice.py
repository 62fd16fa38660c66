"""Every voice keeps the contract; and the parts that voices are made of: text, estimate, sound files, names, cache."""

from __future__ import annotations

import os
import struct
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.needs import needs_espeak
from voicecoach import plugins
from voicecoach.ports import Audio, Voice, VoiceError
from voicecoach.speech.cache import CachedVoice
from voicecoach.speech.contract import check_voice
from voicecoach.speech.engines import engine_names, open_voice
from voicecoach.speech.espeak_voice import EspeakVoice
from voicecoach.speech.estimate import scaled_rate, shortest_seconds, speaking_seconds
from voicecoach.speech.pyttsx3_voice import Pyttsx3Voice, voices
from voicecoach.speech.sentences import LONGEST_PIECE, clean, letters, sentences
from voicecoach.speech.sound_file import decode, encode
from voicecoach.speech.text_voice import TextVoice
from voicecoach.speech.trim import trim
from voicecoach.speech.voice_names import UnknownVoiceError, VoiceEntry, find_voice

if TYPE_CHECKING:
    from pathlib import Path

RATE = 22_050


class CountingVoice:
    """Says a tone with silence round it, 50 ms a character, and keeps what it was asked."""

    name = "counting:160"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = 0

    def render(self, text: str) -> Audio:
        self.asked.append(text)
        if not letters(text):
            return Audio(np.zeros(2000, np.float32), RATE)
        said = 0.7 * np.sin(np.arange(len(clean(text)) * 1102) * 0.1)
        silence = np.zeros(4000)
        return Audio(np.concatenate([silence, said, silence]).astype(np.float32), RATE)

    def close(self) -> None:
        self.closed += 1


# --- The contract --------------------------------------------------------------------------------------------------------


@pytest.mark.voice
@pytest.mark.parametrize("engine", [Pyttsx3Voice, EspeakVoice])
def test_engine_keeps_the_contract(engine: type[Pyttsx3Voice | EspeakVoice]) -> None:
    needs_espeak()
    check_voice(engine())


@pytest.mark.voice
def test_cached_engine_keeps_the_contract(tmp_path: Path) -> None:
    needs_espeak()
    check_voice(CachedVoice(EspeakVoice(), tmp_path))


def test_text_voice_keeps_the_contract() -> None:
    check_voice(TextVoice())


def test_cached_voice_keeps_the_contract(tmp_path: Path) -> None:
    inner = CountingVoice()
    check_voice(CachedVoice(inner, tmp_path))
    assert inner.closed == 2


@pytest.mark.voice
@pytest.mark.parametrize("engine", [Pyttsx3Voice, EspeakVoice])
def test_a_cached_engine_that_can_be_slowed_keeps_the_contract(
    engine: type[Pyttsx3Voice | EspeakVoice], tmp_path: Path
) -> None:
    needs_espeak()
    check_voice(CachedVoice(engine(), tmp_path, reopen=lambda factor: engine("en-us", scaled_rate(160, factor))))


class _Pretending(CountingVoice):
    """Says that it is slower and is not."""

    def at_rate(self, factor: float) -> Voice:
        other = CountingVoice()
        other.name = f"counting:{factor}"
        return other


class _Sticking(_Pretending):
    """Cannot find back."""

    def at_rate(self, factor: float) -> Voice:
        made = TextVoice(scaled_rate(160, factor))
        return made if factor != 1.0 else TextVoice(80)


class _Truncating(CountingVoice):
    def render(self, text: str) -> Audio:
        audio = super().render(text)
        return Audio(audio.samples[: 10 * RATE], RATE)


class _Loud(CountingVoice):
    def render(self, text: str) -> Audio:
        audio = super().render(text)
        return Audio(audio.samples * 2, RATE)


class _Refusing(CountingVoice):
    def render(self, text: str) -> Audio:
        audio = super().render(text)
        return Audio(audio.samples[: len(audio.samples) * bool(letters(text))], RATE)


class _Stereo(CountingVoice):
    def render(self, text: str) -> Audio:
        audio = super().render(text)
        return Audio(np.stack([audio.samples] * 2), RATE)


@pytest.mark.parametrize(
    ("voice", "complaint"),
    [
        (_Truncating(), "sentences to take"),
        (_Loud(), "from -1 to 1"),
        (_Refusing(), "short silence"),
        (_Stereo(), "mono"),
        (_Pretending(), "0.8 times the rate to change"),
        (_Sticking(), "its own rate to stay"),
    ],
)
def test_the_contract_catches_a_broken_engine(voice: CountingVoice, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        check_voice(voice)
    assert voice.closed, "it is closed whatever happens"


# --- Choosing an engine --------------------------------------------------------------------------------------------------


@pytest.mark.voice
@pytest.mark.parametrize(
    ("engine", "kind"), [("auto", Pyttsx3Voice), ("pyttsx3", Pyttsx3Voice), ("espeak", EspeakVoice)]
)
def test_open_voice_gives_an_engine_that_speaks(engine: str, kind: type[Voice]) -> None:
    needs_espeak()
    voice = open_voice(engine, "en-us", 150)
    try:
        assert isinstance(voice, kind)
        assert voice.name == f"{'pyttsx3' if engine == 'auto' else engine}:en-us:150"
        assert voice.render("Breathe in.").seconds > 0.5
    finally:
        voice.close()


def test_text_needs_nothing() -> None:
    assert open_voice("text", rate=200).name == "text:200"


@pytest.mark.voice
@pytest.mark.parametrize("engine", ["auto", "espeak"])
def test_an_unknown_voice_is_refused_with_near_ones(engine: str) -> None:
    needs_espeak()
    with pytest.raises(UnknownVoiceError, match=r'"en-uss"; the nearest it has: en-(us|US), ') as caught:
        open_voice(engine, "en-uss")
    assert caught.value.mend


@pytest.mark.voice
@pytest.mark.parametrize("engine", [Pyttsx3Voice, EspeakVoice])
def test_a_voice_has_many_names(engine: type[Pyttsx3Voice | EspeakVoice]) -> None:
    needs_espeak()
    for name in "de", "gmw/de", "German", "DE", "de+f3":
        voice = engine(name)
        try:
            assert voice.render("Guten Tag.").seconds > 0.5
        finally:
            voice.close()


@pytest.mark.voice
@pytest.mark.parametrize("rate", [100, 160, 300])
def test_every_worker_keeps_the_rate(rate: int) -> None:
    """Against the program, which always does. One worker in eight lost its rate when it was set before its first run."""
    needs_espeak()
    text = "Keep your back flat on the floor."
    right = trim(EspeakVoice(rate=rate).render(text)).seconds
    for _ in range(4):
        voice = Pyttsx3Voice(rate=rate)
        lengths = [trim(voice.render(text)).seconds for _ in range(3)]
        voice.close()
        assert lengths == pytest.approx([right] * 3, rel=0.05)


@pytest.mark.voice
def test_voices_lists_ids() -> None:
    needs_espeak()
    assert "gmw/en-us" in voices()


def test_an_unknown_engine_is_refused_with_the_names() -> None:
    with pytest.raises(VoiceError, match=r'"pytsx3"') as caught:
        open_voice("pytsx3")
    assert "'pyttsx3', or one of: auto, pyttsx3, espeak, text" in caught.value.mend


@pytest.mark.parametrize("engine", ["pyttsx3", "espeak", "text"])
@pytest.mark.parametrize("rate", [0, -5, 79, 451])
def test_an_impossible_rate_is_refused(engine: str, rate: int) -> None:
    with pytest.raises(VoiceError, match=str(rate)):
        open_voice(engine, rate=rate)


def make_plugin(voice: str, rate: int) -> Voice:
    """What the entry point of the next tests leads to."""
    plugin = CountingVoice()
    plugin.name = f"counting:{voice}:{rate}"
    return plugin


@pytest.fixture
def _plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoints

    points = EntryPoints(
        [
            EntryPoint("counting", f"{__name__}:make_plugin", plugins.VOICES),
            EntryPoint("broken", "voicecoach.no_such_module:Voice", plugins.VOICES),
        ]
    )
    monkeypatch.setattr(plugins, "entry_points", points.select)


@pytest.mark.usefixtures("_plugins")
def test_other_packages_add_engines() -> None:
    assert engine_names() == ("auto", "pyttsx3", "espeak", "text", "broken", "counting")
    assert open_voice("counting", "en", 120).name == "counting:en:120"


@pytest.mark.usefixtures("_plugins")
def test_a_broken_plugin_is_named() -> None:
    with pytest.raises(VoiceError, match=r'"broken".*no_such_module'):
        open_voice("broken")


# --- Text ----------------------------------------------------------------------------------------------------------------


def test_text_is_cut_at_the_ends_of_sentences() -> None:
    assert sentences("Hold for 3.5 s. Then rest!  Ready?\nGo ...") == [
        "Hold for 3.5 s.",
        "Then rest!",
        "Ready?",
        "Go ...",
    ]
    assert sentences(" . ... \x00 -- ") == []


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    long = "word " * 30 + "comma, " + "more " * 30
    assert sentences(long, 200)[0].endswith("comma,")


@given(st.text(alphabet=st.sampled_from("ab1.,! \n\x00\x1b\ud800é"), max_size=1500))
def test_no_letter_is_lost_and_no_piece_is_long(text: str) -> None:
    pieces = sentences(text)
    assert all(len(piece) <= LONGEST_PIECE and letters(piece) for piece in pieces)
    assert [c for c in "".join(pieces) if c.isalnum()] == [c for c in text if c.isalnum()]
    assert "".join(pieces).encode().isascii() or "é" in text


def test_speaking_takes_as_long_as_measured() -> None:
    line = "Lie on your back with both knees bent and your feet flat on the floor, and let your arms rest beside your body. "
    assert speaking_seconds(line, 175) == pytest.approx(5.5, rel=0.12)
    assert speaking_seconds(line, 350) == pytest.approx(speaking_seconds(line, 175) / 2)
    assert speaking_seconds(" ... ", 160) < 0.2


@given(st.text(min_size=1, max_size=300), st.integers(80, 450))
def test_the_estimate_is_never_below_the_least(text: str, rate: int) -> None:
    assert speaking_seconds(text, rate) > shortest_seconds(text, rate)


@pytest.mark.voice
@pytest.mark.parametrize("rate", [110, 160, 240])
def test_speech_takes_about_the_estimate(rate: int) -> None:
    needs_espeak()
    voice = EspeakVoice(rate=rate)
    for text in "Lift your hips slowly.", "Lie on your back and bend both knees, with your feet flat on the floor.":
        said = voice.render(text).seconds
        assert shortest_seconds(text, rate) < 0.7 * said
        assert trim(voice.render(text)).seconds == pytest.approx(speaking_seconds(text, rate), rel=0.3)


# --- Sound files ---------------------------------------------------------------------------------------------------------

PCM = np.array([0, 1, -1, 16384, -32768, 32767], "<i2")


def wav(body: bytes, *, channels: int = 1, bits: int = 16, kind: int = 1, promised: int | None = None) -> bytes:
    size = len(body) if promised is None else promised
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, kind, channels, RATE, RATE * 2, 2, bits)
    rest = head + b"LIST\x03\x00\x00\x00abc\x00" + struct.pack("<4sI", b"data", size) + body
    return struct.pack("<4sI4s", b"RIFF", 4 + len(rest), b"WAVE") + rest


def aiff(body: bytes, packing: bytes = b"") -> bytes:
    rate = bytes.fromhex("400dac44000000000000")  # 22050 as an 80-bit float
    common = struct.pack(">hIh", 1, len(body) // 2, 16) + rate + packing
    chunks = struct.pack(">4sI", b"COMM", len(common)) + common
    chunks += struct.pack(">4sIII", b"SSND", 8 + len(body), 0, 0) + body
    return struct.pack(">4sI4s", b"FORM", 4 + len(chunks), b"AIFC" if packing else b"AIFF") + chunks


@pytest.mark.parametrize(
    "data",
    [
        wav(PCM.tobytes()),
        aiff(PCM.astype(">i2").tobytes()),
        aiff(PCM.astype(">i2").tobytes(), b"twos\x00\x00"),
        aiff(PCM.tobytes(), b"sowt\x00\x00"),
    ],
    ids=["wav", "aiff", "aiff-c big", "aiff-c little"],
)
def test_wav_and_aiff_are_told_apart_by_their_header(data: bytes) -> None:
    audio = decode(data)
    assert audio.rate == RATE
    assert audio.samples.dtype == np.float32
    assert np.array_equal(audio.samples, PCM / 32768)


def test_stereo_becomes_its_mean() -> None:
    body = np.array([100, 300, -100, -300], "<i2").tobytes()
    assert np.array_equal(decode(wav(body, channels=2)).samples, np.array([200, -200]) / 32768)


def test_an_open_ended_stream_is_read_and_a_short_file_is_not() -> None:
    data = wav(PCM.tobytes(), promised=0x7FFFF000)
    assert len(decode(data, streamed=True).samples) == len(PCM)
    with pytest.raises(ValueError, match="promises"):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"\x00" * 100,
        wav(b"\x00" * 6, bits=8),
        wav(b"\x00" * 6, kind=3),
        wav(b"")[:40],
        aiff(b"\x00" * 9)[:-3],
    ],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"WAV|AIFF"):
        decode(data)


@settings(max_examples=30)
@given(st.lists(st.floats(-1.25, 1.25, width=32), max_size=50), st.integers(0, 2000))
def test_our_own_files_notice_any_damage(values: list[float], place: int) -> None:
    data = encode(Audio(np.array(values, np.float32), RATE))
    assert np.allclose(decode(data).samples, np.clip(values, -1, 32767 / 32768), atol=1 / 32768)
    if values:
        place = 44 + place % (2 * len(values))
        damaged = data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]
        with pytest.raises(ValueError, match="checksum"):
            decode(damaged)


# --- Names ---------------------------------------------------------------------------------------------------------------

ENTRIES = [
    VoiceEntry("gmw/en", "English (Great Britain)", "en-gb"),
    VoiceEntry("gmw/en-us", "English (America)", "en-us"),
    VoiceEntry("mb/us1", "us-mbrola-1", "en-us"),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("gmw/en-us", "gmw/en-us"),
        ("EN-US", "gmw/en-us"),
        ("english (america)", "gmw/en-us"),
        ("en-gb", "gmw/en"),
        ("en", "gmw/en"),
        ("en-us+f3", "gmw/en-us+f3"),
    ],
)
def test_a_voice_is_found_by_any_of_its_names(wanted: str, found: str) -> None:
    assert find_voice(wanted, ENTRIES) == found


def test_a_voice_that_is_near_by_its_name_alone_is_told_with_that_name() -> None:
    with pytest.raises(UnknownVoiceError, match=r"the nearest it has: id \(Indonesian\)\."):
        find_voice("nonsense", [VoiceEntry("poz/id", "Indonesian", "id")])


def test_an_unknown_voice_names_the_nearest_first() -> None:
    with pytest.raises(UnknownVoiceError, match="the nearest it has: en-us, "):
        find_voice("en-uss", ENTRIES)
    with pytest.raises(UnknownVoiceError, match=r'called "klingon"\.'):
        find_voice("klingon", ENTRIES)


# --- Trimming ------------------------------------------------------------------------------------------------------------


def test_trim_leaves_ten_milliseconds_before_and_sixty_after() -> None:
    audio = trim(CountingVoice().render("one"))
    audible = np.flatnonzero(np.abs(audio.samples) >= 0.01) / RATE
    assert audible[0] == pytest.approx(0.010, abs=0.0005)
    assert audio.seconds - audible[-1] == pytest.approx(0.060, abs=0.0005)


def test_trim_leaves_silence_as_long_as_it_is() -> None:
    silence = TextVoice().render("Lift your hips slowly.")
    assert trim(silence) is silence


@pytest.mark.voice
def test_counts_are_heard_within_ten_milliseconds(tmp_path: Path) -> None:
    needs_espeak()
    voice = CachedVoice(EspeakVoice(), tmp_path)
    for word in ("one", "two", "three", "four", "five", "ten", "relax", "switch sides"):
        audio = voice.render(word)
        assert np.flatnonzero(np.abs(audio.samples) >= 0.01)[0] <= 0.010 * audio.rate


# --- The cache -----------------------------------------------------------------------------------------------------------


def test_a_text_is_rendered_once(tmp_path: Path) -> None:
    inner = CountingVoice()
    voice = CachedVoice(inner, tmp_path)
    first = voice.render("one")
    assert voice.render("one") is first
    again = CachedVoice(inner, tmp_path).render("one")

    assert inner.asked == ["one"]
    assert np.array_equal(first.samples, again.samples)
    assert not list(tmp_path.glob("*.tmp"))


def test_another_voice_has_another_cache(tmp_path: Path) -> None:
    inner = CountingVoice()
    CachedVoice(inner, tmp_path).render("one")
    inner.name = "counting:200"
    CachedVoice(inner, tmp_path).render("one")
    assert inner.asked == ["one", "one"]


def test_prepare_renders_what_is_missing_and_tells_how_far_it_is(tmp_path: Path) -> None:
    inner = CountingVoice()
    voice = CachedVoice(inner, tmp_path)
    voice.render("two")
    steps: list[tuple[int, int]] = []
    voice.prepare(iter(["one", "two", "one", "three"]), lambda done, total: steps.append((done, total)))

    assert inner.asked == ["two", "one", "three"]
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_the_least_recently_used_files_make_room(tmp_path: Path) -> None:
    texts = [f"{number} " + "word " * 100 for number in range(60)]  # 60 files of 1.1 MB
    inner = CountingVoice()
    for number, text in enumerate(texts[:18]):
        CachedVoice(inner, tmp_path, limit_mb=20).render(text)
        for path in tmp_path.iterdir():
            stamp = path.stat().st_mtime_ns - 10**9  # each is a second older than the next
            os.utime(path, ns=(stamp, stamp))
        assert len(list(tmp_path.iterdir())) == min(number + 1, 18)
    CachedVoice(inner, tmp_path, limit_mb=20).render(texts[0])  # used: now the newest
    fresh = CachedVoice(inner, tmp_path, limit_mb=20)
    fresh.render(texts[18])

    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 20_000_000
    inner.asked.clear()
    CachedVoice(inner, tmp_path, limit_mb=20).render(texts[0])
    CachedVoice(inner, tmp_path, limit_mb=20).render(texts[18])
    assert not inner.asked
    CachedVoice(inner, tmp_path, limit_mb=20).render(texts[1])
    assert inner.asked == [texts[1]]


def test_the_memory_of_a_session_is_bounded(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    inner = CountingVoice()
    voice = CachedVoice(inner, blocked)  # no disk: what memory forgets is rendered again
    texts = [f"{number} " + "word " * 200 for number in range(8)]  # 50 s each
    voice.prepare(texts)
    inner.asked.clear()
    voice.render(texts[7])
    assert not inner.asked
    voice.render(texts[0])
    assert inner.asked == [texts[0]]


# --- Slower and faster ---------------------------------------------------------------------------------------------------


class Workshop:
    """Opens a voice for each factor, and knows them all."""

    def __init__(self, folder: Path, error: Exception | None = None) -> None:
        self.opened: dict[float, CountingVoice] = {}
        self.error = error
        self.tries = 0
        self.inner = CountingVoice()
        self.voice = CachedVoice(self.inner, folder, reopen=self.open)

    def open(self, factor: float) -> Voice:
        self.tries += 1
        if self.error:
            raise self.error
        made = self.opened[factor] = CountingVoice()
        made.name = f"counting:{160 * factor:.0f}"
        return made


def test_each_rate_is_rendered_once_and_kept_apart(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    for _ in range(2):
        shop.voice.render("one")
        shop.voice.at_rate(0.85).render("one")
    assert (shop.inner.asked, shop.opened[0.85].asked, shop.tries) == (["one"], ["one"], 1)
    anew = Workshop(tmp_path)
    anew.voice.at_rate(0.85).render("one")
    assert anew.opened[0.85].asked == [], "it was kept on disk"
    assert len(list(tmp_path.iterdir())) == 2


def test_one_other_rate_is_open_at_a_time_and_all_are_closed(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.voice.at_rate(0.85)
    assert shop.voice.at_rate(1.0) is shop.voice
    assert shop.opened[0.85].closed == 0, "back and forth opens nothing anew"
    shop.voice.at_rate(0.7)
    assert (shop.opened[0.85].closed, shop.opened[0.7].closed) == (1, 0)
    shop.voice.close()
    assert (shop.inner.closed, shop.opened[0.7].closed) == (1, 1)


@pytest.mark.parametrize("error", [VoiceError("no"), RuntimeError("a driver")])
def test_an_engine_that_cannot_be_slowed_keeps_its_rate(tmp_path: Path, error: Exception) -> None:
    shop = Workshop(tmp_path, error)
    assert shop.voice.at_rate(0.85) is shop.voice
    shop.voice.at_rate(0.85).render("one")
    assert shop.inner.asked == ["one"]
    assert shop.tries == 1, "each attempt may take seconds"
    assert CachedVoice(CountingVoice(), tmp_path).at_rate(0.85).name == "counting:160"


def test_the_limit_holds_for_all_rates_together(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    limited = CachedVoice(CountingVoice(), tmp_path, 20, reopen=shop.open)
    texts = ["x" * 500 + str(number) for number in range(14)]  # 14 files of 1.1 MB, at two rates
    for text in texts:
        limited.render(text)
        limited.at_rate(0.85).render(text)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 20_000_000


@pytest.mark.parametrize(("factor", "rate"), [(0.85, 136), (1.0, 160), (0.1, 80), (9.0, 450)])
def test_a_rate_stays_in_the_range_of_an_engine(factor: float, rate: int) -> None:
    assert scaled_rate(160, factor) == rate
    assert TextVoice(scaled_rate(160, factor)).name == f"text:{rate}"
