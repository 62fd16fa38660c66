"""The page to print: what is on it, and what it is to a browser."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.exchange.routines import MONITORED, NASTY, SHIPPED, routine, shipped_routine
from tests.history.browser import DARK, LIGHT, Browser
from voicecoach.exchange.handout import as_handout

VOID = {"meta"}


class Outline(HTMLParser):
    """The elements of a page, checked to be closed in the right order, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.words = ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            self.headings[-1] = (self.headings[-1][0], data)


@pytest.mark.parametrize("name", SHIPPED)
def test_everything_that_a_person_needs_is_on_it(name: str) -> None:
    made = shipped_routine(name)
    outline = Outline(as_handout(made, 720.0).data.decode())
    for words in (made.title, made.summary or "", *made.contraindications, *made.equipment):
        assert words in outline.words
    for exercise in made.exercises:
        for words in (exercise.name, *exercise.setup, *exercise.steps, *exercise.avoid, exercise.exit):
            assert words in outline.words
    assert outline.tags.count("article") == len(made.exercises)
    assert not {"script", "img", "link", "iframe", "svg", "a"} & set(outline.tags)


@pytest.mark.parametrize("name", [*SHIPPED, "with blocks"])
def test_headings_follow_one_another_without_a_gap(name: str, tmp_path: Path) -> None:
    made = shipped_routine(name) if name in SHIPPED else routine(tmp_path, NASTY)
    headings = Outline(as_handout(made, 720.0).data.decode()).headings
    assert [level for level, _ in headings].count(1) == 1
    assert headings[0][0] == 1
    for (before, _), (after, words) in itertools.pairwise(headings):
        assert after <= before + 1, words


def test_nothing_in_a_text_becomes_markup(tmp_path: Path) -> None:
    made = routine(tmp_path, NASTY)
    page = as_handout(made, 60.0).data.decode()
    outline = Outline(page)
    assert "script" not in outline.tags
    assert made.title in outline.words
    assert "<script>alert(1)</script>" in outline.words
    assert '<html lang="de">' in page
    assert any("in English" in sentence for sentence in as_handout(made, 60.0).lost)


def test_rounds_and_what_a_prescriber_allows_are_told(tmp_path: Path) -> None:
    words = Outline(as_handout(routine(tmp_path, NASTY), 60.0).data.decode()).words
    assert "3 rounds, 10-20 s rest between them" in words
    assert "2-3 sets, 3-5 times on each side, hold 3-4 breaths, 12.5 s rest between sets, 7 s rest afterwards" in words
    assert "Not from the source, chosen by the author: hold, rest after." in words
    words = Outline(as_handout(routine(tmp_path, MONITORED), 60.0).data.decode()).words
    assert "Dr. Ada Example allows pain up to 3 of 10 until 2027-01-31; above 4 the session is over." in words


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(tmp_path_factory.mktemp("browser"))


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, Path]:
    made = {name: shipped_routine(name) for name in ("first-steps", "lumbar-stabilisation")}
    made["nasty"] = routine(tmp_path, NASTY)
    for name, one in made.items():
        (tmp_path / f"{name}.html").write_bytes(as_handout(one, 720.0).data)
    return {name: tmp_path / f"{name}.html" for name in made}


def test_the_browser_complains_of_nothing_and_draws_the_same_by_day_and_night(
    browser: Browser, pages: dict[str, Path]
) -> None:
    for page in pages.values():
        assert "<h1>" in browser.dom(page)
    light, dark = (browser.screenshot(pages["first-steps"], mode) for mode in (LIGHT, DARK))
    assert light.pixels == dark.pixels
    assert light.at(2, 2) == (255, 255, 255)


def test_a_narrow_window_shows_it_without_scrolling_sideways(browser: Browser, pages: dict[str, Path]) -> None:
    for page in (pages["lumbar-stabilisation"], pages["nasty"]):
        frame = page.with_name("frame.html")
        frame.write_text(
            f"<body style='margin:0;background:#0f0'><iframe src='{page.as_uri()}' "
            "style='width:330px;height:900px;border:0;display:block'></iframe>",
            "utf-8",
        )
        drawn = browser.screenshot(frame, width=600, height=900)
        assert drawn.at(500, 450) == (0, 255, 0)
        assert all(drawn.at(x, 895) == (255, 255, 255) for x in (3, 10, 60)), "a scroll bar at the bottom"


def test_on_paper_it_is_a_few_pages(browser: Browser, pages: dict[str, Path]) -> None:
    for name, most in (("first-steps", 2), ("lumbar-stabilisation", 6)):
        pdf = browser.pdf(pages[name])
        assert 1 <= len(re.findall(rb"/Type ?/Page\b", pdf)) <= most
