"""A draft as a routine file: commented, in the order of our documents, with the lines that a person must look at.

Rule: the text is right TOML whatever the draft holds; whoever writes it to a disk loads it first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from voicecoach.core.dose import DOSE_KEYS
from voicecoach.exchange.taken import Draft, DraftBlock, DraftExercise, Value
from voicecoach.toml_write import toml_value

_WIDEST = 116
"""Columns: a list that is wider has a line for each of its entries."""

_ORDER = (
    *(
        "use",
        "name",
        "say_as",
        "position",
        "equipment",
        "setup",
        "steps",
        "breathing",
        "avoid",
        "short",
        "cues",
        "exit",
    ),
    *("limbs", "order", "gentle", "easier", "harder", "source"),
    *(
        "sets",
        "reps",
        "hold",
        "time",
        "breaths",
        "amrap",
        "open",
        "tempo",
        "rest",
        "rest_between_reps",
        "rest_between_sides",
    ),
    *("rest_after", "assumed", "progress"),
)


@dataclass(frozen=True, slots=True)
class Assumed:
    """A line of the file whose value was not in the other one."""

    line: int
    exercise: str
    key: str
    value: Value
    reason: str


@dataclass(slots=True)
class _Writer:
    lines: list[str] = field(default_factory=list)
    assumed: list[Assumed] = field(default_factory=list)

    def comment(self, text: str) -> None:
        words, line = text.split(), "#"
        for word in words:
            if len(line) + 1 + len(word) > _WIDEST and line != "#":
                self.lines.append(line)
                line = "#"
            line += f" {word}"
        self.lines.append(line)

    def pair(self, key: str, value: Value, note: str = "") -> int:
        first = len(self.lines) + 1
        text = f"{key} = {toml_value(value)}"
        behind = f"  # {note}" if note else ""
        if isinstance(value, list) and len(text) > _WIDEST:
            self.lines += [f"{key} = [{behind}", *(f"  {toml_value(one)}," for one in value), "]"]
        else:
            self.lines.append(text + behind)
        return first


def as_toml(draft: Draft, file: str) -> tuple[str, tuple[Assumed, ...]]:
    """Return the text of a routine file, and the lines in it that a person must look at.

    ``file`` is the name of the other program's.
    """
    out = _Writer()
    out.comment(f"Imported from {file} ({draft.origin}).")
    for sentence in draft.lost:
        out.comment(f"Lost on the way: {sentence}.")
    if any(exercise.assumed for exercise in draft.exercises):
        out.comment('What is marked "assumed" was not in that file: look at it before anybody plays this.')
    for note in draft.notes:
        out.comment(note)
    out.pair("title", draft.title)
    for key, value in draft.fields.items():
        out.pair(key, value)
    for block in draft.blocks:
        _write_block(out, block)
    return "\n".join(out.lines) + "\n", tuple(out.assumed)


def _write_block(out: _Writer, block: DraftBlock) -> None:
    inside = bool(block.fields)
    if inside:
        out.lines += ["", "[[block]]"]
    for note in block.notes:
        out.comment(note)
    for key, value in block.fields.items():
        out.pair(key, value)
    for exercise in block.exercises:
        out.lines += ["", "[[block.exercise]]" if inside else "[[exercise]]"]
        _write_exercise(out, exercise)


def _write_exercise(out: _Writer, exercise: DraftExercise) -> None:
    for note in exercise.notes:
        out.comment(note)
    for words in exercise.unread:
        reason = f'"{words}" is not understood, and stands here as a comment'
        out.assumed.append(Assumed(len(out.lines) + 1, exercise.name, "dose", words, reason))
        out.comment(f"The list says: {words}.")
    fields = {"name": exercise.name, **exercise.fields}
    doses = [key for key in _ORDER if key in exercise.assumed and key in DOSE_KEYS]
    if doses and fields.get("assumed") is not True:
        stated = fields.get("assumed", [])
        fields["assumed"] = [*(stated if isinstance(stated, list) else []), *doses]
    for key in sorted(fields, key=_ORDER.index):
        reason = exercise.assumed.get(key, "")
        line = out.pair(key, fields[key], f"assumed: {reason}" if reason else "")
        if reason:
            out.assumed.append(Assumed(line, exercise.name, key, fields[key], reason))
