"""A dose in the shorthand of physiotherapists: ``2 x 3-5 each side, hold 3 breaths, rest 30 s``.

Rule: it says nothing that the keys of a dose could not; what it is not sure of it refuses, at the character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from voicecoach.core.amounts import MOST_BREATHS, MOST_REPS, MOST_SETS
from voicecoach.core.writing import UNITS, WritingError, read_count, read_hold, read_seconds, read_tempo

LONGEST_DOSE = 200
"""Characters."""
EXAMPLE = '"2 x 3-5 each side, hold 3 breaths, rest 30 s"'
LIMBS = ("side", "arm", "leg", "hand", "foot", "hip", "shoulder")
"""Of what there are two, a right and a left."""

_ONE = r"\d{1,6}(?:\.\d{1,3})?(?:\s*(?:-|\u2013|to)\s*\d{1,6}(?:\.\d{1,3})?)?"
_NUMBERS = re.compile(rf"(?:\d{{1,3}}:[0-5]\d(?!\d)|{_ONE})(?:\s*/\s*{_ONE})*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_UNIT = re.compile(rf"(?:breaths?|{'|'.join(sorted(UNITS, key=len, reverse=True))})\b", re.IGNORECASE)
_BETWEEN = {
    "rest": r"sets\b",
    "rest_between_reps": r"(?:reps|repetitions)\b",
    "rest_between_sides": r"sides\b",
}
_TEMPO = re.compile(r"[\d.]+(?:\s*-\s*[\d.]+)*")


@dataclass(frozen=True, slots=True)
class Shorthand:
    """What a dose in shorthand says."""

    fields: dict[str, Any]
    """Keys of the dose, as they might be written one by one."""
    limbs: tuple[str, ...] = ()
    """The two sides of "each side", "each leg"; none where it says nothing of sides."""
    offsets: dict[str, int] = field(default_factory=dict)
    """At which character each key was found."""

    def sides(self, there: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keys of an exercise about its sides, where ``there`` are the others: none that stands there.

        A time is meant for each side: then one side follows the other.
        """
        keys: dict[str, Any] = {}
        if self.limbs and not there.get("limbs"):
            keys["limbs"] = list(self.limbs)
        if self.limbs and "order" not in there and not self.fields.keys().isdisjoint({"time", "amrap"}):
            keys["order"] = "complete"
        return keys


def read_dose(text: str) -> Shorthand:
    """Read a dose in shorthand. Raises ``WritingError``."""
    if len(text) > LONGEST_DOSE:
        raise WritingError(f"this is longer than {LONGEST_DOSE} characters; allowed: {EXAMPLE}", LONGEST_DOSE)
    reader = _Reader(text)
    reader.read()
    return Shorthand(reader.fields, reader.limbs, reader.offsets)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.fields: dict[str, Any] = {}
        self.offsets: dict[str, int] = {}
        self.limbs: tuple[str, ...] = ()

    def read(self) -> None:
        while True:
            self._part()
            self._each()
            if self._ended():
                return
            if not self._take(r"[,;]"):
                self._fail("this is not understood here: a comma stands between two things")

    # --- Parts ----------------------------------------------------------------------------------------------------

    def _part(self) -> None:
        start = self._skip()
        if self._take(r"hold\b(?:\s+for\b)?"):
            self._put("hold", start, self._amount(read_hold, '"5 s", "5-10 s" or "3 breaths"'))
        elif self._take(r"rest\b(?:\s+for\b)?"):
            value = self._amount(read_seconds, '"30 s" or "1 min"')
            self._put(self._which_rest(), start, value)
        elif self._take(r"tempo\b"):
            self._put("tempo", start, self._tempo())
        elif self._take(r"amrap\b(?:\s+(?:in|for)\b)?"):
            self._put("amrap", start, self._amount(read_seconds, '"60 s"'))
        elif self._take(r"until\s+done\b|open\b"):
            self._put("open", start, True)
        elif _NUMBERS.match(self._text, self._at):
            self._counted(start)
        else:
            self._fail("a number, or one of the words hold, rest, tempo, amrap, until done, stands here")

    def _counted(self, start: int) -> None:
        """Read what begins with a number: the word behind it says what it is."""
        numbers = self._numbers()
        if re.match(r"\s*-\s*\d", self._text[self._at :]):
            self._fail("a range has two numbers, and figures for each set are written 6/4/2")
        behind = self._skip()
        if self._take(r"(?:x|\u00d7|sets?\s+of)(?![^\W\d_])"):
            self._put("sets", start, self._value(numbers, start, read_count(MOST_SETS, "sets"), ""))
            self._part()
        elif self._take(r"sets?\b"):
            self._put("sets", start, self._value(numbers, start, read_count(MOST_SETS, "sets"), ""))
        elif self._take(r"breaths?\b"):
            self._put("breaths", start, self._value(numbers, start, read_count(MOST_BREATHS, "breaths"), ""))
        elif ":" in numbers or _UNIT.match(self._text, behind):
            unit = "" if ":" in numbers else self._unit()
            key, read = ("hold", read_hold) if self._take(r"holds?\b") else ("time", read_seconds)
            self._put(key, start, self._value(numbers, start, read, unit))
        else:
            self._take(r"(?:reps?|repetitions?|times)\b")
            self._put("reps", start, self._value(numbers, start, read_count(MOST_REPS, "reps"), ""))

    def _which_rest(self) -> str:
        if self._take(r"after\b"):
            return "rest_after"
        if not self._take(r"between\b"):
            return "rest"
        found = next((key for key, words in _BETWEEN.items() if self._take(words)), None)
        if found is None:
            self._fail("between what; allowed: sets, reps, sides")
        return found

    def _each(self) -> None:
        """Read "each side", if it stands here."""
        start = self._skip()
        if not self._take(r"(?:each|per|every)\b"):
            return
        here = self._skip()
        word = _WORD.match(self._text, here)
        limb = word[0].lower() if word else "side"
        if limb not in LIMBS:
            self._fail(f"each what; allowed: {', '.join(LIMBS)}; other limbs are written as limbs = [\u2026]")
        if self.limbs:
            self._at = start
            self._fail("the sides are named for the second time")
        self._at = word.end() if word else here
        self.limbs = (f"right {limb}", f"left {limb}")

    # --- Amounts --------------------------------------------------------------------------------------------------

    def _amount(self, read: Callable[[Any], Any], allowed: str) -> Any:
        start = self._skip()
        if not _NUMBERS.match(self._text, start):
            self._fail(f"a number stands here; allowed: {allowed}")
        numbers = self._numbers()
        unit = "" if ":" in numbers else self._unit(allowed)
        return self._value(numbers, start, read, unit)

    def _numbers(self) -> str:
        match = _NUMBERS.match(self._text, self._skip())
        assert match is not None  # noqa: S101 - the caller has looked
        self._at = match.end()
        return match[0]

    def _unit(self, allowed: str = '"30 s" or "1 min"') -> str:
        match = _UNIT.match(self._text, self._skip())
        if match is None:
            self._fail(f"a unit stands here; allowed: {allowed}")
        self._at = match.end()
        return match[0]

    def _value(self, numbers: str, start: int, read: Callable[[Any], Any], unit: str) -> Any:
        """Read one value, or a list of them for each set, ``6/4/2``."""
        found, at = [], start
        for one in numbers.split("/"):
            try:
                found.append(read(f"{one.strip()} {unit}".strip()))
            except ValueError as error:
                raise WritingError(str(error), at + len(one) - len(one.lstrip())) from None
            at += len(one) + 1
        return found[0] if len(found) == 1 else found

    def _tempo(self) -> Any:
        start = self._skip()
        match = _TEMPO.match(self._text, start)
        text = match[0] if match else ""
        try:
            found = read_tempo(text)
        except ValueError as error:
            raise WritingError(str(error), start) from None
        self._at = start + len(text)
        return found

    # --- The text -------------------------------------------------------------------------------------------------

    def _put(self, key: str, offset: int, value: Any) -> None:
        if key in self.fields:
            raise WritingError(f"{key} is given for the second time", offset)
        if key == "sets" and isinstance(value, list):
            raise WritingError("sets is one number; figures for each set stand without it, as in 6/4/2", offset)
        self.fields[key] = value
        self.offsets[key] = offset

    def _skip(self) -> int:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1
        return self._at

    def _take(self, pattern: str) -> bool:
        match = re.compile(pattern, re.IGNORECASE).match(self._text, self._skip())
        self._at = match.end() if match else self._at
        return match is not None

    def _ended(self) -> bool:
        return self._skip() == len(self._text)

    def _fail(self, problem: str) -> NoReturn:
        also = "" if "allowed: " in problem else f"; allowed: {EXAMPLE}"
        raise WritingError(problem + also, self._skip())
