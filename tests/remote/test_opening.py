"""What the configuration opens: nothing by default; what is written wrongly is an error, what does not work is told."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.needs import needs_pins
from tests.remote.broker import free_port
from voicecoach.cli.players import shortfalls_of
from voicecoach.config import ConfigError, Loaded, load_config, shown
from voicecoach.record import Record, record
from voicecoach.remote import remotes as module
from voicecoach.remote.glance import Glance, Pain
from voicecoach.remote.remotes import Remotes, mqtt_password, open_remotes
from voicecoach.rig import NO_KEYS, Rig

HIDDEN = "open-sesame-51c3"


def loaded(tmp_path: Path, text: str = "", env: dict[str, str] | None = None, mode: int = 0o600) -> Loaded:
    file = tmp_path / "own.toml"
    file.write_text(text)
    file.chmod(mode)
    return load_config(file=file, env=env or {}, user=tmp_path / "none.toml")


def test_nothing_is_open_by_default(tmp_path: Path) -> None:
    remotes = open_remotes(loaded(tmp_path), lambda: ())
    assert (remotes.sources, remotes.shortfalls, remotes.attended) == ([], [], False)
    remotes.close()


def test_what_does_not_work_is_told_and_the_rest_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "native")
    needs_pins()
    from gpiozero import Device

    monkeypatch.setattr(Device, "pin_factory", None)
    text = f"""
[mqtt]
host = "127.0.0.1"
port = {free_port()}
[socket]
path = "{tmp_path}/no/such/folder/s"
[gpio]
buttons = {{ 17 = "next" }}
lights = {{ 18 = "session" }}
"""
    remotes = open_remotes(loaded(tmp_path, text), lambda: ())
    try:
        assert len(remotes.sources) == 1, "the broker may still come"
        whats = [shortfall.what for shortfall in remotes.shortfalls]
        assert [what.split()[0] for what in whats] == ["Home", "The", "Buttons"], "pins are lacking once"
        assert all(shortfall.mend for shortfall in remotes.shortfalls)
        assert "PinFactory" not in " ".join(whats)
        assert not remotes.attended
    finally:
        remotes.close()
        remotes.close()


def test_one_that_fails_is_left_out_and_neither_the_session_nor_the_others_notice() -> None:
    class Failing:
        ended = True
        closed = 0

        def start(self) -> None: ...

        def close(self) -> None:
            self.closed += 1

        def show(self, glance: Glance, entry: Record | None = None) -> None:
            raise ZeroDivisionError

    class Keeping(Failing):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def show(self, glance: Glance, entry: Record | None = None) -> None:
            self.seen.append(glance.state)

    told: list[str] = []
    failing, keeping = Failing(), Keeping()
    remotes = Remotes(sources=[failing, keeping], tell=told.append)
    for mode in ("hold", "rest"):
        remotes(record(1.0, "mode", mode=mode))
    assert keeping.seen == ["hold", "rest"]
    assert told == ["Failing has failed, and is left out: ZeroDivisionError"]
    assert (failing.closed, keeping.closed) == (1, 0)


def test_a_coach_that_hears_nobody_tells_what_steers_it(tmp_path: Path) -> None:
    rig = SimpleNamespace(shortfalls=[NO_KEYS])
    assert shortfalls_of(cast("Rig", rig), Remotes()) == [NO_KEYS]
    remotes = open_remotes(loaded(tmp_path, f'[socket]\npath = "{tmp_path}/s"\n'), lambda: ())
    try:
        [told] = shortfalls_of(cast("Rig", rig), remotes)
    finally:
        remotes.close()
    assert told.what == "Nobody can be heard: the coach obeys only what comes from outside (the socket)."
    assert "terminal" not in told.mend


def test_a_broker_that_never_answers_does_not_hold_up_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_ANSWER", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        text = f'[mqtt]\nhost = "127.0.0.1"\nport = {silent.getsockname()[1]}\n'
        remotes = open_remotes(loaded(tmp_path, text), lambda: ())
        assert "does not answer" in remotes.shortfalls[0].what
        remotes.close()


# --- Secrets ----------------------------------------------------------------------------------------------------------


def test_a_file_that_holds_a_secret_and_is_open_to_others_is_refused_with_what_mends_it(tmp_path: Path) -> None:
    for text in (f"[mqtt]\npassword = '{HIDDEN}'\n", f"[alert]\nwebhook = 'https://example.org/{HIDDEN}'\n"):
        with pytest.raises(ConfigError) as caught:
            loaded(tmp_path, text, mode=0o644)
        assert str(caught.value).startswith(f"{tmp_path / 'own.toml'}:2: ")
        assert f"chmod 600 {tmp_path / 'own.toml'}" in str(caught.value)
        assert HIDDEN not in str(caught.value)
        assert "you, and a group that you let in" in str(caught.value)
        for mode in (0o640, 0o660):  # which group that is, is theirs to decide
            loaded(tmp_path, text, mode=mode)
    loaded(tmp_path, "[mqtt]\npassword = ''\nhost = 'broker'\n", mode=0o644)


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    made = loaded(tmp_path, f"[mqtt]\nusername = 'a'\npassword = '{HIDDEN}'\n")
    assert mqtt_password(made) == HIDDEN
    assert HIDDEN not in repr(made)
    assert shown("mqtt.password", HIDDEN) == "…"
    assert shown("mqtt.password", "") == ""
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, "[mqtt]\npassword = 12345678\n")
    assert "12345678" not in str(caught.value)


def test_a_password_may_come_by_the_environment_or_a_file(tmp_path: Path) -> None:
    made = loaded(tmp_path, "[mqtt]\nusername = 'a'\n", {"VOICECOACH_MQTT_PASSWORD": HIDDEN})
    assert mqtt_password(made) == HIDDEN
    secret = tmp_path / "secret"
    secret.write_text(f"{HIDDEN}\nmore\n")
    secret.chmod(0o600)
    made = loaded(tmp_path, f"[mqtt]\nusername = 'a'\npassword_file = '{secret}'\n")
    assert mqtt_password(made) == HIDDEN
    secret.chmod(0o640)
    assert mqtt_password(made) == HIDDEN


def test_files_may_be_named_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/home-assistant.md names them; and the certificate is read, where a broker is connected to."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "secret").write_text(HIDDEN)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "ca.crt").write_text("no certificate")
    text = "[mqtt]\nhost = '127.0.0.1'\nusername = 'a'\npassword_file = '~/secret'\ntls = true\nca_file = '~/ca.crt'\n"
    made = loaded(tmp_path, f"{text}port = {free_port()}\n")
    assert mqtt_password(made) == HIDDEN
    remotes = open_remotes(made, lambda: ())
    remotes.close()
    assert "No such file" not in remotes.shortfalls[0].what, "it was found, and is none"
    assert "SSLError" in remotes.shortfalls[0].what


def test_behind_playing_it_is_about_to_begin_and_neither_hears_anew_nor_forgets_pain() -> None:
    remotes = Remotes()
    remotes(record(0.0, "standby", state="starting", routine="a", resumes=False))
    remotes.playing("a")
    assert (remotes.glance.state, remotes.glance.routine, remotes.glance.runs) == ("starting", "a", False)
    for entry in (
        record(1.0, "mode", mode="pain"),
        record(1.0, "note", kind="pain", exercise="bridge"),
        record(1.0, "volume", level=0.4),
        record(2.0, "deafened"),
        record(3.0, "end", reason="ended"),
    ):
        remotes(entry)
    remotes.playing(None)
    assert remotes.glance == Glance("idle", volume=0.4, hears=False, pain=Pain("bridge"))
    remotes(record(4.0, "hearing"))
    remotes.playing("b")
    assert remotes.glance.hears
    remotes.playing("b", hears=False)
    assert not remotes.glance.hears


WRONG: list[tuple[str, int, str, str]] = [
    ("password_file = '{tmp}/none'", 2, "there is no such file", "password"),
    ("password_file = '{tmp}'", 2, "there is no such file", "password"),
    ("password_file = '{tmp}/open'", 2, "everybody on this machine may read", "chmod 600"),
    ("password_file = '{tmp}/empty'", 2, "no password", "1 to"),
    ("password_file = '{tmp}/bytes'", 2, "no text", "a file of yours"),
    ("password_file = '{tmp}/good'\npassword = 'x'", 2, "there is a password already", "one of"),
    ("password = 'x'\nusername = ''", 3, "no name", "the broker knows"),
    ("ca_file = '/x'\ntls = false", 3, "TLS is off", "true"),
    ("tls = true\nca_file = '{tmp}/none'", 3, "no such file", "certificate"),
]


@pytest.mark.parametrize(("text", "line", "problem", "allowed"), WRONG)
def test_what_is_written_wrongly_is_told_with_its_place(
    tmp_path: Path, text: str, line: int, problem: str, allowed: str
) -> None:
    for name, data in {"open": b"x", "empty": b"\n", "bytes": b"\xff\xfe", "good": b"x"}.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(0o644 if name == "open" else 0o600)
    made = loaded(tmp_path, f"[mqtt]\n{text.format(tmp=tmp_path)}\nhost = 'x'\n")
    with pytest.raises(ConfigError) as caught:
        open_remotes(made, lambda: ())
    assert str(caught.value).startswith(f"{tmp_path / 'own.toml'}:{line}: ")
    assert problem in str(caught.value)
    assert allowed in str(caught.value).partition("(allowed: ")[2]


SETTINGS: list[tuple[str, str]] = [
    ("[mqtt]\nhost = 'mqtt://broker'", "without"),
    ("[mqtt]\nport = 70000", "at most 65535"),
    ("[mqtt]\ntopic = 'a/+/b'", "letters, digits"),
    ("[mqtt]\ntopic = ''", "letters, digits"),
    ("[mqtt]\ndiscovery = '#'", "letters, digits"),
    ("[mqtt]\nclient_id = 'a b'", "up to 64"),
    ("[mqtt]\nname = ' '", "1 to 60 characters"),
    ("[mqtt]\ntls = 'yes'", "true, false"),
    ("[socket]\npath = 3", "in quotes"),
    ("[gpio]\nhold = 0.1", "at least 0.2"),
    ("[gpio]\nbuttons = { 17 = 'jump' }", "start gentle-start"),
    ("[gpio]\nbuttons = { 17 = 3 }", "in quotes"),
    ("[gpio]\nbuttons = 17", "{ this ="),
    ("[gpio]\nlights = { 40 = 'session' }", "0 to 27"),
    ("[gpio]\nlights = { 17 = 'disco' }", "listening, session, attention"),
    ("[gpio]\nbuttons = { 17 = 'next' }\nlights = { 17 = 'session' }", "another pin"),
]


@pytest.mark.parametrize(("text", "words"), SETTINGS)
def test_a_wrong_setting_is_one_clear_error(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, f"{text}\n")
    message: Any = str(caught.value)
    assert message.startswith(f"{tmp_path / 'own.toml'}:{2 + text.count(chr(10)) - 1}: ")
    assert words in message.partition("(allowed: ")[2]
    assert "\n" not in message


def test_pins_may_come_by_the_environment(tmp_path: Path) -> None:
    made = loaded(tmp_path, env={"VOICECOACH_GPIO_BUTTONS": '{"17": "next"}'})
    assert made.config.gpio.buttons == {"17": "next"}
    for text in ("17", "{", '{"17": 3}'):
        with pytest.raises(ConfigError, match="VOICECOACH_GPIO_BUTTONS"):
            loaded(tmp_path, env={"VOICECOACH_GPIO_BUTTONS": text})
