"""A real mosquitto of our own, on a port of its own, and a client that stands where Home Assistant would."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PATIENCE = 20.0
"""Seconds after which a test gives up waiting."""
MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")


def until(done: Callable[[], bool], what: str = "it") -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """Started and ended by its process id; its folder holds its configuration, passwords and certificates."""

    def __init__(self, folder: Path, *, password: str = "", tls: bool = False) -> None:
        self.folder, self.port = folder, free_port()
        self.ca = folder / "ca.crt"
        lines = [f"listener {self.port} 127.0.0.1", "persistence false", "user root"]
        if password:
            secrets = folder / "passwords"
            subprocess.run(
                ["mosquitto_passwd", "-b", "-c", secrets, "coach", password], check=True, capture_output=True
            )
            lines += ["allow_anonymous false", f"password_file {secrets}"]
        else:
            lines += ["allow_anonymous true"]
        if tls:
            self._certify("localhost")
            lines += [f"certfile {folder / 'server.crt'}", f"keyfile {folder / 'server.key'}"]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        assert MOSQUITTO is not None
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(
                [MOSQUITTO, "-c", self.folder / "mosquitto.conf", "-v"], stdout=log, stderr=log
            )
        until(self._answers, "the broker")
        return self

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()  # also one that is frozen
            self._process.wait()
            self._process = None

    def freeze(self, *, on: bool) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    @property
    def log(self) -> str:
        return (self.folder / "mosquitto.log").read_text("utf-8", "replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
        except OSError:
            return False
        return True

    def _certify(self, name: str) -> None:
        def openssl(*args: str) -> None:
            subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True)

        own = ["-newkey", "rsa:2048", "-nodes", "-subj"]
        signs = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]  # asked for since Python 3.13
        openssl("req", "-x509", *own, "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", *signs)
        openssl("req", *own, f"/CN={name}", "-keyout", "server.key", "-out", "server.csr")
        (self.folder / "names").write_text(f"subjectAltName=DNS:{name}\n")
        sign = ["-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
        openssl("x509", *sign, "-out", "server.crt", "-extfile", "names")


@dataclass(frozen=True)
class Message:
    topic: str
    payload: str
    retain: bool
    qos: int


class Onlooker:
    """Hears everything that passes through the broker, and sends what a test wants sent."""

    def __init__(self, broker: Broker) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.messages: list[Message] = []
        subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)  # MQTT 3.1.1, as Home Assistant speaks it
        self._client.on_message = self._keep
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect("127.0.0.1", broker.port)
        self._client.subscribe("#", qos=2)
        self._client.loop_start()
        assert subscribed.wait(PATIENCE)

    def _keep(self, _client: Any, _data: Any, message: Any) -> None:
        payload = message.payload.decode("utf-8", "replace")
        self.messages.append(Message(message.topic, payload, message.retain, message.qos))

    def send(self, topic: str, payload: str | bytes, *, retain: bool = False, qos: int = 0) -> None:
        self._client.publish(topic, payload, qos=qos, retain=retain).wait_for_publish(PATIENCE)

    def of(self, topic: str) -> list[str]:
        return [message.payload for message in self.messages if message.topic == topic]

    def wait_for(self, topic: str, payload: str | None = None) -> Message:
        def found() -> list[Message]:
            return [m for m in self.messages if m.topic == topic and (payload is None or m.payload == payload)]

        until(lambda: bool(found()), f"{topic} {payload}; there was {self.of(topic)}")
        return found()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
