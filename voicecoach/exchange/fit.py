"""A workout for sports watches, as a FIT file: the one place that knows fit_tool.

Rule: fit_tool is imported where it is used; without it there is one sentence about how to get it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from voicecoach.core.dose import Dose
from voicecoach.core.dose_parts import dose_parts
from voicecoach.core.program import Program
from voicecoach.exchange.taken import ExchangeError
from voicecoach.exchange.watch_steps import MOST_STEPS, Again, Ends, WatchLine, watch_lines
from voicecoach.packages import pip_install
from voicecoach.ports import Exported, PortError

if TYPE_CHECKING:
    from fit_tool.profile.messages.workout_step_message import WorkoutStepMessage

_NAME = 40
_NOTE = 120
"""Octets: FIT has room for 255, watches show a line or two."""


class FitMissingError(PortError):
    """The library that writes FIT files is not installed."""


def as_fit(program: Program, made: datetime) -> Exported:
    """Return a FIT workout. ``made`` is the moment at which this is written, with its offset.

    Raises ``FitMissingError`` where fit_tool is missing, ``ExchangeError`` where there are too many steps.
    """
    lines = watch_lines(program)
    if len(lines) > MOST_STEPS:
        problem = f"as a workout this has {len(lines)} steps"
        raise ExchangeError(program.routine.slug, None, problem, allowed=f"at most {MOST_STEPS}")
    lost = ["everything that is said, but a note for each exercise", "the way out, pain, and what to avoid"]
    if any(exercise.dose.hold and exercise.dose.hold.breaths for exercise in program.exercises):
        lost.append("breaths, which have become seconds at the coach's pace")
    if any(len(step.together) > 1 for step in program.steps):
        lost.append("the exercises of as many rounds as one likes, which are one span of time with their names")
    lost.append(f"a voice: somebody must look at the watch ({len(lines)} steps; some watches take 50)")
    lost += _beyond_a_watch(program)
    return Exported(_encode(program, lines, made), tuple(lost))


def _beyond_a_watch(program: Program) -> Iterator[str]:
    """Give what of a routine has another form on a watch than it was written in, or none."""
    doses, blocks = [exercise.dose for exercise in program.exercises], program.routine.blocks
    if any(dose.breaths for dose in doses):
        yield "movement with the breath, which has become seconds at the coach's pace"
    if any(dose.amrap for dose in doses):
        yield "that as many repetitions are done as one likes: it is a span of time"
    if any(dose.tempo for dose in doses):
        yield "the tempo of repetitions"
    if any(_ranges(dose) for dose in doses):
        yield "ranges: it has their low ends"
    if styles := dict.fromkeys(str(block.style) for block in blocks if block.style):
        yield f"that blocks are done as {', '.join(styles)}: their steps are in it one after the other"
    if any(block.shuffle for block in blocks):
        yield "another order each session"


def _ranges(dose: Dose) -> bool:
    spans = [span for part in dose_parts(dose) for span in part.figures]
    return any(span.low != span.high for span in spans)


def _encode(program: Program, lines: Sequence[WatchLine], made: datetime) -> bytes:
    try:
        from fit_tool.fit_file_builder import FitFileBuilder
        from fit_tool.profile.messages.file_id_message import FileIdMessage
        from fit_tool.profile.messages.workout_message import WorkoutMessage
        from fit_tool.profile.profile_type import FileType, Manufacturer, Sport, SubSport
    except ImportError:
        raise FitMissingError(
            "fit_tool, which writes FIT files, is missing.", mend=pip_install("voicecoach[fit]")
        ) from None
    identity = FileIdMessage()
    identity.type = FileType.WORKOUT
    identity.manufacturer = Manufacturer.DEVELOPMENT.value
    identity.product = 0
    identity.serial_number = 1
    identity.time_created = round(made.timestamp() * 1000)
    workout = WorkoutMessage()
    workout.workout_name = _short(program.title, _NAME)
    workout.sport = Sport.TRAINING
    workout.sub_sport = SubSport.STRENGTH_TRAINING
    # With the repeats, as in Garmin's own example of a workout; fit_tool's check of file types wants them left out, and
    # takes steps that end by repetitions for repeats besides.
    workout.num_valid_steps = len(lines)
    builder = FitFileBuilder(auto_define=True)
    builder.add_all([identity, workout, *(_step(number, line) for number, line in enumerate(lines))])
    data: bytes = builder.build().to_bytes()
    return data


def _step(number: int, line: WatchLine) -> WorkoutStepMessage:
    from fit_tool.profile.messages.workout_step_message import WorkoutStepMessage
    from fit_tool.profile.profile_type import Intensity, WorkoutStepDuration, WorkoutStepTarget

    step = WorkoutStepMessage()
    step.message_index = number
    if isinstance(line, Again):
        step.duration_type = WorkoutStepDuration.REPEAT_UNTIL_STEPS_CMPLT
        step.duration_step = line.first
        step.target_type = WorkoutStepTarget.OPEN
        step.target_value = line.times
        return step
    step.workout_step_name = _short(line.name, _NAME)
    if line.note:
        step.notes = _short(line.note, _NOTE)
    step.intensity = Intensity.REST if line.rest else Intensity.ACTIVE
    step.target_type = WorkoutStepTarget.OPEN
    step.target_value = 0
    match line.ends:
        case Ends.TIME:
            step.duration_type = WorkoutStepDuration.TIME
            step.duration_time = float(line.amount)
        case Ends.REPS:
            step.duration_type = WorkoutStepDuration.REPS
            step.duration_reps = round(line.amount)
        case Ends.PERSON:
            step.duration_type = WorkoutStepDuration.OPEN
            step.duration_value = 0
    return step


def _short(text: str, most: int) -> str:
    """Return a text of at most so many octets, cut between characters."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"
