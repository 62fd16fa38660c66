"""A routine made ready to play: compiled, in its language, at the pace and the rate of the configuration.

Rule: the command line and the Python API play what stands here, so that both play the same; nothing here prints.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from voicecoach.config import Config, Loaded
from voicecoach.core.compiler import compile_routine
from voicecoach.core.events import Line
from voicecoach.core.fitting import fits, work_seconds
from voicecoach.core.person import Person
from voicecoach.core.program import Pace, Program, Style
from voicecoach.core.programme import PartOf
from voicecoach.core.routine import Routine
from voicecoach.language import Language, LanguageError, load_language
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.loading.translations import UntranslatedError
from voicecoach.ports import Shortfall
from voicecoach.shipped import shipped
from voicecoach.speech.estimate import speaking_seconds

ACQUAINTED = Person(agreed=True)
"""Who is played for where nobody in particular is: in a rehearsal, in a demonstration."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A routine made ready to play."""

    routine: Routine
    program: Program
    language: Language
    loaded: Loaded
    person: Person = ACQUAINTED
    part_of: PartOf | None = None
    """The day of a programme that it is."""
    shortfalls: tuple[Shortfall, ...] = ()
    """What is otherwise than the person wanted it."""

    def speaking(self, line: Line) -> float:
        """Estimate how many seconds a line takes to say."""
        return speaking_seconds(self.language.say(line), self.loaded.config.voice.rate)

    @property
    def seconds(self) -> float:
        """Estimate how long a session lasts."""
        return self.program.seconds_from(0)

    @property
    def names(self) -> Mapping[str, str]:
        """The exercises' names, by slug."""
        return {exercise.slug: exercise.name for exercise in self.program.exercises}


def plan_routine(routine: Routine, loaded: Loaded, style: Style | None = None, person: Person = ACQUAINTED) -> Plan:
    """Compile a routine that is at hand. Raises ``LanguageError``."""
    language = load_language(routine.language)
    rate = loaded.config.voice.rate
    pace = loaded.config.pace.to_pace()
    program = compile_routine(routine, pace, lambda line: speaking_seconds(language.say(line), rate), style)
    return Plan(routine, program, language, loaded, person, shortfalls=tuple(_hurried(routine, pace)))


def _hurried(routine: Routine, pace: Pace) -> Iterable[Shortfall]:
    """Say what does not fit into its beat at the person's own pace, and is called quicker."""
    for block in routine.blocks:
        for exercise in block.exercises:
            if not fits(block, exercise, pace, Style()) and block.every is not None:
                seconds = work_seconds(exercise, pace, Style())
                every = f"every {block.every.low:g} s one begins"
                yield Shortfall(
                    f"At your own pace {exercise.name} takes {seconds:g} s, and {every}: "
                    "it is called quicker than that, so that some rest is left.",
                    "less time for it under [pace] in the configuration, or a larger every in the routine",
                )


def plan_file(path: Path, places: Library, loaded: Loaded) -> Plan:
    """Load and compile a routine of a file, in the language of the sessions where it is translated into that.

    A program is not run. Raises ``RoutineError``, and ``LanguageError`` where there is no such language.
    """
    wanted = load_language(loaded.config.session.language)
    try:
        return planned(path, load_routine(path, places, wanted.code), loaded)
    except UntranslatedError as error:
        made = planned(path, load_routine(path, places), loaded)
        note = f"{made.routine.title} is played in {made.language.name}, not in {wanted.name}: {error}"
        return replace(made, shortfalls=(*made.shortfalls, Shortfall(note)))


def planned(path: Path, routine: Routine, loaded: Loaded) -> Plan:
    """Compile a routine of a file. Raises ``RoutineError`` where its language is none."""
    try:
        return plan_routine(routine, loaded)
    except LanguageError as error:
        problem = error.problem if error.file == "language" else str(error)
        raise RoutineError(path, None, problem, key="language", value=routine.language) from None


def voice_name(config: Config, language: Language) -> str:
    """Return the voice that is wanted: the person's, or else that of the language."""
    return language.voice if config.voice.name == "auto" else config.voice.name


def library(loaded: Loaded) -> Library:
    """Return where routines are looked for: the person's folders first, then the shipped ones."""
    own = loaded.config.storage.routines
    chosen = [Path(os.path.expanduser(own))] if own else []  # noqa: PTH111 - Path's raises for "~nobody"
    return Library((*chosen, platformdirs.user_data_path("voicecoach") / "routines", shipped("routines")))


def names_of(loaded: Loaded) -> Callable[[], tuple[str, ...]]:
    """Return what gives the names that ``voicecoach list`` shows, as they are whenever it is called."""
    places = library(loaded)
    return lambda: (*sorted(places.routines()), *sorted(places.programmes()))
