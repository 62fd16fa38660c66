"""What goes wrong with engines and disks, made to go wrong: speech goes on, or fails with a sentence and a mend."""

from __future__ import annotations

import json
import os
import queue
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.needs import needs_espeak
from voicecoach.ports import Audio, VoiceError
from voicecoach.speech import espeak_voice
from voicecoach.speech.cache import CachedVoice
from voicecoach.speech.child import Child, ChildError
from voicecoach.speech.engines import open_voice
from voicecoach.speech.espeak_voice import EspeakVoice
from voicecoach.speech.pyttsx3_voice import Pyttsx3Voice, Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 22_050

STAND_IN = textwrap.dedent("""
    import json, math, os, struct, sys, time, wave
    log, plan = sys.argv[1], sys.argv[2].split(",")
    with open(log, "a") as file:
        file.write("start\\n")
    for line in sys.stdin:
        question = json.loads(line)
        answer = {}
        if question["do"] == "voices":
            answer = {"voices": [["gmw/en-us", "English (America)", "en-us"]]}
        elif question["do"] == "render":
            with open(log, "a") as file:
                file.write("render\\n")
            with open(log) as file:
                turn = file.read().count("render") - 1
            what = plan[min(turn, len(plan) - 1)]
            if what == "hang":
                time.sleep(600)
            if what == "die":
                os._exit(11)
            if what == "babble":
                print("Audio saved to somewhere", flush=True)
                continue
            if what == "error":
                answer = {"error": "the driver gave up"}
            frames = {"short": 300, "none": None}.get(what, 40000)
            level = 0 if what == "silent" else 9000
            if frames is not None:
                with wave.open(question["path"], "wb") as file:
                    file.setnchannels(1), file.setsampwidth(2), file.setframerate(22050)
                    file.writeframes(b"".join(struct.pack("<h", int(level * math.sin(i / 9))) for i in range(frames)))
        print(json.dumps(answer), flush=True)
""")


class StandIn:
    """A worker that does to each rendering what its plan says, and keeps a log."""

    def __init__(self, folder: Path) -> None:
        self._script = folder / "worker.py"
        self._script.write_text(STAND_IN)
        self._log = folder / "log"

    def voice(self, plan: str) -> Pyttsx3Voice:
        command = (sys.executable, str(self._script), str(self._log), plan)
        return Pyttsx3Voice(worker=Worker(command, start_timeout=20.0, timeout=0.5 if "hang" in plan else 20.0))

    def count(self, what: str) -> int:
        return self._log.read_text().count(what)


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path)


# --- The worker ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "plan",
    ["hang,good", "die,good", "babble,good", "short,good", "none,good", "silent,short,good", "error,good"],
)
def test_a_failed_rendering_is_tried_again_by_a_fresh_worker(stand_in: StandIn, plan: str) -> None:
    voice = stand_in.voice(plan)
    try:
        assert len(voice.render("one two three").samples) == 40_000
    finally:
        voice.close()
    assert stand_in.count("render") == stand_in.count("start") == len(plan.split(","))


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ("hang", "no answer"),
        ("die", "died"),
        ("short", "at least"),
        ("silent", "silent"),
        ("none", "piece.wav"),
        ("error", "gave up"),
    ],
)
def test_after_three_attempts_it_says_so(stand_in: StandIn, plan: str, problem: str) -> None:
    voice = stand_in.voice(plan)
    try:
        with pytest.raises(VoiceError, match=problem) as caught:
            voice.render("one two three")
    finally:
        voice.close()
    assert stand_in.count("render") == 3
    assert "apt install" in caught.value.mend


def test_the_sentence_before_is_never_said_again(stand_in: StandIn) -> None:
    voice = stand_in.voice("good,none")
    try:
        voice.render("one")
        with pytest.raises(VoiceError):
            voice.render("two")
    finally:
        voice.close()


def test_a_hung_worker_is_ended(stand_in: StandIn) -> None:
    voice = stand_in.voice("good,hang")
    voice.render("one")
    pid = voice.worker_pid
    assert pid
    with pytest.raises(VoiceError):
        voice.render("two")
    voice.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_that_cannot_start_is_a_voice_error() -> None:
    voice = Pyttsx3Voice(worker=Worker(("/no/such/program",)))
    with pytest.raises(VoiceError, match="could not start"):
        voice.render("one")
    voice.close()


def test_a_closed_voice_starts_nothing(stand_in: StandIn) -> None:
    voice = stand_in.voice("good")
    voice.close()
    voice.close()
    with pytest.raises(VoiceError, match="closed"):
        voice.render("one")
    assert voice.worker_pid is None


def test_a_child_that_answers_nonsense_is_ended() -> None:
    child = Child((sys.executable, "-c", "input(); print('[1]', flush=True); input()"))
    with pytest.raises(ChildError, match=r"\[1\]"):
        child.ask({}, timeout=20.0)
    with pytest.raises(ChildError):
        child.ask({}, timeout=20.0)


@pytest.mark.voice
def test_a_killed_worker_is_replaced() -> None:
    needs_espeak()
    voice = Pyttsx3Voice()
    try:
        before = voice.render("Breathe in.").seconds
        pid = voice.worker_pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert voice.render("Breathe in.").seconds == pytest.approx(before, rel=0.1)
        assert voice.worker_pid != pid
    finally:
        voice.close()


@pytest.mark.voice
@pytest.mark.parametrize("hung", [False, True])
def test_the_worker_ends_with_its_parent(tmp_path: Path, *, hung: bool) -> None:
    needs_espeak()
    child = Child(Worker().command)
    process = child._process
    try:
        assert (
            child.ask({"do": "open", "voice": "gmw/en-us", "rate": 160, "path": str(tmp_path / "x.wav")}, timeout=20.0)
            == {}
        )
        assert process.stdin
        if hung:  # a file that cannot be written leaves the driver waiting for ever
            missing = tmp_path / "missing" / "x.wav"
            process.stdin.write(json.dumps({"do": "render", "text": "hello", "path": str(missing)}) + "\n")
            process.stdin.flush()
            with pytest.raises(queue.Empty):
                child._lines.get(timeout=0.7)
        process.stdin.close()
        assert process.wait(timeout=20.0) == 0
    finally:
        child.end()


@pytest.mark.voice
def test_ctrl_c_leaves_the_worker_to_its_parent() -> None:
    needs_espeak()
    voice = Pyttsx3Voice()
    try:
        voice.render("one")
        pid = voice.worker_pid
        assert pid
        os.kill(pid, signal.SIGINT)
        voice.render("two")
        assert voice.worker_pid == pid
    finally:
        voice.close()


# --- No engine -----------------------------------------------------------------------------------------------------------


def test_no_engine_at_all_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_voice, "_PROGRAM", "espeak-that-is-not-there")
    monkeypatch.setattr(
        "voicecoach.speech.pyttsx3_voice.Worker.__init__.__defaults__", (("/no/such/program",), 20.0, 5.0)
    )
    with pytest.raises(VoiceError, match=r"pyttsx3|start.*not installed") as caught:
        open_voice("auto")
    assert caught.value.mend == "sudo apt install espeak-ng libespeak-ng1"


@pytest.mark.voice
def test_auto_falls_back_to_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_espeak()
    monkeypatch.setattr(
        "voicecoach.speech.pyttsx3_voice.Worker.__init__.__defaults__", (("/no/such/program",), 20.0, 5.0)
    )
    assert isinstance(open_voice("auto"), EspeakVoice)


@pytest.mark.parametrize("script", ["exit 3", "echo nonsense", "sleep 600"])
def test_a_broken_espeak_is_a_voice_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    table = "Pty Language Age/Gender VoiceName File Other\\n5 en-us --/M English_(America) gmw/en-US"
    program = tmp_path / "espeak-ng"
    program.write_text(f'#!/bin/sh\n[ "$1" = --voices ] && printf "{table}" && exit 0\nexec 2>&-\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setattr(espeak_voice, "_PROGRAM", str(program))
    monkeypatch.setattr(espeak_voice, "_TIMEOUT", 1.0)
    with pytest.raises(VoiceError) as caught:
        EspeakVoice().render("one")
    assert caught.value.mend


# --- The cache's disk ----------------------------------------------------------------------------------------------------


class ToneVoice:
    """A tone of 50 ms a character."""

    name = "tone:160"

    def __init__(self) -> None:
        self.asked = 0

    def render(self, text: str) -> Audio:
        self.asked += 1
        return Audio((0.5 * np.sin(np.arange(1102 * len(text)) * 0.1)).astype(np.float32), RATE)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("damage", ["empty", "cut", "zeros", "flipped", "other"])
def test_a_damaged_file_is_rendered_again(tmp_path: Path, damage: str) -> None:
    inner = ToneVoice()
    whole = CachedVoice(inner, tmp_path).render("one two")
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    half = len(data) // 2
    damaged = {
        "empty": b"",
        "cut": data[:half],
        "zeros": data[:half] + bytes(len(data) - half - 12) + data[-12:],
        "flipped": data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :],
        "other": b"not a sound at all",
    }[damage]
    path.write_bytes(damaged)

    assert np.array_equal(CachedVoice(inner, tmp_path).render("one two").samples, whole.samples)
    assert inner.asked == 2
    assert path.read_bytes() == data, "and kept again"


def test_a_folder_that_cannot_be_made_leaves_the_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    inner = ToneVoice()
    voice = CachedVoice(inner, blocked / "cache")
    assert voice.render("one") is voice.render("one")
    assert inner.asked == 1


def test_a_read_only_folder_leaves_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write anywhere, so the refusal is played."""

    def refuse(*_: object, **__: object) -> tuple[int, str]:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr("voicecoach.speech.cache.tempfile.mkstemp", refuse)
    inner = ToneVoice()
    voice = CachedVoice(inner, tmp_path)
    voice.prepare(["one", "two"])
    assert voice.render("one").seconds > 0
    assert inner.asked == 2
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_memory_and_no_rubbish(tmp_path: Path) -> None:
    """A file that may not grow stands for a disk that is full: the write itself fails."""
    script = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from tests.faults.test_voice_faults import ToneVoice
        from voicecoach.speech.cache import CachedVoice
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        inner = ToneVoice()
        voice = CachedVoice(inner, Path(sys.argv[1]))
        assert voice.render("one two") is voice.render("one two")
        assert inner.asked == 1
    """)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())


def test_what_a_crash_left_half_written_goes_first(tmp_path: Path) -> None:
    rubbish = tmp_path / "crash.tmp"
    rubbish.write_bytes(bytes(2_000_000))
    os.utime(rubbish, (1, 1))
    CachedVoice(ToneVoice(), tmp_path, limit_mb=1).render("one")
    assert not rubbish.exists()
    assert len(list(tmp_path.iterdir())) == 1


def test_an_engine_that_fails_is_not_kept(tmp_path: Path) -> None:
    class Failing(ToneVoice):
        def render(self, text: str) -> Audio:
            super().render(text)
            raise VoiceError("no sound")

    inner = Failing()
    voice = CachedVoice(inner, tmp_path)
    for _ in range(2):
        with pytest.raises(VoiceError):
            voice.render("one")
    assert inner.asked == 2
    assert not list(tmp_path.iterdir())


def test_two_threads_may_ask(tmp_path: Path) -> None:
    inner = ToneVoice()
    voice = CachedVoice(inner, tmp_path)
    texts = [f"text {number}" for number in range(30)]
    threads = [threading.Thread(target=voice.prepare, args=(texts,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inner.asked == 30


class _Timers:
    """Stands for ``threading.Timer``: time is over when the test says so."""

    def __init__(self) -> None:
        self.made: list[_Timers.Timer] = []

    class Timer:
        daemon = False
        cancelled = False
        started = False

        def __init__(self, seconds: float, call: Callable[..., None], args: tuple[int, ...]) -> None:
            self.seconds = seconds
            self._call, self._args = call, args

        def over(self) -> None:
            self._call(*self._args)

        def start(self) -> None:
            assert self.daemon, "nobody's end waits for it"
            self.started = True

        def cancel(self) -> None:
            self.cancelled = True

    def __call__(self, *args: Any) -> _Timers.Timer:
        self.made.append(self.Timer(*args))
        return self.made[-1]


def test_the_voice_at_another_rate_is_closed_when_nobody_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its engine is a process of its own: it stayed until the program's end, for months in an appliance."""
    timers = _Timers()
    monkeypatch.setattr("voicecoach.speech.cache.threading.Timer", timers)
    opened: list[ToneVoice] = []
    closed: list[ToneVoice] = []

    class Closing(ToneVoice):
        def close(self) -> None:
            closed.append(self)

    def reopen(_: float) -> ToneVoice:
        opened.append(Closing())
        return opened[-1]

    voice = CachedVoice(ToneVoice(), tmp_path, reopen=reopen)
    slow = voice.at_rate(0.85)
    assert voice.at_rate(1.0) is voice
    assert voice.at_rate(0.85) is slow, "a slower session asks for both in turn, and opening takes a second"
    assert (len(opened), closed) == (1, [])
    first, second = timers.made
    assert (first.cancelled, second.cancelled, second.started) == (True, False, True)
    first.over()  # it could no longer be stopped
    assert closed == []
    second.over()
    assert closed == opened
    assert voice.at_rate(0.85) is not slow
    voice.close()
    assert closed == opened
    assert timers.made[-1].cancelled


def test_the_folder_is_closed_with_those_above_it_and_what_is_there_stays(tmp_path: Path) -> None:
    opened = tmp_path / "there"
    opened.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        CachedVoice(ToneVoice(), opened / "voicecoach" / "speech").render("one")
    finally:
        os.umask(before)
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (opened, opened / "voicecoach", opened / "voicecoach/speech")
    ]
    assert modes == [0o755, 0o700, 0o700]
