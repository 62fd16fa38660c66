"""What the ear says when it cannot listen: one clear sentence, and what to do."""

from __future__ import annotations

import builtins
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.hearing.phrases import DECOYS, MODEL, PHRASES
from tests.needs import needs_vosk
from voicecoach.core.events import Command
from voicecoach.hearing.vosk_ear import AddressError, VoskEar
from voicecoach.ports import EAR_BLOCK, EarError

pytestmark = pytest.mark.ear


@pytest.fixture(autouse=True)
def _machine() -> None:
    needs_vosk()


@pytest.fixture(name="model")
def _model(tmp_path: Path) -> Path:
    """A copy of the model that a test may break."""
    return Path(shutil.copytree(MODEL, tmp_path / "vosk-model-broken"))


def refusal(model: Path, phrases: dict[str, Command] | None = None) -> EarError:
    with pytest.raises(EarError) as caught:
        VoskEar(model, phrases or PHRASES, DECOYS)
    assert "\n" not in str(caught.value)
    assert "voicecoach model get" in caught.value.mend
    return caught.value


def test_no_folder(tmp_path: Path) -> None:
    assert "no speech model at" in str(refusal(tmp_path / "nowhere"))


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    assert "is not a Vosk model" in str(refusal(tmp_path))


@pytest.mark.parametrize("part", ["HCLr.fst", "Gr.fst"])
def test_an_incomplete_model(model: Path, part: str) -> None:
    (model / "graph" / part).unlink()
    assert f"{part} is missing" in str(refusal(model))


def test_a_damaged_model(model: Path) -> None:
    network = model / "am" / "final.mdl"
    network.write_bytes(network.read_bytes()[:100_000])
    assert "may be incomplete" in str(refusal(model))


def test_a_model_with_a_fixed_vocabulary(model: Path) -> None:
    (model / "graph" / "HCLG.fst").write_bytes(b"")
    assert "fixed vocabulary" in str(refusal(model))


def test_an_old_layout_is_looked_at_in_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "final.mdl").write_bytes(b"")
    (tmp_path / "HCLG.fst").write_bytes(b"")
    assert "fixed vocabulary" in str(refusal(tmp_path))


def test_a_phrase_with_unknown_words_is_left_out_and_reported(capfd: pytest.CaptureFixture[str]) -> None:
    phrases = {**PHRASES, "zounds": Command.STOP, "flurble my gronk": Command.NEXT}
    ear = VoskEar(MODEL, phrases, ["quux", *DECOYS])
    assert ear.missing == {"zounds": ("zounds",), "flurble my gronk": ("flurble", "gronk")}
    message = ear.vocabulary_message()
    assert '"flurble", "gronk", "zounds"' in message
    assert '"flurble my gronk"' in message
    assert MODEL.name in message
    assert "WARNING" not in capfd.readouterr().err  # Vosk was never given them


def test_a_model_that_knows_every_word_has_nothing_to_say() -> None:
    assert VoskEar(MODEL, PHRASES, DECOYS).vocabulary_message() == ""


def test_a_model_that_is_deaf_to_an_urgent_command_is_refused() -> None:
    phrases = {"zounds": Command.STOP, "gadzooks": Command.STOP, "pain": Command.PAIN, "next": Command.NEXT}
    error = refusal(MODEL, phrases)
    assert 'knows no phrase for stop: "zounds", "gadzooks"' in str(error)


def test_a_model_that_is_deaf_to_another_command_is_not_refused() -> None:
    ear = VoskEar(MODEL, {"stop": Command.STOP, "zounds": Command.NEXT}, [])
    assert set(ear.missing) == {"zounds"}


@pytest.mark.parametrize(
    ("address", "message"), [("gronk", 'does not know the address "gronk"'), ("stop", 'address "stop" is a command')]
)
def test_an_address_that_cannot_be_used(address: str, message: str) -> None:
    with pytest.raises(AddressError, match=message) as caught:
        VoskEar(MODEL, PHRASES, DECOYS, address=address)
    assert "[hearing] address" in caught.value.mend


def test_an_urgent_command_yields_to_nothing_where_the_model_knows_no_other_phrase_for_it() -> None:
    phrases = {"pain": Command.PAIN, "zounds": Command.PAIN, "ten": Command.TEN, "next": Command.NEXT}
    yields = {"pain": frozenset({Command.TEN}), "next": frozenset({Command.TEN}), "zap": frozenset({Command.TEN})}
    assert set(VoskEar(MODEL, phrases, [], yields=yields)._now.policy._yields) == {("next",)}
    phrases["ouch"] = Command.PAIN
    assert set(VoskEar(MODEL, phrases, [], yields=yields)._now.policy._yields) == {("next",), ("pain",)}


@pytest.mark.parametrize("failure", [ImportError("no vosk"), OSError("no library"), RuntimeError("no home")], ids=repr)
def test_without_the_library(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    real = builtins.__import__

    def fail(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "vosk":
            raise failure
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "vosk", raising=False)
    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(EarError, match="Vosk cannot be loaded: no") as caught:
        VoskEar(MODEL, PHRASES, DECOYS)
    assert "vosk" in caught.value.mend


def test_a_recogniser_that_fails_in_the_middle() -> None:
    ear = VoskEar(MODEL, PHRASES, DECOYS, sleeps=False)

    class Broken:
        def AcceptWaveform(self, _: bytes) -> int:  # noqa: N802 - Vosk's name
            raise RuntimeError("Failed to process waveform")

    ear._now.recogniser = Broken()
    with pytest.raises(EarError, match="failed on a block"):
        ear.hear(np.zeros(EAR_BLOCK, np.float32), 0.02)
