"""From a routine to a program.

Rule: everything that is known before the session starts is decided here, once: what is said, when each cue falls,
where a set begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from voicecoach.core.efforts import Efforts, dose_lines, low
from voicecoach.core.events import Line, Priority
from voicecoach.core.person import Talk
from voicecoach.core.program import Cue, Pace, Place, Program, Speaking, Step, StepKind, Style, countdown
from voicecoach.core.routine import ON_THE_BACK, Block, Exercise, Opening, Routine


def compile_routine(
    routine: Routine, pace: Pace | None = None, speaking: Speaking = lambda _: 0.0, style: Style | None = None
) -> Program:
    """Turn ``routine`` into a program. ``speaking`` serves the estimates only: it never moves a cue."""
    pace, style = pace or Pace(), style or Style()
    steps = tuple(_with_talk(step, speaking) for step in _Compiler(routine, pace, style).lengthened())
    return Program(routine, steps, pace, style, speaking, routine.exercises)


def recompile(program: Program, *, routine: Routine | None = None, style: Style | None = None) -> Program:
    """Return ``program`` made anew from another routine or in another style."""
    return compile_routine(routine or program.routine, program.pace, program.speaking, style or program.style)


def exchange(routine: Routine, index: int, exercise: Exercise) -> Routine:
    """Return ``routine`` with another exercise in the place of number ``index``; it rests where that one did."""
    old = routine.exercises[index].dose
    dose = exercise.dose.model_copy(update={"rest_after": old.rest_after})
    left, blocks = index, []
    for block in routine.blocks:
        if 0 <= left < len(block.exercises):
            exercises = list(block.exercises)
            exercises[left] = exercise.model_copy(update={"dose": dose})
            block = block.model_copy(update={"exercises": tuple(exercises)})  # noqa: PLW2901 - the block that has it
        left -= len(block.exercises)
        blocks.append(block)
    return routine.model_copy(update={"blocks": tuple(blocks)})


def _longer(step: Step, extra: float) -> Step:
    """Return a rest that ends later; what leads to its end comes later too."""
    seconds = (step.seconds or 0.0) + extra
    lines = tuple(Line.of(line.key, seconds=round(seconds)) if line.key == "rest" else line for line in step.lines)
    cues = tuple(replace(cue, at=cue.at + extra) for cue in step.cues)
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
        self._explained: set[str] = set()
        self._position: object = None

    def lengthened(self) -> Iterator[Step]:
        """Give the steps, with the time that the person has asked for besides."""
        more: dict[tuple[StepKind, Place], float] = {}
        for kind, place, seconds in self._style.more:
            more[kind, place] = more.get((kind, place), 0.0) + seconds
        for step in self.steps():
            extra = more.get((step.kind, step.place)) if step.place else None
            yield _longer(step, extra) if extra else step

    def steps(self) -> Iterator[Step]:
        yield from self._opening()
        exercise_index = 0
        rest_before = False
        for block_index, block in enumerate(self._routine.blocks):
            for round_index in range(block.repeat):
                for offset, exercise in enumerate(block.exercises):
                    place = Place(block_index, round_index, exercise_index + offset, 0)
                    if place.exercise in self._style.left_out:
                        continue
                    alone = len(block.exercises) == 1
                    rest = _rest_behind(block, round_index, offset)
                    last_round = round_index == block.repeat - 1
                    if round_index == 0 or not alone:
                        yield from self._coming_to(exercise, place)
                    elif not rest_before:
                        yield Step(StepKind.POSITION, place, seconds=3.0, cues=countdown(3.0, 3))
                    yield from self._sets(exercise, place)
                    after = replace(place, set=int(exercise.dose.sets.low) - 1)
                    rest_before = rest >= 1
                    if rest_before:
                        yield self._rest(after, rest, leads_in=alone and not last_round)
            exercise_index += len(block.exercises)
        yield Step(StepKind.OUTRO, lines=(*map(Line.text, self._routine.farewell), Line.of("farewell")))

    def _opening(self) -> Iterator[Step]:
        welcome = (Line.of("welcome", title=self._routine.title), *map(Line.text, self._routine.welcome))
        yield Step(StepKind.INTRO, lines=(*welcome, *self._news(None)))
        if self._routine.opening is Opening.READY:
            yield Step(StepKind.INTRO, lines=(Line.of("say_ready"),), seconds=None)

    def _coming_to(self, exercise: Exercise, place: Place) -> Iterator[Step]:
        name = Line.of("exercise", name=exercise.spoken_name)
        explains = self._explains(exercise)
        new = exercise.slug not in self._style.known | self._explained
        # However little is said, what is to be avoided is, the first time.
        form = instructions(exercise) if explains else (*_short(exercise), *(_avoid(exercise) if new else ()))
        self._explained.add(exercise.slug)
        dose = (*self._news(exercise.slug), *dose_lines(exercise))
        yield Step(StepKind.INTRO, place, (name, *form, *dose), explains=explains)
        yield self._getting_there(exercise, place)

    def _sets(self, exercise: Exercise, place: Place) -> Iterator[Step]:
        sets = int(exercise.dose.sets.low)
        for number in range(sets):
            here = replace(place, set=number)
            if number:
                if (rest := low(exercise.dose.rest, self._pace.rest)) >= 1:
                    yield self._rest(replace(place, set=number - 1), rest)
                yield Step(StepKind.INTRO, here, (Line.of("set", number=number + 1, sets=sets), *_short(exercise)))
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

    def _getting_there(self, exercise: Exercise, place: Place) -> Step:
        before, self._position = self._position, exercise.position
        stays = before is exercise.position or {before, exercise.position} <= ON_THE_BACK
        seconds = self._pace.settle if stays else self._pace.change_position
        lines = () if stays else (Line.of("take_position", seconds=round(seconds)),)
        return Step(StepKind.POSITION, place, lines, seconds, countdown(seconds, 3))

    def _rest(self, place: Place, seconds: float, *, leads_in: bool = False) -> Step:
        """Make a rest; one that ``leads_in`` counts the last seconds back, because effort follows at once."""
        line = Line.of("rest", seconds=round(seconds))
        reminder = Cue(seconds - 10, Line.of("seconds_left", seconds=10), Priority.CHATTER)
        cues = (
            *((reminder,) if seconds >= 25 else ()),
            *(countdown(seconds, 3 if seconds >= 5 else 0) if leads_in else ()),
        )
        return Step(StepKind.REST, place, (line,), seconds, cues, eager=True)


def _rest_behind(block: Block, round_index: int, offset: int) -> float:
    """Return the rest behind one exercise of one round: of all that ask for one here, the longest."""
    dose, last_of_round = block.exercises[offset].dose, offset == len(block.exercises) - 1
    asked = [dose.rest_after]
    if not (last_of_round and round_index == block.repeat - 1):
        # In rounds the rest "between sets" of an exercise that has but one comes between its rounds.
        asked += [dose.rest] if block.repeat > 1 and dose.sets.low == 1 else []
        asked += [block.rest] if last_of_round else []
    return max((rest.low for rest in asked if rest), default=0.0)


def instructions(exercise: Exercise) -> tuple[Line, ...]:
    """Return the long form of an exercise: what is said the first time, and on "how"."""
    breathing = (exercise.breathing,) if exercise.breathing else ()
    return tuple(map(Line.text, (*exercise.setup, *exercise.steps, *breathing, *exercise.avoid)))


def _avoid(exercise: Exercise) -> tuple[Line, ...]:
    return tuple(map(Line.text, exercise.avoid))


def _short(exercise: Exercise) -> tuple[Line, ...]:
    return (Line.text(exercise.short),) if exercise.short else ()
