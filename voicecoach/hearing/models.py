"""Which speech model is used: what there is on this machine, and in which order it is looked at.

Rule: a choice that somebody made (option, environment, configuration, ``model use``) is used or refused, never
skipped; only where nobody chose does the search go on. Nothing here reads the network or loads a model.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicecoach.hearing.catalogue import (
    KNOWN,
    SHIPPED,
    ModelError,
    is_model_name,
    language_of,
    recommended,
    short_language,
)
from voicecoach.ports import EarError
from voicecoach.shipped import ShippedError, shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MODEL_VARIABLE = "VOSK_MODEL_PATH"
"""The environment variable that Vosk itself reads: a model, or a folder of models."""

SYSTEM_FOLDERS = (Path("/usr/share/vosk"), Path("/usr/share/vosk-models"))
"""Where Vosk and distributions' packages keep models for every user of the machine."""

SHIPPED_ORIGIN = "shipped with voicecoach"
"""The origin of a model that nobody chose and that was not installed."""

_LOOK = "voicecoach model list"


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model on this machine, whole as far as can be seen without loading it."""

    path: Path
    origin: str
    """Who chose it or where it was found, as a person would say it: ``--model``, ``data folder`` …"""
    name: str

    @property
    def takes_grammar(self) -> bool:
        """False for a large static model, which listens for any sentence and not for the commands alone."""
        graph = self.path / "graph"
        return not _filled((graph if graph.is_dir() else self.path) / "HCLG.fst")


def models_folder(data: Path) -> Path:
    """Return the folder of installed models below the data folder."""
    return data / "models"


def missing_parts(path: Path) -> list[str]:
    """Return the files a Vosk model must have and ``path`` lacks, or has empty; nothing for a whole model.

    The list is what Vosk 0.3.45 refuses, misreads (``Gr.fst``) or dies of (``HCLr.fst``: a segmentation fault) when
    it is missing. Two layouts exist: the present one with ``am``, ``conf`` and ``graph``, and a flat one.
    """
    if _filled(path / "final.mdl"):
        needed, graph = ["mfcc.conf"], ""
    else:
        needed, graph = ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf"], "graph/"
    if not _filled(path / f"{graph}HCLG.fst"):
        needed += [f"{graph}HCLr.fst", f"{graph}Gr.fst", f"{graph}disambig_tid.int"]
    return [part for part in needed if not _filled(path / part)]


def everywhere(data: Path, system: Sequence[Path] = SYSTEM_FOLDERS) -> list[FoundModel]:
    """Return the whole models on this machine, in the order in which they are looked at."""
    return [
        FoundModel(path, origin, path.name) for folder, origin in _places(data, system) for path in _models_in(folder)
    ]


def installed(data: Path) -> list[FoundModel]:
    """Return the whole models in the data folder, by name."""
    return [FoundModel(path, "data folder", path.name) for path in _models_in(models_folder(data))]


def find_model(
    option: str | None,
    configured: str | None,
    *,
    env: Mapping[str, str],
    data: Path,
    language: str = "en",
    system: Sequence[Path] = SYSTEM_FOLDERS,
) -> FoundModel:
    """Return the model to listen with: the option, the environment's, the configured, the installed, the shipped.

    ``option`` and ``configured`` are a name, a path or ``shipped``; empty in the environment or the configuration
    means that nothing was chosen. Raises ``EarError`` for a choice that cannot be used, and where nothing is found.
    """
    choices = (
        (option, "--model"),
        (env.get(MODEL_VARIABLE) or None, MODEL_VARIABLE),
        (configured or None, "the configuration"),
        (choice(data, language), "voicecoach model use"),
    )
    for value, origin in choices:
        if value is not None:
            chosen = _explicit(value, origin, language, [folder for folder, _ in _places(data, system)])
            _refuse_foreign(chosen, language)
            return chosen
    for folder, origin in _places(data, system):
        if found := _best(folder, language):
            return FoundModel(found, origin, found.name)
    known = recommended(language)
    raise EarError(
        f'There is no speech model for the language "{language}" on this machine.',
        mend=f"voicecoach model get {known.name}" if known else "voicecoach model get NAME",
    )


def choice(data: Path, language: str) -> str | None:
    """Return the name that ``choose`` wrote for a language; None if there is none."""
    try:
        return _choice_file(data, language).read_text("utf-8", "replace").strip() or None
    except OSError:
        return None


def choose(data: Path, name: str, language: str) -> None:
    """Make ``name`` (an installed model, or ``shipped``) the one that is used for a language from now on.

    Raises ``ModelError`` where that cannot be written. Whether the model is there is the caller's to see.
    """
    file = _choice_file(data, language)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        data.mkdir(parents=True, exist_ok=True)
        fresh.write_text(f"{name}\n", "utf-8")
        fresh.replace(file)
    except OSError as error:
        raise ModelError(f"The choice of model cannot be written to {file}: {error.strerror}.") from error


def _choice_file(data: Path, language: str) -> Path:
    return data / f"current-model.{short_language(language)}"


def _places(data: Path, system: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    yield models_folder(data), "data folder"
    for folder in system:
        yield folder, str(folder)
    with suppress(ShippedError):
        yield shipped("models"), SHIPPED_ORIGIN


def _explicit(value: str, origin: str, language: str, places: list[Path]) -> FoundModel:
    if value == SHIPPED:
        return _shipped(origin, language)
    if is_model_name(value):
        for folder in places:
            if _is_folder(folder / value):
                return _checked(folder / value, origin)
    path = Path(value)
    with suppress(RuntimeError):  # "~nobody": there is no such person, and so no such folder
        path = path.expanduser()
    if is_model_name(value) and not _is_folder(path):
        mend = "voicecoach model use shipped" if origin == "voicecoach model use" else f"voicecoach model get {value}"
        raise EarError(f"{origin} names the model {value}, which is not installed.", mend=mend)
    if origin == MODEL_VARIABLE and missing_parts(path) and (inner := _best(path, language)):
        path = inner
    return _checked(path, origin)


def _refuse_foreign(found: FoundModel, language: str) -> None:
    """Refuse a model that its name says is for another language: it would hear no phrase, or the wrong one."""
    heard = language_of(found.name)
    if heard not in {None, short_language(language)}:
        known = recommended(language)
        raise EarError(
            f'{found.origin} names {found.name}, a speech model for the language "{heard}", and this session is in '
            f'"{short_language(language)}".',
            mend=f"leave that choice out, and: voicecoach model get {known.name}" if known else _LOOK,
        )


def _shipped(origin: str, language: str) -> FoundModel:
    try:
        found = _best(shipped("models"), language)
    except ShippedError as error:
        raise EarError(str(error), mend=error.mend) from error
    if found is None:
        raise EarError(
            f'{origin} asks for the shipped model, and none ships for the language "{language}".', mend=_LOOK
        )
    return FoundModel(found, origin, found.name)


def _checked(path: Path, origin: str) -> FoundModel:
    missing = missing_parts(path)
    if not missing:
        path = path.absolute()
        return FoundModel(path, origin, path.name)
    if not _is_folder(path):
        if path.suffix.lower() == ".zip":
            raise EarError(
                f"{origin} gives {path}, a zip and not a folder.", mend=f"voicecoach model get --from-zip '{path}'"
            )
        raise EarError(f'{origin} gives "{path}", and there is no such folder.', mend=_LOOK)
    mend = f"voicecoach model get {path.name}" if language_of(path.name) else _LOOK
    if inner := _models_in(path):
        mend = f"give the folder inside it: {inner[0]}"
    raise EarError(f"{origin} gives {path}, which is no whole Vosk model: without {', '.join(missing)}.", mend=mend)


def _best(folder: Path, language: str) -> Path | None:
    """Return the model that serves a language best: a known one first, then by name; never one without a grammar."""
    ranks = list(KNOWN)
    fitting = (path for path in _models_in(folder) if language_of(path.name) == short_language(language))
    usable = [path for path in fitting if FoundModel(path, "", path.name).takes_grammar]
    return min(
        usable,
        key=lambda path: (path.name not in KNOWN, ranks.index(path.name) if path.name in KNOWN else 0, path.name),
        default=None,
    )


def _models_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and not missing_parts(path))
    except (OSError, ValueError):
        return []


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # too long a name, a folder that may not be entered
        return False


def _filled(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except (OSError, ValueError):
        return False
