"""Proxies: whom a request is taken to be from."""

from ipaddress import ip_network

import pytest
from starlette.types import Receive, Scope, Send

from app.routers.proxies import Proxies, came_through_trusted_proxy

TRUSTED = [ip_network("10.0.0.1/8", strict=False), ip_network("2001:db8::/32")]


async def seen(peer: tuple[str, int] | None, *headers: tuple[bytes, bytes], kind: str = "http") -> Scope:
    """The scope that the app behind `Proxies` gets."""
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)

    async def nothing(*_: object) -> None: ...

    scope = {"type": kind, "client": peer, "scheme": "http", "headers": list(headers)}
    await Proxies(app, TRUSTED)(scope, nothing, nothing)
    return scopes[0]


FORWARDED = (b"x-forwarded-for", b"203.0.113.77")


@pytest.mark.parametrize("peer", ["10.200.0.3", "2001:db8::7", "::ffff:10.200.0.3"])
async def test_a_trusted_proxy_is_believed(peer: str) -> None:
    scope = await seen((peer, 1234), FORWARDED)
    assert scope["client"] == ("203.0.113.77", 0)
    assert came_through_trusted_proxy(scope)


@pytest.mark.parametrize("peer", ["11.0.0.1", "2001:db9::7", "::ffff:11.0.0.1"])
async def test_nobody_else_is_believed(peer: str) -> None:
    scope = await seen((peer, 1234), FORWARDED)
    assert scope["client"][0] in {peer, "11.0.0.1"}
    assert not came_through_trusted_proxy(scope)


async def test_the_last_hop_that_is_not_ours_is_the_client() -> None:
    hops = (b"x-forwarded-for", b"1.1.1.1, 203.0.113.77"), (b"x-forwarded-for", b"10.0.0.9, [2001:db8::1]:80")
    assert (await seen(("10.0.0.1", 1), *hops))["client"][0] == "203.0.113.77"


async def test_a_client_cannot_say_that_it_came_through_a_proxy() -> None:
    assert not came_through_trusted_proxy(await seen(("203.0.113.77", 1), (b"x-forwarded-for", b"10.0.0.1")))


@pytest.mark.parametrize("peer", [None, ("", 0), ("/run/playledger.sock", 0)])
async def test_a_peer_without_an_address_is_nobody(peer: tuple[str, int] | None) -> None:
    scope = await seen(peer, FORWARDED)
    assert scope["client"] == peer
    assert not came_through_trusted_proxy(scope)


async def test_the_lifespan_passes_through() -> None:
    assert (await seen(None, kind="lifespan"))["type"] == "lifespan"
