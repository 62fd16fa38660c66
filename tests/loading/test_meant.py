"""What was probably meant: by an unknown key, and by one that stands where it does not belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.shipped import shipped

LIBRARY = Library((shipped("routines"),))
OWN = 'title = "T"\n[[exercise]]\nname = "Bridge"\nposition = "supine"\nexit = "Lower your hips."\n'
ABOVE = "this belongs above the first [[exercise]] or [[block]]"


def told_of(folder: Path, text: str) -> list[str]:
    """What is wrong, without file, line and what is allowed."""
    path = folder / "r.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(path, LIBRARY)
    return [one.message.partition(" (allowed")[0] for one in caught.value.all]


@pytest.mark.parametrize(
    ("key", "ours"),
    [
        ("repetitions", "reps"), ("repeats", "reps"), ("count", "reps"), ("rep", "reps"), ("series", "sets"), ("set", "sets"),
        ("duration", "time"), ("seconds", "time"), ("tiem", "time"), ("pause", "rest"), ("side", "limbs"), ("notes", "cues"),
        ("hld", "hold"), ("description", "steps"), ("weight", ""), ("image", ""), ("url", ""), ("colour", ""), ("xyzzy", ""),
    ],
)  # fmt: skip
def test_a_guess_is_by_meaning_or_near_by_letters_or_none(tmp_path: Path, key: str, ours: str) -> None:
    guess = f"; did you mean '{ours}'?" if ours else ""
    assert told_of(tmp_path, f"{OWN}reps = 3\n{key} = 2\n") == [f"{key}: this key is not known here{guess}"]


def test_a_key_that_belongs_elsewhere_is_told_where(tmp_path: Path) -> None:
    below = OWN.removeprefix('title = "T"\n') + 'reps = 3\ntitle = "T"\nwelcome = ["Hello."]\nrepeat = 2\n'
    assert told_of(tmp_path, below) == [
        f"title: {ABOVE}",
        f"welcome: {ABOVE}",
        "repeat: this belongs to a [[block]]: below its double brackets",
    ]
    block = 'title = "T"\nreps = 3\n[[block]]\nrounds = 2\nfarewell = ["Bye."]\nhold = 3\n[[block.exercise]]\nuse = "bridge"\n'
    of_exercise = "this belongs to an exercise: below its double brackets, [[exercise]] or [[block.exercise]]"
    assert told_of(tmp_path, block) == [
        f"reps: {of_exercise}",
        "rounds: this key is not known here; did you mean 'repeat'?",
        f"farewell: {ABOVE}",
        f"hold: {of_exercise}",
    ]


def test_of_a_cue_both_the_misspelt_and_the_missing_key_are_told(tmp_path: Path) -> None:
    assert sorted(told_of(tmp_path, OWN + 'reps = 3\ncues = [{ at = "half", sya = "Half." }]\n')) == [
        "say: this key is missing",
        "sya = \"Half.\": this key is not known here; did you mean 'say'?",
    ]


# --- What does not fit together in shorthand --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dose", "column", "problem"),
    [
        ("2 x 8, 30 s", 16, "time stands alone: give either time, or reps and hold"),
        ("6/4/2, 2 sets", 16, "sets is 2, but reps has 3 values, one for each set: leave out sets"),
        ("6/4, rest 30/20/10 s", 14, "rest has 3 values for 2 sets: between them there are 1"),
        ("3 x 3, 3 breaths", 16, "breaths stands alone: leave out reps"),
        ("rest 30 s", 8, "a dose needs one of reps"),
    ],
)
def test_what_does_not_fit_in_a_dose_is_marked_in_its_text(
    tmp_path: Path, dose: str, column: int, problem: str
) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'{OWN}dose = "{dose}"\n', "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(path, LIBRARY)
    assert str(caught.value).startswith(f'{path}:6:{column}: dose = "{dose}": {problem}')
    spot = caught.value.spot
    assert spot is not None
    assert spot.width == (1 if column != 8 else len(dose) + 2)


def test_a_dose_that_does_not_fit_a_key_beside_it_is_marked_too(tmp_path: Path) -> None:
    assert told_of(tmp_path, OWN + 'dose = "3 sets"\nreps = [3, 2]\n')[0].startswith(
        'dose = "3 sets": sets is 3, but reps has 2'
    )


@pytest.mark.parametrize(
    ("line", "column", "mark"),
    [
        ("title = \u201cMy evening\u201d", 9, "\u201c"),
        ('title = "My evening\u201d', 20, "\u201d"),
        ("title = \u2018T\u2019", 9, "\u2018"),
        ('title = "T"\nwelcome = ["Hello.", \u201eGuten Tag.\u201c]', 22, "\u201e"),
        ('title = "T"\nwelcome = ["Hello.\u201d]', 19, "\u201d"),
        ("title = \u00abT\u00bb", 9, "\u00ab"),
    ],
)
def test_quotes_that_are_not_straight_are_told(tmp_path: Path, line: str, column: int, mark: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(line + '\n[[exercise]]\nuse = "bridge"\n', "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(path, LIBRARY)
    said = f'{path}:{line.count(chr(10)) + 1}:{column}: this is not TOML: {mark} is no quote here: they must be straight, "like this"'
    assert str(caught.value) == said


def test_quotes_within_a_text_may_be_of_any_kind(tmp_path: Path) -> None:
    assert told_of(tmp_path, 'title = "He said \u201cup\u201d now\n') == [
        "this is not TOML: a quote is open at the end of the line"
    ]
    path = tmp_path / "r.toml"
    path.write_text('title = "\u201cUp\u201d, it\u2019s said"\n[[exercise]]\nuse = "bridge"\n', "utf-8")
    assert load_routine(path, LIBRARY).title == "\u201cUp\u201d, it\u2019s said"
