"""What every ear must do, as one check that its author can run: this project's own tests use it.

Rule: only what ``ports.Ear`` promises is checked, through the port alone; a breach is an ``AssertionError`` that says
which promise was broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicecoach.core.events import URGENT, Command, Heard, Overheard
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Ear

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicecoach.ports import Samples

_PAUSE = 1.5
"""Seconds of quiet before and after a phrase: longer than any ear may take to make up its mind."""

_ROOM = 1e-4
"""Level of the noise in the quiet (-80 dBFS): digital silence is the exception, not the rule."""

_END_ERROR = 0.1
"""Seconds by which ``ended_at`` may miss the last loud sample: a soft last consonant is below any threshold."""

_CLOCK = 100.0
"""Session time of the first block: an ear must not take its own count of seconds for it."""


def check_ear(
    make: Callable[[], Ear], speak: Callable[[str], Samples], phrases: Mapping[str, Command], *, recall: float = 1.0
) -> None:
    """Check an ear. Raises ``AssertionError``.

    ``speak(phrase)`` gives a phrase as sound at ``EAR_RATE``; ``phrases`` are those the ear must hear in that voice,
    ``recall`` (0 to 1) the share of them that suffices. ``make`` is called more than once.
    """
    ear = make()
    _require(isinstance(ear, Ear), "an ear has hear, listen_for, coach_says and close")
    ear.close()
    ear.close()
    _hears_its_phrases(make, speak, phrases, recall)
    _hears_nothing_in_nothing(make)
    _only_overhears_what_is_not_live(make, speak, phrases, recall)
    _does_not_obey_the_coach(make, speak, phrases)


def play(ear: Ear, sound: Samples, *, start: float = 0.0) -> list[Heard]:
    """Let ``ear`` hear ``sound`` from session time ``start`` on, block by block; return the commands it understood."""
    return [one for one in play_all(ear, sound, start=start) if isinstance(one, Heard)]


def play_all(ear: Ear, sound: Samples, *, start: float = 0.0) -> list[Heard | Overheard]:
    """Do as ``play``, and return what was only overheard as well."""
    heard: list[Heard | Overheard] = []
    for block, first in enumerate(range(0, len(sound) - EAR_BLOCK + 1, EAR_BLOCK), start=1):
        heard += ear.hear(sound[first : first + EAR_BLOCK], start + block * EAR_BLOCK / EAR_RATE)
    return heard


def in_a_room(sound: Samples) -> Samples:
    """Return ``sound`` with quiet before and after it, and the faint noise of a room throughout."""
    quiet = np.zeros(int(_PAUSE * EAR_RATE), np.float32)
    noise = np.random.default_rng(0)
    whole = np.concatenate([quiet, sound, quiet])
    return (whole + noise.normal(0.0, _ROOM, len(whole))).astype(np.float32)


def _hears_its_phrases(
    make: Callable[[], Ear], speak: Callable[[str], Samples], phrases: Mapping[str, Command], recall: float
) -> None:
    missed = []
    ear = make()
    start = _CLOCK
    for phrase, command in phrases.items():
        sound = speak(phrase)
        stream = in_a_room(sound)
        whole = play_all(ear, stream, start=start)
        heard = [one for one in whole if isinstance(one, Heard)]
        if [one.command for one in heard] == [command]:
            ended = start + _PAUSE + _last_loud(sound)
            _check_times(heard[0], ended, phrase)
            _require(phrase.endswith(heard[0].words), f'"{phrase}" was reported as "{heard[0].words}"')
            _require(len(whole) == 1, f'"{phrase}" was a command, and overheard as well')
        else:
            missed.append(f"{phrase!r} -> {[str(one.command) for one in heard]}")
        start += len(stream) / EAR_RATE
    ear.close()
    enough = len(missed) <= (1.0 - recall) * len(phrases)
    _require(enough, f"each phrase is heard once, as its command; not so: {', '.join(missed)}")


def _check_times(heard: Heard, ended: float, phrase: str) -> None:
    _require(heard.source == "voice", 'what an ear hears has the source "voice"')
    _require(heard.ended_at is not None, "an ear says when the last word ended")
    if heard.ended_at is not None:
        _require(heard.ended_at <= heard.at, "a word has ended when it is acted on")
        off = heard.ended_at - ended
        _require(
            heard.partial or abs(off) <= _END_ERROR, f'"{phrase}" ended {off:+.2f} s away from where it is said to'
        )


def _hears_nothing_in_nothing(make: Callable[[], Ear]) -> None:
    noise = np.random.default_rng(1)
    seconds = 5 * EAR_RATE
    for name, sound in (
        ("silence", np.zeros(seconds, np.float32)),
        ("noise", noise.normal(0.0, 0.02, seconds).astype(np.float32)),
        ("a hum", (0.1 * np.sin(np.arange(seconds) * 2 * np.pi * 100 / EAR_RATE)).astype(np.float32)),
    ):
        ear = make()
        heard = play_all(ear, sound)
        ear.close()
        _require(not heard, f"{name} is no command and no speech, not {heard}")


def _only_overhears_what_is_not_live(
    make: Callable[[], Ear], speak: Callable[[str], Samples], phrases: Mapping[str, Command], recall: float
) -> None:
    missed = []
    for phrase in phrases:
        ear = make()
        ear.listen_for(frozenset())
        heard = play_all(ear, in_a_room(speak(phrase)), start=_CLOCK)
        ear.close()
        for one in heard:
            _require(isinstance(one, Overheard), f'"{phrase}" was obeyed though nobody listened for it')
            _require(one.at > _CLOCK + _PAUSE, "what is overheard is stamped with the session's time")
        if len(heard) != 1:
            missed.append(f"{phrase!r} -> {len(heard)}")
    enough = len(missed) <= (1.0 - recall) * len(phrases)
    _require(enough, f"speech that is no live command is overheard once; not so: {', '.join(missed)}")


def _does_not_obey_the_coach(
    make: Callable[[], Ear], speak: Callable[[str], Samples], phrases: Mapping[str, Command]
) -> None:
    for phrase, command in phrases.items():
        ear = make()
        ear.coach_says(f"Now: {phrase}!")
        whole = play_all(ear, in_a_room(speak(phrase)))
        ear.close()
        heard = {one.command for one in whole if isinstance(one, Heard)}
        if command not in URGENT:
            _require(command not in heard, f'"{phrase}" was obeyed though the coach said it')
        own = all(isinstance(one, Heard) for one in whole)
        _require(own, f'"{phrase}" was overheard as a person\'s though the coach said it')


def _last_loud(sound: Samples) -> float:
    """Return the second at which the last sample above -30 dB of the peak lies."""
    loud = np.flatnonzero(np.abs(sound) > 10 ** (-30 / 20) * np.abs(sound).max())
    return float(loud[-1] + 1) / EAR_RATE


def _require(kept: bool, promise: str) -> None:
    if not kept:
        raise AssertionError(promise)
