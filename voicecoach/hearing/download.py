"""Fetches and installs models: from the publisher, from a mirror, or from a zip that somebody brought along.

Rule: nothing is installed whose length or checksum is known and wrong. Whatever happens, a folder of models holds a
model whole or not at all.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import time
import urllib.error
from typing import TYPE_CHECKING, BinaryIO

from voicecoach.hearing.catalogue import KNOWN, KnownModel, ModelError, is_model_name, language_of
from voicecoach.hearing.disk import Free, disk_errors, free_bytes
from voicecoach.hearing.transfer import Part, Progress, Say, Transfer
from voicecoach.hearing.unpack import exclusive, look_into, unpack
from voicecoach.hearing.web import OFFLINE, open_url, reason, web_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE_URL = "https://alphacephei.com/vosk/models"
"""Where the makers of Vosk publish their models, as ``<name>.zip``, and ``model-list.json``."""

_MAX_LIST = 4 << 20
"""Bytes of the publisher's list, which has well below 100 KB."""


def look_up(name: str, *, base_url: str = BASE_URL) -> KnownModel | None:
    """Return a model's size and MD5 from the publisher's list; None if the list does not have it.

    Raises ``ModelError`` where the list cannot be read.
    """
    request = web_request(f"{base_url}/model-list.json")
    try:
        with open_url(request) as answer:
            text = answer.read(_MAX_LIST)
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ModelError(f"The list of models at {base_url} cannot be read: {reason(error)}.", mend=OFFLINE) from error
    try:
        entry = next((each for each in json.loads(text) if each["name"] == name), None)
        if entry is None:
            return None
        size, md5 = int(entry["size"]), str(entry["md5"]).lower()
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ModelError(f"The list of models at {base_url} makes no sense.", mend=OFFLINE) from error
    if size <= 0 or not re.fullmatch(r"[0-9a-f]{32}", md5):
        raise ModelError(f"What the list at {base_url} says about {name} makes no sense.", mend=OFFLINE)
    return KnownModel(name, language_of(name) or "", round(size / 1e6), size=size, md5=md5)


def resolve(name: str, *, base_url: str = BASE_URL, sha256: str | None = None, say: Say) -> KnownModel:
    """Return a model and the checksum its zip must have: the one given, the one known, or the list's.

    Where the list cannot be read, a known model is returned without a checksum, and ``say`` is told so.
    Raises ``ModelError``: wrong for a name that cannot be one or that the list does not have.
    """
    if not is_model_name(name):
        raise ModelError(f'"{name}" cannot be the name of a model.', mend="voicecoach model list", wrong=True)
    known = KNOWN.get(name)
    if sha256:
        return KnownModel(name, language_of(name) or "", sha256=sha256.lower())
    if known and known.sha256:
        return known
    try:
        listed = look_up(name, base_url=base_url)
    except ModelError as error:
        if known is None or error.wrong:
            raise
        say(f"{error} So the checksum of {name} is unknown: compare its zip with the list's md5, or give --sha256.")
        return known
    if listed is None:
        raise ModelError(
            f"{name} is not on the list of models at {base_url}.", mend="voicecoach model list", wrong=True
        )
    return listed


def fetch(
    model: KnownModel,
    *,
    base_url: str = BASE_URL,
    folder: Path,
    progress: Progress,
    say: Say,
    free: Free = free_bytes,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch, check and install a model in a folder of models; return its own folder there.

    What an earlier run left behind is taken up. ``free`` tells the bytes free on the disk, ``wait`` sleeps between
    attempts. Raises ``ModelError``; then, or if the process is killed, what has arrived stays for the next run.
    """
    url = f"{base_url}/{model.name}.zip"
    with exclusive(folder):
        with disk_errors(folder):
            part = Part(folder / f".{model.name}.zip.part", url)
        checked = bool(model.sha256 or model.md5)
        transfer = Transfer(url, part, model.size, checked, progress, say, free, wait)
        transfer.run()
        if transfer.pieced and not _is_right(part.path, model):
            say("The pieces do not fit together; fetching all of it again.")
            part.discard()
            transfer.run()
        try:
            _check(part.path, model, url)
            say(f"Unpacking {model.name}.")
            with part.path.open("rb") as archive:
                unpack(archive, look_into(archive), folder / model.name, free=free)
        except ModelError as error:
            if error.wrong:  # worthless; after a full disk it is still good
                part.discard()
            raise
        part.discard()
    return folder / model.name


def install_zip(
    path: Path, folder: Path, *, name: str | None = None, sha256: str | None = None, free: Free = free_bytes
) -> Path:
    """Install a model from a zip on this machine; return its folder in the folder of models.

    Its name is ``name``, else that of the folder in the zip, else the zip's own. A known model's name asks for its
    known checksum, unless ``sha256`` gives another. Raises ``ModelError``: wrong for a zip that is not right.
    """
    try:
        if not path.is_file():  # a pipe would be waited for without end
            raise ModelError(f"{path} is no file.", wrong=True)
        archive = path.open("rb")
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", wrong=True) from error
    with archive:
        contents = look_into(archive)
        chosen = name or contents.name or path.stem
        if not is_model_name(chosen):
            raise ModelError(
                f'"{chosen}" cannot be the name of a model.',
                mend="voicecoach model get NAME --from-zip FILE",
                wrong=True,
            )
        known = KNOWN.get(chosen)
        wanted = sha256 or (known.sha256 if known else None)
        if wanted and _digest(archive, "sha256") != wanted.lower():
            raise ModelError(
                f"{path} is not the zip that is known as {chosen}: its SHA-256 is {_digest(archive, 'sha256')}.",
                mend=f"copy it anew; or, if it is meant to differ: voicecoach model get OTHER-NAME --from-zip '{path}'",
                wrong=True,
            )
        with exclusive(folder):
            unpack(archive, contents, folder / chosen, free=free)
    return folder / chosen


def _check(path: Path, model: KnownModel, url: str) -> None:
    if not _is_right(path, model):
        raise ModelError(
            f"The checksum of {url} is wrong; it was thrown away.",
            mend="try again later, or fetch it elsewhere: voicecoach model get --from-zip FILE",
            wrong=True,
        )


def _is_right(path: Path, model: KnownModel) -> bool:
    """Tell whether a file is the model's zip, as far as its length and the best checksum known can tell."""
    with path.open("rb") as file:
        if model.size is not None and path.stat().st_size != model.size:
            return False
        if model.sha256:
            return _digest(file, "sha256") == model.sha256
        return model.md5 is None or _digest(file, "md5") == model.md5


def _digest(file: BinaryIO, kind: str) -> str:
    file.seek(0)
    digest = hashlib.new(kind, usedforsecurity=kind != "md5")
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
