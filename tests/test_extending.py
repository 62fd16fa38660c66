"""The examples of docs/extending.md, taken from the page and run: routine, session, voice, ear, exporter.

Rule: a package is installed as pip would install it (files, and a dist-info with entry points, in a folder on the path),
and once by pip itself; nothing of it is known to the tests but what the page shows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import typing
from pathlib import Path

import pytest

import voicecoach
from tests.test_docs import codes, documented_events, examples, note_fields, page, rows, sections
from voicecoach import records

ROOT = Path(__file__).parent.parent
PAGE = [example for example in examples() if example.page == "extending.md"]
FILES = {example.line.removeprefix("cat "): example.output for example in PAGE if example.line.startswith("cat ")}
SHORT = """
title = "Short"
[[exercise]]
name = "Bridge"
position = "hook-lying"
exit = "Lower your hips."
reps = 3
"""


def install(site: Path, name: str, entry_points: str, *modules: tuple[str, str]) -> None:
    """Install a package as pip does."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)
    for module, text in modules:
        (site / f"{module}.py").write_text(text)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The package of the page, built of its pyproject.toml, beside one that does not load."""
    site = tmp_path / "site"
    project = tomllib.loads("\n".join(FILES["pyproject.toml"]))["project"]
    groups = project["entry-points"]
    text = "".join(
        f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for group, points in groups.items()
    )
    modules = {value.partition(":")[0] for points in groups.values() for value in points.values()}
    install(site, project["name"].replace("-", "_"), text, *((m, "\n".join(FILES[f"{m}.py"]) + "\n") for m in modules))
    broken = "".join(
        f"[{g}]\nbroken = no_such_module:Thing\nhollow = hollow:make\nsulky = sulky:make\n" for g in groups
    )
    hollow = ("hollow", "def make(*_): return object()\n"), ("sulky", "def make(*_): raise RuntimeError('not today')\n")
    install(site, "broken", broken, *hollow)
    return site


@pytest.fixture
def run(tmp_path: Path, site: Path) -> typing.Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in a folder with the page's files, as somebody who has installed the packages."""
    desk = tmp_path / "desk"
    desk.mkdir()
    for name, lines in FILES.items():
        (desk / name).write_text("\n".join(lines) + "\n")
    (desk / "short.toml").write_text(SHORT)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("VOICECOACH_", "VOSK_"))}
    env |= {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{site}", "COLUMNS": "125", "PYTHONWARNINGS": "error"}

    def run(*args: str, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *args], cwd=desk, env=env | more, check=False, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


Run = typing.Callable[..., "subprocess.CompletedProcess[str]"]


# --- What the page shows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", [e for e in PAGE if e.line.startswith("python ")], ids=lambda e: e.line)
def test_the_programs_shown_print_what_is_shown(example: typing.Any, run: Run) -> None:
    assert run(*example.line.split()[1:]).stdout.splitlines() == list(example.output)


def test_there_is_an_example_of_each_kind() -> None:
    shown = "\n".join("\n".join(lines) for lines in FILES.values())
    for what in ("def routine(", "rehearse(", "Coach(", "check_voice", "check_ear", "voicecoach.export("):
        assert what in shown
    groups = rows(sections(page("docs/extending.md"), 2)["Packages that bring something"])[:3]
    assert {codes(row[0])[0] for row in groups} == {"voicecoach.voices", "voicecoach.ears", "voicecoach.exporters"}


def test_the_page_lists_what_may_be_imported() -> None:
    listed = [
        name for row in rows(sections(page("docs/extending.md"), 2)["What may be imported"]) for name in codes(row[0])
    ]
    assert sorted(listed) == sorted(voicecoach.__all__)
    assert sorted(voicecoach._PLACE_OF) == sorted(voicecoach.__all__)
    for name in listed:
        assert getattr(voicecoach, name) is not None


@pytest.mark.parametrize("noun", ["History", "PastSession", "PastExercise"])
def test_the_page_lists_all_that_history_offers(noun: str) -> None:
    kind = getattr(voicecoach, noun)
    offered = {name for name in vars(kind) if not name.startswith("_")}
    tables = sections(page("docs/extending.md"), 2)["A routine in Python"].split("### History")[1]
    heads = {
        "History": "| of `history`",
        "PastSession": "| of a `PastSession`",
        "PastExercise": "| of a `PastExercise`",
    }
    table = tables[tables.index(heads[noun]) :].split("\n\n")[0] + "\n"
    assert {name.partition("(")[0] for row in rows(table) for name in codes(row[0])} == offered


# --- Packages ---------------------------------------------------------------------------------------------------------


def test_a_session_speaks_with_the_voice_of_another_package_and_hears_with_its_ear(run: Run) -> None:
    clap = "import sys, numpy as np; from voicecoach.audio.wav import write_wav\n"
    clap += "sound = np.zeros(16000 * 40, np.float32)\n"
    # Between two sentences, in the quiet of getting into place.
    clap += "sound[16000 * 20:16000 * 20 + 800] = np.random.default_rng(1).uniform(-0.9, 0.9, 800)\n"
    clap += "write_wav('person.wav', sound, 16000)\n"
    run("-c", clap)
    run(
        "-m", "voicecoach", "run", "short.toml", "--ear", "claps", "--mic", "person.wav", "--speaker", "coach.wav",
        "--events", "events.jsonl", VOICECOACH_VOICE_ENGINE="tones",
    )  # fmt: skip
    desk = Path(json.loads(run("-c", "import json, os; print(json.dumps(os.getcwd()))").stdout))
    events = [json.loads(line) for line in (desk / "events.jsonl").read_text().splitlines()]
    heard = [event for event in events if event["event"] == "heard"]
    assert [(event["command"], event["words"]) for event in heard] == [("next", "clap")]
    assert 20 < heard[0]["t"] < 20.5
    assert events[-1] == {"t": events[-1]["t"], "event": "end", "reason": "finished"}
    loud = "from voicecoach.audio.wav import read_wav; import numpy as np; s = read_wav('coach.wav'); "
    loud += "print(float(np.abs(getattr(s, 'samples', s)).max()))"
    assert float(run("-c", loud).stdout) > 0.1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken", "could not be loaded from no_such_module:Thing: No module named 'no_such_module'"),
        ("hollow", "which another package brings, could not be made: "),
        ("sulky", "which another package brings, could not be made: not today"),
    ],
)
@pytest.mark.parametrize("kind", ["speech engine", "ear"])
def test_a_package_that_fails_is_one_sentence(run: Run, kind: str, name: str, reason: str) -> None:
    setting = {"speech engine": "VOICECOACH_VOICE_ENGINE", "ear": "VOICECOACH_HEARING_EAR"}[kind]
    text = {} if kind == "speech engine" else {"VOICECOACH_VOICE_ENGINE": "text"}
    run(
        "-c",
        "import numpy as np; from voicecoach.audio.wav import write_wav\nwrite_wav('person.wav', np.zeros(160, np.float32), 16000)",
    )
    args = ["-m", "voicecoach", "run", "short.toml", "--mic", "person.wav", "--speaker", "out.wav"]
    done = run(*args, code=2, **{setting: name}, **text)
    first, mend = done.stderr.splitlines()[-2:]
    assert first.startswith(f'Error: The {kind} "{name}"')
    assert reason in first
    assert mend == "To mend it: reinstall or update the package that brings it"


MODULES = ("tones", "claps", "card")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip has installed a wheel of the documented files and no others."""
    pytest.importorskip("pip")
    folder, site = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("installed")
    for name in ("pyproject.toml", *(f"{module}.py" for module in MODULES)):
        (folder / name).write_text("\n".join(FILES[name]) + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    build = [*pip, "wheel", "--no-deps", "--wheel-dir", "dist", "--retries", "1", "--timeout", "15", "."]
    done = subprocess.run(build, cwd=folder, check=False, capture_output=True, text=True, timeout=180)
    told = done.stdout + done.stderr
    if done.returncode and "No matching distribution found for setuptools" in told:
        pytest.skip("the tool that builds a wheel cannot be fetched: no network")
    assert done.returncode == 0, told
    (wheel,) = (folder / "dist").glob("*.whl")
    install = [*pip, "install", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=60)
    return site


def test_the_documented_files_are_a_package_that_pip_installs(installed: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in installed.glob("*.py")) == sorted(f"{module}.py" for module in MODULES)
    shown = {
        e.line: e.output
        for e in PAGE
        if e.line in {"python check_tones.py", "python check_claps.py", "python write_card.py"}
    }
    (tmp_path / "short.toml").write_text(SHORT)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("VOICECOACH_", "VOSK_"))}
    env |= {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{installed}"}

    def run(*args: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, *args],
            cwd=tmp_path,
            env=env | more,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert len(shown) == 3
    for line, output in shown.items():
        script = line.removeprefix("python ")
        (tmp_path / script).write_text("\n".join(FILES[script]) + "\n")  # of the modules themselves none is here
        assert run(script).splitlines() == list(output)
    run("-m", "voicecoach", "run", "short.toml", "--ear", "none", "--speaker", "o.wav", VOICECOACH_VOICE_ENGINE="tones")
    assert (tmp_path / "o.wav").stat().st_size > 100_000
    assert run("-m", "voicecoach", "convert", "short.toml", "--to", "card", "-o", "-").endswith("- Bridge")


def test_an_exporter_that_fails_leaves_the_others(run: Run) -> None:
    code = "from voicecoach.plugins import exporters\nfound, missing = exporters()\nprint(list(found))\n"
    code += "for one in missing: print(one.what)"
    first, *rest = run("-c", code).stdout.splitlines()
    assert first == "['card']"
    assert [line.split('"')[1] for line in rest] == ["broken", "hollow", "sulky"]
    code = "import voicecoach\ntry: voicecoach.export('first-steps', 'cart')\nexcept voicecoach.PluginError as e: print(e, e.mend)"
    assert run("-c", code).stdout.startswith('There is no exporter called "cart". use one of: broken, card')


def test_convert_takes_an_exporter_of_another_package(run: Run) -> None:
    told = run("-m", "voicecoach", "convert", "short.toml", "--to", "card").stderr
    assert told == "written: short.txt\nnot in it: How the movements are done is not on the card.\n"
    shown = run("-m", "voicecoach", "convert", "short.toml", "--to", "card", "-o", "-").stdout
    assert shown.startswith("Short, about") and shown.endswith("- Bridge")  # noqa: PT018
    assert "is not one of 'fit'" in run("-m", "voicecoach", "convert", "short.toml", "--to", "cart", code=2).stderr
    for name, why in (("broken", "could not be loaded"), ("hollow", "could not be made"), ("sulky", "not today")):
        refused = run("-m", "voicecoach", "convert", "short.toml", "--to", name, code=2).stderr
        assert why in refused
        assert "Traceback" not in refused


def test_an_exporter_that_refuses_or_fails_is_told_in_one_sentence(run: Run, site: Path) -> None:
    text = """
from voicecoach import Exported
class Picky:
    suffix = ".x"
    def export(self, routine, program):
        raise {error}
Torn = type("Torn", (), dict(suffix=".x", export=lambda *_: b"file"))
"""
    points = "[voicecoach.exporters]\npicky = picky:Picky\ntorn = picky:Torn\n"
    install(site, "picky", points, ("picky", text.format(error='ValueError("It holds a bridge.")')))
    convert = ("-m", "voicecoach", "convert", "short.toml", "--to")
    assert "Short cannot be written as picky: It holds a bridge." in run(*convert, "picky", code=2).stderr
    assert 'The exporter "torn", which another package brings, failed' in run(*convert, "torn", code=2).stderr
    (site / "picky.py").write_text(text.format(error='KeyError("hips")'))
    assert 'The exporter "picky", which another package brings, failed' in run(*convert, "picky", code=2).stderr


def test_an_ear_that_nobody_has_is_refused_where_it_is_written(run: Run) -> None:
    done = run("-m", "voicecoach", "run", "short.toml", code=2, VOICECOACH_HEARING_EAR="clasp")
    assert "hearing.ear" in done.stderr
    assert "allowed: auto, vosk, keys, none, broken, claps, hollow, sulky" in done.stderr
    done = run("-m", "voicecoach", "run", "short.toml", "--ear", "clasp", code=2)
    assert "'clasp' is not one of" in done.stderr


def test_a_package_cannot_take_a_built_in_name(run: Run, site: Path) -> None:
    install(
        site, "usurper", "[voicecoach.voices]\ntext = no_such_module:Voice\n[voicecoach.ears]\nnone = no_such:Ear\n"
    )
    code = (
        "from voicecoach.speech.engines import engine_names, open_voice; print(engine_names(), open_voice('text').name)"
    )
    names = run("-c", code).stdout
    assert names.count("'text'") == 1
    run("-m", "voicecoach", "run", "short.toml", "--ear", "none", "--speaker", "o.wav", VOICECOACH_VOICE_ENGINE="text")


# --- What an import costs ---------------------------------------------------------------------------------------------

SOUND = {"numpy", "soxr", "sounddevice", "vosk", "pyttsx3", "click", "rich", "pyroomacoustics", "espeakng_loader"}


def test_importing_it_loads_nothing_and_the_nouns_need_no_sound(run: Run) -> None:
    block = f"import sys\nfor name in {SOUND!r}: sys.modules[name] = None\n"
    run("-c", block + "import voicecoach\nassert 'pydantic' not in sys.modules")
    nouns = "from voicecoach import Routine, Exercise, Block, Dose, use, History, PastSession, PastExercise\n"
    run("-c", block + nouns + "print(Exercise(name='A', position='prone', exit='Up.', dose=Dose(reps='3-5')))")
    run("-c", "import sys\nimport voicecoach\ntry: voicecoach.nothing\nexcept AttributeError as e: print(e)")
    whole = "".join(f"sys.modules[{name!r}] = None\n" for name in SOUND - {"numpy", "soxr"})
    run("-c", f"import sys\n{whole}import voicecoach\nfor name in voicecoach.__all__: getattr(voicecoach, name)")


# --- Typed records ----------------------------------------------------------------------------------------------------

TYPES = {"number": {"float"}, "integer": {"int"}, "text": {"str"}, "boolean": {"bool"}, "null": {"NoneType"}}


def kinds(hint: typing.Any) -> set[str]:
    """The kinds of JSON value that a hint allows."""
    if typing.get_origin(hint) is typing.Literal:
        return {type(value).__name__ for value in typing.get_args(hint)}
    if args := typing.get_args(hint):
        return set().union(*map(kinds, args))
    return {hint.__name__}


RECORDS = {
    typing.get_args(typing.get_type_hints(kind)["event"])[0]: kind for kind in typing.get_args(records.EventRecord)
}


def test_the_typed_records_are_those_of_the_page() -> None:
    documented = documented_events()
    assert set(RECORDS) == set(documented) - {"listen"}
    text = sections(page("docs/events.md"), 2)
    for name, kind in RECORDS.items():
        hints = typing.get_type_hints(kind)
        assert set(hints) >= documented[name] | {"t", "event"}, name
        if name == "note":
            continue
        assert set(hints) == documented[name] | {"t", "event"}, name
        for field, types, _, meaning in (row for row in rows(text[name]) if len(row) == 4):
            said = set().union(*(TYPES[one] for one in types.replace(",", " or").split(" or ") if one.strip() in TYPES))
            assert kinds(hints[codes(field)[0]]) == said, (name, field)
            words = typing.get_args(hints[codes(field)[0]])
            if typing.get_origin(hints[codes(field)[0]]) is typing.Literal:
                assert set(words) <= set(codes(meaning)), (name, field)


def test_the_record_of_a_note_has_the_fields_of_all_notes() -> None:
    hints = set(typing.get_type_hints(RECORDS["note"]))
    assert hints == {"t", "event", "kind"}.union(*(fields for each in note_fields().values() for fields in each))
