"""Markdown: a list of exercises as people write it, or the page that ``markdown_page`` makes of a routine.

Rule: headings and lists are what counts; a line with a label that we know says a thing of an exercise, any other line
tells how it is done. What is neither (code, pictures, quotations) is lost, and said to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voicecoach.core.block import Manner
from voicecoach.core.cueing import read_cue_time
from voicecoach.exchange.doses import read_dose, split_dose
from voicecoach.exchange.given import (
    BLOCK_LABELS,
    BLOCK_TITLE,
    LABELS,
    MOMENTS,
    NOT_ADVICE,
    ROUTINE_LABELS,
    UNTITLED,
)
from voicecoach.exchange.record import read_text
from voicecoach.exchange.table import add_rows, title_of
from voicecoach.exchange.taken import Draft, DraftBlock, DraftExercise, ExchangeError, Value
from voicecoach.exchange.text import first_line, plain, sentences

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

LARGEST = 64 * 1024
"""Bytes: ten thousand words. Twice that takes the parser up to five seconds where somebody means harm (2026)."""

_HOW_MUCH = frozenset({"how much", "dose", "amount"})
_OF_EXERCISE = {label.lower(): key for key, label in LABELS.items()} | {
    "start": "position",
    "starting position": "position",
    "equipment": "equipment",
    "instructions": "steps",
    "how": "steps",
    "steps": "steps",
    "setup": "setup",
    "exit": "exit",
    "cues": "cues",
}
_OF_BLOCK = {label.lower(): key for key, label in BLOCK_LABELS.items()} | {
    BLOCK_TITLE.lower(): "title",
    "style": "style",
    "rest between rounds": "rest",
}
_STYLES: dict[str, str] = {style.value: style.value for style in Manner}
_PAIN = re.compile(r" allows pain up to -?\d+ of 10 until ")
"""As ``prescribed_pain`` writes it."""
_OF_ROUTINE = {label.lower(): key for key, label in ROUTINE_LABELS.items()}
_LISTS = frozenset({"equipment", "setup", "steps", "avoid", "limbs", "progress"})
_LISTS_OF_ROUTINE = frozenset({"contraindications", "welcome", "farewell", "equipment"})
_LOST = {"fence": "code", "code_block": "code", "blockquote": "a quotation", "html_block": "HTML"}
_ROUNDS = re.compile(
    r"\s*\(((?:\d{1,2} rounds?|as many rounds as you like)?(?:,? ?rest [^()]{1,20})?)\)$"
    r"|\s*[-:,x\u00d7]?\s*(\d{1,2} rounds?)$"
)


def read_markdown(path: Path) -> Draft:
    """Return a list as a draft. Raises ``ExchangeError``."""
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    text = read_text(path, LARGEST)
    draft = Draft(title_of(path), "a Markdown list")
    parser = MarkdownIt("commonmark").enable("table")
    nodes = SyntaxTreeNode(parser.parse(text)).children
    reader = _Reader(path, draft)
    for index, node in enumerate(nodes):
        line = node.map[0] + 1 if node.map else 1
        try:
            reader.read(node, _until_next_heading(nodes, index + 1))
        except ValueError as error:
            raise ExchangeError(path, line, str(error)) from None
    return draft


class _Reader:
    """What has been read of a page so far."""

    def __init__(self, path: Path, draft: Draft) -> None:
        self._path = path
        self._draft = draft
        self._titled = False
        self._block: DraftBlock | None = None
        self._block_level = 0
        self._exercise: DraftExercise | None = None

    def read(self, node: SyntaxTreeNode, behind: Sequence[SyntaxTreeNode]) -> None:
        """Read one piece of the page; ``behind`` is what comes after it, up to a heading."""
        match node.type:
            case "heading":
                self._heading(int(node.tag[1]), _words(node), behind)
            case "paragraph":
                self._paragraph(_words(node))
            case "bullet_list" | "ordered_list":
                for item in node.children:
                    self._item(item)
            case "table":
                rows = [[_words(cell) for cell in row.children] for part in node.children for row in part.children]
                add_rows(self._draft, rows, self._path)
                self._block = self._exercise = None
            case "hr":
                pass
            case _:
                self._draft.lose(_LOST.get(node.type, "a part that is no list"))

    # --- Headings -----------------------------------------------------------------------------------------------------

    def _heading(self, level: int, words: str, behind: Sequence[SyntaxTreeNode]) -> None:
        if level == 1 and not self._titled:
            self._draft.title, self._titled = first_line(words), True
            return
        if level <= self._block_level:
            self._block, self._block_level = None, 0
        if _is_group(level, behind):
            self._begin_block(words, level)
            return
        name, dose = (words, None) if _has_dose(behind) else split_dose(words)
        exercise = self._begin_exercise(name, dose.fields if dose else {})
        exercise.unread += map(plain, dose.left if dose else ())

    def _begin_block(self, words: str, level: int) -> None:
        fields: dict[str, Value] = {}
        if match := _ROUNDS.search(words):
            for part in (match[1] or match[2] or "").split(","):
                if rounds := re.match(r"\s*(\d{1,2}) round", part):
                    fields["repeat"] = int(rounds[1])
                elif rest := read_dose(part).fields.get("rest"):
                    fields["rest"] = rest
            words = words[: match.start()]
        if words.strip() and words != UNTITLED:
            fields = {"title": first_line(words), **fields}
        self._block, self._block_level, self._exercise = DraftBlock(fields=fields), level, None
        self._draft.blocks.append(self._block)

    def _begin_exercise(self, name: str, fields: dict[str, Value]) -> DraftExercise:
        self._exercise = DraftExercise(first_line(name), dict(fields))
        if self._block is None:
            self._block = DraftBlock()
            self._draft.blocks.append(self._block)
        self._block.exercises.append(self._exercise)
        return self._exercise

    # --- Lines --------------------------------------------------------------------------------------------------------

    def _paragraph(self, words: str) -> None:
        if plain(words) == NOT_ADVICE:
            return
        if self._exercise is None and _PAIN.search(plain(words)):
            self._draft.lose("what the prescriber allows of pain: who prescribes it must write it again")
            self._draft.notes.append(plain(words))
            return
        if self._exercise is not None:
            _tell(self._exercise, words)
        elif self._block is not None:
            self._block.notes += sentences(words)
        elif "summary" not in self._draft.fields and len(words) < 300:
            self._draft.fields["summary"] = plain(words)
        else:
            self._draft.notes += sentences(words)

    def _item(self, item: SyntaxTreeNode) -> None:
        words = " ".join(_words(child) for child in item.children if child.type == "paragraph")
        words = re.sub(r"^\[[ xX]\] ", "", words)
        inner = [child for child in item.children if child.type.endswith("_list")]
        label, _, value = words.partition(":")
        label = label.strip().lower()
        below = [line for one in inner for line in _lines(one)]
        if self._exercise is None and self._block is None and label in _OF_ROUTINE:
            self._tell_routine(_OF_ROUTINE[label], value.strip(), below)
        elif self._exercise is None and self._block is not None and label in _OF_BLOCK:
            self._tell_block(self._block, _OF_BLOCK[label], plain(value))
        elif self._exercise is not None and _is_label(label):
            _tell_labelled(self._exercise, label, value.strip(), below)
        elif self._exercise is not None:
            for line in (words, *below):
                _tell(self._exercise, line)
        else:
            name, dose = split_dose(words)
            exercise = self._begin_exercise(name, dose.fields)
            exercise.unread += map(plain, dose.left)
            for line in below:
                label, _, value = line.partition(":")
                if _is_label(label.strip().lower()):
                    _tell_labelled(exercise, label.strip().lower(), value.strip(), [])
                else:
                    _tell(exercise, line)
            self._exercise = None  # what a heading names goes on until the next; what a list names is over

    def _tell_block(self, block: DraftBlock, key: str, value: str) -> None:
        if key == "style":
            style = _STYLES.get(value.lower().removesuffix("s"))
            if style is None:
                self._draft.lose(f'that a block is done as "{value}"')
            else:
                block.fields[key] = style
        elif key == "shuffle":
            block.fields[key] = value.lower() == "yes"
        elif key == "title":
            block.fields = {key: first_line(value), **block.fields}
        else:
            block.fields[key] = value

    def _tell_routine(self, key: str, value: str, below: list[str]) -> None:
        if key in _LISTS_OF_ROUTINE:
            self._draft.fields[key] = [plain(line) for line in (value, *below) if line]
        elif value:
            self._draft.fields[key] = plain(value)


# --- What is said of an exercise --------------------------------------------------------------------------------------


def _is_label(label: str) -> bool:
    return label in _OF_EXERCISE or label in _HOW_MUCH or label in {"assumed", MOMENTS.lower()}


def _is_dose(line: str) -> bool:
    dose = read_dose(line)
    return bool(dose.fields) and not dose.left and not line.strip().isdecimal()


def _tell(exercise: DraftExercise, words: str) -> None:
    """Take lines without a label: doses, or how it is done."""
    how: list[str] = []
    for line in words.split("\n"):
        dose = read_dose(line).fields
        if _is_dose(line) and not dose.keys() & exercise.fields.keys():
            exercise.fields |= dose
        else:
            how.append(line)
    if found := sentences(" ".join(how)):
        steps = exercise.fields.get("steps", [])
        exercise.fields["steps"] = [*(steps if isinstance(steps, list) else []), *found]


def _tell_labelled(exercise: DraftExercise, label: str, value: str, below: list[str]) -> None:
    if label in _HOW_MUCH:
        dose = read_dose(value)
        exercise.fields |= {key: found for key, found in dose.fields.items() if key not in exercise.fields}
        exercise.unread += map(plain, dose.left)
        return
    if label == MOMENTS.lower():
        _tell_moments(exercise, [line for line in (value, *below) if line])
        return
    if label == "assumed":
        keys = [plain(part).replace(" ", "_") for part in value.split(",") if part.strip()]
        exercise.fields["assumed"] = True if keys == ["dose"] else keys
        return
    key = _OF_EXERCISE[label]
    if key == "cues":
        _add_cues(exercise, [plain(line) for line in (value, *below) if line])
    elif key in _LISTS:
        exercise.fields[key] = [plain(line) for line in (value, *below) if line]
    elif key == "gentle":
        exercise.fields[key] = value.lower() == "yes"
    elif value:
        exercise.fields[key] = plain(value).lower() if key == "position" else plain(value)


def _tell_moments(exercise: DraftExercise, lines: Sequence[str]) -> None:
    """Take cues with their moment before them; a line whose moment is none is kept as a comment."""
    cues: list[str | dict[str, str]] = []
    for line in lines:
        at, _, say = (plain(part) for part in line.partition(":"))
        try:
            read_cue_time(at)
        except ValueError:
            exercise.unread.append(plain(line))
        else:
            cues.append({"at": at, "say": say})
    _add_cues(exercise, cues)


def _add_cues(exercise: DraftExercise, cues: Sequence[str | dict[str, str]]) -> None:
    there = exercise.fields.get("cues", [])
    if both := [*(there if isinstance(there, list) else []), *cues]:
        exercise.fields["cues"] = both


# --- The tree ---------------------------------------------------------------------------------------------------------


def _is_group(level: int, behind: Sequence[SyntaxTreeNode]) -> bool:
    """Tell whether a heading names a group of exercises, by what comes below it, or else one exercise."""
    for node in behind:
        if node.type == "heading":
            return int(node.tag[1]) > level
        if node.type == "table":
            return True
        if node.type == "paragraph" and any(_is_dose(line) for line in _words(node).split("\n")):
            return False
        if node.type.endswith("_list"):
            first = [_words(item) for item in node.children]
            if any(words.partition(":")[0].strip().lower() in _OF_BLOCK for words in first):
                return True
            if any(_is_label(words.partition(":")[0].strip().lower()) for words in first):
                return False
            return any(split_dose(words).dose.fields for words in first)
    return False


def _has_dose(behind: Sequence[SyntaxTreeNode]) -> bool:
    """Tell whether a label says how much: then a heading is a name, whatever it looks like."""
    items = [item for node in behind if node.type.endswith("_list") for item in node.children]
    return any(_words(item).partition(":")[0].strip().lower() in _HOW_MUCH for item in items)


def _until_next_heading(nodes: Sequence[SyntaxTreeNode], first: int) -> Sequence[SyntaxTreeNode]:
    """Return what comes from ``first`` on, up to the next heading and with it."""
    last = first
    while last < len(nodes) and nodes[last].type != "heading":
        last += 1
    return nodes[first : last + 1]


def _lines(items: SyntaxTreeNode) -> Iterator[str]:
    for item in items.children:
        yield " ".join(_words(child) for child in item.children if child.type == "paragraph")
        for inner in item.children:
            if inner.type.endswith("_list"):
                yield from _lines(inner)


def _words(node: SyntaxTreeNode) -> str:
    """Return the words of a node, without its markup; of a list item only its own."""
    if node.type in {"text", "code_inline"}:
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    return "".join(_words(child) for child in node.children if not child.type.endswith("_list"))
