"""What the documents say is true: every command, option, setting, phrase, key, event and message, in both directions.

Rule: a page is read as a person reads it (headings, tables, examples) and compared with the program itself.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import shlex
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from pydantic import BaseModel

from tests import command_table
from tests.end_to_end.studio import Studio
from tests.needs import needs_espeak, needs_vosk
from voicecoach import config
from voicecoach.audio.room_plan import Answer, Loudspeaker, Noise, PersonPlan, RoomPlan, Say, load_plan
from voicecoach.cli import main
from voicecoach.config import Config
from voicecoach.core.events import Command, Effect, Event, Heard
from voicecoach.hearing.keys import KEYS, legend
from voicecoach.language import load_language
from voicecoach.shipped import shipped

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PACKAGE = ROOT / "voicecoach"
WIDTH = "125"
"""Columns of the terminal in which the examples were made."""


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def sections(text: str, level: int) -> dict[str, str]:
    """Split a page at its headings of one level; a "#" inside an example is none."""
    bare = re.sub(r"^```.*?^```", lambda block: block[0].replace("\n#", "\n "), text, flags=re.MULTILINE | re.DOTALL)
    _, *parts = re.split(rf"^{'#' * level} (.+)$", bare, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """Every row of every table, without the heads."""
    tables = re.findall(r"(?:^\|.*\n)+", f"{text}\n", re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()[2:]]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


# --- Words and keys ---------------------------------------------------------------------------------------------------


def spoken() -> dict[str, list[str]]:
    return {row[0]: row for row in rows(sections(page("docs/commands.md"), 2)["What you can say"])}


@pytest.mark.parametrize("command", Command)
def test_every_phrase_and_key_of_a_command_is_documented(command: Command) -> None:
    _, said, keys, what = spoken()[command.value]
    assert tuple(re.findall(r'"([^"]+)"', said)) == load_language().phrases_of(command)
    names = [name for meant, (name, _) in zip(KEYS.values(), legend(), strict=False) if meant is command]
    assert codes(keys) == names
    assert what


def test_no_other_command_is_documented() -> None:
    assert list(spoken()) == [command.value for command in Command]


def test_the_table_of_modes_is_what_the_session_does() -> None:
    assert command_table.written() == command_table.tables(), "run: python -m tests.command_table"


# --- The command line -------------------------------------------------------------------------------------------------


def commands(group: click.Group = main, above: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def described(name: str) -> str:
    return sections(sections(page("docs/commands.md"), 2)["The command line"], 3)[name.split(maxsplit=1)[0]]


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    text = described(name)
    assert f"`voicecoach {name}" in text
    shown = [" ".join(codes(row[0])) for row in rows(text)] + codes(text.split("\n\n")[0] + text)
    for parameter in command.params:
        for option in parameter.opts:
            if isinstance(parameter, click.Option):
                assert any(re.search(rf"(^|\W){option}\b", entry) for entry in shown), option
            else:
                assert any(str(parameter.name).upper() in entry for entry in shown), option


def test_no_other_option_is_documented() -> None:
    known: dict[str, set[str]] = {}
    for name, command in commands():
        known.setdefault(name.split()[0], {"--help"}).update(o for p in command.params for o in p.opts)
    for name, options in known.items():
        found = {o for row in rows(described(name)) for o in re.findall(r"--[a-z0-9-]+", " ".join(codes(row[0])))}
        assert found <= options, name
    assert {"--version", "--config"} <= set(re.findall(r"--[a-z]+", page("docs/commands.md")))


def test_every_setting_is_documented() -> None:
    defaults = tomllib.loads(shipped("config.toml").read_text("utf-8"))
    table = [row[:3] for row in rows(sections(page("docs/commands.md"), 2)["Settings"])]
    assert [codes(row[0])[0] for row in table] == list(config.keys())
    for key, default, allowed in table:
        section, name = codes(key)[0].split(".")
        assert json.loads(codes(default)[0]) == defaults[section][name], key
        limits = Config.model_fields[section].annotation.model_fields[name].metadata  # type: ignore[union-attr]
        bounds = {kind: getattr(limit, kind) for limit in limits for kind in ("ge", "le") if hasattr(limit, kind)}
        if bounds:
            assert allowed == f"{bounds['ge']:g} to {bounds['le']:g}", key
        kind = Config.model_fields[section].annotation.model_fields[name].annotation  # type: ignore[union-attr]
        for word in typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ():
            assert f'`"{word}"`' in allowed, key


# --- Examples ---------------------------------------------------------------------------------------------------------


class Example(typing.NamedTuple):
    """A command that a page shows, and what it shows as its output."""

    page: str
    line: str
    output: tuple[str, ...]


def examples() -> list[Example]:
    found = []
    for path in PAGES:
        for block in re.findall(r"^```console\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                line, *output = part.rstrip("\n").split("\n")
                found.append(Example(path.name, line, tuple(output)))
    return found


def words(example: Example) -> tuple[dict[str, str], list[str]]:
    """Return the variables and the arguments of an example of ours."""
    parts = shlex.split(example.line)
    env = dict(part.split("=", 1) for part in parts[: parts.index("voicecoach")])
    return env, parts[len(env) + 1 :]


OURS = [example for example in examples() if "voicecoach" in shlex.split(example.line)]


def named(example: Example) -> str:
    return f"{example.page}: {example.line}"


def ran(args: list[str], **env: str) -> Result:
    """Run a command as in the terminal in which the examples were made (click caps its help at 98 columns)."""
    return CliRunner().invoke(main, args, env=env, prog_name="voicecoach", terminal_width=98)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages show with ``cat``, and nothing of whoever runs the test."""
    for name in [name for name in os.environ if name.startswith(("VOICECOACH_", "VOSK_"))]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("COLUMNS", WIDTH)
    monkeypatch.chdir(tmp_path)
    for example in examples():
        if example.line.startswith("cat "):
            shown = tmp_path / example.line.removeprefix("cat ")
            shown.write_text("\n".join(example.output) + "\n", "utf-8")
            shown.chmod(0o644)
    return tmp_path


def test_the_pages_show_examples_and_no_unknown_program() -> None:
    programs = {example.line.split()[0] for example in examples() if example not in OURS}
    assert len(OURS) > 15
    assert {program for program in programs if not (ROOT / program).is_file()} <= {"cat", "python"}


@pytest.mark.parametrize("example", OURS, ids=named)
def test_the_commands_shown_parse(example: Example, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []
    for name, command in commands():
        monkeypatch.setattr(command, "callback", lambda name=name, **_: reached.append(name))
    env, args = words(example)
    result = ran(args, **env)
    refusal = result.output.rstrip().split("\n")[-1]
    assert reached or "--help" in words(example)[1] or refusal in example.output, result.output


STILL = {
    *("list", "show", "check", "new", "schema", "rehearse", "config", "unlock", "export", "alert", "import", "convert"),
    "--help",
}
"""Commands that print the same on every machine."""
REAL = {"demo", "listen", "preview", "run"}
"""Commands whose times hang on the speech engine; the rest must be as shown."""
STORY = "journal.md"
"""A page whose examples follow from one another."""


def compare(shown: tuple[str, ...], printed: list[str]) -> None:
    """Compare line by line; a line of "…" stands for any number of lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line.rstrip()) + r"\n" for line in shown)
    text = "".join(f"{line.rstrip()}\n" for line in printed)
    assert re.fullmatch(pattern, text), text


@pytest.mark.parametrize("example", [e for e in OURS if words(e)[1][0] in STILL and e.page != STORY], ids=named)
def test_the_outputs_shown_are_what_comes(example: Example, desk: Path) -> None:
    env, args = words(example)
    result = ran(args, **env)
    printed = result.output.rstrip("\n").split("\n")
    own = str(desk / "config" / "voicecoach")
    compare(example.output, [line.replace(own, "/home/ana/.config/voicecoach") for line in printed])


def untimed(line: str) -> str:
    line = re.sub(
        r'\d+ ms|\d+\.\d times as fast|\b\d+:\d\d\.\d|in \d+\.\d s|(?<=_at": )[\d.]+|(?<="t": )[\d.]+', "*", line
    )
    return re.sub(r"/\S+/models", "models", line)


def in_real_time(example: Example) -> bool:
    """Such an example takes minutes, and tells of the machine that it ran on."""
    args = words(example)[1]
    return args[0] == "run" and "--speaker" not in args


LIVED = [e for e in OURS if words(e)[1][0] in REAL and not in_real_time(e) and e.page != STORY]


@pytest.mark.voice
@pytest.mark.ear
@pytest.mark.parametrize("example", LIVED, ids=named)
def test_the_sessions_shown_are_what_comes(example: Example, desk: Path) -> None:
    needs_espeak()
    needs_vosk()
    args = words(example)[1]
    studio = Studio(desk, desk / "cache")
    studio.person((32.0, "ready"), seconds=36)
    result = ran(args)
    compare(tuple(map(untimed, example.output)), [untimed(line) for line in result.output.rstrip("\n").split("\n")])


def undated(line: str) -> str:
    line = re.sub(r"\b\d{4}-\d\d-\d\d( \d\d:\d\d)?|\b\d{1,2} [A-Z][a-z]{2} \d{4}", "*", untimed(line))
    return " ".join(line.split())  # a table is as wide as its longest day


@pytest.mark.voice
def test_the_story_of_the_journal_is_what_comes(desk: Path) -> None:
    needs_espeak()
    for example in (e for e in OURS if e.page == STORY):
        env, args = words(example)
        printed = ran(args, **env).output.rstrip("\n").split("\n")
        # Where a line breaks hangs on the day's length.
        shown, told = [undated(line) for line in example.output], [undated(line) for line in printed]
        compare(tuple(shown), told) if "…" in shown else compare((" ".join(shown),), [" ".join(told)])


# --- Events -----------------------------------------------------------------------------------------------------------

EVERYWHERE = {"t", "event"}


def documented_events() -> dict[str, set[str]]:
    """Return the fields of each event as the page lists them; ``note`` without those that hang on its kind."""
    found = {}
    for name, text in sections(page("docs/events.md"), 2).items():
        if "```json" in text:
            table = [row for row in rows(text) if len(row) == 4]
            found[name] = {codes(row[0])[0] for row in table}
    found["note"] = {"kind"}
    return found


def note_fields() -> dict[str, list[set[str]]]:
    """Return the fields of each kind of note; some have others on another occasion."""
    text = sections(page("docs/events.md"), 2)["note"]
    place = {codes(row[0])[0] for row in rows(text) if len(row) == 4}
    found: dict[str, list[set[str]]] = {}
    for row in (row for row in rows(text) if len(row) == 3):
        found.setdefault(codes(row[0])[0], []).append(place if row[2] == "place" else set(codes(row[2])))
    return found


def check(record: dict[str, Any]) -> None:
    fields = documented_events()[record["event"]] | EVERYWHERE
    notes = note_fields()[record["kind"]] if record["event"] == "note" else [set()]
    assert set(record) in [fields | note for note in notes], record


def test_every_effect_has_a_section_and_nothing_else_has() -> None:
    effects = {"say", "hush", "chime", "step", "mode", "note", "volume", "speech_rate", "remember", "alert", "end"}
    effects |= {"standby"}
    events = {
        "heard",
        "overheard",
        "deafened",
        "hearing",
        "returned",
        "alerted",
        "wanted",
        "volume_asked",
        "silenced",
        "unkept",
    }
    assert set(documented_events()) == effects | events | {"spoken", "listen"}
    assert len(typing.get_args(Effect)) == len(effects)
    assert len(typing.get_args(Event)) == len(events | {"start", "tick", "spoken"})


def test_the_example_lines_have_every_field() -> None:
    lines = re.findall(r"^\{.*\}$", page("docs/events.md"), re.MULTILINE)
    assert len(lines) > 9
    for line in map(json.loads, lines):
        if "event" in line:
            check(line)
        else:
            assert set(line) == documented_events()["listen"]


def test_every_note_is_documented() -> None:
    written = set()
    for path in PACKAGE.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            constants = [a.value for a in call.args if isinstance(a, ast.Constant)]
            if isinstance(call.func, ast.Attribute) and call.func.attr in {"note", "record"}:
                written.update(constants)
            if "note" in constants:
                written.update(
                    k.value.value for k in call.keywords if k.arg == "kind" and isinstance(k.value, ast.Constant)
                )
    assert written == set(note_fields())


def test_a_rehearsal_gives_the_fields_that_the_page_lists(desk: Path) -> None:
    said = ["slower@9", "pain@48", "false alarm@57", "yes@61", "next@66.5", "undo@67", "skip@85", "pain@86", "four@94"]
    said += ["yes@97", "no@104", "ache@108"]
    args = ["rehearse", "evening.toml", "--json", *(f"--say={entry}" for entry in said)]
    records = [json.loads(line) for line in ran(args).output.splitlines()]
    of_the_world = {"overheard", "deafened", "hearing", "returned", "alert", "alerted", "listen"}
    of_the_world |= {"wanted", "volume_asked", "silenced", "unkept", "standby"}
    assert {record["event"] for record in records} == set(documented_events()) - of_the_world
    for record in records:
        check(record)


@pytest.mark.voice
@pytest.mark.ear
def test_a_session_gives_the_fields_that_the_page_lists(desk: Path) -> None:
    needs_espeak()
    needs_vosk()
    studio = Studio(desk, desk / "cache")
    mic = studio.person((5.0, "pause"), (9.0, "end session"), (13.5, "yes"), seconds=16)
    records = studio.play(desk / "evening.toml", mic=mic).events
    heard_and_said = {"say", "spoken", "hush", "chime", "heard", "step", "mode", "volume", "end"}
    assert {record["event"] for record in records} == heard_and_said
    for record in records:
        check(record)
    heard = [json.loads(line) for line in studio.command("listen", "--mic", str(mic), "--json").stdout.splitlines()]
    assert [line["command"] for line in heard] == ["pause", "end", "yes"]
    assert all(set(line) == documented_events()["listen"] for line in heard)
    assert set(heard[0]) - EVERYWHERE < set(Heard.__dataclass_fields__)


# --- Words, messages, links -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows(page("docs/glossary.md")), ids=lambda row: row[0])
def test_the_glossary_points_into_the_code(row: list[str]) -> None:
    assert row[2] == "—" or codes(row[2])
    for place in codes(row[2]):
        path, *names = place.replace("/", ".").split(".")
        found: Any = importlib.import_module("voicecoach")
        for name in (path, *names):
            fields = getattr(found, "model_fields", {}) | getattr(found, "__dataclass_fields__", {})
            module = f"{getattr(found, '__name__', '')}.{name}"
            if not hasattr(found, name) and name not in fields:
                importlib.import_module(module)
            found = getattr(found, name, None)


COMPLAINTS = {
    "VoiceError",
    "DeviceError",
    "EarError",
    "ModelError",
    "ShippedError",
    "Shortfall",
    "Trouble",
    "PluginError",
    "SocketError",
    "PinError",
}
COMPLAINTS |= {"JournalError", "UnreadableError", "DamagedError", "InUseError"}
INTERNAL = {"The … is not open.", "The loudspeaker is not open.", "This voice was closed.", "… ….", "…: …."}
"""Mistakes of ours, and frames that others fill."""


def texts(node: ast.AST) -> Iterator[str]:
    """Every text in a piece of code, "…" for what is filled in."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value
        elif isinstance(inner, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in inner.values)


def as_pattern(message: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, message.split("…"))))


def messages() -> list[str]:
    """Every message on the page: the first cells of its tables."""
    return [code for row in rows(page("docs/troubleshooting.md").split("## Steps")[1]) for code in codes(row[0])]


def test_every_message_is_documented() -> None:
    shown = messages()
    for path in PACKAGE.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name in COMPLAINTS and call.args:
                for message in [text for text in texts(call.args[0]) if " " in text][:1]:
                    if message not in INTERNAL:
                        known = any(as_pattern(message).fullmatch(e) or as_pattern(e).fullmatch(message) for e in shown)
                        assert known, f"{path.name}: {message}"


def test_no_other_message_is_documented() -> None:
    code = [text for path in PACKAGE.rglob("*.py") for text in texts(ast.parse(path.read_text("utf-8")))]
    code += [re.sub(r"\{\w+\}", "…", str(text)) for text in load_language().sentences["start_alone"].values()]  # type: ignore[union-attr]
    code += [f"{kind.replace('_', ' ')}: …" for kind in note_fields()]
    patterns = [as_pattern(text) for text in code if len(re.sub(r"\W", "", text)) > 5]
    for entry in messages():
        # A device's or a file's message is put together of what failed and why.
        parts = (entry, entry.split(": ")[0], entry.partition(" ")[2].rstrip("."))
        assert any(pattern.fullmatch(part) for part in parts for pattern in patterns), entry


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if not target.startswith("http"):
            file, _, anchor = target.partition("#")
            aim = (path.parent / file).resolve() if file else path
            assert aim.exists(), target
            assert not anchor or anchor in anchors(aim), target


def test_the_readme_is_short() -> None:
    text = page("README.md")
    assert len(text.splitlines()) <= 200


# --- Rooms ------------------------------------------------------------------------------------------------------------


def test_every_key_of_a_plan_is_documented_and_the_example_is_one(tmp_path: Path) -> None:
    parts: dict[str, type[BaseModel]] = {"": RoomPlan, "loudspeaker.": Loudspeaker, "person.": PersonPlan}
    parts["noise."], parts["say."], parts["answer."] = Noise, Say, Answer
    keys = [
        above + key for above, part in parts.items() for key in part.model_fields if above or f"{key}." not in parts
    ]
    table = rows(sections(page("docs/rooms.md"), 2)["Its keys"])
    assert [codes(row[0])[0] for row in table] == keys
    for key, default, *_ in table:
        above, _, name = codes(key)[0].rpartition(".")
        value = parts[f"{above}." if above else ""].model_fields[name].default
        if codes(default):
            assert json.loads(codes(default)[0]) == json.loads(json.dumps(value)), key
    example = re.findall(r"```toml\n(.*?)```", page("docs/rooms.md"), re.DOTALL)
    (tmp_path / "room.toml").write_text(example[0], "utf-8")
    assert [say.words for say in load_plan(tmp_path / "room.toml").say] == ["pause", "resume"]
