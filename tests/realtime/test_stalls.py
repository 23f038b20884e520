"""Sends that are blocked, and sockets that do not drain, end after their time and not before."""

import asyncio

import pytest

from app.realtime.stalls import Message, StalledSends


class FakeTransport:
    def __init__(self) -> None:
        self.unsent = 0
        self.is_aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.is_aborted

    def get_extra_info(self, name: str) -> None:
        return None

    def abort(self) -> None:
        self.is_aborted = True


class FakeProtocol:
    """As much of a web server's protocol as the watch looks at."""

    def __init__(self) -> None:
        self.transport = FakeTransport()
        self.writable = asyncio.Event()

    async def send(self, message: Message) -> None:
        await self.writable.wait()


class Watch:
    def __init__(self) -> None:
        self.time = 0.0
        self.stalls = StalledSends(10.0, lambda: self.time)

    def at(self, time: float) -> None:
        self.time = time
        self.stalls.sweep()


@pytest.fixture
def watch() -> Watch:
    return Watch()


async def test_a_blocked_send_ends_its_connection_after_the_timeout(watch: Watch) -> None:
    blocked, later = FakeProtocol(), FakeProtocol()
    sends = [asyncio.create_task(watch.stalls.watch(blocked.send)({}))]
    await asyncio.sleep(0)
    watch.at(5)
    sends.append(asyncio.create_task(watch.stalls.watch(later.send)({})))
    await asyncio.sleep(0)
    watch.at(9.9)
    assert not blocked.transport.is_aborted
    watch.at(10)
    assert (blocked.transport.is_aborted, later.transport.is_aborted) == (True, False)
    for protocol in (blocked, later):
        protocol.writable.set()
    await asyncio.gather(*sends)
    watch.at(100)
    assert not later.transport.is_aborted


async def test_unread_bytes_do_not_keep_an_ended_connection(watch: Watch) -> None:
    unread, drained, empty = FakeProtocol(), FakeProtocol(), FakeProtocol()
    unread.transport.unsent = drained.transport.unsent = 100
    for protocol in (unread, drained, empty):
        watch.stalls.ended(protocol.send)
    drained.transport.unsent = 0
    watch.at(9.9)
    assert not unread.transport.is_aborted
    watch.at(10)
    assert (unread.transport.is_aborted, empty.transport.is_aborted) == (True, False)


async def test_a_send_without_a_known_transport_is_let_through(watch: Watch) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await watch.stalls.watch(send)({"type": "x"})
    watch.stalls.ended(send)
    watch.at(100)
    assert sent == [{"type": "x"}]
