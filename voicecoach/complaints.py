"""How wrong input is put into words: file, line, key, value, what is allowed, and a guess at what was meant.

Rule: shared by everything that reads what a person wrote (routines, configuration); knows nothing of either.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Complaint(Exception):  # noqa: N818 - it is addressed to a person
    """What is wrong with a file, in one clear piece."""

    def __init__(
        self,
        file: Path | str,
        line: int | None,
        problem: str,
        *,
        key: str = "",
        value: object = None,
        allowed: str = "",
    ) -> None:
        self.file, self.line, self.key, self.value, self.allowed, self.problem = (
            file,
            line,
            key,
            value,
            allowed,
            problem,
        )
        name = _printable(key, 60)
        what = f"{name} = {shorten(value)}: " if key and value is not None else f"{name}: " if key else ""
        where = f"{file}:" if line is None else f"{file}:{line}:"
        problem = _printable(problem, 300)
        super().__init__(f"{where} {what}{problem}" + (f" (allowed: {allowed})" if allowed else ""))


_PLAIN = {
    "missing": ("this key is missing", ""),
    "string_type": ("this must be text", 'words in quotes, "like this"'),
    "tuple_type": ("this must be a list", '["one line", "another"]'),
    "int_type": ("this must be a whole number", "such as 3, without quotes"),
    "int_from_float": ("this must be a whole number", "such as 3"),
    "int_parsing": ("this must be a whole number", "such as 3"),
    "float_type": ("this must be a number", "such as 1.5, without quotes"),
    "float_parsing": ("this must be a number", "such as 1.5"),
    "finite_number": ("this must be an ordinary number", "such as 1.5"),
    "bool_type": ("this must be true or false", "true, false"),
    "bool_parsing": ("this must be true or false", "true, false"),
    "string_pattern_mismatch": ("this is not written as it must be", 'small letters, digits and "-", such as bird-dog'),
}

_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def explain(error: dict[str, Any]) -> tuple[str, str]:
    """Say one of pydantic's findings in plain words: the problem, and what is allowed."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "string_pattern_mismatch" and "A-Z" in str(context["pattern"]):
        return "this is not the code of a language", "such as en or en-GB"
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in {"enum", "literal_error"}:
        return "this is not one of the words allowed", str(context["expected"]).replace("'", "").replace(" or ", ", ")
    if kind == "string_too_long":
        return f"this is longer than {context['max_length']} characters", "split it into sentences of their own"
    if kind == "string_too_short":
        return "this must not be empty", ""
    if kind == "too_short":
        return "this list must not be empty", ""
    if kind.startswith(("greater_than", "less_than")):
        key, limit = next(item for item in context.items() if item[0] in _BOUNDS)
        # As a float, a whole number of more than six digits would lose its last ones.
        return (
            f"this is too {'small' if kind.startswith('g') else 'large'}",
            f"{_BOUNDS[key]} {limit if isinstance(limit, int) else f'{limit:g}'}",
        )
    message = str(error["msg"]).removeprefix("Value error, ")
    problem, _, allowed = message.partition("allowed: ")
    return problem.rstrip("; ") or "this value does not fit", allowed


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'reps'?``, or nothing where nothing is near."""
    close = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def listing(known: Iterable[str]) -> str:
    """Return the words in order, with commas."""
    return ", ".join(sorted(known))


def shorten(value: object) -> str:
    """Return a value as it stands in a file, short and printable."""
    try:
        text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    except (ValueError, RecursionError):  # 0xfff… with thousands of digits, hundreds of lists in one another
        text = "…"
    return _printable(text, 60)


def _printable(text: str, longest: int) -> str:
    text = "".join(mark if mark.isprintable() else "�" for mark in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
