"""Which session is today's: told by the sessions so far, and by nothing else."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given
from pydantic import ValidationError

from voicecoach.core.events import Line
from voicecoach.core.programme import GoOn, PartOf, Played, Programme, Week, Why, due, first_of, told

RULE = "after 3 sessions with pain <= 2"


def programme(*weeks: dict[str, object]) -> Programme:
    made = tuple(Week.model_validate(week) for week in weeks)
    return Programme(slug="p", title="P", weeks=made)


def day(number: int) -> str:
    return f"2026-11-{number:02}"


def lived(plan: Programme, *pains: int | None, most: int = 400) -> tuple[list[tuple[int, int, int, str]], list[Played]]:
    """Play what is due, with these pains (None: none), then without any, until the programme is over."""
    seen: list[tuple[int, int, int, str]] = []
    played: list[Played] = []
    for number in range(most):
        coming = due(plan, played)
        if coming.why is Why.OVER:
            return seen, played
        pain = pains[number] if number < len(pains) else None
        seen.append((coming.part.week, coming.part.round, coming.part.day, coming.routine))
        played.append(Played(coming.part, day(1), finished=True, hurt=pain is not None, pain=pain))
    raise AssertionError("the programme never ends")


def test_days_come_in_order_and_rest_is_time_and_no_session() -> None:
    plan = programme({"days": ["a", "rest", "b", "rest", "rest"], "repeat": 2}, {"days": ["rest", "c"]})
    assert lived(plan)[0] == [(1, 1, 1, "a"), (1, 1, 3, "b"), (1, 2, 1, "a"), (1, 2, 3, "b"), (2, 1, 2, "c")]
    played = lived(plan)[1]
    # From a to b the day of rest lies between; behind b two, and at the beginning of week 2 a third.
    assert [due(plan, played[:n]).days for n in range(1, 5)] == [2, 3, 2, 4]


def test_the_first_session_is_due_at_once() -> None:
    coming = due(programme({"days": ["rest", "a"]}), [])
    assert (coming.why, coming.last, coming.part.day) == (Why.FIRST, None, 2)


def test_what_was_not_finished_comes_again_after_pain_not_before_tomorrow() -> None:
    plan = programme({"days": ["a", "b"]})
    part = PartOf("p", 1, 1, 1)
    for hurt, days in ((False, 0), (True, 1)):
        coming = due(plan, [Played(part, day(3), finished=False, hurt=hurt, pain=4)])
        assert (coming.why, coming.part, coming.days, coming.last) == (Why.NOT_FINISHED, part, days, day(3))


def test_other_programmes_do_not_count() -> None:
    plan = programme({"days": ["a", "b"]})
    assert due(plan, [Played(PartOf("q", 1, 1, 1), day(1), finished=True)]).why is Why.FIRST


def test_a_week_whose_rule_is_not_met_comes_again_until_it_is() -> None:
    plan = programme({"days": ["a", "b", "c"], "go_on": RULE}, {"days": ["d"]})
    assert len(lived(plan)[0]) == 4
    seen, played = lived(plan, None, 4)
    assert [entry[:2] for entry in seen] == [(1, 1)] * 3 + [(1, 2)] * 3 + [(2, 1)]
    assert due(plan, played[:3]).why is Why.WEEK_AGAIN
    assert lived(plan, 2, 2, 2)[0] == lived(plan)[0], "pain that the rule allows"
    # The last good one of the first time and two of the second are three in a row, at the end of the second.
    assert [entry[:2] for entry in lived(plan, 3, None, None)[0]] == [(1, 1)] * 3 + [(1, 2)] * 3 + [(2, 1)]


def test_pain_without_a_number_counts_as_the_worst_and_unheard_sessions_count_neither_way() -> None:
    plan = programme({"days": ["a"], "go_on": "after 1 session with pain <= 5"}, {"days": ["d"]})
    part = PartOf("p", 1, 1, 1)
    assert due(plan, [Played(part, day(1), finished=True, hurt=True)]).why is Why.WEEK_AGAIN
    assert due(plan, [Played(part, day(1), finished=True, attended=False)]).why is Why.WEEK_AGAIN
    assert due(plan, [Played(part, day(1), finished=True)]).part.week == 2


def test_pain_in_a_session_that_was_not_finished_breaks_the_row() -> None:
    plan = programme({"days": ["a", "b", "c"], "go_on": RULE}, {"days": ["d"]})
    parts = [PartOf("p", 1, 1, number) for number in (1, 2, 3)]
    played = [
        Played(parts[0], day(1), finished=True),
        Played(parts[1], day(2), finished=False, hurt=True, pain=6),
        Played(parts[1], day(3), finished=True),
        Played(parts[2], day(4), finished=True),
    ]
    assert due(plan, played).why is Why.WEEK_AGAIN
    assert due(plan, [played[0], *played[2:]]).part.week == 2


def test_a_file_that_has_changed_goes_on_with_what_comes_behind() -> None:
    plan = programme({"days": ["a", "rest"]}, {"days": ["b"]})
    assert due(plan, [Played(PartOf("p", 1, 9, 9), day(1), finished=True)]).part.week == 2
    assert due(plan, [Played(PartOf("p", 9, 1, 1), day(1), finished=True)]).why is Why.OVER
    assert due(plan, [Played(PartOf("p", 1, 1, 2), day(1), finished=False)]).part.week == 2


def test_a_person_may_name_a_day() -> None:
    plan = programme({"days": ["a", "rest"]}, {"days": ["b"]})
    found = first_of(plan, 2, 1)
    assert found is not None
    assert (found.routine, found.part) == ("b", PartOf("p", 2, 1, 1))
    assert [first_of(plan, *place) for place in ((1, 2), (1, 3), (0, 1), (1, 0), (3, 1))] == [None] * 5


def test_what_is_told_at_the_beginning() -> None:
    plan = programme({"days": ["a"], "go_on": "after 1 session with pain <= 1"})
    assert told(due(plan, [])) == (Line.of("programme_day", week=1, day=1),)
    again = due(plan, [Played(PartOf("p", 1, 1, 1), day(1), finished=True, hurt=True, pain=3)])
    assert told(again)[1] == Line.of("week_again")


@pytest.mark.parametrize(
    ("week", "problem"),
    [
        ({"days": []}, "at least 1 item"),
        ({"days": ["rest", "rest"]}, "days has nothing but rest"),
        ({"days": ["a"], "go_on": RULE}, "go_on asks for 3 sessions, and this week has 1"),
        ({"days": ["a"] * 3, "go_on": "after 3 days"}, 'allowed: "after 3 sessions with pain <= 2"'),
        ({"days": ["a"] * 3, "go_on": "after 3 sessions with pain <= 9"}, "a pain of 0 to 5"),
        ({"days": ["a"] * 15}, "at most 14"),
        ({"days": ["../x"]}, "match pattern"),
    ],
)
def test_a_week_that_makes_no_sense_is_refused(week: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem.replace("(", r"\(")):
        Week.model_validate(week)


def test_a_rule_is_written_as_it_is_read() -> None:
    week = Week.model_validate({"days": ["a", "b"], "go_on": "After 1  session with pain \u2264 0"})
    assert (week.go_on, str(week.go_on)) == (GoOn(1, 0), "after 1 session with pain <= 0")


WEEKS = st.fixed_dictionaries(
    {
        "days": st.lists(st.sampled_from(["a", "b", "rest"]), min_size=1, max_size=5).filter(
            lambda d: set(d) != {"rest"}
        )
    },
    optional={"repeat": st.integers(1, 3), "go_on": st.just("after 1 session with pain <= 2")},
)


@given(st.lists(WEEKS, min_size=1, max_size=4), st.lists(st.none() | st.integers(0, 10), max_size=30))
def test_every_programme_comes_to_its_end_and_never_leaves_out_a_day(
    weeks: list[dict[str, object]], pains: list[int | None]
) -> None:
    plan = programme(*weeks)
    seen, _ = lived(plan, *pains)
    for number, week in enumerate(plan.weeks, 1):
        wanted = [(place, name) for place, name in enumerate(week.days, 1) if name != "rest"]
        mine = [(place, name) for at, _, place, name in seen if at == number]
        assert len(mine) >= len(wanted) * week.repeat
        assert mine == wanted * (len(mine) // len(wanted)), "whole weeks, in order"
    assert [entry[0] for entry in seen] == sorted(entry[0] for entry in seen)
