"""What a broker may send us at all, and a client that hangs up before more than that takes memory.

Rule: what the broker is asked for, it need not do. So the head of each packet is looked at before its rest is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paho.mqtt.client import Client

LARGEST = 8192
"""Bytes of a packet that the broker may send at all; it is told so, throws away what is larger, and is left if not."""


class UnaskedError(Exception):
    """The broker sends what it was told not to. ``str()`` says what."""


def limits() -> Any:
    """Return the properties with which a broker is asked to send no more."""
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    asked: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    asked.MaximumPacketSize = LARGEST
    asked.ReceiveMaximum = 1  # nought is not allowed
    return asked


def guarded() -> type[Client]:
    """Return paho's client, which hangs up before a packet takes memory; made late, as paho is imported.

    A maximum is only a request: paho itself takes whatever comes, and keeps each message of QoS 2 until it is released.
    """
    from paho.mqtt.client import Client

    class Guarded(Client):
        """Looks at the head of each packet before the rest of it is read."""

        def _sock_recv(self, bufsize: int) -> bytes:
            kind = self._in_packet["command"]
            if kind & 0xF0 == 0x30 and kind & 0x06:  # a message, and not of QoS 0, to which we subscribe
                raise UnaskedError("messages of a quality of service that was not asked for")
            if bufsize > LARGEST:
                raise UnaskedError(f"more than {LARGEST} bytes at once")
            received: bytes = super()._sock_recv(bufsize)
            return received

    return Guarded
