"""Reports as rows: for a spreadsheet, and for scripts.

Rule: the columns are a contract with whoever reads them; they change only with a new major version. One row is one
exercise of one session. A cell that nobody knows is empty, never nought.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

from voicecoach.core.report import ExerciseReport, SessionReport

Cell: TypeAlias = str | int | float | None

COLUMNS: Mapping[str, str] = {
    "session": "the session's number",
    "started": "when it began (ISO 8601, with the offset of the place)",
    "ended": "when it ended (ISO 8601); empty: it was cut off, or goes on",
    "routine": "the routine's name as a file",
    "title": "the routine's title",
    "outcome": "finished, ended (by the person), pain (by the rules for pain), afresh, or unfinished",
    "running_s": "seconds of the session in which it ran",
    "paused_s": "seconds in which it was paused",
    "pain_s": "seconds that belonged to pain: quiet, questions, waiting",
    "effort": "how hard the session was as the person said, 0 to 10 (RPE)",
    "exercise": "the exercise's name as a file",
    "name": "the exercise's name",
    "prescribed": "the dose in words",
    "prescribed_sets": "sets asked for, at the low end of the dose",
    "prescribed_reps": "repetitions asked for in all sets, over all sides, at the low end",
    "prescribed_s": "seconds of hold or timed work asked for, at the low end; empty for breaths, counts and open work",
    "coached_sets": "sets that the coach brought to their end",
    "coached_reps": "repetitions that the coach called, over all sides; nobody counted what was done",
    "coached_s": "seconds of hold (or of work, where there is no hold) by the coach's clock",
    "whole": "1: every set was coached to its end; 0: not",
    "confirmed": 'how often the person said "done" in it',
    "cut_short": "how often the person ended an effort before its time",
    "why_not": "why it was not coached to its end; several reasons are parted by ;",
    "swaps": "what took its place, as way:exercise; several are parted by ;",
    "pains": "how often the person said that it hurt, false alarms left out",
    "pain_max": "the highest score that they gave, 0 to 10 (NPRS)",
    "pain_scores": "every score in order; ? for pain without a score; parted by ;",
    "verdicts": "what the rules for pain made of each; ? for none yet; parted by ;",
    "locked": "pain or worse: it is locked, or became so in this session",
}
"""The columns of a row, and what they mean."""


def rows(reports: Iterable[SessionReport]) -> list[dict[str, Cell]]:
    """Return one row for each exercise of each session."""
    return [_row(session, exercise) for session in reports for exercise in session.exercises]


def _row(session: SessionReport, exercise: ExerciseReport) -> dict[str, Cell]:
    pains = [pain for pain in exercise.pains if pain.counts]
    return dict(
        zip(
            COLUMNS,
            (
                session.id,
                session.started,
                session.ended,
                session.routine,
                session.title,
                session.outcome,
                round(session.seconds.running, 1),
                round(session.seconds.paused, 1),
                round(session.seconds.pain, 1),
                session.effort,
                exercise.slug,
                exercise.name,
                exercise.prescribed_text,
                exercise.prescribed_sets,
                exercise.prescribed_reps,
                exercise.prescribed_seconds,
                exercise.coached.sets,
                exercise.coached.reps if exercise.prescribed_reps is not None else None,
                round(exercise.coached.seconds, 1),
                int(exercise.whole),
                exercise.confirmed,
                exercise.cut_short,
                "; ".join(map(str, exercise.why_not)),
                "; ".join(f"{swap.way}:{swap.to}" for swap in exercise.swaps),
                len(pains),
                exercise.pain_max,
                "; ".join("?" if pain.score is None else str(pain.score) for pain in pains),
                "; ".join(pain.verdict or "?" for pain in pains),
                exercise.locked.reason if exercise.locked else "",
            ),
            strict=True,
        )
    )


def as_csv(reports: Iterable[SessionReport]) -> str:
    """Return the rows as CSV (RFC 4180: comma, CRLF, UTF-8), with a row of names."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS))
    writer.writeheader()
    writer.writerows({name: _harmless(cell) for name, cell in row.items()} for row in rows(reports))
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    """Keep a spreadsheet from taking a name for a formula: what begins like one gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def overview(session: SessionReport) -> dict[str, Any]:
    """Return a session in a line, for scripts."""
    return {
        "session": session.id,
        "started": session.started,
        "ended": session.ended,
        "routine": session.routine,
        "title": session.title,
        "outcome": session.outcome,
        "minutes": round(session.duration / 60, 1),
        "exercises_coached": session.whole,
        "exercises_prescribed": len(session.exercises),
        "pains": len(session.pains),
        "pain_max": session.pain_max,
        "effort": session.effort,
        "part_of": asdict(session.part_of) if session.part_of else None,
    }
