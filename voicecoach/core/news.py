"""What the machine tells a session beside its devices and its people.

Rule: frozen values only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unkept:
    """What happens is not kept: the disk is full, or may not be written."""

    at: float
