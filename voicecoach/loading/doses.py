"""A dose in shorthand, ``dose = "2 x 5 each side"``, becomes the keys that it stands for.

Rule: what is written twice, in shorthand and as a key, is refused: nobody could say which of them is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from voicecoach.core.dose import MEASURES
from voicecoach.core.shorthand import EXAMPLE, read_dose
from voicecoach.core.writing import WritingError
from voicecoach.language import LanguageError, load_language
from voicecoach.loading.source import Source
from voicecoach.toml_lines import KeyPath


def written_out(
    source: Source, where: KeyPath, entry: Mapping[str, Any], base: Mapping[str, Any] | None = None, code: str = "en"
) -> dict[str, Any]:
    """Return the table of an exercise with its shorthand as keys; ``base`` is what it takes from the library.

    "Each side" names the sides where neither of them does, in the language ``code``. Raises ``RoutineError``.
    """
    keys = {key: value for key, value in entry.items() if key != "dose"}
    if "dose" not in entry:
        return keys
    text = entry["dose"]
    at = (*where, "dose")
    if not isinstance(text, str):
        source.fail(at, "a dose is written as text", None, f"{EXAMPLE}, or its keys one by one: reps = 5")
    try:
        found = read_dose(text)
    except WritingError as error:
        source.fail_at(at, error, text)
    for key, offset in found.offsets.items():
        if key in keys:
            source.fail_at(at, WritingError(f"{key} stands here, and as a key of its own: give it once", offset), text)
    sides = found.sides({**(base or {}), **keys})
    if "limbs" in sides:
        sides["limbs"] = [_said(limb, code) for limb in sides["limbs"]]
    return keys | sides | found.fields


def _said(limb: str, code: str) -> str:
    """Return "right leg" in another language; in English where that has no words for it."""
    with suppress(LanguageError):
        return load_language(code).imported.get(limb.replace(" ", "_"), limb)
    return limb


def over_library(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a library's exercise stays where a routine writes ``own`` over it."""
    kept = dict(base)
    if measures := MEASURES & own.keys():
        # Another measure replaces the library's; "hold" alone keeps its repetitions, as a person would expect.
        keep = {"reps"} if measures == {"hold"} else {"hold"} if "reps" in measures else set()
        kept = {key: value for key, value in kept.items() if key not in MEASURES - keep}
    if any(isinstance(own[key], list) for key in measures):
        kept.pop("sets", None)  # a list says how many there are
    if isinstance(kept.get("assumed"), list | tuple):
        # What the routine states itself is no longer assumed by the library.
        kept["assumed"] = [key for key in kept["assumed"] if key not in own and key in kept]
    return kept
