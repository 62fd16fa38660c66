"""The broker: what Home Assistant is told, what is obeyed, and what happens when the broker is not what it should be."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs_broker
from tests.remote.broker import Broker, Onlooker, until
from voicecoach.config import load_config
from voicecoach.core.events import Command, Heard, VolumeAsked, Wanted
from voicecoach.record import Record, record
from voicecoach.remote import mqtt as module
from voicecoach.remote.bounded import LARGEST
from voicecoach.remote.inlet import Inlet
from voicecoach.remote.mqtt import LONGEST, MOST_EVENTS, Mqtt
from voicecoach.remote.remotes import Remotes
from voicecoach.remote.wish import Asked

ROUTINES = ("first-steps", "gentle-start")
HIDDEN = "open-sesame-51c3"


class Desk:
    """A coach's connection with what it has put and told; time is what the test says."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        options = {"mqtt.host": "localhost"} | {f"mqtt.{name}": value for name, value in settings.items()}
        config = load_config(env={}, user=folder / "none.toml", options=options).config.mqtt
        self.put: list[Asked] = []
        self.told: list[str] = []
        self.now = 0.0
        inlet = Inlet()
        inlet.lead_to(self.put.append, lambda: self.now)
        self.mqtt = Mqtt(config, config.password, inlet, lambda: ROUTINES, self.told.append)
        self.remotes = Remotes(inlet, [self.mqtt])

    def wait_with_connecting(self) -> threading.Event:
        """Have it connect only when the event is set: an onlooker must be there before it."""
        gate, connected = threading.Event(), self.mqtt._connected

        def gated() -> Any:
            assert gate.wait(20.0)
            return connected()

        self.mqtt._connected = gated  # type: ignore[method-assign]
        return gate

    def happens(self, event: str, **fields: Any) -> Record:
        entry = record(self.now, event, **fields)
        self.remotes(entry)
        return entry

    def step(self, kind: str = "hold", seconds: float | None = 10.0, exercise: str = "bird-dog") -> None:
        self.happens("step", kind=kind, exercise=exercise, set=1, rep=2, side=None, limb=None, seconds=seconds)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_broker()
    monkeypatch.setattr(module, "FIRST_DELAY", 0.05)
    monkeypatch.setattr(module, "LONGEST_DELAY", 0.2)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, broker: Broker) -> Iterator[Desk]:
    made = Desk(tmp_path, port=broker.port)
    try:
        assert made.mqtt.open(20.0) is None
        yield made
    finally:
        made.mqtt.close()


@pytest.fixture
def house(broker: Broker) -> Iterator[Onlooker]:
    with Onlooker(broker) as onlooker:
        yield onlooker


# --- What Home Assistant is told ----------------------------------------------------------------------------------------


def test_the_device_and_what_holds_are_kept_by_the_broker_for_who_comes_later(desk: Desk, broker: Broker) -> None:
    desk.remotes.playing("gentle-start")
    desk.happens("mode", mode="hold")
    desk.step()
    desk.happens("volume", level=0.6)
    with Onlooker(broker) as first:
        first.wait_for("voicecoach/volume", "60")
    with Onlooker(broker) as late:
        late.wait_for("voicecoach/volume", "60")
        found = {message.topic: message for message in late.messages}
    assert all(message.retain for message in found.values())
    held = {topic: message.payload for topic, message in found.items()}
    config = json.loads(held.pop("homeassistant/device/voicecoach/config"))
    step = json.loads(held.pop("voicecoach/step"))
    assert held == {
        "voicecoach/available": "online",
        "voicecoach/state": "hold",
        "voicecoach/routine": "gentle-start",
        "voicecoach/exercise": "bird dog",
        "voicecoach/hears": "ON",
        "voicecoach/remaining": "10",
        "voicecoach/volume": "60",
    }
    assert step["slug"] == "bird-dog"
    assert config["components"]["routine"]["options"] == list(ROUTINES)
    assert found["voicecoach/available"].qos == found["homeassistant/device/voicecoach/config"].qos == 1
    assert found["voicecoach/state"].qos == 0


def test_what_remains_is_counted_down_by_the_sound_and_stands_still_in_a_pause(desk: Desk, house: Onlooker) -> None:
    desk.happens("mode", mode="hold")
    desk.step()
    house.wait_for("voicecoach/remaining", "10")
    desk.now = 7.2
    house.wait_for("voicecoach/remaining", "3")
    desk.happens("mode", mode="paused")
    desk.now = 60.0
    desk.happens("volume", level=0.5)
    house.wait_for("voicecoach/volume", "50")
    assert house.of("voicecoach/remaining")[-1] == "3"


def test_commands_and_pain_are_events_that_nobody_keeps(desk: Desk, house: Onlooker) -> None:
    desk.happens("heard", command="pain", words="ouch", source="voice", ended_at=None, partial=True)
    desk.happens("note", kind="pain", exercise="bridge", set=1, rep=1, side=None, phase="hold")
    report = {"exercise": "bridge", "score": 4, "leg": "no", "feel": "ache", "sign": None, "verdict": "session over"}
    desk.happens("note", kind="pain_report", **report)
    house.wait_for("voicecoach/pain", '{"score": 4, "exercise": "bridge", "verdict": "session over"}')
    until(lambda: len(house.of("voicecoach/event/pain")) == 2)
    command, *pains = [m for m in house.messages if m.topic.startswith("voicecoach/event/")]
    assert json.loads(command.payload) == {"event_type": "pain", "source": "voice"}
    assert json.loads(pains[0].payload) == {"event_type": "pain", "exercise": "bridge"}
    assert json.loads(pains[1].payload)["score"] == 4
    assert [message.qos for message in (command, *pains)] == [0, 1, 1]
    assert not any(message.retain for message in (command, *pains))
    assert "ouch" not in str(house.messages), "nor the words that were said"


def test_it_says_good_bye(desk: Desk, house: Onlooker) -> None:
    desk.mqtt.close()
    house.wait_for("voicecoach/available", "offline")
    desk.mqtt.close()


def test_the_last_will_speaks_for_one_that_was_killed(desk: Desk, house: Onlooker, broker: Broker) -> None:
    house.wait_for("voicecoach/available", "online")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.mqtt, "_leave", lambda client: client.socket().close())
        desk.mqtt.close()
    house.wait_for("voicecoach/available", "offline")


def test_without_discovery_home_assistant_is_told_nothing(tmp_path: Path, broker: Broker, house: Onlooker) -> None:
    desk = Desk(tmp_path, port=broker.port, discovery="", topic="home/coach")
    assert desk.mqtt.open(20.0) is None
    house.wait_for("home/coach/available", "online")
    house.wait_for("home/coach/state", "idle")
    desk.mqtt.close()
    assert all(message.topic.startswith("home/coach/") for message in house.messages)


def test_it_is_described_again_when_home_assistant_comes_and_when_another_coach_goes(
    desk: Desk, house: Onlooker
) -> None:
    config = "homeassistant/device/voicecoach/config"
    house.wait_for("voicecoach/state", "idle")
    house.send("homeassistant/status", "online")
    until(lambda: len(house.of(config)) == 2)
    house.send("voicecoach/available", "offline", retain=True)
    until(lambda: len(house.of(config)) == 3)
    until(lambda: house.of("voicecoach/available")[-1] == "online")


# --- What is obeyed ---------------------------------------------------------------------------------------------------


def test_commands_routines_and_volumes_are_put(desk: Desk, house: Onlooker) -> None:
    desk.now = 12.5
    house.wait_for("voicecoach/state", "idle")
    house.send("voicecoach/command", "pause")
    house.send("voicecoach/command", "What's next")
    house.send("voicecoach/command", "yes")
    house.send("voicecoach/command", "later")
    house.send("voicecoach/start", "gentle-start")
    house.send("voicecoach/volume/set", "40.0")
    until(lambda: len(desk.put) == 6)
    assert desk.put == [
        Heard(12.5, Command.PAUSE, "pause", "mqtt"),
        Heard(12.5, Command.WHATS_NEXT, "what's next", "mqtt"),
        Heard(12.5, Command.YES, "yes", "mqtt"),
        Heard(12.5, Command.LATER, "later", "mqtt"),
        Wanted(12.5, "gentle-start", "mqtt"),
        VolumeAsked(12.5, 0.4, "mqtt"),
    ]
    assert desk.told == []


GARBAGE = [
    ("command", b"", "no command"),
    ("command", b"jump", "no command"),
    ("command", b"paus", "did you mean 'pause'"),
    ("command", b"seven", "an answer"),
    ("command", b"\xff\xfe\x00", "no text"),
    ("command", b"\x1b[31mpause", "no command"),
    ("command", b"pause" * 60, "too many"),
    ("start", b"../../etc/passwd", "no routine"),
    ("start", b"gentle", "no routine"),
    ("volume/set", b"101", "no volume"),
    ("volume/set", b"-1", "no volume"),
    ("volume/set", b"nan", "no volume"),
    ("volume/set", b"1e999", "no volume"),
    ("volume/set", b"loud", "no volume"),
    ("volume/set", b"{}", "no volume"),
]


@pytest.mark.parametrize(("topic", "payload", "words"), GARBAGE)
def test_garbage_is_refused_and_noted(desk: Desk, house: Onlooker, topic: str, payload: bytes, words: str) -> None:
    house.wait_for("voicecoach/state", "idle")
    house.send(f"voicecoach/{topic}", payload)
    refused = json.loads(house.wait_for("voicecoach/refused").payload)
    assert refused["topic"] == f"voicecoach/{topic}"
    assert words in refused["reason"]
    assert desk.told == [f"MQTT: voicecoach/{topic}: {refused['reason']}"]
    assert refused["reason"].isprintable()
    assert desk.put == []


def test_a_message_that_is_too_large_never_arrives_and_the_next_one_does(desk: Desk, house: Onlooker) -> None:
    house.wait_for("voicecoach/state", "idle")
    house.send("voicecoach/command", b"p" * (LARGEST + 1))
    house.send("voicecoach/command", b"p" * 1_000_000)
    house.send("voicecoach/command", "pause")
    until(lambda: bool(desk.put))
    assert desk.told == []
    assert LONGEST < LARGEST


def test_a_retained_command_is_never_obeyed_neither_live_nor_stored(
    desk: Desk, house: Onlooker, broker: Broker
) -> None:
    house.wait_for("voicecoach/state", "idle")
    house.send("voicecoach/command", "end", retain=True)
    assert "retained" in json.loads(house.wait_for("voicecoach/refused").payload)["reason"]
    other = Desk(broker.folder, port=broker.port)  # it comes when the command is stored already
    assert other.mqtt.open(20.0) is None
    try:
        until(lambda: house.of("voicecoach/available").count("online") == 2)
        house.send("voicecoach/command", "pause")
        until(lambda: bool(other.put) and bool(desk.put))
    finally:
        other.mqtt.close()
    for put in (desk.put, other.put):
        assert [asked.command for asked in put if isinstance(asked, Heard)] == [Command.PAUSE]


def test_what_was_sent_while_it_was_away_is_never_obeyed(tmp_path: Path, broker: Broker, house: Onlooker) -> None:
    for _ in range(2):
        desk = Desk(tmp_path, port=broker.port, client_id="the-same")
        assert desk.mqtt.open(20.0) is None
        until(lambda: "online" in house.of("voicecoach/available")[-1:])
        house.send("homeassistant/status", "online")  # whoever hears it has subscribed
        desk.mqtt.close()
        assert desk.put == []
        house.send("voicecoach/command", "next", qos=2)


def test_a_flood_is_held_off_and_what_is_urgent_comes_through(desk: Desk, house: Onlooker) -> None:
    house.wait_for("voicecoach/state", "idle")
    for _ in range(500):
        house._client.publish("voicecoach/command", "next")
    house.send("voicecoach/command", "pain")
    until(lambda: any(isinstance(asked, Heard) and asked.command is Command.PAIN for asked in desk.put))
    assert len(desk.put) < 100
    assert 0 < len(desk.told) < 20, "of a flood only the beginning is told"


def test_while_the_broker_has_not_taken_what_was_told_nothing_more_is_given_to_it(desk: Desk, house: Onlooker) -> None:
    """Else a broker that stands still would have everything pile up in the client's memory."""
    house.wait_for("voicecoach/state", "idle")
    stuck = True
    sent: list[str] = []

    class Stuck:
        def want_write(self) -> bool:
            return stuck

        def publish(self, topic: str, *_: object, **__: object) -> None:
            sent.append(topic)

    client: Any = Stuck()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.mqtt, "_stir", lambda: None)  # its own thread sleeps on
        desk.happens("mode", mode="hold")
        desk.mqtt._publish(client)
        assert sent == []
        stuck = False
        desk.mqtt._publish(client)
        assert "voicecoach/state" in sent


# --- A broker that is not what it should be ---------------------------------------------------------------------------


def test_a_broker_that_is_not_there_is_a_shortfall_and_is_found_when_it_comes(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    desk = Desk(tmp_path, port=broker.port)
    try:
        shortfall = desk.mqtt.open(20.0)
        assert shortfall is not None
        assert f"localhost:{broker.port} cannot be reached: connection refused" in shortfall.what
        assert shortfall.mend
        with broker, Onlooker(broker) as house:
            house.wait_for("voicecoach/available", "online")
            house.send("voicecoach/command", "pause")
            until(lambda: bool(desk.put))
    finally:
        desk.mqtt.close()
    assert desk.told[0] == "MQTT: the broker is back"


def test_a_broker_that_was_killed_is_found_again_and_nothing_has_piled_up(
    desk: Desk, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH", {"command": 0.0, "pain": 60.0})
    with Onlooker(broker) as house:
        house.wait_for("voicecoach/state", "idle")
    gate = desk.wait_with_connecting()
    broker.kill()
    until(lambda: bool(desk.told), "that it is away")
    for number in range(5000):
        desk.now = float(number)
        desk.happens("heard", command="next", words="next", source="voice", ended_at=None, partial=False)
        desk.step(exercise=f"exercise-{number}")
    desk.happens("note", kind="pain", exercise="bridge", set=1, rep=1, side=None, phase="hold")
    assert len(desk.mqtt._events) == MOST_EVENTS
    with broker, Onlooker(broker) as house:
        gate.set()
        house.wait_for("voicecoach/exercise", "exercise 4999")
        house.wait_for("voicecoach/available", "online")
        assert house.of("homeassistant/device/voicecoach/config")
        house.wait_for("voicecoach/event/pain")
        assert house.of("voicecoach/event/command") == [], "what is over is not told any more"
        assert set(house.of("voicecoach/exercise")) == {"exercise 4999"}
        house.send("voicecoach/command", "pause")
        until(lambda: bool(desk.put))
        assert desk.told[0] == f"MQTT: localhost:{broker.port} is away"
        assert desk.told[-1] == "MQTT: the broker is back"
        assert len(desk.told) == 2, "it is tried again and again, and told once"


def test_an_outage_is_told_once_however_it_shows_and_what_a_person_must_mend_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path, port=1)
    desk.mqtt._tried.set()
    told = ["b:1 is away", "b:1 cannot be reached: connection refused", "b:1 does not answer", "b:1 is away"]
    for problem in (*told, "b:1 refuses: not authorized", "b:1 refuses: not authorized", ""):
        desk.mqtt._changed(problem)
    desk.mqtt.close()
    assert desk.told == ["MQTT: b:1 is away", "MQTT: b:1 refuses: not authorized", "MQTT: the broker is back"]


def test_a_broker_that_stands_still_is_noticed(tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEPALIVE", 1)
    desk = Desk(tmp_path, port=broker.port)
    assert desk.mqtt.open(20.0) is None
    try:
        broker.freeze(on=True)
        until(lambda: desk.told == [f"MQTT: localhost:{broker.port} is away"])
        desk.step()
        broker.freeze(on=False)
        with Onlooker(broker) as house:
            house.wait_for("voicecoach/exercise", "bird dog")
    finally:
        desk.mqtt.close()


def test_pain_that_never_reached_the_broker_is_told_again(desk: Desk, broker: Broker) -> None:
    with Onlooker(broker) as house:
        house.wait_for("voicecoach/state", "idle")
    broker.freeze(on=True)
    desk.happens("note", kind="pain", exercise="bridge", set=1, rep=1, side=None, phase="hold")
    until(lambda: len(desk.mqtt._unconfirmed) == 1)
    gate = desk.wait_with_connecting()
    broker.kill()
    with broker, Onlooker(broker) as house:
        gate.set()
        assert json.loads(house.wait_for("voicecoach/event/pain").payload)["exercise"] == "bridge"
        until(lambda: desk.mqtt._unconfirmed == [])
        assert len(house.of("voicecoach/event/pain")) == 1


@pytest.mark.parametrize(("name", "password"), [("coach", "wrong"), ("somebody", HIDDEN), ("", "")])
def test_a_wrong_password_is_told_without_it(tmp_path: Path, name: str, password: str) -> None:
    with Broker(tmp_path, password=HIDDEN) as broker:
        desk = Desk(tmp_path, port=broker.port, username=name, password=password)
        try:
            shortfall = desk.mqtt.open(20.0)
        finally:
            desk.mqtt.close()
    assert shortfall is not None
    assert "refuses: not authorized" in shortfall.what
    assert not password or password not in f"{shortfall}{desk.told}"


def test_the_right_password_over_tls_lets_it_in(tmp_path: Path) -> None:
    with Broker(tmp_path, password=HIDDEN, tls=True) as broker:
        options: dict[str, Any] = {"username": "coach", "password": HIDDEN, "tls": True, "ca_file": str(broker.ca)}
        desk = Desk(tmp_path, port=broker.port, **options)
        try:
            assert desk.mqtt.open(20.0) is None
            sent = ["mosquitto_pub", "-h", "localhost", "-p", str(broker.port), "--cafile", str(broker.ca)]
            for _ in range(3):
                command = [*sent, "-u", "coach", "-P", HIDDEN, "-t", "voicecoach/command", "-m", "next"]
                subprocess.run(command, check=True, timeout=20)
            until(lambda: len(desk.put) == 3)
        finally:
            desk.mqtt.close()
        assert HIDDEN not in broker.log


NOT_CLOSED = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""paho leaves the socket of a handshake that failed to the garbage collector."""


@NOT_CLOSED
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"tls": True}, "its certificate is not trusted"),
        (
            {"tls": True, "host": "127.0.0.1", "ca_file": "ca.crt"},
            "its certificate is not trusted (IP address mismatch",
        ),
        ({"tls": False}, "hangs up: is it a broker, with TLS as configured?"),
    ],
)
def test_a_broker_that_cannot_prove_who_it_is_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with Broker(tmp_path, password=HIDDEN, tls=True) as broker:
        desk = Desk(tmp_path, **({"port": broker.port, "username": "coach", "password": HIDDEN} | settings))
        try:
            shortfall = desk.mqtt.open(20.0)
        finally:
            desk.mqtt.close()
    assert shortfall is not None
    assert words in shortfall.what


@NOT_CLOSED
def test_tls_towards_a_broker_without_is_told(tmp_path: Path, broker: Broker) -> None:
    desk = Desk(tmp_path, port=broker.port, tls=True)
    try:
        shortfall = desk.mqtt.open(20.0)
    finally:
        desk.mqtt.close()
    assert shortfall is not None
    assert "cannot be reached" in shortfall.what


# --- A broker that means harm -------------------------------------------------------------------------------------------


class Hostile:
    """Lets a client in, sends it ``harm`` again and again without reading, and counts what it gets rid of."""

    def __init__(self, *harm: bytes) -> None:
        self._harm, self.sent, self.hung_up = harm, 0, threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        client, _ = self._door.accept()
        with client, contextlib.suppress(OSError):
            client.settimeout(20.0)
            client.recv(4096)
            client.sendall(b"\x20\x03\x00\x00\x00")
            try:
                for piece in itertools.chain(self._harm[:-1], itertools.repeat(self._harm[-1])):
                    client.sendall(piece)
                    self.sent += len(piece)
            except (BrokenPipeError, ConnectionError):
                self.hung_up.set()

    def close(self) -> None:
        self._door.close()
        self._thread.join(20.0)


LETTER = b"\x00\x01t\x00\x01\x00"
"""Topic, number and no properties of a message of some quality of service."""


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ((b"\x30\x80\x84\xaf\x5f", b"x" * 100_000), f"sends more than {LARGEST} bytes at once, and is left"),
        ((b"\x40\x80\x84\xaf\x5f", b"x" * 100_000), f"sends more than {LARGEST} bytes at once, and is left"),
        ((b"\x34\x06" + LETTER,), "sends messages of a quality of service that was not asked for, and is left"),
        ((b"\x32\x06" + LETTER,), "sends messages of a quality of service that was not asked for, and is left"),
    ],
    ids=["large message", "large answer", "QoS 2", "QoS 1"],
)
def test_a_broker_that_would_take_all_memory_is_left(tmp_path: Path, harm: tuple[bytes, ...], words: str) -> None:
    hostile = Hostile(*harm)
    desk = Desk(tmp_path, port=hostile.port)
    try:
        desk.mqtt.open(20.0)
        assert hostile.hung_up.wait(20.0), "it was never left"
        until(lambda: any(words in line for line in desk.told), f"{words}; there was {desk.told}")
    finally:
        desk.mqtt.close()
        hostile.close()


def test_a_broker_that_asks_and_takes_no_answer_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNSENT", -1)
    hostile = Hostile(b"\xc0\x00")
    desk = Desk(tmp_path, port=hostile.port)
    try:
        desk.mqtt.open(20.0)
        assert hostile.hung_up.wait(20.0)
        until(lambda: any("is left" in line or "hangs up" in line for line in (*desk.told, desk.mqtt._problem)), "it")
    finally:
        desk.mqtt.close()
        hostile.close()


def test_what_waits_for_a_broker_that_does_not_acknowledge_is_bounded(tmp_path: Path) -> None:
    mqtt = Desk(tmp_path, port=1).mqtt
    for end in mqtt._wake:
        end.close()
    client = mqtt._client()
    for _ in range(3 * MOST_EVENTS):
        client.publish("pain", "4", qos=1)
    assert len(client._out_messages) == 2 * MOST_EVENTS
