"""Memory is handed back where the system can, and nothing else happens."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from voicecoach.appliance.memory import give_back


def test_the_c_library_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Library:
        malloc_trim = asked.append

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library)
    give_back()
    assert asked == [0]


@pytest.mark.parametrize("error", [OSError("none"), AttributeError("malloc_trim"), TypeError("None")])
def test_where_it_cannot_be_asked_nothing_happens(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(_: Any) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    give_back()
