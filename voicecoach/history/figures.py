"""Reports added up: what a period comes to.

Rule: only what was said or coached is added up. A session without a word of pain is no session without pain: it counts
as such nowhere, and a trend is drawn from scores that were given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median

from voicecoach.core.report import UNFINISHED, Cause, ExerciseReport, Locked, PainReport, SessionReport, WhyNot
from voicecoach.history.words import day_of

CHANGE = 2.0
"""Points on the scale: less is within what one person's answers differ by (minimal important change of the NPRS,
Childs, Piva and Fritz, Spine 2005, low back pain)."""
FEWEST = 4
"""Sessions with a score; from fewer no trend is told."""


@dataclass(frozen=True, slots=True)
class Pain:
    """One pain, with where and when it was."""

    day: date
    session: str
    name: str
    """The exercise's, or what else went on."""
    slug: str | None
    report: PainReport


@dataclass(frozen=True, slots=True)
class Lock:
    """An exercise that was locked when a session last listed it."""

    name: str
    locked: Locked
    on: date
    """The day of that session."""


class ExerciseFigures:
    """One exercise over all sessions that list it, oldest first."""

    def __init__(self, slug: str, found: list[tuple[SessionReport, ExerciseReport]]) -> None:
        self.slug, self.found = slug, found
        reports = [exercise for _, exercise in found]
        self.name = reports[-1].name
        self.doses = tuple(dict.fromkeys(report.prescribed_text for report in reports))
        """As prescribed, the oldest first; several where the prescription was changed."""
        self.times = len(reports)
        self.whole = sum(report.whole for report in reports)
        self.sets = sum(min(report.coached.sets, report.prescribed_sets) for report in reports)
        self.prescribed_sets = sum(report.prescribed_sets for report in reports)
        self.reps = sum(report.coached.reps for report in reports)
        self.prescribed_reps = sum(report.prescribed_reps or 0 for report in reports)
        self.seconds = sum(report.coached.seconds for report in reports)
        self.prescribed_seconds = sum(report.prescribed_seconds or 0.0 for report in reports)
        self.confirmed = sum(report.confirmed for report in reports)
        self.why_not: Counter[WhyNot] = Counter(reason for report in reports for reason in report.why_not)
        self.swaps = Counter((swap.way, swap.to) for report in reports for swap in report.swaps)
        self.pains = tuple(
            Pain(day_of(session.started), session.id, report.name, slug, pain)
            for session, report in found
            for pain in report.pains
            if pain.counts
        )

    @property
    def pain_max(self) -> int | None:
        """The highest score that was said; None where none was."""
        return max((p.report.score for p in self.pains if p.report.score is not None), default=None)

    @property
    def coached_days(self) -> tuple[date, ...]:
        """The days of the sessions in which any of it was coached."""
        return tuple(
            day_of(session.started)
            for session, exercise in self.found
            if exercise.coached.sets or exercise.coached.reps or exercise.coached.seconds
        )


class Period:
    """What the sessions from ``since`` to ``until`` come to; ``reports`` in any order."""

    def __init__(self, reports: Iterable[SessionReport], *, until: date, since: date | None = None) -> None:
        self.sessions = tuple(sorted(reports, key=lambda report: (report.started, report.id)))
        self.until = max((until, *(day_of(s.started) for s in self.sessions)))
        """Today; or later, where the clock was wrong or one came from the east."""
        self.since = since or (day_of(self.sessions[0].started) if self.sessions else self.until)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @cached_property
    def days_trained(self) -> frozenset[date]:
        """The days with a session."""
        return frozenset(day_of(session.started) for session in self.sessions)

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The routines' titles, the most frequent first."""
        return tuple(title for title, _ in Counter(session.title for session in self.sessions).most_common())

    @cached_property
    def exercises(self) -> tuple[ExerciseFigures, ...]:
        """Every exercise that was prescribed, in the order of the routines."""
        found: dict[str, list[tuple[SessionReport, ExerciseReport]]] = {}
        for session in self.sessions:
            for exercise in session.exercises:
                found.setdefault(exercise.slug, []).append((session, exercise))
        return tuple(ExerciseFigures(slug, reports) for slug, reports in found.items())

    @cached_property
    def prescribed(self) -> int:
        """How many exercises were prescribed and not locked, over all sessions."""
        return sum(session.due for session in self.sessions)

    @cached_property
    def whole(self) -> int:
        """How many of them were coached to their end."""
        return sum(session.whole for session in self.sessions)

    @property
    def adherence(self) -> float | None:
        """The share of the prescribed exercises that were coached to their end; None where there were none."""
        return self.whole / self.prescribed if self.prescribed else None

    @cached_property
    def unfinished(self) -> int:
        """How many sessions were cut off, or go on."""
        return sum(session.outcome == UNFINISHED for session in self.sessions)

    @cached_property
    def pains(self) -> tuple[Pain, ...]:
        """Every pain, in order."""
        return tuple(
            Pain(day_of(session.started), session.id, _name(session, pain), pain.exercise, pain)
            for session in self.sessions
            for pain in session.pains
        )

    @cached_property
    def worst(self) -> Pain | None:
        """The highest score that was said, the latest of equals."""
        scored = [pain for pain in self.pains if pain.report.score is not None]
        return max(reversed(scored), key=lambda pain: pain.report.score or 0, default=None)

    @cached_property
    def sessions_with_pain(self) -> int:
        """In how many sessions pain was said."""
        return sum(bool(session.pains) for session in self.sessions)

    @cached_property
    def scores(self) -> tuple[int, ...]:
        """The highest score of each session in which one was said, in order."""
        return tuple(session.pain_max for session in self.sessions if session.pain_max is not None)

    @cached_property
    def trend(self) -> str | None:
        """``rising``, ``falling`` or ``no clear change``: the later half of the scores against the earlier, by median.

        None where fewer than ``FEWEST`` sessions have a score.
        """
        if len(self.scores) < FEWEST:
            return None
        half = len(self.scores) // 2
        change = median(self.scores[-half:]) - median(self.scores[:half])
        return "rising" if change >= CHANGE else "falling" if change <= -CHANGE else "no clear change"

    @cached_property
    def urgent(self) -> tuple[Pain, ...]:
        """Pains with a warning sign that was not denied."""
        return tuple(pain for pain in self.pains if pain.report.sign or pain.report.verdict == "urgent")

    @cached_property
    def emergencies(self) -> int:
        """How often an emergency was called."""
        return sum(session.emergencies for session in self.sessions)

    @cached_property
    def locks(self) -> tuple[Lock, ...]:
        """What was locked when a session last listed it. Who has unlocked it since is known to the next session."""
        last = [(figures.found[-1][0], figures.found[-1][1]) for figures in self.exercises]
        return tuple(Lock(e.name, e.locked, day_of(s.started)) for s, e in last if e.locked is not None)

    @cached_property
    def efforts(self) -> tuple[tuple[SessionReport, int], ...]:
        """The sessions after which the effort was said, and what it was."""
        return tuple((session, session.effort) for session in self.sessions if session.effort is not None)


def reasons(why_not: Counter[WhyNot], names: dict[str, str]) -> list[str]:
    """Return reasons as a person reads them, the most frequent first: ``skipped (tired) 2x``, with a proper sign."""
    texts: Counter[str] = Counter()
    for reason, times in why_not.items():
        texts[reason_in_words(reason, names)] += times
    return [text if times == 1 else f"{text} {times}\u00d7" for text, times in texts.most_common()]


_ENDED = {
    "ended": "session ended by the person",
    "pain": "session over, because of pain",
    UNFINISHED: "session cut off",
}


def reason_in_words(reason: WhyNot, names: dict[str, str]) -> str:
    """Return one reason as a person reads it; ``names`` are exercises' by slug."""
    if reason.cause is Cause.ENDED:
        return _ENDED.get(reason.detail or "", str(reason))
    if reason.cause is Cause.LOCKED:
        return "locked, since it was worse afterwards" if reason.detail == "worse" else "locked since it hurt"
    if reason.cause is Cause.SWAPPED:
        return f"gave way to {names.get(reason.detail or '', reason.detail)}"
    return str(reason)


def _name(session: SessionReport, pain: PainReport) -> str:
    names = {exercise.slug: exercise.name for exercise in session.exercises}
    owner = next((e.name for e in session.exercises if pain in e.pains), None)
    return owner or names.get(pain.exercise or "", pain.exercise or "outside the exercises")
