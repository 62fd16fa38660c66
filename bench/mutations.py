"""Routine files that somebody spoilt, by accident or on purpose: from a seed, so that each can be made again.

Rule: begins with files that ship, because what is nearly right reaches further than noise; every draw comes from the
generator that is given.
"""

# ruff: noqa: E501, ARG001 - tables of values; every mutation takes the same

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

LARGEST = 256 * 1024

VALUES = (
    "0", "-1", "1", "1e999", "nan", "-inf", "inf", "true", "3.5", "9" * 20, "9" * 10_000, "0x" + "f" * 9_000, "1979-05-27",
    "07:32:00", "1979-05-27T07:32:00Z", '""', '" "', '"5-3"', '"3-5"', '"3 breaths"', '"30 s"', '"1:75"', '"2-0-2-1"',
    '"../../etc/passwd"', '"/dev/zero"', '"exercises/bridge"', '"\\u202e"', '"\\u0000"', '"\\u001b[31mred"', '"\\U000E0041"',
    '"a\\nb"', '"""\na\n"""', "'''\n\n'''", "[]", "{}", "[[]]", "[[[[[[]]]]]]", "[1, 2]", '["a", 3]', "{ a = 1 }",
    '{ ignore = { L01 = "why it may stay" } }', "{ ignore = { L01 = 3 } }", '[{ at = "half", say = "Halfway." }]',
    '"2 x 3-5 each side, hold 3 breaths, rest 30 s"', "[6, 4, 2]", '"after 3 sessions with pain <= 2: reps +1"',
    '["after 3 sessions with pain <= 2: reps +1"]', '"bridge"', '"monitored"', "2027-01-31", '"de"', '"xx"',
    '"circuit"', '"superset"', '"emom"', '"tabata"', '"amrap"', '"60 s"', '"10 min"', '"every 2 reps"', '"-5 s"', '"rep 3"', '"short"',
    '[{ at = "rep 2", say = "Two." }, { at = "-5 s", say = "Soon." }, "Breathe."]', '["20 s", "30 s"]', '[1, "2-3"]', '"5-8"',
    '["gentle-start", "rest", "first-steps"]', '"2 x 6/4/2, hold 10 s"', '"3 x 60 s amrap, rest 1:30"', '"1e3 x 5"', '"0 x 5"',
    '"' + "word " * 99 + '"', '"' + "x" * 501 + '"', '"Stop. Look up, then the other leg for 5 seconds."', '"\u65e5\u672c\u8a9e"',
)  # fmt: skip
SHREDS = (
    "[[exercise]]\n", "[exercise]\n", "[[block]]\n", "[[block.exercise]]\n", "[lint]\n", "[pain]\n", "[lint.ignore]\n",
    'use = "bridge"\n', "reps = 3\n", "lint.ignore.L07 = 'so it is'\n", '"""', "'''", '"', "'", "[", "]", "{", "}", ",", "#",
    "=", ".", "\n", "\r\n", "\r", "\\", "\\u0000", "\0", "\x1b]0;x\x07", "\u202e", "\u2066", "\ufeff", "\u200b", "\u2028",
    "\U000e0041", "\u0301", "\u00e9", "\t", "\x7f", "a" * 300, "a.b.c.d.", "=".join("ab") + "\n",
)  # fmt: skip
KEYS = (
    "title", "use", "name", "position", "exit", "reps", "hold", "time", "open", "sets", "tempo", "rest", "steps", "setup",
    "cues", "short", "avoid", "limbs", "order", "easier", "harder", "progress", "assumed", "lint", "pain", "pain_policy",
    "review_on", "prescriber", "language", "welcome", "equipment", "gentle", "repeat", "block", "exercise", "dose", "text",
    "say_as", "breathing", "rest_after", "rest_between_sides", "opening", "rep", "", "slug", "variants", "blocks",
    "style", "shuffle", "every", "lasts", "rest_between", "breaths", "amrap", "verbosity", "voice", "week", "days", "go_on",
    "at", "say", "cue", "by_set", "frequency", "contraindications", "farewell", "summary", "source", "text.de", "title.de",
)  # fmt: skip


def spoilt(random: Random, texts: Sequence[str]) -> bytes:
    """Return one file: one of ``texts``, changed in a few places; at most somewhat larger than is allowed."""
    text = random.choice(texts)
    gentle = random.random() < 0.6  # stays TOML for the most part, and so comes further
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 9))):
        text = random.choice(_GENTLE if gentle else _MUTATIONS)(random, text, texts)[: LARGEST + 100]
    data = text.encode("utf-8", "surrogatepass")
    for _ in range(0 if gentle else random.choice((0, 0, 0, 0, 1, 3))):
        data = random.choice(_BYTES)(random, data)
    return data


def _place(random: Random, text: str) -> int:
    return random.randint(0, len(text))


def _span(random: Random, text: str, longest: int = 60) -> tuple[int, int]:
    start = _place(random, text)
    return start, random.randint(start, min(len(text), start + longest))


def _insert(random: Random, text: str, _: Sequence[str]) -> str:
    start, end = _span(random, text)
    return text[:start] + random.choice(SHREDS) + text[random.choice((start, end)) :]


def _delete(random: Random, text: str, _: Sequence[str]) -> str:
    start, end = _span(random, text)
    return text[:start] + text[end:]


def _cut(random: Random, text: str, _: Sequence[str]) -> str:
    return text[: _place(random, text)]


def _double(random: Random, text: str, _: Sequence[str]) -> str:
    start, end = _span(random, text, 200)
    return text[:end] + text[start:end] * random.choice((1, 2, 9)) + text[end:]


def _splice(random: Random, text: str, texts: Sequence[str]) -> str:
    other = random.choice(texts)
    return text[: _place(random, text)] + other[_place(random, other) :]


def _mark(random: Random, text: str, _: Sequence[str]) -> str:
    start = _place(random, text)
    return text[:start] + chr(random.choice((random.randint(0, 127), random.randint(128, 0xFFFF)))) + text[start + 1 :]


def _lines(change: Callable[[Random, list[str]], None]) -> Callable[[Random, str, Sequence[str]], str]:
    def mutate(random: Random, text: str, _: Sequence[str]) -> str:
        lines = text.split("\n")
        change(random, lines)
        return "\n".join(lines)

    return mutate


def _drop_line(random: Random, lines: list[str]) -> None:
    del lines[random.randrange(len(lines))]


def _double_line(random: Random, lines: list[str]) -> None:
    lines.insert(random.randint(0, len(lines)), random.choice(lines))


def _swap_lines(random: Random, lines: list[str]) -> None:
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _other_value(random: Random, lines: list[str]) -> None:
    _change_entry(random, lines, lambda key, _: f"{key} = {_value(random)}")


def _other_key(random: Random, lines: list[str]) -> None:
    _change_entry(random, lines, lambda _, value: f"{_key(random)} = {value}")


def _misspelt(random: Random, lines: list[str]) -> None:
    def swap(key: str, value: str) -> str:
        at = random.randrange(max(1, len(key)))
        return f"{key[:at]}{key[at + 1 : at + 2]}{key[at : at + 1]}{key[at + 2 :]} = {value}"

    _change_entry(random, lines, swap)


def _new_entry(random: Random, lines: list[str]) -> None:
    key = ".".join(_key(random) for _ in range(random.choice((1, 1, 1, 2, 3, 20))))
    lines.insert(random.randint(0, len(lines)), f"{key} = {_value(random)}")


def _deeper(random: Random, lines: list[str]) -> None:
    depth = random.choice((1, 2, 15, 17, 60, 300, 2000, 20_000))
    kind = random.randrange(3)

    def wrap(key: str, value: str) -> str:
        if kind == 0:
            return f"{key} = {'[' * depth}{value}{']' * depth}"
        if kind == 1:
            return f"{key} = {'{a = ' * depth}{value}{'}' * depth}"
        return f"{'.'.join([key] * depth)} = {value}"

    _change_entry(random, lines, wrap)


def _from_elsewhere(random: Random, text: str, texts: Sequence[str]) -> str:
    """Put another file's value, or list, in the place of one of the same key."""
    entry = re.compile(r"^(\w+) = (\[\n(?:.*\n)*?\]|.*)$", re.MULTILINE)
    here = list(entry.finditer(text))
    if not here:
        return text
    found = random.choice(here)
    others = [other[2] for other in entry.finditer(random.choice(texts)) if other[1] == found[1]]
    value = random.choice(others) if others and random.random() < 0.5 else _value(random)
    return f"{text[: found.start(2)]}{value}{text[found.end(2) :]}"


def _in_a_word(random: Random, text: str, _: Sequence[str]) -> str:
    """Put something into a text in quotes."""
    words = list(re.finditer(r"(?<=[a-z])[a-z ](?=[a-z])", text))
    if not words:
        return text
    at = random.choice(words).start()
    return text[:at] + random.choice(_INTO_WORDS) + text[at:]


_INTO_WORDS = (
    " stop ", " look ", " the other leg ", " 10 seconds ", ". Then ", "\u200b", "\u202e", "\u2028", "\u0301", "\\u0007", "\\n",
    "\u05d0", "\u65e5\u672c", "\U0001f9d8", "\\U000E0041", "[red]", "\t", " word" * 20, "x" * 500, "\x1b", "{", "%s", "{title}",
)  # fmt: skip


def _more(random: Random, text: str, texts: Sequence[str]) -> str:
    """Add exercises, or blocks of them, with a few keys each."""
    lines = [text.rstrip("\n")]
    for _ in range(random.choice((1, 2, 5, 40, 400))):
        if random.random() < 0.3:
            lines.append(f"[[block]]\nrepeat = {random.choice((1, 2, 50, 0, 51))}")
        head = "[[block.exercise]]" if "[[block]]" in lines[-1] else "[[exercise]]"
        lines.append(f'{head}\nuse = "{random.choice(("bridge", "bird-dog", "hook-lying-march", "brigde"))}"')
        lines += [f"{_key(random)} = {_value(random)}" for _ in range(random.choice((0, 0, 1, 2)))]
    return "\n".join(lines) + "\n"


def _bomb(random: Random, text: str, _: Sequence[str]) -> str:
    """Fill the file up with one thing."""
    start, end = _span(random, text, 80)
    piece = random.choice((
        text[start:end], random.choice(SHREDS), '[[exercise]]\nuse = "bridge"\n', f"{random.choice(KEYS)} = 1\n",
        "[a]\n", "[[a]]\n", "a = {", "a.", '"a".', "[", "{a=", "1,", '"a",', "'", '"', ",'\"", "\\", "# \n", "[[a.b]]\n",
        '{ use = "bridge" },', '"\\u202e",', "0x", "9", "_9", "\n", " ", "\t", "a b ", "a =\t", "]", "'''\n", '"""\n',
        "[[block]]\n[[block.exercise]]\nuse = 'bridge'\n", "stop ", "look. ",
    ))  # fmt: skip
    if not piece:
        return text
    room = max(0, min(random.choice((500, 5_000, 60_000, LARGEST)), LARGEST - len(text.encode("utf-8", "replace"))))
    filled = piece * (room // len(piece.encode("utf-8", "replace")))
    if random.random() < 0.4:  # with a different name each time
        filled = "".join(f"k{number} = {_small(random)}\n" for number in range(room // 12))
    elif random.random() < 0.3:
        filled = f"\n{random.choice(KEYS) or 'a'} = [{filled}]\n"
    return text[:start] + filled + text[start:]


def _key(random: Random) -> str:
    return random.choice(KEYS) or '""'


def _value(random: Random) -> str:
    return random.choice(VALUES)


def _small(random: Random) -> str:
    return str(random.randint(0, 9))


def _change_entry(random: Random, lines: list[str], change: Callable[[str, str], str]) -> None:
    entries = [number for number, line in enumerate(lines) if re.match(r"\s*[\w-]+ = ", line)]
    if entries:
        number = random.choice(entries)
        key, _, value = lines[number].partition(" = ")
        lines[number] = change(key, value)


def _flip(random: Random, data: bytes) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _noise(random: Random, data: bytes) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.randbytes(random.choice((1, 4, 40))) + data[at:]


def _marked(_: Random, data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


def _windows(_: Random, data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _wide(_: Random, data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode("utf-16")


_MUTATIONS = (
    _insert, _insert, _delete, _cut, _double, _splice, _mark, _bomb,
    *map(_lines, (
        _drop_line, _double_line, _swap_lines, _other_value, _other_value, _other_value, _other_key, _misspelt, _new_entry,
        _new_entry, _new_entry, _deeper,
    )),
)  # fmt: skip
_GENTLE = (
    _from_elsewhere, _from_elsewhere, _from_elsewhere, _in_a_word, _in_a_word, _more,
    *map(_lines, (_drop_line, _other_value, _misspelt, _new_entry, _deeper)),
)  # fmt: skip
_BYTES = (_flip, _flip, _noise, _marked, _windows, _wide)
