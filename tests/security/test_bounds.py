"""What a person, or somebody who means harm, may put before it: one sentence, soon, and nothing that a terminal obeys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicecoach.cli import main
from voicecoach.language import LanguageError, load_language

ROOT = Path(__file__).parents[2]
DIGITS, DEEP, ESCAPE = "9" * 10_000, "[" * 10_000, "\x1b]0;evil\x07\x1b[2J"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("VOICECOACH_", "VOSK_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*args: str, code: int = 2) -> str:
    result = CliRunner().invoke(main, args, prog_name="voicecoach")
    assert result.exit_code == code, (result.output, result.exception)
    assert len(result.output) < 3000
    assert all(mark.isprintable() or mark == "\n" for mark in result.output), result.output
    return result.output


SETTINGS = {
    "digits": f"[sound]\nrate = {DIGITS}\n",
    "hexadecimal digits": f"[sound]\nrate = 0x{DIGITS}\n",
    "depth": f"[serve]\ntimetable = {DEEP}\n",
    "a deep key": "[sound]\n" + "a." * 10_000 + "b = 1\n",
    "a long line": f"[sound]\nspeaker = {'x' * 200_000}\n",
    "a large file": "#" * 300_000,
    "a long word": f"[hearing]\naddress = '{'x1' * 50_000}'\n",
    "an escape in a value": f"[serve]\ntimetable = ['{ESCAPE.encode('unicode_escape').decode()}']\n".replace("'", '"')
    .replace("\\x1b", "\\u001b")
    .replace("\\x07", "\\u0007"),
    "an escape in a key": '[sound]\n"\\u001b[2J" = 1\n',
    "an escape in a section": '["\\u001b[2J"]\n',
    "an escape in a pin": '[gpio.buttons]\n"\\u001b[2J" = "pause"\n',
    "an escape in an action": '[gpio.buttons]\n17 = "\\u001b[2J"\n',
    "an escape in a name": '[mqtt]\nname = "\\u001b[2J"\n',
    "zero": "[sound]\x00\n",
}


@pytest.mark.parametrize("harm", SETTINGS)
def test_a_configuration_that_means_harm(home: Path, harm: str) -> None:
    (home / "own.toml").write_text(SETTINGS[harm], "utf-8")
    assert "own.toml" in refused("--config", "own.toml", "list")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOUND_RATE", DIGITS),
        ("SOUND_VOLUME", "1" + "0" * 10_000),
        ("SOUND_VOLUME", "nan"),
        ("GPIO_BUTTONS", DEEP),
        ("GPIO_BUTTONS", '{"17": "' + "x" * 100_000 + '"}'),
        ("SERVE_TIMETABLE", ESCAPE),
        ("HEARING_ADDRESS", ESCAPE),
        ("NONSENSE", ESCAPE),
    ],
)
def test_a_variable_that_means_harm(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"VOICECOACH_{name}", value)
    assert f"VOICECOACH_{name}" in refused("list")


ROUTINES = {
    "digits": f"title = 'x'\n[[exercise]]\nuse = 'bridge'\nreps = {DIGITS}\n",
    "depth": f"title = {DEEP}\n",
    "deep tables": "title = 'x'\n[" + "a." * 10_000 + "b]\n",
    "a long line": f"title = 'x'\n# {'x' * 300_000}\n",
    "an escape": 'title = "\\u001b[2J"\n[[exercise]]\nuse = "bridge"\n',
    "a bell in an unknown key": 'title = "x"\n"\\u0007" = 1\n[[exercise]]\nuse = "bridge"\n',
    "writing turned round": 'title = "gnp.\\u202eexe"\n[[exercise]]\nuse = "bridge"\n',
}


@pytest.mark.parametrize("command", ["check", "rehearse", "run", "show"])
@pytest.mark.parametrize("harm", ROUTINES)
def test_a_routine_that_means_harm(home: Path, harm: str, command: str) -> None:
    (home / "r.toml").write_text(ROUTINES[harm], "utf-8")
    assert "r.toml" in refused(command, "r.toml")


def test_names_and_options_that_mean_harm(home: Path) -> None:
    (home / "r.toml").write_text("title = 'x'\n[[exercise]]\nuse = 'bridge'\n", "utf-8")
    for args in (
        ("rehearse", ESCAPE),
        ("rehearse", "x" * 500),
        ("rehearse", "r.toml", "--say", f"pause@{DIGITS[:400]}"),
        ("rehearse", "r.toml", "--say", f"{ESCAPE}@5"),
        ("rehearse", "r.toml", "--say", "pause@nan"),
        ("serve", "--clock", DIGITS[:400]),
        ("send", "volume", DIGITS[:400]),
    ):
        refused(*args)


LANGUAGES = {
    "digits": f"name = {DIGITS}\n",
    "depth": f"name = {DEEP}\n",
    "a large file": "#" * 300_000,
    "an escape": 'name = "\\u001b[2J"\ncode = "xx"\n',
    "an escape in a key": '"\\u001b[2J" = 1\n',
}


@pytest.mark.parametrize("harm", LANGUAGES)
def test_a_language_that_means_harm(home: Path, harm: str) -> None:
    folder = home / ".local" / "share" / "voicecoach" / "languages"
    folder.mkdir(parents=True)
    (folder / "xx.toml").write_text(LANGUAGES[harm], "utf-8")
    (home / "r.toml").write_text("title = 'x'\nlanguage = 'xx'\n[[exercise]]\nuse = 'bridge'\n", "utf-8")
    assert "xx" in refused("rehearse", "r.toml")


def test_a_language_whose_sentences_hold_commands_for_the_terminal(home: Path) -> None:
    folder = home / ".local" / "share" / "voicecoach" / "languages"
    folder.mkdir(parents=True)
    english = (ROOT / "voicecoach" / "language" / "en.toml").read_text("utf-8")
    spoilt = english.replace('code = "en"', 'code = "xx"').replace("Well done.", "Well done.\\u001b[2J")
    assert spoilt.count("\\u001b") > 0
    (folder / "xx.toml").write_text(spoilt, "utf-8")
    (home / "r.toml").write_text(
        "title = 'x'\nlanguage = 'xx'\n[[exercise]]\nname = 'Bridge'\nposition = 'hook-lying'\nexit = 'Down.'\ntime = '5 s'\n",
        "utf-8",
    )
    assert "U+001B" in refused("rehearse", "r.toml")


def test_the_words_of_a_language_are_a_short_file(home: Path) -> None:
    folder = home / ".local" / "share" / "voicecoach" / "languages"
    folder.mkdir(parents=True)
    (folder / "xx.toml").write_text((ROOT / "voicecoach" / "language" / "en.toml").read_text("utf-8"), "utf-8")
    (folder / "xx.words").symlink_to("/dev/zero")
    with pytest.raises(LanguageError, match="is no ordinary file"):
        load_language("xx")
