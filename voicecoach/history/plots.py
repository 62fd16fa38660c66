"""The plots of the page: pain over time, days with a session, effort.

Rule: a gap is drawn as a gap. A line joins two scores only where they come from one session after the other, at most a
fortnight apart; a session without a score has a tick below the axis, never a dot at nought.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from voicecoach.core.report import SessionReport
from voicecoach.history.figures import ExerciseFigures, Pain, Period
from voicecoach.history.svg import MARKS, Frame, label, mark, picture
from voicecoach.history.words import DAYS, count, day_of, full_day, month, score, short_day
from voicecoach.markup import tag

FORTNIGHT = timedelta(days=14)
_WEEKS = 26
"""How many weeks a strip of the calendar has at most: what a telephone shows legibly."""


def pain_plot(name: str, figures: ExerciseFigures, period: Period) -> str:
    """Draw one exercise's pain."""
    frame = Frame(period.since, period.until)
    pains = figures.pains
    summary = (
        f"Pain in {figures.name} as said, from 0 to 10: "
        + ", ".join(f"{full_day(p.day)} {score(p.report.score)} ({verdict(p)})" for p in pains)
        + f". Coached in {count(len(figures.coached_days), 'session')} of {figures.times} that prescribed it."
    )
    hurt = {pain.day for pain in pains}
    inside = [*frame.axes("date", "pain said, 0 to 10 (NPRS)")]
    inside += [_tick(frame, day) for day in sorted(set(figures.coached_days) - hurt)]
    inside += [_join(frame, *pair) for pair in _joined(figures)]
    inside += [_dot(frame, pain) for pain in pains]
    return picture(name, f"Pain over time: {figures.name}", summary, frame.width, frame.height, inside)


def verdict(pain: Pain) -> str:
    """Return what the rules made of a pain, in words."""
    return pain.report.verdict or "no verdict"


def _joined(figures: ExerciseFigures) -> Iterator[tuple[tuple[date, int], tuple[date, int]]]:
    """Give the scores to join: the highest of each session, where the next session that coached it has one too."""
    before: tuple[date, int] | None = None
    for session, exercise in figures.found:
        now = None if exercise.pain_max is None else (day_of(session.started), exercise.pain_max)
        if before and now and now[0] - before[0] <= FORTNIGHT:
            yield before, now
        coached = exercise.coached.sets or exercise.coached.reps or exercise.coached.seconds or exercise.pains
        before = now if coached else before


def _join(frame: Frame, start: tuple[date, int], end: tuple[date, int]) -> str:
    (first, low), (last, high) = start, end
    return tag("line", x1=frame.x(first), y1=frame.y(low), x2=frame.x(last), y2=frame.y(high), class_="join")


def _dot(frame: Frame, pain: Pain) -> str:
    hint = f"{full_day(pain.day)}: {score(pain.report.score)}, {verdict(pain)}"
    if pain.report.score is None:
        return tag(
            "g", tag("title", hint), label("?", frame.x(pain.day), frame.top - 4, anchor="middle", kind="unscored")
        )
    return mark(MARKS.get(pain.report.verdict or "", "ring"), frame.x(pain.day), frame.y(pain.report.score), hint)


def _tick(frame: Frame, day: date) -> str:
    x = frame.x(day)
    return tag("line", x1=x, x2=x, y1=frame.bottom + 5, y2=frame.bottom + 10, class_="rug")


def effort_plot(name: str, period: Period) -> str:
    """Draw how hard the sessions were, as the person said."""
    frame = Frame(period.since, period.until)
    said = [(day_of(session.started), effort) for session, effort in period.efforts]
    silent = {day_of(session.started) for session in period.sessions if session.effort is None}
    summary = "Effort after each session as said, from 0 to 10: " + (
        ", ".join(f"{full_day(day)} {effort}" for day, effort in said) or "never said"
    )
    inside = [*frame.axes("date", "effort said, 0 to 10 (RPE)")]
    inside += [_tick(frame, day) for day in sorted(silent - {day for day, _ in said})]
    inside += [
        tag(
            "circle",
            tag("title", f"{full_day(day)}: effort {effort} of 10"),
            cx=frame.x(day),
            cy=frame.y(effort),
            r=3.6,
            class_="mark effort",
        )
        for day, effort in said
    ]
    return picture(name, "Effort over the sessions", f"{summary}.", frame.width, frame.height, inside)


def calendars(name: str, period: Period) -> list[str]:
    """Draw the days with a session, in strips of at most half a year."""
    first = period.since - timedelta(days=period.since.weekday())
    weeks = ((period.until - first).days) // 7 + 1
    by_day: dict[date, list[SessionReport]] = {}
    for session in period.sessions:
        by_day.setdefault(day_of(session.started), []).append(session)
    strips = -(-weeks // _WEEKS)
    across = min(weeks, _WEEKS)
    return [
        _calendar(
            f"{name}-{number + 1}",
            first + timedelta(weeks=number * _WEEKS),
            min(_WEEKS, weeks - number * _WEEKS),
            across,
            period,
            by_day,
        )
        for number in range(strips)
    ]


def _calendar(
    name: str, first: date, weeks: int, across: int, period: Period, by_day: dict[date, list[SessionReport]]
) -> str:
    pitch = min(20.0, 322.0 / across)
    left, top = 32.0, 34.0
    last = min(period.until, first + timedelta(days=7 * weeks - 1))
    start = max(period.since, first)
    inside = [
        label("week", max(90.0, left + pitch * across), 11, anchor="end", kind="axis"),
        label("day", 0, 11, kind="axis"),
    ]
    inside += [
        label(DAYS[row], 0, top + pitch * (row + 0.5) + 3.5) for row in (range(7) if pitch > 12 else (0, 2, 4, 6))
    ]
    named, named_at = "", -9
    for week in range(weeks):
        monday = first + timedelta(weeks=week)
        now = month(max(monday, start))
        if now != named and week - named_at >= 2 + (pitch < 13):
            anchor = "end" if week > across - 2 and across > 3 else "start"
            x = left + pitch * (week + (1 if anchor == "end" else 0))
            inside.append(label(now, x, top - 6, anchor=anchor))
            named, named_at = now, week
        for row in range(7):
            day = monday + timedelta(days=row)
            if start <= day <= last:
                inside.append(_cell(day, by_day.get(day, []), left + pitch * week, top + pitch * row, pitch - 2))
    trained = [day for day in sorted(by_day) if start <= day <= last]
    hurt = [day for day in trained if any(session.pains for session in by_day[day])]
    summary = f"{count(len(trained), 'day')} with a session from {full_day(start)} to {full_day(last)}"
    summary += f": {', '.join(map(short_day, trained))}" if trained else ""
    summary += f". Pain was said on {', '.join(map(short_day, hurt))}." if hurt else ". No pain was said."
    title = f"Days with a session, {full_day(start)} to {full_day(last)}"
    return picture(name, title, summary, 360, top + 7 * pitch + 4, inside)


def _cell(day: date, sessions: list[SessionReport], x: float, y: float, size: float) -> str:
    """Draw a day: empty, partly coached (half), or whole; pain is a dot on it."""
    if not sessions:
        return tag(
            "rect", tag("title", f"{full_day(day)}: no session"), x=x, y=y, width=size, height=size, class_="day none"
        )
    whole = sum(session.whole for session in sessions)
    asked = sum(session.due for session in sessions)
    worst = max((s.pain_max for s in sessions if s.pain_max is not None), default=None)
    hurt = any(session.pains for session in sessions)
    hint = f"{full_day(day)}: {whole} of {count(asked, 'exercise')} coached to the end"
    hint += f"; pain {score(worst)}" if worst is not None else "; pain without a score" if hurt else ""
    parts = [tag("title", hint)]
    if whole < asked:
        parts.append(tag("rect", x=x, y=y, width=size, height=size, class_="day part"))
        parts.append(tag("path", d=f"M{x:.2f} {y + size:.2f}h{size:.2f}v{-size:.2f}z", class_="day half"))
    else:
        parts.append(tag("rect", x=x, y=y, width=size, height=size, class_="day full"))
    if hurt:
        parts.append(tag("circle", cx=x + size / 2, cy=y + size / 2, r=size * 0.27, class_="hurt"))
    return tag("g", *parts)
