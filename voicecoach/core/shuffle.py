"""Another order from session to session, for blocks that want it.

Rule: pure. The order hangs on a seed that is given, so that a session that is replayed is the session that was played.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from voicecoach.core.routine import Block, Exercise, Routine


def shuffled(routine: Routine, seed: str) -> Routine:
    """Return the routine with the exercises of its ``shuffle`` blocks in the order that ``seed`` gives.

    A seed is any text; the same seed gives the same order, on every machine. Where nothing is shuffled the very same
    routine comes back. The order is that of all rounds: between them it stays.
    """
    if not any(block.shuffle for block in routine.blocks):
        return routine
    blocks = tuple(
        _mixed(block, f"{seed}/{index}") if block.shuffle else block for index, block in enumerate(routine.blocks)
    )
    return routine.model_copy(update={"blocks": blocks})


def _mixed(block: Block, seed: str) -> Block:
    left: list[Exercise] = list(block.exercises)
    mixed = tuple(left.pop(number % len(left)) for number, _ in zip(_numbers(seed), block.exercises, strict=False))
    return block.model_copy(update={"exercises": mixed})


def _numbers(seed: str) -> Iterator[int]:
    """Give numbers without end that hang on the seed alone: chance enough for the order of ten exercises."""
    number = 0
    while True:
        number = crc32(f"{seed}/{number}".encode())
        yield number >> 8
