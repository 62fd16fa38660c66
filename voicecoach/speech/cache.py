"""A voice in front of a voice: what was rendered once is not rendered again.

Rule: the cache may only ever make speech faster. A damaged file is rendered again, a full or read-only disk leaves the
memory layer, and neither is an error.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicecoach.ports import Audio, Voice
from voicecoach.private import make_private
from voicecoach.speech.packed import Packed
from voicecoach.speech.sound_file import decode, encode, to_16_bit
from voicecoach.speech.trim import trim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MEMORY_SECONDS = 240.0
"""Of sound kept in memory: 11 MB at espeak-ng's rate; the counts and cues of a session are under a minute."""

_MEGABYTE = 1_000_000

UNUSED_FOR = 300.0
"""Seconds after which the voice at another rate is closed: its engine may be a process of its own, of 20 MB. A session
that goes slower asks for both rates in turn, and opening one takes a second."""


class CachedVoice:
    """Renders with ``voice``, trims the silence round the speech, and keeps the result in ``folder``.

    Files over ``limit_mb`` (megabytes) together are removed, the least recently used first. ``render`` may be called
    while another thread is in ``prepare``: the engine is asked by one of them at a time.

    ``reopen`` opens the same engine at so many times its rate; without it the voice keeps its rate.
    """

    def __init__(
        self, voice: Voice, folder: Path, limit_mb: int = 200, *, reopen: Callable[[float], Voice] | None = None
    ) -> None:
        self._voice = voice
        self._kept = _Kept(folder, limit_mb * _MEGABYTE)
        self._engine_lock = threading.Lock()
        self._reopen = reopen
        self._other: tuple[float, CachedVoice | None] | None = None
        self._other_lock = threading.Lock()
        self._uses = 0
        self._timer: threading.Timer | None = None

    @property
    def name(self) -> str:
        """The engine's own name: a cache does not change the sound."""
        return self._voice.name

    def render(self, text: str) -> Audio:
        """Return ``text`` as sound. Raises ``VoiceError`` where it is not kept and the engine fails."""
        key = hashlib.sha256(f"{self._voice.name}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
        kept = self._kept.get(key)
        if kept:
            return kept
        with self._engine_lock:
            kept = self._kept.get(key)  # another thread may have rendered it while this one waited
            if kept:
                return kept
            rendered = trim(self._voice.render(text))
            # Rounded as the file rounds it: the same text sounds the same from the engine, from memory and from disk.
            audio = Audio(to_16_bit(rendered.samples).astype(np.float32) / np.float32(32768), rendered.rate)
            self._kept.put(key, audio)
            return audio

    def at_rate(self, factor: float) -> CachedVoice:
        """Return the voice at ``factor`` times its rate; itself for 1, or where its engine cannot.

        There is one such voice at a time: asking for another factor closes the one before, and so does time in which
        nobody asks for it. Asked from one thread.
        """
        if factor == 1.0 or self._reopen is None:
            return self
        with self._other_lock:
            if self._other is None or self._other[0] != factor:
                self._close_other()
                self._other = factor, self._at_rate(factor, self._reopen)
            self._uses += 1
            self._stop_timer()
            self._timer = threading.Timer(UNUSED_FOR, self._close_unused, (self._uses,))
            self._timer.daemon = True
            self._timer.start()
            return self._other[1] or self

    def _at_rate(self, factor: float, reopen: Callable[[float], Voice]) -> CachedVoice | None:
        try:
            engine = reopen(factor)
        except Exception:  # noqa: BLE001 - whatever an engine raises, the coach goes on speaking as it did
            return None
        other = CachedVoice(engine, Path())
        other._kept = self._kept  # one limit for all that is kept
        return other

    def prepare(self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Render what is missing of ``texts`` before it is needed; ``progress(done, total)`` is told after each.

        Raises ``VoiceError`` at the first text that the engine cannot say.
        """
        wanted = list(dict.fromkeys(texts))
        for done, text in enumerate(wanted, start=1):
            self.render(text)
            if progress:
                progress(done, len(wanted))

    def close(self) -> None:
        """Close the engine, at each rate; safe to call twice."""
        with self._other_lock:
            self._stop_timer()
            self._close_other()
        self._voice.close()

    def _close_unused(self, uses: int) -> None:
        """Close the voice at another rate, unless it was asked for meanwhile."""
        with self._other_lock:
            if uses == self._uses:
                self._close_other()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_other(self) -> None:
        _, other = self._other or (1.0, None)
        self._other = None
        if other:
            other.close()


class _Kept:
    """Sounds by key, in memory and on disk."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._disk = _Disk(folder, limit)
        self._memory: OrderedDict[str, Packed] = OrderedDict()
        self._memory_lock = threading.Lock()

    def put(self, key: str, audio: Audio) -> None:
        self._disk.write(key, audio)
        self._remember(key, audio)

    def get(self, key: str) -> Audio | None:
        with self._memory_lock:
            kept = self._memory.get(key)
            if kept:
                self._memory.move_to_end(key)
                return kept.audio()
        read = self._disk.read(key)
        if read:
            self._remember(key, read)
        return read

    def _remember(self, key: str, audio: Audio) -> None:
        with self._memory_lock:
            self._memory[key] = Packed(audio)
            spare = _MEMORY_SECONDS - sum(kept.seconds for kept in self._memory.values())
            while spare < 0 and len(self._memory) > 1:
                spare += self._memory.popitem(last=False)[1].seconds


class _Disk:
    """Sound files by key. Its size is counted once and kept; the time of a file's last use is its modification time."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._size: int | None = None

    def read(self, key: str) -> Audio | None:
        path = self._path(key)
        try:
            audio = decode(path.read_bytes())
        except (OSError, ValueError):
            return None
        with suppress(OSError):
            os.utime(path)
        return audio

    def write(self, key: str, audio: Audio) -> None:
        """Keep ``audio`` if the disk allows: written beside its place and renamed, so no reader sees half a file."""
        data = encode(audio)
        with suppress(OSError):
            make_private(self._folder)
            handle, name = tempfile.mkstemp(suffix=".tmp", dir=self._folder)
            half_written = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                half_written.replace(self._path(key))
            except OSError:
                half_written.unlink(missing_ok=True)
                raise
            self._make_room(len(data))

    def _make_room(self, added: int) -> None:
        """Remove the files that were used longest ago, down to nine tenths of the limit, once it is passed."""
        if self._size is not None:
            self._size += added
            if self._size <= self._limit:
                return
        # Includes what an earlier crash left half written.
        files = [(path.stat(), path) for path in self._folder.iterdir() if path.suffix in {".wav", ".tmp"}]
        self._size = sum(stat.st_size for stat, _ in files)
        if self._size <= self._limit:
            return
        for stat, path in sorted(files, key=lambda file: file[0].st_mtime_ns):
            if self._size <= self._limit * 9 // 10:
                return
            path.unlink(missing_ok=True)
            self._size -= stat.st_size

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.wav"
