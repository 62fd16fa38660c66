"""A routine given away: the formats that we bring ourselves, by their names.

Rule: each is an exporter as another package's would be (``ports.Exporter``); what it needs besides it is made with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from voicecoach.core.program import Program
from voicecoach.core.routine import Routine
from voicecoach.exchange.calendar_file import Schedule, as_calendar
from voicecoach.exchange.fit import as_fit
from voicecoach.exchange.handout import as_handout
from voicecoach.exchange.markdown_page import as_markdown
from voicecoach.ports import Exported, Exporter


def usual(start: date) -> Schedule:
    """Return the days where nobody has chosen any: three a week at eight, for six weeks."""
    return Schedule(("mo", "we", "fr"), time(8), start, 6)


@dataclass(frozen=True, slots=True)
class Fit:
    """A workout for a watch. Its library may be missing: then ``FitMissingError``."""

    now: datetime
    suffix: str = ".fit"

    def export(self, routine: Routine, program: Program) -> Exported:  # noqa: ARG002 - the program knows its routine
        """Return the file. Raises ``ExchangeError`` and ``FitMissingError``."""
        return as_fit(program, self.now)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When it is to be played, for a calendar."""

    now: datetime
    schedule: Schedule | None = None
    suffix: str = ".ics"

    def export(self, routine: Routine, program: Program) -> Exported:
        """Return the file. Raises ``ExchangeError``."""
        schedule = self.schedule or usual(self.now.date())
        return as_calendar(routine, schedule, program.seconds_from(0), self.now)


@dataclass(frozen=True, slots=True)
class Markdown:
    """A page in Markdown, which can be brought in again."""

    suffix: str = ".md"

    def export(self, routine: Routine, program: Program) -> Exported:  # noqa: ARG002 - it tells no length
        """Return the page."""
        return as_markdown(routine)


@dataclass(frozen=True, slots=True)
class Handout:
    """A page to print."""

    suffix: str = ".html"

    def export(self, routine: Routine, program: Program) -> Exported:
        """Return the page."""
        return as_handout(routine, program.seconds_from(0))


OURS: Mapping[str, Callable[[datetime], Exporter]] = {
    "fit": Fit,
    "ics": Calendar,
    "markdown": lambda _: Markdown(),
    "html": lambda _: Handout(),
}
"""Each made with the moment, with its offset, at which the file is written."""
