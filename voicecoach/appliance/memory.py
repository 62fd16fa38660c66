"""Memory that a session has used and no longer needs, back to the system.

Rule: it may only ever make the process smaller. Where the system's C library has no such call, nothing happens.

A session frees thousands of lines of a few hundred kilobytes each; GNU's ``free`` keeps what lies below the last piece
in use. With this a day's rest is some 40 MB smaller (``bench/soak.py``); it takes a few milliseconds.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Have the C library hand free memory back to the system."""
    with suppress(OSError, AttributeError, TypeError):  # another C library; Windows has no program to look into
        ctypes.CDLL(None).malloc_trim(0)
