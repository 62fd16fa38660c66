"""Calendars, read back by a library that others wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.routines import MONITORED, NASTY, routine, shipped_routine
from tests.needs import needs_calendar_reader
from voicecoach.core.programme import Played, Programme, Week, due
from voicecoach.core.routine import Routine
from voicecoach.exchange.calendar_file import DAYS, Days, Schedule, as_calendar, as_programme, escape, fold
from voicecoach.exchange.taken import ExchangeError

MADE = datetime(2026, 11, 21, 18, 30, tzinfo=timezone(timedelta(hours=1)))
WEEK = Schedule(("mo", "we"), time(7, 30), date(2026, 11, 24), 2, 10)


def read(made: Routine, schedule: Schedule = WEEK, seconds: float = 700) -> tuple[Any, bytes]:
    needs_calendar_reader()
    from icalendar import Calendar

    data = as_calendar(made, schedule, seconds, MADE).data
    calendar: Any = Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    return event, data


def test_the_event_is_read_as_it_was_meant() -> None:
    event, _ = read(shipped_routine("spine-support"))
    assert str(event["SUMMARY"]) == "Spine support"
    assert event.decoded("DTSTART") == datetime(2026, 11, 25, 7, 30)  # noqa: DTZ001 - where the person is
    assert event.decoded("DTSTAMP") == datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
    assert event.decoded("DURATION") == timedelta(minutes=15)
    assert event["RRULE"]["FREQ"] == ["WEEKLY"]
    assert event["RRULE"]["BYDAY"] == ["MO", "WE"]
    assert event["RRULE"]["UNTIL"] == [datetime(2026, 12, 7, 7, 30)]  # noqa: DTZ001 - likewise
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(minutes=-10)
    assert "Bird dog" in str(event["DESCRIPTION"])


def occurrences(event: Any) -> list[date]:
    from dateutil.rrule import rrulestr

    rule = event["RRULE"].to_ical().decode()
    return [moment.date() for moment in rrulestr(rule, dtstart=event.decoded("DTSTART"))]


@given(
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.integers(1, 12),
)
def test_every_day_chosen_comes_once_a_week(days: set[str], start: date, weeks: int) -> None:
    event, _ = read(shipped_routine("first-steps"), Schedule(tuple(days), time(8), start, weeks))
    found = occurrences(event)
    assert len(found) == len(days) * weeks
    assert {DAYS[day.weekday()] for day in found} == days
    assert start <= found[0] <= found[-1] < start + timedelta(weeks=weeks)


def test_texts_come_back_as_they_are_and_no_line_is_too_long(tmp_path: Path) -> None:
    made = routine(tmp_path, NASTY)
    event, data = read(made)
    assert str(event["SUMMARY"]) == made.title
    assert str(event["DESCRIPTION"]).splitlines()[0] == made.summary
    assert data.endswith(b"END:VCALENDAR\r\n")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        line.decode()


def test_marks_that_mean_something_in_a_calendar_are_escaped() -> None:
    # Read leniently, a bare comma would pass: RFC 5545, 3.3.11 has it escaped.
    assert escape("a;b,c\\d\ne:f") == "a\\;b\\,c\\\\d\\ne:f"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_folding_loses_nothing(text: str) -> None:
    data = fold(f"X:{escape(text)}")
    assert data.replace(b"\r\n ", b"") == f"X:{escape(text)}\r\n".encode()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


def test_made_again_it_is_the_same_event() -> None:
    made = shipped_routine("first-steps")
    same, other = as_calendar(made, WEEK, 60, MADE), as_calendar(made, WEEK, 60, MADE + timedelta(days=3))
    identity = [line for line in same.data.split(b"\r\n") if line.startswith(b"UID:")]
    assert identity[0] in other.data


def test_nobody_is_sent_beyond_what_a_prescriber_allows(tmp_path: Path) -> None:
    made = routine(tmp_path, MONITORED)
    event, _ = read(made, Schedule(("mo",), time(8), date(2027, 1, 18), 6))
    assert occurrences(event) == [date(2027, 1, 18), date(2027, 1, 25)]
    given_away = as_calendar(made, Schedule(("mo",), time(8), date(2027, 1, 18), 6), 60, MADE)
    assert any("what lies behind 2027-01-31" in sentence for sentence in given_away.lost)
    with pytest.raises(ExchangeError, match="no day is left"):
        as_calendar(made, Schedule(("mo",), time(8), date(2027, 1, 31), 6), 60, MADE)


# --- Programmes -------------------------------------------------------------------------------------------------------

PROGRAMME = Programme(
    slug="six-weeks",
    title="Six weeks",
    weeks=(
        Week(title="One, and easy", days=("a", "rest", "b", "rest"), repeat=2),
        Week.model_validate({"days": ("rest", "a"), "go_on": "after 1 session with pain <= 2"}),
        Week(days=("b", "b")),
    ),
)


def sessions(programme: Programme, start: date, **routines: Routine) -> list[Any]:
    needs_calendar_reader()
    from icalendar import Calendar

    played = {name: (made, 700.0) for name, made in routines.items()}
    calendar: Any = Calendar.from_ical(as_programme(programme, Days(time(7, 30), start, 10), played, MADE).data)
    return list(calendar.walk("VEVENT"))


def test_a_programme_begins_on_its_first_day() -> None:
    programme = PROGRAMME.model_copy(update={"weeks": PROGRAMME.weeks[1:]})
    made = shipped_routine("first-steps")
    assert sessions(programme, date(2027, 1, 4), a=made, b=made)[0].decoded("DTSTART").date() == date(2027, 1, 4)


def test_each_session_of_a_programme_is_on_the_day_on_which_it_comes() -> None:
    one = shipped_routine("first-steps")
    found = sessions(PROGRAMME, date(2027, 1, 4), a=one, b=shipped_routine("spine-support"))
    days = [event.decoded("DTSTART").date() for event in found]
    history: list[Played] = []
    expected, on = [], date(2027, 1, 4)
    for _ in found:  # as somebody plays it who misses nothing, and hurts nowhere
        coming = due(PROGRAMME, history)
        on = on if coming.last is None else date.fromisoformat(coming.last) + timedelta(coming.days)
        expected.append(on)
        history.append(Played(coming.part, on.isoformat(), finished=True))
    assert days == expected
    assert str(found[0]["SUMMARY"]) == "Six weeks: First steps (week 1, day 1, round 1)"
    assert str(found[-1]["SUMMARY"]) == "Six weeks: Spine support (week 3, day 2)"
    assert "One, and easy" in str(found[0]["DESCRIPTION"])
    assert "voicecoach run six-weeks" in str(found[0]["DESCRIPTION"])
    assert len({str(event["UID"]) for event in found}) == len(found) == 7
    assert [alarm.decoded("TRIGGER") for alarm in found[0].walk("VALARM")] == [timedelta(minutes=-10)]


def test_a_programme_too_goes_no_further_than_a_prescriber_allows(tmp_path: Path) -> None:
    allowed = routine(tmp_path, MONITORED)
    found = sessions(PROGRAMME, date(2027, 1, 29), a=allowed, b=allowed)
    assert [event.decoded("DTSTART").date() for event in found] == [date(2027, 1, 29), date(2027, 1, 31)]
    days = {"a": (allowed, 60.0), "b": (allowed, 60.0)}
    given_away = as_programme(PROGRAMME, Days(time(8), date(2027, 1, 29)), days, MADE)
    assert any(sentence.startswith("5 sessions behind the day") for sentence in given_away.lost)
    assert any("weeks that come again" in sentence for sentence in given_away.lost)
    with pytest.raises(ExchangeError, match="no day is left"):
        as_programme(PROGRAMME, Days(time(8), date(2027, 2, 1)), days, MADE)


def test_a_programme_of_a_lifetime_is_refused() -> None:
    long = PROGRAMME.model_copy(update={"weeks": (Week(days=("a",) * 14, repeat=52),) * 3})
    with pytest.raises(ExchangeError, match="this has 2184 sessions"):
        as_programme(long, Days(time(8), date(2027, 2, 1)), {}, MADE)
