"""Files that mean harm, or were broken on the way: one clear error, and nothing written anywhere."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exchange import samples
from tests.exchange.desk import LIBRARY, Taken
from tests.exchange.test_bring_in import refused, timer_set
from voicecoach.exchange.bring_in import Wanted, bring_in
from voicecoach.exchange.taken import ExchangeError

TIMER: dict[str, Any] = {"title": "T", "sets": [timer_set(("A", 20))]}


def timer(**changed: Any) -> dict[str, Any]:
    return {**TIMER, **changed}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 100_000, "hundreds of brackets in one another"),
        ('{"a":' * 100_000, "hundreds of brackets in one another"),
        ('{"title": NaN, "sets": []}', "NaN is no number"),
        ('{"title": "T", "sets": [{"repetitions": Infinity}]}', "Infinity is no number"),
        ('{"title": "T", "sets": ' + "9" * 5000 + "}", "a number of thousands of digits"),
        ('{"title": "T", "sets"', "this is not JSON"),
        ("", ":1: this is not JSON"),
        ("{}" + " " * (4 * 1024 * 1024), "is larger than 4096 KB"),
        (timer(title=5), "title = 5: this must be text"),
        (timer(title="\x1b[31mred"), "holds the character U+001B"),
        (timer(title="a\ud800b"), "U+D800"),
        (timer(title="gnp.\u202eexe"), "holds the character U+202E"),
        (timer(sets={}), "sets: this must be a list"),
        (timer(sets=[1]), "sets[0] = 1: this must be an object"),
        (timer(sets=[]), "there is no exercise in it"),
        (timer(sets=[timer_set(("A", 20), rounds=51)]), "sets[0].repetitions = 51: this does not fit (allowed: a number from 1 to 50)"),
        (timer(sets=[timer_set(("A", -1))]), "duration = -1: this does not fit"),
        (timer(sets=[timer_set(("A", 10**400))]), "this does not fit"),
        (timer(sets=[timer_set(("A", 7200))]), "a number from 0 to 3600"),
        (timer(sets=[{"repetitions": True, "exercises": []}]), "this must be a number"),
        (timer(sets=[{"repetitions": 1.5, "exercises": []}]), "must be a whole number"),
        (timer(sets=[timer_set(("A", 3000), ("Rest", 3000), ("Rest", 3000))]), "the rests here come to 6000 s"),
        (timer(sets=[timer_set(*[("A", 20)] * 301)]), "this has 301 exercises"),
        (timer(sets=[timer_set(("A", 3600), rounds=50)]), "makes no right routine: the routine asks for 50 hours"),
        ({**samples.RECORD, "instructions": ["x" * 600]}, "a word of more than 500 characters"),
        ({**samples.RECORD, "instructions": "a. " * 90_000}, "makes no right routine: is larger than 256 KB"),
        ({**samples.RECORD, "instructions": [["deep"]]}, "instructions: this must be text, or a list of texts"),
        ({**samples.RECORD, "primaryMuscles": 5}, "primaryMuscles = 5: this must be a list of texts"),
        (samples.structure(samples.day("A", [samples.entry(1, order="nan")])), 'order = "nan": this does not fit'),
        (samples.structure(samples.day("A", [samples.entry(1, rest_configs=[samples.config("1e400")])])), "this does not fit"),
        (samples.structure(samples.day("A", [samples.entry(1, set_nr_configs=5)])), "set_nr_configs = 5: this must be a list"),
        (samples.structure(samples.day("A", [samples.entry(-1)])), "exercise = -1: this does not fit"),
    ],
)  # fmt: skip
def test_json_that_means_harm(tmp_path: Path, content: Any, message: str) -> None:
    text = content if isinstance(content, str) else json.dumps(content)  # escapes what UTF-8 cannot write
    told = refused(tmp_path, "x.json", text)
    assert message in told
    assert len(told) < 700
    assert told.isprintable()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.md", "- Bridge\x1b[2J 3 x 5", "U+001B"),
        ("x.md", "# \x00\n\n- Bridge 3 x 5", ""),
        ("x.md", "- " * 30_000, "there is no exercise in it"),
        ("x.md", ">" * 60_000, "there is no exercise in it"),
        ("x.md", "[" * 60_000, "a word of more than 500 characters"),
        ("x.md", "# a\n" * 15_000, "this has 14999 exercises"),
        ("x.md", "- Bridge 3 x 5\n" + " " * 65_536, "is larger than 64 KB"),
        ("x.md", "- Bridge\n  - Position: hanging", "makes no right routine"),
        ("x.csv", "name,reps\nBridge\x07,5\n", ":2: this holds the character U+0007"),
        ("x.csv", "name\n" + "x" * 200_000, ""),
        ("x.csv", "name\n" + "a\n" * 400, "this has 400 rows"),
        ("x.csv", "name,rounds,block\na,99999,b\n", "makes no right routine"),
    ],
)
def test_lists_that_mean_harm(tmp_path: Path, name: str, content: str, message: str) -> None:
    if not message:
        with pytest.raises(ExchangeError):
            Taken(tmp_path, name, content)
        return
    assert message in refused(tmp_path, name, content)


def test_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(b"- Bridge\n- \xff\xfe\n")
    with pytest.raises(ExchangeError, match=r"x\.md:2: is not text in UTF-8"):
        bring_in(tmp_path / "x.md", Wanted(), LIBRARY)


@pytest.mark.parametrize("ending", ["json", "md", "csv"])
def test_nobody_waits_for_a_pipe_or_reads_a_device(tmp_path: Path, ending: str) -> None:
    os.mkfifo(tmp_path / f"x.{ending}")
    (tmp_path / f"zero.{ending}").symlink_to("/dev/zero")
    for name in ("x", "zero"):
        with pytest.raises(ExchangeError, match="is no ordinary file"):
            bring_in(tmp_path / f"{name}.{ending}", Wanted(), LIBRARY)


def test_html_is_never_more_than_words(tmp_path: Path) -> None:
    info = json.loads(json.dumps(samples.EXERCISEINFO))
    description = "<p onclick='x'>Lie down.</p><style>a{}</style><script>bad()</script><img src=x> &lt;b&gt;"
    info["results"][0]["translations"][1]["description"] = description
    (tmp_path / "info.json").write_text(json.dumps(info), "utf-8")
    taken = Taken(tmp_path, "w.json", samples.WGER, exercises=tmp_path / "info.json")
    assert taken["Glute bridge"].steps == ("Lie down.", "<b>")
    info["results"][0]["translations"][1]["description"] = "<" * 30_000
    (tmp_path / "info.json").write_text(json.dumps(info), "utf-8")
    with pytest.raises(ExchangeError, match=r"description.*more than 20000 characters"):
        Taken(tmp_path, "w.json", samples.WGER, exercises=tmp_path / "info.json")


def test_quotes_and_backslashes_stay_text_in_the_file(tmp_path: Path) -> None:
    title = 'Say "hi" \\ # [[exercise]] \x7f'.replace("\x7f", "")
    taken = Taken(tmp_path, "x.json", timer(title=title))
    assert taken.routine.title == title.strip()
    assert len(taken.routine.exercises) == 1


def test_line_breaks_in_names_and_notes_start_no_new_line(tmp_path: Path) -> None:
    slot = [samples.entry(1, comment="a\n[[exercise]]\nuse = 'bridge'\u2028x\u0085y\rz")]
    taken = Taken(tmp_path, "w.json", samples.structure(samples.day("A\ntitle = 'b'", slot)))
    assert len(taken.routine.exercises) == 1
    assert taken.routine.title == "Back - A title = 'b'"


# --- At random --------------------------------------------------------------------------------------------------------

_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
_json = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner), max_leaves=8
)


@st.composite
def _broken(draw: st.DrawFn) -> Any:
    """A right file in which something, somewhere, is something else."""
    made = json.loads(
        json.dumps(draw(st.sampled_from([samples.WORKOUT, samples.BACKUP, samples.WGER, samples.RECORD])))
    )
    for _ in range(draw(st.integers(1, 3))):
        at = made
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(at[key], dict | list) and draw(st.booleans()):
                at = at[key]
                continue
            if isinstance(at, dict) and draw(st.integers(0, 4)) == 0:
                del at[key]
            else:
                at[key] = draw(_json)
            break
    return made


def _takes_it_or_says_why(folder: Path, name: str, content: Any, **wanted: Any) -> None:
    try:
        taken = Taken(folder, name, content, **wanted)
    except ExchangeError as error:
        told = str(error)
    else:
        assert taken.routine.exercises
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", taken.made.text)
        told = ""
    assert "\n" not in told
    assert len(told) < 1500 + len(str(folder))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_broken())
def test_broken_json_is_taken_or_refused_in_one_sentence(tmp_path: Path, content: Any) -> None:
    _takes_it_or_says_why(tmp_path, "x.json", json.dumps(content))


_NEARBY = (
    st.sampled_from([0, 1, 2, 20, 21, 50, 51, 100, 101, 3600, 3601, -1, True, None])
    | st.sampled_from([0.5, 2.5, 0.00001, 1 / 3, 59.9999, 1e15, 1e22])
    | st.sampled_from(["0", "0.00", "2.50", "0.00001", "1e-05", "1e5", " 3", "\u0663", "nan", "inf", "-0", "1_0", ""])
    | st.floats(0, 4000)
)


def _with_other_numbers(value: Any, draw: st.DrawFn, often: int) -> Any:
    """Return a file in which numbers, also those in quotes, are others that might stand there."""
    if isinstance(value, dict):
        return {key: _with_other_numbers(one, draw, often) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_other_numbers(one, draw, often) for one in value]
    number = isinstance(value, int | float) or (isinstance(value, str) and value.replace(".", "").isdecimal())
    return draw(_NEARBY) if number and draw(st.integers(0, often)) == 0 else value


@st.composite
def _near(draw: st.DrawFn) -> tuple[Any, Any]:
    """A right file of each program, and wger's names, with other numbers; entries of wger have all their figures."""
    made = draw(st.sampled_from([samples.WORKOUT, samples.WGER, samples.RECORD, None, None, None]))
    if made is None:
        kinds = draw(st.sets(st.sampled_from(_FIGURES), min_size=1, max_size=2))
        figures = {f"{kind}_configs": [samples.config(draw(_NEARBY))] for kind in kinds}
        made = samples.structure(samples.day("A", [samples.entry(number, **figures) for number in (1, 2)]))
    return _with_other_numbers(made, draw, 30), _with_other_numbers(samples.EXERCISEINFO, draw, 9)


_FIGURES = ["set_nr", "max_set_nr", "repetitions", "max_repetitions", "rest", "weight", "rir"]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_near())
def test_other_numbers_are_taken_or_refused_in_one_sentence(tmp_path: Path, made: tuple[Any, Any]) -> None:
    content, info = made
    (tmp_path / "info.json").write_text(json.dumps(info), "utf-8")
    _takes_it_or_says_why(tmp_path, "x.json", json.dumps(content))
    if "days" in content:
        _takes_it_or_says_why(tmp_path, "x.json", json.dumps(content), exercises=tmp_path / "info.json")


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"set_nr_configs": [samples.config(2.5)]}, "set_nr_configs: 2.5 sets do not fit"),
        ({"set_nr_configs": [samples.config("0.50")]}, "set_nr_configs: 0.5 sets do not fit"),
        ({"repetitions_configs": [samples.config(0.00001)]}, "repetitions_configs: 0 repetitions do not fit"),
    ],
)
def test_figures_of_wger_that_are_no_whole_numbers(tmp_path: Path, figures: Any, message: str) -> None:
    superset = samples.structure(samples.day("A", [samples.entry(1, **figures), samples.entry(2, **figures)]))
    assert message in refused(tmp_path, "x.json", superset)


_lines = st.sampled_from(
    ["# T", "## A (2 rounds)", "### B", "- Bridge 3 x 5", "  - Avoid: x", "- Position: prone", "1. a", "|a|b|", "|-|-|",
     "|name|reps|", "> q", "```", "- How much: 3 x 900", "- Sides:", "    - x", "30 s", "", "- Assumed: dose", "---",
     "- Kept as: bridge", "- Grows: x", "- Gentle: yes", "- Language: xx", "![a](b)", "<b>", "- [x] c"]
) | st.text(max_size=40)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_lines, max_size=14))
def test_any_markdown_is_taken_or_refused_in_one_sentence(tmp_path: Path, lines: list[str]) -> None:
    text = "\n".join(lines).encode("utf-8", "ignore").decode()
    _takes_it_or_says_why(tmp_path, "x.md", text)


_cells = st.sampled_from(
    ["name", "reps", "sets", "hold", "block", "rounds", "Bridge", "3", "5 s", "prone", "position", "2-3", '"', "-"]
) | st.text(max_size=12)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_cells, max_size=6), max_size=5), st.sampled_from(",;\t"))
def test_any_table_is_taken_or_refused_in_one_sentence(tmp_path: Path, rows: list[list[str]], separator: str) -> None:
    head = ["name", "reps", "sets", "hold", "block", "rounds"]
    text = "\n".join(separator.join(row) for row in [head, *rows]).encode("utf-8", "ignore").decode()
    _takes_it_or_says_why(tmp_path, "x.csv", text)
