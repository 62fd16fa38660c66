"""A routine as a page to print and give to somebody: plain HTML, large enough to be read from the floor.

Rule: one file that needs nothing else: no script, no font, no picture, no address. Every text of the routine is
escaped, and every other comes from the language of the routine (``phrases``). It is read aloud in the right order:
headings, lists, and nothing told by colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources

from voicecoach.core.dose import Range
from voicecoach.core.dose_words import minutes_in_words
from voicecoach.core.events import Command
from voicecoach.core.routine import Block, Exercise, PainPolicy, Routine
from voicecoach.exchange.given import is_group
from voicecoach.exchange.phrases import Phrases
from voicecoach.ports import Exported

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself refuses whatever would come from elsewhere."""

_SAY = (
    ("say_pain", (Command.PAIN,)),
    ("say_stop", (Command.STOP, Command.PAUSE)),
    ("say_how", (Command.HOW,)),
    ("say_easier", (Command.EASIER,)),
    ("say_next", (Command.NEXT,)),
)
_FILE = re.compile(r"\S+\.(?:txt|pdf|md|html?|docx?|odt|toml)", re.IGNORECASE)
"""A source that is the name of a file: it says nothing to whoever reads the page."""


def as_handout(routine: Routine, seconds: float) -> Exported:
    """Return the page, in UTF-8. ``seconds`` is how long a session lasts."""
    phrases = Phrases(routine.language)
    style = resources.files(__package__).joinpath("handout.css").read_text("utf-8")
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{escape(routine.language)}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
        f"<title>{escape(routine.title)}</title>",
        f"<style>\n{style}</style>",
        "</head>",
        "<body>",
        *_Page(phrases).lines(routine, minutes_in_words(seconds)),
        "</body>",
        "</html>",
    ]
    lost = ["reminders, the short forms, what is said at the beginning and the end, and how doses grow"]
    if routine.variants:
        lost.append("easier and harder forms")
    if phrases.borrowed:
        lost.append(f"set phrases in the language {routine.language}, which has none for them: they are in English")
    return Exported(("\n".join(lines) + "\n").encode("utf-8", "xmlcharrefreplace"), tuple(lost))


class _Page:
    """The parts of a page, in one language."""

    def __init__(self, phrases: Phrases) -> None:
        self._say = phrases
        self._html = phrases.html

    def lines(self, routine: Routine, minutes: str) -> Iterator[str]:
        yield from self._header(routine, minutes)
        yield "<main>"
        for block in routine.blocks:
            yield from self._block(block)
        yield "</main>"
        yield from self._footer(routine)

    def _header(self, routine: Routine, minutes: str) -> Iterator[str]:
        count = len(routine.exercises)
        yield "<header>"
        yield f"<h1>{escape(routine.title)}</h1>"
        yield _paragraph(escape(routine.summary or ""), "lead")
        facts = [self._html("exercises", Range(count, count)), self._html("about", length=minutes)]
        yield _paragraph(" · ".join(filter(None, (*facts, escape(routine.frequency or "")))), "facts")
        yield _paragraph(self._labelled("at_hand", "; ".join(routine.at_hand)), "facts")
        line = '<span class="line"></span>'
        whom = self._html("for_whom", person="\0", day="\0").replace("\0", line)
        yield f'<p class="who">{whom}</p>'
        yield f'<section class="care" aria-labelledby="care"><h2 id="care">{self._html("before")}</h2>'
        lines = [self._html("not_advice"), *map(escape, routine.contraindications)]
        yield _list([*lines, *filter(None, [self._pain(routine)])])
        yield "</section>"
        yield "</header>"

    def _pain(self, routine: Routine) -> str:
        """Return the pain that a prescriber allows; nothing where the strict rules hold."""
        if routine.pain_policy is PainPolicy.STRICT:
            return ""
        tolerated, ends = str(routine.pain.tolerated), str(routine.pain.ends_above)
        who, day = routine.prescriber or "", routine.review_on or ""
        return self._html("pain_allowed", prescriber=who, tolerated=tolerated, day=day, ends=ends)

    def _block(self, block: Block) -> Iterator[str]:
        if not is_group(block):
            for exercise in block.exercises:
                yield from self._exercise(exercise, "h2")
            return
        how = self._say.marked(self._say.block(block))
        yield '<section class="block">'
        yield f"<h2>{escape(block.title or '') or how or self._html('block')}</h2>"
        yield _paragraph(how if block.title else "", "facts")
        for exercise in block.exercises:
            yield from self._exercise(exercise, "h3")
        yield "</section>"

    def _exercise(self, exercise: Exercise, heading: str) -> Iterator[str]:
        yield '<article class="exercise">'
        yield f"<{heading}>{escape(exercise.name)}</{heading}>"
        yield _paragraph(self._say.marked(self._say.dose(exercise)), "dose")
        yield _paragraph(f"{self._html('position')}: {self._html(exercise.position.value)}", "facts")
        yield _paragraph(self._labelled("at_hand", "; ".join(exercise.equipment)), "facts")
        yield _paragraph(self._labelled("sides", "; ".join(exercise.limbs)), "facts")
        yield _paragraph(self._labelled("pace", self._say.pace(exercise)), "facts")
        yield _list(map(escape, (*exercise.setup, *exercise.steps)), ordered=True)
        for key, text in (
            ("breathing", exercise.breathing or ""),
            ("avoid", " ".join(exercise.avoid)),
            ("way_out", exercise.exit),
        ):
            if text:
                yield f"<p><b>{self._html(key)}:</b> {escape(text)}</p>"
        if assumed := self._say.assumed(exercise):
            yield _paragraph(self._html("assumed", what=assumed), "small")
        yield "</article>"

    def _footer(self, routine: Routine) -> Iterator[str]:
        yield "<footer>"
        yield f'<section class="say" aria-labelledby="say"><h2 id="say">{self._html("say")}</h2><dl>'
        resume = self._said(Command.RESUME)
        for key, commands in _SAY:
            words = ", ".join(f"“{escape(self._said(command))}”" for command in commands)
            what = self._html(key, resume=resume) if key == "say_stop" else self._html(key)
            yield f"<div><dt>{words}</dt><dd>{what}</dd></div>"
        yield "</dl></section>"
        source = routine.source or ""
        named = all(_FILE.fullmatch(part) for part in re.split(r"[,;]\s*", source))
        names = {"prescriber": routine.prescriber, "author": routine.author, "source": "" if named else source}
        told = [self._html(key, name=text) for key, text in names.items() if text]
        yield _paragraph(" ".join([*told, self._html("made")]), "small")
        yield "</footer>"

    def _said(self, command: Command) -> str:
        """Return what is said for a command, in the language that the coach understands."""
        return self._say.language.phrases_of(command)[0]

    def _labelled(self, key: str, text: str) -> str:
        return f"{self._html(key)}: {escape(text)}" if text else ""


def _paragraph(html: str, kind: str) -> str:
    return f'<p class="{kind}">{html}</p>' if html else ""


def _list(lines: Iterable[str], *, ordered: bool = False) -> str:
    items = "".join(f"<li>{line}</li>" for line in lines)
    kind = "ol" if ordered else "ul"
    return f"<{kind}>{items}</{kind}>" if items else ""
