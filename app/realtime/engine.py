"""The Socket.IO server of the library, with bounds where it has none."""

# The library is not typed.
# mypy: allow-untyped-calls
import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import urlsplit

import engineio
import socketio

from app.realtime.outbox import Outbox

MAX_WAITING_PACKETS = 256
MAX_MESSAGE_BYTES = 64 * 1024

# At INFO the libraries log every packet with its content, tokens included. Whatever engineio calls an error was sent
# by a client (a bad origin, a broken payload) and is answered; it must not be a way to fill our log.
logging.getLogger("playledger.socketio").setLevel(logging.ERROR)
logging.getLogger("playledger.engineio").setLevel(logging.CRITICAL)


class BoundedEngine(engineio.AsyncServer):
    """Engine.IO with bounded outboxes, and with background tasks that can be ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._tasks: set[asyncio.Task[Any]] = set()

    def create_queue(self, *_args: Any, **_options: Any) -> Outbox:
        """What every connection's packets wait in."""
        return Outbox(MAX_WAITING_PACKETS)

    def start_background_task(self, target: Callable[..., Any], *args: Any, **options: Any) -> asyncio.Task[Any]:
        """Run a coroutine function; the task is kept, so that it is neither collected nor left behind."""
        task: asyncio.Task[Any] = asyncio.ensure_future(target(*args, **options))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def end_background_tasks(self) -> None:
        """Cancel every ping, listener and monitor, and wait for their end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class BoundedServer(socketio.AsyncServer):
    """Socket.IO whose internal events a client cannot forge."""

    def __init__(self, origins: tuple[str, ...], transports: list[str] | None, manager: Any | None) -> None:
        super().__init__(
            async_mode="asgi",
            client_manager=manager,
            # One client's calls are handled one after another: in order, and never more at once than there are clients.
            async_handlers=False,
            # None is "same origin only"; an empty list would switch the check off.
            cors_allowed_origins=_among(origins) if origins else None,
            transports=transports,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            http_compression=False,
            logger=logging.getLogger("playledger.socketio"),
            engineio_logger=logging.getLogger("playledger.engineio"),
        )

    def _engineio_server_class(self) -> type[BoundedEngine]:
        return BoundedEngine

    def _handle_event(
        self,
        eio_sid: str,
        namespace: str,
        id: int | None,  # noqa: A002 - the library's name
        data: Any,
    ) -> Coroutine[Any, Any, None]:
        """Refuse `connect` and `disconnect` as names of events: the library would run our handlers of the real ones.

        Raises:
            ValueError: the client does not speak the protocol.
        """
        if not isinstance(data, list) or not data or not isinstance(data[0], str) or data[0] in self.reserved_events:
            raise ValueError("not an event")
        handled: Coroutine[Any, Any, None] = super()._handle_event(eio_sid, namespace, id, data)
        return handled


def _among(origins: tuple[str, ...]) -> Callable[[str | None, Mapping[str, str]], bool]:
    """The listed origins and our own, which a list would shut out; behind a proxy ours may have another scheme."""

    def is_allowed(origin: str | None, environ: Mapping[str, str]) -> bool:
        return origin in origins or urlsplit(origin or "").netloc == environ.get("HTTP_HOST")

    return is_allowed
