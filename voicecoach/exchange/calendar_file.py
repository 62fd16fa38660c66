"""A routine in a calendar: one event that comes again every week, as RFC 5545 writes it.

Rule: no library. It is one event with text that must be escaped and folded; the time is that of wherever the person is
(RFC 5545, 3.3.5, form 1), so there are no time zones, which is what a library would be for.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil

from voicecoach.core.routine import PainPolicy, Routine
from voicecoach.exchange.given import NOT_ADVICE
from voicecoach.exchange.taken import ExchangeError
from voicecoach.ports import Exported

DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_FOLD = 75
"""Octets of a line, its end not counted (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a routine is to be played."""

    days: tuple[str, ...]
    """Of ``DAYS``, at least one."""
    at: time
    start: date
    """The first day on which it may be."""
    weeks: int
    remind: int | None = None
    """Minutes before it at which the calendar reminds; None: it doesn't."""

    @property
    def first(self) -> date:
        """The first day on which it is: RFC 5545 counts the start among the events, so it must be one of ``days``."""
        coming = (self.start + timedelta(days=n) for n in range(7))
        return next(day for day in coming if DAYS[day.weekday()] in self.days)


def as_calendar(routine: Routine, schedule: Schedule, seconds: float, made: datetime) -> Exported:
    """Return a calendar with the routine in it.

    ``seconds`` is how long a session lasts; ``made`` the moment at which this is written, with its offset. A file made
    again for the same routine, days and time has the same identity, so a calendar replaces the event. Raises
    ``ExchangeError`` where a prescriber's rules leave no day.
    """
    last = _last_day(routine, schedule)
    if last < schedule.first:
        raise ExchangeError(
            routine.slug,
            None,
            f"no day is left: the prescriber's rules for pain hold until {routine.review_on}",
            allowed="an earlier --start, or a new review_on by the prescriber",
        )
    lost = ["of the exercises only the names are in it"]
    if last < schedule.start + timedelta(weeks=schedule.weeks, days=-1):
        lost.append(f"what lies behind {last}: until then the prescriber's rules for pain hold")
    lines = _calendar(routine, schedule, last, _event_minutes(seconds), made)
    return Exported(b"".join(map(fold, lines)), tuple(lost))


def _last_day(routine: Routine, schedule: Schedule) -> date:
    last = schedule.start + timedelta(weeks=schedule.weeks, days=-1)
    if routine.pain_policy is PainPolicy.MONITORED and routine.review_on:
        return min(last, date.fromisoformat(routine.review_on))
    return last


def _event_minutes(seconds: float) -> int:
    """Return how long to keep free: whole five minutes, because nobody's calendar has others."""
    return max(5, ceil(seconds / 300) * 5)


def _calendar(routine: Routine, schedule: Schedule, last: date, minutes: int, made: datetime) -> Iterator[str]:
    days = ",".join(day.upper() for day in DAYS if day in schedule.days)
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"voicecoach:{routine.slug}:{days}:{schedule.at:%H%M}")
    about = [routine.summary or "", *(f"- {exercise.name}" for exercise in routine.exercises)]
    about += [f"Have at hand: {', '.join(routine.at_hand)}" if routine.at_hand else ""]
    about += [f"voicecoach run {routine.slug}", NOT_ADVICE]
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//voicecoach//voicecoach//EN", "BEGIN:VEVENT")
    yield f"UID:{identity}@voicecoach"
    yield f"DTSTAMP:{made.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART:{datetime.combine(schedule.first, schedule.at):%Y%m%dT%H%M%S}"
    yield f"DURATION:PT{minutes}M"
    yield f"RRULE:FREQ=WEEKLY;BYDAY={days};UNTIL={datetime.combine(last, schedule.at):%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{escape(routine.title)}"
    yield f"DESCRIPTION:{escape(chr(10).join(filter(None, about)))}"
    if schedule.remind is not None:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-PT{schedule.remind}M")
        yield f"DESCRIPTION:{escape(routine.title)}"
        yield "END:VALARM"
    yield from ("END:VEVENT", "END:VCALENDAR")


def escape(text: str) -> str:
    """Return a text as a value (RFC 5545, 3.3.11)."""
    for mark, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(mark, written)
    return text


def fold(line: str) -> bytes:
    """Return a line with its end, folded so that no part is longer than 75 octets and no character is cut in two."""
    parts, part = [], b""
    for mark in line:
        octets = mark.encode()
        if len(part) + len(octets) > _FOLD:
            parts.append(part)
            part = b" "
        part += octets
    return b"\r\n".join([*parts, part]) + b"\r\n"
