"""What is known of speech models before one is on this machine: names, languages, sizes, checksums.

Rule: a checksum stands here only if it was confirmed from several independent sources; else there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from voicecoach.ports import PortError

SHIPPED = "shipped"
"""The name that stands for the model that travels with voicecoach."""

_NAME = re.compile(r"\w[\w.+-]{0,99}")
_LANGUAGE = re.compile(r"vosk-model-(?:(?:small|tiny)-)?([a-z]{2,3})(?:-|$)")


class ModelError(PortError):
    """A model could not be fetched or installed."""

    def __init__(self, message: str, *, mend: str = "", wrong: bool = False) -> None:
        super().__init__(message, mend=mend)
        self.wrong = wrong
        """True where what was named or given is at fault (a name, a zip, a checksum), not the network or the disk."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A published model: what is known of its zip before it is fetched."""

    name: str
    language: str = ""
    megabytes: int = 0
    """About how much there is to fetch, in MB; 0 where nobody said."""
    size: int | None = None
    """Bytes of the zip, exactly."""
    sha256: str | None = None
    md5: str | None = None
    """From the publisher's list: it tells a damaged file from a whole one, not a forged one from a true one."""


KNOWN = {
    model.name: model
    for model in (
        KnownModel(
            "vosk-model-small-en-us-0.15",
            "en",
            41,
            size=41_205_931,
            # The same in nine independent public projects that pin this file.
            sha256="30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
        ),
        KnownModel("vosk-model-small-de-0.15", "de", 45),
        KnownModel("vosk-model-small-es-0.42", "es", 39),
        KnownModel("vosk-model-small-fr-0.22", "fr", 41),
        KnownModel("vosk-model-small-it-0.22", "it", 48),
        KnownModel("vosk-model-small-pt-0.3", "pt", 31),
    )
}
"""Models that are known to take a grammar at run time, by name; the first of a language is the recommended one."""


def recommended(language: str) -> KnownModel | None:
    """Return the model to get for a language; None where none is known."""
    return next((model for model in KNOWN.values() if model.language == short_language(language)), None)


def is_model_name(text: str) -> bool:
    """Tell whether ``text`` can be a model's name and so a folder's: no separators, no dots in front, not reserved."""
    return _NAME.fullmatch(text) is not None and text != SHIPPED


def language_of(name: str) -> str | None:
    """Return the language in a model's name (``en`` for ``vosk-model-small-en-us-0.15``); None if there is none."""
    match = _LANGUAGE.match(name)
    return match[1] if match else None


def short_language(language: str) -> str:
    """Return the language without its region: ``en`` for ``en-US``."""
    return re.split(r"[-_]", language.lower(), maxsplit=1)[0]
