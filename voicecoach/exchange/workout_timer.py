"""just_another_workout_timer: sets of named spans of time, each set repeated.

Rule: written after that program's ``lib/utils/workout.dart`` (file version 2): ``Workout`` (title, sets, version,
position), ``Set`` (id, repetitions, exercises), ``Exercise`` (id, name, duration in s), ``Backup`` (workouts). A rest
is an exercise there that has the name "Rest", in the language of whoever made it.
"""

from __future__ import annotations

from voicecoach.core.dose import LONGEST
from voicecoach.exchange.record import Record
from voicecoach.exchange.taken import Draft, DraftBlock, DraftExercise

RESTS = frozenset({"rest", "pause", "repos", "riposo", "отдых", "dinlenme", "break"})
"""Its own names of a rest in English, German, French, Italian, Russian and Turkish (``lib/l10n``), and one more."""


def is_workout_timer(table: object) -> bool:
    """Tell whether an object looks like a workout or a backup of some."""
    return isinstance(table, dict) and ("workouts" in table or {"title", "sets"} <= table.keys())


def workouts(record: Record) -> list[Record]:
    """Return the workouts of a file: one, or those of a backup."""
    return record.records("workouts") if "workouts" in record.table else [record]


def read_workout(record: Record) -> Draft:
    """Return a workout as a draft. Raises ``ExchangeError``."""
    draft = Draft(record.name("title"), "just_another_workout_timer")
    for one in record.records("sets"):
        _read_set(draft, one, one.whole("repetitions", 1, 50))
    return draft


def _read_set(draft: Draft, record: Record, rounds: int) -> None:
    block = DraftBlock(fields={"repeat": rounds} if rounds > 1 else {})
    rest_first = 0
    for one in record.records("exercises"):
        name, seconds = one.name("name"), one.whole("duration", 0, int(LONGEST), 30)
        if seconds == 0:
            draft.lose(f'"{name}" of 0 seconds')
        elif name.casefold() not in RESTS:
            block.exercises.append(DraftExercise(name, {"time": f"{seconds} s"}))
        elif block.exercises:
            _rest_behind(block.exercises[-1], seconds, one)
        else:
            rest_first += seconds
    if rest_first:
        _place_first_rest(draft, block, rest_first, record)
    if block.exercises:
        draft.blocks.append(block)


def _rest_behind(exercise: DraftExercise, seconds: int, record: Record) -> None:
    before = exercise.fields.get("rest_after", "0 s")
    total = int(str(before).removesuffix(" s")) + seconds
    if total > LONGEST:
        record.fail("duration", f"the rests here come to {total} s", f"at most {LONGEST:g}")
    exercise.fields["rest_after"] = f"{total} s"


def _place_first_rest(draft: Draft, block: DraftBlock, seconds: int, record: Record) -> None:
    """Put a rest that stands before everything else of a set where our routines have one."""
    if draft.blocks and "repeat" not in draft.blocks[-1].fields and "repeat" not in block.fields:
        _rest_behind(draft.blocks[-1].exercises[-1], seconds, record)
    elif "repeat" in block.fields and block.exercises:
        block.fields["rest"] = f"{min(seconds, int(LONGEST))} s"
        draft.lose(f"the rest of {seconds} s before the first round of a set (between its rounds it is kept)")
    else:
        draft.lose(f"a rest of {seconds} s with no exercise before it")
