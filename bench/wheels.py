"""Is every package with compiled parts to be had ready made, for which system and which Python?

``python -m bench.wheels`` asks the package index, through pip and without fetching a package, and prints the table of
docs/installing.md. Packages of Python alone fit everywhere and are asked once.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13")

SYSTEMS: dict[str, tuple[str, ...]] = {
    "Linux aarch64": (*(f"manylinux_2_{minor}_aarch64" for minor in range(17, 37)), "manylinux2014_aarch64"),
    "Linux armv7l": (
        *(f"manylinux_2_{minor}_armv7l" for minor in range(17, 37)),
        *("manylinux2014_armv7l", "linux_armv7l"),
    ),
    "macOS arm64": tuple(f"macosx_{major}_0_{kind}" for major in range(11, 16) for kind in ("arm64", "universal2"))
    + tuple(f"macosx_10_{minor}_universal2" for minor in range(6, 16)),
    "macOS x86-64": tuple(
        f"macosx_{version}_{kind}"
        for version in (*(f"10_{minor}" for minor in range(6, 16)), *(f"{major}_0" for major in range(11, 16)))
        for kind in ("x86_64", "universal2")
    ),
    "Windows x86-64": ("win_amd64",),
    "Windows arm64": ("win_arm64",),
}
"""The platform tags that a current system of the kind takes; for Linux up to the glibc of Debian 12 (2.36)."""

COMPILED = ("numpy", "soxr", "pydantic-core", "cffi", "sounddevice", "vosk", "websockets")
LIKED = ("espeakng-loader", "lgpio")
"""Of the extras."""
OF_A_SYSTEM = {"macOS": ("pyobjc-core",), "Windows": ("pywin32", "comtypes")}
"""What pyttsx3 brings along there."""
PURE = ("click", "rich", "pydantic", "platformdirs", "pyttsx3", "markdown-it-py", "paho-mqtt", "gpiozero", "fit-tool")


def minimums() -> dict[str, str]:
    """Return each package that the project names with the version that it needs: ``lgpio>=0.2.2``."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
    named = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    return {re.split(r"[<>=;]", one)[0].strip(): one.partition(";")[0].strip() for one in named}


def wheels(packages: Sequence[str], python: str, platforms: Sequence[str]) -> dict[str, str] | None:
    """Return the file of each package; None where one of them cannot be had as a wheel, or pip fails."""
    with tempfile.TemporaryDirectory() as nowhere:
        tags = [word for name in platforms for word in ("--platform", name)]
        asked = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet"]
        asked += ["--only-binary=:all:", "--python-version", python, *tags, "--target", nowhere, "--report", "-"]
        needed = minimums()
        done = subprocess.run(
            [*asked, *(needed.get(one, one) for one in packages)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        if "No matching distribution" not in done.stderr:
            raise SystemExit(done.stderr)
        return None
    found = json.loads(done.stdout)["install"]
    return {one["metadata"]["name"].lower().replace("_", "-"): one["metadata"]["version"] for one in found}


def table() -> Iterator[str]:
    """Yield the lines of a Markdown table: a system and a Python in each, and what cannot be had there."""
    yield "| system | Python | as a wheel | not as a wheel |"
    yield "|---|---|---|---|"
    for system, platforms in SYSTEMS.items():
        own = OF_A_SYSTEM.get(system.split()[0], ())
        asked = (*COMPILED, *LIKED[: None if "Linux" in system else 1], *own)
        for python in PYTHONS:
            found: dict[str, str] = {}
            for package in asked:
                found |= wheels([package], python, platforms) or {}
            there = ", ".join(f"{name} {found[name]}" for name in asked if name in found)
            lost = ", ".join(name for name in asked if name not in found)
            yield f"| {system} | {python} | {there} | {lost or 'none'} |"


def main() -> None:
    """Print the table."""
    for python in PYTHONS:
        if wheels(PURE, python, ("any",)) is None:
            print(f"of Python alone, and not all to be had for {python}: {', '.join(PURE)}")
    for line in table():
        print(line, flush=True)


if __name__ == "__main__":
    main()
