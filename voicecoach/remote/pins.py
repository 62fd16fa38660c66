"""The pins of a Raspberry Pi, by gpiozero: the only file that knows it.

Rule: gpiozero calls from threads of its own; what it calls here only hands on. Nothing it raises leaves this file but
as a ``PinError``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Protocol

from voicecoach.packages import pip_install
from voicecoach.ports import PortError


class PinError(PortError):
    """A pin cannot be used, or there are none."""


class Lamp(Protocol):
    """A light."""

    def on(self) -> None:
        """Have it shine."""
        ...

    def off(self) -> None:
        """Have it dark."""
        ...

    def blink(self, on_time: float, off_time: float) -> None:
        """Have it blink until told otherwise; seconds. It returns at once."""
        ...

    def close(self) -> None:
        """Let go of the pin."""
        ...


class Closing(Protocol):
    """What has taken a pin."""

    def close(self) -> None:
        """Let go of it."""
        ...


def open_button(
    pin: int,
    pressed: Callable[[], None] | None,
    held: Callable[[], None] | None,
    *,
    debounce: float,
    hold: float,
) -> Closing:
    """Take a button between a pin and ground; ``pressed`` and ``held`` are called from another thread.

    With ``held``, a press counts when the button is let go before ``hold`` seconds; else at once. A contact may chatter
    for ``debounce`` seconds. Raises ``PinError``.
    """
    library = _library()
    try:
        button: Any = library.Button(pin, pull_up=True, bounce_time=debounce or None, hold_time=hold)
    except Exception as error:  # noqa: BLE001 - whatever a pin library raises
        raise _in_words(error, pin) from None
    if held is None:
        button.when_pressed = pressed
        return button  # type: ignore[no-any-return]
    was_held = False

    def hold_on() -> None:
        nonlocal was_held
        was_held = True
        held()

    def let_go() -> None:
        nonlocal was_held
        if not was_held and pressed is not None:
            pressed()
        was_held = False

    button.when_held, button.when_released = hold_on, let_go
    return button  # type: ignore[no-any-return]


def open_lamp(pin: int) -> Lamp:
    """Take a light between a pin and ground. Raises ``PinError``."""
    library = _library()
    try:
        return library.LED(pin)  # type: ignore[no-any-return]
    except Exception as error:  # noqa: BLE001 - whatever a pin library raises
        raise _in_words(error, pin) from None


def _library() -> Any:
    """Return gpiozero, once it has found pins. Raises ``PinError``."""
    try:
        import gpiozero
    except ImportError:
        raise PinError(
            "Buttons and lights need another package: gpiozero.", mend=pip_install("voicecoach[gpio]")
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of each library for pins that is not there
            gpiozero.Device.ensure_pin_factory()
    except Exception:  # noqa: BLE001 - whatever it is, there are no pins
        raise PinError(  # gpiozero names its own class (BadPinFactory), which helps nobody
            "Buttons and lights need pins, and this machine has none that can be used.",
            mend=f"on a Raspberry Pi: {pip_install('voicecoach[gpio]')}, and sudo usermod -aG gpio $USER; "
            "elsewhere leave [gpio] out",
        ) from None
    return gpiozero


def _in_words(error: Exception, pin: int) -> PinError:
    return PinError(
        f"Pin {pin} cannot be used: {type(error).__name__}: {str(error)[:100]}.",
        mend="see what else uses it (pinctrl get), or choose another under [gpio]",
    )
