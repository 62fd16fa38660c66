"""Calibration in simulated rooms whose figures are known: real voices, real hearing, and what a session makes of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.studio import BRIDGE, Studio
from voicecoach.calibration import store
from voicecoach.calibration.store import Pair
from voicecoach.calibration.use import ROOMS_OWN

pytestmark = [pytest.mark.voice, pytest.mark.ear]

KEPT = {"VOICECOACH_STORAGE_JOURNAL": "always"}


def plan(
    studio: Studio,
    loudspeaker: str,
    *,
    level: float = -30.0,
    answers: bool = True,
    says: dict[str, str] | None = None,
    more: str = "",
    rt60: float = 0.35,
) -> str:
    """Write the plan of a room; return it as a microphone."""
    instead = "".join(f'[[answer]]\nto = "{asked}"\nwords = "{said}"\n' for asked, said in (says or {}).items())
    path = studio.folder / "room.toml"
    path.write_text(
        f"rt60 = {rt60}\n[loudspeaker]\n{loudspeaker}\n"
        f'[person]\nvoice = "en-gb"\nlevel = {level}\n{"answers = 0.5" if answers else ""}\n'
        f'[[noise]]\nkind = "pink"\nsnr = 30.0\n{instead}{more}',
        "utf-8",
    )
    return f"room:{path}"


def calibrate(studio: Studio, mic: str, *options: str, **env: str) -> tuple[dict[str, Any], str]:
    """Return what was found and what was shown."""
    done = studio.command("calibrate", "--mic", mic, "--json", *options, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found, done.stderr


def volume_kept(studio: Studio) -> float | None:
    path = studio.folder / "data" / "voicecoach" / "journal.db"
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as journal:
        rows = journal.execute("SELECT value FROM memory WHERE key = 'volume'").fetchall()
    return json.loads(rows[0][0]) if rows else None


@pytest.mark.parametrize(("enr", "drift"), [(0.0, 60.0), (3.0, -40.0)])
def test_a_good_room_is_measured_as_it_is_and_all_words_are_heard(room: Studio, enr: float, drift: float) -> None:
    found, shown = calibrate(room, plan(room, f"enr = {enr}\ndelay = 0.15\ndrift = {drift}"))
    devices = found["devices"]
    assert devices["enr"] == pytest.approx(enr, abs=2.0)
    assert devices["delay"] == pytest.approx(0.15, abs=0.005)
    # A plan says by how much the loudspeaker runs slow.
    assert devices["drift"] == pytest.approx(-drift, abs=10.0)
    assert devices["person"] == pytest.approx(-30.0, abs=2.0)
    assert devices["noise"] == pytest.approx(-60.0, abs=1.0)
    assert devices["cancelled"] > 15
    assert devices["clipped_coach"] == devices["clipped_person"] == 0
    assert found["advice"] == []
    assert "All is well" in shown
    assert len({word["command"] for word in found["words"]}) == 20
    assert sum(word["heard"] == word["command"] for word in found["words"]) >= 19
    assert found["left_out"] == []


def test_a_loud_coach_is_told_by_how_much_and_a_spoken_yes_turns_it_down(room: Studio) -> None:
    mic = plan(room, "gain = 6.0")
    found, shown = calibrate(room, mic, "--no-words", **KEPT)
    devices = found["devices"]
    assert devices["enr"] > 10
    assert found["advice"][0]["key"] == "coach_down"
    assert found["advice"][0]["db"] == pytest.approx(devices["enr"], abs=0.6)
    assert f"Turn the loudspeaker down by {found['advice'][0]['db']} decibels" in shown
    assert found["words"] == []
    assert volume_kept(room) == pytest.approx(0.6 * 10 ** (-found["advice"][0]["db"] / 20), abs=0.002)
    # So the advice was right: with the volume that is remembered now, the coach is as loud as the person.
    again, shown = calibrate(room, mic, "--no-words", **KEPT)
    assert again["volume"] == volume_kept(room)
    assert again["devices"]["enr"] == pytest.approx(0.0, abs=1.0)
    assert again["advice"] == []


def test_how_much_too_loud_is_what_the_plan_says(room: Studio) -> None:
    found, _ = calibrate(room, plan(room, "enr = 15.0"), "--no-words")
    assert found["advice"][0]["key"] == "coach_down"
    assert found["advice"][0]["db"] == pytest.approx(15, abs=3)
    assert volume_kept(room) is None, "nothing is kept of a simulated person"


def test_no_is_no(room: Studio) -> None:
    mic = plan(room, "gain = 12.0", says={"yes": "no"})
    _, shown = calibrate(room, mic, "--no-words", **KEPT)
    assert "It stays as it is." in shown
    assert volume_kept(room) is None
    _, shown = calibrate(room, mic, "--no-words", "--yes", **KEPT)
    assert "Shall I" not in shown
    assert volume_kept(room) == 0.1
    assert "as softly as I can" in shown, "never to silence: the rest is for the knob of the loudspeaker"


def test_a_microphone_that_clips_is_noticed(room: Studio) -> None:
    found, shown = calibrate(room, plan(room, "enr = -3.0", level=-6.0), "--no-words")
    assert found["devices"]["clipped_person"] > 0.01
    assert found["devices"]["clipped_coach"] > 0.001
    assert found["advice"][0]["key"] == "gain_down_clips"
    assert "clips: turn its gain down" in shown


TWO_EXERCISES = f"""{BRIDGE}[[exercise]]
name = "Plank"
position = "prone"
setup = ["Lie on your front."]
exit = "Lower yourself slowly."
reps = 1
hold = "10 s"
"""


def test_a_phrase_that_fails_gives_way_and_sessions_know(room: Studio) -> None:
    routine = room.routine(TWO_EXERCISES)
    hold = room.play(routine).of("step", kind="hold")[0]["t"]
    speaker = "enr = 0.0\ndrift = 50.0"

    def says(words: str) -> list[str]:
        said = f'[[say]]\nat = {hold + 3.0}\nwords = "{words}"\n'
        take = room.play(routine, "--mic", plan(room, speaker, more=said))
        return [event["command"] for event in take.of("heard")]

    assert says("skip this") == ["skip"]
    found, shown = calibrate(room, plan(room, speaker, says={"skip this": "kipper fizz", "stop": "shop"}))
    assert found["left_out"] == ["skip this"]
    assert set(found["better"]) == {"skip exercise", "freeze"}
    assert "I do not understand skip this from you. Say skip exercise instead." in shown
    assert "I do not understand stop from you. Say freeze instead." in shown
    assert says("skip this") == []
    assert says("skip exercise") == ["skip"]
    assert says("stop") == ["stop"], "an urgent phrase is listened for, whatever came of it"
    mic = plan(room, speaker, more='[[say]]\nat = 1.0\nwords = "skip exercise"\n')
    listened = room.command("listen", "--mic", mic)
    assert " skip exercise," in listened.stdout
    assert " skip this," not in listened.stdout
    shown = room.command("calibrate", "--show", "--mic", mic).stdout
    assert "Say skip exercise instead." in shown
    assert [line.split()[2:] for line in shown.splitlines() if line.startswith("skip this")] == [
        ["-", "2", "-", "1", "of", "3"]
    ] or "skip this" in shown
    assert room.command("calibrate", "--forget", "--mic", mic).stdout.startswith("Forgotten")
    assert says("skip this") == ["skip"]


def test_nobody_answers_and_the_devices_are_kept(room: Studio) -> None:
    mic = plan(room, "enr = 3.0\ndelay = 0.12", answers=False)
    found, shown = calibrate(room, mic)
    assert found["devices"]["delay"] == pytest.approx(0.12, abs=0.005)
    assert found["devices"]["person"] is None
    assert found["words"] == []
    assert shown.count("Say ready") == 2
    assert "I leave it at the devices." in shown
    assert "That was all. Thank you." in shown
    kept = json.loads(room.command("calibrate", "--show", "--json", "--mic", mic).stdout)
    assert kept == found


def test_what_cannot_be_kept_is_said_before_anything_is_measured(room: Studio) -> None:
    (room.folder / "afile").write_text("", "utf-8")
    done = room.command("calibrate", "--mic", plan(room, "enr = 0.0"), XDG_DATA_HOME=str(room.folder / "afile"))
    assert done.returncode == 3
    assert "cannot be kept in" in done.stderr
    assert "To mend it: ls -ld" in done.stderr
    assert "»" not in done.stdout + done.stderr


def test_a_person_who_goes_away_in_the_middle_is_not_waited_for(room: Studio) -> None:
    silent = dict.fromkeys(("next", "next exercise", "pain", "ouch", "it hurts", "that hurts"), "")
    found, shown = calibrate(room, plan(room, "enr = 0.0", says=silent))
    assert [word["phrase"] for word in found["words"]] == ["next", "next", "next exercise", "next exercise"]
    assert "I hear nobody any more" in shown
    assert found["left_out"] == []
    assert found["devices"]["person"] == pytest.approx(-30.0, abs=2.0)


def test_a_coach_that_the_microphone_does_not_hear_is_told(room: Studio) -> None:
    mic = plan(room, "gain = -120.0", rt60=0.0)
    found, shown = calibrate(room, mic, "--no-words")
    assert found["devices"]["echo"] is None
    assert found["advice"] == [{"key": "coach_unheard", "db": 0}]
    told = "I do not find my own voice in what the microphone hears. With headphones that is as it should be."
    assert shown.count(told) == 2, "said and printed"
    assert "All is well" not in shown
    assert told in room.command("calibrate", "--show", "--mic", mic).stdout


def test_headphones_are_fine_and_somebody_elses_talk_is_no_echo(room: Studio) -> None:
    talk = "".join(f'[[say]]\nat = {at}\nwords = "I am on the telephone, and talk and talk."\n' for at in (14, 20, 26))
    found, _ = calibrate(room, plan(room, "gain = -90.0", rt60=0.0, more=talk), "--no-words")
    assert found["devices"]["echo"] is None
    assert found["devices"]["delay"] is None
    assert found["advice"] == [{"key": "coach_unheard", "db": 0}]


def test_the_same_room_gives_the_same_twice(room: Studio) -> None:
    mic = plan(room, "enr = 3.0")
    first, second = (calibrate(room, mic, "--no-words")[0] for _ in range(2))
    assert first | {"made": ""} == second | {"made": ""}


def test_what_is_forgotten_is_told_as_json_too(studio: Studio) -> None:
    mic = f"room:{studio.folder / 'my room.toml'}"
    done = studio.command("calibrate", "--forget", "--json", "--mic", mic)
    wanted = {"loudspeaker": ROOMS_OWN, "microphone": mic, "forgotten": False}
    assert (done.returncode, json.loads(done.stdout)) == (0, wanted)
    path = store.path_of(studio.folder / "data" / "voicecoach", Pair(ROOMS_OWN, mic))
    path.parent.mkdir(parents=True)
    path.write_text("{}", "utf-8")
    done = studio.command("calibrate", "--forget", "--json", "--mic", mic)
    assert (done.returncode, json.loads(done.stdout)) == (0, wanted | {"forgotten": True})
    assert not path.exists()


@pytest.mark.parametrize("option", ["--forget", None])
def test_a_folder_in_the_place_of_the_file_is_told_with_what_mends_it(room: Studio, option: str | None) -> None:
    mic = plan(room, "enr = 0.0", rt60=0.0)
    path = store.path_of(room.folder / "data" / "voicecoach", Pair(ROOMS_OWN, mic))
    path.mkdir(parents=True)
    done = room.command("calibrate", *filter(None, [option]), "--mic", mic)
    assert done.returncode == 3
    assert f"{path}" in done.stderr
    assert "is a folder" in done.stderr
    assert f"To mend it: mv {path} {path}.old" in done.stderr
    assert "»" not in done.stdout + done.stderr, "before anything is measured"


def test_the_command_that_mends_names_the_microphone_that_was_given(studio: Studio) -> None:
    mic = f"room:{studio.folder / 'my room.toml'}"
    done = studio.command("calibrate", "--show", "--mic", mic)
    assert done.returncode == 3
    assert f"To mend it: voicecoach calibrate --mic '{mic}'" in done.stderr


def test_an_answer_to_what_is_never_asked_is_told_before_anything_is_measured(room: Studio) -> None:
    done = room.command("calibrate", "--mic", plan(room, "enr = 0.0", says={"skip thiss": "x"}))
    assert done.returncode == 2
    assert "answer.0.to = \"skip thiss\": this is never asked for; did you mean 'skip this'?" in done.stderr
    assert "»" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--mic", "none"], 2, "the microphone is none"),
        (["--speaker", "none"], 2, "the loudspeaker is none"),
        (["--mic", "person.wav"], 2, "person.wav is a recording"),
        (["--mic", "room:nowhere.toml"], 2, "nowhere.toml"),
        (["--mic", "no such thing"], 2, "There is no microphone"),
        (["--show", "--forget"], 2, "cannot be had together"),
        (["--show", "--mic", "room:nowhere.toml"], 3, "nothing is kept of"),
    ],
)
def test_what_cannot_be_calibrated_is_one_message(
    studio: Studio, args: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(studio.folder)
    done = studio.command("calibrate", *args)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(Path(studio.folder).rglob("*.json"))


def test_a_damaged_file_is_told_and_left_out(room: Studio) -> None:
    mic = plan(room, "enr = 0.0", more='[[say]]\nat = 1.0\nwords = "pause"\n', rt60=0.0)
    calibrate(room, mic, "--no-words")
    (kept,) = room.folder.rglob("calibration/*.json")
    kept.write_text("{", "utf-8")
    done = room.command("listen", "--mic", mic)
    assert done.returncode == 0
    assert "The calibration is not used" in done.stderr
    assert '"pause"' in done.stdout
    done = room.command("calibrate", "--show", "--mic", mic)
    assert (done.returncode, "is damaged" in done.stderr) == (3, True)
