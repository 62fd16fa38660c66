"""What a person sees of each record, and that every effect and event has one."""

from __future__ import annotations

import io
import typing

import pytest

from voicecoach.core.events import (
    Alert,
    Alerted,
    Chime,
    ChimeKind,
    Deafened,
    Effect,
    End,
    Event,
    Hearing,
    Hush,
    Line,
    Mode,
    ModeChanged,
    Note,
    Overheard,
    Priority,
    Remember,
    Say,
    SpeechRate,
    StepBegan,
    Volume,
)
from voicecoach.core.news import Returned
from voicecoach.core.standing import StandbyChanged, Standing
from voicecoach.record import Record, of_effect, of_event
from voicecoach.screen import Screen, Transcript

SAY = Say(3, Line.text("Is it [better]?"), Priority.TALK, loud=True)
STEP = StepBegan(4, "hold", "bird-dog", 1, 2, 1, "left", 10.0)


def shown(*entries: Record | None) -> list[str]:
    out = io.StringIO()
    transcript = Transcript(Screen(file=out, width=200), {"bird-dog": "Bird dog"})
    for entry in entries:
        assert entry is not None
        transcript(entry)
    return [line[10:] for line in out.getvalue().splitlines()]


def of(effect: Effect) -> Record:
    return of_effect(1.0, effect, lambda line: str(dict(line.values)["text"]))


@pytest.mark.parametrize(
    ("effect", "line"),
    [
        (SAY, ["Is it [better]?"]),
        (STEP, ["    hold   10 s  ·  Bird dog, set 1, rep 2, left"]),
        (Volume(0.8), ["volume 80%"]),
        (SpeechRate(0.85), ["speaks at 85% of the usual rate"]),
        (Alert("no answer"), ["telling somebody: no answer"]),
        (Remember("lock/bird-dog", "pain 4"), []),
        (ModeChanged(Mode.EMERGENCY), ["— emergency —"]),
        (ModeChanged(Mode.QUESTION), ["— a question —"]),
        (ModeChanged(Mode.PAUSED), ["— paused —"]),
        (ModeChanged(Mode.WORK), []),
        (Note.of("alerted", told=1), []),
        (Note.of("pain_report", exercise="bird-dog", score=0, leg=None), ["pain report: exercise bird-dog, score 0"]),
        (Note.of("asleep"), ["asleep"]),
        (End("ended"), ["(ended)"]),
    ],
)
def test_an_effect_is_shown(effect: Effect, line: list[str]) -> None:
    assert shown(of(effect)) == line


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Overheard(1.0, "the [unk] next week"), ["heard, and no command: the … next week"]),
        (Overheard(1.0, "[unk]"), ["heard, and no command: …"]),
        (Overheard(1.0), ["heard, and no command: …"]),
        (Overheard(1.0, "[bold]x"), ["heard, and no command: [bold]x"]),
        (Deafened(1.0), ["— your voice cannot be heard —"]),
        (Hearing(1.0), ["— your voice can be heard again —"]),
        (Alerted(1.0, told=True), ["somebody was told"]),
        (Alerted(1.0, told=False), ["nobody could be told"]),
        (Returned(1.0, asked=True), []),
    ],
)
def test_an_event_is_shown(event: Event, line: list[str]) -> None:
    assert shown(of_event(event)) == line


def test_every_effect_has_a_record_with_its_fields() -> None:
    """What scripts read: names do not change (docs/events.md)."""
    every: tuple[Effect, ...] = (
        SAY,
        Hush(),
        Chime(ChimeKind.START),
        STEP,
        ModeChanged(Mode.HOLD),
        Note("x"),
        Volume(1.0),
        SpeechRate(1.0),
    )
    every += (Remember("k", 1), Alert("x"), End("x"), StandbyChanged(Standing.IDLE))
    assert {type(effect) for effect in every} == set(typing.get_args(Effect))
    records = {entry["event"]: set(entry) - {"t", "event"} for entry in map(of, every)}
    assert records == {
        "say": {"utterance", "text", "priority", "loud"},
        "standby": {"state", "routine", "resumes"},
        "hush": set(),
        "chime": {"kind"},
        "step": {"kind", "exercise", "set", "rep", "side", "limb", "seconds"},
        "mode": {"mode"},
        "note": {"kind"},
        "volume": {"level"},
        "speech_rate": {"factor"},
        "remember": {"key", "value"},
        "alert": {"reason"},
        "end": {"reason"},
    }
    assert (of(Volume(0.12345))["level"], of(SpeechRate(2 / 3))["factor"]) == (0.123, 0.667)
    assert (of(SAY)["priority"], of(SAY)["loud"]) == ("talk", True)
