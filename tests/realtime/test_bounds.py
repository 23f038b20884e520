"""Clients that read too little, send too much or speak nonsense: they end, and nobody else notices."""

import asyncio
import json
import socket

import pytest

from app.metrics import SOCKETS, SOCKETS_CUT_OFF, SUBSCRIPTIONS
from app.realtime.engine import MAX_WAITING_PACKETS
from app.realtime.guards import MESSAGES_AT_ONCE
from app.realtime.protocol import update_packet
from tests.realtime.fakes import song
from tests.realtime.live_server import LiveServer
from tests.realtime.node import NodeClient
from tests.realtime.raw_client import RawClient
from tests.waiting import eventually


def cut_off(reason: str) -> float:
    return SOCKETS_CUT_OFF.labels(reason)._value.get()


async def test_a_reader_that_does_not_read_is_cut_off_and_others_are_not_delayed(node: NodeClient) -> None:
    slow_before, stalled_before = cut_off("slow"), cut_off("stalled")
    with LiveServer(send_buffer=4096, stall_seconds=3600) as server, RawClient(server.port, 2048) as sleeper:
        sleeper.call("subscribe", {"songId": "s1"})
        await node.connect("reader", server.url, transports=["websocket"])
        await node.call("reader", "subscribe", {"songId": "s2"})
        connection = next(c for c in server.realtime._connections.values() if "s1" in c.rooms)
        packet = update_packet("s1", song(views=1))

        def emit() -> int:
            for _ in range(100):
                connection.outbox.put_nowait(packet)
            return len(connection.outbox)

        waiting = []
        for _ in range(60):  # 6,000 packets: the kernel's buffers, then flow control, then the outbox fill up
            waiting.append(server.do(emit))
            await asyncio.sleep(0.002)
        assert max(waiting) <= MAX_WAITING_PACKETS
        assert len(connection.outbox) <= 1

        server.commit("s2", views=1)
        await node.wait_for("reader", lambda event: event.get("payload", {}).get("viewCount") == 8)
        assert server.do(lambda: len(server.realtime._stalls._sending)) == 1  # still blocked

        server.do(lambda: setattr(server.realtime._stalls, "_timeout", 0.5))
        await eventually(lambda: len(server.realtime._connections) == 1)
        await eventually(lambda: len(server.realtime._gate._server.eio.sockets) == 1)
        await eventually(lambda: server.realtime._gate._inside == 1)
        assert (cut_off("slow") - slow_before, cut_off("stalled") - stalled_before) == (1, 1)
        assert "s1" not in server.live_counts.song_ids
        with pytest.raises(ConnectionResetError):
            sleeper.read_everything()


async def test_a_flood_is_cut_off(server: LiveServer) -> None:
    before = cut_off("flood")
    # Its clock stands still: however slowly the messages come, they come at once.
    server.do(lambda: setattr(server.realtime._guards, "_now", lambda: 0.0))
    with RawClient(server.port) as client:
        event = f"42{json.dumps(['dance'])}"
        for _ in range(int(MESSAGES_AT_ONCE) + 20):
            client.send(event)
        client.read_to_the_end()
    assert cut_off("flood") == before + 1
    await eventually(lambda: not server.realtime._connections)


@pytest.mark.parametrize(
    "nonsense",
    [
        "42",
        "42{}",
        "42[]",
        '42[["subscribe"]]',
        '42["disconnect","x"]',
        '42["connect",{}]',
        "4x",
        "49[1]",
        "42" + "[" * 9000,
    ],
    ids=lambda text: text[:20],
)
async def test_nonsense_is_cut_off(server: LiveServer, nonsense: str) -> None:
    before = cut_off("protocol"), SOCKETS._value.get()
    with RawClient(server.port) as client:
        client.send(nonsense)
        client.read_to_the_end()
    await eventually(lambda: (cut_off("protocol"), SOCKETS._value.get()) == (before[0] + 1, before[1]))


async def test_a_message_that_is_too_long_ends_the_connection(server: LiveServer) -> None:
    with RawClient(server.port) as client:
        client.send("42" + json.dumps(["subscribe", {"songId": "x" * 70_000}]))
        client.read_to_the_end()
    await eventually(lambda: not server.realtime._connections)


async def test_gauges_are_right_after_abrupt_ends(server: LiveServer) -> None:
    sockets, subscriptions = SOCKETS._value.get(), SUBSCRIPTIONS._value.get()
    clients = [RawClient(server.port) for _ in range(3)]
    for client in clients:
        for reference in ("s1", "grace", "s2", "s2"):
            client.call("subscribe", {"songId": reference})
    assert (SOCKETS._value.get() - sockets, SUBSCRIPTIONS._value.get() - subscriptions) == (3, 9)
    clients[0].send("41")  # leaves politely
    clients[1].socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # resets
    for client in clients:
        client.socket.close()
    await eventually(lambda: (SOCKETS._value.get(), SUBSCRIPTIONS._value.get()) == (sockets, subscriptions))
    assert server.live_counts.song_ids == []
    assert server.realtime._guards._allowances == {}


async def test_who_leaves_politely_may_connect_again_on_the_same_socket(server: LiveServer) -> None:
    with RawClient(server.port) as client:
        client.send("41")
        client.send("40")
        client.texts.clear()
        client.read_until("40")
        client.call("subscribe", {"songId": "s1"})
        server.commit(views=1)
        client.read_until("42")
        assert len(server.realtime._connections) == 1
