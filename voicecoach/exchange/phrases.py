"""The set phrases of a page that is printed, in the language of its routine: headings, doses, how a block is done.

Rule: every word that a page adds to the routine's own comes from here. What a language lacks is English, is marked as
such in the page, and is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from html import escape

from voicecoach.core.block import Block, Manner
from voicecoach.core.dose import Range
from voicecoach.core.dose_parts import Part, dose_parts, figure
from voicecoach.core.routine import Exercise
from voicecoach.language import Language, LanguageError, load_language

ENGLISH = "en"
_DASH = "\u2013"


def language_of(code: str) -> Language:
    """Return a language; English where there is none of this code, or its file is broken (``check`` says so)."""
    try:
        return load_language(code)
    except LanguageError:
        return load_language(ENGLISH)


class Phrases:
    """The phrases of one language, as text."""

    def __init__(self, code: str) -> None:
        self.language = language_of(code)
        self._english = load_language(ENGLISH)
        self.borrowed: set[str] = set()
        """The keys of phrases that were wanted, and are in English because the language has none."""
        self.foreign = not code.startswith(ENGLISH)

    def has(self, key: str) -> bool:
        """Tell whether a phrase is in the language of the page."""
        return not self.foreign or (self.language.code != ENGLISH and key in self.language.handout)

    def of(self, key: str, number: Range | None = None, **values: str) -> str:
        """Return a phrase; ``number`` is the one in it, and chooses its form."""
        own = self.has(key)
        if not own:
            self.borrowed.add(key)
        language = self.language if own and key in self.language.handout else self._english
        pattern = language.handout[key]
        if number is not None:
            values["number"] = figure(number, _DASH)
        if not isinstance(pattern, str):
            high = 0.0 if number is None else number.high
            pattern = pattern[language.form_of(int(high) if high % 1 == 0 else high)]
        return pattern.format_map(values)

    def html(self, key: str, number: Range | None = None, **values: str) -> str:
        """Return a phrase as HTML, marked where it is in another language than the page; ``values`` are text."""
        return self.marked(self.of(key, number, **values), key)

    def marked(self, text: str, key: str = "sets") -> str:
        """Return a text made of phrases as HTML; ``key`` is one of them."""
        return escape(text) if self.has(key) or not text else f'<span lang="{ENGLISH}">{escape(text)}</span>'

    # --- Doses --------------------------------------------------------------------------------------------------------

    def dose(self, exercise: Exercise) -> str:
        """Return a dose: ``3 sets: 6, then 4, then 2 times on each side; hold 5 s; 30 s rest between sets``."""
        parts = {part.key: part for part in dose_parts(exercise.dose, exercise)}
        sets = parts.pop("sets")
        found = [self._part(part, exercise) for key, part in parts.items() if key != "tempo"]
        if not parts.keys() & _COUNTED and exercise.limbs:
            found.insert(0, self._each(self.of("reps", Range(1, 1)), exercise))
        if sets.figures[0].high == 1:
            return ", ".join(found)
        told = self.of("sets", sets.figures[0])
        if any(len(part.figures) > 1 for part in parts.values()):
            return f"{told}: {'; '.join(found)}"
        return ", ".join([told, *found])

    def _part(self, part: Part, exercise: Exercise) -> str:
        match part.key:
            case "open":
                return self.of("open")
            case "reps" | "breaths":
                last = self.of(part.key, part.figures[-1])
                told = self._row([*(figure(one, _DASH) for one in part.figures[:-1]), last])
            case "hold" if part.breaths:
                counted = [*(figure(one, _DASH) for one in part.figures[:-1]), self.of("breaths", part.figures[-1])]
                return self.of("hold", span=self._row(counted))
            case "time":
                told = self.spans(part.figures)
            case "amrap":
                told = self.of("amrap", span=self.spans(part.figures))
            case _:
                return self.of(part.key, span=self.spans(part.figures))
        return self._each(told, exercise) if part.each else told

    def _each(self, told: str, exercise: Exercise) -> str:
        return self.of("each_side" if len(exercise.limbs) == 2 else "each_limb", what=told)

    def _row(self, told: Sequence[str]) -> str:
        return reduce(lambda first, following: self.of("then", first=first, next=following), told)

    def spans(self, spans: Sequence[Range]) -> str:
        """Return spans of time, one after the other."""
        return self._row([length(span) for span in spans])

    def pace(self, exercise: Exercise) -> str:
        """Return the tempo of a repetition: ``2 s down, 2 s up``; nothing where there is none."""
        tempo = exercise.dose.tempo
        if tempo is None:
            return ""
        phases = (("down", tempo.down), ("pause", tempo.pause), ("up", tempo.up), ("pause", tempo.top))
        return ", ".join(self.of(key, span=f"{figure(Range(span, span))} s") for key, span in phases if span)

    def assumed(self, exercise: Exercise) -> str:
        """Return which figures of a dose no source gives; nothing where each has one."""
        assumed = exercise.dose.assumed
        if assumed is True:
            return self.of("assumed_all")
        return ", ".join(self.of(f"name_{key}") for key in assumed) if assumed else ""

    # --- Blocks -------------------------------------------------------------------------------------------------------

    def block(self, block: Block) -> str:
        """Return how a block is gone through: ``Every 60 s one of these, 4 rounds``; nothing if once and plainly."""
        lasts = length(block.lasts) if block.lasts else ""
        match block.style:
            case Manner.AMRAP:
                found = [self.of("many_rounds", span=lasts)]
            case Manner.EMOM if block.every:
                found = [self.of("emom", span=length(block.every))]
            case None:
                found = []
            case style:
                found = [self.of(style.value)]
        if block.repeat > 1:
            found.append(self.of("rounds", Range(block.repeat, block.repeat)))
        if block.rest_between:
            found.append(self.of("rest_between", span=length(block.rest_between)))
        if block.rest and block.repeat > 1:
            found.append(self.of("rest_between_rounds", span=length(block.rest)))
        if block.shuffle:
            found.append(self.of("shuffle"))
        told = ", ".join(found)
        return told[:1].upper() + told[1:]


_COUNTED = frozenset({"open", "reps", "time", "breaths", "amrap"})


def length(span: Range) -> str:
    """Return a span of time: ``45 s``, ``2 min``."""
    if span.low >= 60 and span.low % 60 == span.high % 60 == 0:
        return f"{figure(Range(span.low / 60, span.high / 60), _DASH)} min"
    return f"{figure(span, _DASH)} s"
