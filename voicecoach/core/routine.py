"""The author's nouns: what is written in a routine file, once it is known to be right.

Rule: values only. Nothing here knows in which order things happen (that is ``program``) nor where they come from
(that is ``loading``).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from voicecoach.core.cueing import CueTime, read_cue_time
from voicecoach.core.dose import Dose, Noun, Progress, Range, Seconds
from voicecoach.core.person import Talk

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

LONGEST_TEXT = 500
"""Characters in one line: more than half a minute of speech at one go, which nobody can follow on the floor."""

LONGEST_DAY = 24 * 3600.0
"""Seconds of effort in a routine: what bounds how large its program can become."""


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TURNS_OR_HIDES = re.compile("[\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
"""Separators of lines and paragraphs, marks that turn writing round, letters that nobody sees: with them a person reads
something else than what the coach is given."""


def _speakable(text: str) -> str:
    if not text.strip():
        raise ValueError("a line needs words")
    if not any(mark.isalnum() for mark in text):
        raise ValueError("a line needs words: there is nothing in it that could be said")
    if _CONTROLS.search(text):
        raise ValueError("a line is plain text: no line breaks, no control characters")
    if _TURNS_OR_HIDES.search(text):
        raise ValueError("a line is plain text: no characters that turn the writing round, or hide")
    return text.strip()


Text: TypeAlias = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_speakable)]
Slug: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class Position(StrEnum):
    """How the body lies, kneels, sits or stands: what decides how much time a change takes, and the way out."""

    SUPINE = "supine"
    HOOK_LYING = "hook-lying"
    PRONE = "prone"
    SIDE_LYING = "side-lying"
    QUADRUPED = "quadruped"
    KNEELING = "kneeling"
    SEATED = "seated"
    SEATED_ON_BALL = "seated-on-ball"
    STANDING = "standing"


LYING = frozenset({Position.SUPINE, Position.HOOK_LYING, Position.PRONE, Position.SIDE_LYING})
ON_THE_BACK = frozenset({Position.SUPINE, Position.HOOK_LYING})
"""Between these one only moves the feet: no time for a change of position is needed."""


class Order(StrEnum):
    """In which order limbs or sides are worked."""

    ALTERNATE = "alternate"
    """One repetition each, in turn."""
    COMPLETE = "complete"
    """All repetitions of one, then all of the other."""


class PainPolicy(StrEnum):
    """What pain means for a routine (docs/safety.md)."""

    STRICT = "strict"
    """If it hurts, this is over."""
    MONITORED = "monitored"
    """Some pain is allowed, as a named prescriber has set it, until a date."""


class PainRules(Noun):
    """What pain leads to. Data: the strict rules ship as a file, monitored ones are the routine's (docs/safety.md).

    Scores are on the numeric pain rating scale (NPRS), 0 to 10.
    """

    tolerated: Annotated[int, Field(ge=-1, le=5, strict=True)]
    """Pain up to here lets the exercise go on after a yes; -1: none does."""
    ends_above: Annotated[int, Field(ge=0, le=7, strict=True)]
    """Pain above this ends the session."""
    ask_above: Annotated[int, Field(ge=0, le=7, strict=True)]
    """Pain above this asks about the warning signs."""
    rise: Annotated[int, Field(ge=1, le=10, strict=True)]
    """So much more pain than the last time asks about the warning signs too."""
    pains: Annotated[int, Field(ge=1, le=3, strict=True)]
    """The pain of the day that ends the session, whatever its score: 2 is the second."""
    signs: Annotated[tuple[str, ...], Field(min_length=1)]
    """The warning signs, as keys of the language's sentences, in the order in which they are asked about."""
    misses: Annotated[int, Field(ge=1, le=3, strict=True)]
    """So many answers about a warning sign that were not understood count as a yes."""
    quiet: Annotated[float, Field(ge=5, le=60)]
    """Seconds of silence between the way out of the position and the first question."""
    ask_again: Annotated[float, Field(ge=5, le=60)]
    """Seconds without an answer after which a question is asked again, louder."""
    offer_help: Annotated[float, Field(ge=5, le=120)]
    """Seconds of silence after that until the coach says how to call for help."""
    alert: Annotated[float, Field(ge=5, le=600)]
    """Seconds of silence after that until somebody is alerted."""


class AfterPause(StrEnum):
    """How a hold goes on after a pause."""

    RESTART = "restart"
    CONTINUE = "continue"


class Opening(StrEnum):
    """How a routine begins once it has been introduced."""

    AT_ONCE = "at once"
    READY = "ready"
    """It waits until the person says that they are ready."""


class Verbosity(StrEnum):
    """How much a routine has the coach say, to a person who has not said how much they like."""

    FULL = "full"
    """The whole instructions every time."""
    SHORT = "short"
    """Short forms where there are any."""


class TimedCue(Noun):
    """Something said at a moment of an effort."""

    at: Annotated[CueTime, BeforeValidator(read_cue_time)]
    say: Text


class Exercise(Noun):
    """One movement: how to get there, how to do it, how to get out of it, and how much."""

    slug: Slug
    """Its name in files, events and links."""
    name: Text
    say_as: Text | None = None
    """How the name is spoken, where that is not how it is written."""
    position: Position
    equipment: tuple[Text, ...] = ()
    setup: tuple[Text, ...] = ()
    """How to get into position, a sentence a line."""
    steps: tuple[Text, ...] = ()
    """How to do it, a sentence a line."""
    short: Text | None = None
    """What is said in place of all that, from the second time on."""
    cues: tuple[Text, ...] = ()
    """Reminders said during longer efforts, one at a time."""
    timed_cues: tuple[TimedCue, ...] = ()
    """What is said on a moment of its own; authors write them among the ``cues``."""
    avoid: tuple[Text, ...] = ()
    exit: Text
    """The safe way out of the position, in one line; said first on pain and on stop."""
    breathing: Text | None = None
    gentle: StrictBool = False
    """Mild enough to be offered after another exercise has hurt."""
    limbs: tuple[Text, ...] = ()
    """Sides or limbs, as they are called out."""
    order: Order = Order.ALTERNATE
    easier: Slug | None = None
    harder: Slug | None = None
    source: Text | None = None
    """The document that it comes from."""
    progress: Progress = ()
    """How the dose may grow from session to session (``progress``); loading adds the routine's own rules."""
    dose: Dose

    @property
    def spoken_name(self) -> str:
        """What the coach calls it."""
        return self.say_as or self.name

    @property
    def one_side_at_a_time(self) -> bool:
        """Whether a whole set of one side comes before the other's, instead of the two taking turns."""
        dose = self.dose
        alone = dose.hold is not None and dose.reps is None
        return self.order is Order.COMPLETE or dose.open or dose.breaths is not None or alone

    @model_validator(mode="before")
    @classmethod
    def _sort_cues(cls, written: Any) -> Any:
        """Take those cues that have a moment out of the list."""
        cues = written.get("cues") if isinstance(written, dict) else None
        if not isinstance(cues, list | tuple) or not any(isinstance(cue, dict) for cue in cues):
            return written
        timed = [cue for cue in cues if isinstance(cue, dict)]
        return {**written, "cues": [cue for cue in cues if not isinstance(cue, dict)], "timed_cues": timed}

    @model_validator(mode="after")
    def _cues_can_come(self) -> Exercise:
        doses = self.dose.by_set or (self.dose,)
        most = max(dose.reps.high if dose.reps else 0 for dose in doses)
        for cue in self.timed_cues:
            if cue.at.counts_reps and cue.at.number > most:
                why = f"there are only {most:g} repetitions" if most else "there are no repetitions here"
                raise ValueError(f'cues has one at "{cue.at}", which never comes: {why}')
        return self


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


class Routine(Noun):
    """What a person plays."""

    slug: Slug
    title: Text
    summary: Text | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    author: Text | None = None
    prescriber: Text | None = None
    source: Text | None = None
    pain_policy: PainPolicy = PainPolicy.STRICT
    pain: PainRules
    """Filled in by loading, from the policy."""
    review_on: Annotated[str, Field(pattern=_DAY)] | None = None
    """The last day, as 2026-11-21, on which monitored rules for pain hold; after it the strict ones do."""
    hold_after_pause: AfterPause = AfterPause.RESTART
    opening: Opening = Opening.AT_ONCE
    verbosity: Verbosity | None = None
    voice: Text | None = None
    """The voice that speaks it, by its name, where the person has chosen none."""
    equipment: tuple[Text, ...] = ()
    """What should lie at hand, besides what the exercises need."""
    progress: Progress = ()
    """How doses may grow; loading gives these to every exercise that has the measure and no rules of its own."""
    frequency: Text | None = None
    contraindications: tuple[Text, ...] = ()
    welcome: tuple[Text, ...] = ()
    """Said before the first exercise."""
    farewell: tuple[Text, ...] = ()
    """Said after the last."""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    variants: tuple[Exercise, ...] = ()
    """The exercises that "easier" and "harder" may lead to, with those that they lead to in turn."""

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """Every exercise as it is listed, rounds not repeated."""
        return tuple(exercise for block in self.blocks for exercise in block.exercises)

    @property
    def at_hand(self) -> tuple[str, ...]:
        """Everything that should lie at hand, each once: the routine's own, then in order of first use."""
        needed = (item for exercise in self.exercises for item in exercise.equipment)
        return tuple(dict.fromkeys((*self.equipment, *needed)))

    @property
    def talk(self) -> Talk:
        """How much is said to a person who has not said how much they like."""
        if self.verbosity is Verbosity.FULL:
            return Talk.MORE
        return Talk.LESS if self.verbosity is Verbosity.SHORT else Talk.USUAL

    @model_validator(mode="after")
    def _not_endless(self) -> Routine:
        # 2000 sets is more than a day of exercise; the limit keeps a slip of the pen from filling the memory.
        sets = sum(block.repeat * sum(int(e.dose.sets.high) for e in block.exercises) for block in self.blocks)
        if sets > 2000:
            raise ValueError(f"the routine asks for {sets} sets in all; at most 2000 are allowed")
        effort = sum(block.repeat * sum(map(_effort, block.exercises)) for block in self.blocks)
        if effort > LONGEST_DAY:
            raise ValueError(f"the routine asks for {effort / 3600:.0f} hours of effort; at most 24 are allowed")
        for variant in self.variants:
            if (effort := _effort(variant)) > LONGEST_DAY:
                raise ValueError(
                    f"{variant.slug}, an easier or harder form, asks for {effort / 3600:.0f} hours of effort; "
                    "at most 24 are allowed"
                )
        return self


def rules_on(routine: Routine, today: str, strict: PainRules) -> Routine:
    """Return the routine as it is to be played on a day: a monitored one is strict again after its review.

    ``today`` is a day as 2026-11-21; ``strict`` are the rules then. Where nothing changes, the very same routine comes
    back. Raises ``ValueError`` where ``today`` is no such day, because days are compared as they are written.
    """
    if not re.fullmatch(_DAY, today):
        raise ValueError(f"a day is written as 2026-11-21, not {today!r}")
    if routine.pain_policy is PainPolicy.STRICT or (routine.review_on is not None and today <= routine.review_on):
        return routine
    return routine.model_copy(update={"pain_policy": PainPolicy.STRICT, "pain": strict})


def _effort(exercise: Exercise) -> float:
    """Return the least seconds that all sets take at the high ends of the ranges; a repetition is at least one."""
    dose = exercise.dose
    if dose.by_set:
        return sum(_effort_of_set(exercise, one) for one in dose.by_set)
    return dose.sets.high * _effort_of_set(exercise, dose)


def _effort_of_set(exercise: Exercise, dose: Dose) -> float:
    limbs = max(1, len(exercise.limbs))
    held = dose.hold.range.high if dose.hold else 0.0
    if clock := dose.time or dose.amrap:
        return clock.high * (limbs if exercise.order is Order.COMPLETE else 1)
    if dose.breaths:
        return limbs * dose.breaths.high
    return limbs * (dose.reps.high if dose.reps else 1) * max(held, 1.0)
