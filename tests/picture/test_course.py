"""What a routine's time goes into, and how it is drawn: figures checked by hand, drawings read as a person reads them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.named import load_named
from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import Line
from voicecoach.core.routine import Routine
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.picture.course import Course, Part, Piece, course_of, merged
from voicecoach.picture.page import page
from voicecoach.picture.svg import picture
from voicecoach.picture.terminal import SIGNS, axis, parts, strip
from voicecoach.picture.words import clock, length, times, ways

ROOT = Path(__file__).parent.parent.parent
LIBRARY = Library((ROOT / "routines",))
SHIPPED = {name: load_named(name, LIBRARY) for name in LIBRARY.routines()}


def course(routine: Routine) -> Course:
    return course_of(compile_routine(routine, speaking=lambda _: 2.0))


def written(text: str, tmp_path: Path) -> Routine:
    path = tmp_path / "written.toml"
    path.write_text(text, "utf-8")
    return load_routine(path, LIBRARY)


STANDING = """
[[exercise]]
name = "Stand"
position = "standing"
exit = "Stand still."
time = "30 s"
sets = 2
rest = "20 s"
"""
PRONE = STANDING.replace("Stand", "Lie").replace("standing", "prone").replace("sets = 2", "rest_after = 15")


# --- Figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_the_parts_come_to_the_whole_without_a_gap(name: str) -> None:
    program = compile_routine(SHIPPED[name], speaking=lambda line: 0.3 * len(line.key))
    found = course_of(program)
    assert found.seconds == pytest.approx(program.seconds_from(0))
    assert sum(map(found.total, Part)) == pytest.approx(found.seconds)
    at = 0.0
    for piece in found.pieces:
        assert piece.start == pytest.approx(at)
        at += piece.seconds
    if not any(block.style or block.repeat > 1 for block in SHIPPED[name].blocks):
        assert [visit.exercise for visit in found.visits] == list(SHIPPED[name].exercises)


def test_a_routine_reckoned_by_hand(tmp_path: Path) -> None:
    found = course(written(f'title = "T"\n{STANDING}{PRONE}', tmp_path))
    assert found.total(Part.WORK) == 90
    assert found.total(Part.REST) == 20 + 15
    assert found.total(Part.HOLD) == 0
    # Into place twice (15 s each, a change each time) and three seconds before the second set.
    assert found.total(Part.MOVE) == 15 + 15 + 3
    assert [round(visit.seconds) for visit in found.visits][
        1
    ] == 15 + 30 + 15 + 3 * 2  # its name, its dose, and to lie down
    assert (found.downs, found.ups, found.turns) == (1, 1, 1)
    assert [change.down for change in found.changes] == [False, True, False]


def test_rounds_are_visits_and_count_every_change(tmp_path: Path) -> None:
    block = f'title = "T"\n[[block]]\nrepeat = 3\n{STANDING}{PRONE}'.replace("[[exercise]]", "[[block.exercise]]")
    found = course(written(block, tmp_path))
    assert [(visit.exercise.name, visit.round) for visit in found.visits] == [
        (name, turn) for turn in range(3) for name in ("Stand", "Lie")
    ]
    assert (found.downs, found.ups, found.turns) == (3, 3, 5)
    assert ways(found)[1] == "down to the floor 3 times, up from it 3 times, 5 changes between exercises"


def blocked(style: str, *keys: str) -> str:
    stations = "".join(
        f'[[block.exercise]]\nname = "{name}"\nposition = "{position}"\nexit = "Rest."\n{measure}\n'
        for name, position, measure in (("Squat", "standing", "reps = 3"), ("Plank", "prone", 'hold = "10 s"'))
    )
    return "\n".join(['title = "T"', "[[block]]", f'style = "{style}"', *keys, stations])


def test_what_is_told_before_the_clock_starts_moves_nobody(tmp_path: Path) -> None:
    found = course(written(blocked("emom", "repeat = 2"), tmp_path))
    work = [piece.start for piece in found.pieces if piece.part is Part.WORK]
    assert [(change.before and change.before.value, change.after and change.after.value) for change in found.changes] == [
        (None, "standing"), ("standing", "prone"), ("prone", "standing"), ("standing", "prone"), ("prone", None),
    ]  # fmt: skip
    # Into place before the beat: fifteen seconds, at the end of the rest.
    assert [change.at for change in found.changes][1:4] == pytest.approx([work[0] + n * 60 - 15 for n in (1, 2, 3)])
    assert found.changes[0].at == pytest.approx(work[0] - 15 - 2), "they are told to get there"
    assert (found.downs, found.ups) == (2, 2)
    visits = [(visit.exercise.name, visit.round) for visit in found.visits]
    assert visits == [("Squat", 0), ("Plank", 0), ("Squat", 1), ("Plank", 1)]
    assert found.visits[1].start == pytest.approx(work[0] + 60)
    assert sum(visit.seconds for visit in found.visits) + 2 * 2 == pytest.approx(found.seconds), "welcome and farewell"


def test_the_time_of_an_amrap_belongs_to_all_of_it(tmp_path: Path) -> None:
    found = course(written(blocked("amrap", 'lasts = "10 min"'), tmp_path))
    for visit in found.visits:
        assert sum(piece.seconds for piece in visit.pieces if piece.part is Part.WORK) == 300
    assert found.total(Part.WORK) == 600
    assert (found.downs, found.ups) == (1, 1)
    assert [visit.exercise.name for visit in found.visits] == ["Squat", "Plank"]


def test_what_has_no_end_counts_nothing_and_is_said(tmp_path: Path) -> None:
    found = course(written(f'title = "T"\n{STANDING}'.replace('time = "30 s"', "open = true"), tmp_path))
    assert found.open_ended
    assert found.total(Part.WORK) == 0


def test_moving_between_held_repetitions_is_work(tmp_path: Path) -> None:
    held = written('title = "T"\n[[exercise]]\nuse = "bridge"\nreps = 2\nhold = "10 s"', tmp_path)
    found = course(held)
    assert found.total(Part.HOLD) == 20
    assert found.total(Part.REST) == 0
    assert found.total(Part.WORK) == 2 + 3 + 2  # lift, lower, lift


def test_on_the_back_one_only_moves_the_feet(tmp_path: Path) -> None:
    text = "".join(PRONE.replace("prone", position) for position in ("supine", "hook-lying", "prone"))
    found = course(written(f'title = "T"\n{text}', tmp_path))
    assert (found.turns, found.downs, found.ups) == (1, 1, 1)
    assert ways(found)[0] == "down to supine → prone → up"


def test_the_order_of_the_positions() -> None:
    order, figures = ways(course(SHIPPED["lumbar-stabilisation"]))
    assert order == "seated → down to hook-lying → prone → quadruped → up to seated-on-ball"
    assert figures == "down to the floor once, up from it once, 4 changes between exercises"


def test_what_follows_is_merged_and_what_is_apart_is_not() -> None:
    work, rest = Part.WORK, Part.REST
    pieces = [Piece(work, 0, 5), Piece(work, 5, 5), Piece(rest, 10, 0.5), Piece(rest, 11, 0.5), Piece(work, 11.5, 2)]
    assert merged(pieces, 1) == [Piece(work, 0, 10.5), Piece(work, 11, 2.5)]
    assert merged(pieces, 0) == [Piece(work, 0, 10), *pieces[2:]]


def test_lengths_in_words() -> None:
    assert [clock(0), clock(59.6), clock(605)] == ["0:00", "1:00", "10:05"]
    assert [length(45.4), length(150)] == ["45 s", "2:30 min"]
    assert [times(1), times(2), times(3), times(1, "change"), times(0, "change")] == [
        "once", "twice", "3 times", "1 change", "no changes",
    ]  # fmt: skip


# --- In the terminal --------------------------------------------------------------------------------------------------


def plain(line: str) -> str:
    return re.sub(r"\[/?[a-z]*\]", "", line)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 300])
@pytest.mark.parametrize("name", SHIPPED)
def test_the_strip_is_as_wide_as_the_terminal_and_shares_it_out(name: str, width: int) -> None:
    found = course(SHIPPED[name])
    drawn, ticks = map(plain, strip(found, width))
    assert len(drawn) == width
    assert len(ticks) <= width
    assert all(len(plain(line)) <= width for line in parts(found, width))
    for part in Part:
        share = drawn.count(SIGNS[part].mark) / width
        # Within a sign for each of the stretches, of which a narrow strip cannot show the shortest.
        assert share == pytest.approx(found.total(part) / found.seconds, abs=0.15), part
    assert re.match(r"0:00 +\d", ticks)


def test_ticks_stand_where_their_moment_is() -> None:
    ticks = axis(600, 60)
    assert [(found.start(), found[0]) for found in re.finditer(r"\S+", ticks)] == [
        (0, "0:00"), (12, "2:00"), (24, "4:00"), (36, "6:00"), (48, "8:00"),
    ]  # fmt: skip


# --- As a picture -----------------------------------------------------------------------------------------------------

NASTY = """title = 'A <script>alert("1")</script> & "q"'
summary = "]]> <!-- x"
equipment = []
[[exercise]]
name = "<b>Bold</b> \\u200d &amp;"
position = "prone"
exit = "</td><td>"
limbs = ["'\\"><svg onload=x>"]
reps = 3
"""


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("name", SHIPPED)
def test_the_picture_is_well_formed_and_draws_every_second(name: str, inside: bool) -> None:
    found = course(SHIPPED[name])
    root = ET.fromstring(picture(SHIPPED[name], found, inside=inside))  # noqa: S314 - ours
    space = {"s": "http://www.w3.org/2000/svg"}
    wide = sum(float(rect.get("width", 0)) for rect in root.iterfind("s:rect[s:title]", space))
    drawn = sum(visit.seconds for visit in found.visits) / found.seconds * 450
    assert wide == pytest.approx(drawn, rel=0.02)
    names = [text.text for text in root.iterfind("s:text[@class='t-name']", space)]
    assert names == [exercise.name for exercise in SHIPPED[name].exercises]
    assert root.get("role") == "img"
    told = {element.get("id") for element in root}
    assert set(root.get("aria-labelledby", "").split()) <= told


@pytest.mark.parametrize("name", [*SHIPPED, "nasty"])
def test_the_page_holds_nothing_from_elsewhere(name: str, tmp_path: Path) -> None:
    routine = written(NASTY.replace("equipment = []\n", ""), tmp_path) if name == "nasty" else SHIPPED[name]
    made = page(routine, course(routine), "1.0")
    assert "<script" not in made
    assert not re.search(r"url\(|@import", made.partition("</head>")[0])
    # But for the names of the dialects there is no address in it.
    assert set(re.findall(r"https?://[^\"' ]+", made)) == {"http://www.w3.org/2000/svg"}
    body = re.sub(r"&#?\w+;", "", made.partition("<body>")[2].partition("</body>")[0])
    elements = list(ET.fromstring(f"<body>{body}</body>").iter())  # noqa: S314 - ours
    assert not {key for element in elements for key in element.attrib if key.startswith("on")} | {"src", "href"} & {
        key for element in elements for key in element.attrib
    }
    assert not {"script", "img", "link", "iframe", "object", "use", "image"} & {e.tag.split("}")[-1] for e in elements}
    for exercise in routine.exercises:
        assert exercise.exit.replace("<", "&lt;").replace(">", "&gt;") in made


def test_a_routine_of_many_rounds_stays_a_small_picture(tmp_path: Path) -> None:
    text = "\n".join(f"[[block]]\nrepeat = 50\n{STANDING.replace('sets = 2', '')}" for _ in range(20))
    routine = written(f'title = "T"\n{text}'.replace("[[exercise]]", "[[block.exercise]]"), tmp_path)
    assert len(picture(routine, course(routine))) < 1_000_000
    assert all(len(plain(line)) <= 60 for line in strip(course(routine), 60))


def test_a_line_says_what_something_is(tmp_path: Path) -> None:
    made = picture(SHIPPED["first-steps"], course_of(compile_routine(SHIPPED["first-steps"], speaking=_seconds)))
    assert "Positions: down to hook-lying → up; down to the floor once" in made
    assert "2 x 3 each side, rest 20 s" in made


def _seconds(line: Line) -> float:
    return 1.0
