"""The ear that the configuration asks for: the recogniser with the best model there is, or that of another package.

Rule: what cannot be opened is a ``PortError``; what works less well than one might think is a ``Shortfall``.
"""

from __future__ import annotations

from collections.abc import Mapping

from voicecoach.config import EARS, Config
from voicecoach.core.events import Command
from voicecoach.hearing.echo import EchoStage
from voicecoach.hearing.engines import open_plugin_ear
from voicecoach.hearing.models import find_model
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import Language
from voicecoach.ports import Ear, Folders, Shortfall, StandbyTalk


def open_ear(
    config: Config,
    language: Language,
    folders: Folders,
    env: dict[str, str],
    shortfalls: list[Shortfall],
    option: str | None = None,
    *,
    echo: EchoStage | None = None,
    standby: StandbyTalk | None = None,
) -> tuple[Ear, str]:
    """Open the ear: another package's, or the recogniser with the best model there is, or the one of ``option``.

    ``echo`` takes the coach's own voice out of what the recogniser hears; ``standby`` is what it hears between
    sessions. Raises ``PortError``.
    """
    if config.hearing.ear not in EARS:
        phrases: Mapping[str, Command] = language.phrases
        if standby is not None:
            phrases = {**{f"{standby.address} {words}": meant for words, meant in standby.phrases.items()}, **phrases}
        return open_plugin_ear(config.hearing.ear, phrases, language.code), config.hearing.ear
    found = find_model(option, config.hearing.model or None, env=env, data=folders.data, language=language.code)
    ear = VoskEar(
        found.path,
        language.phrases,
        language.decoys,
        yields=language.yields,
        everyday=language.everyday,
        address=config.hearing.address,
        end_silence=config.hearing.end_silence,
        echo=echo,
        standby=standby,
    )
    if message := ear.vocabulary_message():
        shortfalls.append(Shortfall(message))
    return ear, f"{found.name} ({found.origin})"
