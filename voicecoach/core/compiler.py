"""From a routine to a program.

Rule: everything that is known before the session starts is decided here, once: what is said, when each cue falls,
where a set begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from voicecoach.core.dose_words import dose_lines, set_lines
from voicecoach.core.efforts import Efforts, low
from voicecoach.core.events import Line
from voicecoach.core.fitting import fitted
from voicecoach.core.person import Talk
from voicecoach.core.program import Pace, Place, Program, Speaking, Step, StepKind, Style, countdown
from voicecoach.core.rounds import RESTS, Rounds, Station, rest_step, short_form
from voicecoach.core.routine import ON_THE_BACK, Block, Exercise, Opening, Position, Routine


def compile_routine(
    routine: Routine, pace: Pace | None = None, speaking: Speaking = lambda _: 0.0, style: Style | None = None
) -> Program:
    """Turn ``routine`` into a program. ``speaking`` serves the estimates only: it never moves a cue."""
    pace, style = pace or Pace(), style or Style(talk=routine.talk)
    steps = tuple(_with_talk(step, speaking) for step in _Compiler(routine, pace, style).lengthened())
    return Program(routine, steps, pace, style, speaking, routine.exercises)


def recompile(program: Program, *, routine: Routine | None = None, style: Style | None = None) -> Program:
    """Return ``program`` made anew from another routine or in another style."""
    return compile_routine(routine or program.routine, program.pace, program.speaking, style or program.style)


def exchange(routine: Routine, index: int, exercise: Exercise) -> Routine:
    """Return ``routine`` with another exercise in the place of number ``index``, as its block wants it."""
    old = routine.exercises[index]
    left, blocks = index, []
    for block in routine.blocks:
        if 0 <= left < len(block.exercises):
            exercises = list(block.exercises)
            exercises[left] = fitted(block, old, exercise)
            block = block.model_copy(update={"exercises": tuple(exercises)})  # noqa: PLW2901 - the block that has it
        left -= len(block.exercises)
        blocks.append(block)
    return routine.model_copy(update={"blocks": tuple(blocks)})


def _longer(step: Step, extra: float) -> Step:
    """Return a rest that ends later, or (below 0) sooner; what leads to its end moves with it."""
    extra = max(extra, -(step.seconds or 0.0))
    seconds = (step.seconds or 0.0) + extra
    lines = tuple(
        Line.of(line.key, **dict(line.values) | {"time": round(seconds)}) if line.key in RESTS else line
        for line in step.lines
    )
    cues = tuple(replace(cue, at=cue.at + extra) for cue in step.cues if cue.at + extra >= 0)
    return replace(step, lines=lines, seconds=seconds, cues=cues)


def _with_talk(step: Step, speaking: Speaking) -> Step:
    talk = sum(map(speaking, step.lines))
    return replace(step, talk=talk) if talk else step


class _Compiler:
    def __init__(self, routine: Routine, pace: Pace, style: Style) -> None:
        self._routine = routine
        self._pace = pace
        self._style = style
        self._efforts = Efforts(pace, style)
        self._rounds = Rounds(self, pace, style)
        self._explained: set[str] = set()
        self._position: Position | None = None

    def lengthened(self) -> Iterator[Step]:
        """Give the steps, with the time that the person has asked for besides."""
        more: dict[tuple[StepKind, Place], float] = {}
        on_the_beat = ((StepKind.REST, place, seconds) for place, seconds in self._style.beat)
        for kind, place, seconds in (*self._style.more, *on_the_beat):
            more[kind, place] = more.get((kind, place), 0.0) + seconds
        for step in self.steps():
            extra = more.get((step.kind, step.place)) if step.place else None
            yield _longer(step, extra) if extra else step

    def steps(self) -> Iterator[Step]:
        yield from self._opening()
        exercises = 0
        for index, block in enumerate(self._routine.blocks):
            stations = [
                Station(exercise, Place(index, round_index, exercises + offset, 0), offset == len(block.exercises) - 1)
                for round_index in range(block.repeat)
                for offset, exercise in enumerate(block.exercises)
                if exercises + offset not in self._style.left_out
            ]
            exercises += len(block.exercises)
            if stations:
                yield from (self._rounds.steps(block, stations) if block.style else self._plain(block, stations))
        yield Step(StepKind.OUTRO, lines=(*map(Line.text, self._routine.farewell), Line.of("farewell")))

    def _plain(self, block: Block, stations: list[Station]) -> Iterator[Step]:
        """Give the steps of a block without a style: each exercise is announced whenever it is come to."""
        alone = len(block.exercises) == 1
        rest_before = False
        for station in stations:
            exercise, place = station.exercise, station.place
            if place.round == 0 or not alone:
                yield from self.coming_to(exercise, place)
            elif not rest_before:
                yield Step(StepKind.POSITION, place, seconds=3.0, cues=countdown(3.0, 3))
            yield from self._sets(exercise, place)
            rest = _rest_behind(block, station)
            after = replace(place, set=int(exercise.dose.sets.low) - 1)
            rest_before = rest >= 1
            if rest_before:
                yield self._rest(after, rest, leads_in=alone and place.round < block.repeat - 1)

    def _opening(self) -> Iterator[Step]:
        welcome = (Line.of("welcome", title=self._routine.title), *map(Line.text, self._routine.welcome))
        yield Step(StepKind.INTRO, lines=(*welcome, *self._news(None)))
        if self._routine.opening is Opening.READY:
            yield Step(StepKind.INTRO, lines=(Line.of("say_ready"),), seconds=None)

    def coming_to(self, exercise: Exercise, place: Place) -> Iterator[Step]:
        """Announce an exercise, and give time to get there."""
        yield self.introduction(exercise, place)
        yield self.getting_there(exercise, place)

    def introduction(self, exercise: Exercise, place: Place) -> Step:
        """Say what is done, how, and how much of it."""
        name = Line.of("exercise", name=exercise.spoken_name)
        explains = self._explains(exercise)
        # However little is said, what is to be avoided is, the first time.
        form = (
            instructions(exercise)
            if explains
            else (*short_form(exercise), *(_avoid(exercise) if self._never_met(exercise) else ()))
        )
        return Step(StepKind.INTRO, place, (name, *form, *self.dose_of(exercise)), explains=explains)

    def dose_of(self, exercise: Exercise) -> tuple[Line, ...]:
        """Say how much of it, the first time in a session with what is new about that."""
        self._explained.add(exercise.slug)
        return (*self._news(exercise.slug), *dose_lines(exercise))

    def needs_introduction(self, exercise: Exercise) -> bool:
        """Tell whether more has to be said than fits into a rest."""
        return self._never_met(exercise) or self._explains(exercise)

    def is_announced(self, exercise: Exercise) -> bool:
        """Tell whether it was come to before in this session."""
        return exercise.slug in self._explained

    def _never_met(self, exercise: Exercise) -> bool:
        return exercise.slug not in self._style.known | self._explained

    def _sets(self, exercise: Exercise, place: Place) -> Iterator[Step]:
        sets = int(exercise.dose.sets.low)
        for number in range(sets):
            here = replace(place, set=number)
            if number:
                if (rest := low(exercise.dose.of_set(number - 1).rest, self._pace.rest)) >= 1:
                    yield self._rest(replace(place, set=number - 1), rest)
                about = (*short_form(exercise), *set_lines(exercise, number))
                yield Step(StepKind.INTRO, here, (Line.of("set", number=number + 1, sets=sets), *about))
                yield Step(StepKind.POSITION, here, seconds=3.0, cues=countdown(3.0, 3))
            yield from self._efforts.of_set(exercise, here)

    def _news(self, about: str | None) -> tuple[Line, ...]:
        return tuple(line for slug, line in self._style.news if slug == about)

    def _explains(self, exercise: Exercise) -> bool:
        """Tell whether the whole instructions are given: the first time, unless the person wants more or less."""
        if self._style.talk is Talk.MORE:
            return True
        if exercise.slug in self._explained:
            return False
        known = exercise.slug in self._style.known or self._style.talk is Talk.LESS
        return not (known and exercise.short)

    def getting_there(self, exercise: Exercise, place: Place) -> Step:
        """Give time to get into position."""
        seconds, changes = self.moving_to(exercise)
        lines = (Line.of("take_position", seconds=round(seconds)),) if changes else ()
        return Step(StepKind.POSITION, place, lines, seconds, countdown(seconds, 3))

    def moving_to(self, exercise: Exercise) -> tuple[float, bool]:
        """Be in an exercise's position from here on; return how long that takes, and whether it is another one."""
        before, self._position = self._position, exercise.position
        changes = before is not exercise.position and not {before, exercise.position} <= ON_THE_BACK
        return self._pace.seconds_into(exercise.position, before), changes

    def _rest(self, place: Place, seconds: float, *, leads_in: bool = False) -> Step:
        """Make a rest; one that ``leads_in`` counts the last seconds back, because effort follows at once."""
        return rest_step(place, seconds, (Line.of("rest", time=round(seconds)),), leads_in=leads_in)


def _rest_behind(block: Block, station: Station) -> float:
    """Return the rest behind one exercise of one round: of all that ask for one here, the longest."""
    dose = station.exercise.dose
    asked = [dose.rest_after]
    if not (station.ends_round and station.place.round == block.repeat - 1):
        # In rounds the rest "between sets" of an exercise that has but one comes between its rounds.
        asked += [dose.rest] if block.repeat > 1 and dose.sets.low == 1 else []
        asked += [block.rest if station.ends_round else block.rest_between]
    return max((rest.low for rest in asked if rest), default=0.0)


def instructions(exercise: Exercise) -> tuple[Line, ...]:
    """Return the long form of an exercise: what is said the first time, and on "how"."""
    breathing = (exercise.breathing,) if exercise.breathing else ()
    return tuple(map(Line.text, (*exercise.setup, *exercise.steps, *breathing, *exercise.avoid)))


def _avoid(exercise: Exercise) -> tuple[Line, ...]:
    return tuple(map(Line.text, exercise.avoid))
