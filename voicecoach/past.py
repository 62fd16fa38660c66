"""What a routine written in Python is told of the sessions before: days, doses, what was coached, and pain.

Rule: plain values that an author can read and, for a test, write by hand. Nothing here was measured: *coached* is what
the coach called and counted, pain is what the person said (``core/report``). Pure: no file, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from voicecoach.core.report import ExerciseReport, SessionReport


@dataclass(frozen=True, slots=True)
class PastExercise:
    """One exercise of a past session."""

    slug: str
    """Its name in files, such as ``bird-dog``."""
    whole: bool = True
    """Whether every set was coached to its end."""
    dose: str = ""
    """What was prescribed, in words."""
    sets: int = 0
    """Coached to their end; this and the next two over all rounds and sides."""
    reps: int = 0
    """Called by the coach."""
    seconds: float = 0.0
    """Of effort by the coach's clock."""
    hurt: bool = False
    """Whether the person said that it hurt."""
    pain: int | None = None
    """The highest score that they said, 0 to 10 (NPRS); None: none was said."""
    locked: bool = False
    """Whether it was left out, because it had hurt in an earlier session."""


@dataclass(frozen=True, slots=True)
class PastSession:
    """One past session of the routine."""

    day: date
    """The day on which it began, where it began."""
    outcome: str = "finished"
    """``finished``, ``ended`` (by the person), ``pain`` (by the rules for pain), ``afresh`` or ``unfinished``."""
    exercises: tuple[PastExercise, ...] = ()
    """In the order of the routine, each once."""
    seconds: float = 0.0
    """Session time in all, pauses included."""
    hurt: bool = False
    """Whether the person said that something hurt."""
    pain: int | None = None
    """The highest score that they said, 0 to 10 (NPRS); None: none was said."""
    effort: int | None = None
    """How hard it was, 0 to 10 (RPE), as they said; None: not said."""
    attended: bool = True
    """Whether anybody could be heard; where not, no word of pain means nothing."""

    @property
    def whole(self) -> bool:
        """Whether it was played to its end, and every exercise with it that was not locked."""
        return self.outcome == "finished" and all(one.whole or one.locked for one in self.exercises)

    def exercise(self, slug: str) -> PastExercise | None:
        """Return what became of an exercise; None where the session did not have it."""
        return next((one for one in self.exercises if one.slug == slug), None)


@dataclass(frozen=True, slots=True)
class History:
    """The past sessions of a routine, and the day for which it is made."""

    today: date
    sessions: tuple[PastSession, ...] = ()
    """The newest first."""

    @property
    def last(self) -> PastSession | None:
        """The newest session; None before the first."""
        return self.sessions[0] if self.sessions else None

    @property
    def days_since(self) -> int | None:
        """Whole days since the newest session, 0 for today; None before the first."""
        return None if self.last is None else max(0, (self.today - self.last.day).days)

    @property
    def days(self) -> tuple[date, ...]:
        """The days with a session, each once, the newest first."""
        return tuple(dict.fromkeys(session.day for session in self.sessions))

    def of(self, slug: str) -> tuple[PastExercise, ...]:
        """Return what became of an exercise in every session that had it, the newest first."""
        return tuple(found for session in self.sessions if (found := session.exercise(slug)) is not None)

    def good_in_a_row(self, most_pain: int = 0) -> int:
        """Return how many sessions, counted back from the newest, were whole and hurt no more than ``most_pain``.

        A session counts as too much where pain was said without a number, and not at all where nobody could be heard.
        """
        found = 0
        for session in self.sessions:
            if not session.attended:
                continue
            if not session.whole or (session.hurt and (session.pain is None or session.pain > most_pain)):
                break
            found += 1
        return found


def history_of(reports: Iterable[SessionReport], slug: str, today: date) -> History:
    """Return what the reports (of any sessions, the newest first) say of the routine ``slug``."""
    return History(today, tuple(_session(report) for report in reports if report.routine == slug))


def _session(report: SessionReport) -> PastSession:
    return PastSession(
        date.fromisoformat(report.day),
        report.outcome,
        tuple(map(_exercise, report.exercises)),
        report.duration,
        bool(report.pains),
        report.pain_max,
        report.effort,
        report.attended,
    )


def _exercise(report: ExerciseReport) -> PastExercise:
    return PastExercise(
        report.slug,
        report.whole,
        report.prescribed_text,
        report.coached.sets,
        report.coached.reps,
        report.coached.seconds,
        any(pain.counts for pain in report.pains),
        report.pain_max,
        report.locked is not None and report.locked.earlier,
    )
