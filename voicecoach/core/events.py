"""The whole vocabulary of a session: what may happen to it (events) and what it may ask of the world (effects).

Rule: everything that crosses the border of the session is a frozen value defined in this file, in ``news``, or, of the
coach between sessions, in ``standing``.
All times are seconds of session time: sound that the loudspeaker has played since the session began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TypeAlias

from voicecoach.core.news import Returned, Unkept
from voicecoach.core.standing import StandbyChanged


class Command(StrEnum):
    """What a person may ask for, by voice, key or button. The value is the stable name used in files and logs."""

    PAIN = "pain"
    EMERGENCY = "emergency"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    READY = "ready"
    NEXT = "next"
    SKIP = "skip"
    BACK = "back"
    AGAIN = "again"
    HOW = "how"
    DONE = "done"
    EASIER = "easier"
    HARDER = "harder"
    SLOWER = "slower"
    FASTER = "faster"
    MORE_REST = "more rest"
    SWITCH = "switch"
    STATUS = "status"
    WHATS_NEXT = "what's next"
    LOUDER = "louder"
    QUIETER = "quieter"
    LESS_TALK = "less talk"
    MORE_TALK = "more talk"
    OPTIONS = "options"
    UNDO = "undo"
    SLEEP = "sleep"
    WAKE = "wake"
    END = "end"
    # Between sessions only.
    START = "start"
    ROUTINES = "routines"
    # Answers: they mean something only where the coach has asked.
    YES = "yes"
    NO = "no"
    LATER = "later"
    UNSURE = "unsure"
    MISTAKE = "mistake"
    CHECK = "check"
    SHARP = "sharp"
    ACHE = "ache"
    SAME = "same"
    BETTER = "better"
    WORSE = "worse"
    TIRED = "tired"
    EQUIPMENT = "equipment"
    ZERO = "zero"
    ONE = "one"
    TWO = "two"
    THREE = "three"
    FOUR = "four"
    FIVE = "five"
    SIX = "six"
    SEVEN = "seven"
    EIGHT = "eight"
    NINE = "nine"
    TEN = "ten"


URGENT = frozenset({Command.PAIN, Command.EMERGENCY, Command.STOP, Command.PAUSE})
"""Commands tuned for recall: an ear may act on a partial result and never masks them."""

IDLE = frozenset({Command.START, Command.ROUTINES, Command.LATER})
"""Commands that mean something only between sessions; an ear listens for them there, with phrases of their own."""

NUMBERS: Mapping[Command, int] = {
    command: number for number, command in enumerate(list(Command)[list(Command).index(Command.ZERO) :][:11])
}
"""The numeric scales of pain (NPRS) and effort (RPE) run from nought to ten."""


class Mode(StrEnum):
    """Where a session is, as a person would say it."""

    INSTRUCTION = "instruction"
    WORK = "work"
    HOLD = "hold"
    REST = "rest"
    PAUSED = "paused"
    PAIN = "pain"
    EMERGENCY = "emergency"
    QUESTION = "question"
    """The coach has asked something at the beginning or the end, and waits for the answer."""
    CONFIRM = "confirm"
    FINISHED = "finished"


class Priority(IntEnum):
    """How much a line matters when two want the same moment; the higher wins."""

    CHATTER = 0
    """Halfway, encouragement: dropped when the mouth is busy."""
    COUNT = 1
    """Numbers and breaths: a chime takes the place of one that would be late."""
    TALK = 2
    """Instructions and answers: said in order, one after the other."""
    RELEASE = 3
    """The end of an effort ("relax"): cuts in."""
    SAFETY = 4
    """The way out of a position: cuts in, and nothing cuts it."""


class ChimeKind(StrEnum):
    """Short sounds; each means one thing."""

    START = "start"
    """The session begins."""
    COUNT = "count"
    """Stands for a count that could not be said on time."""
    HEARD = "heard"
    """A command was understood."""
    REFUSED = "refused"
    """A command was understood but means nothing here."""
    DONE = "done"
    """The session is over."""
    READY = "ready"
    """No session runs, and one may be asked for."""
    NOT_UNDERSTOOD = "not understood"
    """The coach was called by its address, and the rest was no command."""
    PAUSED = "paused"
    """Everything waits; sounds where nothing says so."""
    MICROPHONE_LOST = "microphone lost"
    """Voices cannot be heard any more."""
    ERROR = "error"
    """What was asked for cannot be done; what it was is said behind it."""


Value: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say, as a key into the language file and the values for its places; never a finished sentence."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, key: str, **values: Value) -> Line:
        """Make a line: ``Line.of("rest", time=30)``."""
        return cls(key, tuple(values.items()))

    @classmethod
    def text(cls, text: str) -> Line:
        """Make a line that is already a sentence: the words of a routine's author."""
        return cls("text", (("text", text),))


# --- Events: what the world tells the session -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """The session begins. Always the first event."""

    at: float


@dataclass(frozen=True, slots=True)
class Tick:
    """The session's deadline was reached. A tick that comes early changes nothing."""

    at: float
    """The moment that was due."""
    late: float = 0.0
    """Seconds by which the loudspeaker is already past it: the machine was held up."""


@dataclass(frozen=True, slots=True)
class Deafened:
    """The microphone or the recogniser was lost, or gives nothing but silence: no voice can be heard any more."""

    at: float


@dataclass(frozen=True, slots=True)
class Hearing:
    """The microphone is back: voices can be heard again."""

    at: float


@dataclass(frozen=True, slots=True)
class Silenced:
    """The loudspeaker was lost, and is back: what was to be heard last nobody has heard."""

    at: float


@dataclass(frozen=True, slots=True)
class Overheard:
    """Somebody spoke, and it was no command that means anything now."""

    at: float
    words: str = ""
    """What the recogniser made of it; ``[unk]`` for what is no word of its grammar."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """The alert hook has done its work, or could not."""

    at: float
    told: bool
    """Whether somebody was told."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance left the loudspeaker."""

    at: float
    utterance: int
    """The number that ``Say`` gave it."""
    finished: bool = True
    """False when it could not be said to its end (the voice failed)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A command was understood, by voice, key or script."""

    at: float
    command: Command
    words: str = ""
    """What was said or typed, as it was matched."""
    source: str = "voice"
    """``voice``, ``keys``, ``script``, ``button``, ``mqtt`` or ``socket``."""
    ended_at: float | None = None
    """When the last word ended in the microphone signal; None where there was no sound."""
    partial: bool = False
    """True when the ear acted before the recogniser's final result."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody outside asks for a routine to be started: by a button, or over the network."""

    at: float
    routine: str
    """Its name, as ``voicecoach list`` tells it."""
    source: str
    """``button``, ``mqtt`` or ``socket``."""


@dataclass(frozen=True, slots=True)
class VolumeAsked:
    """Somebody outside sets how loud everything is."""

    at: float
    level: float
    """From 0 to 1."""
    source: str
    """``button``, ``mqtt`` or ``socket``."""


Asked: TypeAlias = Wanted | VolumeAsked
Event: TypeAlias = (
    Start | Tick | Spoken | Heard | Overheard | Deafened | Hearing | Silenced | Returned | Alerted | Asked | Unkept
)


# --- Effects: what the session asks of the world ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a line now. At most one utterance is in the mouth: the session never asks for two at once."""

    utterance: int
    line: Line
    priority: Priority
    loud: bool = False
    """Said louder than the rest: a question about pain that got no answer."""


@dataclass(frozen=True, slots=True)
class Hush:
    """Silence, within one block of sound: speech, chimes and everything that waits."""


@dataclass(frozen=True, slots=True)
class Chime:
    """Sound a chime over whatever is being said."""

    kind: ChimeKind


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The session entered a step of its program."""

    index: int
    """Its place in the program; -1 for a count-in, which belongs to no program."""
    kind: str
    exercise: str | None = None
    set: int | None = None
    rep: int | None = None
    side: int | None = None
    limb: str | None = None
    seconds: float | None = None
    """How long it lasts once its line was said; None when it waits for a word."""


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """The session's mode became another."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth keeping in the record: pain and its place, what was skipped, what was undone."""

    kind: str
    fields: tuple[tuple[str, Value | None], ...] = field(default=())

    @classmethod
    def of(cls, kind: str, **fields: Value | None) -> Note:
        """Make a note: ``Note.of("pain", exercise="bridge")``."""
        return cls(kind, tuple(fields.items()))


@dataclass(frozen=True, slots=True)
class Volume:
    """Set how loud everything is."""

    level: float
    """From 0 to 1."""


@dataclass(frozen=True, slots=True)
class SpeechRate:
    """Set how fast sentences are spoken, from the next one on. Counts keep to their moments anyhow."""

    factor: float
    """Of the configured rate; 1 is as configured."""


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a value for the sessions to come (``core/person``)."""

    key: str
    value: Value | None
    """None forgets it."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Tell somebody, if the person has set that up; ``Alerted`` answers."""

    reason: str
    """``emergency`` or ``no answer``."""


@dataclass(frozen=True, slots=True)
class End:
    """The session is over; nothing follows."""

    reason: str
    """``finished``, ``ended`` (by the person), ``pain`` (by the rules for pain), or ``afresh`` (a session that was cut
    off is not taken up)."""


Effect: TypeAlias = (
    Say | Hush | Chime | StepBegan | ModeChanged | Note | Volume | SpeechRate | Remember | Alert | End | StandbyChanged
)
