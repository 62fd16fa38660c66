"""Is the person heard over the coach's own voice, and does the coach never obey itself? In simulated rooms.

    python -m bench.echo [--quick] [--model FOLDER]

Recall, delays and ducking are measured on a coach that talks without a break (sentences of the shipped routines) and a
person whose words are synthetic (8 voices of espeak-ng and flite), each phrase that is live while an exercise is on.
ENR is by how many dB the coach is louder at the microphone than the person. Beside it in the same rooms: the plain Vosk
loop, our ear with the echo stage off, and WebRTC's AEC3 before the same ear. Self-triggers are counted over whole
sessions of every shipped routine, played in a room in which nobody speaks.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from bench.hearing_latency import MODEL
from bench.stage import AEC3, NO_ECHO, OURS, PLAIN, Condition, Played, play, quieter, utterances
from voicecoach.core.events import URGENT
from voicecoach.shipped import shipped

Row = dict[str, object]

CONDITIONS = (
    Condition("ENR 0 dB", 0.0),
    Condition("ENR 6 dB", 6.0),
    Condition("ENR 15 dB", 15.0),
    Condition("ENR 6 dB, drift 50 ppm", 6.0, drift=50.0),
    Condition("ENR 6 dB, RT60 0.5 s", 6.0, rt60=0.5),
    Condition("ENR 6 dB, pink noise 20 dB below the person", 6.0, snr=20.0),
    Condition("ENR 6 dB, pink noise 10 dB below the person", 6.0, snr=10.0),
)
BESIDE = CONDITIONS[:3]
"""Where the other loops are measured."""
SELF = (0.0, 6.0, 15.0)
BLOCK = 0.02
"""Seconds: the mixer hushes and ducks within one block of a file; a sound card adds its buffer, 60 ms by default."""


def rows(*, quick: bool = False, model: Path = MODEL) -> list[Row]:
    """Return a row for each room and loop, and one for the self-triggers at each ENR."""
    said = utterances(1 if quick else 3)
    alone = {(c.rt60, c.snr): quieter(c) for c in reversed(CONDITIONS)}
    jobs = [(c, OURS) for c in (*alone.values(), *CONDITIONS)]
    jobs += [(c, loop) for c in BESIDE for loop in (PLAIN, NO_ECHO, AEC3)]
    jobs += [(alone[0.35, 60.0], PLAIN)]
    with ProcessPoolExecutor(2) as pool:
        played = list(pool.map(play, *zip(*jobs, strict=True), repeat(said), repeat(model)))
        selves = [] if quick else list(pool.map(self_triggers, SELF))
    quiet = {(loop, c.rt60, c.snr): _right(one) for (c, loop), one in zip(jobs, played, strict=True) if c.enr is None}
    found = [
        _row(c, loop, one, quiet[PLAIN if loop == PLAIN else OURS, c.rt60, c.snr])
        for (c, loop), one in zip(jobs, played, strict=True)
    ]
    return [*found, *selves]


def _right(played: Played) -> int:
    return len(_delays(played, urgent=False))


def _delays(played: Played, *, urgent: bool) -> list[float]:
    """Return the seconds from the end of each word to its act, of those whose first act was their command."""
    found = []
    for word, act in zip(played.words, _first_acts(played), strict=True):
        if act is not None and act[0] is word.command and (not urgent or word.command in URGENT):
            found.append(act[1] - word.end)
    return found


def _first_acts(played: Played) -> list[tuple[object, float] | None]:
    """Return the first act from the beginning of each word to the beginning of the next."""
    begins = [word.start for word in played.words[1:]] + [float("inf")]
    return [
        next(((command, at) for command, at in played.acts if word.start < at <= until), None)
        for word, until in zip(played.words, begins, strict=True)
    ]


def _row(condition: Condition, loop: str, played: Played, quiet: int) -> Row:
    right, total = _right(played), len(played.words)
    row: Row = {
        "figure": f"{loop}: {condition.name}",
        "commands heard": f"{right} of {total} ({100 * right / total:.0f} %)",
        "of those that it hears while the coach is silent": f"{100 * right / quiet:.1f} %" if quiet else "none",
        "another command first": sum(
            act is not None and act[0] is not word.command
            for word, act in zip(played.words, _first_acts(played), strict=True)
        ),
        "acts beside the words": len(played.acts)
        - sum(any(w.start < at <= w.end + 2 for w in played.words) for _, at in played.acts),
        "word end to silence, ms": _quantiles([one + BLOCK for one in _delays(played, urgent=False)]),
        "the same, urgent words": _quantiles([one + BLOCK for one in _delays(played, urgent=True)]),
        "cpu s/s, room included": round(played.cpu, 3),
    }
    if loop == OURS and condition.enr is not None:
        onsets = _onsets(played)
        row["onset to ducked, ms"] = _quantiles(onsets)
        row["ducked at"] = f"{len(onsets)} of {total} words"
        row["ducked without a word, a minute"] = round(60 * _idle(played) / played.seconds, 1)
    row["means"] = _means(loop, condition, right / quiet if quiet else 0.0)
    return row


def _onsets(played: Played) -> list[float]:
    """Return the seconds from the beginning of each word until the coach was lower, where it was lowered for it."""
    found = []
    for word in played.words:
        first = next((at for at in played.ducks if word.start - 1.0 < at <= word.end + 0.3), None)
        if first is not None:
            found.append(max(0.0, first - word.start))
    return found


def _idle(played: Played) -> int:
    return sum(not any(word.start - 0.05 <= at <= word.end + 0.8 for word in played.words) for at in played.ducks)


def _quantiles(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    middle, late = np.percentile(seconds, [50, 95])
    return f"{1000 * middle:.0f} (median), {1000 * late:.0f} (p95)"


def _means(loop: str, condition: Condition, kept: float) -> str:
    if condition.enr is None:
        return "what the recogniser makes of these voices in this room: the measure for the others"
    louder = "as loud as you" if not condition.enr else f"{condition.enr:.0f} dB louder than you"
    return f"with the coach {louder}, {loop} obeys {100 * kept:.0f} of 100 words that it would obey in its silence"


def self_triggers(enr: float) -> Row:
    """Play every shipped routine in a room in which nobody speaks; count what the coach told itself."""
    acts, seconds, sessions = [], 0.0, 0
    for routine in everything_shipped():
        with tempfile.TemporaryDirectory() as name:
            entries = _session(routine, enr, Path(name))
        seconds += float(entries[-1]["t"])
        sessions += 1
        acts += [f"{one['command']} ({routine})" for one in entries if one.get("source") == "voice"]
    return {
        "figure": f"the coach alone, every shipped routine, ENR {enr:.0f} dB",
        "sessions": sessions,
        "minutes": round(seconds / 60, 1),
        "commands that it gave itself": len(acts),
        "which": ", ".join(acts) or "none",
        "means": "nobody has said a word; every command here is one that the coach took from its own mouth",
    }


def everything_shipped() -> list[str]:
    """Return the name of every routine, translations left out."""
    return sorted(path.stem for path in shipped("routines").glob("*.toml") if "." not in path.stem)


def _session(routine: str, enr: float, folder: Path) -> list[dict[str, str]]:
    (folder / "room.toml").write_text(
        f"[loudspeaker]\nenr = {enr}\ndrive = 2.0\n[[noise]]\nkind = 'pink'\nsnr = 30.0\n", "utf-8"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("VOICECOACH_")}
    env |= {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "VOICECOACH_SESSION_ASK_EFFORT": "false"}
    events = folder / "events.jsonl"
    command = [sys.executable, "-m", "voicecoach", "run", routine, "--mic", f"room:{folder / 'room.toml'}"]
    subprocess.run([*command, "--events", str(events)], env=env, capture_output=True, timeout=900, check=False)
    return [json.loads(line) for line in events.read_text("utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a third of the words, and no whole sessions")
    parser.add_argument("--model", type=Path, default=MODEL)
    arguments = parser.parse_args()
    for row in rows(quick=arguments.quick, model=arguments.model):
        print(*(f"{key}: {value}" for key, value in row.items()), "", sep="\n")


if __name__ == "__main__":
    main()
