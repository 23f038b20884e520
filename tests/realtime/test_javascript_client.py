"""What the contract promises, seen by the real socket.io-client."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from app.errors import Unavailable
from app.realtime.connection import MAX_ROOMS
from app.realtime.live_counts import EMIT_INTERVAL_SECONDS
from app.realtime.protocol import SONG_UPDATED
from tests.realtime.fakes import START
from tests.realtime.live_server import LiveServer
from tests.realtime.node import Event, NodeClient

WEBSOCKET = {"transports": ["websocket"]}


def shows(views: int, reference: str = "s1") -> Callable[[Event], bool]:
    return lambda event: (
        event["event"] == SONG_UPDATED
        and event["payload"]["songId"] == reference
        and event["payload"]["viewCount"] == views
    )


@pytest.mark.parametrize(
    "options", [{}, WEBSOCKET, {"transports": ["polling"]}], ids=["default", "websocket", "polling"]
)
async def test_updates_reach_the_room_of_the_id_and_of_the_slug(
    server: LiveServer, node: NodeClient, options: dict[str, list[str]]
) -> None:
    await node.connect("a", server.url, **options)
    by_id = await node.call("a", "subscribe", {"songId": "s1"})
    by_slug = await node.call("a", "subscribe", {"songId": "grace"})
    counts = {"viewCount": 5, "likeCount": 0, "bookmarkCount": 0}
    assert by_id == {"ok": True, "room": "content:audio:s1", **counts}
    assert by_slug == {"ok": True, "room": "content:audio:grace", **counts}

    server.commit(views=1, likes=1)

    await node.wait_for("a", shows(6, "s1"))
    event = await node.wait_for("a", shows(6, "grace"))
    assert event["payload"] == {"songId": "grace", "viewCount": 6, "likeCount": 1, "bookmarkCount": 0}
    assert len(node.of("a", SONG_UPDATED)) == 2


async def test_the_default_transport_is_upgraded(server: LiveServer, node: NodeClient) -> None:
    await node.connect("a", server.url)
    await node.wait_for("a", lambda event: event["event"] == "upgrade")
    assert (await node.call("a", "subscribe", {"songId": "s1"}))["ok"] is True


async def test_two_thousand_changes_a_second_are_at_most_ten_updates_a_second(
    server: LiveServer, node: NodeClient, spacing: Callable[[], list[float]]
) -> None:
    await node.connect("a", server.url, **WEBSOCKET)
    await node.call("a", "subscribe", {"songId": "s1"})

    def burst() -> None:
        for _ in range(40):
            server.live_counts.publish(server.songs.commit(views=1))

    bursts = 0
    async with asyncio.timeout(60):
        while len(node.of("a", SONG_UPDATED)) <= 10:
            server.do(burst)
            bursts += 1
            await asyncio.sleep(0.02)

    await node.wait_for("a", shows(5 + 40 * bursts))
    updates = node.of("a", SONG_UPDATED)
    views = [update["payload"]["viewCount"] for update in updates]
    assert views == sorted(set(views))
    # The server's clock counts whole milliseconds.
    assert min(spacing()) > EMIT_INTERVAL_SECONDS - 0.001


async def test_a_late_joiner_learns_the_count_from_its_ack_and_hears_nothing_old(
    server: LiveServer, node: NodeClient
) -> None:
    await node.connect("early", server.url, **WEBSOCKET)
    await node.connect("late", server.url, **WEBSOCKET)
    await node.call("early", "subscribe", {"songId": "s1"})
    for _ in range(20):
        server.commit(views=1)  # the first goes out at once, the rest waits for its turn
    answer = await node.call("late", "subscribe", {"songId": "grace"})
    assert answer["viewCount"] == 25
    await node.wait_for("early", shows(25))
    server.commit(views=1)
    await node.wait_for("late", shows(26, "grace"))
    assert [event["payload"]["viewCount"] for event in node.of("late", SONG_UPDATED)] == [26]


async def test_nothing_is_sent_when_nothing_changed(server: LiveServer, node: NodeClient) -> None:
    await node.connect("a", server.url, **WEBSOCKET)
    await node.call("a", "subscribe", {"songId": "s1"})
    server.commit()  # a new revision with the same counts
    server.do(lambda: server.live_counts.publish(server.songs.by_id["s1"]))
    server.commit(views=1)
    await node.wait_for("a", shows(6))
    assert len(node.of("a", SONG_UPDATED)) == 1


async def test_unsubscribed_means_no_more_updates(server: LiveServer, node: NodeClient) -> None:
    await node.connect("a", server.url, **WEBSOCKET)
    for reference in ("s1", "grace"):
        await node.call("a", "subscribe", {"songId": reference})
    assert await node.call("a", "unsubscribe", {"songId": "s1"}) == {"ok": True, "room": "content:audio:s1"}
    server.commit(views=1)
    await node.wait_for("a", shows(6, "grace"))
    assert [event["payload"]["songId"] for event in node.of("a", SONG_UPDATED)] == ["grace"]


BAD_ARGUMENTS: list[tuple[object, ...]] = [
    (),
    (None,),
    ("s1",),
    ([],),
    ({},),
    ({"songId": 7},),
    ({"songId": ""},),
    ({"songId": "x" * 257},),
    ({"songId": "a\x00b"},),
    ({"songId": {"$ne": 1}},),
    ({"songId": "s1"}, 1),
]


@pytest.mark.parametrize("event", ["subscribe", "unsubscribe"])
async def test_bad_payloads_are_answered(server: LiveServer, node: NodeClient, event: str) -> None:
    await node.connect("a", server.url, **WEBSOCKET)
    for args in BAD_ARGUMENTS:
        answer = await node.call("a", event, *args)
        assert (answer["ok"], answer["code"], set(answer)) == (False, "VALIDATION_ERROR", {"ok", "error", "code"}), args


async def test_errors_are_answered(server: LiveServer, node: NodeClient) -> None:
    await node.connect("a", server.url, **WEBSOCKET)
    unknown = {"ok": False, "error": "Song not found", "code": "NOT_FOUND"}
    assert await node.call("a", "subscribe", {"songId": "nobody"}) == unknown
    assert (await node.call("a", "dance", {"songId": "s1"}))["code"] == "NOT_FOUND"

    server.songs.fail_with = Unavailable("The database is away")
    assert (await node.call("a", "subscribe", {"songId": "s1"}))["code"] == "UNAVAILABLE"
    server.songs.fail_with = ZeroDivisionError("secret")
    answer = await node.call("a", "subscribe", {"songId": "s1"})
    assert answer == {"ok": False, "error": "Something went wrong", "code": "SERVER_ERROR"}


async def test_rooms_are_limited_and_joining_twice_counts_once(server: LiveServer, node: NodeClient) -> None:
    await node.connect("a", server.url, **WEBSOCKET)
    connection = server.do(lambda: next(iter(server.realtime._connections.values())))
    server.do(lambda: connection.rooms.update({f"r{number}": None for number in range(MAX_ROOMS - 1)}))
    for _ in range(2):
        assert (await node.call("a", "subscribe", {"songId": "s1"}))["ok"] is True
    assert (await node.call("a", "subscribe", {"songId": "grace"}))["code"] == "CONFLICT"


async def test_a_bad_token_is_refused(server: LiveServer, node: NodeClient) -> None:
    bad: list[object] = [{"token": "junk"}, {"token": ""}, {"token": 7}, {"token": {}}, [1], "u:99"]
    for auth in bad:
        event = await node.connect(repr(auth), server.url, auth=auth)
        assert event["event"] == "connect_error", auth
        assert (event["message"], event["data"]) == ("Authentication required", {"code": "UNAUTHORIZED"})


async def test_a_good_token_or_none_may_connect(server: LiveServer, node: NodeClient) -> None:
    good: list[object] = [None, {}, {"token": None}, {"other": 1}, {"token": "user:60"}]
    for auth in good:
        assert (await node.connect(repr(auth), server.url, auth=auth))["event"] == "connect", auth


async def test_keys_that_cannot_be_had_refuse_with_their_own_code(server: LiveServer, node: NodeClient) -> None:
    server.verifier.fail_with = Unavailable("Tokens cannot be checked now")
    event = await node.connect("a", server.url, auth={"token": "user:60"})
    assert (event["message"], event["data"]) == ("Tokens cannot be checked now", {"code": "UNAVAILABLE"})


async def test_a_connection_ends_with_its_token(server: LiveServer, node: NodeClient) -> None:
    await node.connect("known", server.url, auth={"token": "user:60"})
    await node.connect("anonymous", server.url)
    server.clock.moment = START + timedelta(seconds=59)
    assert (await node.call("known", "subscribe", {"songId": "s1"}))["ok"] is True
    server.clock.moment = START + timedelta(seconds=60)
    event = await node.wait_for("known", lambda event: event["event"] == "disconnect")
    assert event["reason"] == "io server disconnect"
    assert (await node.call("anonymous", "subscribe", {"songId": "s1"}))["ok"] is True


async def test_origins_are_checked(node: NodeClient) -> None:
    with LiveServer(cors_origins=("https://app.example.com",)) as server:
        for client, origin in (("good", "https://app.example.com"), ("bad", "https://evil.example.com")):
            headers = {"origin": origin}
            await node.connect(client, server.url, extraHeaders=headers, **WEBSOCKET)
        assert node.of("good", "connect")
        assert node.of("bad", "connect_error")


async def test_websocket_only_refuses_polling(node: NodeClient) -> None:
    with LiveServer(websocket_only=True) as server:
        assert (await node.connect("poll", server.url, transports=["polling"]))["event"] == "connect_error"
        assert (await node.connect("ws", server.url, **WEBSOCKET))["event"] == "connect"


async def test_stopping_tells_the_last_value_and_lets_clients_come_back(node: NodeClient) -> None:
    with LiveServer() as server:
        for client, options in (("ws", WEBSOCKET), ("poll", {"transports": ["polling"]})):
            await node.connect(client, server.url, **options)
            await node.call(client, "subscribe", {"songId": "s1"})
        server.commit(views=1)
        server.commit(views=1)
    for client in ("ws", "poll"):
        await node.wait_for(client, shows(7))
        event = await node.wait_for(client, lambda event: event["event"] == "disconnect")
        assert event["reason"] in {"transport close", "transport error"}
    assert server.lifespan == ["startup", "shutdown"]


async def test_a_web_server_that_ends_without_draining_leaves_nothing_behind(node: NodeClient) -> None:
    with LiveServer(drains=False) as server:
        await node.connect("a", server.url, **WEBSOCKET)
        await node.call("a", "subscribe", {"songId": "s1"})
    assert (await node.wait_for("a", lambda event: event["event"] == "disconnect"))["reason"] == "transport close"


async def test_everything_else_belongs_to_the_app_behind(server: LiveServer) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
        assert (await client.get("/socket.iox")).text == "/socket.iox"
        assert (await client.get("/")).text == "/"
        assert (await client.get("/socket.io")).status_code == 400
