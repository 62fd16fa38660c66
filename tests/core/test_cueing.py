"""Cues on a moment: how they are written, where they fall, and that they are said there."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.core.world import World, exercise, program
from voicecoach.core.cueing import CueTime, When, read_cue_time
from voicecoach.core.events import Chime, ChimeKind, Say
from voicecoach.core.program import Step, StepKind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("start", CueTime(When.START)),
        ("Half", CueTime(When.HALF)),
        ("-5 s", CueTime(When.BEFORE_END, 5)),
        ("\u22125 s", CueTime(When.BEFORE_END, 5)),
        ("10 s", CueTime(When.AFTER, 10)),
        ("1:30", CueTime(When.AFTER, 90)),
        ("rep 3", CueTime(When.REP, 3)),
        ("every 2 reps", CueTime(When.EVERY_REPS, 2)),
        ("every rep", CueTime(When.EVERY_REPS, 1)),
        ("every 15 s", CueTime(When.EVERY_SECONDS, 15)),
        ("every 1 min", CueTime(When.EVERY_SECONDS, 60)),
    ],
)
def test_a_moment_is_read_and_written_as_people_write_it(text: str, found: CueTime) -> None:
    assert read_cue_time(text) == found
    assert read_cue_time(str(found)) == found


@pytest.mark.parametrize("text", ["", "end", "rep", "rep 0", "rep 101", "every", "every 2 s", "5-10 s", "-0 s", "3", 5])
def test_what_is_no_moment_is_refused_with_what_is_allowed(text: object) -> None:
    with pytest.raises(ValueError, match='allowed: "start", "half"'):
        read_cue_time(text)


def cued(*cues: tuple[str, str], **dose: Any) -> list[Step]:
    made = exercise(cues=[{"at": at, "say": say} for at, say in cues], **dose)
    return [step for step in program(made).steps if step.kind in {StepKind.WORK, StepKind.HOLD}]


def told(step: Step) -> list[tuple[float, str]]:
    return [(cue.at, str(dict(cue.line.values)["text"])) for cue in step.cues if cue.line.key == "text"]


def test_times_are_those_of_a_timed_effort_and_of_each_hold() -> None:
    cues = (("start", "A"), ("half", "B"), ("-5 s", "C"), ("7 s", "D"), ("every 12 s", "E"), ("40 s", "F"))
    wanted = [(1, "A"), (7, "D"), (12, "E"), (15, "B"), (24, "E"), (25, "C")]
    for measure in ("time", "hold", "amrap"):
        *_, effort = cued(*cues, **{measure: "30 s"})
        assert told(effort) == wanted, measure
        assert "halfway" not in [cue.line.key for cue in effort.cues], "the author's own words take its place"


def test_repetitions_that_are_counted_have_their_cues_behind_the_number() -> None:
    (work,) = cued(("rep 3", "A"), ("every 2 reps", "B"), ("half", "C"), reps=4, tempo="2-0-2-0")
    assert told(work) == [(5, "B"), (9, "A"), (9, "C"), (13, "B")]
    assert [cue.at for cue in work.cues if cue.line.key in {"begin", "count"}] == [0, 4, 8, 12]


def test_limbs_in_turn_have_a_repetition_s_cue_once() -> None:
    made = exercise(cues=[{"at": "rep 2", "say": "A"}], reps=3, tempo="2-0-2-0", limbs=("right", "left"))
    (work,) = [step for step in program(made).steps if step.kind is StepKind.WORK]
    assert told(work) == [(9, "A")]


def test_repetitions_that_are_held_have_theirs_in_the_hold() -> None:
    holds = [step for step in cued(("rep 2", "A"), ("-3 s", "B"), reps=3, hold="10 s") if step.kind is StepKind.HOLD]
    assert [told(hold) for hold in holds] == [[(7, "B")], [(1, "A"), (7, "B")], [(7, "B")]]


def test_breaths_go_on_under_a_cue() -> None:
    (work,) = cued(("half", "A"), breaths=4)
    assert told(work) == [(14, "A")]
    together = [cue.line.key for cue in work.cues if cue.at == 14]
    assert together == ["breathe_in", "text"], "the breath comes on time, and the cue waits for it"
    assert sum(cue.line.key == "breathe_in" for cue in work.cues) == 4


@pytest.mark.parametrize("dose", [{"time": "30 s"}, {"reps": 3}, {"breaths": 5}])
def test_a_cue_that_never_comes_is_refused(dose: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match='cues has one at "rep 4", which never comes'):
        cued(("rep 4", "A"), **dose)
    assert cued(("rep 4", "A"), reps=[5, 3])


def test_reminders_and_moments_stand_in_one_list() -> None:
    made = exercise(cues=["Belly firm.", {"at": "half", "say": "Half."}, "Heels down."], time="30 s")
    assert made.cues == ("Belly firm.", "Heels down.")
    assert [(str(cue.at), cue.say) for cue in made.timed_cues] == [("half", "Half.")]
    (work,) = [step for step in program(made).steps if step.kind is StepKind.WORK]
    assert told(work) == [(1.5, "Belly firm."), (15, "Half.")]


def test_a_session_says_the_number_first_and_then_the_cue() -> None:
    # Speech takes 0.6 s in this world: the cue of a second's repetition comes while its number is said, and waits.
    world = World(program(exercise(reps=3, tempo="0.5-0-0.5-0", cues=[{"at": "rep 2", "say": "Slowly."}])))
    world.finish()
    effects = [(at, effect) for at, _, effects in world.log for effect in effects]
    said = [(at, effect.line.key) for at, effect in effects if isinstance(effect, Say)]
    begin = next(at for at, key in said if key == "begin")
    work = [(round(at - begin, 1), key) for at, key in said if at >= begin]
    assert work[:3] == [(0, "begin"), (1, "count"), (1.6, "text")]
    chimes = [round(at - begin, 1) for at, e in effects if isinstance(e, Chime) and e.kind is ChimeKind.COUNT]
    assert chimes == [2], "the number that the cue runs over"
