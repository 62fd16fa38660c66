"""A routine by its name, as the tests want it."""

from __future__ import annotations

from voicecoach.core.routine import Routine
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine


def load_named(name: str, library: Library) -> Routine:
    """Find a routine by its name or path, and read it."""
    return load_routine(library.find(name), library)
