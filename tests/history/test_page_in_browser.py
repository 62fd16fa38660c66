"""The page as Chromium draws it: light, dark, narrow, on paper."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from tests.history.browser import DARK, LIGHT, Browser, Picture
from tests.history.samples import SAMPLES, sample_page


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name in SAMPLES:
        (folder / f"{name}.html").write_text(sample_page(name), "utf-8")
    return {name: folder / f"{name}.html" for name in SAMPLES}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_browser_finds_every_part_and_complains_of_nothing(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    dom = browser.dom(pages[name])
    parts = {"not", "summary"} | ({"nothing"} if name == "nothing" else {"exercises", "pain", "days", "sessions"})
    for part in parts:
        assert f'id="{part}"' in dom
    assert "<script" not in dom
    assert dom.count("<svg") == dom.count("</svg>")
    assert dom.count("<figure>") == sample_page(name).count("<figure>")


def brightness(colour: tuple[int, ...]) -> int:
    return sum(colour)


def test_light_and_dark_are_drawn_and_differ(browser: Browser, pages: dict[str, Path]) -> None:
    light, dark = (browser.screenshot(pages["rising"], mode, height=700) for mode in (LIGHT, DARK))
    for drawn in (light, dark):
        assert (drawn.width, drawn.height) == (1000, 700)
        assert len(drawn.colours) > 50
    assert light.pixels != dark.pixels
    assert brightness(light.at(2, 2)) > 700
    assert brightness(dark.at(2, 2)) < 150


def _is_orange(pixel: bytes) -> bool:
    return pixel[0] > 150 and pixel[2] < 60 and 40 < pixel[1] < 110


def test_pain_is_seen_where_there_is_some(browser: Browser, pages: dict[str, Path]) -> None:
    def orange(drawn: Picture) -> bool:
        return any(map(_is_orange, drawn.colours))

    half = "--force-device-scale-factor=0.5"
    assert orange(browser.screenshot(pages["rising"], LIGHT, half, height=2400))
    assert not orange(browser.screenshot(pages["one"], LIGHT, half, height=2400))


@pytest.mark.parametrize("name", ["long", "rising", "nasty", "nothing"])
def test_a_telephone_shows_it_without_scrolling_sideways(
    browser: Browser, pages: dict[str, Path], tmp_path: Path, name: str
) -> None:
    # A window is never narrower than 500 pixels; a frame is. Its scroll bar, at the bottom, would be seen.
    frame = tmp_path / "frame.html"
    frame.write_text(
        f"<body style='margin:0;background:#0f0'><iframe src='{pages[name].as_uri()}' "
        "style='width:360px;height:900px;border:0;display:block'></iframe>",
        "utf-8",
    )
    probe = tmp_path / "probe.html"
    text = (
        pages[name].read_text("utf-8").replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    )
    script = "<script>document.title = document.documentElement.scrollWidth + ' wide'</script>"
    probe.write_text(
        text.replace("</body>", f"{script}</body>").replace("<body>", '<body style="width:360px">'), "utf-8"
    )
    wide = re.search(r"<title>(\d+) wide", browser.dom(probe, "--window-size=360,900"))
    assert wide
    assert int(wide[1]) <= 500  # the least window; nothing reaches out of it
    drawn = browser.screenshot(frame, LIGHT, width=600, height=900)
    assert drawn.at(500, 450) == (0, 255, 0)
    assert all(brightness(drawn.at(358, y)) > 700 for y in range(0, 880, 20)), "something reaches the right edge"


def drawing(pdf: bytes) -> list[bytes]:
    """Everything that is drawn: the streams, unpacked."""
    found = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompress(packed))
    return sorted(stream for stream in found if b" re" in stream or b" Tf" in stream)


def test_paper_is_the_same_whether_the_screen_is_light_or_dark(browser: Browser, pages: dict[str, Path]) -> None:
    light, dark = (browser.pdf(pages["rising"], mode) for mode in (LIGHT, DARK))
    size = re.search(rb"/MediaBox ?\[0 0 (\d+)[.\d]* (\d+)", light)
    assert size
    assert (int(size[1]), int(size[2])) in {(594, 841), (595, 842)}  # A4, in points
    assert 2 <= len(re.findall(rb"/Type ?/Page\b", light)) <= 4
    assert drawing(light)
    assert drawing(light) == drawing(dark)
