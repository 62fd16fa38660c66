"""The texts of a routine or an exercise in another language: ``[text.de]`` in its file, or ``NAME.de.toml`` beside it.

Rule: a translation is whole or it is none: whoever lies on the floor must not hear half of what to avoid. Only texts
are translated; what is done, how much and for how long stands in one place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voicecoach.complaints import listing
from voicecoach.core.dose import Noun
from voicecoach.core.routine import Text
from voicecoach.loading.library import LANGUAGE_CODE, Library
from voicecoach.loading.silence import silenced
from voicecoach.loading.source import RoutineError, Source, slugify
from voicecoach.toml_lines import KeyPath


class _Texts(Noun):
    """Every text that may be translated; read alone, so that what is wrong with one is told where it stands."""

    name: Text = ""
    say_as: Text = ""
    short: Text = ""
    exit: Text = ""
    breathing: Text = ""
    title: Text = ""
    summary: Text = ""
    frequency: Text = ""
    setup: tuple[Text, ...] = ()
    steps: tuple[Text, ...] = ()
    avoid: tuple[Text, ...] = ()
    limbs: tuple[Text, ...] = ()
    equipment: tuple[Text, ...] = ()
    contraindications: tuple[Text, ...] = ()
    welcome: tuple[Text, ...] = ()
    farewell: tuple[Text, ...] = ()


EXERCISE_TEXTS = frozenset(
    {"name", "say_as", "setup", "steps", "short", "cues", "avoid", "exit", "breathing", "limbs", "equipment"}
)
ROUTINE_TEXTS = frozenset(
    {"title", "summary", "frequency", "contraindications", "welcome", "farewell", "equipment", "blocks", "exercise"}
)
"""``blocks`` is a table from the titles of blocks to their translations; ``exercise`` one of tables by slug."""

_OPTIONAL = {"say_as"}
"""A text that one language may need and another not: a name that is spoken otherwise than it is written."""


class UntranslatedError(RoutineError):
    """A routine is not, or not wholly, translated."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts of one file in one language, and where they are written."""

    code: str
    source: Source
    where: KeyPath = ()
    texts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, original: Source, library: Library, code: str, known: frozenset[str]) -> Translation:
        """Find the texts of ``original`` in the language ``code``. Raises ``RoutineError``.

        ``known`` are the keys that they may have. Where there are none at all, that is an ``UntranslatedError``.
        """
        for name in dict.fromkeys((code, code.partition("-")[0])):
            own, path = _tables(original).get(name), library.translation(original.path, name)
            if own is not None and path is not None:
                original.fail(("text", name), f"this translation stands twice: here and in {path}")
            if path is not None:
                source = Source.read(path)
                return cls(name, source, (), source.table).checked(known)
            if own is not None:
                return cls(name, original, ("text", name), own).checked(known)
        problem, allowed = f"this is not translated ({code})", f"[text.{code}], or {original.path.stem}.{code}.toml"
        raise UntranslatedError(original.path, None, problem, allowed=allowed)

    def within(self, slug: str) -> Translation:
        """Return what a routine's translation says of one exercise. Raises ``RoutineError``."""
        tables = self.texts.get("exercise", {})
        where = (*self.where, "exercise")
        if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
            name = ".".join(str(part) for part in where)
            self.source.fail(where, "this must be tables, one for each exercise", None, f"[{name}.{slug}]")
        return Translation(self.code, self.source, (*where, slug), tables.get(slug, {})).checked(EXERCISE_TEXTS)

    def put_into(
        self, fields: Mapping[str, Any], texts: frozenset[str], what: str, base: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """Return ``fields`` with every one of ``texts`` translated. Raises ``UntranslatedError`` for the first gap.

        ``base`` are the keys that ``what`` has from elsewhere, translated there.
        """
        for key in sorted(self.texts.keys() & texts - fields.keys() - base - _OPTIONAL):
            self.source.fail((*self.where, key), f"{what} has no {key} to be translated")
        if lost := [key for key in fields if key in texts and key not in self.texts and key not in _OPTIONAL]:
            line = self.source.line(self.where)
            raise UntranslatedError(self.source.path, line, f"{what}: {', '.join(lost)} not translated ({self.code})")
        mine = {key: self.texts[key] for key in self.texts if key in texts and (key in fields or key in _OPTIONAL)}
        for key in mine.keys() & fields.keys():
            self._check_alike(key, fields[key])
        return {key: value for key, value in fields.items() if key not in texts} | mine

    def title_of(self, block: str) -> str:
        """Return the title of a block. Raises ``UntranslatedError``."""
        titles, where = self.texts.get("blocks", {}), (*self.where, "blocks")
        if not isinstance(titles, dict) or not isinstance(titles.get(block), str):
            allowed = f'[{".".join(map(str, where))}] with "{block}" = "…"'
            problem = f"the block {block!r} is not translated ({self.code})"
            raise UntranslatedError(self.source.path, self.source.line(where), problem, allowed=allowed)
        return str(titles[block])

    def check_used(self, slugs: frozenset[str]) -> None:
        """Refuse texts for an exercise that the routine does not have. Raises ``RoutineError``."""
        for slug in self.texts.get("exercise", {}):
            if slug not in slugs:
                where = (*self.where, "exercise", slug)
                self.source.fail(where, "the routine has no such exercise", None, listing(slugs))

    def checked(self, known: frozenset[str]) -> Translation:
        """Return it, if its keys are ``known`` and its texts are texts. Raises ``RoutineError``."""
        self.source.refuse_unknown(self.texts, self.where, known | {"lint"})
        silenced(self.source, self.texts, self.where)
        plain = {key: value for key, value in self.texts.items() if key in _Texts.model_fields}
        self.source.validate(_Texts, plain, self.where)
        return self

    def _check_alike(self, key: str, original: Any) -> None:
        """Refuse a list with fewer or more lines than its original: one of them may be what must not be done."""
        told, where = self.texts[key], (*self.where, key)
        if isinstance(original, list) and (not isinstance(told, list) or len(told) != len(original)):
            count = f"{len(told)} of the lines" if isinstance(told, list) else "one text"
            self.source.fail(where, f"{count} where the original has {len(original)}: each line needs its own")


def language_of(source: Source) -> str:
    """Return the language that a file is written in, without its region."""
    written = source.table.get("language", "en")
    return written.partition("-")[0] if isinstance(written, str) else "en"


def slug_of(source: Source, entry: Mapping[str, Any], where: KeyPath) -> str:
    """Return the slug of an exercise that has a name of its own."""
    return slugify(source.text(entry, where, "name"))


def _tables(source: Source) -> dict[str, Any]:
    tables = source.table.get("text", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        source.fail(("text",), "this must be tables, one for each language", None, "such as [text.de]")
    for code in tables:
        if not re.fullmatch(LANGUAGE_CODE, code):
            source.fail(("text", code), "this is not the code of a language", None, "such as [text.de]")
    return dict(tables)
