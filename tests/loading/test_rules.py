"""Reading routines: rules for pain, what easier and harder lead to, and how doses may grow."""

# ruff: noqa: F811 - a fixture is a parameter too

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.loading.test_loading import (  # noqa: F401 - a fixture among them
    HEAD,
    MONITORED,
    OWN,
    PAIN,
    SHIPPED,
    TOP,
    USE,
    library,
    read,
    refusal,
)
from voicecoach.core.routine import Exercise, PainPolicy, PainRules, rules_on
from voicecoach.loading.exercises import MOST_VARIANTS, load_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.pain import strict_rules
from voicecoach.loading.source import RoutineError
from voicecoach.toml_file import read_toml

# --- Rules for pain ---------------------------------------------------------------------------------------------------


def test_a_routine_is_strict_unless_it_says_otherwise(tmp_path: Path) -> None:
    routine = read(tmp_path, USE)
    assert routine.pain_policy is PainPolicy.STRICT
    assert routine.pain == strict_rules()
    assert routine.pain.tolerated == -1
    assert read(tmp_path, 'pain_policy = "strict"\nprescriber = "Dr. Ada"\n' + USE).pain == strict_rules()


def test_a_prescriber_sets_three_figures_and_no_more(tmp_path: Path) -> None:
    routine = read(tmp_path, PAIN + "tolerated = 3\nends_above = 4\nrise = 1\n")
    assert (routine.pain_policy, routine.prescriber, routine.review_on) == (
        PainPolicy.MONITORED,
        "Dr. Ada",
        "2027-01-31",
    )
    changed = {"tolerated": 3, "ends_above": 4, "rise": 1}
    assert routine.pain == strict_rules().model_copy(update=changed)
    for key, value in changed.items():
        assert getattr(strict_rules(), key) != value, "or this test would not see it"


def test_what_a_prescriber_does_not_set_is_as_strict_as_before(tmp_path: Path) -> None:
    routine = read(tmp_path, PAIN + "tolerated = 0\n")
    assert routine.pain == strict_rules().model_copy(update={"tolerated": 0})
    assert read(tmp_path, PAIN + "tolerated = 5\nends_above = 7\n").pain.ends_above == 7
    assert read(tmp_path, PAIN + "tolerated = 5\nends_above = 5\n").pain.ends_above == 5


def test_nothing_else_about_pain_can_be_changed(tmp_path: Path) -> None:
    for key in PainRules.model_fields.keys() - {"tolerated", "ends_above", "rise"}:
        said = refusal(tmp_path, PAIN + f"tolerated = 2\n{key} = 5\n")
        assert said.startswith(f"r.toml:9: {key} = 5: this is the same in every routine"), said


def test_a_day_is_written_as_text_or_as_toml_writes_days(tmp_path: Path) -> None:
    rules = "tolerated = 2\n"
    for day in ("2027-01-31", '"2027-01-31"', "'2027-01-31'"):
        assert read(tmp_path, PAIN.replace("2027-01-31", day) + rules).review_on == "2027-01-31"


def test_monitored_rules_end_with_their_last_day(tmp_path: Path) -> None:
    routine = read(tmp_path, PAIN + "tolerated = 2\n")
    assert rules_on(routine, "2026-11-21", strict_rules()) is routine
    assert rules_on(routine, "2027-01-31", strict_rules()) is routine, "the day itself is the last one"
    for day in ("2027-02-01", "2028-01-01", "9999-12-31"):
        after = rules_on(routine, day, strict_rules())
        assert (after.pain_policy, after.pain) == (PainPolicy.STRICT, strict_rules())
        assert (after.blocks, after.review_on) == (routine.blocks, "2027-01-31")
    undated = routine.model_copy(update={"review_on": None})
    assert rules_on(undated, "2026-11-21", strict_rules()).pain == strict_rules()
    strict = read(tmp_path, USE)
    assert rules_on(strict, "2099-01-01", strict_rules()) is strict
    for day in ("", "21.11.2026", "2026-1-2", "2027-01-31 "):
        with pytest.raises(ValueError, match="a day is written as 2026-11-21"):
            rules_on(routine, day, strict_rules())


# --- Variants ---------------------------------------------------------------------------------------------------------


def slugs(exercises: Iterable[Exercise]) -> list[str]:
    return [exercise.slug for exercise in exercises]


def test_variants_are_all_that_easier_and_harder_lead_to(tmp_path: Path) -> None:
    def variants(*used: str) -> set[str]:
        found = slugs(read(tmp_path, TOP + "".join(f"[[exercise]]\nuse = '{slug}'\n" for slug in used)).variants)
        assert len(found) == len(set(found))
        return set(found)

    assert variants("bridge") == {"small-bridge"}
    assert variants("bridge", "bridge") == {"small-bridge"}
    assert variants("seated-brace") == set()
    assert variants("supine-brace") == {"pelvic-tilt", "advanced-pelvic-tilt"}
    assert variants("pelvic-tilt") == {"supine-brace", "advanced-pelvic-tilt"}
    assert variants("supine-brace", "pelvic-tilt") == {"advanced-pelvic-tilt"}
    assert variants("bridge", "bird-dog") == {"small-bridge", "quadruped-arm-leg-raise", "quadruped-arm-reach"}


def test_a_variant_has_the_library_s_own_dose_and_rules(tmp_path: Path) -> None:
    rule = 'progress = ["after 3 sessions with pain <= 2: reps +1"]\n'
    [variant] = read(tmp_path, rule + USE + "reps = '9-12'\n").variants
    assert variant == load_exercise(SHIPPED / "exercises" / "small-bridge.toml")


def test_links_may_be_the_routine_s_own(tmp_path: Path) -> None:
    own = OWN + 'reps = 3\neasier = "heel-slide"\nharder = "c"\n'
    routine = read(tmp_path, TOP + own + OWN.replace('"B"', '"C"') + "reps = 5\n")
    assert slugs(routine.variants) == ["heel-slide", "hook-lying-march"]
    assert read(tmp_path, USE + 'easier = "heel-slide"\n').variants[0].slug == "heel-slide"


def chain(folder: Path, length: int, *, ring: bool = False) -> None:
    for number in range(length):
        onward = f'harder = "e{(number + 1) % length}"\n' if ring or number + 1 < length else ""
        text = f'name = "E"\nposition = "prone"\nexit = "Rest."\nreps = 3\n{onward}'
        (folder / f"e{number}.toml").write_text(text)


def test_links_in_a_ring_come_to_an_end(tmp_path: Path, library: Library) -> None:
    chain(tmp_path / "own" / "exercises", 5, ring=True)
    routine = read(tmp_path, TOP + '[[exercise]]\nuse = "e2"\n', library)
    assert slugs(routine.variants) == ["e3", "e4", "e0", "e1"]


def test_a_chain_of_links_is_followed_so_far_and_no_further(tmp_path: Path, library: Library) -> None:
    chain(tmp_path / "own" / "exercises", MOST_VARIANTS + 2)
    said = refusal(tmp_path, TOP + '[[exercise]]\nuse = "e0"\n', library)
    assert said.startswith(f"own/exercises/e{MOST_VARIANTS}.toml:5: harder = "), said
    assert f"lead to more than {MOST_VARIANTS} exercises" in said
    assert len(read(tmp_path, TOP + '[[exercise]]\nuse = "e1"\n', library).variants) == MOST_VARIANTS


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def read_it(path: Path, *rest: Any) -> Any:
        seen.append(path.name)
        return read_toml(path, *rest)

    monkeypatch.setattr("voicecoach.loading.source.read_toml", read_it)
    strict_rules()
    seen.clear()
    read(tmp_path, TOP + "[[exercise]]\nuse = 'bird-dog'\n" * 50 + "[[exercise]]\nuse = 'bridge'\n" * 50)
    assert sorted(seen) == sorted(
        [
            "r.toml",
            "bird-dog.toml",
            "quadruped-arm-leg-raise.toml",
            "quadruped-arm-reach.toml",
            "bridge.toml",
            "small-bridge.toml",
        ]
    )


def test_a_huge_variant_is_refused(tmp_path: Path, library: Library) -> None:
    huge = 'name = "E"\nposition = "prone"\nexit = "Rest."\nreps = 100\nsets = 20\nhold = "10 min"\n'
    (tmp_path / "own" / "exercises" / "huge.toml").write_text(huge)
    said = refusal(tmp_path, USE + 'harder = "huge"\n', library)
    assert "huge, an easier or harder form, asks for 333 hours of effort" in said


def test_links_of_a_file_of_the_library_are_checked_where_the_library_is_known(
    tmp_path: Path, library: Library
) -> None:
    file = tmp_path / "own" / "exercises" / "mine.toml"
    file.write_text('name = "Mine"\nposition = "prone"\nexit = "Rest."\nreps = 3\n\neasier = "small-brige"\n')
    assert load_exercise(file).easier == "small-brige"
    with pytest.raises(RoutineError, match=r"mine\.toml:6:10: easier = .*did you mean 'small-bridge'"):
        load_exercise(file, library)
    assert load_exercise(SHIPPED / "exercises" / "bridge.toml", library).easier == "small-bridge"


# --- Progress ---------------------------------------------------------------------------------------------------------

REPS = "after 3 sessions with pain <= 2: reps +1"
HOLD = "after 4 sessions with pain <= 1: hold +2 s"
SETS = "after 6 sessions with pain <= 2: sets +1"
TIME = "after 2 sessions with pain <= 0: time +5 s"
BREATHS = "after 1 session with pain <= 5: hold +1 breath"


def test_the_routine_s_rules_go_to_every_exercise_that_has_the_measure(tmp_path: Path) -> None:
    head = f'progress = ["{REPS}", "{HOLD}", "{BREATHS}", "{TIME}", "{SETS}"]\n' + TOP
    used = ("bridge", "bird-dog", "knee-to-chest", "hook-lying-march", "prone-arm-leg-raise")
    routine = read(tmp_path, head + "".join(f"[[exercise]]\nuse = '{slug}'\n" for slug in used))
    assert [str(rule) for rule in routine.progress] == [REPS, HOLD, BREATHS, TIME, SETS]
    assert {e.slug: [str(rule) for rule in e.progress] for e in routine.exercises} == {
        "bridge": [REPS, HOLD],
        "bird-dog": [REPS, BREATHS],
        "knee-to-chest": [HOLD],
        "hook-lying-march": [TIME, SETS],
        "prone-arm-leg-raise": [REPS],
    }


def test_an_exercise_s_own_rules_take_the_place_of_the_routine_s(tmp_path: Path) -> None:
    head = f'progress = ["{REPS}"]\n' + USE
    text = head + f'[[exercise]]\nuse = "bridge"\nprogress = ["{HOLD}"]\n[[exercise]]\nuse = "bridge"\nprogress = []\n'
    assert [[str(rule) for rule in e.progress] for e in read(tmp_path, text).exercises] == [[REPS], [HOLD], []]


def test_the_library_s_rules_hold_as_far_as_they_fit(tmp_path: Path, library: Library) -> None:
    text = 'name = "Mine"\nposition = "prone"\nexit = "Rest."\nreps = "3-5"\nhold = "5-9 s"\n'
    (tmp_path / "own" / "exercises" / "mine.toml").write_text(text + f'progress = ["{REPS}", "{HOLD}"]\n')

    def rules(entry: str, head: str = "") -> list[str]:
        [exercise] = read(tmp_path, head + TOP + f'[[exercise]]\nuse = "mine"\n{entry}\n', library).exercises
        return [str(rule) for rule in exercise.progress]

    assert rules("") == [REPS, HOLD]
    assert rules("reps = 1") == [HOLD]
    assert rules('time = "20 s"') == []
    assert rules('time = "20-40 s"', f'progress = ["{TIME}"]\n') == [TIME]
    assert rules("", f'progress = ["{REPS}"]\n') == [REPS], "the library's are replaced as a whole"
    assert rules("sets = '1-2'", f'progress = ["{SETS}"]\n') == [SETS]
