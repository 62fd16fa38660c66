"""Routines of other programs: what of them arrives, what is assumed, and what is said to be lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.exchange import samples
from tests.exchange.desk import LIBRARY, Taken
from voicecoach.core.dose import Hold, Range
from voicecoach.core.routine import Position
from voicecoach.exchange.bring_in import FORMATS, Wanted, bring_in
from voicecoach.exchange.taken import ExchangeError
from voicecoach.language import load_language
from voicecoach.loading.exercises import Shelf


def refused(folder: Path, name: str, content: Any, **wanted: Any) -> str:
    with pytest.raises(ExchangeError) as error:
        Taken(folder, name, content, **wanted)
    text = str(error.value)
    assert text.startswith(str(folder / name))
    assert "\n" not in text
    return text.removeprefix(str(folder / name))


# --- just_another_workout_timer ---------------------------------------------------------------------------------------


def test_a_workout_keeps_its_sets_rounds_times_and_rests(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "desk.json", samples.WORKOUT)
    assert taken.routine.title == "Desk break"
    assert [(len(block.exercises), block.repeat) for block in taken.routine.blocks] == [(1, 1), (2, 3)]
    rolls, plank, bridge = taken.routine.exercises
    assert [e.dose.time for e in (rolls, plank, bridge)] == [Range(30, 30), Range(20, 20), Range(25, 25)]
    assert [e.dose.rest_after for e in (rolls, plank, bridge)] == [Range(10, 10), Range(15, 15), None]
    assert taken.made.lost == ()
    assert taken.made.slug == "desk-break"


def test_what_a_workout_does_not_tell_is_assumed_with_caution_and_marked(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "desk.json", samples.WORKOUT)
    assert taken.assumed == {
        (name, key) for name in ("Shoulder rolls", "Plank", "Bridge") for key in ("position", "exit")
    }
    assert (taken["Shoulder rolls"].position, taken["Shoulder rolls"].exit) == (
        Position.STANDING,
        load_language("en").imported["exit"],
    )
    # The library knows a plank and a bridge, and how to come out of them.
    assert taken["Plank"].position is Position.QUADRUPED
    assert taken["Bridge"].position is Position.HOOK_LYING
    assert taken["Bridge"].exit == "Lower your hips slowly to the floor."
    lines = taken.made.text.splitlines()
    for one in taken.made.assumed:
        assert lines[one.line - 1].startswith(f"{one.key} = ")
        assert lines[one.line - 1].endswith(f"# assumed: {one.reason}")


def test_of_several_workouts_one_is_chosen(tmp_path: Path) -> None:
    assert "this has 2 routines; choose one with --pick (allowed: Desk break, Evening)" in refused(
        tmp_path, "b.json", samples.BACKUP
    )
    assert "did you mean 'Evening'?" in refused(tmp_path, "b.json", samples.BACKUP, pick=["Evenin"])
    assert "one of these makes a routine" in refused(tmp_path, "b.json", samples.BACKUP, pick=["Evening", "Desk break"])
    assert Taken(tmp_path, "b.json", samples.BACKUP, pick=["Evening"]).routine.title == "Evening"


def timer_set(*exercises: tuple[str, int], rounds: int = 1) -> dict[str, Any]:
    return {"repetitions": rounds, "exercises": [{"name": name, "duration": s} for name, s in exercises]}


@pytest.mark.parametrize(
    ("sets", "rests", "lost"),
    [
        ([timer_set(("A", 20), ("Rest", 5), ("Rest", 6))], [11], ""),
        ([timer_set(("A", 20)), timer_set(("Rest", 5), ("B", 20))], [5, None], ""),
        ([timer_set(("Rest", 5), ("A", 20))], [None], "a rest of 5 s with no exercise before it"),
        ([timer_set(("A", 20), rounds=2), timer_set(("Отдых", 5), ("B", 20))], [None, None], "a rest of 5 s with no"),
        ([timer_set(("Rest", 5), ("A", 20), rounds=3)], [None], "the rest of 5 s before the first round"),
        ([timer_set(("A", 20), ("B", 0))], [None], '"B" of 0 seconds'),
    ],
)
def test_every_rest_of_a_workout_has_a_place_or_is_said_to_be_lost(
    tmp_path: Path, sets: list[Any], rests: list[float | None], lost: str
) -> None:
    taken = Taken(tmp_path, "w.json", {"title": "W", "sets": sets})
    assert [e.dose.rest_after.low if e.dose.rest_after else None for e in taken.routine.exercises] == rests
    assert lost in taken.lost if lost else not taken.lost


def test_a_rest_before_each_round_becomes_one_between_the_rounds(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "w.json", {"title": "W", "sets": [timer_set(("Rest", 5), ("A", 20), rounds=3)]})
    assert taken.routine.blocks[0].rest == Range(5, 5)


# --- wger -------------------------------------------------------------------------------------------------------------


def with_names(folder: Path, info: Any = samples.EXERCISEINFO) -> Path:
    import json

    (folder / "info.json").write_text(json.dumps(info), "utf-8")
    return folder / "info.json"


def test_a_day_of_wger_keeps_sets_repetitions_times_and_rests(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "w.json", samples.WGER, exercises=with_names(tmp_path))
    assert taken.routine.title == "Back - Floor"
    assert taken.routine.summary == "For the back."
    bridge, held, last = taken.routine.exercises
    assert (bridge.dose.sets, bridge.dose.reps, bridge.dose.rest) == (Range(3, 3), Range(8, 12), Range(45, 45))
    assert held.dose.time == Range(20, 20)
    assert last.dose.open
    # A slot with two exercises is done in turn, so its sets are rounds.
    assert [(block.repeat, len(block.exercises)) for block in taken.routine.blocks] == [(1, 1), (2, 2)]
    assert held.dose.sets == last.dose.sets == Range(1, 1)


def test_wger_names_come_from_another_file_as_text_without_markup(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "w.json", samples.WGER, exercises=with_names(tmp_path))
    assert [exercise.name for exercise in taken.routine.exercises] == ["Glute bridge", "Halten", "Exercise 13"]
    bridge = taken["Glute bridge"]
    assert bridge.steps == ("Lie on your back, knees bent.", "Lift your hips & wait.")
    assert bridge.position is Position.HOOK_LYING
    assert bridge.equipment == ("Gym mat",)
    assert ("Exercise 13", "name") in taken.assumed
    assert "# The text is in another language: wger has none in this." in taken.made.text
    german = Taken(tmp_path, "w.json", samples.WGER, exercises=with_names(tmp_path), language="de")
    assert german.routine.language == "de"
    assert german["Beckenheben"].steps == ("Leg dich auf den Rücken.",)


def test_what_wger_has_and_we_do_not_is_lost_or_a_comment(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "w.json", samples.WGER)
    assert "how wger changes figures from week to week" in taken.lost
    assert "weights, but for a comment" in taken.lost
    assert "# Weight: 10 kg." in taken.made.text
    assert "# Slowly." in taken.made.text
    assert '# wger says "until failure"' in taken.made.text


def test_a_superset_of_different_numbers_of_sets_loses_its_turns(tmp_path: Path) -> None:
    slot = [
        samples.entry(1, set_nr_configs=[samples.config(2)], repetitions_configs=[samples.config(5)]),
        samples.entry(2, set_nr_configs=[samples.config(3)], repetitions_configs=[samples.config(5)]),
    ]
    taken = Taken(tmp_path, "w.json", samples.structure(samples.day("A", slot)))
    assert [exercise.dose.sets.low for exercise in taken.routine.exercises] == [2, 3]
    assert "alternate: they differ in number" in taken.lost


@pytest.mark.parametrize(
    ("unit", "value", "key"), [(3, "45.00", "time"), (4, "2.00", "time"), (6, "5.00", ""), (1, "9.00", "reps")]
)
def test_the_units_of_wger(tmp_path: Path, unit: int, value: str, key: str) -> None:
    slot = [samples.entry(1, repetition_unit=unit, repetitions_configs=[samples.config(value)])]
    taken = Taken(tmp_path, "w.json", samples.structure(samples.day("A", slot)))
    dose = taken.routine.exercises[0].dose
    seconds = {3: Range(45, 45), 4: Range(120, 120)}
    assert dose.time == seconds.get(unit)
    assert ("5 kilometres" in taken.lost) == (key == "")
    assert dose.reps == (Range(9, 9) if key == "reps" else Range(5, 5) if key == "" else None)


def test_a_held_set_of_wger_is_a_hold(tmp_path: Path) -> None:
    slot = [samples.entry(1, type="iso", repetition_unit=3, repetitions_configs=[samples.config("30.00")])]
    taken = Taken(tmp_path, "w.json", samples.structure(samples.day("A", slot)))
    assert taken.routine.exercises[0].dose.hold == Hold(Range(30, 30))


def test_wger_days_are_chosen_one_by_one(tmp_path: Path) -> None:
    slot = [samples.entry(1)]
    days = samples.structure(samples.day("A", slot), samples.day("B", slot))
    assert "choose one with --pick (allowed: A, B)" in refused(tmp_path, "w.json", days)
    taken = Taken(tmp_path, "w.json", days, pick=["B"])
    assert taken.routine.title == "Back - B"
    assert "the other 1 days" in taken.lost


def test_repetitions_that_no_coach_counts_are_an_error_with_their_place(tmp_path: Path) -> None:
    slot = [samples.entry(1, repetitions_configs=[samples.config("250.00")])]
    message = refused(tmp_path, "w.json", samples.structure(samples.day("A", slot)))
    assert ": days[0].slots[0].entries[0].repetitions_configs: 250 repetitions do not fit" in message


# --- free-exercise-db -------------------------------------------------------------------------------------------------


def test_a_record_keeps_its_instructions_in_sentences(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "r.json", samples.RECORD)
    exercise = taken["Chair Leg Slide"]
    assert exercise.steps == (
        "Sit on a chair with both feet flat on the floor.",
        "This is where you begin.",
        "Slide one foot forward until the knee is straight.",
        "Slide it back.",
    )
    assert exercise.position is Position.SEATED
    assert exercise.equipment == ()
    assert exercise.dose.reps == Range(5, 5)
    assert exercise.dose.assumed == ("reps",)
    assert "# level: beginner; category: strength; muscles: quadriceps, hamstrings, glutes" in taken.made.text
    assert taken.routine.title == "Chair Leg Slide"


def test_what_is_held_still_is_a_short_hold_and_a_weight_is_put_down_first(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "r.json", [samples.RECORD, samples.HELD])
    held = taken["Lying Press"]
    assert held.dose.hold == Hold(Range(10, 10))
    assert held.exit == "Put the weight down slowly, then come out of it."
    assert held.equipment == ("dumbbell",)
    assert {("Lying Press", key) for key in ("position", "exit", "hold")} <= taken.assumed


def test_of_a_catalogue_some_are_chosen_in_the_order_asked(tmp_path: Path) -> None:
    every = [{**samples.RECORD, "name": f"Exercise {n}"} for n in range(400)]
    assert "this has 400 exercises; choose some with --pick" in refused(tmp_path, "r.json", every)
    taken = Taken(tmp_path, "r.json", every, pick=["Exercise 7", "Exercise 3"])
    assert [exercise.name for exercise in taken.routine.exercises] == ["Exercise 7", "Exercise 3"]
    assert "there is none of this name; did you mean 'Exercise 3" in refused(
        tmp_path, "r.json", every, pick=["Exercis 3"]
    )


# --- Which kind it is -------------------------------------------------------------------------------------------------


def test_the_kind_is_found_out_or_told(tmp_path: Path) -> None:
    for content in (samples.WORKOUT, samples.BACKUP["workouts"][1], samples.WGER, samples.RECORD):
        Taken(tmp_path, "x.json", content)
    Taken(tmp_path, "x.txt", "- Bridge 3 x 5", format="markdown")
    Taken(tmp_path, "x.dat", samples.WORKOUT, format="workout-timer")
    assert f"(allowed: --from {', '.join(FORMATS)})" in refused(tmp_path, "x.txt", "- Bridge 3 x 5")
    assert "cannot be told by what it holds" in refused(tmp_path, "x.json", {"a": 1})
    assert "this is no wger file" in refused(tmp_path, "x.json", samples.WORKOUT, format="wger")
    assert "--exercises is for routines of wger" in refused(
        tmp_path, "x.json", samples.WORKOUT, exercises=with_names(tmp_path)
    )
    assert "a list is taken as a whole" in refused(tmp_path, "x.md", "- Bridge 3 x 5", pick=["Bridge"])


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "no.json", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(ExchangeError, match=why):
            bring_in(path, Wanted(format="wger"), LIBRARY)


def test_easier_forms_stay_where_they_are_known(tmp_path: Path) -> None:
    page = "# T\n\n## Small one\n\n- How much: 1 x 5\n- Harder form: bridge\n- Easier form: nowhere\n"
    taken = Taken(tmp_path, "l.md", page)
    assert (taken["Small one"].harder, taken["Small one"].easier) == ("bridge", None)
    assert "the easier form of Small one, which is not in the library here" in taken.lost


def test_names_in_other_writing_still_make_a_name_for_the_file(tmp_path: Path) -> None:
    assert Taken(tmp_path, "morning plan.md", "# Утро\n\n- Планка 30 s\n").made.slug == "morning-plan"
    assert Taken(tmp_path, "утро.md", "# Утро\n\n- Планка 30 s\n").made.slug == "imported"
    assert Taken(tmp_path, "x.md", "# ../../etc/passwd\n\n- A 30 s\n").made.slug == "etc-passwd"


# --- Languages --------------------------------------------------------------------------------------------------------

FLOOR = "- Beckenheben 3 x 10\n- Seitstütz 20 s each side\n- Pelvic tilt 5 reps\n- Hip 10 reps each hip\n"


@pytest.mark.parametrize("code", ["de", "es", "fr", "de-AT"])
def test_what_is_said_is_in_the_language_of_the_file(tmp_path: Path, code: str) -> None:
    taken = Taken(tmp_path, "l.md", FLOOR, language=code)
    words = load_language(code).imported
    assert taken.routine.language == code
    assert taken["Beckenheben"].exit == words["exit"]
    assert taken["Seitstütz"].limbs == (words["right_side"], words["left_side"])
    assert taken["Hip"].limbs == (words["right_hip"], words["left_hip"])
    shelf = Shelf(LIBRARY, code)
    assert taken["Pelvic tilt"].exit == shelf.take("pelvic-tilt").exercise.exit
    assert "english" not in " ".join(one.reason for one in taken.made.assumed).lower()


def test_a_language_without_words_for_it_has_english_ones_to_look_at(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "l.md", FLOOR, language="pl")
    words = load_language("en").imported
    assert taken["Seitstütz"].limbs == ("right side", "left side")
    assert {one.exit for one in taken.routine.exercises} == {words["exit"]}
    reasons = {(one.exercise, one.key): one.reason for one in taken.made.assumed}
    assert reasons["Seitstütz", "limbs"] == "in English: the language pl has no words for it"
    assert reasons["Beckenheben", "exit"] == "the file tells none; in English: the language pl has no words for it"


def test_words_of_ours_are_never_in_another_language_than_the_file(tmp_path: Path) -> None:
    taken = Taken(tmp_path, "x.json", samples.HELD, language="de")
    assert taken["Lying Press"].exit == load_language("de").imported["exit"]
    assert Taken(tmp_path, "l.md", "- Plank 30 s", language="de")["Plank"].exit == load_language("de").imported["exit"]
