"""The loop idle, session, idle, with a world that is made up: what comes between two of them is lost in neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.drives import BLOCK, RATE, FakeDrive, FakeEar
from voicecoach.appliance.clock import clock_from
from voicecoach.appliance.offered import menu_of, offered
from voicecoach.appliance.serving import Outside, Serving
from voicecoach.config import Loaded, load_config
from voicecoach.core.events import URGENT, Command, Heard, Wanted
from voicecoach.drive import Arrival
from voicecoach.host import CannotGoOnError
from voicecoach.journal.keeper import Keeper
from voicecoach.language import load_language
from voicecoach.ports import Audio
from voicecoach.record import Record
from voicecoach.rehearsal import Scripted
from voicecoach.rig import Rig
from voicecoach.speech.mixer import Mixer


class StandingEar(FakeEar):
    """An ear that may listen for what is said between sessions."""

    unheard: frozenset[str] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.standing: list[bool] = []

    def stand_by(self, on: bool) -> None:
        self.standing.append(on)
        self.live.clear()


@dataclass
class Home:
    """A coach that serves, and everything that it tells."""

    loaded: Loaded
    said: tuple[Scripted, ...]
    drive: FakeDrive = field(default_factory=lambda: FakeDrive(Mixer(RATE, BLOCK), ear=StandingEar()))
    told: list[Record] = field(default_factory=list)
    rendered: int = 0

    def __post_init__(self) -> None:
        language = load_language("en")
        rig = SimpleNamespace(
            ear=self.drive.ear,
            mixer=self.drive.mixer,
            attended=True,
            rebuild=None,
            keys=False,
            drive=lambda: self.drive,
        )
        rig.speaker = rig.microphone = SimpleNamespace(live=False, rate=RATE)
        offers, _ = offered(self.loaded, language)
        outside = Outside(
            keeping=self.keeping,
            prepare=self.prepare,
            listeners=lambda _: [self.told.append],
            tell=lambda _: None,
            wall=clock_from(datetime(2026, 11, 23, 12, 0)),  # noqa: DTZ001 - a clock on a wall
            say=self.said,
        )
        menu = menu_of(self.loaded, language, offers)
        self.serving = Serving(self.loaded, language, cast("Rig", rig), menu, outside)

    @contextmanager
    def keeping(self) -> Iterator[Keeper]:
        keeper = Keeper(None)
        yield keeper
        keeper.close()

    def prepare(self, texts: Iterable[str]) -> Mapping[str, Audio]:
        assert list(texts)
        self.rendered += 1
        return {}

    def of(self, event: str) -> list[Record]:
        return [entry for entry in self.told if entry["event"] == event]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load_config(env={}, user=tmp_path / "none")


def start(at: float, name: str = "start first steps") -> Scripted:
    return Scripted(Command.START, at, name)


def test_pain_is_heard_while_the_lines_of_a_session_are_rendered(loaded: Loaded) -> None:
    home = Home(loaded, (start(20.0),))
    ear = cast("StandingEar", home.drive.ear)
    heard: list[frozenset[Command]] = []

    def prepare(texts: Iterable[str]) -> Mapping[str, Audio]:
        if home.prepare(texts) == {} and home.rendered > 1:
            heard.extend(ear.live[-1:])
            home.drive.arrivals.append((home.drive.now, Heard(home.drive.now, Command.PAIN)))
        return {}

    object.__setattr__(home.serving._outside, "prepare", prepare)
    with pytest.raises(CannotGoOnError, match="pain"):
        home.serving.run()
    assert heard == [URGENT]
    assert ear.standing == [True, False]
    assert home.of("heard")[-1]["command"] == "pain"
    assert [entry["mode"] for entry in home.of("mode")][-1] == "pain"


def test_a_wish_at_the_end_of_a_session_is_granted_behind_it(loaded: Loaded) -> None:
    home = Home(loaded, (start(20.0), Scripted(Command.END, 40.0), Scripted(Command.YES, 50.0)))
    advance, wished = home.drive.advance, False

    def wish(until: float | None, *, in_need: bool = False) -> list[Arrival]:
        nonlocal wished
        if home.told and home.told[-1]["event"] == "end" and not wished:
            wished = True
            return [Wanted(home.drive.now, "gentle-start", "button")]
        return advance(until, in_need=in_need)

    home.drive.advance = wish  # type: ignore[method-assign]
    with pytest.raises(CannotGoOnError):  # nobody is left to lead the second one on
        home.serving.run()
    started = [entry["routine"] for entry in home.of("standby") if entry["state"] == "starting"]
    assert started == ["first-steps", "gentle-start"]


def test_what_has_just_been_played_is_not_asked_for_again(tmp_path: Path) -> None:
    asking = {"serve.timetable": ["daily 12:01 first-steps"]}
    loaded = load_config(env={}, user=tmp_path / "none", options=asking)
    end = (Scripted(Command.END, 100.0), Scripted(Command.YES, 110.0), Scripted(Command.STOP, 200.0))
    home = Home(loaded, (start(20.0), *end))
    home.serving.run()
    asked = [entry["routine"] for entry in home.of("standby") if entry["state"] == "asking"]
    assert asked == []
    other = Home(loaded, (start(20.0, "start desk break"), *end))
    other.serving.run()
    assert [entry["routine"] for entry in other.of("standby") if entry["state"] == "asking"] == ["first-steps"]


def test_the_day_is_that_of_the_clock_on_the_wall(loaded: Loaded) -> None:
    home = Home(loaded, ())
    assert home.serving._today() == date(2026, 11, 23)
