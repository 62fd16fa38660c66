"""Cues that an author puts on a moment of an effort: ``{ at = "half", say = "Halfway." }``.

Rule: what such a moment is, how it is written, and where it falls in an effort of a given length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from voicecoach.core.amounts import LONGEST, MOST_REPS
from voicecoach.core.writing import read_seconds

BEHIND_A_CALL = 1.0
"""Seconds from a number, or from "hold", to what is said with it: so the number comes on time, and first."""
LEAST_APART = 5.0
"""Seconds from one to the next of a cue that comes again and again: nobody can follow more."""


class When(StrEnum):
    """What a moment is counted from."""

    START = "start"
    HALF = "half"
    BEFORE_END = "before the end"
    AFTER = "after"
    REP = "rep"
    EVERY_REPS = "every reps"
    EVERY_SECONDS = "every seconds"


@dataclass(frozen=True, slots=True)
class CueTime:
    """A moment of an effort, or several."""

    when: When
    number: float = 0.0
    """Seconds or repetitions."""

    def __str__(self) -> str:
        number = f"{self.number:g}"
        return {
            When.BEFORE_END: f"-{number} s",
            When.AFTER: f"{number} s",
            When.REP: f"rep {number}",
            When.EVERY_REPS: f"every {number} reps",
            When.EVERY_SECONDS: f"every {number} s",
        }.get(self.when, self.when.value)

    @property
    def counts_reps(self) -> bool:
        """Whether it falls on repetitions."""
        return self.when in {When.REP, When.EVERY_REPS}

    def within(self, seconds: float) -> Iterator[float]:
        """Give the moments of an effort that lasts so long; none that would fall together with its end."""
        match self.when:
            case When.START:
                yield BEHIND_A_CALL
            case When.HALF:
                yield seconds / 2
            case When.BEFORE_END if seconds - self.number >= 0:
                yield max(seconds - self.number, BEHIND_A_CALL)
            case When.AFTER if self.number <= seconds - 1:
                yield max(self.number, BEHIND_A_CALL)
            case When.EVERY_SECONDS:
                yield from (n * self.number for n in range(1, int((seconds - 1) // self.number) + 1))

    def falls_on(self, rep: int) -> bool:
        """Tell whether it falls on repetition ``rep``, counted from 1."""
        return (self.when is When.REP and rep == self.number) or (
            self.when is When.EVERY_REPS and rep % self.number == 0
        )


ALLOWED = '"start", "half", "-5 s" (before the end), "10 s", "rep 3", "every 2 reps" or "every 15 s"'
_OF_REPS = re.compile(r"(rep|every) ?(\d{1,4})?( reps?)?")


def read_cue_time(value: Any) -> CueTime:
    """Read the moment of a cue."""
    if isinstance(value, CueTime):
        return value
    if not isinstance(value, str):
        raise ValueError(f"allowed: {ALLOWED}")  # noqa: TRY004 - pydantic reports ValueError
    text = " ".join(value.lower().split())
    if text in {When.START, When.HALF}:
        return CueTime(When(text))
    text = "every 1 rep" if text == "every rep" else text
    if (match := _OF_REPS.fullmatch(text)) and match[2] and (match[1] == "rep") is (match[3] is None):
        number = int(match[2])
        if not 1 <= number <= MOST_REPS:
            raise ValueError(f"a repetition is counted from 1 to {MOST_REPS}; allowed: {ALLOWED}")
        return CueTime(When.REP if match[1] == "rep" else When.EVERY_REPS, number)
    when = When.AFTER
    if text.startswith("every "):
        when, text = When.EVERY_SECONDS, text.removeprefix("every ")
    elif text[:1] in {"-", "\N{MINUS SIGN}"}:
        when, text = When.BEFORE_END, text[1:].strip()
    return CueTime(when, _one_time(text, LEAST_APART if when is When.EVERY_SECONDS else 1.0))


def _one_time(text: str, least: float) -> float:
    try:
        found = read_seconds(text)
    except ValueError:
        raise ValueError(f"allowed: {ALLOWED}") from None
    if found.low != found.high or not least <= found.low <= LONGEST:
        raise ValueError(f"the moment of a cue is one time of at least {least:g} s; allowed: {ALLOWED}")
    return found.low
