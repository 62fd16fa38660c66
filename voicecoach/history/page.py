"""The page: what a period comes to, for the person and whoever treats them, read in a minute.

Rule: one file that needs nothing else: no script, no font, no address. It says at its top what its figures are not.
Every word from outside goes through ``markup.text``; every plot has its figures in a table.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from voicecoach.core.dose_words import minutes_in_words
from voicecoach.core.report import SessionReport
from voicecoach.history.figures import CHANGE, ExerciseFigures, Period, reasons
from voicecoach.history.plots import calendars, effort_plot, pain_plot, verdict
from voicecoach.history.summary import OUTCOMES, WHAT_IT_IS_NOT, summary_line
from voicecoach.history.svg import label, mark
from voicecoach.history.words import count, day_of, full_day, listed, score, span
from voicecoach.markup import tag, text

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself refuses whatever would come from elsewhere."""


def page(period: Period, *, name: str = "", routine: str = "", version: str = "") -> str:
    """Return the page as HTML. ``name`` is the person's, if they want it there; ``routine`` the one it is about."""
    title = f"Exercise report, {span(period.since, period.until)}"
    style = resources.files(__package__).joinpath("page.css").read_text("utf-8")
    body = [_header(period, name, routine), tag("main", *_sections(period)), _footer(period, version)]
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
        tag("title", text(f"{title}: {name}" if name else title)),
        f"<style>\n{style}</style>",
    ]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def _header(period: Period, name: str, routine: str) -> str:
    who = text(name) if name else '<span class="write-in">&#160;</span>'
    titles = routine or listed(list(period.titles)) or "no session yet"
    return tag(
        "header",
        tag("p", "voicecoach: exercise report", class_="kicker"),
        tag("h1", text(span(period.since, period.until))),
        tag("p", f"For {who}", class_="who"),
        tag("p", text(titles), class_="who about"),
        tag("p", text(summary_line(period)), class_="lead", id="summary"),
        *_urgent(period),
        *_tiles(period),
        tag("p", "<b>What these figures are not.</b> ", text(WHAT_IT_IS_NOT), class_="not", id="not"),
    )


def _urgent(period: Period) -> list[str]:
    """Return what must not be overlooked."""
    told = []
    if period.urgent:
        days = listed(list(dict.fromkeys(full_day(pain.day) for pain in period.urgent)))
        told.append(f"A warning sign was not denied, or the coach called it urgent: {days}.")
    if period.emergencies:
        told.append(f"An emergency was called {count(period.emergencies, 'time')}.")
    return (
        [tag("p", tag("b", "Look at this first. "), text(" ".join(told)), class_="alert", id="urgent")] if told else []
    )


def _tiles(period: Period) -> list[str]:
    if not period.sessions:
        return []
    worst = score(period.worst.report.score if period.worst else None)
    hurt = period.sessions_with_pain
    trend = period.trend or ("too few scores for a trend" if hurt else "nobody said that it hurt")
    cut = f", {period.unfinished} cut off" if period.unfinished else ""
    tiles = [
        ("Sessions", str(len(period.sessions)), f"on {len(period.days_trained)} of {count(period.days, 'day')}{cut}"),
        (
            "Coached to the end",
            f"{round(100 * (period.adherence or 0))} <small>%</small>",
            f"{period.whole} of {period.prescribed} exercises",
        ),
        ("Worst pain said", worst.replace("/10", " <small>of 10</small>"), trend),
        ("Locked exercises", str(len(period.locks)), listed([lock.name for lock in period.locks]) or "none"),
    ]
    return [
        tag(
            "dl",
            *(
                tag("div", tag("dt", text(what)), tag("dd", big, class_="big"), tag("dd", text(small), class_="sub"))
                for what, big, small in tiles
            ),
            class_="figures",
            id="figures",
        )
    ]


def _sections(period: Period) -> list[str]:
    if not period.sessions:
        return [tag("p", "When there has been a session, this page tells of it.", class_="about", id="nothing")]
    return [_exercises(period), _pain(period), _days_and_effort(period), _sessions(period)]


# --- Exercises --------------------------------------------------------------------------------------------------------


def _exercises(period: Period) -> str:
    names = {figures.slug: figures.name for figures in period.exercises}
    heads = ("Exercise, as prescribed", "Coached to the end", "Confirmed", "Why not", "Pain said")
    return tag(
        "section",
        tag("h2", "Prescribed, coached, and why not"),
        tag(
            "p",
            "Sets and repetitions are counted against the low end of the dose: there the coach begins.",
            class_="about",
        ),
        _table(heads, (_exercise(figures, names) for figures in period.exercises), "exercises"),
        id="exercises",
    )


def _exercise(figures: ExerciseFigures, names: dict[str, str]) -> str:
    *before, dose = figures.doses
    changed = f"; before: {listed(before)}" if before else ""
    coached = []
    if figures.prescribed_sets != figures.times:
        coached.append(f"{figures.sets} of {count(figures.prescribed_sets, 'set')}")
    if figures.prescribed_reps:
        coached.append(f"{figures.reps} of {figures.prescribed_reps} reps called")
    elif figures.prescribed_seconds:
        coached.append(f"{minutes_in_words(figures.seconds)} of {minutes_in_words(figures.prescribed_seconds)}")
    why = reasons(figures.why_not, names)
    why += [f"{way}: {names.get(to, to)} {n}\u00d7" for (way, to), n in figures.swaps.items()]
    pain = (
        [
            score(figures.pain_max) if figures.pain_max is not None else "no score",
            f"said {count(len(figures.pains), 'time')}",
        ]
        if figures.pains
        else []
    )
    if figures.found[-1][1].locked:
        pain.append("locked")
    cells: tuple[tuple[str, list[str], list[str]], ...] = (
        (
            "Coached",
            [_bar(figures.whole, figures.times), f"{figures.whole} of {count(figures.times, 'time')}"],
            [", ".join(coached)],
        ),
        ("Confirmed", [f"{figures.confirmed} × “done”"] if figures.confirmed else [], []),  # noqa: RUF001
        ("Why not", [tag("ul", *(tag("li", text(reason)) for reason in why))] if why else [], []),
        (
            "Pain said",
            [tag("b", text(pain[0]), class_="pain-ink")] if figures.pains else [],
            pain[bool(figures.pains) :],
        ),
    )
    return tag(
        "tr",
        tag("th", text(figures.name), tag("span", text(f"{dose}{changed}"), class_="sub"), scope="row"),
        *(
            tag(
                "td",
                tag("div", *main, *(tag("span", text(part), class_="sub") for part in small)) if main or small else "",
                data_label=what,
                class_=None if main or small else "nothing",
            )
            for what, main, small in cells
        ),
    )


def _bar(part: int, of: int) -> str:
    share = 100 * part / of if of else 0.0
    inside = (
        tag("rect", width=100, height=6, class_="all"),
        tag("rect", width=float(share), height=6, class_="done"),
    )
    return tag(
        "svg",
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )


# --- Pain -------------------------------------------------------------------------------------------------------------

_LEGEND = (
    ("circle", "went on"),
    ("square", "exercise over"),
    ("diamond", "session over"),
    ("triangle", "urgent"),
    ("ring", "no answer, or no verdict"),
)


_RUG = tag("line", x1=8, x2=8, y1=3, y2=13, class_="rug")


def _key(*inside: str) -> str:
    return tag("svg", *inside, xmlns="http://www.w3.org/2000/svg", viewBox="0 0 16 16", aria_hidden="true")


def _pain(period: Period) -> str:
    hurt = [figures for figures in period.exercises if figures.pains]
    if not period.pains:
        return tag(
            "section",
            tag("h2", "Pain over time"),
            tag("p", "Nobody said that anything hurt. That is not a report of no pain.", class_="about"),
            id="pain",
        )
    legend = [tag("li", _key(mark(shape, 8, 8)), text(words)) for shape, words in _LEGEND]
    legend.append(tag("li", _key(label("?", 8, 13, anchor="middle", kind="unscored")), "pain without a score"))
    legend.append(tag("li", _key(_RUG), "coached, no word of pain"))
    rows = (
        _row(
            (
                full_day(pain.day),
                pain.name,
                _where(pain.report.set, pain.report.rep, pain.report.phase),
                score(pain.report.score),
                pain.report.feel or "–",  # noqa: RUF001
                pain.report.leg or "–",  # noqa: RUF001
                verdict(pain) + (f" ({_sign(pain.report.sign)})" if pain.report.sign else ""),
                "resumed" if pain.report.resumed else "",
            )
        )
        for pain in period.pains
    )
    heads = ("Day", "Exercise", "Where", "Score", "Feels", "Into the leg", "Verdict", "Then")
    return tag(
        "section",
        tag("h2", "Pain over time"),
        tag(
            "p",
            text(
                "As the person said it, 0 (none) to 10 (worst imaginable); the shape is what the rules for pain made of"
                f" it. A trend is told when the median moved by {CHANGE:g} points or more. Sessions that follow one"
                " another within a fortnight are joined."
            ),
            class_="about",
        ),
        tag("ul", *legend, class_="legend"),
        tag("div", *(_figure_of(f"pain-{n}", figures, period) for n, figures in enumerate(hurt, 1)), class_="plots"),
        _details("Pain as a table", _table(heads, rows)),
        id="pain",
    )


def _figure_of(name: str, figures: ExerciseFigures, period: Period) -> str:
    coached = count(len(set(figures.coached_days)), "day")
    most = "without a score" if figures.pain_max is None else f"at most {score(figures.pain_max)}"
    sub = f"said {count(len(figures.pains), 'time')}, {most}; coached on {coached}"
    return _figure(figures.name, sub, pain_plot(name, figures, period))


def _where(number: int | None, rep: int | None, phase: str | None) -> str:
    parts = [f"set {number}" if number else "", f"rep {rep}" if rep else "", phase or ""]
    return ", ".join(part for part in parts if part)


def _sign(key: str) -> str:
    return key.removeprefix("sign_").replace("_", " ")


# --- Days, effort, sessions -------------------------------------------------------------------------------------------


def _days_and_effort(period: Period) -> str:
    strips = calendars("days", period)
    trained = f"{len(period.days_trained)} of {count(period.days, 'day')}"
    legend = [
        tag("li", _key(tag("rect", x=2, y=2, width=12, height=12, class_="day full")), "all coached"),
        tag(
            "li",
            _key(
                tag("rect", x=2, y=2, width=12, height=12, class_="day part"),
                tag("path", d="M2 14h12v-12z", class_="day half"),
            ),
            "partly",
        ),
        tag("li", _key(tag("rect", x=2, y=2, width=12, height=12, class_="day none")), "no session"),
    ]
    if period.pains:
        legend.append(tag("li", _key(tag("circle", cx=8, cy=8, r=4, class_="hurt")), "pain said"))
    if len(period.efforts) < len(period.sessions):
        legend.append(tag("li", _key(_RUG), "no word on effort"))
    said = [effort for _, effort in period.efforts]
    about = f"said after {len(said)} of {count(len(period.sessions), 'session')}"
    about += f"; from {min(said)} to {max(said)}" if said else ""
    figures = [
        *(_figure("Days with a session", trained if n == 0 else "continued", strip) for n, strip in enumerate(strips)),
        _figure("Effort", about, effort_plot("effort", period)),
    ]
    return tag(
        "section",
        tag("h2", "Days and effort"),
        tag("ul", *legend, class_="legend"),
        tag("div", *figures, class_="plots"),
        id="days",
    )


def _sessions(period: Period) -> str:
    heads = ("Day", "Routine", "Length", "Outcome", "To the end", "Pain", "Effort")
    rows = (_row(_session(session)) for session in reversed(period.sessions))
    return tag(
        "section",
        _details(f"All {count(len(period.sessions), 'session')} as a table", _table(heads, rows)),
        id="sessions",
    )


def _session(session: SessionReport) -> tuple[str, ...]:
    pain = score(session.pain_max) if session.pain_max is not None else "said" if session.pains else ""
    return (
        full_day(day_of(session.started)),
        session.title,
        minutes_in_words(session.duration),
        OUTCOMES.get(session.outcome, session.outcome),
        f"{session.whole} of {session.due}",
        pain,
        score(session.effort),
    )


def _footer(period: Period, version: str) -> str:
    made = f"Made by voicecoach {version} on {full_day(period.until)}, on the person's own machine."
    return tag("footer", tag("p", text(f"{made} It is no medical device and gives no medical advice.")))


# --- Small helps ------------------------------------------------------------------------------------------------------


def _figure(title: str, sub: str, plot: str) -> str:
    return tag("figure", tag("figcaption", tag("h3", text(title)), tag("span", text(sub), class_="sub")), plot)


def _details(title: str, *inside: str) -> str:
    return tag("details", tag("summary", text(title)), tag("div", *inside, class_="scroll"))


def _table(heads: tuple[str, ...], rows: Iterable[str], kind: str | None = None) -> str:
    head = tag("thead", tag("tr", *(tag("th", text(words), scope="col") for words in heads)))
    return tag("table", head, tag("tbody", *rows), class_=kind)


def _row(cells: tuple[str, ...]) -> str:
    return tag("tr", *(tag("td", text(cell) or " ") for cell in cells))
