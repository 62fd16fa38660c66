"""A session's manners: how long it waits, when it reminds, what it forgives. The figures, and nothing else.

Rule: no logic. Each figure says what it is for; docs/commands.md and docs/safety.md tell them to people.
"""

from __future__ import annotations

from collections.abc import Mapping

from voicecoach.core.events import Command, Mode
from voicecoach.core.program import Question, StepKind

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

FROZEN = frozenset({Mode.PAUSED, Mode.PAIN, Mode.EMERGENCY, Mode.CONFIRM})
IN_NEED = frozenset({Mode.PAIN, Mode.EMERGENCY})
AWAKE = frozenset({Command.PAIN, Command.EMERGENCY, Command.STOP, Command.WAKE})
"""What is heard while the ear sleeps."""
MOVES = frozenset(
    {
        Command.NEXT,
        Command.SKIP,
        Command.BACK,
        Command.HOW,
        Command.DONE,
        Command.EASIER,
        Command.HARDER,
        Command.SWITCH,
        Command.MORE_REST,
    }
)
"""What leads to another step; nothing does any more once a session has been closed."""
MODES = {
    StepKind.WORK: Mode.WORK,
    StepKind.HOLD: Mode.HOLD,
    StepKind.REST: Mode.REST,
    StepKind.SWITCH: Mode.REST,
    StepKind.OUTRO: Mode.FINISHED,
    StepKind.ASK: Mode.QUESTION,
}
REMINDERS: Mapping[Mode, tuple[tuple[float, str], ...]] = {
    Mode.PAUSED: ((45.0, "still_paused"), (180.0, "still_paused")),
    Mode.EMERGENCY: ((10.0, "emergency_again"), (40.0, "emergency_again"), (100.0, "emergency_again")),
    Mode.CONFIRM: ((8.0, "confirm"), (20.0, "confirm")),
    Mode.INSTRUCTION: ((20.0, "say_ready"), (45.0, "say_ready"), (90.0, "say_ready")),
    Mode.WORK: ((60.0, "until_done"), (120.0, "until_done")),
}
"""Seconds of silence after which the session says again how to go on, and what; then it just waits."""
CONFIRM_IN_NEED = (8.0, 12.0)
"""The same before the end of a session that stands in pain or an emergency; the last leads back there."""
ASKED_AGAIN: Mapping[Question, tuple[float, ...]] = {
    Question.HEARING: (5.0, 20.0, 60.0),
    Question.CONSENT: (15.0, 45.0, 120.0),
    Question.SINCE_LAST: (12.0, 40.0),
    Question.WHY: (8.0,),
    Question.EFFORT: (8.0,),
    Question.ECHO: (8.0,),
}
"""Likewise for questions."""
OPENING = frozenset({Question.HEARING, Question.CONSENT, Question.SINCE_LAST})
"""The questions before a session; the others are asked behind it."""
UNANSWERED = {Question.WHY: 16.0, Question.EFFORT: 16.0, Question.ECHO: 16.0}
"""Seconds of silence after which a question at the end is given up: nothing hangs on its answer."""
MISSES = 2
"""How often a question is asked again because the answer was not understood; then it waits in silence."""

LOUDER = 1.25
"""One step of volume: about 2 dB."""
QUIETEST = 0.1
FASTER = 1.15
"""One step of cadence and of speech: 15 % (docs/design.md)."""
SLOWEST, FASTEST = 0.5, 2.0
"""Times the cadence that the routine has."""
RATES = (0.6, 1.6)
"""Times the configured speech rate: slower is hard to follow, faster is hard to understand."""
MORE_REST = 15.0
"""Seconds (docs/design.md)."""
PRAISES = ("praise_1", "praise_2", "praise_3", "praise_4", "praise_5", "praise_6")
"""Sentences of praise: none is said twice in a session."""
PRAISE_EVERY = 3
"""Exercises gone through to the end for one sentence of praise."""
PRAISE_NEEDS = 20.0
"""Seconds: where a shorter rest follows, what comes is more important than praise."""
