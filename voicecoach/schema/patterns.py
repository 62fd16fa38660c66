"""Written numbers as regular expressions, because a JSON Schema can bound a number only where it is no text.

Rule: what comes out means the same to Python, JavaScript and Rust (an editor may use any of them): no flags,
no class of digits (it is more than 0 to 9 in some of them), no look-around. White space is what a person types.
"""

from __future__ import annotations

from collections.abc import Iterable

SPACE = r"[ \t]*"
_ZEROS = "0{0,5}"
"""A number of a file has at most six digits in front of its point, and three behind it."""


def either(parts: Iterable[str]) -> str:
    """Return an expression for any of ``parts``."""
    return f"(?:{'|'.join(parts)})"


def any_case(word: str) -> str:
    """Return an expression for a word in large and small letters: ``[sS][eE][cC]``."""
    return "".join(f"[{mark.lower()}{mark.upper()}]" if mark.isalpha() else mark for mark in word)


def whole(least: int, most: int) -> str:
    """Return an expression for the whole numbers from ``least`` to ``most``, also as ``03`` and ``3.0``."""
    return rf"{_ZEROS}{either(_between(least, most))}(?:\.0{{1,3}})?"


def number(least: int, most: int) -> str:
    """Return an expression for the numbers from ``least`` to ``most``, with up to three decimals."""
    if least == most:
        return whole(least, most)
    return either((rf"{_ZEROS}{either(_between(least, most - 1))}(?:\.[0-9]{{1,3}})?", whole(most, most)))


def range_of(each: str) -> str:
    """Return an expression for one number or a range. That it runs from low to high cannot be said here."""
    to = either(("-", "\u2013", any_case("to")))
    return rf"{each}(?:{SPACE}{to}{SPACE}{each})?"


def whole_text(*forms: str) -> str:
    """Return an expression for a text that is one of ``forms`` and no more."""
    return rf"^{SPACE}{either(forms)}{SPACE}$"


def _between(least: int, most: int) -> list[str]:
    """Return expressions that together match the digits of the numbers from ``least`` to ``most``."""
    found = ["0"] if least == 0 else []
    low = max(1, least)
    while low <= most:
        size = 1  # the largest run from ``low`` on that is one beginning with free digits behind it: 20[0-9]
        while low % (size * 10) == 0 and low + size * 10 - 1 <= most:
            size *= 10
        head = low // size
        # Neighbours of the same size are one class of digits: [2-5][0-9].
        last = min(head // 10 * 10 + 9, (most + 1) // size - 1)
        digits = f"{head % 10}" if head == last else f"[{head % 10}-{last % 10}]"
        found.append(f"{head // 10 or ''}{digits}{'[0-9]' * (len(str(size)) - 1)}")
        low = (last + 1) * size
    return found
