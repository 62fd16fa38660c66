"""A language: what a person may say, and how the coach says its lines. One TOML file each, no code.

Rule: the only place where a ``Line`` becomes a sentence and a phrase becomes a ``Command``.
"""

from voicecoach.language.files import language_file, languages, load_language, own_folder
from voicecoach.language.noun import Language, LanguageError, Plural
from voicecoach.language.reading import read_language

__all__ = [
    "Language",
    "LanguageError",
    "Plural",
    "language_file",
    "languages",
    "load_language",
    "own_folder",
    "read_language",
]
