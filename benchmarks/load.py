"""A load generator that costs little: raw HTTP/1.1 over kept-alive connections, each sends when it is answered."""

import asyncio
import time
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import cast

NextRequest = Callable[[], bytes]
"""Gives the next request to send, as the bytes of a whole HTTP/1.1 message."""

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "

# The naive variant on one song answers its last requests after some ten seconds.
_PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Slice:
    """What one stretch of load saw.

    `acknowledged` and `failed` are all requests, the run-up and the rest after the window too; `latencies` are those
    answered within the window of `seconds`.
    """

    seconds: float
    acknowledged: int = 0
    failed: int = 0
    first_fault: str | None = None
    latencies: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def rate(self) -> float:
        """Good answers a second within the window."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """The latency in seconds that `percent` of the answers did not exceed; zero when there were none."""
        ordered = sorted(self.latencies)
        return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def read_answer(received: bytes) -> tuple[int, bytes] | None:
    """Status and body of a whole answer, or `None` while a part of it is missing.

    Raises:
        ValueError: the answer has no Content-Length, so this simple reader cannot tell where it ends.
    """
    head = received.find(_END_OF_HEAD)
    if head < 0:
        return None
    at = received.find(_LENGTH, 0, head)
    if at < 0:
        raise ValueError("an answer without Content-Length")
    at += len(_LENGTH)
    body = head + len(_END_OF_HEAD)
    length = int(received[at : received.find(b"\r", at)])
    if len(received) < body + length:
        return None
    return int(received[9:12]), received[body : body + length]


class Load:
    """Several connections that send for `run_up + seconds`; what is answered in the run-up is not measured."""

    def __init__(self, next_request: NextRequest, expected: bytes, *, run_up: float, seconds: float) -> None:
        self.seen = Slice(seconds)
        self._next_request = next_request
        self._expected = expected
        self._measure_at = time.perf_counter() + run_up
        self._end_at = self._measure_at + seconds

    def begin(self) -> bytes | None:
        """The next request, or `None` when the time is over."""
        return self._next_request() if time.perf_counter() < self._end_at else None

    def answered(self, status: int, body: bytes, sent_at: float, now: float) -> None:
        """Take an answer: good is 200 with the expected beginning, anything else is a failure."""
        if status != 200 or not body.startswith(self._expected):
            self.failed(f"{status} {body[:200].decode(errors='replace')}")
            return
        self.seen.acknowledged += 1
        if self._measure_at <= now < self._end_at:
            self.seen.latencies.append(now - sent_at)

    def failed(self, fault: str) -> None:
        """Take a request that was not answered as it should be."""
        self.seen.failed += 1
        self.seen.first_fault = self.seen.first_fault or fault


class Counted(Load):
    """As many requests as there are, however long they take; after `seconds` their answers are overdue."""

    def __init__(self, requests: Iterable[bytes], expected: bytes, *, seconds: float) -> None:
        super().__init__(iter(requests).__next__, expected, run_up=0, seconds=seconds)

    def begin(self) -> bytes | None:
        """The next, or `None` after the last."""
        try:
            return self._next_request()
        except StopIteration:
            return None


class _Connection(asyncio.Protocol):
    """One connection with one request on its way at a time; `ended` is set when it sends no more."""

    def __init__(self, load: Load) -> None:
        self.ended = asyncio.Event()
        self._load = load
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        answer = read_answer(self._received)
        if answer is None:
            return
        self._received = b""
        self._load.answered(*answer, self._sent_at, time.perf_counter())
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.is_set():
            self._load.failed(f"the connection was closed: {exc}")
            self.ended.set()

    def give_up(self) -> None:
        """Wait no longer for an answer that does not come."""
        if not self.ended.is_set():
            self._load.failed("no answer in time")
            self.ended.set()
            self._transport.abort()

    def _send(self) -> None:
        request = self._load.begin()
        if request is None:
            self.ended.set()
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def drive(load: Load, port: int, connections: int) -> Slice:
    """Put the load on 127.0.0.1:`port` until its time is over and the last answer is here, or overdue."""
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(lambda: _Connection(load), "127.0.0.1", port) for _ in range(connections)]
    ended = [connection.ended.wait() for _transport, connection in opened]
    try:
        async with asyncio.timeout(load.seen.seconds + _PATIENCE_SECONDS):
            await asyncio.gather(*ended)
    except TimeoutError:
        for _transport, connection in opened:
            connection.give_up()
    return load.seen
