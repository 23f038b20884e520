"""Connections that listen to a song: raw Socket.IO, for a library would cost more than what is measured."""

import asyncio
import json
import time
from array import array
from typing import cast

from benchmarks.fanout.frames import HANDSHAKE, Frames, text
from benchmarks.load import Slice

_END_OF_HEAD = b"\r\n\r\n"
_AT_ONCE = 50
_PATIENCE_SECONDS = 20.0

# Packets of Engine.IO 4 and Socket.IO 5: https://github.com/socketio/socket.io-protocol
_OPEN, _PING, _PONG = b"0", b"2", b"3"
_CONNECT, _EVENT, _ACK, _CONNECT_ERROR = b"40", b"42", b"43", b"44"


class Audience:
    """All listeners of one song, and what they have heard.

    A latency is how much later than the first one a listener has heard of a count.
    """

    def __init__(self, song_id: str, seconds: float) -> None:
        self.subscribe = b"420" + json.dumps(["subscribe", {"songId": song_id}]).encode()
        self.last: dict[int, int] = {}
        self._seconds = seconds
        self._heard_first: dict[int, float] = {}
        self._heard = 0
        self._latencies = array("d")
        self._window = (0.0, 0.0)
        self._listeners: list[_Listener] = []

    async def come(self, number: int, port: int) -> None:
        """Connect so many, and subscribe all.

        Raises:
            TimeoutError: some are not subscribed within 20 s.
            ConnectionError: the server refuses one.
        """
        for first in range(0, number, _AT_ONCE):
            some = [_Listener(self, name) for name in range(first, min(number, first + _AT_ONCE))]
            self._listeners += some
            async with asyncio.timeout(_PATIENCE_SECONDS):
                for one in some:
                    await one.connect(port)
                await asyncio.gather(*(one.subscribed for one in some))

    def measure(self, run_up: float) -> None:
        """Forget what was heard, and count from after the run-up on."""
        began = time.perf_counter() + run_up
        self._window = (began, began + self._seconds)
        self._heard = 0
        self._latencies = array("d")

    def hear(self, listener: int, count: int) -> None:
        """Take one update."""
        now = time.perf_counter()
        first = self._heard_first.setdefault(count, now)
        self.last[listener] = count
        self._heard += 1
        if self._window[0] <= now < self._window[1]:
            self._latencies.append(now - first)

    @property
    def seen(self) -> Slice:
        """All deliveries since `measure` was called."""
        return Slice(self._seconds, self._heard, latencies=self._latencies)

    async def all_hear(self, count: int) -> int:
        """Wait until all have heard this count; how many have when that takes too long."""
        give_up_at = time.perf_counter() + _PATIENCE_SECONDS
        while (heard := sum(one == count for one in self.last.values())) < len(self._listeners):
            if time.perf_counter() > give_up_at:
                break
            await asyncio.sleep(0.05)
        return heard

    def leave(self) -> None:
        """End all connections."""
        for one in self._listeners:
            one.leave()


class _Listener(asyncio.Protocol):
    """One connection; `subscribed` is done when the server has acknowledged that."""

    def __init__(self, audience: Audience, number: int) -> None:
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._audience = audience
        self._number = number
        self._head: bytes | None = b""
        self._frames = Frames()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        if self._head is not None:
            self._head += data
            head, found, data = self._head.partition(_END_OF_HEAD)
            if not found:
                return
            self._head = None
            if not head.startswith(b"HTTP/1.1 101 "):
                self._refused(head)
        for packet in self._frames.feed(data):
            self._take(packet)

    async def connect(self, port: int) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    def leave(self) -> None:
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._refused(str(exc).encode())

    def _take(self, packet: bytes) -> None:
        kind = packet[:2] if packet.startswith(b"4") else packet[:1]
        if kind == _EVENT:
            self._audience.hear(self._number, json.loads(packet[2:])[1]["viewCount"])
        elif kind == _PING:
            self._transport.write(text(_PONG))
        elif kind == _OPEN:
            self._transport.write(text(_CONNECT))
        elif kind == _CONNECT:
            self._transport.write(text(self._audience.subscribe))
        elif kind == _ACK and b'"ok":true' in packet and not self.subscribed.done():
            self.subscribed.set_result(None)
        elif kind in (_ACK, _CONNECT_ERROR):
            self._refused(packet)

    def _refused(self, why: bytes) -> None:
        if not self.subscribed.done():
            self.subscribed.set_exception(ConnectionError(why.decode(errors="replace")[:200]))
