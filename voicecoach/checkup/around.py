"""What lies around the coach: whether systemd starts it, and whom it tells.

Rule: says nothing of what nobody has set up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from voicecoach.appliance.manager import Manager, ManagerError
from voicecoach.checkup.finding import Finding


def service(manager: Manager | None = None) -> Iterator[Finding]:
    """Look whether the service runs, starts with the machine, and goes on when nobody is logged in."""
    if manager is None and not hasattr(os, "getuid"):
        return  # Windows: neither users with a number nor systemd
    manager = manager or Manager()
    with suppress(ManagerError, OSError):
        if not manager.file.exists():
            return
        state = manager.state()
        again = "voicecoach service install"
        if state.wrong:
            what = "it was given something wrong, and is not started again"
            yield Finding("service", "missing", what, f"journalctl --user -u voicecoach -n 20; put it right; {again}")
        elif state.active != "active":
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
