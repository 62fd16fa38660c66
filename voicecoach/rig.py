"""The ladder: from what is asked for and what this machine has, to the devices a session is played with.

Rule: what a person named must work, or it is an error; what they left to us steps down (voice and microphone, voice
and keys, text and keys, text), and every step down is told together with the command that mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TextIO

from voicecoach.alert import AlertHook
from voicecoach.audio.open import is_recorded, open_microphone, open_speaker, room_of
from voicecoach.audio.room import Room
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.unheard import UnheardSpeaker
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.calibration.store import Calibration
from voicecoach.calibration.use import calibrated, fitted
from voicecoach.config import Config, Loaded
from voicecoach.drive import Drive, FileDrive, LiveDrive
from voicecoach.ears import open_ear as open_ear  # noqa: PLC0414 - asked for here by others
from voicecoach.hearing.echo import EchoStage
from voicecoach.hearing.far_end import FarEnd
from voicecoach.hearing.keys import available
from voicecoach.hearing.models import MODEL_VARIABLE
from voicecoach.hearing.vosk_ear import AddressError
from voicecoach.in_room import Answers, open_room, persons_engine
from voicecoach.language import Language
from voicecoach.plan import voice_name
from voicecoach.ports import (
    AnyRate,
    DeviceError,
    Ear,
    Folders,
    Given,
    Microphone,
    PluginError,
    PortError,
    Shortfall,
    Speaker,
    StandbyTalk,
    Voice,
    VoiceError,
)
from voicecoach.shipped import shipped
from voicecoach.speech.cache import CachedVoice
from voicecoach.speech.engines import open_voice
from voicecoach.speech.estimate import scaled_rate
from voicecoach.speech.mixer import Mixer
from voicecoach.speech.packed import Prepared
from voicecoach.speech.voice_names import UnknownVoiceError

FILE_RATE, FILE_BLOCK = 24_000, 480
"""Hz and frames (20 ms) where the loudspeaker is a file: above what the voices hold (22050 Hz), half the disk."""

_GIVE_UP = 3
"""Lines that fail in a row before the rest is left for later: each took three attempts of seconds."""

NO_KEYS = Shortfall("No keys: this is no terminal. Nobody can be heard.", "run it in a terminal")


class MissingError(PortError):
    """This machine lacks what was asked for, and nothing was given wrongly."""


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
    alert: AlertHook = field(default_factory=AlertHook)
    """Tells somebody; nobody, where nothing is set up."""
    reopen: Callable[[], Microphone] | None = None
    """Opens the microphone again when it was lost; None where it is a recording."""
    reopen_speaker: Callable[[], Speaker] | None = None
    """Opens the loudspeaker again when it was lost; None where there is none."""
    rebuild: Callable[[], Ear] | None = None
    """Makes the ear anew when it has failed."""
    echo: EchoStage | None = None
    """Takes the coach's voice out of what the ear hears; None where that is not wanted."""
    answer: Callable[[str], None] | None = None
    """Has the person of a simulated room answer to what they are asked to say; None where the room is real."""
    _drive: Drive | None = None

    @property
    def attended(self) -> bool:
        """Whether anybody can be heard."""
        return self.ear is not None or self.keys

    def drive(self) -> Drive:
        """Return what moves the session's time."""
        parts = (self.mixer, self.speaker, self.microphone, self.ear, self.voice, self.alert)
        if self.speaker.live:
            self._drive = LiveDrive(
                *parts, reopen=self.reopen, rebuild=self.rebuild, reopen_speaker=self.reopen_speaker
            )
        else:
            self._drive = FileDrive(*parts)
        return self._drive

    @property
    def pressed(self) -> bool:
        """Whether something urgent has been said, and waits to be taken."""
        return self._drive is not None and self._drive.pressed

    def prepare(self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None) -> Prepared:
        """Render ``texts`` before they are needed; what fails is left for later, and all where something is urgent."""
        wanted = list(dict.fromkeys(texts))
        ready, failed = Prepared(), 0
        for done, text in enumerate(wanted, start=1):
            if self.pressed:
                break
            try:
                ready.add(text, self.voice.render(text))
                failed = 0
            except VoiceError:
                failed += 1
            if failed == _GIVE_UP:
                break
            if progress:
                progress(done, len(wanted))
        return ready

    def close(self) -> None:
        """Let go of everything; safe to call twice. An engine still at work in a thread is left alone."""
        busy = self._drive.busy if self._drive else ()
        with ExitStack() as closing:  # whatever one of them raises, the others are closed
            for part in (self.voice, self.ear, self.microphone, self.speaker):
                if part is not None and not any(part is other for other in busy):
                    closing.callback(part.close)


def build_rig(
    loaded: Loaded,
    language: Language,
    folders: Folders,
    *,
    env: dict[str, str],
    stdin: TextIO,
    voice_of_routine: str | None = None,
    measuring: bool = False,
    standby: StandbyTalk | None = None,
    given: Given = Given(),  # noqa: B008 - a frozen value
    aloud: bool = False,
) -> Rig:
    """Open what is needed for a session. Raises ``PortError`` where something that was asked for does not work.

    ``voice_of_routine`` is the name of a voice that the routine would like: it is taken where the person named none.

    What is ``given`` takes its place as it is, and is closed with the rest.
    ``standby`` is what is heard between sessions; ``aloud`` refuses to go on as text where no loudspeaker works.
    ``measuring`` takes nothing from an earlier calibration, and does not lower the coach while somebody speaks.
    """
    config = loaded.config
    shortfalls: list[Shortfall] = []
    with ExitStack() as opened:
        speaker = given.speaker or _speaker(loaded, shortfalls, aloud=aloud)
        opened.callback(speaker.close)
        _refuse_contradictions(loaded, speaker)
        voice = _voice(loaded, language, speaker, folders, shortfalls, given.voice, voice_of_routine)
        opened.callback(voice.close)
        room = None if given.microphone else _room(loaded, speaker, voice)
        if room is not None:
            opened.callback(room.microphone.close)  # it may be recording
        mixer = Mixer(speaker.rate, speaker.block)
        mixer.volume(config.sound.volume)
        known = None if measuring else calibrated(config, folders.data, shortfalls)
        language = fitted(language, known)
        ours = given.ear is None and config.hearing.ear in {"auto", "vosk"}
        echo = _echo(config, speaker, mixer, known, measuring=measuring) if ours else None
        open_own = partial(open_ear, config, language, folders, env, echo=echo, standby=standby)
        microphone, ear, model = _ear(loaded, speaker, room, env, shortfalls, given, open_own)
        opened.pop_all()
    # Left to us, only a terminal is a keyboard; asked for, lines from a pipe are typed phrases too.
    keys = speaker.live and (config.hearing.ear == "keys" or (config.hearing.ear == "auto" and available(stdin)))
    if speaker.live and config.hearing.ear == "auto" and ear is None and not keys:
        shortfalls.append(NO_KEYS)
    rig = Rig(voice, speaker, microphone, ear, keys, mixer, shortfalls, model, open_alert(config), echo=echo)
    if room is not None:
        mixer.tap(room.take)
        rig.answer = Answers(
            room_of(config.sound.microphone) or Path(), room, engine=persons_engine(config.voice.engine)
        )
    if microphone.live and given.microphone is None:
        rig.reopen = lambda: open_microphone(config.sound.microphone)
    if speaker.live and speaker.audible and given.speaker is None:
        rig.reopen_speaker = lambda: _open_speaker(loaded)
    if microphone.live and given.ear is None:
        rig.rebuild = lambda: open_own([])[0]
    return rig


def open_alert(config: Config) -> AlertHook:
    """Return what tells somebody in need of help; nobody is told where the person has set nothing up."""
    return AlertHook(config.alert.command, config.alert.webhook, config.alert.timeout)


def asked_for(loaded: Loaded, key: str) -> bool:
    """Return whether a person chose this value: then it must work, and nothing else takes its place."""
    section, name = key.split(".")
    value = getattr(getattr(loaded.config, section), name)
    return value not in {"", "auto", "default"} and Path(loaded.origins[key].source) != shipped("config.toml")


def blame(error: PortError, *, named: bool) -> PortError:
    """Return ``error`` where a person named what does not work, else as something that this machine lacks."""
    return error if named else MissingError(str(error), mend=error.mend)


def _speaker(loaded: Loaded, shortfalls: list[Shortfall], *, aloud: bool) -> Speaker:
    sound = loaded.config.sound
    is_file = sound.speaker.casefold().endswith(".wav")
    if room_of(sound.microphone) is not None and not is_file:
        if asked_for(loaded, "sound.speaker"):
            raise DeviceError(
                f'The simulated room has a loudspeaker of its own, so "{sound.speaker}" cannot play in it.',
                mend="leave out --speaker, or give --speaker a WAV file (or default)",
            )
        return UnheardSpeaker(FILE_RATE, FILE_BLOCK)
    try:
        return _open_speaker(loaded)
    except DeviceError as error:
        if asked_for(loaded, "sound.speaker") or aloud:
            raise blame(error, named=not aloud) from None
        shortfalls.append(Shortfall(f"No sound: {error} The session is shown as text.", error.mend))
        return TimedSpeaker(sound.rate, sound.block)
    except OSError as error:  # a folder that may not be entered
        raise DeviceError(f"{sound.speaker} cannot be opened: {(error.strerror or str(error)).lower()}.") from None


def _open_speaker(loaded: Loaded) -> Speaker:
    sound = loaded.config.sound
    is_file = sound.speaker.casefold().endswith(".wav")
    rate, block = (FILE_RATE, FILE_BLOCK) if is_file else (sound.rate, sound.block)
    return open_speaker(sound.speaker, rate=rate, block=block, latency=sound.latency)


def _voice(
    loaded: Loaded,
    language: Language,
    speaker: Speaker,
    folders: Folders,
    shortfalls: list[Shortfall],
    own: Voice | None,
    of_routine: str | None,
) -> CachedVoice:
    """Return the program's own voice, the person's, or the routine's, with the cache that every voice has."""
    usual = voice_name(loaded.config, language)
    wanted, cache, most = loaded.config.voice, folders.cache / "speech", loaded.config.storage.cache_mb
    if own is not None:
        return CachedVoice(own, cache, most, reopen=own.at_rate if isinstance(own, AnyRate) else None)

    if not speaker.audible and wanted.engine != "text" and asked_for(loaded, "voice.name"):
        _refuse_unknown(wanted.engine, usual, wanted.rate)

    def at_rate(factor: float) -> Voice:
        return open_voice(engine, name, scaled_rate(wanted.rate, factor))

    engine = wanted.engine if speaker.audible else "text"
    name = usual if of_routine is None or asked_for(loaded, "voice.name") else of_routine
    try:
        try:
            voice = at_rate(1.0)
        except UnknownVoiceError as error:
            if name == usual:
                raise
            shortfalls.append(Shortfall(f"Not the routine's own voice: {error}", f'change voice = "{name}" in it'))
            name = usual
            voice = at_rate(1.0)
    except VoiceError as error:
        if asked_for(loaded, "voice.engine") or asked_for(loaded, "voice.name"):
            raise
        shortfalls.append(Shortfall(f"No voice: {error} The session is shown as text.", error.mend))
        engine = "text"
        voice = at_rate(1.0)
    return CachedVoice(voice, cache, most, reopen=at_rate)


def _refuse_unknown(engine: str, name: str, rate: int) -> None:
    """Raise ``UnknownVoiceError`` where nobody knows a voice that was named, though nothing is heard of it."""
    try:
        open_voice(engine, name, rate).close()
    except UnknownVoiceError:
        raise
    except VoiceError:
        return  # without an engine nobody can tell


def _refuse_contradictions(loaded: Loaded, speaker: Speaker) -> None:
    """Raise ``DeviceError`` where what was asked for cannot be had together."""
    ear, microphone = loaded.config.hearing.ear, loaded.config.sound.microphone
    recorded = is_recorded(microphone)
    if ear not in {"auto", "keys", "none"} and microphone == "none":
        raise DeviceError(f"The ear is {ear} and the microphone is none.", mend="leave out --ear, or --mic")
    if speaker.live:
        return
    if ear == "keys":
        raise DeviceError(
            "Keys are pressed in real time, but the loudspeaker is a file and does not wait for them.",
            mend="give --ear none and commands with --say, or --speaker a device (or none)",
        )
    if asked_for(loaded, "sound.microphone") and microphone != "none" and not recorded:
        raise DeviceError(
            f'The microphone "{microphone}" hears in real time, but the loudspeaker is a file and does not wait.',
            mend="give --mic a WAV file, or --speaker a device (or none)",
        )
    if ear not in {"auto", "keys", "none"} and not recorded:
        raise DeviceError(
            f"The ear is {ear}, and with a file as loudspeaker it hears a recording; there is none.",
            mend="give --mic a WAV file, or --speaker a device (or none)",
        )


def _room(loaded: Loaded, speaker: Speaker, voice: Voice) -> Room | None:
    """Return the simulated room that the session is played in, if there is one and somebody listens in it."""
    config = loaded.config
    plan = room_of(config.sound.microphone)
    if plan is None or config.hearing.ear in {"keys", "none"}:
        return None
    return open_room(
        plan,
        rate=speaker.rate,
        engine=persons_engine(config.voice.engine),
        coach=voice,
        volume=config.sound.volume,
        apart_from=config.sound.speaker,
    )


def _echo(
    config: Config, speaker: Speaker, mixer: Mixer, known: Calibration | None, *, measuring: bool
) -> EchoStage | None:
    """Return what takes the coach's voice out of the microphone, where the microphone can hear it."""
    spec = config.sound.microphone
    recording = is_recorded(spec) and room_of(spec) is None
    if not {"always": True, "never": False, "auto": speaker.audible and not recording}[config.hearing.echo]:
        return None
    far = FarEnd(speaker.rate)
    mixer.tap(far.take)
    drift = None if known is None else known.devices.drift
    return EchoStage(far, (lambda _: None) if measuring else mixer.duck, drift=drift or 0.0)


def _ear(
    loaded: Loaded,
    speaker: Speaker,
    room: Room | None,
    env: dict[str, str],
    shortfalls: list[Shortfall],
    given: Given,
    open_own: Callable[[list[Shortfall]], tuple[Ear, str]],
) -> tuple[Microphone, Ear | None, str | None]:
    config = loaded.config
    spec = config.sound.microphone
    unheard = spec == "none" or (not speaker.live and not is_recorded(spec))
    if given.ear is None and (config.hearing.ear in {"keys", "none"} or (unheard and given.microphone is None)):
        return given.microphone or SilentMicrophone(), None, None
    must = config.hearing.ear != "auto" or given.ear is not None
    try:
        if given.microphone is not None or unheard:  # an ear that was given may need no sound
            microphone = given.microphone or SilentMicrophone()
        else:
            microphone = room.microphone if room is not None else open_microphone(spec)
    except DeviceError as error:
        named = asked_for(loaded, "sound.microphone")
        if must or named:
            raise blame(error, named=named) from None
        shortfalls.append(Shortfall(f"I cannot hear you: {error}", error.mend))
        return SilentMicrophone(), None, None
    if given.ear is not None:
        return microphone, given.ear, None
    try:
        ear, model = open_own(shortfalls)
    except PortError as error:
        microphone.close()
        named = model_named(loaded, env) or isinstance(error, AddressError | PluginError)
        if must or named:
            raise blame(error, named=named) from None
        shortfalls.append(Shortfall(f"I cannot understand you: {error}", error.mend))
        return SilentMicrophone(), None, None
    return microphone, ear, model


def model_named(loaded: Loaded, env: Mapping[str, str]) -> bool:
    """Return whether a person chose the speech model."""
    return asked_for(loaded, "hearing.model") or bool(env.get(MODEL_VARIABLE))
