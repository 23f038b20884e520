"""Nothing is sent to a private address: not by a name that leads there, nor by one that changes its mind."""

import socket
from collections.abc import Sequence
from dataclasses import replace

import httpcore
import httpx
import pytest

from app.repositories.mongo import Mongo
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call
from app.services.licensing.providers.outbound_guard import PrivateAddress, PublicNetwork, guarded_transport, resolve
from tests.integration.licensing.calling import always, calling, setup_at
from tests.integration.licensing.hostile_server import hostile_server, says


class NotedNetwork(httpcore.AsyncNetworkBackend):
    """Notes what would be connected to; a connection goes to a server of the test, or fails."""

    def __init__(self, answers: Sequence[str] = ()) -> None:
        self.connected: list[str] = []
        self._answers = answers

    async def connect_tcp(self, host: str, port: int, *args: object, **options: object) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        if host in self._answers:
            return httpcore.AsyncMockStream([])
        raise httpcore.ConnectError(f"{host} does not answer")


INSIDE = [
    ["127.0.0.1"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["10.0.0.1"],
    ["169.254.169.254"],
    ["8.8.8.8", "127.0.0.1"],
    ["127.0.0.1", "8.8.8.8"],
]


@pytest.mark.parametrize("addresses", INSIDE, ids=str)
async def test_a_name_that_leads_inside_is_not_connected_to(addresses: list[str]) -> None:
    network = NotedNetwork(addresses)
    with pytest.raises(PrivateAddress):
        await PublicNetwork(always(*addresses), network).connect_tcp("api.example.com", 443)
    assert network.connected == []


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """A name that leads elsewhere when it is asked again is not asked again."""
    turns = iter([["8.8.8.8"], ["127.0.0.1"]])

    async def rebinding(_host: str, _port: int) -> Sequence[str]:
        return next(turns)

    network = NotedNetwork(["8.8.8.8"])
    guarded = PublicNetwork(rebinding, network)
    await guarded.connect_tcp("api.example.com", 443)
    assert network.connected == ["8.8.8.8"]
    with pytest.raises(PrivateAddress):
        await guarded.connect_tcp("api.example.com", 443)


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    network = NotedNetwork(["8.8.4.4"])
    await PublicNetwork(always("2606:4700::1111", "8.8.4.4"), network).connect_tcp("api.example.com", 443, timeout=1)
    assert network.connected == ["2606:4700::1111", "8.8.4.4"]


@pytest.mark.parametrize("addresses", [[], ["8.8.8.8"]], ids=str)
async def test_nobody_answers(addresses: list[str]) -> None:
    with pytest.raises(httpcore.ConnectError):
        await PublicNetwork(always(*addresses), NotedNetwork()).connect_tcp("api.example.com", 443)


async def test_a_name_without_an_address() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(httpcore.ConnectError):
        await PublicNetwork(unknown, NotedNetwork()).connect_tcp("api.example.com", 443)


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1"])
async def test_what_the_system_knows_as_this_machine(host: str) -> None:
    with pytest.raises(PrivateAddress):
        await PublicNetwork(resolve, NotedNetwork()).connect_tcp(host, 443)


async def test_the_client_cannot_reach_a_server_on_this_machine() -> None:
    tls = httpx.create_ssl_context(trust_env=False)
    async with hostile_server(says()) as server:
        port = server.address.rpartition(":")[2]
        transport = guarded_transport(tls, private_allowed=False, resolve=always("127.0.0.1"))
        async with httpx.AsyncClient(transport=transport) as client:
            with pytest.raises(httpx.ConnectError) as refused:
                await client.get(f"http://api.example.com:{port}/")
        assert isinstance(refused.value.__cause__, PrivateAddress)
        assert server.connections == 0


async def test_a_call_says_that_the_name_leads_inside(mongo: Mongo) -> None:
    way = calling(mongo, private_allowed=False, resolve=always("127.0.0.1"))
    with pytest.raises(ProviderFailed, match="leads to a private address"):
        await way.outbound.send(setup_at("https://api.example.com"), Call("search", "x"))
    await way.close()


@pytest.mark.parametrize(
    "address", ["http://api.example.com", "https://127.0.0.1", "https://2130706433", "https://localhost"]
)
async def test_an_address_that_was_stored_when_it_was_allowed_is_not_called(mongo: Mongo, address: str) -> None:
    way = calling(mongo, private_allowed=False, resolve=always("8.8.8.8"))
    with pytest.raises(ProviderFailed, match="has an address that must"):
        await way.outbound.send(setup_at(address), Call("search", "x"))
    token = Call("token", url=address, is_counted=False)
    with pytest.raises(ProviderFailed, match="has an address that must"):
        await way.outbound.send(setup_at("https://api.example.com"), token)
    await way.close()


async def test_proxies_of_the_environment_are_not_asked(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hostile_server(says()) as proxy, hostile_server(says(body=b"direct")) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        way = calling(mongo)
        assert (await way.outbound.send(setup_at(server.address), Call("search", "x"))).body == b"direct"
        assert proxy.connections == 0
        await way.close()


def test_a_set_up_does_not_show_credentials() -> None:
    assert "s3cret" not in repr(replace(setup_at("https://example.com"), credentials={"apiKey": "s3cret"}))
