"""What the acts of a loop amount to: recall, precision, delays, false acts an hour. Arithmetic only.

Rule: no sound and no loop in here; every row that leaves says in plain words what it means for a person ("means").
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voicecoach.core.events import URGENT, Command

Row = dict[str, object]

SESSION_ENDING = frozenset({Command.END, Command.SLEEP})
"""What takes a session away if it is wrong: its end (the coach asks first), and its ear."""
GROUPS = ("short", "talk", "noise", "made")
"""What people say, by length; recorded noises; synthetic ones."""
SHORT = 4.0
"""Seconds: up to this an utterance is a word or a few, beyond it is talk."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip, and what a loop did about it. Times in seconds of sound."""

    kind: str
    """``speech``, ``noise``, or ``made`` for a synthetic noise."""
    label: str
    text: str
    want: Command | None
    """The command it is; None where every act is a false one."""
    start: float
    end: float
    """Of the words."""
    seconds: float
    """Length of the clip, without the quiet round it."""
    acts: tuple[tuple[Command, float], ...]

    @property
    def right(self) -> bool:
        """The first act is its command, and comes after the word has begun."""
        return bool(self.acts) and self.acts[0][0] is self.want and self.acts[0][1] > self.start

    @property
    def delay(self) -> float:
        """Seconds from the end of the word to the first act."""
        return self.acts[0][1] - self.end

    @property
    def wrong(self) -> list[Command]:
        """The acts that nobody asked for."""
        return [command for command, _ in self.acts if command is not self.want]


def share(part: int, whole: int) -> str:
    """Return ``part of whole (percent)``."""
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def percentiles(values: Sequence[float]) -> str:
    """Return median and 95th percentile in ms."""
    if not values:
        return "none"
    median, p95 = np.percentile(values, [50, 95])
    return f"{1000 * median:.0f} / {1000 * p95:.0f}"


def recall(loop: str, what: str, heard: Sequence[Heard]) -> Row:
    """Return how a loop understood commands."""
    right = [one for one in heard if one.right]
    urgent = [one for one in heard if one.want in URGENT]
    wrong = sum(bool(one.wrong) for one in heard)
    hundred = 100 * len(right) / max(len(heard), 1)
    return {
        "figure": f"{loop}: {what}",
        "right": share(len(right), len(heard)),
        "urgent right": share(sum(one.right for one in urgent), len(urgent)),
        "another command was obeyed": share(wrong, len(heard)),
        "obeyed more than once": sum(len(one.acts) > 1 for one in heard),
        "precision": share(len(right), sum(len(one.acts) for one in heard)),
        "word end to heard, ms (median / p95)": percentiles([one.delay for one in right]),
        "urgent: word end to heard, ms (median / p95)": percentiles([one.delay for one in right if one.want in URGENT]),
        "means": f"Of a hundred commands said once, {hundred:.0f} are obeyed; the others must be said again.",
    }


def by_command(who: str, heard: Mapping[str, Sequence[Heard]]) -> list[Row]:
    """Return a row for each condition: recall and precision of every command."""
    found: list[Row] = []
    for condition, all_ in heard.items():
        said, right, acted = Counter[Command](), Counter[Command](), Counter[Command]()
        for one in all_:
            if one.want:
                said[one.want] += 1
                right[one.want] += one.right
            acted.update(command for command, _ in one.acts)
        cells = {
            command.value: f"{right[command]}/{said[command]}, precise {right[command]}/{acted[command]}"
            for command in said
        }
        weak = [command.value for command in said if right[command] < 0.8 * said[command]]
        means = (
            f"Say these twice, or use their other phrases: {', '.join(weak)}."
            if weak
            else "Every word is understood at least four times in five."
        )
        found.append({"figure": f"voicecoach, each command: {who}, {condition}", **cells, "means": means})
    return found


def by_state(who: str, state: str, heard: Sequence[Heard]) -> Row:
    """Return recall and precision in one state, and what was taken for what."""
    right, acts = sum(one.right for one in heard), sum(len(one.acts) for one in heard)
    taken = Counter(f"{one.text} -> {command}" for one in heard for command in one.wrong)
    hundred = 100 * sum(bool(one.wrong) for one in heard) / max(len(heard), 1)
    return {
        "figure": f"voicecoach, live together: {who}, quiet, {state}",
        "right": share(right, len(heard)),
        "precision": share(right, acts),
        "taken for another": "; ".join(f"{what}: {n}" for what, n in taken.most_common()) or "none",
        "means": f"Of a hundred commands given here, {hundred:.0f} make the coach do something else.",
    }


def false_acts(loop: str, moment: str, heard: Sequence[Heard]) -> Row:
    """Return what a loop did though nobody asked: shares of utterances, and acts an hour of each kind of sound."""
    seconds, acts = defaultdict[str, float](float), Counter[str]()
    which, from_ = Counter[Command](), Counter[str]()
    for one in heard:
        kind = kind_of(one)
        seconds[kind] += one.seconds
        acts[kind] += len(one.acts)
        which.update(command for command, _ in one.acts)
        from_.update(f"{one.text[:30] or one.label} -> {command}" for command, _ in one.acts)
    said = [one for one in heard if one.kind == "speech"]
    short = [one for one in said if one.seconds <= SHORT]
    hundred = 100 * sum(bool(one.acts) for one in said) / max(len(said), 1)
    return {
        "figure": f"{loop}: false acts, {moment}",
        "utterances with a false act": share(sum(bool(one.acts) for one in said), len(said)),
        f"of these up to {SHORT:g} s long": share(sum(bool(one.acts) for one in short), len(short)),
        "noises with a false act": share(
            sum(bool(one.acts) for one in heard if one.kind != "speech"), len(heard) - len(said)
        ),
        **{
            f"false acts an hour: {group}": per_hour(
                sum(acts[kind] for kind in seconds if kind.startswith(group)),
                sum(seconds[kind] for kind in seconds if kind.startswith(group)),
            )
            for group in GROUPS
        },
        "false acts an hour, by kind": "; ".join(
            f"{kind} {per_hour(acts[kind], seconds[kind])}" for kind in sorted(seconds) if acts[kind]
        )
        or "none",
        "without any": ", ".join(kind for kind in sorted(seconds) if not acts[kind]) or "none",
        "false acts": sum(acts.values()),
        "pain / stop / pause / emergency": " / ".join(
            str(which[command]) for command in (Command.PAIN, Command.STOP, Command.PAUSE, Command.EMERGENCY)
        ),
        "ending the session or the hearing": sum(which[command] for command in SESSION_ENDING),
        "which": "; ".join(f"{what}: {n}" for what, n in from_.most_common(40)) or "none",
        "means": f"Of a hundred things said to somebody else in the room, {hundred:.0f} make the coach do something.",
    }


def kind_of(heard: Heard) -> str:
    """Return what to count a sound under."""
    if heard.kind in {"noise", "made"}:
        return f"{heard.kind}: {heard.label}"
    return f"{'short' if heard.seconds <= SHORT else 'talk'}: {heard.label}"


def per_hour(count: int, seconds: float) -> str:
    """Return acts an hour, and of how much sound that was found: a few seconds don't make an hour."""
    rate = 3600 * count / seconds if seconds else 0.0
    return f"{rate:.0f} ({count} in {seconds:.0f} s)"


def costs(measured: Sequence[Mapping[str, float | str]]) -> list[Row]:
    """Return what listening costs, a row for each loop."""
    return [
        {
            "figure": f"{one['loop']}: cost",
            **{key: value for key, value in one.items() if key != "loop"},
            "means": f"It keeps a core busy {100 * float(one['cpu seconds a second of talk']):.1f} % of the time while "
            f"somebody talks, {100 * float(one['cpu seconds a second of a quiet room']):.2f} % while nobody does.",
        }
        for one in measured
    ]
