"""The written forms: "3-5", "30 s", "3 breaths", "2-0-2-1", a rule of progress, as JSON Schema.

Rule: a form refuses only what the loader refuses, so an editor never marks what is right. It need not refuse all
that: that a range runs from low to high, or how long a repetition is in all, only ``voicecoach check`` can say.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from voicecoach.core.dose import (
    DOSE_KEYS,
    LONGEST,
    LONGEST_HOLD,
    MOST_BREATHS,
    MOST_PAIN,
    MOST_REPS,
    MOST_SESSIONS,
    MOST_SETS,
    Breaths,
    Hold,
    ProgressRule,
    Reps,
    Seconds,
    Sets,
    Tempo,
)
from voicecoach.core.programme import GoOn
from voicecoach.core.routine import LONGEST_TEXT, Slug, Text
from voicecoach.core.shorthand import LONGEST_DOSE
from voicecoach.schema.patterns import SPACE, any_case, either, number, range_of, whole, whole_text

Json: TypeAlias = dict[str, Any]

_SECONDS = either(map(any_case, ("seconds", "second", "sec", "s")))
_MINUTES = either(map(any_case, ("minutes", "minute", "min")))
_HOURS = either(map(any_case, ("hours", "hour", "h")))
_UNSEEN = r"\u0000-\u001f\u007f-\u009f"
_NO_WORD = rf" !-/:-@\[-`{{-~{_UNSEEN}"


def text() -> Json:
    """Return the form of a line that can be said: some letter or digit, and no line break."""
    return {
        "type": "string",
        "maxLength": LONGEST_TEXT,
        "pattern": f"^[^{_UNSEEN}]*[^{_NO_WORD}][^{_UNSEEN}]*$",
    }


def slug() -> Json:
    """Return the form of an exercise's name in files."""
    return {"type": "string", "maxLength": 80, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}


def count(most: int) -> Json:
    """Return the form of a number of things from 1 to ``most``, or a range of it."""
    return {
        "description": f'A whole number from 1 to {most}, or a range such as "3-5".',
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": most},
            {"type": "string", "pattern": whole_text(range_of(whole(1, most)))},
        ],
    }


def span(least: int = 0, most: int = int(LONGEST), *, breaths: int = 0) -> Json:
    """Return the form of a time from ``least`` to ``most`` seconds, or of so many ``breaths``."""
    written = [rf"{range_of(number(least, most))}{SPACE}{_SECONDS}"]
    # A minute may be written with decimals, so its lower bound is not that of the seconds.
    written.append(rf"{range_of(number(0, most // 60))}{SPACE}{_MINUTES}")
    written.append(rf"{range_of(number(0, max(1, most // 3600)))}{SPACE}{_HOURS}")
    written.append(rf"{either((f'{whole_digits(0, most // 60 - 1)}:[0-5][0-9]', f'0?{most // 60}:00'))}")
    told = 'Such as "30 s", "1 min", "1:30", or a range, "5-10 s".'
    if breaths:
        told = 'Such as "5 s", a range, "5-10 s", or "3 breaths".'
        written.append(rf"{range_of(number(1, breaths))}{SPACE}{any_case('breath')}[sS]?")
    return {
        "description": told,
        "anyOf": [
            {"type": "number", "minimum": least, "maximum": most},
            {"type": "string", "pattern": whole_text(*written)},
        ],
    }


def whole_digits(least: int, most: int) -> str:
    """Return an expression for whole numbers without decimals, such as the minutes of a clock."""
    return whole(least, most).removesuffix(r"(?:\.0{1,3})?")


def tempo() -> Json:
    """Return the form of four phases."""
    phases = rf"{SPACE}-{SPACE}".join([number(0, 60)] * 4)
    return {"description": 'Such as "2-0-2-1".', "type": "string", "pattern": whole_text(phases)}


def rule() -> Json:
    """Return the form of a rule by which a dose grows."""
    gap = r"[ \t]+"
    words = [any_case(word) for word in ("after", "with", "pain")]
    sessions = rf"{whole_digits(1, MOST_SESSIONS)}{gap}{any_case('session')}[sS]?"
    grows = [
        rf"{any_case('sets')}{SPACE}\+{SPACE}{whole_digits(1, 2)}",
        rf"{any_case('reps')}{SPACE}\+{SPACE}{whole_digits(1, 5)}",
        rf"{any_case('hold')}{SPACE}\+{SPACE}{whole_digits(1, 10)}{SPACE}{_SECONDS}",
        rf"{any_case('hold')}{SPACE}\+{SPACE}{whole_digits(1, 2)}{SPACE}{any_case('breath')}[sS]?",
        rf"{any_case('time')}{SPACE}\+{SPACE}{whole_digits(1, 30)}{SPACE}{_SECONDS}",
        rf"{any_case('breaths')}{SPACE}\+{SPACE}{whole_digits(1, 2)}",
        rf"{any_case('amrap')}{SPACE}\+{SPACE}{whole_digits(1, 30)}{SPACE}{_SECONDS}",
    ]
    pain = rf"(?:<=|\u2264){SPACE}{whole_digits(0, MOST_PAIN)}{SPACE}(?::|->|\u2192)"
    return {
        "description": 'Such as "after 3 sessions with pain <= 2: reps +1".',
        "type": "string",
        "pattern": whole_text(
            rf"{words[0]}{gap}{sessions}{gap}{words[1]}{gap}{words[2]}{SPACE}{pain}{SPACE}{either(grows)}"
        ),
    }


def set_by_set(form: Json) -> Json:
    """Return the form of a value for all sets, or of a list with one for each."""
    told = f"{form['description']} Or a list, one for each set."
    each = {"type": "array", "minItems": 1, "maxItems": MOST_SETS, "items": {"anyOf": form["anyOf"]}}
    return {"description": told, "anyOf": [*form["anyOf"], each]}


def cues() -> Json:
    """Return the form of reminders: lines, or lines with a moment of their own."""
    timed = {
        "type": "object",
        "properties": {"at": moment(), "say": text()},
        "required": ["at", "say"],
        "additionalProperties": False,
    }
    return {
        "description": 'Such as "Belly firm." or { at = "half", say = "Halfway." }.',
        "type": "array",
        "items": {"anyOf": [text(), timed]},
    }


def moment() -> Json:
    """Return the form of a moment of an effort."""
    gap = r"[ \t]*"
    reps = f"{any_case('rep')}[sS]?"
    time = rf"{number(0, int(LONGEST))}{SPACE}{either((_SECONDS, _MINUTES, _HOURS))}"
    forms = [
        any_case("start"),
        any_case("half"),
        rf"(?:[-\u2212]{gap})?{either((time, '[0-9]{1,3}:[0-5][0-9]'))}",
        rf"{any_case('rep')}{gap}{whole_digits(1, MOST_REPS)}",
        rf"{any_case('every')}{gap}{whole_digits(1, MOST_REPS)}{gap}{reps}",
        rf"{any_case('every')}{gap}{reps}",
        rf"{any_case('every')}{gap}{either((time, '[0-9]{1,3}:[0-5][0-9]'))}",
    ]
    return {"type": "string", "pattern": whole_text(*forms)}


def shorthand() -> Json:
    """Return the form of a dose on one line; how it is made up, only ``voicecoach check`` can say."""
    told = 'Such as "2 x 3-5 each side, hold 3 breaths, rest 30 s".'
    return {"description": told, "type": "string", "minLength": 1, "maxLength": LONGEST_DOSE}


def go_on() -> Json:
    """Return the form of what a week must have come to."""
    gap = r"[ \t]+"
    sessions = rf"{whole_digits(1, 999)}{gap}{any_case('session')}[sS]?"
    pain = rf"{any_case('pain')}{SPACE}(?:<=|\u2264){SPACE}{whole_digits(0, MOST_PAIN)}"
    return {
        "description": 'Such as "after 3 sessions with pain <= 2".',
        "type": "string",
        "pattern": whole_text(rf"{any_case('after')}{gap}{sessions}{gap}{any_case('with')}{gap}{pain}"),
    }


def day() -> Json:
    """Return the form of a day; an editor takes a date of TOML's for the same text."""
    return {"description": "Such as 2027-01-31.", "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def assumed() -> Json:
    """Return the form of what the author chose: all, nothing, or some keys of the dose."""
    keys = sorted(DOSE_KEYS - {"assumed"})
    return {"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string", "enum": keys}}]}


def silences() -> Json:
    """Return the form of warnings that may stay, each with its reason."""
    reason = {"description": "Why this may stay, in words.", "type": "string", "minLength": 3}
    ignore = {"type": "object", "patternProperties": {"^L[0-9]{2}$": reason}, "additionalProperties": False}
    return {
        "description": 'Such as ignore = { L03 = "why this may stay" }.',
        "type": "object",
        "properties": {"ignore": ignore},
        "additionalProperties": False,
    }


BY_ALIAS: tuple[tuple[Any, Json], ...] = (
    (Text, text()),
    (Slug, slug()),
    (Sets, count(MOST_SETS)),
    (Reps, count(MOST_REPS)),
    (Breaths, count(MOST_BREATHS)),
    (Seconds, span()),
)
"""How a type of the nouns is written, wherever it stands."""

BY_TYPE: tuple[tuple[type, Json], ...] = (
    (Hold, span(1, int(LONGEST_HOLD), breaths=MOST_BREATHS)),
    (Tempo, tempo()),
    (ProgressRule, rule()),
    (GoOn, go_on()),
)
"""How a value is written that is read from text by a reader of its own."""

BY_KEY: dict[tuple[str, str], Json] = {
    ("Routine", "review_on"): day(),
    ("Dose", "assumed"): assumed(),
    ("Dose", "time"): set_by_set(span(1)),
    ("Dose", "amrap"): set_by_set(span(1)),
    ("Dose", "reps"): set_by_set(count(MOST_REPS)),
    ("Dose", "hold"): set_by_set(span(1, int(LONGEST_HOLD), breaths=MOST_BREATHS)),
    ("Dose", "breaths"): set_by_set(count(MOST_BREATHS)),
    ("Dose", "rest"): set_by_set(span()),
    ("Exercise", "cues"): cues(),
    ("Dose", "dose"): shorthand(),
    ("Exercise", "use"): slug(),
    ("Exercise", "lint"): silences(),
    ("Routine", "lint"): silences(),
}
"""How one key is written, where its type does not say it all."""
