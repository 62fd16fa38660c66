"""Run as ``python -m tests.elsewhere ARGUMENT...``: voicecoach on a system without what only POSIX has.

Rule: the modules, functions and signals of POSIX that this project's code, or that of a person's Python, might reach
for are gone before any of it is imported. It stands in for Windows; it is not Windows.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
from pathlib import Path

MODULES = ("fcntl", "termios", "tty", "pty", "resource", "pwd", "grp", "syslog", "readline", "curses")
SIGNALS = ("SIGHUP", "SIGTSTP", "SIGCONT", "SIGSTOP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE")
FUNCTIONS = (
    "getuid",
    "geteuid",
    "getgid",
    "killpg",
    "tcgetpgrp",
    "getpgrp",
    "setsid",
    "fork",
    "pread",
    "pwrite",
    "mkfifo",
)
# (SIGKILL stays: subprocess of this system needs it.)
LIBRARIES = ("click", "numpy", "platformdirs", "pydantic", "rich.console", "rich.progress", "soxr", "click.testing")
"""Of others, and what they import: they look after themselves."""
STANDARD = ("asyncio", "multiprocessing", "shutil", "sqlite3", "subprocess", "tempfile", "urllib.request")


def take_away() -> None:
    """Make this process forget POSIX. The libraries of others come first, and a folder to live in."""
    for module in (*LIBRARIES, *STANDARD):
        importlib.import_module(module)
    import platformdirs

    platformdirs.user_data_path()  # its own way to the folders of this system
    for module in MODULES:
        sys.modules[module] = None  # type: ignore[assignment]
    for name in (*SIGNALS, "pthread_sigmask"):
        vars(signal).pop(name, None)
    for name in FUNCTIONS:
        vars(os).pop(name, None)
    del socket.AF_UNIX


def import_everything() -> None:
    """Import every module of voicecoach; one that cannot be is an error."""
    package = Path(__file__).parent.parent / "voicecoach"
    for path in sorted(package.rglob("*.py")):
        if path.stem not in {"__main__", "pyttsx3_worker"}:
            importlib.import_module(".".join(path.relative_to(package.parent).with_suffix("").parts))


if __name__ == "__main__":
    take_away()
    if sys.argv[1:] == ["import everything"]:
        import_everything()
    else:
        from voicecoach.cli import main

        main(prog_name="voicecoach")
