"""uvicorn's HTTP connection, with the bounds it lacks: how large a head may be, and how long it may take to arrive.

Without them one connection can send a header without end, which costs the loop a second for every 64 MB, and any
number of connections can wait with half a head for ever.
"""

import asyncio
import json
from uuid import uuid4

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import ErrorCode

MAX_HEAD_BYTES = 64 * 1024
HEAD_WITHIN_SECONDS = 10.0


class BoundedHttp(HttpToolsProtocol):
    """One connection; what it refuses has the one error shape, and the connection is closed."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has grown too large."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, "Request Header Fields Too Large", ErrorCode.PAYLOAD_TOO_LARGE, "The head is too large")

    def on_message_begin(self) -> None:
        """A new head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is here; bodies are bounded where they are read."""
        self._in_head = False
        self._cancel_deadline()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused in the one shape, too."""
        self._refuse(400, "Bad Request", ErrorCode.VALIDATION_ERROR, msg.rstrip("."))

    def _expect_head(self) -> None:
        self._cancel_deadline()
        self._deadline = self.loop.call_later(HEAD_WITHIN_SECONDS, self._too_slow)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if self._in_head and not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: int, reason: str, code: ErrorCode, message: str) -> None:
        body = json.dumps({"success": False, "error": message, "code": code.value}).encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            f"x-request-id: {uuid4().hex}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
