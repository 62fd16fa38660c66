"""Samples of what people come with: nobody yet, one session, three months with gaps, rising pain, locks, cut sessions.

The same samples every time. `python -m tests.history.samples FOLDER` writes their pages, to be looked at.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from tests.core.world import exercise, routine
from tests.history.coach import Coach
from tests.named import load_named
from voicecoach.core.events import Command, Note
from voicecoach.core.person import Lock, Person
from voicecoach.core.report import SessionReport
from voicecoach.core.routine import Routine
from voicecoach.history.figures import Period
from voicecoach.history.page import page
from voicecoach.loading.library import Library
from voicecoach.shipped import shipped

TODAY = date(2026, 11, 21)
ZONE = timezone(timedelta(hours=1))


def lumbar() -> Routine:
    return load_named("lumbar-stabilisation", Library((shipped("routines"),)))


def started(day: date, hour: int = 18) -> str:
    return datetime(day.year, day.month, day.day, hour, 5, tzinfo=ZONE).isoformat()


def play(
    plan: Routine,
    number: int,
    day: date,
    story: Callable[[Coach], None],
    *,
    person: Person | None = None,
    finished: bool = True,
) -> SessionReport:
    coach = Coach(plan, id=str(number), started=started(day), person=person)
    story(coach)
    ended = datetime.fromisoformat(started(day)) + timedelta(seconds=coach.at)
    return coach.report(ended=ended.isoformat(timespec="seconds") if finished else None)


def nothing() -> list[SessionReport]:
    return []


def one() -> list[SessionReport]:
    def story(coach: Coach) -> None:
        coach.through()
        coach.end(effort=4)

    return [play(lumbar(), 1, TODAY - timedelta(days=2), story)]


def _days(rng: random.Random, number: int, gap: range) -> Iterator[date]:
    """Give days up to today: mostly every other one, with a holiday."""
    days: list[date] = []
    day = TODAY
    while len(days) < number:
        back = (TODAY - day).days
        if back not in gap and rng.random() < 0.62:
            days.append(day)
        day -= timedelta(days=1)
    yield from reversed(days)


def long_time() -> list[SessionReport]:
    """Sixty sessions with gaps; pain now and then, skips with reasons, some ended early."""
    rng, plan = random.Random(7), lumbar()  # noqa: S311
    reports = []
    for number, day in enumerate(_days(rng, 60, range(30, 44)), 1):
        luck = rng.random()
        score = rng.choice([2, 2, 3, 3, 4])
        effort = rng.choice([3, 4, 4, 5, 5, 6, None])

        def story(coach: Coach, luck: float = luck, score: int = score, effort: int | None = effort) -> None:
            if luck < 0.16:
                coach.into_effort("bridge", 4.0, number=2)
                coach.pain(score, "goes on" if score < 4 else "exercise over", feel=None)
                if score < 4:
                    coach.go_on()
                else:
                    coach.index = coach.program.next_exercise(coach.index)
            if 0.14 < luck < 0.2:
                coach.into_effort("quadruped-arm-reach", 3.0)
                coach.pain(None, "no answer", feel=None, leg=None)
                coach.go_on()
            if 0.3 < luck < 0.62:
                coach.to("ball-knee-raise")
                coach.skip("no equipment")
            elif 0.62 < luck < 0.7:
                coach.to("prone-arm-raise")
                coach.skip("tired")
            elif 0.7 < luck < 0.76:
                coach.into_effort("bridge", 6.0)
                coach.heard(Command.NEXT, coach.place("cut_short"))
                coach.index = coach.program.next_exercise(coach.index)
            if luck > 0.9:
                coach.to("prone-arm-raise")
                coach.end("ended", effort=effort)
            else:
                coach.through()
                coach.end(effort=effort)

        reports.append(play(plan, number, day, story))
    return reports


def rising() -> list[SessionReport]:
    """Pain that grows until the exercise is locked, a warning sign, a session that was cut off."""
    rng, plan = random.Random(3), lumbar()  # noqa: S311
    reports = []
    scores = [1, None, 2, 2, None, 2, 3, 3, None, 4, 4, 5]
    person = Person()
    days = [TODAY - timedelta(days=40 - 3 * n) for n in range(14)]
    for number, (score, day) in enumerate(zip(scores, days, strict=False), 1):

        def story(coach: Coach, score: int | None = score, number: int = number) -> None:
            locked = coach.reporter.report().exercises[4].locked
            if locked:
                coach.tick(2, Note.of("locked", exercise="bridge", reason="pain", score=locked.score))
            coach.to("bridge")
            if score is not None:
                coach.into_effort("bridge", 5.0)
                over = score >= 5
                coach.pain(score, "session over" if over else "exercise over" if score > 3 else "goes on", lock=over)
                if over:
                    coach.end("pain")
                    return
                if score <= 3:
                    coach.go_on()
                else:
                    coach.index = coach.program.next_exercise(coach.index)
            if number == 5:
                coach.into_effort("prone-arm-raise", 3.0)
                return  # the power failed
            coach.through()
            coach.end(effort=rng.randint(5, 8))

        reports.append(play(plan, number, day, story, person=person, finished=number != 5))
    person = Person(locks=(Lock("bridge", "pain", days[11].isoformat(), 5),))

    def last(coach: Coach) -> None:
        coach.heard(Command.WORSE, Note.of("since_last", exercise="bridge", answer="worse"))
        coach.to("bridge")
        coach.tick(1, Note.of("locked", exercise="bridge", reason="pain", score=5))
        coach.index = coach.program.next_exercise(coach.index)
        coach.into_effort("quadruped-arm-reach", 4.0)
        coach.pain(7, "urgent", lock=True, feel="sharp", leg="yes", sign="sign_saddle")
        coach.end("pain")

    reports.append(play(plan, 13, days[12], last, person=person))
    return reports


NASTY = '<script>alert("1")</script> & \'"></svg>'


def nasty() -> list[SessionReport]:
    """Names that try to be something else."""
    one, two = (
        exercise("evil", name=NASTY, reps=2, limbs=(NASTY, "left")),
        exercise("sum", name="=1+1", sets=2, time="30 s"),
    )
    plan = routine(one, two, title=f"{NASTY} title")

    def story(coach: Coach) -> None:
        coach.to("evil")
        coach.heard(Command.EASIER, Note.of("swapped", exercise="evil", to=NASTY, way=NASTY))
        coach.into_effort("evil", 3.0)
        coach.pain(3, NASTY, sign=NASTY, feel=NASTY, leg=NASTY)
        coach.skip(NASTY)
        coach.end(NASTY, effort=3)

    return [play(plan, number, TODAY - timedelta(days=3 * number), story) for number in range(1, 4)]


SAMPLES: Mapping[str, Callable[[], list[SessionReport]]] = {
    "nothing": nothing,
    "one": one,
    "long": long_time,
    "rising": rising,
    "nasty": nasty,
}


def sample_page(sample: str, **options: str) -> str:
    since = date(2026, 8, 1) if sample == "long" else None
    return page(Period(SAMPLES[sample](), until=TODAY, since=since), **options)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in SAMPLES:
        (folder / f"{name}.html").write_text(sample_page(name, version="0.0"), "utf-8")
