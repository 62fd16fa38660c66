"""A period in sentences: the same ones on the page and in the terminal.

Rule: no sentence says that anybody did anything; the coach called it, or the person said it.
"""

from __future__ import annotations

from voicecoach.core.report import UNFINISHED
from voicecoach.history.figures import Period
from voicecoach.history.words import count, full_day, listed, score

WHAT_IT_IS_NOT = (
    "The coach measures nothing. “Coached” is what it called and counted aloud, not what was done. “Confirmed” is how"
    " often the person said “done”. Pain and effort are what the person said aloud, and only if they said it: no word"
    " of pain is not a report of no pain, and a word may have been misheard."
)

OUTCOMES = {
    "finished": "to its end",
    "ended": "ended by the person",
    "pain": "ended because of pain",
    "afresh": "cut off, not taken up",
    UNFINISHED: "cut off, or still going on",
}


def summary_line(period: Period) -> str:
    """Return the period in one sentence or three."""
    if not period.sessions:
        return "No session in this time."
    parts = [
        (
            f"{count(len(period.sessions), 'session')} on {len(period.days_trained)} of {count(period.days, 'day')}; "
            f"{period.whole} of {count(period.prescribed, 'prescribed exercise')} coached to the end"
            f" ({round(100 * (period.adherence or 0))} %)."
        )
    ]
    parts.append(pain_line(period))
    if period.locks:
        locked = listed([lock.name for lock in period.locks])
        parts.append(f"Locked until somebody has looked at why it hurt: {locked}.")
    return " ".join(parts)


def pain_line(period: Period) -> str:
    """Return what was said of pain, in one sentence or two."""
    if not period.pains:
        return "Nobody said that anything hurt."
    said = f"Pain was said in {period.sessions_with_pain} of {count(len(period.sessions), 'session')}"
    if (worst := period.worst) is None:
        return f"{said}, without a score."
    at_most = f"at most {score(worst.report.score)} ({worst.name}, {full_day(worst.day)})"
    trend = {
        "rising": "; the later scores are higher",
        "falling": "; the later scores are lower",
        "no clear change": "; no clear change over time",
        None: "; too few scores for a trend",
    }[period.trend]
    return f"{said}, {at_most}{trend}."
