"""The file of a pair of devices: whole, or told and left out."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.calibration.test_measures import GOOD
from voicecoach.calibration import store
from voicecoach.calibration.interview import Try
from voicecoach.calibration.store import Calibration, Figures, Pair, StaleError, Word
from voicecoach.calibration.use import ROOMS_OWN, again, calibrated, fitted, pair_of
from voicecoach.config import Config, load_config
from voicecoach.core.events import URGENT, Command
from voicecoach.language import load_language
from voicecoach.ports import Shortfall

PAIR = Pair("USB speaker", "Yeti: 2")
ENGLISH = load_language()


def calibration(pair: Pair = PAIR, **changed: Any) -> Calibration:
    tries = (Try("skip this", Command.SKIP, None, "[unk]"), Try("pain", Command.PAIN, Command.TEN, "ten"))
    made = Calibration(
        version=1,
        made=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        loudspeaker=pair.loudspeaker,
        microphone=pair.microphone,
        language="en",
        volume=0.6,
        devices=Figures.of(GOOD),
        words=tuple(map(Word.of, tries)),
        left_out=("skip this",),
        better=("skip exercise",),
    )
    return made.model_copy(update=changed)


def config(folder: Path, **sound: str) -> Config:
    return load_config(
        env={f"VOICECOACH_SOUND_{key.upper()}": value for key, value in sound.items()}, user=folder / "none.toml"
    ).config


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    kept = calibration()
    path = store.save(tmp_path, kept)
    found = store.load(tmp_path, PAIR)
    assert found == kept
    assert found is not None
    assert found.devices.devices == GOOD
    assert found.tries[1] == Try("pain", Command.PAIN, Command.TEN, "ten")
    assert json.loads(path.read_text("utf-8"))["version"] == 1
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "nothing is left of the writing"
    assert path.stat().st_mode & 0o077 == 0, "a person's voice is nobody else's business"


def test_pairs_are_kept_apart_and_forgotten_one_by_one(tmp_path: Path) -> None:
    others = [Pair("USB speaker", "Yeti 2"), Pair("USB speaker and Yeti: 2", ""), Pair("Yeti: 2", "USB speaker")]
    for number, pair in enumerate([PAIR, *others]):
        store.save(tmp_path, calibration(pair, volume=number / 10))
    assert [found and found.volume for found in (store.load(tmp_path, pair) for pair in [PAIR, *others])] == [
        0.0,
        0.1,
        0.2,
        0.3,
    ]
    assert store.forget(tmp_path, PAIR)
    assert not store.forget(tmp_path, PAIR)
    assert store.load(tmp_path, PAIR) is None
    assert store.load(tmp_path, others[0]) is not None


@pytest.mark.parametrize(
    ("loudspeaker", "microphone", "name"),
    [
        (
            ROOMS_OWN,
            "room:/home/ana/a very long way/down/there/below/bedroom.toml",
            "the-rooms-loudspeaker-and-room-bedroom",
        ),
        ("HDA Intel PCH: ALC257 Analog (hw:0,0) front left", "Yeti: 2", "hda-intel-pch-alc257-analog-hw-0-and-yeti-2"),
        ("ß", "x" * 500, f"and-{'x' * 32}"),
        ("音", "音", "and"),
    ],
)
def test_a_file_is_named_by_whole_words_of_its_devices(
    tmp_path: Path, loudspeaker: str, microphone: str, name: str
) -> None:
    path = store.path_of(tmp_path, Pair(loudspeaker, microphone))
    assert path.name.rpartition("-")[0] == name


@pytest.mark.parametrize(
    ("sound", "command"),
    [
        ({}, "voicecoach calibrate"),
        ({"speaker": "USB speaker"}, "voicecoach calibrate --speaker 'USB speaker'"),
        ({"microphone": "2", "speaker": "usb"}, "voicecoach calibrate --mic 2 --speaker usb"),
        ({"microphone": "room:my plan.toml", "speaker": "coach.wav"}, "voicecoach calibrate --mic 'room:my plan.toml'"),
    ],
)
def test_the_command_that_mends_names_the_devices(tmp_path: Path, sound: dict[str, str], command: str) -> None:
    assert again(config(tmp_path, **sound)) == command


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ("null", "is damaged"),
        ("\0" * 100, "is damaged"),
        ("[" * 100_000, "is damaged"),
        ('{"version": 1}', "is damaged"),
        ('{"version": 2}', "is of another version (2; this one knows 1)"),
        ('{"version": "x"}', "is of another version"),
        ("volume=7", "is damaged"),
        ("drift=1e9", "is damaged"),
        ("command=dance", "is damaged"),
        ("microphone=other", "is of other devices"),
    ],
)
def test_what_cannot_be_understood_is_told_and_left_out(tmp_path: Path, text: str, why: str) -> None:
    path = store.save(tmp_path, calibration())
    key, _, value = text.partition("=")
    if value:
        table = json.loads(path.read_text("utf-8"))
        where = {"drift": table["devices"], "command": table["words"][0]}.get(key, table)
        where[key] = float(value) if key in {"volume", "drift"} else value
        text = json.dumps(table)
    path.write_text(text, "utf-8")
    with pytest.raises(StaleError, match=r".json is ") as caught:
        store.load(tmp_path, PAIR)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    store.save(tmp_path, calibration())
    assert store.load(tmp_path, PAIR) == calibration()


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.save(tmp_path, calibration())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.save(tmp_path, calibration(volume=0.1))
    assert store.load(tmp_path, PAIR) == calibration()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_session_finds_what_was_kept_of_its_room_and_is_told_of_damage(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    pair = Pair(ROOMS_OWN, f"room:{plan}")
    room = config(tmp_path, microphone=f"room:{plan}")
    told: list[Shortfall] = []
    assert calibrated(room, tmp_path, told) is None
    path = store.save(tmp_path, calibration(pair))
    assert calibrated(room, tmp_path, told) == calibration(pair)
    assert not told
    path.write_text("{", "utf-8")
    assert calibrated(room, tmp_path, told) is None
    assert [shortfall.mend for shortfall in told] == [f"voicecoach calibrate --mic room:{plan}"]
    assert told[0].what == f"The calibration is not used: {path} is damaged."


def test_a_room_is_the_same_by_any_path_and_a_recording_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = pair_of(config(tmp_path, microphone="room:plan.toml"))
    assert here == pair_of(config(tmp_path, microphone=f"room:{tmp_path}/plan.toml", speaker="out.wav"))
    assert pair_of(config(tmp_path, microphone="person.wav")) is None
    assert pair_of(config(tmp_path, microphone="none")) is None
    assert pair_of(config(tmp_path, speaker="out.wav")) is None


def test_a_phrase_that_fails_is_not_listened_for_and_the_better_one_comes_first() -> None:
    language = fitted(ENGLISH, calibration())
    assert language.phrases_of(Command.SKIP) == ("skip exercise",)
    assert fitted(ENGLISH, calibration(left_out=(), better=("ouch",))).phrases_of(Command.PAIN)[0] == "ouch"
    assert fitted(ENGLISH, calibration(language="de")) is ENGLISH
    assert ENGLISH.phrases_of(Command.SKIP) == ("skip this", "skip exercise")


@pytest.mark.parametrize("command", Command)
def test_no_file_makes_a_command_unsayable(command: Command) -> None:
    phrases = ENGLISH.phrases_of(command)
    assert ENGLISH.without(phrases).phrases_of(command) == phrases
    everything = ENGLISH.without(tuple(ENGLISH.phrases))
    assert everything.phrases_of(command) == phrases
    if command in URGENT:
        # One that is only heard while no answer sounds like it is not enough.
        firm = [phrase for phrase in phrases if not ENGLISH.yields.get(phrase)]
        assert ENGLISH.without(firm).phrases_of(command) == phrases
        assert set(ENGLISH.without(firm[1:]).phrases_of(command)) == set(phrases) - set(firm[1:])


def test_a_phrase_that_is_left_out_yields_to_nothing() -> None:
    language = ENGLISH.without(("freeze",))
    assert language.phrases_of(Command.STOP) == ("stop",)
    assert "freeze" not in language.yields
