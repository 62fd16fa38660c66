"""What every command does in every mode, found by asking a real session. docs/commands.md shows the answer.

Rule: nothing here knows what should happen. ``python -m tests.command_table`` writes the tables into the page again;
the documents' test fails where the page and the session disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.core.world import ACQUAINTED, World, exercise, program
from voicecoach.core.events import IDLE, Chime, ChimeKind, Command, End, Mode, Note, Say, StepBegan
from voicecoach.core.person import LastPain, Person, Room
from voicecoach.core.session import ANSWERS
from voicecoach.language import load_language

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
REFUSED = "♪"
BEGIN, FINISH = "<!-- by tests/command_table.py: begin -->", "<!-- by tests/command_table.py: end -->"

PLAYED = program(
    exercise(
        "pelvic-tilt",
        name="Pelvic tilt",
        setup=("Lie on your back with your knees bent.",),
        steps=("Press the small of your back into the floor.",),
        exit="Let your back come loose.",
        reps=8,
        easier="brace",
    ),
    exercise(
        "bridge",
        name="Bridge",
        setup=("Set your feet flat.",),
        steps=("Lift your hips until your body is one straight line.",),
        short="Hips up, ribs down.",
        exit="Lower your hips slowly.",
        sets=2,
        reps=3,
        hold="10 s",
        rest="20 s",
    ),
    exercise("knee-to-chest", name="Knee to chest", exit="Set your foot down.", hold="20 s", gentle=True),
    variants=(exercise("brace", name="Brace", exit="Let your belly soften.", hold="10 s"),),
)


def _in_a_step(kind: str, after: float, **fields: Any) -> Callable[[World], None]:
    def walk(world: World) -> None:
        world.run_to(kind, **fields)
        world.wait(after)

    return walk


def _after(command: Command) -> Callable[[World], None]:
    def walk(world: World) -> None:
        _in_a_step("hold", 4.0, exercise="bridge")(world)
        world.say(command)
        world.wait(3.0)

    return walk


def _asked(*answers: Command) -> Callable[[World], None]:
    def walk(world: World) -> None:
        _after(Command.PAIN)(world)
        world.wait(4.0)
        for answer in answers:
            world.say(answer)
            world.wait(2.0)

    return walk


def _wait(world: World) -> None:
    world.wait(3.0)


def _skipped(world: World) -> None:
    _in_a_step("hold", 4.0, exercise="bridge")(world)
    world.say(Command.SKIP)
    _in_a_step("ask", 2.0)(world)


QUIET_ROOM = Room(ask_effort=False, volume=0.6)


@dataclass(frozen=True, slots=True)
class Scene:
    """A moment of a session at which every command is tried, in a world of its own each."""

    mode: Mode
    title: str
    walk: Callable[[World], None]
    asked: str = ""
    """Which question, where the mode has several."""
    room: Room = QUIET_ROOM
    person: Person = ACQUAINTED

    @property
    def name(self) -> str:
        """For the head of a column."""
        return f"{self.mode.value}: {self.asked}" if self.asked else self.mode.value


SCENES = (
    Scene(Mode.INSTRUCTION, "while an exercise is being explained", _in_a_step("intro", 1.0, exercise="bridge")),
    Scene(Mode.WORK, "in the third of eight repetitions", _in_a_step("work", 10.0, exercise="pelvic-tilt")),
    Scene(Mode.HOLD, "four seconds into the first of three holds of ten", _in_a_step("hold", 4.0, exercise="bridge")),
    Scene(Mode.REST, "between two sets", _in_a_step("rest", 5.0, exercise="bridge", rep=None)),
    Scene(Mode.PAUSED, "three seconds after “pause” in that hold", _after(Command.PAUSE)),
    Scene(Mode.PAIN, "in that hold, when the coach has asked how bad it is", _asked(), "score"),
    Scene(Mode.PAIN, "when it has said the number again", _asked(Command.FOUR), "echo"),
    Scene(Mode.PAIN, "when it has asked about the leg", _asked(Command.FOUR, Command.YES), "leg"),
    Scene(Mode.PAIN, "when it has asked how it feels", _asked(Command.FOUR, Command.YES, Command.NO), "feel"),
    Scene(
        Mode.PAIN,
        "when it has offered what is gentle",
        _asked(Command.FOUR, Command.YES, Command.NO, Command.ACHE),
        "offer",
    ),
    Scene(Mode.EMERGENCY, "three seconds after “emergency” in that hold", _after(Command.EMERGENCY)),
    Scene(Mode.CONFIRM, "three seconds after “end session” in that hold", _after(Command.END)),
    Scene(Mode.QUESTION, "in the check of the microphone", _wait, "hearing", Room(check_hearing=True)),
    Scene(Mode.QUESTION, "before the first session of all", _wait, "consent", person=Person()),
    Scene(
        Mode.QUESTION,
        "at the beginning, when there was pain the last time",
        _wait,
        "since last",
        person=Person(agreed=True, last_pain=LastPain("bridge", "Bridge", 3)),
    ),
    Scene(Mode.QUESTION, "at the end, about an exercise that was left out", _skipped, "why"),
    Scene(Mode.QUESTION, "at the end, about the effort", _in_a_step("ask", 2.0), "effort", Room(volume=0.6)),
    Scene(Mode.FINISHED, "while the coach says goodbye", _in_a_step("outro", 1.0)),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command did."""

    word: str
    """For the overview."""
    mode: str
    """The new mode; empty where it stays."""
    steps: tuple[str, ...]
    """The step that begins, and the one that follows where that is a detour."""
    lines: tuple[str, ...]
    """What is said now, and what waits behind it."""
    notes: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, str, str]:
        """For the table of a mode."""
        said = " ".join(self.lines[:2]) + (" …" if len(self.lines) > 2 else "")
        return self.mode, ", then ".join(self.steps), said or "(silence)"


def reach(scene: Scene) -> World:
    """Return a session that stands at a scene."""
    world = World(PLAYED, person=scene.person, room=scene.room)
    scene.walk(world)
    assert world.mode is scene.mode, f"{scene.mode} is not reached but {world.mode}"
    return world


def outcome(scene: Scene, command: Command) -> Outcome:
    """Try a command at a scene."""
    world = reach(scene)
    before = world.session.state.index
    effects = world.say(command)
    state = world.session.state
    said = [state.mouth] if state.mouth and any(isinstance(effect, Say) for effect in effects) else []
    lines = tuple(load_language().say(utterance.line) for utterance in (*said, *state.queue))
    steps = [_step(effect) for effect in effects if isinstance(effect, StepBegan)]
    following = state.program.steps[state.index].kind.value
    if steps and state.detours and not steps[-1].startswith((following, "outro")):
        steps.append(following)
    if effects == (Chime(ChimeKind.REFUSED),):
        word = REFUSED
    elif any(isinstance(effect, End) for effect in effects):
        word = "over"
    elif steps:
        word = f"→ {steps[-1].split()[0]}"
    elif world.mode is not scene.mode and world.mode is not None:
        word = world.mode.value
    elif state.index != before:
        word = "marks"
    else:
        word = "says" if lines else "silence"
    mode = "" if world.mode in {scene.mode, None} else str(world.mode)
    notes = tuple(effect.kind for effect in effects if isinstance(effect, Note))
    return Outcome(word, "over" if word == "over" else mode, tuple(steps), lines, notes)


def _step(began: StepBegan) -> str:
    return began.kind if began.seconds in {None, 0.0} else f"{began.kind} ({began.seconds:g} s)"


def tables() -> str:
    """Return the overview and a table for each mode, in Markdown."""
    found = {
        scene: {command: outcome(scene, command) for command in Command if command not in IDLE} for scene in SCENES
    }
    parts = [_overview(found)]
    for scene, outcomes in found.items():
        parts += [f"### {scene.name}: {scene.title}", _details(outcomes)]
    return "\n\n".join(parts)


def live_sets() -> dict[str, frozenset[Command]]:
    """Return which commands are listened for together, for each moment that has a table."""
    return {scene.name: reach(scene).session.live for scene in SCENES}


def _overview(found: dict[Scene, dict[Command, Outcome]]) -> str:
    alike: dict[tuple[str, ...], list[str]] = {}
    for command in next(iter(found.values())):
        words = tuple(outcomes[command].word for outcomes in found.values())
        # Answers that do the same share a row; what a person says unasked has one of its own.
        alike.setdefault(words if command in ANSWERS else (*words, command.value), []).append(command.value)
    rows = [["command", *(scene.name for scene in found)]]
    rows += [[", ".join(commands), *words[: len(found)]] for words, commands in alike.items()]
    return _table(rows)


def _details(outcomes: dict[Command, Outcome]) -> str:
    """Return one row for all commands that do the same."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for command, what in outcomes.items():
        if what.word != REFUSED:
            alike.setdefault(what.cells, []).append(command.value)
    rows = [["command", "new mode", "step", "the coach says"]]
    rows += [[", ".join(commands), *cells] for cells, commands in alike.items()]
    refused = ", ".join(command.value for command, what in outcomes.items() if what.word == REFUSED)
    return _table(rows) + (f"\n\nRefused with a chime: {refused}." if refused else "")


def _table(rows: list[list[str]]) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


def written() -> str:
    """Return what the page shows at present."""
    return PAGE.read_text("utf-8").split(BEGIN)[1].split(FINISH)[0].strip()


def rewrite() -> None:
    """Put the tables into the page."""
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    after = rest.split(FINISH)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables()}\n\n{FINISH}{after}", "utf-8")


if __name__ == "__main__":
    rewrite()
