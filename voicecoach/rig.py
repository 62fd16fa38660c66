"""The ladder: from what is asked for and what this machine has, to the devices a session is played with.

Rule: what a person named must work, or it is an error; what they left to us steps down (voice and microphone, voice
and keys, text and keys, text), and every step down is told together with the command that mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from voicecoach.audio.open import open_microphone, open_speaker
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.config import Config, Loaded
from voicecoach.drive import Drive, FileDrive, LiveDrive
from voicecoach.hearing.keys import available
from voicecoach.hearing.models import find_model
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import Language
from voicecoach.ports import Audio, DeviceError, Ear, EarError, Microphone, PortError, Speaker, Voice, VoiceError
from voicecoach.speech.cache import CachedVoice
from voicecoach.speech.engines import open_voice
from voicecoach.speech.mixer import Mixer
from voicecoach.speech.text_voice import TextVoice

FILE_RATE, FILE_BLOCK = 24_000, 480
"""Hz and frames (20 ms) where the loudspeaker is a file: above what the voices hold (22050 Hz), half the disk."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Something that is missing, and how to mend it."""

    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a person's data, cache and files are."""

    data: Path
    cache: Path


@dataclass(slots=True)
class Rig:
    """Everything that a session is played with. Close it."""

    voice: CachedVoice
    speaker: Speaker
    microphone: Microphone
    ear: Ear | None
    keys: bool
    """Whether the keyboard listens."""
    mixer: Mixer
    shortfalls: list[Shortfall] = field(default_factory=list)
    model: str | None = None
    """The speech model in use, in words."""

    @property
    def attended(self) -> bool:
        """Whether anybody can be heard."""
        return self.ear is not None or self.keys

    def drive(self) -> Drive:
        """Return what moves the session's time."""
        if self.speaker.live:
            return LiveDrive(self.mixer, self.speaker, self.microphone, self.ear, self.voice)
        return FileDrive(self.mixer, self.speaker, self.microphone, self.ear, self.voice)

    def prepare(self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None) -> dict[str, Audio]:
        """Render ``texts`` before they are needed; a line that fails is left for later."""
        wanted = list(dict.fromkeys(texts))
        self.voice.prepare(wanted, progress)
        ready: dict[str, Audio] = {}
        for text in wanted:
            try:
                ready[text] = self.voice.render(text)
            except VoiceError:
                continue
        return ready

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        self.speaker.close()
        self.microphone.close()
        if self.ear is not None:
            self.ear.close()
        self.voice.close()


def build_rig(loaded: Loaded, language: Language, folders: Folders, *, env: dict[str, str], stdin: TextIO) -> Rig:
    """Open what is needed for a session. Raises ``PortError`` where something that was asked for does not work."""
    config = loaded.config
    shortfalls: list[Shortfall] = []
    speaker = _speaker(loaded, shortfalls)
    voice = _voice(loaded, speaker, folders, shortfalls)
    microphone, ear, model = _ear(loaded, speaker, language, folders, env, shortfalls)
    # Left to us, only a terminal is a keyboard; asked for, lines from a pipe are typed phrases too.
    keys = speaker.live and (config.hearing.ear == "keys" or (config.hearing.ear == "auto" and available(stdin)))
    mixer = Mixer(speaker.rate, speaker.block)
    mixer.volume(config.sound.volume)
    return Rig(voice, speaker, microphone, ear, keys, mixer, shortfalls, model)


def _asked_for(loaded: Loaded, key: str) -> bool:
    """Return whether a person chose this value: then it must work, and nothing else takes its place."""
    section, name = key.split(".")
    value = getattr(getattr(loaded.config, section), name)
    return value not in {"", "auto", "default"} and Path(loaded.origins[key].source) != _shipped_config()


def _shipped_config() -> Path:
    from voicecoach.shipped import shipped

    return shipped("config.toml")


def _speaker(loaded: Loaded, shortfalls: list[Shortfall]) -> Speaker:
    sound = loaded.config.sound
    is_file = sound.speaker.casefold().endswith(".wav")
    rate, block = (FILE_RATE, FILE_BLOCK) if is_file else (sound.rate, sound.block)
    try:
        return open_speaker(sound.speaker, rate=rate, block=block, latency=sound.latency)
    except DeviceError as error:
        if _asked_for(loaded, "sound.speaker"):
            raise
        shortfalls.append(Shortfall(f"No sound: {error} The session is shown as text.", error.mend))
        return TimedSpeaker(sound.rate, sound.block)


def _voice(loaded: Loaded, speaker: Speaker, folders: Folders, shortfalls: list[Shortfall]) -> CachedVoice:
    wanted = loaded.config.voice
    voice: Voice
    if not speaker.audible:
        voice = TextVoice(wanted.rate)
    else:
        try:
            voice = open_voice(wanted.engine, wanted.name, wanted.rate)
        except VoiceError as error:
            if _asked_for(loaded, "voice.engine") or _asked_for(loaded, "voice.name"):
                raise
            shortfalls.append(Shortfall(f"No voice: {error} The session is shown as text.", error.mend))
            voice = TextVoice(wanted.rate)
    return CachedVoice(voice, folders.cache / "speech", loaded.config.storage.cache_mb)


def _ear(  # noqa: PLR0913 - all that decides on it
    loaded: Loaded,
    speaker: Speaker,
    language: Language,
    folders: Folders,
    env: dict[str, str],
    shortfalls: list[Shortfall],
) -> tuple[Microphone, Ear | None, str | None]:
    config = loaded.config
    spec = config.sound.microphone
    is_file = spec.casefold().endswith(".wav")
    if not speaker.live and not is_file and _asked_for(loaded, "sound.microphone") and spec != "none":
        raise DeviceError(
            f'The microphone "{spec}" hears in real time, but the loudspeaker is a file and does not wait for it.',
            mend="give --mic a WAV file, or --speaker a device (or none)",
        )
    if config.hearing.ear in {"keys", "none"} or spec == "none" or (not speaker.live and not is_file):
        return SilentMicrophone(), None, None
    must = config.hearing.ear == "vosk"
    try:
        microphone = open_microphone(spec)
    except DeviceError as error:
        if must or _asked_for(loaded, "sound.microphone"):
            raise
        shortfalls.append(Shortfall(f"I cannot hear you: {error}", error.mend))
        return SilentMicrophone(), None, None
    try:
        ear, model = open_ear(config, language, folders, env, shortfalls)
    except (EarError, PortError) as error:
        microphone.close()
        if must or _asked_for(loaded, "hearing.model") or env.get("VOSK_MODEL_PATH"):
            raise
        shortfalls.append(Shortfall(f"I cannot understand you: {error}", error.mend))
        return SilentMicrophone(), None, None
    return microphone, ear, model


def open_ear(
    config: Config, language: Language, folders: Folders, env: dict[str, str], shortfalls: list[Shortfall]
) -> tuple[VoskEar, str]:
    """Open the recogniser with the best model there is. Raises ``PortError``."""
    found = find_model(None, config.hearing.model or None, env=env, data=folders.data, language=language.code)
    ear = VoskEar(found.path, language.phrases, language.decoys, end_silence=config.hearing.end_silence)
    if message := ear.vocabulary_message():
        shortfalls.append(Shortfall(message))
    return ear, f"{found.name} ({found.origin})"
