"""A publisher of models on this machine, which can be told to misbehave; and models to publish."""

from __future__ import annotations

import io
import random
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS = (
    "am/final.mdl",
    "conf/mfcc.conf",
    "conf/model.conf",
    "graph/HCLr.fst",
    "graph/Gr.fst",
    "graph/disambig_tid.int",
    "graph/phones/word_boundary.int",
    "README",
)


def fake_files(size: int = 2_000) -> dict[str, bytes]:
    """The files of a model that looks whole, with contents that do not compress."""
    chance = random.Random(7)  # noqa: S311 - no secret
    return {part: chance.randbytes(size) for part in PARTS}


def zip_of(files: Mapping[str, bytes], top: str = "") -> bytes:
    """A zip of these files, in the folder ``top`` if there is one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{top}/{name}" if top else name, content)
    return buffer.getvalue()


@dataclass
class Request:
    """What a client asked for, and what it was given."""

    path: str
    headers: dict[str, str]
    status: int = 0
    sent: int = 0
    """Bytes of the file that were sent."""


@dataclass
class ModelServer:
    """Serves ``files`` by path. Use it as a context manager."""

    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    """For each of the next answers: after how many bytes of the file the connection is cut."""
    statuses: list[int] = field(default_factory=list)
    """For each of the next answers: answer this status and nothing else (0: answer as usual)."""
    ranges: bool = True
    heeds_if_range: bool = True
    shift: int = 0
    """Answer a range with one that begins this much later."""
    etag: str | None = '"v1"'
    modified: str | None = None
    says_length: bool = True
    claims: int | None = None
    """Claim this length instead of the true one."""
    sends_on_to: str | None = None
    stalls: bool = False
    """Send what ``cuts`` says, then neither go on nor hang up until the server is closed."""
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"publisher": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/models"

    def publish(self, name: str, content: bytes) -> None:
        self.files[f"/models/{name}"] = content

    def zips(self) -> list[Request]:
        """The requests for zips."""
        return [request for request in self.requests if request.path.endswith(".zip")]


class _Handler(BaseHTTPRequestHandler):
    publisher: ModelServer

    def do_GET(self) -> None:
        server = self.publisher
        request = Request(self.path, dict(self.headers.items()))
        server.requests.append(request)
        content = server.files.get(self.path)
        forced = server.statuses.pop(0) if server.statuses else 0
        if server.sends_on_to and "sent-on" not in self.path:
            self._head(request, 302, {"Location": server.sends_on_to})
        elif forced or content is None:
            self._head(request, forced or 404, {"Content-Length": "0"})
        else:
            self._serve(request, content)

    def _serve(self, request: Request, content: bytes) -> None:
        server = self.publisher
        start = 0
        asked = request.headers.get("Range")
        mark = request.headers.get("If-Range")
        if asked and server.ranges and (not server.heeds_if_range or mark in {None, server.etag, server.modified}):
            start = int(asked.removeprefix("bytes=").removesuffix("-")) + server.shift
        if start and start >= len(content):
            self._head(request, 416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"})
            return
        headers = {"ETag": server.etag, "Last-Modified": server.modified}
        if server.says_length:
            headers["Content-Length"] = str(server.claims or len(content) - start)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._head(request, 206 if start else 200, headers)
        cut = server.cuts.pop(0) if server.cuts else len(content)
        piece = content[start : start + cut]
        self.wfile.write(piece)
        self.wfile.flush()
        request.sent = len(piece)
        if server.stalls:
            server.stalled.set()
            server.closing.wait(60)

    def _head(self, request: Request, status: int, headers: Mapping[str, str | None]) -> None:
        request.status = status
        self.send_response(status)
        for key, value in headers.items():
            if value is not None:
                self.send_header(key, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
