"""The bounds of one connection: what it may send, how much may wait for it, and how it is ended."""

# The library is not typed.
# mypy: allow-untyped-calls
import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

import structlog

from app.metrics import SOCKETS_CUT_OFF
from app.realtime.engine import BoundedEngine

log = structlog.get_logger(__name__)

MESSAGES_PER_SECOND = 50.0
MESSAGES_AT_ONCE = 100.0
DRAIN_POLL_SECONDS = 0.02


@dataclass(slots=True)
class Allowance:
    """A token bucket: so many messages at once, and so many a second in the long run."""

    at: float
    left: float = MESSAGES_AT_ONCE

    def take(self, now: float) -> bool:
        """Use one up; false when there is none."""
        self.left = min(MESSAGES_AT_ONCE, self.left + (now - self.at) * MESSAGES_PER_SECOND)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class ConnectionGuards:
    """Stands between Engine.IO's events and Socket.IO's handlers of them."""

    def __init__(self, engine: BoundedEngine, now: Callable[[], float] = monotonic) -> None:
        self._engine = engine
        self._now = now
        self._allowances: dict[str, Allowance] = {}
        self._opened, self._received, self._closed = (
            engine.handlers[event] for event in ("connect", "message", "disconnect")
        )
        engine.on("connect", self._on_open)
        engine.on("message", self._on_message)
        engine.on("disconnect", self._on_close)

    async def cut_off(self, engine_sid: str, reason: str) -> None:
        """End a connection that broke a bound, and free what waits for it; its writer ends when it can."""
        socket = self._engine.sockets.get(engine_sid)
        if socket is None or socket.closing:
            return
        SOCKETS_CUT_OFF.labels(reason).inc()
        log.info("connection cut off", reason=reason)
        await socket.close(wait=False, abort=True, reason=self._engine.reason.SERVER_DISCONNECT)
        socket.queue.discard()
        self._engine.sockets.pop(engine_sid, None)

    async def written(self, timeout_seconds: float) -> None:
        """Wait until nothing waits for anybody, but no longer than the timeout."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                # Looked at now and then: an event a packet would be paid all day for a moment at the end.
                while any(len(socket.queue) for socket in self._engine.sockets.values()):  # noqa: ASYNC110
                    await asyncio.sleep(DRAIN_POLL_SECONDS)

    async def close(self, engine_sid: str) -> None:
        """End a connection after everything that waits for it has been written."""
        socket = self._engine.sockets.get(engine_sid)
        if socket is None or socket.closing:
            return
        await socket.close(wait=False, reason=self._engine.reason.SERVER_DISCONNECT)
        socket.queue.put_nowait(None)

    async def _on_open(self, engine_sid: str, environ: dict[str, Any]) -> Any:
        self._allowances[engine_sid] = Allowance(self._now())
        self._engine.sockets[engine_sid].queue.on_overflow = partial(
            self._engine.start_background_task, self.cut_off, engine_sid, "slow"
        )
        return await self._opened(engine_sid, environ)

    async def _on_message(self, engine_sid: str, data: Any) -> None:
        allowance = self._allowances.get(engine_sid)
        if allowance is None:  # ended, with messages still in its buffers
            return
        if not allowance.take(self._now()):
            await self.cut_off(engine_sid, "flood")
            return
        try:
            await self._received(engine_sid, data)
        except Exception:  # noqa: BLE001 - our handlers raise nothing, so the client does not speak the protocol
            await self.cut_off(engine_sid, "protocol")

    async def _on_close(self, engine_sid: str, reason: str) -> None:
        self._allowances.pop(engine_sid, None)
        await self._closed(engine_sid, reason)
