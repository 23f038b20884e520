"""Load at a given pace: every request has its moment, and waits for nobody but a free connection."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterable
from typing import cast

from benchmarks.load import Slice, read_answer

CONNECTIONS = 512
_PATIENCE_SECONDS = 20.0

Due = tuple[float, bytes]
"""When a request is to be sent, in seconds since the begin, and the whole of it."""


class _Connection(asyncio.Protocol):
    """One request on its way at a time."""

    def __init__(self, pace: "Pace") -> None:
        self._pace = pace
        self._received = b""
        self._due_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast("asyncio.Transport", transport)

    def send(self, due_at: float, request: bytes) -> None:
        self._due_at = due_at
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = read_answer(self._received)
        if answer is not None:
            self._received = b""
            self._pace.answered(self, *answer, self._due_at)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pace.lost(exc)


class Pace:
    """Sends each request when it is due; its latency counts from that moment, also when it had to wait to be sent."""

    def __init__(self, expected: bytes, *, run_up: float, seconds: float) -> None:
        self.seen = Slice(seconds)
        self._expected = expected
        self._run_up = run_up
        self._began = 0.0
        # The one that has rested longest goes first, or the server would close those that are rarely needed.
        self._idle: deque[_Connection] = deque()
        self._late: deque[Due] = deque()
        self._on_their_way = 0
        self._is_over = False
        self._rest = asyncio.Event()

    async def drive(self, requests: Iterable[Due], port: int, connections: int = CONNECTIONS) -> Slice:
        """Send all to 127.0.0.1:`port`, and wait for the last answer, or until it is overdue."""
        loop = asyncio.get_running_loop()
        opened = [
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port) for _ in range(connections)
        ]
        self._idle = deque(connection for _transport, connection in opened)
        self._began = time.perf_counter()
        for due_at, request in requests:
            ahead = self._began + due_at - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            self._send(due_at, request)
        await self._settle()
        for transport, _connection in opened:
            transport.close()
        return self.seen

    def answered(self, connection: _Connection, status: int, body: bytes, due_at: float) -> None:
        """Take an answer, and send what is late."""
        self._on_their_way -= 1
        if status != 200 or not body.startswith(self._expected):
            self._fail(f"{status} {body[:200].decode(errors='replace')}")
        else:
            self.seen.acknowledged += 1
            if self._run_up <= due_at < self._run_up + self.seen.seconds:
                self.seen.latencies.append(time.perf_counter() - self._began - due_at)
        self._idle.append(connection)
        if self._late:
            self._send(*self._late.popleft())
        self._note_rest()

    def lost(self, error: Exception | None) -> None:
        """Take the end of a connection, which is a failure while anything is on its way."""
        if self._on_their_way:
            self._fail(f"the connection was closed: {error}")

    def _send(self, due_at: float, request: bytes) -> None:
        if not self._idle:
            self._late.append((due_at, request))
            return
        self._on_their_way += 1
        self._idle.popleft().send(due_at, request)

    async def _settle(self) -> None:
        self._is_over = True
        self._note_rest()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rest.wait(), _PATIENCE_SECONDS)
        for _ in range(self._on_their_way + len(self._late)):
            self._fail("no answer in time")
        self._late.clear()
        self._on_their_way = 0

    def _note_rest(self) -> None:
        if self._is_over and not self._on_their_way:
            self._rest.set()

    def _fail(self, fault: str) -> None:
        self.seen.failed += 1
        self.seen.first_fault = self.seen.first_fault or fault
