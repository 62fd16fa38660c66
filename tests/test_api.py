"""Sessions for Python programs: the same as the command line's, in the caller's thread, and ended as promised."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from click.testing import CliRunner

import voicecoach
from tests.needs import needs_fit
from voicecoach import (
    Audio,
    CannotGoOnError,
    Coach,
    Command,
    ConfigError,
    Dose,
    EventRecord,
    Exercise,
    Heard,
    Overheard,
    PortError,
    Routine,
    RoutineError,
    ScriptError,
    VoiceError,
)
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import SilentMicrophone, WavSpeaker
from voicecoach.cli import main
from voicecoach.ports import Samples
from voicecoach.shipped import shipped

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and speech that needs no engine."""
    for name in list(os.environ):
        if name.startswith(("VOICECOACH_", "VOSK_", "XDG_")):
            monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("VOICECOACH_VOICE_ENGINE", "text")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def one(hold: str = "3 s", **more: Any) -> Routine:
    bridge = Exercise(name="Bridge", position="hook-lying", exit="Lower your hips.", dose=Dose(hold=hold))
    return Routine(title="One", blocks=[bridge], **more)


def kinds(events: Sequence[EventRecord], event: str) -> list[Any]:
    return [one for one in events if one["event"] == event]


class Loud:
    """A voice of a test's own: a tone, and what it was asked for."""

    name = "loud:1"

    def __init__(self, fault: Exception | None = None) -> None:
        self.said: list[str] = []
        self.closed = 0
        self.fault = fault

    def render(self, text: str) -> Audio:
        self.said.append(text)
        if self.fault:
            raise self.fault
        return Audio((0.5 * np.sin(np.arange(4000) * 0.3)).astype(np.float32), 22_050)

    def close(self) -> None:
        self.closed += 1


class Told:
    """An ear that hears a command as soon as the coach says a word, and needs no sound."""

    def __init__(self, word: str, command: Command, *, fails: bool = False) -> None:
        self._word, self._command, self._fails = word, command, fails
        self._due = False
        self.closed = 0
        self.live: list[frozenset[Command]] = []
        self.thread = ""

    def hear(self, block: Samples, at: float) -> Sequence[Heard | Overheard]:
        self.thread = threading.current_thread().name
        if self._fails:
            raise RuntimeError("no ear")
        if not self._due:
            return []
        self._due = False
        return [Heard(at, self._command, self._command.value, ended_at=at)]

    def listen_for(self, commands: frozenset[Command]) -> None:
        self.live.append(commands)

    def coach_says(self, text: str | None) -> None:
        self._due = self._due or (text is not None and self._word in text)

    def close(self) -> None:
        self.closed += 1


# --- Rehearsing -------------------------------------------------------------------------------------------------------


def test_a_rehearsal_is_what_the_command_line_prints() -> None:
    said = ["pause@20", "resume@24", "slower@30"]
    args = ["rehearse", "first-steps", "--json", *(f"--say={entry}" for entry in said)]
    printed = CliRunner().invoke(main, args, prog_name="voicecoach").output
    assert list(voicecoach.rehearse("first-steps", say=said)) == [json.loads(line) for line in printed.splitlines()]
    assert list(voicecoach.rehearse(voicecoach.load("first-steps"), said)) == list(
        voicecoach.rehearse("first-steps", said)
    )


def test_a_rehearsal_that_would_wait_for_ever_stops_without_an_end() -> None:
    events = list(voicecoach.rehearse(one(), ["pause@2"]))
    assert events[-1]["event"] != "end"
    assert kinds(list(voicecoach.rehearse(one())), "end") == [
        {"t": pytest.approx(30, abs=3), "event": "end", "reason": "finished"}
    ]


def test_settings_count() -> None:
    quick = list(voicecoach.rehearse(one(), settings={"pace.change_position": 0, "pace.settle": 0}))
    assert quick[-1]["t"] < list(voicecoach.rehearse(one()))[-1]["t"] - 10
    with pytest.raises(ConfigError, match=r"pace.rst: there is no such setting; did you mean 'pace.rest'"):
        voicecoach.rehearse(one(), settings={"pace.rst": 1})
    with pytest.raises(ConfigError, match=r"pace\.rest"):
        voicecoach.rehearse(one(), settings={"pace.rest": "long"})


@pytest.mark.parametrize(("say", "message"), [("pause", r"such as pause@12\.5"), ("pauze@3", "did you mean 'pause'")])
def test_a_script_that_cannot_be_read_is_refused_at_once(say: str, message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        voicecoach.rehearse(one(), [say])


def test_errors_of_a_routine_name_it() -> None:
    lost = one().model_copy(update={"slug": "lost"})
    block = lost.blocks[0]
    stray = block.exercises[0].model_copy(update={"easier": "nowhere"})
    lost = lost.model_copy(update={"blocks": (block.model_copy(update={"exercises": (stray,)}),)})
    with pytest.raises(RoutineError, match=r'^the routine lost: easier = "nowhere": the library has no such exercise'):
        voicecoach.rehearse(lost)
    with pytest.raises(RoutineError, match=r"there is no routine of this name; did you mean 'first-steps'"):
        voicecoach.load("first-stepps")
    for given in ("run-walk", Path(str(shipped("routines"))) / "programmes" / "run-walk.toml"):
        with pytest.raises(RoutineError, match=r"this is a programme, and here a routine is needed \(allowed: one of"):
            voicecoach.load(given)
    with pytest.raises(RoutineError, match=r"first-steps:1: cannot be read"):
        voicecoach.load(Path("first-steps"))


# --- Playing ----------------------------------------------------------------------------------------------------------


def test_a_session_into_a_file_is_what_the_command_line_plays(home: Path) -> None:
    (home / "one.py").write_text(
        "from voicecoach import *\n\n\ndef routine(history):\n    return Routine(title='One', blocks=[Exercise(name='Bridge',"
        " position='hook-lying', exit='Lower your hips.', dose=Dose(hold='3 s'))])\n"
    )
    args = [
        "run",
        "one.py",
        "--speaker",
        "theirs.wav",
        "--events",
        "theirs.jsonl",
        "--say",
        "pause@20",
        "--say",
        "resume@22",
    ]
    assert CliRunner().invoke(main, args, prog_name="voicecoach").exit_code == 0
    theirs = [json.loads(line) for line in Path("theirs.jsonl").read_text().splitlines()]
    for routine in (one(), "one.py", Path("one.py")):
        ours: list[EventRecord] = []
        assert Coach(routine, speaker="ours.wav", say=["pause@20", "resume@22"]).run(ours.append) == "finished"
        assert ours == theirs
    assert Path("ours.wav").read_bytes() == Path("theirs.wav").read_bytes()
    assert not (home / "data").exists()


def test_it_plays_in_the_thread_that_runs_it_with_the_parts_that_it_was_given() -> None:
    voice, ear, speaker = Loud(), Told("Get into place", Command.READY), WavSpeaker("out.wav", 24_000, 480)
    threads: set[str] = set()
    events: list[EventRecord] = []

    def see(event: EventRecord) -> None:
        threads.add(threading.current_thread().name)
        events.append(event)

    coach = Coach(one(), voice=voice, ear=ear, speaker=speaker, microphone=SilentMicrophone())
    assert coach.run(see) == "finished"
    assert threads == {threading.current_thread().name} == {ear.thread}
    assert kinds(events, "heard")[0]["command"] == "ready"
    assert "Bridge." in voice.said
    assert Command.READY in frozenset().union(*ear.live)
    assert (voice.closed, ear.closed) == (1, 1)
    assert coach.shortfalls == ()
    with pytest.raises(RuntimeError, match="runs once"):
        coach.run()


def test_parts_are_closed_where_nothing_can_be_played(home: Path) -> None:
    (home / "broken.py").write_text("1 / 0")
    voice, ear = Loud(), Told("x", Command.NEXT)
    with pytest.raises(RoutineError, match=r"broken.py:1: ZeroDivisionError"):
        Coach("broken.py", voice=voice, ear=ear, speaker="o.wav").run()
    assert (voice.closed, ear.closed) == (1, 1)


def test_what_a_voice_cannot_say_is_told_and_the_session_goes_on() -> None:
    events: list[EventRecord] = []
    assert Coach(one(), voice=Loud(VoiceError("hoarse")), speaker="o.wav").run(events.append) == "finished"
    assert "Bridge." in [note["text"] for note in kinds(events, "note") if note["kind"] == "voice_failed"]


def test_a_session_that_waits_for_a_word_that_cannot_come_says_so() -> None:
    events: list[EventRecord] = []
    with pytest.raises(CannotGoOnError, match="paused"):
        Coach(one(), speaker="o.wav", say=["pause@5"]).run(events.append)
    assert events[-1] == {"t": events[-1]["t"], "event": "end", "reason": "cannot go on"}


def test_what_a_listener_raises_ends_the_session_and_comes_out() -> None:
    voice = Loud()

    def angry(event: EventRecord) -> None:
        if event["event"] == "say" and "Bridge" in event["text"]:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        Coach(one(), voice=voice, speaker="o.wav").run(angry)
    assert voice.closed == 1


# --- In real time -----------------------------------------------------------------------------------------------------


class Quick(TimedSpeaker):
    """Real time, twenty times as fast: its blocks are that much longer than it says."""

    def _run(self, fill: Any) -> None:
        block = np.zeros(self.block, np.float32)
        while not self._closing.wait(0.001):
            fill(block)


@pytest.fixture
def live() -> Iterator[Callable[..., Coach]]:
    """Make coaches in quick real time; one that is still at it after half a minute is stopped, and the test fails."""
    watchers: list[threading.Timer] = []

    def make(**more: Any) -> Coach:
        coach = Coach(one(), speaker=Quick(48_000, 4_800), **{"ear": "none", **more})
        watchers.append(threading.Timer(30, coach.stop))
        watchers[-1].start()
        return coach

    yield make
    for watcher in watchers:
        watcher.cancel()


Live: TypeAlias = Callable[..., Coach]


def test_a_program_gives_commands_and_the_session_waits_for_them(live: Live) -> None:
    coach = live(attended=True, keep=False)
    answers = {"Say yes or no": "yes", "Waiting for you": "resume", "Get into place": "pause", "Was that": "skip"}
    heard: list[str] = []

    def answer(event: EventRecord) -> None:
        if event["event"] == "say":
            for words in [words for words in answers if words in event["text"]]:
                coach.say(answers.pop(words))
        if event["event"] == "heard":
            heard.append(event["command"])

    assert coach.run(answer) == "finished"
    assert heard[:3] == ["yes", "pause", "resume"]
    with pytest.raises(RuntimeError, match="no session runs in real time"):
        coach.say("pause")
    with pytest.raises(ScriptError, match="did you mean 'pause'"):
        coach.say("pauze")


def test_unattended_it_waits_for_nothing_until_it_is_told_to(live: Live) -> None:
    coach = live(keep=False)
    modes: list[str] = []

    def pause(event: EventRecord) -> None:
        if event["event"] == "mode":
            modes.append(event["mode"])
            if event["mode"] == "work" and "paused" not in modes:
                coach.say("pause")
            if event["mode"] == "paused":
                coach.say("resume")

    assert coach.run(pause) == "finished"
    assert modes[:3] == ["instruction", "work", "paused"]
    assert modes[-1] == "finished"


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith(("voicecoach", "timed"))}


def test_stop_ends_it_from_another_thread_and_leaves_no_thread(live: Live) -> None:
    coach = live(attended=True)

    def stop(event: EventRecord) -> None:
        if event["event"] == "step":
            threading.Thread(target=coach.stop).start()

    events: list[EventRecord] = []
    assert coach.run(lambda event: (events.append(event), stop(event))[0]) is None  # type: ignore[func-returns-value]
    assert not kinds(events, "end")
    assert threads() == set()
    never = live()
    never.stop()
    assert never.run(events.append) is None


def test_events_come_from_a_thread_of_its_own_and_leaving_stops_it(live: Live) -> None:
    coach = live(keep=False)
    results: list[str | None] = []
    run = coach.run
    coach.run = lambda told: results.append(run(told))  # type: ignore[assignment,method-assign,misc]
    stream = coach.events()
    assert isinstance(stream, Iterator)
    assert threads() == set(), "nothing begins before the first is asked for"
    for event in stream:
        if event["event"] == "step":
            assert "voicecoach_session" in threads()
            break
    stream.close()  # type: ignore[attr-defined]
    assert results == [None], "it was stopped, not played to its end"
    assert threads() == set()
    assert [e["reason"] for e in live(keep=False).events() if e["event"] == "end"] == ["finished"]
    with pytest.raises(CannotGoOnError):
        list(Coach(one(), speaker="o.wav", say=["pause@5"]).events())


def test_an_ear_that_fails_is_told() -> None:
    ear = Told("x", Command.NEXT, fails=True)
    events: list[EventRecord] = []
    with pytest.raises(PortError, match="no ear"):
        Coach(one(), speaker="o.wav", ear=ear).run(events.append)
    assert kinds(events, "end")[0]["reason"] == "cannot go on"
    assert ear.closed == 1


# --- The journal ------------------------------------------------------------------------------------------------------

PROGRAM = """
from voicecoach import Dose, Exercise, Routine


def routine(history):
    two = [Exercise(name=name, position="prone", exit="Rest.", dose=Dose(hold="2 s")) for name in ("First", "Second")]
    return Routine(title=f"Time {len(history.sessions)}", blocks=two)
"""


def test_what_is_kept_counts_for_the_next_session(home: Path) -> None:
    (home / "two.py").write_text(PROGRAM)
    titles, played = [], []
    for say in (["next@40"], ["pain@40", "four@70", "yes@80", "no@90", "ache@100", "yes@110"], []):
        events: list[EventRecord] = []
        Coach("two.py", speaker="o.wav", keep=True, say=say).run(events.append)
        titles += [e["text"] for e in kinds(events, "say") if e["text"].startswith("Time")][:1]
        played.append({e["exercise"] for e in kinds(events, "step")} - {None})
    assert titles == ["Time 0.", "Time 1.", "Time 2."]
    assert (played[0], played[-1]) == ({"first", "second"}, {"second"}), (
        "what hurt is locked, and left out from then on"
    )


def test_a_stopped_session_is_kept_as_cut_off(live: Live) -> None:
    coach = live(keep=True)
    coach.run(lambda event: coach.stop() if event["event"] == "mode" else None)
    result = CliRunner().invoke(main, ["run", "--resume", "--speaker", "r.wav"], prog_name="voicecoach")
    assert "nothing to resume" in result.output  # what is played to a file is nobody's
    result = CliRunner().invoke(
        main,
        ["run", "--resume", "--speaker", "r.wav"],
        prog_name="voicecoach",
        env={"VOICECOACH_STORAGE_JOURNAL": "always"},
    )
    assert (result.exit_code, "One, goes on at" in result.output) == (0, True), result.output


CTRL_C = """
import sys
from voicecoach import Coach, Dose, Exercise, Routine
bridge = Exercise(name="Bridge", position="prone", exit="Rest.", dose=Dose(hold="60 s"))
coach = Coach(Routine(title="One", blocks=[bridge]), speaker="none", ear="none")
try:
    if sys.argv[1] == "run":
        coach.run(lambda event: print(event["event"], flush=True))
    else:
        for event in coach.events():
            print(event["event"], flush=True)
except KeyboardInterrupt:
    import threading
    left = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    print("interrupted", left, flush=True)
"""


@pytest.mark.parametrize("way", ["run", "events"])
def test_ctrl_c_ends_it_and_goes_on_to_the_caller(home: Path, way: str) -> None:
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", CTRL_C, way], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while process.stdout.readline() not in {"say\n", ""}:
            pass
        process.send_signal(signal.SIGINT)
        rest, errors = process.stdout.read(), process.stderr.read()
        assert process.wait(30) == 0, errors
    assert (rest.splitlines()[-1], errors) == ("interrupted []", "")
    kept = CliRunner().invoke(main, ["history"], prog_name="voicecoach").output
    assert " one " in kept
    assert "cut off" in kept


# --- Giving away ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "begins", "holds"),
    [
        ("html", b"<!DOCTYPE html>", b"<h1>One</h1>"),
        ("ics", b"BEGIN:VCALENDAR", b"BYDAY=MO,WE,FR"),
        ("markdown", b"# One", b"Bridge"),
    ],
)
def test_a_routine_is_given_away_in_the_formats_of_the_command_line(kind: str, begins: bytes, holds: bytes) -> None:
    made = voicecoach.export(one(), kind)
    assert made.data.startswith(begins)
    assert holds in made.data
    path = Path("one.toml")
    path.write_text(
        'title = "One"\n[[exercise]]\nname = "Bridge"\nposition = "hook-lying"\nexit = "Lower your hips."\nhold = "3 s"\n'
    )
    if kind != "ics":  # it holds the moment at which it was written
        assert CliRunner().invoke(main, ["convert", "one.toml", "--to", kind, "-o", "out"]).exit_code == 0
        assert Path("out").read_bytes() == made.data


def test_a_workout_for_a_watch_is_a_fit_file() -> None:
    needs_fit()
    assert voicecoach.export(one(), "fit").data[8:12] == b".FIT"


def test_what_cannot_be_given_away_is_a_value_error() -> None:
    day: dict[str, Any] = {
        "pain_policy": "monitored",
        "prescriber": "Dr. May",
        "review_on": "2020-01-31",
        "pain": {"tolerated": 2},
    }
    with pytest.raises(ValueError, match="day"):
        voicecoach.export(one(**day), "ics")
