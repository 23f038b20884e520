"""The whole service under load: what listeners see of a hot song, and what it costs in memory."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from app.realtime.protocol import SONG_UPDATED
from benchmarks.load import Load, Slice, drive
from tests.realtime.node import NodeClient
from tests.service import Service
from tests.serving import bearer, token
from tests.thorough import usually

SONGS = "/api/audio/copyright-free"
# Ten updates a second are the most.
SPACED_MS = 100
BODY = b'{"durationMs":45000,"progressPct":30,"isComplete":false}'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("busy")).start("--demo").wait_until_ready()
    yield service
    service.stop()


def requests(songs: list[str], users: Iterator[int]) -> Callable[[], bytes]:
    """Each call is the view of another user."""

    def request() -> bytes:
        user = next(users)
        head = (
            f"POST {SONGS}/{songs[user % len(songs)]}/view HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {token(f'user-{user}')}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
        )
        return head.encode() + BODY

    return request


async def views(service: Service, songs: list[str], users: Iterator[int], seconds: float) -> Slice:
    """New views as fast as 32 connections bring them."""
    load = Load(requests(songs, users), b'{"success":true', run_up=0, seconds=seconds)
    return await drive(load, urlsplit(service.address).port or 0, 32)


@pytest.mark.slow
async def test_listeners_of_a_hot_song_see_it_rise_to_the_last_view(service: Service) -> None:
    node = await NodeClient.start()
    try:
        websocket = {"transports": ["websocket"]}
        await node.connect("early", service.address)
        first = await node.call("early", "subscribe", {"songId": "first-light"})
        song_id = httpx.get(f"{service.address}{SONGS}/first-light").json()["data"]["id"]
        await node.call("early", "subscribe", {"songId": song_id})
        before = node.of("early", "ack")[-1]["at"]
        seen = await views(service, ["first-light"], itertools.count(), seconds=4)
        assert (seen.failed, seen.first_fault) == (0, None)
        await node.connect("late", service.address, **websocket)
        late = await node.call("late", "subscribe", {"songId": song_id})
        for reference in ("first-light", song_id):
            await node.wait_for(
                "early",
                lambda event, reference=reference: (
                    event["event"] == SONG_UPDATED
                    and event["payload"]["songId"] == reference
                    and event["payload"]["viewCount"] == seen.acknowledged
                ),
            )
            updates = [event for event in node.of("early", SONG_UPDATED) if event["payload"]["songId"] == reference]
            counts = [event["payload"]["viewCount"] for event in updates]
            assert counts == sorted(set(counts)), "a count fell, or was told twice"
            assert len(counts) >= 2
            # An update may arrive late, and close to the next; however late, it is the one whose turn it was.
            assert all(number <= (event["at"] - before) / SPACED_MS for number, event in enumerate(updates))
        assert (first["viewCount"], late["viewCount"]) == (0, seen.acknowledged)
        # Nothing is sent when nothing changes: a repeat is no news.
        # Another acknowledgement comes after whatever was still on its way.
        assert await node.call("late", "subscribe", {"songId": song_id}) == late
        told = len(node.events)
        await asyncio.to_thread(httpx.post, f"{service.address}{SONGS}/first-light/view", headers=bearer("user-1"))
        await asyncio.sleep(0.3)
        assert len(node.events) == told
    finally:
        await node.stop()


@pytest.mark.slow
async def test_memory_stays_flat_and_counts_stay_exact(service: Service) -> None:
    songs = [song["slug"] for song in httpx.get(f"{service.address}{SONGS}").json()["data"]["items"]]
    process = psutil.Process(service.pid)
    users = itertools.count(1_000_000)
    await views(service, songs, users, seconds=3)
    before = process.memory_info().rss
    seen = await views(service, songs, users, seconds=usually(5, thoroughly=8))
    after = process.memory_info().rss
    assert seen.failed == 0
    assert after < before * 1.1, f"{before >> 20} MiB became {after >> 20} MiB"
    assert json.loads(service.run("reconcile", "--dry-run", "--json"))["drift"] == 0
