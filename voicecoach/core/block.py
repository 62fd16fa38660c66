"""A block: exercises done one after the other, in rounds, or on the clock.

Rule: values only. How a style is played is ``rounds``' to say.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StrictBool, TypeAdapter, ValidationError, model_validator

from voicecoach.core.dose import Noun, Range, Seconds
from voicecoach.core.exercise import Exercise, Order, Text


class Manner(StrEnum):
    """How the exercises of a block follow each other, where that is more than one after the other."""

    CIRCUIT = "circuit"
    """From station to station, with a rest in which the next one is named."""
    SUPERSET = "superset"
    """Without a rest from one to the next, then a rest behind all of them."""
    EMOM = "emom"
    """Every minute on the minute: each begins on a beat; what the work leaves of it is rest."""
    TABATA = "tabata"
    """Work and rest by the clock, eight times 20 s and 10 s unless written otherwise."""
    AMRAP = "amrap"
    """As many rounds as the person likes within a time, at their own pace."""


ON_THE_CLOCK = frozenset({Manner.EMOM, Manner.TABATA})
"""Here everything is explained beforehand, because no talk may move a beat."""

FROM_STATION_TO_STATION = frozenset({Manner.CIRCUIT, Manner.SUPERSET})
"""Here an exercise may have a rest behind it that is its own."""

TABATA_WORK, TABATA_REST, TABATA_INTERVALS = Range(20, 20), Range(10, 10), 8
"""Seconds, seconds, and how many: Tabata et al., Med Sci Sports Exerc 28 (1996) 1327."""
MINUTE = Range(60.0, 60.0)
_SECONDS = TypeAdapter(Seconds)


class Block(Noun):
    """Exercises done one after the other, once or in rounds."""

    title: Text | None = None
    style: Manner | None = None
    """None: plainly one after the other, each announced when it is come to."""
    repeat: Annotated[int, Field(ge=1, le=50, strict=True)] = 1
    """Rounds. Filled in for a Tabata, and for an EMOM that ``lasts``."""
    rest: Seconds | None = None
    """Between rounds."""
    rest_between: Seconds | None = None
    """Between the exercises of a round."""
    every: Seconds | None = None
    """The beat of an EMOM."""
    lasts: Seconds | None = None
    """The whole time of an EMOM or an AMRAP."""
    shuffle: StrictBool = False
    """The order of the exercises is another one from session to session (``core/shuffle``)."""
    exercises: Annotated[tuple[Exercise, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _with_what_a_style_implies(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("exercises"), list | tuple):
            return given
        count, filled = max(1, len(given["exercises"])), dict(given)
        if given.get("style") == Manner.TABATA:
            if filled.get("rest_between") is None:
                filled["rest_between"] = TABATA_REST
            if "repeat" not in given:
                if TABATA_INTERVALS % count:
                    raise ValueError(
                        f"repeat is missing: {count} exercises do not go evenly into the eight intervals of a Tabata; "
                        "allowed: repeat = 1 to 50, how often all of them are gone through"
                    )
                filled["repeat"] = TABATA_INTERVALS // count
        if given.get("style") == Manner.EMOM:
            if filled.get("every") is None:
                filled["every"] = MINUTE
            if filled.get("lasts") is not None:
                filled["repeat"] = _rounds_in(filled, count)
        return filled

    @model_validator(mode="after")
    def _as_its_style_wants(self) -> Block:
        style = self.style
        if problem := self._key_out_of_place() or self._dose_out_of_place():
            raise ValueError(problem)
        if style is Manner.SUPERSET and len(self.exercises) < 2:
            raise ValueError("style needs two exercises at least in a superset; allowed: another [[block.exercise]]")
        if style is Manner.AMRAP and self.lasts is None:
            raise ValueError('lasts is missing: how long it goes on; allowed: lasts = "10 min"')
        return self

    def _key_out_of_place(self) -> str:
        """Say which key of the block means nothing in its style."""
        style, name = self.style, self.style or "plain rounds"
        where: dict[str, set[Manner | None]] = {
            "every": {Manner.EMOM},
            "lasts": {Manner.EMOM, Manner.AMRAP},
            "rest": {None, Manner.CIRCUIT, Manner.SUPERSET, Manner.TABATA},
            "rest_between": {None, Manner.CIRCUIT, Manner.TABATA},
        }
        for key, styles in where.items():
            if getattr(self, key) is not None and style not in styles:
                homes = ", ".join(f'style = "{home}"' if home else "no style" for home in sorted(styles, key=str))
                return f"{key} means nothing in {name}; allowed: it goes with {homes}"
        if style is Manner.AMRAP and self.repeat != 1:
            return "repeat means nothing in amrap: there the person goes round as often as they like; allowed: lasts"
        for key, least in (("every", 10), ("lasts", 30)):
            span = getattr(self, key)
            if span is not None and (span.low != span.high or span.low < least):
                return f'{key} is one span of time, of {least} s at least; allowed: {key} = "{max(least, 60)} s"'
        return ""

    def _dose_out_of_place(self) -> str:
        """Say which exercise has a dose that its style cannot coach."""
        style = self.style
        if style is None:
            return ""
        for exercise in self.exercises:
            dose, name = exercise.dose, exercise.name
            if dose.sets.high != 1:
                return f"{name}: in a block with a style the rounds are the sets; allowed: sets left out, or repeat"
            for key in ("rest", "rest_after"):
                of_block = key == "rest" or style not in FROM_STATION_TO_STATION
                if of_block and getattr(dose, key) is not None:
                    return f"{name}: {key} is the block's in a block with a style; allowed: its rest and rest_between"
            if dose.open and style in ON_THE_CLOCK | {Manner.AMRAP}:
                return f"{name} has no end of its own, and {style} goes by the clock; allowed: reps, hold or time"
            if style is Manner.TABATA:
                if not dose.time:
                    return f'{name}: a Tabata goes by the clock; allowed: time = "20 s", or no measure at all'
                if exercise.order is Order.COMPLETE and exercise.limbs:
                    return (
                        f"{name}: the sides share an interval, or stand here as two exercises; "
                        'allowed: order = "alternate"'
                    )
        return ""


def _rounds_in(given: dict[str, Any], count: int) -> int:
    """Return the rounds of an EMOM that lasts so long. Raises ``ValueError`` where they are not whole ones."""
    try:
        lasts, every = (_SECONDS.validate_python(given[key]).low for key in ("lasts", "every"))
    except ValidationError:
        return 1  # the field itself says what is wrong with it
    round_ = every * count
    rounds = lasts / round_ if round_ else 0.5
    if rounds < 1 or rounds % 1:
        near = max(1, round(rounds))
        raise ValueError(
            f"lasts is no whole number of rounds of {round_:g} s ({count} exercise{'s' * (count != 1)}, one every "
            f'{every:g} s); allowed: lasts = "{near * round_:g} s" or "{(near + 1) * round_:g} s"'
        )
    if given.get("repeat", int(rounds)) != int(rounds):
        raise ValueError(f"repeat is {int(rounds)} where lasts and every say so; allowed: leave repeat out")
    return int(rounds)
