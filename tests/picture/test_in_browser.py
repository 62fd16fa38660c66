"""The picture and the page as Chromium draws them: light, dark, narrow, on paper."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from tests.history.browser import DARK, LIGHT, Browser
from tests.picture.test_course import NASTY, SHIPPED, course
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.picture.page import page
from voicecoach.picture.svg import picture

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("drawn")
    nasty = folder / "nasty.toml"
    nasty.write_text(NASTY.replace("equipment = []\n", ""), "utf-8")
    routines = {"nasty": load_routine(nasty, Library((ROOT / "routines",))), **SHIPPED}
    found = {}
    for name in ("nasty", "lumbar-stabilisation"):
        for kind, make in (("svg", picture), ("html", page)):
            found[f"{name}.{kind}"] = folder / f"{name}.{kind}"
            found[f"{name}.{kind}"].write_text(make(routines[name], course(routines[name])), "utf-8")
    return found


def brightness(colour: tuple[int, ...]) -> int:
    return sum(colour)


@pytest.mark.parametrize("name", ["lumbar-stabilisation.svg", "lumbar-stabilisation.html", "nasty.svg", "nasty.html"])
def test_light_and_dark_are_drawn_and_differ(browser: Browser, drawn: dict[str, Path], name: str) -> None:
    light, dark = (browser.screenshot(drawn[name], mode, width=760, height=420) for mode in (LIGHT, DARK))
    for image in (light, dark):
        assert len(image.colours) > 20
    # The picture's own ground: its corner is within the picture, also where the window is larger than it.
    assert brightness(light.at(3, 200)) > 700
    assert brightness(dark.at(3, 200)) < 150


@pytest.mark.parametrize("name", ["lumbar-stabilisation.html", "nasty.html"])
def test_the_browser_finds_every_part_and_runs_nothing(browser: Browser, drawn: dict[str, Path], name: str) -> None:
    dom = browser.dom(drawn[name])
    for part in ("facts", "timeline", "exercises"):
        assert f'id="{part}"' in dom
    assert "<script" not in dom
    assert dom.count("<svg") == dom.count("</svg>") == 1
    assert dom.count("<tr>") == drawn[name].read_text("utf-8").count("<tr>")


@pytest.mark.parametrize("name", ["lumbar-stabilisation.html", "nasty.html"])
def test_a_telephone_shows_it_without_scrolling_sideways(
    browser: Browser, drawn: dict[str, Path], tmp_path: Path, name: str
) -> None:
    frame = tmp_path / "frame.html"
    frame.write_text(
        f"<body style='margin:0;background:#0f0'><iframe src='{drawn[name].as_uri()}' "
        "style='width:360px;height:900px;border:0;display:block'></iframe>",
        "utf-8",
    )
    image = browser.screenshot(frame, LIGHT, width=600, height=900)
    assert image.at(500, 450) == (0, 255, 0)
    # At the right edge is the page's own margin, and at the bottom no bar.
    assert all(brightness(image.at(358, y)) > 600 for y in range(0, 880, 20))


def drawing(pdf: bytes) -> list[bytes]:
    found = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompress(packed))
    return sorted(stream for stream in found if b" re" in stream or b" Tf" in stream)


def test_paper_is_a4_and_the_same_whether_the_screen_is_light_or_dark(browser: Browser, drawn: dict[str, Path]) -> None:
    light, dark = (browser.pdf(drawn["lumbar-stabilisation.html"], mode) for mode in (LIGHT, DARK))
    size = re.search(rb"/MediaBox ?\[0 0 (\d+)[.\d]* (\d+)", light)
    assert size
    assert (int(size[1]), int(size[2])) in {(594, 841), (595, 842)}  # in points
    assert 1 <= len(re.findall(rb"/Type ?/Page\b", light)) <= 2
    assert drawing(light)
    assert drawing(light) == drawing(dark)
