"""Golden transcripts: whole sessions as text. ``python -m tests.transcripts`` writes them anew; read the difference."""

from __future__ import annotations

from pathlib import Path

from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import Chime, Command, End, Heard, Line, ModeChanged, Note, Say, StepBegan
from voicecoach.core.person import Room
from voicecoach.language import load_language
from voicecoach.loader import Library
from voicecoach.rehearse import Scripted, rehearse

HERE = Path(__file__).parent
ROUTINES = HERE.parent.parent / "routines"

CASES: dict[str, tuple[str, str]] = {
    "first-steps-alone": ("first-steps", ""),
    "first-steps-guided": ("first-steps", "ready@20 ready@45 how@70 status@90 pause@110 resume@125 next@150"),
    "lumbar-stabilisation": ("lumbar-stabilisation", ""),
    "lumbar-pain": ("lumbar-stabilisation", "next@20 pain@60 next@70 resume@90 pain@120 end@140 yes@146"),
    "spine-support": ("spine-support", ""),
    "spine-changes-of-mind": ("spine-support", "skip@40 undo@45 back@90 back@94 stop@120 skip@130 resume@140 undo@146 end@200 no@205 end@300 yes@304"),
    "gentle-start": ("gentle-start", ""),
}  # fmt: skip


def transcript(routine: str, words: str) -> str:
    """Rehearse a routine and return what happens, a line each."""
    language = load_language("en")

    def speaking(line: Line) -> float:
        return 0.3 + 0.06 * len(language.say(line))

    program = compile_routine(Library((ROUTINES,)).load(routine), speaking=speaking)
    said = [Scripted(Command(word.split("@")[0]), float(word.split("@")[1])) for word in words.split()]
    out: list[str] = []
    for moment in rehearse(program, speaking, said, room=Room(attended=False)):
        lines = [f"» {moment.event.command}"] if isinstance(moment.event, Heard) else []
        for effect in moment.effects:
            match effect:
                case Say(line=line, priority=priority):
                    lines.append(f"  {language.say(line)}" + ("  !" if priority >= 3 else ""))
                case StepBegan():
                    where = " ".join(
                        f"{k}={v}"
                        for k in ("exercise", "set", "rep", "limb", "seconds")
                        if (v := getattr(effect, k)) is not None
                    )
                    lines.append(f"[{effect.kind}] {where}")
                case ModeChanged(mode=mode):
                    lines.append(f"== {mode}")
                case Chime(kind=kind):
                    lines.append(f"♪ {kind}")
                case Note(kind=kind):
                    lines.append(f"note {kind}")
                case End(reason=reason):
                    lines.append(f"end: {reason}")
                case _:
                    lines.append("(hush)")
        out += [f"{moment.at:8.2f}  {line}" for line in lines]
    return "\n".join(out) + "\n"
