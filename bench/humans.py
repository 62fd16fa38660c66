"""Our ear on recordings of real people, beside a plain Vosk loop and pocketsphinx, in the same run.

    python -m bench.humans [--recordings FOLDER] [--model FOLDER ...] [--loop NAME ...]
                           [--quick | --rest] [--json FILE]

The recordings are not part of the project: without a folder (``VOICECOACH_RECORDINGS``, see ``bench.recordings``) this
says that it skipped. Words that nobody recorded are said by synthetic voices, and every such figure says so. Each clip
is heard by a fresh ear in faint room noise; times are times of sound, so the load of the machine changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import zlib
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from bench import recordings
from bench.bodies import BODIES
from bench.figures import Heard, by_command, by_state, costs, false_acts, recall
from bench.hearing_cost import cost
from bench.loops import LISTS, ORACLE, OURS, PLAIN, SPHINX, Acts, Loop, make
from bench.recordings import QUIET, Clip, Condition
from tests.hearing.voices import ESPEAK, FLITE
from tests.language.live_sets import LIVE_SETS
from voicecoach.core.events import Command
from voicecoach.language import load_language
from voicecoach.ports import Samples

Row = dict[str, object]

SHIPPED = Path(__file__).parents[1] / "models" / "vosk-model-tiny-en"
RUNNING = next(iter(LIVE_SETS))
"""The state of nearly all of a session: an exercise is on."""
ASKING = next(name for name, live in LIVE_SETS.items() if Command.YES in live)
"""The state with the most short answers: the coach has asked how bad the pain is, and whether it understood."""
VOICES = (*ESPEAK, *FLITE)
CONDITIONS = (
    QUIET,
    *(Condition("pink", snr) for snr in (20.0, 10.0, 5.0)),
    *(Condition("kitchen", snr) for snr in (20.0, 10.0, 5.0)),
)
QUICK = (QUIET, Condition("pink", 10.0))
BESIDE = (QUIET, Condition("pink", 10.0), Condition("kitchen", 10.0))
"""For the loops that are there for comparison only; ours and the plain one are measured in every condition."""
LOOPS = (OURS, PLAIN, LISTS, SPHINX, ORACLE)
ONE_STATE = frozenset({PLAIN, SPHINX})
"""Loops whose false acts are counted while an exercise is on only: the first is never told what is live, the other is
slow on noise."""
CHUNK = 60
"""Clips to a job: small enough to share two cores evenly."""

Take = tuple[Clip, Condition, str]
"""A clip, what is added to it, and the state it is said in."""


def rows(
    where: Path | None = None,
    models: Iterable[Path] = (),
    *,
    part: str = "whole",
    loops: Iterable[str] = LOOPS,
) -> list[Row]:
    """Measure everything; a single row that says so if there are no recordings. ``part``: see ``corpus``."""
    where = recordings.folder(where)
    if where is None:
        return [{"figure": "recordings of people", "skipped": recordings.SKIPPED}]
    named = os.environ.get("VOSK_MODEL_PATH")
    paths = list(models) or [SHIPPED, *([Path(named)] if named else [])]
    clips = recordings.read_clips(where)
    human, unrecorded, other = corpus(clips, part)
    noises = {"", "pink"} | {clip.label for clip in clips if clip.kind == "noise"}
    conditions = tuple(one for one in (QUICK if part == "quick" else CONDITIONS) if one.noise in noises)
    found = [about(human, unrecorded, other)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        bench = _Bench(pool, where)
        for number, model in enumerate(paths):
            chosen = tuple(loop for loop in loops if number == 0 or loop not in {SPHINX, ORACLE})
            measured = bench.measure(chosen, model, human, unrecorded, other, conditions)
            found += [{**row, "figure": f"{model.name}: {row['figure']}"} for row in measured]
    return found


def corpus(clips: list[Clip], part: str = "whole") -> tuple[list[Clip], list[Clip], list[Clip]]:
    """Return human commands, synthetic commands for what nobody recorded, and what is no command.

    What is said decides, not the folder it lies in: an "emergency" among other words is a command, a "left" is none.
    ``part``: ``quick``, about a third of the people and two synthetic voices, to tune with; ``rest``, the others, to
    report what that was worth; or ``whole``. Noises are too few to divide.
    """
    language = load_language()
    heard = [clip for clip in clips if clip.audible and (clip.kind == "noise" or _belongs(clip.speaker, part))]
    human = [clip for clip in heard if clip.text in language.phrases]
    other = [clip for clip in heard if clip.text not in language.phrases]
    said = {language.phrases[clip.text] for clip in human}
    usual = [language.phrases_of(command)[0] for command in Command if command not in said]
    unrecorded = recordings.synthetic(usual, [voice for number, voice in enumerate(VOICES) if _in(number, part)])
    return human, unrecorded, [*other, *(Clip(f"made: {name}", "noise", name) for name in BODIES)]


def _belongs(speaker: str, part: str) -> bool:
    """Tell whether a person is in a part: everybody is in one only, whatever the order of the manifest."""
    return _in(zlib.crc32(speaker.encode()), part)


def _in(number: int, part: str) -> bool:
    return part == "whole" or (number % 3 == 0) == (part == "quick")


def home(command: Command) -> str:
    """Return the first state in which a command is live."""
    return next(name for name, live in LIVE_SETS.items() if command in live)


def about(human: list[Clip], unrecorded: list[Clip], other: list[Clip]) -> Row:
    """Say what is measured on."""
    speech = [clip for clip in other if clip.kind != "noise"]
    return {
        "figure": "what was heard",
        "human commands": len(human),
        "commands by synthetic voices, for what nobody recorded": len(unrecorded),
        "human speech that is no command": len(speech),
        "noises": len(other) - len(speech),
        "left out": f"recordings of speech with less than {recordings.AUDIBLE:g} dB between loud and quiet",
        "noises are": f"repeated or cut to {recordings.NOISE_SECONDS:g} s, at {recordings.NOISE_LEVEL:g} dBFS",
        "means": "Figures of one command rest on few clips: one clip more or less is several per cent.",
    }


class _Bench:
    """Lets the loops hear clips, in two processes."""

    def __init__(self, pool: ProcessPoolExecutor, where: Path) -> None:
        self._pool = pool
        self._where = where

    def measure(
        self,
        loops: tuple[str, ...],
        model: Path,
        human: list[Clip],
        unrecorded: list[Clip],
        other: list[Clip],
        conditions: tuple[Condition, ...],
    ) -> list[Row]:
        language = load_language()
        words = {"human": human, "synthetic": unrecorded}
        homes = {clip: home(language.phrases[clip.text]) for clip in (*human, *unrecorded)}
        jobs: dict[tuple[str, str, str], list[Take]] = {}
        for loop in loops:
            for who, clips in words.items():
                for condition in conditions:
                    if loop in {OURS, PLAIN} or condition in BESIDE:
                        jobs[loop, who, str(condition)] = [(clip, condition, homes[clip]) for clip in clips]
            for state in (RUNNING, ASKING):
                if state == RUNNING or loop not in ONE_STATE:
                    jobs[loop, "other", state] = [(clip, QUIET, state) for clip in other]
        for state, live in LIVE_SETS.items() if OURS in loops else ():
            for who, clips in words.items():
                jobs[OURS, f"{who}, state", state] = [(clip, QUIET, state) for clip in clips if _is_live(clip, live)]
        heard = self._play(jobs, model)
        found = [
            recall(loop, f"{who} commands, {condition}", heard[loop, who, str(condition)])
            for who in words
            for condition in conditions
            for loop in loops
            if (loop, who, str(condition)) in heard
        ]
        for who in words if OURS in loops else ():
            found += by_command(who, {str(condition): heard[OURS, who, str(condition)] for condition in conditions})
            found += [by_state(who, state, heard[OURS, f"{who}, state", state]) for state in LIVE_SETS]
        found += [
            false_acts(loop, moment, heard[loop, "other", state])
            for moment, state in (("while an exercise is on", RUNNING), ("while a question is open", ASKING))
            for loop in loops
            if (loop, "other", state) in heard
        ]
        return found + costs([cost(loop, model, self._where) for loop in loops if loop != ORACLE])

    def _play(
        self, jobs: dict[tuple[str, str, str], list[Take]], model: Path
    ) -> dict[tuple[str, str, str], list[Heard]]:
        parts = {
            key: [
                self._pool.submit(hear, key[0], model, self._where, takes[first : first + CHUNK])
                for first in range(0, len(takes), CHUNK)
            ]
            for key, takes in jobs.items()
        }
        return {key: [one for part in futures for one in part.result()] for key, futures in parts.items()}


def _is_live(clip: Clip, live: frozenset[Command]) -> bool:
    language = load_language()
    return language.phrases[clip.text] in live and not language.yields.get(clip.text, frozenset()) & live


def hear(loop: str, model: Path, where: Path, takes: list[Take]) -> list[Heard]:
    """Let a loop hear some clips, in this process."""
    listen, language = _loop(loop, model), load_language()
    found = []
    for clip, condition, state in takes:
        scene = recordings.scene(clip, condition, _noise(where, condition.noise))
        acts: Acts = listen(scene, LIVE_SETS[state], clip.text)
        want = language.phrases.get(clip.text) if clip.kind != "noise" else None
        kind = "speech" if clip.kind != "noise" else "noise" if clip.path else "made"
        found.append(
            Heard(
                kind,
                clip.label,
                clip.text,
                want,
                scene.start,
                scene.end,
                scene.seconds,
                tuple(acts),
            )
        )
    return found


@cache
def _loop(name: str, model: Path) -> Loop:
    return make(name, model)


@cache
def _noise(where: Path, label: str) -> Samples | None:
    if label in {"", "pink"}:
        return None
    clip = next(clip for clip in recordings.read_clips(where) if (clip.kind, clip.label) == ("noise", label))
    return recordings.sound_of(clip)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recordings", type=Path, help=f"the folder of recordings; else {recordings.VARIABLE}")
    parser.add_argument("--model", type=Path, action="append", default=[], help="may be given more than once")
    parser.add_argument("--loop", choices=LOOPS, action="append", help="may be given more than once; else all")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--quick", action="store_const", dest="part", const="quick", help="a third of the people, to tune"
    )
    part.add_argument("--rest", action="store_const", dest="part", const="rest", help="the others, to report on")
    parser.set_defaults(part="whole")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args()
    try:
        found = rows(arguments.recordings, arguments.model, part=arguments.part, loops=arguments.loop or LOOPS)
    except recordings.RecordingsError as error:
        parser.error(str(error))
    for row in found:
        print(*(f"{key}: {value}" for key, value in row.items()), "", sep="\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
