"""What holds for every test."""

from __future__ import annotations

import signal

from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # no test asserts how long the machine took
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Let Ctrl-C mean Ctrl-C: a shell's background job, and all that it starts, would otherwise ignore it for good."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
