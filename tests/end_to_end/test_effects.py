"""Slower, louder, told: real speech through file devices, measured in the sound that comes out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tests.needs import needs_espeak
from tests.scripted_session import ScriptedSession, say
from voicecoach.alert import AlertHook
from voicecoach.audio.open import open_speaker
from voicecoach.audio.wav import SilentMicrophone, read_wav
from voicecoach.core.events import Alert, Alerted, Effect, Priority, SpeechRate, Spoken, Volume
from voicecoach.core.session import Session
from voicecoach.drive import FileDrive
from voicecoach.host import Host
from voicecoach.language import load_language
from voicecoach.ports import Samples
from voicecoach.record import Record
from voicecoach.rig import FILE_BLOCK, FILE_RATE
from voicecoach.speech.cache import CachedVoice
from voicecoach.speech.engines import open_voice
from voicecoach.speech.estimate import scaled_rate
from voicecoach.speech.mixer import Mixer

pytestmark = pytest.mark.voice

SENTENCE = "Lie on your back with your knees bent and your feet flat on the floor, and let your arms rest beside you."


class Performance:
    """What came of a session's effects."""

    def __init__(
        self, folder: Path, *turns: Iterable[Effect], engine: str = "espeak", hook: AlertHook | None = None
    ) -> None:
        needs_espeak()
        self.records: list[Record] = []
        path = folder / "out.wav"
        speaker = open_speaker(str(path), rate=FILE_RATE, block=FILE_BLOCK, latency=0.1)
        voice = CachedVoice(
            open_voice(engine), folder / "speech", reopen=lambda f: open_voice(engine, rate=scaled_rate(160, f))
        )
        language = load_language("en")
        mixer = Mixer(FILE_RATE, FILE_BLOCK)
        drive = FileDrive(mixer, speaker, SilentMicrophone(), None, voice, hook)
        session = cast("Session", ScriptedSession(*turns, waits_for=(Spoken, Alerted)))
        ready = {text: voice.render(text) for text in (SENTENCE, "Seven", "Relax.")}
        host = Host(session, language, mixer, drive, ready=ready, listeners=(self.records.append,))
        try:
            host.run()
        finally:
            drive.close()
            voice.close()
        self.sound = read_wav(path)

    def spoken(self) -> list[Samples]:
        """Return the sound of each utterance, without its last milliseconds: moments are rounded, and the next waits."""
        rate = self.sound.rate
        begins = [r["t"] for r in self.records if r["event"] == "say"]
        ends = [r["t"] for r in self.records if r["event"] == "spoken"]
        return [
            self.sound.samples[round(a * rate) : round((b - 0.003) * rate)] for a, b in zip(begins, ends, strict=True)
        ]

    def lengths(self) -> list[float]:
        """Return how long each utterance sounds, from its first audible sample to its last."""
        audible = [np.flatnonzero(np.abs(part) > 0.01) for part in self.spoken()]
        return [float(at[-1] - at[0]) / self.sound.rate for at in audible]


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


@pytest.mark.parametrize("engine", ["espeak", "pyttsx3"])
@pytest.mark.parametrize("factor", [0.85, 1.2])
def test_a_sentence_is_longer_at_a_slower_rate_and_a_count_is_not(tmp_path: Path, engine: str, factor: float) -> None:
    counts = (Priority.COUNT, "Seven"), (Priority.RELEASE, "Relax.")
    turns: list[Iterable[Effect]] = [(say(1, SENTENCE),)]
    turns += [(say(2 + i, text, priority),) for i, (priority, text) in enumerate(counts)]
    turns += [(SpeechRate(factor), say(4, SENTENCE))]
    turns += [(say(5 + i, text, priority),) for i, (priority, text) in enumerate(counts)]
    turns += [(SpeechRate(1.0), say(7, SENTENCE))]
    before, seven, relax, turned, seven_again, relax_again, after = Performance(
        tmp_path, *turns, engine=engine
    ).lengths()
    assert turned == pytest.approx(before / factor, rel=0.08)
    assert seven_again == pytest.approx(seven, abs=0.001)
    assert relax_again == pytest.approx(relax, abs=0.001)
    assert after == pytest.approx(before, abs=0.001)


def test_the_same_effects_give_the_same_sound(tmp_path: Path) -> None:
    turns: list[Iterable[Effect]] = [
        (SpeechRate(0.85), say(1, SENTENCE)),
        (Volume(0.5), say(2, "Is it gone?", loud=True)),
        (Alert("no answer"),),
    ]
    hook = AlertHook("true")
    takes = []
    for name in "one", "two":
        folder = tmp_path / name
        folder.mkdir()
        takes.append(Performance(folder, *turns, hook=hook))
    assert takes[0].records == takes[1].records
    assert np.array_equal(takes[0].sound.samples, takes[1].sound.samples)


def test_a_loud_sentence_is_six_decibels_louder_and_does_not_clip(tmp_path: Path) -> None:
    take = Performance(tmp_path, (say(1, SENTENCE),), (say(2, SENTENCE, loud=True),))
    usual, loud = take.spoken()
    assert 20 * np.log10(rms(loud) / rms(usual)) == pytest.approx(6.0, abs=0.5)
    assert np.abs(take.sound.samples).max() < 0.99
    assert np.mean(np.abs(loud) > 0.9) < 0.001


def test_a_volume_is_heard(tmp_path: Path) -> None:
    take = Performance(tmp_path, (say(1, SENTENCE),), (Volume(0.25), say(2, SENTENCE)))
    usual, quiet = take.spoken()
    assert rms(quiet) / rms(usual) == pytest.approx(0.25, rel=0.02)


def test_an_alarm_is_told_at_its_place_and_answered_in_the_events(tmp_path: Path) -> None:
    out = tmp_path / "told"
    hook = AlertHook(f"sh -c 'echo $VOICECOACH_ALERT_REASON > {out}'")
    take = Performance(tmp_path, (say(1, "Help is called."), Alert("emergency")), hook=hook)
    assert out.read_text() == "emergency\n"
    names = [r["event"] for r in take.records]
    assert names.index("alert") < names.index("alerted")
    (answer,) = [r for r in take.records if r["event"] == "alerted"]
    assert answer["told"] is True
    assert json.dumps(take.records)
