"""The records of ``record``, typed: what ``rehearse`` and ``Coach`` give, and what the event file holds a line each.

Rule: no words of its own. Names, fields and types are those of docs/events.md, which a test compares field by field; a
record is a plain ``dict``, the very same that is written as JSON. ``record["event"]`` tells a type checker which it is.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict


class SayRecord(TypedDict):
    """The coach begins to say a sentence."""

    t: float
    event: Literal["say"]
    utterance: int
    text: str
    priority: Literal["chatter", "count", "talk", "release", "safety"]
    loud: bool


class SpokenRecord(TypedDict):
    """A sentence is over."""

    t: float
    event: Literal["spoken"]
    utterance: int
    finished: bool


class HushRecord(TypedDict):
    """Silence, at once."""

    t: float
    event: Literal["hush"]


class ChimeRecord(TypedDict):
    """A short sound."""

    t: float
    event: Literal["chime"]
    kind: Literal["start", "count", "heard", "refused", "done"]


class HeardRecord(TypedDict):
    """A command was understood."""

    t: float
    event: Literal["heard"]
    command: str
    words: str
    source: Literal["voice", "keys", "script", "button", "mqtt", "socket"]
    ended_at: float | None
    partial: bool


class OverheardRecord(TypedDict):
    """Somebody spoke, and it was no command that means anything now."""

    t: float
    event: Literal["overheard"]
    words: str


class DeafenedRecord(TypedDict):
    """The microphone or the recogniser was lost."""

    t: float
    event: Literal["deafened"]


class HearingRecord(TypedDict):
    """The microphone is back."""

    t: float
    event: Literal["hearing"]


class SilencedRecord(TypedDict):
    """The loudspeaker was lost, and is back."""

    t: float
    event: Literal["silenced"]


class UnkeptRecord(TypedDict):
    """What happens is not kept: the disk is full, or may not be written."""

    t: float
    event: Literal["unkept"]


class ReturnedRecord(TypedDict):
    """A session that was cut off is taken up again."""

    t: float
    event: Literal["returned"]
    asked: bool


class StepRecord(TypedDict):
    """The session enters a step of its program, or takes one up again."""

    t: float
    event: Literal["step"]
    kind: Literal["intro", "position", "work", "hold", "switch", "rest", "ask", "outro", "count-in"]
    exercise: str | None
    set: int | None
    rep: int | None
    side: int | None
    limb: str | None
    seconds: float | None


class ModeRecord(TypedDict):
    """The session's mode has changed."""

    t: float
    event: Literal["mode"]
    mode: Literal[
        "instruction", "work", "hold", "rest", "paused", "pain", "emergency", "question", "confirm", "finished"
    ]


class VolumeRecord(TypedDict):
    """How loud everything is from now on."""

    t: float
    event: Literal["volume"]
    level: float


class SpeechRateRecord(TypedDict):
    """How fast sentences are spoken from the next one on."""

    t: float
    event: Literal["speech_rate"]
    factor: float


class RememberRecord(TypedDict):
    """A value that is kept for the sessions to come, or forgotten."""

    t: float
    event: Literal["remember"]
    key: str
    value: str | float | None


class AlertRecord(TypedDict):
    """Somebody is to be told."""

    t: float
    event: Literal["alert"]
    reason: Literal["emergency", "no answer"]


class AlertedRecord(TypedDict):
    """That has been done, or has failed."""

    t: float
    event: Literal["alerted"]
    told: bool


class WantedRecord(TypedDict):
    """Somebody outside asked for a routine to be started; while a session runs, it is refused."""

    t: float
    event: Literal["wanted"]
    routine: str
    source: Literal["button", "mqtt", "socket"]


class VolumeAskedRecord(TypedDict):
    """Somebody outside set how loud everything is; ``volume`` follows."""

    t: float
    event: Literal["volume_asked"]
    level: float
    source: Literal["button", "mqtt", "socket"]


class StandbyRecord(TypedDict):
    """What the coach between sessions is at; only of ``voicecoach serve``."""

    t: float
    event: Literal["standby"]
    state: Literal["idle", "asking", "starting", "emergency"]
    routine: str | None
    resumes: bool


NoteRecord = TypedDict(
    "NoteRecord",
    {
        "t": float,
        "event": Literal["note"],
        "kind": str,
        "exercise": NotRequired[str | None],
        "set": NotRequired[int | None],
        "rep": NotRequired[int | None],
        "side": NotRequired[int | None],
        "phase": NotRequired[str | None],
        "score": NotRequired[int | None],
        "leg": NotRequired[str | None],
        "feel": NotRequired[str | None],
        "sign": NotRequired[str | None],
        "verdict": NotRequired[str | None],
        "reason": NotRequired[str | None],
        "routine": NotRequired[str],
        "from": NotRequired[str],
        "told": NotRequired[int],
        "answer": NotRequired[str | None],
        "to": NotRequired[str],
        "way": NotRequired[str],
        "seconds": NotRequired[float],
        "factor": NotRequired[float],
        "command": NotRequired[str],
        "ago": NotRequired[float],
        "heard": NotRequired[str],
        "text": NotRequired[str],
        "mend": NotRequired[str],
    },
)
"""Something worth keeping; ``kind`` says what, and which of the fields there are."""


class EndRecord(TypedDict):
    """The session is over."""

    t: float
    event: Literal["end"]
    reason: Literal["finished", "ended", "pain", "afresh", "cannot go on"]


EventRecord: TypeAlias = (
    SayRecord
    | SpokenRecord
    | HushRecord
    | ChimeRecord
    | HeardRecord
    | OverheardRecord
    | DeafenedRecord
    | HearingRecord
    | SilencedRecord
    | UnkeptRecord
    | ReturnedRecord
    | StepRecord
    | ModeRecord
    | VolumeRecord
    | SpeechRateRecord
    | RememberRecord
    | AlertRecord
    | AlertedRecord
    | WantedRecord
    | StandbyRecord
    | VolumeAskedRecord
    | NoteRecord
    | EndRecord
)
"""What happens in a session, one record each."""
