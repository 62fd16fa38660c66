"""Choosing the voice.

Rule: a voice that is handed out has spoken: each engine renders a word before it is believed to work.
Other packages add engines through the entry-point group ``voicecoach.voices``: a callable that takes ``voice`` and
``rate`` and returns a ``Voice`` (check yours with ``voicecoach.speech.contract.check_voice``).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from voicecoach.plugins import VOICES, failed, load_plugin, plugin_names
from voicecoach.ports import PluginError, Voice, VoiceError
from voicecoach.speech.espeak_voice import EspeakVoice
from voicecoach.speech.pyttsx3_voice import Pyttsx3Voice
from voicecoach.speech.text_voice import TextVoice
from voicecoach.speech.voice_names import UnknownVoiceError

_MEND = "sudo apt install espeak-ng libespeak-ng1"
_TEST_WORD = "Ready"

_Maker = Callable[[str, int], Voice]

_BUILT_IN: dict[str, _Maker] = {
    "pyttsx3": Pyttsx3Voice,
    "espeak": EspeakVoice,
    "text": lambda voice, rate: TextVoice(rate),  # noqa: ARG005  (it has but one)
}
_AUTOMATIC = ("pyttsx3", "espeak")
"""Tried in this order. ``text`` is never chosen unasked: the caller decides what to do without a voice."""


def engine_names() -> tuple[str, ...]:
    """Return the names that ``open_voice`` takes: the built-in engines, then those of other packages."""
    return ("auto", *_BUILT_IN, *(name for name in plugin_names(VOICES) if name not in _BUILT_IN))


def open_voice(engine: str = "auto", voice: str = "en-us", rate: int = 160) -> Voice:
    """Return a voice that has just rendered a word. Raises ``VoiceError`` where none can.

    ``engine`` is one of ``engine_names()``; ``auto`` is pyttsx3, else espeak-ng.
    """
    if engine != "auto":
        return _open(engine, voice, rate)
    problems: list[str] = []
    for name in _AUTOMATIC:
        try:
            return _open(name, voice, rate)
        except UnknownVoiceError:
            raise  # the engine works; another would only hide the misspelt name
        except VoiceError as error:
            problems.append(str(error))
    raise VoiceError(f"No speech engine works here. {' '.join(problems)}", mend=_MEND)


def _open(engine: str, voice: str, rate: int) -> Voice:
    opened = _maker(engine)(voice, rate)
    try:
        opened.render(_TEST_WORD)
    except BaseException:
        opened.close()
        raise
    return opened


def _maker(engine: str) -> _Maker:
    if engine in _BUILT_IN:
        return _BUILT_IN[engine]
    try:
        maker: _Maker | None = load_plugin(VOICES, engine)
    except PluginError as error:
        raise VoiceError(str(error), mend=error.mend) from error
    if maker is not None:
        return lambda voice, rate: _made(engine, maker, voice, rate)
    names = engine_names()
    near = difflib.get_close_matches(engine, names, n=1)
    raise VoiceError(
        f'There is no speech engine called "{engine}".',
        mend=f"use {f'{near[0]!r}, or one of' if near else 'one of'}: {', '.join(names)}",
    )


def _made(engine: str, maker: _Maker, voice: str, rate: int) -> Voice:
    """Return the voice that another package makes. Raises ``VoiceError``."""
    try:
        made = maker(voice, rate)
    except VoiceError:
        raise
    except Exception as error:
        problem = failed(VOICES, engine, error)
        raise VoiceError(str(problem), mend=problem.mend) from error
    if not isinstance(made, Voice):
        problem = failed(VOICES, engine, TypeError("a voice has name, render and close"))
        raise VoiceError(str(problem), mend=problem.mend)
    return made
