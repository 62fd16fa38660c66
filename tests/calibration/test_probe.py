"""The probe and the rig round it: keys, time, what a calibration changes of a session's devices."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.calibration.test_store import calibration
from voicecoach.audio.room import Utterance
from voicecoach.audio.unheard import UnheardSpeaker
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.calibration import store
from voicecoach.calibration.dialogue import Dialogue
from voicecoach.calibration.interview import Try
from voicecoach.calibration.probe import Probe
from voicecoach.calibration.store import Figures, Pair
from voicecoach.calibration.use import ROOMS_OWN
from voicecoach.config import load_config
from voicecoach.core.events import Command, Heard, Overheard
from voicecoach.in_room import Answers, open_room
from voicecoach.language import load_language
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Audio, DeviceError, Folders, Samples
from voicecoach.rig import Rig, build_rig
from voicecoach.speech.mixer import Mixer

ENGLISH = load_language()


class Humming:
    """A voice whose sentences are half a second of noise, so that something sounds."""

    name = "humming"

    def render(self, text: str) -> Audio:
        del text
        chance = np.random.default_rng(1)
        return Audio(chance.uniform(-0.1, 0.1, 12_000).astype(np.float32), 24_000)

    def close(self) -> None: ...


class ScriptedEar:
    """Understands what it is told to, a block after it may."""

    def __init__(self, *heard: Heard | Overheard | None) -> None:
        self.script = list(heard)
        self.live: frozenset[Command] = frozenset()
        self.said: list[str | None] = []
        self._waited = 0

    def hear(self, block: Samples, at: float) -> Sequence[Heard | Overheard]:
        del at
        assert len(block) == EAR_BLOCK
        self._waited = self._waited + 1 if self.live else 0
        if self._waited != 10 or not self.script:
            return []
        found = self.script.pop(0)
        return [] if found is None else [found]

    def listen_for(self, commands: frozenset[Command]) -> None:
        self.live = commands

    def coach_says(self, text: str | None) -> None:
        self.said.append(text)

    def close(self) -> None: ...


class Pressed(SilentMicrophone):
    """A microphone in whose ``at``-th block somebody presses a key."""

    def __init__(self, keys: SimpleQueue[Heard | Overheard], presses: dict[int, Command]) -> None:
        super().__init__()
        self._keys, self._presses, self._blocks = keys, presses, 0

    def read(self) -> Samples:
        self._blocks += 1
        if self._blocks in self._presses:
            command = self._presses[self._blocks]
            self._keys.put(Heard(0.0, command, command.value, "keys"))
        return super().read()


def rig(ear: ScriptedEar | None, microphone: SilentMicrophone | None = None) -> Rig:
    speaker = UnheardSpeaker()
    mixer = Mixer(speaker.rate, speaker.block)
    voice: Any = Humming()
    return Rig(voice, speaker, microphone or SilentMicrophone(), ear, keys=False, mixer=mixer)


def heard(command: Command) -> Heard:
    return Heard(0.0, command, command.value)


def test_what_is_understood_behind_the_tone_is_the_reply_and_nothing_before_it() -> None:
    ear = ScriptedEar(heard(Command.NEXT))
    probe = Probe(rig(ear))
    probe.start()
    assert ear.live == frozenset()
    reply = probe.ask("Say: next.", frozenset({Command.NEXT}), 5.0)
    assert (reply.heard, reply.words, reply.spoken, reply.by_key) == (Command.NEXT, "next", True, False)
    assert ear.live == frozenset()
    assert ear.said == ["Say: next.", None]
    assert len(reply.samples) / EAR_RATE < 1.0, "it does not wait for the rest of the five seconds"


def test_silence_lasts_as_long_as_was_granted() -> None:
    probe = Probe(rig(ScriptedEar()))
    probe.start()
    reply = probe.ask("Say: next.", frozenset({Command.NEXT}), 2.0)
    assert (reply.heard, reply.words, reply.spoken) == (None, "", False)
    assert len(reply.samples) == 2 * EAR_RATE


def test_a_graver_word_takes_the_place_of_the_first() -> None:
    class Twice(ScriptedEar):
        def hear(self, block: Samples, at: float) -> Sequence[Heard | Overheard]:
            found = super().hear(block, at)
            return found or ([heard(Command.PAIN)] if self._waited == 20 else [])

    probe = Probe(rig(Twice(heard(Command.PAUSE))))
    probe.start()
    assert probe.ask("Say: pain.", frozenset(Command), 5.0).heard is Command.PAIN


def test_a_key_is_a_reply_unless_it_was_pressed_before_the_tone() -> None:
    keys: SimpleQueue[Heard | Overheard] = SimpleQueue()
    probe = Probe(rig(ScriptedEar(), Pressed(keys, {10: Command.STOP, 120: Command.READY})), keys)
    probe.start()
    reply = probe.ask("Say ready.", frozenset({Command.READY}), 5.0)
    assert (reply.heard, reply.by_key, reply.spoken) == (Command.READY, True, False)


def dialogue(ear: ScriptedEar, presses: dict[int, Command], echo: Any = None) -> tuple[Dialogue, list[str], list[Try]]:
    keys: SimpleQueue[Heard | Overheard] = SimpleQueue()
    shown: list[str] = []
    tried: list[Try] = []
    probe = Probe(rig(ear, Pressed(keys, presses)), keys)
    return Dialogue(probe, ENGLISH, echo, volume=0.6, show=shown.append, tried=tried.append), shown, tried


def test_enter_is_as_good_as_ready_and_the_words_can_be_left_out_and_ended_by_key() -> None:
    ear = ScriptedEar(None, None, heard(Command.PAIN), None)
    # Blocks: 1.02 s for a sentence, 0.47 s up to the end of the tone, and three seconds of silence in the beginning.
    presses = {51 + 150 + 4 * 51 + 51 + 24 + 20: Command.READY}
    first_word = max(presses) + 51
    presses |= {first_word + 51 + 24 + 20: Command.SKIP, first_word + 400: Command.END}
    talk, shown, tried = dialogue(ear, presses)
    found = talk.measure(words=True)
    assert found.present
    assert found.devices.person is None, "a key says nothing about a voice"
    assert "next" not in [one.phrase for one in tried]
    assert [one.phrase for one in tried][:1] == ["pain"]
    assert len(tried) < 6
    assert shown[-1].startswith("Say: ")


@pytest.mark.parametrize(("cancelled", "drift"), [(3.0, None), (20.0, 200.0)])
def test_the_drift_of_a_filter_that_knows_nothing_is_not_kept(cancelled: float, drift: float | None) -> None:
    echo = SimpleNamespace(known=True, return_loss=cancelled, delay=0.1, drift=200.0)
    talk, _, _ = dialogue(ScriptedEar(), {}, echo)
    found = talk.measure(words=False).devices
    assert (found.delay, found.cancelled, found.drift) == (0.1, cancelled, drift)


def test_only_a_yes_is_a_yes() -> None:
    for reply, wanted in ((heard(Command.YES), True), (heard(Command.NO), False), (None, False)):
        talk, _, _ = dialogue(ScriptedEar(reply), {})
        talk._probe.start()
        assert talk.offer_volume() is wanted


PLAN = 'rt60 = 0\n[loudspeaker]\nenr = 0\n[person]\nanswers = 0.5\n[[answer]]\nto = "stop"\nfile = "stop.wav"\n'


def devices(folder: Path, *, measuring: bool, data: Path) -> Rig:
    (folder / "plan.toml").write_text(PLAN, "utf-8")
    variables = {"VOICECOACH_SOUND_MICROPHONE": f"room:{folder / 'plan.toml'}", "VOICECOACH_HEARING_ECHO": "always"}
    loaded = load_config(env={"VOICECOACH_VOICE_ENGINE": "text", **variables}, user=folder / "none.toml")
    return build_rig(loaded, ENGLISH, Folders(data, folder), env={}, stdin=io.StringIO(), measuring=measuring)


def test_a_session_begins_with_the_drift_that_was_measured_and_a_calibration_with_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[tuple[str, ...]] = []

    def open_ear(_: Any, language: Any, *args: Any, **options: Any) -> tuple[ScriptedEar, str]:
        del args, options
        spoken.append(language.phrases_of(Command.SKIP))
        return ScriptedEar(), "a model"

    monkeypatch.setattr("voicecoach.rig.open_ear", open_ear)
    pair = Pair(ROOMS_OWN, f"room:{tmp_path / 'plan.toml'}")
    kept = calibration(pair)
    drift = Figures.of(kept.devices.devices).model_copy(update={"drift": 33.0})
    store.save(tmp_path, kept.model_copy(update={"devices": drift}))
    for measuring, wanted, phrases in (
        (False, 33.0, ("skip exercise",)),
        (True, 0.0, ("skip this", "skip exercise")),
    ):
        made = devices(tmp_path, measuring=measuring, data=tmp_path)
        made.close()
        assert made.echo is not None
        assert made.echo.drift == wanted
        assert spoken[-1] == phrases
        assert made.answer is not None


def test_the_person_of_a_room_answers_so_long_after_the_question(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    room = open_room(tmp_path / "plan.toml", rate=24_000, engine="text")
    sounds: list[Utterance] = []
    room.answer = sounds.append  # type: ignore[method-assign, assignment]
    answer = Answers(tmp_path / "plan.toml", room, engine="text")
    for _ in range(50):
        room.microphone.read()
    answer("yes")
    assert [(round(one.at, 3), one.words) for one in sounds] == [(1.5, "yes")]
    with pytest.raises(DeviceError, match=r"stop.wav cannot be read"):
        answer("Stop")


def test_what_is_answered_arrives_with_the_persons_level_on_top_of_what_was_planned(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    room = open_room(tmp_path / "plan.toml", rate=24_000, engine="text")
    noise = np.random.default_rng(2).uniform(-1, 1, EAR_RATE).astype(np.float32)
    room.answer(Utterance(1.0, noise, "a"))
    room.answer(Utterance(1.5, noise, "b"))
    blocks = np.concatenate([room.microphone.read() for _ in range(150)])

    def level(start: float, end: float) -> float:
        part = blocks[round(start * EAR_RATE) : round(end * EAR_RATE)]
        return float(10 * np.log10(np.square(part, dtype=np.float64).mean() + 1e-12))

    assert level(0.0, 1.0) < -100
    assert level(1.1, 1.4) == pytest.approx(-30.0, abs=0.5)
    assert level(1.6, 1.9) > -30.0 + 2.5, "the two overlap here"
    assert level(2.1, 2.4) == pytest.approx(-30.0, abs=0.5)
