"""How wrong input is put into words: file, line, key, value, what is allowed, and a guess at what was meant.

Rule: shared by everything that reads what a person wrote (routines, configuration); knows nothing of either.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from voicecoach.toml_lines import Spot


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
        spot: Spot | None = None,
        excerpt: str = "",
        others: Iterable[Complaint] = (),
    ) -> None:
        """``spot`` is the very place, on ``line``; ``excerpt`` that line; ``others`` what else was found."""
        self.file, self.line, self.key, self.value, self.allowed, self.problem = (
            file,
            line,
            key,
            value,
            allowed,
            problem,
        )
        self.spot, self.excerpt, self.others = spot, excerpt, tuple(others)
        self.message = complaint_in_words(key, value, problem, allowed)
        super().__init__(f"{place_in_words(file, line, spot)} {self.message}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep it whole where it goes from one process to another: it is not made anew of its message."""
        return _bare, (type(self), self.args), self.__dict__

    @property
    def suggestion(self) -> str:
        """What was meant, where there is a guess."""
        found = re.search(r"did you mean '([^']*)'\?", self.problem)
        return found[1] if found else ""

    @property
    def all(self) -> tuple[Complaint, ...]:
        """This, and what else was found."""
        return (self, *self.others)

    @property
    def shown(self) -> str:
        """The message with its line below, and a mark below the place in it."""
        return "\n".join((str(self), *picture(self.excerpt, self.spot)))


def _bare(kind: type[Complaint], words: tuple[Any, ...]) -> Complaint:
    made = kind.__new__(kind)
    made.args = words
    return made


def place_in_words(file: Path | str, line: int | None, spot: Spot | None = None) -> str:
    """Return ``evening.toml:5:8:``, as compilers write it and editors read it."""
    file = name_in_words(file)
    return f"{file}:" if line is None else f"{file}:{line}:" if spot is None else f"{file}:{spot.line}:{spot.column}:"


def name_in_words(file: Path | str) -> str:
    """Return a file's name with nothing in it that a terminal would obey; bytes that are no text stay."""
    return "".join(mark if mark.isprintable() or "\ud800" <= mark <= "\udfff" else "\ufffd" for mark in str(file))


def complaint_in_words(key: str, value: object, problem: str, allowed: str) -> str:
    """Return ``hold = "ten": this does not fit (allowed: …)``."""
    name = printable(key, 60)
    what = f"{name} = {shorten(value)}: " if key and value is not None else f"{name}: " if key else ""
    return f"{what}{printable(problem, 300)}" + (f" (allowed: {printable(allowed, 1200)})" if allowed else "")


_WIDEST = 100
"""Characters of a line that are shown."""


def picture(excerpt: str, spot: Spot | None) -> tuple[str, ...]:
    """Return a line with its number, and below it a mark under the place; nothing where there is none."""
    if spot is None or not excerpt.strip():
        return ()
    left = max(0, min(spot.column - 1 - _WIDEST // 2, len(excerpt) - _WIDEST))
    piece = excerpt[left : left + _WIDEST]
    before, cut = "…" if left else "", "…" if left + _WIDEST < len(excerpt) else ""
    at = spot.column - 1 - left
    under = " " * (len(before) + _cells(piece[:at])) + "^" * max(1, _cells(piece[at : at + spot.width]))
    number = str(spot.line).rjust(4)
    return f"{number} | {before}{_visible(piece)}{cut}", f"{' ' * len(number)} | {under}"


def _visible(text: str) -> str:
    return "".join(" " if mark == "\t" else mark if mark.isprintable() else "\ufffd" for mark in text)


def _cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(mark) else 2 if unicodedata.east_asian_width(mark) in "WF" else 1
        for mark in _visible(text)
    )


_PLAIN = {
    "missing": ("this key is missing", ""),
    "extra_forbidden": ("this key is not known here", ""),
    "string_type": ("this must be text", 'words in quotes, "like this"'),
    "dict_type": ("this must be a table", '{ this = "that" }'),
    "list_type": ("this must be a list", '["one line", "another"]'),
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
        words = re.split(", | or ", str(context["expected"]).replace("'", ""))
        meant = suggest(error["input"], words) if isinstance(error["input"], str) else ""
        return f"this is not one of the words allowed{meant}", ", ".join(words)
    if kind == "string_too_long":
        return f"this is longer than {context['max_length']} characters", "split it into sentences of their own"
    if kind == "string_too_short":
        return "this must not be empty", ""
    if kind == "too_long":
        return f"this list has more than {context['max_length']} entries", f"{context['max_length']} at most"
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


_LONGEST_NAME = 100
"""Characters that are compared: longer ones are like no name of ours, and comparing takes the square of it."""


def suggest(name: str, known: Iterable[str], near: float = 0.6) -> str:
    """Return ``; did you mean 'reps'?``, or nothing where nothing is near."""
    name, known = name[:_LONGEST_NAME], list(known)
    turned = [word for word in known if sorted(word) == sorted(name)]  # letters that changed places: "sya"
    close = turned or difflib.get_close_matches(name, known, 1, near)
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
    return printable(text, 60)


def printable(text: str, longest: int) -> str:
    """Return a text with nothing in it that a terminal would obey, cut to ``longest`` characters."""
    text = "".join(mark if mark.isprintable() else "�" for mark in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
