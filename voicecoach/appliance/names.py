"""How the routines are called: what a person may say for each, by its title, its name, or its number in the list.

Rule: texts only. Whether an ear knows the words is the ear's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from voicecoach.core.events import Command
from voicecoach.core.menu import Offer
from voicecoach.language import Language
from voicecoach.ports import StandbyTalk


def offers_of(routines: Iterable[tuple[int, str, str]], language: Language) -> tuple[Offer, ...]:
    """Return what may be asked for: ``routines`` are numbers in the list, slugs and titles.

    No two share a phrase.
    """
    taken: set[str] = set()
    offers: list[Offer] = []
    for number, slug, title in routines:
        names = {spoken(title, language), spoken(slug, language)}
        if number < len(language.numbers):
            names.add(f"{language.number} {language.numbers[number]}")
        phrases = {phrase for name in names if name for phrase in _with_start(name, language)} - taken
        taken |= phrases
        offers.append(Offer(slug, title, number, frozenset(phrases)))
    return tuple(offers)


def talk_of(offers: Iterable[Offer], language: Language, address: str) -> StandbyTalk:
    """Return what an ear is to listen for between sessions."""
    usual: Mapping[str, Command] = {**language.phrases, **language.standby}
    named = {phrase: Command.START for offer in offers for phrase in sorted(offer.phrases)}
    return StandbyTalk({**named, **usual}, address)


def callable_by_name(offer: Offer, language: Language, unheard: frozenset[str]) -> bool:
    """Tell whether a routine can be started by a name, where the ear cannot hear the phrases ``unheard``."""
    return any(f"{language.number} " not in phrase for phrase in offer.phrases - unheard)


def spoken(name: str, language: Language) -> str:
    """Return a name as it is said: small letters, figures as words, nothing else between them but spaces."""
    words = re.findall(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+", name.casefold())
    return " ".join(_spelt(word.replace("\u2019", "'"), language) for word in words)


def _spelt(word: str, language: Language) -> str:
    known = word.isdecimal() and int(word) < len(language.numbers)
    return language.numbers[int(word)] if known else word


def _with_start(name: str, language: Language) -> Iterable[str]:
    starts = [phrase for phrase in language.standby if language.standby[phrase] is Command.START]
    return (name, *(f"{start} {name}" for start in starts))
