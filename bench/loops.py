"""The loops that are compared, behind one signature: sound and what is live in, commands and their times out.

Rule: each loop gets the same samples in the same blocks and as much help as its kind of program can use in thirty
lines; none knows what was said, but ``Oracle``, which is there to know it.
"""

from __future__ import annotations

import functools
import json
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.plain_vosk_loop import plain_loop
from bench.recordings import Scene
from voicecoach.audio.riff import to_pcm
from voicecoach.core.events import Command
from voicecoach.core.events import Heard as CommandHeard
from voicecoach.hearing.activity import PRE_ROLL
from voicecoach.hearing.contract import play
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import load_language
from voicecoach.ports import EAR_BLOCK, EAR_RATE

Acts = list[tuple[Command, float]]
"""Commands, and the second of sound at which each could be obeyed."""
Loop = Callable[[Scene, frozenset[Command], str], Acts]
"""Takes a scene, what is live, and what is truly said (for the oracle alone)."""

OURS, PLAIN, LISTS, SPHINX, ORACLE = "voicecoach", "plain Vosk", "plain Vosk, our lists", "pocketsphinx", "oracle words"


def make(name: str, model: Path) -> Loop:
    """Return a loop, ready to hear."""
    return {OURS: _ours, PLAIN: _plain, LISTS: _plain_with_lists, SPHINX: _sphinx, ORACLE: _oracle}[name](model)


def _ours(model: Path) -> Loop:
    """Our ear: a fresh one for each scene, so that no clip depends on the one before it."""
    _load_once()

    def hear(scene: Scene, live: frozenset[Command], _said: str) -> Acts:
        ear = _ear(model)
        ear.listen_for(live)
        return [(one.command, one.at) for one in play(ear, scene.sound)]

    return hear


def _plain(model: Path) -> Loop:
    """The tutorial: the phrases and ``[unk]``, and whatever it hears, it does."""
    _load_once()
    phrases = load_language().phrases
    return lambda scene, _live, _said: plain_loop(model, phrases, scene.sound)


def _plain_with_lists(model: Path) -> Loop:
    """The same, with the two lists we have: it hears our decoys as themselves, and does only what is live."""
    _load_once()
    language = load_language()

    def hear(scene: Scene, live: frozenset[Command], _said: str) -> Acts:
        acts = plain_loop(model, language.phrases, scene.sound, decoys=language.decoys)
        return [act for act in acts if act[0] in live]

    return hear


def _sphinx(_model: Path) -> Loop:
    """pocketsphinx with its own English model and endpointer, and a grammar of the live phrases and the decoys.

    It has no ``[unk]``: the decoys are all that keeps other words from being taken for a phrase. Where noise keeps its
    endpointer open, what it would have said at the end of the scene counts. Tried, and no better: its stricter
    endpointers (of 84 clips 34 to 37 right for 43), levels normalised over the utterance (38), its own noise removal
    (41), one grammar for all states (31 of 59 for 33).
    """
    import pocketsphinx

    language = load_language()
    decoder = pocketsphinx.Decoder(samprate=EAR_RATE, loglevel="FATAL", lm=None)

    @functools.cache
    def grammar_of(live: frozenset[Command]) -> str:
        phrases = [phrase for phrase, command in language.phrases.items() if command in live]
        name = f"live{grammar_of.cache_info().misses}"
        words = " | ".join((*phrases, *language.decoys))
        decoder.add_jsgf_string(name, f"#JSGF V1.0; grammar {name}; public <command> = {words};")
        return name

    def command() -> Command | None:
        decoder.end_utt()
        hypothesis = decoder.hyp()
        return language.phrases.get(hypothesis.hypstr) if hypothesis else None

    def hear(scene: Scene, live: frozenset[Command], _said: str) -> Acts:
        decoder.activate_search(grammar_of(live))
        ends = pocketsphinx.Endpointer(sample_rate=EAR_RATE)
        pcm, size = to_pcm(scene.sound), ends.frame_bytes
        found: list[tuple[Command | None, float]] = []
        for first in range(0, len(pcm) - size + 1, size):
            was_in = ends.in_speech
            speech = ends.process(pcm[first : first + size])
            if speech is None:
                continue
            if not was_in:
                decoder.start_utt()
            decoder.process_raw(speech)
            if not ends.in_speech:
                found.append((command(), (first + size) / 2 / EAR_RATE))
        if ends.in_speech:
            found.append((command(), len(scene.sound) / EAR_RATE))
        return [(one, at) for one, at in found if one is not None]

    return hear


def _oracle(model: Path) -> Loop:
    """Our ear with a recogniser that knows what was said: what is wrong here, gate and policy did.

    It gives the words once they have ended, if the gate let any of them pass in time, and what is not in the grammar
    as ``[unk]``. It takes Vosk's place while the ear is made, whatever the ear's insides are.
    """
    oracle = _Recogniser()

    def hear(scene: Scene, live: frozenset[Command], said: str) -> Acts:
        with patch.dict(sys.modules, vosk=oracle.module()):
            ear = _ear(model, everyday=())  # who knows what was said need not look twice
        ear.listen_for(live)
        oracle.expect(scene, said)
        acts: Acts = []
        for first in range(0, len(scene.sound) - EAR_BLOCK + 1, EAR_BLOCK):
            oracle.now = (first + EAR_BLOCK) / EAR_RATE
            for one in ear.hear(scene.sound[first : first + EAR_BLOCK], oracle.now):
                acts += [(one.command, one.at)] if isinstance(one, CommandHeard) else []
        return acts

    return hear


class _Recogniser:
    """Stands for ``vosk.KaldiRecognizer``."""

    def __init__(self) -> None:
        self.now = 0.0
        """Seconds of the scene."""
        self._fed = 0
        self._heard = self._told = False
        self._start = self._end = 0.0
        self._said = ""
        self._grammar: frozenset[str] = frozenset()

    def module(self) -> types.ModuleType:
        """Return a module with the names of Vosk that an ear uses."""
        vosk: Any = types.ModuleType("vosk")
        vosk.SetLogLevel = lambda _level: None
        vosk.Model = lambda _path: types.SimpleNamespace(vosk_model_find_word=lambda _word: 1)
        vosk.KaldiRecognizer = self.made
        return vosk  # type: ignore[no-any-return]

    def made(self, _model: object, _rate: int, grammar: str) -> _Recogniser:
        self._grammar = frozenset(word for phrase in json.loads(grammar) for word in phrase.split())
        self._fed = 0
        return self

    def expect(self, scene: Scene, said: str) -> None:
        """Know what is said in the next scene."""
        self._heard = self._told = False
        self._start, self._end = scene.start, scene.end
        words = [word if word in self._grammar else "[unk]" for word in said.split()]
        self._said = " ".join(words) or "[unk]"

    def SetWords(self, _yes: bool) -> None:  # noqa: N802 - Vosk's names
        pass

    def AcceptWaveform(self, pcm: bytes) -> bool:  # noqa: N802
        self._fed += len(pcm) // 2
        self._heard = self._heard or self._start <= self.now <= self._end + PRE_ROLL
        return False

    def PartialResult(self) -> str:  # noqa: N802
        return json.dumps({"partial": self._text()})

    def FinalResult(self) -> str:  # noqa: N802
        text = self._text()
        self._told = self._told or bool(text)
        end = self._fed / EAR_RATE - (self.now - self._end)
        begin = end - (self._end - self._start)
        words = [{"word": word, "start": begin, "end": end, "conf": 1.0} for word in text.split()]
        return json.dumps({"text": text, "result": words})

    Result = FinalResult

    def Reset(self) -> None:  # noqa: N802
        pass

    def _text(self) -> str:
        return self._said if self._heard and not self._told and self.now >= self._end else ""


def _ear(model: Path, everyday: tuple[str, ...] | None = None) -> VoskEar:
    language = load_language()
    return VoskEar(
        model,
        language.phrases,
        language.decoys,
        yields=language.yields,
        everyday=language.everyday if everyday is None else everyday,
    )


def _load_once() -> None:
    """Let every loop of this process share a model: it is read only, and loading it is not what is measured."""
    import vosk

    vosk.SetLogLevel(-1)
    if not hasattr(vosk.Model, "cache_info"):
        vosk.Model = functools.cache(vosk.Model)
