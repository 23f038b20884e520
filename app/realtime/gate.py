"""The ASGI door: `/socket.io` is ours, everything else belongs to the application behind."""

# The library is not typed.
# mypy: allow-untyped-calls
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from app.realtime.engine import BoundedServer
from app.realtime.stalls import Message, Receive, Send, StalledSends

log = structlog.get_logger(__name__)

PATH = "/socket.io/"

App = Callable[[Message, Receive, Send], Awaitable[None]]


class Gate:
    """Leads requests to Socket.IO under watch, and knows how many are inside."""

    def __init__(self, server: BoundedServer, stalls: StalledSends) -> None:
        self._server = server
        self._stalls = stalls
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._is_shut = False

    def before(self, app: App) -> App:
        """An ASGI app that forwards what is not ours, lifespan included, untouched."""

        async def gate(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] in ("http", "websocket") and f"{scope['path']}/".startswith(PATH):
                await self._enter(scope, receive, send)
            else:
                await app(scope, receive, send)

        return gate

    def shut(self) -> None:
        """Let nobody new in any more; who polls may fetch what waits."""
        self._is_shut = True

    async def emptied(self, timeout_seconds: float) -> None:
        """Wait until everyone has left; who stays longer than the timeout is thrown out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._empty.wait()
        self._stalls.abort_all()

    async def _enter(self, scope: Message, receive: Receive, send: Send) -> None:
        if self._is_shut and b"sid=" not in scope["query_string"]:
            await _refuse(scope, receive, send)
            return
        self._inside += 1
        self._empty.clear()
        try:
            await self._server.handle_request(scope, receive, self._stalls.watch(send))
        except Exception as error:  # noqa: BLE001 - a client that breaks off or off the protocol is no fault of ours
            log.info("connection failed", error=type(error).__name__)
        finally:
            self._leave(send)

    def _leave(self, send: Send) -> None:
        self._stalls.ended(send)
        self._inside -= 1
        if self._inside == 0:
            self._empty.set()


async def _refuse(scope: Message, receive: Receive, send: Send) -> None:
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1012})
        return
    headers = [(b"content-type", b"text/plain"), (b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"Service Unavailable"})
