"""Servers and clients of the Socket.IO tests."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.realtime.live_server import LiveServer
from tests.realtime.node import NodeClient


@pytest.fixture
def server() -> Iterator[LiveServer]:
    with LiveServer() as running:
        yield running


@pytest.fixture
async def node() -> AsyncIterator[NodeClient]:
    client = await NodeClient.start()
    yield client
    await client.stop()
