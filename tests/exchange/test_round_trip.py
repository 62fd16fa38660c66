"""A routine given away as Markdown and taken over again is the same routine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.exchange.desk import Taken
from tests.exchange.routines import MONITORED, NASTY, SHIPPED, routine, shipped_routine
from voicecoach.core.routine import PainPolicy, Routine
from voicecoach.exchange.given import beyond_a_list
from voicecoach.exchange.handout import as_handout
from voicecoach.exchange.markdown_page import as_markdown


def kept(made: Routine) -> dict[str, Any]:
    """Everything but the name of the file, and the routine's own rules, which stand with each exercise they move."""
    return made.model_dump(exclude={"slug", "progress"})


PLAIN = [name for name in SHIPPED if not beyond_a_list(shipped_routine(name))]


def test_what_a_list_cannot_say_is_said_to_be_lost() -> None:
    assert set(SHIPPED) - set(PLAIN) == {
        "big-three",
        "run-walk-1",
        "seven-minute-circuit",
        "four-minute-intervals",
        "yoga-flow",
    }
    for name in set(SHIPPED) - set(PLAIN):
        written = shipped_routine(name)
        for made in (as_markdown(written), as_handout(written, 60.0)):
            assert set(beyond_a_list(written)) <= set(made.lost)
    assert "3 x 6/4/2 each" in as_markdown(shipped_routine("big-three")).data.decode()


@pytest.mark.parametrize("name", PLAIN)
def test_what_ships_comes_back_whole(tmp_path: Path, name: str) -> None:
    before = shipped_routine(name)
    taken = Taken(tmp_path, f"{name}.md", as_markdown(before).data.decode())
    assert kept(taken.routine) == kept(before)
    assert (taken.made.assumed, taken.made.lost) == ((), ())


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
    assert "allows pain up to 3 of 10" in "".join(taken.made.text.splitlines()[:4]) + str(taken.routine.summary)


def test_an_exercise_keeps_the_name_under_which_it_is_locked(tmp_path: Path) -> None:
    before = shipped_routine("spine-support")
    page = as_markdown(before).data.decode()
    assert "- Kept as: prone-arm-leg-raise" in page
    assert 'use = "prone-arm-leg-raise"' in Taken(tmp_path, "s.md", page).made.text
    elsewhere = Taken(tmp_path, "s.md", page.replace("prone-arm-leg-raise", "an-exercise-of-mine"))
    assert "its locks and how it has grown are under that name" in elsewhere.lost
