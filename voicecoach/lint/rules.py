"""Every warning that there is: its code, what it is about, and why it matters.

Rule: a code keeps its meaning for ever, because files name it; one that is no longer needed is never given again.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_LINE, LONGEST_SHORT, LONGEST_CUE, LONGEST_EXIT = 16, 8, 6, 9
"""Words. Sixteen take about six seconds to say; a cue must be over before the next count."""
LONGEST_SESSION = 60.0
"""Minutes."""
MOST_SETS, MOST_ROUNDS = 5, 12
MOST_JOURNEYS = 3
"""Ways down to the floor or up from it: down, up, and one more for a routine that starts or ends there."""
SPARE_CHANGES = 2
"""Changes of position beyond those that as many positions need."""
SOON = 7
"""Days."""
LEAST_SWITCH = 3.0
"""Seconds to change sides."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One warning."""

    code: str
    about: str
    why: str


APART = 1.5
"""Seconds between two cues, so that both are said."""

_ALL = (
    Rule("L00", "a silence that silences nothing", "It would hide the next slip of its kind, and nobody would know."),
    Rule(
        "L01",
        "a line that holds a word which the coach obeys",
        "From an open loudspeaker the coach may hear itself say it.",
    ),
    Rule("L02", "wording that needs eyes", "The person may lie face down, with closed eyes, far from any screen."),
    Rule(
        "L03",
        f"getting down to the floor or up from it more than {MOST_JOURNEYS} times",
        "For many people that is the hardest exercise of all, and where they fall.",
    ),
    Rule(
        "L04",
        f"over {SPARE_CHANGES} changes of position more than the positions need",
        "Turning over costs time and strength; exercises of one position can be put together.",
    ),
    Rule(
        "L05",
        "sides without a call to change them",
        "Without limbs the coach does not know of sides: it counts on, and one side gets everything.",
    ),
    Rule(
        "L06",
        f"a way out of more than {LONGEST_EXIT} words, or more than one sentence",
        "It is what a person in pain hears first.",
    ),
    Rule("L07", f"a line of more than {LONGEST_LINE} words", "Its beginning is forgotten at its end."),
    Rule("L08", f"a short form of more than {LONGEST_SHORT} words", "It is said before every set, where work waits."),
    Rule("L09", f"a cue of more than {LONGEST_CUE} words", "It is said in the middle of an effort, between counts."),
    Rule("L10", f"a session of more than {LONGEST_SESSION:.0f} minutes", "Nobody holds good form for so long."),
    Rule(
        "L11",
        f"more than {MOST_SETS} sets, or more than {MOST_ROUNDS} rounds",
        "It is more often a slip of the pen than a prescription.",
    ),
    Rule("L12", "an exercise with neither setup nor steps", "The coach would say its name and begin to count."),
    Rule("L13", "a figure in the instructions", "The dose has it too, and may grow; then one of the two is wrong."),
    Rule("L14", "no short form where an exercise comes again", "The next set would begin without a word on form."),
    Rule(
        "L15",
        "characters that cannot be seen",
        "What one reads in the file is then not what the coach reads: they turn writing round, or hide in words.",
    ),
    Rule("L16", "more than one sentence in a line", "The coach can be interrupted between lines; one thought a line."),
    Rule(
        "L17",
        f"rules for pain whose review_on is past, or within {SOON} days",
        "Behind that day the strict rules hold again, and the person would learn it on the floor.",
    ),
    Rule(
        "L18",
        f"more than {MOST_SETS} sets of one hold alone",
        "A rest lies between sets: ten holds in a row are repetitions of one set.",
    ),
    Rule("L19", "a translation that is not whole", "It is never played: half of what to avoid is worse than none."),
    Rule("L20", "a cue that has the moment of another", "One mouth says one thing: the second is never heard."),
)
RULES = {rule.code: rule for rule in _ALL}
