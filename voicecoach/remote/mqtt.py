"""A broker: tells it what happens, and takes wishes from it. paho-mqtt behind it, and one thread of ours.

Rule: commands act now or never. None is kept for later, none is obeyed that the broker has stored (retained). What
holds is told as it is now, not as it became: while the broker is away nothing piles up, and each connection begins
with a new client.

Quality of service. Commands in, and values out, are sent at most once (QoS 0): a "next" that came twice would be worse
than one that is pressed again, and a value is followed by the next. The description of the device, whether it is there,
and pain are sent until they are acknowledged (QoS 1). MQTT 5, because only there a client sees that a message was
retained, is never sent what is stored, and can say how large a message may be.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from voicecoach import __version__
from voicecoach.complaints import printable
from voicecoach.ports import Shortfall
from voicecoach.record import Record
from voicecoach.remote import home_assistant
from voicecoach.remote.bounded import UnaskedError, guarded, limits
from voicecoach.remote.glance import Glance
from voicecoach.remote.home_assistant import OFFLINE, ONLINE, Topics
from voicecoach.remote.inlet import Bucket, Inlet
from voicecoach.remote.wish import FROM_AFAR, RefusedError, Wish, read_command, read_level, read_routine
from voicecoach.ways_in import MqttConfig

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo

LONGEST = 256
"""Bytes of a message that is read."""
MOST_UNSENT = 500
"""Packets that may wait for a broker who does not take them: many times what one greeting makes."""
KEEPALIVE = 20
"""Seconds of silence after which the broker is asked whether it is there."""
PATIENCE = 5.0
"""Seconds that the broker may take to answer."""
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
"""Seconds between two attempts: twice as long each time."""
FRESH = {"command": 2.0, "pain": 60.0}
"""Seconds for which an event is worth telling where the broker was away."""
_GOOD_BYE = 2.0
"""Seconds that the end of a session waits for a broker; a thread that is still at it then is left."""
MOST_EVENTS = 32

_Event: TypeAlias = tuple[float, str, dict[str, Any]]
"""When it happened by the machine's clock, its kind, and what is said of it."""


def installed() -> bool:
    """Return whether paho-mqtt is here."""
    try:
        import paho.mqtt.client  # noqa: F401
    except ImportError:
        return False
    return True


class _AwayError(Exception):
    """The broker cannot be used. ``str()`` says why."""


def _is_absence(problem: str) -> bool:
    """Return whether it is that nobody is there, rather than something that a person must put right."""
    return problem.endswith((" is away", " does not answer")) or " cannot be reached: " in problem


class Mqtt:
    """A connection that is kept up; a ``drive.Source``, and a listener.

    ``routines`` gives the names that may be chosen; ``tell`` shows a line to the person, from the thread of this.
    """

    ended = False
    """A word may always come: the broker may be back."""

    def __init__(
        self,
        config: MqttConfig,
        password: str,
        inlet: Inlet,
        routines: Callable[[], Iterable[str]],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._config, self._password, self._inlet = config, password, inlet
        self._routines, self._tell = routines, tell
        self._port = config.port or (8883 if config.tls else 1883)
        self._topics = Topics(config.topic)
        self._id = config.client_id or f"{config.topic.replace('/', '-')}-{secrets.token_hex(3)}"
        self._glance, self._offset = Glance(), 0.0
        self._lock = threading.Lock()
        self._events: deque[_Event] = deque(maxlen=MOST_EVENTS)
        self._unconfirmed: list[tuple[MQTTMessageInfo, _Event]] = []
        """Pain that the broker has not yet said to have got."""
        self._told: dict[str, str] = {}
        self._greet = False
        self._answer: str | None = None
        """What the broker has said to our connecting: "" is yes."""
        self._closing = threading.Event()
        self._tried = threading.Event()
        self._problem = ""
        self._wake = socket.socketpair()
        for end in self._wake:
            end.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="voicecoach_mqtt", daemon=True)
        self._refusals = Bucket(5, 0.5)

    # --- From other threads -----------------------------------------------------------------------------------------

    def open(self, patience: float) -> Shortfall | None:
        """Begin to connect; return what is wrong if that is known within ``patience`` seconds, and go on trying."""
        self._thread.start()
        self._tried.wait(patience)
        problem = self._problem if self._tried.is_set() else f"{self._server} does not answer"
        if not problem:
            return None
        return Shortfall(
            f"Home Assistant and others cannot reach the coach: {problem}. It is tried again all the while.",
            "look at [mqtt] in your configuration, and whether the broker runs: mosquitto_sub -h HOST -t '#' -v",
        )

    def start(self) -> None:
        """Do nothing: it has begun."""

    def close(self) -> None:
        """Say good-bye and end; safe to call twice. A broker that does not answer is left."""
        self._closing.set()
        self._stir()
        if self._thread.ident is None:  # it was never opened
            self._close_wake()
        elif self._thread.is_alive():
            self._thread.join(timeout=_GOOD_BYE)

    def show(self, glance: Glance, entry: Record | None = None) -> None:
        """Take what the session is at, and the record that it came to by; returns at once."""
        event = None if entry is None else home_assistant.event_of(entry)
        with self._lock:
            self._glance = glance
            if entry is not None:
                self._offset = entry["t"] - self._inlet.now
            if event is not None:
                self._events.append((time.monotonic(), *event))
        self._stir()

    def _stir(self) -> None:
        with contextlib.suppress(OSError):  # it is awake, or has ended
            self._wake[1].send(b".")

    # --- The thread ---------------------------------------------------------------------------------------------------

    @property
    def _server(self) -> str:
        return f"{self._config.host}:{self._port}"

    def _run(self) -> None:
        delay = FIRST_DELAY
        while not self._closing.is_set():
            client, began = None, time.monotonic()
            try:
                client = self._connected()
                self._changed("")
                self._serve(client)
            except _AwayError as error:
                self._changed(str(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, the session goes on and it is tried again
                self._changed(f"{self._server}: {type(error).__name__}: {printable(str(error), 100)}")
            finally:
                if client is not None:
                    _drop(client)
            if time.monotonic() - began < LONGEST_DELAY:  # one that hangs up again and again too
                self._closing.wait(delay)
                delay = min(2 * delay, LONGEST_DELAY)
            else:
                delay = FIRST_DELAY
        self._close_wake()

    def _close_wake(self) -> None:
        for end in self._wake:
            end.close()

    def _changed(self, problem: str) -> None:
        """Tell the person of news; what is found at the very beginning, ``open`` tells."""
        # How a broker that is away is found to be so changes from try to try: one outage is told once.
        news = problem != self._problem and not (_is_absence(problem) and _is_absence(self._problem))
        self._problem = problem
        if self._tried.is_set() and news:
            self._tell(f"MQTT: {problem or 'the broker is back'}")
        self._tried.set()

    def _connected(self) -> Client:
        """Return a client whom the broker has let in. Raises ``_AwayError``."""
        client = self._client()
        self._answer = None
        try:
            client.connect(self._config.host, self._port, KEEPALIVE, clean_start=True, properties=limits())
        except (OSError, ValueError) as error:
            raise _AwayError(f"{self._server} cannot be reached: {_reason(error)}") from None
        until = time.monotonic() + PATIENCE
        while self._answer is None and time.monotonic() < until and not self._closing.is_set():
            try:
                self._pump(client, 0.1)
            except _AwayError:
                _drop(client)
                if self._answer is None:
                    raise _AwayError(f"{self._server} hangs up: is it a broker, with TLS as configured?") from None
        if self._answer:
            _drop(client)
            raise _AwayError(f"{self._server} refuses: {self._answer}")
        if self._answer is None:
            _drop(client)
            raise _AwayError(f"{self._server} does not answer")
        return client

    def _client(self) -> Client:
        from paho.mqtt.client import MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        client = guarded()(CallbackAPIVersion.VERSION2, self._id, protocol=MQTTv5)
        client.connect_timeout = PATIENCE
        client.max_queued_messages_set(2 * MOST_EVENTS)
        client.will_set(self._topics.available, OFFLINE, qos=1, retain=True)
        if self._config.username:
            client.username_pw_set(self._config.username, self._password or None)
        if self._config.tls:
            client.tls_set_context(ssl.create_default_context(cafile=self._config.ca_file or None))
        client.on_connect = self._let_in
        client.on_message = self._take
        return client

    def _let_in(self, _client: Client, _data: object, _flags: object, reason: Any, _more: object) -> None:
        self._answer = str(reason).lower() if reason.is_failure else ""

    def _serve(self, client: Client) -> None:
        from paho.mqtt.subscribeoptions import SubscribeOptions

        # Nothing that is stored is sent to us, and what is sent says whether it was to be stored.
        now = SubscribeOptions(
            qos=0, noLocal=True, retainAsPublished=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
        )
        topics = [self._topics.command, self._topics.start, self._topics.volume, self._topics.available]
        topics += [f"{self._config.discovery}/status"] if self._config.discovery else []
        client.subscribe([(topic, now) for topic in topics])
        self._greet = True
        with self._lock:  # what another connection has not brought home
            self._events.extendleft(event for _, event in reversed(self._unconfirmed))
        self._unconfirmed = []
        while not self._closing.is_set():
            if self._greet:
                self._greet, self._told = False, {}
                if self._config.discovery:
                    self._describe(client)
                client.publish(self._topics.available, ONLINE, qos=1, retain=True)
            self._publish(client)
            self._pump(client, 1.0)
        self._leave(client)

    def _describe(self, client: Client) -> None:
        config = self._config
        topic, payload = home_assistant.discovery(
            self._topics, config.discovery, config.name, self._routines(), __version__
        )
        client.publish(topic, payload, qos=1, retain=True)

    def _publish(self, client: Client) -> None:
        """Tell what is new, unless the broker has not yet taken what was told before."""
        if client.want_write():
            return
        with self._lock:
            glance, at = self._glance, self._inlet.now + self._offset
            events = tuple(self._events)
            self._events.clear()
        self._unconfirmed = [(sent, event) for sent, event in self._unconfirmed if not sent.is_published()]
        for moment, kind, event in events:
            if time.monotonic() - moment < FRESH[kind]:
                sent = client.publish(self._topics.event(kind), json.dumps(event), qos=int(kind == "pain"))
                self._unconfirmed += [(sent, (moment, kind, event))] if kind == "pain" else []
        for name, value in home_assistant.values(glance, at).items():
            if self._told.get(name) != value:
                client.publish(self._topics.value(name), value, qos=0, retain=True)
                self._told[name] = value

    def _pump(self, client: Client, wait: float) -> None:
        """Send and receive, for at most ``wait`` seconds or until somebody stirs. Raises ``_AwayError``."""
        sock = client.socket()
        if sock is None:
            raise _AwayError(f"{self._server} is away")
        if len(client._out_packet) > MOST_UNSENT:  # noqa: SLF001 - whoever asks and never listens fills it for ever
            raise _AwayError(f"{self._server} takes nothing, and is left")
        writing = [sock] if client.want_write() else []
        waiting = getattr(sock, "pending", lambda: 0)()  # what TLS has read already shows on no socket
        readable, writable, _ = select.select([sock, self._wake[0]], writing, [], 0 if waiting else wait)
        if self._wake[0] in readable:
            with contextlib.suppress(OSError):
                self._wake[0].recv(4096)
        try:
            results = [client.loop_read()] if waiting or sock in readable else []
        except UnaskedError as error:
            raise _AwayError(f"{self._server} sends {error}, and is left") from None
        results += [client.loop_write()] if writable else []
        results.append(client.loop_misc())
        if any(results):
            raise _AwayError(f"{self._server} is away")

    def _leave(self, client: Client) -> None:
        left = client.publish(self._topics.available, OFFLINE, qos=1, retain=True)
        until = time.monotonic() + 1.0
        with contextlib.suppress(_AwayError):
            while not left.is_published() and time.monotonic() < until:
                self._pump(client, 0.1)

    # --- What comes in ------------------------------------------------------------------------------------------------

    def _take(self, client: Client, _data: object, message: MQTTMessage) -> None:
        """Take a message, in our thread."""
        topics, payload = self._topics, message.payload
        if message.topic in {topics.available, f"{self._config.discovery}/status"}:
            # Another coach with our topics has gone, or Home Assistant has come: say again what there is.
            expected = OFFLINE if message.topic == topics.available else ONLINE
            self._greet = self._greet or payload == expected.encode()
            return
        try:
            self._inlet.take(self._read(message), "mqtt")
        except RefusedError as error:
            self._refuse(client, message.topic, str(error))

    def _read(self, message: MQTTMessage) -> Wish:
        if message.retain:
            raise RefusedError("a retained message is never obeyed: send it without the retain flag")
        if len(message.payload) > LONGEST:
            raise RefusedError(f"{len(message.payload)} bytes are too many: {LONGEST} at most")
        try:
            text = message.payload.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise RefusedError("this is no text (UTF-8)") from None
        if message.topic == self._topics.command:
            return read_command(text, FROM_AFAR)
        if message.topic == self._topics.start:
            return read_routine(text, tuple(self._routines()))
        return read_level(text, 100)

    def _refuse(self, client: Client, topic: str, reason: str) -> None:
        """Say so, on a topic and to the person; of a flood only the beginning."""
        if self._refusals.take():
            self._tell(f"MQTT: {topic}: {reason}")
            client.publish(self._topics.refused, json.dumps({"topic": topic, "reason": reason}))


def _drop(client: Client) -> None:
    with contextlib.suppress(Exception):  # whatever state it is in, it is left behind
        client.disconnect()
    with contextlib.suppress(Exception):
        if (sock := client.socket()) is not None:
            sock.close()


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS, or not to us"
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return str(error)
