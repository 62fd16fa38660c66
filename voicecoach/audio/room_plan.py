"""The plan of a simulated room: a TOML file as frozen values.

Rule: every key is documented here and in docs/rooms.md, every value is checked here; what does not fit is one
``PlanError`` with file, line, key, value and what is allowed. Paths are relative to the plan's own file.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from voicecoach.audio.impulse import Place, shortest_rt60
from voicecoach.complaints import Complaint, explain, listing, suggest
from voicecoach.toml_file import read_toml
from voicecoach.toml_lines import KeyPath, Places, line_of

LEAST_DELAY = 0.08
"""Seconds. What the loudspeaker plays is heard this much later at the earliest: 31 ms in the resampler, 10 ms each in
the pieces it and the convolution work in, and 20 ms for a microphone that is read before the loudspeaker has played."""

LEAST_SPAN = 0.01
"""Seconds by which a clock that runs fast may shorten the delay, at least, before the buffers start anew."""


class PlanError(Complaint):
    """What is wrong with the plan of a room, and where."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


_RT60_MOST = 1.5
_LARGEST = 50
"""m of a room's length, width or height."""
_LONGEST_PATH, _LONGEST_PART, _LONGEST_VOICE = 1000, 255, 100
"""Bytes of the path of a file and of each name in it (a file system takes no more), letters of a voice's name."""


def _plain(path: str) -> str:
    if not path or not path.isprintable():
        raise ValueError("this is no name of a file; allowed: letters, digits and signs that can be printed")
    if len(os.fsencode(path)) > _LONGEST_PATH or any(len(os.fsencode(p)) > _LONGEST_PART for p in Path(path).parts):
        raise ValueError(
            f"this is too long for the name of a file; allowed: {_LONGEST_PATH} bytes, and {_LONGEST_PART} in each part"
        )
    return path


def _nameable(voice: str) -> str:
    if not voice or not voice.isprintable() or len(voice) > _LONGEST_VOICE:
        raise ValueError("this is no name of a voice; allowed: letters, digits and signs, such as en-gb+f2")
    return voice


def _three(place: object) -> object:
    numbers = place if isinstance(place, list | tuple) else []
    # A bool is an int to Python.
    if len(numbers) != 3 or any(type(number) not in {int, float} for number in numbers):
        raise ValueError(
            "this must be three numbers; allowed: metres along length, width and height, such as [3.0, 4.0, 2.5]"
        )
    if not all(0 < number <= _LARGEST for number in numbers):
        raise ValueError(
            f"each of the three numbers must be that of a room; allowed: more than 0 m, {_LARGEST} m at most"
        )
    return place


_Number = Annotated[float, Field(strict=True)]
"""Neither ``true`` nor "6"."""
_Whole = Annotated[int, Field(strict=True)]
_File = Annotated[str, AfterValidator(_plain)]
_Spot = Annotated[tuple[float, float, float], BeforeValidator(_three)]


class Loudspeaker(_Part):
    """``[loudspeaker]``: how the coach's voice comes to the microphone."""

    place: _Spot = (0.6, 1.6, 0.3)
    """m, as ``size`` counts."""
    enr: Annotated[_Number, Field(ge=-60, le=60)] | None = None
    """Echo to near-end ratio: dB by which the coach is louder at the microphone than the person."""
    gain: Annotated[_Number, Field(ge=-120, le=60)] | None = None
    """Instead of ``enr``: dB from the loudspeaker's samples to the microphone's, for white noise, unclipped."""
    delay: Annotated[_Number, Field(ge=LEAST_DELAY, le=2)] = 0.1
    """s in the buffers of both cards; the flight of the sound comes on top."""
    drift: Annotated[_Number, Field(ge=-1000, le=1000)] = 0.0
    """ppm by which the loudspeaker's clock runs slow: above 0 the delay grows, below it shrinks."""
    drive: Annotated[_Number, Field(ge=0, le=20)] = 0.0
    """Soft clipping: tanh(drive x) / drive; 0 is none."""
    impulse_response: _File | None = None
    """A WAV file instead of a computed response."""

    @model_validator(mode="after")
    def _one_level(self) -> Self:
        if (self.enr is None) == (self.gain is None):
            raise ValueError("how loud the loudspeaker is must be said once; allowed: either enr or gain, in dB")
        if self.drift < 0 and self.delay < LEAST_DELAY + LEAST_SPAN:
            raise ValueError(
                f"a drift below 0 shortens the delay, which is {self.delay:g} s and cannot go below {LEAST_DELAY:g} s; "
                f"allowed: a delay of {LEAST_DELAY + LEAST_SPAN:g} s or more"
            )
        return self


class PersonPlan(_Part):
    """``[person]``: who speaks to the coach."""

    place: _Spot = (1.6, 1.9, 1.0)
    """m, as ``size`` counts."""
    level: Annotated[_Number, Field(ge=-80, le=-6)] = -30.0
    """dBFS at the microphone: the mean active speech power of each utterance."""
    voice: Annotated[str, AfterValidator(_nameable)] = "en-gb+f2"
    """The voice of what is to be spoken."""
    rate: Annotated[_Whole, Field(ge=80, le=300)] = 150
    """Words a minute."""
    answers: Annotated[_Number, Field(ge=0.1, le=10)] | None = None
    """s after the tone at which the person says what they are asked to say; left out, they say nothing to it."""
    impulse_response: _File | None = None
    """A WAV file instead of a computed response."""


class Noise(_Part):
    """``[[noise]]``: what else sounds, all the time."""

    kind: Literal["white", "pink"] | None = None
    """White noise, or pink (equal power in every octave above 20 Hz)."""
    file: _File | None = None
    """Or a WAV file, over and over."""
    snr: Annotated[_Number, Field(ge=-40, le=100)]
    """dB of the person's level over the noise's mean power."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.kind is None) == (self.file is None):
            raise ValueError('what makes the noise must be said once; allowed: kind ("white", "pink") or file')
        return self


class Say(_Part):
    """``[[say]]``: something that the person says."""

    at: Annotated[_Number, Field(ge=0, le=86400)]
    """Seconds of the session."""
    words: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """Spoken by the person's voice; with ``file``, what is said in it."""
    file: _File | None = None
    """A WAV file."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.words is None and self.file is None:
            raise ValueError("nothing is said; allowed: words, or file")
        return self


class Answer(_Part):
    """``[[answer]]``: what the person says in place of what they are asked to say."""

    to: Annotated[str, Field(min_length=1, max_length=500)]
    """What they are asked to say."""
    words: Annotated[str, Field(max_length=500)] | None = None
    """Spoken by the person's voice; with nothing in it they stay silent."""
    file: _File | None = None
    """A WAV file."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.words is None) == (self.file is None):
            raise ValueError("what is answered must be said once; allowed: words, or file")
        return self


class RoomPlan(_Part):
    """A simulated room."""

    size: _Spot = (3.0, 4.0, 2.5)
    """m: length, width, height."""
    rt60: Annotated[_Number, Field(ge=0, le=_RT60_MOST)] = 0.35
    """s in which sound falls by 60 dB; 0 is the direct path only."""
    microphone: _Spot = (1.2, 0.8, 0.12)
    """m, as ``size`` counts."""
    bits: Literal[16, 32] = 16
    """Of a sample of the microphone: 16 (as a sound card gives them) or 32 (as computed)."""
    seed: Annotated[_Whole, Field(ge=0, le=2**32 - 1)] = 1
    """Another seed, other noise."""
    record: _File | None = None
    """A WAV file to which is written what the microphone hears."""
    loudspeaker: Loudspeaker
    person: PersonPlan = PersonPlan()
    noise: tuple[Noise, ...] = ()
    say: tuple[Say, ...] = ()
    answer: tuple[Answer, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if 0 < self.rt60 < (least := shortest_rt60(self.size)):
            longer = f"rt60 is {self.rt60:g} s, and a room of this size rings {least:.2f} s at least; "
            if least > _RT60_MOST:
                raise ValueError(
                    f"{longer}no more than {_RT60_MOST:g} s is simulated; "
                    "allowed: 0 for the direct path only, or a smaller size"
                )
            raise ValueError(f"{longer}allowed: {least:.2f} s to {_RT60_MOST:g} s, or 0 for the direct path only")
        for name, place in self._places().items():
            if any(where >= side for where, side in zip(place, self.size, strict=True)):
                raise ValueError(
                    f"{name} is outside the room; allowed: each of its three numbers less than that of size"
                )
        return self

    def _places(self) -> dict[str, Place]:
        return {
            "microphone": self.microphone,
            "loudspeaker.place": self.loudspeaker.place,
            "person.place": self.person.place,
        }


def load_plan(path: str | Path) -> RoomPlan:
    """Read the plan of a room. Raises ``PlanError``. The files it names are not opened."""
    path = Path(path)
    table, places = _read(path)
    try:
        plan = RoomPlan.model_validate(table)
    except ValidationError as error:
        raise _complaint(path, places, dict(error.errors(include_url=False)[0])) from None
    return _absolute(plan, path.parent)


def refuse_unasked(path: str | Path, asked: Collection[str]) -> None:
    """Raise ``PlanError`` where the person of a plan answers to what they are never asked; ``asked`` in small letters.

    An answer whose ``to`` is misspelt would never be given, and nobody would know why.
    """
    path = Path(path)
    for number, answer in enumerate(load_plan(path).answer):
        if answer.to.casefold() not in asked:
            _, places = _read(path)
            where: KeyPath = ("answer", number, "to")
            problem = f"this is never asked for{suggest(answer.to, asked)}"
            line, key = line_of(places, where), ".".join(map(str, where))
            raise PlanError(path, line, problem, key=key, value=answer.to, allowed=listing(asked))


def _read(path: Path) -> tuple[dict[str, Any], Places]:
    return read_toml(path, PlanError, "the plan of a simulated room, a TOML file (docs/rooms.md)")


def _complaint(path: Path, places: Places, finding: dict[str, Any]) -> PlanError:
    where: KeyPath = tuple(finding["loc"])
    key = ".".join(str(part) for part in where)
    line = line_of(places, where)
    if finding["type"] == "extra_forbidden":
        known = _fields(where[:-1])
        problem = f"this key is not known here{suggest(str(where[-1]), known)}"
        return PlanError(path, line, problem, key=key, allowed=listing(known))
    table = str(where[0]) if where else ""
    if finding["type"] == "model_type" or (finding["type"] == "tuple_type" and table in _TABLES):
        head = f"[[{table}]]" if RoomPlan.model_fields[table].default == () else f"[{table}]"
        problem, allowed = "this is a table", f"{head} on a line of its own, its keys below"
    else:
        problem, allowed = explain(finding)
    # What is said of the plan as a whole begins with the key that it is about.
    about = tuple(problem.partition(" ")[0].split("."))
    if not where and about in places:
        line = line_of(places, about)
    value = finding["input"]
    return PlanError(path, line, problem, key=key, value=None if isinstance(value, dict) else value, allowed=allowed)


_TABLES: dict[str, type[BaseModel]] = {
    "loudspeaker": Loudspeaker,
    "person": PersonPlan,
    "noise": Noise,
    "say": Say,
    "answer": Answer,
}


def _fields(where: KeyPath) -> list[str]:
    return list((_TABLES[str(where[0])] if where else RoomPlan).model_fields)


def _absolute(plan: RoomPlan, folder: Path) -> RoomPlan:
    """Return the plan with its paths as seen from where the program runs."""

    def moved(part: Any, *keys: str) -> Any:
        return part.model_copy(
            update={key: str(folder / value) for key in keys if (value := getattr(part, key)) is not None}
        )

    parts = {
        "loudspeaker": moved(plan.loudspeaker, "impulse_response"),
        "person": moved(plan.person, "impulse_response"),
        "noise": tuple(moved(noise, "file") for noise in plan.noise),
        "say": tuple(moved(say, "file") for say in plan.say),
        "answer": tuple(moved(answer, "file") for answer in plan.answer),
    }
    return moved(plan.model_copy(update=parts), "record")  # type: ignore[no-any-return]
