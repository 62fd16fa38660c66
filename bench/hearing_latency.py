"""Word end -> act: our ear beside the plain Vosk loop, on the same synthetic clips in the same run.

    python -m bench.hearing_latency [--json FILE] [--model FOLDER]

The end of a word is measured on the clean clip, before anything is added: the last 10 ms whose power is within 30 dB of
the loudest. Times are times of sound (the end of the block with which a command comes out), so the load of the machine
changes nothing; the recogniser's own work is reported apart, as CPU seconds a second of sound. All voices are synthetic
(espeak-ng and flite): these figures compare two loops on one model, they don't tell how well a person is understood.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.plain_vosk_loop import plain_loop
from tests.hearing.voices import ESPEAK, FLITE, Scene, conversation
from voicecoach.core.events import URGENT, Command
from voicecoach.hearing.contract import play
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import load_language
from voicecoach.ports import Samples

MODEL = Path(__file__).parents[1] / "models" / "vosk-model-tiny-en"
VOICES = (*ESPEAK, *FLITE)
NOISES = {"quiet": 1e-4, "white noise, 20 dB": 0.004, "white noise, 10 dB": 0.0126}
"""Level of the noise. A voice peaks at 0.2 and has about 0.04 (-28 dBFS) of power where it is loud."""

Acts = list[tuple[Command, float]]
Loop = Callable[[Samples], Acts]


@dataclass(frozen=True)
class Figures:
    """One loop in one condition."""

    loop: str
    condition: str
    words: str
    total: int
    right: int
    """First act after the word is its command."""
    wrong_first: int
    twice: int
    median: float
    """Seconds from the end of the word to the act, of those that were right."""
    p95: float
    cpu: float
    """CPU seconds for a second of sound."""


def measure(name: str, loop: Loop, condition: str, scenes: list[Scene], phrases: dict[str, Command]) -> list[Figures]:
    rows: list[tuple[Command, float, Acts]] = []
    seconds, began = 0.0, time.process_time()
    for scene in scenes:
        sound = scene.sound()
        seconds += len(sound) / 16_000
        acts = loop(sound)
        begins = [start for _, start, _ in scene.said[1:]] + [float("inf")]
        for (text, start, end), until in zip(scene.said, begins, strict=True):
            rows.append((phrases[text], end, [act for act in acts if start < act[1] <= until]))
    cpu = (time.process_time() - began) / seconds
    return [
        _figures(name, condition, words, [row for row in rows if row[0] in chosen], cpu)
        for words, chosen in (("all", frozenset(Command)), ("pain, stop, pause", URGENT))
    ]


def _figures(name: str, condition: str, words: str, rows: list[tuple[Command, float, Acts]], cpu: float) -> Figures:
    delays = [acts[0][1] - end for want, end, acts in rows if acts and acts[0][0] is want]
    median, p95 = np.percentile(delays, [50, 95]) if delays else (float("nan"),) * 2
    return Figures(
        name,
        condition,
        words,
        len(rows),
        len(delays),
        sum(acts[0][0] is not want for want, _, acts in rows if acts),
        sum(len(acts) > 1 for _, _, acts in rows),
        round(float(median), 3),
        round(float(p95), 3),
        round(cpu, 4),
    )


def run(model: Path) -> tuple[list[Figures], dict[str, float]]:
    """Measure both loops in every condition, and what silence costs our ear."""
    language = load_language()
    phrases, decoys = dict(language.phrases), tuple(language.decoys)

    def ours(sound: Samples) -> Acts:
        return [
            (heard.command, heard.at)
            for heard in play(VoskEar(model, phrases, decoys, everyday=language.everyday), sound)
        ]

    def plain(sound: Samples) -> Acts:
        return plain_loop(model, phrases, sound, decoys=decoys)

    found: list[Figures] = []
    for condition, noise in NOISES.items():
        for name, loop in (("voicecoach", ours), ("plain Vosk", plain)):
            scenes = [conversation(list(phrases), voice, noise=noise) for voice in VOICES]
            found += measure(name, loop, condition, scenes, phrases)
    minutes = 10
    silence = {}
    for name, level in (("digital silence", 0.0), ("room noise at -80 dBFS", 1e-4)):
        sound = np.random.default_rng(0).normal(0.0, level, minutes * 60 * 16_000).astype(np.float32)
        began = time.process_time()
        ours(sound)
        silence[name] = round((time.process_time() - began) / (minutes * 60), 6)
    return found, silence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--model", type=Path, default=MODEL)
    arguments = parser.parse_args()
    found, silence = run(arguments.model)
    header = ("loop", "condition", "words", "right", "wrong first", "twice", "median s", "p95 s", "CPU s/s")
    row = "{:11} {:19} {:18} {:>9} {:>11} {:>5} {:>8} {:>6} {:>7}"
    print(row.format(*header))
    for one in found:
        right = f"{one.right}/{one.total}"
        print(
            row.format(
                one.loop, one.condition, one.words, right, one.wrong_first, one.twice, one.median, one.p95, one.cpu
            )
        )
    for name, cpu in silence.items():
        print(f"{name}: {cpu} CPU seconds a second")
    if arguments.json:
        figures = {"model": arguments.model.name, "figures": [asdict(one) for one in found], "silence_cpu": silence}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
