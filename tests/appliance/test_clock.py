"""The clock on the wall: what it shows is told, and what rests is looked up once a day."""

from __future__ import annotations

from datetime import date, datetime

from voicecoach.appliance.clock import Clockwork, clock_from
from voicecoach.core.events import Start, Tick
from voicecoach.core.menu import Menu
from voicecoach.core.standby import Standby
from voicecoach.core.timetable import read_slot

EVE = datetime(2026, 11, 22, 23, 59, 50)  # noqa: DTZ001 - a clock on a wall


def test_what_rests_is_asked_once_a_day_and_not_asked_for() -> None:
    asked: list[date] = []

    def resting(day: date) -> frozenset[str]:
        asked.append(day)
        return frozenset({"run-walk"} if day.day == 23 else ())

    menu = Menu((), "coach", slots=(read_slot("daily 00:00 run-walk"), read_slot("daily 00:01 gentle-start")))
    clockwork = Clockwork(Standby(menu), clock_from(EVE), going=lambda: True, resting=resting)
    clockwork.handle(Start(0.0))
    for at in range(1, 60):
        clockwork.handle(Tick(float(at)))
    assert asked == [date(2026, 11, 22), date(2026, 11, 23)]
    assert clockwork.memory.put_off == ()
    clockwork.handle(Tick(75.0))
    assert clockwork.state.offered == "gentle-start"
