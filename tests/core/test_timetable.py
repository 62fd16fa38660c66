"""The timetable: which moments have come, whatever the clock on the wall does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.core.timetable import DAY, LATEST, Agenda, Due, Slot, look, read_slot

MONDAY = 1
EIGHT = 8 * 60
DAILY = (read_slot("daily 08:00 gentle-start"),)


class Clock:
    """A clock that is looked at, and what was found."""

    def __init__(self, *lines: str) -> None:
        self.slots = tuple(map(read_slot, lines)) or DAILY
        self.agenda = Agenda()

    def show(self, minute: int, day: int = MONDAY) -> str | None:
        self.agenda, due = look(self.slots, self.agenda, day, minute)
        return None if due is None else due.routine

    def run(self, first: int, last: int, day: int = MONDAY) -> list[str]:
        found = [self.show(minute, day) for minute in range(first, last + 1)]
        return [routine for routine in found if routine]


def test_a_line_is_read() -> None:
    assert read_slot("weekdays 08:00 gentle-start") == Slot(frozenset(range(5)), EIGHT, "gentle-start")
    assert read_slot("SAT,sun 7:05 x") == Slot(frozenset({5, 6}), 7 * 60 + 5, "x")
    assert read_slot("weekends,mon 23:59 x").days == {5, 6, 0}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "no line of a timetable"),
        ("weekdays 08:00", "no line of a timetable"),
        ("weekdays 08:00 gentle start", "no line of a timetable"),
        ("someday 08:00 x", "'someday' is no day"),
        ("mon, 08:00 x", "'' is no day"),
        ("mon 24:00 x", "'24:00' is no time"),
        ("mon 8.00 x", "'8.00' is no time"),
        ("mon 08:60 x", "'08:60' is no time"),
    ],
)
def test_a_wrong_line_is_refused(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_slot(line)


def test_a_moment_comes_once_on_its_days() -> None:
    clock = Clock("weekdays 08:00 gentle-start", "sat 10:30 desk-break")
    week = [(day, routine) for day in range(MONDAY, MONDAY + 7) for routine in clock.run(0, DAY - 1, day)]
    assert week == [*((day, "gentle-start") for day in range(1, 6)), (6, "desk-break")]


def test_it_tells_what_the_clock_shows_now() -> None:
    agenda, _ = look(DAILY, Agenda(), MONDAY, EIGHT - 10)
    assert look(DAILY, agenda, MONDAY, EIGHT + 20)[1] == Due("gentle-start", EIGHT + 20)


def test_a_program_that_was_just_started_asks_nothing_of_this_minute() -> None:
    assert Clock().run(EIGHT, EIGHT + 30) == []


def test_what_is_at_most_an_hour_past_is_still_asked() -> None:
    late = Clock()
    late.show(EIGHT - 1)
    assert late.show(EIGHT + LATEST) == "gentle-start"
    too_late = Clock()
    too_late.show(EIGHT - 1)
    assert too_late.run(EIGHT + LATEST + 1, DAY - 1) == []


def test_a_clock_that_is_set_back_repeats_nothing() -> None:
    """Daylight saving in autumn: the hour comes twice."""
    clock = Clock("daily 02:30 gentle-start")
    assert clock.run(0, 179) == ["gentle-start"]
    assert clock.run(120, 400) == []
    assert clock.run(0, 400, MONDAY + 1) == ["gentle-start"]


def test_a_clock_that_is_set_forward_leaves_nothing_out() -> None:
    """Daylight saving in spring: two o'clock is followed by three."""
    clock = Clock("daily 02:30 gentle-start")
    assert clock.run(0, 119) == []
    assert clock.run(180, 400) == ["gentle-start"]


def test_a_clock_that_was_wrong_by_years_starts_nothing_long_past() -> None:
    """A board without a battery begins in 1970, until the network tells it the time."""
    clock = Clock()
    clock.run(0, 10, day=719_163)
    assert clock.show(EIGHT + LATEST + 1, day=739_000) is None
    assert clock.run(0, DAY - 1, day=739_001) == ["gentle-start"]


def test_a_moment_before_midnight_is_still_asked_after_it() -> None:
    clock = Clock("mon 23:50 gentle-start")
    clock.show(23 * 60)
    assert clock.show(5, MONDAY + 1) == "gentle-start"
    assert clock.run(6, DAY - 1, MONDAY + 1) == []


def test_of_several_moments_at_once_the_latest_counts_and_of_equals_the_first() -> None:
    clock = Clock("daily 08:00 a", "daily 08:30 b", "daily 08:30 c")
    clock.show(EIGHT - 1)
    assert clock.show(EIGHT + 40) == "b"
    assert clock.run(EIGHT + 41, DAY - 1) == []


MOMENTS = st.tuples(st.integers(MONDAY, MONDAY + 20), st.integers(0, DAY - 1))


@given(st.lists(MOMENTS, max_size=60), st.lists(st.integers(0, DAY - 1), min_size=1, max_size=4))
def test_whatever_the_clock_does_no_moment_of_a_day_comes_twice(shown: list[tuple[int, int]], at: list[int]) -> None:
    slots = tuple(Slot(frozenset(range(7)), minute, str(number)) for number, minute in enumerate(at))
    agenda, found = Agenda(), []
    for day, minute in shown:
        agenda, due = look(slots, agenda, day, minute)
        if due is not None:
            slot = slots[int(due.routine)]
            on = day if slot.minute <= minute else day - 1
            assert 0 <= (day - on) * DAY + minute - slot.minute <= LATEST
            found.append((on, due.routine))
    assert len(found) == len(set(found))
    assert len(agenda.used) == len(set(agenda.used))


def test_what_is_remembered_does_not_grow() -> None:
    clock = Clock()
    for day in range(MONDAY, MONDAY + 400):
        assert clock.run(EIGHT - 2, EIGHT + 2, day) == ["gentle-start"]
    assert len(clock.agenda.used) <= 100
