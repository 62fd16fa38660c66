"""The configuration: precedence, origins, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicecoach.config import ConfigError, keys, load_config
from voicecoach.shipped import shipped


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "user.toml"


def test_the_shipped_file_alone_is_whole(user: Path) -> None:
    loaded = load_config(env={}, user=user)
    assert set(loaded.origins) == set(keys())
    assert loaded.config.voice.rate == 160


def test_precedence_and_origins(user: Path, tmp_path: Path) -> None:
    user.write_text("[voice]\nrate = 110\nname = 'a'\n[pace]\nlift = 1\nlower = 1\n")
    own = tmp_path / "own.toml"
    own.write_text("[voice]\nrate = 120\n[pace]\nlower = 2.5\n")
    env = {"VOICECOACH_VOICE_RATE": "130", "HOME": "/x", "VOICECOACH_PACE_REST": "12.5"}
    loaded = load_config(file=own, env=env, user=user, options={"voice.rate": 140, "voice.name": None})
    voice, pace = loaded.config.voice, loaded.config.pace
    assert (voice.rate, voice.name, pace.lift, pace.lower, pace.rest) == (140, "a", 1, 2.5, 12.5)
    assert str(loaded.origins["voice.rate"]) == "option"
    assert str(loaded.origins["voice.name"]) == f"{user}:3"
    assert str(loaded.origins["pace.lower"]) == f"{own}:4"
    assert str(loaded.origins["pace.rest"]) == "VOICECOACH_PACE_REST"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[voice]\nrat = 1\n", 2, "did you mean 'rate'"),
        ("[vioce]\nrate = 1\n", 1, "did you mean 'voice'"),
        ("\n[voice]\nrate = 9000\n", 3, "at most 300"),
        ("[voice]\nrate = 'fast'\n", 2, "whole number"),
        ("[voice]\nrate = true\n", 2, "whole number"),
        ("[hearing]\near = 'both'\n", 2, "auto, vosk, keys, none"),
        ("[pace]\nlift = nan\n", 2, "lift"),
        ("[pace]\nlift = inf\n", 2, "lift"),
        ("voice = 3\n", 1, "[voice]"),
    ],
)
def test_a_wrong_value_is_one_clear_error(user: Path, text: str, line: int, words: str) -> None:
    user.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(env={}, user=user)
    assert str(caught.value).startswith(f"{user}:{line}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("VOICECOACH_VOICE_RATE", "quick", "whole number"), ("VOICECOACH_VOICE_RTE", "1", "did you mean")],
)
def test_a_wrong_variable_is_named(user: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(env={name: value}, user=user)
    assert name in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"voice = [", b"[voice\nrate = 3"])
def test_bytes_that_are_no_toml_are_refused(user: Path, content: bytes) -> None:
    user.write_bytes(content)
    with pytest.raises(ConfigError, match="user"):
        load_config(env={}, user=user)


def test_an_empty_file_changes_nothing(user: Path) -> None:
    user.write_bytes(b"")
    assert load_config(env={}, user=user).config == load_config(env={}, user=user.with_name("none")).config


def test_a_config_file_that_is_not_there_is_an_error(tmp_path: Path, user: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(file=tmp_path / "none.toml", env={}, user=user)


def test_every_key_is_explained_where_it_stands() -> None:
    lines = shipped("config.toml").read_text("utf-8").splitlines()
    for key in keys():
        name = key.split(".")[1]
        assert any(line.startswith(f"{name} =") and "#" in line for line in lines), key
