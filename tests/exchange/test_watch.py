"""Workouts for watches: what a program becomes, and the FIT file read back."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.routines import EVERYTHING, NASTY, SHIPPED, compiled, routine, shipped_routine
from tests.needs import needs_fit
from voicecoach.core.program import EFFORT, Program
from voicecoach.exchange.fit import FitMissingError, as_fit
from voicecoach.exchange.taken import ExchangeError
from voicecoach.exchange.watch_steps import MOST_STEPS, Again, Ends, WatchLine, WatchStep, watch_lines
from voicecoach.packages import pip_install

MADE = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)


def unfolded(lines: list[WatchLine]) -> list[WatchStep]:
    """What a watch plays."""
    played: list[WatchStep] = []
    for index, line in enumerate(lines):
        if isinstance(line, WatchStep):
            played.append(line)
        else:
            group = lines[line.first : index]
            assert not any(isinstance(one, Again) for one in group), "a repeat inside a repeat"
            played += [one for one in group if isinstance(one, WatchStep)] * (line.times - 1)
    return played


def effort(program: Program) -> float:
    """Seconds and calls of work, without the moments in which a repetition is named."""
    held = {step.place for step in program.steps if step.kind.value == "hold"}
    work = [s for s in program.steps if s.kind in EFFORT and not (s.kind.value == "work" and s.place in held)]
    return sum(len(step.restarts) or (step.seconds or 0) for step in work)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_watch_plays_the_same_work(name: str) -> None:
    program = compiled(shipped_routine(name)).program
    lines = watch_lines(program)
    played = unfolded(lines)
    assert sum(step.amount for step in played if not step.rest) == pytest.approx(effort(program))
    # Some watches take no more. Sets of 6, 4 and 2 holds a side are more whatever is folded; the export says how many.
    assert (len(lines) <= 50) is (name != "big-three")
    assert not played[-1].rest


def lines_of(folder: Path, *keys: str, block: str = "") -> list[WatchLine]:
    head = 'title = "T"\n' + (f"[[block]]\n{block}\n[[block.exercise]]\n" if block else "[[exercise]]\n")
    text = head + 'name = "A"\nposition = "standing"\nexit = "Be still."\n' + "\n".join(keys)
    return watch_lines(compiled(routine(folder, text)).program)


READY = WatchStep("Get ready: A", Ends.TIME, 15, rest=True)


def test_repetitions_are_counted_and_time_is_time(tmp_path: Path) -> None:
    assert lines_of(tmp_path, "reps = 8") == [READY, WatchStep("A", Ends.REPS, 8)]
    assert lines_of(tmp_path, 'time = "30 s"') == [READY, WatchStep("A", Ends.TIME, 30)]
    assert lines_of(tmp_path, "open = true") == [READY, WatchStep("A", Ends.PERSON)]
    assert lines_of(tmp_path, "reps = 3", 'limbs = ["left", "right"]') == [
        READY,
        WatchStep("A, 3 each side", Ends.REPS, 6),
    ]


def test_sets_are_folded_and_rests_kept(tmp_path: Path) -> None:
    rest = WatchStep("Rest", Ends.TIME, 20, rest=True)
    work = WatchStep("A", Ends.REPS, 8)
    assert lines_of(tmp_path, "reps = 8", "sets = 4", 'rest = "20 s"') == [READY, work, rest, Again(1, 3), work]
    # Two lines for one saved: it stays as it is.
    assert lines_of(tmp_path, "reps = 8", "sets = 2", 'rest = "20 s"') == [READY, work, rest, work]


def test_held_repetitions_take_the_time_of_lift_and_hold(tmp_path: Path) -> None:
    rest = WatchStep("Rest", Ends.TIME, 5, rest=True)  # three seconds to lower, two to lift
    held = WatchStep("A", Ends.TIME, 10)
    assert lines_of(tmp_path, "reps = 4", 'hold = "10 s"') == [READY, held, rest, Again(1, 3), held]


def test_sides_change_in_a_rest_of_their_own(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, 'hold = "10 s"', 'limbs = ["left", "right"]')
    assert lines == [
        READY,
        WatchStep("A: left", Ends.TIME, 10),
        WatchStep("Change: right", Ends.TIME, 5, rest=True),
        WatchStep("A: right", Ends.TIME, 10),
    ]


def test_rounds_are_folded(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, "reps = 8", block='repeat = 5\nrest = "30 s"')
    assert lines[-2:] == [Again(1, 4), WatchStep("A", Ends.REPS, 8)]


def test_a_rest_behind_everything_is_left_out(tmp_path: Path) -> None:
    assert lines_of(tmp_path, "reps = 8", 'rest_after = "20 s"') == [READY, WatchStep("A", Ends.REPS, 8)]


def steps_of(data: bytes) -> tuple[dict[str, Any], list[Any]]:
    """Read a file with the library, and check it as strictly as the library can."""
    from fit_tool import FitFile, validate_fit_file
    from fit_tool.validation import ConformanceLevel

    file = FitFile.from_bytes(data)
    validate_fit_file(file, levels={ConformanceLevel.WIRE, ConformanceLevel.PROFILE}, raise_on_error=True)
    messages: dict[str, list[Any]] = {}
    for record in file.records:
        messages.setdefault(type(record.message).__name__, []).append(record.message)
    return {name: found[0] for name, found in messages.items()}, messages["WorkoutStepMessage"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_file_says_what_the_lines_say(name: str) -> None:
    needs_fit()
    from fit_tool.profile.profile_type import FileType, Intensity, WorkoutStepDuration

    program = compiled(shipped_routine(name)).program
    lines = watch_lines(program)
    first, steps = steps_of(as_fit(program, MADE).data)
    assert first["FileIdMessage"].type is FileType.WORKOUT or first["FileIdMessage"].type == FileType.WORKOUT.value
    assert first["FileIdMessage"].time_created == MADE.timestamp() * 1000
    assert first["WorkoutMessage"].workout_name == program.title
    assert first["WorkoutMessage"].num_valid_steps == len(steps) == len(lines)
    for number, (step, line) in enumerate(zip(steps, lines, strict=True)):
        assert step.message_index == number
        duration = WorkoutStepDuration(step.duration_type)
        if isinstance(line, Again):
            assert duration is WorkoutStepDuration.REPEAT_UNTIL_STEPS_CMPLT
            assert (step.duration_step, step.target_value) == (line.first, line.times)
            continue
        assert line.name.startswith(step.workout_step_name.rstrip("…"))
        assert Intensity(step.intensity) is (Intensity.REST if line.rest else Intensity.ACTIVE)
        match line.ends:
            case Ends.TIME:
                assert (duration, step.duration_time) == (
                    WorkoutStepDuration.TIME,
                    pytest.approx(line.amount, abs=1e-3),
                )
            case Ends.REPS:
                assert (duration, step.duration_reps) == (WorkoutStepDuration.REPS, line.amount)
            case Ends.PERSON:
                assert duration is WorkoutStepDuration.OPEN


def test_long_and_strange_texts_are_cut_between_characters(tmp_path: Path) -> None:
    needs_fit()
    made = routine(tmp_path, NASTY.replace("Marsch", "Ü" * 100).replace('"de"', '"en"'))
    first, steps = steps_of(as_fit(compiled(made).program, MADE).data)
    assert first["WorkoutMessage"].workout_name.endswith("…")
    names = {step.workout_step_name for step in steps if step.workout_step_name}
    assert "Ü" * 18 + "…" in names
    assert all(len(name.encode()) <= 40 for name in names)


def test_more_steps_than_any_watch_takes_is_an_error(tmp_path: Path) -> None:
    one = '[[exercise]]\nname = "A{}"\nposition = "standing"\nexit = "Be still."\nreps = 5\n'
    many = routine(tmp_path, 'title = "T"\n' + "".join(one.format(n) for n in range(MOST_STEPS)))
    with pytest.raises(ExchangeError, match=f"at most {MOST_STEPS}"):
        as_fit(compiled(many).program, MADE)


def test_without_the_library_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fit_tool.fit_file_builder", None)
    with pytest.raises(FitMissingError) as error:
        as_fit(compiled(shipped_routine("first-steps")).program, MADE)
    assert error.value.mend == pip_install("voicecoach[fit]")


def test_what_a_watch_cannot_do_is_told(tmp_path: Path) -> None:
    needs_fit()
    lost = as_fit(compiled(routine(tmp_path, EVERYTHING)).program, MADE).lost
    for words in (
        "movement with the breath, which has become seconds",
        "that as many repetitions are done as one likes",
        "the tempo of repetitions",
        "ranges: it has their low ends",
        "that blocks are done as circuit, superset, emom, tabata, amrap: their steps are in it",
        "another order each session",
    ):
        assert any(one.startswith(words) for one in lost), words
    plain = as_fit(compiled(shipped_routine("first-steps")).program, MADE).lost
    assert not any("done as" in one or "order" in one or "movement" in one for one in plain)


AMRAP = """title = "T"
[[block]]
style = "amrap"
lasts = "10 min"
[[block.exercise]]
name = "Squat"
position = "standing"
exit = "Be still."
reps = 5
[[block.exercise]]
name = "Plank"
position = "prone"
exit = "Lie down."
hold = "20 s"
"""


def test_an_amrap_is_the_time_of_all_its_exercises(tmp_path: Path) -> None:
    program = compiled(routine(tmp_path, AMRAP)).program
    *_, line = watch_lines(program)
    note = "As many rounds as you like: Squat 5; Plank 1, hold 20 s"
    assert line == WatchStep("Squat + Plank", Ends.TIME, 600, note=note)


def test_what_a_watch_does_not_tell_of_an_amrap_is_said(tmp_path: Path) -> None:
    needs_fit()
    lost = as_fit(compiled(routine(tmp_path, AMRAP)).program, MADE).lost
    assert any("as many rounds as one likes" in one for one in lost)
    alone = as_fit(compiled(shipped_routine("first-steps")).program, MADE).lost
    assert not any("rounds" in one for one in alone)
