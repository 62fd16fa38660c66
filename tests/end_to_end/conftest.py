from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.studio import Studio
from tests.needs import needs_espeak, needs_vosk


@pytest.fixture(scope="session")
def speech_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered once, heard in every session: rendering anew has tests of its own."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def studio(tmp_path: Path, speech_cache: Path) -> Studio:
    needs_espeak()
    needs_vosk()
    return Studio(tmp_path, speech_cache)


@pytest.fixture
def room(studio: Studio) -> Studio:
    """A studio in which rooms can be simulated."""
    pytest.importorskip("pyroomacoustics")
    return studio
