"""Dates, spans and figures in words, and the reading of a date that a person gives.

Rule: English, whatever the machine's language is: the page is in one language. A day is the day where the session was.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = {"d": 1, "w": 7}
ALLOWED = "a day such as 2026-11-21, or days or weeks back from today such as 30d or 6w"


def read_since(text: str, today: date) -> date:
    """Return the day that ``--since`` means. Raises ``ValueError`` with what is wrong, for the person."""
    text = text.strip()
    if back := re.fullmatch(r"(\d{1,5})\s*([dw])", text.lower()):
        return today - timedelta(days=int(back[1]) * _UNITS[back[2]])  # at most some nineteen centuries
    try:
        day = date.fromisoformat(text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else "")
    except ValueError:
        raise ValueError(f"{text!r} is no date; allowed: {ALLOWED}") from None
    if day > today:
        raise ValueError(f"{text!r} lies in the future; allowed: {ALLOWED}")
    return day


def day_of(text: str) -> date:
    """Return the day of an ISO moment, where it was."""
    return date.fromisoformat(text[:10])


def short_day(day: date) -> str:
    """Return ``21 Nov``."""
    return f"{day.day} {month(day)}"


def full_day(day: date) -> str:
    """Return ``21 Nov 2026``."""
    return f"{short_day(day)} {day.year}"


def month(day: date) -> str:
    """Return ``Nov``."""
    return _MONTHS[day.month - 1]


def span(first: date, last: date) -> str:
    """Return ``1 Sep to 21 Nov 2026``."""
    if first == last:
        return full_day(first)
    start = short_day(first) if first.year == last.year else full_day(first)
    return f"{start} to {full_day(last)}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 session``, ``2 sessions``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(words: list[str]) -> str:
    """Return ``one, two and three``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def score(value: int | None) -> str:
    """Return ``4/10``; a score that was not said is a dash."""
    return "–" if value is None else f"{value}/10"  # noqa: RUF001 - it stands for nothing said
