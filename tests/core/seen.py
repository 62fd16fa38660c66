"""Questions about what came out of a world: said, begun, noted, remembered. Nothing here looks inside the session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.core.world import SPEECH, World, exercise, program
from voicecoach.core.events import Command, Effect, Line, Note, Remember, Say, StepBegan, Value
from voicecoach.core.program import Program

NUMBER = {
    0: Command.ZERO, 1: Command.ONE, 2: Command.TWO, 3: Command.THREE, 4: Command.FOUR, 5: Command.FIVE,
    6: Command.SIX, 7: Command.SEVEN, 8: Command.EIGHT, 9: Command.NINE, 10: Command.TEN,
}  # fmt: skip
QUIET = 5.0
"""Seconds between the way out and the first question, under the rules that ship."""


def forms(**fields: object) -> Program:
    """Three exercises: one with an easier form, one with a range, one with neither."""
    return program(
        exercise("bridge", reps="2-4", hold="10 s", sets=2, rest="20 s", easier="tilt"),
        exercise("plank", hold="10-30 s", rest_after="10 s"),
        exercise("march", time="30 s"),
        variants=(
            exercise("tilt", reps=3, tempo="2-0-2-0", sets=2, rest="20 s", harder="bridge", setup=("Tilt so.",)),
        ),
        **fields,
    )


def at(kind: str, made: Program | None = None, **fields: Any) -> World:
    """A world one second into the first step of this kind."""
    world = World(made or forms())
    world.run_to(kind, **fields)
    world.wait(1.0)
    return world


def since(world: World, moment: float) -> Iterator[tuple[float, Effect]]:
    return ((at, effect) for at, effect in world.effects if at >= moment)


def lines(world: World, moment: float = 0.0) -> list[Line]:
    return [effect.line for _, effect in since(world, moment) if isinstance(effect, Say)]


def keys(world: World, moment: float = 0.0) -> list[str]:
    """What was said: an author's own words, or the key of the coach's sentence."""
    return [str(dict(line.values).get("text", line.key)) for line in lines(world, moment)]


def moments(world: World, key: str, moment: float = 0.0) -> list[float]:
    return [at for at, effect in since(world, moment) if isinstance(effect, Say) and effect.line.key == key]


def begun(world: World, moment: float = 0.0) -> list[StepBegan]:
    return [effect for _, effect in since(world, moment) if isinstance(effect, StepBegan)]


def worked(world: World, moment: float = 0.0) -> list[str | None]:
    """The exercises that effort was made in, one entry for each effort."""
    return [step.exercise for step in begun(world, moment) if step.kind in {"work", "hold"}]


def notes(world: World, kind: str, moment: float = 0.0) -> list[dict[str, Value | None]]:
    return [dict(e.fields) for _, e in since(world, moment) if isinstance(e, Note) and e.kind == kind]


def kept(world: World) -> dict[str, Value | None]:
    """What the next session will know, if this one is over now."""
    return {effect.key: effect.value for _, effect in world.effects if isinstance(effect, Remember)}


def say(world: World, *commands: Command, apart: float = 0.1) -> None:
    for command in commands:
        world.say(command)
        world.wait(apart)


def hurt(world: World) -> None:
    """Say "pain", and let the way out and the quiet pass: the first question is being asked."""
    world.say(Command.PAIN)
    world.wait(SPEECH + QUIET + 0.1)
    assert keys(world)[-1] == "pain_score"


def tell(world: World, score: int, leg: Command = Command.NO, feel: Command = Command.ACHE) -> None:
    """Hurt, and answer the first three questions."""
    hurt(world)
    say(world, NUMBER[score], Command.YES, leg, feel)
