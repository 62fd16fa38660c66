"""A report says what was prescribed, coached, confirmed and left out: against figures worked out by hand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.world import World, exercise, routine
from tests.core.world import program as compiled
from tests.history.coach import Coach
from voicecoach.core.events import Chime, ChimeKind, Command, Mode, ModeChanged, Note, Remember
from voicecoach.core.news import Returned
from voicecoach.core.person import Lock, Person
from voicecoach.core.program import EFFORT
from voicecoach.core.report import (
    SCHEMA,
    Cause,
    Coached,
    ExerciseReport,
    Locked,
    Prescribed,
    ReportError,
    SessionReport,
    SinceLast,
    Swap,
    WhyNot,
    from_json,
    to_json,
)
from voicecoach.core.reporter import Reporter
from voicecoach.core.routine import Block, Exercise, Routine

HELD = exercise("bridge", sets=2, reps="3-5", hold="10 s")
SIDES = exercise("bird-dog", reps=3, hold="5 s", limbs=("left", "right"))
COUNTED = exercise("clam", sets=2, reps=4, limbs=("left", "right"), order="complete")
TIMED = exercise("march", sets=2, time="30 s")
PLANK = exercise("plank", sets=2, hold="20 s", limbs=("left", "right"), order="complete")
OPEN = exercise("breathe", open=True)


def of(report: SessionReport, slug: str) -> ExerciseReport:
    return next(e for e in report.exercises if e.slug == slug)


def coach(*exercises: Exercise, person: Person | None = None) -> Coach:
    return Coach(routine(*exercises), person=person)


# --- Prescribed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_exercise", "text", "sets", "reps", "seconds"),
    [
        (HELD, "2 × 3\u20135, hold 10 s", 2, 6, 60.0),  # noqa: RUF001
        (SIDES, "1 × 3, hold 5 s each side", 1, 6, 30.0),  # noqa: RUF001
        (COUNTED, "2 × 4 each side", 2, 16, None),  # noqa: RUF001
        (TIMED, "2 × 30 s", 2, None, 60.0),  # noqa: RUF001
        (PLANK, "2 × hold 20 s each side", 2, None, 80.0),  # noqa: RUF001
        (OPEN, "1 × until “done”", 1, None, None),  # noqa: RUF001
        (exercise(reps=["6-8", 4, 2], hold="10 s"), "3 × 6\u20138/4/2, hold 10 s", 3, 12, 120.0),  # noqa: RUF001
        (exercise(hold=["20 s", "10 s"], limbs=("a", "b")), "2 × hold 20/10 s each side", 2, None, 60.0),  # noqa: RUF001
        (exercise(breaths="5-8", limbs=("a", "b")), "1 × 5\u20138 breaths each side", 1, None, None),  # noqa: RUF001
        (exercise(amrap="60 s", sets=2), "2 × as many as wanted in 60 s", 2, None, 120.0),  # noqa: RUF001
        (exercise(reps=2, hold="1 breath"), "1 × 2, hold 1 breath", 1, 2, None),  # noqa: RUF001
        (exercise(reps=2, limbs=("a", "b", "c", "d")), "1 × 2 each of 4", 1, 8, None),  # noqa: RUF001
    ],
)
def test_a_dose_in_words_and_figures(
    given_exercise: Exercise, text: str, sets: int, reps: int | None, seconds: float | None
) -> None:
    found = Prescribed.of(given_exercise)
    assert (found.text, found.total_sets, found.total_reps, found.total_seconds) == (text, sets, reps, seconds)


def test_rounds_and_several_places_add_up() -> None:
    blocks = (Block(exercises=(TIMED,), repeat=3), Block(exercises=(TIMED, HELD)), Block(exercises=(HELD,)))
    found = Coach(routine(HELD).model_copy(update={"blocks": blocks})).report()
    march, bridge = found.exercises
    assert (march.prescribed_sets, march.prescribed_seconds) == (8, 240.0)
    assert march.prescribed_text == "3 rounds of 2 × 30 s + 2 × 30 s"  # noqa: RUF001
    assert bridge.prescribed_text == "2 times 2 × 3\u20135, hold 10 s"  # noqa: RUF001
    assert (bridge.prescribed_sets, bridge.prescribed_reps) == (4, 12)


# --- Coached ----------------------------------------------------------------------------------------------------------


def test_a_report_of_uneven_sets_comes_back_from_where_it_is_kept() -> None:
    report = Coach(routine(exercise(reps=[3, 2]))).report()
    assert from_json(json.loads(json.dumps(to_json(report)))) == report


def test_a_whole_session_coaches_what_was_prescribed() -> None:
    made = coach(HELD, SIDES, COUNTED, TIMED, PLANK, OPEN)
    made.through()
    made.end(effort=6)
    report = made.report(ended="2026-03-02T18:20:00+01:00")
    assert report.outcome == "finished"
    assert report.effort == 6
    assert report.whole == 6
    for found in report.exercises:
        assert found.why_not == ()
        assert found.coached.sets == found.prescribed_sets, found.slug
        assert found.coached.reps == (found.prescribed_reps or 0), found.slug
        if found.prescribed_seconds:
            assert found.coached.seconds == found.prescribed_seconds, found.slug
    assert of(report, "breathe").confirmed == 1
    assert of(report, "breathe").coached.seconds == 20
    assert of(report, "bridge").confirmed == 0


def test_the_session_itself_coaches_what_was_prescribed() -> None:
    uneven = exercise("step", reps=[3, 2], hold=["5 s", "4 s"], rest="5 s")
    counted = exercise("curl", reps=[4, 2], tempo="1-0-1-0", cues=({"at": "every 2 reps", "say": "Slowly."},))
    exercises = (HELD, SIDES, COUNTED, TIMED, PLANK, uneven, counted, exercise("jump", amrap="20 s"))
    plan = routine(*exercises)
    world = World(compiled(*exercises))
    world.finish()
    reporter = Reporter(plan, id="s", started="2026-01-01T10:00:00")
    for _, event, effects in world.log:
        reporter.feed(event, effects)
    report = reporter.report()
    assert report.outcome == "finished"
    for found in report.exercises:
        assert found.coached.reps == (found.prescribed_reps or 0), found.slug
        if found.prescribed_seconds:
            assert found.coached.seconds == pytest.approx(found.prescribed_seconds, abs=0.01), found.slug


def test_the_session_itself_counts_an_effort_once_that_was_cut_and_taken_up() -> None:
    for item, kind in ((HELD, "hold"), (COUNTED, "work"), (TIMED, "work")):
        world = World(compiled(item))
        world.run_to(kind)
        world.wait(7)
        world.say(Command.PAUSE)
        world.wait(30)
        world.say(Command.RESUME)
        world.finish()
        reporter = Reporter(routine(item), id="s", started="2026-01-01T10:00:00")
        for _, event, effects in world.log:
            reporter.feed(event, effects)
        report = reporter.report()
        (found,) = report.exercises
        assert found.coached.reps == (found.prescribed_reps or 0)
        if found.prescribed_seconds:
            assert found.coached.seconds == pytest.approx(found.prescribed_seconds, abs=0.01)
        assert report.seconds.paused == pytest.approx(30)
        assert report.seconds.running == pytest.approx(world.now - 30 - _after_the_end(world))


def _after_the_end(world: World) -> float:
    """The world goes on when the session is over, and a farewell is no exercise."""
    finished = next(at for at, e in world.effects if isinstance(e, ModeChanged) and e.mode is Mode.FINISHED)
    return world.now - finished


def test_an_effort_that_was_cut_counts_as_far_as_it_came() -> None:
    made = coach(HELD)
    made.into_effort("bridge", 4.0, number=2)  # the first hold whole, 4 s of the second
    found = of(made.report(), "bridge")
    assert found.coached == Coached(sets=0, reps=2, seconds=14.0)


def test_a_hold_that_begins_anew_counts_its_longest_go() -> None:
    made = coach(HELD)
    made.into_effort("bridge", 7.0)
    made.heard(Command.PAUSE, ModeChanged(Mode.PAUSED))
    made.heard(Command.RESUME, made.began(), ModeChanged(Mode.HOLD), after=60)
    made.tick(3.0)
    assert of(made.report(), "bridge").coached.seconds == 7.0
    made.tick(6.0)
    assert of(made.report(), "bridge").coached.seconds == 9.0
    assert made.report().seconds.paused == 60.0


def test_work_that_is_taken_up_where_it_was_adds_up() -> None:
    made = coach(TIMED)
    made.into_effort("march", 12.0)
    made.heard(Command.PAUSE, ModeChanged(Mode.PAUSED))
    made.heard(Command.RESUME, made.began(18.0), ModeChanged(Mode.WORK), after=60)
    made.tick(10.0)
    assert of(made.report(), "march").coached.seconds == 22.0


def test_a_count_that_became_a_chime_is_a_call() -> None:
    made = coach(exercise("clam", reps=4))
    made.to("clam")
    while made.step.kind not in EFFORT:
        made.play()
        made.index += 1
    made.play(1.0)  # the first is called
    made.tick(4.0, Chime(ChimeKind.COUNT))
    made.tick(4.0, Chime(ChimeKind.COUNT))
    made.tick(1.0, Chime(ChimeKind.HEARD))
    assert of(made.report(), "clam").coached.reps == 3


def test_one_side_of_a_set_is_no_set() -> None:
    made = coach(PLANK)
    made.into_effort("plank", 19.0)
    made.tick(1.0, made.place("set_done"))
    assert of(made.report(), "plank").coached.sets == 0
    made.tick(0, made.place("set_done"))  # told twice, it is still one side
    assert of(made.report(), "plank").coached.sets == 0


def test_an_unfinished_session_has_a_report() -> None:
    made = coach(HELD, TIMED)
    made.into_effort("bridge", 4.0)
    report = made.report()
    assert (report.outcome, report.ended) == ("unfinished", None)
    assert of(report, "bridge").why_not == (WhyNot(Cause.ENDED, "unfinished"),)
    assert of(report, "march").why_not == (WhyNot(Cause.ENDED, "unfinished"),)
    made.give(Returned(made.at))
    made.index += 1
    made.through()
    made.end()
    assert made.report().outcome == "finished"


def test_time_is_told_apart_by_mode() -> None:
    made = coach(HELD)
    made.into_effort("bridge", 4.0)
    running = made.report().seconds.running
    made.pain(3, "goes on")
    made.tick(20)
    made.go_on()
    made.heard(Command.END, ModeChanged(Mode.CONFIRM))
    made.tick(7)
    report = made.report()
    assert (report.seconds.running, report.seconds.pain, report.seconds.paused) == (running, 70.0, 7.0)


# --- Why not ----------------------------------------------------------------------------------------------------------


def test_skipped_with_its_reason() -> None:
    made = coach(HELD, TIMED, PLANK)
    made.to("bridge")
    made.skip("no equipment")
    made.into_effort("march", 3.0)
    made.skip()
    made.through()
    made.end()
    report = made.report()
    assert of(report, "bridge").why_not == (WhyNot(Cause.SKIPPED, "no equipment"),)
    assert of(report, "march").why_not == (WhyNot(Cause.SKIPPED),)
    assert of(report, "plank").why_not == ()


def test_cut_short_counts_and_is_a_reason() -> None:
    made = coach(PLANK)
    made.into_effort("plank", 9.0)
    made.heard(Command.SWITCH, made.place("switched"))
    made.index += 1
    made.into_effort("plank", 9.0)
    made.heard(Command.NEXT, made.place("cut_short"))
    made.index += 1
    made.through("plank")
    made.end()
    found = of(made.report(), "plank")
    assert (found.coached.sets, found.cut_short, found.why_not) == (1, 2, (WhyNot(Cause.CUT_SHORT),))


def test_what_the_end_left_out() -> None:
    made = coach(HELD, TIMED, PLANK)
    made.through("bridge")
    made.into_effort("march", 9.0)
    made.heard(Command.NEXT, made.place("cut_short"))
    made.end("ended")
    report = made.report()
    assert of(report, "bridge").why_not == ()
    assert of(report, "march").why_not == (WhyNot(Cause.CUT_SHORT), WhyNot(Cause.ENDED, "ended"))
    assert of(report, "plank").why_not == (WhyNot(Cause.ENDED, "ended"),)


def test_what_nobody_gave_a_reason_for() -> None:
    made = coach(HELD, TIMED)
    made.to("bridge")
    made.index = made.program.next_exercise(made.index)
    made.through()
    made.end()
    assert of(made.report(), "bridge").why_not == (WhyNot(Cause.PASSED_OVER),)


def test_locked_before_and_locked_now() -> None:
    person = Person(locks=(Lock("bridge", "pain", "2026-03-01", 4), Lock("elsewhere", "pain", "2026-03-01")))
    made = coach(HELD, TIMED, PLANK, person=person)
    made.tick(1, Note.of("locked", exercise="plank", reason="worse", score=None))
    made.to("bridge")
    made.index = made.program.next_exercise(made.index)  # the session leaves it out
    made.into_effort("march", 3.0)
    made.pain(6, "session over", lock=True)
    made.end("pain")
    report = made.report()
    assert of(report, "bridge").locked == Locked("pain", 4, earlier=True)
    assert of(report, "bridge").why_not == (WhyNot(Cause.LOCKED, "pain"),)
    assert of(report, "plank").locked == Locked("worse", earlier=True)
    assert of(report, "march").locked == Locked("pain", 6)
    assert of(report, "march").why_not == (WhyNot(Cause.PAIN, "session over"),)


def test_a_lock_that_is_taken_off_is_none() -> None:
    made = coach(HELD, person=Person(locks=(Lock("bridge", "pain", "2026-03-01", 4),)))
    made.tick(1, Remember("lock/bridge", None))
    assert of(made.report(), "bridge").locked is None


# --- Pain -------------------------------------------------------------------------------------------------------------


def test_pain_as_it_was_put() -> None:
    made = coach(HELD, SIDES)
    made.into_effort("bridge", 4.0)
    at = made.at
    made.pain(3, "goes on", feel="sharp", leg="unsure")
    made.go_on()
    made.through()
    made.end(effort=4)
    report = made.report()
    (pain,) = of(report, "bridge").pains
    assert (pain.at, pain.exercise, pain.set, pain.rep, pain.phase) == (at, "bridge", 1, 1, "hold")
    assert (pain.score, pain.feel, pain.leg, pain.verdict, pain.resumed) == (3, "sharp", "unsure", "goes on", True)
    assert (of(report, "bridge").pain_max, report.pain_max) == (3, 3)
    assert of(report, "bridge").why_not == ()  # it went on, and was coached to its end


def test_pain_without_an_answer_is_pain_without_a_score() -> None:
    made = coach(HELD)
    made.into_effort("bridge", 4.0)
    made.heard(Command.PAIN, made.place("pain"), ModeChanged(Mode.PAIN))
    (pain,) = made.report().pains
    assert (pain.score, pain.verdict) == (None, None)
    assert made.report().pain_max is None


def test_a_false_alarm_is_kept_and_counts_nowhere() -> None:
    made = coach(HELD)
    made.into_effort("bridge", 4.0)
    made.heard(Command.PAIN, made.place("pain"), ModeChanged(Mode.PAIN))
    made.heard(Command.MISTAKE, made.place("false_alarm"), after=3)
    report = made.report()
    assert report.pains == ()
    assert [p.verdict for p in of(report, "bridge").pains] == ["false alarm"]
    assert of(report, "bridge").why_not == (WhyNot(Cause.ENDED, "unfinished"),)


def test_pain_outside_any_exercise() -> None:
    made = coach(HELD)
    made.heard(Command.PAIN, Note.of("pain", exercise=None, phase="intro"), ModeChanged(Mode.PAIN))
    report = made.report()
    assert [p.phase for p in report.other_pains] == ["intro"]
    assert len(report.pains) == 1


def test_an_emergency_is_on_record() -> None:
    made = coach(HELD)
    assert (made.report().emergencies, made.report().alerted) == (0, None)
    made.heard(Command.EMERGENCY, made.place("emergency"), ModeChanged(Mode.EMERGENCY))
    made.tick(30, Note.of("alerted", told=0))
    report = made.report()
    assert (report.emergencies, report.alerted, report.seconds.pain) == (1, False, 30.0)


def test_how_it_was_since_the_last_time() -> None:
    made = coach(HELD)
    made.heard(Command.BETTER, Note.of("since_last", exercise="bridge", answer="better"))
    assert made.report().since_last == SinceLast("bridge", "better")


# --- Easier and harder ------------------------------------------------------------------------------------------------


def test_what_stands_in_for_an_exercise_is_coached_for_it() -> None:
    easy = exercise("small-bridge", sets=2, reps="3-5", hold="10 s")
    plan = routine(HELD, TIMED).model_copy(update={"variants": (easy,)})
    made = Coach(plan)
    made.to("bridge")
    swap = Note.of("swapped", exercise="bridge", to="small-bridge", way="easier")
    made.heard(Command.EASIER, swap)
    while made.index < made.program.next_exercise(made.index):
        made.play(slug="small-bridge")
        if made.program.next_exercise(made.index) == made.index + 1:
            break
        made.index += 1
    found = of(made.report(), "bridge")
    assert found.swaps == (Swap("bridge", "small-bridge", "easier"),)
    assert found.coached == Coached(2, 6, 60.0)
    assert found.why_not == ()


# --- Undo -------------------------------------------------------------------------------------------------------------


def test_a_skip_that_was_undone_is_none() -> None:
    made = coach(HELD, TIMED)
    made.to("bridge")
    here = made.index
    made.skip("tired")
    made.undo(Command.SKIP, back_to=here)
    made.through()
    made.end()
    assert of(made.report(), "bridge").why_not == ()
    assert of(made.report(), "bridge").coached == Coached(2, 6, 60.0)


def test_an_undone_skip_gives_no_reason() -> None:
    made = coach(HELD, TIMED)
    made.to("bridge")
    here = made.index
    made.skip("tired")
    made.undo(Command.SKIP, back_to=here)
    made.end("ended")
    assert of(made.report(), "bridge").why_not == (WhyNot(Cause.ENDED, "ended"),)


def test_only_the_last_command_of_its_name_is_undone() -> None:
    made = coach(HELD, TIMED, PLANK)
    made.to("bridge")
    made.skip("tired")
    here = made.index
    made.skip("pain")
    made.refused(Command.SKIP)
    made.undo(Command.SKIP, back_to=here)
    made.end("ended")
    report = made.report()
    assert of(report, "bridge").why_not == (WhyNot(Cause.SKIPPED, "tired"),)
    assert of(report, "march").why_not == (WhyNot(Cause.ENDED, "ended"),)


def test_a_done_that_was_undone_confirms_nothing() -> None:
    made = coach(OPEN, HELD)
    made.to("breathe")
    while made.step.seconds is not None:
        made.play()
        made.index += 1
    here = made.index
    made.play()  # says "done" at its end
    assert of(made.report(), "breathe").coached.sets == 1
    made.undo(Command.DONE, back_to=here)
    found = of(made.report(), "breathe")
    assert (found.confirmed, found.coached.sets) == (0, 0)
    made.heard(Command.DONE, made.place("confirmed"), after=5)
    found = of(made.report(), "breathe")
    assert (found.confirmed, found.coached.sets) == (1, 1)


def test_an_answer_that_was_undone_is_given_anew() -> None:
    made = coach(HELD)
    made.heard(Command.NINE, Note.of("effort", score=9))
    made.undo(Command.NINE, back_to=0)
    assert made.report().effort is None
    made.heard(Command.FOUR, Note.of("effort", score=4))
    assert made.report().effort == 4


def test_no_undo_reaches_pain() -> None:
    made = coach(HELD, TIMED)
    made.into_effort("bridge", 4.0)
    here = made.index
    made.heard(Command.SLOWER, Note.of("tempo", factor=0.8))
    made.pain(5, "exercise over", lock=True)
    made.undo(Command.SLOWER, back_to=here)
    report = made.report()
    assert report.pain_max == 5
    assert of(report, "bridge").locked == Locked("pain", 5)


def test_the_session_itself_takes_back_a_skip() -> None:
    world = World(compiled(HELD, TIMED))
    world.run_to("hold")
    world.say(Command.SKIP)
    world.wait(2)
    world.say(Command.UNDO)
    reporter = Reporter(routine(HELD, TIMED), id="s", started="2026-01-01T10:00:00")
    for _, event, effects in world.log:
        named = [
            Note.of("undone", command="skip") if isinstance(e, Note) and e.kind == "undone" else e for e in effects
        ]
        reporter.feed(event, named)
    assert of(reporter.report(), "bridge").why_not == (WhyNot(Cause.ENDED, "unfinished"),)


# --- Keeping ----------------------------------------------------------------------------------------------------------


def eventful() -> SessionReport:
    made = coach(HELD, SIDES, TIMED, PLANK, person=Person(locks=(Lock("plank", "worse", "2026-03-01"),)))
    made.heard(Command.SAME, Note.of("since_last", exercise="plank", answer="worse"))
    made.into_effort("bridge", 4.0)
    made.pain(4, "exercise over", lock=True, sign="sign_saddle")
    made.skip("pain")
    made.through("march")
    made.end("ended", effort=7)
    return made.report(ended="2026-03-02T18:30:00+01:00")


def test_a_report_is_kept_whole() -> None:
    report = eventful()
    assert from_json(json.loads(json.dumps(to_json(report)))) == report
    assert to_json(report)["schema"] == SCHEMA


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": SCHEMA + 1}, "newer voicecoach"),
        ({"schema": None}, "no report"),
        ({"schema": True}, "no report"),
        ({"exercises": 3}, "exercises"),
        ({"seconds": {"running": "long"}}, "seconds.running"),
    ],
)
def test_what_is_no_report_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ReportError, match=words):
        from_json(to_json(eventful()) | change)
    with pytest.raises(ReportError):
        from_json([])


def test_what_a_later_version_adds_to_this_form_does_no_harm() -> None:
    report = eventful()
    assert from_json(to_json(report) | {"mood": "fine"}) == report


def reported(world: World, plan: Routine) -> SessionReport:
    reporter = Reporter(plan, id="s", started="2026-01-01T10:00:00", person=world.person)
    for _, event, effects in world.log:
        reporter.feed(event, effects)
    return reporter.report()


def answered(world: World, *commands: Command) -> None:
    """Answer one question after the other, each when it has been asked."""
    for command in commands:
        world.wait(8)
        world.say(command)


def test_the_session_itself_brings_every_set_to_its_end() -> None:
    exercises = (HELD, SIDES, COUNTED, TIMED, PLANK, OPEN)
    world = World(compiled(*exercises))
    world.run_to("work", exercise="breathe")
    world.wait(30)
    world.say(Command.DONE)
    world.finish()
    report = reported(world, routine(*exercises))
    assert [found.why_not for found in report.exercises] == [()] * 6
    assert [found.coached.sets for found in report.exercises] == [found.prescribed_sets for found in report.exercises]
    assert of(report, "breathe").confirmed == 1


def test_the_session_itself_undoes_a_skip_but_not_what_came_before() -> None:
    world = World(compiled(HELD, TIMED))
    world.run_to("hold")
    world.say(Command.SKIP)
    world.wait(4)
    world.say(Command.TIRED)
    world.run_to("work", exercise="march")
    world.say(Command.SKIP)
    world.wait(2)
    world.say(Command.UNDO)
    world.finish()
    report = reported(world, routine(HELD, TIMED))
    (reason,) = of(report, "bridge").why_not
    assert reason.cause is Cause.SKIPPED
    assert of(report, "march").why_not == ()


def test_undoing_a_wish_undoes_nothing_else() -> None:
    made = coach(HELD, TIMED)
    made.to("bridge")
    made.heard(Command.SLOWER, Note.of("tempo", factor=0.8))
    made.skip("tired")
    made.undo(Command.SLOWER, back_to=made.index)
    assert of(made.report(), "bridge").why_not == (WhyNot(Cause.SKIPPED, "tired"),)


def test_an_emergency_that_was_none_is_no_pain_taken_back() -> None:
    made = coach(HELD)
    made.into_effort("bridge", 4.0)
    made.pain(4, "exercise over", lock=True)
    made.heard(Command.EMERGENCY, made.place("emergency"), ModeChanged(Mode.EMERGENCY))
    made.heard(Command.MISTAKE, Note.of("false_alarm", **{"from": "emergency"}))
    report = made.report()
    assert report.emergencies == 0
    assert report.pain_max == 4


def test_the_session_itself_locks_what_hurts_and_goes_on_gently() -> None:
    calm = exercise("breathe", time="20 s", gentle=True)
    exercises = (HELD, TIMED, calm)
    world = World(compiled(*exercises))
    world.run_to("hold")
    world.wait(3)
    world.say(Command.PAIN)
    world.wait(12)
    answered(world, Command.FOUR, Command.YES, Command.NO, Command.ACHE, Command.YES)
    world.finish()
    report = reported(world, routine(*exercises))
    bridge = of(report, "bridge")
    assert [pain.score for pain in bridge.pains] == [4]
    assert bridge.locked == Locked("pain", 4)
    assert bridge.why_not == (WhyNot(Cause.PAIN, "exercise over"),)
    assert bridge.pains[0].resumed
    assert of(report, "march").why_not == (WhyNot(Cause.AFTER_PAIN),)
    assert of(report, "breathe").why_not == ()
    assert report.seconds.pain == pytest.approx(world.spent[Mode.PAIN])


def test_what_was_not_gentle_enough_after_pain() -> None:
    made = coach(HELD, TIMED)
    made.into_effort("bridge", 4.0)
    made.pain(4, "exercise over", lock=True)
    made.end()
    assert of(made.report(), "march").why_not == (WhyNot(Cause.AFTER_PAIN),)


NOISE = st.lists(
    st.tuples(
        st.sampled_from(list(Command)),
        st.floats(0, 30),
    ),
    max_size=25,
)


@given(NOISE)
def test_any_session_has_a_report_that_claims_no_more_than_was_asked(commands: list[tuple[Command, float]]) -> None:
    exercises = (SIDES, COUNTED, TIMED, OPEN)
    world = World(compiled(*exercises))
    plan: Routine = routine(*exercises)
    for command, wait in commands:
        world.wait(wait)
        world.say(command)
    reporter = Reporter(plan, id="s", started="2026-01-01T10:00:00")
    for _, event, effects in world.log:
        reporter.feed(event, effects)
    report = reporter.report()
    assert from_json(to_json(report)) == report
    for found in report.exercises:
        assert found.coached.sets <= found.prescribed_sets
        if found.prescribed_reps is not None:
            assert found.coached.reps <= found.prescribed_reps
        if found.prescribed_seconds is not None:
            assert found.coached.seconds <= found.prescribed_seconds + 0.01
        assert found.whole == (not found.why_not)
    assert report.duration <= world.now + 0.01
