"""What a press of a button means now.

Rule: pure. What a person wrote behind a pin was read before (``ways_in``).
"""

from __future__ import annotations

from voicecoach.core.events import Command
from voicecoach.remote.glance import Glance
from voicecoach.remote.wish import Wish
from voicecoach.ways_in import START, TOGGLE, Button


def meant(action: str, glance: Glance) -> Wish:
    """Return what a press asks for, as things are now."""
    if action.startswith(START):
        return Wish(routine=action.removeprefix(START))
    if action != TOGGLE:
        return Wish(command=Command(action))
    if glance.state == "paused":
        return Wish(command=Command.RESUME)
    waits = glance.state == "instruction" and glance.step is not None and glance.seconds is None
    return Wish(command=Command.READY if waits else Command.PAUSE)


def leads_on(buttons: list[Button]) -> bool:
    """Return whether everything that waits for a word can be ended by a button: then somebody is there."""
    actions = {button.action for button in buttons}
    return "next" in actions or {"ready", "done"} <= actions
