"""Many days of the appliance in one process: what grows, and what is written to the disk.

    python -m bench.soak MINUTES FOLDER

It is the appliance of ``voicecoach serve`` with real speech and real hearing; only its microphone and its loudspeaker
are ours, and its clock, which leaps over the nights. A person of chance lives with it: is asked by the timetable, calls
it, steers, pauses, has pain, ends, leaves, and every few days the power is cut and the session taken up again. At each
night, when it waits to be called, a line of JSON says what the process and its children hold.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.proc import Held, held, size_of

if TYPE_CHECKING:
    from voicecoach.config import Loaded
    from voicecoach.journal.keeper import Keeper
    from voicecoach.ports import Samples
    from voicecoach.record import Record

Row = dict[str, object]
ROOT = Path(__file__).parents[1]
MINUTES = 60.0
ALLOWED_MB = 10.0
FIRST_DAY = datetime(2026, 11, 23, 7, 59, 45)  # noqa: DTZ001 - a clock on a wall
JOURNAL_MB = 1
"""Small, so that its limit is met within the run."""
_COUNTED = ("threads", "files", "processes")

_IN_SESSION = (
    *("pause", "how", "time left", "repeat", "next", "next", "next exercise", "louder", "quieter", "slower", "faster"),
    *("how many", "freeze", "options", "skip this", "easier", "pain", "stop", "back", "this is talk about the weather"),
)
_ANSWERS = {
    "paused": ("resume", "resume", "time left"),
    "question": ("yes", "no", "three", "five", "same"),
    "pain": ("three", "two", "no", "yes", "ache", "end session"),
    "emergency": ("my mistake",),
    "confirm": ("yes", "no"),
}
_IDLE = ("coach, options", "coach, what routines are there", "coach, stop", "coach, wobble gobble", "coach, resume")


class _PowerCutError(Exception):
    """The session ends in its middle, and so does the program."""


class Person:
    """Speaks by chance, as fits what happens; is the microphone, and one of those who are told everything."""

    live = False

    def __init__(self, seed: int) -> None:
        import numpy as np

        self.chance = random.Random(seed)
        self.exhausted = False
        self.over_at = float("inf")
        self.cut_after = float("inf")
        self.seconds = 0.0
        self.told: Counter[str] = Counter()
        self.state, self.mode = "idle", ""
        self._noise = (10 ** (-65 / 20) * np.random.default_rng(seed).standard_normal(160_000)).astype(np.float32)
        self._clips: dict[str, Samples] = {}
        self._tongue: deque[Samples] = deque()
        self._next_word = 20.0
        self._leaves_at = float("inf")
        self._block = 0
        self.plan: deque[str] = deque()

    def __call__(self, entry: Record) -> None:
        """Take note of what happens."""
        kind = str(entry["event"])
        self.told[kind] += 1
        if kind == "standby":
            self.state, self.mode = str(entry["state"]), ""
            self.told[f"standby {self.state}"] += 1
            self._next_word = max(self._next_word, self.seconds + 15.0)
            if self.state == "starting":
                self._leaves_at = self.seconds + self.chance.uniform(120, 1200)
        elif kind == "mode":
            self.state, self.mode = "session", str(entry["mode"])
            if self.seconds > self.cut_after:
                self.cut_after = float("inf")
                raise _PowerCutError
        elif kind == "note":
            self.told[f"note {entry['kind']}"] += 1

    def read(self) -> Samples:
        """Return the next 20 ms."""
        from voicecoach.ports import EAR_BLOCK, EAR_RATE

        self._block += 1
        self.seconds = self._block * EAR_BLOCK / EAR_RATE
        at = self._block * EAR_BLOCK % (len(self._noise) - EAR_BLOCK)
        block = self._noise[at : at + EAR_BLOCK].copy()
        if not self._tongue and self.seconds >= self._next_word:
            self._speak()
        if self._tongue:
            block += self._tongue.popleft()
        return block

    def close(self) -> None:
        """Be silent."""

    def _speak(self) -> None:
        said = self._words()
        patience = (4, 12) if self.state == "asking" or self.mode in _ANSWERS else (6, 60)
        self._next_word = self.seconds + self.chance.uniform(*patience)
        if said:
            self.told["said"] += 1
            self._tongue.extend(self._clip(said))

    def _words(self) -> str:
        if self.state == "asking":
            return self.chance.choice(("yes", "yes", "yes", "no", "later", ""))
        if self.state == "starting":  # a session that waits from its beginning tells no other mode
            return self.chance.choice(("ready", "resume", "yes", "end session"))
        if self.state != "session":
            return self.plan.popleft() if self.plan and self.state == "idle" else ""
        if self.seconds > self._leaves_at:
            return "yes" if self.mode == "confirm" else "end session"
        if self.mode in _ANSWERS:
            return self.chance.choice(_ANSWERS[self.mode])
        return "ready" if self.mode == "instruction" else self.chance.choice(("", "", *_IN_SESSION))

    def _clip(self, words: str) -> list[Samples]:
        import numpy as np
        import soxr

        from voicecoach.ports import EAR_BLOCK, EAR_RATE
        from voicecoach.speech.espeak_voice import EspeakVoice

        if words not in self._clips:
            audio = EspeakVoice("en-gb", 150).render(words)
            said = soxr.resample(audio.samples, audio.rate, EAR_RATE).astype(np.float32)
            self._clips[words] = np.pad(said, (0, -len(said) % EAR_BLOCK)).reshape(-1, EAR_BLOCK)
        return list(self._clips[words])


@dataclass(slots=True)
class Life:
    """One appliance for many days; after a power cut another one in the same process."""

    loaded: Loaded
    person: Person
    until: float
    """Of the monotonic clock: then the next night is the last."""
    day: int = 0
    cuts: int = 0
    skipped: float = 0.0
    """Seconds of nights that the clock has leapt over."""
    base: float = 0.0
    """Seconds that the drives before this one have played."""
    at: float = 0.0

    def wall(self, at: float) -> datetime:
        """Return what the clock shows; where nothing is left to do today, go to bed."""
        self.at = at
        if not self.person.plan and self.person.state == "idle" and at > 30:
            self.night()
        return FIRST_DAY + timedelta(seconds=self.base + at + self.skipped)

    def night(self) -> None:
        """Say what is held now, and leap to the next morning."""
        if self.person.exhausted:
            return
        seconds = self.base + self.at + self.skipped
        told = self.person.told
        line = {"day": self.day, "virtual_hours": round((self.base + self.at) / 3600, 2), "cuts": self.cuts}
        line |= {"wall": round(time.monotonic() - _BEGAN, 1), "starts": told["standby starting"], "ends": told["end"]}
        line |= {name: told[name] for name in ("said", "heard", "overheard", "note pain", "note offer", "deafened")}
        folder = Path(os.environ["XDG_DATA_HOME"]).parent
        line |= {"journal": size_of(folder / "data"), "cache": size_of(folder / "cache")} | vars_of(held(os.getpid()))
        print(json.dumps(line), flush=True)
        self.day += 1
        self.skipped += self.day * 86_400 - seconds
        if time.monotonic() > self.until:
            self.person.exhausted = True
            return
        chance = self.person.chance
        number = f"coach, start number {chance.choice(_NUMBERS)}"
        self.person.plan.extend([*chance.sample(_IDLE, 2), number, *chance.sample(_IDLE, 1), "coach, louder"])
        if self.day % 4 == 0:
            self.person.cut_after = self.person.seconds + chance.uniform(60, 400)
        if self.day % 7 == 0:
            _see_a_doctor()


_BEGAN = time.monotonic()
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def vars_of(what: Held) -> dict[str, Any]:
    """Return the fields of a sample."""
    return {name: getattr(what, name) for name in what.__slots__}


def _see_a_doctor() -> None:
    """Unlock what hurt, or nothing would be left to play."""
    from voicecoach.journal.memory import locks, unlock
    from voicecoach.journal.store import NAME, Store

    with closing(Store.open(Path(os.environ["XDG_DATA_HOME"]) / "voicecoach" / NAME)) as store:
        for locked in locks(store):
            unlock(store, locked.lock.exercise)


def live(minutes: float) -> None:
    """Live for so long, and print a line a night."""
    from voicecoach.cli.common import Grip

    loaded = Grip(None).load(storage__journal="always")
    life = Life(loaded, Person(1), time.monotonic() + 60 * minutes)
    life.person.plan.append("coach, options")
    while not life.person.exhausted:
        _serve(life)


@contextmanager
def _keeping(life: Life) -> Iterator[Keeper]:
    """Open the journal as ``serve`` does, with the clock of this life."""
    from voicecoach.cli.common import folders
    from voicecoach.history.source import summarise
    from voicecoach.journal.keeper import Keeper

    def now() -> datetime:
        return (FIRST_DAY + timedelta(seconds=life.base + life.at + life.skipped)).astimezone()

    limit = life.loaded.config.storage.journal_mb
    with closing(Keeper(folders().data, now=now, summarise=summarise, limit_mb=limit)) as keeper:
        yield keeper


def _serve(life: Life) -> None:
    """Be the appliance until the power is cut."""
    from voicecoach.appliance.names import talk_of
    from voicecoach.appliance.offered import menu_of, offered
    from voicecoach.appliance.serving import Outside, Serving
    from voicecoach.audio.wav import WavSpeaker
    from voicecoach.cli.common import folders
    from voicecoach.cli.players import prepare
    from voicecoach.language import load_language
    from voicecoach.ports import Given
    from voicecoach.rig import FILE_BLOCK, FILE_RATE, build_rig
    from voicecoach.screen import Screen, Transcript

    loaded, language = life.loaded, load_language("en")
    offers, _ = offered(loaded, language)
    menu = menu_of(loaded, language, offers)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        screen = Screen(file=nowhere)
        given = Given(microphone=life.person, speaker=WavSpeaker(os.devnull, FILE_RATE, FILE_BLOCK))
        standby = talk_of(offers, language, menu.address)
        rig = build_rig(
            loaded, language, folders(), env=dict(os.environ), stdin=sys.stdin, standby=standby, given=given
        )
        with closing(rig):
            outside = Outside(
                keeping=partial(_keeping, life),
                prepare=lambda texts: prepare(rig, texts, screen),
                listeners=lambda names: [Transcript(screen, names), life.person],
                tell=lambda _: None,
                wall=life.wall,
            )
            serving = Serving(loaded, language, rig, menu, outside)
            try:
                serving.run()
            except _PowerCutError:
                life.cuts += 1
            life.base, life.at = life.base + serving.drive.now, 0.0
    life.person.state, life.person.mode = "idle", ""
    life.person.plan.extendleft(("coach, options", "coach, resume"))


def rows(minutes: float = MINUTES) -> list[Row]:
    """Live in a process of its own, and return what grew."""
    with tempfile.TemporaryDirectory(dir=ROOT) as name:
        env = {key: value for key, value in os.environ.items() if not key.startswith("VOICECOACH_")}
        env |= {f"XDG_{kind}_HOME": f"{name}/{kind.lower()}" for kind in ("CONFIG", "DATA", "CACHE")}
        env |= {"VOICECOACH_HEARING_ECHO": "never", "VOICECOACH_SERVE_TIMETABLE": "daily 08:00 gentle-start"}
        env |= {"VOICECOACH_STORAGE_JOURNAL_MB": str(JOURNAL_MB), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "bench.soak", str(minutes)]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return [summary([json.loads(line) for line in done.stdout.splitlines()], minutes)]


def summary(nights: list[dict[str, Any]], minutes: float) -> Row:
    """Return what grew from after the warm-up to the end.

    The most in the second quarter of the nights is compared with the most in the last quarter: a second engine is open
    after some sessions (those in which the coach was told to speak slower) and not after others.
    """
    quarter = max(1, len(nights) // 4)
    warm, late = nights[quarter : 2 * quarter] or nights, nights[-quarter:]
    first, last = nights[0], nights[-1]

    def growth(what: str) -> float:
        return float(max(one[what] for one in late) - max(one[what] for one in warm))

    hours = last["virtual_hours"]
    return {
        "figure": f"{minutes:g} minutes of wall time in one process",
        "days": last["day"],
        "hours of sound": hours,
        "sessions begun / ended": f"{last['starts']} / {last['ends']}",
        "said / heard": f"{last['said']} / {last['heard']}",
        "pains / power cuts": f"{last['note pain']} / {last['cuts']}",
        "resident memory, MB (first night, after warm-up, end, most)": " / ".join(
            f"{value:.0f}" for value in (first["rss"], warm[0]["rss"], last["rss"], max(one["rss"] for one in nights))
        ),
        "growth of resident memory after warm-up, MB": round(growth("rss"), 1),
        "growth of proportional memory after warm-up, MB": round(growth("pss"), 1),
        "growth of threads / files / processes": " / ".join(f"{growth(what):g}" for what in _COUNTED),
        "journal / cache at the end, MB": f"{last['journal'] / 1e6:.2f} / {last['cache'] / 1e6:.1f}",
        "written, MB an hour of sound after warm-up": round(
            (last["written"] - warm[0]["written"]) / 1e6 / max(0.01, hours - warm[0]["virtual_hours"]), 2
        ),
        "within the bar": growth("rss") < ALLOWED_MB and all(growth(what) <= 0 for what in _COUNTED),
    }


if __name__ == "__main__":
    live(float(sys.argv[1]))
