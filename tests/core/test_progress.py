"""How doses move between sessions: rules as people write them, levels, and what pain does to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil, floor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.core.world import exercise, program
from voicecoach.core.dose import Dose, Hold, Measure, Progress, ProgressRule, Range
from voicecoach.core.progress import LOWEST, PAIN_WITHOUT_A_NUMBER, Move, Outcome, Why, at_end, dose_at, next_level
from voicecoach.core.routine import Exercise

REPS = "after 3 sessions with pain <= 2: reps +1"
HOLD = "after 4 sessions with pain <= 1: hold +2 s"
SETS = "after 6 sessions with pain <= 2: sets +1"
TIME = "after 2 sessions with pain <= 0: time +5 s"
BREATHS = "after 1 session with pain <= 5: hold +1 breath"

_RULES: TypeAdapter[tuple[ProgressRule, ...]] = TypeAdapter(Progress)


def parse(*texts: object) -> tuple[ProgressRule, ...]:
    return _RULES.validate_python(texts)


def growing(*rules: str, **fields: object) -> Exercise:
    """Make an exercise with rules of progress."""
    return exercise("bridge", progress=rules, **fields)


def reps(made: Exercise) -> str:
    return str(made.dose.reps)


def hold(made: Exercise) -> str:
    assert made.dose.hold
    return str(made.dose.hold.range)


# --- The writing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (REPS, ProgressRule(3, 2, Measure.REPS, 1)),
        (HOLD, ProgressRule(4, 1, Measure.HOLD, 2)),
        (SETS, ProgressRule(6, 2, Measure.SETS, 1)),
        (TIME, ProgressRule(2, 0, Measure.TIME, 5)),
        (BREATHS, ProgressRule(1, 5, Measure.HOLD, 1, breaths=True)),
    ],
)
def test_a_rule_is_read_and_written_as_people_write_it(text: str, rule: ProgressRule) -> None:
    assert parse(text) == (rule,)
    assert str(rule) == text
    assert parse(rule) == (rule,)


@pytest.mark.parametrize(
    "text",
    [
        "after 3 sessions with pain ≤ 2 → reps +1",
        "after 3 sessions with pain <=2 -> reps + 1",
        "After 3 Sessions  with pain<= 2:reps+1",
        " after 3 session with pain <= 2 : reps +1 ",
    ],
)
def test_arrows_signs_and_spaces_may_be_written_otherwise(text: str) -> None:
    assert parse(text) == parse(REPS)


def test_units_of_a_hold_may_be_written_out() -> None:
    for unit in ("s", "sec", "second", "seconds"):
        assert parse(f"after 4 sessions with pain <= 1: hold +2 {unit}") == parse(HOLD)
    assert str(parse("after 1 sessions with pain <= 0: hold +2 breath")[0]).endswith("hold +2 breaths")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "allowed: "),
        ("reps +1", "allowed: "),
        ("after three sessions with pain <= 2: reps +1", "allowed: "),
        ("after 3 sessions with pain < 2: reps +1", "allowed: "),
        ("after 3 sessions with pain <= 2: reps 1", "allowed: "),
        ("after 3 sessions with pain <= 2: reps -1", "allowed: "),
        ("after 3 sessions with pain <= 2: reps +1.5", "allowed: "),
        ("after ٣ sessions with pain <= 2: reps +1", "allowed: "),
        (f"{REPS}, hold +2 s", "allowed: "),
        (3, "allowed: "),
        (True, "allowed: "),
        (None, "allowed: "),
        ({"sessions": 3, "pain": 2, "measure": "reps", "step": 1}, "allowed: "),
        ("after 3 sessions with pain <= 2: rest +1 s", "rest is nothing that can grow; allowed: "),
        ("after 3 sessions with pain <= 2: reps +1 s", "reps are counted, without a unit"),
        ("after 3 sessions with pain <= 2: sets +1 breath", "sets are counted, without a unit"),
        ("after 3 sessions with pain <= 2: hold +1", "hold grows by seconds or breaths"),
        ("after 3 sessions with pain <= 2: time +1 min", "time grows by seconds;"),
        ("after 3 sessions with pain <= 2: time +1 breath", "time grows by seconds;"),
        ("after 0 sessions with pain <= 2: reps +1", "sessions must be from 1 to 50"),
        ("after 51 sessions with pain <= 2: reps +1", "sessions must be from 1 to 50"),
        ("after 3 sessions with pain <= 6: reps +1", "the pain of a rule must be from 0 to 5"),
        ("after 3 sessions with pain <= 2: sets +3", "one step of sets must be from 1 to 2"),
        ("after 3 sessions with pain <= 2: reps +6", "one step of reps must be from 1 to 5"),
        ("after 3 sessions with pain <= 2: hold +11 s", "one step of hold must be from 1 to 10"),
        ("after 3 sessions with pain <= 2: hold +3 breaths", "one step of hold must be from 1 to 2"),
        ("after 3 sessions with pain <= 2: time +31 s", "one step of time must be from 1 to 30"),
    ],
)
def test_what_is_no_rule_is_refused_with_what_is_allowed(text: object, words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        parse(text)


def test_a_measure_has_one_rule() -> None:
    with pytest.raises(ValidationError, match="hold has two rules here; one is enough"):
        parse(HOLD, REPS, HOLD)
    assert len(parse(HOLD, BREATHS)) == 2, "one for holds in seconds, one for holds in breaths"


@given(st.text() | st.text("after 0123456789 sessions with pain <= : reps hold + s breaths", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        [rule] = parse(text)
    except ValidationError:
        return
    assert parse(str(rule)) == (rule,)


RULES = st.builds(
    lambda sessions, pain, what: f"after {sessions} sessions with pain <= {pain}: {what}",
    st.integers(1, 50),
    st.integers(0, 5),
    st.one_of(
        st.integers(1, 2).map("sets +{}".format),
        st.integers(1, 5).map("reps +{}".format),
        st.integers(1, 10).map("hold +{} s".format),
        st.integers(1, 2).map("hold +{} breaths".format),
        st.integers(1, 30).map("time +{} s".format),
    ),
)


@given(RULES)
def test_every_rule_is_written_as_it_is_read(text: str) -> None:
    [rule] = parse(text)
    assert parse(str(rule)) == (rule,)


# --- Levels -------------------------------------------------------------------------------------------------------------


def test_level_nought_is_the_low_end_of_what_is_written() -> None:
    made = growing(REPS, reps="3-5")
    assert dose_at(made, 0) is made


def test_a_dose_climbs_to_the_high_end_and_no_further() -> None:
    made = growing(REPS, reps="3-5")
    assert [reps(dose_at(made, level)) for level in (1, 2, 3, 99)] == ["4-5", "5", "5", "5"]
    assert reps(dose_at(growing("after 3 sessions with pain <= 2: reps +4", reps="3-5"), 1)) == "5"


def test_without_a_range_a_dose_grows_by_half_at_most() -> None:
    assert [reps(dose_at(growing(REPS, reps=5), level)) for level in (0, 1, 2, 3)] == ["5", "6", "7", "7"]
    assert [hold(dose_at(growing(HOLD, hold="10 s"), level)) for level in (1, 2, 3, 4)] == ["12", "14", "15", "15"]
    assert reps(dose_at(growing("after 3 sessions with pain <= 2: reps +5", reps=90), 9)) == "100", "MOST_REPS"
    assert reps(dose_at(growing(REPS, reps=1), 9)) == "1"


def test_pain_takes_two_steps_back_at_most_and_never_more_than_half() -> None:
    made = growing(REPS, reps="10-12")
    assert [reps(dose_at(made, level)) for level in (-1, -2, -3, -99)] == ["9-12", "8-12", "8-12", "8-12"]
    assert [reps(dose_at(growing(REPS, reps="5-8"), level)) for level in (-1, -2, -3, -99)] == ["4-8", "3-8"] + [
        "3-8"
    ] * 2
    assert [reps(dose_at(growing(REPS, reps=2), level)) for level in (-1, -2)] == ["1-2", "1-2"]
    assert [hold(dose_at(growing(HOLD, hold="3 s"), level)) for level in (-1, -2)] == ["2-3", "2-3"]
    assert hold(dose_at(growing(HOLD, hold="10 s"), -1)) == "8-10"


def test_one_thing_changes_at_a_time_in_the_order_of_the_rules() -> None:
    made = growing(REPS, HOLD, reps="3-5", hold="5-8 s")
    assert [f"{reps(e)} x {hold(e)}" for e in (dose_at(made, level) for level in range(-2, 6))] == [
        "2-5 x 3-8",
        "2-5 x 5-8",
        "3-5 x 5-8",
        "4-5 x 5-8",
        "5 x 5-8",
        "5 x 7-8",
        "5 x 8",
        "5 x 8",
    ]


def test_sets_times_and_breaths_grow_too() -> None:
    march = dose_at(growing(SETS, TIME, sets="2-3", time="30-40 s"), 2)
    assert (march.dose.sets, march.dose.time) == (Range(3, 3, 2), Range(35, 40, 30))
    breaths = dose_at(growing(BREATHS, hold="3-4 breaths"), 1).dose
    assert breaths.hold == Hold(Range(4, 4, 3), breaths=True)


def test_a_rule_for_another_unit_moves_nothing() -> None:
    assert dose_at(growing(HOLD, hold="3-5 breaths"), 5).dose.hold == Hold(Range(3, 5), breaths=True)
    assert dose_at(growing(BREATHS, hold="3-5 s"), 5).dose.hold == Hold(Range(3, 5))
    made = growing(REPS, hold="5 s")
    assert dose_at(made, 5) is made


def test_the_program_plays_the_moved_dose() -> None:
    made = growing(REPS, HOLD, reps="3-4", hold="5-9 s")
    steps = [step for step in program(dose_at(made, 2)).steps if step.kind == "hold"]
    assert [step.seconds for step in steps] == [7.0] * 4


@pytest.mark.parametrize(
    ("dose", "shown"),
    [
        ({"reps": "5-8", "hold": "5 s"}, ("4-8", "5")),
        ({"hold": "5 s"}, ("None", "3-5")),
        ({"hold": "4-6 breaths"}, ("None", "3-6")),
        ({"reps": 1, "hold": "10 s"}, ("1", "8-10")),
    ],
)
def test_a_dose_without_rules_shrinks_too_but_never_grows(dose: dict[str, object], shown: tuple[str, str]) -> None:
    made = exercise("bridge", **dose)
    less = dose_at(made, -1)
    assert (reps(less), str(less.dose.hold and less.dose.hold.range)) == shown
    assert dose_at(made, 9) is made
    assert str(dose_at(exercise(time="30 s"), -2).dose.time) == "20-30"
    assert dose_at(exercise(open=True), -2).dose.open
    ruled = dose_at(growing(SETS, sets="2-3", reps=5), -2).dose
    assert (str(ruled.sets), str(ruled.reps)) == ("1-3", "5"), "where there are rules, only what they name shrinks"


# --- The next level -----------------------------------------------------------------------------------------------------

GOOD, HURT, PARTLY = Outcome(coached=True), Outcome(coached=True, pain=3), Outcome(coached=False)
MADE = growing(REPS, HOLD, reps="3-5", hold="5-8 s")


@pytest.mark.parametrize(
    ("level", "recent", "expected"),
    [
        (0, [], Move(0, Why.NOT_YET)),
        (0, [GOOD] * 2, Move(0, Why.NOT_YET)),
        (0, [GOOD] * 3, Move(1, Why.GOOD)),
        (0, [Outcome(True, 2)] * 3, Move(1, Why.GOOD)),
        (0, [GOOD, PARTLY, GOOD, PARTLY], Move(0, Why.NOT_YET)),
        (0, [GOOD, PARTLY, GOOD, PARTLY, GOOD], Move(1, Why.GOOD)),
        (0, [GOOD, GOOD, HURT], Move(-1, Why.PAIN)),
        (0, [GOOD, HURT, GOOD, GOOD], Move(0, Why.NOT_YET)),
        (0, [HURT, GOOD, GOOD, GOOD], Move(1, Why.GOOD)),
        (0, [Outcome(True, PAIN_WITHOUT_A_NUMBER)], Move(-1, Why.PAIN)),
        (0, [Outcome(False, 3)], Move(-1, Why.PAIN)),
        (0, [GOOD, GOOD, Outcome(True, 0, worse=True)], Move(-1, Why.WORSE)),
        (2, [GOOD] * 3, Move(2, Why.NOT_YET)),  # the hold's rule asks for four
        (2, [GOOD] * 4, Move(3, Why.GOOD)),
        (2, [Outcome(True, 2)], Move(1, Why.PAIN)),  # and for less pain
        (1, [Outcome(True, 2)], Move(1, Why.NOT_YET)),
        (4, [GOOD] * 50, Move(4, Why.TOP)),
        (4, [Outcome(True, 2)], Move(3, Why.PAIN)),
        (99, [GOOD] * 50, Move(4, Why.TOP)),
        (99, [HURT], Move(3, Why.PAIN)),
        (-1, [GOOD] * 3, Move(0, Why.GOOD)),
        (-1, [HURT], Move(-2, Why.PAIN)),
        (-2, [HURT], Move(-2, Why.PAIN)),
        (-99, [GOOD] * 50, Move(-1, Why.GOOD)),
    ],
)
def test_the_next_level_and_why(level: int, recent: Sequence[Outcome], expected: Move) -> None:
    assert next_level(MADE, level, recent) == expected


def test_what_is_locked_never_moves_up() -> None:
    assert next_level(MADE, 0, [GOOD] * 50, locked=True) == Move(0, Why.LOCKED)
    assert next_level(MADE, 1, [HURT], locked=True) == Move(0, Why.PAIN)


def test_without_a_rule_that_fits_nothing_moves() -> None:
    for made in (exercise(reps=3), growing(HOLD, reps=3), growing(BREATHS, hold="5 s")):
        assert next_level(made, 0, [GOOD] * 50) == Move(0, Why.NO_RULE)
        assert next_level(made, 7, [HURT]) == Move(0, Why.NO_RULE)
        assert next_level(made, -1, [HURT]) == Move(0, Why.NO_RULE)


def test_where_nothing_can_shrink_pain_leaves_it() -> None:
    made = growing(REPS, reps="1-3")
    assert next_level(made, 0, [HURT]) == Move(0, Why.PAIN)
    assert next_level(made, 1, [HURT]) == Move(0, Why.PAIN)


# --- Easier and harder without a variant ---------------------------------------------------------------------------------


def test_harder_is_the_high_end_of_the_ranges_and_easier_leads_back() -> None:
    made = exercise(reps="3-5", hold="5-10 s")
    harder = at_end(made, "high")
    assert harder
    assert (reps(harder), hold(harder)) == ("5", "10")
    assert at_end(harder, "high") is None
    easier = at_end(harder, "low")
    assert easier == made
    assert at_end(made, "low") is None


def test_easier_undoes_what_progress_has_added() -> None:
    for made in (growing(REPS, reps="3-5"), growing(REPS, reps=5)):
        moved = dose_at(made, 1)
        easier = at_end(moved, "low")
        assert easier
        assert easier.dose.reps
        assert made.dose.reps
        assert easier.dose.reps.low == made.dose.reps.low
        assert at_end(easier, "low") is None


def test_without_a_range_there_is_neither() -> None:
    for dose in ({"reps": 5}, {"hold": "5 s"}, {"time": "30 s"}, {"open": True}, {"sets": "2-3", "reps": 5}):
        made = exercise(**dose)
        assert at_end(made, "low") is at_end(made, "high") is None


def test_the_number_of_sets_stays_within_an_exercise() -> None:
    harder = at_end(exercise(sets="2-3", time="20-30 s", rest="10-60 s"), "high")
    assert harder
    assert (str(harder.dose.sets), str(harder.dose.time), str(harder.dose.rest)) == ("2-3", "30", "10-60")


# --- Whatever is written -------------------------------------------------------------------------------------------------


def ranges(least: int, most: int, unit: str = "") -> st.SearchStrategy[str]:
    pairs = st.tuples(st.integers(least, most), st.integers(least, most) | st.none())
    return pairs.filter(lambda pair: pair[1] is None or pair[0] <= pair[1]).map(
        lambda pair: f"{pair[0]}{unit}" if pair[1] is None else f"{pair[0]}-{pair[1]}{unit}"
    )


DOSES: st.SearchStrategy[dict[str, object]] = st.one_of(
    st.fixed_dictionaries({"reps": ranges(1, 100)}, optional={"sets": ranges(1, 20), "hold": ranges(1, 600, " s")}),
    st.fixed_dictionaries({"hold": ranges(1, 30, " breaths")}, optional={"reps": ranges(1, 100)}),
    st.fixed_dictionaries({"time": ranges(1, 3600, " s")}, optional={"sets": ranges(1, 20)}),
    st.fixed_dictionaries({"hold": st.sampled_from(["1.5 s", "2.25 s", "1.5-7.5 s"])}),
    st.just({"open": True}),
)


@st.composite
def growers(draw: st.DrawFn) -> Exercise:
    texts = draw(st.lists(RULES, max_size=5, unique_by=lambda text: text.split(": ")[1].rstrip("0123456789 sbreath")))
    try:
        return growing(*texts, **draw(DOSES))
    except ValidationError:  # two rules for one measure
        assume(False)
        raise


def spans(dose: Dose) -> dict[str, Range]:
    held = dose.hold.range if dose.hold else None
    found = {"sets": dose.sets, "reps": dose.reps, "hold": held, "time": dose.time}
    return {name: span for name, span in found.items() if span is not None}


LEVELS = st.integers(-9, -1) | st.integers(0, 120)
MOST = {"sets": 20, "reps": 100, "hold": 600, "time": 3600}


@given(growers(), LEVELS)
def test_a_moved_dose_is_valid_and_within_its_bounds(made: Exercise, level: int) -> None:
    moved = dose_at(made, level)
    written, now = spans(made.dose), spans(moved.dose)
    assert written.keys() == now.keys()
    for name, span in now.items():
        low, high = written[name].low, written[name].high
        assert 1 <= span.low <= span.high <= MOST[name]
        assert span.low <= (high if high > low else max(low, floor(low * 1.5)))
        assert span.low >= max(1, min(low, ceil(low / 2)))
        assert span.high == max(high, span.low)
        if low == int(low) and high == int(high):
            assert span.low == int(span.low)
    # Written out and read again it is a dose that an author may write.
    units = {"hold": " breaths" if moved.dose.hold and moved.dose.hold.breaths else " s", "time": " s"}
    texts: dict[str, object] = {name: f"{span}{units.get(name, '')}" for name, span in now.items()}
    again = Dose.model_validate(texts | {"open": moved.dose.open})
    assert {n: (s.low, s.high) for n, s in spans(again).items()} == {n: (s.low, s.high) for n, s in now.items()}
    changed = moved.dose.model_copy(
        update={name: getattr(made.dose, name) for name in ("sets", "reps", "hold", "time")}
    )
    assert changed == made.dose, "nothing else moves"


@given(growers(), LEVELS)
def test_more_level_is_never_less_dose_and_one_thing_moves_at_a_time(made: Exercise, level: int) -> None:
    below, above = spans(dose_at(made, level).dose), spans(dose_at(made, level + 1).dose)
    assert all(below[name].low <= above[name].low for name in below)
    assert sum(below[name].low != above[name].low for name in below) <= 1


@given(
    growers(),
    LEVELS,
    st.lists(st.builds(Outcome, st.booleans(), st.none() | st.integers(0, 10), st.booleans()), max_size=60),
    st.booleans(),
)
def test_a_level_moves_by_one_and_stays_where_the_rules_lead(
    made: Exercise, level: int, recent: list[Outcome], locked: bool
) -> None:
    assume(next_level(made, level, []).why is not Why.NO_RULE)
    here = next_level(made, level, []).level
    assert here >= LOWEST
    assert dose_at(made, here).dose == dose_at(made, level).dose
    move = next_level(made, level, recent, locked=locked)
    assert abs(move.level - here) <= 1
    assert (move.level > here) == (move.why is Why.GOOD)
    if move.level > here:
        assert not locked
        assert not recent[-1].worse
        assert dose_at(made, move.level).dose != dose_at(made, here).dose
    if move.level < here:
        assert recent[-1].worse or recent[-1].pain
        assert dose_at(made, move.level).dose != dose_at(made, here).dose


@given(growers(), LEVELS)
def test_the_ends_are_within_what_is_written_or_reached(made: Exercise, level: int) -> None:
    moved = dose_at(made, level)
    for end in ("low", "high"):
        other = at_end(moved, end)
        if other is None:
            continue
        assert at_end(other, end) is None
        assert other.dose.sets == moved.dose.sets
        for name, span in spans(other.dose).items():
            reached, written = spans(moved.dose)[name], spans(made.dose)[name]
            assert min(written.low, reached.low) <= span.low <= max(written.high, reached.low)
            assert span.low <= reached.low if end == "low" else span.low >= reached.low
