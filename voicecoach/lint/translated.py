"""Translations within a file that are begun and not whole: nobody would ever hear them.

Rule: what is missing is a warning, because the routine is played all the same, as it is written; what is wrong in a
translation is an error, as it would be for whoever plays it in that language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from voicecoach.lint.finding import Finding
from voicecoach.lint.lines import warn
from voicecoach.loading.source import RoutineError, Source
from voicecoach.loading.translations import UntranslatedError


def gaps(source: Source, read: Callable[[str], object]) -> Iterator[Finding]:
    """Look at every ``[text.xx]`` of a file; ``read`` reads the file in a language. It raises ``RoutineError``."""
    tables = source.table.get("text", {})
    for code in tables if isinstance(tables, dict) else ():
        try:
            read(code)
        except RoutineError as error:
            for one in error.all:
                if not isinstance(one, UntranslatedError):
                    yield Finding(one)
                    continue
                where = "" if one.file == source.path else f"{one.file}: "
                yield warn(source, "L19", ("text", code), f"{where}{one.problem}", None, one.allowed or _WHOLE)


_WHOLE = "all of it, or none: half a translation is never played"
