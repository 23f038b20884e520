"""The fetch over HTTP, against a real server on the loopback, and a verifier that stands on it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from app.config import Settings
from app.errors import Unauthorized, Unavailable
from app.services.identity.factory import build_verifier
from app.services.identity.jwks_http import HttpJwks, JwksAnswerRefused
from app.services.identity.key_ring import MAX_DOCUMENT_BYTES
from tests.unit.identity.forging import (
    OTHER_RSA_KEY,
    SECRET,
    MovableClock,
    claims,
    ec_jwk,
    es_token,
    hs_token,
    jwks,
    rs_token,
    rsa_jwk,
)


class LoopbackIssuer:
    """Answers every request with the same bytes, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer = b""
        self.requests: list[bytes] = []
        self.silent = False
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/jwks.json"

    def say(self, body: bytes, status: str = "200 OK", headers: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        self.answer = head.encode() + body

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        if self.silent:
            await reader.read()
        writer.write(self.answer)
        try:
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            pass


@pytest.fixture
async def issuer(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LoopbackIssuer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = LoopbackIssuer()
    await server.start()
    yield server
    await server.stop()


async def test_the_document_as_sent(issuer: LoopbackIssuer) -> None:
    issuer.say(jwks(rsa_jwk()))
    assert await HttpJwks(issuer.url)() == jwks(rsa_jwk())
    request = issuer.requests[0].lower()
    assert request.startswith(b"get /jwks.json ")
    assert b"accept-encoding: identity" in request
    assert b"authorization" not in request


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Elsewhere", "308 Elsewhere"])
async def test_a_redirect_is_not_followed(issuer: LoopbackIssuer, status: str) -> None:
    issuer.say(jwks(rsa_jwk()), status, f"Location: {issuer.url}\r\n")
    with pytest.raises(JwksAnswerRefused, match="status 30"):
        await HttpJwks(issuer.url)()
    assert len(issuer.requests) == 1


@pytest.mark.parametrize("status", ["204 Nothing", "404 Not Found", "500 Broken", "503 Busy"])
async def test_any_status_but_200(issuer: LoopbackIssuer, status: str) -> None:
    issuer.say(b"", status)
    with pytest.raises(JwksAnswerRefused):
        await HttpJwks(issuer.url)()


async def test_the_size_is_capped_whatever_the_issuer_announces(issuer: LoopbackIssuer) -> None:
    issuer.say(b" " * MAX_DOCUMENT_BYTES)
    assert len(await HttpJwks(issuer.url)()) == MAX_DOCUMENT_BYTES
    issuer.say(b" " * (MAX_DOCUMENT_BYTES + 1))
    with pytest.raises(JwksAnswerRefused, match="bytes"):
        await HttpJwks(issuer.url)()
    issuer.answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * 4_000_000
    with pytest.raises(JwksAnswerRefused, match="bytes"):
        await HttpJwks(issuer.url)()


async def test_a_compressed_answer_is_not_unfolded(issuer: LoopbackIssuer) -> None:
    issuer.say(b"\x1f\x8b not really", headers="Content-Encoding: gzip\r\n")
    assert await HttpJwks(issuer.url)() == b"\x1f\x8b not really"


async def test_an_issuer_that_says_nothing(issuer: LoopbackIssuer) -> None:
    issuer.silent = True
    async with asyncio.timeout(30):
        with pytest.raises(httpx.TimeoutException):
            await HttpJwks(issuer.url, timedelta(milliseconds=20))()


async def test_nobody_there(issuer: LoopbackIssuer) -> None:
    url = issuer.url
    await issuer.stop()
    with pytest.raises(httpx.ConnectError):
        await HttpJwks(url)()


def settings_for(issuer: LoopbackIssuer) -> Settings:
    return Settings(_env_file=None, jwt_jwks_url=issuer.url)  # type: ignore[call-arg]


async def test_a_verifier_over_http_through_a_rotation(issuer: LoopbackIssuer) -> None:
    clock = MovableClock()
    verifier = build_verifier(settings_for(issuer), clock, SECRET.decode())
    issuer.say(jwks(rsa_jwk(kid="r"), ec_jwk(kid="e")))
    for token in (rs_token(claims(), kid="r"), es_token(claims(), kid="e"), hs_token(claims())):
        assert (await verifier.verify(token)).user_id == "user-1"
    assert len(issuer.requests) == 1

    issuer.say(jwks(rsa_jwk(OTHER_RSA_KEY, kid="s")))
    clock.advance(seconds=30)
    assert await verifier.verify(rs_token(claims(), OTHER_RSA_KEY, kid="s"))
    with pytest.raises(Unauthorized):
        await verifier.verify(rs_token(claims(), kid="r"))
    assert len(issuer.requests) == 2
    await verifier.aclose()


async def test_a_verifier_without_its_issuer(issuer: LoopbackIssuer) -> None:
    issuer.say(b"", "500 Broken")
    verifier = build_verifier(settings_for(issuer), MovableClock(), SECRET.decode())
    with pytest.raises(Unavailable):
        await verifier.verify(rs_token(claims(), kid="r"))
    assert await verifier.verify(hs_token(claims()))
    await verifier.aclose()
