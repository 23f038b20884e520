"""Joining and leaving while songs change, move and vanish."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from app.errors import Conflict, NotFound, Unavailable
from app.realtime import LiveCounts, LocalBus
from app.realtime.connection import MAX_ROOMS, Connection
from app.realtime.live_counts import RECIPIENTS_AT_ONCE
from app.realtime.outbox import Outbox
from app.realtime.subscriptions import Subscriptions
from tests.realtime.fakes import FakeSongs, song


class World:
    def __init__(self) -> None:
        self.songs = FakeSongs(song(views=5), song("s2", "hope", views=7))
        self.live = LiveCounts(LocalBus(), interval=0.001)
        self.subscriptions = Subscriptions(self.songs, self.live)

    def commit(self, song_id: str = "s1", **changes: int) -> None:
        self.live.publish(self.songs.commit(song_id, **changes))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.live.start(world.subscriptions.catch_up)
    yield world
    await world.live.stop()


def connection(name: str = "a") -> Connection:
    return Connection(name, name, Outbox(1000), None)


def heard(listener: Connection) -> list[str]:
    texts = []
    while len(listener.outbox):
        packet = listener.outbox.get_nowait()
        assert packet
        texts.append(packet.data)
    return texts


async def next_heard(listener: Connection) -> str:
    packet = await asyncio.wait_for(listener.outbox.get(), 5)
    assert packet
    return packet.data


async def test_what_is_committed_between_the_read_and_the_feed_is_not_lost(world: World) -> None:
    listener = connection()
    world.songs.hold = asyncio.Event()
    joining = asyncio.create_task(world.subscriptions.join(listener, "grace"))
    await asyncio.sleep(0)
    world.commit(views=1)  # the song was found with 5 views, and nobody listens yet
    world.songs.hold.set()
    assert (await joining).view_count == 6


async def test_a_read_that_fails_leaves_nothing_behind(world: World) -> None:
    listener = connection()
    world.songs.fail_with = Unavailable("away")
    with pytest.raises(Unavailable):
        await world.subscriptions.join(listener, "s1")
    world.songs.fail_with = None
    with pytest.raises(NotFound):
        await world.subscriptions.join(listener, "nobody")
    assert (listener.rooms, world.live.song_ids) == ({}, [])


async def test_the_second_read_failing_leaves_nothing_behind(world: World) -> None:
    listener = connection()

    class FailsLater(FakeSongs):
        async def counts(self, reference: str):
            if self.reads == 1:
                self.fail_with = NotFound("Song not found")
            return await super().counts(reference)

    world.subscriptions._reader = FailsLater(song())
    with pytest.raises(NotFound):
        await world.subscriptions.join(listener, "s1")
    assert (listener.rooms, world.live.song_ids) == ({}, [])


async def test_who_goes_while_the_song_is_looked_up_is_not_listed(world: World) -> None:
    listener = connection()
    world.songs.hold = asyncio.Event()
    joining = asyncio.create_task(world.subscriptions.join(listener, "s1"))
    await asyncio.sleep(0)
    world.subscriptions.leave_all(listener)
    world.songs.hold.set()
    await joining
    assert (listener.rooms, world.live.song_ids) == ({}, [])


async def test_rooms_that_are_being_looked_up_count_against_the_limit(world: World) -> None:
    listener = connection()
    world.songs.hold = asyncio.Event()
    joining = [asyncio.create_task(world.subscriptions.join(listener, f"x{n}")) for n in range(MAX_ROOMS)]
    await asyncio.sleep(0)
    with pytest.raises(Conflict):
        await world.subscriptions.join(listener, "s1")
    world.songs.hold.set()
    assert all(isinstance(e, NotFound) for e in await asyncio.gather(*joining, return_exceptions=True))
    assert listener.rooms == {}


async def test_who_used_an_old_slug_keeps_hearing_that_song(world: World) -> None:
    old, new = connection("old"), connection("new")
    await world.subscriptions.join(old, "grace")
    world.songs.commit("s1", slug="amazing-grace")
    world.songs.commit("s2", slug="grace")  # the slug now names another song
    assert (await world.subscriptions.join(new, "grace")).song_id == "s2"
    world.commit("s1", views=1)
    assert '"songId":"grace","viewCount":6' in await next_heard(old)
    world.commit("s2", views=1)
    assert '"songId":"grace","viewCount":8' in await next_heard(new)
    assert (heard(old), heard(new)) == ([], [])
    await world.subscriptions.join(old, "grace")  # asks again, and moves
    world.subscriptions.leave_all(new)
    assert world.live.song_ids == ["s2"]


async def test_feeds_live_as_long_as_their_listeners(world: World) -> None:
    listener = connection()
    await world.subscriptions.join(listener, "s1")
    await world.subscriptions.join(listener, "grace")
    await world.subscriptions.join(listener, "grace")
    world.subscriptions.leave(listener, "s1")
    assert world.live.song_ids == ["s1"]
    world.commit(views=1)
    assert "grace" in await next_heard(listener)
    world.commit(views=1)  # still waiting for its turn when the last one leaves
    world.subscriptions.leave(listener, "grace")
    world.subscriptions.leave(listener, "grace")
    assert world.live.song_ids == []
    await asyncio.sleep(0.01)
    assert heard(listener) == []
    assert world.live._schedule._not_before == {}


async def test_catching_up_reads_every_song_with_listeners(world: World) -> None:
    one, two = connection("one"), connection("two")
    await world.subscriptions.join(one, "s1")
    await world.subscriptions.join(two, "hope")
    world.songs.commit("s1", views=3)  # never published here
    del world.songs.by_id["s2"]
    await world.subscriptions.catch_up()
    assert '"viewCount":8' in await next_heard(one)


async def test_stopping_tells_what_still_waits() -> None:
    world = World()
    world.live._schedule._interval = 60
    await world.live.start(world.subscriptions.catch_up)
    listener = connection()
    await world.subscriptions.join(listener, "s1")
    world.commit(views=1)
    await next_heard(listener)
    world.commit(views=1)
    await world.live.stop()
    assert '"viewCount":7' in heard(listener)[-1]


async def test_changes_during_an_emission_keep_their_distance(world: World) -> None:
    world.live._schedule._interval = 0.05
    crowd = [connection(str(number)) for number in range(3 * RECIPIENTS_AT_ONCE)]
    for listener in crowd:
        await world.subscriptions.join(listener, "s1")
    loop = asyncio.get_running_loop()
    times = []
    last = crowd[-1].outbox

    async def watch() -> None:
        while True:
            await last.get()
            times.append(loop.time())

    watching = asyncio.create_task(watch())
    async with asyncio.timeout(30):
        while len(times) < 4:
            world.commit(views=1)
            await asyncio.sleep(0)
    watching.cancel()
    assert all(later - earlier > 0.0499 for earlier, later in pairwise(times))


async def test_views_never_fall_for_who_listens(world: World) -> None:
    listener = connection()
    await world.subscriptions.join(listener, "s1")
    world.commit(views=-3, likes=1)  # a repair
    assert '"viewCount":5,"likeCount":1' in await next_heard(listener)
