"""Live viewers over Socket.IO: members of the tenant hear of changes, others not even that there is such an episode."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import timedelta

from app.errors import NotFound
from app.models.episodes.viewers import EpisodeViewers
from app.models.identity import Identity
from app.realtime import EpisodeViewerRooms
from tests.realtime.fakes import START, FakeVerifier
from tests.realtime.live_server import LiveServer
from tests.realtime.node import NodeClient


class FakeViewers:
    """Episode 7 of `acme`, episode 8 of `other`."""

    def __init__(self) -> None:
        self.tenants = {7: "acme", 8: "other"}
        self.counts: dict[int, int] = {}
        self.asked: list[set[int]] = []

    async def of_episode(self, tenants: Collection[str], episode: int) -> EpisodeViewers:
        if self.tenants.get(episode) not in tenants:
            raise NotFound("Episode not found")
        return EpisodeViewers(episode, self.counts.get(episode, 0))

    async def of_episodes(self, episodes: Collection[int]) -> Mapping[int, int]:
        self.asked.append(set(episodes))
        return dict(self.counts)


class MemberVerifier(FakeVerifier):
    """Takes the whole token for the name of a tenant."""

    async def verify(self, token: str) -> Identity:
        return Identity(f"member-of-{token}", frozenset(), frozenset({token}), START + timedelta(hours=1))


def server_of(rooms: EpisodeViewerRooms) -> LiveServer:
    server = LiveServer(others=(rooms,))
    server.verifier = MemberVerifier()
    return server


async def connect(node: NodeClient, server: LiveServer, name: str, tenant: str | None) -> None:
    auth = {} if tenant is None else {"auth": {"token": tenant}}
    await node.connect(name, server.url, transports=["websocket"], **auth)


async def test_members_hear_and_others_do_not(node: NodeClient) -> None:
    viewers = FakeViewers()
    with server_of(EpisodeViewerRooms(viewers, 0.02)) as server:
        for name, tenant in (("member", "acme"), ("stranger", "other"), ("anonymous", None)):
            await connect(node, server, name, tenant)
        joined = await node.call("member", "subscribe", {"episodeId": 7})
        assert joined == {"ok": True, "room": "episode:7", "viewers": 0}
        assert await node.call("stranger", "subscribe", {"episodeId": 7}) == {
            "ok": False, "error": "Episode not found", "code": "NOT_FOUND",
        }  # fmt: skip
        assert await node.call("stranger", "subscribe", {"episodeId": "8"}) == joined | {"room": "episode:8"}
        assert (await node.call("anonymous", "subscribe", {"episodeId": 7}))["code"] == "UNAUTHORIZED"
        assert (await node.call("member", "subscribe", {"episodeId": 99}))["code"] == "NOT_FOUND"
        server.do(lambda: viewers.counts.update({7: 3}))
        event = await node.wait_for("member", lambda one: one["event"] == "episode-viewers-updated")
        assert event["payload"] == {"episodeId": 7, "viewers": 3}
        assert server.do(lambda: viewers.asked[-1]) == {7, 8}
        assert [one for one in node.events if one.get("event") == "episode-viewers-updated"] == [event]
        left = await node.call("member", "unsubscribe", {"episodeId": "007"})
        assert left == {"ok": True, "room": "episode:7"}


async def test_a_number_and_its_digits_are_one_room(node: NodeClient) -> None:
    rooms = EpisodeViewerRooms(FakeViewers(), 0.02)
    with server_of(rooms) as server:
        await connect(node, server, "member", "acme")
        for reference in (7, "7"):
            assert (await node.call("member", "subscribe", {"episodeId": reference}))["room"] == "episode:7"
        assert server.do(lambda: rooms.ids) == ["7"]
        server.run(server.realtime.drain)
        while server.do(lambda: rooms.ids):
            await asyncio.sleep(0.01)


BAD = [0, -1, 2**53, 1.5, True, None, "", "x", "1e3", "-1", "1" * 17, "٣", [7], {"id": 7}]


async def test_anything_else_is_invalid(node: NodeClient) -> None:
    with server_of(EpisodeViewerRooms(FakeViewers())) as server:
        await connect(node, server, "member", "acme")
        for event in ("subscribe", "unsubscribe"):
            codes = [(await node.call("member", event, {"episodeId": reference}))["code"] for reference in BAD]
            assert codes == ["VALIDATION_ERROR"] * len(BAD)
