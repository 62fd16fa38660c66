"""Which model is used: the order, and that a choice is used or refused but never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.model_server import PARTS
from voicecoach import shipped as shipped_module
from voicecoach.hearing.catalogue import KNOWN, ModelError, language_of, recommended
from voicecoach.hearing.models import choice, choose, everywhere, find_model, installed, missing_parts
from voicecoach.ports import EarError
from voicecoach.shipped import ShippedError, shipped

SMALL = "vosk-model-small-en-us-0.15"
TINY = "vosk-model-tiny-en"


def make_model(path: Path, *, static: bool = False) -> Path:
    for part in PARTS:
        (path / part).parent.mkdir(parents=True, exist_ok=True)
        (path / part).write_text("x")
    if static:
        (path / "graph" / "HCLG.fst").write_text("x")
    return path


class House:
    """A machine without models, and a way to look for one."""

    def __init__(self, root: Path) -> None:
        self.data = root / "data"
        self.models = self.data / "models"
        self.system = root / "usr share vosk"
        self.env: dict[str, str] = {}

    def find(
        self, option: str | None = None, configured: str | None = None, language: str = "en"
    ) -> tuple[Path, str, str]:
        found = find_model(option, configured, env=self.env, data=self.data, language=language, system=(self.system,))
        return found.path, found.origin, found.name

    def refusal(self, option: str | None = None, configured: str | None = None, language: str = "en") -> EarError:
        with pytest.raises(EarError) as caught:
            self.find(option, configured, language)
        assert caught.value.mend
        return caught.value


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "a höuse with spaces")


def test_each_place_comes_before_the_next(house: House, tmp_path: Path) -> None:
    ours = shipped("models") / TINY
    assert house.find() == (ours, "shipped with voicecoach", TINY)
    make_model(house.system / SMALL)
    assert house.find() == (house.system / SMALL, str(house.system), SMALL)
    make_model(house.models / SMALL)
    assert house.find() == (house.models / SMALL, "data folder", SMALL)
    make_model(house.models / "mine")
    choose(house.data, "mine", "en")
    assert house.find() == (house.models / "mine", "voicecoach model use", "mine")
    configured = make_model(tmp_path / "configured")
    assert house.find(configured=str(configured)) == (configured, "the configuration", "configured")
    house.env["VOSK_MODEL_PATH"] = str(make_model(tmp_path / "in the environment"))
    assert house.find(configured=str(configured))[1:] == ("VOSK_MODEL_PATH", "in the environment")
    option = make_model(tmp_path / "option")
    assert house.find(str(option), str(configured)) == (option, "--model", "option")


@pytest.mark.parametrize("bad", ["/no/such/folder", "no-such-model", "", "~nobody-at-all/x", "x" * 5_000])
def test_a_bad_choice_is_an_error_and_never_passed_over(house: House, bad: str) -> None:
    make_model(house.models / SMALL)
    assert "--model" in str(house.refusal(bad))
    if bad:
        assert "the configuration" in str(house.refusal(configured=bad))
        house.env["VOSK_MODEL_PATH"] = bad
        assert "VOSK_MODEL_PATH" in str(house.refusal())
        del house.env["VOSK_MODEL_PATH"]
        choose(house.data, bad, "en")
        assert "voicecoach model use" in str(house.refusal())


def test_empty_in_the_environment_or_the_configuration_is_no_choice(house: House) -> None:
    house.env["VOSK_MODEL_PATH"] = ""
    assert house.find(configured="")[2] == TINY


def test_a_name_is_looked_for_wherever_models_are(house: House) -> None:
    make_model(house.system / "theirs")
    assert house.find("theirs") == (house.system / "theirs", "--model", "theirs")
    assert house.find(TINY) == (shipped("models") / TINY, "--model", TINY)
    assert house.find("shipped")[2] == TINY
    assert house.refusal(SMALL).mend == f"voicecoach model get {SMALL}"
    assert "shipped" in str(house.refusal("shipped", language="de"))


def test_a_path_may_be_relative_or_begin_at_home(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    there = make_model(tmp_path / "here" / "it is")
    assert house.find("~/here/it is")[0] == there
    assert house.find("here/it is")[0] == there
    assert make_model(tmp_path / "beside") == house.find("beside")[0]


def test_the_environment_may_name_a_folder_of_models_as_vosk_has_it(house: House, tmp_path: Path) -> None:
    make_model(tmp_path / "all" / "vosk-model-small-de-0.15")
    make_model(tmp_path / "all" / SMALL)
    house.env["VOSK_MODEL_PATH"] = str(tmp_path / "all")
    assert house.find()[1:] == ("VOSK_MODEL_PATH", SMALL)
    assert house.find(language="de")[2] == "vosk-model-small-de-0.15"
    assert "no whole Vosk model" in str(house.refusal(language="fr"))


def test_what_is_missing_is_named(house: House, tmp_path: Path) -> None:
    model = make_model(tmp_path / "broken")
    (model / "am/final.mdl").unlink()
    (model / "graph/HCLr.fst").write_text("")
    assert "without am/final.mdl, graph/HCLr.fst" in str(house.refusal(str(model)))
    (tmp_path / "empty").mkdir()
    assert "am/final.mdl, conf/mfcc.conf, conf/model.conf" in str(house.refusal(str(tmp_path / "empty")))


def test_common_mistakes_are_told_with_their_mend(house: House, tmp_path: Path) -> None:
    inner = make_model(tmp_path / "outer" / SMALL)
    assert str(inner) in house.refusal(str(tmp_path / "outer")).mend
    (tmp_path / "model.zip").touch()
    assert "get --from-zip" in house.refusal(str(tmp_path / "model.zip")).mend
    (tmp_path / "file").touch()
    assert "no such folder" in str(house.refusal(str(tmp_path / "file")))
    choose(house.data, "gone", "en")
    assert house.refusal().mend == "voicecoach model use shipped"


@pytest.mark.parametrize("part", [part for part in PARTS if part not in {"README", "graph/phones/word_boundary.int"}])
def test_every_part_that_vosk_needs_is_asked_for(tmp_path: Path, part: str) -> None:
    model = make_model(tmp_path / "model")
    assert missing_parts(model) == []
    (model / part).unlink()
    assert missing_parts(model) == [part]


def test_without_a_choice_the_known_model_is_taken_then_any_then_never_a_static_one(house: House) -> None:
    make_model(house.models / "vosk-model-en-us-0.22", static=True)
    assert house.find()[2] == TINY
    make_model(house.models / "vosk-model-en-us-9-lgraph")
    assert house.find()[2] == "vosk-model-en-us-9-lgraph"
    make_model(house.models / SMALL)
    assert house.find()[2] == SMALL
    assert not find_model("vosk-model-en-us-0.22", None, env={}, data=house.data).takes_grammar


def test_without_a_choice_half_a_model_is_not_taken(house: House) -> None:
    (make_model(house.models / SMALL) / "graph/Gr.fst").unlink()
    make_model(house.models / ".unpack-x")
    assert house.find()[2] == TINY
    assert installed(house.data) == []


def test_each_language_has_its_own_choice(house: House) -> None:
    make_model(house.models / "vosk-model-small-de-0.15")
    choose(house.data, "vosk-model-small-de-0.15", "de")
    assert house.find()[2] == TINY
    assert house.find(language="de-AT")[1:] == ("voicecoach model use", "vosk-model-small-de-0.15")
    assert choice(house.data, "de") == "vosk-model-small-de-0.15"
    error = house.refusal(language="fr")
    assert '"fr"' in str(error)
    assert error.mend == "voicecoach model get vosk-model-small-fr-0.22"
    assert house.refusal(language="xx").mend == "voicecoach model get NAME"


def test_the_choice_shipped_wins_over_what_is_installed(house: House) -> None:
    make_model(house.models / SMALL)
    choose(house.data, "shipped", "en")
    assert house.find()[1:] == ("voicecoach model use", TINY)


def test_a_choice_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot be written"):
        choose(tmp_path / "file", "shipped", "en")


def test_all_models_are_listed_in_the_order_of_the_search(house: House) -> None:
    make_model(house.models / "b")
    make_model(house.models / "a")
    make_model(house.system / "c")
    assert [found.name for found in everywhere(house.data, (house.system,))] == ["a", "b", "c", TINY]
    assert [found.name for found in installed(house.data)] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "language"),
    [(SMALL, "en"), (TINY, "en"), ("vosk-model-de-0.21", "de"), ("vosk-model-small-cn-0.22", "cn"), ("mine", None)],
)
def test_a_name_tells_its_language(name: str, language: str | None) -> None:
    assert language_of(name) == language


def test_the_known_models_are_named_as_what_they_are() -> None:
    for model in KNOWN.values():
        assert language_of(model.name) == model.language
        assert model.sha256 is None or len(model.sha256) == 64
    best = recommended("en-GB")
    assert best
    assert best.name == SMALL


class TestShipped:
    def test_finds_what_lies_beside_the_package_in_a_checkout(self) -> None:
        assert (shipped("models") / TINY / "am" / "final.mdl").is_file()
        assert shipped("routines").is_dir()

    def test_prefers_what_lies_in_an_installed_package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        package = tmp_path / "site-packages" / "voicecoach"
        (package / "_shipped" / "models").mkdir(parents=True)
        monkeypatch.setattr(shipped_module, "_PACKAGE", package)
        assert shipped("models") == package / "_shipped" / "models"

    def test_never_takes_a_strangers_folder_for_ours(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        package = tmp_path / "site-packages" / "voicecoach"
        make_model(tmp_path / "site-packages" / "models" / TINY)
        package.mkdir()
        monkeypatch.setattr(shipped_module, "_PACKAGE", package)
        with pytest.raises(ShippedError, match="models, which travels with voicecoach, is missing") as caught:
            shipped("models")
        assert "pip install" in caught.value.mend

    def test_missing_is_an_error_of_the_ear_for_who_asks_for_a_model(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shipped_module, "_PACKAGE", house.data)
        assert "is missing" in str(house.refusal("shipped"))
        assert "no speech model" in str(house.refusal())
