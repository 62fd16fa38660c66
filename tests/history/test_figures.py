"""Figures of a period against those worked out by hand, and rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.history.coach import Coach
from tests.history.samples import SAMPLES, TODAY, lumbar, started
from voicecoach.core.dose import Range
from voicecoach.core.events import Effect, Event
from voicecoach.core.person import Person, Room
from voicecoach.core.programme import PartOf
from voicecoach.core.report import (
    Cause,
    Coached,
    ExerciseReport,
    Locked,
    PainReport,
    Prescribed,
    SessionReport,
    TimeSpent,
    WhyNot,
)
from voicecoach.core.routine import Routine
from voicecoach.history.figures import Period, reasons
from voicecoach.history.source import StoredSessions, summarise
from voicecoach.history.summary import summary_line
from voicecoach.history.tables import COLUMNS, as_csv, overview, rows
from voicecoach.history.words import count, read_since, span
from voicecoach.ports import PortError

DOSE = Prescribed("2 x 3", Range(2, 2), reps=Range(3, 5))


def made(day: int, scores: Sequence[int | None] = (), *, sets: int = 2, verdict: str = "goes on") -> SessionReport:
    pains = tuple(PainReport(float(n), "bridge", score=score, verdict=verdict) for n, score in enumerate(scores))
    why = () if sets == 2 else (WhyNot(Cause.PAIN, verdict),)
    bridge = ExerciseReport("bridge", "Bridge", (DOSE,), Coached(sets, 3 * sets, 12.0), why_not=why, pains=pains)
    clam = ExerciseReport("clam", "Clam", (DOSE,), why_not=(WhyNot(Cause.SKIPPED, "tired"),))
    begun = f"2026-11-{day:02}T18:00:00+01:00"
    return SessionReport(str(day), "evening", "Evening", begun, begun, "finished", TimeSpent(90.0), (bridge, clam))


def test_a_period_adds_up() -> None:
    found = Period([made(3), made(1, [2]), made(10, [4, None], sets=1)], until=date(2026, 11, 12))
    assert (found.since, found.days, len(found.days_trained)) == (date(2026, 11, 1), 12, 3)
    assert (found.prescribed, found.whole) == (6, 2)
    assert found.adherence == pytest.approx(1 / 3)
    assert (found.sessions_with_pain, len(found.pains)) == (2, 3)
    assert found.worst is not None
    assert (found.worst.report.score, found.worst.name, found.worst.day) == (4, "Bridge", date(2026, 11, 10))
    bridge, clam = found.exercises
    assert (bridge.times, bridge.whole, bridge.sets, bridge.prescribed_sets) == (3, 2, 5, 6)
    assert (bridge.reps, bridge.prescribed_reps) == (15, 18)
    assert bridge.why_not == {WhyNot(Cause.PAIN, "goes on"): 1}
    assert reasons(clam.why_not, {}) == ["skipped (tired) 3\u00d7"]
    assert summary_line(found) == (
        "3 sessions on 3 of 12 days; 2 of 6 prescribed exercises coached to the end (33 %). "
        "Pain was said in 2 of 3 sessions, at most 4/10 (Bridge, 10 Nov 2026); too few scores for a trend."
    )


def test_no_word_of_pain_is_no_nought() -> None:
    found = Period([made(1), made(2)], until=TODAY)
    assert (found.worst, found.trend, found.scores) == (None, None, ())
    assert "0/10" not in summary_line(found)
    unscored = Period([made(1, [None])], until=TODAY)
    assert "without a score" in summary_line(unscored)


@pytest.mark.parametrize(
    ("scores", "trend"),
    [
        ([2, 2, 4, 4], "rising"),
        ([2, 2, 3, 3], "no clear change"),
        ([5, 5, 3, 3], "falling"),
        ([1, 9, 9], None),
        ([2, 2, 9, 4, 4], "rising"),
    ],
)
def test_a_trend_is_two_points_of_the_median(scores: list[int], trend: str | None) -> None:
    found = Period([made(1 + 2 * n, [score]) for n, score in enumerate(scores)] + [made(20)], until=TODAY)
    assert found.trend == trend


def test_locks_are_those_of_the_last_session_that_lists_them() -> None:
    locked = made(5)
    bridge, clam = locked.exercises
    with_lock = replace(locked, exercises=(replace(bridge, locked=Locked("pain", 4)), clam))
    assert [lock.name for lock in Period([made(1), with_lock], until=TODAY).locks] == ["Bridge"]
    assert Period([with_lock, made(9)], until=TODAY).locks == ()


def test_warning_signs_are_told_first() -> None:
    found = Period(SAMPLES["rising"](), until=TODAY)
    assert [pain.report.sign for pain in found.urgent] == ["sign_saddle"]
    assert [lock.name for lock in found.locks] == ["Bridge", "Quadruped arm reach"]
    assert found.trend == "rising"
    assert found.unfinished == 1


def test_false_alarms_count_nowhere() -> None:
    found = Period([made(1, [8], verdict="false alarm")], until=TODAY)
    assert (found.pains, found.worst, found.exercises[0].pains) == ((), None, ())


# --- Rows -------------------------------------------------------------------------------------------------------------


def test_one_row_for_each_exercise_of_each_session() -> None:
    found = [made(1, [2]), made(10, [4, None], sets=1)]
    table = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert len(table) == 4
    assert list(table[0]) == list(COLUMNS)
    last = table[2]
    assert (last["session"], last["exercise"], last["coached_sets"], last["prescribed_sets"]) == (
        "10",
        "bridge",
        "1",
        "2",
    )
    assert (last["coached_reps"], last["prescribed_reps"], last["whole"]) == ("3", "6", "0")
    assert (last["pains"], last["pain_max"], last["pain_scores"]) == ("2", "4", "4; ?")
    assert (last["why_not"], last["verdicts"], last["effort"]) == ("pain (goes on)", "goes on; goes on", "")
    assert table[3]["pain_max"] == ""
    assert (table[3]["why_not"], table[3]["pains"]) == ("skipped (tired)", "0")


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    text = as_csv(SAMPLES["nasty"]())
    assert "'=1+1" in text
    assert {row["name"] for row in rows(SAMPLES["nasty"]())} >= {"=1+1"}
    assert all(None not in row and None not in row.values() for row in csv.DictReader(io.StringIO(text)))


def test_a_session_in_a_line() -> None:
    line = overview(made(10, [4, None], sets=1))
    assert (line["exercises_coached"], line["exercises_prescribed"], line["pain_max"], line["minutes"]) == (
        0,
        2,
        4,
        1.5,
    )


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "day"),
    [("2026-11-01", date(2026, 11, 1)), ("30d", date(2026, 10, 22)), ("6W", date(2026, 10, 10)), ("0d", TODAY)],
)
def test_a_day_that_a_person_gives(given: str, day: date) -> None:
    assert read_since(given, TODAY) == day


@pytest.mark.parametrize("given", ["", "yesterday", "2026-13-01", "2026-11-22", "20261101", "-3d", "2026-W01-1"])
def test_a_day_that_is_none(given: str) -> None:
    with pytest.raises(ValueError, match="allowed: a day such as 2026-11-21"):
        read_since(given, TODAY)


def test_words() -> None:
    assert span(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 to 2 Jan 2026"
    assert (count(1, "day"), count(0, "day")) == ("1 day", "0 days")


# --- Source -----------------------------------------------------------------------------------------------------------


class Head:
    """A header as the journal has it."""

    def __init__(self, routine: Routine) -> None:
        self.started = datetime.fromisoformat(started(TODAY - timedelta(days=1)))
        self.routine, self.person, self.room = routine, Person(), Room()
        self.part_of: PartOf | None = None


class Entry:
    def __init__(self, number: int, begun: str, finished: str | None, summary: Any) -> None:
        self.id, self.started, self.finished, self.summary = number, begun, finished, summary


Pairs = list[tuple[Event, tuple[Effect, ...]]]


class Shelf:
    def __init__(self, *entries: Entry, recordings: dict[int, Pairs] | None = None) -> None:
        self._entries, self._recordings = entries, recordings or {}

    def sessions(self) -> Sequence[Entry]:
        return self._entries

    def recording(self, session: int) -> Pairs:
        if session not in self._recordings:
            raise PortError("it cannot be read")
        return self._recordings[session]


def test_what_is_kept_comes_back_with_its_number() -> None:
    coach = Coach(lumbar())
    coach.through()
    coach.end(effort=5)
    half = Coach(lumbar())
    half.into_effort("bridge", 4.0)
    head = Head(lumbar())
    kept = summarise(head, coach.pairs)
    old = Entry(7, started(TODAY - timedelta(days=9)), started(TODAY - timedelta(days=9), 19), kept)
    cut = Entry(8, started(TODAY - timedelta(days=1)), None, None)
    broken = Entry(9, started(TODAY), None, None)
    worse = Entry(10, started(TODAY), None, {"schema": 99})
    stored = StoredSessions(Shelf(worse, broken, cut, old, recordings={8: half.pairs}), lambda pairs: (head, pairs))
    found = list(stored.newest_first())
    assert [(report.id, report.outcome, report.ended) for report in found] == [
        ("8", "unfinished", None),
        ("7", "finished", old.finished),
    ]
    assert found[1].effort == 5
    assert found[1].whole == 8
    assert len(stored.unreadable) == 2
    assert "it cannot be read" in stored.unreadable[1]
    assert [report.id for report in stored.newest_first(TODAY - timedelta(days=3))] == ["8"]
