"""Where a mistake stands, to the character; all of them at once; and what may stand in the place of a file."""

# ruff: noqa: F811 - a fixture is a parameter too

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from tests.loading.test_loading import HEAD, OWN, SHIPPED, TOP, USE, library  # noqa: F401 - a fixture among them
from voicecoach.complaints import picture
from voicecoach.loading.exercises import Placed, placed_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine, read_routine
from voicecoach.loading.source import MOST_COMPLAINTS, RoutineError, Source
from voicecoach.toml_lines import DEEPEST, Spot, locate


def refused(folder: Path, text: str, library: Library | None = None) -> RoutineError:
    path = folder / "r.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(path, library or Library((SHIPPED,)))
    return caught.value


def spots(error: RoutineError) -> list[tuple[int, ...] | None]:
    return [one.spot and tuple(one.spot) for one in error.all]


SLIPS: dict[str, tuple[str, tuple[int, int, int] | None]] = {
    "an unknown key at its name": (HEAD + "reps = 3\n  hodl = 3\n", (7, 3, 4)),
    "a quoted key": (HEAD + 'reps = 3\n"ho dl" = 3\n', (7, 1, 7)),
    "a value": (HEAD + 'hold   =  "ten"  # so\n', (6, 11, 5)),
    "a value behind a tab": (HEAD + '\thold =\t"ten"\n', (6, 9, 5)),
    "a value behind wide characters": (TOP + "exercise = [{ use = 'bridge', say_as = '日本', hold = 'ten' }]\n", (2, 53, 5)),
    "an element": (HEAD + 'reps = 3\nsteps = ["a", 3, "b"]\n', (7, 15, 1)),
    "an element on a line of its own": (HEAD + 'reps = 3\nsteps = [\n  "a", # x\n  [1],\n]\n', (9, 3, 3)),
    "a key in an inline table": (TOP + "exercise = [{ use = 'bridge', hodl = 1 }]\n", (2, 31, 4)),
    "a dotted key": (USE + "hold.seconds = 3\n", (4, 1, 4)),
    "what an exercise lacks, at its header": (TOP + '\n[[exercise]]\nname = "B"\nexit = "O."\nreps = 3\n', (3, 1, 12)),
    "what a block's exercise lacks": (TOP + "[[block]]\n [[block.exercise]]\n reps = 3\n", (3, 2, 18)),
    "what the file lacks": (OWN + "reps = 3\n", None),
    "the day": ("review_on = '2027-02-30'\n" + USE, (1, 13, 12)),
    "no TOML": (HEAD + 'reps = "3\n', (6, 10, 1)),
    "an open bracket": (HEAD + 'steps = ["a"\n', (6, 13, 1)),
    "a value of many lines": (HEAD + 'hold = """\nten"""\n', (6, 8, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_mistake_is_placed_to_the_character(tmp_path: Path, name: str) -> None:
    text, expected = SLIPS[name]
    error = refused(tmp_path, text)
    assert spots(error) == [expected]
    if expected:
        assert str(error).startswith(f"{tmp_path}/r.toml:{expected[0]}:{expected[1]}: ")
        assert error.excerpt == text.split("\n")[expected[0] - 1]


def test_everything_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    block = '[[block]]\nrepeat = 99\ntitel = "x"\n[[block.exercise]]\nuse = "bridge"\nreps = 0\nsets = 99\n'
    text = 'titel = 1\nlanguage = "english"\nreview_on = 3\nlint = 3\n' + USE + 'rest = "long"\nhodl = 3\n' + block
    error = refused(tmp_path, text + '[[exercise]]\nuse = "brigde"\n[pain]\ntolerated = 3\n')
    assert [one.key for one in error.all] == [
        "titel", "language", "review_on", "lint", "rest", "hodl", "repeat", "titel", "reps", "sets", "use", "pain",
    ]  # fmt: skip
    assert [one.line for one in error.all] == sorted(one.line or 0 for one in error.all)
    assert all(not one.others for one in error.others)


def test_a_block_with_a_style_tells_all_and_nothing_that_is_wrong_only_because_of_the_rest(tmp_path: Path) -> None:
    block = (
        '[[block]]\nstyle = "superset"\nrset = 3\n[[block.exercise]]\nuse = "bridge"\nsets = 2\nrest = 3\ndose = "x"\n'
    )
    error = refused(tmp_path, TOP + block + '[[block.exercise]]\nuse = "bird-dog"\nreps = [3, "x", 400]\n')
    assert [(one.key, one.line) for one in error.all] == [
        ("rset", 4), ("sets", 7), ("rest", 8), ("dose", 9), ("reps", 12), ("reps", 12),
    ]  # fmt: skip
    assert [one.spot and one.spot.column for one in error.all[-2:]] == [12, 17]


def test_what_is_missing_may_be_what_is_misspelt(tmp_path: Path) -> None:
    assert [one.key for one in refused(tmp_path, HEAD + "rep = 3\n").all] == ["rep"]
    assert [one.key for one in refused(tmp_path, HEAD.replace("exit", "exti") + "reps = 0\n").all] == ["exti", "reps"]
    assert [one.key for one in refused(tmp_path, HEAD.replace("exit", "# ") + "reps = 0\n").all] == ["reps", "exit"]


def test_a_value_of_two_kinds_is_refused_once(tmp_path: Path) -> None:
    assert len(refused(tmp_path, HEAD + 'reps = 3\nassumed = ["x", 3]\n').all) == 1


def test_mistakes_of_the_library_come_last_and_once(tmp_path: Path, library: Library) -> None:
    (tmp_path / "own" / "exercises" / "bridge.toml").write_text('name = "B"\nrep = 3\nhold = "x"\n')
    error = refused(
        tmp_path, USE + 'reps = 3\n[[exercise]]\nuse = "bridge"\n[[exercise]]\nuse = "heel-slide"\nhold=0\n', library
    )
    assert [(Path(one.file).name, one.key) for one in error.all] == [
        ("r.toml", "hold"), ("bridge.toml", "rep"), ("bridge.toml", "hold"),
    ]  # fmt: skip


def test_behind_so_many_mistakes_a_file_is_not_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []

    def count(*arguments: Any) -> Placed:
        read.append(arguments)
        return placed_exercise(*arguments)

    monkeypatch.setattr("voicecoach.loading.routines.placed_exercise", count)
    error = refused(tmp_path, TOP + "[[exercise]]\nuse = 'brigde'\n" * 1000)
    assert len(error.all) == len(read) == MOST_COMPLAINTS
    error = refused(tmp_path, TOP + "".join(f"k{n} = 1\n" for n in range(5000)) + "[[exercise]]\nuse = 'bridge'\n")
    assert len(error.all) == MOST_COMPLAINTS


class _SlipError(ValueError):
    """As a reader of shorthand may raise it."""

    offset = 4


class _Short(BaseModel):
    dose: str

    @field_validator("dose")
    @classmethod
    def _refuse(cls, value: str) -> str:
        raise _SlipError("this is no dose")


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ('dose = "2 x many"', 13),
        ("dose = '2 x many'", 13),
        ("dose = '\\ x many'", 13),
        ('dose = "2\\u00d7 many"', 18),
        ('dose = "\\"\\"\\"\\"many"', 17),
        ('dose = """2 x many"""', 15),
        ('dose = "2 x"', 12),
        ('dose = """\n2 x many"""', 8),
        ("dose = 'a日本bmany'", 13),
    ],
)
def test_a_reader_may_point_at_a_character_of_a_text(tmp_path: Path, written: str, column: int) -> None:
    (tmp_path / "s.toml").write_text(f"{written}\n", "utf-8")
    source = Source.read(tmp_path / "s.toml")
    with pytest.raises(RoutineError, match=rf"s\.toml:1:{column}: dose = "):
        source.validate(_Short, source.table, ())


def test_the_mark_stands_below_the_place() -> None:
    assert picture("hold = 'x'", Spot(3, 8, 3)) == ("   3 | hold = 'x'", "     |        ^^^")
    assert picture("\thold = 'x'", Spot(3, 9, 3)) == ("   3 |  hold = 'x'", "     |         ^^^")
    assert picture("a = '日本' # \x1b", Spot(12, 6, 2)) == ("  12 | a = '日本' # \ufffd", "     |      ^^^^")
    assert picture("a = 'e\u0301' x", Spot(12, 9, 1)) == ("  12 | a = 'e\u0301' x", "     |        ^")
    assert picture("", Spot(1, 1)) == ()
    assert picture("a = 1", None) == ()
    line, mark = picture("x" * 500 + "HERE" + "y" * 500, Spot(1, 501, 4))
    assert len(line) < 120
    assert line[mark.index("^") : mark.rindex("^") + 1] == "HERE"
    for column in (1, 30, 970, 1004):
        line, mark = picture("x" * (column - 1) + "H" + "y" * (1004 - column), Spot(1, column))
        assert line[mark.index("^")] == "H"
        assert len(line) < 120


def test_what_is_deep_inside_has_a_place_up_to_a_depth() -> None:
    places = locate("a = [[{b = [1, {c = 2}]}]]\n")
    assert places.value(("a", 0, 0, "b", 1, "c")) == Spot(1, 21, 1)
    assert places.key(("a", 0, 0, "b", 1, "c")) == Spot(1, 17, 1)
    assert places.value(("a", 0, 0, "b")) == Spot(1, 12, 12)
    assert places.value(("a",)) == Spot(1, 5, 22)
    deep = locate(f"a = {'[' * 200}{'1, ' * 100}{']' * 200}\nb = 1\n")
    assert max(map(len, deep.values)) <= DEEPEST
    assert deep.line(("b",)) == 2


# --- What may stand in the place of a file ---------------------------------------------------------------------------


def said(path: Path) -> str:
    with pytest.raises(RoutineError) as caught:
        read_routine(path, Library((SHIPPED,)))
    return str(caught.value).removeprefix(str(path.parent))


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    (tmp_path / "to-pipe.toml").symlink_to(tmp_path / "pipe.toml")
    for name in ("pipe", "zero", "to-pipe"):
        assert said(tmp_path / f"{name}.toml").startswith(f"/{name}.toml:1: cannot be read: is no ordinary file")
    with socket.socket(socket.AF_UNIX) as door:
        monkeypatch.chdir(tmp_path)  # its name must be short
        door.bind("door.toml")
    assert said(tmp_path / "door.toml").startswith("/door.toml:1: cannot be read: no such device")
    (tmp_path / "round.toml").symlink_to("round.toml")
    assert said(tmp_path / "round.toml").startswith("/round.toml:1: cannot be read: too many levels")
    assert said(Path("/dev/null")).endswith("a routine needs at least one [[exercise]] or [[block]]"), "an empty file"


def test_a_pipe_in_the_library_stops_only_who_uses_it(tmp_path: Path, library: Library) -> None:
    os.mkfifo(tmp_path / "own" / "exercises" / "bridge.toml")
    assert "is no ordinary file" in str(refused(tmp_path, USE, library))
    (tmp_path / "r.toml").write_text(USE.replace("bridge", "heel-slide"))
    assert load_routine(tmp_path / "r.toml", library).exercises


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(USE)
    (tmp_path / "link.toml").symlink_to("real.toml")
    assert load_routine(tmp_path / "link.toml", Library((SHIPPED,))).slug == "link"


@pytest.mark.parametrize(
    "name", ["../bridge", "../../etc/passwd", "/etc/passwd", "exercises/bridge", "bridge.toml", "*"]
)
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    assert "the library has no such exercise" in str(refused(tmp_path, f"{TOP}[[exercise]]\nuse = '{name}'\n"))
    assert refused(tmp_path, USE + f"easier = '{name}'\n").key == "easier"


@pytest.mark.parametrize(
    "mark",
    [
        "\u202e",
        "\u2066",
        "\u2028",
        "\U000e0041",
        "\x9b",
        "\x7f",
        "\u200f",
        "\u061c",
        "\u200b",
        "\ufeff",
        "\u2060",
        "\u180e",
    ],
)
def test_text_that_turns_round_or_hides_is_refused(tmp_path: Path, mark: str) -> None:
    written = "".join(f"\\U{ord(one):08x}" for one in mark)
    error = refused(tmp_path, HEAD.replace("Out.", f"Out{written}."))
    assert "a line is plain text" in str(error)
    assert error.shown.replace("\n", "").isprintable()


@pytest.mark.parametrize("mark", ["\u00ad", "\u200c", "\u200d", "\u00a0", "\u202f"])
def test_what_words_are_spelt_with_is_text(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(HEAD.replace("Out.", f"Go{mark}out.") + "reps = 3\n", "utf-8")
    assert mark in load_routine(path, Library((SHIPPED,))).exercises[0].exit


def test_one_rule_says_which_characters_are_no_text() -> None:
    from voicecoach.core.hidden import unfit
    from voicecoach.exchange.text import plain

    for number in [*range(0x20, 0x3000), *range(0xD7F0, 0xE001), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0200)]:
        mark = chr(number)
        if mark.isspace() or mark in "\u200b\ufeff":
            continue  # of these an importer makes blanks
        try:
            plain(f"a{mark}b")
        except ValueError:
            assert unfit(mark) == mark, hex(number)
        else:
            assert not unfit(mark), hex(number)


def test_a_file_s_name_is_shown_with_nothing_that_a_terminal_obeys(tmp_path: Path, library: Library) -> None:
    (tmp_path / "own" / "exercises" / "b\x1b[31m\u202e.toml").write_text("")
    assert str(refused(tmp_path, USE.replace("bridge", "brigde"), library)).isprintable()
    path = tmp_path / "a\x1b[31m\u202e.toml"
    path.write_text("title = 3\n")
    assert said(path).isprintable()
