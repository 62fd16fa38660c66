"""What each key is for, in the words that an editor shows: the docstrings under the nouns' fields.

Rule: a docstring under a field comes first. Here stand only the keys whose name said enough to a programmer, and those
that a file has and the nouns do not.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap

_WORDS = {
    "Routine": {
        "title": "The name of the routine; said first.",
        "summary": "One line for the list of routines.",
        "language": 'The language of its texts, such as "en".',
        "author": "Who wrote the file.",
        "prescriber": "The clinician who prescribed it; needed with monitored pain.",
        "source": "The document that it comes from.",
        "pain_policy": "What pain means: it is over, or what a prescriber has set in [pain].",
        "hold_after_pause": "Whether a hold begins anew after a pause, or runs on.",
        "opening": 'Whether it begins by itself, or waits for the word "ready".',
        "verbosity": "How much the coach says, where the person has not said how much they like.",
        "frequency": "How often, if the source says so.",
        "contraindications": "Who should leave it alone, and when.",
        "exercise": "A single exercise. What stands below belongs to it, up to the next double brackets.",
        "block": "Exercises that are done one after the other, in rounds.",
        "lint": "Warnings of `voicecoach check` that may stay in this file.",
    },
    "Block": {
        "title": "A name for people who read the file.",
        "repeat": "How many rounds.",
        "exercise": "An exercise of the block.",
    },
    "Programme": {
        "title": "The name of the programme.",
        "summary": "One line for the list.",
        "author": "Who wrote the file.",
        "prescriber": "The clinician who prescribed it.",
        "source": "The document that it comes from.",
        "week": "A week. What stands below belongs to it, up to the next [[week]].",
    },
    "Week": {
        "title": "A name for people who read the file.",
    },
    "Exercise": {
        "use": "Take this exercise from the library: the name of a file in exercises/, without .toml.",
        "name": "What it is called.",
        "position": "How the body is; decides how long a change takes.",
        "equipment": "What should lie at hand.",
        "avoid": "What not to do, a sentence a line.",
        "breathing": "When to breathe in and out.",
        "order": "In which order the limbs are worked.",
        "easier": "The gentler form: the name of an exercise.",
        "harder": "The stronger form: the name of an exercise.",
        "lint": "Warnings of `voicecoach check` that may stay in this exercise.",
    },
    "Dose": {
        "dose": "The whole dose on one line.",
        "sets": "How many sets.",
        "tempo": "Seconds of the four phases of a repetition: down, pause, up, pause.",
        "rest_between_reps": "Between repetitions.",
        "rest_between_sides": "For changing sides.",
        "rest_after": "After the last set.",
    },
}


def about(noun: type, key: str) -> str:
    """Return what a key is for; an empty text where nobody has said it."""
    return docs_of(noun).get(key, "") or _WORDS.get(noun.__name__, {}).get(key, "")


@functools.cache
def docs_of(noun: type) -> dict[str, str]:
    """Return the docstrings under the fields (or members) of a class, as one line each."""
    body = ast.parse(textwrap.dedent(inspect.getsource(noun))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - it is the source of a class
    found: dict[str, str] = {}
    for field, behind in zip(body.body, body.body[1:], strict=False):
        if isinstance(behind, ast.Expr) and isinstance(behind.value, ast.Constant):
            name = field.target if isinstance(field, ast.AnnAssign) else getattr(field, "targets", [None])[0]
            if isinstance(name, ast.Name):
                found[name.id] = plain(str(behind.value.value))
    return found


def plain(text: str) -> str:
    """Return a docstring as one line of plain words."""
    return " ".join(text.split()).replace("``", "`")
