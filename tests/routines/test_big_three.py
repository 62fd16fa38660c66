"""Descending sets as Stuart McGill gives them for the "big three": 6, 4 and 2 repetitions of ten seconds, rehearsed.

Rule: worked out by hand from the prescription; nothing here asks the program what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import Line, Say, StepBegan
from voicecoach.core.progress import dose_at
from voicecoach.core.report import Prescribed
from voicecoach.core.routine import Routine
from voicecoach.language import load_language
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.rehearsal import Moment, rehearse
from voicecoach.shipped import shipped

BIG_THREE = """\
title = "Three for the spine"
progress = ["after 6 sessions with pain <= 2: reps +1"]

[[exercise]]
name = "Curl-up"
position = "supine"
exit = "Lower your head and shoulders, and lie still."
dose = "6/4/2, hold 10 s, rest 30 s"

[[exercise]]
name = "Side bridge"
position = "side-lying"
exit = "Lower your hips to the floor."
dose = "6/4/2 each side, hold 10 s, rest 30/20 s"
order = "complete"
cues = ["Hips forward.", { at = "rep 2", say = "Keep breathing." }]

[[exercise]]
use = "bird-dog"
reps = [6, 4, 2]
hold = "10 s"
rest = "30 s"
"""
DOG = ["right arm and left leg", "left arm and right leg"]
SIDES = ["right side", "left side"]


@pytest.fixture(scope="module")
def routine(tmp_path_factory: pytest.TempPathFactory) -> Routine:
    file = tmp_path_factory.mktemp("big-three") / "big-three.toml"
    file.write_text(BIG_THREE, "utf-8")
    return load_routine(file, Library((shipped("routines"),)))


@pytest.fixture(scope="module")
def moments(routine: Routine) -> list[Moment]:
    return list(rehearse(compile_routine(routine), lambda _: 0.6))


def begun(moments: list[Moment]) -> Iterator[StepBegan]:
    return (effect for moment in moments for effect in moment.effects if isinstance(effect, StepBegan))


def prescription() -> Iterator[tuple[str, int, int, str | None]]:
    for number, reps in enumerate((6, 4, 2), start=1):
        yield from (("curl-up", number, rep, None) for rep in range(1, reps + 1))
    for number, reps in enumerate((6, 4, 2), start=1):
        yield from (("side-bridge", number, rep, side) for side in SIDES for rep in range(1, reps + 1))
    for number, reps in enumerate((6, 4, 2), start=1):
        yield from (("bird-dog", number, rep, limb) for rep in range(1, reps + 1) for limb in DOG)


def test_every_hold_of_ten_seconds_comes_in_its_place(moments: list[Moment]) -> None:
    holds = [step for step in begun(moments) if step.kind == "hold"]
    assert [(step.exercise, step.set, step.rep, step.limb) for step in holds] == list(prescription())
    assert {step.seconds for step in holds} == {10.0}
    starts = [at.at for at in moments for effect in at.effects if isinstance(effect, StepBegan)]
    lengths = [b - a for a, b, step in zip(starts, starts[1:], begun(moments), strict=False) if step.kind == "hold"]
    assert lengths == pytest.approx([10.0] * len(holds)), "by the clock, not only by the plan"


def test_the_rests_between_sets_are_those_of_each_set(moments: list[Moment]) -> None:
    rests = [(step.exercise, step.set, step.seconds) for step in begun(moments) if step.kind == "rest" and not step.rep]
    assert rests == [
        ("curl-up", 1, 30.0),
        ("curl-up", 2, 30.0),
        ("side-bridge", 1, 30.0),
        ("side-bridge", 2, 20.0),
        ("bird-dog", 1, 30.0),
        ("bird-dog", 2, 30.0),
    ]


def test_it_is_told_as_it_is_prescribed(moments: list[Moment]) -> None:
    english = load_language("en")
    said = [english.say(effect.line) for at in moments for effect in at.effects if isinstance(effect, Say)]
    start = said.index("Side bridge.")
    assert said[start : start + 6] == [
        "Side bridge.",
        "Three sets.",
        "Six times each.",
        "Then four.",
        "Then two.",
        "Hold for ten seconds.",
    ]
    for number, reps in (("two", "Four"), ("three", "Two")):
        at = said.index(f"Set {number} of three.", start)
        assert said[at + 1] == f"{reps} times each."
    # Once in every set of each side, and never in another repetition.
    assert said.count("Keep breathing.") == 6


def test_the_report_adds_up_what_each_set_asks_for(routine: Routine) -> None:
    curl, bridge, dog = (Prescribed.of(exercise) for exercise in routine.exercises)
    assert (curl.total_sets, curl.total_reps, curl.total_seconds) == (3, 12, 120.0)
    assert (bridge.total_sets, bridge.total_reps, bridge.total_seconds) == (3, 24, 240.0)
    assert (dog.total_sets, dog.total_reps, dog.total_seconds) == (3, 24, 240.0)
    assert dog.text == "3 × 6/4/2, hold 10 s each side"  # noqa: RUF001


def test_after_good_sessions_every_set_has_one_more(routine: Routine) -> None:
    grown = dose_at(routine.exercises[0], 1)
    holds = [
        step
        for step in compile_routine(
            routine.model_copy(update={"blocks": (routine.blocks[0].model_copy(update={"exercises": (grown,)}),)})
        ).steps
        if step.kind == "hold"
    ]
    assert [sum(step.place is not None and step.place.set == n for step in holds) for n in range(3)] == [7, 5, 3]


# --- Lines of the file that are told of ----------------------------------------------------------------------------------

HEAD = 'title = "T"\n\n[[exercise]]\n'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('use = "bridge"\nreps = [\n  6,\n  400,\n]\n', "r.toml:7:3: reps = 400: reps must be from 1 to 100"),
        ('use = "bridge"\nreps = [6, 4]\nsets = 3\n', "r.toml:6:8: sets = 3: sets is 3, but reps has 2 values"),
        (
            'use = "bridge"\ncues = [\n  "Up.",\n  { at = "rep 2", say = "Down." },\n  { at = "soon", say = "Up." },\n]\n',
            'r.toml:8:10: at = "soon": this value does not fit (allowed: "start", "half"',
        ),
        (
            'use = "bridge"\ncues = [{ at = "rep 99", say = "Down." }]\n',
            'r.toml:5:1: cues: cues has one at "rep 99", which never comes: there are only',
        ),
        ('use = "bridge"\ncues = [{ at = "half" }]\n', "r.toml:5:9: say: this key is missing"),
        (
            'use = "bridge"\ncues = [{ at = "half", say = "A", loud = true }]\n',
            "r.toml:5:42: loud = true: this key is not known here",
        ),
        (
            'use = "bridge"\nreps = [6, 4]\nprogress = ["after 3 sessions with pain <= 2: sets +1"]\n',
            "the sets are written one by one here",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(body: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(HEAD + body, "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(file, Library((shipped("routines"),)))
    assert words in str(caught.value)


def one(tmp_path: Path, body: str) -> Routine:
    file = tmp_path / "r.toml"
    file.write_text(HEAD + body, "utf-8")
    return load_routine(file, Library((shipped("routines"),)))


def test_the_page_s_refused_shorthand_is_refused_in_those_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "routines.md").read_text("utf-8")
    answer = re.search(r"^evening\.toml:5:23: (dose = .*?): a unit stands here.*$", page, re.MULTILINE)
    assert answer
    monkeypatch.chdir(tmp_path)
    file = Path("evening.toml")
    file.write_text(f'{HEAD}use = "bridge"\n{answer[1]}\n', "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(file, Library((shipped("routines"),)))
    assert str(caught.value) == answer[0]


def test_shorthand_is_laid_over_the_library_like_keys(tmp_path: Path) -> None:
    (dog,) = one(tmp_path, 'use = "bird-dog"\ndose = "4 each side, rest 20 s"\n').exercises
    assert dog.limbs == tuple(DOG), "each side is what the library calls its sides"
    assert dog.dose.hold is not None
    assert (str(dog.dose.reps), str(dog.dose.rest), dog.dose.hold.breaths) == ("4", "20", True)
    (march,) = one(tmp_path, 'use = "bridge"\ndose = "2 x 30 s each leg"\n').exercises
    assert (march.limbs, march.order, str(march.dose.time)) == (("right leg", "left leg"), "complete", "30")
    assert march.dose.reps is None
    (own,) = one(tmp_path, 'use = "bridge"\ndose = "5 each side"\nlimbs = ["top", "bottom"]\n').exercises
    assert own.limbs == ("top", "bottom")


def test_a_list_takes_the_place_of_the_library_s_sets(tmp_path: Path) -> None:
    (march,) = one(tmp_path, 'use = "hook-lying-march"\ntime = ["30 s", "20 s"]\n').exercises
    assert (str(march.dose.sets), [str(each.time) for each in march.dose.by_set]) == ("2", ["30", "20"])


def test_what_a_routine_needs_and_how_it_sounds(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    head = 'title = "T"\nverbosity = "short"\nvoice = "en-gb"\nequipment = ["exercise mat", "towel"]\n\n[[exercise]]\n'
    file.write_text(head + 'use = "bridge"\nequipment = ["towel", "wall"]\n', "utf-8")
    made = load_routine(file, Library((shipped("routines"),)))
    assert made.at_hand == ("exercise mat", "towel", "wall")
    assert (made.talk, made.voice) == ("less", "en-gb")
    steps = compile_routine(made).steps
    shorts = [line for step in steps for line in step.lines if line == Line.text(made.exercises[0].short or "")]
    assert shorts, "it is told in its short form from the first time on"
