"""Several processes: every change reaches every client, with Redis, without it, and when it comes back."""

import json
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from app.realtime.live_counts import EMIT_INTERVAL_SECONDS
from app.realtime.protocol import SONG_UPDATED
from tests.realtime.live_server import LiveServer
from tests.realtime.node import Event, NodeClient
from tests.redis_server import RedisServer
from tests.waiting import eventually

CHANNEL = "playledger:counts:test"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def pair(redis: RedisServer) -> Iterator[tuple[LiveServer, LiveServer]]:
    """Two servers over one catalogue, as two processes over one database."""
    with (
        LiveServer(redis_url=redis.url, websocket_only=True) as one,
        LiveServer(redis_url=redis.url, websocket_only=True) as two,
    ):
        two.songs.by_id = one.songs.by_id
        yield one, two


def shows(views: int) -> Callable[[Event], bool]:
    return lambda event: event["event"] == SONG_UPDATED and event["payload"]["viewCount"] == views


async def join(node: NodeClient, client: str, server: LiveServer, reference: str) -> None:
    await node.connect(client, server.url, transports=["websocket"])
    assert (await node.call(client, "subscribe", {"songId": reference}))["ok"]


async def subscribed(redis: RedisServer, processes: int) -> None:
    with Redis.from_url(redis.url) as client:
        await eventually(lambda: client.pubsub_numsub(CHANNEL)[0][1] == processes)


async def test_every_process_tells_its_clients_at_most_ten_times_a_second(
    redis: RedisServer, pair: tuple[LiveServer, LiveServer], node: NodeClient, spacing: Callable[[], list[float]]
) -> None:
    await subscribed(redis, 2)
    await join(node, "a", pair[0], "s1")
    await join(node, "b", pair[1], "grace")
    for _ in range(300):
        pair[0].commit(views=1)
        pair[1].commit(views=1)
    for client in ("a", "b"):
        await node.wait_for(client, shows(5 + 600))
        views = [update["payload"]["viewCount"] for update in node.of(client, SONG_UPDATED)]
        assert views == sorted(set(views))
    # The servers' clocks count whole milliseconds.
    assert min(spacing()) > EMIT_INTERVAL_SECONDS - 0.001


async def test_without_redis_local_clients_hear_and_afterwards_everyone_catches_up(
    redis: RedisServer, pair: tuple[LiveServer, LiveServer], node: NodeClient
) -> None:
    await subscribed(redis, 2)
    await join(node, "a", pair[0], "s1")
    await join(node, "b", pair[1], "s1")
    redis.kill()
    pair[0].commit(views=1)
    await node.wait_for("a", shows(6))
    pair[0].songs.commit(views=1)  # by a process that died before it could publish
    assert node.of("b", SONG_UPDATED) == []
    redis.start()
    for client in ("a", "b"):
        await node.wait_for(client, shows(7))
    await subscribed(redis, 2)
    pair[1].commit(views=1)
    await node.wait_for("a", shows(8))


async def test_a_redis_that_was_never_there_hinders_nobody(node: NodeClient) -> None:
    absent = RedisServer()
    with LiveServer(redis_url=absent.url) as server:
        await join(node, "a", server, "s1")
        server.commit(views=1)
        await node.wait_for("a", shows(6))


async def test_junk_on_the_channel_is_ignored(
    redis: RedisServer, pair: tuple[LiveServer, LiveServer], node: NodeClient
) -> None:
    await subscribed(redis, 2)
    await join(node, "a", pair[0], "s1")
    good = {"song_id": "s1", "slug": None, "view_count": 9, "like_count": 0, "bookmark_count": 0, "revision": 1}
    with Redis.from_url(redis.url) as client:
        for junk in (b"", b"\xff\x00", b"{}", b"[1]", json.dumps([{**good, "view_count": "many"}]).encode()):
            client.publish(CHANNEL, junk)
        client.publish(CHANNEL, json.dumps([{**good, "added_later": 1}]))
    await node.wait_for("a", shows(9))


async def test_what_waits_is_published_before_the_end(redis: RedisServer, node: NodeClient) -> None:
    with LiveServer(redis_url=redis.url) as stays:
        await join(node, "a", stays, "s1")
        with LiveServer(redis_url=redis.url) as goes:
            await subscribed(redis, 2)
            goes.do(lambda: [goes.live_counts.publish(goes.songs.commit(views=1)) for _ in range(5)])
        await node.wait_for("a", shows(10))
