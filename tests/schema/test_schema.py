"""The schema of the files: every shipped file fits it, typical mistakes do not, and a new key cannot be forgotten."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from tests.needs import needs
from voicecoach.cli import main
from voicecoach.core.dose import Dose, Noun, Progress, Range, Seconds
from voicecoach.core.routine import Block, Exercise, Position, Routine, Text
from voicecoach.loading import exercises, pain, programmes, routines
from voicecoach.loading.exercises import load_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.schema.files import KINDS, PAIN_KEYS, UndescribedError, form_of, keys_of, schema_of
from voicecoach.schema.forms import rule, span, tempo, text
from voicecoach.schema.patterns import number, whole
from voicecoach.schema.words import _WORDS, about, docs_of

ROOT = Path(__file__).parent.parent.parent
LIBRARY = Library((ROOT / "routines",))
PUBLISHED = ROOT / "docs" / "schema"
SHIPPED = [
    *(("routine", path) for path in sorted((ROOT / "routines").glob("*.toml")) if "." not in path.stem),
    *(("exercise", path) for path in sorted((ROOT / "routines" / "exercises").glob("*.toml")) if "." not in path.stem),
    ("routine", ROOT / "voicecoach" / "demo.toml"),
]
SCHEMAS = {kind: Draft7Validator(schema_of(kind)) for kind in KINDS}


def plain(value: Any) -> Any:
    """Return what JSON has in place of a value of TOML's."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def fits(kind: str, written: str) -> bool:
    return bool(SCHEMAS[kind].is_valid(plain(tomllib.loads(written))))


def loads(kind: str, written: str, tmp_path: Path) -> bool:
    path = tmp_path / "written.toml"
    path.write_text(written, "utf-8")
    try:
        load_exercise(path) if kind == "exercise" else load_routine(path, LIBRARY)
    except RoutineError:
        return False
    return True


# --- What ships -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_one_and_the_published_copy_is_up_to_date(kind: str) -> None:
    Draft7Validator.check_schema(schema_of(kind))
    published = PUBLISHED / f"{kind}.schema.json"
    assert json.loads(published.read_text("utf-8")) == schema_of(kind), f"voicecoach schema {kind} -o {published}"


def test_nothing_else_is_published() -> None:
    assert {path.name for path in PUBLISHED.iterdir()} == {f"{kind}.schema.json" for kind in KINDS}


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=lambda value: getattr(value, "stem", value))
def test_every_shipped_file_fits(kind: str, path: Path) -> None:
    found = [error.message for error in SCHEMAS[kind].iter_errors(plain(tomllib.loads(path.read_text("utf-8"))))]
    assert not found


def test_taplo_finds_the_shipped_files_right_and_a_slip_in_one(tmp_path: Path) -> None:
    if (taplo := shutil.which("taplo", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")) is None:
        needs("taplo")
    taplo = str(taplo)
    for kind, path in SHIPPED:
        (tmp_path / f"{kind}-{path.name}").write_text(
            f"#:schema {(PUBLISHED / f'{kind}.schema.json').as_uri()}\n{path.read_text('utf-8')}", "utf-8"
        )
    done = subprocess.run([taplo, "lint"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    slip = tmp_path / "routine-first-steps.toml"
    slip.write_text(slip.read_text("utf-8").replace("reps = 3", 'reps = "three"'), "utf-8")
    done = subprocess.run([taplo, "lint"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert '"three"' in done.stderr


# --- Typical mistakes -------------------------------------------------------------------------------------------------

BRIDGE = '[[exercise]]\nuse = "bridge"\n'
OWN = '[[exercise]]\nname = "Wall push"\nposition = "standing"\nexit = "Stand upright."\nreps = "8-12"\n'
MONITORED = 'pain_policy = "monitored"\nprescriber = "Dr. Example"\nreview_on = 2027-01-31\n'
RIGHT = {
    "taken from the library": BRIDGE,
    "a number": f"{BRIDGE}reps = 4",
    "a range": f'{BRIDGE}reps = "3 to 5"',
    "breaths": f'{BRIDGE}hold = "3-5 breaths"',
    "a clock": f'{BRIDGE}rest = "1:30"',
    "minutes": f'{BRIDGE}rest = "0.5 min"',
    "an hour": f'{BRIDGE}rest = "1 hour"\ncues = [{{ at = "0.1 h", say = "On." }}]',
    "hours of rest": f'{BRIDGE}rest = "0.25-0.5 Hours"',
    "the typographer's minus": f'{BRIDGE}hold = "20 s"\ncues = [{{ at = "\u22125 s", say = "Soon." }}]',
    "its own": OWN,
    "a block": f"[[block]]\nrepeat = 2\n{BRIDGE.replace('exercise', 'block.exercise')}",
    "a rule": f'progress = ["After 3 sessions with pain \u2264 2 \u2192 reps + 1"]\n{BRIDGE}reps = "3-5"',
    "monitored": f"{MONITORED}[pain]\ntolerated = 3\n{BRIDGE}",
    "a list": f'{BRIDGE}reps = [6, "4-5", 2]\nrest = ["30 s", 20]',
    "shorthand": f'{BRIDGE}dose = "2 x 3-5 each side, hold 3 breaths, rest 30 s"',
    "its own in shorthand": OWN.replace("reps =", "dose =").replace("8-12", "2 x 5"),
    "cues at moments": f'{BRIDGE}cues = ["Firm.", {{ at = "-5 s", say = "Soon." }}, {{ at = "Every 2 reps", say = "On." }}]',
    "how much is said": f'verbosity = "short"\nvoice = "en-gb"\nequipment = ["mat"]\n{BRIDGE}',
    "growing breaths": f'{BRIDGE}breaths = "3-5"\nprogress = ["after 3 sessions with pain <= 2: breaths +1"]',
    "a Tabata": '[[block]]\nstyle = "tabata"\n'
    + OWN.replace("[[exercise", "[[block.exercise").replace('reps = "8-12"\n', ""),
    "no growth": f"{BRIDGE}progress = []",
    "assumed keys": f'{BRIDGE}assumed = ["reps"]',
}
WRONG = {
    "a misspelt key": f"{BRIDGE}rep = 4",
    "a misspelt key of the routine": f'sumary = "x"\n{BRIDGE}',
    "words for a number": f'{BRIDGE}reps = "five"',
    "none": f"{BRIDGE}reps = 0",
    "too many": f"{BRIDGE}sets = 21",
    "too many in a range": f'{BRIDGE}sets = "3-21"',
    "half a repetition": f"{BRIDGE}reps = 2.5",
    "seconds without a unit": f'{BRIDGE}rest = "30"',
    "another unit": f'{BRIDGE}rest = "30 h"',
    "more than an hour": f'{BRIDGE}rest = "61 min"',
    "a hold of no time": f'{BRIDGE}hold = "0 s"',
    "too many breaths": f'{BRIDGE}hold = "31 breaths"',
    "a tempo of three": f'{BRIDGE}tempo = "2-0-2"',
    "a clock past the hour": f'{BRIDGE}rest = "1:60"',
    "no exercise": "",
    "an empty list": "exercise = []",
    "single brackets": '[exercise]\nuse = "bridge"',
    "neither use nor a name": "[[exercise]]\nreps = 3",
    "its own without an exit": OWN.replace("exit =", "short ="),
    "its own without a measure": OWN.replace('reps = "8-12"', "sets = 2"),
    "no such position": OWN.replace("standing", "handstand"),
    "a name of no words": OWN.replace("Wall push", "..."),
    "a line break in a name": OWN.replace("Wall push", "Wall\\npush"),
    "time and repetitions": f'{BRIDGE}time = "30 s"\nreps = 3',
    "open and a hold": f'{BRIDGE}open = true\nhold = "3 s"',
    "a text for a list": f'welcome = "Hello"\n{BRIDGE}',
    "a text for a switch": f'{BRIDGE}gentle = "yes"',
    "a slug with a blank": BRIDGE.replace("bridge", "bird dog"),
    "a rule without a number": f'progress = ["after a few sessions: reps +1"]\n{BRIDGE}',
    "a rule with too large a step": f'progress = ["after 3 sessions with pain <= 2: reps +9"]\n{BRIDGE}',
    "monitored by nobody": f"{MONITORED.replace('prescriber', 'author')}[pain]\ntolerated = 3\n{BRIDGE}",
    "pain without monitoring": f"[pain]\ntolerated = 3\n{BRIDGE}",
    "more pain than is allowed": f"{MONITORED}[pain]\ntolerated = 6\n{BRIDGE}",
    "what is the same everywhere": f"{MONITORED}[pain]\ntolerated = 3\npains = 1\n{BRIDGE}",
    "a block without exercises": "[[block]]\nrepeat = 2",
    "too many rounds": f"[[block]]\nrepeat = 51\n{BRIDGE.replace('exercise', 'block.exercise')}",
    "no moment": f'{BRIDGE}cues = [{{ at = "sometimes", say = "Now." }}]',
    "a cue of nothing": f'{BRIDGE}cues = [{{ at = "half" }}]',
    "breaths and repetitions": f"{BRIDGE}breaths = 5\nreps = 3",
    "too long a list": f"{BRIDGE}reps = [{'1, ' * 21}]",
    "no such style": f'[[block]]\nstyle = "cirkit"\n{BRIDGE.replace("exercise", "block.exercise")}',
    "no key of the dose": f'{BRIDGE}assumed = ["name"]',
    "a language in words": f'language = "English"\n{BRIDGE}',
    "the core's own shape": f"{BRIDGE}dose = {{ reps = 3 }}",
    "the core's own sets": f"{BRIDGE}by_set = [{{ reps = 3 }}]",
    "what loading fills in": f'slug = "x"\n{BRIDGE}',
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_not_marked(name: str, tmp_path: Path) -> None:
    written = f'title = "T"\n{RIGHT[name]}'
    assert loads("routine", written, tmp_path)
    assert fits("routine", written)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_marked(name: str, tmp_path: Path) -> None:
    written = f'title = "T"\n{WRONG[name]}'
    assert not loads("routine", written, tmp_path)
    assert not fits("routine", written)


def test_an_exercise_file_has_no_use_and_needs_all_of_itself(tmp_path: Path) -> None:
    right = OWN.partition("\n")[2]
    assert loads("exercise", right, tmp_path)
    assert fits("exercise", right)
    for wrong in ('use = "bridge"\n' + right, right.replace("name =", "say_as ="), right.replace("reps", "rep")):
        assert not loads("exercise", wrong, tmp_path)
        assert not fits("exercise", wrong)


def test_a_programme_is_weeks_of_days() -> None:
    right = (
        'title = "T"\n[[week]]\ndays = ["first-steps", "rest"]\nrepeat = 2\ngo_on = "after 3 sessions with pain <= 2"\n'
    )
    assert fits("programme", right)
    for old, new in (("[[week]]", "[week]"), ("days", "day"), ("2\n", "0\n"), ("after", "past"), ("rest", "Rest day")):
        assert old in right
        assert not fits("programme", right.replace(old, new)), new
    assert not fits("programme", 'title = "T"')
    assert not fits("programme", right.replace('["first-steps", "rest"]', "[]"))
    assert set(schema_of("programme")["properties"]) == programmes._KEYS
    assert set(schema_of("programme")["definitions"]["week"]["properties"]) == programmes._WEEK_KEYS


def mutations(table: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a file where a value stands."""
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from mutations(value, (*path, key))


@pytest.mark.parametrize(("kind", "path"), SHIPPED[:-1], ids=lambda value: getattr(value, "stem", value))
def test_a_shipped_file_with_a_slip_anywhere_is_marked(kind: str, path: Path) -> None:
    whole_file = plain(tomllib.loads(path.read_text("utf-8")))
    places = list(mutations(whole_file))
    assert len(places) > 5
    for place in places:
        slips: tuple[Any, ...] = ({"no": "table"}, "\n", -1, [[]])
        for slip in slips:
            table = json.loads(json.dumps(whole_file))
            parent = table
            for part in place[:-1]:
                parent = parent[part]
            parent[place[-1]] = slip
            assert not SCHEMAS[kind].is_valid(table), (place, slip)
        if isinstance(place[-1], str):
            parent[f"{place[-1]}x"] = parent.pop(place[-1])
            assert not SCHEMAS[kind].is_valid(table), place


# --- The written forms ------------------------------------------------------------------------------------------------

NUMBERS = st.sampled_from(["0", "1", "3", "05", "3.0", "3.5", "10", "20", "21", "30", "60", "61", "600", "601", "3600"])
MARKS = st.sampled_from(["-", " - ", " to ", "\u2013", "", ":", " "])
UNITS = st.sampled_from(["", " s", "s", " Sec", " min", " minutes", " breaths", " breath", " h", " S "])
WRITTEN = st.builds("{}{}{}{}".format, NUMBERS, MARKS, st.one_of(NUMBERS, st.just("")), UNITS)
RULES = st.builds(
    "{}{} sessions with pain {}{}{} {} +{}{}".format,
    st.sampled_from(["after ", "After  ", ""]),
    NUMBERS,
    st.sampled_from(["<= ", "<=", "\u2264 ", "< "]),
    st.sampled_from(["0", "2", "5", "6"]),
    st.sampled_from([":", " :", " ->", "\u2192", ""]),
    st.sampled_from(["sets", "reps", "Hold", "time", "rest"]),
    st.sampled_from(["0", "1", "2", "3", "10", "30", "31"]),
    UNITS,
)
TEMPI = st.lists(NUMBERS, min_size=3, max_size=5).map("-".join)
READERS: dict[str, tuple[TypeAdapter[Any], Draft7Validator | None, st.SearchStrategy[Any]]] = {
    "seconds": (TypeAdapter(Seconds), Draft7Validator(span()), WRITTEN),
    "progress": (TypeAdapter(Progress), Draft7Validator({"type": "array", "items": rule()}), RULES.map(lambda r: [r])),
    "text": (TypeAdapter(Text), Draft7Validator(text()), st.text(max_size=8)),
    **{
        key: (TypeAdapter(Annotated[Noun, BeforeValidator(lambda v, key=key: Dose(**{"reps": 1} | {key: v}))]), None, s)
        for key, s in (("sets", WRITTEN), ("reps", WRITTEN), ("hold", WRITTEN), ("tempo", TEMPI))
    },
}


@pytest.mark.parametrize("name", READERS)
def test_no_editor_marks_what_the_loader_takes(name: str) -> None:
    reader, form, written = READERS[name]
    form = form or Draft7Validator(keys_of(Dose)[name])

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(written)
    def agree(value: Any) -> None:
        try:
            reader.validate_python(value)
        except ValidationError:
            return
        assert form.is_valid(value), value

    agree()


@pytest.mark.parametrize(
    ("least", "most"), [(0, 5), (0, 59), (1, 20), (1, 100), (0, 3600), (7, 7), (13, 247), (98, 1002)]
)
def test_an_expression_matches_the_numbers_that_it_is_for(least: int, most: int) -> None:
    import re

    every = [str(n) for n in range(4000)]
    assert [n for n in every if re.fullmatch(whole(least, most), n)] == every[least : most + 1]
    assert [n for n in every if re.fullmatch(number(least, most), n)] == every[least : most + 1]
    assert not re.fullmatch(number(least, most), f"{most}.5")
    assert least == most or re.fullmatch(number(least, most), f"{least}.25")


def test_a_tempo_is_four_numbers() -> None:
    form = Draft7Validator(tempo())
    assert form.is_valid("2 - 0-2.5-1")
    assert not form.is_valid("2-0-2")


# --- Nothing is forgotten ---------------------------------------------------------------------------------------------


def test_the_schema_has_the_keys_that_the_loader_takes() -> None:
    routine = schema_of("routine")
    assert set(routine["properties"]) == routines._ROUTINE_KEYS
    assert set(routine["definitions"]["block"]["properties"]) == routines._BLOCK_KEYS
    assert set(routine["definitions"]["exercise"]["properties"]) == exercises.USE_KEYS
    assert set(schema_of("exercise")["properties"]) == exercises._EXERCISE_KEYS | exercises._OF_A_FILE
    assert set(routine["properties"]["pain"]["properties"]) == set(PAIN_KEYS) == pain._PAIN_KEYS


class Grown(Noun):
    """A noun as it may be one day."""

    shuffle: bool = False
    """In another order each day."""
    every: Seconds | None = None
    """Each begins so often."""
    way: Position | None = None
    """How."""
    lines: Annotated[tuple[Text, ...], Field(min_length=1)] = ("a",)
    """What is said."""


def test_a_field_that_a_noun_gains_appears_by_itself() -> None:
    found = keys_of(Grown)
    assert found["shuffle"] == {"type": "boolean", "description": "In another order each day."}
    assert found["every"]["description"].startswith("Each begins so often. Such as")
    assert found["every"]["anyOf"] == span()["anyOf"]
    assert "hook-lying" in found["way"]["enum"]
    assert found["lines"]["minItems"] == 1


class Silent(Noun):
    """A noun without a word under its field."""

    shuffle: bool = False


@pytest.mark.parametrize(
    "hint", [Annotated[Range, BeforeValidator(str)], dict[str, int], Dose, tuple[Dose, ...] | None]
)
def test_a_form_that_nobody_has_described_is_an_error(hint: Any) -> None:
    with pytest.raises(UndescribedError):
        form_of(hint)


def test_a_key_that_nobody_has_explained_is_an_error() -> None:
    with pytest.raises(UndescribedError, match=r"Silent\.shuffle"):
        keys_of(Silent)


def test_the_words_are_for_keys_that_there_are() -> None:
    for noun in (Routine, Block, Exercise, Dose):
        keys = set(noun.model_fields) | {"exercise", "block", "use", "dose", "lint"}
        for key in _WORDS[noun.__name__]:
            assert key in keys, key
            assert about(noun, key)


def test_docstrings_are_read_from_under_the_fields() -> None:
    assert docs_of(Position) == {}
    assert docs_of(Exercise)["steps"] == "How to do it, a sentence a line."


# --- The command ------------------------------------------------------------------------------------------------------


def test_the_command_writes_the_schema(tmp_path: Path) -> None:
    from click.testing import CliRunner

    run = CliRunner().invoke
    assert json.loads(run(main, ["schema"]).output) == schema_of("routine")
    target = tmp_path / "exercise.schema.json"
    done = run(main, ["schema", "exercise", "-o", str(target)])
    assert done.output == f"{target}: the schema of an exercise file\n"
    assert target.read_text("utf-8") == (PUBLISHED / target.name).read_text("utf-8")
    assert run(main, ["schema", "-o", str(tmp_path / "no" / "where.json")]).exit_code == 3
    assert run(main, ["schema", "shoe"]).exit_code == 2
