"""Reading JSON that another program wrote, or that somebody sent: every value with the place where it stands.

Rule: whatever the file holds, the answer is a value of the kind that was asked for, or one ``ExchangeError``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from voicecoach.exchange.taken import ExchangeError
from voicecoach.exchange.text import first_line, plain, sentences
from voicecoach.guarded import read_guarded_text

LARGEST = 4 * 1024 * 1024
"""Bytes: four times the catalogue of free-exercise-db, the largest file of which one may want a part."""
LARGEST_LIST = 256 * 1024
"""Bytes of a list that a person wrote: as for our own files."""


def read_text(path: Path, largest: int) -> str:
    """Return the text of a file. Raises ``ExchangeError`` where it cannot be read, is too large, or is no text."""
    return read_guarded_text(path, largest, ExchangeError, line=None)


def read_json(path: Path) -> Any:
    """Return what a JSON file holds. Raises ``ExchangeError``."""
    text = read_text(path, LARGEST)
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ExchangeError(path, error.lineno, f"this is not JSON: {error.msg.lower()}") from None
    except RecursionError:
        raise ExchangeError(path, None, "this has hundreds of brackets in one another") from None
    except _NoNumberError as error:
        raise ExchangeError(path, None, f"{error} is no number that JSON has") from None
    except ValueError:  # the limit of Python, which protects from numbers that take minutes to read
        raise ExchangeError(path, None, "this has a number of thousands of digits") from None


class _NoNumberError(ValueError):
    """NaN or Infinity."""


def _no_number(name: str) -> NoReturn:
    raise _NoNumberError(name)


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a JSON file."""

    file: Path
    where: str
    """Its place, as ``sets[2].exercises[0]``; empty for the whole."""
    table: dict[str, Any]

    @classmethod
    def of(cls, file: Path, where: str, value: object) -> Record:
        """Return a value as an object. Raises ``ExchangeError`` where it is none."""
        if not isinstance(value, dict):
            shown = value if isinstance(value, str | int | float) else None
            raise ExchangeError(file, None, "this must be an object", key=where, value=shown, allowed="{…}")
        return cls(file, where, value)

    def fail(self, key: str, problem: str, allowed: str = "") -> NoReturn:
        """Say what is wrong with a value."""
        value = self.table.get(key)
        shown = value if isinstance(value, str | int | float) else None
        raise ExchangeError(self.file, None, problem, key=self.place(key), value=shown, allowed=allowed)

    def place(self, key: str) -> str:
        """Return where a key stands."""
        return f"{self.where}.{key}" if self.where else key

    def has(self, key: str) -> bool:
        """Tell whether there is a value."""
        return self.table.get(key) is not None

    def text(self, key: str, otherwise: str | None = None) -> str:
        """Return a text as it stands; ``otherwise`` where there is none. Raises ``ExchangeError``."""
        value = self.table.get(key)
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, str):
            self.fail(key, "this must be text" if key in self.table else "this key is missing")
        return value

    def name(self, key: str, otherwise: str | None = None) -> str:
        """Return a text on one line."""
        try:
            return first_line(self.text(key, otherwise))
        except ValueError as error:
            self.fail(key, str(error))

    def lines(self, key: str) -> list[str]:
        """Return a text, or a list of texts, as sentences; none where there is nothing."""
        value = self.table.get(key)
        texts = [value] if isinstance(value, str) else [] if value is None else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            self.fail(key, "this must be text, or a list of texts")
        try:
            return [sentence for text in texts for sentence in sentences(text)]
        except ValueError as error:
            self.fail(key, str(error))

    def names(self, key: str) -> list[str]:
        """Return a list of texts, each on one line."""
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self.fail(key, "this must be a list of texts")
        try:
            return [plain(text) for text in value]
        except ValueError as error:
            self.fail(key, str(error))

    def number(self, key: str, least: float, most: float, otherwise: float | None = None) -> float:
        """Return a number, which may be written in quotes, as wger's API does. Raises ``ExchangeError``."""
        value = self.table.get(key)
        if value is None and otherwise is not None:
            return otherwise
        if isinstance(value, str):
            try:
                value = float(value) if len(value) < 30 else None
            except ValueError:
                value = None
        allowed = f"a number from {least:g} to {most:g}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(key, "this must be a number" if key in self.table else "this key is missing", allowed)
        if not least <= value <= most:  # NaN too
            self.fail(key, "this does not fit", allowed)
        return float(value)

    def whole(self, key: str, least: int, most: int, otherwise: int | None = None) -> int:
        """Return a whole number."""
        value = self.number(key, least, most, otherwise)
        if value % 1:
            self.fail(key, "this must be a whole number", f"from {least} to {most}")
        return int(value)

    def records(self, key: str) -> list[Record]:
        """Return a list of objects."""
        value = self.table.get(key)
        if not isinstance(value, list):
            self.fail(key, "this must be a list" if key in self.table else "this key is missing")
        return [Record.of(self.file, f"{self.place(key)}[{n}]", entry) for n, entry in enumerate(value)]
