"""The keyboard ear: single keys act at once, ``/`` begins a typed phrase; on a pipe, every line is a phrase.

Rule: whatever happens, the terminal is given back as it was found: at the end, on Ctrl-C, on Ctrl-Z and after it, when
the process is told to end. In the background the terminal belongs to somebody else, and is left alone.
(POSIX: single keys need ``termios``. Elsewhere there are no keys, and lines are phrases as on a pipe.)
"""

from __future__ import annotations

import atexit
import codecs
import os
import re
import select
import signal
import sys
import threading
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TextIO

from voicecoach.core.events import IDLE, Command, Heard, Overheard

try:
    import termios
    import tty
except ImportError:  # Windows
    termios = tty = None  # type: ignore[assignment]

KEYS: Mapping[str, Command] = {
    "!": Command.PAIN,
    "o": Command.PAIN,
    "x": Command.STOP,
    " ": Command.PAUSE,
    "p": Command.PAUSE,
    "r": Command.RESUME,
    "\n": Command.READY,
    "n": Command.NEXT,
    "s": Command.SKIP,
    "b": Command.BACK,
    "a": Command.AGAIN,
    "h": Command.HOW,
    "d": Command.DONE,
    "t": Command.STATUS,
    "u": Command.UNDO,
    "e": Command.END,
    "y": Command.YES,
    "c": Command.NO,
    "?": Command.OPTIONS,
    "m": Command.EMERGENCY,
    "<": Command.EASIER,
    ">": Command.HARDER,
    "[": Command.SLOWER,
    "]": Command.FASTER,
    "+": Command.MORE_REST,
    "w": Command.WHATS_NEXT,
    "i": Command.SWITCH,
    "l": Command.LOUDER,
    "q": Command.QUIETER,
    ",": Command.LESS_TALK,
    ".": Command.MORE_TALK,
    "z": Command.SLEEP,
    "@": Command.WAKE,
    "v": Command.UNSURE,
    "f": Command.MISTAKE,
    "k": Command.CHECK,
    "j": Command.SHARP,
    "g": Command.ACHE,
    "=": Command.SAME,
    "^": Command.BETTER,
    "_": Command.WORSE,
    "~": Command.TIRED,
    "#": Command.EQUIPMENT,
    "0": Command.ZERO,
    "1": Command.ONE,
    "2": Command.TWO,
    "3": Command.THREE,
    "4": Command.FOUR,
    "5": Command.FIVE,
    "6": Command.SIX,
    "7": Command.SEVEN,
    "8": Command.EIGHT,
    "9": Command.NINE,
    "*": Command.TEN,
}
"""What each key means. No key means two things, so "no" is ``c`` (cancel): ``n`` is "next". Capitals mean the same as
small letters: "stop" must be "stop" with Caps Lock too."""

_NAMES = {" ": "space", "\n": "enter"}
_PHRASE = "/"
_ESCAPE = "\x1b"
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\x1b])")
"""What arrows, function keys and Alt send: it must not be read as the letters in it."""
_BACKGROUND_LOOK = 0.25
"""Seconds between two looks whether the terminal is ours again."""
_LONGEST = 200
"""Characters of a typed phrase; what is more is left out. The longest command has fewer than 40."""
_FOR_THE_MAIN_THREAD = ("SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP", "SIGCONT")
"""Python's handlers run in the main thread; a signal that another one takes does not wake it, and Ctrl-C seems dead."""
_ERASE = {"\x7f", "\x08"}


def legend() -> list[tuple[str, str]]:
    """Return the keys and what they mean, for the screen: ``("p", "pause")``."""
    meanings = {Command.STATUS: "time left"}
    keys = [(_NAMES.get(key, key), meanings.get(command, command.value)) for key, command in KEYS.items()]
    return [*keys, (_PHRASE, "type a phrase")]


def available(stream: TextIO | None) -> bool:
    """Return whether somebody sits at a keyboard: ``stream`` is a terminal, and ours (not that of a job behind us)."""
    try:
        return termios is not None and stream is not None and stream.isatty() and not _behind(stream)
    except (ValueError, OSError):  # it is closed or gone
        return False


def _behind(stream: TextIO) -> bool:
    """Tell whether this process runs in the background of the terminal: touching it would stop the process."""
    try:
        return os.tcgetpgrp(stream.fileno()) != os.getpgrp()
    except OSError:  # not our controlling terminal: nobody would stop us
        return False


class KeyboardEar:
    """Reads keys, or lines from a pipe, in a thread of its own and puts what they mean.

    ``put`` takes each ``Heard``, and an ``Overheard`` for a typed phrase that means nothing, of which ``complain``
    tells the person; ``clock`` gives the session time. What is typed is unambiguous: no phrase yields here.
    """

    def __init__(
        self,
        phrases: Mapping[str, Command],
        put: Callable[[Heard | Overheard], None],
        clock: Callable[[], float],
        stream: TextIO | None = None,
        complain: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._phrases = {**{command.value: command for command in Command if command not in IDLE}, **phrases}
        self._put, self._clock, self._complain = put, clock, complain
        self._stream = sys.stdin if stream is None else stream
        self._typed: str | None = None
        self._thread: threading.Thread | None = None
        self._wake: tuple[int, int] | None = None
        self._saved: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._ended = self._closed = False

    @property
    def ended(self) -> bool:
        """Whether nothing more can come: the pipe has ended, or the terminal is gone."""
        return self._ended

    def start(self) -> None:
        """Begin to listen. Call it from the main thread (Ctrl-Z is handled there)."""
        if termios is None:
            threading.Thread(target=self._read_lines, name="voicecoach_keys", daemon=True).start()
            return
        self._wake = os.pipe()
        if available(self._stream):
            self._saved = termios.tcgetattr(self._stream)
            atexit.register(self._give_back)
            self._take()
            self._watch_signals()
        self._thread = threading.Thread(target=self._listen, name="voicecoach_keys", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and give the terminal back; safe to call twice."""
        self._closed = True
        if self._wake is not None:
            os.write(self._wake[1], b".")
            if self._thread is not None:
                self._thread.join(timeout=2.0)
            for end in self._wake:
                os.close(end)
            self._wake = None
        self._give_back()
        atexit.unregister(self._give_back)
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._handlers.clear()

    # --- The terminal ---------------------------------------------------------------------------------------------

    def _take(self) -> None:
        """Have every key at once and unseen; Ctrl-C and Ctrl-Z stay what they are."""
        with suppress(termios.error, ValueError, OSError):  # the terminal may be gone
            if not _behind(self._stream):
                tty.setcbreak(self._stream, termios.TCSANOW)

    def _give_back(self) -> None:
        if self._saved is not None:
            with suppress(termios.error, ValueError, OSError):
                if not _behind(self._stream):
                    termios.tcsetattr(self._stream, termios.TCSANOW, self._saved)

    def _watch_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return

        def obey(number: int, _: Any) -> None:
            """Do what the signal does by itself, with the terminal given back first."""
            self._give_back()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)  # a stop stops here, and goes on here
            signal.signal(number, obey)

        def go_on(*_: Any) -> None:
            self._take()

        for number in (signal.SIGTSTP, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:  # somebody who ends in order calls close
                self._handlers[number] = signal.signal(number, obey)
        self._handlers[signal.SIGCONT] = signal.signal(signal.SIGCONT, go_on)

    # --- Listening ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        assert self._wake is not None  # noqa: S101 - start made it
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.Signals[name] for name in _FOR_THE_MAIN_THREAD})
        terminal = self._saved is not None
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        line = ""
        while True:
            try:
                readable, _, _ = select.select([self._stream, self._wake[0]], [], [])
                if self._wake[0] in readable:
                    return
                if terminal and _behind(self._stream):  # these keys are meant for the one in front
                    select.select([self._wake[0]], [], [], _BACKGROUND_LOOK)
                    continue
                data = os.read(self._stream.fileno(), 1024)
            except (OSError, ValueError):  # the terminal is gone, or the stream closed
                data = b""
            text = decoder.decode(data, final=not data)
            if terminal:
                for key in _SEQUENCE.sub("", text):
                    self._press(key)
            else:
                *lines, line = (line + text).split("\n")
                line = line[:_LONGEST]  # whoever sends no line break shall not fill the memory
                for entry in lines if data else [*lines, line]:
                    self._understand(entry)
            if not data:
                self._ended = True
                return

    def _read_lines(self) -> None:
        """Take lines where a terminal gives no single keys, and nothing can wait for a pipe and for us at once."""
        with suppress(OSError, ValueError):  # the stream is gone, or closed
            while not self._closed and (line := self._stream.readline(4 * _LONGEST)):
                if not self._closed:
                    self._understand(line)
        self._ended = True

    def _press(self, key: str) -> None:
        key = "\n" if key == "\r" else key
        if self._typed is not None:
            self._type(key)
        elif key == _PHRASE:
            self._typed = ""
            self._echo("\n/")
        elif key.lower() in KEYS:
            command = KEYS[key.lower()]
            self._put(Heard(self._clock(), command, command.value, "keys"))

    def _type(self, key: str) -> None:
        typed = self._typed or ""
        if key == "\n":
            self._typed = None
            self._echo("\n")
            self._understand(typed)
        elif key in _ERASE:
            self._typed = typed[:-1] if typed else None
            self._echo("\b \b")
        elif key == _ESCAPE:
            self._typed = None
            self._echo(" (dropped)\n")
        elif key.isprintable() and len(typed) < _LONGEST:
            self._typed = typed + key
            self._echo(key)

    def _understand(self, text: str) -> None:
        words = unicodedata.normalize("NFC", " ".join(text.lower().split()))  # "ü" may be typed as u and two dots
        words = "".join(mark if mark.isprintable() else "\ufffd" for mark in words[:_LONGEST])  # it is shown, and kept
        if not words:
            return
        if words in self._phrases:
            self._put(Heard(self._clock(), self._phrases[words], words, "keys"))
        else:
            self._put(Overheard(self._clock(), words))
            self._complain(f'"{words}" is no command; "options" tells what you can say')

    @staticmethod
    def _echo(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
