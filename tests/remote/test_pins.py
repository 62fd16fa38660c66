"""Buttons and lights, on gpiozero's mock pins."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import pytest

from tests.needs import needs_pins
from tests.remote.broker import until
from voicecoach.core.events import Command, Heard, Wanted
from voicecoach.packages import pip_install
from voicecoach.record import record
from voicecoach.remote.buttons import Buttons
from voicecoach.remote.inlet import Inlet
from voicecoach.remote.lights import Lights
from voicecoach.remote.pins import PinError
from voicecoach.remote.remotes import Remotes
from voicecoach.remote.wish import Asked
from voicecoach.ways_in import read_button


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    needs_pins()
    from gpiozero import Device
    from gpiozero.pins.mock import MockFactory

    factory = MockFactory()
    monkeypatch.setattr(Device, "pin_factory", factory)
    yield factory
    factory.close()


class Desk:
    def __init__(self, pins: Any, buttons: dict[str, str], hold: float = 0.3) -> None:
        self.pins = pins
        self.put: list[Asked] = []
        self.told: list[str] = []
        inlet = Inlet()
        inlet.lead_to(self.put.append, lambda: 7.0)
        read = [read_button(pin, action) for pin, action in buttons.items()]
        self.buttons = Buttons(read, inlet, debounce=0.05, hold=hold, tell=self.told.append)
        self.remotes = Remotes(inlet, [self.buttons])

    def press(self, number: int) -> None:
        self.pins.pin(number).drive_low()

    def release(self, number: int) -> None:
        self.pins.pin(number).drive_high()

    @property
    def commands(self) -> list[Command]:
        return [asked.command for asked in self.put if isinstance(asked, Heard)]


def test_a_press_is_a_command_at_once(pins: Any) -> None:
    desk = Desk(pins, {"17": "next", "27": "start gentle-start"})
    desk.press(17)
    assert desk.put == [Heard(7.0, Command.NEXT, "next", "button")]
    desk.release(17)
    desk.press(27)
    assert desk.put[1:] == [Wanted(7.0, "gentle-start", "button")]
    desk.buttons.close()


def test_the_pins_chatter_for_as_long_as_was_said(pins: Any) -> None:
    desk = Desk(pins, {"17": "next"})
    assert pins.pin(17).bounce == 0.05
    assert pins.pin(17).pull == "up", "the button lies between the pin and ground"
    desk.buttons.close()


def test_one_button_pauses_and_goes_on(pins: Any) -> None:
    desk = Desk(pins, {"17": "pause or resume"})
    for mode in ("hold", "paused", "hold"):
        desk.remotes(record(1.0, "mode", mode=mode))
        desk.press(17)
        desk.release(17)
    assert desk.commands == [Command.PAUSE, Command.RESUME, Command.PAUSE]
    desk.buttons.close()


def test_a_button_that_is_held_means_something_else(pins: Any) -> None:
    desk = Desk(pins, {"17": "pause", "17 held": "end"}, hold=0.2)
    desk.press(17)
    assert desk.commands == [], "it may still be held"
    desk.release(17)
    assert desk.commands == [Command.PAUSE]
    desk.press(17)
    until(lambda: len(desk.commands) == 2)
    desk.release(17)
    desk.press(17)
    desk.release(17)
    assert desk.commands == [Command.PAUSE, Command.END, Command.PAUSE]
    desk.buttons.close()


def test_a_contact_that_never_rests_is_held_off_and_told(pins: Any) -> None:
    desk = Desk(pins, {"17": "next"})
    for _ in range(200):
        desk.press(17)
        desk.release(17)
    assert 0 < len(desk.put) < 50
    assert desk.told[0] == "Button (next): too many at once"
    desk.buttons.close()


def test_a_contact_that_chatters_does_not_stand_before_pain(pins: Any) -> None:
    desk = Desk(pins, {"17": "Pause", "22": "pain"})
    for _ in range(50):
        desk.press(17)
        desk.release(17)
    desk.press(22)
    assert desk.commands[0] is Command.PAUSE
    assert desk.commands[-1] is Command.PAIN
    desk.buttons.close()


def test_pins_are_let_go_of_and_can_be_taken_again(pins: Any) -> None:
    for _ in range(2):
        desk = Desk(pins, {"17": "next"})
        desk.buttons.close()
        desk.buttons.close()
        lights = Lights({17: "session"})
        lights.close()
        lights.close()


def test_a_pin_that_is_taken_is_told_and_the_others_are_let_go_of(pins: Any) -> None:
    from gpiozero import LED

    with LED(18), pytest.raises(PinError, match="Pin 18 cannot be used") as caught:
        Desk(pins, {"17": "next", "18": "pause"})
    assert caught.value.mend
    desk = Desk(pins, {"17": "next"})
    desk.buttons.close()


def test_the_lights_follow_the_session(pins: Any) -> None:
    lights = Lights({23: "listening", 24: "session", 25: "attention"})
    remotes = Remotes(sources=[lights])

    def shining() -> list[bool]:
        return [bool(pins.pin(number).state) for number in (23, 24, 25)]

    def flashes(number: int) -> bool:
        pins.pin(number).clear_states()
        until(lambda: len(pins.pin(number).states) > 3)
        return True

    assert shining() == [False] * 3
    remotes.playing("gentle-start")
    until(lambda: shining() == [True, False, False])
    remotes(record(0.0, "mode", mode="hold"))
    until(lambda: shining() == [True, True, False])
    remotes(record(1.0, "mode", mode="pain"))
    assert flashes(25)
    remotes(record(2.0, "mode", mode="hold"))
    remotes(record(2.0, "deafened"))
    until(lambda: not pins.pin(23).state)
    remotes(record(3.0, "end", reason="ended"))
    until(lambda: shining() == [False] * 3)
    lights.close()


@pytest.mark.parametrize("factory", ["native", "no-such-thing"])
def test_a_machine_without_pins_is_told_so(monkeypatch: pytest.MonkeyPatch, factory: str) -> None:
    needs_pins()
    from gpiozero import Device

    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", factory)
    with pytest.raises(PinError, match="this machine has none") as caught:
        Lights({17: "session"})
    assert "usermod -aG gpio" in caught.value.mend


def test_without_the_package_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("gpiozero"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(PinError, match="another package: gpiozero") as caught:
        Lights({17: "session"})
    assert caught.value.mend == pip_install("voicecoach[gpio]")
