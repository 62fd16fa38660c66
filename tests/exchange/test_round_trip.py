"""A routine given away as Markdown and taken over again is the same routine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.exchange.desk import Taken
from tests.exchange.routines import EVERYTHING, MONITORED, NASTY, SHIPPED, compiled, routine, shipped_routine
from voicecoach.core.dose import Dose
from voicecoach.core.routine import Block, Manner, PainPolicy, Routine
from voicecoach.exchange.markdown_page import as_markdown


def kept(made: Routine) -> dict[str, Any]:
    """Everything but the name of the file, and the routine's own rules, which stand with each exercise they move."""
    table = made.model_dump(exclude={"slug", "progress"})
    for dose in [exercise["dose"] for block in table["blocks"] for exercise in block["exercises"]]:
        dose["assumed"] = dose["assumed"] or False  # nothing is, whether nobody said so or nothing of it is left
    return table


FORMS = "the easier and harder forms themselves: their names are in it, for a library that has them"
GROWING = "the routine's own rules of growing stand with each exercise that they move"


@pytest.mark.parametrize("name", [*SHIPPED, "everything"])
def test_what_is_given_away_comes_back_whole(tmp_path: Path, name: str) -> None:
    before = routine(tmp_path, EVERYTHING) if name == "everything" else shipped_routine(name)
    page = as_markdown(before)
    taken = Taken(tmp_path, f"{name}.md", page.data.decode())
    assert kept(taken.routine) == kept(before)
    assert (taken.made.assumed, taken.made.lost) == ((), ())
    assert set(page.lost) <= {FORMS, GROWING}
    again = as_markdown(taken.routine.model_copy(update={"slug": before.slug}))
    assert again.data == page.data
    assert [compiled(one).seconds for one in (taken.routine, before)] == [compiled(before).seconds] * 2


def test_everything_is_every_noun(tmp_path: Path) -> None:
    made = routine(tmp_path, EVERYTHING)
    assert {block.style for block in made.blocks} == {None, *Manner}
    for noun, keys in (
        (made.blocks, Block.model_fields.keys()),
        ([exercise.dose for exercise in made.exercises], Dose.model_fields.keys() - {"open", "assumed"}),
        (made.exercises, {"timed_cues", "cues", "limbs", "order"}),
        ([made], {"verbosity", "voice", "equipment", "welcome", "opening", "hold_after_pause"}),
    ):
        for key in keys:
            values = [getattr(one, key) for one in noun]
            assert any(value != type(noun[0]).model_fields[key].default for value in values), key


def test_doses_and_blocks_are_written_as_a_physio_would(tmp_path: Path) -> None:
    page = as_markdown(routine(tmp_path, EVERYTHING)).data.decode()
    for line in (
        "- How much: 3 x 6/4/2, hold 10 s, rest 30/20 s",
        "- How much: 3 x 5-8 breaths, rest 12.5 s, rest 60 s after",
        "- How much: 2 x amrap 60/45 s",
        "- Said at a moment:\n  - half: Half: go on.\n  - \\-5 s: Nearly.",
        "## On the minute (2 rounds)\n\n- Done as: emom\n- Every: 90 s\n- Lasts: 360 s\n",
        "## As you like (10 rounds) (as many rounds as you like)\n\n- Done as: amrap\n- Lasts: 600 s\n",
        "- Shuffled: yes",
    ):
        assert line in page, line


def test_nothing_in_a_text_becomes_markup(tmp_path: Path) -> None:
    before = routine(tmp_path, NASTY)
    page = as_markdown(before).data.decode()
    after = Taken(tmp_path, "nasty.md", page).routine
    assert kept(after) == kept(before)


def test_what_a_prescriber_allows_is_read_but_not_taken_over(tmp_path: Path) -> None:
    given = as_markdown(routine(tmp_path, MONITORED))
    assert (
        "Dr. Ada Example allows pain up to 3 of 10 until 2027-01-31; above 4 the session is over."
        in given.data.decode()
    )
    assert any("not imported again" in sentence for sentence in given.lost)
    taken = Taken(tmp_path, "m.md", given.data.decode())
    assert taken.routine.pain_policy is PainPolicy.STRICT
    assert taken.routine.prescriber == "Dr. Ada Example"
    assert "# Dr. Ada Example allows pain up to 3 of 10" in taken.made.text
    assert taken.routine.summary is None
    assert "what the prescriber allows of pain: who prescribes it must write it again" in taken.made.lost


def test_an_exercise_keeps_the_name_under_which_it_is_locked(tmp_path: Path) -> None:
    before = shipped_routine("spine-support")
    page = as_markdown(before).data.decode()
    assert "- Kept as: prone-arm-leg-raise" in page
    assert 'use = "prone-arm-leg-raise"' in Taken(tmp_path, "s.md", page).made.text
    elsewhere = Taken(tmp_path, "s.md", page.replace("prone-arm-leg-raise", "an-exercise-of-mine"))
    assert "its locks and how it has grown are under that name" in elsewhere.lost
