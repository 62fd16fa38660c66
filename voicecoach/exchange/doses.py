"""Doses as people write them in lists: ``3 x 8-12 each side, hold 5 s, rest 30 s``; read and written.

Rule: the only reader of doses is ``core/shorthand``; here the marks of sloppy lists are made those that it reads, and
a line is taken apart into a name and a dose. What it does not understand is given back, never guessed at and never left
in a name. It reads whatever ``write_dose`` writes.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from pydantic import ValidationError

from voicecoach.core.dose import MEASURES, Dose, Hold, Range, Tempo
from voicecoach.core.dose_parts import Part, dose_parts, figure
from voicecoach.core.shorthand import LIMBS
from voicecoach.core.shorthand import read_dose as read_shorthand
from voicecoach.core.writing import WritingError
from voicecoach.exchange.taken import Value

_LONGEST = 1000
"""Characters of a line that are looked at."""
_PLAIN = str.maketrans({"\u2013": "-", "\u2014": "-", "\u00d7": "x", "\u2033": '"', "\u2032": "'", "\u201d": '"'})
"""Marks of printed lists, and those of a keyboard: dashes, the sign of multiplication, seconds and minutes."""
_BETWEEN_PARTS = re.compile(
    r"[,;]|\s+with\s+|\s+and\s+|(?=@)|(?<![\sx*])\s+(?=(?:rest|pause|tempo|hold)\b\s*(?:between\b|after\b|for\b|:|\d))",
    re.IGNORECASE,
)
_LIMB = "|".join((*LIMBS, "feet"))
_NUMBER = r"\d{1,4}(?:\.\d{1,3})?(?:\s*(?:-|to)\s*\d{1,4}(?:\.\d{1,3})?)?"
_UNIT = r"(?:s|sec|seconds?|min|minutes?)"
_COUNT = r"\d{1,3}(?:\s*(?:-|to)\s*\d{1,3})?"

_SLOPPY: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), proper)
    for pattern, proper in (
        (r"(?<=\d)\s*(?:secs?\.|s\.|secs\b|\"(?!\w))", " s"),
        (r"(?<=\d)\s*(?:mins?\.|mins\b|'(?!\w))", " min"),
        (rf"\s*(?:/|\b(?:on|for)\s+each\b|\bper\b|\beach\b|\bboth\b)\s*({_LIMB})s?\b", r" each \1"),
        (r"\beach feet\b", "each foot"),
        (r"(?<=\d)\s*\*\s*(?=\d)", " x "),
        (rf"(?<=\d)\s*sets?\s*(?:x|of)?\s*(?={_COUNT})", " x "),
        (rf"({_COUNT})\s*rounds?", r"\1 sets"),
        (r"^for\s+(?=\d)", ""),
        (r"^(reps|rest|pause|hold|held|tempo|amrap)\s*:\s*", r"\1 "),
        (rf"^reps\s+({_COUNT})$", r"\1 reps"),
        (r"^held\b", "hold"),
        (r"^hold\s+each\s+(?=\d)", "hold "),
        (r"^pause\b", "rest"),
        (r"^rest\s+(between\s+\w+|after)\w*\s*:?\s*(\d.*)$", r"rest \2 \1"),
        (r"\bbetween\s+limbs\b", "between sides"),
        (rf"^((?:{_NUMBER}|\d{{1,2}}:\d\d)\s*{_UNIT}?)\s*(?:rest|pause)$", r"rest \1"),
        # "30 s x 3" is three times half a minute.
        (
            rf"^(hold\s+)?({_NUMBER}\s*{_UNIT})\s*(\s+hold)?\s*x\s*({_COUNT})(?:\s*sets?)?(?=$|\s)",
            r"\4 x \1\2\3",
        ),
        (rf"^({_COUNT})\s*(?:reps?|times)?\s*x\s*({_COUNT})\s*sets?$", r"\2 x \1"),
        (r"\b(?:until you say done|as long as you like)\b", "until done"),
    )
)
"""What stands in sloppy lists, and what the shorthand has for it; one after the other."""

_DOSE_LIKE = re.compile(
    rf"^(?:@|{_NUMBER}(?:\s*-\s*\d+)*\s*(?:[x*](?:\s|\d|$)|/\d|\"|'|(?:s|secs?|seconds?|mins?|minutes?|reps?|repetitions?|times|sets?"
    rf"|rounds?|breaths?|kg|lbs?|km|m|%)\b|(?:/|per\s+|each\s*)(?:{_LIMB}))"
    r"|(?:amrap|tempo|hold|rest)\s*:?\s*\d|until\s+(?:you\s+say\s+)?done\b)",
    re.IGNORECASE,
)
"""How a piece begins that says how much, whether it is understood or not."""
_A_NUMBER_ONLY = re.compile(r"(\d+)(?:\s*/\s*\1)*|\d+(?:\s*-\s*\d+)?")
"""Behind a name without a mark between, this may belong to it: Warrior 2, Hip 90/90."""
_LAST_OF_NAMES = 4
"""Numbers up to here are of a name; 20 is how many, and of what nobody knows."""


class ReadDose(NamedTuple):
    """What of a text was a dose."""

    fields: dict[str, Value]
    left: list[str]
    """Its parts that are none, or do not go with the others."""


def read_dose(text: str) -> ReadDose:
    """Return the keys of a dose that a text says; commas, semicolons and "with" stand between its parts."""
    fields: dict[str, Any] = {}
    left: list[str] = []
    before = ""
    for part in _BETWEEN_PARTS.split(text[:_LONGEST].translate(_PLAIN)):
        words = " ".join(part.split()).strip(" .()")
        if words in {"", "@"}:
            continue
        proper = _proper(words)
        if proper.startswith("each ") and before:  # "3 x 10, each side"
            proper = f"{before} {proper}"
        found = _read_part(proper)
        repeats = {key for key in found.keys() & fields.keys() if found[key] != fields[key]}
        if not found or repeats or not _goes_together({**fields, **found}):
            left.append(words)
        else:
            fields |= found
            before = proper
    return ReadDose({key: _as_written(key, value) for key, value in fields.items()}, left)


def _proper(words: str) -> str:
    for pattern, proper in _SLOPPY:
        words = pattern.sub(proper, words)
    return " ".join(words.split())


def _read_part(words: str) -> dict[str, Any]:
    """Return the keys of an exercise that one part says; none where it is not understood."""
    if words.lower() == "open":  # in a file of ours it is a dose, among other words a word
        return {}
    try:
        found = read_shorthand(words)
    except WritingError:
        return {}
    return {**found.fields, **found.sides({})}


def _goes_together(fields: dict[str, Any]) -> bool:
    """Tell whether a dose may say all of this at once."""
    dose = {key: value for key, value in fields.items() if key not in {"limbs", "order"}}
    try:
        Dose.model_validate(dose if MEASURES & dose.keys() else {**dose, "reps": 1})
    except ValidationError:
        return False
    return True


def _as_written(key: str, value: Any) -> Value:
    """Return a value as it stands in a routine file."""
    match value:
        case list() if key != "limbs":
            return [_one_as_written(key, one) for one in value]
        case Range() | Hold() | Tempo():
            return _one_as_written(key, value)
        case _:
            kept: Value = value
            return kept


def _one_as_written(key: str, value: Any) -> str | int:
    match value:
        case Hold(breaths=True):
            return f"{figure(value.range)} {'breath' if value.range == Range(1, 1) else 'breaths'}"
        case Hold():
            return f"{figure(value.range)} s"
        case Tempo(down, pause, up, top):
            return "-".join(figure(Range(phase, phase)) for phase in (down, pause, up, top))
    written = figure(value)
    if key in {"sets", "reps", "breaths"}:
        return int(written) if written.isdecimal() else written
    return f"{written} s"


class Named(NamedTuple):
    """A line of a list."""

    name: str
    dose: ReadDose


def split_dose(text: str) -> Named:
    """Return the name at the beginning of a line and the dose behind it: ``Bridge: 3 x 10``, ``Plank 30 s``.

    What looks like a dose and is none that we understand is in ``left``, and not in the name.
    """
    for mark in (r":(?!\d)", " \u2013 ", " \u2014 ", " - "):
        name, *others = re.split(mark, text[:_LONGEST], maxsplit=1)
        rest = others[0] if others else ""
        if name.strip() and rest.strip() and not _begins(name):
            dose = read_dose(rest)
            if dose.fields or _is_dose_like(rest):
                return Named(name.strip(), dose)
    words = text[:_LONGEST].replace("(", " (").split()
    if (at := _begins(text)) is not None:
        name, rest = " ".join(words[:at]).rstrip(" ,;"), " ".join(words[at:])
        number, *others = re.split(r"[,;]", rest, maxsplit=1)
        if _A_NUMBER_ONLY.fullmatch(number.strip(" .()")):
            behind = read_dose("".join(others))
            return Named(name, ReadDose(behind.fields, [number.strip(" .()"), *behind.left]))
        return Named(name, read_dose(rest))
    return Named(text.strip(), ReadDose({}, []))


def _begins(text: str) -> int | None:
    """Return at which word of a line its dose begins, the first word never; None where it has none."""
    words = text[:_LONGEST].replace("(", " (").split()
    for at in range(1, min(len(words), 40)):
        rest = " ".join(words[at:])
        first = next((part for part in _BETWEEN_PARTS.split(rest.translate(_PLAIN)) if part.strip(" .()")), "")
        bare = first.strip(" .()")
        if _A_NUMBER_ONLY.fullmatch(bare):
            if bare.isdecimal() and int(bare) > _LAST_OF_NAMES:
                return at
            continue
        if _is_dose_like(rest) or _read_part(_proper(bare)):
            return at
    return None


def _is_dose_like(text: str) -> bool:
    plain = text.translate(_PLAIN).lstrip(" (,;.")
    found = _DOSE_LIKE.match(plain)
    figures = re.match(r"\d+(?:/\d+)+", plain)
    alike = figures is not None and len(set(figures[0].split("/"))) == 1 and "," not in plain
    return found is not None and not (alike and figures is not None and not _read_part(_proper(plain)))


def write_dose(dose: Dose, *, sides: bool, sets_told: bool = True) -> str:
    """Return a dose in shorthand, with everything that it says: ``2 x 5 each side, hold 5 s, rest 30 s``.

    Where sets have figures of their own they stand in order: ``3 x 6/4/2, hold 10 s, rest 30/20 s``. In a block with a
    style the rounds are the sets: without ``sets_told`` it is ``5 reps each side``.
    """
    sets, *others = dose_parts(dose)
    measure = next((part for part in others if part.key in _MEASURES), None)
    if measure:
        each = " each side" if sides and measure.key in {"reps", "breaths"} else ""
        told = f"{sets.spans()} x " if sets_told else ""
        reps = " reps" if measure.key == "reps" and not sets_told else ""
        first = f"{told}{_written(measure)}{reps}{each}"
        return ", ".join([first, *(_written(part) for part in others if part is not measure)])
    first = "1 set" if dose.sets == Range(1, 1) else f"{sets.spans()} sets"
    return ", ".join([*([first] if sets_told else []), *map(_written, others)])


_MEASURES = frozenset({"open", "reps", "time", "breaths", "amrap"})


def _written(part: Part) -> str:
    spans = part.spans()
    match part.key:
        case "open":
            return "until done"
        case "reps":
            return spans
        case "breaths":
            return f"{spans} {'breath' if part.alone == Range(1, 1) else 'breaths'}"
        case "tempo":
            return f"tempo {_one_as_written('tempo', part.tempo)}"
        case "time":
            return f"{spans} s"
        case "hold" if part.breaths:
            return f"hold {spans} {'breath' if part.alone == Range(1, 1) else 'breaths'}"
    if part.key.startswith("rest"):
        return f"rest {spans} s{part.key.removeprefix('rest').replace('_', ' ')}"
    return f"{part.key} {spans} s"


def seconds(span: Range) -> str:
    """Return a span of time."""
    return f"{figure(span)} s"
