"""A programme: weeks of days, each with a routine, and when to go on to the next week.

Rule: pure. The sessions so far and the day are given; which session is today's follows from them alone. A programme
decides which routine is played, never how: doses grow in the routines themselves (``core/progress``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from voicecoach.core.dose import MOST_PAIN, Noun
from voicecoach.core.events import Line
from voicecoach.core.growth import WHEN, plainly
from voicecoach.core.progress import PAIN_WITHOUT_A_NUMBER
from voicecoach.core.routine import Slug, Text

REST = "rest"
"""A day without a session."""
MOST_WEEKS = 104
MOST_DAYS = 14
"""In one week: so that a fortnight can be written as one."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """``after 3 sessions with pain <= 2``: what a week must have come to before the next one."""

    sessions: int
    """Finished, one after the other, up to the end of the week."""
    pain: int
    """At most so much in each of them, from 0 to 10 (NPRS)."""

    def __str__(self) -> str:
        return f"after {self.sessions} session{'s' * (self.sessions != 1)} with pain <= {self.pain}"


def _read_go_on(value: Any) -> GoOn:
    if isinstance(value, GoOn):
        return value
    allowed = 'allowed: "after 3 sessions with pain <= 2"'
    if not isinstance(value, str) or (match := re.fullmatch(WHEN, plainly(value))) is None:
        raise ValueError(allowed)
    rule = GoOn(int(match[1]), int(match[2]))
    if rule.sessions < 1 or rule.pain > MOST_PAIN:
        raise ValueError(f"one session at least, and a pain of 0 to {MOST_PAIN}; {allowed}")
    return rule


class Week(Noun):
    """Days in their order. They are no days of the calendar: a day that is missed is played the next time."""

    title: Text | None = None
    days: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=MOST_DAYS)]
    """The names of routines, or ``rest``."""
    repeat: Annotated[int, Field(ge=1, le=52, strict=True)] = 1
    """How often the week is gone through."""
    go_on: Annotated[GoOn, BeforeValidator(_read_go_on)] | None = None
    """When the next week begins; where it does not, this one comes again. None: always."""

    @property
    def sessions(self) -> int:
        """How many sessions one going through it has."""
        return sum(day != REST for day in self.days)

    @model_validator(mode="after")
    def _can_be_gone_on_from(self) -> Week:
        if not self.sessions:
            raise ValueError("days has nothing but rest; allowed: the name of a routine on one of them at least")
        most = self.sessions * self.repeat
        if self.go_on and self.go_on.sessions > most:
            raise ValueError(
                f"go_on asks for {self.go_on.sessions} sessions, and this week has {most}; allowed: up to {most}, or "
                "a larger repeat"
            )
        return self


class Programme(Noun):
    """Weeks, one after the other."""

    slug: Slug
    title: Text
    summary: Text | None = None
    author: Text | None = None
    prescriber: Text | None = None
    source: Text | None = None
    weeks: Annotated[tuple[Week, ...], Field(min_length=1, max_length=MOST_WEEKS)]

    @property
    def routines(self) -> tuple[str, ...]:
        """Every routine that it plays, each once, in order."""
        return tuple(dict.fromkeys(day for week in self.weeks for day in week.days if day != REST))


@dataclass(frozen=True, slots=True)
class PartOf:
    """Which day of which programme a session is. All count from 1."""

    programme: str
    week: int
    round: int
    """Which going through the week."""
    day: int
    """Among all days of the week, those of rest too."""


@dataclass(frozen=True, slots=True)
class Played:
    """A session of a programme, as far as the programme asks."""

    part: PartOf
    on: str
    """The day, as 2026-11-21."""
    finished: bool
    hurt: bool = False
    """Whether anything hurt."""
    pain: int | None = None
    """The highest score; None: not said."""
    attended: bool = True
    """Whether anybody could be heard: where not, no word of pain means nothing."""


class Why(StrEnum):
    """Why this day is the one that comes."""

    FIRST = "first"
    NEXT = "next"
    NOT_FINISHED = "not finished"
    """The last session of it was not finished, so it comes once more."""
    WEEK_AGAIN = "week again"
    """The week's rule for going on is not met."""
    OVER = "over"
    """The programme has come to its end."""


@dataclass(frozen=True, slots=True)
class Due:
    """The session that comes, and how many days lie between it and the last one."""

    part: PartOf
    routine: str
    why: Why
    last: str | None = None
    """The day of the last session; None: there was none."""
    days: int = 0
    """After so many days it comes: 1 is the day after the last session."""


def due(programme: Programme, played: Sequence[Played]) -> Due:
    """Return which session comes. ``played`` are the sessions so far, the oldest first, of this and of others.

    A day is done when a session of it was finished; what was ended before, by the person or by pain, comes again.
    Where the file has changed since and has no such week or day any more, it goes on with what comes behind.
    """
    mine = [one for one in played if one.part.programme == programme.slug]
    if not mine:
        first = _first_day(programme, 1, 1)
        return replace(first, why=Why.FIRST)
    last = mine[-1]
    if not last.finished and _is_there(programme, last.part):
        routine = programme.weeks[last.part.week - 1].days[last.part.day - 1]
        return Due(last.part, routine, Why.NOT_FINISHED, last.on, 1 if last.hurt else 0)
    return replace(_behind(programme, mine), last=last.on)


def _behind(programme: Programme, mine: Sequence[Played]) -> Due:
    """Return what comes behind the last session, which was finished."""
    part = mine[-1].part
    if part.week > len(programme.weeks):
        return _over(programme, part)
    week = programme.weeks[part.week - 1]
    rests = 0
    for number in range(part.day + 1, len(week.days) + 1):
        if week.days[number - 1] != REST:
            return Due(replace(part, day=number), week.days[number - 1], Why.NEXT, days=1 + rests)
        rests += 1
    if part.round < week.repeat:
        return _later(_first_day(programme, part.week, part.round + 1), rests)
    if week.go_on and _streak(mine, part.week, week.go_on) < week.go_on.sessions:
        again = _later(_first_day(programme, part.week, part.round + 1), rests)
        return replace(again, why=Why.WEEK_AGAIN)
    if part.week == len(programme.weeks):
        return _over(programme, part)
    return _later(_first_day(programme, part.week + 1, 1), rests)


def first_of(programme: Programme, week: int, day: int) -> Due | None:
    """Return the session of a week and a day that a person names; None where the programme has none there."""
    part = PartOf(programme.slug, week, 1, day)
    if not _is_there(programme, part):
        return None
    return Due(part, programme.weeks[week - 1].days[day - 1], Why.NEXT)


def told(due: Due) -> tuple[Line, ...]:
    """Return what the person is told of it at the beginning of the session."""
    again = (Line.of("week_again"),) if due.why is Why.WEEK_AGAIN else ()
    return (Line.of("programme_day", week=due.part.week, day=due.part.day), *again)


def _is_there(programme: Programme, part: PartOf) -> bool:
    if not 1 <= part.week <= len(programme.weeks):
        return False
    days = programme.weeks[part.week - 1].days
    return 1 <= part.day <= len(days) and days[part.day - 1] != REST


def _first_day(programme: Programme, week: int, round_: int) -> Due:
    days = programme.weeks[week - 1].days
    number = next(number for number, day in enumerate(days, 1) if day != REST)
    return Due(PartOf(programme.slug, week, round_, number), days[number - 1], Why.NEXT, days=number)


def _later(due: Due, rests: int) -> Due:
    """Put the rest at the end of one week before the rest at the beginning of the other."""
    return replace(due, days=due.days + rests)


def _over(programme: Programme, part: PartOf) -> Due:
    return Due(part, programme.weeks[-1].days[0], Why.OVER)


def _streak(mine: Sequence[Played], week: int, rule: GoOn) -> int:
    """Count the good sessions at the end of a stay in a week."""
    return sum(1 for _ in _good(mine, week, rule))


def _good(mine: Sequence[Played], week: int, rule: GoOn) -> Iterator[Played]:
    for one in reversed(mine):
        if one.part.week != week:
            return
        pain = (PAIN_WITHOUT_A_NUMBER if one.pain is None else one.pain) if one.hurt else 0
        if pain > rule.pain:
            return
        # What was not finished, or heard by nobody, counts neither way.
        if one.finished and one.attended:
            yield one
