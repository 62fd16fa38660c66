"""Lists as tables: a row for each exercise, a column for each thing that is said of it; from CSV or Markdown.

Rule: a column that we do not know is lost, and said to be; a dose that we cannot read becomes a note.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from voicecoach.exchange.doses import read_dose
from voicecoach.exchange.record import LARGEST_LIST, read_text
from voicecoach.exchange.taken import MOST_EXERCISES, Draft, DraftBlock, DraftExercise, ExchangeError
from voicecoach.exchange.text import first_line, plain, sentences

_COLUMNS = {
    "name": ("name", "exercise", "movement", "what"),
    "sets": ("sets", "set"),
    "reps": ("reps", "rep", "repetitions", "times"),
    "time": ("time", "duration", "seconds", "work"),
    "hold": ("hold", "hold time", "held"),
    "rest": ("rest", "rest between sets", "pause"),
    "tempo": ("tempo",),
    "dose": ("dose", "how much", "amount", "prescription"),
    "position": ("position", "starting position"),
    "exit": ("exit", "way out"),
    "setup": ("setup", "way in"),
    "steps": ("steps", "instructions", "description", "how", "how to do it"),
    "breathing": ("breathing",),
    "avoid": ("avoid",),
    "cues": ("cues", "cue", "reminders"),
    "limbs": ("limbs", "sides", "side"),
    "equipment": ("equipment", "have at hand"),
    "notes": ("notes", "note", "comment", "comments", "remarks"),
    "block": ("block", "group", "circuit", "section"),
    "rounds": ("rounds", "repeat"),
}
_KNOWN = {heading: key for key, headings in _COLUMNS.items() for heading in headings}
COLUMNS = tuple(_COLUMNS)
"""The columns by their first names, for documents and messages."""

_IN_SECONDS = frozenset({"time", "hold", "rest"})


def read_csv(path: Path) -> Draft:
    """Return a list as a draft. Raises ``ExchangeError``."""
    text = read_text(path, LARGEST_LIST)
    head = text.split("\n", 1)[0]
    separator = max(";\t,", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise ExchangeError(path, None, f"this is no table: {error}") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    draft = Draft(first_line(title_of(path)), "a CSV list")
    add_rows(draft, rows, path)
    return draft


def title_of(path: Path) -> str:
    """Return a title made of a file's name."""
    return plain("".join(mark if mark.isprintable() else " " for mark in path.stem.replace("_", " "))) or "Routine"


def add_rows(draft: Draft, rows: list[list[str]], file: Path) -> None:
    """Add the exercises of a table, whose first row says what its columns are. Raises ``ExchangeError``."""
    headings = [_heading(cell) for cell in rows[0]] if rows else []
    keys = [_KNOWN.get(heading, "") for heading in headings]
    if "name" not in keys:
        allowed = ", ".join(COLUMNS)
        raise ExchangeError(file, 1, "the first row must name the columns, one of them name", allowed=allowed)
    for heading, key in zip(headings, keys, strict=True):
        if not key and heading:
            draft.lose(f'the column "{heading}"')
    if len(rows) > MOST_EXERCISES:
        raise ExchangeError(file, None, f"this has {len(rows) - 1} rows", allowed=f"at most {MOST_EXERCISES - 1}")
    for number, row in enumerate(rows[1:], 2):
        try:
            _add_row(draft, {key: cell.strip() for key, cell in zip(keys, row, strict=False) if key and cell.strip()})
        except ValueError as error:
            raise ExchangeError(file, number, str(error)) from None


def _heading(cell: str) -> str:
    return " ".join("".join(mark if mark.isprintable() else " " for mark in cell).lower().split())[:60]


def _add_row(draft: Draft, cells: dict[str, str]) -> None:
    exercise = DraftExercise(first_line(cells.pop("name", "")))
    title, rounds = first_line(cells.pop("block", "")), cells.pop("rounds", "")
    _read_doses(exercise, cells)
    for key, cell in cells.items():
        if key in {"setup", "steps", "avoid", "cues"}:
            exercise.fields[key] = sentences(cell)
        elif key in {"limbs", "equipment"}:
            exercise.fields[key] = [plain(part) for part in cell.replace(";", ",").split(",") if part.strip()]
        elif key == "notes":
            exercise.notes += sentences(cell)
        else:
            exercise.fields[key] = plain(cell).lower() if key == "position" else plain(cell)
    block = draft.blocks[-1] if draft.blocks else None
    if block is None or block.fields.get("title", "") != title:
        block = DraftBlock(fields={"title": title} if title else {})
        draft.blocks.append(block)
    if rounds and title:
        block.fields["repeat"] = int(rounds) if rounds.isdecimal() and len(rounds) < 4 else rounds
    elif rounds:
        draft.lose(f'"rounds" of {exercise.name}, which is in no block')
    block.exercises.append(exercise)


def _read_doses(exercise: DraftExercise, cells: dict[str, str]) -> None:
    written = [cells.pop("dose", "")]
    for key in ("sets", "reps", "time", "hold", "rest", "tempo"):
        cell = plain(cells.pop(key, "")).replace("\u2013", "-")
        if cell not in {"", "-", "0"}:
            written.append(_in_words(key, cell))
    for text in written:
        dose = read_dose(text)
        exercise.fields.update({key: value for key, value in dose.fields.items() if key not in exercise.fields})
        exercise.unread += map(plain, dose.left)


def _in_words(key: str, cell: str) -> str:
    """Return a cell as it would stand in a line: ``8-12`` under "reps" is ``8-12 reps``."""
    bare = cell.replace(".", "", 1).replace("-", "", 1).replace(" ", "").isdecimal()
    if key in {"sets", "reps"}:
        return f"{cell} {key}" if bare else cell
    timed = f"{cell} s" if bare and key != "tempo" else cell
    return timed if key == "time" else f"{key} {timed}"
