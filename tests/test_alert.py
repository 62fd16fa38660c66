"""The alert hook: it tells, or says why not; it ends in time; and what may be a secret shows nowhere."""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voicecoach import alert
from voicecoach.alert import ALERT_VARIABLES, AlertHook, check_address, command_line, hidden
from voicecoach.ports import Alarm, Told

PATIENCE = 20.0
"""Seconds after which a test gives up waiting."""
HIDDEN = "hook-51c3"
"""What an address or a command holds that must show nowhere."""


@dataclass
class Server:
    """Answers each request as planned, the last answer for ever; keeps what it was sent."""

    plan: list[Callable[[BaseHTTPRequestHandler], None]]
    posts: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    port: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/{HIDDEN}?key={HIDDEN}"


Serve = Callable[..., Server]


def answers(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(alert, "RETRY_AFTER", 0.0)
    running: list[tuple[ThreadingHTTPServer, Server]] = []

    def start(*plan: Callable[[BaseHTTPRequestHandler], None]) -> Server:
        server = Server(list(plan))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.posts.append((self.command, self.path, body, self.headers["Content-Type"]))
                server.plan[min(len(server.posts), len(server.plan)) - 1](self)

            def do_GET(self) -> None:
                server.posts.append((self.command, self.path, b"", ""))
                answers(200)(self)

            def log_message(self, *_: object) -> None: ...

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        http.daemon_threads = True
        server.port = http.server_address[1]
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        running.append((http, server))
        return server

    yield start
    for http, server in running:
        server.let_go.set()
        http.shutdown()
        http.server_close()


EMERGENCY = Alarm("emergency", "bird-dog", 2, 3)


# --- Over the web -----------------------------------------------------------------------------------------------------


def test_a_server_gets_a_small_json_once(serve: Serve) -> None:
    server = serve(answers(200))
    assert AlertHook(webhook=server.address).tell(EMERGENCY) == Told(True)
    ((method, path, body, kind),) = server.posts
    assert (method, path, kind) == ("POST", f"/{HIDDEN}?key={HIDDEN}", "application/json")
    message = json.loads(body)
    assert set(message) == {name.removeprefix("VOICECOACH_ALERT_").lower() for name in ALERT_VARIABLES}
    assert (message["reason"], message["place"]) == ("emergency", "bird dog, set 2, repetition 3")
    assert message["text"].startswith("voicecoach: help was called for (bird dog, set 2, repetition 3), ")
    assert message["time"].startswith("20")


def test_a_server_that_fails_once_is_asked_again(serve: Serve) -> None:
    server = serve(answers(500), answers(204))
    assert AlertHook(webhook=server.address).tell(EMERGENCY) == Told(True)
    assert len(server.posts) == 2


@pytest.mark.parametrize("code", [400, 404, 500, 503])
def test_a_server_that_fails_twice_is_given_up(serve: Serve, code: int) -> None:
    server = serve(answers(code))
    told = AlertHook(webhook=server.address).tell(EMERGENCY)
    assert told == Told(False, (f"http://127.0.0.1/… answers {code}",))
    assert len(server.posts) == 2


def test_a_server_that_hangs_is_left_after_its_time(serve: Serve) -> None:
    def hang(handler: BaseHTTPRequestHandler) -> None:
        server.let_go.wait(PATIENCE)

    server = serve(hang)
    told = AlertHook(webhook=server.address, timeout=0.2).tell(EMERGENCY)
    assert not told.told
    assert "answer" in told.problems[0]
    assert len(server.posts) == 2


def test_a_server_that_trickles_is_left_after_its_time(serve: Serve) -> None:
    """Each byte comes in time, and the answer would be a good one: only a limit on the whole ends it."""

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        for _ in range(100):
            if server.let_go.wait(0.02):
                return
            handler.wfile.write(b"x")
        handler.wfile.write(b"\r\n\r\n")

    server = serve(trickle)
    assert AlertHook(webhook=server.address, timeout=0.3).tell(EMERGENCY).problems == (
        "http://127.0.0.1/… does not answer",
    )


def test_a_server_that_is_not_there_is_told_in_words(serve: Serve) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/{HIDDEN}"
        told = AlertHook(webhook=address).tell(EMERGENCY)
    assert told == Told(False, ("http://127.0.0.1/…: connection refused",))


def test_a_server_that_talks_no_http_is_told_in_words(serve: Serve) -> None:
    server = serve(lambda handler: handler.wfile.write(b"\x16\x03\x01 what?\r\n\r\n"))
    (problem,) = AlertHook(webhook=server.address).tell(EMERGENCY).problems
    assert problem == "http://127.0.0.1/…: BadStatusLine"


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_where_a_server_sends_on_the_message_is_posted_again(serve: Serve, code: int) -> None:
    target = serve(answers(200))
    server = serve(answers(code, Location=target.address))
    assert AlertHook(webhook=server.address).tell(EMERGENCY) == Told(True)
    assert [post[0] for post in target.posts] == ["POST"]
    assert target.posts[0][2] == server.posts[0][2]


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
def test_to_another_scheme_nothing_is_followed(serve: Serve, scheme: str) -> None:
    server = serve(answers(302, Location=f"{scheme}://{HIDDEN}/{HIDDEN}"))
    told = AlertHook(webhook=server.address).tell(EMERGENCY)
    assert not told.told
    assert told.problems


def test_a_page_to_look_at_is_no_answer(serve: Serve) -> None:
    """A 303 leads to a page for a visitor; that it opens does not mean that anybody was told."""
    target = serve(answers(200))
    server = serve(answers(303, Location=target.address))
    (problem,) = AlertHook(webhook=server.address).tell(EMERGENCY).problems
    assert "sends on (303) to http://127.0.0.1/…, which is not followed" in problem
    assert target.posts == []
    assert HIDDEN not in problem


def test_a_protected_message_is_never_sent_on_openly() -> None:
    import io
    from http.client import HTTPMessage
    from urllib.request import Request

    follow = alert._redirects()
    request = Request("https://example.org/x", b"{}", method="POST")
    with pytest.raises(Exception, match="not followed"):
        follow.redirect_request(request, io.BytesIO(), 307, "", HTTPMessage(), f"http://example.org/{HIDDEN}")
    sent = follow.redirect_request(request, io.BytesIO(), 307, "", HTTPMessage(), "https://example.net/y")
    assert sent is not None
    assert sent.get_method() == "POST"


def test_the_proxy_of_the_environment_is_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(answers(200))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    assert AlertHook(webhook="http://nowhere.invalid/hook").tell(EMERGENCY) == Told(True)
    assert proxy.posts[0][1] == "http://nowhere.invalid/hook"


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("https://hooks.example.org/T0/B1/abc?x=y#z", "https://hooks.example.org/…"),
        ("https://user:word@example.org:8443/abc", "https://example.org/…"),
        ("ftp://example.org/abc", "ftp://example.org/…"),
        ("abc", "…"),
        ("http://[", "…"),
        ("", ""),
    ],
)
def test_of_an_address_only_the_server_is_shown(address: str, seen: str) -> None:
    assert hidden(address) == seen


@pytest.mark.parametrize(
    "address",
    ["example.org", "ftp://example.org", "https://", "http://a b/", "http://ä.org/", "http://x:0/", "http://x:y/",
     "http://x\n/", "https://me:word@example.org/", "https://me@example.org/", "file:///etc/passwd"],
)  # fmt: skip
def test_an_address_that_cannot_be_posted_to_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        check_address(address)


# --- By a program -----------------------------------------------------------------------------------------------------


def script(folder: Path, code: str) -> str:
    path = folder / "tell someone.py"
    path.write_text(code)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))} 'a word' $HOME"


def test_a_program_gets_its_words_and_what_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "yes")
    code = f"import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open({str(tmp_path / 'out')!r}, 'w'))"
    assert AlertHook(script(tmp_path, code)).tell(EMERGENCY) == Told(True)
    words, env = json.loads((tmp_path / "out").read_text())
    assert words == ["a word", "$HOME"], "no shell has read it"
    assert env["KEPT"] == "yes"
    assert env["VOICECOACH_ALERT_REASON"] == "emergency"
    assert env["VOICECOACH_ALERT_PLACE"] == "bird dog, set 2, repetition 3"
    assert set(ALERT_VARIABLES) <= set(env)


def test_before_the_first_exercise_there_is_no_place(tmp_path: Path) -> None:
    code = f"import os; open({str(tmp_path / 'out')!r}, 'w').write(os.environ['VOICECOACH_ALERT_PLACE'])"
    assert AlertHook(script(tmp_path, code)).tell(Alarm("emergency")) == Told(True)
    assert (tmp_path / "out").read_text() == ""


def test_a_program_that_fails_has_told_nobody(tmp_path: Path) -> None:
    told = AlertHook(script(tmp_path, "raise SystemExit(1)")).tell(EMERGENCY)
    assert told == Told(False, (f"{Path(sys.executable).name} ended with 1",))


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (f"no-such-program --token {HIDDEN}", "no-such-program could not be started: no such file or directory"),
        ("/etc/passwd", "passwd could not be started: permission denied"),
        ("a\0b", "a\0b could not be started: ValueError"),
    ],
)
def test_a_program_that_cannot_be_started_is_told_in_words(command: str, problem: str) -> None:
    assert AlertHook(command).tell(EMERGENCY) == Told(False, (problem,))


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_program_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    pids_file, half = tmp_path / "pids", tmp_path / "half"
    code = f"sleep 600 & echo $! $$ > {shlex.quote(str(half))}; mv {shlex.quote(str(half))} {shlex.quote(str(pids_file))}; wait"
    told = AlertHook(f"sh -c {shlex.quote(code)}", timeout=2.0).tell(EMERGENCY)
    assert told == Told(False, ("sh took longer than 2 s and was ended",))
    pids = [int(pid) for pid in pids_file.read_text().split()]
    until = time.monotonic() + PATIENCE
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(map(alive, pids))


@pytest.mark.parametrize("command", ["a 'b", '"', '""', " ", "'' x"])
def test_a_command_that_cannot_be_parted_is_refused(command: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        command_line(command)


# --- Both, and neither ------------------------------------------------------------------------------------------------


def test_one_way_that_works_is_enough_and_the_other_is_named(serve: Serve, tmp_path: Path) -> None:
    server = serve(answers(200))
    told = AlertHook("no-such-program", server.address).tell(EMERGENCY)
    assert told == Told(True, ("no-such-program could not be started: no such file or directory",))


def test_with_nothing_set_up_nobody_is_told() -> None:
    hook = AlertHook()
    assert hook.ways == ()
    assert hook.tell(EMERGENCY) == Told(False)


def test_the_ways_are_shown_without_a_secret() -> None:
    hook = AlertHook(f"/opt/call --token {HIDDEN}", f"https://example.org/{HIDDEN}")
    assert hook.ways == ("call", "https://example.org/…")


# --- Asked for again and again ----------------------------------------------------------------------------------------


class Line:
    """A hook whose program counts its calls and ends as it is told; time is what the test says."""

    def __init__(self, folder: Path) -> None:
        self.now, self.waited = 1000.0, 0.0
        self._calls, self._code = folder / "calls", folder / "code"
        self._calls.touch()
        self.ends_with(0)
        code = f'echo "$VOICECOACH_ALERT_REASON" >> {self._calls}; exit $(cat {self._code})'
        self.hook = AlertHook(f"sh -c {shlex.quote(code)}", clock=lambda: self.now, sleep=self._wait)

    def _wait(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds

    def ends_with(self, code: int) -> None:
        self._code.write_text(str(code))

    def tell(self, reason: str = "emergency") -> bool:
        return self.hook.tell(Alarm(reason)).told

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().split("\n")[:-1]


def test_what_was_told_is_told_again_only_after_a_minute(tmp_path: Path) -> None:
    line = Line(tmp_path)
    for _ in range(50):
        assert line.tell(), "somebody was told, a moment ago"
        line.now += 0.2
    assert line.calls == ["emergency"]
    line.now = 1059.9
    assert line.tell()
    assert len(line.calls) == 1
    line.now = 1060.0
    assert line.tell()
    assert len(line.calls) == 2
    assert line.waited == 0


def test_each_reason_has_a_minute_of_its_own(tmp_path: Path) -> None:
    line = Line(tmp_path)
    assert line.tell("no answer")
    assert line.tell("emergency")
    assert line.calls == ["no answer", "emergency"]


def test_what_failed_is_tried_again_at_once_and_never_said_to_be_told(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.ends_with(1)
    assert not line.tell()
    line.now += 20
    assert not line.tell()
    line.ends_with(0)
    line.now += 20
    assert line.tell()
    assert len(line.calls) == 3
    assert line.waited == 0
    line.ends_with(1)
    line.now += 70
    assert not line.tell(), "that it was told before is no longer true"
    assert not line.tell()
    assert len(line.calls) == 5


def test_a_program_that_fails_is_not_started_as_fast_as_it_is_asked_for(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.ends_with(1)
    for _ in range(4):
        assert not line.tell()
    assert len(line.calls) == 4, "each was tried: nobody is put off"
    assert line.waited == 15.0


def test_an_attempt_that_breaks_has_told_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(tmp_path)
    assert line.tell()
    line.now += 100
    with monkeypatch.context() as broken:
        broken.setattr(alert, "ThreadPoolExecutor", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            line.tell()
    assert line.tell()
    assert len(line.calls) == 2


def test_those_who_ask_while_another_tries_share_one_attempt_that_began_after_they_asked(tmp_path: Path) -> None:
    """Said again while the first attempt hangs: it fails, and the one that follows it is for all of them."""
    first, second, calls = tmp_path / "answer1", tmp_path / "answer2", tmp_path / "calls"
    os.mkfifo(first)
    second.write_text("0")
    code = f"echo x >> {calls}; exit $(cat {tmp_path}/answer$(wc -l < {calls}))"
    ticks = iter(range(1000))
    asked = threading.Semaphore(0)

    def clock() -> float:
        asked.release()
        return 0.01 * next(ticks)

    hook = AlertHook(f"sh -c {shlex.quote(code)}", clock=clock, sleep=lambda _: None)
    came: list[bool] = []
    threads = [threading.Thread(target=lambda: came.append(hook.tell(EMERGENCY).told)) for _ in range(6)]
    threads[0].start()
    with first.open("w") as end:  # the first attempt is under way
        while asked.acquire(timeout=0.1):
            pass
        for thread in threads[1:]:
            thread.start()
        for _ in threads[1:]:
            assert asked.acquire(timeout=PATIENCE)
        end.write("1")
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(came) == [False, *[True] * 5]
    assert calls.read_text().count("x") == 2
