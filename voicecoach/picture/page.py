"""A page to print: the timeline, and a table of what is done, with the way out of each position.

Rule: one file that needs nothing else: no script, no font, no address. Every word from outside goes through
``markup.text``; what the picture shows stands in words beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from voicecoach.core.dose_words import dose_in_words
from voicecoach.core.routine import Exercise, Routine
from voicecoach.exchange.phrases import Phrases
from voicecoach.markup import tag, text
from voicecoach.picture.course import Course, Part
from voicecoach.picture.svg import NAMES, picture, style
from voicecoach.picture.words import clock, length, ways

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself refuses whatever would come from elsewhere."""


def page(routine: Routine, course: Course, version: str = "") -> str:
    """Return the page as HTML."""
    sheet = resources.files(__package__).joinpath("page.css").read_text("utf-8")
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        tag("title", text(routine.title)),
        f"<style>\n{sheet}{style()}</style>",
    ]
    body = [
        tag("header", *_header(routine)),
        tag("main", _facts(routine, course), _figure(routine, course), _table(routine, course)),
        tag("footer", tag("p", text(_footer(routine, version)))),
    ]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def _header(routine: Routine) -> Iterator[str]:
    yield tag("h1", text(routine.title), lang=routine.language)
    if routine.summary:
        yield tag("p", text(routine.summary), class_="lead", lang=routine.language)
    if routine.contraindications:
        warnings = (tag("li", text(warning)) for warning in routine.contraindications)
        yield tag("div", tag("b", "Take care"), tag("ul", *warnings), class_="care", lang=routine.language)


def _facts(routine: Routine, course: Course) -> str:
    own = " and what you end yourself" if course.open_ended else ""
    order, figures = ways(course)
    shares = [f"{NAMES[part]} {length(course.total(part))}" for part in Part if course.total(part) >= 0.5]
    facts = [
        ("Length", f"about {length(course.seconds)}{own}: {', '.join(shares)}"),
        ("Have at hand", ", ".join(routine.at_hand) or "nothing"),
        ("Positions", f"{order}: {figures}"),
    ]
    for what, words in (("How often", routine.frequency), ("Prescribed by", routine.prescriber)):
        if words:
            facts.append((what, words))
    return tag("dl", *(tag("dt", text(what)) + tag("dd", text(words)) for what, words in facts), id="facts")


def _figure(routine: Routine, course: Course) -> str:
    return tag("figure", tag("h2", "How the time goes"), picture(routine, course, inside=True), id="timeline")


def _table(routine: Routine, course: Course) -> str:
    heads = ("Begins", "Exercise", "How much", "The way out")
    starts = {id(visit.exercise): visit.start for visit in reversed(course.visits)}
    bodies = []
    for block in routine.blocks:
        rows = [_row(exercise, starts.get(id(exercise))) for exercise in block.exercises]
        if (how := Phrases("en").block(block)) or block.title:
            heading = text(": ".join(filter(None, (block.title, how))))
            rows.insert(0, tag("tr", tag("th", heading, colspan=4, scope="rowgroup", class_="block")))
        bodies.append(tag("tbody", *rows, lang=routine.language))
    head = tag("thead", tag("tr", *(tag("th", text(head), scope="col") for head in heads)))
    return tag("section", tag("h2", "What is done"), tag("table", head, *bodies), id="exercises")


def _row(exercise: Exercise, start: float | None) -> str:
    assumed = exercise.dose.assumed
    note = f" (assumed{': ' + ', '.join(assumed) if isinstance(assumed, tuple) else ''})" if assumed else ""
    short = tag("span", text(exercise.short), class_="sub") if exercise.short else ""
    return tag(
        "tr",
        tag("td", "" if start is None else clock(start), class_="begins"),
        tag("th", text(exercise.name), tag("span", exercise.position.value, class_="sub"), scope="row"),
        tag("td", text(dose_in_words(exercise.dose, exercise) + note), short),
        tag("td", text(exercise.exit)),
    )


def _footer(routine: Routine, version: str) -> str:
    source = f" Source: {routine.source}." if routine.source else ""
    return (
        f"Times are estimates. No medical advice: ask a doctor or physiotherapist first; if it hurts, come out."
        f"{source} Made by voicecoach {version}".rstrip()
        + "."
    )
