"""Routines written in Python: what they make, how they fail, and that nothing but a path leads to one."""

from __future__ import annotations

import os
import pickle
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.named import load_named
from voicecoach import (
    AuthoringError,
    Block,
    Dose,
    Exercise,
    History,
    PastExercise,
    PastSession,
    Routine,
    RoutineError,
    authoring,
    use,
)
from voicecoach.core import dose as core_dose
from voicecoach.core import routine as core
from voicecoach.core.report import Coached, ExerciseReport, PainReport, SessionReport, TimeSpent
from voicecoach.journal.codec import _parse, compact
from voicecoach.loading.complete import complete
from voicecoach.loading.library import Library
from voicecoach.loading.pain import strict_rules
from voicecoach.loading.python import load_python
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import Source
from voicecoach.past import history_of
from voicecoach.shipped import shipped
from voicecoach.toml_lines import all_on

LIBRARY = Library((shipped("routines"),))
TODAY = date(2026, 11, 21)
NEVER = History(TODAY)
HEAD = "from voicecoach import *\n"
PLAIN = """
def routine(history):
    return Routine(title="Plain", blocks=[use("bridge", hold="10 s")])
"""


def load(folder: Path, text: str | bytes, history: History = NEVER, name: str = "mine.py") -> core.Routine:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else (HEAD + text).encode())
    return load_python(path, LIBRARY, history)


def bridge(**more: object) -> Exercise:
    values: dict[str, object] = {"name": "Bridge", "position": "hook-lying", "exit": "Lower your hips."}
    return Exercise(**{**values, "dose": Dose(reps="3-5"), **more})  # type: ignore[arg-type]


# --- What they make ---------------------------------------------------------------------------------------------------


def test_it_makes_what_the_same_file_in_toml_makes(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("""
title = "Mine"
welcome = ["Hello."]
progress = ["after 3 sessions with pain <= 2: reps +1"]

[[exercise]]
use = "bridge"
hold = "10 s"
reps = "3-6"

[[block]]
repeat = 2
rest = "1:30"
[[block.exercise]]
name = "Bird dog!"
position = "quadruped"
exit = "Lower your hands."
limbs = ["right", "left"]
order = "complete"
sets = 2
reps = "3-5"
hold = "3 breaths"
easier = "knee-to-chest"
""")
    made = load(
        tmp_path,
        """
def routine(history):
    dog = Exercise(
        name="Bird dog!", position="quadruped", exit="Lower your hands.", limbs=["right", "left"], order="complete",
        easier="knee-to-chest", dose=Dose(sets=2, reps="3-5", hold="3 breaths"),
    )
    return Routine(
        title="Mine", welcome=["Hello."], progress=["after 3 sessions with pain <= 2: reps +1"],
        blocks=[use("bridge", hold="10 s", reps="3-6"), Block(repeat=2, rest="1:30", exercises=[dog])],
    )
""",
    )
    same = load_routine(tmp_path / "mine.toml", LIBRARY)
    assert set(made.variants) == set(same.variants)  # found in another order: a block's before an exercise's
    assert made.model_copy(update={"variants": ()}) == same.model_copy(update={"variants": ()})
    assert [type(one) for one in made.exercises] == [core.Exercise, core.Exercise]
    assert type(made.exercises[1].dose) is core_dose.Dose


@pytest.mark.parametrize("name", LIBRARY.routines())
def test_completing_a_routine_that_is_whole_changes_nothing(name: str) -> None:
    whole = load_named(name, LIBRARY)
    assert complete(whole, Source(Path(name), {}, all_on(1)), LIBRARY) == whole


def test_a_routine_that_a_program_made_is_kept_and_read_again_as_it_was(tmp_path: Path) -> None:
    made = load(tmp_path, PLAIN)
    assert core.Routine.model_validate(_parse(compact({"routine": made}), "routine")["routine"]) == made


def test_slugs_and_the_rules_for_pain_are_filled_in() -> None:
    routine = Routine(title="Ève's 2nd", blocks=[bridge(), bridge(slug="other")])
    assert routine.slug == "ve-s-2nd"
    assert [one.slug for one in routine.exercises] == ["bridge", "other"]
    assert routine.pain == strict_rules()
    prescribed = Routine(
        title="A", blocks=[bridge()], pain_policy="monitored", prescriber="Kim", review_on="2027-01-31",
        pain={"tolerated": 2, "rise": 3},
    )  # fmt: skip
    assert prescribed.pain == strict_rules().model_copy(update={"tolerated": 2, "rise": 3})


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"pain": {"tolerated": 2}}, "the strict rules for pain are the same in every routine"),
        ({"pain": strict_rules().model_copy(update={"ends_above": 7})}, "the strict rules for pain are the same"),
        ({"pain_policy": "monitored"}, "prescriber is missing"),
        (
            {"pain_policy": "monitored", "prescriber": "Kim", "review_on": "2027-01-31", "pain": {"quiet": 1}},
            "for safety",
        ),
        ({"pain_policy": "monitored", "prescriber": "Kim", "review_on": "soon", "pain": {"tolerated": 2}}, "no day"),
        ({"pain_policy": "monitored", "prescriber": "Kim", "review_on": "2027-01-31", "pain": {"tolerated": 9}}, "fit"),
    ],
)
def test_other_rules_for_pain_are_refused(more: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Routine(title="A", blocks=[bridge()], **more)  # type: ignore[arg-type]


def test_rules_for_pain_that_were_slipped_in_are_refused_too() -> None:
    routine = Routine(title="A", blocks=[bridge()])
    lax = routine.model_copy(update={"pain": routine.pain.model_copy(update={"ends_above": 7})})
    monitored = routine.model_copy(update={"pain_policy": core.PainPolicy.MONITORED})
    quick = routine.pain.model_copy(update={"quiet": 6.0})
    all_at_once = monitored.model_copy(update={"prescriber": "Kim", "review_on": "2027-01-31", "pain": quick})
    for wrong in (lax, monitored, all_at_once):
        with pytest.raises(RoutineError, match="pain"):
            complete(wrong, Source(Path("a"), {}, all_on(1)), LIBRARY)


def test_blocks_may_be_left_out_of_the_count_of_things_to_know() -> None:
    routine = Routine(title="A", blocks=[bridge(), Block(repeat=3, rest="20 s", exercises=[bridge(), bridge()])])
    assert [(block.repeat, len(block.exercises)) for block in routine.blocks] == [(1, 1), (3, 2)]


@pytest.mark.parametrize("noun", [Dose, Exercise, Block, Routine])
def test_the_signatures_for_editors_have_every_key_of_the_core(noun: type) -> None:
    import ast

    tree = ast.parse(Path(authoring.__file__).read_text("utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == noun.__name__)
    init = next(node for node in ast.walk(found) if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    assert {arg.arg for arg in init.args.kwonlyargs} == set(noun.model_fields) - {"by_set", "timed_cues"}  # type: ignore[attr-defined]


def test_what_the_core_has_besides_is_written_as_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("""
title = "Mine"
verbosity = "short"
voice = "en-gb"
equipment = ["a mat"]

[[block]]
style = "circuit"
rest_between = "20 s"
repeat = 2
shuffle = true
[[block.exercise]]
use = "bridge"
[[block.exercise]]
name = "March"
position = "standing"
exit = "Stand still."
amrap = "40 s"
cues = ["Breathe.", {at = "half", say = "Half of it."}]

[[exercise]]
name = "Squat"
position = "standing"
exit = "Stand still."
reps = [10, 8, 6]
rest = ["30 s", "1:00"]
""")
    made = load(
        tmp_path,
        """
def routine(history):
    stand = dict(position="standing", exit="Stand still.")
    cues = ["Breathe.", {"at": "half", "say": "Half of it."}]
    march = Exercise(name="March", cues=cues, dose=Dose(amrap="40 s"), **stand)
    squat = Exercise(name="Squat", dose=Dose(reps=[10, 8, 6], rest=["30 s", "1:00"]), **stand)
    round_ = [use("bridge", style="circuit"), march]
    circuit = Block(style="circuit", rest_between="20 s", repeat=2, shuffle=True, exercises=round_)
    return Routine(title="Mine", verbosity="short", voice="en-gb", equipment=["a mat"], blocks=[circuit, squat])
""",
    )
    assert made == load_routine(tmp_path / "mine.toml", LIBRARY)
    assert compact(made) == compact(load_routine(tmp_path / "mine.toml", LIBRARY))
    squat = made.exercises[-1]
    assert [type(one) for one in squat.dose.by_set] == [core_dose.Dose] * 3


def test_a_dose_may_be_shorthand_in_a_program_too() -> None:
    stand = {"name": "March", "position": "standing", "exit": "Stand still."}
    short = Exercise(dose="2 x 30 s each leg, rest 20 s", **stand)  # type: ignore[arg-type]
    long = Exercise(
        dose=Dose(sets=2, time="30 s", rest="20 s"),
        limbs=["right leg", "left leg"],
        order="complete",
        **stand,  # type: ignore[arg-type]
    )
    assert short == long
    own = Exercise(dose="5 each side", limbs=["this arm", "that arm"], **stand)  # type: ignore[arg-type]
    assert own.limbs == ("this arm", "that arm")
    with pytest.raises(ValueError, match=r"^dose = \"2 x 5 often\": at 'often': this is not understood here: a comma"):
        Exercise(dose="2 x 5 often", **stand)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("style", "rest"), [("circuit", {"rest": "30 s"}), ("emom", {"rest": "5 s"}), ("emom", {"rest_after": "5 s"})]
)
def test_the_rests_of_a_block_with_a_style_are_the_blocks(style: Any, rest: dict[str, Any]) -> None:
    march = Exercise(name="March", position="standing", exit="Stand still.", dose=Dose(reps=3, **rest))
    with pytest.raises(ValueError, match=r"March: rest.* is the block's in a block with a style"):
        Block(style=style, exercises=[march])


def test_a_station_of_a_circuit_may_have_a_rest_behind_it() -> None:
    march = Exercise(name="March", position="standing", exit="Stand still.", dose=Dose(reps=3, rest_after="40 s"))
    assert Block(style="circuit", exercises=[march]).exercises[0].dose.rest_after


def test_what_is_made_of_a_list_cannot_be_written_itself() -> None:
    with pytest.raises(ValueError, match="by_set is made, not written"):
        Dose(reps=3, by_set=(Dose(reps=2),))  # type: ignore[call-arg]


def test_what_does_not_fit_into_a_beat_is_refused(tmp_path: Path) -> None:
    text = """
def routine(history):
    hold = Exercise(name="Long", position="supine", exit="Up.", dose=Dose(hold="{seconds} s"){more})
    return Routine(title="Beat", blocks=[Block(style="emom", lasts="3 min", exercises=[hold])])
"""
    assert load(tmp_path, text.format(seconds=30, more="")).blocks[0].repeat == 3
    with pytest.raises(RoutineError, match=r"Long takes .* s at the high end of its dose, and every 60 s one begins"):
        load(tmp_path, text.format(seconds=59, more=""))


# --- One kind of noun, one kind of error ------------------------------------------------------------------------------

STAND: dict[str, Any] = {"name": "P", "position": "prone", "exit": "Kneel."}
any_dose: Any = Dose
any_exercise: Any = Exercise
any_block: Any = Block
any_routine: Any = Routine
"""What no type checker would let pass."""
SLIPS: dict[str, tuple[Any, str]] = {
    "a misspelt key": (lambda: any_dose(rep=3), "rep = 3: this key is not known here; did you mean 'reps'? (allowed: amrap,"),
    "a misspelt list": (lambda: any_exercise(**STAND, stps=[], dose="5"), "stps: this key is not known here; did you mean 'steps'?"),
    "of a block": (lambda: any_block(repat=2, exercises=[]), "repat = 2: this key is not known here; did you mean 'repeat'?"),
    "of a routine": (lambda: any_routine(title="A", welcom=["Hello."]), "welcom: this key is not known here; did you mean 'welcome'?"),
    "a key of the dose": (lambda: any_exercise(**STAND, reps=3), "reps = 3: this belongs to the dose (allowed: dose=Dose(reps=…))"),
    "nothing": (any_routine, "title: this key is missing, and a Routine needs it"),
    "no title": (lambda: any_routine(blocks=[]), "blocks: this list must not be empty"),
    "no dose": (any_dose, 'a dose needs one of reps = 5, time = "30 s", hold = "10 s" or open = true'),
    "a bad position": (
        lambda: any_exercise(**STAND | {"position": "standng"}, dose="5"),
        'position = "standng": this is not one of the words allowed; did you mean \'standing\'? (allowed: supine,',
    ),
    "too many": (lambda: any_dose(reps=101), "reps = 101: reps must be from 1 to 100"),
    "no noun": (lambda: any_routine(title="A", blocks=[5]), "blocks = 5: this is no Block (allowed: a Block or an Exercise)"),
    "no list": (lambda: any_routine(title="A", blocks=use("bridge")), "blocks: this must be a list (allowed: blocks=[…]"),
    "a table as dose": (lambda: any_exercise(**STAND, dose={"rep": 3}), "rep = 3: this key is not known here; did you mean 'reps'?"),
    "a cue": (
        lambda: any_exercise(**STAND, dose="5", cues=[{"at": "half", "sya": "A"}]),
        'sya = "A": this key is not known here',
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_noun_is_one_sentence(slip: str) -> None:
    make, sentence = SLIPS[slip]
    with pytest.raises(AuthoringError) as caught:
        make()
    told = caught.value
    assert str(told).startswith(sentence)
    for said in (str(told), *told.others):
        assert "\n" not in said
        assert "pydantic" not in said
        assert "type=" not in said
    again = pickle.loads(pickle.dumps(told))  # noqa: S301 - our own
    assert (str(again), again.key, again.others) == (str(told), told.key, told.others)


def test_all_that_is_wrong_with_a_noun_is_told_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(RoutineError) as caught:
        load(tmp_path, "def routine(h):\n    return Routine(blocks=[])\n")
    path = tmp_path / "mine.py"
    assert [str(one) for one in caught.value.all] == [
        f"{path}:3: blocks: this list must not be empty",
        f"{path}:3: title: this key is missing, and a Routine needs it",
    ]
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert (str(again), again.line, len(again.all)) == (str(caught.value), 3, 2)


def test_a_misspelt_key_of_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RoutineError, match=r"mine.py:3: rep: this key is not known here; did you mean 'reps'\?"):
        load(tmp_path, 'def routine(h):\n    return Routine(title="A", blocks=[use("bridge", rep=3)])\n')
    with pytest.raises(RoutineError, match="did you mean 'hold'"):
        use("bridge", hld="5 s")


def test_what_a_program_is_given_is_of_the_kinds_that_it_makes() -> None:
    import voicecoach

    made = voicecoach.load("big-three")
    exercise = next(one for one in made.exercises if one.dose.by_set)
    for value, kind in (
        (made, Routine), (made.blocks[0], Block), (exercise, Exercise), (exercise.dose, Dose), (use("bridge"), Exercise),
        (exercise.dose.by_set[0], Dose), (Dose(reps=[3, 2]).by_set[0], Dose),
    ):  # fmt: skip
        assert isinstance(value, kind)
    assert made == voicecoach.load("big-three")
    assert made == pickle.loads(pickle.dumps(made))  # noqa: S301 - our own
    # What is kept and played has the nouns of the core alone.
    kept = authoring.plain(made)
    assert (type(kept), type(kept.exercises[0]), type(kept.exercises[0].dose)) == (
        core.Routine,
        core.Exercise,
        core_dose.Dose,
    )
    assert authoring.authored(kept) == made
    assert compact(kept) == compact(made)
    assert use("bridge", reps=4) == use("bridge", reps=4)


# --- History ----------------------------------------------------------------------------------------------------------


def test_it_is_told_of_its_past_sessions(tmp_path: Path) -> None:
    text = """
def routine(history):
    n = 3 + sum(one.reps for one in history.of("bridge"))
    return Routine(title=f"After {history.days_since}", blocks=[use("bridge", reps=n)])
"""
    past = History(TODAY, (PastSession(date(2026, 11, 19), exercises=(PastExercise("bridge", reps=2),)),))
    made = load(tmp_path, text, past)
    assert made.title == "After 2"
    assert made.exercises[0].dose.reps == core_dose.Range(5, 5)
    assert load(tmp_path, text).title == "After None"


def test_a_history_is_what_the_reports_say() -> None:
    pain = PainReport(1.0, "bridge", score=4)
    false = PainReport(2.0, "bridge", score=9, verdict="false alarm")
    reports = [
        SessionReport(
            "2", "mine", "Mine", "2026-11-20T23:30:00+01:00", None, "pain", TimeSpent(50, 5, 5),
            (ExerciseReport("bridge", "Bridge", (), Coached(2, 6, 30.0), pains=(pain, false)),), effort=6,
        ),
        SessionReport("1", "other", "Other", "2026-11-19T08:00:00+01:00", None, "finished", TimeSpent(), ()),
    ]  # fmt: skip
    history = history_of(reports, "mine", TODAY)
    assert len(history.sessions) == 1
    (session,) = history.sessions
    assert session.day == date(2026, 11, 20)
    assert (session.outcome, session.seconds, session.hurt, session.pain, session.effort) == ("pain", 60, True, 4, 6)
    assert history.of("bridge") == (PastExercise("bridge", sets=2, reps=6, seconds=30.0, hurt=True, pain=4),)
    assert history.days_since == 1
    assert not session.whole


def session(day: int, **more: object) -> PastSession:
    return PastSession(date(2026, 11, day), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sessions", "good"),
    [
        ([], 0),
        ([session(20), session(19)], 2),
        ([session(20), session(19, outcome="ended"), session(18)], 1),
        ([session(20, hurt=True, pain=3), session(19)], 0),
        ([session(20, hurt=True, pain=2), session(19)], 2),
        ([session(20, hurt=True)], 0),
        ([session(20), session(19, attended=False), session(18)], 2),
        ([session(20, exercises=(PastExercise("a", whole=False),))], 0),
        ([session(20, exercises=(PastExercise("a", whole=False, locked=True),))], 1),
    ],
)
def test_good_sessions_are_counted_back_from_the_newest(sessions: list[PastSession], good: int) -> None:
    assert History(TODAY, tuple(sessions)).good_in_a_row(most_pain=2) == good


# --- How they fail ----------------------------------------------------------------------------------------------------

FAULTS = {
    "no Python": ("def routine(history)\n    pass\n", 2, "this is not Python: expected ':'"),
    "nothing in it": ("", 1, "there is no function routine(history) in it"),
    "no function": ("routine = 3\n", 1, "there is no function routine(history) in it"),
    "no argument": ("\ndef routine():\n    pass\n", 3, "routine must take one argument, the history"),
    "two arguments": ("def routine(a, b):\n    pass\n", 2, "routine must take one argument"),
    "nothing returned": ("\n\ndef routine(history):\n    pass\n", 4, "must return a Routine, not nothing"),
    "a dose returned": ("def routine(h):\n    return Dose(reps=3)\n", 2, "must return a Routine, not a Dose"),
    "async": ("async def routine(h):\n    return None\n", 2, "not a coroutine (leave out async)"),
    "an error while it loads": ("x = 1\ny = x / 0\n", 3, "ZeroDivisionError: division by zero"),
    "an error in a function of its own": (
        "def deep(x):\n    return 1 / x\ndef routine(h):\n    deep(0)\n",
        3,
        "ZeroDiv",
    ),
    "an error without words": ("def routine(h):\n    assert not h\n", 3, "AssertionError"),
    "a missing module": ("import no_such_module\n", 2, "ModuleNotFoundError: No module named 'no_such_module'"),
    "it exits": ("def routine(h):\n    exit(0)\n", 3, "it ends the program; raise an error instead"),
    "endless recursion": ("def routine(h):\n    return routine(h)\n", 3, "RecursionError: maximum recursion depth"),
    "a wrong dose": (
        "def routine(h):\n    one = 1\n    Dose(\n        reps='3-')\n",
        4,
        'reps = "3-": reps is written as one number or a range (allowed: a whole number from 1 to 100',
    ),
    "a misspelt key": ("Dose(rep=3)\n", 2, "rep = 3: this key is not known here"),
    "a key left out": ("Exercise(name='A', exit='Up.', dose=Dose(reps=3))\n", 2, "position: this key is missing"),
    "no such exercise": (
        "use('brigde')\n",
        2,
        "use = \"brigde\": the library has no such exercise; did you mean 'bridge'?",
    ),
    "a wrong change": ("use('bridge',\n  hold='ten')\n", 2, 'hold = "ten": this value does not fit (allowed: "5 s"'),
    "a link to nowhere": (
        (
            "def routine(h):\n    e = Exercise(name='A', position='prone', exit='Up.', dose=Dose(reps=3), easier='b')\n"
            "    return Routine(title='A', blocks=[e])\n"
        ),
        2,
        'easier = "b": the library has no such exercise',
    ),
    "a rule without room": (
        (
            "def routine(h):\n    return Routine(title='A', progress=['after 3 sessions with pain <= 2: time +5 s'],"
            " blocks=[use('bridge')])\n"
        ),
        2,
        "no exercise here has what this would move",
    ),
    "too much": (
        "def routine(h):\n    return Routine(title='A', blocks=[use('bridge', sets=20)] * 101)\n",
        3,
        "2020 sets",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, fault: str) -> None:
    text, line, message = FAULTS[fault]
    with pytest.raises(RoutineError) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'mine.py'}:{line}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x00", "this is not Python"),
        (b"x = '\xe9'\n", "this is not Python"),
        (b"x = " + b"(" * 5000, "this is not Python"),
        (b"#" * (256 * 1024 + 1), "is larger than 256 KB"),
    ],
)
def test_files_of_any_kind_are_refused_in_words(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(RoutineError, match=message):
        load(tmp_path, data)


def test_a_pipe_or_a_device_is_no_program_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.py")
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    (tmp_path / "folder.py").mkdir()
    for name, problem in (("mine", "is no ordinary file"), ("zero", "is no ordinary file"), ("folder", "is a folder")):
        with pytest.raises(RoutineError, match=f"{name}.py:1: cannot be read: {problem}"):
            load_python(tmp_path / f"{name}.py", LIBRARY, NEVER)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_routine_or_one_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    with pytest.raises(RoutineError):
        load(tmp_path_factory.mktemp("any"), b"if 0:\n " + data)


def test_an_error_deep_in_another_module_names_the_line_that_led_there(tmp_path: Path) -> None:
    with pytest.raises(RoutineError, match=r"mine.py:4: JSONDecodeError: "):
        load(tmp_path, "import json\ndef routine(h):\n    return json.loads('{')\n")


def test_ctrl_c_is_no_error_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path, "def routine(h):\n    raise KeyboardInterrupt\n")


def test_nothing_is_left_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    modules, path = set(sys.modules), list(sys.path)
    text = "from dataclasses import dataclass\n@dataclass\nclass Week:\n    n: 'int' = 3\nprint('aside')\n" + PLAIN
    assert load(tmp_path, text).slug == "mine"
    with pytest.raises(RoutineError):
        load(tmp_path, "1 / 0")
    assert (set(sys.modules) - modules, sys.path) == (set(), path)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.py"]
    assert capsys.readouterr() == ("", "aside\n")


# --- Where they are looked for ----------------------------------------------------------------------------------------


def test_no_name_and_no_folder_leads_to_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = tmp_path / "trap"
    for folder in (tmp_path, tmp_path / "exercises"):
        folder.mkdir(exist_ok=True)
        (folder / "mine.py").write_text(f"open({str(trap)!r}, 'w')\n" + HEAD + PLAIN)
    monkeypatch.chdir(tmp_path)
    library = Library((tmp_path,))
    assert library.routines() == {}
    assert library.exercises() == {}
    with pytest.raises(RoutineError, match="there is no routine of this name"):
        load_named("mine", library)
    for path in ("mine.py", str(tmp_path / "mine.py")):
        assert library.find(path) == Path(path)
        with pytest.raises(RoutineError, match="this is not TOML"):
            load_named(path, library)  # what reads files that files name, runs nothing
    (tmp_path / "uses.toml").write_text('title = "A"\n[[exercise]]\nuse = "mine.py"\n')
    with pytest.raises(RoutineError, match="the library has no such exercise"):
        load_routine(tmp_path / "uses.toml", library)
    assert not trap.exists()


def test_use_takes_the_library_of_whoever_runs_the_file(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    own = (shipped("routines") / "exercises" / "bridge.toml").read_text().replace('name = "Bridge"', 'name = "Mine"')
    (tmp_path / "exercises" / "bridge.toml").write_text(own)
    path = tmp_path / "mine.py"
    path.write_text(HEAD + PLAIN)
    assert load_python(path, Library((tmp_path, shipped("routines"))), NEVER).exercises[0].name == "Mine"
    assert use("bridge").name == "Bridge"
    with pytest.raises(RoutineError, match=r"test_python.py:\d+: use = \"bridgge\""):
        use("bridgge")
