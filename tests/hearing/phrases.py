"""The phrases these tests speak: a language of their own, so that a new phrase in ``en.toml`` breaks nothing here."""

from __future__ import annotations

from pathlib import Path

from voicecoach.core.events import Command

MODEL = Path(__file__).parents[2] / "models" / "vosk-model-tiny-en"

SPOKEN = {
    Command.PAIN: ("pain", "ouch", "it hurts", "that hurts"),
    Command.STOP: ("stop", "freeze"),
    Command.PAUSE: ("pause", "take a break"),
    Command.RESUME: ("resume", "continue", "carry on"),
    Command.READY: ("ready", "i'm ready"),
    Command.NEXT: ("next", "next exercise"),
    Command.SKIP: ("skip this",),
    Command.BACK: ("go back", "previous"),
    Command.AGAIN: ("again", "say again", "repeat"),
    Command.HOW: ("how", "explain", "instructions"),
    Command.DONE: ("done", "finished"),
    Command.STATUS: ("time left", "how many left", "status"),
    Command.UNDO: ("undo",),
    Command.END: ("end session", "end the session"),
    Command.OPTIONS: ("options", "what can i say"),
    Command.YES: ("yes",),
    Command.NO: ("no",),
    Command.EMERGENCY: ("emergency", "call for help"),
}
PHRASES = {phrase: command for command, phrases in SPOKEN.items() for phrase in phrases}

DECOYS = (
    *("top", "step", "chest", "nest", "text", "plain", "knee", "spine", "pose", "go", "start", "neck", "shoulder"),
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "zero", "help", "slower"),
    *("faster", "easier", "harder", "louder", "quieter", "better", "worse", "same"),
)
