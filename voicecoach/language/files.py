"""Where language files are: those that ship, and a person's own in the data folder, which come first.

Rule: paths only; what a file holds is read and checked in ``reading`` and ``complete``.
"""

from __future__ import annotations

import functools
import os
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import platformdirs

from voicecoach.complaints import suggest
from voicecoach.guarded import read_guarded_text
from voicecoach.language.complete import check_complete
from voicecoach.language.noun import Language, LanguageError
from voicecoach.language.reading import read_language
from voicecoach.toml_file import read_toml

_SHIPPED = Path(__file__).parent
_MOST_WORDS = 1024 * 1024
"""Bytes of the list of everyday words; the English one has 94,000."""
_CODE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


def own_folder() -> Path:
    """Return where a person's own languages are kept; it need not exist."""
    return platformdirs.user_data_path("voicecoach") / "languages"


def load_language(code: str = "en") -> Language:
    """Read and check a language by its code, such as ``en`` or ``en-GB``. Raises ``LanguageError``."""
    return _load(language_file(code))


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that there are, a person's own among them."""
    found: set[str] = set()
    for folder in _folders():
        with suppress(OSError):  # a folder that may not be read holds nothing for us
            found.update(path.stem for path in folder.glob("*.toml") if _CODE.fullmatch(path.stem))
    return tuple(sorted(found))


def language_file(code: str) -> Path:
    """Return the file of a language: a person's own first, that of a region before that of the language.

    Raises ``LanguageError`` where there is none.
    """
    if _CODE.fullmatch(code):
        for name in dict.fromkeys((code, code.partition("-")[0])):
            for folder in _folders():
                file = folder / f"{name}.toml"
                if os.path.isfile(file):  # noqa: PTH113 - is_file raises where we may not go
                    return file
    known = languages()
    problem = f"there is no language {code!r}{suggest(code, known)}; there are: {', '.join(known)}"
    raise LanguageError("language", None, problem, allowed=f"or a file of your own: {own_folder()}/CODE.toml")


def _folders() -> tuple[Path, ...]:
    return own_folder(), _SHIPPED


@functools.cache
def _load(file: Path) -> Language:
    table, places = read_toml(file, LanguageError)
    language = replace(read_language(table, file.stem, file, places), everyday=_everyday(file.with_suffix(".words")))
    english = read_toml(_SHIPPED / "en.toml", LanguageError)[0]
    check_complete(table, language, english, file, places)
    return language


def _everyday(file: Path) -> tuple[str, ...]:
    """Return the words of ``CODE.words``, one a line; none where a language has no such file."""
    if not os.path.exists(file):  # noqa: PTH110 - Path's raises where we may not go
        return ()
    short = "a list of everyday words is shorter"
    lines = read_guarded_text(file, _MOST_WORDS, LanguageError, line=None, short=short).splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
