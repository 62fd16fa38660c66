"""Spoilt files, thousands of them, checked in a child with little memory and little time for each.

Rule: a finding is whatever is not an answer in words: an exception, a death, a case that takes longer than ``LONGEST``
or more memory than ``MOST_MEMORY``, a place that is not in the file, a mark that a terminal would obey. Its file is
kept.
"""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any

from bench.mutations import spoilt
from voicecoach.cli.check import Checked, check_file, record
from voicecoach.config import Loaded, load_config
from voicecoach.core.events import Command
from voicecoach.loading.library import Library
from voicecoach.loading.programmes import is_programme
from voicecoach.loading.routines import load_routine
from voicecoach.plan import plan_routine
from voicecoach.rehearsal import Scripted, rehearse
from voicecoach.shipped import shipped

LONGEST = 10.0
"""Seconds for one file."""
MOST_MEMORY = 1024
"""Megabytes of address space, with Python and all that it has loaded."""
MOST_EVENTS = 400_000
"""Of one session: the longest routine that is allowed has 20,000 steps."""
CASES = 4000

Row = dict[str, object]


def rows(cases: int = CASES, seed: int = 1) -> list[Row]:
    """Return how many cases ran, what was found, the longest time and the largest memory."""
    findings: list[str] = []
    longest, largest, right, done = (0.0, 0), (0, 0), 0, 0
    kept = Path(tempfile.mkdtemp(prefix="voicecoach-fuzz-"))
    began = time.perf_counter()
    while done < cases:
        lines: list[dict[str, Any]] = []
        done, died = _child(kept, seed, done, cases, lines)
        for line in lines:
            longest = max(longest, (line["seconds"], line["case"]))
            if line["memory"] > largest[0]:  # it only grows: the case that made it is the first with it
                largest = (line["memory"], line["case"])
            right += line["right"]
            if line["finding"]:
                findings.append(f"case {line['case']}: {line['finding']}")
        if died:
            findings.append(f"case {done}: {died}")
            done += 1
    took = time.perf_counter() - began
    return [
        {
            "figure": f"check of spoilt files, seed {seed}",
            "cases": cases,
            "findings": len(findings),
            **{f"finding {n}": text for n, text in enumerate(findings[:20], 1)},
            "of them right all the same": right,
            "longest, s": f"{longest[0]:.2f} (case {longest[1]})",
            "peak memory of the child, MB": f"{largest[0]} (case {largest[1]})",
            "cases a second": round(cases / took),
            **({"files kept in": str(kept)} if findings else {}),
        }
    ]


def _child(kept: Path, seed: int, first: int, last: int, lines: list[dict[str, Any]]) -> tuple[int, str]:
    """Run cases in a child; return which one comes next or killed it, and how."""
    command = [sys.executable, "-m", "bench.fuzz", str(kept), str(seed), str(first), str(last)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        descriptor, pending = child.stdout.fileno() if child.stdout else -1, b""
        while True:
            # It says so when it has begun, and a line for each case.
            if not select.select([descriptor], [], [], LONGEST + 30)[0]:
                child.kill()
                return first, f"took longer than {LONGEST + 30:.0f} s, and was ended"
            data = os.read(descriptor, 1 << 16)
            pending += data
            *whole, pending = pending.split(b"\n")
            for line in map(json.loads, whole):
                lines.append(line)
                first = line["case"] + 1
            if not data:
                break
        _, errors = child.communicate()
    return first, "" if first >= last else f"died with {child.returncode}: {errors.decode()[-300:]}"


def main(folder: Path, seed: int, first: int, last: int) -> None:
    """Run cases, a line of JSON for each."""
    texts = corpus()
    loaded = load_config(env={}, user=folder / "none.toml")
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY << 20, MOST_MEMORY << 20))
    for case in range(first, last):
        data = spoilt(Random(f"{seed}/{case}"), texts)
        place = folder / ("exercises" if case % 5 == 0 else ".") / "case.toml"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
        began = time.perf_counter()
        right, finding = look(place, data, loaded, Random(f"{seed}/{case}/words"))
        seconds = time.perf_counter() - began
        if not finding and seconds > LONGEST:
            finding = f"took {seconds:.1f} s"
        if finding:
            (folder / f"{case}.toml").write_bytes(data)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        line = {"case": case, "seconds": round(seconds, 3), "memory": memory, "right": right, "finding": finding}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def corpus() -> list[str]:
    """Return what is spoilt: every routine, exercise and programme that ships."""
    folder = shipped("routines")
    found = (*folder.glob("*.toml"), *folder.glob("exercises/*.toml"), *folder.glob("programmes/*.toml"))
    return [path.read_text("utf-8") for path in sorted(found)]


def look(path: Path, data: bytes, loaded: Loaded, random: Random) -> tuple[bool, str]:
    """Check a file, and play what is right of it; return whether it is, and what is wrong with the answer."""
    places = Library((shipped("routines"),))
    try:
        checked = check_file(path, places, loaded)
        wrong = wrong_with(checked, data)
        if checked.right and not wrong and path.parent.name != "exercises" and not is_programme(path):
            wrong = _played(path, places, loaded, random)
    except Exception:  # noqa: BLE001 - this is what is looked for
        return False, traceback.format_exc(limit=-3)
    return checked.right, wrong


def _played(path: Path, places: Library, loaded: Loaded, random: Random) -> str:
    """Rehearse a routine with a few words thrown in; return what is wrong with it: it must end, or wait for a word."""
    made = plan_routine(load_routine(path, places), loaded)
    words = [
        Scripted(random.choice(list(Command)), random.uniform(0, made.seconds)) for _ in range(random.randrange(9))
    ]
    last = None
    for count, moment in enumerate(rehearse(made.program, made.speaking, words)):
        if count > MOST_EVENTS:
            return f"no end after {count} events"
        if last is not None and moment.at < last:
            return f"time goes back, from {last} to {moment.at}"
        last = moment.at
    return ""


def wrong_with(checked: Checked, data: bytes) -> str:
    """Return what no answer may be: without words, with marks for a terminal, about a place that is not there."""
    json.dumps(record([checked]))
    if checked.right == any(finding.code is None for finding in checked.findings):
        return "right and wrong at once"
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for finding in checked.findings:
        said = finding.complaint
        if not finding.shown.replace("\n", "").isprintable() or finding.shown.count("\n") not in {0, 2}:
            return f"marks for a terminal: {finding.shown!r}"
        if len(finding.shown) > 2000:
            return f"an answer of {len(finding.shown)} characters"
        if str(said.file) != checked.file:
            continue
        if said.line is None or not 1 <= said.line <= len(lines):
            return f"line {said.line} of {len(lines)}"
        if said.spot and not 1 <= said.spot.column <= len(lines[said.line - 1]) + 2:
            return f"column {said.spot} of {lines[said.line - 1]!r}"
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
