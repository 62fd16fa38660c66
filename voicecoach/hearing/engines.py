"""Choosing an ear that another package brings.

Rule: our own ear (Vosk) is not opened here, since it needs a model. An ear of another package hears the microphone as
it is, the coach's voice in it, and is told by ``coach_says`` what the coach says.
"""

from __future__ import annotations

from collections.abc import Mapping

from voicecoach.core.events import Command
from voicecoach.plugins import EARS, failed, load_plugin, plugin_names
from voicecoach.ports import Ear, PluginError


def open_plugin_ear(name: str, phrases: Mapping[str, Command], language: str) -> Ear:
    """Return the ear that a package declares as ``name``. Raises ``PortError``.

    ``phrases`` are what may be said, and what it means; ``language`` is a code such as ``en``.
    """
    maker = load_plugin(EARS, name)
    if maker is None:
        names = ", ".join(plugin_names(EARS)) or "none is installed"
        raise PluginError(f'There is no ear called "{name}".', mend=f"use vosk, or one of another package: {names}")
    try:
        ear = maker(phrases, language)
    except Exception as error:
        raise failed(EARS, name, error) from error
    if not isinstance(ear, Ear):
        raise failed(EARS, name, TypeError("an ear has hear, listen_for, coach_says and close"))
    return ear
