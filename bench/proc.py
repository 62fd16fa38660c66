"""What processes hold, as the kernel tells it: memory, threads, files, children, bytes written, time at work.

Rule: ``/proc`` only, and what vanishes while it is looked at counts nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Held:
    """What a process and its children hold together."""

    rss: float
    """Resident memory in MB (1e6 bytes)."""
    pss: float
    """Likewise, what is shared counted in shares."""
    threads: int
    files: int
    processes: int
    written: int
    """Bytes handed to the disk since each began, by those that live."""
    cpu: float
    """Seconds at work since each began."""


def tree(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in _entries(Path(f"/proc/{parent}/task")):
            with suppress(OSError):
                found += map(int, (task / "children").read_text("utf-8").split())
    return found


def held(pid: int) -> Held:
    """Return what a process and its children hold now."""
    rss = pss = cpu = 0.0
    threads = files = written = 0
    pids = tree(pid)
    for one in pids:
        of = Path(f"/proc/{one}")
        with suppress(OSError):
            sizes = dict(line.split(":", 1) for line in (of / "smaps_rollup").read_text("utf-8").splitlines()[1:])
            rss += 1024 * int(sizes["Rss"].split()[0]) / 1e6
            pss += 1024 * int(sizes["Pss"].split()[0]) / 1e6
            threads += len(_entries(of / "task"))
            files += len(_entries(of / "fd"))
            counts = dict(line.split(": ") for line in (of / "io").read_text("utf-8").splitlines())
            written += int(counts["write_bytes"])
            cpu += seconds_at_work(one)
    return Held(round(rss, 2), round(pss, 2), threads, files, len(pids), written, round(cpu, 2))


def seconds_at_work(pid: int) -> float:
    """Return the CPU seconds of a process. Raises ``OSError`` where it is gone."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(root) / name).stat().st_size
    return total


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
