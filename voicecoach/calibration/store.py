"""What was found out, kept: one file for each pair of loudspeaker and microphone, in the person's data folder.

Rule: a file is written whole or not at all, and what cannot be understood is told and left out: a session is never
refused because of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voicecoach.audio.open import room_of
from voicecoach.calibration.interview import Try
from voicecoach.calibration.measures import Devices
from voicecoach.core.events import Command

VERSION = 1
_FOLDER = "calibration"
_MOST = 1_000_000
"""Bytes: a file of ours has some thousand."""
_LONGEST = 32
"""Letters of a device's name in that of a file."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The devices that belong together, by name."""

    loudspeaker: str
    microphone: str

    def __str__(self) -> str:
        return f"{self.loudspeaker} and {self.microphone}"


class StaleError(Exception):
    """A file is there and cannot be used. ``str()`` is one sentence."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


_Level = Annotated[float, Field(ge=-400, le=400)]
_Share = Annotated[float, Field(ge=0, le=1)]


class Figures(_Part):
    """``Devices``, as they are kept."""

    noise: _Level
    played: _Level
    echo: _Level | None
    cancelled: _Level | None
    delay: Annotated[float, Field(ge=0, le=10)] | None
    drift: Annotated[float, Field(ge=-500, le=500)] | None
    clipped_coach: _Share
    person: _Level | None
    clipped_person: _Share | None

    @classmethod
    def of(cls, devices: Devices) -> Figures:
        """Return the figures of some devices; digital silence has the level -400."""
        fields = {name: getattr(devices, name) for name in cls.model_fields}
        return cls(**fields | {"noise": max(-400.0, devices.noise)})

    @property
    def devices(self) -> Devices:
        """Return them as they were measured."""
        return Devices(**self.model_dump())


class Word(_Part):
    """A ``Try``, as it is kept."""

    phrase: str
    command: Command
    heard: Command | None
    words: str
    voice: bool

    @classmethod
    def of(cls, one: Try) -> Word:
        """Return what is kept of a try."""
        return cls(phrase=one.phrase, command=one.command, heard=one.heard, words=one.words, voice=one.voice)

    @property
    def tried(self) -> Try:
        """Return it as it was."""
        return Try(self.phrase, self.command, self.heard, self.words, self.voice)


class Calibration(_Part):
    """Everything that is kept of a pair of devices and the person who speaks there."""

    version: Literal[1]
    made: datetime
    """Wall time, with offset."""
    loudspeaker: str
    microphone: str
    language: str
    """Code of the language of the words."""
    volume: Annotated[float, Field(ge=0, le=1)]
    """With which the coach spoke."""
    devices: Figures
    words: tuple[Word, ...] = ()
    left_out: tuple[str, ...] = ()
    """Phrases that are not listened for any more."""
    better: tuple[str, ...] = ()
    """What is to be said in their place."""

    @property
    def tries(self) -> tuple[Try, ...]:
        """What was asked for, and what came."""
        return tuple(word.tried for word in self.words)


def path_of(data: Path, pair: Pair) -> Path:
    """Return where a pair's file is, whether it is there or not. Names that differ have files that differ."""
    names = (_readable(pair.loudspeaker), "and", _readable(pair.microphone))
    digest = hashlib.sha256(json.dumps([pair.loudspeaker, pair.microphone]).encode()).hexdigest()[:12]
    return data / _FOLDER / f"{'-'.join(filter(None, names))}-{digest}.json"


def _readable(device: str) -> str:
    """Return so many words of a device's name as a person knows it by; of a room, the name of its plan."""
    plan = room_of(device)
    words = re.findall(r"[a-z0-9]+", (device if plan is None else f"room {plan.stem}").lower().replace("'", ""))
    name = "".join(words[:1])[:_LONGEST]
    for word in words[1:]:
        if len(name) + len(word) >= _LONGEST:
            break
        name += f"-{word}"
    return name


def load(data: Path, pair: Pair) -> Calibration | None:
    """Return what is kept of a pair; None where nothing is. Raises ``StaleError``."""
    path = path_of(data, pair)
    try:
        with path.open("rb") as file:
            text = file.read(_MOST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StaleError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    try:
        table = json.loads(text)
        version = table.get("version")
        if version != VERSION:
            raise StaleError(f"{path} is of another version ({version!r}; this one knows {VERSION})")
        found = Calibration.model_validate_json(text)
    except (ValueError, AttributeError, RecursionError, ValidationError):
        raise StaleError(f"{path} is damaged") from None
    if (found.loudspeaker, found.microphone) != (pair.loudspeaker, pair.microphone):
        raise StaleError(f"{path} is of other devices ({found.loudspeaker} and {found.microphone})")
    return found


def save(data: Path, calibration: Calibration) -> Path:
    """Keep it in place of what was there, and return its file. Raises ``OSError``."""
    path = path_of(data, Pair(calibration.loudspeaker, calibration.microphone))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".new-", suffix=".json")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(calibration.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return path


def forget(data: Path, pair: Pair) -> bool:
    """Forget a pair; return whether anything was kept of it. Raises ``OSError``, also for a folder in its place."""
    path = path_of(data, pair)
    there = path.exists()
    path.unlink(missing_ok=True)
    return there
