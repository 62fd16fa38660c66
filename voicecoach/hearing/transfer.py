"""Brings one file over a network that may fail at any byte and may say anything.

Rule: what has arrived is kept and taken up again, and nothing is fetched twice without need. Only http(s) is spoken,
and whatever length or version the server names is compared with what is known. Checksums are the caller's.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

from voicecoach.hearing.catalogue import ModelError
from voicecoach.hearing.disk import Free, check_space, disk_errors, megabytes
from voicecoach.hearing.web import OFFLINE, open_url, reason, web_request

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

Progress: TypeAlias = Callable[[int, int | None], None]
"""Told how many bytes are there, and of how many (None while nobody knows)."""

Say: TypeAlias = Callable[[str], None]
"""Told, in a sentence, what a person who waits would like to know."""

_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds to wait before each new attempt; one that brought something starts the row again."""
_CHUNK = 64 << 10
_MAX_BYTES = 4 << 30
"""The largest published zip has about 2.3 GB."""
_UNPACKED = 3
"""Bytes needed on the disk, zip and folder together, for each of the zip."""
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class Part:
    """What has arrived of a file, and beside it a note of where it came from and which version it is."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self._url = url
        self._note = path.with_name(f"{path.name}.json")
        if self._known().get("url") != url:
            self.discard()

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def version(self) -> str | None:
        """The server's mark of this version, which ``If-Range`` takes; None if it gave none."""
        return self._known().get("version")

    def begin(self, version: str | None) -> None:
        """Start from nothing, with this version of the file."""
        self.discard()
        self._note.write_text(json.dumps({"url": self._url, "version": version}), "utf-8")

    def discard(self) -> None:
        """Throw it away."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _known(self) -> dict[str, str | None]:
        try:
            note = json.loads(self._note.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}


@dataclass(slots=True)
class Transfer:
    """Fetches one file, in as many pieces as it takes."""

    url: str
    part: Part
    size: int | None
    """Bytes the file must have; None if that is not known."""
    checked: bool
    """The caller can tell by a checksum whether pieces fit together, so a server need not mark its versions."""
    progress: Progress
    say: Say
    free: Free
    wait: Callable[[float], None]
    pieced: bool = False
    """True once something was kept from an earlier piece: a wrong checksum may then be the pieces' fault."""
    _reached: bool = field(default=False, init=False)

    def run(self) -> None:
        """Fetch until all is there. Raises ``ModelError``; what has arrived is then kept, unless it is worthless."""
        pauses = iter(_PAUSES)
        most = self.part.size
        while (trouble := self._attempt()) is not None:
            if self.part.size >= most + _CHUNK:
                pauses = iter(_PAUSES)
                most = self.part.size
            pause = next(pauses, None)
            if pause is None:
                raise ModelError(
                    f"Fetching {self.url} failed again and again ({trouble}); {megabytes(self.part.size)} are kept.",
                    mend="run the same command again: it goes on from there",
                )
            self.say(f"Cut off ({trouble}); going on from {megabytes(self.part.size)} in {pause:.0f} s.")
            self.wait(pause)

    def _attempt(self) -> str | None:
        """Fetch what is missing; return None when all is there, else what went wrong for now."""
        with disk_errors(self.part.path.parent):
            offset = self._usable()
        if offset and offset == self.size:
            return None
        request = web_request(self.url)
        if offset:
            request.add_header("Range", f"bytes={offset}-")
            if self.part.version:
                request.add_header("If-Range", self.part.version)
        try:
            answer = open_url(request)
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error, offset)
        except (OSError, http.client.HTTPException) as error:
            return self._unreached(error)
        self._reached = True
        with answer:
            return self._receive(answer, offset)

    def _usable(self) -> int:
        """Return how many bytes that are there can be gone on from; throw them away if none can."""
        there = self.part.size
        too_long = self.size is not None and there > self.size
        if there and (too_long or not (self.checked or self.part.version)):
            self.part.discard()
            return 0
        self.pieced = self.pieced or there > 0
        return there

    def _unreached(self, error: Exception) -> str:
        if isinstance(error, urllib.error.URLError) and isinstance(error.reason, ssl.SSLCertVerificationError):
            raise ModelError(
                f"{self.url} cannot prove who it is: {error.reason.verify_message}.",
                mend="check the date of this machine, and update its certificates: sudo apt install ca-certificates",
            ) from error
        if isinstance(error, http.client.InvalidURL):
            raise ModelError(f"{self.url} is no address: {error}.", wrong=True) from error
        if isinstance(error, urllib.error.URLError) and not self._reached:
            raise ModelError(f"{self.url} cannot be reached: {reason(error)}.", mend=OFFLINE) from error
        return reason(error)

    def _refused(self, error: urllib.error.HTTPError, offset: int) -> str | None:
        self._reached = True
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
            if _total(error.headers) == offset and self.size in {None, offset}:
                return None
            self.part.discard()
            return "the server's file has changed"
        if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise ModelError(
                f"There is no {self.url} ({reason(error)}).", mend="voicecoach model list", wrong=True
            ) from error
        if error.code in _PASSING or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return reason(error)
        raise ModelError(f"{self.url} cannot be fetched: {reason(error)}.", mend=OFFLINE) from error

    def _receive(self, answer: http.client.HTTPResponse, offset: int) -> str | None:
        total = _total(answer.headers)
        folder = self.part.path.parent
        if answer.status == HTTPStatus.PARTIAL_CONTENT:
            if _start(answer.headers) != offset or (self.size and total and total != self.size):
                with disk_errors(folder):
                    self.part.discard()
                return "the server sent another piece than asked for"
            check_space(folder, _UNPACKED * (self.size or total or 0) - offset, self.free)
            self.say(f"Going on from {megabytes(offset)}, which were kept.")
        elif answer.status == HTTPStatus.OK:
            offset = 0
            if total and self.size and total != self.size:
                raise ModelError(f"{self.url} has {total} bytes instead of {self.size}.", mend=OFFLINE, wrong=True)
            if total and total > _MAX_BYTES:
                raise ModelError(f"{self.url} has {total} bytes; no model is that large.", mend=OFFLINE, wrong=True)
            check_space(folder, _UNPACKED * (self.size or total or 0), self.free)
            with disk_errors(folder):
                self.part.begin(_version(answer.headers))
        else:
            raise ModelError(f"{self.url} cannot be fetched: the server answers {answer.status}.", mend=OFFLINE)
        return self._keep(answer, offset, self.size or total)

    def _keep(self, answer: http.client.HTTPResponse, done: int, total: int | None) -> str | None:
        folder = self.part.path.parent
        self.progress(done, total)
        with disk_errors(folder), self.part.path.open("ab") as file:
            while done < (_MAX_BYTES if total is None else total):
                try:
                    chunk = answer.read1(_CHUNK)
                except (OSError, http.client.HTTPException) as error:
                    return reason(error)
                if not chunk:
                    return None if total is None else "the connection was cut"
                file.write(chunk)
                done += len(chunk)
                self.progress(done, total)
        if done != total:
            self.part.discard()
            raise ModelError(f"{self.url} is longer than it may be; it was thrown away.", mend=OFFLINE, wrong=True)
        return None


def _total(headers: Message) -> int | None:
    """Return the whole file's length, from a piece's headers or a whole one's."""
    text = headers.get("Content-Range") or f"/{headers.get('Content-Length', '')}"
    found = re.search(r"/(\d{1,15})$", text.strip())
    return int(found[1]) if found else None


def _start(headers: Message) -> int | None:
    """Return where a piece begins."""
    found = re.match(r"bytes (\d{1,15})-", headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _version(headers: Message) -> str | None:
    """Return the server's mark of a version, of a kind that ``If-Range`` takes (RFC 9110, 13.1.5: no weak ETag)."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified")
