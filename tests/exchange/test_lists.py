"""Lists that people write: doses in words, Markdown, tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.exchange.desk import Taken
from tests.exchange.test_bring_in import refused
from voicecoach.core.dose import Dose, Hold, Range
from voicecoach.core.routine import Order, Position
from voicecoach.core.shorthand import read_dose as read_shorthand
from voicecoach.exchange.doses import read_dose, split_dose, write_dose


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("3 x 10", {"sets": 3, "reps": 10}),
        ("3x8-12", {"sets": 3, "reps": "8-12"}),
        ("3 \u00d7 8\u201312 reps", {"sets": 3, "reps": "8-12"}),
        ("3 sets of 10 to 12", {"sets": 3, "reps": "10-12"}),
        ("2 sets, 10 repetitions", {"sets": 2, "reps": 10}),
        ("2 x 30 s", {"sets": 2, "time": "30 s"}),
        ("1 min", {"time": "60 s"}),
        ("2 x 1:30", {"sets": 2, "time": "90 s"}),
        ("45 seconds", {"time": "45 s"}),
        ("hold 5 s", {"hold": "5 s"}),
        ("10 reps, hold for 5 sec", {"reps": 10, "hold": "5 s"}),
        ("5 x 10 s hold", {"sets": 5, "hold": "10 s"}),
        ("hold 3 breaths", {"hold": "3 breaths"}),
        ("2 x 3-5 each side, hold 3 breaths, rest 30 s",
         {"sets": 2, "reps": "3-5", "hold": "3 breaths", "rest": "30 s", "limbs": ["right side", "left side"]}),
        ("10 per leg", {"reps": 10, "limbs": ["right leg", "left leg"]}),
        ("8 reps each arm", {"reps": 8, "limbs": ["right arm", "left arm"]}),
        ("10 reps with 1 min rest", {"reps": 10, "rest": "60 s"}),
        ("tempo 2-0-2-1", {"tempo": "2-0-2-1"}),
        ("1 x until you say done", {"sets": 1, "open": True}),
        ("10 reps @ 20 kg", None),
        ("6/4/2, hold 10 s, rest 30/20 s", {"reps": [6, 4, 2], "hold": "10 s", "rest": ["30 s", "20 s"]}),
        ("3 x 5 breaths", {"sets": 3, "breaths": 5}),
        ("amrap 60 s", {"amrap": "60 s"}),
        ("20 s/side", {"time": "20 s", "limbs": ["right side", "left side"], "order": "complete"}),
        ("3x8/leg", {"sets": 3, "reps": 8, "limbs": ["right leg", "left leg"]}),
        ("3 x 15, each hip", {"sets": 3, "reps": 15, "limbs": ["right hip", "left hip"]}),
        ("30s x 3", {"sets": 3, "time": "30 s"}),
        ("30 s hold x 3 sets", {"sets": 3, "hold": "30 s"}),
        ("10 reps x 3 sets", {"sets": 3, "reps": 10}),
        ("3 x 10 @ rest 1 min", {"sets": 3, "reps": 10, "rest": "60 s"}),
        ("3 sets 10 reps", {"sets": 3, "reps": 10}),
        ("reps: 10, rest: 30 sec.", {"reps": 10, "rest": "30 s"}),
        ("rest between reps 3 s, 10 reps", {"reps": 10, "rest_between_reps": "3 s"}),
        ("10 reps, rest after: 1:00", {"reps": 10, "rest_after": "60 s"}),
        ("1 min rest 30 s", {"time": "60 s", "rest": "30 s"}),
        ("3 x 500", None),
        ("3 x 30 s, hold 5 s", None),
        ("400 m", None),
        ("5 reps, 6 reps", None),
    ],
)  # fmt: skip
def test_doses_as_people_write_them(text: str, fields: dict[str, Any] | None) -> None:
    found = read_dose(text)
    if fields is None:
        assert found.left
    else:
        assert (found.fields, found.left) == (fields, [])


@pytest.mark.parametrize(
    ("line", "name", "fields"),
    [
        ("Bridge: 3 x 10", "Bridge", {"sets": 3, "reps": 10}),
        ("Bridge 3 x 10, hold 5 s", "Bridge", {"sets": 3, "reps": 10, "hold": "5 s"}),
        ("Bridge, 3 x 10", "Bridge", {"sets": 3, "reps": 10}),
        ("Plank (30 s)", "Plank", {"time": "30 s"}),
        ("Bird dog \u2013 2 x 5 per side", "Bird dog", {"sets": 2, "reps": 5, "limbs": ["right side", "left side"]}),
        ("90/90 stretch 30 s", "90/90 stretch", {"time": "30 s"}),
        ("Walk on the spot", "Walk on the spot", {}),
        ("Walk 1:30", "Walk", {"time": "90 s"}),
        ("Warrior 2, 30 s", "Warrior 2", {"time": "30 s"}),
        ("Hip 90/90", "Hip 90/90", {}),
        ("Level 2 plank 30 s", "Level 2 plank", {"time": "30 s"}),
        ("Sq 6/4/2, hold 10 s", "Sq", {"reps": [6, 4, 2], "hold": "10 s"}),
    ],
)
def test_a_line_is_a_name_and_a_dose(line: str, name: str, fields: dict[str, Any]) -> None:
    found = split_dose(line)
    assert (found.name, found.dose.fields) == (name, fields)


@pytest.mark.parametrize(
    ("line", "name", "fields", "left"),
    [
        ("Calf raise 3 x 15 @ 10 kg", "Calf raise", {"sets": 3, "reps": 15}, ["@ 10 kg"]),
        ("Balance 30 s, until wobbly", "Balance", {"time": "30 s"}, ["until wobbly"]),
        ("Bridge: 3 x 500", "Bridge", {}, ["3 x 500"]),
        ("Run 5 km", "Run", {}, ["5 km"]),
        ("Push-ups 20", "Push-ups", {}, ["20"]),
        ("Curl 10-12-15 reps", "Curl", {}, ["10-12-15 reps"]),
        ("Squat 3 x max", "Squat", {}, ["3 x max"]),
    ],
)
def test_what_is_no_dose_is_given_back_and_no_part_of_a_name(
    tmp_path: Path, line: str, name: str, fields: dict[str, Any], left: list[str]
) -> None:
    found = split_dose(line)
    assert (found.name, found.dose.fields, found.dose.left) == (name, fields, left)
    taken = Taken(tmp_path, "l.md", f"- {line}\n")
    assert f"# The list says: {left[0]}." in taken.made.text
    told = [one for one in taken.made.assumed if one.key == "dose"]
    assert [one.reason for one in told] == [f'"{left[0]}" is not understood, and stands here as a comment']
    assert taken.made.text.splitlines()[told[0].line - 1] == f"# The list says: {left[0]}."


_counts = st.tuples(st.integers(1, 20), st.integers(0, 9)).map(lambda n: Range(n[0], min(20, n[0] + n[1])))
_spans = st.tuples(st.integers(1, 590), st.integers(0, 9)).map(lambda n: Range(float(n[0]), float(n[0] + n[1])))
_rests = st.none() | _spans
_measures = st.one_of(
    st.fixed_dictionaries({"time": _spans}),
    st.fixed_dictionaries({"open": st.just(True)}),
    st.fixed_dictionaries({"amrap": _spans}),
    st.fixed_dictionaries({"breaths": _counts}),
    st.fixed_dictionaries({"reps": _counts, "hold": st.none() | _spans.map(Hold)}),
    st.fixed_dictionaries({"hold": _spans.map(Hold) | _counts.map(lambda n: Hold(n, breaths=True))}),
)
_others = st.fixed_dictionaries(
    {
        "sets": _counts,
        "tempo": st.none() | st.just("2-0-2-1"),
        "rest": _rests,
        "rest_between_reps": _rests,
        "rest_between_sides": _rests,
        "rest_after": _rests,
    }
)


@given(_measures, _others)
def test_every_dose_is_read_as_it_is_written(measure: dict[str, Any], others: dict[str, Any]) -> None:
    dose = Dose(**measure, **others)
    found = read_dose(write_dose(dose, sides=False))
    assert not found.left
    assert Dose.model_validate(found.fields) == dose
    assert Dose.model_validate(read_shorthand(write_dose(dose, sides=True)).fields) == dose


@given(st.lists(_counts, min_size=2, max_size=5), st.lists(_spans, min_size=2, max_size=5), st.booleans())
def test_sets_that_differ_are_read_as_they_are_written(reps: list[Range], holds: list[Range], whole: bool) -> None:
    count = min(len(reps), len(holds))
    rests = holds[: count if whole else count - 1] if count > 2 else None  # of two sets there is one rest, and no list
    dose = Dose.model_validate({"reps": reps[:count], "hold": list(map(Hold, holds[:count])), "rest": rests})
    assume("reps" in dose.uneven)  # else sets that are all alike were written one by one
    assert Dose.model_validate(read_dose(write_dose(dose, sides=False)).fields) == dose
    for text in (write_dose(dose, sides=True), write_dose(dose, sides=False)):
        assert Dose.model_validate(read_shorthand(text).fields) == dose


PLAN = """# Dr. Meier's list

Every morning, slowly.

## Warm-up (2 rounds, rest 20 s)

- [ ] Cat-cow 30 s
- Pelvic tilt: 2 x 10, rest 20 s

## Main

1. Bridge 3 x 8-12, hold 5 s
   - Lie on your *back*.
   - Avoid: holding your breath
2. Side plank (2 x 20 s each side)
3. Wall push, as often as you like

### Wall sit

Lean against a [wall](http://x) and slide down.
30 seconds

| Exercise | Sets | Reps | Colour |
|---|---|---|---|
| Clam | 2 | 10 | red |

```
code
```

> said somebody
"""


def test_a_list_in_markdown(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "plan.md", PLAN)
    routine = taken.routine
    assert (routine.title, routine.summary) == ("Dr. Meier's list", "Every morning, slowly.")
    assert [(b.title, b.repeat, b.rest, [e.name for e in b.exercises]) for b in routine.blocks] == [
        ("Warm-up", 2, Range(20, 20), ["Cat-cow", "Pelvic tilt"]),
        ("Main", 1, None, ["Bridge", "Side plank", "Wall push, as often as you like", "Wall sit"]),
        (None, 1, None, ["Clam"]),
    ]
    assert taken["Bridge"].steps == ("Lie on your back.",)
    assert taken["Bridge"].avoid == ("holding your breath",)
    assert taken["Bridge"].dose.hold == Hold(Range(5, 5))
    assert taken["Side plank"].limbs == ("right side", "left side")
    assert taken["Side plank"].order is Order.COMPLETE  # twenty seconds for each side, not for both
    assert taken["Side plank"].position is Position.SIDE_LYING
    assert taken["Wall sit"].steps == ("Lean against a wall and slide down.",)
    assert taken["Wall sit"].dose.time == Range(30, 30)
    assert ("Wall push, as often as you like", "reps") in taken.assumed
    assert set(taken.made.lost) == {'the column "colour"', "code", "a quotation"}


def test_a_dose_that_is_not_understood_becomes_a_comment(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "l.md", "- Bridge: 3 x 10, until it burns\n")
    assert taken["Bridge"].dose.reps == Range(10, 10)
    assert "# The list says: until it burns." in taken.made.text


CSV = """Exercise;Sets;Reps;Hold;Rest;Position;Group;Rounds;Weight;Notes
Bridge;3;8-12;5 s;30;hook-lying;;;20 kg;"slowly; no haste"
Bird dog;2;5 each side;;;;;;;
Clam;;12;;;;Side;2;;
Plank;;;20;;Prone;Side;;;
"""


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_table(tmp_path: Path, separator: str) -> None:
    text = CSV if separator == ";" else CSV.replace("; no", " no").replace(";", separator)
    taken = Taken(tmp_path, "my_list.csv", "\ufeff" + text.replace("\n", "\r\n"))
    assert taken.routine.title == "my list"
    assert [(b.title, b.repeat, len(b.exercises)) for b in taken.routine.blocks][-1] == ("Side", 2, 2)
    bridge, dog, _, plank = taken.routine.exercises
    assert (bridge.dose.sets, bridge.dose.reps, bridge.dose.rest) == (Range(3, 3), Range(8, 12), Range(30, 30))
    assert (dog.dose.reps, dog.limbs) == (Range(5, 5), ("right side", "left side"))
    assert (plank.dose.hold, plank.position) == (Hold(Range(20, 20)), Position.PRONE)
    assert taken.made.lost == ('the column "weight"',)
    assert "# slowly" in taken.made.text


def test_what_a_table_needs(tmp_path: Path) -> None:
    assert ":1: the first row must name the columns, one of them name" in refused(tmp_path, "l.csv", "a,b\n1,2\n")
    assert "there is no exercise in it" in refused(tmp_path, "l.csv", "name,reps\n")
    assert "position" in refused(tmp_path, "l.csv", "name,position\nBridge,hanging\n")
    assert "this is no table" in refused(tmp_path, "l.csv", 'name,reps\n"Bridge,5\n')
