"""What a look comes to.

Rule: a state that is not good comes with what mends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: Literal["good", "fair", "missing"]
    detail: str
    mend: str = ""
