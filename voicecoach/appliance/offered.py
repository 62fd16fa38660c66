"""What the appliance offers: the routines and programmes there are, in its language, numbered; and how it is called.

Rule: files are read here, and nothing is decided: ``core/menu`` holds what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from voicecoach.appliance.names import offers_of
from voicecoach.config import Loaded
from voicecoach.core.menu import Menu, Offer
from voicecoach.core.timetable import read_slot
from voicecoach.language import Language
from voicecoach.loading.library import Library
from voicecoach.loading.programmes import load_programme, routine_of
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.loading.translations import UntranslatedError
from voicecoach.plan import library
from voicecoach.ports import Shortfall


def offered(loaded: Loaded, language: Language) -> tuple[tuple[Offer, ...], list[Shortfall]]:
    """Return what can be asked for, numbered as `voicecoach list` has it, and what is left out."""
    places = library(loaded)
    found: list[tuple[int, str, str]] = []
    left_out: list[Shortfall] = []
    for number, (slug, title, codes) in enumerate(_titles(places, language, left_out), 1):
        if codes == {language.code}:
            found.append((number, slug, title))
        else:
            why = f"Left out: {title} is not translated, and here {language.name} is spoken."
            left_out.append(Shortfall(why, f"voicecoach run {slug}"))
    return offers_of(found, language), left_out


def _titles(places: Library, language: Language, left_out: list[Shortfall]) -> Iterable[tuple[str, str, set[str]]]:
    """Return the slug, the title and the languages of all that can be read: routines, then programmes."""
    for slug, path in sorted(places.routines().items()):
        try:
            title, code = _title(path, places, language)
        except RoutineError as error:
            left_out.append(Shortfall(f"Left out: {error}"))
        else:
            yield slug, title, {code}
    for slug, path in sorted(places.programmes().items()):
        try:
            programme = load_programme(path, places)
            days = [routine_of(path, day, places) for day in programme.routines]
            codes = {_title(day, places, language)[1] for day in days}
        except RoutineError as error:
            left_out.append(Shortfall(f"Left out: {error}"))
        else:
            yield slug, programme.title, codes


def _title(path: Path, places: Library, language: Language) -> tuple[str, str]:
    """Return the title of a routine and its language: this one, where it is translated. Raises ``RoutineError``."""
    try:
        routine = load_routine(path, places, language.code)
    except UntranslatedError:
        routine = load_routine(path, places)
    return routine.title, routine.language


def menu_of(loaded: Loaded, language: Language, offers: tuple[Offer, ...]) -> Menu:
    """Return what the coach between sessions is told of the configuration."""
    config = loaded.config
    return Menu(
        offers,
        address=config.hearing.address or language.address,
        default=config.serve.routine or None,
        emergency_number=config.safety.emergency_number,
        can_alert=bool(config.alert.command or config.alert.webhook),
        snooze=60.0 * config.serve.snooze,
        slots=tuple(read_slot(line) for line in config.serve.timetable),
    )
