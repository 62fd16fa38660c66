"""How a Python package that is missing gets where this program looks for it.

Rule: names the Python that runs, since another one's pip installs to where this one never
looks, and Debian's own refuses.
"""

from __future__ import annotations

import shlex
import subprocess
import sys


def pip_install(*packages: str) -> str:
    """Return the command that installs packages beside this program, to be copied into a shell."""
    words = [sys.executable or "python3", "-m", "pip", "install", *packages]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
