"""A routine in a calendar, one event that comes again every week, or a programme, an event a day (RFC 5545).

Rule: no library. These are events with text that must be escaped and folded; the time is that of wherever the person is
(RFC 5545, 3.3.5, form 1), so there are no time zones, which is what a library would be for.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import NamedTuple

from voicecoach.core.programme import REST, Programme
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


MOST_SESSIONS = 1000
"""Of a programme, as events: years of it, in a file that calendars still take."""


@dataclass(frozen=True, slots=True)
class Days:
    """When the days of a programme are: one after the other, from the first on."""

    at: time
    start: date
    remind: int | None = None
    """Minutes before it at which the calendar reminds; None: it doesn't."""


def as_programme(
    programme: Programme, days: Days, routines: Mapping[str, tuple[Routine, float]], made: datetime
) -> Exported:
    """Return a calendar with an event for each session of a programme, on the day on which it comes.

    ``routines`` are those that its days name, each with the seconds that it lasts. It is taken that no day is missed,
    and that no week comes again. Raises ``ExchangeError`` where it is too much, or a prescriber's rules leave no day.
    """
    count = sum(week.sessions * week.repeat for week in programme.weeks)
    if count > MOST_SESSIONS:
        raise ExchangeError(programme.slug, None, f"this has {count} sessions", allowed=f"at most {MOST_SESSIONS}")
    sessions = list(_sessions(programme, days.start))
    kept = [one for one in sessions if one.on <= _review(routines[one.routine][0])]
    if not kept:
        raise ExchangeError(programme.slug, None, "no day is left: the prescriber's rules for pain hold no longer")
    lost = ["of the exercises only the names are in it"]
    if any(week.go_on for week in programme.weeks):
        lost.append("weeks that come again because their rule is not met: then convert it again, with --start")
    if behind := len(sessions) - len(kept):
        lost.append(f"{behind} sessions behind the day until which a prescriber's rules for pain hold")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//voicecoach//voicecoach//EN"]
    for one in kept:
        lines += _session(programme, one, days, routines[one.routine], made)
    return Exported(b"".join(map(fold, [*lines, "END:VCALENDAR"])), tuple(lost))


class _Session(NamedTuple):
    on: date
    place: str
    """As ``run`` counts: "week 2, day 1", of weeks that are repeated with the round."""
    routine: str
    title: str
    """The week's."""


def _sessions(programme: Programme, start: date) -> Iterator[_Session]:
    rests = next(number for number, day in enumerate(programme.weeks[0].days) if day != REST)
    on = start - timedelta(days=rests)  # nobody rests before the first session
    for number, week in enumerate(programme.weeks, 1):
        for round_ in range(1, week.repeat + 1):
            for day, routine in enumerate(week.days, 1):
                if routine != REST:
                    place = f"week {number}, day {day}{f', round {round_}' if week.repeat > 1 else ''}"
                    yield _Session(on, place, routine, week.title or "")
                on += timedelta(days=1)


def _review(routine: Routine) -> date:
    monitored = routine.pain_policy is PainPolicy.MONITORED and routine.review_on
    return date.fromisoformat(routine.review_on) if monitored and routine.review_on else date.max


def _session(
    programme: Programme, one: _Session, days: Days, played: tuple[Routine, float], made: datetime
) -> Iterator[str]:
    routine, seconds = played
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"voicecoach:{programme.slug}:{one.place}")
    yield from _event(
        f"{identity}@voicecoach",
        made,
        (f"DTSTART:{datetime.combine(one.on, days.at):%Y%m%dT%H%M%S}", f"DURATION:PT{_event_minutes(seconds)}M"),
        f"{programme.title}: {routine.title} ({one.place})",
        [one.title, *_about(routine, programme.slug)],
        days.remind,
    )


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
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//voicecoach//voicecoach//EN")
    when = (
        f"DTSTART:{datetime.combine(schedule.first, schedule.at):%Y%m%dT%H%M%S}",
        f"DURATION:PT{minutes}M",
        f"RRULE:FREQ=WEEKLY;BYDAY={days};UNTIL={datetime.combine(last, schedule.at):%Y%m%dT%H%M%S}",
    )
    about = _about(routine, routine.slug)
    yield from _event(f"{identity}@voicecoach", made, when, routine.title, about, schedule.remind)
    yield "END:VCALENDAR"


def _about(routine: Routine, played_as: str) -> list[str]:
    """Return what an event tells of a routine, line by line."""
    names = [f"- {exercise.name}" for exercise in routine.exercises]
    at_hand = f"Have at hand: {', '.join(routine.at_hand)}" if routine.at_hand else ""
    return [routine.summary or "", *names, at_hand, f"voicecoach run {played_as}", NOT_ADVICE]


def _event(
    identity: str, made: datetime, when: Sequence[str], title: str, about: Sequence[str], remind: int | None
) -> Iterator[str]:
    yield from ("BEGIN:VEVENT", f"UID:{identity}", f"DTSTAMP:{made.astimezone(UTC):%Y%m%dT%H%M%SZ}", *when)
    yield f"SUMMARY:{escape(title)}"
    yield f"DESCRIPTION:{escape(chr(10).join(filter(None, about)))}"
    if remind is not None:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-PT{remind}M")
        yield f"DESCRIPTION:{escape(title)}"
        yield "END:VALARM"
    yield "END:VEVENT"


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
