"""The machine itself: packages, space on the disk, the clock, and a Raspberry Pi's heat.

Rule: read from files of the kernel and of systemd; ``root`` stands in for the real ones in tests.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from voicecoach import __version__
from voicecoach.checkup.finding import Finding
from voicecoach.packages import pip_install
from voicecoach.ports import Folders

NEEDED = ("pyttsx3", "sounddevice", "vosk", "numpy", "soxr")
_LOW, _FULL = 500, 50
"""Megabytes: below the first there may be too little for a speech model, below the second for sessions and speech."""
_RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier day has not been set: a Raspberry Pi has none of its own."""
_HOT, _TOO_HOT = 70.0, 80.0
"""Degrees Celsius; at 80 the firmware of a Raspberry Pi begins to slow it down."""
_SLOWED = {
    0: "the voltage is too low",
    1: "its clock is capped",
    2: "it is slowed down",
    3: "it is near its limit of heat",
}
"""Bits of ``get_throttled`` that hold now (Raspberry Pi documentation, "vcgencmd"); 16 higher: since it was started."""
_REAL = Path("/")


def system() -> Iterator[Finding]:
    """Look at what runs where, and at the packages that it needs."""
    yield Finding(
        "system",
        "good",
        f"voicecoach {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )
    lost = [name for name in NEEDED if not _version(name)]
    if lost:
        yield Finding("packages", "missing", f"missing: {', '.join(lost)}", pip_install(*lost))
    else:
        yield Finding("packages", "good", ", ".join(f"{name} {_version(name)}" for name in NEEDED))


def disk(folders: Folders, root: Path = _REAL) -> Iterator[Finding]:
    """Look whether sessions and rendered speech can be kept."""
    seen: set[int] = set()
    for folder, kept in ((folders.data, "sessions"), (folders.cache, "rendered speech")):
        # Path.exists raises below a folder that may not be entered.
        there = next(path for path in (folder, *folder.parents) if os.path.exists(path))  # noqa: PTH110
        if reason := _unwritable(there):
            what = f"{folder} cannot be written, so {kept} will not be kept: {reason}"
            yield Finding("disk", "missing", what, _elsewhere())
            continue
        with suppress(OSError):
            if (device := _device(there)) not in seen:
                seen.add(device)
                yield _space(there, kept)
    if _over_a_card(root):
        yield Finding(
            "overlay",
            "fair",
            "The file system lies in memory over a card that is only read: what is kept is gone at the next start.",
            _elsewhere(),
        )


def _space(folder: Path, kept: str) -> Finding:
    """Return how much room there is beside a folder. Raises ``OSError``."""
    free = shutil.disk_usage(folder).free // 1_000_000
    told = f"{free} MB free at {folder}"
    if free < _FULL:
        return Finding("disk", "missing", f"{told}: {kept} will not be kept", "make room on the disk")
    if free < _LOW:
        return Finding("disk", "fair", f"{told}: too little for a larger speech model", "make room")
    return Finding("disk", "good", told)


def clock(root: Path = _REAL, now: datetime | None = None) -> Iterator[Finding]:
    """Look whether the clock may be right: the timetable goes by it, and so do "last time" and "today"."""
    now = now or datetime.now().astimezone()
    told = f"{now:%Y-%m-%d %H:%M} {now.tzname()}"
    if now < _RELEASED:
        yield Finding("clock", "missing", f"{told}: it has not been set", "sudo timedatectl set-ntp true")
    elif (root / "run/systemd/timesync").is_dir() and not (root / "run/systemd/timesync/synchronized").exists():
        yield Finding("clock", "fair", f"{told}, not set by the network since the start", "timedatectl timesync-status")
    else:
        yield Finding("clock", "good", told)


def heat(root: Path = _REAL) -> Iterator[Finding]:
    """Look whether the machine is too hot, and whether its power supply is too weak."""
    degrees: float | None = None
    with suppress(OSError, ValueError):
        degrees = int((root / "sys/class/thermal/thermal_zone0/temp").read_text("ascii")) / 1000
    if degrees is not None:
        state, mend = (
            ("missing", "give it a heat sink and air")
            if degrees >= _TOO_HOT
            else ("fair", "give it more air")
            if degrees >= _HOT
            else ("good", "")
        )
        yield Finding("heat", state, f"{degrees:.0f} °C", mend)  # type: ignore[arg-type]
    bits = 0
    with suppress(OSError, ValueError):
        bits = int((root / "sys/devices/platform/soc/soc:firmware/get_throttled").read_text("ascii"), 16)
    now = [text for bit, text in _SLOWED.items() if bits >> bit & 1]
    before = [text for bit, text in _SLOWED.items() if bits >> (bit + 16) & 1]
    if now or before:
        when = f"now {' and '.join(now)}" if now else f"since its start it was so that {' and '.join(before)}"
        yield Finding("power", "missing" if now else "fair", when, "use the power supply that is made for it")


def memory(root: Path = _REAL) -> Iterator[Finding]:
    """Look whether a speech model fits."""
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = (root / "proc/meminfo").read_text("ascii").splitlines()
        free = int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) // 1024
        if free < 150:
            mend = "end other programs, or use the small model"
            yield Finding("memory", "fair", f"{free} MB can be had: little for a large speech model", mend)
        else:
            yield Finding("memory", "good", f"{free} MB can be had")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _device(folder: Path) -> int:
    """Return the number of what a folder lies on. Raises ``OSError``."""
    return folder.stat().st_dev


def _unwritable(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _elsewhere() -> str:
    return "set XDG_DATA_HOME and XDG_CACHE_HOME to folders that last (docs/raspberry-pi.md)"


def _over_a_card(root: Path) -> bool:
    """Return whether ``/`` is an overlay, as raspi-config's "Overlay File System" makes it, outside a container."""
    with suppress(OSError):
        if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists() or os.getpid() == 1:
            return False
        mounts = [line.split() for line in (root / "proc/mounts").read_text("utf-8", "replace").splitlines()]
        return any(len(mount) > 2 and mount[1] == "/" and mount[2] == "overlay" for mount in mounts)
    return False
