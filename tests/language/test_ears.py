"""A session in German on a machine that only understands English: told, and never listened to with English ears."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.model_server import fake_files
from voicecoach.config import load_config
from voicecoach.hearing.catalogue import recommended
from voicecoach.hearing.models import MODEL_VARIABLE, find_model
from voicecoach.language import languages, load_language
from voicecoach.ports import EarError, Folders, Shortfall
from voicecoach.rig import open_ear
from voicecoach.shipped import shipped

SHIPPED_MODEL = shipped("models") / "vosk-model-tiny-en"


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_without_its_model_a_language_is_not_heard_and_the_command_that_mends_it_is_told(
    code: str, tmp_path: Path
) -> None:
    shortfalls: list[Shortfall] = []
    folders = Folders(tmp_path, tmp_path)
    with pytest.raises(EarError, match=f'no speech model for the language "{code}"') as caught:
        open_ear(load_config(env={}).config, load_language(code), folders, {}, shortfalls)
    model = recommended(code)
    assert model is not None
    assert model.name.startswith(f"vosk-model-small-{code}-")
    assert caught.value.mend == f"voicecoach model get {model.name}"


@pytest.mark.parametrize("origin", ["option", "environment", "configuration"])
def test_an_english_model_is_refused_for_german(origin: str, tmp_path: Path) -> None:
    path = str(SHIPPED_MODEL)
    with pytest.raises(EarError, match='a speech model for the language "en", and this session is in "de"') as caught:
        find_model(
            path if origin == "option" else None,
            path if origin == "configuration" else None,
            env={MODEL_VARIABLE: path} if origin == "environment" else {},
            data=tmp_path,
            language="de",
        )
    assert "voicecoach model get vosk-model-small-de-0.15" in caught.value.mend


def test_a_model_whose_name_tells_no_language_is_taken_at_its_word(tmp_path: Path) -> None:
    for name, content in fake_files(100).items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_bytes(content)
    assert find_model(str(tmp_path / "mine"), None, env={}, data=tmp_path, language="de").name == "mine"
