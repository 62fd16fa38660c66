"""What is said and asked, in order: be quiet; I talk; say ready; twenty words; shall I speak more softly.

Rule: everything is said and shown, and can be answered by voice and by key. Nobody's silence is an error: what was
found out by then is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from voicecoach.calibration import measures
from voicecoach.calibration.interview import Interview, Try
from voicecoach.calibration.measures import Devices
from voicecoach.calibration.probe import Probe, Reply
from voicecoach.core.events import Command
from voicecoach.hearing.echo import EchoStage
from voicecoach.language import Language
from voicecoach.ports import EAR_RATE, Samples

QUIET_FOR = 3.0
ANSWER_IN = 5.0
"""Seconds for an answer."""
_TALK = ("talk_1", "talk_2", "talk_3", "talk_4")
_EVERY = frozenset(Command)
_YES_OR_NO = frozenset({Command.YES, Command.NO})
_DRIFT_NEEDS = 5.0
"""dB of cancelling below which the filter knows too little of the room for the drift it shows to mean anything."""
_TONES_TAIL = 0.3
"""Seconds for which the tone is still in the room, and hardly anybody has begun to speak."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found out."""

    devices: Devices
    tries: tuple[Try, ...]
    present: bool
    """Whether anybody answered."""


class Dialogue:
    """Talks to the person through ``probe``; ``show`` is called with every sentence said, ``tried`` with every try."""

    def __init__(
        self,
        probe: Probe,
        language: Language,
        echo: EchoStage | None,
        *,
        volume: float,
        show: Callable[[str], None],
        tried: Callable[[Try], None],
    ) -> None:
        self._probe, self._language, self._echo, self._volume = probe, language, echo, volume
        self._show, self._tried = show, tried

    def sentence(self, key: str, **values: object) -> str:
        """Return a sentence of the calibration."""
        return self._language.calibration[key].format(**values)

    def measure(self, *, words: bool) -> Findings:
        """Measure the devices and, if ``words`` says so and somebody is there, read the words with them."""
        probe = self._probe
        keys = ["quiet", *_TALK, "present", "present_again", "absent", "words", "deserted", "ask_volume"]
        probe.prepare(self.sentence(key) for key in [*keys, "volume_kept", "volume_least", "volume_left", "over"])
        interview = Interview(self._language.phrases)
        probe.start()
        self._say("quiet")
        noise = measures.noise_level(probe.listen(QUIET_FOR))
        devices = self._coach(noise)
        replies = self._present()
        # Who is typing is there too, but nothing is known of their voice.
        voices = [_voice_in(reply, noise) for reply in replies if reply.spoken]
        present = any(reply.spoken or reply.by_key for reply in replies)
        if not present:
            self._say("absent")
        elif words:
            voices += self._words(interview, noise)
        devices = self._with_person(self._with_clock(devices), voices)
        return Findings(devices, tuple(interview.tries), present)

    def offer_volume(self) -> bool:
        """Ask whether the coach shall be softer from now on. Only a yes is one."""
        reply = self._ask("ask_volume", _YES_OR_NO, expect="yes")
        return reply.heard is Command.YES

    def tell(self, *sentences: str) -> None:
        """Say and show some sentences."""
        for text in sentences:
            self._show(text)
            self._probe.say(text)

    def _coach(self, noise: float) -> Devices:
        """Talk, and measure what comes back."""
        heard = [self._say(key) for key in _TALK]
        # The first sentence may have met a loudspeaker that was asleep; the filter has learned the room by the last.
        echo = measures.level_over(np.concatenate(heard[1:]), noise)
        sounds = [self._probe.sound_of(self.sentence(key)) for key in _TALK[1:]]
        known = self._echo is not None and self._echo.known
        return Devices(
            noise=noise,
            played=measures.level_played(sounds, self._volume),
            echo=echo if known else None,
            cancelled=None,
            delay=None,
            drift=None,
            clipped_coach=measures.clipped(np.concatenate(heard[1:])),
        )

    def _with_clock(self, devices: Devices) -> Devices:
        """Add what the canceller knows by now: the more it has heard, the better."""
        echo = self._echo
        if echo is None or not echo.known:
            return devices
        delay = None if echo.delay is None else round(echo.delay, 4)
        drift = round(echo.drift, 1) if echo.return_loss >= _DRIFT_NEEDS else None
        return replace(devices, cancelled=round(echo.return_loss, 1), delay=delay, drift=drift)

    def _with_person(self, devices: Devices, voices: list[Samples]) -> Devices:
        voices = [voice for voice in voices if len(voice)]
        if not voices:
            return devices
        return replace(
            devices,
            person=measures.person_level(voices, devices.noise),
            clipped_person=measures.clipped(np.concatenate(voices)),
        )

    def _present(self) -> list[Reply]:
        """Ask whether somebody is there, at most twice."""
        replies: list[Reply] = []
        for key in ("present", "present_again"):
            replies.append(self._ask(key, frozenset({Command.READY}), expect="ready"))
            if replies[-1].heard is Command.READY:
                break
        return replies

    def _words(self, interview: Interview, noise: float) -> list[Samples]:
        """Read the words with the person; return what they said."""
        voices: list[Samples] = []
        self._say("words")
        while (phrase := interview.asked_for) is not None:
            text = self.sentence("word", phrase=phrase)
            self._show(text)
            reply = self._probe.ask(text, _EVERY, ANSWER_IN, expect=phrase)
            if reply.by_key:
                if reply.heard is Command.END:
                    return voices
                interview.skip()
                continue
            self._tried(interview.note(reply.heard, reply.words, voice=reply.spoken))
            if reply.spoken:
                voices.append(_voice_in(reply, noise))
        if interview.deserted:
            self._say("deserted")
        return voices

    def _say(self, key: str) -> Samples:
        text = self.sentence(key)
        self._show(text)
        return self._probe.say(text)

    def _ask(self, key: str, commands: frozenset[Command], *, expect: str) -> Reply:
        text = self.sentence(key)
        self._show(text)
        return self._probe.ask(text, commands, ANSWER_IN, expect=expect)


def _voice_in(reply: Reply, noise: float) -> Samples:
    """Return the person's part of a reply, without the tail of the tone before it; may be empty."""
    return measures.utterance(reply.samples[round(_TONES_TAIL * EAR_RATE) :], noise)
