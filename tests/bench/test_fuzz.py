"""A share of the spoilt files that `script/bench fuzz` checks by the thousand, and that it would tell what it finds."""

# ruff: noqa: S311 - seeds, no secrets

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import fuzz
from bench.mutations import LARGEST, spoilt
from voicecoach.cli.check import Checked
from voicecoach.complaints import Complaint
from voicecoach.config import Loaded, load_config
from voicecoach.lint.finding import Finding
from voicecoach.shipped import shipped
from voicecoach.toml_lines import Spot

TEXTS = fuzz.corpus()


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_config(env={}, user=Path("none.toml"))


@pytest.mark.parametrize("share", range(4))
def test_a_share_of_the_spoilt_files_gets_an_answer(share: int, tmp_path: Path, loaded: Loaded) -> None:
    (tmp_path / "exercises").mkdir()
    for case in range(share * 40, share * 40 + 40):
        data = spoilt(Random(f"suite/{case}"), TEXTS)
        path = tmp_path / ("exercises" if case % 5 == 0 else ".") / "case.toml"
        path.write_bytes(data)
        assert not fuzz.look(path, data, loaded, Random(case))[1], case


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(random=st.randoms(use_true_random=False))
def test_whatever_is_spoilt_gets_an_answer(random: Random, tmp_path: Path, loaded: Loaded) -> None:
    data = spoilt(random, TEXTS)
    (tmp_path / "case.toml").write_bytes(data)
    assert not fuzz.look(tmp_path / "case.toml", data, loaded, Random(1))[1]


def test_a_case_is_made_again_from_its_seed() -> None:
    made = [spoilt(Random(f"1/{case}"), TEXTS) for case in range(50)]
    assert made == [spoilt(Random(f"1/{case}"), TEXTS) for case in range(50)]
    assert len(set(made)) == 50
    assert max(map(len, made)) < 5 * LARGEST


def finding(**more: object) -> Checked:
    complaint = Complaint("a.toml", 1, "wrong", **more)  # type: ignore[arg-type]
    return Checked("a.toml", "", [Finding(complaint)])


@pytest.mark.parametrize(
    ("checked", "words"),
    [
        (Checked("a.toml", "", []), ""),
        (finding(), ""),
        (finding(spot=Spot(1, 3)), ""),
        (finding(spot=Spot(1, 9)), "column"),
        (finding(allowed="x" * 1300), ""),
        (Checked("a.toml", "", [Finding(Complaint("a.toml", 4, "wrong"))]), "line 4 of 1"),
        (Checked("a.toml", "", [Finding(Complaint("\x1b.toml\n", 4, "wrong"))]), ""),
        (Checked("a.toml", "", [Finding(Complaint("a.toml", 1, "x"), code=None)] * 2), ""),
    ],
)
def test_a_wrong_answer_would_be_told(checked: Checked, words: str) -> None:
    told = fuzz.wrong_with(checked, b"a = 1")
    assert told.startswith(words) if words else not told


def test_a_session_without_an_end_would_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: Loaded
) -> None:
    data = (shipped("routines") / "first-steps.toml").read_bytes()
    (tmp_path / "case.toml").write_bytes(data)
    assert fuzz.look(tmp_path / "case.toml", data, loaded, Random(1)) == (True, "")
    monkeypatch.setattr(fuzz, "MOST_EVENTS", 3)
    assert "no end" in fuzz.look(tmp_path / "case.toml", data, loaded, Random(1))[1]


def test_an_exception_would_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: Loaded) -> None:
    def fail(*_: object) -> Checked:
        raise RecursionError

    monkeypatch.setattr(fuzz, "check_file", fail)
    assert "RecursionError" in fuzz.look(tmp_path / "a.toml", b"", loaded, Random(1))[1]


def test_the_child_answers_for_each_case_and_a_dead_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = fuzz.rows(4, seed=3)
    assert (row["cases"], row["findings"]) == (4, 0)
    monkeypatch.setattr("sys.executable", shutil.which("false"))
    [row] = fuzz.rows(2)
    assert row["findings"] == 2
    assert "died with 1" in str(row["finding 1"])
