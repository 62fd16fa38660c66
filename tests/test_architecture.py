"""The house keeps its rules (docs/design.md): read off the imports, not off good intentions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "voicecoach"
FILES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_IN_CORE = {
    "time",
    "datetime",
    "threading",
    "random",
    "os",
    "logging",
    "asyncio",
    "queue",
    "pathlib",
    "socket",
}
ONE_ADAPTER = {
    "pyttsx3": {"speech/pyttsx3_worker.py"},
    "sounddevice": {"audio/soundcards.py"},
    "vosk": {"hearing/vosk_ear.py"},
    "pyroomacoustics": {"audio/impulse.py"},
    "fit_tool": {"exchange/fit.py"},
    "markdown_it": {"exchange/markdown_list.py"},
    "paho": {"remote/mqtt.py", "remote/bounded.py"},
    "gpiozero": {"remote/pins.py"},
}
"""Libraries that need something of the system, and the one file that may know them."""

RESAMPLERS = {"audio/resample.py", "hearing/far_end.py", "speech/mixer.py"}
"""Each room at the edge resamples in one place: they do not know each other."""


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module imported, and whether at the top of the file."""
    tree = ast.parse(path.read_text("utf-8"))
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) in top
            for alias in node.names:
                yield f"{node.module}.{alias.name}", id(node) in top


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", [p for p in FILES if room(p) == "core"], ids=name)
def test_the_core_knows_no_world(path: Path) -> None:
    for module, _ in imports(path):
        root = module.split(".")[0]
        if root == "voicecoach":
            assert module.startswith("voicecoach.core"), module
        else:
            assert root in sys.stdlib_module_names | {"pydantic"}, module
            assert root not in FORBIDDEN_IN_CORE, module


@pytest.mark.parametrize("path", [p for p in FILES if room(p) in {"speech", "hearing", "audio"}], ids=name)
def test_the_rooms_at_the_edge_do_not_know_each_other_nor_the_session(path: Path) -> None:
    for module, _ in imports(path):
        assert not module.startswith(("voicecoach.core.session", "voicecoach.core.state", "voicecoach.host")), module
        for other in {"speech", "hearing", "audio"} - {room(path)}:
            assert not module.startswith(f"voicecoach.{other}"), module


KNOWN = {
    "remote": {"core.events", "record", "drive", "ports", "config", "ways_in", "complaints", "packages"},
    "checkup": {
        "appliance.manager",
        *("audio", "calibration", "hearing", "speech", "language", "plan", "rig", "config", "ports"),
        "packages",
    },
}
"""What a room beside the session may know. ``checkup`` looks at everything, and plays nothing."""

KNOWN_BY = {"remote": {"cli"}, "checkup": {"cli"}, "appliance": {"cli", "checkup"}}
"""And who may know it: nothing that a session is made of."""


@pytest.mark.parametrize("path", [p for p in FILES if room(p) in KNOWN], ids=name)
def test_the_rooms_beside_the_session_know_no_more_than_they_need(path: Path) -> None:
    allowed = {f"voicecoach.{one}" for one in KNOWN[room(path)] | {room(path)}}
    for module, _ in imports(path):
        if module.startswith("voicecoach.") and module != "voicecoach.__version__":
            assert any(f"{module}.".startswith(f"{one}.") for one in allowed), module


@pytest.mark.parametrize("beside", KNOWN_BY)
def test_nothing_that_a_session_is_made_of_knows_the_rooms_beside_it(beside: str) -> None:
    users = {room(path) for path in FILES for module, _ in imports(path) if module.startswith(f"voicecoach.{beside}")}
    assert users - {beside} == KNOWN_BY[beside]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_nothing_imports_the_command_line(path: Path) -> None:
    if room(path) != "cli" and name(path) != "__main__.py":
        assert not any(module.startswith("voicecoach.cli") for module, _ in imports(path))


def test_only_the_host_the_rehearsal_and_the_replay_drive_a_session() -> None:
    calling = {
        name(path) for path in FILES if "session.handle(" in path.read_text("utf-8").replace("self._session", "session")
    }
    assert calling == {"host.py", "rehearsal.py", "journal/replay.py"}


@pytest.mark.parametrize("library", ONE_ADAPTER)
def test_a_library_of_the_system_has_one_adapter_and_is_imported_late(library: str) -> None:
    users = {name(path): top for path in FILES for module, top in imports(path) if module.split(".")[0] == library}
    assert set(users) <= ONE_ADAPTER[library]
    assert users
    assert not any(users.values()), f"{library} is imported at the top of {users}"


def test_sound_is_resampled_in_one_place_of_a_room() -> None:
    assert {name(path) for path in FILES for module, _ in imports(path) if module.split(".")[0] == "soxr"} == RESAMPLERS


def test_importing_everything_needs_no_sound_and_no_model() -> None:
    modules = [
        f"voicecoach.{name(path).removesuffix('.py').replace('/', '.')}".removesuffix(".__init__") for path in FILES
    ]
    modules = [module for module in modules if not module.endswith(("__main__", "pyttsx3_worker"))]
    block = "import sys\nfor m in ('sounddevice', 'vosk', 'pyttsx3', 'pyroomacoustics', 'paho', 'gpiozero'): sys.modules[m] = None\n"
    code = block + "\n".join(f"import {module}" for module in modules)
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_opens_with_what_it_is_and_can_be_held_in_the_head(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "a docstring says what the file is"
    # The session is the one exception (Rule 1 there): everything that decides stands in one place.
    assert len(text.splitlines()) <= (420 if name(path) == "core/session.py" else 400)
