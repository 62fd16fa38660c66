"""Doses as people write them in lists: ``3 x 8-12 each side, hold 5 s, rest 30 s``; read and written.

Rule: what is not understood as a whole is given back, never guessed at. ``read_dose`` reads whatever ``write_dose``
writes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from voicecoach.core.dose import Dose, Hold, Range
from voicecoach.exchange.taken import Value

_COUNT = r"(\d{1,3}(?:\s*(?:-|to)\s*\d{1,3})?)"
_SPAN = (
    r"(\d{1,2}:[0-5]\d"
    r"|\d{1,4}(?:\.\d{1,3})?(?:\s*(?:-|to)\s*\d{1,4}(?:\.\d{1,3})?)?\s*"
    r"(?:seconds?|secs?|s|minutes?|mins?|min|m|\"|'))"
)
_EACH = r"(?:\s*(?:/|per|each|on each|for each|both)\s*(side|sides|leg|legs|arm|arms)?)"
_REPS = r"\s*(?:reps?\.?|repetitions?|times)"

_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("sets-time", rf"{_COUNT}\s*(?:x|\*|sets?\s*(?:of|x))\s*{_SPAN}{_EACH}?"),
        ("sets-reps", rf"{_COUNT}\s*(?:x|\*|sets?\s*(?:of|x))\s*{_COUNT}(?:{_REPS})?{_EACH}?"),
        ("sets", rf"{_COUNT}\s*(?:sets?|rounds?)"),
        ("sets-open", rf"{_COUNT}\s*x\s*until you say done"),
        ("open", r"until you say done|as long as you like|open"),
        ("reps", rf"(?:reps:?\s*)?{_COUNT}{_REPS}{_EACH}?"),
        ("reps", rf"{_COUNT}{_EACH}"),
        ("hold-breaths", rf"(?:hold|held)(?:\s*(?:for|each))?:?\s*{_COUNT}\s*breaths?"),
        ("hold", rf"(?:hold|held)(?:\s*(?:for|each))?:?\s*{_SPAN}"),
        ("hold", rf"{_SPAN}\s*(?:hold|holds)"),
        ("tempo", r"tempo:?\s*(\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?){3})"),
        ("rest_between_reps", rf"(?:rest|pause) between (?:reps|repetitions):?\s*{_SPAN}"),
        ("rest_between_sides", rf"(?:rest|pause) between (?:sides|limbs):?\s*{_SPAN}"),
        ("rest_after", rf"(?:rest|pause) (?:after|afterwards):?\s*{_SPAN}"),
        ("rest", rf"(?:rest|pause)(?: between sets)?:?\s*{_SPAN}"),
        ("rest", rf"{_SPAN}\s*(?:rest|pause)"),
        ("time", rf"(?:for\s*)?{_SPAN}{_EACH}?"),
    )
)


_PLAIN = str.maketrans({"\u2013": "-", "\u2014": "-", "\u00d7": "x", "\u2033": '"', "\u2032": "'"})
"""Marks of printed lists, and those of a keyboard: dashes, the sign of multiplication, seconds and minutes."""


class ReadDose(NamedTuple):
    """What of a text was a dose."""

    fields: dict[str, Value]
    left: list[str]
    """Its parts that are none, or that say a thing for the second time."""


def read_dose(text: str) -> ReadDose:
    """Return the keys of a dose that a text says; commas, semicolons and "with" stand between its parts."""
    fields: dict[str, Value] = {}
    left: list[str] = []
    for part in re.split(r"[,;]|\s+with\s+|\s+and\s+|@", text[:1000].translate(_PLAIN)):
        words = " ".join(part.split()).strip(" .()")
        if not words:
            continue
        found = _read_part(words)
        if found is None or found.keys() & fields.keys():
            left.append(words)
        else:
            fields |= found
    if "hold" in fields and "time" in fields:  # "3 x 30 s, hold 5 s" says two things
        left.append(f"hold {fields.pop('hold')}")
    return ReadDose(fields, left)


def _read_part(words: str) -> dict[str, Value] | None:
    for kind, pattern in _PARTS:
        match = pattern.fullmatch(words)
        if match is None:
            continue
        found = [group for group in match.groups() if group]
        limb = found.pop() if found and found[-1].rstrip("s").lower() in {"side", "leg", "arm"} else ""
        fields: dict[str, Value] = {}
        if limb or re.search(_EACH + "$", words, re.IGNORECASE):
            what = limb.rstrip("s").lower() or "side"
            fields["limbs"] = [f"right {what}", f"left {what}"]
            if kind in {"sets-time", "time"}:
                fields["order"] = "complete"  # else the sides would share the time, taking turns
        match kind.split("-"):
            case ["sets", *other]:
                fields["sets"] = _count(found[0])
                if other:
                    fields |= _measure(other[0], found[-1])
            case ["hold", "breaths"]:
                fields["hold"] = f"{_range(found[0])} breaths"
            case _:
                fields |= _measure(kind, found[0] if found else "")
        return fields
    return None


def _measure(kind: str, text: str) -> dict[str, Value]:
    if kind == "open":
        return {"open": True}
    if kind == "tempo":
        return {"tempo": text}
    return {kind: _count(text) if kind == "reps" else _span(text)}


def _range(text: str) -> str:
    return re.sub(r"\s*(?:-|to)\s*", "-", text.strip(), flags=re.IGNORECASE)


def _count(text: str) -> Value:
    found = _range(text)
    return int(found) if found.isdigit() else found


def _span(text: str) -> str:
    if ":" in text:
        return text
    number, unit = re.fullmatch(r"([\d.\s-]+?(?:to[\d.\s]+)?)\s*([a-z\"']+)", text.strip(), re.IGNORECASE).groups()  # type: ignore[union-attr]
    return f"{_range(number)} {'min' if unit[0].lower() in {'m', chr(39)} else 's'}"


class Named(NamedTuple):
    """A line of a list."""

    name: str
    dose: ReadDose


def split_dose(text: str) -> Named:
    """Return the name at the beginning of a line and the dose behind it: ``Bridge: 3 x 10``, ``Plank 30 s``."""
    for mark in (":", " \u2013 ", " \u2014 ", " - ", "", ",", "("):
        if not mark:
            words = text.split()
            for number in range(1, min(len(words), 40)):
                dose = read_dose(" ".join(words[number:]))
                if dose.fields and not dose.left:
                    return Named(" ".join(words[:number]).rstrip(","), dose)
            continue
        name, sign, rest = text.partition(mark)
        if sign and name.strip() and (dose := read_dose(rest)).fields:
            return Named(name.strip(), dose)
    return Named(text.strip(), ReadDose({}, []))


def write_dose(dose: Dose, *, sides: bool) -> str:
    """Return a dose on one line, with everything that it says: ``2 x 5 each side, hold 5 s, rest 30 s``."""
    each = " each side" if sides else ""
    parts = []
    if dose.open:
        parts.append(f"{dose.sets} x until you say done")
    elif dose.time:
        parts.append(f"{dose.sets} x {seconds(dose.time)}")
    elif dose.reps:
        parts.append(f"{dose.sets} x {dose.reps}{each}")
    else:
        parts.append(f"{dose.sets} {'set' if dose.sets == Range(1, 1) else 'sets'}")
    if dose.hold:
        parts.append(f"hold {hold(dose.hold)}")
    if dose.tempo:
        phases = (dose.tempo.down, dose.tempo.pause, dose.tempo.up, dose.tempo.top)
        parts.append("tempo " + "-".join(f"{phase:g}" for phase in phases))
    parts += [
        f"{words} {seconds(value)}"
        for words, value in (
            ("rest", dose.rest),
            ("rest between reps", dose.rest_between_reps),
            ("rest between sides", dose.rest_between_sides),
            ("rest after", dose.rest_after),
        )
        if value
    ]
    return ", ".join(parts)


def seconds(span: Range) -> str:
    """Return a span of time."""
    return f"{span} s"


def hold(held: Hold) -> str:
    """Return a hold."""
    return (
        f"{held.range} {'breaths' if held.range != Range(1, 1) else 'breath'}" if held.breaths else seconds(held.range)
    )
