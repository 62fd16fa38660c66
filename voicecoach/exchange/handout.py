"""A routine as a page to print and give to somebody: plain HTML, large enough to be read from the floor.

Rule: one file that needs nothing else: no script, no font, no picture, no address. Every text of the routine is
escaped. It is read aloud in the right order: headings, lists, and nothing told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources

from voicecoach.core.dose_words import minutes_in_words
from voicecoach.core.routine import Block, Exercise, Position, Routine
from voicecoach.exchange.given import (
    NOT_ADVICE,
    assumed_words,
    beyond_a_list,
    dose_for_people,
    pace_words,
    prescribed_pain,
)
from voicecoach.ports import Exported

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself refuses whatever would come from elsewhere."""

_POSITIONS = {
    Position.SUPINE: "on your back",
    Position.HOOK_LYING: "on your back, knees bent",
    Position.PRONE: "face down",
    Position.SIDE_LYING: "on your side",
    Position.QUADRUPED: "on hands and knees",
    Position.KNEELING: "kneeling",
    Position.SEATED: "seated",
    Position.SEATED_ON_BALL: "seated on a ball",
    Position.STANDING: "standing",
}
_SAY = (
    ("“pain”", "it falls silent, tells the way out, and asks"),
    ("“stop”, “pause”", "it falls silent and waits; “resume” goes on"),
    ("“how”", "the whole explanation again"),
    ("“easier”", "a gentler form"),
    ("“next”", "on to what comes next"),
)


def as_handout(routine: Routine, seconds: float) -> Exported:
    """Return the page, in UTF-8. ``seconds`` is how long a session lasts."""
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
        *_header(routine, minutes_in_words(seconds)),
        "<main>",
        *(line for block in routine.blocks for line in _block(block)),
        "</main>",
        *_footer(routine),
        "</body>",
        "</html>",
    ]
    lost = ["reminders, the short forms, what is said at the beginning and the end, and how doses grow"]
    lost += beyond_a_list(routine)
    if not routine.language.startswith("en"):
        lost.append(f"headings in the language {routine.language}: they are in English")
    return Exported(("\n".join(lines) + "\n").encode("utf-8", "xmlcharrefreplace"), tuple(lost))


def _header(routine: Routine, minutes: str) -> Iterator[str]:
    count = len(routine.exercises)
    yield "<header>"
    yield f"<h1>{escape(routine.title)}</h1>"
    yield _paragraph(routine.summary, "lead")
    facts = [f"{count} exercise{'s' * (count != 1)}", f"about {minutes}", routine.frequency or ""]
    yield _paragraph(" · ".join(filter(None, facts)), "facts")
    yield _paragraph(f"Have at hand: {'; '.join(routine.at_hand)}" if routine.at_hand else "", "facts")
    yield '<p class="who">For <span class="line"></span> from <span class="line"></span> on</p>'
    yield '<section class="care" aria-labelledby="care"><h2 id="care">Before you begin</h2>'
    yield _list([NOT_ADVICE, *routine.contraindications, *filter(None, [prescribed_pain(routine)])])
    yield "</section>"
    yield "</header>"


def _block(block: Block) -> Iterator[str]:
    group = block.title or block.repeat > 1
    if group:
        rounds = f"{block.repeat} rounds" if block.repeat > 1 else ""
        rest = f"{block.rest} s rest between them" if block.rest and block.repeat > 1 else ""
        how = ", ".join(filter(None, (rounds, rest)))
        yield '<section class="block">'
        yield f"<h2>{escape(block.title or 'In rounds')}</h2>"
        yield _paragraph(how, "facts")
    for exercise in block.exercises:
        yield from _exercise(exercise, "h3" if group else "h2")
    if group:
        yield "</section>"


def _exercise(exercise: Exercise, heading: str) -> Iterator[str]:
    yield '<article class="exercise">'
    yield f"<{heading}>{escape(exercise.name)}</{heading}>"
    yield _paragraph(dose_for_people(exercise.dose, exercise), "dose")
    for label, words in (
        ("Position", _POSITIONS[exercise.position]),
        ("Have at hand", "; ".join(exercise.equipment)),
        ("Sides", "; ".join(exercise.limbs)),
        ("Pace", pace_words(exercise.dose)),
    ):
        yield _paragraph(f"{label}: {words}" if words else "", "facts")
    yield _list([*exercise.setup, *exercise.steps], ordered=True)
    for label, text in (
        ("Breathing", exercise.breathing),
        ("Avoid", " ".join(exercise.avoid)),
        ("Way out, whenever you need it", exercise.exit),
    ):
        if text:
            yield f"<p><b>{label}:</b> {escape(text)}</p>"
    if assumed := assumed_words(exercise.dose):
        yield _paragraph(f"Not from the source, chosen by the author: {assumed}.", "small")
    yield "</article>"


def _footer(routine: Routine) -> Iterator[str]:
    yield "<footer>"
    yield '<section class="say" aria-labelledby="say"><h2 id="say">With the coach, say</h2><dl>'
    yield from (f"<div><dt>{escape(word)}</dt><dd>{escape(what)}</dd></div>" for word, what in _SAY)
    yield "</dl></section>"
    names = (("Prescribed by", routine.prescriber), ("Written by", routine.author), ("Source", routine.source))
    told = [f"{label} {text}." for label, text in names if text]
    yield _paragraph(" ".join([*told, "Made with voicecoach."]), "small")
    yield "</footer>"


def _paragraph(text: str | None, kind: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if text else ""


def _list(lines: Iterable[str], *, ordered: bool = False) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    kind = "ol" if ordered else "ul"
    return f"<{kind}>{items}</{kind}>" if items else ""
