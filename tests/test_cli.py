"""The command line: what it prints, how it fails, and what it does with terminals, files and people it does not expect."""

from __future__ import annotations

import inspect
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import click
import pytest
from click.testing import CliRunner, Result

from tests.named import load_named
from tests.needs import needs
from tests.short import SHORT
from voicecoach.audio.wav import read_wav
from voicecoach.cli import main
from voicecoach.cli.group import Late
from voicecoach.config import keys
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.ports import DeviceError, VoiceError
from voicecoach.shipped import shipped

ROUTINES = sorted(path.stem for path in shipped("routines").glob("*.toml") if "." not in path.stem)
HOSTILE = SHORT.replace('"Short"', '"[/] [bold]x\\\\"').replace('"Bridge"', "'[red]Brücke[/] » \\'")
FIELDS = {
    "say": {"utterance", "text", "priority", "loud"},
    "spoken": {"utterance", "finished"},
    "hush": set(),
    "chime": {"kind"},
    "heard": {"command", "words", "source", "ended_at", "partial"},
    "step": {"kind", "exercise", "set", "rep", "side", "limb", "seconds"},
    "mode": {"mode"},
    "volume": {"level"},
    "remember": {"key", "value"},
    "end": {"reason"},
}
"""The contract with scripts; ``note`` has a kind and fields of its own."""


class Cli(Protocol):
    def __call__(self, *args: str, code: int = 0, **env: str) -> Result: ...


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, which is also where we are; nothing of this machine's settings; speech that needs no engine."""
    for name in list(os.environ):
        if name.startswith(("VOICECOACH_", "VOSK_", "XDG_")):
            monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("VOICECOACH_VOICE_ENGINE", "text")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.toml").write_text(SHORT)
    return tmp_path


@pytest.fixture
def cli(home: Path) -> Cli:
    """Run a command in this process; anything but an exit code is a traceback for the person."""

    def run(*args: str, code: int = 0, **env: str) -> Result:
        result = CliRunner(env=env).invoke(main, args, prog_name="voicecoach")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


def process(*args: str, prefix: tuple[str, ...] = (), **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    command = [*prefix, sys.executable, "-m", "voicecoach", *args]
    options = {"stdin": subprocess.DEVNULL, "capture_output": "stdout" not in options} | options
    done: Any = subprocess.run(command, timeout=60, check=False, **options)
    assert b"Traceback" not in (done.stdout or b"") + (done.stderr or b""), done
    return cast("subprocess.CompletedProcess[bytes]", done)


def in_words(value: object) -> str:
    """The name of a test: what is typed."""
    return " ".join(value) if isinstance(value, list) else str(value) if isinstance(value, int) else "…"


# --- Help -------------------------------------------------------------------------------------------------------------


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


def test_the_list_of_commands_says_what_the_commands_say_and_loads_none(cli: Cli) -> None:
    assert isinstance(main.commands, Late)
    for name, sentence in main.commands.summaries.items():
        command = main.commands[name]
        assert (command.name, " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())) == (
            name,
            sentence,
        )
    shown = cli("--help").output
    stolen = dict(main.commands)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "commands", stolen)
        assert cli("--help").output == shown, "as click writes it"


QUICK = """
import sys
from voicecoach.cli import main
from voicecoach.cli.group import Late
try:
    main({args!r})
except SystemExit as end:
    code = end.code
print(*sorted({slow!r} & set(sys.modules)), code, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("args", "slow", "code"),
    [
        (["--help"], {"numpy", "pydantic", "rich", "voicecoach.config"}, 0),
        (["--version"], {"numpy", "pydantic", "rich", "voicecoach.config"}, 0),
        (["send", "pause"], {"numpy", "rich", "sounddevice", "voicecoach.rig", "voicecoach.core.session"}, 2),
    ],
    ids=in_words,
)
def test_what_must_be_quick_loads_little(args: list[str], slow: set[str], code: int, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("VOICECOACH_")}
    env |= {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])}
    program = QUICK.format(args=args, slow=slow)
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == str(code), done.stderr


@pytest.mark.parametrize("path", [path for path, _ in commands(main)], ids=" ".join)
def test_help_reads_well(cli: Cli, path: tuple[str, ...]) -> None:
    text = cli(*path, "--help", COLUMNS="80").output
    assert "..." not in re.sub(r"(ARGS|FILES)\]?\.\.\.", "", text), "no sentence is cut off"
    assert max(map(len, text.splitlines())) <= 80
    command = dict(commands(main))[path]
    assert command.help
    assert command.help.split("\n\n")[0].endswith("."), "a whole sentence first"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.help.endswith("."), parameter.help


def test_nothing_given_shows_the_help(cli: Cli) -> None:
    assert "voicecoach run first-steps" in CliRunner().invoke(main, []).output
    assert re.fullmatch(r"voicecoach, version \d+\.\d+\.\d+\S*\n", cli("--version").output)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["lst"], "there is no command 'lst'; did you mean 'list'?\nCommands: run, serve, service, rehearse, list, "),
        (["model", "uze"], "there is no command 'uze'; did you mean 'use'?"),
        (["xyzzy"], "there is no command 'xyzzy'\nCommands: "),
        (["run"], "Missing argument 'ROUTINE'"),
        (["check"], "Missing argument 'FILES...'"),
        (["list", "--frobnicate"], "--frobnicate"),
        (["rehearse", "gentle-strt"], "gentle-strt: there is no routine of this name; did you mean 'gentle-start'?"),
        (["show", "none.toml"], "none.toml:1: cannot be read: no such file or directory"),
        (["show", "."], ".:1: cannot be read: is a folder"),
        (["show", "./"], ".:1: cannot be read: is a folder"),
        (["show", ""], "there is no routine of this name"),
        (["rehearse", "short.toml", "--say", "pauze@3"], "'pauze' is no command; did you mean 'pause'?"),
        (["rehearse", "short.toml", "--say", "pause"], "'pause' is not COMMAND@SECONDS; such as pause@12.5"),
        (["rehearse", "short.toml", "--say", "pause@-1"], "is not COMMAND@SECONDS"),
        (["rehearse", "short.toml", "--say", "pause@nan"], "is not COMMAND@SECONDS"),
        (["rehearse", "short.toml", "--say", "@3"], "is not COMMAND@SECONDS"),
        (["listen", "--seconds", "0"], "0.0 is not in the range"),
        (["listen", "--mic", "none.wav"], "none.wav cannot be read: no such file"),
        (["listen", "--mic", "short.toml.wav"], "cannot be read"),
        (["--config", "none.toml", "list"], "none.toml:1: cannot be read: no such file"),
        (["--config", ".", "list"], "is a directory"),
        (["run", "short.toml", "--ear", "both"], "'both' is not one of"),
        (["run", "short.toml", "--voice", ""], 'option: voice.name = "": this must not be empty'),
        (["run", "short.toml", "--speaker", "none/x.wav"], "There is no folder none to write x.wav to."),
        (["run", "short.toml", "--speaker", "x.wav", "--events", "none/x"], "none/x: no such file or directory"),
        (["run", "short.toml", "--speaker", "x.wav", "--events", "."], "is a directory"),
        (["run", "short.toml", "--speaker", "x.wav", "--mic", "none.wav"], "none.wav cannot be read"),
        (["run", "short.toml", "--speaker", "x.wav", "--mic", "short.wav"], "short.wav is not a WAV file"),
        (["run", "short.toml", "--speaker", "x.wav", "--mic", "usb"], '"usb" hears in real time, but the loudspeaker'),
        (["run", "short.toml", "--speaker", "x.wav", "--ear", "vosk"], "The ear is vosk, and with a file as loudspeaker"),
        (["run", "short.toml", "--speaker", "x.wav", "--ear", "keys"], "Keys are pressed in real time"),
        (["run", "short.toml", "--ear", "vosk", "--mic", "none"], "The ear is vosk and the microphone is none"),
        (["run", "short.toml", "--speaker", "x.wav", "--events", "./x.wav"], "x.wav would be the loudspeaker and the ev"),
        (["run", "short.toml", "--events", "short.toml"], "short.toml would be the routine and the events"),
        (["run", "short.toml", "--mic", "x.wav", "--speaker", "x.wav"], "x.wav would be the microphone and the loud"),
    ],
    ids=in_words,
)  # fmt: skip
def test_what_is_given_wrongly_is_one_message_and_2(cli: Cli, home: Path, args: list[str], words: str) -> None:
    (home / "short.wav").write_text(SHORT)
    assert words in cli(*args, code=2).output
    assert (home / "short.toml").read_text() == SHORT


# --- Looking at routines ----------------------------------------------------------------------------------------------


def test_list_names_every_routine(cli: Cli) -> None:
    routines, _, programmes = cli("list").output.partition("\n\n")
    assert [line.split()[0] for line in programmes.splitlines() if line[0] != " "] == ["programme", "run-walk"]
    lines = [line for line in routines.splitlines() if line[0] != " "]
    assert [line.split()[0] for line in lines[1:]] == ROUTINES
    library = Library((shipped("routines"),))
    for line, name in zip(lines[1:], ROUTINES, strict=True):
        assert re.match(rf"\S+ +\d+ min +{len(load_named(name, library).exercises)} ", line), line


def test_list_leaves_out_what_is_broken_and_says_so(cli: Cli, home: Path) -> None:
    own = home / "data" / "voicecoach" / "routines"
    own.mkdir(parents=True)
    (own / "mine.toml").write_text(HOSTILE)
    (own / "broken.toml").write_text("title = ")
    (own / "foreign.toml").write_text('language = "xx"\n' + SHORT)
    (own / "folder.toml").mkdir()
    output = cli("list").output
    assert re.search(r"^mine +\d+ s +1 +\[/\] \[bold\]x\\ *$", output, re.MULTILINE), output
    assert f"left out: {own}/broken.toml:1:9: this is not TOML: " in output
    assert f"left out: {own}/foreign.toml: language = \"xx\": there is no language 'xx'" in output
    assert f"left out: {own}/folder.toml:1: cannot be read: is a folder" in output
    assert all(name in output for name in ROUTINES)
    assert "there is no language 'xx'" in cli("run", "foreign", code=2).output
    assert "[/] [bold]x\\" in cli("show", "mine").output


@pytest.mark.parametrize("name", ROUTINES)
def test_show_tells_what_a_routine_is_made_of(cli: Cli, name: str) -> None:
    routine = load_routine(shipped("routines") / f"{name}.toml", Library((shipped("routines"),)))
    output = " ".join(cli("show", name).output.split())
    assert f"{routine.title} ({name}), about" in output
    for exercise in routine.exercises:
        assert f"{exercise.name} {exercise.position.value} {exercise.dose.sets} x " in output
    for warning in routine.contraindications:
        assert f"take care: {warning}" in output
    assert ("(assumed" in output) == any(exercise.dose.assumed for exercise in routine.exercises)


def test_check_finds_nothing_in_what_ships(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shipped("routines")
    every = (*folder.glob("*.toml"), *(folder / "exercises").glob("*.toml"))
    files = sorted(str(path) for path in every if "." not in path.stem)  # NAME.de.toml is a translation
    lines = cli("check", *files).output.splitlines()
    assert [line.split(": right: ")[0] for line in lines] == files
    monkeypatch.chdir(shipped("routines") / "exercises")
    assert cli("check", "bridge.toml").output == "bridge.toml: right: Bridge, 1 x 3-5, hold 10 s\n"
    assert cli("check", "first-steps").output == "first-steps: right: 2 exercises, about 3 min\n"


def test_check_tells_every_file_that_is_wrong(cli: Cli, home: Path) -> None:
    (home / "a.toml").write_text(SHORT.replace("2 s", "20-10 s"))
    (home / "b.toml").write_bytes(b"\xff")
    (home / "exercises").mkdir()
    (home / "exercises" / "c.toml").write_text('name = "C"\nrep = 3\n')
    result = cli("check", "a.toml", "short.toml", "b.toml", "exercises/c.toml", ".", "none", "none.toml", code=2)
    assert result.stdout.splitlines() == ["short.toml: right: 1 exercise, about 28 s; 1 warning"]
    found = [line for line in result.stderr.splitlines() if not re.match(r" *\d* [|] ", line)]
    expected = (
        'a.toml:7:8: hold = "20-10 s": a range runs from low to high',
        "short.toml:3:1: warning L12: nothing explains this exercise",
        "b.toml:1: is not text in UTF-8",
        "exercises/c.toml:2:1: rep: this key is not known here; did you mean 'reps'?",
        ".:1: cannot be read: is a folder",
        "none: there is no routine of this name",
        "none.toml:1: cannot be read: no such file",
    )
    assert len(found) == len(expected)
    for line, start in zip(found, expected, strict=True):
        assert line.startswith(start), line


def test_check_shows_the_place_and_everything_at_once(cli: Cli, home: Path) -> None:
    (home / "a.toml").write_text(SHORT.replace("2 s", "20-10 s") + '\trepz = 3\n[[exercise]]\nuse = "brigde"\n')
    lines = cli("check", "a.toml", code=2).stderr.splitlines()
    assert [line.split(": ")[0] for line in lines[::3]] == ["a.toml:7:8", "a.toml:8:2", "a.toml:10:7"]
    assert lines[1:3] == ['   7 | hold = "20-10 s"', "     |        ^^^^^^^^^"]
    assert lines[4:6] == ["   8 |  repz = 3", "     |  ^^^^"]


def test_check_warns_and_is_strict_where_that_is_wanted(cli: Cli, home: Path) -> None:
    (home / "w.toml").write_text(SHORT + 'avoid = ["Stop at once."]\n')
    warned = cli("check", "w.toml")
    assert warned.stdout == "w.toml: right: 1 exercise, about 29 s; 2 warnings\n"
    assert 'w.toml:8:11: warning L01: avoid: the coach obeys "stop"' in warned.stderr
    assert cli("check", "--strict", "w.toml", code=1).stdout == warned.stdout
    assert cli("check", "--strict", "first-steps").output.startswith("first-steps: right: ")
    (home / "b.toml").write_bytes(b"\xff")
    assert cli("check", "--strict", "w.toml", "b.toml", code=2)


def test_check_answers_editors(cli: Cli, home: Path) -> None:
    (home / "w.toml").write_text(SHORT + 'avoid = ["Stop at once."]\n')
    (home / "a.toml").write_text("title = 'T'\nopning = 3\n")
    result = cli("check", "--json", "w.toml", "a.toml", "none.toml", code=2)
    assert not result.stderr
    found = json.loads(result.stdout)
    assert found["version"] == 1
    assert [(one["file"], one["right"]) for one in found["files"]] == [
        ("w.toml", True), ("a.toml", False), ("none.toml", False),
    ]  # fmt: skip
    assert found["findings"][-2] == {
        "file": "a.toml", "line": 2, "column": 1, "width": 6, "severity": "error", "code": None, "key": "opning",
        "value": None, "message": "this key is not known here; did you mean 'opening'?",
        "allowed": found["findings"][-2]["allowed"], "suggestion": "opening",
    }  # fmt: skip
    assert (found["findings"][-1]["file"], found["findings"][-1]["column"]) == ("none.toml", None)
    [live] = [one for one in found["findings"] if one["code"] == "L01"]
    assert (live["line"], live["column"], live["width"], live["severity"]) == (8, 11, 4, "warning")
    assert live["value"] == '"Stop at once."'


def test_check_explains_a_warning(cli: Cli) -> None:
    text = cli("check", "--explain", "l03").output
    assert text.startswith("L03: getting down to the floor")
    assert 'ignore = { L03 = "' in text
    assert "there are: L00, L01, " in cli("check", "--explain", "L99", code=2).output


# --- Rehearsing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROUTINES)
def test_rehearse_prints_a_session_to_its_end(cli: Cli, name: str) -> None:
    lines = cli("rehearse", name).output.splitlines()
    assert lines[-1].endswith("(finished)")
    times = [int(minutes) * 60 + float(seconds) for minutes, seconds in (line.split()[0].split(":") for line in lines)]
    assert times == sorted(times)


def test_rehearse_obeys_what_is_said(cli: Cli) -> None:
    said = ("--say", "pause@1", "--say", "carry on@3", "--say", "End Session@4", "--say", "yes@5")
    output = cli("rehearse", "short.toml", *said).output
    for line in ("0:01.0  » pause (script)", '0:03.0  » resume "carry on" (script)', '0:04.0  » end "end session"'):
        assert line in output
    assert output.endswith("(ended)\n")


def test_rehearse_as_json_keeps_the_contract(cli: Cli) -> None:
    said = ("pain@25", "false alarm@40", "yes@46", "skip@60", "undo@62", "louder@64", "quieter@66", "slower@68")
    output = cli("rehearse", "lumbar-stabilisation", *(f"--say={entry}" for entry in said), "--json").output
    entries = [json.loads(line) for line in output.splitlines()]
    for entry in entries:
        fields = set(entry) - {"t", "event"}
        assert isinstance(entry["t"], float)
        assert fields == FIELDS[entry["event"]] if entry["event"] != "note" else "kind" in fields
    assert {entry["event"] for entry in entries} == {*FIELDS, "note"}
    assert entries[-1] == {"t": entries[-1]["t"], "event": "end", "reason": "finished"}
    assert [e["t"] for e in entries] == sorted(e["t"] for e in entries)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_rehearsal_that_waits_for_ever_says_which_word_leads_on(cli: Cli, options: list[str]) -> None:
    result = cli("rehearse", "short.toml", "--say", "pause@1", *options, code=3)
    hint = re.search(r"waits for a word, and no --say gives one\nTo mend it: add (--say) (resume@\d+)\n", result.stderr)
    assert hint, result.output
    assert "finished" in cli("rehearse", "short.toml", "--say", "pause@1", *hint.groups(), *options).output


# --- The configuration ------------------------------------------------------------------------------------------------


def setting(output: str, key: str) -> list[str]:
    """What a table says of a key: its value and where it came from."""
    [line] = [line for line in output.splitlines() if line.startswith(f"{key} ")]
    return line.split()[1:]


def test_config_shows_the_values_in_force_and_where_they_came_from(cli: Cli, home: Path) -> None:
    cli_config: Callable[..., Result] = lambda *args, **env: cli(*args, "config", COLUMNS="250", **env)  # noqa: E731
    output = cli_config(VOICECOACH_VOICE_ENGINE="auto").output
    assert all(setting(output, key)[-1] == "default" for key in keys() if key != "voice.engine")
    user = Path(cli("config", "--path").output.strip())
    assert user == home / "config" / "voicecoach" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('[voice]\nrate = 110\nname = "en-gb"\n[pace]\nlift = 1\n')
    (home / "own.toml").write_text("[voice]\nrate = 120\n\n[pace]\nrest = 1.5\n")
    output = cli_config("--config", "own.toml", VOICECOACH_PACE_REST="2.5").output
    assert setting(output, "voice.name") == ['"en-gb"', f"{user}:3"]
    assert setting(output, "pace.lift") == ["1.0", f"{user}:5"]
    assert setting(output, "voice.rate") == ["120", "own.toml:2"]
    assert setting(output, "pace.rest") == ["2.5", "VOICECOACH_PACE_REST"]
    assert output.endswith(f"your own file: {user}\n")
    values = json.loads(cli("--config", "own.toml", "config", "--json").output)
    assert {f"{section}.{key}" for section, inner in values.items() for key in inner} == set(keys())
    assert (values["voice"]["rate"], values["voice"]["name"], values["pace"]["rest"]) == (120, "en-gb", 1.5)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[voice]\nrte = 1\n", ":2: rte: this key is not known in [voice]; did you mean 'rate'?"),
        ("[voice]\n\nrate = 9000\n", ":3: voice.rate = 9000: this is too large (allowed: at most 300)"),
        ("[voice\n", ":1:7: this is not TOML: "),
        ("a = " + "[" * 100_000, ":1: this has hundreds of brackets in one another"),
        (f"[voice]\nrate = {'9' * 10_000}\n", ":2: this has a number of thousands of digits"),
        (f"[pace]\nrest = 0x{'f' * 10_000}\n", ":2: pace.rest"),
        ("." * 300_000, ":1: is larger than 256 KB"),
        (".".join("a" * 50_000) + " = 1", ":1: a key of more than 16 parts"),
    ],
    ids=["key", "value", "no TOML", "brackets", "digits", "hexadecimal digits", "large", "dotted"],
)
def test_a_wrong_configuration_is_one_message_and_2(cli: Cli, home: Path, content: str, words: str) -> None:
    user = home / "config" / "voicecoach" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text(content)
    for command in (["list"], ["config"], ["run", "short.toml"]):
        output = cli(*command, code=2).output
        assert output.startswith(f"Error: {user}{words}"), output
        assert len(output.splitlines()) == 1, "no line of it is shown: it may be the one with the password"
    assert cli("config", "--path").output == f"{user}\n"
    # The page for mending things opens all the same, with that message in its first line.
    findings = json.loads(cli("doctor", "--json").output)
    assert findings[0]["subject"] == "settings"
    assert findings[0]["detail"].startswith(f"{user}{words}")
    assert len(findings) > 4


def test_a_wrong_variable_is_one_message_and_2(cli: Cli) -> None:
    assert (
        'VOICECOACH_VOICE_RATE: voice.rate = "fast": this must be'
        in cli("list", code=2, VOICECOACH_VOICE_RATE="fast").output
    )
    assert "did you mean 'VOICECOACH_VOICE_RATE'?" in cli("list", code=2, VOICECOACH_VOICE_RAET="1").output


@pytest.mark.parametrize("folder", ["", "none", "~", "~nobody-at-all/x", "zero\0byte", "short.toml", "/proc/1/root"])
def test_a_folder_of_routines_that_is_none_holds_nothing(cli: Cli, home: Path, folder: str) -> None:
    (home / "own.toml").write_text(f"[storage]\nroutines = {json.dumps(folder)}\n")
    assert all(name in cli("--config", "own.toml", "list").output for name in ROUTINES)


# --- Playing ----------------------------------------------------------------------------------------------------------


def test_run_writes_sound_and_events(cli: Cli, home: Path) -> None:
    (home / "Mein Ordner").mkdir()
    routine, events = home / "Mein Ordner" / "Übung für mich.toml", home / "Mein Ordner" / "ä ö.jsonl"
    routine.write_text(HOSTILE, "utf-8")
    output = cli("run", str(routine), "--speaker", "Mein Ordner/ü.wav", "--events", str(events)).output
    assert output.startswith("[/] [bold]x\\, about ")
    assert "[red]Brücke[/] » \\, set 1" in output
    entries = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    assert all(set(e) == FIELDS[e["event"]] | {"t", "event"} for e in entries if e["event"] != "note")
    assert entries[-1]["reason"] == "finished"
    assert read_wav(home / "Mein Ordner" / "ü.wav").seconds == pytest.approx(entries[-1]["t"], abs=1.0)


def test_events_to_standard_output_leave_it_to_them(cli: Cli, home: Path) -> None:
    cli("run", "short.toml", "--speaker", "a.wav", "--events", "events.jsonl")
    result = cli("run", "short.toml", "--speaker", "b.wav", "--events", "-")
    assert result.stdout == (home / "events.jsonl").read_text()
    assert "Lower your hips" not in result.stdout
    assert "(finished)" in result.stderr
    assert not (home / "-").exists()


def test_what_cannot_be_written_ends_nobody_s_session(cli: Cli, home: Path) -> None:
    """A full disk: the events are lost and that is told, but a person is not left hanging in a bridge."""
    result = cli("run", "short.toml", "--speaker", "a.wav", "--events", "/dev/full", code=3)
    assert "(finished)" in result.stdout
    assert result.stderr == "Error: /dev/full: the events are not complete: no space left on device\n"
    assert read_wav(home / "a.wav").seconds > 20


def test_a_loudspeaker_that_cannot_be_written_ends_with_3(cli: Cli, home: Path) -> None:
    (home / "full.wav").symlink_to("/dev/full")
    output = cli("run", "short.toml", "--speaker", "full.wav", code=3).output
    assert "Error: full.wav cannot be written: no space left on device.\nTo mend it: " in output


def test_a_disk_that_fills_up_in_mid_session_ends_with_3(home: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    done = process("run", "short.toml", "--speaker", "a.wav", "--events", "e.jsonl", preexec_fn=limit)
    assert done.returncode == 3
    assert b"Error: a.wav cannot be written: no space left on device." in done.stderr
    events = [json.loads(line) for line in (home / "e.jsonl").read_text().splitlines()]
    assert events[-1]["reason"] == "cannot go on"
    assert 1 < read_wav(home / "a.wav").seconds < 10, "what was written before can be heard"


def test_a_session_that_waits_for_ever_ends_with_3(cli: Cli, home: Path) -> None:
    output = cli("run", "short.toml", "--speaker", "a.wav", "--say", "stop@3", "--events", "e.jsonl", code=3).output
    assert 'waits for a word, such as "resume", and nobody is left to say it\nTo mend it: add --say resume@' in output
    assert json.loads((home / "e.jsonl").read_text().splitlines()[-1])["reason"] == "cannot go on"


def no_device(spec: str | None) -> Any:
    raise DeviceError("There is no microphone on this machine.", mend="plug one in, then: arecord -l")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["run", "short.toml", "--speaker", "none", "--ear", "vosk"], 3),
        (["run", "short.toml", "--speaker", "none", "--ear", "vosk", "--mic", "default"], 3),
        (["run", "short.toml", "--speaker", "none", "--ear", "vosk", "--mic", "usb"], 2),
        (["run", "short.toml", "--speaker", "none", "--mic", "usb"], 2),
        (["listen"], 3),
        (["listen", "--mic", "usb"], 2),
    ],
    ids=in_words,
)
def test_a_device_that_was_named_is_wrong_and_one_that_is_not_there_is_missing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, args: list[str], code: int
) -> None:
    monkeypatch.setattr("voicecoach.rig.open_microphone", no_device)
    monkeypatch.setattr(sys.modules["voicecoach.cli.listen"], "open_microphone", no_device)
    output = cli(*args, code=code).output
    assert output == "Error: There is no microphone on this machine.\nTo mend it: plug one in, then: arecord -l\n"


@pytest.mark.ear
def test_the_model_of_the_option_comes_before_the_environment_s(cli: Cli, home: Path) -> None:
    cli("run", "short.toml", "--speaker", "silence.wav")
    nowhere: dict[str, Any] = {"VOSK_MODEL_PATH": "/none"}
    assert (
        "(--model)" in cli("listen", "--mic", "silence.wav", "--seconds", "1", "--model", "shipped", **nowhere).output
    )
    assert (
        "Error: --model names the model none" in cli("listen", "--mic", "silence.wav", "--model", "none", code=2).output
    )
    assert "Error: VOSK_MODEL_PATH gives" in cli("listen", "--mic", "silence.wav", code=2, **nowhere).output


def test_a_voice_that_fails_leaves_the_text(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name = "broken"
        asked = 0

        def render(self, text: str) -> Any:
            self.asked += 1
            raise VoiceError("The speech engine failed.", mend="mend it")

        def close(self) -> None:
            pass

    voice = Broken()
    monkeypatch.setattr("voicecoach.rig.open_voice", lambda *_: voice)
    output = cli("run", "short.toml", "--speaker", "a.wav").output
    assert re.search(r"! The voice failed: (\d+) of \1 lines could not be made ready", output), output
    assert "voice failed: text Bridge." in output
    assert "(finished)" in output
    assert voice.asked < 30, "after three failures in a row the rest is left for later"


# --- Terminals, pipes, letters ----------------------------------------------------------------------------------------


def test_as_a_module_it_is_the_same_program(home: Path) -> None:
    done = process("list", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(b"Usage: voicecoach list [OPTIONS]")


PRINTING = [
    ["list"],
    ["--help"],
    ["rehearse", "spine-support"],
    ["rehearse", "spine-support", "--json"],
    ["check", "short.toml"],
    ["run", "short.toml", "--speaker", "a.wav"],
    ["run", "short.toml", "--speaker", "a.wav", "--events", "-"],
]


@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
def test_a_reader_that_has_heard_enough_is_no_trouble(home: Path, args: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)  # at once: harder than head -1, and nothing is left to chance
    done = process(*args, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.returncode == (1 if "--help" in args else 0), "click itself prints the help, and ends with 1"
    assert b"Error" not in done.stderr
    if "a.wav" in args:
        assert read_wav(home / "a.wav").seconds > 20, "the session went on"


@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
def test_output_that_cannot_be_written_is_told(home: Path, args: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = process(*args, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 3
    error = done.stderr.decode().splitlines()[-1]
    assert error.startswith("Error: ")
    assert error.endswith(": no space left on device")


@pytest.mark.parametrize("args", [["rehearse", "first-steps", "--json"], ["run", "short.toml", "--speaker", "a.wav"]])
def test_a_service_may_have_no_input_and_no_output_at_all(home: Path, args: list[str]) -> None:
    def close_all() -> None:
        os.closerange(0, 3)

    command = [sys.executable, "-m", "voicecoach", *args]
    done = subprocess.run(command, preexec_fn=close_all, timeout=60, check=False)
    assert done.returncode == 0
    if "a.wav" in args:
        assert read_wav(home / "a.wav").seconds > 20


@pytest.mark.parametrize(
    "env",
    [{"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "latin-1"}],
    ids=lambda env: next(iter(env)) + next(iter(env.values())),
)
def test_a_terminal_without_our_signs_shows_the_nearest(home: Path, env: dict[str, str]) -> None:
    (home / "hostile.toml").write_text(HOSTILE, "utf-8")
    env = {**os.environ, "LC_ALL": "C", **env}
    said = ("--say", "pause@1", "--say", "resume@3")
    done = process("rehearse", "hostile.toml", *said, env=env)
    assert done.returncode == 0
    text = done.stdout.decode("latin-1")
    assert "0:00.0  * start" in text
    assert re.search(r"[>»] pause \(script\)", text)
    assert re.search(r"15 s  [-·]  \[red\]Br[?ü]cke\[/\] [>»] ", text)
    events = process("rehearse", "hostile.toml", *said, "--json", env=env)
    ours = process("rehearse", "hostile.toml", *said, "--json")
    assert [json.loads(line) for line in events.stdout.splitlines()] == [
        json.loads(line) for line in ours.stdout.splitlines()
    ]


def test_a_name_that_is_no_text_is_shown_as_far_as_possible(home: Path) -> None:
    name = os.fsdecode(b"\xff.toml")
    (home / name).write_text(SHORT)
    done = process("check", name, os.fsdecode(b"\xfe.toml"))
    assert done.returncode == 2
    assert done.stdout == b"?.toml: right: 1 exercise, about 28 s; 1 warning\n"
    assert b"\n?.toml:1: cannot be read: no such file" in done.stderr
    done = process("run", name, "--speaker", os.fsdecode(b"\xff.wav"), "--events", os.fsdecode(b"\xff.jsonl"))
    assert done.returncode == 0


@pytest.mark.parametrize("columns", ["40", "10", "0", "none"])
def test_a_narrow_terminal_shows_every_name_whole(cli: Cli, columns: str) -> None:
    for args, words in (
        (["list"], ROUTINES),
        (["show", "spine-support"], ["Prone arm and leg raise", "lower"]),
        (["config"], keys()),
        (["rehearse", "spine-support"], ["Bird dog", "(finished)"]),
    ):
        output = cli(*args, COLUMNS=columns).output
        assert "…" not in output
        for word in words:
            assert word in output, (args, word)
        if columns != "none" and args[0] == "list":
            assert max(map(len, output.splitlines())) <= 40


def test_no_colour_in_a_pipe_and_none_where_it_is_not_wanted(cli: Cli) -> None:
    for args in (["list"], ["config"], ["rehearse", "first-steps"]):
        plain = cli(*args).output
        assert "\x1b" not in plain
        assert "\x1b[1m" in cli(*args, FORCE_COLOR="1").output or args == ["config"]
        assert not re.search(r"\x1b\[[0-9;]*3\d", cli(*args, FORCE_COLOR="1", NO_COLOR="1").output)


# --- Homes ------------------------------------------------------------------------------------------------------------


def powerless() -> tuple[str, ...]:
    """A prefix that takes root's power over files away; nothing where we have none."""
    if os.geteuid() != 0:
        return ()
    needs("setpriv")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--")


@pytest.mark.parametrize("kind", ["unset", "missing", "empty", "read-only", "closed", "a file"])
def test_a_home_that_cannot_be_used_is_no_trouble(home: Path, kind: str) -> None:
    place = home / "home"
    if kind == "a file":
        place.write_text("")
    elif kind != "missing":
        place.mkdir()
    mode = {"read-only": 0o500, "closed": 0o000}.get(kind)
    if mode is not None:
        place.chmod(mode)
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    env |= {"HOME": "" if kind == "empty" else str(place)}
    if kind == "unset":
        del env["HOME"]
    prefix = powerless()
    try:
        for args in (["list"], ["config"], ["run", "short.toml", "--speaker", "a.wav"]):
            done = process(*args, prefix=prefix, env=env)
            assert done.returncode == 0, (args, done)
    finally:
        if mode is not None:
            place.chmod(0o700)


def test_files_that_may_not_be_read_or_written_are_given_wrongly(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir()
    (closed / "r.toml").write_text(SHORT)
    closed.chmod(0)
    prefix = powerless()
    try:
        for args, words in (
            (["check", "closed", "closed/r.toml"], b"closed/r.toml:1: cannot be read: permission denied"),
            (["run", "closed/r.toml"], b"closed/r.toml:1: cannot be read: permission denied"),
            (["run", "short.toml", "--speaker", "closed/a.wav"], b"closed/a.wav cannot be opened: permission denied"),
            (["run", "short.toml", "--speaker", "a.wav", "--mic", "closed/b.wav"], b"closed/b.wav cannot be read"),
            (["run", "short.toml", "--speaker", "a.wav", "--events", "closed/e"], b"closed/e: permission denied"),
            (["--config", "closed/c.toml", "list"], b"closed/c.toml:1: cannot be read: permission denied"),
        ):
            done = process(*args, prefix=prefix)
            assert (done.returncode, words in done.stderr) == (2, True), (args, done)
    finally:
        closed.chmod(0o700)


# --- Telling somebody -------------------------------------------------------------------------------------------------


def test_without_an_alert_the_command_says_how_to_set_it_up(cli: Cli, home: Path) -> None:
    for args in (["alert"], ["alert", "--test"]):
        output = cli(*args, code=2).output
        assert "nobody is told in an emergency: [alert] is not set up" in output
        assert f"{home}/config/voicecoach/config.toml" in output
        assert "[alert]\ncommand = " in output
        assert "webhook = " in output


def test_an_alert_is_tried_out(cli: Cli, home: Path) -> None:
    output = cli("alert", "--test", VOICECOACH_ALERT_COMMAND=f"sh -c 'env > {home}/told'").output
    assert "Somebody was told." in output
    assert "VOICECOACH_ALERT_REASON=test" in (home / "told").read_text()
    assert "nobody was told" in cli("alert", "--test", VOICECOACH_ALERT_COMMAND="false", code=3).output
    output = cli("alert", "--test", VOICECOACH_ALERT_COMMAND="[b]none", code=3).output
    assert "! [b]none could not be started: no such file or directory" in output


def test_a_secret_address_is_shown_by_no_command(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICECOACH_ALERT_WEBHOOK", "http://127.0.0.1:1/hidden?key=hidden")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("voicecoach.alert.RETRY_AFTER", 0.0)
    outputs = [cli("alert").output, cli("config").output, cli("config", "--json").output]
    outputs.append(cli("alert", "--test", code=3).output)
    for output in outputs:
        assert "http://127.0.0.1/…" in output
        assert "hidden" not in output
