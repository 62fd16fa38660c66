"""The keyboard ear on a real pseudo-terminal, on a pipe, and under the signals of a shell."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
import termios
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.hearing.phrases import PHRASES
from voicecoach.core.events import IDLE, Command, Heard, Overheard
from voicecoach.hearing.keys import KEYS, KeyboardEar, available, legend

PATIENCE = 10.0
ROOT = Path(__file__).parents[2]


class Desk:
    """A pseudo-terminal with a keyboard ear on one side and fingers on the other."""

    def __init__(self, *, pipe: bool = False) -> None:
        self.fingers, other = os.pipe()[::-1] if pipe else pty.openpty()
        self.stream: TextIO = os.fdopen(other, "r", closefd=True)
        self.before = None if pipe else termios.tcgetattr(other)
        self.heard: list[Heard] = []
        self.overheard: list[Overheard] = []
        self.complaints: list[str] = []
        self.ear = KeyboardEar(PHRASES, self.put, lambda: 12.5, self.stream, self.complaints.append)

    def put(self, one: Heard | Overheard) -> None:
        if isinstance(one, Heard):
            self.heard.append(one)
        else:
            self.overheard.append(one)

    def type(self, text: str) -> None:
        os.write(self.fingers, text.encode())

    def until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, (self.heard, self.complaints)
            time.sleep(0.005)

    def hears(self, text: str, *expected: Command) -> None:
        self.heard.clear()
        self.type(text)
        self.until(lambda: len(self.heard) >= len(expected))
        assert [one.command for one in self.heard] == list(expected)

    @property
    def attributes(self) -> list[Any]:
        return termios.tcgetattr(self.stream)

    def leave(self) -> None:
        self.ear.close()
        os.close(self.fingers)
        self.stream.close()


@pytest.fixture(name="desk")
def _desk() -> Iterator[Desk]:
    desk = Desk()
    try:
        desk.ear.start()
        yield desk
    finally:
        desk.leave()


@pytest.fixture(name="pipe")
def _pipe() -> Iterator[Desk]:
    desk = Desk(pipe=True)
    desk.ear.start()
    yield desk
    desk.ear.close()
    desk.stream.close()


# --- Keys -----------------------------------------------------------------------------------------------------------------


def test_every_command_has_a_key_and_no_key_has_two_meanings() -> None:
    assert set(KEYS.values()) == set(Command) - IDLE, "those have typed phrases only"
    assert all(len(key) == 1 and key == key.lower() for key in KEYS)


def test_the_legend_shows_every_key_and_its_command_in_words() -> None:
    shown = legend()
    assert len(shown) == len(KEYS) + 1
    assert ("enter", "ready") in shown
    assert ("/", "type a phrase") in shown
    assert len({key for key, _ in shown}) == len(shown)


def test_each_key_acts_at_once(desk: Desk) -> None:
    for key, command in KEYS.items():
        desk.hears(key, command)
    assert all(one == Heard(12.5, one.command, one.words, "keys") for one in desk.heard)


def test_capitals_mean_the_same_and_other_keys_nothing(desk: Desk) -> None:
    desk.hears("P;\t:äNX", Command.PAUSE, Command.NEXT, Command.STOP)
    assert desk.overheard == []


@pytest.mark.parametrize("sequence", ["\x1b[A", "\x1b[1;5B", "\x1bOP", "\x1b[15~", "\x1bn"], ids=repr)
def test_arrows_and_function_keys_are_not_read_as_letters(desk: Desk, sequence: str) -> None:
    desk.hears(f"r{sequence}d", Command.RESUME, Command.DONE)


def test_a_typed_phrase_is_taken_as_a_whole(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.hears("/Take a  BREAK\n", Command.PAUSE)
    assert desk.heard[0].words == "take a break"
    desk.hears("/undoo\x7f\n", Command.UNDO)
    desk.hears("/status\n", Command.STATUS)
    assert "Take a" in capsys.readouterr().err


def test_a_typed_phrase_may_be_mistyped_or_dropped(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.type("/pause please\n")
    desk.until(lambda: bool(desk.complaints))
    assert "pause please" in desk.complaints[0]
    assert desk.heard == []
    assert desk.overheard == [Overheard(12.5, "pause please")]
    desk.type("/pau\x1b")
    desk.until(lambda: "dropped" in capsys.readouterr().err)  # Escape and "d" in one go would be Alt-D
    desk.hears("d", Command.DONE)
    desk.hears("/\n/a\x7f\x7fn", Command.NEXT)  # an empty line, then everything erased
    capsys.readouterr()


def test_the_terminal_is_quiet_while_it_listens_and_as_before_afterwards() -> None:
    desk = Desk()
    desk.ear.start()
    local = desk.attributes[3]
    assert not local & termios.ECHO
    assert not local & termios.ICANON
    assert local & termios.ISIG  # Ctrl-C still interrupts
    desk.ear.close()
    assert desk.attributes == desk.before
    desk.ear.close()
    desk.leave()


def test_it_gives_the_terminal_back_when_closed_from_another_thread() -> None:
    desk = Desk()
    handlers = [signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)]
    desk.ear.start()
    closer = threading.Thread(target=desk.ear.close)
    closer.start()
    closer.join(PATIENCE)
    assert desk.attributes == desk.before
    desk.leave()
    assert [signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)] == handlers


def test_a_terminal_that_goes_away_ends_it() -> None:
    desk = Desk()
    desk.ear.start()
    assert not desk.ear.ended
    os.close(desk.fingers)
    desk.until(lambda: desk.ear.ended)
    desk.ear.close()
    desk.stream.close()


# --- A pipe ---------------------------------------------------------------------------------------------------------------


def test_on_a_pipe_every_line_is_a_phrase_or_the_name_of_a_command(pipe: Desk) -> None:
    pipe.hears(
        "take a break\nnext\n\n  What can I say \nend\n", Command.PAUSE, Command.NEXT, Command.OPTIONS, Command.END
    )
    pipe.hears("p\nresume\n", Command.RESUME)  # no single keys here
    pipe.until(lambda: len(pipe.complaints) == 1)
    assert pipe.overheard == [Overheard(12.5, "p")]
    os.close(pipe.fingers)


def test_the_end_of_a_pipe_ends_it_after_the_last_unfinished_line(pipe: Desk) -> None:
    pipe.type("undo\nst")
    pipe.type("op")
    os.close(pipe.fingers)
    pipe.until(lambda: pipe.ear.ended)
    assert [one.command for one in pipe.heard] == [Command.UNDO, Command.STOP]


def test_a_pipe_with_bytes_that_are_no_text_does_no_harm(pipe: Desk) -> None:
    os.write(pipe.fingers, b"\xff\xfe\x00\nnext\n")
    pipe.until(lambda: bool(pipe.heard))
    os.close(pipe.fingers)


def test_only_a_terminal_is_a_keyboard() -> None:
    fingers, other = pty.openpty()
    with os.fdopen(other) as stream:
        assert available(stream)
    assert not available(stream)  # closed by now
    os.close(fingers)
    assert not available(io.StringIO())
    assert not available(None)


def test_a_job_in_the_background_leaves_the_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fingers, other = pty.openpty()
    with os.fdopen(other) as stream:
        monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp() + 1)
        assert not available(stream)
    os.close(fingers)


# --- Signals, in a process of their own under a small shell ------------------------------------------------------------------

CHILD = """
import sys, time
from voicecoach.core.events import Command
from voicecoach.hearing.keys import KeyboardEar
ear = KeyboardEar({}, lambda heard: print("heard", heard.command.value, flush=True), lambda: 0.0)
ear.start()
print("listening", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
finally:
    ear.close()
"""

SHELL = """
import os, signal, subprocess, sys, termios, time
tty = os.open(sys.argv[1], os.O_RDWR)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
read, write = os.pipe()
child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=tty, stdout=write, process_group=0, close_fds=True,
                         restore_signals=True, preexec_fn=lambda: signal.signal(signal.SIGTTOU, signal.SIG_DFL))
os.tcsetpgrp(tty, child.pid)
lines = os.fdopen(read)
def raw():
    return not termios.tcgetattr(tty)[3] & termios.ICANON
def say(*words):
    print(*words, flush=True)
def settle(state):
    end = time.monotonic() + 10
    while raw() is not state and time.monotonic() < end:
        time.sleep(0.01)
    return "raw" if raw() else "cooked"
say(lines.readline().strip(), settle(True))
for order in sys.stdin:
    order = order.strip()
    if order == "look":
        say(lines.readline().strip())
    elif order == "stopped":
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        os.tcsetpgrp(tty, os.getpgrp())
        say("stopped" if os.WIFSTOPPED(status) else "gone", settle(False))
    elif order in ("fg", "bg"):
        if order == "fg":
            os.tcsetpgrp(tty, child.pid)
        os.killpg(child.pid, signal.SIGCONT)
        if order == "bg":
            time.sleep(0.3)
        say("running" if os.waitpid(child.pid, os.WNOHANG | os.WUNTRACED)[0] == 0 else "not running",
            settle(order == "fg"))
    elif order == "wait":
        child.wait()
        os.tcsetpgrp(tty, os.getpgrp())
        say("ended", child.returncode, settle(False))
    else:
        os.kill(child.pid, int(order))
        say("sent")
"""


class Shell:
    """A session leader with a controlling terminal that runs the ear as its foreground job."""

    def __init__(self) -> None:
        self.fingers, slave = pty.openpty()
        script = f"CHILD = {CHILD!r}\n{textwrap.dedent(SHELL)}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, os.ttyname(slave)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
            cwd=ROOT,
        )
        os.close(slave)
        self.watchdog = threading.Timer(3 * PATIENCE, self.process.kill)  # a job that hangs answers with an empty line
        self.watchdog.start()
        assert self.answer() == "listening raw"

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, order: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return self.answer()

    def type(self, text: str) -> None:
        os.write(self.fingers, text.encode())

    def leave(self) -> None:
        self.watchdog.cancel()
        self.process.kill()
        self.process.communicate()
        os.close(self.fingers)


@pytest.fixture(name="shell")
def _shell() -> Iterator[Shell]:
    shell = Shell()
    yield shell
    shell.leave()


def test_ctrl_c_interrupts_and_the_terminal_is_given_back(shell: Shell) -> None:
    shell.type("n")
    assert shell.ask("look") == "heard next"
    shell.type("\x03")
    assert shell.ask("look") == "interrupted"
    assert shell.ask("wait") == "ended 0 cooked"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_it_gives_the_terminal_back_first(shell: Shell, number: int) -> None:
    assert shell.ask(str(int(number))) == "sent"
    assert shell.ask("wait") == f"ended {-number} cooked"


def test_ctrl_z_gives_the_terminal_back_and_going_on_takes_it_again(shell: Shell) -> None:
    for _ in range(2):
        shell.type("\x1a")
        assert shell.ask("stopped") == "stopped cooked"
        assert shell.ask("fg") == "running raw"
        shell.type("d")
        assert shell.ask("look") == "heard done"


def test_going_on_in_the_background_it_keeps_its_hands_off_the_terminal(shell: Shell) -> None:
    shell.type("\x1a")
    assert shell.ask("stopped") == "stopped cooked"
    assert shell.ask("bg") == "running cooked"
    assert shell.ask("fg") == "running raw"
    shell.type("u")
    assert shell.ask("look") == "heard undo"
