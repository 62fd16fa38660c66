"""What the next session is told: locks, what is known, and pain; and nothing that does not make sense."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.journal.stored import BRIDGES, STARTED, header, keep, noted, played
from voicecoach.core.events import Note, Remember
from voicecoach.core.person import (
    AGREED,
    KNOWN,
    LAST_PAIN,
    LOCK,
    SPEECH_RATE,
    TALK,
    VOLUME,
    LastPain,
    Lock,
    Person,
    Talk,
)
from voicecoach.journal.codec import dump_header
from voicecoach.journal.memory import load_levels, load_person, locks, unlock
from voicecoach.journal.store import Store
from voicecoach.journal.writer import Played

SESSION: list[Played] = [(event, ()) for event, _ in played(header(), 20.0)]
WALL = STARTED.timestamp()
TODAY = STARTED.astimezone().date()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def kept(path: Path, *effects: Note | Remember, days_ago: int = 0) -> None:
    keep(path, header(), noted(SESSION, 3, *effects), wall=WALL - days_ago * 86400)


def person(path: Path, today: date = TODAY) -> Person:
    return load_person(Store.open(path), today)


def test_nothing_kept_is_a_stranger(path: Path) -> None:
    assert person(path) == Person()
    kept(path)
    assert person(path) == Person()


def test_everything_that_is_remembered_comes_back(path: Path) -> None:
    kept(
        path,
        Remember(AGREED, 1),
        Remember(KNOWN + "bridge", 1),
        Remember(KNOWN + "plank", 1),
        Remember(KNOWN + "dog", 0),
        Remember(VOLUME, 0.8),
        Remember(SPEECH_RATE, 0.85),
        Remember(TALK, "less"),
        Remember(LOCK + "bridge", "pain 4"),
        Remember(LOCK + "plank", "worse"),
        Remember(LOCK + "dog", "pain"),
        Remember("level/bridge", 2),
        Remember("level/plank", -1),
        Remember("level/dog", "x"),
        Remember("something/new", "x"),
        days_ago=3,
    )
    day = (TODAY - timedelta(days=3)).isoformat()
    assert person(path) == Person(
        agreed=True,
        known=frozenset({"bridge", "plank"}),
        volume=0.8,
        speech_rate=0.85,
        talk=Talk.LESS,
        locks=(Lock("bridge", "pain", day, 4), Lock("dog", "pain", day), Lock("plank", "worse", day)),
    )
    assert {slug: level.steps for slug, level in load_levels(Store.open(path)).items()} == {"bridge": 2, "plank": -1}


@pytest.mark.parametrize(
    ("key", "value"),
    [(VOLUME, "loud"), (VOLUME, 7.0), (SPEECH_RATE, 0.0), (SPEECH_RATE, "x"), (TALK, "never"), (TALK, 3), (AGREED, 0)],
)
def test_what_makes_no_sense_is_left_out(path: Path, key: str, value: str | float) -> None:
    kept(path, Remember(key, value), Remember(LOCK + "bridge", "pain 11"))
    known = person(path)
    assert known.locks == (Lock("bridge", "pain", TODAY.isoformat()),), "whatever the score, it stays locked"
    assert replace(known, locks=()) == Person()


@pytest.mark.parametrize(
    ("effects", "score"),
    [
        ([], None),
        ([Remember(LOCK + "bridge", "pain 4")], 4),
        ([Remember(LOCK + "plank", "pain 4")], None),
        ([Note.of("pain_report", exercise="bridge", score=6), Remember(LOCK + "bridge", "pain 4")], 6),
        ([Note.of("pain_report", exercise="bridge", score=6), Note.of("pain_report", exercise="bridge", score=2)], 2),
        ([Note.of("pain_report", exercise="plank", score=6)], None),
        ([Note.of("pain_report", exercise="bridge", score=None), Remember(LOCK + "bridge", "pain 4")], 4),
        ([Note.of("pain_report", exercise="bridge", score=0)], 0),
    ],
)
def test_the_last_pain_has_its_name_and_score(path: Path, effects: list[Note | Remember], score: int | None) -> None:
    kept(path, Note.of("pain_report", exercise="bridge", score=9), days_ago=5)
    kept(path, *effects, Remember(LAST_PAIN, "bridge"))
    kept(path)
    assert person(path).last_pain == LastPain("bridge", "The bridge", score)
    kept(path, Remember(LAST_PAIN, None))
    assert person(path).last_pain is None


def test_a_name_that_nobody_knows_any_more_is_made_of_the_slug(path: Path) -> None:
    kept(path, Remember(LAST_PAIN, "bird-dog"), Remember(LOCK + "bridge", "pain 3"))
    assert person(path).last_pain == LastPain("bird-dog", "bird dog")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE session SET header = '{}'")
    connection.commit()
    connection.close()
    assert [entry.name for entry in locks(Store.open(path))] == ["bridge"]


PAIN, FALSE, REPORT = Note.of("pain"), Note.of("false_alarm"), Note.of("pain_report", verdict="false alarm")
OVER, EMERGENCY = Note.of("pain_report", verdict="exercise over"), Note.of("emergency")


@pytest.mark.parametrize(
    ("sessions", "pains"),
    [
        ([[]], 0),
        ([[PAIN]], 1),
        ([[PAIN, OVER], [PAIN, OVER]], 2),
        ([[PAIN, FALSE]], 0),
        ([[PAIN, REPORT, FALSE]], 0),
        ([[PAIN, OVER, PAIN, FALSE, REPORT]], 1),
        ([[PAIN, EMERGENCY, FALSE]], 0),
        ([[PAIN], [EMERGENCY, FALSE]], 1),
        ([[PAIN], [FALSE]], 1),
        ([[FALSE, PAIN]], 1),
        ([[PAIN, Note.of("false_alarm", **{"from": "emergency"})]], 1),
    ],
)
def test_the_pains_of_a_day_are_counted(path: Path, sessions: list[list[Note]], pains: int) -> None:
    kept(path, PAIN, days_ago=1)
    for notes in sessions:
        kept(path, *notes)
    assert person(path).pains_today == pains
    assert person(path, TODAY + timedelta(days=1)).pains_today == 0


def test_locks_tell_where_they_came_from_until_they_are_taken_off(path: Path) -> None:
    kept(path, Remember(LOCK + "plank", "worse"), days_ago=2)
    kept(path, Remember(LOCK + "bridge", "pain 5"))
    store = Store.open(path)
    bridge, plank = locks(store)
    assert (bridge.lock, bridge.name) == (Lock("bridge", "pain", TODAY.isoformat(), 5), "The bridge")
    assert bridge.session == store.session(2)
    assert plank.session == store.session(1)
    unlock(store, "bridge")
    assert locks(store) == [plank]
    assert person(path).locks == (plank.lock,)


def test_the_names_of_variants_are_known(path: Path) -> None:
    from tests.core.world import exercise, routine

    made = routine(*BRIDGES.exercises, variants=(exercise("small-bridge", say_as="The small one"),))
    assert "small-bridge" in dump_header(header(made))
    keep(path, header(made), noted(SESSION, 3, Remember(LAST_PAIN, "small-bridge")), wall=WALL)
    assert person(path).last_pain == LastPain("small-bridge", "The small one")
