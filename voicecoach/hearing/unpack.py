"""A model's zip becomes a model's folder: whole, or not at all.

Rule: nothing in a zip is believed. Every name is looked at before a byte is written, all is written to a folder of
our own, and only a whole model is renamed into its place. One process at a time works in a folder of models.
(POSIX: the lock is ``flock``, which the system lifts when its holder dies, however it dies.)
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from voicecoach.hearing.catalogue import ModelError
from voicecoach.hearing.disk import Free, check_space, disk_errors, free_bytes, megabytes
from voicecoach.hearing.models import missing_parts

_MAX_ENTRIES = 2_000
"""Files and folders in a zip; the published models have fewer than 60."""
_MAX_BYTES = 8 << 30
"""Unpacked; the largest published model has about 4 GB."""
_MAX_RATIO = 50
"""Unpacked bytes for each of the zip; the published models have less than 3."""
_ENCRYPTED = 0x1
_FRESH = ".unpack-"
_OLD = ".old-"


@dataclass(frozen=True, slots=True)
class Contents:
    """The one model in a zip."""

    name: str | None
    """Of the folder that holds it; None where the model's files lie bare in the zip."""
    files: tuple[tuple[zipfile.ZipInfo, PurePosixPath], ...]
    """Each file and its path within the model."""

    @property
    def size(self) -> int:
        """Bytes when unpacked, as the zip declares (and no more are read)."""
        return sum(info.file_size for info, _ in self.files)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold a folder of models for this process alone, and clear what a run that was killed left behind.

    Raises ``ModelError`` where another process holds it or it cannot be written.
    """
    try:
        import fcntl
    except ImportError:
        raise ModelError(
            "Models cannot be installed on this system.",
            mend='unpack the zip yourself, and give its folder: [hearing] model = "FOLDER"',
        ) from None
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
            raise ModelError(
                f"Another voicecoach (process {holder or 'unknown'}) is installing a model in {folder}.",
                mend="wait until it is done and run the same command again",
            ) from None
        with disk_errors(folder):
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            _clear(folder)
        yield
    finally:
        os.close(lock)


def look_into(archive: BinaryIO) -> Contents:
    """Return the one model in a zip. Raises ``ModelError`` (wrong) for anything that is not exactly that."""
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise _refuse(f"it is not a zip file, or a damaged one ({error})") from error
    if len(entries) > _MAX_ENTRIES:
        raise _refuse(f"it holds {len(entries)} files; no model has more than {_MAX_ENTRIES}")
    _check_names(entries)
    size = sum(info.file_size for info in entries)
    limit = min(_MAX_BYTES, _MAX_RATIO * archive.seek(0, os.SEEK_END))
    if size > limit:
        raise _refuse(f"it would unpack to {megabytes(size)}, more than any model of its length ({megabytes(limit)})")
    files = [(info, PurePosixPath(info.filename)) for info in entries if not info.is_dir()]
    if {path for _, path in files} & {parent for _, path in files for parent in path.parents}:
        raise _refuse("one name in it stands for a file and for a folder")
    roots = {_root(path) for _, path in files if path.name == "final.mdl"}
    if len(roots) != 1:
        raise _refuse("it holds no Vosk model" if not roots else f"it holds {len(roots)} models instead of one")
    root = roots.pop()
    inside = tuple((info, path.relative_to(root)) for info, path in files if path.is_relative_to(root))
    return Contents(root.name or None, inside)


def unpack(archive: BinaryIO, contents: Contents, target: Path, *, free: Free = free_bytes) -> None:
    """Put a zip's model at ``target``, whole or not at all; a folder that is there gives way at the last moment.

    Call it within ``exclusive(target.parent)``. Raises ``ModelError``: wrong for a damaged zip.
    """
    folder = target.parent
    check_space(folder, contents.size, free)
    with disk_errors(folder):
        fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=folder))
    try:
        model = fresh / "model"
        with disk_errors(folder):
            _write(archive, contents, model)
        if missing := missing_parts(model):
            raise _refuse(f"its model is not whole: without {', '.join(missing)}")
        with disk_errors(folder):
            _put(model, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for info in entries:
        name = info.filename
        # Both: zipfile cuts a name at a NUL, turns separators round, and may take it from another field of the zip.
        if not (_is_plain(info.orig_filename) and _is_plain(name)):
            raise _refuse(f"the name {info.orig_filename!r} in it is no plain path below its folder")
        if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise _refuse(f"{name} in it is a link or a device")
        if info.flag_bits & _ENCRYPTED:
            raise _refuse(f"{name} in it is encrypted")
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise _refuse(f"{name} in it is packed in a way that models are not")
        # Some file systems take two spellings of a name for one.
        plain = unicodedata.normalize("NFC", name.removesuffix("/")).casefold()
        if plain in seen:
            raise _refuse(f"the name {name} is in it twice")
        seen.add(plain)


def _is_plain(name: str) -> bool:
    """Tell a path that stays below its folder on every system: relative, no dots, drives, backslashes or controls."""
    parts = name.removesuffix("/").split("/")
    return name.isprintable() and not {"\\", ":"} & {*name} and not {"", ".", ".."} & {*parts}


def _root(path: PurePosixPath) -> PurePosixPath:
    """Return the model's folder from the path of its ``final.mdl``, in either layout."""
    return path.parent.parent if path.parent.name == "am" else path.parent


def _write(archive: BinaryIO, contents: Contents, model: Path) -> None:
    model.mkdir()
    with zipfile.ZipFile(archive) as opened:
        for info, inner in contents.files:
            path = model / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                packed = opened.open(info)
            except (
                zipfile.BadZipFile,
                OSError,
                ValueError,
                NotImplementedError,
            ) as error:  # it points outside of the file, for one
                raise _refuse(f"{info.filename} in it is damaged ({error})") from error
            with packed, path.open("xb") as plain:
                try:
                    shutil.copyfileobj(packed, plain, 1 << 20)
                except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                    raise _refuse(f"{info.filename} in it is damaged ({error})") from error
                plain.flush()
                os.fsync(plain.fileno())
    for parent, _, _ in os.walk(model):
        _sync(Path(parent))


def _put(model: Path, target: Path) -> None:
    old = target.with_name(f"{_OLD}{target.name}")
    if target.exists() or target.is_symlink():
        target.rename(old)
    try:
        model.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    _sync(target.parent)
    _remove(old)


def _clear(folder: Path) -> None:
    for path in folder.glob(f"{_FRESH}*"):
        _remove(path)
    for path in folder.glob(f"{_OLD}*"):
        target = path.with_name(path.name.removeprefix(_OLD))
        if target.exists():
            _remove(path)
        else:  # killed between the two renames: the model that was there is still the model
            path.rename(target)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse(why: str) -> ModelError:
    return ModelError(f"The zip cannot be used: {why}.", wrong=True)
