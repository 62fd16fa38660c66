"""What docs/home-assistant.md and docs/remote.md say: played as it stands there, on a real broker and a real socket."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs_broker
from tests.remote.broker import Broker, until
from tests.remote.coach import Coach
from tests.test_docs import codes, page, rows, sections
from voicecoach.config import load_config
from voicecoach.core.events import URGENT
from voicecoach.remote import bounded, inlet, lines, mqtt, unix_socket
from voicecoach.remote.glance import STATES, Glance, Pain
from voicecoach.remote.home_assistant import BUTTONS, PAIN_EVENTS, Topics, discovery, event_of, values
from voicecoach.remote.lights import Shine
from voicecoach.ways_in import LIGHTS, TOGGLE

HOUSE, REMOTE = "docs/home-assistant.md", "docs/remote.md"
SPOKEN = ("--say", "ready@999")
"""Nothing is left out at the beginning."""


def blocks(name: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "number"), [(HOUSE, 2), (REMOTE, 3)])
def test_every_setting_shown_is_one(name: str, number: int, tmp_path: Path) -> None:
    shown = blocks(name, "toml")
    assert len(shown) == number
    for text in shown:
        (tmp_path / "own.toml").write_text(text)
        load_config(file=tmp_path / "own.toml", env={}, user=tmp_path / "none.toml")


def test_the_entities_are_those_that_home_assistant_is_told() -> None:
    table = rows(sections(page(HOUSE), 2)["What there is"])
    components = json.loads(discovery(Topics("voicecoach"), "homeassistant", "Voicecoach", [], "1")[1])["components"]
    told = {(one["name"], one["platform"]) for one in components.values()}
    shown = {(name, row[1]) for row in table for name in row[0].split(", ")}
    assert shown == told
    assert [row[0] for row in table][-1] == ", ".join(name for name, _ in BUTTONS.values())
    state, pain = table[0][2], next(row[2] for row in table if row[0] == "Pain")
    assert set(codes(state)) == set(STATES)
    assert codes(pain) == list(PAIN_EVENTS)


def test_the_topics_are_those_that_are_used() -> None:
    table = {codes(row[0])[0]: row for row in rows(sections(page(HOUSE), 2)["Topics"])}
    topics = Topics("voicecoach")
    glance = Glance(pain=Pain("bridge"))
    told = {topics.value(name): value for name, value in values(glance, 0).items()}
    events = {topics.event(kind) for kind in ("command", "pain")}
    ours = {topics.command, topics.start, topics.volume, topics.available, topics.refused}
    ours |= {"homeassistant/device/voicecoach/config", "homeassistant/status"}
    assert set(table) == set(told) | events | ours
    assert {name for name, row in table.items() if row[4] == "yes"} == set(told) | {
        topics.available,
        "homeassistant/device/voicecoach/config",
    }
    for name in ("step", "pain"):
        assert codes(table[topics.value(name)][2]) == list(json.loads(told[topics.value(name)]))
    report = {"event": "note", "kind": "pain_report", "exercise": "x", "score": 4, "verdict": "goes on"}
    _, event = event_of(report) or ("", {})
    assert set(codes(table[topics.event("pain")][2])) - {"report"} == set(event)


def test_the_bounds_are_those_that_hold() -> None:
    house, remote = page(HOUSE), page(REMOTE)
    assert f"more than {mqtt.LONGEST} bytes" in house
    assert f"above {bounded.LARGEST // 1024} KB" in house
    assert (inlet.MOST_AT_ONCE, inlet.MOST_A_SECOND) == (10, 5.0)
    assert all(f'"{command.value}"' in house for command in URGENT)
    assert (mqtt.FIRST_DELAY, mqtt.LONGEST_DELAY, mqtt.FRESH["pain"]) == (1.0, 60.0, 60.0)
    assert 2 * mqtt.KEEPALIVE <= 40
    assert f"longer than {lines.LONGEST} bytes" in remote
    assert (unix_socket.MOST_CLIENTS, unix_socket.MOST_LINES) == (16, 1000)
    assert (Shine.SLOW.value, Shine.QUICK.value) == ((1.0, 1.0), (0.2, 0.2))
    assert [codes(row[0])[0] for row in rows(sections(remote, 2)["Lights"])] == list(LIGHTS)
    assert f"| `{TOGGLE}` |" in remote


def test_the_answers_on_the_socket_are_those_shown() -> None:
    for line, _, answer in rows(sections(page(REMOTE), 2)["A socket for scripts"]):
        said = codes(line)[0]
        wish = lines.read_line(said.encode(), lambda: ("gentle-start",))
        assert codes(answer)[0] == ('{"state": {…}}' if wish is None else f'{{"ok": {said}}}')


# --- Played -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    needs_broker()
    with Broker(tmp_path) as running:
        yield running


def test_what_was_typed_by_hand_gives_what_is_shown(tmp_path: Path, broker: Broker) -> None:
    typed = next(block for block in blocks(HOUSE, "sh") if "mosquitto_pub" in block).splitlines()
    [shown] = blocks(HOUSE, "text")[:1]
    port = ["-p", str(broker.port)]
    heard = tmp_path / "heard"
    config = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'
    with heard.open("w") as output:
        listening = subprocess.Popen(
            ["mosquitto_sub", "-h", "localhost", *port, "-t", "voicecoach/#", "-v"], stdout=output
        )
    try:
        until(lambda: "Sending SUBACK" in broker.log)
        with Coach(tmp_path, config, *SPOKEN, routine="first-steps") as coach:
            coach.wait_for("say")
            found = [wanted(shown, "voicecoach/available online", heard)]
            for line in typed:
                program, *rest = shlex.split(line)
                subprocess.run([program, *port, *rest], check=True, timeout=20)
                sent = f"{rest[rest.index('-t') + 1]} {rest[rest.index('-m') + 1]}"
                found.append(wanted(shown, sent, heard, found))
            assert coach.finish() == 0
        until(lambda: heard.read_text().endswith("voicecoach/available offline\n"))
    finally:
        listening.terminate()
        listening.wait()
    assert sum(found) == len(shown.splitlines())


def wanted(shown: str, sent: str, heard: Path, found: list[int] | None = None) -> int:
    """Wait for what is shown from ``sent`` up to what is sent next, in whatever order; return how many lines that is."""
    before = sum(found or ())
    lines = shown.splitlines()[before:]
    assert lines[0] == sent
    echo = re.compile("voicecoach/(command|start|volume/set) ")
    number = next((n for n, line in enumerate(lines) if n and echo.match(line)), len(lines))
    expected = {line for line in lines[:number] if line != "…"}

    def come() -> bool:
        text = heard.read_text().splitlines()
        begin = max(n for n, line in enumerate(text) if line == sent) if sent in text else len(text)
        return expected <= set(text[begin:])

    until(come, f"{expected} in {heard.read_text()}")
    return number


def test_what_send_is_shown_to_say_is_what_comes(tmp_path: Path) -> None:
    [story] = [block for block in blocks(REMOTE, "console") if "voicecoach send" in block]
    with Coach(tmp_path, f'[socket]\npath = "{tmp_path}/s"\n', *SPOKEN, routine="first-steps") as coach:
        coach.wait_for("say")
        for part in re.split(r"^\$ ", story, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            done = coach.send(*shlex.split(line)[2:])
            assert done.stdout + done.stderr == output, line
            if line.endswith("pause"):
                coach.wait_for("mode", mode="paused")
            if "volume" in line:
                coach.wait_for("volume", level=0.4)
        coach.wait_for("heard", command="more rest")
        assert coach.of("wanted")


def test_the_program_in_python_does_what_it_says(tmp_path: Path) -> None:
    [program] = blocks(REMOTE, "python")
    run: dict[str, Any] = {"cwd": tmp_path, "stderr": subprocess.PIPE, "text": True}
    with Coach(tmp_path, '[socket]\npath = "auto"\n', XDG_RUNTIME_DIR=str(tmp_path)) as coach:
        until((tmp_path / "voicecoach.sock").exists)
        with subprocess.Popen([sys.executable, "-c", program], env=coach.env, **run) as script:
            coach.wait_for("step", kind="rest")
            coach.wait_for("volume", level=0.2)
            assert coach.finish() == 0
            _, errors = script.communicate(timeout=20)
    assert errors == ""
    assert script.returncode == 0
    assert [entry["level"] for entry in coach.of("volume_asked")][-2:] != [0.2, 0.2]
