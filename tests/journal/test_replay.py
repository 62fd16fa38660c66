"""A replay is the session: any journal, read back, gives the same effects and leads to the same state."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.core.world import World, exercise, routine
from tests.journal.stored import header, keep, played
from voicecoach.core.events import Command, Deafened, Event, Hearing, Overheard, Spoken, Tick
from voicecoach.core.person import LastPain, Person, Talk
from voicecoach.core.routine import Routine
from voicecoach.journal.codec import Header, UnreadableError
from voicecoach.journal.replay import program_of, replay
from voicecoach.journal.store import Recording, Store
from voicecoach.journal.writer import Played

ROUTINES: dict[str, Routine] = {
    "holds": routine(exercise("bridge", reps=2, hold="5 s", sets=2, rest="20 s"), exercise("plank", hold="30 s")),
    "continue": routine(exercise("bridge", reps=2, hold="5 s"), hold_after_pause="continue", opening="ready"),
    "sides": routine(
        exercise("dog", reps=2, hold="2 breaths", limbs=("right", "left")),
        exercise("arm", reps=2, hold="5 s", limbs=("right", "left"), order="complete"),
    ),
    "open": routine(exercise("walk", open=True), exercise("march", time="30 s", cues=("Breathe.",)), opening="ready"),
}
PEOPLE = [
    Person(),
    Person(agreed=True, known=frozenset({"bridge", "dog"}), talk=Talk.LESS, volume=0.5),
    Person(agreed=True, last_pain=LastPain("bridge", "Bridge", 4), pains_today=1, speech_rate=0.85),
]
MOMENTS = st.one_of(st.floats(0, 2), st.floats(0, 60), st.just(0.6))
HAPPENINGS = st.one_of(
    st.tuples(MOMENTS, st.sampled_from(Command)),
    st.tuples(MOMENTS, st.sampled_from([Command.PAIN, Command.PAUSE, Command.RESUME, Command.NEXT, Command.READY])),
    st.tuples(
        MOMENTS,
        st.builds(Tick, st.just(0.0), st.floats(0, 5))
        | st.builds(Deafened, st.just(0.0))
        | st.builds(Hearing, st.just(0.0))
        | st.builds(Overheard, st.just(0.0), st.text(max_size=4))
        | st.builds(Spoken, st.just(0.0), st.integers(0, 30), st.booleans()),
    ),
)


def stored(path: Path, of: Header, what: list[Played]) -> Recording:
    keep(path, of, what)
    store = Store.open(path)
    try:
        return store.recording(1)
    finally:
        store.close()


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(ROUTINES)),
    attended=st.booleans(),
    person=st.sampled_from(PEOPLE),
    happenings=st.lists(HAPPENINGS, max_size=25),
    rest=st.floats(0, 120),
)
def test_any_session_replays_to_the_same_effects_and_the_same_state(
    name: str, attended: bool, person: Person, happenings: list[tuple[float, Command | Event]], rest: float
) -> None:
    of = header(ROUTINES[name])
    of = replace(
        of, person=person, room=replace(of.room, attended=attended, ask_effort=attended, check_hearing=attended)
    )
    world = World(program_of(of), person=of.person, room=of.room)
    for seconds, what in happenings:
        world.wait(seconds)
        world.say(what) if isinstance(what, Command) else world.give(replace(what, at=world.now))
    world.wait(rest)
    handed = [(event, effects) for _, event, effects in world.log]
    if world.session.over:
        handed = handed[: 1 + next(n for n, (_, effects) in enumerate(handed) if "End(" in repr(effects))]
    with tempfile.TemporaryDirectory() as folder:
        recording = stored(Path(folder) / "journal.db", of, handed)
    session, again = replay(recording)
    assert again == handed
    assert repr(again) == repr(handed)
    if len(handed) == len(world.log):
        assert session.state == world.session.state


def test_every_beginning_of_a_session_can_be_replayed(tmp_path: Path) -> None:
    what = played(
        header(), 0.0, (3.0, Command.PAUSE), (9.0, Command.RESUME), (30.0, Command.PAIN), (50.0, Command.RESUME)
    )
    keep(tmp_path / "journal.db", header(), what)
    whole = Store.open(tmp_path / "journal.db").recording(1)
    last = "End(" in repr(what[-1])
    for end in range(1, len(what) + 1):
        cut = Recording(whole.header, whole.events[:end], whole.checksums[:end])
        session, again = replay(cut)
        assert again == what[:end]
        assert session.over == (last and end == len(what))


def test_a_session_that_would_go_otherwise_today_is_refused(tmp_path: Path) -> None:
    what = played(header(), 40.0)
    changed = [(event, effects if n != 7 else (*effects, *effects)) for n, (event, effects) in enumerate(what)]
    assert changed != what
    keep(tmp_path / "journal.db", header(), changed)
    with pytest.raises(UnreadableError, match="which decided otherwise than this version would at"):
        replay(Store.open(tmp_path / "journal.db").recording(1))


def test_a_language_that_is_gone_is_refused(tmp_path: Path) -> None:
    keep(tmp_path / "journal.db", replace(header(), language="xx"), played(header(), 5.0))
    with pytest.raises(UnreadableError, match="no language 'xx'"):
        replay(Store.open(tmp_path / "journal.db").recording(1))


def test_a_session_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no session 7"):
        Store.open(tmp_path / "journal.db").recording(7)
