"""A simulated room with everything in it: the plan's utterances spoken, the coach as loud as the plan wants.

Rule: joins what ``audio`` and ``speech`` may not know of each other; decides nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from voicecoach.audio.resample import resample
from voicecoach.audio.room import Room, Utterance
from voicecoach.audio.room_plan import RoomPlan, load_plan
from voicecoach.audio.wav import read_wav
from voicecoach.ports import EAR_RATE, Audio, DeviceError, Samples, Voice
from voicecoach.speech.engines import open_voice

COACHED = (
    "Lie on your back with your knees bent, and your feet flat on the floor.",
    "Breathe out as you lift your hips, and hold for ten seconds.",
    "Lower your hips slowly, and rest.",
)
"""What the coach's loudness is measured by, for ``enr``: such sentences as routines are made of."""


def persons_engine(coachs: str) -> str:
    """Return the engine that the person of a room speaks with: the coach's, or any where that only shows its words."""
    return "auto" if coachs == "text" else coachs


def open_room(
    plan: Path, *, rate: int, engine: str, coach: Voice | None = None, volume: float = 1.0, apart_from: str = ""
) -> Room:
    """Return the room of a plan.

    ``rate`` is the loudspeaker's, in Hz; ``engine`` speaks the utterances; ``enr`` is set by what ``coach`` sounds like
    at ``volume``; ``apart_from`` is a file that the room must not record to. Raises ``PlanError`` and ``PortError``.
    """
    made = load_plan(plan)
    for path in filter(None, (apart_from, str(plan))):
        if made.record is not None and os.path.realpath(made.record) == os.path.realpath(path):
            raise DeviceError(f"The room would be recorded over {path}.", mend="give record a file of its own")
    sample = None if coach is None or made.loudspeaker.enr is None else _sample(coach, volume)
    return Room(made, _utterances(made, engine), rate=rate, coach=sample)


class Answers:
    """The person of a room as one who answers: called with what they are asked to say, they say it.

    Or what the plan has in its place.
    """

    def __init__(self, plan: Path, room: Room, *, engine: str) -> None:
        """``plan`` is what ``room`` was made of; ``engine`` speaks. Raises ``PlanError``."""
        self._plan, self._room, self._engine = load_plan(plan), room, engine
        self._sounds: dict[str, Samples] = {}

    def __call__(self, asked: str) -> None:
        """Answer, some time after this moment; not at all where the plan has nobody who does. Raises ``PortError``."""
        after = self._plan.person.answers
        said = next((answer for answer in self._plan.answer if answer.to.casefold() == asked.casefold()), None)
        words = asked if said is None or said.words is None else said.words
        if after is None or not words:
            return
        file = None if said is None else said.file
        sound = self._spoken(words) if file is None else _at_ear_rate(read_wav(file))
        self._room.answer(Utterance(self._room.microphone.heard / EAR_RATE + after, sound, words))

    def _spoken(self, words: str) -> Samples:
        if words not in self._sounds:
            person = self._plan.person
            voice = open_voice(self._engine, person.voice, person.rate)
            try:
                self._sounds[words] = _at_ear_rate(voice.render(words))
            finally:
                voice.close()
        return self._sounds[words]


def _utterances(plan: RoomPlan, engine: str) -> list[Utterance]:
    spoken = sorted({say.words for say in plan.say if say.file is None and say.words is not None})
    sounds: dict[str, Samples] = {}
    if spoken:
        voice = open_voice(engine, plan.person.voice, plan.person.rate)
        try:
            sounds = {words: _at_ear_rate(voice.render(words)) for words in spoken}
        finally:
            voice.close()
    return [
        Utterance(say.at, _at_ear_rate(read_wav(say.file)), say.words or Path(say.file).stem)
        if say.file is not None
        else Utterance(say.at, sounds[say.words or ""], say.words or "")
        for say in plan.say
    ]


def _sample(coach: Voice, volume: float) -> Audio | None:
    """Return some sentences of the coach at this volume; None where its voice only shows them, or is turned off."""
    said = [coach.render(text) for text in COACHED]
    samples = np.concatenate([audio.samples for audio in said]) * np.float32(volume)
    return Audio(samples, said[0].rate) if samples.any() else None


def _at_ear_rate(audio: Audio) -> Samples:
    return resample(audio.samples, audio.rate, EAR_RATE)
