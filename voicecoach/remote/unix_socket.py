"""A socket for scripts of this person on this machine: every record as a line, and wishes as lines back.

Rule: one thread, which never waits for a client. Each has a bounded number of lines before it; who does not read is
dropped, and the rest never notice. What fails in it is told, and never ends a session. Nobody else on the machine may
open the socket (0600), and it is no network port.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import socket
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from voicecoach.complaints import printable
from voicecoach.ports import PortError
from voicecoach.record import Record
from voicecoach.remote.glance import Glance
from voicecoach.remote.inlet import Inlet
from voicecoach.remote.lines import LONGEST, read_line, write_line
from voicecoach.remote.wish import RefusedError

MOST_CLIENTS = 16
MOST_LINES = 1000
"""Lines that a client may be behind: some minutes of a session."""
WAITING = 4096
"""Records that may wait for the thread; it never takes long enough for a hundred."""
_SOON = 1.0
"""Seconds that a good-bye may take; who has not read it by then is hung up on."""


class SocketError(PortError):
    """The socket cannot be used."""


class Scripts:
    """The socket and whoever is connected to it; a ``drive.Source``, and a listener. Raises ``SocketError``."""

    ended = False
    """A script may always come."""

    def __init__(
        self,
        path: Path,
        inlet: Inlet,
        routines: Callable[[], Iterable[str]],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._path, self._inlet, self._routines, self._tell = path, inlet, routines, tell
        self._glance, self._offset = Glance(), 0.0
        self._records: deque[Record] = deque(maxlen=WAITING)
        self._clients: dict[int, _Client] = {}
        self._closing = threading.Event()
        self._listener = listen(path)
        self._own = _identity(path)
        self._wake = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for one in (self._listener, *self._wake):
            one.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake[0], selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="voicecoach_socket", daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Do nothing: it has begun."""

    def close(self) -> None:
        """Hang up and take the file away; safe to call twice."""
        self._closing.set()
        self._stir()
        self._thread.join(timeout=2 * _SOON)
        with contextlib.suppress(OSError):
            if _identity(self._path) == self._own:  # another may have taken its place
                self._path.unlink()

    def show(self, glance: Glance, entry: Record | None = None) -> None:
        """Take what the session is at, and the record that it came to by; returns at once."""
        self._glance = glance
        if entry is not None:
            self._offset = entry["t"] - self._inlet.now
            self._records.append(entry)
            self._stir()

    def _stir(self) -> None:
        with contextlib.suppress(OSError):  # it is awake, or has ended
            self._wake[1].send(b".")

    # --- The thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._turn()
            self._spread()
        except Exception as error:  # noqa: BLE001 - whatever it is, the session goes on without a socket
            self._tell(f"The socket for scripts has failed, and is closed: {type(error).__name__}")
        for client in tuple(self._clients.values()):
            client.hang_up()
        for one in (self._listener, *self._wake):
            one.close()
        self._selector.close()

    def _turn(self) -> None:
        """Wait until there is something to do, or somebody who leaves has had their time; do it."""
        leaving = any(client.leaving for client in self._clients.values())
        for key, events in self._selector.select(_SOON / 4 if leaving else None):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._wake[0]:
                with contextlib.suppress(OSError):
                    self._wake[0].recv(4096)
            else:
                self._attend(self._clients[key.fd], events)
        self._spread()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it has gone again; or there are too many files, and it would be told of at once again
            time.sleep(_SOON / 4)
            return
        client = _Client(connection)
        if len(self._clients) >= MOST_CLIENTS:
            client.say({"error": f"{MOST_CLIENTS} are connected already"})
            client.hang_up()
            return
        self._clients[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ)

    def _attend(self, client: _Client, events: int) -> None:
        if events & selectors.EVENT_READ:
            for line in client.read():
                client.say(self._answer(line))
        if events & selectors.EVENT_WRITE:
            client.write()
        self._settle(client)

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            wish = read_line(line, lambda: tuple(self._routines()))
            if wish is None:
                return {"state": self._glance.as_record(self._inlet.now + self._offset)}
            self._inlet.take(wish, "socket")
        except RefusedError as error:
            return {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - such as a folder of routines that cannot be read; others go on
            self._tell(f"A script's line failed: {type(error).__name__}: {printable(str(error), 100)}")
            return {"error": f"the coach failed at this: {type(error).__name__}"}
        return {"ok": json.loads(line)}

    def _spread(self) -> None:
        """Give every client what has happened."""
        while self._records:
            line = write_line(self._records.popleft())
            for client in tuple(self._clients.values()):
                client.queue(line)
        for client in tuple(self._clients.values()):
            self._settle(client)

    def _settle(self, client: _Client) -> None:
        """Send what can be sent; let go of who is gone, and of who does not keep up."""
        if client.behind > MOST_LINES:
            client.drop_all_but_one({"error": f"you are {MOST_LINES} lines behind, and are cut off"})
            self._tell("A script on the socket does not read what it is sent, and was cut off.")
        client.write()
        done = client.ended or client.leaving
        if client.gone or (done and not client.behind) or (client.leaving and client.has_had_its_time):
            del self._clients[client.number]
            self._selector.unregister(client.connection)
            client.hang_up()
        else:
            # The end of it can be read again and again, and whoever leaves may say no more.
            wanted = 0 if client.ended or client.leaving else selectors.EVENT_READ
            wanted |= selectors.EVENT_WRITE if client.behind else 0
            self._selector.modify(client.connection, wanted)


class _Client:
    """One connection: what it has begun to say, and what it has not been sent yet."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection, self.number = connection, connection.fileno()
        self.gone = False
        self.ended = False
        """It says nothing more; what it has asked is answered before it is let go of."""
        self._leaves_at: float | None = None
        self._heard = b""
        self._lines: deque[bytes] = deque()

    @property
    def behind(self) -> int:
        return len(self._lines)

    @property
    def leaving(self) -> bool:
        return self._leaves_at is not None

    @property
    def has_had_its_time(self) -> bool:
        return self._leaves_at is not None and time.monotonic() >= self._leaves_at

    def leave(self) -> None:
        """Take nothing more to be sent; what is there may still be read for a moment."""
        self._leaves_at = self._leaves_at or time.monotonic() + _SOON

    def say(self, said: dict[str, Any]) -> None:
        self.queue(write_line(said))

    def queue(self, line: bytes) -> None:
        if not self.leaving:
            self._lines.append(line)

    def read(self) -> list[bytes]:
        """Return the whole lines that have come."""
        try:
            data = self.connection.recv(LONGEST)
        except BlockingIOError:
            return []
        except OSError:
            self.gone = True
            return []
        if not data:  # a line that ends with the connection is one all the same; whoever sent it may still read
            self.ended = True
            last, self._heard = self._heard, b""
            return [last] if last.strip() else []
        *lines, self._heard = (self._heard + data).split(b"\n")
        if len(self._heard) > LONGEST or any(len(line) > LONGEST for line in lines):
            self.say({"error": f"a line is longer than {LONGEST} bytes, and you are cut off"})
            self._heard = b""
            self.leave()
        return [] if self.leaving else [line for line in lines if line.strip()]

    def write(self) -> None:
        while self._lines and not self.gone:
            try:
                sent = self.connection.send(self._lines[0])
            except BlockingIOError:
                return
            except OSError:
                self.gone = True
                return
            rest = self._lines.popleft()[sent:]
            if rest:
                self._lines.appendleft(rest)

    def drop_all_but_one(self, last: dict[str, Any]) -> None:
        """Say one thing more, behind the line that has been begun, and nothing after it."""
        begun = self._lines[0]
        self._lines.clear()
        self._lines.append(begun)
        self.say(last)
        self.leave()

    def hang_up(self) -> None:
        self.write()
        with contextlib.suppress(OSError):
            self.connection.close()


def standard_path() -> Path:
    """Return where the socket is for ``auto``. Raises ``SocketError`` where this person has no such folder."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if not folder:
        raise SocketError(
            "There is no XDG_RUNTIME_DIR, so the socket has no place.",
            mend="give [socket] path a file name; a login, or `loginctl enable-linger`, makes the folder",
        )
    return Path(folder) / "voicecoach.sock"


def path_of(setting: str) -> Path:
    """Return where the socket is by the configuration. Raises ``SocketError``."""
    return standard_path() if setting == "auto" else Path(os.path.expanduser(setting))  # noqa: PTH111


def listen(path: Path) -> socket.socket:
    """Return a socket at ``path`` that only this person may open. Raises ``SocketError``.

    The file that a dead process left is replaced; one that somebody listens at is not, nor any other file.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise SocketError("This system has no such sockets.", mend='[socket] path = ""')
    try:
        if os.path.lexists(path):
            _make_room(path)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.bind(os.fspath(path))
            path.chmod(0o600)  # before anybody can be let in
            made.listen(MOST_CLIENTS)
        except OSError:
            made.close()
            raise
    except OSError as error:
        raise SocketError(
            f"The socket {path} cannot be made: {(error.strerror or str(error)).lower()}.",
            mend="give [socket] path another file name, in a folder of yours",
        ) from None
    return made


def _make_room(path: Path) -> None:
    """Take away what a dead process has left."""
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise SocketError(f"{path} is no socket, and is left as it is.", mend="give [socket] path another file name")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(1.0)
        try:
            knock.connect(os.fspath(path))
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                path.unlink()
                return
            if error.errno == errno.ENOENT:
                return
    raise SocketError(
        f"Another voicecoach listens at {path}.", mend="use that one, or give [socket] path another file name"
    )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
