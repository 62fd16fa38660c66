"""Blocks with a style as people write them: what is filled in, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loading.test_loading import BLOCK, read, refusal

USE = '[[block.exercise]]\nuse = "bridge"\n'
SLIDE = '[[block.exercise]]\nuse = "heel-slide"\n'


def test_a_tabata_needs_no_figure_at_all(tmp_path: Path) -> None:
    block = read(tmp_path, BLOCK + 'style = "tabata"\n' + USE + SLIDE).blocks[0]
    assert (block.repeat, block.rest_between.low if block.rest_between else None) == (4, 10)
    for exercise in block.exercises:
        assert exercise.dose.time
        assert (exercise.dose.time.low, exercise.dose.reps, exercise.dose.hold) == (20, None, None)


def test_what_stands_in_a_tabata_takes_the_place_of_the_twenty_seconds(tmp_path: Path) -> None:
    text = BLOCK + 'style = "tabata"\nrepeat = 6\nrest_between = "15 s"\nrest = "1 min"\n' + USE + 'time = "40 s"\n'
    block = read(tmp_path, text).blocks[0]
    assert block.exercises[0].dose.time
    assert (block.repeat, block.exercises[0].dose.time.low) == (6, 40)


def test_sets_and_rests_of_the_library_give_way_to_the_block(tmp_path: Path) -> None:
    folder = tmp_path / "exercises"
    folder.mkdir()
    own = (
        'name = "Dip"\nposition = "standing"\nexit = "Stand."\nreps = 5\nsets = 3\nrest = "40 s"\nassumed = ["sets"]\n'
    )
    (folder / "dip.toml").write_text(own, "utf-8")
    from voicecoach.loading.library import Library
    from voicecoach.shipped import shipped

    library = Library((tmp_path, shipped("routines")))
    dose = read(tmp_path, BLOCK + 'style = "circuit"\n[[block.exercise]]\nuse = "dip"\n', library).exercises[0].dose
    assert (dose.sets.low, dose.rest, dose.assumed) == (1, None, ())
    assert read(tmp_path, BLOCK + '[[block.exercise]]\nuse = "dip"\n', library).exercises[0].dose.sets.low == 3


def test_an_emom_counts_its_rounds_from_its_length(tmp_path: Path) -> None:
    block = read(tmp_path, BLOCK + 'style = "emom"\nlasts = "6 min"\n' + (USE + "reps = 3\nhold = '5 s'\n") * 2).blocks[
        0
    ]
    assert (block.repeat, block.every.low if block.every else None) == (3, 60)


REFUSED = {
    "no such style": (
        'style = "tabatta"\n' + USE,
        ('r.toml:3: style = "tabatta": this is not one of the words allowed; did you mean \'tabata\'? (allowed: circuit, '
        "superset, emom, tabata, amrap)"),
    ),
    "sets in a circuit": (
        'style = "circuit"\n' + USE + "sets = 2\n",
        "r.toml:6: sets = 2: in a block of the style circuit this is the block's (allowed: repeat)",
    ),
    "a rest in a tabata": (
        'style = "tabata"\n' + USE + "rest_after = 5\n",
        ("r.toml:6: rest_after = 5: in a block of the style tabata this is the block's (allowed: rest, rest_between, or "
        "the beat of the block)"),
    ),
    "repetitions in a tabata": (
        'style = "tabata"\n' + USE + "reps = 5\n",
        'Bridge: a Tabata goes by the clock (allowed: time = "20 s", or no measure at all)',
    ),
    "work that does not fit": (
        'style = "emom"\n' + USE + 'reps = "3-5"\n',
        ("r.toml:4: Bridge takes 72 s at the high end of its dose, and every 60 s one begins (allowed: 55 s of work at "
        "most, so that some rest is left; or a larger every)"),
    ),
    "growth that does not fit": (
        'style = "emom"\nevery = "40 s"\n' + USE
        + 'reps = 2\nhold = "10 s"\nprogress = ["after 3 sessions with pain <= 2: hold +2 s"]\n',
        "r.toml:5: Bridge takes 37 s at the high end of its dose, and every 40 s one begins",
    ),
    "no whole number of rounds": (
        'style = "emom"\nlasts = "5 min"\n' + (USE + "reps = 1\n") * 2,
        ('r.toml:4: lasts = "5 min": lasts is no whole number of rounds of 120 s (2 exercises, one every 60 s) '
        '(allowed: lasts = "240 s" or "360 s")'),
    ),
    "every in a circuit": (
        'style = "circuit"\nevery = "30 s"\n' + USE,
        'r.toml:4: every = "30 s": every means nothing in circuit (allowed: it goes with style = "emom")',
    ),
    "lasts missing": (
        'style = "amrap"\n' + USE,
        'r.toml:2: lasts is missing: how long it goes on (allowed: lasts = "10 min")',
    ),
    "three in a tabata": (
        'style = "tabata"\n' + USE * 3,
        "repeat is missing: 3 exercises do not go evenly into the eight intervals of a Tabata",
    ),
    "a number as style": ("style = 3\n" + USE, "style = 3: this is not one of the words allowed"),
    "a list as lasts": ('style = "emom"\nlasts = [1]\n' + USE + "reps = 1\n", "r.toml:4: lasts = [1]: this value does not fit"),
    "shuffle as text": ('shuffle = "yes"\n' + USE, 'shuffle = "yes": this must be true or false'),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_block_that_makes_no_sense_is_refused_where_it_stands(name: str, tmp_path: Path) -> None:
    text, problem = REFUSED[name]
    assert problem in refusal(tmp_path, BLOCK + text)
