"""A dose as a physiotherapist jots it down: what it means, and at which character it goes wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.core.amounts import Hold, Range, Tempo
from voicecoach.core.dose import DOSE_KEYS
from voicecoach.core.shorthand import LONGEST_DOSE, read_dose
from voicecoach.core.writing import WritingError

SIDES = ("right side", "left side")


def one(value: float) -> Range:
    return Range(value, value)


@pytest.mark.parametrize(
    ("text", "fields", "limbs"),
    [
        (
            "2 x 3-5 each side, hold 3 breaths, rest 30 s",
            {"sets": one(2), "reps": Range(3, 5), "hold": Hold(one(3), breaths=True), "rest": one(30)},
            SIDES,
        ),
        ("2x10", {"sets": one(2), "reps": one(10)}, ()),
        ("3 \u00d7 8 reps", {"sets": one(3), "reps": one(8)}, ()),
        ("3 sets of 8 to 10 Repetitions", {"sets": one(3), "reps": Range(8, 10)}, ()),
        ("2-3 sets; 12 times", {"sets": Range(2, 3), "reps": one(12)}, ()),
        ("10 each leg, tempo 2-0-2-1", {"reps": one(10), "tempo": Tempo(2, 0, 2, 1)}, ("right leg", "left leg")),
        ("6/4/2, hold 10 s", {"reps": [one(6), one(4), one(2)], "hold": Hold(one(10))}, ()),
        ("30/20/10 s, rest 30/45 s", {"time": [one(30), one(20), one(10)], "rest": [one(30), one(45)]}, ()),
        ("2 x 30 s hold", {"sets": one(2), "hold": Hold(one(30))}, ()),
        ("3 x hold 10-20 s per side", {"sets": one(3), "hold": Hold(Range(10, 20))}, SIDES),
        ("1:30, rest after 1 min", None, ()),
        ("1:30, rest 1 min after", {"time": one(90), "rest_after": one(60)}, ()),
        ("5 breaths each", {"breaths": one(5)}, SIDES),
        ("2 x amrap in 60 s", {"sets": one(2), "amrap": one(60)}, ()),
        ("until done", {"open": True}, ()),
        (
            "5, rest 2 s between reps, rest 5 s between sides, rest 1 min between sets",
            {"reps": one(5), "rest_between_reps": one(2), "rest_between_sides": one(5), "rest": one(60)},
            (),
        ),
    ],
)
def test_a_dose_in_shorthand(text: str, fields: dict[str, object] | None, limbs: tuple[str, ...]) -> None:
    if fields is None:
        with pytest.raises(WritingError):
            read_dose(text)
        return
    found = read_dose(text)
    assert (found.fields, found.limbs) == (fields, limbs)
    assert found.offsets.keys() == fields.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # The place is marked: what is wrong begins behind the bar.
        (
            "2 x 3-5 each side, hold 3 |breathes, rest 30 s",
            'a unit stands here; allowed: "5 s", "5-10 s" or "3 breaths"',
        ),
        ("2 x 3-5 each |sid, hold 3 breaths", "each what; allowed: side, arm, leg"),
        ("2 x|", "a number, or one of the words"),
        ("|", "a number, or one of the words"),
        ("5 x |120", "reps must be from 1 to 100"),
        ("|30 x 10", "sets must be from 1 to 20"),
        ("hold 30|", "a unit stands here"),
        ("hold |long", "a number stands here"),
        ("6-4|-2, hold 10 s", "figures for each set are written 6/4/2"),
        ("8, |9", "reps is given for the second time"),
        ("|6-4", "a range runs from low to high"),
        ("6/|400/2", "reps must be from 1 to 100"),
        ("|2/3 x 5", "sets is one number"),
        ("3 x 10, rest 30 s |rest 20 s", "a comma stands between"),
        ("hold 5 s, |hold 6 s", "hold is given for the second time"),
        ("5 each side, hold 5 s |each side", "the sides are named for the second time"),
        ("10, tempo |2-0-2, rest 1 min", "four phases in seconds"),
        ("10, rest 5 s between |meals", "between what; allowed: sets, reps, sides"),
        ("10 each side,|", "a number, or one of the words"),
        ("|ten", "a number, or one of the words"),
        ("5 |\u0000", "a comma stands between"),
        ("10, hold |0 s", "a hold in seconds must be from 1 to 600"),
        ("x" * LONGEST_DOSE + "|x", "longer than 200 characters"),
    ],
)
def test_what_is_wrong_is_wrong_at_a_character(text: str, words: str) -> None:
    with pytest.raises(WritingError) as caught:
        read_dose(text.replace("|", ""))
    assert words in str(caught.value)
    assert caught.value.offset == text.index("|")


PIECES = st.sampled_from(
    [
        *[
            "2",
            "3-5",
            "6/4/2",
            "1:30",
            "x",
            "each",
            "side",
            "hold",
            "rest",
            "s",
            "min",
            "breaths",
            ",",
            "tempo",
            "2-0-2-1",
            "amrap",
            "between",
            "sets",
            "after",
            "-",
            "/",
        ],
        *("until done", "\u00b2", "9" * 30, "\n", " "),
    ]
)


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=40))
def test_whatever_is_written_is_a_dose_or_wrong_at_one_of_its_characters(text: str) -> None:
    try:
        found = read_dose(text).fields
        wrong = 0
    except WritingError as error:
        found, wrong = {}, error.offset
    assert 0 <= wrong <= len(text)
    assert found.keys() <= DOSE_KEYS
