"""What the ear makes of every phrase: recall of each command and what is taken for what, where they are live together.

    python -m bench.phrases [--model FOLDER] [--all]

Synthetic voices (espeak-ng and flite) say every phrase of every set of commands that may be live at one moment, in a
quiet room. A phrase is right when the first command after it is its own. All voices are synthetic: these figures
choose phrases for the model that ships, they don't tell how well a person is understood.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.hearing_latency import MODEL
from tests.hearing.voices import ESPEAK, FLITE, conversation
from tests.language.live_sets import LIVE_SETS
from voicecoach.core.events import Command
from voicecoach.hearing.contract import play
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import Language, load_language

VOICES = (*ESPEAK, *FLITE, "en-us+m2", "en-gb+f1", "en-us+f5", "en-029+m3")


@dataclass
class Tally:
    """What became of the phrases."""

    said: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    taken_for: Counter[tuple[str, Command]] = field(default_factory=Counter)

    def recall(self, phrases: Collection[str]) -> tuple[int, int]:
        """Return how many of these were right, and how many were said."""
        return sum(self.right[phrase] for phrase in phrases), sum(self.said[phrase] for phrase in phrases)


def measure(language: Language, live: frozenset[Command], model: Path = MODEL) -> Tally:
    """Let every voice say every phrase of the commands that are ``live``, while only they are."""
    tally = Tally()
    phrases = [
        phrase
        for phrase, command in language.phrases.items()
        if command in live and not language.yields.get(phrase, frozenset()) & live
    ]
    for number, voice in enumerate(VOICES):
        scene = conversation(phrases, voice, seed=number)
        ear = VoskEar(model, language.phrases, language.decoys, yields=language.yields, everyday=language.everyday)
        ear.listen_for(live)
        heard = play(ear, scene.sound())
        ear.close()
        begins = [start for _, start, _ in scene.said[1:]] + [float("inf")]
        for (phrase, start, _), until in zip(scene.said, begins, strict=True):
            acts = [one.command for one in heard if start < one.at <= until]
            tally.said[phrase] += 1
            if acts[:1] == [language.phrases[phrase]]:
                tally.right[phrase] += 1
            tally.taken_for.update((phrase, act) for act in acts if act is not language.phrases[phrase])
    return tally


def rows(language: Language, tallies: Mapping[str, Tally]) -> list[dict[str, object]]:
    """Return a row for each set: recall in all, the commands below 90 %, and what was taken for what."""
    found: list[dict[str, object]] = []
    for name, tally in tallies.items():
        right, said = tally.recall(list(tally.said))
        weak = {}
        for command in dict.fromkeys(language.phrases[phrase] for phrase in tally.said):
            got, all_ = tally.recall([p for p in language.phrases_of(command) if p in tally.said])
            if got < 0.9 * all_:
                weak[command.value] = f"{got}/{all_}"
        confused = [f"{phrase} -> {command}: {n}" for (phrase, command), n in tally.taken_for.most_common()]
        found.append(
            {
                "figure": f"phrases live together: {name}",
                "right": f"{right} of {said}",
                "commands below 90 %": ", ".join(f"{command} {share}" for command, share in weak.items()) or "none",
                "taken for another": "; ".join(confused) or "none",
            }
        )
    return found


def run(model: Path = MODEL) -> tuple[Language, dict[str, Tally]]:
    """Measure every set."""
    language = load_language()
    return language, {name: measure(language, live, model) for name, live in LIVE_SETS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--all", action="store_true", help="each phrase, not only what is weak")
    arguments = parser.parse_args()
    language, tallies = run(arguments.model)
    for row in rows(language, tallies):
        print(*(f"{key}: {value}" for key, value in row.items()), "", sep="\n")
    whole: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for tally in tallies.values():
        for phrase in tally.said:
            whole[phrase][0] += tally.right[phrase]
            whole[phrase][1] += tally.said[phrase]
    for phrase, (right, said) in sorted(whole.items(), key=lambda one: one[1][0] / one[1][1]):
        if arguments.all or right < 0.9 * said:
            print(f"{right:4}/{said:<4} {phrase}")


if __name__ == "__main__":
    main()
