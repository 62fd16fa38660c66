"""The timetable of an appliance: "weekdays 08:00 gentle-start", and which of its moments have come.

Rule: pure. It is told what the clock on the wall shows and remembers what it was told, so a clock that jumps (a board
without a battery, daylight saving, somebody who sets it) starts nothing twice and nothing that is long past.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

DAY = 24 * 60
"""Minutes."""
LATEST = 60
"""Minutes after which a moment that could not be used is over: a session ran, or the machine was off."""
_KEPT = 14
"""Days for which moments are remembered as used, so that a clock that is set back repeats none."""
SET_BY = 120.0
"""Seconds by which a clock is off that was set, and did not only run a little slow or fast."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GROUPS = {
    "daily": frozenset(range(7)),
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    **{name: frozenset({number}) for number, name in enumerate(WEEKDAYS)},
}
ALLOWED = f"DAYS HH:MM ROUTINE, where DAYS are {', '.join(_GROUPS)}, with commas between"


@dataclass(frozen=True, slots=True)
class Slot:
    """One line of the timetable."""

    days: frozenset[int]
    """Of the week: Monday is 0."""
    minute: int
    """Of the day, from 0."""
    routine: str
    """Its name, as ``voicecoach list`` tells it."""


def read_slot(text: str) -> Slot:
    """Read ``sat,sun 10:30 spine-support``. Raises ``ValueError`` with what is wrong."""
    parts = text.split()
    if len(parts) != 3:
        raise ValueError(f"{text!r} is no line of a timetable; allowed: {ALLOWED}")
    days: set[int] = set()
    for name in parts[0].lower().split(","):
        if name not in _GROUPS:
            raise ValueError(f"{name!r} is no day; allowed: {', '.join(_GROUPS)}")
        days |= _GROUPS[name]
    time = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", parts[1])
    if time is None:
        raise ValueError(f"{parts[1]!r} is no time; allowed: 00:00 to 23:59")
    return Slot(frozenset(days), 60 * int(time[1]) + int(time[2]), parts[2])


@dataclass(frozen=True, slots=True)
class Due:
    """A moment of the timetable that has come."""

    routine: str
    minute: int
    """What the clock shows now: minutes of the day."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is remembered of the clock, and of the moments that were used."""

    seen: int | None = None
    """Minutes from the beginning of the calendar to the last look; None before the first."""
    used: tuple[tuple[int, int], ...] = ()
    """Day and line of the timetable, the latest last."""
    ahead: float | None = None
    """How far the clock was ahead at the last look (``Clocked``)."""


def look(
    slots: tuple[Slot, ...], agenda: Agenda, day: int, minute: int, ahead: float = 0.0
) -> tuple[Agenda, Due | None]:
    """Return what is remembered from now on, and the moment that has come since the last look, if one has.

    ``day`` counts the days of the calendar from a Monday that is 1; ``minute`` is that of the day. Of several moments
    the latest is the one, or the first line of several at the latest; all of them are used up. The first look finds
    nothing: a program that has just been started must not ask again what it asked before. Nor does the first look after
    the clock was set (``ahead``, see ``Clocked``): a board without a clock of its own learns late what time it is.
    """
    now = day * DAY + minute
    was_set = agenda.ahead is not None and abs(ahead - agenda.ahead) > SET_BY
    seen = now if agenda.seen is None or was_set else agenda.seen
    found: list[tuple[int, int, int]] = []
    for number, slot in enumerate(slots):
        for on in (day - 1, day):
            moment = on * DAY + slot.minute
            fresh = seen < moment <= now and now - moment <= LATEST
            if fresh and (on - 1) % 7 in slot.days and (on, number) not in agenda.used:
                found.append((moment, -number, on))
    recent = tuple((on, number) for on, number in agenda.used if abs(day - on) <= _KEPT)
    used = (*recent, *((on, -number) for _, number, on in found))
    agenda = replace(agenda, seen=now, used=used, ahead=ahead)
    return agenda, Due(slots[-max(found)[1]].routine, minute) if found else None
