"""What lies around the coach: whether systemd starts it, and whom it tells.

Rule: says nothing of what nobody has set up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from voicecoach.appliance.manager import Manager, ManagerError
from voicecoach.checkup.finding import Finding


def service(manager: Manager | None = None) -> Iterator[Finding]:
    """Look whether the service runs, starts with the machine, and goes on when nobody is logged in."""
    manager = manager or Manager()
    with suppress(ManagerError):
        if not manager.file.exists():
            return
        state = manager.state()
        again = "voicecoach service install"
        if state.active != "active":
            why = f": {state.result}" if state.result else ""
            yield Finding("service", "missing", f"{state.active}{why}", "journalctl --user -u voicecoach -n 50")
        elif not state.enabled:
            yield Finding("service", "fair", "it runs, and does not start with the machine", again)
        else:
            times = f", started again {state.restarts} times" if state.restarts else ""
            yield Finding("service", "good", f"runs since {state.since}{times}")
        if state.lingers is False:
            yield Finding("linger", "missing", "the service ends when you log out", "sudo loginctl enable-linger $USER")
        elif state.lingers:
            yield Finding("linger", "good", "the service runs with nobody logged in")
