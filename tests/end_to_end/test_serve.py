"""The day of an appliance: idle, called by a real voice, a session, idle again; all through files, faster than life."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.studio import BRIDGE, Studio, Take
from tests.short import QUICK_ONE

pytestmark = [pytest.mark.voice, pytest.mark.ear]


@pytest.fixture
def home(studio: Studio) -> Studio:
    """A studio with a short routine of its own, as a person keeps theirs."""
    own = studio.folder / "data" / "voicecoach" / "routines"
    own.mkdir(parents=True)
    (own / "quick-one.toml").write_text(QUICK_ONE, "utf-8")
    return studio


def states(take: Take) -> list[tuple[str, str | None]]:
    return [(entry["state"], entry["routine"]) for entry in take.of("standby")]


def said(take: Take) -> list[str]:
    return [entry["text"] for entry in take.of("say")]


def after(take: Take, number: int) -> list[dict[str, Any]]:
    """Everything behind the ``number``-th time that it began to wait, until a session begins."""
    began = [at for at, entry in enumerate(take.events) if entry["event"] == "standby" and entry["state"] == "idle"]
    return take.events[began[number] :]


def test_a_day(home: Studio) -> None:
    """Stop starts nothing; a name without the address neither; then a session, and the same rig waits again."""
    lines = [
        *((14.0, "coach, stop"), (17.0, "start quick one"), (20.0, "coach, start quick one")),
        *((40.0, "ready"), (90.0, "coach, what routines are there"), (94.0, "coach, stop")),
        *((98.0, "coach, louder"), (105.0, "coach, wobble gobble"), (110.0, "coach, start number twelve")),
        (125.0, "end session"),
    ]
    mic = home.person(*lines, (131.0, "yes"), seconds=150.0)
    take = home.serve(mic=mic)
    assert take.code == 0, take.output
    assert states(take) == [
        *(("idle", None), ("starting", "quick-one"), ("idle", None)),
        *(("starting", "spine-support"), ("idle", None)),
    ]
    assert [entry["reason"] for entry in take.of("end")] == ["finished", "ended"]
    heard = [(entry["command"], entry["words"]) for entry in take.of("heard")]
    assert heard[:3] == [("stop", "stop"), ("start", "start quick one"), ("ready", "ready")]
    assert ("routines", "what routine are there") in heard
    assert [entry["level"] for entry in take.of("volume")][-3:] == [0.75, 0.75, 0.75], "louder lasts"
    assert take.of("chime", kind="not understood")
    assert take.of("chime", kind="ready")[0]["t"] == 0.0
    assert len(take.of("chime", kind="ready")) == 3
    again = home.serve(mic=mic, name="again")
    assert again.events == take.events, "the same files, the same day"


def test_the_sound_goes_on_without_a_gap(home: Studio) -> None:
    """The recording and the loudspeaker's file run on through idle, session and idle."""
    mic = home.person((14.0, "coach, start quick one"), (30.0, "ready"), seconds=70.0)
    take = home.serve(mic=mic)
    assert take.code == 0, take.output
    begun = take.of("standby", state="starting")[0]["t"]
    ready = take.of("heard", command="ready")[0]
    ended = take.of("end")[0]["t"]
    resumed = take.of("standby", state="idle")[1]["t"]
    assert 14.0 < begun < 17.5
    # The session counts from its own start: where that was in the day, the word that was said then tells.
    start = 30.5 - ready["ended_at"]
    assert start == pytest.approx(begun + 2.5, abs=1.5)
    assert resumed == pytest.approx(start + ended + 0.6, abs=0.8)
    assert len(take.sound) / take.rate == pytest.approx(71.5, abs=1.0), "until the recording's last words are past"


def test_the_timetable_asks_first(home: Studio) -> None:
    table = {"VOICECOACH_SERVE_TIMETABLE": "weekdays 08:00 quick-one; sat 08:00 first-steps"}
    day = ("--clock", "2026-11-23T07:59:30")
    mic = home.person((42.0, "later"), (655.0, "yes"), (680.0, "ready"), seconds=720.0)
    take = home.serve(*day, mic=mic, **table)
    assert take.code == 0, take.output
    asking = take.of("standby", state="asking")
    assert [entry["routine"] for entry in asking] == ["quick-one", "quick-one"]
    assert asking[0]["t"] == pytest.approx(30.0, abs=1.1)
    assert asking[1]["t"] == pytest.approx(asking[0]["t"] + 600 + 14, abs=5.0)
    assert "It is eight o'clock. Shall we do Quick one? Say yes, no, or later." in said(take)
    assert "It is ten minutes past eight. Shall we do Quick one? Say yes, no, or later." in said(take)
    assert take.of("end", reason="finished")
    silent = home.serve(*day, mic=home.person((650.0, "hello"), seconds=700.0), name="silent", **table)
    assert silent.code == 0, silent.output
    assert silent.of("note", kind="offer") == [
        silent.of("note", kind="offer")[0] | {"routine": "quick-one", "answer": "no answer"}
    ]
    assert not silent.of("standby", state="starting")
    assert len([text for text in said(silent) if text.startswith("It is eight")]) == 2
    # With nobody to hear, and nothing more to come, what was put off is still asked, and the time is right.
    deserted = home.serve(*day, "--say", "later@45", mic=None, name="deserted", **table)
    assert deserted.code == 0, deserted.output
    assert len([text for text in said(deserted) if text.startswith("It is ten minutes past eight")]) == 2


def test_what_cannot_be_played_is_said_and_it_waits_on(home: Studio) -> None:
    own = home.folder / "data" / "voicecoach" / "routines"
    (own / "broken-one.toml").write_text('title = "Broken one"\nexercise = 5\n', "utf-8")
    script = [f"--say={entry}" for entry in ("start quick one@20", "ready@35", "resume@70", "options@80")]
    take = home.serve(*script)
    assert take.code == 0, take.output
    assert "Left out:" in take.output
    assert "broken-one.toml" in take.output
    assert "There is nothing to go on with: no session was cut off." in said(take)
    assert take.of("chime", kind="error")
    assert said(take)[-1].startswith("Say: coach, start")


WEEKS = """
title = "Two days"
[[week]]
days = ["quick-one", "rest", "quick-one"]
"""


def test_a_programme_plays_today_s_session_and_rests(home: Studio) -> None:
    """It is asked for like a routine; where it rests it says when it comes, and the timetable does not ask for it."""
    weeks = home.folder / "data" / "voicecoach" / "routines" / "programmes"
    weeks.mkdir()
    (weeks / "two-days.toml").write_text(WEEKS, "utf-8")
    kept = {"VOICECOACH_STORAGE_JOURNAL": "always", "VOICECOACH_SERVE_TIMETABLE": "daily 08:00 two-days"}
    script = ("start two days@20", "ready@40", "zero@60", "start two days@120")
    first = home.serve(*(f"--say={entry}" for entry in script), mic=None, **kept)
    today = datetime.now().astimezone().replace(tzinfo=None)
    assert first.code == 0, first.output
    assert states(first)[1:3] == [("starting", "two-days"), ("idle", None)]
    assert "Week one, day one." in said(first)
    assert [entry["reason"] for entry in first.of("end")] == ["finished"]
    assert said(first)[-1] == "Two days: nothing more today. The next session comes in two days."
    asked = []
    for days in (1, 2):
        eve = (today + timedelta(days=days)).replace(hour=7, minute=59, second=50)
        take = home.serve(f"--clock={eve:%Y-%m-%dT%H:%M:%S}", "--say=stop@60", mic=None, name=f"in {days}", **kept)
        assert take.code == 0, take.output
        asked.append([entry["routine"] for entry in take.of("standby", state="asking")])
    assert asked == [[], ["two-days"]]


def test_a_file_that_cannot_be_read_is_left_out(home: Studio) -> None:
    (home.folder / "data" / "voicecoach" / "routines" / "gone.toml").symlink_to(home.folder / "nowhere.toml")
    take = home.serve("--say", "start quick one@20", "--say", "ready@35")
    assert take.code == 0, take.output
    assert "gone.toml" in take.output


def test_unknown_names_in_the_settings_are_refused(home: Studio) -> None:
    done = home.command("serve", VOICECOACH_SERVE_ROUTINE="nonsense")
    assert done.returncode == 2
    assert "there is no routine 'nonsense'" in done.stderr
    done = home.command("serve", VOICECOACH_SERVE_TIMETABLE="weekdays 25:00 first-steps")
    assert done.returncode == 2
    assert "'25:00' is no time" in done.stderr
    done = home.command("serve", "--speaker", "none", "--ear", "none", "--clock", "2026-11-23T08:00")
    assert done.returncode == 2
    assert "--clock" in done.stderr
    done = home.command("serve", "--say", "start nonsense@3")
    assert done.returncode == 2
    assert "is no command" in done.stderr


def test_an_emergency_between_sessions(home: Studio) -> None:
    mic = home.person((14.0, "emergency"), (60.0, "my mistake"), seconds=80.0)
    told = home.folder / "told"
    take = home.serve(mic=mic, VOICECOACH_ALERT_COMMAND=f"touch {told}", VOICECOACH_SAFETY_EMERGENCY_NUMBER="144")
    assert take.code == 0, take.output
    assert any("Call 1 4 4 now" in text for text in said(take))
    assert [entry["reason"] for entry in take.of("alert")] == ["emergency"]
    assert take.of("alerted", told=True)
    assert told.exists()


def test_with_no_microphone_it_serves_on(home: Studio) -> None:
    """Buttons, the network and the timetable may still start a session."""
    take = home.serve("--mic", "none", "--say", "start quick one@20")
    assert take.code == 0, take.output
    assert any(text.startswith("I cannot hear you.") for text in said(take))
    assert take.of("end", reason="finished"), "nobody can be heard, so it begins by itself"


def test_with_no_voice_it_is_shown(home: Studio) -> None:
    mic = home.person((14.0, "coach, start quick one"), (40.0, "ready"), seconds=70.0)
    take = home.serve("--say", "quieter@25", mic=mic, VOICECOACH_VOICE_ENGINE="text")
    assert take.code == 0, take.output
    assert take.of("end", reason="finished")
    assert take.of("volume")[-1]["level"] == 0.48, "what was said in the session holds after it"


# --- In real time -----------------------------------------------------------------------------------------------------


def started(home: Studio, *options: str) -> tuple[subprocess.Popen[bytes], Path]:
    """Serve in real time, without devices; return once it waits to be called."""
    events = home.folder / "live.jsonl"
    env = {f"XDG_{kind}_HOME": str(home.folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECOACH_", "VOSK_"))}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "voicecoach", "serve", "--speaker", "none", "--mic", "none"),
            *("--events", str(events), *options),
        ],
        env=clean | env | {"XDG_CACHE_HOME": str(home.cache), "VOICECOACH_STORAGE_JOURNAL": "always"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    wait_for(events, '"standby"')
    return process, events


def wait_for(events: Path, text: str) -> None:
    for _ in range(600):
        if events.exists() and text in events.read_text("utf-8"):
            return
        time.sleep(0.1)
    raise AssertionError(f"{text} never came")


def test_told_to_end_it_ends_in_order_and_the_session_is_kept(home: Studio) -> None:
    own = home.folder / "data" / "voicecoach" / "routines"
    (own / "long-one.toml").write_text(BRIDGE.replace('"Test"', '"Long one"'), "utf-8")
    process, events = started(home, "--say", "start long one@1")
    wait_for(events, '"step"')
    time.sleep(1.5)  # until the journal is written
    process.send_signal(signal.SIGTERM)
    _, problems = process.communicate(timeout=30)
    assert process.returncode == 130, problems
    assert b"Traceback" not in problems
    again = home.serve(
        "--say", "resume@25", "--say", "end session@50", "--say", "yes@55", VOICECOACH_STORAGE_JOURNAL="always"
    )
    assert again.code == 0, again.output
    assert "A session was cut off. Say: coach, resume, to go on with it." in said(again)
    assert again.of("returned", asked=True)
    assert [entry["reason"] for entry in again.of("end")] == ["ended"]


def test_idle_it_is_told_to_end(home: Studio) -> None:
    process, _ = started(home)
    process.send_signal(signal.SIGTERM)
    _, problems = process.communicate(timeout=30)
    assert process.returncode == 130, problems
    assert b"Traceback" not in problems


def test_what_has_hurt_is_locked_and_not_played_again(home: Studio) -> None:
    script = ["start quick one@20", "yes@42", "ready@52", "pain@64", "end session@80", "yes@86", "start quick one@120"]
    mic = home.person((1.0, "hello"), seconds=150.0)
    take = home.serve(*(f"--say={entry}" for entry in script), mic=mic, VOICECOACH_STORAGE_JOURNAL="always")
    assert take.code == 0, take.output
    assert take.of("note", kind="locked", exercise="bridge")
    assert "All of Quick one is locked, because it has hurt. Have somebody look at it with you first." in said(take)
    assert "voicecoach unlock" in take.output
    assert states(take)[-2:] == [("starting", "quick-one"), ("idle", None)]
    assert take.of("chime", kind="error")
