"""A session's manners: how long it waits, when it reminds, what it forgives. The figures, and nothing else.

Rule: no logic. Each figure says what it is for; docs/commands.md and docs/safety.md tell them to people.
"""

from __future__ import annotations

from voicecoach.core.events import Mode
from voicecoach.core.program import StepKind

UNDO_WITHIN = 10.0
"""Seconds in which "undo" takes back the last command (docs/design.md)."""
BACK_TWICE_WITHIN = 5.0
"""Seconds in which a second "go back" means the set before."""
LATE = 0.3
"""Seconds after which a cue has missed its moment: a late "three" is worse than silence."""
PATIENCE = 60.0
"""Seconds after which an utterance that was never reported as spoken is given up; no line lasts that long."""
ALONE = {StepKind.INTRO: 5.0, StepKind.WORK: 30.0}
"""Seconds that an open-ended step lasts when nobody can be heard."""

EPSILON = 1e-6
"""Seconds: sums of floats that mean the same moment."""
FROZEN = frozenset({Mode.PAUSED, Mode.PAIN, Mode.CONFIRM})
MODES = {
    StepKind.WORK: Mode.WORK,
    StepKind.HOLD: Mode.HOLD,
    StepKind.REST: Mode.REST,
    StepKind.SWITCH: Mode.REST,
    StepKind.OUTRO: Mode.FINISHED,
}
REMINDERS: dict[Mode, tuple[tuple[float, str], ...]] = {
    # After the way out of the position: five quiet seconds, then how to go on, then twice more; then it just waits.
    Mode.PAIN: ((5.0, "pain_waiting"), (30.0, "pain_waiting"), (60.0, "pain_waiting")),
    Mode.PAUSED: ((45.0, "still_paused"), (180.0, "still_paused")),
    Mode.CONFIRM: ((8.0, "confirm_end"), (20.0, "confirm_end")),
    Mode.INSTRUCTION: ((20.0, "say_ready"), (45.0, "say_ready"), (90.0, "say_ready")),
    Mode.WORK: ((60.0, "until_done"), (120.0, "until_done")),
}
