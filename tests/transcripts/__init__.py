"""Golden transcripts: whole sessions as text. ``python -m tests.transcripts`` writes them anew; read the difference."""

from __future__ import annotations

from pathlib import Path

from tests.named import load_named
from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import (
    Chime,
    Command,
    Effect,
    End,
    Heard,
    Hush,
    Line,
    ModeChanged,
    Note,
    Remember,
    Say,
    StepBegan,
)
from voicecoach.core.person import LastPain, Person, Room
from voicecoach.language import Language, load_language
from voicecoach.loading.library import Library
from voicecoach.rehearsal import Scripted, rehearse

HERE = Path(__file__).parent
ROUTINES = (HERE.parent.parent / "routines", HERE / "routines")

ACQUAINTED = Person(agreed=True)
ALONE = Room(attended=False)
STRANGER = Person(last_pain=LastPain("bridge", "Bridge", 3))
HOME = Room(check_hearing=True, can_alert=True)

CASES: dict[str, tuple[str, str] | tuple[str, str, Person, Room]] = {
    "first-steps-alone": ("first-steps", ""),
    "first-steps-guided": ("first-steps", "ready@20 ready@45 how@70 status@90 pause@110 resume@125 next@150"),
    "lumbar-stabilisation": ("lumbar-stabilisation", ""),
    "lumbar-pain": ("lumbar-stabilisation", "next@20 pain@60 next@70 resume@90 mistake@95 yes@103 pain@150 end@160 yes@166"),
    "spine-support": ("spine-support", ""),
    "spine-changes-of-mind": ("spine-support", "skip@40 undo@45 back@90 back@94 stop@120 skip@130 resume@140 undo@146 end@200 no@205 end@300 yes@304"),
    "gentle-start": ("gentle-start", ""),
    "pain-mild": ("lumbar-stabilisation", "pain@120 four@140 yes@144 no@153 ache@158 yes@170 end@230 yes@236"),
    "pain-in-the-leg": ("lumbar-stabilisation", "pain@120 seven@140 yes@144 unsure@153 ache@158 no@166 no@172 yes@178"),
    "pain-without-an-answer": ("lumbar-stabilisation", "pain@120 end@300 yes@306", ACQUAINTED, HOME),
    "pain-twice": ("gentle-start", "pain@120 three@140 yes@144 no@153 ache@158 yes@170 pain@230 two@250 yes@255 no@264 ache@270"),
    "wishes": ("lumbar-stabilisation", "faster@5 louder@20 less_talk@25 what's_next@30 more_rest@62 slower@90 status@100 easier@150 undo@155 harder@160 switch@300 sleep@310 next@315 wake@320 options@325"),
    "questions": ("first-steps", "ready@9 yes@40 worse@55 ready@70 skip@120 tired@140 eight@146 no@150 six@154 yes@158", STRANGER, HOME),
    "emergency": ("first-steps", "emergency@50 mistake@75 resume@90 sleep@100 emergency@110 end@130 yes@136"),
    "circuit": ("circuit", "next@60 what's_next@70 back@150 skip@215"),
    "superset": ("superset", ""),
    "tabata": ("tabata", "back@95 pause@130 resume@140 easier@170 pain@200 three@220 yes@224 no@233 ache@238 yes@250"),
    "emom": ("emom", "done@85 status@120"),
    "amrap": ("amrap", "status@140 pain@200 three@220 yes@224 no@233 ache@238 end@250 yes@256"),
}  # fmt: skip


def transcript(routine: str, words: str, person: Person = ACQUAINTED, room: Room = ALONE) -> str:
    """Rehearse a routine and return what happens, a line each."""
    language = load_language("en")

    def speaking(line: Line) -> float:
        return 0.3 + 0.06 * len(language.say(line))

    program = compile_routine(load_named(routine, Library(ROUTINES)), speaking=speaking)
    said = [
        Scripted(Command(word.split("@")[0].replace("_", " ")), float(word.split("@")[1])) for word in words.split()
    ]
    out: list[str] = []
    for moment in rehearse(program, speaking, said, person=person, room=room):
        lines = [f"» {moment.event.command}"] if isinstance(moment.event, Heard) else []
        lines += [_shown(effect, language) for effect in moment.effects]
        out += [f"{moment.at:8.2f}  {line}" for line in lines]
    return "\n".join(out) + "\n"


def _shown(effect: Effect, language: Language) -> str:
    match effect:
        case Say(line=line, priority=priority, loud=loud):
            return f"  {language.say(line)}" + ("  !" if priority >= 3 else "") + ("  (loud)" if loud else "")
        case StepBegan():
            names = ("exercise", "set", "rep", "limb", "seconds")
            where = " ".join(f"{k}={v}" for k in names if (v := getattr(effect, k)) is not None)
            return f"[{effect.kind}] {where}"
        case ModeChanged(mode=mode):
            return f"== {mode}"
        case Chime(kind=kind):
            return f"♪ {kind}"
        case Note(kind=kind, fields=fields):
            told = (f"{k}={v}" for k, v in fields if v is not None and kind != "set_done")
            return " ".join((f"note {kind}", *told))
        case End(reason=reason):
            return f"end: {reason}"
        case _:
            return _shown_rest(effect)


def _shown_rest(effect: Effect) -> str:
    match effect:
        case Remember(key=key, value=value):
            return f"remember {key} = {value}"
        case Hush():
            return "(hush)"
        case _:
            return repr(effect).lower()
