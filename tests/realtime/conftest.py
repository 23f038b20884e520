"""Servers and clients of the Socket.IO tests."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise

import pytest
from engineio.packet import Packet

from app.models.songs import SongCounts
from app.realtime import live_counts
from tests.realtime.live_server import LiveServer
from tests.realtime.node import NodeClient


@pytest.fixture
def server() -> Iterator[LiveServer]:
    with LiveServer() as running:
        yield running


@pytest.fixture
def spacing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[float]]:
    """The seconds between any two updates of one reference, as the servers sent them.

    Each by the clock of its own loop: on their way to a client updates move closer together, and further apart.
    """
    moments: dict[tuple[asyncio.AbstractEventLoop, str], list[float]] = defaultdict(list)
    make = live_counts.update_packet

    def noted(reference: str, counts: SongCounts) -> Packet:
        loop = asyncio.get_running_loop()
        moments[loop, reference].append(loop.time())
        return make(reference, counts)

    monkeypatch.setattr(live_counts, "update_packet", noted)
    return lambda: [later - earlier for times in moments.values() for earlier, later in pairwise(times)]


@pytest.fixture
async def node() -> AsyncIterator[NodeClient]:
    client = await NodeClient.start()
    yield client
    await client.stop()
