"""The configuration: precedence, origins, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicecoach.alert import ALERT_VARIABLES
from voicecoach.config import ConfigError, keys, load_config, shown
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
        ("[hearing]\ncheck = 'often'\n", 2, "auto, always, never"),
        ("[hearing]\naddress = 'hey you'\n", 2, 'letters, such as "coach"'),
        ("[hearing]\naddress = 'c3'\n", 2, 'letters, such as "coach"'),
        ("[session]\nask_effort = 1\n", 2, "true, false"),
        ("[session]\nask_effort = 'no'\n", 2, "true, false"),
        ("[safety]\nemergency_number = 112\n", 2, "in quotes"),
        ("[safety]\nemergency_number = ''\n", 2, "digits and spaces"),
        ("[safety]\nemergency_number = '+'\n", 2, "digits and spaces"),
        ("[safety]\nemergency_number = '11+2'\n", 2, "digits and spaces"),
        ("[safety]\nemergency_number = 'call me'\n", 2, "digits and spaces"),
        ("[alert]\ncommand = 'say \"help'\n", 2, "every quote closed"),
        ("[alert]\nwebhook = 'example.org'\n", 2, "an http or https address"),
        ("[alert]\nwebhook = 'file:///tmp/x'\n", 2, "an http or https address"),
        ("[alert]\nwebhook = 'https://me:word@example.org/'\n", 2, "an address without"),
        ("[serve]\ntimetable = 'weekdays 08:00 x'\n", 2, 'this must be a list (allowed: ["one line", "another"])'),
        ("[alert]\ntimeout = 0\n", 2, "at least 1"),
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
    [
        ("VOICECOACH_VOICE_RATE", "quick", "whole number"),
        ("VOICECOACH_VOICE_RTE", "1", "did you mean"),
        ("VOICECOACH_SESSION_ASK_EFFORT", "perhaps", "true, false"),
        ("VOICECOACH_SESSION_ASK_EFFORT", "", "true, false"),
        ("VOICECOACH_SAFETY_EMERGENCY_NUMBER", "9-1-1", "digits and spaces"),
    ],
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


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("false", False), ("False", False), ("1", True), ("0", False), ("no", False)]
)
def test_a_variable_can_be_true_or_false(user: Path, text: str, value: bool) -> None:
    loaded = load_config(env={"VOICECOACH_SESSION_ASK_EFFORT": text}, user=user)
    assert loaded.config.session.ask_effort is value
    assert str(loaded.origins["session.ask_effort"]) == "VOICECOACH_SESSION_ASK_EFFORT"


def test_nobody_is_told_unless_it_is_set_up(user: Path) -> None:
    config = load_config(env={}, user=user).config
    assert (config.alert.command, config.alert.webhook, config.alert.timeout) == ("", "", 10.0)
    assert (config.safety.emergency_number, config.session.ask_effort, config.hearing.check) == ("112", True, "auto")


@pytest.mark.parametrize("number", ["112", "+49 30 123", "911", "0800 111 0 111"])
def test_a_number_that_can_be_dialled_is_taken(user: Path, number: str) -> None:
    loaded = load_config(env={"VOICECOACH_SAFETY_EMERGENCY_NUMBER": number}, user=user)
    assert loaded.config.safety.emergency_number == number


def test_what_an_alert_tells_its_program_is_no_setting(user: Path) -> None:
    """The program may well run voicecoach itself."""
    env = dict.fromkeys(ALERT_VARIABLES, "x")
    assert load_config(env=env, user=user).config == load_config(env={}, user=user).config


def test_a_secret_shows_in_no_error_and_no_repr(user: Path) -> None:
    address = "https://hooks.example.org/T00/abc"
    loaded = load_config(env={"VOICECOACH_ALERT_WEBHOOK": address}, user=user)
    assert loaded.config.alert.webhook == address
    assert "abc" not in repr(loaded)
    assert shown("alert.webhook", address) == "https://hooks.example.org/…"
    assert shown("voice.name", "en-us") == "en-us"
    with pytest.raises(ConfigError) as caught:
        load_config(env={"VOICECOACH_ALERT_WEBHOOK": "ftp://hooks.example.org/T00/abc"}, user=user)
    assert "abc" not in str(caught.value)
    assert 'alert.webhook = "ftp://hooks.example.org/…"' in str(caught.value)


HIDDEN = "open-sesame-51c3"


@pytest.mark.parametrize(
    "text",
    [
        f'[mqtt]\npassword = "{HIDDEN}\n',
        f"[mqtt]\npassword = {HIDDEN}!\n",
        f"[mqtt]\npassword {HIDDEN}\n",
        f"[mqtt]\npassword =\n{HIDDEN}\n",
        f'[mqtt]\npassword = """\n{HIDDEN}\n',
        f'[mqtt]\npassword = "x"\npassword = "{HIDDEN}"\n',
        f"[alert]\nwebhook = \u201chttps://example.org/{HIDDEN}\u201d\n",
        f"[alert]\ncommand = 'curl -H \"Authorization: Bearer {HIDDEN}'\n",
        f"[alert]\ncommand = ['curl', '{HIDDEN}']\n",
    ],
)
def test_a_slip_in_the_file_shows_no_secret(user: Path, text: str) -> None:
    user.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(env={}, user=user)
    assert HIDDEN not in caught.value.shown
    assert caught.value.shown.startswith(f"{user}:")
    assert (caught.value.line or 0) >= 2


def test_a_password_in_the_name_of_a_server_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[mqtt]\nhost = "mqtt://coach:S3cret@broker.local"\n', "utf-8")
    with pytest.raises(ConfigError, match="no name of a server") as caught:
        load_config(env={}, user=path)
    assert "S3cret" not in str(caught.value)
    assert "broker.local" in str(caught.value)


@pytest.mark.parametrize(
    ("command", "seen"),
    [
        (f"curl -H 'Authorization: Bearer {HIDDEN}' https://example.org", "curl …"),
        (f"'/opt/my call' --token {HIDDEN}", "/opt/my call …"),
        (f"TOKEN={HIDDEN} call", "TOKEN=…"),
        (f"TOKEN={HIDDEN}", "TOKEN=…"),
        (f"call '{HIDDEN}", "…"),
        ("/opt/call", "/opt/call"),
        ("", ""),
    ],
)
def test_of_a_command_only_the_program_is_shown(command: str, seen: str) -> None:
    assert shown("alert.command", command) == seen


def test_the_arguments_of_a_command_show_in_no_repr(user: Path) -> None:
    loaded = load_config(env={"VOICECOACH_ALERT_COMMAND": f"call {HIDDEN}"}, user=user)
    assert loaded.config.alert.command == f"call {HIDDEN}"
    assert HIDDEN not in repr(loaded)


def test_a_program_without_arguments_is_no_secret(user: Path) -> None:
    user.write_text("[alert]\ncommand = '/opt/call'\n")
    user.chmod(0o644)
    assert load_config(env={}, user=user).config.alert.command == "/opt/call"
