"""What is said on MQTT topics, and how Home Assistant is told of it (its device-based discovery, since 2024.11).

Rule: pure: topics and payloads, no broker. A value is plain text on a topic of its own, so that a script or a small
display needs no Home Assistant; "None" is Home Assistant's word for what is not known, where it expects a number or one
of its options.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from voicecoach.core.events import Command
from voicecoach.record import Record
from voicecoach.remote.glance import STATES, Glance, Pain

NOTHING = "None"
ONLINE, OFFLINE = "online", "offline"

BUTTONS: Mapping[Command, tuple[str, str]] = {
    Command.PAUSE: ("Pause", "mdi:pause"),
    Command.RESUME: ("Resume", "mdi:play"),
    Command.STOP: ("Stop", "mdi:stop"),
    Command.READY: ("Ready", "mdi:check"),
    Command.NEXT: ("Next", "mdi:skip-next"),
    Command.SKIP: ("Skip exercise", "mdi:skip-forward"),
    Command.BACK: ("Back", "mdi:skip-previous"),
    Command.AGAIN: ("Again", "mdi:repeat"),
    Command.DONE: ("Done", "mdi:check-all"),
    Command.PAIN: ("It hurts", "mdi:alert"),
    Command.END: ("End session", "mdi:exit-run"),
    Command.YES: ("Yes", "mdi:thumb-up"),
    Command.NO: ("No", "mdi:thumb-down"),
    Command.LATER: ("Later", "mdi:clock-plus-outline"),
}
"""The buttons that Home Assistant is offered, their names and icons; other commands may be sent all the same."""

PAIN_EVENTS = ("pain", "report", "emergency")
EVERY = 5
"""Seconds: what remains is told in such steps, and each of the last five; a database keeps every one for days."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Where what is said; all below one prefix."""

    prefix: str

    @property
    def available(self) -> str:
        """``online``, or ``offline`` by the last will."""
        return f"{self.prefix}/available"

    @property
    def command(self) -> str:
        """The name of a command goes in here."""
        return f"{self.prefix}/command"

    @property
    def start(self) -> str:
        """The name of a routine goes in here."""
        return f"{self.prefix}/start"

    @property
    def volume(self) -> str:
        """A volume from 0 to 100 goes in here."""
        return f"{self.prefix}/volume/set"

    @property
    def refused(self) -> str:
        """What of that was refused, and why."""
        return f"{self.prefix}/refused"

    def event(self, kind: str) -> str:
        """Return where is told what happens once: ``command`` or ``pain``."""
        return f"{self.prefix}/event/{kind}"

    def value(self, name: str) -> str:
        """Return where a value is told that holds until it changes."""
        return f"{self.prefix}/{name}"


def discovery(
    topics: Topics, discovery_prefix: str, name: str, routines: Iterable[str], version: str
) -> tuple[str, str]:
    """Return the topic and the payload by which Home Assistant learns of the device and all its entities."""
    one = topics.prefix.replace("/", "_")
    one = one if one.startswith("voicecoach") else f"voicecoach_{one}"
    payload = {
        "device": {"identifiers": [one], "name": name, "manufacturer": "voicecoach", "model": "Coach"},
        "origin": {"name": "voicecoach", "sw_version": version},
        "availability_topic": topics.available,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "qos": 0,
        "components": {
            key: {"unique_id": f"{one}_{key}", **component}
            for key, component in _components(topics, sorted(routines)).items()
        },
    }
    return f"{discovery_prefix}/device/{one}/config", json.dumps(payload)


def _components(topics: Topics, routines: list[str]) -> dict[str, dict[str, Any]]:
    value = topics.value
    found: dict[str, dict[str, Any]] = {
        "state": {
            "platform": "sensor",
            "name": "State",
            "icon": "mdi:human",
            "device_class": "enum",
            "options": list(STATES),
            "state_topic": value("state"),
        },
        "exercise": {
            "platform": "sensor",
            "name": "Exercise",
            "icon": "mdi:yoga",
            "state_topic": value("exercise"),
            "json_attributes_topic": value("step"),
        },
        "remaining": {
            "platform": "sensor",
            "name": "Remaining",
            "icon": "mdi:timer-sand",
            "device_class": "duration",
            "unit_of_measurement": "s",
            "state_topic": value("remaining"),
        },
        "pain": {
            "platform": "sensor",
            "name": "Last pain",
            "icon": "mdi:alert-circle",
            "state_class": "measurement",  # else "None" would be taken for a word
            "state_topic": value("pain"),
            "value_template": "{{ value_json.score }}",
            "json_attributes_topic": value("pain"),
        },
        "volume": {
            "platform": "number",
            "name": "Volume",
            "icon": "mdi:volume-high",
            "min": 0,
            "max": 100,
            "step": 5,
            "unit_of_measurement": "%",
            "state_topic": value("volume"),
            "command_topic": topics.volume,
        },
        "routine": {
            "platform": "select",
            "name": "Routine",
            "icon": "mdi:playlist-play",
            "options": routines,
            "state_topic": value("routine"),
            "command_topic": topics.start,
        },
        "hears": {
            "platform": "binary_sensor",
            "name": "Hears",
            "icon": "mdi:ear-hearing",
            "state_topic": value("hears"),
        },
        "command_event": {
            "platform": "event",
            "name": "Command",
            "icon": "mdi:microphone-message",
            "event_types": [command.value for command in Command],
            "state_topic": topics.event("command"),
        },
        "pain_event": {
            "platform": "event",
            "name": "Pain",
            "icon": "mdi:alert",
            "event_types": list(PAIN_EVENTS),
            "state_topic": topics.event("pain"),
        },
    }
    for command, (name, icon) in BUTTONS.items():
        found[f"button_{command.value}"] = {
            "platform": "button",
            "name": name,
            "icon": icon,
            "command_topic": topics.command,
            "payload_press": command.value,
        }
    return found


def values(glance: Glance, at: float) -> dict[str, str]:
    """Return what holds now, by the name of its topic. ``pain`` is there only once there was some."""
    left = glance.remaining(at)
    exercise = "none" if glance.exercise is None else glance.exercise.replace("-", " ")
    step = {name: getattr(glance, name) for name in ("step", "set", "rep", "limb", "seconds", "hears")}
    found = {
        "state": glance.state,
        "routine": glance.routine or NOTHING,
        "exercise": exercise,
        "step": json.dumps({"slug": glance.exercise} | step),
        "hears": "ON" if glance.hears else "OFF",
        "remaining": NOTHING if left is None else str(in_steps(left)),
        "volume": NOTHING if glance.volume is None else str(round(100 * glance.volume)),
    }
    return found | ({} if glance.pain is None else {"pain": _pain(glance.pain)})


def in_steps(left: float) -> int:
    """Return whole seconds: each of the last few, before that every fifth."""
    whole = math.ceil(left - 1e-6)
    return whole if whole <= EVERY else EVERY * math.ceil(whole / EVERY)


def event_of(entry: Record) -> tuple[str, dict[str, Any]] | None:
    """Return the kind of event (``command``, ``pain``) that a record is, and what is said of it; None for others."""
    match entry["event"], entry.get("kind"):
        case "heard", _:
            return "command", {"event_type": entry["command"], "source": entry["source"]}
        case "note", "pain" | "emergency":
            return "pain", {"event_type": entry["kind"], "exercise": entry.get("exercise")}  # between sessions: none
        case "note", "pain_report":
            said = {name: entry[name] for name in ("exercise", "score", "verdict")}
            return "pain", {"event_type": "report", **said}
        case _:
            return None


def _pain(pain: Pain) -> str:
    return json.dumps({"score": pain.score, "exercise": pain.exercise, "verdict": pain.verdict})
