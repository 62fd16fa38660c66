"""A routine heard in a fraction of its time: every line that would be said, the waits between them cut short.

Rule: what is said comes from the same rehearsal as a transcript. Nothing listens, nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from voicecoach.core.events import Hush, Line, Say
from voicecoach.drive import Drive
from voicecoach.ports import Audio
from voicecoach.rehearsal import Moment
from voicecoach.speech.mixer import Mixer

LONGEST_WAIT = 0.15
"""Seconds: what is left of a wait between two lines, so that one can tell them apart. With it every routine that ships
is heard in less than a quarter of its time (4.2 to 6.1 times as fast, espeak-ng 1.51, en-us)."""

FASTER = 4.0
"""How much faster than in a session it speaks, unless asked otherwise; as far as the engine goes."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the session."""

    at: float
    """Seconds of session time, as estimated."""
    line: Line
    wait: float
    """Seconds of session time between the line before and this one in which nothing is said."""


def lines_of(moments: Iterable[Moment], speaking: Callable[[Line], float]) -> Iterator[Said]:
    """Return what a session says, in order; ``speaking`` estimates how many seconds a line takes."""
    silent_since = 0.0
    for moment in moments:
        for effect in moment.effects:
            if isinstance(effect, Say):
                yield Said(moment.at, effect.line, max(0.0, moment.at - silent_since))
                silent_since = moment.at + speaking(effect.line)
            elif isinstance(effect, Hush):
                silent_since = min(silent_since, moment.at)


def play(
    said: Iterable[Said],
    render: Callable[[Line], Audio | None],
    mixer: Mixer,
    drive: Drive,
    show: Callable[[Said], None],
) -> float:
    """Say the lines one after the other; return how many seconds that took. Raises ``DeviceError``.

    ``render`` gives a line as sound, or None where the voice fails: then it is only shown.
    """
    drive.start()
    began = end = drive.now
    for one in said:
        audio = render(one.line)  # while the line before is still heard
        start = max(end + min(one.wait, LONGEST_WAIT), drive.now)
        _until(start, drive)
        show(one)
        if audio is not None:
            end = mixer.play(audio, start)
    _until(end, drive)
    return drive.now - began


def _until(moment: float, drive: Drive) -> None:
    while drive.horizon < moment:
        drive.advance(moment)
