"""One thing that `voicecoach check` has to say about a file, as text and as a record for editors.

Rule: the record's keys are documented (docs/checking.md) and stay; a new one may come, none goes or changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from voicecoach.complaints import Complaint, complaint_in_words, picture, place_in_words, printable, shorten

VERSION = 1
"""Of the records. It changes only where one could no longer be read as before."""


class Severity(StrEnum):
    """How much it matters."""

    ERROR = "error"
    """The file cannot be played."""
    WARNING = "warning"
    """It can, but somebody should look at it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A complaint, and how much it matters."""

    complaint: Complaint
    severity: Severity = Severity.ERROR
    code: str | None = None
    """Of a warning: its rule."""

    @property
    def shown(self) -> str:
        """What a person reads."""
        said = self.complaint
        if self.code is None:
            return said.shown
        about = complaint_in_words(said.key, None, said.problem, "")
        better = f" (better: {said.allowed})" if said.allowed else ""
        head = f"{place_in_words(said.file, said.line, said.spot)} {self.severity} {self.code}: {about}{better}"
        return "\n".join((head, *picture(said.excerpt, said.spot)))

    def record(self) -> dict[str, Any]:
        """Return what an editor reads."""
        said = self.complaint
        return {
            "file": str(said.file),
            "line": said.line,
            "column": said.spot.column if said.spot else None,
            "width": said.spot.width if said.spot else None,
            "severity": self.severity.value,
            "code": self.code,
            "key": printable(said.key, 60) or None,
            "value": None if said.value is None else shorten(said.value),
            "message": printable(said.problem, 300),
            "allowed": said.allowed or None,
            "suggestion": said.suggestion or None,
        }


def errors(complaint: Complaint) -> Iterable[Finding]:
    """Return all that a refusal has found, each once."""
    return (Finding(one) for one in {str(one): one for one in complaint.all}.values())
