"""How a block with a style is coached: circuit, superset, EMOM, Tabata, AMRAP.

Rule: on the clock no talk moves a beat. What has to be explained is explained before the first effort; the next
exercise is named in the rest before it; work begins when the clock says so, and never waits for a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from voicecoach.core.dose_words import dose_lines
from voicecoach.core.efforts import Efforts
from voicecoach.core.events import Line, Priority
from voicecoach.core.fitting import beat_tempo
from voicecoach.core.program import Cue, Pace, Place, Step, StepKind, Style, countdown
from voicecoach.core.routine import ON_THE_CLOCK, Block, Exercise, Manner

CIRCUIT_REST = 15.0
"""Seconds between two stations where the routine says nothing: time for a name, a cue, and the count back. Ours."""
ROOM_FOR_FORM = 15.0
"""Seconds of rest from which on the short form of the next exercise is said too. Ours."""
RESTS = frozenset({"rest", "rest_then"})
"""Lines that say how long a rest is."""
_READING = 2.5
"""Seconds from one line to the next where a round is read again during work."""


@dataclass(frozen=True, slots=True)
class Station:
    """An exercise where it stands in its block."""

    exercise: Exercise
    place: Place
    ends_round: bool
    """Whether it is the last of its round."""


class Teller(Protocol):
    """What the compiler knows of the session so far: what was explained, and how the person lies."""

    def coming_to(self, exercise: Exercise, place: Place) -> Iterator[Step]:
        """Announce an exercise, and give time to get there."""
        ...

    def introduction(self, exercise: Exercise, place: Place) -> Step:
        """Say what is done, how, and how much of it."""
        ...

    def dose_of(self, exercise: Exercise) -> tuple[Line, ...]:
        """Say how much of it, and that it was announced."""
        ...

    def needs_introduction(self, exercise: Exercise) -> bool:
        """Tell whether more has to be said than fits into a rest."""
        ...

    def is_announced(self, exercise: Exercise) -> bool:
        """Tell whether it was come to before in this session."""
        ...

    def getting_there(self, exercise: Exercise, place: Place) -> Step:
        """Give time to get into position."""
        ...

    def moving_to(self, exercise: Exercise) -> tuple[float, bool]:
        """Be in an exercise's position from here on; return how long that takes, and whether it is another one."""
        ...


class Rounds:
    """Makes the steps of blocks with a style."""

    def __init__(self, teller: Teller, pace: Pace, style: Style) -> None:
        self._teller = teller
        self._efforts = Efforts(pace, style)
        self._pace = pace
        self._style = style

    def steps(self, block: Block, stations: list[Station]) -> Iterator[Step]:
        """Give the steps of a block, whose ``stations`` are those that are played."""
        if block.style is Manner.AMRAP:
            yield from self._as_many_as_you_like(block, stations)
        elif block.style in ON_THE_CLOCK:
            yield from self._by_the_clock(block, stations)
        else:
            yield from self._from_station_to_station(block, stations)

    # --- Circuit and superset -------------------------------------------------------------------------------------

    def _from_station_to_station(self, block: Block, stations: list[Station]) -> Iterator[Step]:
        """Let the clock wait while something new is explained; what is known flows."""
        before: Station | None = None
        for station in stations:
            if self._teller.needs_introduction(station.exercise) or before is None:
                if before is not None and (rest := self._gap(block, before, station, 0.0)) >= 1:
                    yield rest_step(before.place, rest, (Line.of("rest", time=round(rest)),))
                yield from self._teller.coming_to(station.exercise, station.place)
            else:
                moving, changes = self._teller.moving_to(station.exercise)
                rest = self._gap(block, before, station, moving if changes else 0.0)
                passage = self._passage(before, station, rest, moving, _rounds_left(block, before, station))
                yield _leading_to(station, moving if changes else 0.0, passage)
            yield from self._efforts.of_set(station.exercise, station.place)
            before = station

    def _passage(self, before: Station, station: Station, rest: float, moving: float, left: tuple[Line, ...]) -> Step:
        """Make what lies between two stations: a rest, or (without one) the time that it takes to get there."""
        told = self._teller.is_announced(station.exercise)
        dose = () if told else self._teller.dose_of(station.exercise)
        if rest >= 1:
            form = short_form(station.exercise) if rest >= ROOM_FOR_FORM else ()
            return rest_step(before.place, rest, (*_then(rest, station), *left, *dose, *form), leads_in=True)
        name = Line.of("then", name=station.exercise.spoken_name)
        return Step(StepKind.POSITION, station.place, (name, *dose), moving, countdown(moving, 3), eager=True)

    def _gap(self, block: Block, before: Station, station: Station, moving: float) -> float:
        """Return the rest between two stations: as it is written, or long enough to get into the next position."""
        new_round = before.place.round != station.place.round
        written = block.rest if new_round else block.rest_between
        after = before.exercise.dose.rest_after
        if written is None:
            otherwise = 0.0 if block.style is Manner.SUPERSET else CIRCUIT_REST
            usual = self._pace.rest if new_round else otherwise
            gap = max(usual, moving) if usual else 0.0
        else:
            gap = written.low
        return max(gap, after.low if after else 0.0)

    # --- Tabata and EMOM ------------------------------------------------------------------------------------------

    def _by_the_clock(self, block: Block, stations: list[Station]) -> Iterator[Step]:
        yield from self._told_beforehand(block, stations)
        for station, after in zip(stations, (*stations[1:], None), strict=True):
            tempo = beat_tempo(block, station.exercise, self._pace, self._style)
            efforts = Efforts(self._pace, replace(self._style, tempo=tempo))
            work = list(_on_the_clock(efforts.of_set(station.exercise, station.place)))
            yield from work
            if after is not None:
                moving, changes = self._teller.moving_to(after.exercise)
                rest = self._rest_between(block, station, after, sum(step.seconds or 0.0 for step in work))
                if rest > 0:
                    step = rest_step(station.place, rest, _named(block, station, after, rest), leads_in=True)
                    yield _leading_to(after, moving if changes else 0.0, step)

    def _told_beforehand(self, block: Block, stations: list[Station]) -> Iterator[Step]:
        """Explain everything, say how it goes, and give time to get into the first position."""
        first = stations[0]
        told: set[int] = set()
        for station in stations:
            if station.place.exercise not in told:
                told.add(station.place.exercise)
                yield self._teller.introduction(station.exercise, station.place)
        yield Step(StepKind.INTRO, first.place, (self._rules(block, stations),))
        yield self._teller.getting_there(first.exercise, first.place)

    def _rules(self, block: Block, stations: list[Station]) -> Line:
        """Say how it goes."""
        if block.style is Manner.TABATA:
            rest = block.rest_between.low if block.rest_between else 0.0
            return Line.of("intervals", rounds=block.repeat, time=round(rest))
        every = block.every.low if block.every else 60.0
        if every == 60.0:
            return Line.of("on_the_minute", starts=len(stations))
        return Line.of("on_the_beat", starts=len(stations), time=round(every))

    def _rest_between(self, block: Block, station: Station, after: Station, work: float) -> float:
        """Return the rest behind an effort on the clock; nothing where the work has used up the beat."""
        if block.style is Manner.EMOM:
            return max(0.0, (block.every.low if block.every else 60.0) - work)
        new_round = station.place.round != after.place.round
        written = (block.rest if new_round else None) or block.rest_between
        return written.low if written else 0.0

    # --- AMRAP ----------------------------------------------------------------------------------------------------

    def _as_many_as_you_like(self, block: Block, stations: list[Station]) -> Iterator[Step]:
        """Explain everything, read the round, and let the person work at their own pace until the time is up."""
        first = stations[0]
        seconds = block.lasts.low if block.lasts else 60.0
        for station in stations:
            yield self._teller.introduction(station.exercise, station.place)
        how_long = Line.of("as_many", time=round(seconds))
        yield Step(StepKind.INTRO, first.place, (how_long, *_read(stations)))
        yield self._teller.getting_there(first.exercise, first.place)
        together = tuple(station.place.exercise for station in stations)
        cues = _called_out(seconds, _read(stations))
        yield Step(StepKind.WORK, first.place, (), seconds, cues, together=together)


def rest_step(place: Place, seconds: float, lines: tuple[Line, ...], *, leads_in: bool = False) -> Step:
    """Make a rest; one that ``leads_in`` counts the last seconds back, because effort follows at once."""
    reminder = Cue(seconds - 10, Line.of("time_left", time=10), Priority.CHATTER)
    cues = (
        *((reminder,) if seconds >= 25 else ()),
        *(countdown(seconds, 3 if seconds >= 5 else 0) if leads_in else ()),
    )
    return Step(StepKind.REST, place, lines, seconds, cues, eager=True)


def _leading_to(station: Station, changing: float, step: Step) -> Step:
    """Say of a rest what it leads to. In a short one half of the time is for getting there, at most."""
    if step.kind is not StepKind.REST:
        return step
    return replace(step, leads_to=station.place.exercise, changing=min(changing, (step.seconds or 0.0) / 2))


def short_form(exercise: Exercise) -> tuple[Line, ...]:
    """Return what is said of an exercise that is known."""
    return (Line.text(exercise.short),) if exercise.short else ()


def _on_the_clock(steps: Iterator[Step]) -> Iterator[Step]:
    """Let every step's time run while it is being talked about."""
    return (replace(step, eager=True) for step in steps)


def _then(rest: float, station: Station) -> tuple[Line, ...]:
    return (Line.of("rest_then", time=round(rest), name=station.exercise.spoken_name),)


def _named(block: Block, station: Station, after: Station, rest: float) -> tuple[Line, ...]:
    """Say what a rest on the clock leads to: as much as there is time for."""
    left = _rounds_left(block, station, after)
    if station.exercise.slug == after.exercise.slug:
        return (Line.of("rest", time=round(rest)), *left) if rest >= 5 else left
    if rest < 5:
        return (Line.of("then", name=after.exercise.spoken_name),)
    form = short_form(after.exercise) if rest >= ROOM_FOR_FORM else ()
    return (*_then(rest, after), *left, *form)


def _rounds_left(block: Block, station: Station, after: Station) -> tuple[Line, ...]:
    """Say how many rounds are left, where one begins."""
    if station.place.round == after.place.round:
        return ()
    return (Line.of("rounds_left", rounds=block.repeat - after.place.round),)


def _read(stations: list[Station]) -> tuple[Line, ...]:
    """Read a round in short: each name, and how much of it."""
    return tuple(
        line
        for station in stations
        for line in (Line.of("exercise", name=station.exercise.spoken_name), *dose_lines(station.exercise))
    )


def _called_out(seconds: float, a_round: tuple[Line, ...]) -> tuple[Cue, ...]:
    """Return what is said while a person works at their own pace: the time, and the round once more half way.

    All of it is chatter: nothing here counts a repetition, and nothing must cut in.
    """
    cues = [Cue(0.0, Line.of("begin"), Priority.CHATTER)]
    cues += [Cue(3.0 + n * _READING, line, Priority.CHATTER) for n, line in enumerate(a_round)]
    minutes = range(1, int((seconds - 1) // 60) + 1)
    cues += [Cue(seconds - 60 * n, Line.of("minutes_to_go", minutes=n), Priority.CHATTER) for n in minutes]
    if seconds >= 120 and len(a_round) * _READING < 50:
        half = seconds / 2 + 4.0
        cues += [Cue(half + n * _READING, line, Priority.CHATTER) for n, line in enumerate(a_round)]
    ten = Cue(seconds - 10, Line.of("time_left", time=10), Priority.CHATTER)
    cues += [ten, *(replace(cue, priority=Priority.CHATTER) for cue in countdown(seconds, 5))]
    last = seconds - 12
    kept = [cue for cue in cues if cue.line not in a_round or cue.at < last]
    return (*_apart(kept), Cue(seconds, Line.of("release"), Priority.RELEASE))


def _apart(cues: list[Cue]) -> list[Cue]:
    """Sort by time; leave out what would fall on what was said just before, the time before the rest."""
    kept: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: cue.at):
        if kept and cue.at - kept[-1].at < 0.9:
            if cue.line.key not in {"minutes_to_go", "count"}:
                continue
            kept.pop()
        kept.append(cue)
    return kept
