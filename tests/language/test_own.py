"""A language of one's own: a file in the data folder is enough, and what it lacks is told with file, line and key."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import voicecoach.language
from voicecoach.cli import main
from voicecoach.core.events import Command, Line
from voicecoach.language import LanguageError, Plural, languages, load_language

ENGLISH = (Path(voicecoach.language.__file__).parent / "en.toml").read_text("utf-8")
PLURALS = """
[plurals]
one = { is = [1] }
few = { ends = [2, 3, 4], but_not = [12, 13, 14] }
"""


def tiny() -> str:
    """English with another name, a word of its own for "next", and the three forms that Polish has."""
    text = ENGLISH.replace('name = "English"', 'name = "Tiny"').replace('code = "en"', 'code = "xx"')
    text = text.replace('next = ["next", "next exercise"]', 'next = ["dalej"]')
    text = text.replace("[sentences]", f"{PLURALS}\n[sentences]")
    text = re.sub(r'one = "([^"]*)", other = "([^"]*)"', r'one = "\1", few = "few: \2", other = "\2"', text)
    return text.replace('"Rest as you are."', '"Lez spokojnie."')


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("VOICECOACH_")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    folder = tmp_path / "data" / "voicecoach"
    (folder / "languages").mkdir(parents=True)
    return folder


def put(home: Path, text: str, code: str = "xx") -> Path:
    # Every text is read once only, so each has a name of its own folder: tmp_path.
    path = home / "languages" / f"{code}.toml"
    path.write_text(text, "utf-8")
    return path


def run(*args: str, code: int = 0, **env: str) -> Result:
    result = CliRunner().invoke(main, args, env=env)
    assert result.exit_code == code, result.output
    return result


def test_a_file_in_the_data_folder_is_a_language(home: Path) -> None:
    put(home, tiny())
    assert "xx" in languages()
    language = load_language("xx")
    assert (language.code, language.name) == ("xx", "Tiny")
    assert language.phrases["dalej"] is Command.NEXT
    assert "next" not in language.phrases
    assert [language.say(Line.of("rest", time=n)) for n in (1, 3, 13, 23, 25)] == [
        "Rest for one second.",
        "Rest for few: three seconds.",
        "Rest for thirteen seconds.",
        "Rest for few: 23 seconds.",
        "Rest for 25 seconds.",
    ]


def test_a_routine_is_played_in_it_from_beginning_to_end(home: Path) -> None:
    put(home, tiny())
    (home / "routines" / "exercises").mkdir(parents=True)
    (home / "routines" / "short.toml").write_text(
        'title = "Short"\n[text.xx]\ntitle = "Krotki"\n[[exercise]]\nuse = "deep-breathing"\n'
    )
    (home / "routines" / "exercises" / "deep-breathing.xx.toml").write_text(
        'name = "Oddech"\nsetup = ["a", "b"]\nsteps = ["c", "d"]\navoid = ["e"]\nshort = "f"\ncues = ["g"]\nexit = "h"\n'
    )
    done = run("rehearse", "short", "--say", "dalej@5", VOICECOACH_SESSION_LANGUAGE="xx")
    assert "Krotki." in done.output
    assert "Oddech." in done.output
    assert '» next "dalej"' in done.output
    assert "is played in" not in done.output
    noted = run("rehearse", "first-steps", "--say", "ready@60", VOICECOACH_SESSION_LANGUAGE="xx")
    assert "First steps is played in English, not in Tiny" in noted.output


def test_ones_own_file_comes_before_the_one_that_ships(home: Path) -> None:
    put(home, tiny().replace('name = "Tiny"', 'name = "Mein Deutsch"'), "de")
    assert load_language("de").name == "Mein Deutsch"
    assert load_language("de-AT").name == "Mein Deutsch"
    assert languages().count("de") == 1


def test_a_language_that_is_not_there_names_those_that_are(home: Path) -> None:
    message = run("rehearse", "first-steps", code=2, VOICECOACH_SESSION_LANGUAGE="pl").output
    assert "there is no language 'pl'" in message
    assert "de, en, es, fr" in message
    assert str(home / "languages") in message
    assert "this is not the code of a language" in run("list", code=2, VOICECOACH_SESSION_LANGUAGE="German").output


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('name = "Tiny"\n', "", r"xx\.toml:\d+: name: this is missing"),
        ('name = "Tiny"', 'nmae = "Tiny"\nname = "Tiny"', r"xx\.toml:\d+: nmae: .*did you mean 'name'"),
        ('sharp = ["sharp", "shooting", "stabbing"]\n', "", r"\d+: commands: no phrase for sharp"),
        (
            'done = ["done"',
            'doen = ["x"]\ndone = ["done"',
            r"\[commands\] doen: no such command: doen; did you mean 'done'",
        ),
        ('done = ["done", "finished"]', 'done = "done"', r"\[commands\] done: this must be a list of texts"),
        ('done = ["done", "finished"]', "done = []", r"\[commands\] done: no phrase for done"),
        ('done = ["done", "finished"]', 'done = ["Done"]', r'\[commands\] done = "Done": this is no phrase'),
        ('done = ["done", "finished"]', 'done = ["do  ne"]', "this is no phrase"),
        ('done = ["done", "finished"]', 'done = ["dalej"]', "'dalej' stands for two commands: next and done"),
        ('decoys]\nwords = [\n  "top"', 'decoys]\nwords = [\n  "stop"', "'stop' is both a command and a decoy"),
        ('ten = ["ten"]', 'ten = ["ten"]\n[numbers2]', "numbers2: this key is not known"),
        ('  "zero", "one", "two", "three", "four", "five", "six",', "", "the word for 0 must be one of zero's"),
        (
            '"eight", "nine", "ten", "eleven"',
            '"ten", "nine", "eight", "eleven"',
            r"\[numbers\] words = .ten.: the word for 8",
        ),
        ('begin = "Off we go."\n', "", r"\[sentences\] begin: this sentence is missing; in English: .Off we go\."),
        ('begin = "Off we go."', 'begin = "{limb}"', r"\[sentences\] begin = .*nothing to put into \{limb\}"),
        ('set = "Set {number} of {sets}."', 'set = "Set {number}."', r"\{sets\} is missing in it"),
        ('set = "Set {number} of {sets}."', 'set = "Set {number of {sets}."', "the braces are not right"),
        (
            'set = "Set {number} of {sets}."',
            'set = "Set {number:d} of {sets}."',
            "in braces stands a name and nothing else",
        ),
        ('begin = "Off we go."', 'beginn = "x"\nbegin = "Off we go."', "no such sentence; did you mean 'begin'"),
        ('begin = "Off we go."', 'begin = " "', "a sentence needs words"),
        ('begin = "Off we go."', "begin = 3", r"\[sentences\] begin: this must be text, or a table of forms"),
        ('few = "few: {sets} sets.", ', "", r"\[sentences\] dose_sets: the form 'few' is missing"),
        ('few = "few: {sets} sets.", ', 'few = "a", many = "b", ', "there is no form 'many'"),
        ('dose_sets = { by = "sets"', 'dose_sets = { by = "reps"', '"by" must name the number'),
        ("one = { is = [1] }", "one = { is = 1 }", r"\[plurals\] one: a rule is lists of whole numbers"),
        ("one = { is = [1] }", "one = { ist = [1] }", r"\[plurals\] one: this is no rule for a form"),
        ('begin = "Off we go."', 'begin = "Off we go. Never stop."', "the coach would say 'stop', and hear 'stop'"),
        ('over = "That was all. Thank you."\n', "", r"\[calibration\] over: this sentence is missing"),
        ('pain = ["ten", "same"]', 'pain = ["tenn"]', "'tenn': there is no such command"),
        ('voice = "en-us"', 'voice = "en-us"\naddress = "next please"', "this is no single word"),
        ('voice = "en-us"', 'voice = "en-us"\naddress = "stop"', "this is a command"),
        ('name = "Tiny"', 'name = "Tiny', r"xx\.toml:\d+:\d+: this is not TOML"),
    ],
)
def test_what_is_missing_or_wrong_is_told_with_file_line_and_key(
    home: Path, old: str, new: str, complaint: str
) -> None:
    text = tiny()
    assert old in text
    path = put(home, text.replace(old, new, 1))
    with pytest.raises(LanguageError, match=complaint) as caught:
        load_language("xx")
    assert caught.value.file == path
    told = run("rehearse", "first-steps", code=2, VOICECOACH_SESSION_LANGUAGE="xx").output
    assert f"Error: {path}:" in told


def test_a_broken_language_is_a_finding_of_doctor_and_no_crash(home: Path) -> None:
    put(home, "name = 3\n")
    done = run("doctor", VOICECOACH_SESSION_LANGUAGE="xx", VOICECOACH_SOUND_MICROPHONE="none", COLUMNS="200")
    assert "language" in done.output


@pytest.mark.parametrize(("number", "few"), [(2, True), (12, False), (22, True), (112, False), (104, True), (5, False)])
def test_endings(number: int, few: bool) -> None:
    assert Plural(endings=(2, 3, 4), but_not=(12, 13, 14)).takes(number) is few
    assert not Plural(frozenset({1})).takes(1.5)
    assert not Plural(endings=(2,)).takes("2")
