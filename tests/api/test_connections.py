"""What a connection may send, and how long it may take."""

import asyncio
import json
from urllib.parse import urlsplit

import httpx
import pytest

from app.cli.http_protocol import MAX_HEAD_BYTES
from tests.api.conftest import SONGS
from tests.serving import token

REFUSED = {"success": False, "code": "PAYLOAD_TOO_LARGE", "error": "The head is too large"}


async def say(address: str, *pieces: bytes) -> bytes:
    """Everything the server answers to these bytes until it closes the connection."""
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.01)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


ENDLESS = {
    "one header": [b"GET / HTTP/1.1\r\nX: ", b"x" * (MAX_HEAD_BYTES + 1)],
    "many headers": [b"GET / HTTP/1.1\r\n", b"".join(b"X-%d: y\r\n" % number for number in range(8_000))],
    "an address": [b"GET /", b"x" * (MAX_HEAD_BYTES + 1)],
}


@pytest.mark.parametrize("kind", ENDLESS)
async def test_a_head_without_end_is_refused(address: str, kind: str) -> None:
    answer = await say(address, *ENDLESS[kind])
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert json.loads(body) == REFUSED


async def test_what_is_no_http_is_refused_in_the_one_shape(address: str) -> None:
    answer = await say(address, b"FOO BAR\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-request-id: " in head
    assert json.loads(body)["code"] == "VALIDATION_ERROR"


async def test_half_a_head_is_not_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.http_protocol.HEAD_WITHIN_SECONDS", 0.1)
    assert await say(address, b"GET / HTTP/1.1\r\nHost: x\r\n") == b""
    assert await say(address) == b""


def begun(user: str) -> bytes:
    return (
        f"POST {SONGS}/s/view HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token(user)}\r\n"
        "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
    ).encode()


async def test_half_a_body_is_not_waited_for(
    api: httpx.AsyncClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.http_protocol.BODY_WITHIN_SECONDS", 0.1)
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(begun("slow"))
    assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_a_request_in_pieces_is_answered_and_the_next_one_has_its_own_time(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Four rounds take longer than that, and one does not by far: a deadline that outlives its request is noticed.
    monkeypatch.setattr("app.cli.http_protocol.HEAD_WITHIN_SECONDS", 3.0)
    monkeypatch.setattr("app.cli.http_protocol.BODY_WITHIN_SECONDS", 3.0)
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    for _ in range(4):
        for piece in (begun("patient")[:40], begun("patient")[40:], b'"duration'):
            writer.write(piece)
            await asyncio.sleep(0.2)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        assert head.startswith(b"HTTP/1.1 400 ")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        assert json.loads(await reader.readexactly(length))["error"] != "The body did not arrive in time"
        await asyncio.sleep(0.4)  # idle: no request is late
    writer.close()


async def test_an_answer_on_its_way_is_not_cut_in_two_by_a_late_request(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.http_protocol.BODY_WITHIN_SECONDS", 3.0)
    answer = await say(address, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" + begun("late"))
    heads = [part for part in answer.split(b"HTTP/1.1 ") if part]
    assert [head[:3] for head in heads] in ([b"200"], [b"200", b"400"])
    assert answer.startswith(b"HTTP/1.1 200 ")


HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_a_websocket_is_no_late_request(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.http_protocol.HEAD_WITHIN_SECONDS", 0.2)
    monkeypatch.setattr("app.cli.http_protocol.BODY_WITHIN_SECONDS", 0.2)
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(HANDSHAKE)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b'"sid"' in await asyncio.wait_for(reader.readuntil(b"}"), 5)
    with pytest.raises(TimeoutError):  # a connection that is closed would be read to its end
        await asyncio.wait_for(reader.read(), 0.6)
    writer.close()


async def test_a_client_that_breaks_off_is_no_fault_of_ours(api: httpx.AsyncClient, address: str) -> None:
    where = urlsplit(address)
    _reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(begun("gone"))
    await writer.drain()
    writer.close()
    await asyncio.sleep(0.1)
    metrics = (await api.get("/metrics")).text
    assert f'route="{SONGS}/{{songId}}/view",status="500"' not in metrics
