"""A page in a headless Chromium: what it draws, what it makes of the markup, and what it complains of."""

from __future__ import annotations

import os
import re
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from struct import unpack

from tests.needs import needs

DARK = "--blink-settings=preferredColorScheme=0"
LIGHT = "--blink-settings=preferredColorScheme=1"


@dataclass(frozen=True)
class Picture:
    """Pixels, row by row, three bytes each."""

    width: int
    height: int
    pixels: bytes

    def at(self, x: int, y: int) -> tuple[int, ...]:
        start = (y * self.width + x) * 3
        return tuple(self.pixels[start : start + 3])

    @property
    def colours(self) -> set[bytes]:
        return {self.pixels[n : n + 3] for n in range(0, len(self.pixels), 3)}


class Browser:
    """Chromium, with a home of its own."""

    def __init__(self, home: Path) -> None:
        needs("chromium")
        self._home = home

    def dom(self, page: Path, *options: str) -> str:
        return self._run(page, "--dump-dom", *options)

    def screenshot(self, page: Path, *options: str, width: int = 1000, height: int = 1600) -> Picture:
        target = self._home / f"{page.stem}.png"
        target.unlink(missing_ok=True)
        self._run(page, f"--screenshot={target}", f"--window-size={width},{height}", "--hide-scrollbars", *options)
        return read_png(target.read_bytes())

    def pdf(self, page: Path, *options: str) -> bytes:
        target = self._home / f"{page.stem}.pdf"
        self._run(page, "--no-pdf-header-footer", f"--print-to-pdf={target}", *options)
        return target.read_bytes()

    def _run(self, page: Path, *options: str) -> str:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [
            "chromium",
            "--headless",
            *sandbox,
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--no-first-run",
            "--virtual-time-budget=2000",
            "--enable-logging=stderr",
            f"--user-data-dir={self._home / 'profile'}",
            *options,
            page.as_uri(),
        ]
        env = {**os.environ, "HOME": str(self._home)}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=env)
        complaints = re.findall(r"^.*CONSOLE.*$", done.stderr, re.MULTILINE)
        assert not complaints, complaints
        return done.stdout


def read_png(data: bytes) -> Picture:
    """Read a PNG of eight bits a channel, RGB or RGBA, as Chromium writes it."""
    width, height, depth, kind = unpack(">IIBB", data[16:26])
    assert (depth, kind in {2, 6}) == (8, True)
    channels = 4 if kind == 6 else 3
    packed, at = b"", 8
    while at < len(data):
        (length,) = unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    raw, stride = zlib.decompress(packed), width * channels
    before, out = bytearray(stride), bytearray()
    for row in range(height):
        start = row * (stride + 1)
        line = bytearray(raw[start + 1 : start + 1 + stride])
        _unfilter(raw[start], line, before, channels)
        out += line if channels == 3 else bytes(b for n, b in enumerate(line) if n % 4 != 3)
        before = line
    return Picture(width, height, bytes(out))


def _unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    for n in range(len(line)):
        left = line[n - step] if n >= step else 0
        corner = above[n - step] if n >= step else 0
        guess = left + above[n] - corner
        near = min((left, above[n], corner), key=lambda value: abs(guess - value))
        line[n] = (line[n] + (0, left, above[n], (left + above[n]) // 2, near)[kind]) & 255
