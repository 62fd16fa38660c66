"""voicecoach: a routine is read aloud, counted and timed, and obeys the voice of the person on the floor.

What a program may use is listed below and described in docs/extending.md; everything else may change at any time.

Rule: ``import voicecoach`` loads nothing: each name is loaded when it is first asked for, so that an author's nouns
need no speech, no hearing and no sound.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from voicecoach.api import Coach, export, load, rehearse
    from voicecoach.authoring import Block, Dose, Exercise, Routine, use
    from voicecoach.authoring_error import AuthoringError
    from voicecoach.config import ConfigError
    from voicecoach.core.events import Command, Heard, Overheard
    from voicecoach.core.program import Program
    from voicecoach.host import CannotGoOnError
    from voicecoach.loading.source import RoutineError
    from voicecoach.past import History, PastExercise, PastSession
    from voicecoach.ports import (
        Audio,
        DeviceError,
        Ear,
        EarError,
        Exported,
        Exporter,
        Microphone,
        PluginError,
        PortError,
        Shortfall,
        Speaker,
        Voice,
        VoiceError,
    )
    from voicecoach.records import EventRecord
    from voicecoach.rehearsal import ScriptError

_PLACES = {
    "voicecoach.api": ("Coach", "export", "load", "rehearse"),
    "voicecoach.authoring": ("Block", "Dose", "Exercise", "Routine", "use"),
    "voicecoach.authoring_error": ("AuthoringError",),
    "voicecoach.config": ("ConfigError",),
    "voicecoach.core.events": ("Command", "Heard", "Overheard"),
    "voicecoach.core.program": ("Program",),
    "voicecoach.host": ("CannotGoOnError",),
    "voicecoach.loading.source": ("RoutineError",),
    "voicecoach.past": ("History", "PastExercise", "PastSession"),
    "voicecoach.ports": (
        "Audio",
        "DeviceError",
        "Ear",
        "EarError",
        "Exported",
        "Exporter",
        "Microphone",
        "PluginError",
        "PortError",
        "Shortfall",
        "Speaker",
        "Voice",
        "VoiceError",
    ),
    "voicecoach.records": ("EventRecord",),
    "voicecoach.rehearsal": ("ScriptError",),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

__all__ = [
    "Audio",
    "AuthoringError",
    "Block",
    "CannotGoOnError",
    "Coach",
    "Command",
    "ConfigError",
    "DeviceError",
    "Dose",
    "Ear",
    "EarError",
    "EventRecord",
    "Exercise",
    "Exported",
    "Exporter",
    "Heard",
    "History",
    "Microphone",
    "Overheard",
    "PastExercise",
    "PastSession",
    "PluginError",
    "PortError",
    "Program",
    "Routine",
    "RoutineError",
    "ScriptError",
    "Shortfall",
    "Speaker",
    "Voice",
    "VoiceError",
    "export",
    "load",
    "rehearse",
    "use",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_PLACE_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
