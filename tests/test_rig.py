"""The rig gives a live session what it needs to take up a microphone and an ear again, and a recording nothing of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.needs import needs_espeak
from voicecoach.audio.wav import SilentMicrophone, write_wav
from voicecoach.config import load_config
from voicecoach.core.events import Command, Heard
from voicecoach.drive import LiveDrive
from voicecoach.hearing.echo import EchoStage
from voicecoach.hearing.vosk_ear import AddressError
from voicecoach.language import load_language
from voicecoach.ports import EAR_RATE, Folders, VoiceError
from voicecoach.rig import Rig, build_rig
from voicecoach.speech.text_voice import TextVoice
from voicecoach.speech.voice_names import UnknownVoiceError


class LiveMicrophone(SilentMicrophone):
    live, exhausted = True, False


class Ear:
    def hear(self, block: Any, at: float) -> list[Any]:
        return []

    def listen_for(self, commands: Any) -> None: ...
    def coach_says(self, text: Any) -> None: ...
    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.rig.open_ear", lambda *_, **__: (Ear(), "a model"))


def rig(folder: Path, of_routine: str | None = None, **env: str) -> Rig:
    settings = {f"VOICECOACH_{name}": value for name, value in env.items()}
    loaded = load_config(env={"VOICECOACH_VOICE_ENGINE": "text", **settings}, user=folder / "none.toml")
    places = Folders(folder, folder)
    return build_rig(loaded, load_language(), places, env={}, stdin=io.StringIO(), voice_of_routine=of_routine)


def test_a_microphone_in_real_time_can_be_opened_again_and_its_ear_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str | None] = []

    def open_microphone(spec: str | None) -> LiveMicrophone:
        opened.append(spec)
        return LiveMicrophone()

    monkeypatch.setattr("voicecoach.rig.open_microphone", open_microphone)
    made = rig(tmp_path, SOUND_SPEAKER="none", SOUND_MICROPHONE="usb")
    try:
        assert made.reopen is not None
        assert made.rebuild is not None
        assert made.reopen() is not made.microphone
        assert opened == ["usb", "usb"]
        assert made.rebuild() is not made.ear
    finally:
        made.close()


def test_an_ear_built_anew_goes_on_with_what_is_known_of_the_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the coach would be deaf over its own voice again, or obey itself."""
    stages: list[EchoStage | None] = []

    def opened(*_: object, echo: EchoStage | None = None, **__: object) -> tuple[None, None]:
        stages.append(echo)
        return None, None

    monkeypatch.setattr("voicecoach.rig.open_microphone", lambda _: LiveMicrophone())
    monkeypatch.setattr("voicecoach.rig.open_ear", opened)
    made = rig(tmp_path, SOUND_SPEAKER="none", SOUND_MICROPHONE="usb", HEARING_ECHO="always", HEARING_EAR="vosk")
    try:
        assert made.rebuild is not None
        made.rebuild()
        assert made.echo is not None
        assert stages == [made.echo, made.echo]
    finally:
        made.close()


def test_a_recording_and_no_microphone_at_all_are_not_opened_again(tmp_path: Path) -> None:
    write_wav(tmp_path / "silence.wav", np.zeros(EAR_RATE, np.float32), EAR_RATE)
    for microphone in (str(tmp_path / "silence.wav"), "none"):
        made = rig(tmp_path, SOUND_SPEAKER="none", SOUND_MICROPHONE=microphone)
        assert made.reopen is None
        assert made.rebuild is None
        made.close()


def test_an_address_that_no_ear_can_use_is_an_error_and_not_a_reason_to_go_without_an_ear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AddressError('The address "stop" is a command (stop).', mend="another word")

    monkeypatch.setattr("voicecoach.rig.open_ear", refuse)
    monkeypatch.setattr("voicecoach.rig.open_microphone", lambda _: LiveMicrophone())
    with pytest.raises(AddressError, match="is a command"):
        rig(tmp_path, SOUND_SPEAKER="none", HEARING_ADDRESS="stop")


@pytest.mark.parametrize(
    ("of_routine", "chosen", "asked", "short"),
    [
        (None, {}, ["en-us"], False),
        ("en-gb", {}, ["en-gb"], False),
        ("en-gb", {"VOICE_NAME": "en-scotland"}, ["en-scotland"], False),
        ("martian", {}, ["martian", "en-us"], True),
    ],
)
def test_a_routine_s_own_voice_speaks_where_the_person_named_none(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    of_routine: str | None,
    chosen: dict[str, str],
    asked: list[str],
    short: bool,
) -> None:
    names: list[str] = []

    def open_voice(engine: str, name: str, rate: int) -> TextVoice:
        assert engine == "text"
        names.append(name)
        if name == "martian":
            raise UnknownVoiceError(name, ())
        return TextVoice(rate)

    monkeypatch.setattr("voicecoach.rig.open_voice", open_voice)
    made = rig(tmp_path, of_routine=of_routine, SOUND_SPEAKER="none", SOUND_MICROPHONE="none", **chosen)
    try:
        assert names == asked
        assert any("martian" in shortfall.what for shortfall in made.shortfalls) is short
    finally:
        made.close()


@pytest.mark.voice
def test_a_voice_that_was_named_must_be_there_also_where_nothing_is_heard(tmp_path: Path) -> None:
    needs_espeak()
    options = {"voice.name": "zz", "sound.speaker": "none", "sound.microphone": "none"}
    loaded = load_config(env={}, user=tmp_path / "none.toml", options=options)
    folders = Folders(tmp_path / "data", tmp_path / "cache")
    with pytest.raises(VoiceError, match="zz"):
        build_rig(loaded, load_language("en"), folders, env={}, stdin=io.StringIO())


def test_what_is_urgent_does_not_wait_until_all_lines_are_rendered(tmp_path: Path) -> None:
    made = rig(tmp_path, SOUND_SPEAKER="none", SOUND_MICROPHONE="none")
    try:
        drive = made.drive()
        assert isinstance(drive, LiveDrive)
        texts = [f"Line {number}." for number in range(20)]
        assert len(made.prepare(texts)) == 20

        def say(done: int, total: int) -> None:
            assert total == 20
            if done in {3, 5}:
                drive.put(Heard(0.0, Command.NEXT if done == 3 else Command.PAIN))

        assert list(made.prepare(texts, say)) == texts[:5], "but what is not urgent waits"
        assert [drive.advance(None)[0], drive.advance(None)[0]] == [
            Heard(0.0, Command.NEXT),
            Heard(0.0, Command.PAIN),
        ]
        assert len(made.prepare(texts)) == 20, "it was taken"
    finally:
        made.close()
