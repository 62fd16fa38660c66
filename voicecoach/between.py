"""Between two sessions: a routine is fitted to what earlier sessions came to, and what is new is told.

Rule: pure. Reports, levels and the day are given; nothing here reads a file or a clock. How a dose moves is decided in
``core/progress``, what is left out in ``core/tailor``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from voicecoach.core.person import Person
from voicecoach.core.program import Style
from voicecoach.core.progress import PAIN_WITHOUT_A_NUMBER, Level, Outcome, Why, next_level
from voicecoach.core.report import ExerciseReport, SessionReport
from voicecoach.core.routine import PainRules, Routine, rules_on
from voicecoach.core.shuffle import shuffled
from voicecoach.core.tailor import Tailored, news, tailor

_MOVES = {Why.GOOD, Why.PAIN, Why.WORSE}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A routine as this person plays it today."""

    tailored: Tailored
    person: Person
    """With only those locks that matter here, and with the levels that are new."""
    style: Style
    levels: Mapping[str, int]
    """Of every exercise that has moved, by slug."""


def fit(
    written: Routine,
    person: Person,
    *,
    levels: Mapping[str, Level],
    reports: Iterable[SessionReport],
    today: str,
    strict: PainRules,
) -> Fitted:
    """Fit ``written`` to a person. ``reports`` are of all sessions, newest first; ``today`` is a day as 2026-11-21.

    Unfinished sessions count like others: what was coached to its end was, and pain is pain.
    """
    strict_again = (routine := rules_on(written, today, strict)) is not written
    locked = {lock.exercise for lock in person.locks}
    oldest_first = [report for report in reports if report.routine == written.slug][::-1]
    # The day is in it for those of whom nothing is kept, the number for a second session of a day.
    routine = shuffled(routine, f"{today}/{len(oldest_first)}")
    moved: dict[str, int] = {}
    now = {slug: level.steps for slug, level in levels.items()}
    for exercise in {one.slug: one for one in routine.exercises}.values():
        level = levels.get(exercise.slug, Level(0, -1))
        recent = [
            _outcome(found, report)
            for report in oldest_first
            if int(report.id) >= level.session
            for found in report.exercises
            if found.slug == exercise.slug and _was_played(found)
        ]
        move = next_level(exercise, level.steps, recent, locked=exercise.slug in locked)
        # Another routine may have other rules for it, or none: what it has come to there stays.
        if move.why in _MOVES and move.level != level.steps:
            now[exercise.slug] = move.level
            moved[exercise.slug] = move.level - level.steps
    tailored = tailor(routine, person, now)
    names = {exercise.slug: exercise.spoken_name for exercise in routine.exercises}
    told = news(tailored, names, moved, strict_again=strict_again)
    return Fitted(
        tailored,
        replace(person, locks=tailored.locked, new_levels=tuple((slug, now[slug]) for slug in moved)),
        Style(talk=person.talk or routine.talk, known=person.known, left_out=tailored.left_out, news=told),
        {slug: level for slug, level in now.items() if level},
    )


def _was_played(exercise: ExerciseReport) -> bool:
    """Tell whether the session says anything about it: what was left out for a lock, or never reached, does not."""
    return exercise.coached.sets > 0 or bool(exercise.pains) or exercise.cut_short > 0


def _outcome(exercise: ExerciseReport, report: SessionReport) -> Outcome:
    hurt = [pain for pain in exercise.pains if pain.counts]
    scores = [PAIN_WITHOUT_A_NUMBER if pain.score is None else pain.score for pain in hurt]
    since = report.since_last
    worse = since is not None and since.exercise == exercise.slug and since.answer == "worse"
    # Where nobody could be heard, nobody could say that it hurt: such a session lets nothing grow.
    return Outcome(exercise.whole and report.attended, max(scores, default=None), worse)
