"""The page to print: what is on it, and what it is to a browser."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.exchange.desk import LIBRARY
from tests.exchange.routines import EVERYTHING, MONITORED, NASTY, SHIPPED, routine, shipped_routine
from tests.history.browser import DARK, LIGHT, Browser
from voicecoach.core.events import Command
from voicecoach.exchange.handout import as_handout
from voicecoach.language import languages, load_language
from voicecoach.loading.routines import load_routine

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


def test_rounds_and_what_a_prescriber_allows_are_told(tmp_path: Path) -> None:
    words = Outline(as_handout(routine(tmp_path, NASTY), 60.0).data.decode()).words
    assert "3 Runden, 10\u201320 s Erholung zwischen den Runden" in words
    assert (
        "2\u20133 Sätze, 3\u20135 Mal auf jeder Seite, halten: 3\u20134 Atemzüge, 12.5 s Erholung zwischen den Sätzen, 4 s Erholung "
        "zwischen den Wiederholungen, 90 s Erholung zwischen den Seiten, danach 7 s Erholung"
    ) in words
    assert "von dem, der es geschrieben hat: Haltezeit, Erholung danach." in words
    words = Outline(as_handout(routine(tmp_path, MONITORED), 60.0).data.decode()).words
    assert "Dr. Ada Example allows pain up to 3 of 10 until 2027-01-31; above 4 the session is over." in words


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("big-three", ["3 sets: 6, then 4, then 2 times on each side; hold 10 s; 20 s rest between sets"]),
        ("yoga-flow", ["5\u20138 breaths"]),
        ("seven-minute-circuit", ["In a circle, from one to the next, 10 s rest between exercises"]),
        ("four-minute-intervals", ["Work and rest by the clock, 4 rounds, 10 s rest between exercises"]),
    ],
)
def test_a_dose_reads_well(name: str, lines: list[str]) -> None:
    words = Outline(as_handout(shipped_routine(name), 60.0).data.decode()).words
    for line in lines:
        assert line in words


def test_how_a_block_is_done_is_told(tmp_path: Path) -> None:
    outline = Outline(as_handout(routine(tmp_path, EVERYTHING), 60.0).data.decode())
    assert (2, "As you like (10 rounds)") in outline.headings
    assert (2, "Work and rest by the clock, 4 rounds, 10 s rest between exercises") in outline.headings
    for line in (
        "As many rounds as you like in 10 min",
        "Every 90 s one of these, 2 rounds",
        "One after the other, without a rest, 2 rounds, 45 s rest between rounds",
        "2 rounds, 5 s rest between exercises, 30\u201360 s rest between rounds, in another order each time",
        "3 sets, 5\u20138 breaths, 12.5 s rest between sets, 1 min rest afterwards",
        "2 sets: as often as you like in 1 min, then 45 s",
        "3 sets: 6, then 4, then 2 times; hold 10 s; 30 s, then 20 s rest between sets",
    ):
        assert line in outline.words, line


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_it_is_wholly_in_the_language_of_its_routine(code: str) -> None:
    made = load_routine(LIBRARY.find("gentle-start"), LIBRARY, code)
    given = as_handout(made, 720.0)
    page = given.data.decode()
    assert f'<html lang="{code}">' in page
    assert 'lang="en"' not in page
    assert not any("in English" in sentence for sentence in given.lost)
    words = Outline(page).words
    for command in (Command.PAIN, Command.STOP, Command.HOW):
        assert f"“{load_language(code).phrases_of(command)[0]}”" in words
    for english in ("With the coach", "Before you begin", "Way out", "Position: on", "rest between", "Have at hand"):
        assert english not in words
    language = load_language(code)
    assert language.handout.keys() == load_language("en").handout.keys()


def test_a_language_without_set_phrases_has_english_ones_marked_as_such(tmp_path: Path) -> None:
    made = routine(tmp_path, NASTY).model_copy(update={"language": "pl"})
    given = as_handout(made, 60.0)
    assert '<h2 id="care"><span lang="en">Before you begin</span></h2>' in given.data.decode()
    assert '<p class="dose"><span lang="en">2\u20133 sets, ' in given.data.decode()
    assert any("set phrases in the language pl" in sentence for sentence in given.lost)


def test_a_source_is_shown_where_it_is_one(tmp_path: Path) -> None:
    assert ".txt" not in as_handout(shipped_routine("gentle-start"), 60.0).data.decode()
    assert "Source: S. McGill" in as_handout(shipped_routine("big-three"), 60.0).data.decode()


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
