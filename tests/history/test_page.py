"""The page without a browser: whole markup, nothing from elsewhere, nothing unescaped, figures that agree."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from tests.history.samples import NASTY, SAMPLES, TODAY, lumbar, sample_page
from voicecoach.core.report import ExerciseReport, SessionReport, TimeSpent
from voicecoach.history.figures import Period
from voicecoach.history.page import page
from voicecoach.history.plots import calendars, effort_plot, pain_plot
from voicecoach.history.summary import WHAT_IT_IS_NOT
from voicecoach.markup import text

_VOID = {"meta", "br", "img", "link", "input", "hr"}
_SVG = "{http://www.w3.org/2000/svg}"


class Reader(HTMLParser):
    """Keeps the open elements, and what it meets."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("name", SAMPLES)
def test_the_markup_is_whole_and_needs_nothing_from_elsewhere(name: str) -> None:
    markup = sample_page(name, name="Ana <Example>")
    found = read(markup)
    tags = {tag for tag, _ in found.met}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "base", "image", "use"}
    for tag, attributes in found.met:
        assert not {"src", "href", "style", "xlink:href", "srcset"} & set(attributes), tag
        assert not [key for key in attributes if key.startswith("on")], tag
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", markup)
    assert "For Ana &lt;Example&gt;" in markup
    identities = [attributes["id"] for _, attributes in found.met if attributes.get("id")]
    assert len(identities) == len(set(identities))
    assert " ".join(WHAT_IT_IS_NOT.split()) in " ".join("".join(found.words).split())
    assert markup.index('id="not"') < (markup.find("<section") if "<section" in markup else len(markup))


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "nothing"])
def test_every_plot_is_xml_with_title_axes_and_words(name: str) -> None:
    markup = sample_page(name)
    drawn = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", markup, re.DOTALL)]  # noqa: S314 - our own
    plots = [svg for svg in drawn if svg.get("role") == "img"]
    assert len(plots) >= 2
    assert len(plots) == markup.count("<figure>")
    for svg in plots:
        identities = {element.get("id"): element.text for element in svg if element.get("id")}
        for identity in str(svg.get("aria-labelledby")).split():
            assert identities[identity]
        assert len([t for t in svg.iter(f"{_SVG}text") if t.get("class") == "axis"]) == 2
    for svg in drawn:
        assert svg.get("role") == "img" or svg.get("aria-hidden") == "true"


def test_names_stay_names() -> None:
    markup = sample_page("nasty", name=NASTY)
    assert NASTY not in markup
    assert "<script" not in markup
    assert markup.count(text(NASTY)) > 8
    assert "\N{REPLACEMENT CHARACTER}" in text("a\x00b\ud800")
    words = read(markup).words
    assert NASTY in words


def period(name: str) -> Period:
    return Period(SAMPLES[name](), until=TODAY)


def test_a_dot_for_each_score_and_a_tick_for_each_silence() -> None:
    found = period("rising")
    bridge = next(figures for figures in found.exercises if figures.slug == "bridge")
    svg = ET.fromstring(pain_plot("p", bridge, found))  # noqa: S314
    marks = [e for e in svg.iter() if "mark" in (e.get("class") or "").split()]
    assert len(marks) == len(bridge.pains) == 9
    kinds = [str(e.get("class")).split()[1] for e in marks]
    assert kinds == ["circle"] * 6 + ["square"] * 2 + ["diamond"]
    ticks = [e for e in svg.iter() if e.get("class") == "rug"]
    assert len(ticks) == 3  # three sessions coached it without a word of pain
    heights = {str(e.get("cy")) for e in marks if e.get("cy")}
    assert len(heights) == 3  # scores 1, 2 and 3


def test_no_line_leads_over_a_gap() -> None:
    found = period("rising")
    bridge = next(figures for figures in found.exercises if figures.slug == "bridge")
    svg = ET.fromstring(pain_plot("p", bridge, found))  # noqa: S314
    lines = [e for e in svg.iter() if e.get("class") == "join"]
    # scores were 1 - 2 2 - 2 3 3 - 4 4 5: joined within a run, never over a session without a word
    assert len(lines) == 1 + 2 + 2


def test_a_score_that_was_not_said_is_no_dot() -> None:
    found = period("long")
    reach = next(figures for figures in found.exercises if figures.slug == "quadruped-arm-reach")
    svg = ET.fromstring(pain_plot("p", reach, found))  # noqa: S314
    assert not [e for e in svg.iter() if "mark" in (e.get("class") or "").split()]
    unscored = [e for e in svg.iter() if e.get("class") == "unscored"]
    assert len(unscored) == len(reach.pains) > 0


@pytest.mark.parametrize(("name", "strips"), [("one", 1), ("long", 1)])
def test_the_calendar_has_each_day_once(name: str, strips: int) -> None:
    found = period(name)
    drawn = calendars("c", found)
    assert len(drawn) == strips
    svgs = [ET.fromstring(svg) for svg in drawn]  # noqa: S314
    kinds = [str(e.get("class")) for svg in svgs for e in svg.iter() if (e.get("class") or "").startswith("day ")]
    assert kinds.count("day none") == found.days - len(found.days_trained)
    assert kinds.count("day full") + kinds.count("day part") == len(found.days_trained)
    assert kinds.count("day part") == kinds.count("day half")
    hurt = [e for svg in svgs for e in svg.iter() if e.get("class") == "hurt"]
    assert len(hurt) == found.sessions_with_pain


def test_a_long_time_has_a_strip_for_each_half_year() -> None:
    from datetime import date

    found = Period(SAMPLES["long"](), until=TODAY, since=date(2025, 9, 1))
    drawn = calendars("c", found)
    assert len(drawn) == 3
    assert sum(svg.count('class="day none"') for svg in drawn) == found.days - len(found.days_trained)


def test_effort_has_a_dot_where_it_was_said() -> None:
    found = period("long")
    svg = effort_plot("e", found)
    assert svg.count('class="mark effort"') == len(found.efforts) < len(found.sessions)


def hand_made() -> SessionReport:
    plan = lumbar()
    exercises = tuple(ExerciseReport(e.slug, e.name, ()) for e in plan.exercises)
    return SessionReport("1", "r", "R", "2026-11-20T10:00:00", None, "unfinished", TimeSpent(), exercises)


def test_a_report_with_nothing_in_it_still_makes_a_page() -> None:
    read(page(Period([hand_made()], until=TODAY)))
