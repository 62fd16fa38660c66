"""What is stored comes back exactly, or is refused in one sentence; whatever stands in the file."""

from __future__ import annotations

import json
import math
import re
import typing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.core.world import exercise, routine
from tests.journal.stored import header
from tests.named import load_named
from voicecoach.core.events import Command, Event, Heard, Line, Spoken, Tick
from voicecoach.core.person import LastPain, Lock, Person, Room, Talk
from voicecoach.core.program import Pace, Style
from voicecoach.core.programme import PartOf
from voicecoach.core.routine import Block, Routine
from voicecoach.journal.codec import (
    KINDS,
    UnreadableError,
    checksum,
    dump_event,
    dump_header,
    load_event,
    load_header,
)
from voicecoach.journal.replay import program_of
from voicecoach.loading.library import Library
from voicecoach.shipped import shipped

NUMBERS = st.floats(allow_nan=False) | st.integers(0, 100)
"""Seconds: a whole number stays one, because it is spoken otherwise than a fraction."""
EVENTS = st.one_of([st.from_type(kind) for kind in KINDS.values()]).flatmap(
    lambda event: st.builds(lambda at: replace(event, at=at), NUMBERS)
)
TEXTS = st.text(max_size=8)
SLUGS = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
PEOPLE = st.builds(
    Person,
    agreed=st.booleans(),
    known=st.frozensets(SLUGS),
    volume=st.none() | NUMBERS,
    speech_rate=NUMBERS,
    talk=st.none() | st.sampled_from(Talk),
    locks=st.tuples(st.builds(Lock, TEXTS, TEXTS, TEXTS, st.none() | st.integers(0, 10))) | st.just(()),
    new_levels=st.lists(st.tuples(TEXTS, st.integers(-9, 9))).map(tuple),
    last_pain=st.none() | st.builds(LastPain, TEXTS, TEXTS, st.none() | st.integers(0, 10)),
    pains_today=st.integers(0, 9),
)
LINES = st.builds(lambda key, value: Line.of(key, reps=value), TEXTS, NUMBERS | TEXTS)
STYLES = st.builds(
    Style,
    tempo=NUMBERS,
    known=st.frozensets(SLUGS),
    left_out=st.frozensets(st.integers(0, 9)),
    news=st.lists(st.tuples(st.none() | SLUGS, LINES)).map(tuple),
)
DOSES: list[dict[str, object]] = [
    {"reps": "3-5", "hold": "2-3 breaths", "rest": "1.5 s"},
    {"reps": 3, "tempo": "2-0-2-1", "sets": "2-3", "rest_between_reps": "3 s"},
    {"time": "0:30", "rest_after": 30},
    {"hold": "10-20 s", "rest_between_sides": "5 s"},
    {"open": True},
    {"reps": [6, "4-5", 2], "hold": "10 s", "rest": ["30 s", 20], "timed_cues": [{"at": "rep 2", "say": "Breathe."}]},
    {"breaths": [5, 3], "timed_cues": [{"at": "-5 s", "say": "Soon."}, {"at": "half", "say": "Half."}]},
    {"amrap": "45-60 s", "rest": "1 min"},
    {"reps": "3-5", "hold": "2-3 breaths", "progress": ["after 3 sessions with pain <= 2: hold +1 breath"]},
]
JUMP = exercise("jump", time="20 s")
STYLED = tuple(
    Block.model_validate({"exercises": (JUMP, exercise("hop", time="20 s"))} | fields)
    for fields in (
        {"style": "tabata", "rest": "30 s"},
        {"style": "emom", "lasts": "4 min"},
        {"style": "amrap", "lasts": "1:30", "title": "All"},
        {"style": "circuit", "repeat": 3, "shuffle": True, "rest_between": "10-20 s"},
        {"style": "superset", "repeat": 2},
        {"repeat": 2, "rest": 1.5, "rest_between": 3},
    )
)
ROUTINES: list[Routine] = [
    *(load_named(name, Library((shipped("routines"),))) for name in Library((shipped("routines"),)).routines()),
    *(routine(exercise("bridge", limbs=("left", "right"), cues=("Über.",), **dose)) for dose in DOSES),
    routine(exercise("a"), verbosity="short", voice="en-gb", equipment=("mat",)),
    routine(exercise("a")).model_copy(update={"blocks": STYLED}),
    routine(exercise("a"), variants=(exercise("b", easier="a"),), welcome=("One.", "Two."), review_on="2026-11-21"),
]


def same(a: object, b: object) -> bool:
    """Equal, and written alike: 1 and 1.0 are not the same here."""
    return a == b and re.sub(r"frozenset\(.*?\)", "", repr(a)) == re.sub(r"frozenset\(.*?\)", "", repr(b))


def test_every_event_has_a_name() -> None:
    assert set(KINDS.values()) == set(typing.get_args(Event))
    assert len(set(KINDS)) == len(set(KINDS.values()))


@settings(deadline=None)
@given(event=EVENTS)
def test_every_event_comes_back_exactly(event: Event) -> None:
    times = (getattr(event, name, 0) or 0 for name in ("ended_at", "late", "level"))
    if any(map(math.isnan, times)):
        return  # nan is not equal to itself
    kind, text = dump_event(event)
    assert text.isascii()
    assert same(load_event(kind, event.at, text), event)


@settings(deadline=None)
@given(
    person=PEOPLE,
    room=st.builds(Room, emergency_number=TEXTS),
    pace=st.builds(Pace, change_position=NUMBERS, rest=NUMBERS),
    made=st.sampled_from(ROUTINES),
    style=STYLES,
    started=st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    rate=st.integers(80, 300),
)
def test_every_header_comes_back_exactly(
    person: Person, room: Room, pace: Pace, made: Routine, style: Style, started: datetime, rate: int
) -> None:
    before = replace(header(made, started=started, person=person), room=room, pace=pace, style=style, rate=rate)
    after = load_header(dump_header(before))
    assert same(after, before)


@pytest.mark.parametrize("made", ROUTINES, ids=lambda made: made.slug)
def test_a_stored_routine_compiles_to_the_same_program(made: Routine) -> None:
    before = header(made)
    assert same(program_of(load_header(dump_header(before))), program_of(before))


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("dance", "{}", 'an event "dance", which this version does not know'),
        ("tick", '{"late":0.0,"mood":1}', "fields that this version does not know"),
        ("tick", '{"late":"soon"}', "cannot be read"),
        ("tick", '{"late":', "is not JSON"),
        ("tick", "[1]", "is not a JSON object"),
        ("tick", '{"is":"range","low":1,"high":2}', "is not a JSON object"),
        ("tick", '{"is":"range","low":1,"high":2,"mood":1}', 'the "range" of a stored session has fields'),
        ("tick", '{"is":"song"}', 'a stored session holds a "song", which this version does not know'),
        ("tick", '{"is":[]}', "is not JSON"),
        ("heard", '{"command":"fly"}', "cannot be read"),
        ("heard", "{}", "cannot be read"),
        ("spoken", "[" * 100_000, "is not JSON"),
    ],
)
def test_what_cannot_be_an_event_is_refused_in_words(kind: str, text: str, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        load_event(kind, 1.0, text)


def test_a_field_that_an_older_version_did_not_write_has_its_default() -> None:
    assert load_event("tick", 1.0, "{}") == Tick(1.0)
    assert load_event("spoken", 1.0, '{"utterance":3}') == Spoken(1.0, 3)
    assert load_event("heard", 1.0, '{"command":"pain"}') == Heard(1.0, Command.PAIN)


def changed(path: str, value: object) -> str:
    stored = json.loads(dump_header(header()))
    *way, last = path.split(".")
    place: Any = stored
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(stored)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("format", 2, r"written by voicecoach \S+, in a format that this version \(\S+\) does not know"),
        ("format", None, "in a format"),
        ("routine.title", 7, "header of a stored session cannot be read"),
        ("routine.colour", "red", "cannot be read"),
        ("routine", None, "cannot be read"),
        ("person.mood", "good", "the person of a stored session has fields"),
        ("person.talk", "never", "the person of a stored session cannot be read"),
        ("pace.lift", "slow", "the pace of a stored session cannot be read"),
        ("room", [], "the room of a stored session has fields"),
        ("started", "yesterday", "cannot be read"),
        ("rate", "fast", "fields that this version"),
        ("extra", 1, "fields that this version"),
    ],
)
def test_what_cannot_be_a_header_is_refused_in_words(path: str, value: object, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        load_header(changed(path, value))


@given(text=st.text() | st.recursive(st.none() | st.integers() | TEXTS, st.lists).map(json.dumps))
def test_no_text_at_all_is_a_traceback(text: str) -> None:
    for read in (load_header, lambda text: load_event("heard", 0.0, text)):
        with pytest.raises(UnreadableError):
            read(text)


def test_a_checksum_tells_effects_apart() -> None:
    from voicecoach.core.events import Hush, Mode, ModeChanged

    effects = (Hush(), ModeChanged(Mode.PAIN))
    assert checksum(effects) == checksum((Hush(), ModeChanged(Mode.PAIN)))
    assert len({checksum(effects), checksum(effects[:1]), checksum(effects[::-1]), checksum(())}) == 4


def test_the_day_of_a_programme_comes_back_and_what_is_none_is_not_written() -> None:
    part = PartOf("weeks", 2, 1, 3)
    kept = dump_header(replace(header(), part_of=part))
    assert load_header(kept).part_of == part
    assert "part_of" not in dump_header(header())
    with pytest.raises(UnreadableError):
        load_header(kept.replace('"week":2', '"weak":2'))
