"""A routine that a program built, made whole as a file's would be: rules of progress, easier and harder forms, pain.

Rule: what loading a TOML file checks beyond the nouns themselves is checked here too, for whoever builds a routine.
Doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from voicecoach.authoring import plain
from voicecoach.core.routine import Exercise, PainPolicy, Routine
from voicecoach.loading.exercises import Placed, Shelf, variants_of
from voicecoach.loading.library import Library
from voicecoach.loading.pain import strict_rules
from voicecoach.loading.routines import check_beat, check_rules
from voicecoach.loading.source import Source

_PRESCRIBED = ("tolerated", "ends_above", "rise")
"""What a prescriber may set; the rest is the same in every routine."""


def complete(routine: Routine, source: Source, library: Library) -> Routine:
    """Return the whole routine, in the core's nouns. Raises ``RoutineError`` of ``source``."""
    routine = plain(routine)
    _check_pain(routine, source)
    with_rules = _with_rules(routine, source)
    blocks = tuple(
        block.model_copy(update={"exercises": tuple(map(with_rules, block.exercises))}) for block in routine.blocks
    )
    routine = routine.model_copy(update={"blocks": blocks})
    for block in blocks:
        check_beat(source, block, [()] * len(block.exercises))
    check_rules(source, routine.progress, routine.exercises)
    known = {one.slug: one for one in (*routine.variants, *routine.exercises)}
    placed = [Placed(one, source, (), {"easier": one.easier, "harder": one.harder}) for one in known.values()]
    found = variants_of(placed, Shelf(library))
    return routine.model_copy(update={"variants": (*routine.variants, *found)})


def _check_pain(routine: Routine, source: Source) -> None:
    rules, strict = routine.pain, strict_rules()
    if routine.pain_policy is PainPolicy.MONITORED:
        if routine.prescriber is None or routine.review_on is None:
            source.fail(("pain_policy",), "monitored pain needs a prescriber and review_on", None, "see docs/safety.md")
        strict = strict.model_copy(update={name: getattr(rules, name) for name in _PRESCRIBED})
    if rules != strict:
        source.fail(
            ("pain",),
            "these are not the rules for pain of this policy, which are the same in every routine",
            None,
            "leave pain out, or see docs/safety.md",
        )


def _with_rules(routine: Routine, source: Source) -> Callable[[Exercise], Exercise]:
    def give(exercise: Exercise) -> Exercise:
        if exercise.progress:
            source.check_progress(exercise, ())
            return exercise
        fitting = tuple(rule for rule in routine.progress if not rule.misfit(exercise.dose))
        return exercise.model_copy(update={"progress": fitting})

    return give
