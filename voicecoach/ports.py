"""The edge of the house: what the host needs of a voice, an ear, a microphone and a loudspeaker.

Rule: only Protocols, the values they exchange and the errors they may raise; no behaviour.
Sound is float32 in -1..1, mono, shape ``(frames,)``, unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from voicecoach.core.events import Command, Heard, Overheard

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from voicecoach.authoring import Routine
    from voicecoach.core.program import Program

    Samples: TypeAlias = npt.NDArray[np.float32]
else:  # a word to a coach that runs needs these errors, and no numbers
    Samples: TypeAlias = object

EAR_RATE = 16_000
"""Hz: what every ear hears and every microphone delivers (the rate the Vosk models were trained on)."""

EAR_BLOCK = 320
"""Frames a microphone delivers at a time: 20 ms, so that a partial result is at most that old."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Something that is missing, and how to mend it: told to the person, and gone on without."""

    what: str
    mend: str = ""


class PortError(Exception):
    """Something at the edge cannot be used. ``str()`` is one sentence for the person; ``mend`` what to do about it."""

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(message)
        self.mend = mend


class VoiceError(PortError):
    """The engine is missing, or gave no usable sound after every attempt."""


class DeviceError(PortError):
    """A microphone or loudspeaker is missing, busy, or does not take the format."""


class HungError(DeviceError):
    """A call of the sound system does not come back: nothing that plays or records can be opened in this process."""

    def __init__(self) -> None:
        super().__init__(
            "The sound system does not answer.",
            mend="start voicecoach again; where that does not help, restart the sound server, or the machine",
        )


class EarError(PortError):
    """The recogniser or its model is missing or unusable."""


class PluginError(PortError):
    """What another package brings cannot be loaded, or is not what it says."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Audio:
    """A piece of sound."""

    samples: Samples
    rate: int
    """Hz."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate


@runtime_checkable
class Voice(Protocol):
    """A speech engine used as a renderer: text in, sound out. It never plays anything.

    ``render`` may block for as long as synthesis takes; it is called from one thread at a time.
    """

    @property
    def name(self) -> str:
        """Engine, voice and rate in one word, such as ``pyttsx3:en-us:160``: equal names mean equal sound."""
        ...

    def render(self, text: str) -> Audio:
        """Return ``text`` as sound. Raises ``VoiceError``."""
        ...

    def close(self) -> None:
        """Let go of the engine; safe to call twice."""
        ...


@runtime_checkable
class AnyRate(Protocol):
    """What a voice may have besides: it can speak slower and faster. A voice without it keeps its rate."""

    def at_rate(self, factor: float) -> Voice:
        """Return the voice that speaks at ``factor`` times its configured rate, as near as its engine can.

        It belongs to this voice and is closed with it. May block while an engine starts; raises nothing.
        """
        ...


@runtime_checkable
class Ear(Protocol):
    """Listens to a stream of sound and reports commands. Called from one thread at a time."""

    def hear(self, block: Samples, at: float) -> Sequence[Heard | Overheard]:
        """Take the next ``EAR_BLOCK`` frames at ``EAR_RATE``; ``at`` is the session time at the block's end.

        Returns what was understood with this block (usually nothing), stamped ``at``: commands, and one ``Overheard``
        for each utterance of a person that ended without one.
        """
        ...

    def listen_for(self, commands: frozenset[Command]) -> None:
        """Only these mean something now; others are heard as themselves and ignored."""
        ...

    def coach_says(self, text: str | None) -> None:
        """Tell the ear what the coach is saying at this moment; None when it is silent."""
        ...

    def close(self) -> None:
        """Let go of the recogniser; safe to call twice."""
        ...


@runtime_checkable
class Interruptible(Protocol):
    """What an ear may have besides: it wants to know where its stream of sound has a gap."""

    def interrupted(self) -> None:
        """Take note that sound was lost before the next block."""
        ...


@runtime_checkable
class Recording(Protocol):
    """What a live microphone may have besides: it records by itself, and what nobody reads in time is lost."""

    @property
    def dropped(self) -> int:
        """Blocks lost because nobody read them in time."""
        ...

    def forget(self) -> None:
        """Throw away what waits to be read; from the thread that reads."""
        ...


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a person's data, cache and files are."""

    data: Path
    cache: Path


@dataclass(frozen=True, slots=True)
class StandbyTalk:
    """What an ear listens for between sessions."""

    phrases: Mapping[str, Command]
    """Without the address; phrases of the sessions among them."""
    address: str
    """The word that most of them must begin with."""


@runtime_checkable
class StandbyEar(Protocol):
    """What an ear may have besides: between sessions it listens for other phrases."""

    @property
    def unheard(self) -> frozenset[str]:
        """The phrases between sessions that it cannot hear."""
        ...

    def stand_by(self, on: bool) -> None:
        """Listen for what is said between sessions from now on, or for what is said in them."""
        ...


@runtime_checkable
class Microphone(Protocol):
    """Delivers sound at ``EAR_RATE`` in blocks of ``EAR_BLOCK`` frames."""

    @property
    def live(self) -> bool:
        """True when ``read`` waits for real time to pass; False for a file."""
        ...

    @property
    def exhausted(self) -> bool:
        """True when nothing more of a person can follow (a file that has ended). A place may go on sounding."""
        ...

    def read(self) -> Samples:
        """Return the next block; a live one waits for it, at most a second. Raises ``DeviceError``."""
        ...

    def close(self) -> None:
        """Let go of the device; safe to call twice, and from another thread than the one that reads."""
        ...


@dataclass(frozen=True, slots=True)
class Alarm:
    """What somebody is to be told, and where in the session the person is."""

    reason: str
    """``emergency``, ``no answer`` or ``test``."""
    exercise: str | None = None
    """Its slug."""
    set: int | None = None
    """From 1."""
    rep: int | None = None
    """From 1."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an alarm."""

    told: bool
    """Whether somebody was told, in one way at least."""
    problems: tuple[str, ...] = ()
    """Why a way did not work, without what may be a secret."""


class Hook(Protocol):
    """Tells somebody that the person needs help."""

    def tell(self, alarm: Alarm) -> Told:
        """Tell somebody; may block for as long as that takes."""
        ...


Fill: TypeAlias = Callable[[Samples], None]
"""Fills the block it is given, in place. It must not block: it runs in the audio callback."""


@runtime_checkable
class Speaker(Protocol):
    """Plays what it pulls from its source, block by block. What it has pulled is the session's clock."""

    @property
    def rate(self) -> int:
        """Hz."""
        ...

    @property
    def block(self) -> int:
        """Frames a pull."""
        ...

    @property
    def live(self) -> bool:
        """True when blocks are pulled by real time passing; False when ``pump`` pulls them."""
        ...

    @property
    def audible(self) -> bool:
        """False for the loudspeaker of a machine that has none (time passes, nothing sounds)."""
        ...

    @property
    def lost(self) -> bool:
        """True when a live device has stopped pulling: it was unplugged, or its server died. Time stands still then."""
        ...

    def start(self, fill: Fill) -> None:
        """Begin: a live speaker calls ``fill`` from its own thread from now on. Raises ``DeviceError``."""
        ...

    def pump(self) -> None:
        """Pull and keep one block, now. Only where ``live`` is False."""
        ...

    def close(self) -> None:
        """Stop pulling and finish the file or free the device; safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """Parts that a program made itself; the rest is opened as the configuration says."""

    voice: Voice | None = None
    ear: Ear | None = None
    microphone: Microphone | None = None
    speaker: Speaker | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A routine as another program, or a person, reads it."""

    data: bytes
    """The whole file."""
    lost: tuple[str, ...] = ()
    """What of the routine is not in it, a sentence each: told to the person."""


@runtime_checkable
class Exporter(Protocol):
    """Writes a routine for another program, or for people."""

    @property
    def suffix(self) -> str:
        """How the names of its files end, such as ``.txt``."""
        ...

    def export(self, routine: Routine, program: Program) -> Exported:
        """Return the file. ``program`` is the routine's steps, one after the other, and how long they take.

        Raises ``ValueError``, with one sentence for the person, where this routine cannot be written so.
        """
        ...
