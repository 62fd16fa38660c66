"""The journal's size: the oldest sessions go, and never what the next one depends on."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.world import exercise, routine
from tests.journal.stored import BRIDGES, STARTED, header, keep, noted, played
from voicecoach.core.events import Remember
from voicecoach.core.person import LAST_PAIN, LOCK, Person
from voicecoach.core.routine import Routine
from voicecoach.journal.keeper import Keeper
from voicecoach.journal.limit import RECENT, drop_oldest, used
from voicecoach.journal.store import NAME, Store, connect
from voicecoach.journal.writer import Played, Writer

OTHERS = BRIDGES.model_copy(update={"slug": "others"})
WHOLE = played(header())
CUT = WHOLE[: len(WHOLE) // 2]
THEN = STARTED.timestamp()
LATER = THEN + 30 * 86_400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / NAME


def drop(path: Path, limit: int, now: float = LATER) -> int:
    with closing(connect(path)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        return drop_oldest(connection, limit, now)


def kept(path: Path) -> list[int]:
    with closing(Store.open(path)) as store:
        return [entry.id for entry in reversed(store.sessions())]


def fill(path: Path, number: int, what: list[Played] = WHOLE, of: Routine = BRIDGES) -> None:
    for _ in range(number):
        keep(path, header(of), what, wall=THEN)


def test_below_the_limit_nothing_goes(path: Path) -> None:
    fill(path, 3)
    assert drop(path, 10_000_000) == 0
    assert kept(path) == [1, 2, 3]


def test_the_oldest_go_with_all_that_is_theirs_until_there_is_room(path: Path) -> None:
    fill(path, 20)
    with closing(connect(path)) as connection:
        before = used(connection)
    dropped = drop(path, before - 1)
    assert 2 <= dropped <= 4, "a tenth of what there is"
    assert kept(path) == list(range(dropped + 1, 21))
    with closing(connect(path)) as connection:
        assert used(connection) <= 0.9 * before
        for table in ("event", "note"):
            assert connection.execute(f"SELECT min(session) FROM {table}").fetchone() == (dropped + 1,)  # noqa: S608
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_room_is_filled_again(path: Path) -> None:
    fill(path, 20)
    size = path.stat().st_size
    for _ in range(20):
        drop(path, 100_000)
        fill(path, 1)
    assert path.stat().st_size <= size


def test_the_last_session_stays(path: Path) -> None:
    fill(path, 3)
    drop(path, 1)
    assert kept(path) == [3]


def test_what_can_be_taken_up_stays(path: Path) -> None:
    fill(path, 1, CUT, OTHERS)
    fill(path, 1, CUT)
    fill(path, 1, CUT)
    fill(path, 2)
    drop(path, 1)
    assert kept(path) == [1, 3, 5], "the last of each routine that was cut off, and the last of all"
    keeper = Keeper(path.parent, now=lambda: STARTED)
    found = keeper.cut_off()
    assert found is not None
    assert found.entry.id == 3
    assert [event for event, _ in found.played] == [event for event, _ in CUT]
    keeper.close()


def test_what_was_played_lately_stays(path: Path) -> None:
    fill(path, 4)
    assert drop(path, 1, THEN + 47 * 3600) == 0, "two days"
    assert drop(path, 1, THEN + RECENT + 60) == 3


def test_what_is_known_of_the_person_stays_and_the_sessions_that_it_came_from(path: Path) -> None:
    hurt = noted(WHOLE, 3, Remember(f"{LOCK}bridge", "pain 4"), Remember(LAST_PAIN, "bridge"), Remember("volume", 0.3))
    fill(path, 1)
    fill(path, 1, hurt)
    fill(path, 3)
    before = _person(path)
    assert (before.volume, before.locks[0].score) == (0.3, 4)
    drop(path, 1)
    assert kept(path) == [2, 5]
    assert _person(path) == before
    with closing(Store.open(path)) as store:
        store.forget(f"{LOCK}bridge")
        store.forget(LAST_PAIN)
    drop(path, 1)
    assert kept(path) == [5], "what asks for it no more keeps it no longer"


@pytest.mark.parametrize("known", [Remember(LAST_PAIN, "bridge"), Remember(f"{LOCK}bridge", "pain 4")])
def test_the_session_of_a_pain_stays_where_only_one_of_the_two_is_known(path: Path, known: Remember) -> None:
    """An unlocking takes the lock away and leaves the last pain; a later pain elsewhere does it the other way round."""
    fill(path, 1)
    fill(path, 1, noted(WHOLE, 3, known))
    fill(path, 2)
    before = _person(path)
    drop(path, 1)
    assert kept(path) == [2, 4]
    assert _person(path) == before


def test_a_session_that_another_program_has_just_begun_stays(path: Path) -> None:
    fill(path, 1)
    keep(path, header(routine(exercise("plank"))), [], wall=THEN)
    fill(path, 2)
    drop(path, 1)
    assert kept(path) == [2, 4]


def test_a_new_session_makes_the_room_and_a_power_cut_meanwhile_leaves_all(path: Path) -> None:
    fill(path, 30)
    writer = Writer(path, clock=lambda: LATER, limit_mb=1)
    writer.begin(header())
    writer.close()
    assert len(kept(path)) == 31, "a megabyte holds thirty of these"
    keeper = Keeper(path.parent, now=lambda: STARTED + timedelta(days=30), limit_mb=0)
    assert keeper.begin(header()) is not None
    keeper.close()
    assert kept(path) == [31, 32], "the last that was cut off, and this one"
    with closing(connect(path)) as connection:  # dropped, and never committed
        connection.execute("BEGIN IMMEDIATE")
        drop_oldest(connection, 0, LATER)
    assert kept(path) == [31, 32]


def _person(path: Path) -> Person:
    keeper = Keeper(path.parent, now=lambda: STARTED)
    found = keeper.person()
    keeper.close()
    return found
