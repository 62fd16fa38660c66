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
from voicecoach.core.routine import Routine
from voicecoach.exchange.calendar_file import DAYS, Schedule, as_calendar, escape, fold
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
