"""Blocks with a style, measured from outside: when effort begins and ends in what comes out of a session."""

from __future__ import annotations

from itertools import pairwise

import pytest
from pydantic import ValidationError

from tests.core.world import ACQUAINTED, SPEECH, World, exercise
from voicecoach.between import fit
from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import Command, Mode, Remember, Say, StepBegan
from voicecoach.core.fitting import too_long
from voicecoach.core.person import Lock, Person, Room
from voicecoach.core.program import Pace, Program, StepKind, Style
from voicecoach.core.reporter import Reporter
from voicecoach.core.routine import Block, Exercise, Routine
from voicecoach.core.shuffle import shuffled
from voicecoach.loading.pain import strict_rules
from voicecoach.rehearsal import Scripted, rehearse

PACE = Pace(change_position=5, settle=5)
SQUAT = exercise("squat", reps=5, tempo="2-0-2-0", position="standing", short="Feet wide.", setup=("Stand tall.",))
PUSH = exercise("push", reps=4, tempo="1-0-1-0", position="standing", short="Body straight.")
LUNGE = exercise("lunge", time="20 s", position="standing", limbs=("right", "left"))


def rounds(*exercises: Exercise, **fields: object) -> Block:
    return Block.model_validate({"exercises": exercises} | fields)


def made(*blocks: Block, style: Style | None = None, speech: float = SPEECH) -> Program:
    routine = Routine.model_validate({"slug": "r", "title": "R", "blocks": blocks, "pain": strict_rules()})
    return compile_routine(routine, PACE, lambda _: speech, style)


def played(program: Program, *said: tuple[Command, float], speech: float = SPEECH) -> list[tuple[float, StepBegan]]:
    """Every step of the program, with the moment at which it began."""
    moments = rehearse(
        program,
        lambda _: speech,
        [Scripted(word, at) for word, at in said],
        person=ACQUAINTED,
        room=Room(attended=False, ask_effort=False),
    )
    return [(m.at, e) for m in moments for e in m.effects if isinstance(e, StepBegan)]


def spans(steps: list[tuple[float, StepBegan]], kind: str) -> list[float]:
    """How long each step of a kind lasted, from its beginning to the next one's."""
    return [round(after - at, 6) for (at, step), (after, _) in pairwise(steps) if step.kind == kind]


# --- Tabata -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speech", [0.1, 0.6, 2.5, 9.0])
def test_a_tabata_is_eight_times_twenty_and_ten_seconds_however_long_the_talk(speech: float) -> None:
    steps = played(made(rounds(LUNGE, style="tabata"), speech=speech), speech=speech)
    assert spans(steps, "work") == [20.0] * 8
    assert spans(steps, "rest") == [10.0] * 7
    work = [at for at, step in steps if step.kind == "work"]
    assert work[-1] + 20 - work[0] == pytest.approx(8 * 20 + 7 * 10)


def test_a_tabata_of_two_has_four_rounds_and_names_the_other_in_the_rest() -> None:
    world = World(made(rounds(LUNGE, exercise("jump", time="20 s", position="standing"), style="tabata")))
    world.finish()
    names = [e.exercise for _, e in world.effects if isinstance(e, StepBegan) and e.kind == "work"]
    assert names == ["lunge", "jump"] * 4
    resting = "instruction"
    for _, effect in world.effects:
        if isinstance(effect, StepBegan):
            resting = effect.kind
        if isinstance(effect, Say) and effect.line.key == "rest_then":
            assert resting == "rest"
    assert world.said.count("rest_then") == 7
    assert world.ended == "finished"


def test_a_tabata_is_written_otherwise() -> None:
    block = rounds(LUNGE.model_copy(update={"dose": LUNGE.dose.model_copy(update={"time": exercise(time="30 s").dose.time})}),
                   style="tabata", repeat=3, rest_between="15 s")  # fmt: skip
    steps = played(made(block))
    assert (spans(steps, "work"), spans(steps, "rest")) == ([30.0] * 3, [15.0] * 2)


def test_everything_is_explained_before_the_clock_starts() -> None:
    steps = made(rounds(SQUAT.model_copy(update={"dose": LUNGE.dose}), LUNGE, style="tabata")).steps
    first = next(n for n, step in enumerate(steps) if step.kind is StepKind.WORK)
    assert [step.kind.value for step in steps[:first]] == ["intro", "intro", "intro", "intro", "position"]
    assert all(step.eager for step in steps[first:-1])
    assert all(step.kind in {StepKind.WORK, StepKind.REST} for step in steps[first:-1])


# --- EMOM -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speech", [0.1, 0.6, 2.5])
def test_each_minute_of_an_emom_begins_on_the_minute(speech: float) -> None:
    held = exercise("plank", reps=2, hold="10 s", position="prone")
    steps = played(made(rounds(SQUAT, held, style="emom", lasts="6 min"), speech=speech), speech=speech)
    efforts = [(at, step) for at, step in steps if step.kind == "work" and (step.rep in {None, 1})]
    assert [step.exercise for _, step in efforts] == ["squat", "plank"] * 3
    begun = [at for at, _ in efforts]
    assert [round(b - a, 6) for a, b in pairwise(begun)] == [60.0] * 5
    squats = [span for span, (_, step) in zip(spans(steps, "work"), [s for s in steps if s[1].kind == "work"], strict=True)
              if step.exercise == "squat"]  # fmt: skip
    assert squats == [20.0] * 3


def test_who_is_done_early_rests_for_what_is_left_of_the_minute() -> None:
    program = made(rounds(SQUAT, style="emom", repeat=3))
    begun = [at for at, step in played(program) if step.kind == "work"]
    for word in (Command.DONE, Command.NEXT):
        again = [at for at, step in played(program, (word, begun[0] + 7.25)) if step.kind == "work"]
        assert again == pytest.approx(begun)


def test_slower_work_takes_from_the_rest_and_not_from_the_beat() -> None:
    steps = played(made(rounds(SQUAT, style="emom", repeat=3), style=Style(tempo=1.5)))
    assert spans(steps, "work")[:2] == [30.0, 30.0]
    assert spans(steps, "rest") == [30.0, 30.0]


def test_work_that_does_not_fit_is_told_with_its_seconds() -> None:
    assert too_long(rounds(SQUAT, style="emom", every="25 s")) is None
    found = too_long(rounds(PUSH, SQUAT, style="emom", every="24 s"))
    assert found is not None
    assert (found[0].slug, found[1]) == ("squat", 20.0)
    wide = exercise("squat", reps="5-12", tempo="2-0-2-0")
    assert too_long(rounds(wide, style="emom", every="50 s")) == (wide, 48.0)


# --- Circuit and superset ---------------------------------------------------------------------------------------------


def test_a_circuit_goes_from_station_to_station_and_what_is_known_flows() -> None:
    program = made(rounds(SQUAT, PUSH, style="circuit", repeat=3, rest_between="20 s", rest="40 s"))
    steps = played(program)
    assert spans(steps, "rest") == [20.0, 40.0, 20.0, 40.0, 20.0]
    assert [s.exercise for _, s in steps if s.kind == "work"] == ["squat", "push"] * 3
    assert sum(step.kind is StepKind.POSITION for step in program.steps) == 2
    known = made(rounds(SQUAT, PUSH, style="circuit"), style=Style(known=frozenset({"squat", "push"})))
    assert sum(step.kind is StepKind.POSITION for step in known.steps) == 1


def test_a_circuit_leaves_time_to_turn_over_where_no_rest_is_written() -> None:
    crunch = exercise("crunch", reps=3, tempo="2-0-2-0", position="supine")
    program = compile_routine(
        Routine.model_validate(
            {"slug": "r", "title": "R", "pain": strict_rules(), "blocks": (rounds(SQUAT, crunch, style="circuit", repeat=2),)}
        ),
        Pace(change_position=40.0),
    )  # fmt: skip
    rests = [step.seconds for step in program.steps if step.kind is StepKind.REST]
    assert rests[-1] == 40.0


def test_a_superset_rests_only_behind_all_of_it() -> None:
    steps = played(made(rounds(SQUAT, PUSH, style="superset", repeat=3, rest="45 s")))
    assert spans(steps, "rest") == [45.0, 45.0]
    assert [s.kind for _, s in steps][-5:] == ["rest", "work", "position", "work", "outro"]


def test_plain_rounds_rest_between_their_exercises_too() -> None:
    steps = played(made(rounds(SQUAT, PUSH, repeat=2, rest_between="12 s", rest="33 s")))
    assert spans(steps, "rest") == [12.0, 33.0, 12.0]


# --- AMRAP ------------------------------------------------------------------------------------------------------------


def test_an_amrap_lasts_as_long_as_it_says_and_reads_its_round() -> None:
    world = World(made(rounds(SQUAT, PUSH, style="amrap", lasts="5 min")))
    world.finish()
    steps = [(at, e) for at, e in world.effects if isinstance(e, StepBegan)]
    assert spans(steps, "work") == [300.0]
    (begun,) = [at for at, e in steps if e.kind == "work"]
    told = [(round(at - begun), dict(e.line.values)["minutes"]) for at, e in world.effects
            if isinstance(e, Say) and e.line.key == "minutes_to_go"]  # fmt: skip
    assert told == [(60, 4), (120, 3), (180, 2), (240, 1)]
    read = [
        round(at - begun) for at, e in world.effects if isinstance(e, Say) and e.line.key == "exercise" and at > begun
    ]
    assert len(read) == 4


def test_an_amrap_is_on_the_report_of_each_of_its_exercises_without_a_count() -> None:
    program = made(rounds(SQUAT, PUSH, style="amrap", lasts="2 min"))
    reporter = Reporter(program.routine, id="1", started="2026-11-21T09:00:00+01:00")
    for moment in rehearse(program, lambda _: SPEECH, person=ACQUAINTED, room=Room(attended=False)):
        reporter.feed(moment.event, moment.effects)
    report = reporter.report()
    assert [(e.slug, e.coached.sets, e.coached.reps, e.whole) for e in report.exercises] == [
        ("squat", 1, 0, True),
        ("push", 1, 0, True),
    ]


def test_pain_in_an_amrap_locks_all_of_it_because_nobody_knows_which_one_hurt() -> None:
    world = World(
        made(rounds(SQUAT, PUSH, style="amrap", lasts="2 min"), rounds(exercise("rest", time="20 s", gentle=True)))
    )
    world.run_to("work")
    world.wait(10)
    world.say(Command.PAIN)
    assert world.said[-1] == "rest_as_you_are", "the ways out differ, and none is right for both"
    world.wait(6)
    for word in (Command.FIVE, Command.YES, Command.NO, Command.ACHE):
        world.say(word)
        world.wait(1)
    locks = [e.key for _, e in world.effects if isinstance(e, Remember) and e.key.startswith("lock/") and e.value]
    assert set(locks) == {"lock/squat", "lock/push"}
    assert "exercises_over" in world.said
    world.say(Command.YES)
    world.run_to("work", exercise="rest")


def test_a_false_alarm_in_an_amrap_takes_every_lock_back() -> None:
    world = World(made(rounds(SQUAT, PUSH, style="amrap", lasts="2 min")))
    world.run_to("work")
    world.say(Command.PAIN)
    world.wait(6)
    world.say(Command.MISTAKE)
    world.wait(1)
    world.say(Command.YES)
    kept = {e.key: e.value for _, e in world.effects if isinstance(e, Remember) and e.key.startswith("lock/")}
    assert kept == {"lock/squat": None, "lock/push": None}
    assert not world.session.state.locked


# --- Finding one's way in the middle ----------------------------------------------------------------------------------

STYLES = {
    "tabata": rounds(LUNGE, exercise("jump", time="20 s", position="standing"), style="tabata"),
    "emom": rounds(SQUAT, PUSH, style="emom", repeat=3),
    "circuit": rounds(SQUAT, PUSH, style="circuit", repeat=3),
    "superset": rounds(SQUAT, PUSH, style="superset", repeat=3),
}


def third(world: World) -> StepBegan:
    """Go to the first effort of the second round."""
    return [world.run_to("work") for _ in range(3)][-1]


@pytest.mark.parametrize("name", STYLES)
def test_go_back_repeats_the_effort_behind_time_to_get_ready(name: str) -> None:
    world = World(made(STYLES[name]))
    step = third(world)
    world.wait(3)
    world.say(Command.BACK)
    assert world.mode is Mode.INSTRUCTION, "no effort begins out of nowhere"
    again = world.run_to("work")
    assert (again.exercise, again.index) == (step.exercise, step.index)
    assert "back_round" in world.said
    world.say(Command.BACK)
    world.wait(1)
    world.say(Command.BACK)
    assert world.run_to("work").exercise != step.exercise, "twice is the station before"


@pytest.mark.parametrize("name", STYLES)
def test_next_ends_the_effort_and_the_rest_comes(name: str) -> None:
    world = World(made(STYLES[name]))
    third(world)
    world.wait(3)
    world.say(Command.NEXT)
    assert world.mode is (Mode.INSTRUCTION if name == "superset" else Mode.REST)
    assert any(isinstance(effect, StepBegan) and effect.kind == "work" for effect in world.say(Command.NEXT))


@pytest.mark.parametrize("name", STYLES)
def test_what_is_skipped_does_not_come_in_a_later_round_and_undo_brings_it_back(name: str) -> None:
    for undone in (False, True):
        world = World(made(STYLES[name]))
        step = third(world)
        world.wait(2)
        world.say(Command.SKIP)
        if undone:
            world.wait(1)
            world.say(Command.UNDO)
        else:
            assert world.mode is Mode.INSTRUCTION, "the other one is led into"
        world.finish()
        later = [e.exercise for at, e in world.effects if isinstance(e, StepBegan) and e.kind == "work"][3:]
        assert (step.exercise in later) is undone
        assert world.ended == "finished"


@pytest.mark.parametrize("name", STYLES)
def test_a_pause_freezes_and_thaws_within_the_same_round(name: str) -> None:
    world = World(made(STYLES[name]))
    step = third(world)
    world.wait(6)
    world.say(Command.PAUSE)
    world.wait(500)
    assert world.mode is Mode.PAUSED
    world.say(Command.RESUME)
    again = world.run_to("work")
    assert (again.index, again.exercise) == (step.index, step.exercise)
    world.finish()
    assert world.ended == "finished"


@pytest.mark.parametrize("name", STYLES)
def test_pain_leaves_the_exercise_out_of_every_later_round(name: str) -> None:
    block = STYLES[name]
    gentle = block.exercises[1].model_copy(update={"gentle": True})
    world = World(made(block.model_copy(update={"exercises": (block.exercises[0], gentle)})))
    step = third(world)
    world.wait(2)
    world.say(Command.PAIN)
    world.wait(6)
    for word in (Command.THREE, Command.YES, Command.NO, Command.ACHE):
        world.say(word)
        world.wait(1)
    world.say(Command.YES)
    assert world.mode is Mode.INSTRUCTION, "effort after pain begins with time to get ready"
    seen = len(world.log)
    world.finish()
    later = [e.exercise for _, _, effects in world.log[seen:] for e in effects if isinstance(e, StepBegan)]
    assert step.exercise not in later
    assert gentle.slug in later


@pytest.mark.parametrize("name", STYLES)
def test_easier_shows_the_new_form_and_stays_in_its_round(name: str) -> None:
    block = STYLES[name]
    first = block.exercises[0].model_copy(update={"easier": "tap"})
    tap = exercise("tap", reps=3, sets=2, tempo="1-0-1-0", position="standing", setup=("Tap your toes.",))
    fields = {"slug": "r", "title": "R", "pain": strict_rules(), "variants": (tap,)}
    routine = Routine.model_validate(
        fields | {"blocks": (block.model_copy(update={"exercises": (first, block.exercises[1])}),)}
    )
    world = World(compile_routine(routine, PACE, lambda _: SPEECH))
    third(world)
    world.wait(2)
    world.say(Command.EASIER)
    world.wait(2)
    assert "Tap your toes." in world.said
    again = world.run_to("work")
    assert again.exercise == "tap"
    if name == "tabata":
        assert again.seconds == 20.0
    world.finish()
    assert [e.exercise for _, e in world.effects if isinstance(e, StepBegan) and e.kind == "work"].count("squat") <= 2
    assert world.ended == "finished"


@pytest.mark.parametrize("name", STYLES)
def test_another_form_in_the_first_effort_leaves_time_to_get_into_it(name: str) -> None:
    tap = exercise("tap", reps=3, tempo="1-0-1-0", position="standing", setup=("Tap your toes.",))
    block = STYLES[name]
    first = block.exercises[0].model_copy(update={"easier": "tap"})
    blocks = (block.model_copy(update={"exercises": (first, block.exercises[1])}),)
    fields = {"slug": "r", "title": "R", "pain": strict_rules(), "variants": (tap,), "blocks": blocks}
    world = World(compile_routine(Routine.model_validate(fields), PACE, lambda _: SPEECH))
    world.run_to("work")
    asked = world.now
    world.say(Command.EASIER)
    world.run_to("position")
    assert "Tap your toes." in world.said
    assert world.run_to("work").exercise == "tap"
    assert world.now - asked >= 5.0


def test_status_and_return_speak_of_rounds() -> None:
    world = World(made(rounds(SQUAT, style="circuit", repeat=3)))
    world.run_to("rest")
    world.say(Command.PAUSE)
    world.say(Command.STATUS)
    world.wait(3)
    assert "where_round" in world.said
    world.say(Command.NEXT)
    world.wait(3)
    assert "parked_round" in world.said


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercises", "fields", "problem"),
    [
        ((SQUAT,), {"every": "1 min"}, "every means nothing in plain rounds"),
        ((SQUAT,), {"style": "circuit", "lasts": "1 min"}, "lasts means nothing in circuit"),
        ((SQUAT,), {"style": "emom", "rest": "1 min"}, "rest means nothing in emom"),
        ((SQUAT, PUSH), {"style": "superset", "rest_between": "5 s"}, "rest_between means nothing in superset"),
        ((SQUAT,), {"style": "superset"}, "two exercises"),
        ((SQUAT,), {"style": "amrap"}, "lasts is missing"),
        ((SQUAT,), {"style": "amrap", "lasts": "5 min", "repeat": 2}, "repeat means nothing in amrap"),
        ((SQUAT,), {"style": "amrap", "lasts": "5-6 min"}, "lasts is one span"),
        ((SQUAT,), {"style": "tabata"}, "Squat: a Tabata goes by the clock"),
        ((LUNGE, LUNGE, LUNGE), {"style": "tabata"}, "repeat is missing: 3 exercises"),
        ((SQUAT, PUSH), {"style": "emom", "lasts": "3 min"}, 'allowed: lasts = "240 s" or "360 s"'),
        ((SQUAT,), {"style": "emom", "lasts": "3 min", "repeat": 4}, "repeat is 3"),
        ((SQUAT,), {"style": "emom", "every": "5 s"}, "every is one span"),
        ((exercise("walk", open=True),), {"style": "emom"}, "no end of its own"),
        ((exercise("dip", reps=3, sets=2),), {"style": "circuit"}, "the rounds are the sets"),
        (
            (exercise("lunge", time="20 s", limbs=("right", "left"), order="complete"),),
            {"style": "tabata"},
            "share an interval",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    exercises: tuple[Exercise, ...], fields: dict[str, object], problem: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        rounds(*exercises, **fields)
    assert problem in str(caught.value)
    assert "allowed" in str(caught.value)


# --- Shuffle ----------------------------------------------------------------------------------------------------------


def several(shuffle: bool = True) -> Routine:
    block = rounds(*(exercise(slug, reps=3) for slug in "abcdef"), repeat=2, shuffle=shuffle)
    return Routine.model_validate(
        {"slug": "r", "title": "R", "blocks": (rounds(SQUAT, PUSH), block), "pain": strict_rules()}
    )


def test_a_seed_gives_one_order_and_another_seed_mostly_another() -> None:
    orders = {"".join(e.slug for e in shuffled(several(), str(seed)).blocks[1].exercises) for seed in range(40)}
    assert all(sorted(order) == list("abcdef") for order in orders)
    assert len(orders) > 30
    assert shuffled(several(), "7") == shuffled(several(), "7")
    firsts = [shuffled(several(), str(seed)).blocks[1].exercises[0].slug for seed in range(600)]
    assert all(60 < firsts.count(slug) < 140 for slug in "abcdef"), "each comes first about as often"


def test_what_is_not_to_be_shuffled_is_not() -> None:
    assert [e.slug for e in shuffled(several(), "1").blocks[0].exercises] == ["squat", "push"]
    plain = several(shuffle=False)
    assert shuffled(plain, "1") is plain


def test_the_order_changes_from_session_to_session_and_locks_follow_their_exercise() -> None:
    orders, routine = set(), several()
    for day in range(1, 20):
        person = Person(agreed=True, locks=(Lock("c", "pain", "2026-11-01"),))
        today = f"2026-11-{day:02}"
        fitted = fit(routine, person, levels={}, reports=[], today=today, strict=strict_rules())
        played_ = fitted.tailored.routine.exercises
        orders.add(tuple(e.slug for e in played_))
        assert [played_[n].slug for n in fitted.style.left_out] == ["c"]
    assert len(orders) > 12
