"""Sockets whose client has stopped to read: found by their age and ended below the protocol, where nothing can wait."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from time import monotonic
from typing import Any

from app.metrics import SOCKETS_CUT_OFF

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STALL_SECONDS = 10.0

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class StalledSends:
    """Watches ASGI sends; a send that is blocked by flow control for too long means the end of its connection.

    A close frame or a polite close of the transport would wait behind the bytes that the client does not read, for
    as long as its machine keeps the connection alive, so the transport is aborted. The ASGI protocol has no word for
    that; the transport is found behind uvicorn's own `send`, which therefore must not be wrapped by anything else.
    """

    def __init__(self, timeout: float = STALL_SECONDS, now: Callable[[], float] = monotonic) -> None:
        self._timeout = timeout
        self._now = now
        # Python keeps the order of insertion, so the oldest are in front.
        self._sending: dict[object, tuple[float, asyncio.WriteTransport | None]] = {}
        self._closing: dict[asyncio.WriteTransport, float] = {}

    def watch(self, send: Send) -> Send:
        """A `send` that is watched; costs 0.3 us a message."""
        transport = _transport_behind(send)
        sending, now = self._sending, self._now

        async def watched(message: Message) -> None:
            token = object()
            sending[token] = (now(), transport)
            try:
                await send(message)
            finally:
                del sending[token]

        return watched

    def ended(self, send: Send) -> None:
        """A connection is over for us; see to it that unread bytes do not keep its socket open."""
        transport = _transport_behind(send)
        if transport is not None and transport.get_write_buffer_size() > 0:
            self._closing[transport] = self._now()

    def sweep(self) -> None:
        """Abort what has been blocked for too long; call it about once a second."""
        limit = self._now() - self._timeout
        for started, transport in list(self._sending.values()):
            if started > limit:
                break
            _abort(transport, "stalled")
        for transport, since in list(self._closing.items()):
            if since <= limit:
                del self._closing[transport]
                _abort(transport, None)

    def abort_all(self) -> None:
        """Abort everything that is blocked or closing: the server stops."""
        for _, transport in list(self._sending.values()):
            _abort(transport, None)
        for transport in list(self._closing):
            _abort(transport, None)
        self._closing.clear()


def _transport_behind(send: Send) -> asyncio.WriteTransport | None:
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport if hasattr(transport, "abort") else None


def _abort(transport: asyncio.WriteTransport | None, reason: str | None) -> None:
    if transport is None:
        return
    if reason is not None and not transport.is_closing():
        SOCKETS_CUT_OFF.labels(reason).inc()
    with suppress(OSError, AttributeError):  # closed a moment ago, or a transport without a socket
        # Without a reset the kernel would keep up to some megabytes for minutes, in case they are read after all.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()
