"""A change in what a session says or when is seen, and read, before it ships."""

from __future__ import annotations

import pytest

from tests.transcripts import CASES, HERE, transcript


@pytest.mark.parametrize("name", CASES)
def test_a_session_reads_as_it_did(name: str) -> None:
    assert transcript(*CASES[name]) == (HERE / f"{name}.txt").read_text("utf-8"), (
        "python -m tests.transcripts, and read the difference"
    )


def test_every_transcript_has_a_case() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == set(CASES)
