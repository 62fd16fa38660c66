"""What a session is at, seen at a glance: one frozen value, made of the records as they come.

Rule: pure, and never asks the session anything. All times are those of the records, seconds of session time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from voicecoach.core.events import Mode
from voicecoach.record import Record

STATES = ("idle", "asking", "starting", *(mode.value for mode in Mode))
"""What ``state`` may be: where no session runs, and the modes of one that does."""

_STILL = {"paused", "pain", "emergency", "confirm", "question"}
"""States in which a step's time does not run."""
_EAGER = {"rest", "hold"}
"""Steps whose time runs while their sentences are said; that of others begins behind them."""


@dataclass(frozen=True, slots=True)
class Pain:
    """The last pain that was reported."""

    exercise: str | None
    score: int | None = None
    """From 0 to 10; None as long as it was not said."""
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """Everything that somebody outside may want to know."""

    state: str = "idle"
    runs: bool = False
    """Whether there is a session: an emergency may be one of a session, or one between two."""
    routine: str | None = None
    """The name of what is played."""
    exercise: str | None = None
    """Its slug."""
    step: str | None = None
    """The kind of the step: hold, rest …"""
    set: int | None = None
    rep: int | None = None
    limb: str | None = None
    seconds: float | None = None
    """How long the step lasts; None where it waits for a word."""
    left: float | None = None
    """What was left of it at ``since``."""
    since: float | None = None
    """None: its time stands still."""
    volume: float | None = None
    """From 0 to 1."""
    hears: bool = True
    """Whether a voice can be heard."""
    asleep: bool = False
    pain: Pain | None = None

    def remaining(self, at: float) -> float | None:
        """Return how many seconds are left of the step at a moment; None where it has no end of its own."""
        if self.left is None or self.since is None:
            return self.left
        return max(0.0, self.left - max(0.0, at - self.since))

    def after(self, entry: Record) -> Glance:
        """Return the glance behind one more record."""
        at: float = entry["t"]
        match entry["event"]:
            case "mode":
                return self._in(entry["mode"], at)
            case "step":
                return self._at_step(entry, at)
            case "spoken" if self.left is not None and self.since is None and self.state not in _STILL:
                return replace(self, since=at)
            case "say" if entry["priority"] == "talk" and self.step not in _EAGER and self.since == at:
                return replace(self, since=None)  # the next of its sentences: its time has not begun
            case "volume":
                return replace(self, volume=entry["level"])
            case "deafened" | "hearing":
                return replace(self, hears=entry["event"] == "hearing")
            case "note":
                return self._noted(entry)
            case "standby":
                return replace(self._over(), state=entry["state"])
            case "end":
                return self._over()
            case _:
                return self

    def as_record(self, at: float) -> dict[str, Any]:
        """Return it as one JSON object; ``remaining`` in whole seconds."""
        left = self.remaining(at)
        names = ("state", "routine", "exercise", "step", "set", "rep", "limb", "seconds", "volume", "hears", "asleep")
        return {name: getattr(self, name) for name in names} | {"remaining": None if left is None else round(left)}

    def _in(self, mode: str, at: float) -> Glance:
        if mode in _STILL:
            return replace(self, state=mode, runs=True, left=self.remaining(at), since=None)
        return replace(self, state=mode, runs=True)

    def _at_step(self, entry: Record, at: float) -> Glance:
        kind, seconds = entry["kind"], entry["seconds"]
        begun = at if kind in _EAGER else None
        made = replace(self, step=kind, seconds=seconds, left=seconds or None, since=begun, limb=entry["limb"])
        if kind == "count-in":  # it belongs to what it leads back to
            return made
        return replace(made, exercise=entry["exercise"], set=entry["set"], rep=entry["rep"])

    def _noted(self, entry: Record) -> Glance:
        match entry["kind"]:
            case "pain":
                return replace(self, pain=Pain(entry["exercise"]))
            case "pain_report":
                return replace(self, pain=Pain(entry["exercise"], entry["score"], entry["verdict"]))
            case "false_alarm" if self.state == Mode.PAIN.value:
                return replace(self, pain=None)
            case "asleep" | "awake":
                return replace(self, asleep=entry["kind"] == "asleep")
            case _:
                return self

    def _over(self) -> Glance:
        return Glance(volume=self.volume, hears=self.hears, pain=self.pain)
