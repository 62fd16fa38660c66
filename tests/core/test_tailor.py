"""A routine as one person plays it today: what is left out, what has moved, and what comes back to be told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.core.world import exercise, routine
from voicecoach.core.compiler import compile_routine
from voicecoach.core.dose import Range
from voicecoach.core.person import Lock, Person
from voicecoach.core.program import Style
from voicecoach.core.routine import Block, Routine
from voicecoach.core.tailor import Moved, Tailored, tailor

REPS = ("after 3 sessions with pain <= 2: reps +1",)
A = exercise("a", reps="3-5", progress=REPS, say_as="The A")
B = exercise("b", reps="3-5", progress=REPS, easier="c", harder="d")
C = exercise("c", reps=4, progress=REPS, harder="b")
D = exercise("d", reps=4, easier="b")


def locked(*slugs: str) -> Person:
    return Person(locks=tuple(Lock(slug, "pain", "2026-11-20", 4) for slug in slugs))


def made(*blocks: tuple[str, ...]) -> Routine:
    known = {"a": A, "b": B}
    parts = tuple(
        Block(exercises=tuple(known[slug] for slug in block), repeat=number + 1) for number, block in enumerate(blocks)
    )
    return routine(A).model_copy(update={"blocks": parts, "variants": (C, D)})


def played(tailored: Tailored) -> list[str]:
    """The exercises that a program made of it holds."""
    made = compile_routine(tailored.routine, style=Style(left_out=tailored.left_out))
    return list(dict.fromkeys(made.exercises[step.place.exercise].slug for step in made.steps if step.place))


def test_a_stranger_plays_the_routine_as_it_is() -> None:
    written = made(("a", "b"))
    tailored = tailor(written, Person(), {})
    assert (tailored.routine, tailored.moved, tailored.locked) == (written, (), ())


def test_what_is_locked_is_left_out_and_told_once() -> None:
    tailored = tailor(made(("a", "b"), ("b", "a", "b")), locked("b", "elsewhere"), {})
    assert played(tailored) == ["a"]
    assert tailored.left_out == {1, 2, 4}
    assert tailored.locked == (Lock("b", "pain", "2026-11-20", 4),)


def test_a_block_of_nothing_but_locked_exercises_is_passed_over() -> None:
    tailored = tailor(made(("a",), ("b", "b"), ("a", "b")), locked("b"), {})
    assert played(tailored) == ["a"]


def test_where_everything_is_locked_there_is_nothing_to_play() -> None:
    tailored = tailor(made(("b", "a"), ("b",)), locked("a", "b"), {"a": 1})
    assert not tailored.playable
    assert [lock.exercise for lock in tailored.locked] == ["b", "a"], "in the order of the routine"
    assert tailored.moved == ()


def test_doses_stand_where_earlier_sessions_moved_them() -> None:
    tailored = tailor(made(("a", "b", "a")), Person(), {"a": 1, "b": 0, "elsewhere": 3})
    assert [str(one.dose.reps) for one in tailored.routine.exercises] == ["4-5", "3-5", "4-5"]
    new = A.dose.model_copy(update={"reps": Range(4, 5, 3)})
    assert tailored.moved == (Moved("a", "The A", A.dose, new),), "the same change is told once"


def test_two_doses_of_one_exercise_both_move() -> None:
    other = exercise("a", reps="6-9", progress=REPS)
    tailored = tailor(routine(A, other), Person(), {"a": -1})
    assert [(str(m.old.reps), str(m.new.reps)) for m in tailored.moved] == [("3-5", "2-5"), ("6-9", "5-9")]


def test_a_level_that_moves_nothing_is_not_told() -> None:
    assert tailor(routine(D), Person(), {"d": 3}).moved == ()


def test_easier_and_harder_never_lead_to_what_is_locked() -> None:
    tailored = tailor(made(("a", "b")), locked("c"), {}).routine
    assert [(one.slug, one.easier, one.harder) for one in tailored.exercises] == [("a", None, None), ("b", None, "d")]
    assert [one.slug for one in tailored.variants] == ["d"]
    assert tailored.variants[0].easier == "b"
    assert tailor(made(("a", "b")), locked("b"), {}).routine.variants[0].harder is None


def test_a_variant_stands_at_its_level_untold() -> None:
    tailored = tailor(made(("b",)), Person(), {"c": 1})
    assert str(tailored.routine.variants[0].dose.reps) == "5"
    assert tailored.moved == ()


def test_a_tailored_routine_is_played() -> None:
    tailored = tailor(made(("a", "b")), locked("b"), {"a": 2})
    assert played(tailored) == ["a"]
    assert compile_routine(tailored.routine).exercises[0].dose.reps == Range(5, 5, 3)


@given(
    st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(tuple), min_size=1, max_size=4),
    st.sets(st.sampled_from("abcd")),
    st.dictionaries(st.sampled_from("abcd"), st.integers(-4, 9)),
)
def test_nothing_locked_is_ever_played(blocks: list[tuple[str, ...]], locks: set[str], levels: dict[str, int]) -> None:
    tailored = tailor(made(*blocks), locked(*locks), levels)
    written = {slug for block in blocks for slug in block}
    assert {lock.exercise for lock in tailored.locked} == written & locks
    assert tailored.playable == (not written <= locks)
    if tailored.playable:
        assert not locks & set(played(tailored))
    reachable = (*(one for one in tailored.routine.exercises if one.slug not in locks), *tailored.routine.variants)
    assert not locks & {one.slug for one in tailored.routine.variants}
    assert not locks & {link for one in reachable for link in (one.easier, one.harder) if link}
