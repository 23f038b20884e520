"""Batches of 1,000 new events: as requests for the service, and as rows for the bare database."""

import json
from collections import deque
from datetime import datetime, timedelta

from app.clock import to_stored_precision
from app.models.stats.events import EventType, StatsEvent
from app.repositories.mongo import Document
from benchmarks.events import SENDER, EventMaker, to_wire
from benchmarks.filling import rows_of

BATCH = 1_000
EXPECTED = b'{"success":true,"accepted":1000,"duplicates":0,'
"""How the answer to a batch begins when all of it was counted."""

_MINUTES = 30


class Batches:
    """Made before the clock starts; one that was not is made when it is asked for."""

    def __init__(self, maker: EventMaker, now: datetime) -> None:
        self._maker = maker
        self._now = to_stored_precision(now)
        self._requests: deque[bytes] = deque()
        self._rows: deque[tuple[EventType, list[Document]]] = deque()
        self._started: dict[EventType, list[Document]] = {kind: [] for kind in EventType}

    def make_requests(self, number: int) -> None:
        """Have at least so many requests ready."""
        while len(self._requests) < number:
            self._requests.append(_request([to_wire(event) for event in self._draw()]))

    def make_rows(self, number: int) -> None:
        """Have at least so many batches of rows ready, each of one type, in the proportion that the service gets."""
        while len(self._rows) < number:
            for kind, rows in rows_of(self._draw(), self._now).items():
                started = self._started[kind]
                started += rows
                if len(started) >= BATCH:
                    self._rows.append((kind, started[:BATCH]))
                    self._started[kind] = started[BATCH:]

    def request(self) -> bytes:
        """The next request, as the bytes of a whole HTTP/1.1 message."""
        self.make_requests(1)
        return self._requests.popleft()

    def rows(self) -> tuple[EventType, list[Document]]:
        """The next 1,000 rows of one type."""
        self.make_rows(1)
        return self._rows.popleft()

    def _draw(self) -> list[StatsEvent]:
        draw, now = self._maker.draw, self._now
        return [draw(now - timedelta(seconds=60 * _MINUTES * number / BATCH)) for number in range(BATCH)]


def _request(wires: list[dict[str, object]]) -> bytes:
    body = json.dumps(wires, separators=(",", ":")).encode()
    head = (
        "POST /api/stats/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"User-Agent: {SENDER.user_agent}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
