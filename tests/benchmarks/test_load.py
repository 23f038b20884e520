"""The load generator, against a real server that answers as it is told."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import repeat

import pytest

from benchmarks.load import Counted, Load, Slice, drive, read_answer

GOOD = b'HTTP/1.1 200 OK\r\ncontent-length: 16\r\nx-y: z\r\n\r\n{"success":true}'
REFUSED = b'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 17\r\n\r\n{"success":false}'
EXPECTED = b'{"success":true'
REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def answering(
    *pieces: bytes, then: Callable[[asyncio.StreamWriter], None] = lambda _: None
) -> AsyncIterator[int]:
    """A port where every request is answered with these pieces, one write each."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                then(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def load(run_up: float = 0.0, seconds: float = 60) -> Load:
    return Load(lambda: REQUEST, EXPECTED, run_up=run_up, seconds=seconds)


def some(number: int, seconds: float = 60) -> Counted:
    """So many requests, also when nothing runs for a moment."""
    return Counted(repeat(REQUEST, number), EXPECTED, seconds=seconds)


def test_an_answer_is_read_only_when_it_is_whole() -> None:
    assert read_answer(GOOD) == (200, b'{"success":true}')
    assert read_answer(REFUSED) == (503, b'{"success":false}')
    for end in range(len(GOOD)):
        assert read_answer(GOOD[:end]) is None


def test_an_answer_without_a_length_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="Content-Length"):
        read_answer(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")


def test_a_load_ends_with_its_time() -> None:
    assert load().begin() == load(run_up=60, seconds=0).begin() == REQUEST
    assert load(seconds=0).begin() is None


def test_a_counted_load_ends_after_its_last_request() -> None:
    counted = Counted([b"a", b"b"], EXPECTED, seconds=0)
    assert [counted.begin(), counted.begin(), counted.begin()] == [b"a", b"b", None]


async def test_a_load_is_sent_until_its_time_is_over() -> None:
    sent = 0

    def request() -> bytes:
        nonlocal sent
        sent += 1
        return REQUEST

    async with answering(GOOD) as port:
        seen = await drive(Load(request, EXPECTED, run_up=0.0, seconds=0.1), port, connections=3)
    assert (seen.acknowledged, seen.failed, seen.first_fault) == (sent, 0, None)


async def test_every_request_is_acknowledged_also_when_answers_come_in_pieces() -> None:
    async with answering(GOOD[:20], GOOD[20:60], GOOD[60:]) as port:
        seen = await drive(some(60), port, connections=3)
    assert (seen.acknowledged, seen.failed, seen.first_fault) == (60, 0, None)
    assert len(seen.latencies) == 60


async def test_a_refusal_is_a_failure_and_is_not_measured() -> None:
    async with answering(REFUSED) as port:
        seen = await drive(some(6), port, connections=2)
    assert (seen.acknowledged, seen.failed, len(seen.latencies)) == (0, 6, 0)
    assert seen.first_fault == '503 {"success":false}'


async def test_a_200_with_another_body_is_a_failure() -> None:
    async with answering(GOOD.replace(b"true", b"null")) as port:
        seen = await drive(some(3), port, connections=1)
    assert (seen.acknowledged, seen.failed) == (0, 3)


async def test_a_closed_connection_fails_the_request_on_its_way() -> None:
    async with answering(GOOD[:10], then=lambda writer: writer.close()) as port:
        seen = await drive(some(8), port, connections=4)
    assert (seen.acknowledged, seen.failed) == (0, 4)


async def test_an_answer_that_never_comes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.load._PATIENCE_SECONDS", 0.05)
    async with answering() as port:
        seen = await drive(some(2, seconds=0.05), port, connections=2)
    assert (seen.acknowledged, seen.failed, seen.first_fault) == (0, 2, "no answer in time")


def test_only_answers_within_the_window_are_measured() -> None:
    measured = load(run_up=100.0, seconds=50.0)
    began = time.perf_counter()
    for after in (99.0, 101.0, 149.0, 151.0):
        measured.answered(200, b'{"success":true}', began + after - 0.25, began + after)
    assert measured.seen.acknowledged == 4
    assert list(measured.seen.latencies) == pytest.approx([0.25, 0.25])
    assert measured.seen.rate == 2 / 50


def test_percentiles_are_of_the_measured_latencies() -> None:
    seen = Slice(1.0)
    assert seen.percentile(99) == 0.0
    seen.latencies.extend(number / 100 for number in range(100, 0, -1))
    assert (seen.percentile(50), seen.percentile(99), seen.percentile(100)) == (0.5, 0.99, 1.0)
