"""The alert hook: tells somebody, by a program or over the web, that the person needs help.

Rule: bounded in time and honest. Whatever hangs is left or ended after its time, "told" means that a program ended with
0 or a server took the message, and of an address only the server's name is ever shown: the rest may be a secret.
"""

from __future__ import annotations

import json
import math
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from voicecoach import __version__
from voicecoach.ports import Alarm, Told

if TYPE_CHECKING:
    import urllib.request

ALERT_VARIABLES = tuple(f"VOICECOACH_ALERT_{name}" for name in ("REASON", "TEXT", "PLACE", "TIME"))
"""What the program finds in its environment; the posted JSON has the same four, in small letters."""

RETRY_AFTER = 1.0
"""Seconds between the first attempt at a server and the second, which is the last."""

AGAIN_AFTER = 60.0
"""Seconds from one alert that came through to the next of the same reason: whoever got it knows."""
NOT_BEFORE = 5.0
"""Seconds from an attempt that failed to the next: soon, since somebody is in need, and not as fast as a flood asks."""

_WORDS = {
    "emergency": "help was called for",
    "no answer": "nobody answers after pain",
    "test": "this is a test of the alert",
}


class AlertHook:
    """Tells somebody by ``command``, by ``webhook``, or by both at the same time; "" is neither.

    ``command`` is a program with its arguments, run without a shell and ended with all it has started after ``timeout``
    seconds. ``webhook`` is an http(s) address; a JSON object is posted to it, once more if that fails, for at most
    ``timeout`` seconds each. Both must have passed ``command_line`` and ``check_address``.

    Of each reason there is one alert a minute, however often it is asked for, by whomever. ``clock`` gives seconds.
    """

    def __init__(
        self,
        command: str = "",
        webhook: str = "",
        timeout: float = 10.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._command, self._webhook, self._timeout = command, webhook, timeout
        chosen = ((command, self._run), (webhook, self._post))
        self._ways = tuple(way for setting, way in chosen if setting)
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._attempts: dict[str, _Attempts] = {}

    @property
    def ways(self) -> tuple[str, ...]:
        """Who tells, as it may be shown; empty where nothing is set up."""
        names = (_program(self._command) if self._command else "", hidden(self._webhook) if self._webhook else "")
        return tuple(name for name in names if name)

    def tell(self, alarm: Alarm) -> Told:
        """Tell somebody; blocks until that is done or has failed. Raises nothing.

        Where the same was told within the last minute it is not told again: the answer is that it was told, which is
        true. What failed is tried again for whoever asks again: nobody is answered by an attempt that began before
        they asked. Those who ask while another tries wait, and one more attempt is for all of them.
        """
        if not self._ways:
            return Told(told=False)
        asked = self._clock()
        with self._lock:
            latest = self._attempts.setdefault(alarm.reason, _Attempts())
        with latest.lock:
            # Whoever asks for what was told a moment ago has been helped; the receiver's telephone rings as it is.
            if latest.came.told and self._clock() - latest.began < AGAIN_AFTER:
                return Told(told=True)
            if not latest.came.told and asked < latest.began:
                return latest.came
            if not latest.came.told and (wait := latest.began + NOT_BEFORE - self._clock()) > 0:
                self._sleep(wait)
            latest.began, latest.came = self._clock(), Told(told=False)  # until it is known
            latest.came = self._attempt_all(alarm)
            return latest.came

    def _attempt_all(self, alarm: Alarm) -> Told:
        message = _message(alarm)
        with ThreadPoolExecutor(len(self._ways), "voicecoach_alert") as pool:
            problems = list(pool.map(lambda way: way(message), self._ways))
        return Told("" in problems, tuple(problem for problem in problems if problem))

    def _run(self, message: Mapping[str, str]) -> str:
        """Run the program. Return what went wrong, or nothing."""
        arguments = command_line(self._command)
        arguments[0] = os.path.expanduser(arguments[0])  # noqa: PTH111 - Path's raises for "~nobody"
        name = _program(self._command)
        told = {f"VOICECOACH_ALERT_{key.upper()}": value for key, value in message.items()}
        nowhere = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                arguments,
                env={**os.environ, **told},
                stdin=nowhere,
                stdout=nowhere,
                stderr=nowhere,
                start_new_session=True,  # a group of its own, so that all it starts can be ended with it
            )
        except (OSError, ValueError) as error:
            return f"{name} could not be started: {_reason(error)}"
        try:
            code = process.wait(self._timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            return f"{name} took longer than {self._timeout:g} s and was ended"
        return "" if code == 0 else f"{name} ended with {code}"

    def _post(self, message: Mapping[str, str]) -> str:
        """Post the message, at most twice. Return what went wrong, or nothing."""
        problem = self._within(lambda: self._attempt(message))
        if problem:
            time.sleep(RETRY_AFTER)
            problem = self._within(lambda: self._attempt(message))
        return problem

    def _within(self, attempt: Callable[[], str]) -> str:
        """Make an attempt, and leave it behind when its time is over: a resolver or a trickle knows no time limit."""
        done: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=lambda: done.put(attempt()), name="voicecoach_post", daemon=True).start()
        try:
            return done.get(timeout=self._timeout)
        except queue.Empty:
            return f"{hidden(self._webhook)} does not answer"

    def _attempt(self, message: Mapping[str, str]) -> str:
        import urllib.error
        import urllib.request

        server = hidden(self._webhook)
        headers = {"Content-Type": "application/json", "User-Agent": f"voicecoach/{__version__}"}
        body = json.dumps(message).encode()
        request = urllib.request.Request(self._webhook, body, headers, method="POST")  # noqa: S310 - it was checked
        try:
            # Made anew each time: it takes up the proxies of the environment.
            with urllib.request.build_opener(_redirects()).open(request, timeout=self._timeout):
                return ""
        except urllib.error.HTTPError as error:
            error.close()
            return f"{server} answers {error.code}"
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be told, and without the address in it
            return f"{server}: {_reason(error)}"


@dataclass(slots=True)
class _Attempts:
    """What became of the latest alert of a reason; whoever holds ``lock`` makes the next."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    began: float = -math.inf
    came: Told = field(default_factory=lambda: Told(told=False))


class _NotFollowedError(Exception):
    """The server sends on to where the message must not go. ``str()`` says so."""


def command_line(command: str) -> list[str]:
    """Return a program and its arguments as a shell would part them. Raises ``ValueError`` with what is allowed."""
    try:
        arguments = shlex.split(command)
    except ValueError:
        arguments = [""]
    if command and not (arguments and arguments[0]):
        raise ValueError("this cannot be parted into words; allowed: a program with arguments, every quote closed")
    return arguments


def check_address(address: str) -> None:
    """Raise ``ValueError`` with what is allowed where ``address`` is not one that can be posted to."""
    parts = _split(address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("this is no address to post to; allowed: an http or https address, such as https://ntfy.sh/me")
    if parts.username is not None or parts.password is not None:
        raise ValueError("this has a name or password before the server; allowed: an address without")


def hidden(address: str) -> str:
    """Return an address as it may be shown: everything behind the server's name may be a secret."""
    parts = _split(address)
    return f"{parts.scheme}://{parts.hostname}/…" if parts and parts.hostname else "…" if address else ""


def hidden_command(command: str) -> str:
    """Return a command as it may be shown: the program, and that there is more. Its arguments may hold a secret."""
    try:
        program, *arguments = command_line(command) or [""]
    except ValueError:  # nobody knows where the program ends
        return "…"
    setting, behind, _ = program.partition("=")  # TOKEN=… before a program, as in a shell, which this is none
    return f"{setting}=…" if behind else f"{program} …" if arguments else command


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address, or None where it is none."""
    try:
        parts = urlsplit(address)
        sound = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if sound and address.isascii() and address.isprintable() and " " not in address else None


def _message(alarm: Alarm) -> dict[str, str]:
    where = [alarm.exercise.replace("-", " ")] if alarm.exercise else []
    where += [f"{name} {number}" for name, number in (("set", alarm.set), ("repetition", alarm.rep)) if number]
    place, moment = ", ".join(where), datetime.now().astimezone()
    what = _WORDS.get(alarm.reason, alarm.reason)
    at = f" ({place})" if place else ""
    text = f"voicecoach: {what}{at}, {moment:%H:%M}"
    return {"reason": alarm.reason, "text": text, "place": place, "time": moment.isoformat(timespec="seconds")}


def _program(command: str) -> str:
    """Return a program's name without its folder and its arguments, which may hold a secret."""
    return os.path.basename(hidden_command(command).removesuffix(" …"))  # noqa: PTH119 - "." and "/" have no name there


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process with its group."""
    if hasattr(os, "killpg"):
        with suppress(OSError):  # it ended by itself this very moment
            os.killpg(process.pid, signal.SIGKILL)  # not yet waited for, so the number is still its own
    else:
        process.kill()
    process.wait()


def _reason(error: BaseException) -> str:
    inner = getattr(error, "reason", error)  # what a URLError is about
    if isinstance(inner, TimeoutError):
        return "no answer"
    if isinstance(inner, _NotFollowedError):
        return str(inner)
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror.lower()
    return type(inner).__name__  # its text may repeat the address


def _redirects() -> urllib.request.HTTPRedirectHandler:
    """Return what follows a server elsewhere; made late, because importing ``urllib.request`` takes a while."""
    from urllib.request import HTTPRedirectHandler, Request

    class Redirects(HTTPRedirectHandler):
        """Posts again where the server sends on to: never another scheme but https, never as a mere visit.

        urllib would ask the new address with GET, and take the page that welcomes any visitor for "told".
        """

        def redirect_request(self, req: Request, fp: IO[bytes], code: int, *text: Any) -> Request:
            *_, newurl = text
            fp.close()
            scheme = urlsplit(newurl).scheme
            if code == 303 or scheme not in {req.type, "https"}:
                raise _NotFollowedError(f"it sends on ({code}) to {hidden(newurl)}, which is not followed")
            return Request(newurl, req.data, req.headers, method="POST", unverifiable=True)  # noqa: S310

    return Redirects()
