"""Live listeners: one query for all who watch, an update on change only, and the same bounds as for songs."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping

import pytest

from app.errors import Conflict, NotFound, Unavailable
from app.metrics import SUBSCRIPTIONS
from app.models.stats.listening import LiveCount
from app.realtime import LiveListeners
from app.realtime.connection import MAX_ROOMS, Connection
from app.realtime.live_counts import RECIPIENTS_AT_ONCE
from app.realtime.outbox import Outbox
from tests.realtime.live_server import LiveServer
from tests.realtime.node import NodeClient

NEVER = 3600.0


class FakeListeners:
    """Tracks `t1` (also called `hymn`) and `t2`; `asked` has what every query was for."""

    def __init__(self) -> None:
        self.names = {"t1": "t1", "hymn": "t1", "t2": "t2"}
        self.counts: dict[str, int] = {}
        self.asked: list[set[str]] = []
        self.fail_with: Exception | None = None
        self.hold: asyncio.Event | None = None

    async def of_track(self, reference: str) -> LiveCount:
        if reference not in self.names:
            raise NotFound("Track not found")
        track_id = self.names[reference]
        return LiveCount(track_id, (await self._read()).get(track_id, 0))

    async def of_tracks(self, track_ids: Collection[str]) -> Mapping[str, int]:
        self.asked.append(set(track_ids))
        return await self._read()

    async def _read(self) -> Mapping[str, int]:
        seen = dict(self.counts)
        if self.hold is not None:
            await self.hold.wait()
        if self.fail_with is not None:
            raise self.fail_with
        return seen


class World:
    def __init__(self, interval_seconds: float = NEVER) -> None:
        self.reader = FakeListeners()
        self.live = LiveListeners(self.reader, interval_seconds)


@pytest.fixture
def world() -> World:
    """Checked by hand only."""
    return World()


@pytest.fixture
async def quick() -> AsyncIterator[World]:
    """Checked by itself, all the time."""
    world = World(0.01)
    await world.live.start()
    yield world
    await world.live.stop()


def connection(name: str = "a") -> Connection:
    return Connection(name, name, Outbox(1000), None)


def heard(listener: Connection) -> list[tuple[str, int]]:
    updates = []
    while len(listener.outbox):
        packet = listener.outbox.get_nowait()
        assert packet
        event, payload = json.loads(packet.data[1:])
        assert (event, set(payload)) == ("track-listeners-updated", {"trackId", "listeners"})
        updates.append((payload["trackId"], payload["listeners"]))
    return updates


async def test_only_changes_are_told_and_only_once(world: World) -> None:
    listener = connection()
    world.reader.counts["t1"] = 3
    assert await world.live.join(listener, "t1") == {"listeners": 3}
    await world.live.check()
    assert heard(listener) == []
    for listeners in (4, 4, 2):
        world.reader.counts["t1"] = listeners
        await world.live.check()
    assert heard(listener) == [("t1", 4), ("t1", 2)]
    world.reader.counts.clear()
    await world.live.check()
    await world.live.check()
    assert heard(listener) == [("t1", 0)]


async def test_all_tracks_are_asked_for_at_once(world: World) -> None:
    one, two = connection("one"), connection("two")
    for listener, reference in ((one, "t1"), (one, "hymn"), (two, "hymn"), (two, "t2")):
        await world.live.join(listener, reference)
    world.reader.counts = {"t1": 5, "t2": 6}
    await world.live.check()
    assert world.reader.asked == [{"t1", "t2"}]
    assert (heard(one), heard(two)) == ([("t1", 5), ("hymn", 5)], [("hymn", 5), ("t2", 6)])


async def test_each_is_told_what_it_does_not_know(world: World) -> None:
    early, late = connection("early"), connection("late")
    await world.live.join(early, "t1")
    world.reader.counts["t1"] = 1
    await world.live.join(late, "t1")
    await world.live.check()
    assert (heard(early), heard(late)) == ([("t1", 1)], [])


async def test_who_joins_during_a_check_is_not_told_an_older_number(world: World) -> None:
    early, late = connection("early"), connection("late")
    await world.live.join(early, "t1")
    world.reader.counts["t1"] = 1
    world.reader.hold = asyncio.Event()
    checking = asyncio.create_task(world.live.check())
    await asyncio.sleep(0)
    hold, world.reader.hold = world.reader.hold, None
    world.reader.counts["t1"] = 2
    await world.live.join(late, "t1")
    hold.set()
    await checking
    assert (heard(early), heard(late)) == ([("t1", 1)], [])
    await world.live.check()
    assert (heard(early), heard(late)) == ([("t1", 2)], [])


async def test_who_leaves_during_a_check_is_told_nothing(world: World) -> None:
    listener = connection()
    await world.live.join(listener, "t1")
    world.reader.counts["t1"] = 1
    world.reader.hold = asyncio.Event()
    checking = asyncio.create_task(world.live.check())
    await asyncio.sleep(0)
    world.live.leave(listener, "t1")
    world.reader.hold.set()
    await checking
    assert (heard(listener), world.live.ids) == ([], [])


async def test_many_are_told(world: World) -> None:
    crowd = [connection(str(number)) for number in range(3 * RECIPIENTS_AT_ONCE)]
    for listener in crowd:
        await world.live.join(listener, "t1")
    world.reader.counts["t1"] = 1
    checking = asyncio.create_task(world.live.check())
    while not len(crowd[0].outbox):
        await asyncio.sleep(0)
    world.live.leave_all(crowd[-1])
    await checking
    assert [heard(listener) for listener in crowd] == [[("t1", 1)]] * (len(crowd) - 1) + [[]]


async def test_a_failed_join_leaves_nothing_behind(world: World) -> None:
    listener = connection()
    with pytest.raises(NotFound):
        await world.live.join(listener, "nobody")
    world.reader.fail_with = Unavailable("away")
    with pytest.raises(Unavailable):
        await world.live.join(listener, "t1")
    assert (listener.track_rooms, world.live.ids) == ({}, [])


async def test_who_goes_while_the_track_is_looked_up_is_not_listed(world: World) -> None:
    listener = connection()
    world.reader.hold = asyncio.Event()
    joining = asyncio.create_task(world.live.join(listener, "t1"))
    await asyncio.sleep(0)
    world.live.leave_all(listener)
    world.reader.hold.set()
    await joining
    assert (listener.track_rooms, world.live.ids) == ({}, [])


async def test_rooms_of_songs_and_of_tracks_count_together(world: World) -> None:
    listener = connection()
    listener.rooms = {f"song-{number}": "s" for number in range(MAX_ROOMS - 2)}
    world.reader.hold = asyncio.Event()
    joining = [asyncio.create_task(world.live.join(listener, reference)) for reference in ("t1", "hymn")]
    await asyncio.sleep(0)
    with pytest.raises(Conflict):
        await world.live.join(listener, "t2")
    world.reader.hold.set()
    await asyncio.gather(*joining)
    assert await world.live.join(listener, "t1") == {"listeners": 0}
    with pytest.raises(Conflict), listener.place(listener.rooms, "song-more"):
        pass
    world.live.leave(listener, "hymn")
    await world.live.join(listener, "t2")


async def test_a_slug_that_names_another_song_moves_who_asks_again(world: World) -> None:
    before = SUBSCRIPTIONS._value.get()
    listener = connection()
    await world.live.join(listener, "hymn")
    world.reader.names["hymn"] = "t2"
    await world.live.join(listener, "hymn")
    assert (world.live.ids, SUBSCRIPTIONS._value.get() - before) == (["t2"], 1)
    world.live.leave(listener, "hymn")
    world.live.leave(listener, "hymn")
    assert (world.live.ids, SUBSCRIPTIONS._value.get() - before) == ([], 0)


async def test_nothing_is_asked_while_nobody_watches(quick: World) -> None:
    await asyncio.sleep(0.05)
    assert quick.reader.asked == []
    listener = connection()
    await quick.live.join(listener, "t1")
    quick.reader.counts["t1"] = 1
    packet = await asyncio.wait_for(listener.outbox.get(), 5)
    assert packet
    assert '"listeners":1' in packet.data
    quick.live.leave_all(listener)
    await asyncio.sleep(0.03)
    asked = len(quick.reader.asked)
    await asyncio.sleep(0.05)
    assert len(quick.reader.asked) == asked


@pytest.mark.parametrize("failure", [Unavailable("away"), RuntimeError("a fault of ours")], ids=["away", "fault"])
async def test_a_failed_check_is_made_up_for(quick: World, failure: Exception) -> None:
    listener = connection()
    await quick.live.join(listener, "t1")
    quick.reader.fail_with = failure
    quick.reader.counts["t1"] = 1
    failed_after = len(quick.reader.asked) + 2
    while len(quick.reader.asked) < failed_after:
        await asyncio.sleep(0.005)
    assert heard(listener) == []
    quick.reader.fail_with = None
    assert await asyncio.wait_for(listener.outbox.get(), 5)


@pytest.fixture
async def tracks() -> FakeListeners:
    return FakeListeners()


async def test_what_the_contract_promises(node: NodeClient, tracks: FakeListeners) -> None:
    with LiveServer(others=(LiveListeners(tracks, 0.02),)) as server:
        await node.connect("a", server.url, transports=["websocket"])
        joined = await node.call("a", "subscribe", {"trackId": "hymn"})
        assert joined == {"ok": True, "room": "stats:track:hymn", "listeners": 0}
        assert (await node.call("a", "subscribe", {"songId": "s1"}))["room"] == "content:audio:s1"
        server.do(lambda: tracks.counts.update(t1=2))
        event = await node.wait_for("a", lambda one: one["event"] == "track-listeners-updated")
        assert event["payload"] == {"trackId": "hymn", "listeners": 2}
        left = await node.call("a", "unsubscribe", {"trackId": "hymn"})
        assert left == {"ok": True, "room": "stats:track:hymn"}
        server.commit("s1", views=1)
        await node.wait_for("a", lambda one: one.get("payload", {}).get("viewCount") == 6)
        unknown = await node.call("a", "subscribe", {"trackId": "nobody"})
        assert unknown == {"ok": False, "error": "Track not found", "code": "NOT_FOUND"}


@pytest.mark.parametrize(
    "payload",
    [{"trackId": 7}, {"trackId": ""}, {"trackId": "x" * 257}, {"trackId": "a\x00"}, {"trackId": "t1", "songId": "s1"}],
    ids=str,
)
async def test_anything_else_is_invalid(node: NodeClient, tracks: FakeListeners, payload: dict) -> None:
    with LiveServer(others=(LiveListeners(tracks),)) as server:
        await node.connect("a", server.url, transports=["websocket"])
        for event in ("subscribe", "unsubscribe"):
            assert (await node.call("a", event, payload))["code"] == "VALIDATION_ERROR"


async def test_a_connection_that_ends_leaves_its_tracks(node: NodeClient, tracks: FakeListeners) -> None:
    live = LiveListeners(tracks, 0.02)
    with LiveServer(others=(live,)) as server:
        await node.connect("a", server.url, transports=["websocket"])
        await node.call("a", "subscribe", {"trackId": "t1"})
        server.run(server.realtime.drain)
        while server.do(lambda: live.ids):
            await asyncio.sleep(0.01)
