"""The child process that owns pyttsx3: ``python -m voicecoach.speech.pyttsx3_worker``.

Rule: one utterance a run, and nothing of voicecoach is imported: this process stays small and may crash.
It reads one JSON object a line and answers each with one:

    {"do": "voices"}                                                 -> {"voices": [[id, name, language], ...]}
    {"do": "open", "voice": "gmw/en-us", "rate": 160, "path": "..."} -> {}
    {"do": "render", "text": "...", "path": "..."}                   -> {}
    anything that fails                                              -> {"error": "..."}

``path`` is a file to write in a folder that belongs to the parent, who judges it and clears up.

What it works around is the espeak driver of pyttsx3 2.99: each run begins with ``stop()``, which cancels everything
queued if the engine's own thread is still busy. Hence the rests.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_REST_SECONDS = 0.02
"""Before each run: the engine's thread takes a moment to wake up and be seen as busy."""

_SETTLE_SECONDS = 2.0
"""At most, for what the engine's thread does after a call has returned: the first run may end before its file exists,
and a rate is set some time after it was asked for."""


def main() -> None:
    """Answer questions until standard input ends."""
    answers = _take_standard_output()
    # Ctrl-C reaches the whole terminal; the parent still wants to say goodbye, and ends us by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(questions,), daemon=True).start()
    engine: Any = None
    while True:
        question = json.loads(questions.get())
        answer: dict[str, Any] = {}
        try:
            engine = engine or _start_engine()
            if question["do"] == "voices":
                answer["voices"] = [_describe(voice) for voice in engine.getProperty("voices")]
            elif question["do"] == "open":
                _open(engine, question["voice"], question["rate"], question["path"])
            else:
                _render(engine, question["text"], question["path"])
        except Exception as error:  # noqa: BLE001  (whatever a driver raises is an answer)
            answer = {"error": str(error) or type(error).__name__}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _take_standard_output() -> TextIO:
    """Return standard output for answers only; what the driver prints goes to standard error from now on."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _read(questions: queue.SimpleQueue[str]) -> None:
    """Pass questions on; when the parent is gone, end this process even if the engine hangs."""
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


def _start_engine() -> Any:
    if sys.platform == "linux":
        _lend_espeak()
    import pyttsx3

    return pyttsx3.init()


def _lend_espeak() -> None:
    """Where the system has no libespeak-ng, load the one in the ``espeakng-loader`` wheel, if that is installed."""
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        with contextlib.suppress(ImportError):
            import espeakng_loader

            os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
            # The driver asks for it by its soname, which finds what is already loaded.
            ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)


def _describe(voice: Any) -> tuple[str, str, str]:
    languages = [code.decode("utf-8", "ignore") if isinstance(code, bytes) else str(code) for code in voice.languages]
    return str(voice.id), str(voice.name), languages[0].strip("\x00\x05") if languages else ""


def _open(engine: Any, voice: str, rate: int, path: str) -> None:
    """Get the first run over, then set voice and rate, once.

    The first run of an engine cancels whatever the engine has queued, its settings too: one worker in eight kept the
    driver's own rate for good when they were set before it. A rate that is changed later takes effect too late.
    """
    _render(engine, "ready", path)
    _wait_until(Path(path).exists)
    _rest()
    problems: list[str] = []
    engine.connect("error", lambda name, exception: problems.append(f"{exception}"))  # noqa: ARG005  (pyttsx3's names)
    engine.setProperty("voice", voice)
    engine.setProperty("rate", rate)
    _wait_until(lambda: engine.getProperty("rate") == rate)
    if problems:
        raise RuntimeError(problems[0])


def _render(engine: Any, text: str, path: str) -> None:
    _rest()
    engine.save_to_file(text, path)
    engine.runAndWait()


def _rest() -> None:
    """Wait until the engine's own thread is idle: a run that finds it busy cancels what it is about to say."""
    time.sleep(_REST_SECONDS)
    espeak = sys.modules.get("pyttsx3.drivers._espeak")
    if espeak:
        _wait_until(lambda: not espeak.IsPlaying())


def _wait_until(met: Callable[[], bool]) -> None:
    """Return once ``met``, or when patience ends: the parent judges what comes of it."""
    patience = time.monotonic() + _SETTLE_SECONDS
    while not met() and time.monotonic() < patience:
        time.sleep(0.005)


if __name__ == "__main__":
    main()
