"""uvicorn's HTTP connection, with the bounds it lacks: how large a head may be, and how long a request may take.

Without them one connection can send a header without end, which costs the loop a second for every 64 MB, and any
number of connections can wait with half a request for ever.
"""

import asyncio
import json
import secrets
from enum import Enum

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import ErrorCode

MAX_HEAD_BYTES = 64 * 1024
HEAD_WITHIN_SECONDS = 10.0
BODY_WITHIN_SECONDS = 20.0


class _Part(Enum):
    """What of a request is still to come."""

    NOTHING = "nothing"
    HEAD = "head"
    BODY = "body"


class BoundedHttp(HttpToolsProtocol):
    """One connection; what it refuses has the one error shape, and the connection is closed."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _awaited = _timed = _Part.NOTHING

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._awaited = _Part.HEAD
        self._time_the_rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has grown too large."""
        if self._awaited is _Part.HEAD:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._awaited is _Part.HEAD and self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, "Request Header Fields Too Large", ErrorCode.PAYLOAD_TOO_LARGE, "The head is too large")
        self._time_the_rest()

    def on_message_begin(self) -> None:
        """A new head begins."""
        super().on_message_begin()
        self._awaited, self._head_bytes = _Part.HEAD, 0

    def on_headers_complete(self) -> None:
        """The head is here; how large bodies may be is decided where they are read."""
        self._awaited = _Part.BODY
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here; how long a connection may be idle then is uvicorn's to say."""
        self._awaited = _Part.NOTHING
        self._cancel_deadline()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused in the one shape, too."""
        self._refuse(400, "Bad Request", ErrorCode.VALIDATION_ERROR, msg.rstrip("."))

    def _time_the_rest(self) -> None:
        """Only where something is missing: nearly all requests come in one piece, and need no clock."""
        if self._awaited is self._timed:
            return
        self._cancel_deadline()
        if self._awaited is not _Part.NOTHING:
            self._timed = self._awaited
            within = HEAD_WITHIN_SECONDS if self._awaited is _Part.HEAD else BODY_WITHIN_SECONDS
            self._deadline = self.loop.call_later(within, self._too_slow)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline, self._timed = None, _Part.NOTHING

    def _too_slow(self) -> None:
        if self.transport.is_closing():
            return
        # An answer to an earlier request may still be on its way; nothing may come between.
        if self._awaited is _Part.BODY and not self.cycle.response_started and not self.pipeline:
            self._refuse(400, "Bad Request", ErrorCode.VALIDATION_ERROR, "The body did not arrive in time")
        self.transport.close()

    def _refuse(self, status: int, reason: str, code: ErrorCode, message: str) -> None:
        body = json.dumps({"success": False, "error": message, "code": code.value}).encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            f"x-request-id: {secrets.token_hex(16)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
