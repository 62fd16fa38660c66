"""How people write amounts: "3-5", "30 s", "1:30", "3 breaths", "2-0-2-1".

Rule: the only place that reads such writing. Every refusal is a ``ValueError`` that says what is allowed; one that
knows at which character it goes wrong is a ``WritingError``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from voicecoach.core.amounts import LONGEST, LONGEST_HOLD, MOST_BREATHS, Hold, Range, Tempo


class WritingError(ValueError):
    """Writing that goes wrong at one character."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.offset = offset
        """Characters of the value before the one that is wrong; its length where something is missing at the end."""


_NUMBER = r"(\d{1,6}(?:\.\d{1,3})?)"
_RANGE = re.compile(rf"{_NUMBER}(?:\s*(?:-|to|\u2013)\s*{_NUMBER})?", re.IGNORECASE)
UNITS = (
    dict.fromkeys(("s", "sec", "second", "seconds"), 1.0)
    | dict.fromkeys(("min", "minute", "minutes"), 60.0)
    | dict.fromkeys(("h", "hour", "hours"), 3600.0)
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")


class _BackwardsError(ValueError):
    """A range from high to low: said as such, because it looks right at a glance."""


def read_range(text: str, what: str) -> Range:
    """Read ``3`` or ``3-5``, of anything."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{what} is written as one number or a range")
    low = float(match[1])
    high = float(match[2]) if match[2] else low
    if high < low:
        raise _BackwardsError("a range runs from low to high")
    return Range(low, high)


def _within(found: Range, least: float, most: float, what: str) -> Range:
    if not least <= found.low <= found.high <= most:
        raise ValueError(f"{what} must be from {least:g} to {most:g}")
    return found


def read_count(most: int, what: str) -> Callable[[Any], Range]:
    """Return what reads a whole number, or a range of them, from 1 to ``most``."""

    def read(value: Any) -> Range:
        if isinstance(value, Range):
            return value
        allowed = f'a whole number from 1 to {most}, or a range such as "3-5"'
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(f"allowed: {allowed}")  # noqa: TRY004 - pydantic reports ValueError
        if isinstance(value, int):
            return _within(Range(value, value), 1, most, what)
        try:
            found = read_range(value, what)
        except ValueError as error:
            raise ValueError(f"{error}; allowed: {allowed}") from None
        if found.low % 1 or found.high % 1:
            raise ValueError(f"allowed: {allowed}")
        return _within(found, 1, most, what)

    return read


def read_seconds(value: Any) -> Range:
    """Read a span of time."""
    allowed = 'seconds as "30 s", "1 min", "1:30", or a range such as "5-10 s"'
    if isinstance(value, Range):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"allowed: {allowed}")  # noqa: TRY004 - pydantic reports ValueError
    if not isinstance(value, str):
        # Not made a float before it is known to be small enough: TOML has whole numbers of any size.
        _within(Range(value, value), 0, LONGEST, "a time in seconds")
        return Range(float(value), float(value))
    text = value.strip().lower()
    if clock := _CLOCK.fullmatch(text):
        seconds = 60.0 * int(clock[1]) + int(clock[2])
        return _within(Range(seconds, seconds), 0, LONGEST, "a time in seconds")
    number, unit = re.fullmatch(r"(.*?)\s*([a-z]*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if unit not in UNITS:
        raise ValueError(f"allowed: {allowed}")
    try:
        found = read_range(number, "a time")
    except ValueError as error:
        raise type(error)(f"{error}; allowed: {allowed}") from None
    factor = UNITS[unit]
    return _within(Range(found.low * factor, found.high * factor), 0, LONGEST, "a time in seconds")


def read_hold(value: Any) -> Hold:
    """Read a hold, in seconds or in breaths."""
    if isinstance(value, Hold):
        return value
    if isinstance(value, str) and (match := re.fullmatch(r"(.*?)\s*breaths?", value.strip().lower())):
        try:
            breaths = read_range(match[1], "a hold in breaths")
        except ValueError as error:
            raise ValueError(f'{error}; allowed: "3 breaths" or "3-5 breaths"') from None
        return Hold(_within(breaths, 1, MOST_BREATHS, "breaths"), breaths=True)
    allowed = 'allowed: "5 s", "5-10 s" or "3 breaths"'
    try:
        seconds = read_seconds(value)
    except _BackwardsError as error:
        raise ValueError(f"{str(error).partition(';')[0]}; {allowed}") from None
    except ValueError:
        raise ValueError(allowed) from None
    return Hold(_within(seconds, 1, LONGEST_HOLD, "a hold in seconds"))


def read_tempo(value: Any) -> Tempo:
    """Read the four phases of a repetition."""
    if isinstance(value, Tempo):
        return value
    allowed = 'four phases in seconds, down-pause-up-pause, such as "2-0-2-1"'
    parts = value.split("-") if isinstance(value, str) else []
    if len(parts) != 4 or not all(re.fullmatch(rf"\s*{_NUMBER}\s*", part) for part in parts):
        raise ValueError(f"allowed: {allowed}")
    tempo = Tempo(*(float(part) for part in parts))
    if not 1 <= tempo.seconds <= 60:
        raise ValueError(f"a repetition takes from 1 to 60 seconds in all; allowed: {allowed}")
    return tempo
