"""The loop of an appliance with an ear and a loudspeaker that live: what is carried from idle to session to idle.

Time goes twenty times as fast: it is what the loudspeaker pulls.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast

import numpy as np
import pytest

from voicecoach.appliance.clock import real_clock
from voicecoach.appliance.names import talk_of
from voicecoach.appliance.notify import Notifier
from voicecoach.appliance.offered import menu_of, offered
from voicecoach.appliance.serving import Outside, Serving
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.cli.serve import _outside
from voicecoach.config import load_config
from voicecoach.core.events import Command, Heard, Wanted
from voicecoach.drive import LiveDrive
from voicecoach.journal.keeper import Keeper
from voicecoach.language import load_language
from voicecoach.listening import Listening
from voicecoach.ports import EAR_BLOCK, DeviceError, EarError, Fill, Folders, Given, Samples
from voicecoach.record import Record
from voicecoach.rig import build_rig

RATE, BLOCK = 8000, 160
FASTER = 20


class FastSpeaker:
    """Pulls a block twenty times as fast as it would sound."""

    rate, block, live, audible, lost = RATE, BLOCK, True, True, False

    def __init__(self) -> None:
        self._over = threading.Event()

    def start(self, fill: Fill) -> None:
        threading.Thread(target=self._pull, args=(fill,), daemon=True).start()

    def _pull(self, fill: Fill) -> None:
        block = np.zeros(BLOCK, np.float32)
        while not self._over.wait(BLOCK / RATE / FASTER):
            fill(block)

    def pump(self) -> None: ...

    def close(self) -> None:
        self._over.set()


class Microphone(SilentMicrophone):
    """A quiet room, as long as it is plugged in."""

    live, exhausted = True, False
    plugged = threading.Event()

    def read(self) -> Samples:
        super().read()
        time.sleep(0.001)
        if not self.plugged.is_set():
            raise DeviceError("unplugged")
        return np.full(EAR_BLOCK, 0.01, np.float32)


class Ear:
    """Hears what it is told to, and fails when it is told to."""

    unheard: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.fails = False
        self.standing_by: bool | None = None

    def hear(self, block: Samples, at: float) -> list[Heard]:
        if self.fails:
            raise EarError("broken")
        return []

    def stand_by(self, on: bool) -> None:
        self.standing_by = on

    def listen_for(self, commands: object) -> None: ...
    def coach_says(self, text: object) -> None: ...
    def close(self) -> None: ...


class House:
    """An appliance in a thread, and everything that it records."""

    def __init__(self, folder: Path, *, restarted: bool = False, alive: Callable[[float], None] | None = None) -> None:
        env = {"VOICECOACH_VOICE_ENGINE": "text", "VOICECOACH_HEARING_CHECK": "never"}
        loaded, language = load_config(env=env, user=folder / "none.toml"), load_language()
        offers, _ = offered(loaded, language)
        menu = menu_of(loaded, language, offers)
        self.ears = [Ear()]
        self.records: list[Record] = []
        self.error: BaseException | None = None
        given = Given(microphone=Microphone(), speaker=FastSpeaker(), ear=self.ears[0])
        talk = talk_of(offers, language, menu.address)
        self.rig = build_rig(
            loaded, language, Folders(folder, folder), env={}, stdin=io.StringIO(), standby=talk, given=given
        )
        self.rig.reopen, self.rig.rebuild = Microphone, self._rebuild
        outside = Outside(
            keeping=self._keeping,
            prepare=self.rig.prepare,
            listeners=lambda _: [self.records.append],
            tell=lambda _: None,
            wall=real_clock,
            alive=alive or (lambda _: None),
            attended=True,
            restarted=restarted,
        )
        self.serving = Serving(loaded, language, self.rig, menu, outside)
        assert isinstance(self.serving.drive, LiveDrive)
        self.drive = self.serving.drive
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.drive.watch(self._end)
        self.ended()

    def ended(self) -> BaseException | None:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.error

    def wait_for(self, since: int = 0, **wanted: object) -> int:
        """Wait for a record; return how many there are up to it."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            for number, entry in enumerate(self.records[since:], start=since + 1):
                if all(entry.get(key) == value for key, value in wanted.items()):
                    return number
            time.sleep(0.005)
        raise AssertionError(f"{wanted} never came: {self.records[-5:]}")

    def wait_until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < until
            time.sleep(0.005)

    def _run(self) -> None:
        try:
            with closing(self.rig):
                self.serving.run()
        except BaseException as error:  # noqa: BLE001 - the test asks for it
            self.error = error

    def _end(self, _at: float) -> None:
        raise KeyboardInterrupt

    def _rebuild(self) -> Any:
        self.ears.append(Ear())
        return self.ears[-1]

    @contextmanager
    def _keeping(self) -> Iterator[Keeper]:
        with closing(Keeper(None)) as keeper:
            yield keeper


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Listening, "RETRY", 0.01)
    Microphone.plugged.set()


def test_an_ear_that_is_lost_and_found_across_idle_session_and_idle(tmp_path: Path) -> None:
    """Each new host is told whether anybody can be heard, and each new ear what it is to listen for."""
    with House(tmp_path) as house:
        at = house.wait_for(event="standby", state="idle")
        Microphone.plugged.clear()
        at = house.wait_for(at, event="deafened")
        house.drive.put(Wanted(0.0, "first-steps", "button"))
        at = house.wait_for(at, event="standby", state="starting")
        at = house.wait_for(at, event="deafened")  # the session is told of what was lost before it began
        Microphone.plugged.set()
        at = house.wait_for(at, event="hearing")
        house.ears[-1].fails = True
        house.wait_until(lambda: len(house.ears) == 2)
        house.wait_until(lambda: house.ears[1].standing_by is False)
        at = house.wait_for(at, event="hearing")
        Microphone.plugged.clear()
        at = house.wait_for(at, event="deafened")
        for command in (Command.END, Command.YES):
            house.drive.put(Heard(0.0, command, source="keys"))
        at = house.wait_for(at, event="end")
        at = house.wait_for(at, event="standby", state="idle")
        at = house.wait_for(at, event="deafened")
        Microphone.plugged.set()
        at = house.wait_for(at, event="hearing")
        house.ears[-1].fails = True
        house.wait_until(lambda: len(house.ears) == 3)
        house.wait_until(lambda: house.ears[2].standing_by is True)
        house.wait_for(at, event="hearing")
    assert isinstance(house.error, KeyboardInterrupt)


@pytest.mark.parametrize("restarted", [True, False])
def test_a_recogniser_that_is_lost_for_good_ends_it_only_where_it_is_started_anew(
    tmp_path: Path, restarted: bool
) -> None:
    with House(tmp_path, restarted=restarted) as house:
        at = house.wait_for(event="standby", state="idle")
        house.rig.rebuild = None
        house.drive._listening._rebuild = None  # type: ignore[union-attr]
        house.ears[-1].fails = True
        at = house.wait_for(at, event="deafened")
        if restarted:
            error = house.ended()
            assert isinstance(error, EarError)
            assert str(error) == "broken"
        else:
            house.drive.put(Wanted(0.0, "first-steps", "button"))
            house.wait_for(at, event="standby", state="starting")


def test_told_to_end_while_it_speaks_it_falls_silent(tmp_path: Path) -> None:
    hushed: list[bool] = []
    with House(tmp_path) as house:
        house.rig.mixer.hush = lambda: hushed.append(True)  # type: ignore[method-assign]
        house.wait_for(event="say")
        house.drive.watch(house._end)
        assert isinstance(house.ended(), KeyboardInterrupt)
    assert hushed == [True]


def test_a_watchdog_is_fed_while_the_lines_of_a_session_are_made_ready() -> None:
    """On a slow board that takes longer than the watchdog waits."""
    fed: list[bool] = []
    mixer = SimpleNamespace(position=0)

    class Fed(Notifier):
        def alive(self) -> None:
            fed.append(True)

    def prepare(texts: list[str], progress: Callable[[int, int], None]) -> dict[str, Any]:
        for done in range(len(texts)):
            mixer.position += RATE
            progress(done, len(texts))
        return dict.fromkeys(texts)

    rig = cast("Any", SimpleNamespace(mixer=mixer, speaker=FastSpeaker(), ear=None, prepare=prepare, pressed=False))
    remotes = cast("Any", SimpleNamespace(attended=False))
    from voicecoach.screen import Screen

    outside = _outside(
        cast("Any", None), rig, Screen(file=io.StringIO()), None, (), None, Fed("@nobody", 1e-9), remotes
    )
    outside.prepare(["one", "two", "three"])
    assert fed == [True] * 3
    assert outside.restarted, "whoever listens starts it anew"
