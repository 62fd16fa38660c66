"""What a session will say, and what it may be asked to say: rendered beforehand, so that no line keeps it waiting.

Rule: it only lists sentences. A line that is missing here is rendered when it is needed; nothing breaks.
"""

from __future__ import annotations

from voicecoach.core.compiler import instructions
from voicecoach.core.events import Line
from voicecoach.core.program import Program
from voicecoach.language import Language


def repertoire(program: Program, language: Language) -> list[str]:
    """Return every sentence that is certain or likely to be said, each once, the first-needed first."""
    answers = [
        Line(key) for key, pattern in language.sentences.items() if isinstance(pattern, str) and "{" not in pattern
    ]
    likely = [
        line
        for exercise in program.exercises
        for line in (
            Line.text(exercise.exit),
            *instructions(exercise),
            *(Line.of("limb", limb=limb) for limb in exercise.limbs),
            Line.of("parked", name=exercise.spoken_name),
            Line.of("skipped", name=exercise.spoken_name),
            Line.of("back", name=exercise.spoken_name, number=1),
            Line.of("whats_next", name=exercise.spoken_name),
            Line.of("exercise_over", name=exercise.spoken_name),
            Line.of("ask_why", name=exercise.spoken_name),
        )
    ]
    echoes = [Line.of(key, number=n) for key in ("pain_echo", "effort_echo") for n in range(11)]
    numbers = [Line.of("time_left", time=n) for n in range(1, 31)]
    return list(dict.fromkeys(language.say(line) for line in (*program.lines, *answers, *likely, *numbers, *echoes)))
